//! `inert.lock`: the decision about every build script of Cargo.lock, with capabilities and digests.
//!
//! The lock is compared, never trusted: a build decides everything anew, and the lock only shows what has changed since
//! the review. It is the same on every host and for every feature set, since it is made from all packages of
//! Cargo.lock, and by the workspace's own policy alone.
//!
//! Phases: `cargo metadata` (`driver::lock_collect`) → an [`Entry`] for each script ([`entry`]) → [`text`]; two locks →
//! [`compare`]; a build compares its own scripts with the file (`driver::lock_check`).

pub mod compare;
pub mod configuration;
pub mod entry;
pub mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::policy::rules::Rules;

/// The name of the file, at the workspace's root.
pub const FILE: &str = crate::digest::JUDGED_FILES[1];

/// The version of the format.
pub const VERSION: i64 = 1;

/// The contents of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// The policy's rules for all packages; `None` in a lock that an earlier Inert wrote.
    pub rules: Option<Rules>,
    /// The entries of all scripts.
    pub scripts: BTreeMap<Key, Entry>,
    /// The files of Cargo's configuration in the tree, by path.
    pub configuration: BTreeMap<String, Configured>,
}

/// A file of Cargo's configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Configured {
    /// The digest of the whole file.
    pub digest: String,
    /// The reason of a `[[configuration]]` entry that accepts settings which are on no list of harmless forms.
    pub accepted: Option<String>,
}

/// The identity of a package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The name of the package.
    pub name: String,
    /// The version of the package.
    pub version: String,
    /// The source of the package, as pins name it.
    pub source: String,
}

/// The decision about a package's script.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// The decision: `replace`, `run` or `refuse`.
    pub decision: String,
    /// The origin of the decision: `policy`, `package`, `catalog`, `derived` or `none`.
    pub by: String,
    /// The capabilities of the declaration.
    pub capabilities: BTreeSet<String>,
    /// For a script that runs by an `[[allow]]` entry: whether it is confined, and each right beyond the profile
    /// `script`.
    pub rights: BTreeSet<String>,
    /// The condition under which the declaration does not apply.
    pub unsupported: Option<String>,
    /// The digest of the script's root file.
    pub script: Option<String>,
    /// The digest of every file of the package; `None` for members of the workspace, which change all the time.
    pub package: Option<String>,
    /// The digest of the declaration.
    pub declaration: Option<String>,
    /// The digest of the packages that are linked into an allowed script, for every host and feature; or of the files
    /// beside the script that a derivation read.
    pub inputs: Option<String>,
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// A lock file with errors.
#[derive(Debug)]
pub struct BadLock {
    /// The path of the file.
    pub path: PathBuf,
    /// The text of the file.
    pub text: String,
    /// The errors in the text.
    pub diagnostics: Vec<inert_manifest_spec::Diagnostic>,
}

impl Lock {
    /// Reads the file; `None` if it does not exist.
    ///
    /// # Errors
    /// The file cannot be read or parsed.
    pub fn read(path: &Path) -> Result<Option<Self>, BadLock> {
        match crate::file::read_text(path) {
            Ok(text) => Self::parse(&text, path).map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => {
                let message = format!("the lock cannot be read: {error}");
                let diagnostic =
                    inert_manifest_spec::Diagnostic::error("inert::lock::unreadable", message, 0..0);
                Err(BadLock { path: path.to_path_buf(), text: String::new(), diagnostics: vec![diagnostic] })
            }
        }
    }

    /// Parses the text of a lock.
    ///
    /// # Errors
    /// The text is not a valid lock; the error holds all diagnostics.
    pub fn parse(text: &str, path: &Path) -> Result<Self, BadLock> {
        text::parse(text).map_err(|diagnostics| BadLock {
            path: path.to_path_buf(),
            text: text.to_owned(),
            diagnostics,
        })
    }
}
