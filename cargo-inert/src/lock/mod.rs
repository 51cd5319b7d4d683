//! `inert.lock`: what decides every build script of Cargo.lock, with capabilities and digests.
//!
//! Compared, never believed: a build decides everything anew, and the lock only shows what changed since it was
//! reviewed. It is the same on every host and for every feature set, since it is made from all packages of Cargo.lock,
//! by the workspace's own policy alone.
//!
//! Phases: `cargo metadata` (`driver::lock_collect`) → an [`Entry`] for each script ([`entry`]) → [`text`]; two locks →
//! [`compare`]; a build holds its own scripts against the file (`driver::lock_check`).

pub mod compare;
pub mod configuration;
pub mod entry;
pub mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::policy::rules::Rules;

/// File name at the workspace's root.
pub const FILE: &str = "inert.lock";

/// Version of the format.
pub const VERSION: i64 = 1;

/// All that the file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// The policy's rules for all packages; none in a lock that an earlier Inert wrote.
    pub rules: Option<Rules>,
    /// Every script.
    pub scripts: BTreeMap<Key, Entry>,
    /// Cargo's configuration in the tree, by path.
    pub configuration: BTreeMap<String, Configured>,
}

/// A file of Cargo's configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Configured {
    /// Digest of the whole file.
    pub digest: String,
    /// Where a `[[configuration]]` entry lets it say what is on no list of harmless forms: the entry's reason.
    pub accepted: Option<String>,
}

/// Which package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it comes from, as pins name it.
    pub source: String,
}

/// What decides its script.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// `replace`, `run`, `refuse`.
    pub decision: String,
    /// By whom: `policy`, `package`, `catalog`, `derived`, `none`.
    pub by: String,
    /// Of the declaration.
    pub capabilities: BTreeSet<String>,
    /// For a script that runs by an `[[allow]]` entry: whether it is confined, and each right beyond the profile `script`.
    pub rights: BTreeSet<String>,
    /// Where the declaration does not hold.
    pub unsupported: Option<String>,
    /// Digest of the script's root file.
    pub script: Option<String>,
    /// Digest of every file of the package; none for the workspace's own members, which are edited all day.
    pub package: Option<String>,
    /// Digest of the declaration.
    pub declaration: Option<String>,
    /// Digest of what is linked into an allowed script, on any host and with any feature; or of the files beside the
    /// script that a derivation read.
    pub inputs: Option<String>,
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// Something wrong with the file.
#[derive(Debug)]
pub struct BadLock {
    /// The file.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// What is wrong.
    pub diagnostics: Vec<inert_manifest_spec::Diagnostic>,
}

impl Lock {
    /// Reads the file; `None` where there is none.
    ///
    /// # Errors
    /// It cannot be read, or not be understood.
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

    /// Reads a text.
    ///
    /// # Errors
    /// It is not understood: every reason.
    pub fn parse(text: &str, path: &Path) -> Result<Self, BadLock> {
        text::parse(text).map_err(|diagnostics| BadLock {
            path: path.to_path_buf(),
            text: text.to_owned(),
            diagnostics,
        })
    }
}
