//! Finds what a macro may ask Cargo for: the manifest of the workspace of the package that it is used in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::context::Context;
use super::judged;
use crate::cargo::metadata::Workspace;
use crate::cargo::unit_graph::UnitGraph;

/// Returns the manifest of the workspace for each package whose macros may ask for it, by the package's folder. A package
/// for which Cargo finds none has no entry, so its macros ask in vain.
///
/// # Errors
/// The folder of a package is not found.
pub(super) fn manifests(
    context: &Context,
    graph: &UnitGraph,
    workspace: &Workspace,
) -> Result<BTreeMap<PathBuf, PathBuf>, String> {
    let mut found = BTreeMap::new();
    for (id, package) in crate::plan::located::asking(graph)? {
        let own = package.root.join("Cargo.toml");
        let from_registry = ["registry+", "sparse+"].iter().any(|kind| package.id.source.starts_with(kind));
        let manifest = if workspace.workspace_members.contains(&id) {
            Some(workspace.workspace_root.join("Cargo.toml"))
        } else if from_registry {
            // A published manifest names no workspace, and Cargo looks for none above its own folders.
            Some(own)
        } else {
            judged::workspace_manifest(context, &own)
        };
        let named = |path: &PathBuf| {
            path.is_absolute() && path.file_name() == Some(Path::new("Cargo.toml").as_os_str())
        };
        if let Some(manifest) = manifest.filter(named) {
            found.insert(package.root, manifest);
        }
    }
    Ok(found)
}
