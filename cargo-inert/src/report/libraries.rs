//! `cargo inert audit --libraries`: the native libraries that a build needs, for Dockerfiles and packagers.

use std::collections::BTreeMap;

use inert_resolver::discovery::provider::{Ask, Choice, Discovery};
use inert_resolver::discovery::remedies::{System, install, together};
use serde::Serialize;

use crate::plan::model::{Providers, UnknownName};

/// The output of `--format json`.
#[derive(Debug, Default, Serialize)]
pub struct Libraries {
    /// The version of the format.
    pub schema: u32,
    /// The libraries, each once for each target.
    pub libraries: Vec<Needed>,
    /// The commands that install all system libraries, by system.
    pub install: BTreeMap<&'static str, Vec<String>>,
    /// The system libraries that those commands lack, by system, each with advice on how to find its package.
    pub unknown: BTreeMap<&'static str, BTreeMap<String, String>>,
    /// The settings of inert.toml with a name that no library of the build has.
    pub unknown_names: Vec<UnknownName>,
}

/// One library for one target.
#[derive(Debug, Default, Serialize)]
pub struct Needed {
    /// The pkg-config module, or the key in the declaration.
    pub library: String,
    /// The target that it is linked for.
    pub platform: String,
    /// `system`, `source`, `absent` (every package can do without it) or `missing`.
    pub provider: &'static str,
    /// The version on this system.
    pub version: Option<String>,
    /// The packages that ask for it.
    pub asked_by: Vec<AskedBy>,
    /// The command that installs it, by system.
    pub install: BTreeMap<&'static str, String>,
}

/// A package that asks for a library.
#[derive(Debug, Serialize)]
pub struct AskedBy {
    /// Name and version of the package.
    pub package: String,
    /// The versions that it accepts; empty for any.
    pub versions: String,
    /// True if the package can do without the library.
    pub optional: bool,
}

/// Returns the native libraries of a build.
#[must_use]
pub fn libraries(providers: &Providers) -> Libraries {
    let mut needed: BTreeMap<(String, String), Needed> = BTreeMap::new();
    for ask in &providers.asks {
        let library = ask.modules.first().unwrap_or(&ask.key).clone();
        let entry = needed.entry((ask.platform.clone(), library.clone())).or_insert_with(|| {
            let modules: Vec<String> = ask.modules.iter().take(1).cloned().collect();
            let commands = System::ALL
                .iter()
                .filter(|(_, system)| serves(*system, &ask.platform))
                .filter_map(|(name, system)| Some((*name, install(Some(*system), &modules)?)));
            Needed {
                library,
                platform: ask.platform.clone(),
                provider: provider(providers, ask),
                install: commands.collect(),
                ..Needed::default()
            }
        });
        // The vcpkg port that the package itself would link.
        if let Some(port) = ask.ports.first() {
            entry.install.insert("vcpkg", format!("vcpkg install {port}"));
        }
        if let Discovery::Found { version } = &ask.found {
            entry.version = entry.version.take().or(version.clone());
        }
        entry.asked_by.push(AskedBy {
            package: ask.package.clone(),
            versions: range(ask),
            optional: ask.optional,
        });
    }
    let libraries: Vec<Needed> = needed.into_values().collect();
    let from_system = |entry: &&Needed| matches!(entry.provider, "system" | "missing");
    let mut report = Libraries { schema: 1, ..Libraries::default() };
    for (name, system) in System::ALL {
        let commands = libraries.iter().filter(from_system).filter_map(|entry| entry.install.get(name));
        let commands = together(commands.map(String::as_str));
        if commands.is_empty() {
            continue;
        }
        report.install.insert(name, commands);
        let of_system = libraries.iter().filter(from_system).filter(|entry| serves(*system, &entry.platform));
        let left = of_system.filter_map(|entry| match entry.install.get(name) {
            Some(command) if !together([command.as_str()]).is_empty() => None,
            Some(advice) => Some((entry.library.clone(), advice.clone())),
            None => Some((entry.library.clone(), "no pkg-config module is known of it".to_owned())),
        });
        let left: BTreeMap<String, String> = left.collect();
        if !left.is_empty() {
            report.unknown.insert(name, left);
        }
    }
    report.libraries = libraries;
    report.unknown_names.clone_from(&providers.unknown_names);
    report
}

/// Returns whether libraries of a package manager can be linked for a target: a Linux distribution has only its own.
fn serves(system: System, target: &str) -> bool {
    match system {
        System::Vcpkg => true,
        System::Homebrew | System::Nix => !target.contains("windows"),
        _ => !target.contains("windows") && !target.contains("apple"),
    }
}

/// Formats the libraries as text.
#[must_use]
pub fn human(report: &Libraries) -> String {
    let mut text = String::new();
    let mut platform = "";
    for library in &report.libraries {
        if library.platform != platform {
            platform = &library.platform;
            text.push_str(&format!("{platform}\n"));
        }
        let version = library.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
        let state = match library.provider {
            "system" => "found on this system",
            "source" => "built from source",
            "absent" => "not on this system, and the build does without",
            other => other,
        };
        text.push_str(&format!("  {}{version}: {state}\n", library.library));
        for asked in &library.asked_by {
            let versions = if asked.versions.is_empty() { "any version" } else { &asked.versions };
            let optional = if asked.optional { ", optional" } else { "" };
            text.push_str(&format!("    {}: {versions}{optional}\n", asked.package));
        }
    }
    if report.libraries.is_empty() {
        text.push_str("no declaration of this build asks for a native library\n");
    }
    if !report.install.is_empty() {
        text.push_str("\nTo install those that come from the system:\n");
    }
    let width = report.install.keys().map(|system| system.len()).max().unwrap_or_default();
    for (system, commands) in &report.install {
        for command in commands {
            text.push_str(&format!("  {system:<width$}  {command}\n"));
        }
        if let Some(left) = report.unknown.get(system) {
            let left: Vec<String> =
                left.iter().map(|(library, advice)| format!("{library} ({advice})")).collect();
            text.push_str(&format!(
                "  {:<width$}  and, by a name that is not known here: {}\n",
                "",
                left.join(", ")
            ));
        }
    }
    for unknown in &report.unknown_names {
        text.push_str(&format!("\n{}\n", unknown.sentence()));
    }
    text
}

fn provider(providers: &Providers, ask: &Ask) -> &'static str {
    let chosen = providers.selection.chosen.iter().find(|chosen| {
        chosen.platform == ask.platform
            && chosen.asked_by.iter().any(|(package, key)| *package == ask.package && *key == ask.key)
    });
    match chosen.map(|chosen| &chosen.choice) {
        Some(Choice::System { .. }) => "system",
        Some(Choice::Source { .. }) => "source",
        // The library was not found, so the package builds its own source.
        Some(Choice::Absent) if ask.source.is_some() => "source",
        Some(Choice::Absent) => "absent",
        None => "missing",
    }
}

fn range(ask: &Ask) -> String {
    let parts: Vec<_> =
        ask.version.comparisons.iter().map(|test| format!("{}{}", test.operator, test.value)).collect();
    parts.join(", ")
}
