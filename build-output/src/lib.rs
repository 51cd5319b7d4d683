//! Reads the output of a build script as Cargo reads it: the only reader of `cargo:KEY=VALUE` in the workspace.
//!
//! Phases: bytes → [`line()`] (one line, trimmed) → [`directive`] (its syntax) → [`split`] (its key and value) →
//! [`Instruction`]. [`read`] does all of them; an interpreter that knows a line only in part uses the steps.
//! [`rustc`] reads the values of `-l` and `-L` as rustc does; [`objects`] what objects and archives tell a linker.
//!
//! `tests/tests/build_output.rs` compares this crate with Cargo itself, on random lines.

mod instruction;
pub mod objects;
pub mod rustc;

use std::collections::BTreeSet;

pub use instruction::{Instruction, Malformed, instruction};

/// The syntax of a line, by its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// `cargo:`: a key that Cargo does not know is metadata.
    Old,
    /// `cargo::`: a key that Cargo does not know is an error, as is the syntax itself if `rust-version` is below
    /// 1.77.
    New,
}

/// The keys of Cargo's instructions, in either syntax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "Cargo's own names")]
pub enum Key {
    RustcFlags,
    LinkLib,
    LinkSearch,
    LinkArg(Scope),
    Cfg,
    CheckCfg,
    Env,
    Warning,
    /// `error`, which only the new syntax has.
    Error,
    RerunIfChanged,
    RerunIfEnvChanged,
    /// `metadata=` in the new syntax, any unknown key in the old one.
    Metadata,
}

/// The targets of a package that a link argument is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "Cargo's own names")]
pub enum Scope {
    All,
    Cdylib,
    Bins,
    /// The value begins with the binary's name and `=`.
    Bin,
    Tests,
    Benches,
    Examples,
}

/// Every key that both syntaxes have, as it is spelt. Cargo adds none to the old syntax.
pub const KEYS: &[(&str, Key)] = &[
    ("rustc-flags", Key::RustcFlags),
    ("rustc-link-lib", Key::LinkLib),
    ("rustc-link-search", Key::LinkSearch),
    ("rustc-link-arg-cdylib", Key::LinkArg(Scope::Cdylib)),
    ("rustc-cdylib-link-arg", Key::LinkArg(Scope::Cdylib)),
    ("rustc-link-arg-bins", Key::LinkArg(Scope::Bins)),
    ("rustc-link-arg-bin", Key::LinkArg(Scope::Bin)),
    ("rustc-link-arg-tests", Key::LinkArg(Scope::Tests)),
    ("rustc-link-arg-benches", Key::LinkArg(Scope::Benches)),
    ("rustc-link-arg-examples", Key::LinkArg(Scope::Examples)),
    ("rustc-link-arg", Key::LinkArg(Scope::All)),
    ("rustc-cfg", Key::Cfg),
    ("rustc-check-cfg", Key::CheckCfg),
    ("rustc-env", Key::Env),
    ("warning", Key::Warning),
    ("rerun-if-changed", Key::RerunIfChanged),
    ("rerun-if-env-changed", Key::RerunIfEnvChanged),
];

/// The keys that only the new syntax has.
pub const NEW_KEYS: &[(&str, Key)] = &[("error", Key::Error), ("metadata", Key::Metadata)];

/// The facts about a package that Cargo uses when it reads the output of its script.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// `rust-version`, as in the manifest.
    pub rust_version: Option<String>,
    /// The package's targets, for link arguments whose kind of target must exist; if `None`, the targets are not
    /// known and no such argument is an error.
    pub targets: Option<Targets>,
    /// True if a script may set RUSTC_BOOTSTRAP (on nightly, or with the caller's own RUSTC_BOOTSTRAP): Cargo then
    /// prints a warning and sets nothing; otherwise it fails.
    pub bootstrap: bool,
}

/// The kinds of targets that a package has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "Cargo's own names")]
pub struct Targets {
    pub bins: BTreeSet<String>,
    pub tests: bool,
    pub benches: bool,
    pub examples: bool,
}

/// A line that Cargo acts on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    /// The line as Cargo reads it, without white space at its ends.
    pub text: &'a str,
    /// The instruction, or the reason why Cargo fails at the line.
    pub says: Result<Instruction<'a>, Malformed>,
}

/// Returns every line of a script's standard output that Cargo acts on, in order. Cargo, and the build, stop at the
/// first malformed line; here the following lines are read as well.
#[must_use]
pub fn read<'a>(stdout: &'a [u8], package: &Package) -> Vec<Line<'a>> {
    stdout
        .split(|byte| *byte == b'\n')
        .filter_map(|bytes| {
            let text = line(bytes)?;
            let (syntax, rest) = directive(text)?;
            let says = split(syntax, rest, package.rust_version.as_deref())
                .and_then(|(key, value)| instruction(key, value, package));
            Some(Line { text, says })
        })
        .collect()
}

/// Returns the error for which Cargo fails the run of a script that exited with 0. Cargo looks for it while the
/// script prints, in untrimmed lines: after a blank, `cargo::error=` is shown and the build goes on.
#[must_use]
pub fn logged_error(stdout: &[u8]) -> Option<String> {
    let mut lines = stdout.split(|byte| *byte == b'\n');
    let error = lines.find_map(|line| line.strip_prefix(b"cargo::error="))?;
    Some(String::from_utf8_lossy(error).trim_end_matches('\r').to_owned())
}

/// Returns a line as Cargo reads it: without Unicode white space at its ends. Returns `None` if it is not UTF-8,
/// which Cargo ignores.
#[must_use]
pub fn line(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok().map(str::trim)
}

/// Returns the syntax of a trimmed line and the text after `cargo:` or `cargo::`; `None` if Cargo ignores the line.
#[must_use]
pub fn directive(line: &str) -> Option<(Syntax, &str)> {
    let new = line.strip_prefix("cargo::").map(|rest| (Syntax::New, rest));
    new.or_else(|| line.strip_prefix("cargo:").map(|rest| (Syntax::Old, rest)))
}

/// Splits the text after `cargo:` or `cargo::` into key and value. The value of [`Key::Metadata`] is still
/// `KEY=VALUE`.
///
/// # Errors
///
/// The reason why Cargo fails there.
pub fn split<'a>(
    syntax: Syntax,
    rest: &'a str,
    rust_version: Option<&str>,
) -> Result<(Key, &'a str), Malformed> {
    match syntax {
        Syntax::Old => {
            let known = rest.split_once('=').and_then(|(key, value)| Some((find(KEYS, key)?, value)));
            Ok(known.map_or((Key::Metadata, rest), |(key, value)| (key, value.trim_end())))
        }
        Syntax::New => {
            if rust_version.is_some_and(|version| !has_new_syntax(version)) {
                return Err(Malformed::NewSyntax);
            }
            let (key, value) = rest.split_once('=').ok_or(Malformed::NoEquals)?;
            let known = find(KEYS, key).or_else(|| find(NEW_KEYS, key));
            Ok((known.ok_or_else(|| Malformed::UnknownKey(key.to_owned()))?, value.trim_end()))
        }
    }
}

fn find(keys: &[(&str, Key)], key: &str) -> Option<Key> {
    keys.iter().find(|(name, _)| *name == key).map(|(_, key)| *key)
}

/// Returns whether Cargo accepts `cargo::` from a package with this `rust-version`: 1.77 and versions compatible
/// with it.
#[must_use]
pub fn has_new_syntax(rust_version: &str) -> bool {
    let mut parts = rust_version.split('.').map(|part| part.parse::<u64>().ok());
    parts.next().flatten() == Some(1) && parts.next().flatten().is_some_and(|minor| minor >= 77)
}
