//! Checks the names of targets. Cargo appends the name of a binary or an example to a folder, and so does Inert; a name
//! that is a path would be written, or linked, outside of it.

use std::collections::BTreeSet;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::package::{Package, PackageId};
use super::unit_graph::UnitGraph;

/// Checks that every name is one that rustc accepts for a crate (with `-` for `_`), so that none is a path. Scripts are
/// excluded: Cargo names them after the stem of their file.
///
/// # Errors
/// A name is not accepted.
pub fn check(graph: &UnitGraph) -> Result<(), String> {
    let mut looked_at = BTreeSet::new();
    for unit in graph.units.iter().filter(|unit| !unit.is_script_run() && !unit.is_script_compile()) {
        let kind = unit.target.kind.first().map(String::as_str).unwrap_or_default();
        let package = PackageId::of_unit(&unit.pkg_id)?;
        if !is_plain(&unit.target.name) {
            return Err(refusal(&package, kind, "name", &unit.target.name));
        }
        // `filename` of a nightly Cargo (`different-binary-name`), which the graph does not contain.
        if matches!(kind, "bin" | "example") && looked_at.insert(package.clone()) {
            let manifest = Package::locate(package.clone(), &unit.target.src_path)?.manifest;
            if let Some(name) = file_names(&manifest).into_iter().find(|name| !is_plain(name)) {
                return Err(refusal(&package, kind, "filename", &name));
            }
        }
    }
    Ok(())
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

/// Returns the values of `filename` of a manifest's binaries and examples; Cargo refuses values other than strings.
fn file_names(manifest: &str) -> Vec<String> {
    let Ok(document) = DeTable::parse(manifest) else { return Vec::new() };
    let mut found = Vec::new();
    for list in ["bin", "example"] {
        let Some(DeValue::Array(list)) = document.get_ref().get(list).map(|value| value.get_ref()) else {
            continue;
        };
        for item in list.iter() {
            if let DeValue::Table(table) = item.get_ref()
                && let Some(DeValue::String(name)) = table.get("filename").map(|value| value.get_ref())
            {
                found.push(name.to_string());
            }
        }
    }
    found
}

fn refusal(package: &PackageId, kind: &str, key: &str, name: &str) -> String {
    format!(
        "`{package}` is refused: its {kind} has the {key} `{}`, of which Cargo would make a path; nothing was compiled\n  \
         help: a name has letters, digits, `_` and `-`; change `{key}` in the package's Cargo.toml",
        crate::file::shown(Path::new(name)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_nowhere() {
        for name in ["a", "cargo-inert", "_x9", "größe"] {
            assert!(is_plain(name), "{name}");
        }
        for name in ["", "/a", "../a", "a/b", "a\\b", "C:a", ".", "..", "a b", "a\n", "a.b", "~", "a\0"] {
            assert!(!is_plain(name), "{name}");
        }
    }

    #[test]
    fn file_names_are_read_as_toml() {
        let manifest = "[package]\nname=\"a\"\n[[bin]]\nname=\"b\"\n\"file\\u006eame\" = \"/x\"\n[[example]]\nfilename='y'\n";
        assert_eq!(file_names(manifest), ["/x", "y"]);
    }
}
