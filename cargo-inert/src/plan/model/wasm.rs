//! A script that runs in WebAssembly: what it is compiled with.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The compiles of one script, and where the policy for what they need is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compile {
    /// By the script's features: Cargo compiles it once for each set.
    pub linked: Vec<Linked>,
    /// The workspace's policy file, if it has one.
    pub policy: Option<PathBuf>,
    /// The workspace's Cargo.lock, which chose the versions.
    pub lockfile: PathBuf,
}

/// What one compile of a script links.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    /// The script's own features.
    pub features: BTreeSet<String>,
    /// What the script names itself, by the name that it uses.
    pub direct: BTreeMap<String, Dependency>,
    /// All that is linked in, the direct ones included.
    pub all: BTreeSet<Dependency>,
}

/// A crate that is linked into a script.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Dependency {
    /// The package's name.
    pub name: String,
    /// Its exact version.
    pub version: String,
    /// Where it is from, as Cargo spells it: `registry+…`, `git+…`, `path+…`.
    pub source: String,
    /// Its folder.
    pub root: PathBuf,
    /// The features that this build's graph gives it.
    pub features: BTreeSet<String>,
}
