//! The manifest of a package: the variables that Cargo sets from it, its features, and the reduced manifest for
//! compiling the script alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, Value};

/// A manifest, with inheritance from a workspace resolved.
#[derive(Debug, Clone)]
pub struct Manifest {
    document: DocumentMut,
    root: std::path::PathBuf,
    /// The value of `package.name`.
    pub name: String,
    /// The value of `package.version`.
    pub version: String,
    /// The value of `package.links`.
    pub links: Option<String>,
    /// The script's path, relative to the package.
    pub script: Option<String>,
    /// The features that each feature enables, with the implicit features of optional dependencies.
    pub features: BTreeMap<String, Vec<String>>,
}

/// The keys of `[package]` that Cargo passes to scripts, by the name of the variable (the Cargo book, "Environment
/// variables Cargo sets for crates").
const VARIABLES: &[(&str, &str)] = &[
    ("CARGO_PKG_DESCRIPTION", "description"),
    ("CARGO_PKG_HOMEPAGE", "homepage"),
    ("CARGO_PKG_REPOSITORY", "repository"),
    ("CARGO_PKG_LICENSE", "license"),
    ("CARGO_PKG_LICENSE_FILE", "license-file"),
    ("CARGO_PKG_RUST_VERSION", "rust-version"),
];

impl Manifest {
    /// Reads the manifest of the package in a folder.
    ///
    /// # Errors
    /// It cannot be read, is not TOML, or holds no package.
    pub fn read(root: &Path) -> Result<Self, String> {
        let path = root.join("Cargo.toml");
        let say = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = std::fs::read_to_string(&path).map_err(|error| say(&error))?;
        let mut document: DocumentMut = text.parse().map_err(|error| say(&error))?;
        inherit(&mut document, root);
        let package = document
            .get("package")
            .and_then(Item::as_table_like)
            .ok_or_else(|| say(&"it holds no package"))?;
        let text = |key: &str| package.get(key).and_then(Item::as_str).map(str::to_owned);
        let script = match package.get("build") {
            Some(item) if item.as_bool() == Some(false) => None,
            Some(item) if item.as_str().is_some() => item.as_str().map(str::to_owned),
            _ => root.join("build.rs").is_file().then(|| "build.rs".to_owned()),
        };
        let name = text("name").ok_or_else(|| say(&"the package has no name"))?;
        let version = text("version").unwrap_or_else(|| "0.0.0".to_owned());
        let links = text("links");
        let features = features(&document);
        Ok(Self { name, version, links, script, features, document, root: root.to_path_buf() })
    }

    /// Returns the variables `CARGO_PKG_…` and `CARGO_MANIFEST_LINKS`, as Cargo sets them.
    #[must_use]
    pub fn variables(&self) -> BTreeMap<String, String> {
        let package = self.document.get("package").and_then(Item::as_table_like);
        let text =
            |key: &str| package.and_then(|package| package.get(key)?.as_str()).unwrap_or_default().to_owned();
        let mut variables: BTreeMap<String, String> =
            VARIABLES.iter().map(|(variable, key)| ((*variable).to_owned(), text(key))).collect();
        let authors =
            package.and_then(|package| package.get("authors")?.as_array().cloned()).unwrap_or_default();
        let authors: Vec<&str> = authors.iter().filter_map(Value::as_str).collect();
        let (numbers, pre) = match self.version.split(['+']).next().unwrap_or_default().split_once('-') {
            Some((numbers, pre)) => (numbers, pre),
            None => (self.version.split('+').next().unwrap_or_default(), ""),
        };
        let mut parts = numbers.split('.');
        let readme = match package.and_then(|package| package.get("readme")) {
            Some(item) if item.as_bool() == Some(false) => String::new(),
            Some(item) if item.as_str().is_some() => item.as_str().unwrap_or_default().to_owned(),
            _ => self.usual_readme(),
        };
        for (name, value) in [
            ("CARGO_PKG_NAME", self.name.clone()),
            ("CARGO_PKG_VERSION", self.version.clone()),
            ("CARGO_PKG_VERSION_MAJOR", parts.next().unwrap_or_default().to_owned()),
            ("CARGO_PKG_VERSION_MINOR", parts.next().unwrap_or_default().to_owned()),
            ("CARGO_PKG_VERSION_PATCH", parts.next().unwrap_or_default().to_owned()),
            ("CARGO_PKG_VERSION_PRE", pre.to_owned()),
            ("CARGO_PKG_AUTHORS", authors.join(":")),
            ("CARGO_PKG_README", readme),
        ] {
            variables.insert(name.to_owned(), value);
        }
        if let Some(links) = &self.links {
            variables.insert("CARGO_MANIFEST_LINKS".to_owned(), links.clone());
        }
        variables
    }

    /// Returns the readme that Cargo finds for a manifest without the key `readme`; published manifests have the key.
    fn usual_readme(&self) -> String {
        let found =
            ["README.md", "README.txt", "README"].into_iter().find(|name| self.root.join(name).is_file());
        found.unwrap_or_default().to_owned()
    }

    /// Returns features with all features of the package that they enable.
    #[must_use]
    pub fn closure<'a>(&self, asked: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
        let mut enabled = BTreeSet::new();
        let mut pending: Vec<String> = asked.into_iter().map(str::to_owned).collect();
        while let Some(name) = pending.pop() {
            let Some(members) = self.features.get(&name) else { continue };
            if enabled.insert(name) {
                pending.extend(members.iter().cloned());
            }
        }
        enabled
    }

    /// Returns the manifest that compiles the script as an ordinary binary, so that Cargo does not run it. Its
    /// build-dependencies become dependencies of the binary; its features lose their references to other dependencies.
    #[must_use]
    pub fn reduced(&self, script: &str, lib: &str) -> String {
        let mut document = DocumentMut::new();
        let mut package = Table::new();
        let old = self.document.get("package").and_then(Item::as_table_like);
        for key in [
            "name",
            "version",
            "edition",
            "authors",
            "description",
            "homepage",
            "repository",
            "license",
            "rust-version",
        ] {
            if let Some(item) = old.and_then(|old| old.get(key)) {
                package.insert(key, item.clone());
            }
        }
        for key in ["autobins", "autoexamples", "autotests", "autobenches", "build"] {
            package.insert(key, toml_edit::value(false));
        }
        // `rust-version` is a requirement of the package, not of this compilation.
        package.remove("rust-version");
        document.insert("package", Item::Table(package));
        document.insert("workspace", Item::Table(Table::new()));
        let mut library = Table::new();
        library.insert("path", toml_edit::value(lib));
        document.insert("lib", Item::Table(library));
        let mut binary = Table::new();
        binary.insert("name", toml_edit::value("build_script_build"));
        binary.insert("path", toml_edit::value(script));
        let mut binaries = toml_edit::ArrayOfTables::new();
        binaries.push(binary);
        document.insert("bin", Item::ArrayOfTables(binaries));
        let own = build_dependencies(&self.document);
        if let Some(dependencies) = own.get("").cloned() {
            document.insert("dependencies", Item::Table(dependencies));
        }
        let mut targets = Table::new();
        for (target, dependencies) in own.iter().filter(|(target, _)| !target.is_empty()) {
            let mut table = Table::new();
            table.insert("dependencies", Item::Table(dependencies.clone()));
            targets.insert(target, Item::Table(table));
        }
        document.insert("target", Item::Table(targets));
        let known: BTreeMap<String, bool> = own
            .values()
            .flat_map(|table| table.iter())
            .map(|(name, item)| (name.to_owned(), optional(item)))
            .collect();
        document.insert("features", Item::Table(self.reduced_features(&known)));
        document.to_string()
    }

    fn reduced_features(&self, build_dependencies: &BTreeMap<String, bool>) -> Table {
        let written = self.document.get("features").and_then(Item::as_table_like);
        let mut table = Table::new();
        for name in self.features.keys() {
            // An optional build-dependency has an implicit feature, unless a feature names it with `dep:`.
            let written = written.and_then(|written| written.get(name)?.as_array().cloned());
            if written.is_none() && build_dependencies.get(name) == Some(&true) && !self.mentions_dep(name) {
                continue;
            }
            let mut members = toml_edit::Array::new();
            for member in written.iter().flat_map(toml_edit::Array::iter).filter_map(Value::as_str) {
                let keep = match (member.strip_prefix("dep:"), member.split_once('/')) {
                    (Some(dependency), _) => build_dependencies.get(dependency) == Some(&true),
                    (None, Some((dependency, _))) => match dependency.strip_suffix('?') {
                        Some(dependency) => build_dependencies.get(dependency) == Some(&true),
                        None => build_dependencies.contains_key(dependency),
                    },
                    (None, None) => true,
                };
                if keep {
                    members.push(member);
                } else if let Some((dependency, _)) = member.split_once('/')
                    && dependency != name
                    && self.features.contains_key(dependency)
                {
                    members.push(dependency);
                }
            }
            table.insert(name, toml_edit::value(members));
        }
        table
    }

    /// Returns the features that enable an optional build-dependency, or a feature of any: the implicit feature, and those
    /// that name it with `dep:` or name one of its features. A script may not compile without them, or do something else, even if it does
    /// not test them itself.
    #[must_use]
    pub fn features_of_build_dependencies(&self) -> BTreeSet<String> {
        let own = build_dependencies(&self.document);
        let all = || own.values().flat_map(|table| table.iter());
        let any: BTreeSet<&str> = all().map(|(name, _)| name).collect();
        let optional: BTreeSet<&str> =
            all().filter(|(_, item)| optional(item)).map(|(name, _)| name).collect();
        let written = self.document.get("features").and_then(Item::as_table_like);
        let brings = |name: &str| {
            let members = written.and_then(|written| written.get(name)?.as_array());
            members.into_iter().flat_map(toml_edit::Array::iter).filter_map(Value::as_str).any(
                |member| match (member.strip_prefix("dep:"), member.split_once('/')) {
                    (Some(dependency), _) => optional.contains(dependency),
                    (None, Some((dependency, _))) => any.contains(dependency.trim_end_matches('?')),
                    (None, None) => false,
                },
            )
        };
        let names = self.features.keys().filter(|name| optional.contains(name.as_str()) || brings(name));
        names.cloned().collect()
    }

    fn mentions_dep(&self, dependency: &str) -> bool {
        let written = self.document.get("features").and_then(Item::as_table_like);
        let wanted = format!("dep:{dependency}");
        written.is_some_and(|written| {
            written.iter().any(|(_, item)| {
                item.as_array()
                    .is_some_and(|members| members.iter().any(|member| member.as_str() == Some(&wanted)))
            })
        })
    }
}

/// Returns the features of a package with the features that each enables. An optional dependency that no `dep:` names
/// has an implicit feature (the Cargo book, "Optional dependencies").
fn features(document: &DocumentMut) -> BTreeMap<String, Vec<String>> {
    let mut features: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut explicit = BTreeSet::new();
    let mut implied = BTreeSet::new();
    if let Some(table) = document.get("features").and_then(Item::as_table_like) {
        for (name, item) in table.iter() {
            let members = item.as_array().cloned().unwrap_or_default();
            let mut enables = Vec::new();
            for member in members.iter().filter_map(Value::as_str) {
                match (member.strip_prefix("dep:"), member.split_once('/')) {
                    (Some(dependency), _) => drop(explicit.insert(dependency.to_owned())),
                    (None, Some((dependency, _))) if !dependency.ends_with('?') => {
                        enables.push(dependency.to_owned())
                    }
                    (None, Some(_)) => {}
                    (None, None) => enables.push(member.to_owned()),
                }
            }
            features.insert(name.to_owned(), enables);
        }
    }
    for table in dependency_tables(document, &["dependencies", "build-dependencies", "build_dependencies"]) {
        implied.extend(table.1.iter().filter(|(_, item)| optional(item)).map(|(name, _)| name.to_owned()));
    }
    for name in implied {
        if !explicit.contains(&name) {
            features.entry(name).or_default();
        }
    }
    features
}

fn optional(item: &Item) -> bool {
    item.as_table_like().and_then(|table| table.get("optional")?.as_bool()).unwrap_or(false)
}

/// Returns the dependency tables with the target that each applies to; empty for all targets.
fn dependency_tables<'a>(document: &'a DocumentMut, keys: &[&str]) -> Vec<(String, &'a dyn TableLike)> {
    let mut found = Vec::new();
    let mut holders: Vec<(String, &dyn TableLike)> = vec![(String::new(), document.as_table())];
    if let Some(targets) = document.get("target").and_then(Item::as_table_like) {
        holders.extend(
            targets.iter().filter_map(|(target, item)| Some((target.to_owned(), item.as_table_like()?))),
        );
    }
    for (target, holder) in holders {
        for key in keys {
            if let Some(table) = holder.get(key).and_then(Item::as_table_like) {
                found.push((target.clone(), table));
            }
        }
    }
    found
}

fn build_dependencies(document: &DocumentMut) -> BTreeMap<String, Table> {
    let mut found: BTreeMap<String, Table> = BTreeMap::new();
    for (target, table) in dependency_tables(document, &["build-dependencies", "build_dependencies"]) {
        let into = found.entry(target).or_default();
        for (name, item) in table.iter() {
            into.insert(name, item.clone());
        }
    }
    found
}

/// Replaces `workspace = true` by the inherited value, and makes the paths of dependencies absolute.
fn inherit(document: &mut DocumentMut, root: &Path) {
    let workspace = workspace_of(document, root);
    let inherited = |item: &Item| {
        item.as_table_like().is_some_and(|table| table.get("workspace").and_then(Item::as_bool) == Some(true))
    };
    if let Some(package) = document.get_mut("package").and_then(Item::as_table_like_mut) {
        let names: Vec<String> =
            package.iter().filter(|(_, item)| inherited(item)).map(|(name, _)| name.to_owned()).collect();
        for name in names {
            let found = workspace
                .as_ref()
                .and_then(|(document, _)| document.get("workspace")?.get("package")?.get(&name).cloned());
            match found {
                Some(item) => drop(package.insert(&name, item)),
                None => drop(package.remove(&name)),
            }
        }
    }
    let resolve = |table: &mut dyn TableLike| {
        let names: Vec<String> = table.iter().map(|(name, _)| name.to_owned()).collect();
        for name in names {
            let Some(item) = table.get(&name).cloned() else { continue };
            let mut base = root.to_path_buf();
            let mut entry = match item.as_table_like() {
                Some(entry) => {
                    entry.iter().map(|(key, item)| (key.to_owned(), item.clone())).collect::<BTreeMap<_, _>>()
                }
                None => continue,
            };
            if inherited(&item)
                && let Some((document, folder)) = &workspace
                && let Some(found) =
                    document.get("workspace").and_then(|item| item.get("dependencies")?.get(&name))
            {
                base.clone_from(folder);
                entry.remove("workspace");
                match found.as_table_like() {
                    Some(found) => {
                        for (key, item) in found.iter() {
                            entry.entry(key.to_owned()).or_insert_with(|| item.clone());
                        }
                    }
                    None => drop(entry.insert("version".to_owned(), found.clone())),
                }
            }
            if let Some(path) = entry.get("path").and_then(Item::as_str) {
                let path = crate::cargo::package::path_from(&base, path);
                entry.insert("path".to_owned(), toml_edit::value(path.to_string_lossy().into_owned()));
            }
            let mut inline = InlineTable::new();
            for (key, item) in entry {
                if let Ok(value) = item.into_value() {
                    inline.insert(key, value);
                }
            }
            table.insert(&name, toml_edit::value(inline));
        }
    };
    for key in ["dependencies", "build-dependencies", "build_dependencies"] {
        if let Some(table) = document.get_mut(key).and_then(Item::as_table_like_mut) {
            resolve(table);
        }
    }
    if let Some(targets) = document.get_mut("target").and_then(Item::as_table_like_mut) {
        for (_, target) in targets.iter_mut() {
            for key in ["dependencies", "build-dependencies", "build_dependencies"] {
                if let Some(table) = target.get_mut(key).and_then(Item::as_table_like_mut) {
                    resolve(table);
                }
            }
        }
    }
}

fn workspace_of(document: &DocumentMut, root: &Path) -> Option<(DocumentMut, std::path::PathBuf)> {
    if document.get("workspace").is_some() {
        return Some((document.clone(), root.to_path_buf()));
    }
    let named = document.get("package").and_then(|package| package.get("workspace")?.as_str());
    if let Some(path) = named {
        let folder = crate::cargo::package::path_from(root, path);
        return Some((std::fs::read_to_string(folder.join("Cargo.toml")).ok()?.parse().ok()?, folder));
    }
    root.ancestors().skip(1).find_map(|folder| {
        let found: DocumentMut = std::fs::read_to_string(folder.join("Cargo.toml")).ok()?.parse().ok()?;
        found.get("workspace").is_some().then(|| (found, folder.to_path_buf()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_that_reach_the_script_are_those_of_its_dependencies() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = "[package]\nname = \"a\"\nversion = \"1.0.0\"\nbuild = \"build.rs\"\n\n[dependencies]\nother = \"1\"\n\n\
                    [build-dependencies]\nflags = \"1\"\nmaybe = { version = \"1\", optional = true }\n\n\
                    [features]\nmade = [\"dep:maybe\"]\nhands-on = [\"flags/new\"]\nweakly = [\"maybe?/more\"]\nplain = []\nothers = [\"other/x\"]\n";
        std::fs::write(folder.path().join("Cargo.toml"), text).expect("a manifest");
        let manifest = Manifest::read(folder.path()).expect("a manifest");
        let reach = manifest.features_of_build_dependencies();
        assert_eq!(reach.into_iter().collect::<Vec<_>>(), ["hands-on", "made", "weakly"]);
    }
}
