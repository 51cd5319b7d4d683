//! The inputs for compiling a script to WebAssembly.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The target that scripts are compiled for.
pub const TARGET: &str = "wasm32-wasip1";

/// The compilations of one script, with the files that its dependencies are checked against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compile {
    /// The compilations by the script's features: Cargo compiles it once for each set.
    pub linked: Vec<Linked>,
    /// The workspace's policy file, if it has one.
    pub policy: Option<PathBuf>,
    /// The workspace's Cargo.lock, which selected the versions.
    pub lockfile: PathBuf,
    /// The key under which the outcome of an attempt is noted, for a script that nothing decides; `None` for one that
    /// an entry allows in WebAssembly.
    #[serde(default)]
    pub attempt: Option<String>,
}

/// The packages that one compilation of a script links.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    /// The script's own features.
    pub features: BTreeSet<String>,
    /// The script's own dependencies, by the name under which its source uses them.
    pub direct: BTreeMap<String, Dependency>,
    /// Every crate that is linked into the script, its own dependencies included.
    pub all: BTreeSet<Dependency>,
}

/// A crate that is linked into a script.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Dependency {
    /// The package's name, as in its manifest.
    pub name: String,
    /// The package's exact version, build metadata included.
    pub version: String,
    /// The source as Cargo spells it: `registry+…`, `git+…`, `path+…`.
    pub source: String,
    /// The folder of the package's manifest, absolute.
    pub root: PathBuf,
    /// The features that the unit graph enables for it.
    pub features: BTreeSet<String>,
}
