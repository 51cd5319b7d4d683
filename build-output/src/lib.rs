//! What a build script prints, read as Cargo reads it: the only reader of `cargo:KEY=VALUE` in the workspace.
//!
//! Phases: bytes → [`line()`] (one line, trimmed) → [`directive`] (its syntax) → [`split`] (its key and value) →
//! [`Instruction`]. [`read`] goes all the way; an interpreter that knows a line only in part uses the steps. What rustc
//! makes of the values of `-l` and `-L` is in [`rustc`].
//!
//! Held against Cargo itself by `tests/tests/build_output.rs`, with lines made at random.

mod instruction;
pub mod rustc;

use std::collections::BTreeSet;

pub use instruction::{Instruction, Malformed, instruction};

/// How a line begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// `cargo:`: a key that Cargo does not know is metadata.
    Old,
    /// `cargo::`: a key that Cargo does not know is an error; so is the syntax itself where `rust-version` is below 1.77.
    New,
}

/// Cargo's keys, in either syntax.
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
    /// In the new syntax alone.
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

/// Keys of the new syntax alone.
pub const NEW_KEYS: &[(&str, Key)] = &[("error", Key::Error), ("metadata", Key::Metadata)];

/// What Cargo knows of the package when it reads what its script printed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// `rust-version`, as the manifest has it.
    pub rust_version: Option<String>,
    /// Its targets, for link arguments that name a kind which must be there; none where they are not known, and then no
    /// such argument is an error.
    pub targets: Option<Targets>,
    /// Whether a script may name RUSTC_BOOTSTRAP (nightly, or the caller's own RUSTC_BOOTSTRAP): Cargo then warns and sets
    /// nothing; otherwise it fails.
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
    /// As Cargo takes it, without the blanks at its ends.
    pub text: &'a str,
    /// What it says, or why Cargo stops there.
    pub says: Result<Instruction<'a>, Malformed>,
}

/// Everything in a script's standard output that Cargo acts on, in order. Cargo stops at the first line that is
/// malformed, and the build with it; here the others are read all the same.
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

/// The error for which Cargo fails the run of a script that ended well, whatever else it printed. Cargo looks for it
/// while the script prints, in lines as they stand: behind a blank `cargo::error=` is shown, and the build goes on.
#[must_use]
pub fn logged_error(stdout: &[u8]) -> Option<String> {
    let mut lines = stdout.split(|byte| *byte == b'\n');
    let error = lines.find_map(|line| line.strip_prefix(b"cargo::error="))?;
    Some(String::from_utf8_lossy(error).trim_end_matches('\r').to_owned())
}

/// A line as Cargo takes it: without what Unicode calls white space at its ends. None where it is not UTF-8, which Cargo
/// passes over.
#[must_use]
pub fn line(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok().map(str::trim)
}

/// The syntax of a trimmed line and what follows `cargo:` or `cargo::`; none where Cargo passes it over.
#[must_use]
pub fn directive(line: &str) -> Option<(Syntax, &str)> {
    let new = line.strip_prefix("cargo::").map(|rest| (Syntax::New, rest));
    new.or_else(|| line.strip_prefix("cargo:").map(|rest| (Syntax::Old, rest)))
}

/// Key and value of what follows `cargo:` or `cargo::`. The value of [`Key::Metadata`] is `KEY=VALUE` still.
///
/// # Errors
///
/// Why Cargo stops there.
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

/// Whether Cargo takes `cargo::` from a package with this `rust-version`: 1.77 and what is compatible with it.
#[must_use]
pub fn has_new_syntax(rust_version: &str) -> bool {
    let mut parts = rust_version.split('.').map(|part| part.parse::<u64>().ok());
    parts.next().flatten() == Some(1) && parts.next().flatten().is_some_and(|minor| minor >= 77)
}
