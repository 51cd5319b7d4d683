//! Argument files: rustc and rustdoc take an argument that begins with `@`, wherever it stands, for the name of a file with more
//! arguments, one a line.
//!
//! Some of the arguments that Cargo gives them are text of a package: `crate-type` and `check-cfg` (in `[lints]`) of its
//! manifest, the path of a source, `rustc-cfg` of its build script. Such a text must not bring arguments that nobody has
//! looked at. Cargo itself has one file with all arguments, where they are too long for a command line; rustc does not
//! look for more files in it.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::package::{Package, PackageId};
use super::unit_graph::UnitGraph;

/// Returns whether rustc takes an argument for the name of a file.
fn is_file(argument: &OsString) -> bool {
    argument.as_encoded_bytes().first() == Some(&b'@')
}

/// Checks that a call of rustc or rustdoc reads no file of arguments but Cargo's own. The arguments may begin with a
/// compiler, as a workspace wrapper's do.
///
/// # Errors
/// An argument is the name of another file.
pub fn refuse(arguments: &[OsString]) -> Result<(), String> {
    let refused = |argument: &str| {
        format!(
            "`{}` is refused: the compiler would read more arguments from the file of that name, which nobody has looked at; \
             nothing was compiled\n  help: it is text of a package, from `crate-type`, `path` or `check-cfg` in its Cargo.toml, \
             or from `rustc-cfg` of its build script; in RUSTFLAGS, write the flags themselves",
            crate::file::one_line(argument)
        )
    };
    let starts_with_dash = |argument: &OsString| argument.as_encoded_bytes().first() == Some(&b'-');
    let rest = arguments.iter().skip_while(|argument| !starts_with_dash(argument) && !is_file(argument));
    let rest: Vec<&OsString> = rest.collect();
    if let [one] = rest[..]
        && is_file(one)
    {
        let path = one.to_string_lossy();
        let path = path.trim_start_matches('@');
        let lines = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
        return match lines.lines().find(|line| line.starts_with('@')) {
            Some(line) => Err(refused(line)),
            None => Ok(()),
        };
    }
    match rest.into_iter().find(|argument| is_file(argument)) {
        Some(argument) => Err(refused(&argument.to_string_lossy())),
        None => Ok(()),
    }
}

/// Checks the manifests and sources of packages that are documented: rustdoc may be one that Inert does not stand in front of.
///
/// # Errors
/// A `check-cfg` of `[lints]`, or the path of a source as Cargo gives it, is the name of a file of arguments.
pub fn refuse_in_documented(graph: &UnitGraph, workspace: &Path) -> Result<(), String> {
    let mut looked_at = BTreeSet::new();
    for unit in graph.units.iter().filter(|unit| unit.mode.starts_with("doc")) {
        let package = PackageId::of_unit(&unit.pkg_id)?;
        // Cargo gives a source below the workspace's folder by its path from there.
        let source = unit.target.src_path.strip_prefix(workspace).unwrap_or(&unit.target.src_path);
        if source.as_os_str().as_encoded_bytes().first() == Some(&b'@') {
            return Err(format!(
                "`{package}` is refused: of `{}`, the path of its source, the compiler would make a file of arguments; nothing \
                 was compiled\n  help: give the folder a name that does not begin with `@`",
                crate::file::shown(source)
            ));
        }
        if !looked_at.insert(package.clone()) {
            continue;
        }
        let located = Package::locate(package.clone(), &unit.target.src_path)?;
        let inherited = manifests_of_workspaces(&located, workspace);
        let inherited = inherited.iter().flat_map(|manifest| checked_cfgs(manifest, &["workspace"]));
        let said = checked_cfgs(&located.manifest, &[]).into_iter().chain(inherited);
        if let Some(cfg) = said.into_iter().find(|cfg| cfg.starts_with('@')) {
            return Err(format!(
                "`{package}` is refused: of `{}` in `check-cfg` of its `[lints]`, or of its workspace's, the compiler would make \
                 a file of arguments; nothing was compiled\n  help: change it in the Cargo.toml of the package or of its workspace",
                crate::file::one_line(&cfg)
            ));
        }
    }
    Ok(())
}

/// Returns the manifests whose `[workspace.lints]` a package may inherit: that of the invoking workspace, the one that its
/// `package.workspace` names, and those in its folder and in all folders above, of which Cargo takes one.
fn manifests_of_workspaces(package: &Package, workspace: &Path) -> Vec<String> {
    let named = DeTable::parse(&package.manifest).ok().and_then(|document| {
        match document.get_ref().get("package")?.get_ref().get("workspace")?.get_ref() {
            DeValue::String(path) => Some(package.root.join(path.as_ref())),
            _ => None,
        }
    });
    let folders =
        package.root.ancestors().map(Path::to_path_buf).chain(named).chain([workspace.to_path_buf()]);
    folders.filter_map(|folder| std::fs::read_to_string(folder.join("Cargo.toml")).ok()).collect()
}

/// Returns `lints.rust.unexpected_cfgs.check-cfg` of a manifest, below the given keys.
fn checked_cfgs(manifest: &str, below: &[&str]) -> Vec<String> {
    let Ok(document) = DeTable::parse(manifest) else { return Vec::new() };
    let mut table = document.get_ref();
    for key in below.iter().chain(&["lints", "rust", "unexpected_cfgs"]) {
        match table.get(*key).map(|value| value.get_ref()) {
            Some(DeValue::Table(inner)) => table = inner,
            _ => return Vec::new(),
        }
    }
    match table.get("check-cfg").map(|value| value.get_ref()) {
        Some(DeValue::Array(list)) => list
            .iter()
            .filter_map(|item| match item.get_ref() {
                DeValue::String(text) => Some(text.to_string()),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(words: &[&str]) -> bool {
        refuse(&words.iter().map(OsString::from).collect::<Vec<_>>()).is_err()
    }

    #[test]
    fn only_cargos_own_file() {
        let scratch = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = scratch.path().join(name);
            std::fs::write(&path, text).unwrap();
            format!("@{}", path.display())
        };
        let plain = file("plain", "--crate-name\na\nsrc/lib.rs\n");
        assert!(!refused(&[]) && !refused(&["--crate-name", "a", "src/lib.rs", "--cfg", "feature=\"@x\""]));
        assert!(!refused(&[&plain]) && !refused(&["/bin/rustc", &plain]));
        for words in [
            &["--crate-name", "a", "--check-cfg", &plain][..],
            &["--crate-type", &plain, "-Cmetadata=1"],
            &["rustc", "--crate-name", "a", "@x/src/lib.rs"],
            &[&plain, "--cfg", "a"],
            &[&plain, &plain],
            &[&file("nested", "--crate-name\na\n--cfg\n@x\n")],
            &["@nothing"],
        ] {
            assert!(refused(words), "{words:?}");
        }
    }

    #[test]
    fn check_cfgs_of_a_manifest() {
        let lints = "lints.rust.\"unexpected_cfgs\" = { level = \"warn\", check-cfg = [\"cfg(a)\", '@x'] }\n";
        assert_eq!(checked_cfgs(lints, &[]), ["cfg(a)", "@x"]);
        assert_eq!(checked_cfgs(&format!("workspace.{lints}"), &["workspace"]), ["cfg(a)", "@x"]);
        assert!(checked_cfgs("[lints]\nworkspace = true\n", &[]).is_empty());
    }
}
