//! Paths through the unit graph: the packages that are linked into a script, and those that depend on a package.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::cargo::package::{Package, PackageId, path_from};
use crate::cargo::unit_graph::{Unit, UnitGraph};

/// Returns the packages that are linked into a script that these units compile, each with its folder.
///
/// # Errors
/// The folder of a package is not found. It cannot be skipped, since no pin would cover the package.
pub(super) fn build_closure(
    compiles: &[usize],
    graph: &UnitGraph,
) -> Result<BTreeMap<PackageId, PathBuf>, String> {
    let mut found = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut pending: Vec<usize> = compiles
        .iter()
        .flat_map(|compile| graph.units[*compile].dependencies.iter().map(|edge| edge.index))
        .collect();
    while let Some(index) = pending.pop() {
        let unit = &graph.units[index];
        if !seen.insert(index) || unit.is_std {
            continue;
        }
        let id = PackageId::of_unit(&unit.pkg_id)?;
        if let std::collections::btree_map::Entry::Vacant(vacant) = found.entry(id.clone()) {
            vacant.insert(Package::locate(id, &unit.target.src_path)?.root);
        }
        pending.extend(unit.dependencies.iter().map(|edge| edge.index));
    }
    Ok(found)
}

/// Returns the root source files of the packages' libraries, each with the package's folder.
pub(super) fn sources_of(
    packages: &BTreeMap<PackageId, PathBuf>,
    graph: &UnitGraph,
) -> BTreeMap<PathBuf, PathBuf> {
    let libraries = graph.units.iter().filter(|unit| {
        !unit.is_script_run()
            && !unit.is_script_compile()
            && !unit
                .target
                .kind
                .iter()
                .any(|kind| ["bin", "test", "bench", "example"].contains(&kind.as_str()))
    });
    libraries
        .filter_map(|unit| {
            let root = packages.get(&PackageId::parse(&unit.pkg_id)?)?;
            Some((path_from(Path::new("/"), &unit.target.src_path), root.clone()))
        })
        .collect()
}

/// Returns for each unit the unit from which a breadth-first search from the roots first reached it.
pub(super) fn parents(graph: &UnitGraph) -> Vec<Option<usize>> {
    let mut parents = vec![None; graph.units.len()];
    let mut seen: BTreeSet<usize> = graph.roots.iter().copied().collect();
    let mut queue: std::collections::VecDeque<usize> = graph.roots.iter().copied().collect();
    while let Some(index) = queue.pop_front() {
        for edge in &graph.units[index].dependencies {
            if seen.insert(edge.index) {
                parents[edge.index] = Some(index);
                queue.push_back(edge.index);
            }
        }
    }
    parents
}

/// Returns the packages on the path from a root to a unit.
pub(super) fn path_to(graph: &UnitGraph, parents: &[Option<usize>], unit: usize) -> Vec<PackageId> {
    let mut path: Vec<PackageId> = Vec::new();
    let mut at = Some(unit);
    while let Some(index) = at {
        if let Some(id) = PackageId::parse(&graph.units[index].pkg_id)
            && path.last() != Some(&id)
        {
            path.push(id);
        }
        at = parents[index];
    }
    path.reverse();
    path
}

/// Returns the root source files of ordinary targets whose names look like a script's crate name.
pub(super) fn lookalikes(graph: &UnitGraph) -> BTreeSet<PathBuf> {
    let like = |unit: &&Unit| {
        let name = unit.target.name.replace('-', "_");
        !unit.is_script_run()
            && !unit.is_script_compile()
            && (name.starts_with("build_script_") || name.starts_with("metabuild_"))
    };
    graph.units.iter().filter(like).map(|unit| path_from(Path::new("/"), &unit.target.src_path)).collect()
}
