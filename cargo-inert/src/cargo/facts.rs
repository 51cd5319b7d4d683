//! What rustc says of itself and of the targets of a build.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What `rustc --print cfg` says of a target, under this build's RUSTFLAGS.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetFacts {
    /// Lines of it: `unix`, `target_os="linux"`.
    pub cfg: Vec<String>,
    /// The flags that Cargo gives rustc for this target.
    pub rustflags: Vec<String>,
}

/// What `rustc -vV` says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RustcFacts {
    /// Absolute path.
    pub path: PathBuf,
    /// Its whole answer.
    pub verbose_version: String,
    /// The `host:` line.
    pub host: String,
    /// The toolchain's own folder; empty where rustc was not asked.
    #[serde(default)]
    pub sysroot: PathBuf,
}
