//! The characters that names may have. A name ends up on a command line, in a C or Rust source, or in a line that
//! Cargo reads; each rule excludes everything that any of these would take for more than a name.

use super::MAX_WORD;

/// Returns whether a text is an ASCII identifier of Rust and C.
#[must_use]
pub fn is_identifier(text: &str) -> bool {
    text.len() <= MAX_WORD
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Returns whether a text may be a key of `probe` or `library`. Dots are excluded since they separate the segments
/// of `${…}`.
#[must_use]
pub fn is_name(text: &str) -> bool {
    is_word(text, "_-+")
}

/// Returns whether a text may follow `-l` or name a framework: `z`, `stdc++`, `windows.0.48.5`.
#[must_use]
pub fn is_link_name(text: &str) -> bool {
    is_word(text, "_-+.")
}

/// Returns whether a text may be a pkg-config module, `gtk+-3.0`, and not an option, path or comparison of
/// pkg-config.
#[must_use]
pub fn is_pkg_config_module(text: &str) -> bool {
    text.len() <= MAX_WORD
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "+._-".contains(c))
}

/// Returns whether a text may be the name of a program on PATH, without a folder: `emcc`, `llvm-config-18`,
/// `emcc.bat`.
#[must_use]
pub fn is_program(text: &str) -> bool {
    is_pkg_config_module(text)
}

/// Returns whether a text may be the name of a vcpkg port, which begins with a lower-case letter or a digit.
#[must_use]
pub fn is_vcpkg_port(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()) && is_word(text, "-_+.")
}

/// Returns whether a text may be the name of a Cargo package.
#[must_use]
pub fn is_package(text: &str) -> bool {
    is_word(text, "_-")
}

/// Returns whether a text may be a package's `links` value.
#[must_use]
pub fn is_links(text: &str) -> bool {
    is_word(text, "_-+.")
}

/// Returns whether a text may be a key of `links-metadata`; [`metadata_directive`] is checked separately.
#[must_use]
pub fn is_metadata_key(text: &str) -> bool {
    text.len() <= MAX_WORD
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
}

/// The names that Cargo reads as directives wherever `cargo:KEY=VALUE` is printed (the Cargo book, "Outputs of the
/// Build Script"), exact or by the prefix before `*`.
pub const DIRECTIVES: &[&str] = &["rustc-*", "rerun-if-*", "warning", "error", "metadata", "check-cfg"];

/// Returns the row of [`DIRECTIVES`] that Cargo would read a metadata key as. Case and `_` are ignored, since Cargo
/// may accept more spellings in the future.
#[must_use]
pub fn metadata_directive(key: &str) -> Option<&'static str> {
    let key = key.to_ascii_lowercase().replace('_', "-");
    DIRECTIVES.iter().copied().find(|row| match row.strip_suffix('*') {
        Some(prefix) => key.starts_with(prefix),
        None => key == *row,
    })
}

/// Returns whether a text may be the name of an environment variable.
#[must_use]
pub fn is_env_name(text: &str) -> bool {
    text.len() <= MAX_WORD
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        // Windows has `ProgramFiles(x86)`, and some names contain target triples.
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.()".contains(c))
}

/// Returns whether a text may be a header in `#include <…>`: relative, without anything that ends the directive.
#[must_use]
pub fn is_header(text: &str) -> bool {
    super::path::check(text).is_ok()
        && text != "."
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-+./".contains(c))
}

/// Returns whether a text may be a C type in `sizeof(…)`: identifiers and stars.
#[must_use]
pub fn is_c_type(text: &str) -> bool {
    let base = text.trim_end_matches(['*', ' ']);
    text.len() <= MAX_WORD
        && text.trim() == text
        && base.split(' ').all(is_identifier)
        && text[base.len()..].chars().all(|c| matches!(c, '*' | ' '))
}

/// Returns whether a text is `name` or `name="value"`, as after `--cfg`.
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

/// Returns whether a text may be the value of a cfg: it needs no escapes between quotes.
#[must_use]
pub fn is_cfg_value(text: &str) -> bool {
    text.len() <= MAX_WORD && !text.chars().any(|c| c.is_control() || matches!(c, '"' | '\\'))
}

fn is_word(text: &str, marks: &str) -> bool {
    text.len() <= MAX_WORD
        && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || marks.contains(c))
}
