//! The result of the search for a library: found or not found, with every attempt that was made.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::directives::Directive;
use crate::failure::Attempt;

/// A library that was found on the system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The version, if the method knows it.
    pub version: Option<String>,
    /// The directives that link it, in order, as the `pkg-config` crate (or the `vcpkg` crate) would print them:
    /// `LinkSearch`, `LinkLib` and `LinkArg` only.
    pub link: Vec<Directive>,
    /// The folders of its headers.
    pub include_dirs: Vec<PathBuf>,
    /// The folders of its libraries.
    pub lib_dirs: Vec<PathBuf>,
    /// The preprocessor definitions that it requires.
    pub defines: BTreeMap<String, Option<String>>,
    /// The variables of its `.pc` file.
    pub variables: BTreeMap<String, String>,
    /// The name of the method that found it, such as `pkg-config`.
    pub origin: &'static str,
    /// The folders in which metadata paths that come from it may lie.
    pub prefixes: Vec<PathBuf>,
    /// Warnings for the user: static linking was requested and is not available, a flag was refused.
    pub warnings: Vec<String>,
    /// All attempts; the last one succeeded.
    pub attempts: Vec<Attempt>,
}

/// A library that no method found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NotFound {
    /// All attempts, with the reasons why they failed.
    pub attempts: Vec<Attempt>,
    /// Advice for installing it, one remedy a line: `apt install zlib1g-dev`.
    pub remedies: Vec<String>,
    /// The version that is on the system, if it is one that is not accepted.
    pub has: Option<String>,
    /// The library is there, but not as requested (`kind = "static"` without an archive); a fallback does not
    /// replace it then.
    pub unmet: Option<String>,
}

/// The result of one method.
pub(super) enum MethodOutcome {
    /// The method does not apply here; the text says why, and is empty if that is not worth a line.
    Skipped(&'static str),
    /// The method found nothing: one entry for each name that it tried.
    Failed(Vec<Failed>),
    /// The library is there, but not as requested.
    Unmet(String, Vec<Failed>),
    /// The library is not there, and no other method may look for it.
    Nowhere(Vec<Failed>),
    /// The library was found; the text says by what, the list has the attempts that failed before.
    Found(Box<Found>, String, Vec<Failed>),
}

/// An attempt that failed.
pub(super) struct Failed {
    /// The attempt, as a person would type it if it was a command.
    pub(super) detail: String,
    /// The reason why it failed.
    pub(super) why: String,
    /// The modules that are missing or have the wrong version, for the remedies.
    pub(super) missing: Vec<MissingModule>,
    /// The version of the library that was found and is not accepted.
    pub(super) has: Option<String>,
}

/// A pkg-config module that is missing, or not available in the requested version.
#[derive(Debug, Clone)]
pub(crate) struct MissingModule {
    pub(super) module: String,
    /// The available version, if the module exists in another one.
    pub(super) has: Option<String>,
    /// The module's file, if it exists but cannot be used.
    pub(super) broken: Option<PathBuf>,
}

impl Failed {
    pub(super) fn new(detail: impl Into<String>, why: impl Into<String>) -> Self {
        Self { detail: detail.into(), why: why.into(), missing: Vec::new(), has: None }
    }
}
