//! What a plan is made from.

use std::path::Path;

use super::derivation;
use crate::cargo::configuration::Overrides;
use crate::cargo::invocation::DenyBuildScripts;
use crate::cargo::profiles::Profiles;
use crate::cargo::recording::Recording;
use crate::cargo::unit_graph::UnitGraph;
use crate::environment::Environment;
use crate::policy::{Libraries, Policy};

/// What a plan is made from.
#[derive(Debug)]
pub struct Input<'a> {
    /// The build's own units.
    pub graph: &'a UnitGraph,
    /// What rustc says of itself and its targets.
    pub recording: &'a Recording,
    /// The user's word.
    pub policy: &'a Policy,
    /// From the flag, the variable and the policy: the strongest.
    pub deny: DenyBuildScripts,
    /// The workspace's root, against which folders are named.
    pub workspace_root: &'a Path,
    /// Ids of the workspace's own members; empty under `install`.
    pub members: &'a [String],
    /// `[libraries]` and what stands beside it.
    pub libraries: &'a Libraries,
    /// Derivations made before.
    pub derivations: &'a derivation::Cache,
    /// `[target.<triple>.<links>]`: which scripts Cargo's configuration speaks for, and where.
    pub overrides: &'a Overrides,
    /// Which profiles descend from `release`.
    pub profiles: &'a Profiles,
    /// The environment of the caller.
    pub environment: &'a Environment,
    /// The folder that `OUT_DIR`s lie in, a few folders down.
    pub build_dir: &'a Path,
}
