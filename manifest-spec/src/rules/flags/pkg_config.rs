//! What a `.pc` file may say. It is the machine's file and not the package's, so paths are free; what would run code
//! in the compiler or linker is not.

use super::{LinkArgument, compiler_flag, link_argument, unlisted};
use crate::rules::{Refusal, names};

/// One token of `Cflags` or `Libs`, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PkgConfigFlag {
    /// `-I`, `-isystem`.
    IncludeDir(String),
    /// `-D`: name and value.
    Define(String, Option<String>),
    /// `-L`.
    LibDir(String),
    /// `-l`, or `-l:file` with its colon.
    Lib(String),
    /// `-F`.
    FrameworkDir(String),
    /// `-framework NAME` (one token here).
    Framework(String),
    /// `-pthread`.
    Pthread,
    /// Any other flag from the list for compilers.
    Compiler(String),
    /// Any other argument from the list for linkers.
    Linker(String, LinkArgument),
    /// An archive or object by its path.
    File(String),
}

/// Reads one token, of which `-framework NAME` and `-isystem DIR` are joined by a space.
///
/// # Errors
///
/// The token is on no list.
pub fn pkg_config_flag(token: &str) -> Result<PkgConfigFlag, Refusal> {
    let refuse = || unlisted(token, "a `.pc` file says where a library is, and nothing that would run");
    if token.chars().any(char::is_control) {
        return Err(refuse());
    }
    let folder = |text: &str| {
        let text = text.trim();
        (!text.is_empty() && !text.starts_with(['-', '@'])).then(|| text.to_owned())
    };
    if let Some(rest) = token.strip_prefix("-isystem").or_else(|| token.strip_prefix("-I")) {
        return folder(rest).map(PkgConfigFlag::IncludeDir).ok_or_else(refuse);
    }
    if let Some(rest) = token.strip_prefix("-framework ") {
        return if names::is_link_name(rest) {
            Ok(PkgConfigFlag::Framework(rest.to_owned()))
        } else {
            Err(refuse())
        };
    }
    if let Some(rest) = token.strip_prefix("-L") {
        return folder(rest).map(PkgConfigFlag::LibDir).ok_or_else(refuse);
    }
    if let Some(rest) = token.strip_prefix("-F") {
        return folder(rest).map(PkgConfigFlag::FrameworkDir).ok_or_else(refuse);
    }
    if let Some(rest) = token.strip_prefix("-l") {
        let name = rest.strip_prefix(':').unwrap_or(rest);
        return if names::is_link_name(name) {
            Ok(PkgConfigFlag::Lib(rest.to_owned()))
        } else {
            Err(refuse())
        };
    }
    if let Some(rest) = token.strip_prefix("-D") {
        let (name, value) = match rest.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (rest, None),
        };
        return if names::is_identifier(name) {
            Ok(PkgConfigFlag::Define(name.to_owned(), value))
        } else {
            Err(refuse())
        };
    }
    if token == "-pthread" {
        return Ok(PkgConfigFlag::Pthread);
    }
    if !token.starts_with(['-', '@'])
        && [".a", ".so", ".dylib", ".lib", ".o", ".tbd"].iter().any(|ending| token.ends_with(ending))
    {
        return Ok(PkgConfigFlag::File(token.to_owned()));
    }
    if let Ok(verdict) = link_argument(token) {
        return Ok(PkgConfigFlag::Linker(token.to_owned(), verdict));
    }
    compiler_flag(token).map(|()| PkgConfigFlag::Compiler(token.to_owned())).map_err(|_| refuse())
}
