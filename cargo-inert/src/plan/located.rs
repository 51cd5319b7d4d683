//! The packages whose macros ask Cargo for the manifest of their workspace: those that link `proc-macro-crate`, which
//! looks there for the name that a dependency has in the package that the macro is used in.

use std::collections::{BTreeMap, BTreeSet};

use crate::cargo::package::{Package, PackageId};
use crate::cargo::unit_graph::{Unit, UnitGraph};

/// The package that starts `cargo locate-project --workspace` in the macros that link it.
const ASKING: &str = "proc-macro-crate";

/// Returns the packages of which a unit may load such a macro, by the ids that Cargo prints.
///
/// # Errors
/// The folder of a package is not found.
pub fn asking(graph: &UnitGraph) -> Result<BTreeMap<String, Package>, String> {
    let of = |is: &dyn Fn(&Unit) -> bool| -> BTreeSet<usize> {
        (0..graph.units.len()).filter(|index| is(&graph.units[*index])).collect()
    };
    let named = of(&|unit| PackageId::parse(&unit.pkg_id).is_some_and(|id| id.name == ASKING));
    let macros =
        dependents(graph, named).into_iter().filter(|index| is_macro(&graph.units[*index])).collect();
    let mut found = BTreeMap::new();
    for index in dependents(graph, macros) {
        let unit = &graph.units[index];
        if !found.contains_key(&unit.pkg_id) {
            let package = Package::locate(PackageId::of_unit(&unit.pkg_id)?, &unit.target.src_path)?;
            found.insert(unit.pkg_id.clone(), package);
        }
    }
    Ok(found)
}

fn is_macro(unit: &Unit) -> bool {
    unit.target.crate_types.iter().any(|kind| kind == "proc-macro")
}

/// Returns the units that link one of the given units, or load it if it is a macro, directly or through libraries. What
/// is linked into a macro or a script is in none of the units that depend on that.
fn dependents(graph: &UnitGraph, of: BTreeSet<usize>) -> BTreeSet<usize> {
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); graph.units.len()];
    for (index, unit) in graph.units.iter().enumerate().filter(|(_, unit)| !unit.is_script_run()) {
        unit.dependencies.iter().for_each(|edge| users[edge.index].push(index));
    }
    let mut found = BTreeSet::new();
    let mut pending: Vec<usize> = of.iter().flat_map(|index| users[*index].iter().copied()).collect();
    while let Some(index) = pending.pop() {
        if found.insert(index) && !is_macro(&graph.units[index]) {
            pending.extend(users[index].iter().copied());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a graph of units, each with its name, the kind of its crate, and the units that it depends on.
    fn graph(units: &[(&str, &str, &[usize])], folder: &std::path::Path) -> UnitGraph {
        let unit = |(name, kind, on): &(&str, &str, &[usize])| {
            let root = folder.join(name);
            std::fs::create_dir_all(&root).unwrap();
            std::fs::write(root.join("Cargo.toml"), format!("[package]\nname = \"{name}\"\n")).unwrap();
            let mode = if *kind == "run" { "run-custom-build" } else { "build" };
            let kind = if *kind == "run" { "custom-build" } else { kind };
            let on: Vec<_> = on.iter().map(|index| serde_json::json!({ "index": index })).collect();
            serde_json::json!({
                "pkg_id": format!("path+file://{}#{name}@1.0.0", root.display()),
                "target": { "kind": [kind], "crate_types": [kind], "name": name, "src_path": root.join("lib.rs") },
                "profile": { "name": "dev", "opt_level": "0" },
                "platform": null, "mode": mode, "features": [], "dependencies": on,
            })
        };
        let units: Vec<_> = units.iter().map(unit).collect();
        serde_json::from_value(serde_json::json!({ "version": 1, "units": units, "roots": [0] })).unwrap()
    }

    #[test]
    fn a_macro_asks_where_it_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let graph = graph(
            &[
                ("app", "bin", &[1, 7, 9]),
                ("library", "lib", &[2]),
                ("derive", "proc-macro", &[3, 5]),
                ("helper", "lib", &[4]),
                ("proc-macro-crate", "lib", &[]),
                ("plain", "lib", &[]),
                ("other-derive", "proc-macro", &[2]),
                ("uses-other", "lib", &[6]),
                ("script", "run", &[10]),
                ("with-script", "lib", &[8]),
                ("script-itself", "custom-build", &[4, 2]),
            ],
            folder.path(),
        );
        let names: BTreeSet<String> =
            asking(&graph).unwrap().into_values().map(|package| package.id.name).collect();
        // A macro loads a macro that it uses itself, and hands it on to nobody; a script likewise.
        let expected = ["app", "library", "other-derive", "script-itself"].map(str::to_owned);
        assert_eq!(names, BTreeSet::from(expected));
    }
}
