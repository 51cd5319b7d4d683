//! The inputs that others supply to a script, chosen so that it can succeed: the versions of libraries that it accepts,
//! and the metadata that its dependencies' declarations print.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use inert_manifest_spec::types::{MetadataValue, TextPart};
use inert_manifest_spec::{Declaration, Text};
use toml_edit::{DocumentMut, Item, TableLike};

use super::mentions::Mentions;

/// The values that dependencies' declarations can give each `DEP_…` variable.
pub type Metadata = BTreeMap<String, Vec<String>>;

/// The number of versions of libraries that are tried besides a very new and a very old one.
const MAX_VERSIONS: usize = 12;

/// Adds the values that a package with this `links` gives its dependents. Values that depend on the build are left out.
pub fn add(metadata: &mut Metadata, links: &str, declaration: &Declaration) {
    let shout = |text: &str| text.to_uppercase().replace('-', "_");
    for (key, guarded) in &declaration.links_metadata {
        let name = format!("DEP_{}_{}", shout(links), shout(key));
        let values = metadata.entry(name).or_default();
        for item in &guarded.alternatives {
            let value = match &item.value {
                MetadataValue::Text(text) => literal(text),
                MetadataValue::List(items) => {
                    let items: Option<Vec<String>> = items.iter().map(|item| literal(&item.value)).collect();
                    items.map(|items| items.join(","))
                }
                _ => None,
            };
            values.extend(value.filter(|value| !values.contains(value)).into_iter().collect::<Vec<_>>());
        }
    }
    metadata.retain(|_, values| !values.is_empty());
}

/// Returns a text without variables.
fn literal(text: &Text) -> Option<String> {
    text.parts
        .iter()
        .map(|part| match part {
            TextPart::Literal(text) => Some(text.as_str()),
            TextPart::Variable(_) => None,
        })
        .collect()
}

/// Returns the metadata of the dependencies that the manifest of a package in a folder names by their paths.
#[must_use]
pub fn of_paths(root: &Path) -> Metadata {
    let mut metadata = Metadata::new();
    let read = |folder: &Path| -> Option<(String, DocumentMut)> {
        let text = std::fs::read_to_string(folder.join("Cargo.toml")).ok()?;
        Some((text.clone(), text.parse().ok()?))
    };
    let Some((_, document)) = read(root) else { return metadata };
    let mut tables: Vec<&dyn TableLike> = vec![document.as_table()];
    let targets = document.get("target").and_then(Item::as_table_like);
    tables
        .extend(targets.into_iter().flat_map(|all| all.iter()).filter_map(|(_, item)| item.as_table_like()));
    let dependencies = tables.into_iter().filter_map(|table| table.get("dependencies")?.as_table_like());
    for (_, dependency) in dependencies.flat_map(|table| table.iter().collect::<Vec<_>>()) {
        let Some(path) = dependency.as_table_like().and_then(|table| table.get("path")?.as_str()) else {
            continue;
        };
        let Some((text, document)) = read(&crate::cargo::package::path_from(root, path)) else { continue };
        let links = document.get("package").and_then(|package| package.get("links")?.as_str());
        if let (Some(links), Some(declaration)) =
            (links, inert_manifest_spec::parse_manifest(&text).declaration)
        {
            add(&mut metadata, links, &declaration);
        }
    }
    metadata
}

/// Adds the names and versions of `[package.metadata.system-deps]`, which a script reads from its manifest.
pub(super) fn add_system_deps(mentions: &mut Mentions, manifest: &str) {
    let Ok(document) = manifest.parse::<DocumentMut>() else { return };
    let table = || document.get("package")?.get("metadata")?.get("system-deps")?.as_table_like();
    if let Some(table) = table() {
        add_table(mentions, table, 0);
    }
}

fn add_table(mentions: &mut Mentions, table: &dyn TableLike, depth: usize) {
    for (key, item) in table.iter() {
        mentions.texts.insert(key.to_owned());
        if let Some(text) = item.as_str() {
            mentions.texts.insert(text.to_owned());
        } else if let Some(inner) = item.as_table_like().filter(|_| depth < 4) {
            add_table(mentions, inner, depth + 1);
        }
    }
}

/// Returns the versions of libraries that the script or its declaration names, oldest first; of many, some.
pub(super) fn versions<'a>(texts: impl Iterator<Item = &'a String>) -> Vec<String> {
    let is_version = |word: &&str| {
        word.len() < 20
            && word.contains('.')
            && word.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let words = texts.flat_map(|text| text.split(|c: char| c.is_whitespace() || ",<>=^~!\"".contains(c)));
    let found: BTreeSet<&str> = words.filter(is_version).collect();
    let mut found: Vec<&str> = found.into_iter().collect();
    found.sort_by_key(|version| {
        version.split('.').map(|part| part.parse::<u64>().unwrap_or_default()).collect::<Vec<_>>()
    });
    let step = found.len().div_ceil(MAX_VERSIONS).max(1);
    found.into_iter().step_by(step).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_ranges() {
        let texts: Vec<String> =
            ["1.5.0", ">=1.10, <2", "alt9 = 1.9.3", "libz.so", "7", "..", "zlib"].map(str::to_owned).into();
        assert_eq!(versions(texts.iter()), ["1.5.0", "1.9.3", "1.10"]);
    }

    #[test]
    fn metadata_of_a_declaration() {
        let text = "schema = 1\n[links-metadata]\nkind = [{ text = \"a\", when = \"unix\" }, { text = \"b\", else = true }]\n\
                    at = \"${out-dir}\"\ninclude = { path = \"include\" }\nlist = { list = [\"x\", \"y\"] }\n";
        let declaration = inert_manifest_spec::parse_declaration(text).declaration.unwrap();
        let mut metadata = Metadata::new();
        add(&mut metadata, "alt-9", &declaration);
        let said: Vec<String> =
            metadata.iter().map(|(name, values)| format!("{name}={}", values.join("|"))).collect();
        assert_eq!(said, ["DEP_ALT_9_KIND=a|b", "DEP_ALT_9_LIST=x,y"]);
    }
}
