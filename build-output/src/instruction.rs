//! An instruction to Cargo: a key with its value split into parts.

use crate::{Key, Package, Scope};

/// The instruction of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "Cargo's own names")]
pub enum Instruction<'a> {
    /// `rustc-flags`: the folders and the libraries in it, each in order.
    Flags {
        searches: Vec<&'a str>,
        libs: Vec<&'a str>,
    },
    /// `rustc-link-lib`: the value of a `-l`.
    LinkLib(&'a str),
    /// `rustc-link-search`: the value of a `-L`.
    LinkSearch(&'a str),
    /// A link argument; `bin` is the binary's name if the scope is one binary.
    LinkArg {
        scope: Scope,
        bin: Option<&'a str>,
        arg: &'a str,
    },
    Cfg(&'a str),
    CheckCfg(&'a str),
    Env {
        name: &'a str,
        value: &'a str,
    },
    Warning(&'a str),
    /// `error`: a message that Cargo shows; [`crate::logged_error`] decides whether the build fails.
    Error(&'a str),
    RerunIfChanged(&'a str),
    RerunIfEnvChanged(&'a str),
    /// Metadata, which dependents see if the package has `links`.
    Metadata {
        key: &'a str,
        value: &'a str,
    },
}

/// The reason why Cargo fails at a line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Malformed {
    /// The line begins with `cargo::` in a package whose `rust-version` is below 1.77.
    NewSyntax,
    /// The line lacks a required `=`.
    NoEquals,
    /// The key does not exist in the new syntax.
    UnknownKey(String),
    /// A token in `rustc-flags` is neither `-l` nor `-L`.
    Flag(String),
    /// A `-l` or `-L` at the end of `rustc-flags` has no value.
    FlagWithoutValue,
    /// The line sets RUSTC_BOOTSTRAP by `rustc-env`.
    Bootstrap,
    /// A link argument is for a kind of target, or a binary, that the package does not have.
    NoSuchTarget(String),
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NewSyntax => {
                write!(f, "`cargo::` needs a `rust-version` of 1.77 or later; write `cargo:` with one colon")
            }
            Self::NoEquals => write!(f, "there is no `=` in it"),
            Self::UnknownKey(key) => write!(f, "Cargo knows no key `{}`", key.escape_debug()),
            Self::Flag(word) => {
                write!(f, "`{}` is neither `-l` nor `-L`, and Cargo takes no others", word.escape_debug())
            }
            Self::FlagWithoutValue => write!(f, "a flag has no value"),
            Self::Bootstrap => write!(f, "a package may not set RUSTC_BOOTSTRAP"),
            Self::NoSuchTarget(target) => {
                write!(f, "the package has no target that is meant: {}", target.escape_debug())
            }
        }
    }
}

/// Splits the value that [`crate::split`] returned.
///
/// # Errors
///
/// The reason why Cargo fails there.
pub fn instruction<'a>(key: Key, value: &'a str, package: &Package) -> Result<Instruction<'a>, Malformed> {
    Ok(match key {
        Key::RustcFlags => flags(value)?,
        Key::LinkLib => Instruction::LinkLib(value),
        Key::LinkSearch => Instruction::LinkSearch(value),
        Key::LinkArg(scope) => link_arg(scope, value, package)?,
        Key::Cfg => Instruction::Cfg(value),
        Key::CheckCfg => Instruction::CheckCfg(value),
        Key::Env => {
            let (name, value) = value.split_once('=').ok_or(Malformed::NoEquals)?;
            if name == "RUSTC_BOOTSTRAP" && !package.bootstrap {
                return Err(Malformed::Bootstrap);
            }
            Instruction::Env { name, value }
        }
        Key::Warning => Instruction::Warning(value),
        Key::Error => Instruction::Error(value),
        Key::RerunIfChanged => Instruction::RerunIfChanged(value),
        Key::RerunIfEnvChanged => Instruction::RerunIfEnvChanged(value),
        Key::Metadata => {
            let (key, value) = value.split_once('=').ok_or(Malformed::NoEquals)?;
            Instruction::Metadata { key, value: value.trim_end() }
        }
    })
}

fn link_arg<'a>(scope: Scope, value: &'a str, package: &Package) -> Result<Instruction<'a>, Malformed> {
    let (mut bin, mut arg) = (None, value);
    if scope == Scope::Bin {
        let (name, rest) = value.split_once('=').ok_or(Malformed::NoEquals)?;
        (bin, arg) = (Some(name), rest);
    }
    if let Some(targets) = &package.targets {
        let missing = match scope {
            Scope::All | Scope::Cdylib => None,
            Scope::Bins => targets.bins.is_empty().then_some("a binary"),
            Scope::Bin => bin.filter(|name| !targets.bins.contains(*name)),
            Scope::Tests => (!targets.tests).then_some("a test"),
            Scope::Benches => (!targets.benches).then_some("a benchmark"),
            Scope::Examples => (!targets.examples).then_some("an example"),
        };
        if let Some(missing) = missing {
            return Err(Malformed::NoSuchTarget(missing.to_owned()));
        }
    }
    Ok(Instruction::LinkArg { scope, bin, arg })
}

/// Reads `-l` and `-L`, each with its value joined or after a blank.
fn flags(value: &str) -> Result<Instruction<'_>, Malformed> {
    let mut words = value.split_whitespace();
    let (mut searches, mut libs) = (Vec::new(), Vec::new());
    while let Some(word) = words.next() {
        let found = [("-l", true), ("-L", false)]
            .into_iter()
            .find_map(|(flag, is_lib)| Some((word.strip_prefix(flag)?, is_lib)));
        let Some((rest, is_lib)) = found else { return Err(Malformed::Flag(word.to_owned())) };
        let value = if rest.is_empty() { words.next().ok_or(Malformed::FlagWithoutValue)? } else { rest };
        if is_lib { libs.push(value) } else { searches.push(value) }
    }
    Ok(Instruction::Flags { searches, libs })
}
