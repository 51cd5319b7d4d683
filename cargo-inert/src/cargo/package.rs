//! A package as the unit graph names it: its identity from the package id, its folder and manifest from its sources.

use std::path::{Component, Path, PathBuf};

use toml::de::{DeTable, DeValue};

/// The identity of a package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct PackageId {
    /// The name of the package.
    pub name: String,
    /// The version of the package.
    pub version: String,
    /// The source: `registry+…`, `git+…` or `path+file://…`, as Cargo spells it.
    pub source: String,
}

/// A package with its folder and the facts from its manifest.
#[derive(Debug, Clone)]
pub struct Package {
    /// The identity of the package.
    pub id: PackageId,
    /// The folder of its manifest.
    pub root: PathBuf,
    /// The text of its Cargo.toml.
    pub manifest: String,
    /// The value of `package.links`.
    pub links: Option<String>,
    /// `package.rust-version`, unless it is inherited from the workspace.
    pub rust_version: Option<String>,
}

impl PackageId {
    /// Parses an id as `cargo metadata` and the unit graph print it (the Cargo book, "Package ID Specifications"):
    /// `SOURCE#NAME@VERSION`, or `SOURCE#VERSION` if the name is the last part of the path.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        let (source, fragment) = id.rsplit_once('#')?;
        let (name, version) = match fragment.rsplit_once('@') {
            Some((name, version)) => (name.to_owned(), version),
            None => {
                let path = source.split(['?', '#']).next()?;
                (path.trim_end_matches('/').rsplit('/').next()?.trim_end_matches(".git").to_owned(), fragment)
            }
        };
        Some(Self { name, version: version.to_owned(), source: source.to_owned() })
    }

    /// Parses the package id of a unit.
    ///
    /// # Errors
    /// The id has another form.
    pub fn of_unit(id: &str) -> Result<Self, String> {
        Self::parse(id).ok_or_else(|| format!("cargo named a package in a form that is not known: {id}"))
    }

    /// Returns the folder that the id of a local package names.
    fn folder(&self) -> Option<PathBuf> {
        let url = self.source.strip_prefix("path+file://")?;
        let mut bytes = Vec::new();
        let mut rest = url.bytes();
        while let Some(byte) = rest.next() {
            if byte == b'%' {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                bytes.push(u8::try_from(digit(rest.next())? * 16 + digit(rest.next())?).ok()?);
            } else {
                bytes.push(byte);
            }
        }
        let text = String::from_utf8(bytes).ok()?;
        // The path of a URL on Windows begins with a slash: `/C:/folder`.
        let drive = text.as_bytes().get(2) == Some(&b':');
        Some(PathBuf::from(if cfg!(windows) && drive { &text[1..] } else { &text }))
    }

    /// Returns whether the package comes from a folder on this machine.
    #[must_use]
    pub fn is_path(&self) -> bool {
        self.source.starts_with("path+")
    }
}

impl std::fmt::Display for PackageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

impl Package {
    /// Finds the package of a target: in the folder that its id names or, if Cargo unpacked it, in the only folder
    /// above the target's source whose manifest has its name.
    ///
    /// # Errors
    /// There is no such folder, or there are several, so that the manifest of another package could be taken for this
    /// one's; or the manifest cannot be read.
    pub fn locate(id: PackageId, script: &Path) -> Result<Self, String> {
        if let Some(folder) = id.folder() {
            return Self::in_folder(id, &folder);
        }
        let mut found: Option<Self> = None;
        for folder in script.ancestors().skip(1) {
            let path = folder.join("Cargo.toml");
            let Ok(manifest) = crate::file::read_text(&path) else { continue };
            let Some(facts) = ManifestFacts::parse(&manifest) else { continue };
            if facts.name.as_deref() == Some(&id.name) {
                if let Some(nearer) = &found {
                    return Err(format!(
                        "both {} and {} have a Cargo.toml of a package `{}`; which of them `{id}` is cannot be told",
                        nearer.root.display(),
                        folder.display(),
                        id.name
                    ));
                }
                found = Some(Self {
                    id: id.clone(),
                    root: folder.to_path_buf(),
                    links: facts.links,
                    rust_version: facts.rust_version,
                    manifest,
                });
            }
        }
        found.ok_or_else(|| format!("no Cargo.toml of package `{id}` above {}", script.display()))
    }

    /// Reads the package in a known folder, such as the one that Cargo names to a rustc it starts.
    ///
    /// # Errors
    /// The manifest cannot be read or has no `[package]`.
    pub fn in_folder(id: PackageId, root: &Path) -> Result<Self, String> {
        let path = root.join("Cargo.toml");
        let manifest =
            crate::file::read_text(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let facts =
            ManifestFacts::parse(&manifest).ok_or_else(|| format!("{}: no [package]", path.display()))?;
        Ok(Self {
            id,
            root: root.to_path_buf(),
            links: facts.links,
            rust_version: facts.rust_version,
            manifest,
        })
    }

    /// Returns the names in the manifest's `[features]`.
    #[must_use]
    pub fn features(&self) -> Vec<String> {
        let document = DeTable::parse(&self.manifest).ok();
        let features = document.as_ref().and_then(|document| document.get_ref().get("features"));
        match features.map(|value| value.get_ref()) {
            Some(DeValue::Table(table)) => table.keys().map(|name| name.get_ref().to_string()).collect(),
            _ => Vec::new(),
        }
    }
}

struct ManifestFacts {
    name: Option<String>,
    links: Option<String>,
    rust_version: Option<String>,
}

impl ManifestFacts {
    fn parse(text: &str) -> Option<Self> {
        let document = DeTable::parse(text).ok()?;
        let package = match document.get_ref().get("package")?.get_ref() {
            DeValue::Table(table) => table,
            _ => return None,
        };
        let field = |name: &str| match package.get(name).map(|value| value.get_ref()) {
            Some(DeValue::String(text)) => Some(text.to_string()),
            _ => None,
        };
        Some(Self { name: field("name"), links: field("links"), rust_version: field("rust-version") })
    }
}

/// Returns the source as a pin names it. A folder is named relative to the workspace's root, so that another checkout
/// has the same pins.
#[must_use]
pub fn pin_source(package: &Package, workspace_root: &Path) -> String {
    if !package.id.is_path() {
        return package.id.source.clone();
    }
    let common =
        workspace_root.components().zip(package.root.components()).take_while(|(a, b)| a == b).count();
    // With another drive, or only the root in common, no relative path would be the same for another checkout.
    if common <= 1 {
        return package.id.source.clone();
    }
    let up = workspace_root.components().count() - common;
    let down =
        package.root.components().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<String> = std::iter::repeat_n("..".to_owned(), up).chain(down).collect();
    match parts.first().map(String::as_str) {
        None => "path+.".to_owned(),
        Some("..") => format!("path+{}", parts.join("/")),
        Some(_) => format!("path+./{}", parts.join("/")),
    }
}

/// Returns `package.name` of a manifest.
#[must_use]
pub fn name_in(manifest: &str) -> Option<String> {
    ManifestFacts::parse(manifest)?.name
}

/// Returns the version of a bundled library from the build metadata of its package's version: `1.9.4`, `zstd.1.5.7`,
/// `curl-8.9.0`. Other forms are not understood.
#[must_use]
pub fn upstream_version(build: &str) -> Option<String> {
    let version = build.trim_start_matches(|c: char| !c.is_ascii_digit());
    let prefix = &build[..build.len() - version.len()];
    let is_name = prefix.is_empty()
        || prefix.ends_with(['.', '-'])
            && prefix.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c));
    let is_version = version.contains('.')
        && version.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c))
        && version.split('.').all(|part| !part.is_empty());
    (is_name && is_version).then(|| version.to_owned())
}

/// Joins `path` to `base` and removes `.` and `..` lexically, so that equal paths compare equal.
#[must_use]
pub fn path_from(base: &Path, path: impl AsRef<Path>) -> PathBuf {
    let mut result = PathBuf::new();
    for part in base.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                result.pop();
            }
            other => result.push(other),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_in_build_metadata() {
        for (build, version) in [
            ("1.9.4", Some("1.9.4")),
            ("zstd.1.5.7", Some("1.5.7")),
            ("curl-8.9.0-DEV", Some("8.9.0-DEV")),
            ("3.4.0", Some("3.4.0")),
            (
                "5.3.0-4-ge13ca993e8ccb9ba9847cc330696e02839f328f7",
                Some("5.3.0-4-ge13ca993e8ccb9ba9847cc330696e02839f328f7"),
            ),
            ("20240101", None),
            ("wasi-snapshot", None),
            ("..", None),
            ("a1.2", None),
        ] {
            assert_eq!(upstream_version(build).as_deref(), version, "{build}");
        }
    }

    #[test]
    fn ids_of_every_source() {
        let parse = |text: &str| {
            let id = PackageId::parse(text).unwrap();
            (id.name, id.version, id.source)
        };
        let expect = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(
            parse("registry+https://x/index#libc@0.2.1"),
            expect("libc", "0.2.1", "registry+https://x/index")
        );
        assert_eq!(parse("path+file:///a/zed#0.1.0"), expect("zed", "0.1.0", "path+file:///a/zed"));
        assert_eq!(
            parse("git+https://x/y/zed.git?rev=a#0.1.0+b"),
            expect("zed", "0.1.0+b", "git+https://x/y/zed.git?rev=a")
        );
    }
}
