//! The profiles that descend from `release`. Cargo tells a build script in `PROFILE` whether the profile does (the
//! Cargo book, "Environment variables Cargo sets for build scripts"); the unit graph has only the profile's name.

use std::collections::BTreeMap;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::configuration::Configuration;
use crate::environment::Environment;

/// The parent (`inherits`) of each profile that names one.
#[derive(Debug, Clone, Default)]
pub struct Profiles(BTreeMap<String, String>);

impl Profiles {
    /// Reads the parents from the workspace's manifest, Cargo's configuration and `CARGO_PROFILE_<NAME>_INHERITS`, with
    /// Cargo's precedence: the command line, the environment, the files, the manifest. A manifest that Cargo refuses
    /// counts as empty.
    #[must_use]
    pub fn read(manifest: &Path, configuration: &Configuration, environment: &Environment) -> Self {
        let text = std::fs::read_to_string(manifest).unwrap_or_default();
        let mut inherits = of_manifest(&text).unwrap_or_default();
        let mut names: Vec<String> = inherits.keys().cloned().collect();
        let settings = configuration.settings.iter();
        let settings: Vec<_> = settings
            .filter(|setting| matches!(&setting.key[..], [table, _, key] if table == "profile" && key == "inherits"))
            .collect();
        names.extend(settings.iter().map(|setting| setting.key[1].clone()));
        for setting in settings.iter().filter(|setting| setting.file.is_some()) {
            inherits.insert(setting.key[1].clone(), setting.value.clone());
        }
        for name in names {
            let variable = format!("CARGO_PROFILE_{}_INHERITS", name.to_uppercase().replace('-', "_"));
            if let Some(value) = environment.text(&variable) {
                inherits.insert(name, value.to_owned());
            }
        }
        for setting in settings.iter().filter(|setting| setting.file.is_none()) {
            inherits.insert(setting.key[1].clone(), setting.value.clone());
        }
        Self(inherits)
    }

    /// Returns the value of `PROFILE` for a profile: `release` if the profile descends from it, else `debug`.
    #[must_use]
    pub fn told(&self, profile: &str) -> &'static str {
        let mut name = profile;
        // Cargo refuses a cycle; the bound only ends the loop.
        for _ in 0..=self.0.len() {
            match name {
                "release" | "bench" => return "release",
                "dev" | "test" => return "debug",
                _ => match self.0.get(name) {
                    Some(next) => name = next,
                    None => return "debug",
                },
            }
        }
        "debug"
    }
}

fn of_manifest(text: &str) -> Option<BTreeMap<String, String>> {
    let document = DeTable::parse(text).ok()?;
    let DeValue::Table(profiles) = document.get_ref().get("profile")?.get_ref() else { return None };
    let mut inherits = BTreeMap::new();
    for (name, table) in profiles {
        if let DeValue::Table(table) = table.get_ref()
            && let Some(DeValue::String(parent)) = table.get("inherits").map(|value| value.get_ref())
        {
            inherits.insert(name.get_ref().to_string(), parent.to_string());
        }
    }
    Some(inherits)
}
