//! Which characters names may have. A name ends up on a command line, in a C or Rust source, or in a line that Cargo
//! reads; each rule leaves nothing that any of them would take for more than a name.

use super::MAX_WORD;

/// An ASCII identifier of Rust and C.
#[must_use]
pub fn is_identifier(text: &str) -> bool {
    text.len() <= MAX_WORD
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A key of `probe`, `library`: what conditions and `${…}` call it. No dot, which parts the segments of `${…}`.
#[must_use]
pub fn is_name(text: &str) -> bool {
    is_word(text, "_-+")
}

/// A name as after `-l`, or of a framework: `z`, `stdc++`, `windows.0.48.5`.
#[must_use]
pub fn is_link_name(text: &str) -> bool {
    is_word(text, "_-+.")
}

/// A pkg-config module, `gtk+-3.0`; pkg-config's own option, path and comparison syntax are none.
#[must_use]
pub fn is_pkg_config_module(text: &str) -> bool {
    text.len() <= MAX_WORD
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "+._-".contains(c))
}

/// The name of a program as it is looked for on PATH, with no folder: `emcc`, `llvm-config-18`, `emcc.bat`.
#[must_use]
pub fn is_program(text: &str) -> bool {
    is_pkg_config_module(text)
}

/// A port of vcpkg: lower case, digits, hyphens.
#[must_use]
pub fn is_vcpkg_port(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()) && is_word(text, "-_+.")
}

/// A package's name, as Cargo has it.
#[must_use]
pub fn is_package(text: &str) -> bool {
    is_word(text, "_-")
}

/// A package's `links` value.
#[must_use]
pub fn is_links(text: &str) -> bool {
    is_word(text, "_-+.")
}

/// A key of `links-metadata`, apart from [`metadata_directive`].
#[must_use]
pub fn is_metadata_key(text: &str) -> bool {
    text.len() <= MAX_WORD
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
}

/// Names that Cargo reads as directives wherever `cargo:KEY=VALUE` is printed
/// (the Cargo book, "Outputs of the Build Script"), exact or by the prefix before `*`.
pub const DIRECTIVES: &[&str] = &["rustc-*", "rerun-if-*", "warning", "error", "metadata", "check-cfg"];

/// The row of [`DIRECTIVES`] that a metadata key would be read as. Case and `_` are put aside, since what Cargo
/// takes for a directive may widen.
#[must_use]
pub fn metadata_directive(key: &str) -> Option<&'static str> {
    let key = key.to_ascii_lowercase().replace('_', "-");
    DIRECTIVES.iter().copied().find(|row| match row.strip_suffix('*') {
        Some(prefix) => key.starts_with(prefix),
        None => key == *row,
    })
}

/// A variable's name.
#[must_use]
pub fn is_env_name(text: &str) -> bool {
    text.len() <= MAX_WORD
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        // Windows has `ProgramFiles(x86)`, and target triples stand in names.
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.()".contains(c))
}

/// A header as in `#include <…>`: relative, without anything that ends the directive.
#[must_use]
pub fn is_header(text: &str) -> bool {
    super::path::check(text).is_ok()
        && text != "."
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-+./".contains(c))
}

/// A C type as in `sizeof(…)`: words and stars.
#[must_use]
pub fn is_c_type(text: &str) -> bool {
    let base = text.trim_end_matches(['*', ' ']);
    text.len() <= MAX_WORD
        && text.trim() == text
        && base.split(' ').all(is_identifier)
        && text[base.len()..].chars().all(|c| matches!(c, '*' | ' '))
}

/// `name` or `name="value"`, as after `--cfg`.
#[must_use]
pub fn is_cfg_spec(text: &str) -> bool {
    match text.split_once('=') {
        None => is_identifier(text),
        Some((name, value)) => {
            is_identifier(name)
                && value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).is_some_and(is_cfg_value)
        }
    }
}

/// A value of a cfg: anything that stands between quotes as itself.
#[must_use]
pub fn is_cfg_value(text: &str) -> bool {
    text.len() <= MAX_WORD && !text.chars().any(|c| c.is_control() || matches!(c, '"' | '\\'))
}

fn is_word(text: &str, marks: &str) -> bool {
    text.len() <= MAX_WORD
        && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || marks.contains(c))
}
