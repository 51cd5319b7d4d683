//! Reads Cargo.lock for the identity of packages: source and checksum.

use std::collections::{BTreeMap, BTreeSet};

use toml::de::{DeTable, DeValue};

/// The sources and checksums that Cargo.lock has for packages.
#[derive(Debug, Default)]
pub struct Lockfile {
    /// The checksums of packages from a registry, by name, version and source.
    pub checksums: BTreeMap<(String, String, String), String>,
    /// The sources by name and version; `None` is a folder of this machine.
    pub sources: BTreeMap<(String, String), BTreeSet<Option<String>>>,
}

impl Lockfile {
    /// Parses the text of a lock file.
    ///
    /// # Errors
    /// The text is not TOML. Cargo has read the file before, so its format is unknown to this Inert.
    pub fn parse(text: &str) -> Result<Self, String> {
        let document = DeTable::parse(text).map_err(|error| format!("Cargo.lock: {error}"))?;
        let mut checksums = BTreeMap::new();
        let mut sources = BTreeMap::new();
        if let Some(DeValue::Array(packages)) = document.get_ref().get("package").map(|value| value.get_ref())
        {
            for package in packages.iter() {
                let DeValue::Table(package) = package.get_ref() else { continue };
                let field = |name: &str| match package.get(name).map(|value| value.get_ref()) {
                    Some(DeValue::String(text)) => Some(text.to_string()),
                    _ => None,
                };
                if let (Some(name), Some(version)) = (field("name"), field("version")) {
                    let of_this: &mut BTreeSet<_> = sources.entry((name, version)).or_default();
                    of_this.insert(field("source"));
                }
                if let (Some(name), Some(version), Some(source), Some(checksum)) =
                    (field("name"), field("version"), field("source"), field("checksum"))
                {
                    checksums.insert((name, version, source), checksum);
                }
            }
        }
        Ok(Self { checksums, sources })
    }
}
