//! Cargo.lock, read for the identity of packages: source and checksum.

use std::collections::{BTreeMap, BTreeSet};

use toml::de::{DeTable, DeValue};

/// The checksum that Cargo.lock holds per package.
#[derive(Debug, Default)]
pub struct Lockfile {
    /// (name, version, source) → checksum, for packages from a registry.
    pub checksums: BTreeMap<(String, String, String), String>,
    /// (name, version) → sources; `None` is a folder of this machine.
    pub sources: BTreeMap<(String, String), BTreeSet<Option<String>>>,
}

impl Lockfile {
    /// Reads a lock file.
    ///
    /// # Errors
    /// It is not TOML; cargo has read it before, so this names an incompatible format.
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
