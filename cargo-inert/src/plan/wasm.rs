//! The crates that are linked into a script that runs in WebAssembly. They are taken from this build's graph; another
//! Cargo compiles them for that target.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::input::Input;
use super::model::wasm::{Compile, Dependency, Linked};
use crate::cargo::package::{Package, PackageId};
use crate::cargo::unit_graph::{Unit, UnitGraph};

/// Collects the crates that each compilation of a script links. `compiles` are indices of units in the graph.
///
/// # Errors
/// The folder of a package cannot be found.
pub(super) fn compile(compiles: &[usize], input: &Input<'_>) -> Result<Compile, String> {
    Ok(Compile {
        linked: compiles.iter().map(|unit| linked(*unit, input.graph)).collect::<Result<_, _>>()?,
        policy: input.policy.path.clone(),
        lockfile: input.workspace_root.join("Cargo.lock"),
        attempt: None,
    })
}

/// Returns the crates that each compilation of the script in the file `script` links, whatever the plan does with it.
///
/// # Errors
/// The folder of a package cannot be found.
pub fn linked_into(script: &Path, graph: &UnitGraph) -> Result<Vec<Linked>, String> {
    let is = |unit: &Unit| unit.is_script_compile() && unit.target.src_path == script;
    (0..graph.units.len()).filter(|at| is(&graph.units[*at])).map(|at| linked(at, graph)).collect()
}

fn linked(compile: usize, graph: &UnitGraph) -> Result<Linked, String> {
    let unit = &graph.units[compile];
    let mut direct = BTreeMap::new();
    let mut all = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut pending = Vec::new();
    for edge in &unit.dependencies {
        let of = &graph.units[edge.index];
        if is_library(of) {
            direct.insert(edge.extern_crate_name.clone(), dependency(of)?);
            pending.push(edge.index);
        }
    }
    while let Some(index) = pending.pop() {
        let unit = &graph.units[index];
        if seen.insert(index) && is_library(unit) {
            all.insert(dependency(unit)?);
            pending.extend(unit.dependencies.iter().map(|edge| edge.index));
        }
    }
    Ok(Linked { features: unit.features.clone(), direct, all })
}

/// Returns the root source files of the libraries that are linked into a script, without macros and what those link,
/// which run in the compiler.
pub(super) fn libraries<'a>(compiles: &[usize], graph: &'a UnitGraph) -> BTreeSet<&'a Path> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut pending: Vec<usize> = compiles.to_vec();
    while let Some(index) = pending.pop() {
        for edge in &graph.units[index].dependencies {
            let unit = &graph.units[edge.index];
            let is_macro = unit.target.kind.iter().any(|kind| kind == "proc-macro");
            if is_library(unit) && !is_macro && seen.insert(edge.index) {
                found.insert(unit.target.src_path.as_path());
                pending.push(edge.index);
            }
        }
    }
    found
}

fn is_library(unit: &Unit) -> bool {
    unit.mode == "build" && !unit.is_script_compile() && !unit.is_script_run()
}

fn dependency(unit: &Unit) -> Result<Dependency, String> {
    let id = PackageId::parse(&unit.pkg_id)
        .ok_or_else(|| format!("cargo named a package in a form that is not known: {}", unit.pkg_id))?;
    let package = Package::locate(id, &unit.target.src_path)?;
    Ok(Dependency {
        name: package.id.name,
        version: package.id.version,
        source: package.id.source,
        root: package.root,
        features: unit.features.clone(),
    })
}
