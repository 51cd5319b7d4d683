//! The values that a package's manifest takes from that of its workspace (`version.workspace = true`). They decide about
//! the package (edition, dependencies and their features, variables that its script sees), and lie outside of it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

type Table = BTreeMap<String, Value>;

/// A value of a manifest, without its place.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Table(Table),
    Array(Vec<Value>),
    Text(String),
    Yes,
    /// Another value, in the form of TOML.
    Other(String),
}

impl Value {
    fn of(value: &DeValue<'_>) -> Self {
        match value {
            DeValue::Table(inner) => Self::Table(table(inner)),
            DeValue::Array(items) => Self::Array(items.iter().map(|item| Self::of(item.get_ref())).collect()),
            DeValue::String(text) => Self::Text(text.to_string()),
            DeValue::Boolean(true) => Self::Yes,
            DeValue::Boolean(false) => Self::Other("false".to_owned()),
            DeValue::Integer(number) => Self::Other(format!("{}:{}", number.radix(), number.as_str())),
            DeValue::Float(number) => Self::Other(number.as_str().to_owned()),
            DeValue::Datetime(time) => Self::Other(time.to_string()),
        }
    }

    /// Writes the value, so that equal texts are of equal values.
    fn write(&self, text: &mut String) {
        match self {
            Self::Table(inner) => {
                text.push('{');
                for (name, value) in inner {
                    text.push_str(&quoted(name));
                    text.push('=');
                    value.write(text);
                    text.push(',');
                }
                text.push('}');
            }
            Self::Array(items) => {
                text.push('[');
                for item in items {
                    item.write(text);
                    text.push(',');
                }
                text.push(']');
            }
            Self::Text(inner) => text.push_str(&quoted(inner)),
            Self::Yes => text.push_str("true"),
            Self::Other(other) => text.push_str(other),
        }
    }

    fn as_table(&self) -> Option<&Table> {
        if let Self::Table(inner) = self { Some(inner) } else { None }
    }
}

/// Returns a text in quotes, so that it ends where it ends whatever it contains.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn table(table: &DeTable<'_>) -> Table {
    table.iter().map(|(name, value)| (name.get_ref().to_string(), Value::of(value.get_ref()))).collect()
}

/// The values that a package takes from its workspace.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Inherited {
    /// The manifests of workspaces of which Cargo may take one; none if there is none, which Cargo refuses.
    pub(super) manifests: Vec<PathBuf>,
    /// The keys in the order of the manifest's keys, each with its value.
    pub(super) values: String,
}

/// Returns what the package in a folder takes from its workspace; `None` if it takes nothing, or has no manifest that
/// Cargo would read.
///
/// # Errors
/// A manifest cannot be read.
pub(super) fn of(root: &Path) -> io::Result<Option<Inherited>> {
    let Some(own) = manifest(&root.join("Cargo.toml"))? else { return Ok(None) };
    let mut keys = Vec::new();
    taken(&own, &mut Vec::new(), &mut keys);
    if keys.is_empty() {
        return Ok(None);
    }
    let found = workspaces(root, &own)?;
    let mut values = String::new();
    let none = Table::new();
    let tables: Vec<&Table> =
        if found.is_empty() { vec![&none] } else { found.iter().map(|(_, table)| table).collect() };
    for (table, key) in tables.into_iter().flat_map(|table| keys.iter().map(move |key| (table, key))) {
        let parts: Vec<&str> = key.iter().map(String::as_str).collect();
        let value = match parts[..] {
            ["package" | "project", name] => at(table, &["package", name]),
            ["lints"] => at(table, &["lints"]),
            [.., kind, name] if kind.ends_with("dependencies") => at(table, &["dependencies", name]),
            // A key that a newer Cargo may know takes anything.
            _ => Some(Value::Table(table.clone())),
        };
        Value::Array(key.iter().cloned().map(Value::Text).collect()).write(&mut values);
        values.push('=');
        value.iter().for_each(|value| value.write(&mut values));
        values.push('\n');
    }
    Ok(Some(Inherited { manifests: found.into_iter().map(|(path, _)| path).collect(), values }))
}

/// Returns a manifest as Cargo reads it; `None` if it is not there, or is no TOML.
fn manifest(path: &Path) -> io::Result<Option<Table>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(String::from_utf8(bytes)
            .ok()
            .and_then(|text| Some(table(DeTable::parse(&text).ok()?.get_ref())))),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(io::Error::new(error.kind(), format!("{}: {error}", path.display()))),
    }
}

/// Collects the keys whose value is a table with `workspace = true`.
fn taken(table: &Table, path: &mut Vec<String>, keys: &mut Vec<Vec<String>>) {
    for (name, value) in table {
        let Value::Table(inner) = value else { continue };
        path.push(name.clone());
        if inner.get("workspace") == Some(&Value::Yes) {
            keys.push(path.clone());
        }
        // Cargo gives nothing to keys below `[workspace]` and `metadata`.
        if path[0] != "workspace"
            && !matches!(&path[..], [first, second] if first == "package" && second == "metadata")
        {
            taken(inner, path, keys);
        }
        path.pop();
    }
}

/// Returns the manifests with a table `[workspace]` of which Cargo may take one for the package's: the one that the package
/// names, or the nearest above. Cargo passes over one that excludes the package, by rules for which a manifest with any
/// `exclude` is taken for one that may.
fn workspaces(root: &Path, own: &Table) -> io::Result<Vec<(PathBuf, Table)>> {
    let of = |path: PathBuf| -> io::Result<Option<(PathBuf, Table)>> {
        Ok(manifest(&path)?.and_then(|table| table_of(&table)).map(|table| (path, table)))
    };
    if let Some(folder) = named(own) {
        return Ok(of(root.join(folder).join("Cargo.toml"))?.into_iter().collect());
    }
    let mut found = Vec::new();
    // Cargo goes up by the path that it knows the package by, symlinks and all.
    for folder in std::path::absolute(root)?.ancestors() {
        let path = folder.join("Cargo.toml");
        let Some(whole) = manifest(&path)? else { continue };
        if let Some(table) = table_of(&whole) {
            let excludes = table.contains_key("exclude");
            found.push((path, table));
            if !excludes {
                break;
            }
        } else if let Some(other) = named(&whole) {
            // The manifest of another member names the workspace.
            found.extend(of(folder.join(other).join("Cargo.toml"))?);
            break;
        }
    }
    Ok(found)
}

/// Returns the folder of the workspace that a package names.
fn named(manifest: &Table) -> Option<String> {
    let named = at(manifest, &["package", "workspace"]).or_else(|| at(manifest, &["project", "workspace"]));
    if let Some(Value::Text(folder)) = named { Some(folder) } else { None }
}

fn table_of(manifest: &Table) -> Option<Table> {
    manifest.get("workspace").and_then(Value::as_table).cloned()
}

fn at(table: &Table, path: &[&str]) -> Option<Value> {
    let (last, folders) = path.split_last()?;
    let inner = folders.iter().try_fold(table, |table, name| table.get(*name)?.as_table())?;
    inner.get(*last).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    const MEMBER: &str = "[package]\nname = \"p\"\nedition.workspace = true\n[target.'cfg(unix)'.build-dependencies]\n\
                          cc = { workspace = true, features = [\"parallel\"] }\n[lints]\nworkspace = true\n";
    const ROOT: &str = "[workspace]\nmembers = [\"p\"]\n[workspace.package]\nedition = \"2018\"\ndescription = \"x\"\n\
                        [workspace.dependencies]\ncc = \"1\"\nother = \"2\"\n[workspace.lints.rust]\nunused = \"deny\"\n";

    #[test]
    fn what_is_taken_counts_and_nothing_else() {
        let values = |member: &str, root: &str| {
            let folder = written(&[("p/Cargo.toml", member), ("Cargo.toml", root)]);
            of(&folder.path().join("p")).unwrap().map(|inherited| inherited.values)
        };
        let first = values(MEMBER, ROOT).unwrap();
        assert_eq!(
            first,
            "[\"lints\",]={\"rust\"={\"unused\"=\"deny\",},}\n[\"package\",\"edition\",]=\"2018\"\n\
             [\"target\",\"cfg(unix)\",\"build-dependencies\",\"cc\",]=\"1\"\n"
        );
        for (old, new) in [("2018", "2021"), ("cc = \"1\"", "cc = { path = \"evil\" }"), ("deny", "allow")] {
            assert_ne!(values(MEMBER, &ROOT.replace(old, new)).unwrap(), first, "{new}");
        }
        for (old, new) in [("description = \"x\"", "description = \"y\""), ("other = \"2\"", "")] {
            assert_eq!(values(MEMBER, &ROOT.replace(old, new)).unwrap(), first, "{new}");
        }
        assert_eq!(values("[package]\nname = \"p\"\nmetadata.x.workspace = true\n", ROOT), None);
        assert_eq!(values("[package]\nname = \"p\"\nworkspace = \"..\"\n", ROOT), None);
        // A key that is not known takes the whole table.
        assert!(
            values("[package]\nname = \"p\"\n[news]\nworkspace = true\n", ROOT).unwrap().contains("members")
        );
    }

    #[test]
    fn the_workspace_is_the_one_that_cargo_takes() {
        let folder = written(&[
            ("Cargo.toml", ROOT),
            ("near/Cargo.toml", &ROOT.replace("2018", "2015")),
            ("near/no-workspace/Cargo.toml", "[package]\nname = \"q\"\n"),
            ("near/no-workspace/p/Cargo.toml", MEMBER),
            ("near/named/Cargo.toml", &MEMBER.replacen("name", "workspace = \"../..\"\nname", 1)),
            ("near/itself/Cargo.toml", &format!("{MEMBER}{}", ROOT.replace("2018", "2024"))),
        ]);
        for (package, edition, manifest) in [
            ("near/no-workspace/p", "2015", "near/Cargo.toml"),
            ("near/named", "2018", "Cargo.toml"),
            ("near/itself", "2024", "near/itself/Cargo.toml"),
        ] {
            let found = of(&folder.path().join(package)).unwrap().unwrap();
            assert!(found.values.contains(edition), "{package}: {}", found.values);
            let [path] = found.manifests.as_slice() else { panic!("{package}: {:?}", found.manifests) };
            let expected = folder.path().join(manifest).canonicalize().unwrap();
            assert_eq!(path.canonicalize().unwrap(), expected, "{package}");
        }
        // Cargo passes over a workspace that excludes the package, and takes the one above.
        let excluding =
            ROOT.replace("2018", "2015").replace("[workspace]\n", "[workspace]\nexclude = [\"p\"]\n");
        let outer =
            written(&[("Cargo.toml", ROOT), ("in/Cargo.toml", &excluding), ("in/p/Cargo.toml", MEMBER)]);
        let found = of(&outer.path().join("in/p")).unwrap().unwrap();
        assert!(found.values.contains("2015") && found.values.contains("2018"), "{}", found.values);
        assert_eq!(found.manifests.len(), 2);
        let alone = written(&[("p/Cargo.toml", MEMBER)]);
        assert!(of(&alone.path().join("p")).unwrap().is_some());
    }
}
