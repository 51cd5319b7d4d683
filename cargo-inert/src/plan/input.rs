//! The inputs of a plan.

use std::path::Path;

use super::derivation;
use crate::cargo::configuration::Overrides;
use crate::cargo::invocation::DenyBuildScripts;
use crate::cargo::profiles::Profiles;
use crate::cargo::recording::Recording;
use crate::cargo::unit_graph::UnitGraph;
use crate::environment::Environment;
use crate::policy::{Libraries, Policy};

/// The inputs of a plan.
#[derive(Debug)]
pub struct Input<'a> {
    /// The unit graph of the build.
    pub graph: &'a UnitGraph,
    /// The recorded facts about rustc and its targets.
    pub recording: &'a Recording,
    /// The policy of the workspace.
    pub policy: &'a Policy,
    /// The strongest setting of the flag, the variable and the policy.
    pub deny: DenyBuildScripts,
    /// The workspace's root, to which folders are relative.
    pub workspace_root: &'a Path,
    /// The package ids of the workspace's members; empty under `install`.
    pub members: &'a [String],
    /// The settings of `[libraries]`, `[library-kind]` and `[library-prefix]`.
    pub libraries: &'a Libraries,
    /// The cache of derivations.
    pub derivations: &'a derivation::Cache,
    /// The scripts that Cargo's configuration replaces by `[target.<triple>.<links>]`.
    pub overrides: &'a Overrides,
    /// The profiles, by which a script's `PROFILE` is determined.
    pub profiles: &'a Profiles,
    /// The environment of the caller.
    pub environment: &'a Environment,
    /// The build dir, which contains each `OUT_DIR`.
    pub build_dir: &'a Path,
    /// True if this machine can confine a script. It is known only if the policy lets undecided scripts run confined.
    pub confines: bool,
}
