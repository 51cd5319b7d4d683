//! The facts that rustc reports about itself and about the targets of a build.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The answer of `rustc --print cfg` for a target, under this build's RUSTFLAGS.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetFacts {
    /// Its lines: `unix`, `target_os="linux"`.
    pub cfg: Vec<String>,
    /// The flags that Cargo gives rustc for this target.
    pub rustflags: Vec<String>,
}

/// The identity of the compiler: the answer of `rustc -vV`, with its path and sysroot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RustcFacts {
    /// The absolute path of rustc.
    pub path: PathBuf,
    /// The whole answer of `rustc -vV`.
    pub verbose_version: String,
    /// The host's target triple, from the `host:` line.
    pub host: String,
    /// The toolchain's folder; empty if rustc was not asked for it.
    #[serde(default)]
    pub sysroot: PathBuf,
}
