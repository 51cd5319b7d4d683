//! The package whose script is read: its manifest's facts and its files. The one module that reads files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use toml::de::{DeTable, DeValue};

/// A package and its build script.
#[derive(Debug, Clone, Default)]
pub struct PackageSource {
    /// The package's folder, in which `Cargo.toml` lies.
    pub root: PathBuf,
    /// The build script's path in it; `None` where it has none.
    pub script: Option<PathBuf>,
    /// The value of `package.name`.
    pub name: String,
    /// The value of `package.version`.
    pub version: String,
    /// The value of `package.links`, if the manifest has it.
    pub links: Option<String>,
    /// `package.edition`, `2015` where it says none.
    pub edition: String,
    /// Other `package` keys that Cargo hands to scripts, by the variable's name (`CARGO_PKG_AUTHORS`, …).
    pub metadata: BTreeMap<String, String>,
    /// Every feature that can be switched on, those of optional dependencies included.
    pub features: Vec<String>,
    /// Build-dependencies by the name that the script sees (`-` as `_`).
    pub build_dependencies: BTreeMap<String, BuildDependency>,
    /// Dependencies' names (`-` as `_`) of the package itself, as in `[dependencies]`.
    pub dependencies: Vec<String>,
    /// The text of the package's Cargo.toml.
    pub manifest: String,
    /// The contents of files, by path relative to the package, that replace those on disk.
    pub in_memory: BTreeMap<String, Vec<u8>>,
    /// Folders are listed from their last entry on: nothing that is derived may hang on it.
    #[doc(hidden)]
    pub backwards: bool,
}

/// A package that a script uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildDependency {
    /// The dependency's own package name, which may differ from the name in the manifest.
    pub package: String,
    /// The versions asked for; `None` where none is written.
    pub requirement: Option<String>,
    /// True if it comes from crates.io, and not from a folder, a repository or another registry.
    pub from_crates_io: bool,
}

/// Why a package cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceError(pub String);

impl std::fmt::Display for SourceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SourceError {}

/// Files larger than this are not read.
const MAX_FILE: u64 = 64 << 20;

impl PackageSource {
    /// Returns the names of the files in a folder of the package; none if it cannot be read.
    #[must_use]
    pub fn names_in(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.root.join(folder)).into_iter().flatten().flatten();
        let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
        files.filter_map(|entry| entry.file_name().into_string().ok()).collect()
    }

    /// Reads the facts from a `Cargo.toml`.
    ///
    /// # Errors
    /// When the file cannot be read, is not TOML, or has no package.
    pub fn from_manifest(path: &Path) -> Result<Self, SourceError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| SourceError(format!("{}: {error}", path.display())))?;
        let root = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let root =
            root.canonicalize().map_err(|error| SourceError(format!("{}: {error}", root.display())))?;
        Self::from_text(&root, &text).map_err(|error| SourceError(format!("{}: {error}", path.display())))
    }

    /// Reads the facts from a manifest's text.
    ///
    /// # Errors
    /// When the text is not TOML or has no package.
    pub fn from_text(root: &Path, text: &str) -> Result<Self, SourceError> {
        let document = DeTable::parse(text).map_err(|error| SourceError(error.message().to_owned()))?;
        let document = document.get_ref();
        let package = table(document, "package").or_else(|| table(document, "project"));
        let package = package.ok_or_else(|| SourceError("no `[package]`".into()))?;
        let name = string(package, "name").ok_or_else(|| SourceError("no `package.name`".into()))?;
        let version = string(package, "version").unwrap_or_else(|| "0.0.0".into());
        let script = match package.get("build").map(|value| value.get_ref()) {
            Some(DeValue::String(path)) => Some(PathBuf::from(path.as_ref())),
            Some(DeValue::Boolean(false)) => None,
            _ => Some(PathBuf::from("build.rs")).filter(|path| root.join(path).is_file()),
        };
        let mut metadata = BTreeMap::new();
        for (variable, key) in [
            ("CARGO_PKG_DESCRIPTION", "description"),
            ("CARGO_PKG_HOMEPAGE", "homepage"),
            ("CARGO_PKG_REPOSITORY", "repository"),
            ("CARGO_PKG_LICENSE", "license"),
            ("CARGO_PKG_LICENSE_FILE", "license-file"),
            ("CARGO_PKG_RUST_VERSION", "rust-version"),
            ("CARGO_PKG_README", "readme"),
        ] {
            metadata.insert(variable.to_owned(), string(package, key).unwrap_or_default());
        }
        let mut source = Self {
            root: root.to_owned(),
            script,
            name,
            version,
            links: string(package, "links"),
            edition: string(package, "edition").unwrap_or_else(|| "2015".into()),
            metadata,
            manifest: text.to_owned(),
            ..Self::default()
        };
        source.read_dependencies(document);
        Ok(source)
    }

    fn read_dependencies(&mut self, document: &DeTable<'_>) {
        let mut explicit = Vec::new();
        if let Some(features) = table(document, "features") {
            for (name, members) in features {
                self.features.push(name.get_ref().to_string());
                if let DeValue::Array(members) = members.get_ref() {
                    explicit.extend(members.iter().filter_map(|member| match member.get_ref() {
                        DeValue::String(text) => text.strip_prefix("dep:").map(str::to_owned),
                        _ => None,
                    }));
                }
            }
        }
        let patched = self.patched(document);
        let mut tables = vec![document];
        if let Some(targets) = table(document, "target") {
            tables.extend(targets.iter().filter_map(|(_, value)| match value.get_ref() {
                DeValue::Table(table) => Some(table),
                _ => None,
            }));
        }
        for holder in tables {
            for (key, build) in
                [("dependencies", false), ("build-dependencies", true), ("build_dependencies", true)]
            {
                let Some(dependencies) = table(holder, key) else { continue };
                for (name, value) in dependencies {
                    let name = name.get_ref().to_string();
                    let seen = name.replace('-', "_");
                    let dependency = build.then(|| self.build_dependency(&name, value.get_ref()));
                    if let DeValue::Table(entry) = value.get_ref() {
                        let optional = matches!(
                            entry.get("optional").map(|v| v.get_ref()),
                            Some(DeValue::Boolean(true))
                        );
                        if optional && !explicit.contains(&name) {
                            self.features.push(name);
                        }
                    }
                    match dependency {
                        Some(mut dependency) => {
                            // Two tables give this name different packages: the host decides which one the script sees.
                            let other =
                                self.build_dependencies.get(&seen).is_some_and(|one| *one != dependency);
                            let patched = patched.contains(&dependency.package);
                            dependency.from_crates_io &= !other && !patched;
                            self.build_dependencies.insert(seen, dependency);
                        }
                        None => self.dependencies.push(seen),
                    }
                }
            }
        }
        self.features.sort();
        self.features.dedup();
    }

    fn build_dependency(&self, name: &str, value: &DeValue<'_>) -> BuildDependency {
        let mut dependency =
            BuildDependency { package: name.to_owned(), requirement: None, from_crates_io: true };
        match value {
            DeValue::String(requirement) => dependency.requirement = Some(requirement.to_string()),
            DeValue::Table(entry) => {
                if matches!(entry.get("workspace").map(|v| v.get_ref()), Some(DeValue::Boolean(true))) {
                    return self
                        .inherited(name)
                        .unwrap_or(BuildDependency { from_crates_io: false, ..dependency });
                }
                dependency.package = string(entry, "package").unwrap_or(dependency.package);
                dependency.requirement = string(entry, "version");
                let elsewhere = ["path", "git", "registry", "registry-index", "base"];
                dependency.from_crates_io = elsewhere.iter().all(|key| entry.get(*key).is_none());
            }
            _ => dependency.from_crates_io = false,
        }
        dependency
    }

    /// Packages that `[patch]` or `[replace]` puts something else in the place of: of the manifest itself, or of a
    /// workspace or a configuration above.
    fn patched(&self, document: &DeTable<'_>) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        add_patched(document, &mut names);
        for folder in self.root.ancestors() {
            for file in ["Cargo.toml", ".cargo/config.toml", ".cargo/config"] {
                if let Ok(text) = std::fs::read_to_string(folder.join(file))
                    && let Ok(document) = DeTable::parse(&text)
                {
                    add_patched(document.get_ref(), &mut names);
                }
            }
        }
        names
    }

    /// Returns the dependency that `workspace = true` refers to: an entry of the first workspace above the package.
    fn inherited(&self, name: &str) -> Option<BuildDependency> {
        for folder in self.root.ancestors() {
            let Ok(text) = std::fs::read_to_string(folder.join("Cargo.toml")) else { continue };
            let document = DeTable::parse(&text).ok()?;
            let Some(workspace) = table(document.get_ref(), "workspace") else { continue };
            let value = table(workspace, "dependencies")?.get(name)?;
            return match value.get_ref() {
                DeValue::Table(entry) if entry.get("workspace").is_some() => None,
                value => Some(self.build_dependency(name, value)),
            };
        }
        None
    }

    /// Returns a path of the package with `.` and `..` resolved by text; `None` if it leads out of the package or is
    /// absolute.
    pub(crate) fn inside(&self, path: &str) -> Option<PathBuf> {
        let mut out = PathBuf::new();
        for component in Path::new(path).components() {
            match component {
                Component::Normal(part) => out.push(part),
                Component::CurDir => {}
                Component::ParentDir => {
                    if !out.pop() {
                        return None;
                    }
                }
                Component::RootDir | Component::Prefix(_) => return None,
            }
        }
        Some(out)
    }

    /// Reads a file's bytes; `Ok(None)` if it does not exist or is no file.
    pub(crate) fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        if let Some(bytes) = self.in_memory.get(path) {
            return Ok(Some(bytes.clone()));
        }
        let Some(real) = self.real(path)? else { return Ok(None) };
        let metadata = std::fs::metadata(&real).map_err(|error| error.to_string())?;
        if !metadata.is_file() {
            return Ok(None);
        }
        if metadata.len() > MAX_FILE {
            return Err(format!("`{path}` is too large to be read"));
        }
        std::fs::read(&real).map(Some).map_err(|error| format!("`{path}`: {error}"))
    }

    /// Returns the kind of a path in the package: `Some(true)` for a folder, `Some(false)` for a file, `None` if
    /// nothing is there.
    pub(crate) fn kind(&self, path: &str) -> Result<Option<bool>, String> {
        Ok(self.real(path)?.map(|real| real.is_dir()))
    }

    /// Returns the names of a folder's entries in the order in which a script might meet them.
    pub(crate) fn list(&self, path: &str) -> Result<Option<Vec<String>>, String> {
        let Some(real) = self.real(path)? else { return Ok(None) };
        let Ok(entries) = std::fs::read_dir(real) else { return Ok(None) };
        let mut names = Vec::new();
        for entry in entries.flatten() {
            names.push(
                entry
                    .file_name()
                    .into_string()
                    .map_err(|_| format!("`{path}` holds a name that is not UTF-8"))?,
            );
        }
        names.sort();
        if self.backwards {
            names.reverse();
        }
        Ok(Some(names))
    }

    /// Returns the names of a folder's entries, sorted: for callers that sort them in a build as well.
    pub(crate) fn list_by_name(&self, path: &str) -> Result<Option<Vec<String>>, String> {
        let mut names = self.list(path)?;
        names.iter_mut().for_each(|names| names.sort());
        Ok(names)
    }

    /// Returns the real path; it is an error if a symlink leads out of the package.
    fn real(&self, path: &str) -> Result<Option<PathBuf>, String> {
        let Some(inside) = self.inside(path) else {
            return Err(format!("`{path}` lies outside the package"));
        };
        match self.root.join(inside).canonicalize() {
            Ok(real) if real.starts_with(&self.root) => Ok(Some(real)),
            Ok(_) => Err(format!("`{path}` leads outside the package")),
            Err(_) => Ok(None),
        }
    }
}

fn add_patched(document: &DeTable<'_>, names: &mut BTreeSet<String>) {
    let registries = table(document, "patch").into_iter().flat_map(|patch| patch.iter());
    for (_, registry) in registries {
        let DeValue::Table(entries) = registry.get_ref() else { continue };
        for (name, entry) in entries {
            let package = match entry.get_ref() {
                DeValue::Table(entry) => string(entry, "package"),
                _ => None,
            };
            names.insert(package.unwrap_or_else(|| name.get_ref().to_string()));
        }
    }
    // `"foo:0.1.2" = { … }`
    let replaced = table(document, "replace").into_iter().flat_map(|replace| replace.iter());
    names.extend(replaced.map(|(id, _)| {
        let id = id.get_ref().rsplit(['/', '#']).next().unwrap_or_default();
        id.split([':', '@']).next().unwrap_or_default().to_owned()
    }));
}

fn table<'t, 's>(holder: &'t DeTable<'s>, key: &str) -> Option<&'t DeTable<'s>> {
    match holder.get(key)?.get_ref() {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}

fn string(holder: &DeTable<'_>, key: &str) -> Option<String> {
    match holder.get(key)?.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_crates_io(more: &str) -> bool {
        let manifest = format!(
            "[package]\nname = \"p\"\nversion = \"1.0.0\"\n[build-dependencies]\nautocfg = \"1\"\n{more}"
        );
        let source = PackageSource::from_text(Path::new("/nonexistent"), &manifest).expect("a manifest");
        source.build_dependencies["autocfg"].from_crates_io
    }

    #[test]
    fn what_is_patched_is_another_crate() {
        assert!(from_crates_io(""));
        assert!(from_crates_io("[patch.crates-io]\ncc = { path = \"cc\" }\n"));
        assert!(!from_crates_io("[patch.crates-io]\nautocfg = { path = \"mine\" }\n"));
        assert!(!from_crates_io("[patch.crates-io]\nother = { path = \"mine\", package = \"autocfg\" }\n"));
        assert!(!from_crates_io("[replace]\n\"autocfg:1.5.0\" = { path = \"mine\" }\n"));
        assert!(!from_crates_io("[target.'cfg(unix)'.build-dependencies]\nautocfg = { path = \"mine\" }\n"));
        assert!(from_crates_io("[target.'cfg(unix)'.build-dependencies]\nautocfg = \"1\"\n"));
    }
}
