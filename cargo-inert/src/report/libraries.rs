//! `cargo inert audit --libraries`: the native libraries that a build needs, for Dockerfiles and packagers.

use std::collections::{BTreeMap, BTreeSet};

use inert_resolver::discovery::provider::{Ask, Choice, Discovery, Problem};
use inert_resolver::discovery::remedies::{System, install, install_foreign, together};
use serde::Serialize;

use crate::inventory::{Inventory, Provider};
use crate::plan::model::{Action, Plan, Providers, UnknownName};

/// The output of `--format json`.
#[derive(Debug, Default, Serialize)]
pub struct Libraries {
    /// The version of the format.
    pub schema: u32,
    /// The libraries, each once for each target.
    pub libraries: Vec<Needed>,
    /// The commands that install all system libraries, by system.
    pub install: BTreeMap<&'static str, Vec<String>>,
    /// The targets other than the host, which those commands are for as well: on a machine or in a sysroot of the target.
    pub foreign: Vec<String>,
    /// The system libraries that those commands lack, by system, each with advice on how to find its package.
    pub unknown: BTreeMap<&'static str, BTreeMap<String, String>>,
    /// The native code that packages bring along: sources that are compiled, and what they ship compiled.
    pub bundled: Vec<Bundled>,
    /// The packages whose native code is not known, since no declaration stands for their scripts.
    pub not_known: Vec<NotKnown>,
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
    /// True if it is linked into what runs while other targets are built for: build scripts and proc macros.
    pub for_host: bool,
    /// `system`, `source`, `absent` (every package can do without it) or `missing`.
    pub provider: &'static str,
    /// The version on this system.
    pub version: Option<String>,
    /// The version on this system that a package does not accept.
    pub unsuitable: Option<String>,
    /// True if it was looked for and not found.
    pub sought: bool,
    /// The packages that ask for it.
    pub asked_by: Vec<AskedBy>,
    /// The command that installs it, by system.
    pub install: BTreeMap<&'static str, String>,
    /// The problem with code that a package brings along, where the policy takes the library from the system.
    #[serde(skip)]
    pub refused: Option<String>,
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

/// Native code that a package brings along, for one target.
#[derive(Debug, Serialize)]
pub struct Bundled {
    /// The library's key, or the name of the archive.
    pub library: String,
    /// The target that it is linked for.
    pub platform: String,
    /// The package, as `name version`.
    pub package: String,
    /// `source` if it is compiled, `prebuilt` if the package ships it compiled.
    pub form: &'static str,
    /// The version of the library, if it is known.
    pub version: Option<String>,
    /// The number of files, if it is known before the build.
    pub files: Option<usize>,
    /// False if it is known only during the build whether it is compiled.
    pub certain: bool,
}

/// A package that links what nothing here knows.
#[derive(Debug, Serialize)]
pub struct NotKnown {
    /// The package, as `name version`.
    pub package: String,
    /// The library that it links, by its `links`.
    pub links: String,
    /// `refused` or `runs`: the verdict on its script.
    pub script: &'static str,
}

/// Returns the native libraries of a build.
#[must_use]
pub fn libraries(plan: &Plan, inventory: &Inventory) -> Libraries {
    let providers = &plan.providers;
    let mut needed: BTreeMap<(String, String), Needed> = BTreeMap::new();
    for ask in &providers.asks {
        let library = ask.modules.first().unwrap_or(&ask.key).clone();
        let entry = needed.entry((ask.platform.clone(), library.clone())).or_insert_with(|| {
            let modules: Vec<String> = ask.modules.iter().take(1).cloned().collect();
            let commands = System::ALL
                .iter()
                .filter(|(_, system)| serves(*system, &ask.platform))
                .filter_map(|(name, system)| {
                    let command = if ask.platform == inventory.host {
                        install(Some(*system), &modules)
                    } else {
                        install_foreign(*system, &modules, &ask.platform)
                    };
                    Some((*name, command?))
                });
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
        match &ask.found {
            Discovery::Found { version } => entry.version = entry.version.take().or(version.clone()),
            Discovery::NotFound { has, .. } => {
                entry.sought = true;
                entry.unsuitable = entry.unsuitable.take().or(has.clone());
            }
            Discovery::NotAsked => {}
        }
        entry.asked_by.push(AskedBy {
            package: ask.package.clone(),
            versions: range(ask),
            optional: ask.optional,
        });
    }
    let mut libraries: Vec<Needed> = needed.into_values().collect();
    let crosses = inventory.targets.iter().any(|target| *target != inventory.host);
    for library in &mut libraries {
        library.for_host = crosses && library.platform == inventory.host;
    }
    let from_system = |entry: &&Needed| matches!(entry.provider, "system" | "missing");
    let mut report = Libraries { schema: 1, ..Libraries::default() };
    let foreign = libraries.iter().filter(from_system).filter(|entry| entry.platform != inventory.host);
    report.foreign =
        foreign.map(|entry| entry.platform.clone()).collect::<BTreeSet<_>>().into_iter().collect();
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
    libraries.extend(refused(providers));
    libraries.sort_by(|a, b| (&a.platform, &a.library).cmp(&(&b.platform, &b.library)));
    report.libraries = libraries;
    report.bundled = bundled(inventory);
    report.not_known = not_known(plan);
    report.unknown_names.clone_from(&providers.unknown_names);
    report
}

/// Returns what packages bring along although the policy takes it from the system: no system is known to have it.
fn refused(providers: &Providers) -> impl Iterator<Item = Needed> {
    providers.selection.problems.iter().filter_map(|problem| match problem {
        Problem::Bundled { library, platform, package, .. } => Some(Needed {
            library: library.clone(),
            platform: platform.clone(),
            provider: "missing",
            asked_by: vec![AskedBy { package: package.clone(), versions: String::new(), optional: false }],
            refused: Some(problem.headline()),
            ..Needed::default()
        }),
        _ => None,
    })
}

fn bundled(inventory: &Inventory) -> Vec<Bundled> {
    let entry = |native: &crate::inventory::Native| {
        let (package, form, version, files, certain) = match &native.provider {
            Provider::Bundled { package, version, files, certain, .. } => {
                (package, "source", version.clone(), *files, *certain)
            }
            Provider::Prebuilt { package, files } => (package, "prebuilt", None, Some(files.len()), true),
            Provider::System { .. } | Provider::Missing | Provider::Script { .. } => return None,
        };
        Some(Bundled {
            library: native.name.clone(),
            platform: native.target.clone(),
            package: package.clone(),
            form,
            version,
            files,
            certain,
        })
    };
    inventory.natives.iter().filter_map(entry).collect()
}

fn not_known(plan: &Plan) -> Vec<NotKnown> {
    let entry = |decision: &crate::plan::model::Decision| {
        let script = match decision.action {
            Action::Deny => "refused",
            Action::Run => "runs",
            _ => return None,
        };
        let links = decision.package.links.clone()?;
        Some(NotKnown { package: decision.package.id.to_string(), links, script })
    };
    plan.decisions.iter().filter_map(entry).collect()
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
            let host = if library.for_host { " (the host: for build scripts and proc macros)" } else { "" };
            text.push_str(&format!("{platform}{host}\n"));
        }
        // What is built from source has a version of its own, which stands with what packages bring along.
        let on_system = library.version.as_ref().filter(|_| library.provider == "system");
        let version = on_system.map(|version| format!(" {version}")).unwrap_or_default();
        let other = library.unsuitable.as_ref().filter(|_| library.provider != "system");
        let lacks = match other {
            Some(version) => format!("this system's is {version}, which will not do"),
            None => "not on this system".to_owned(),
        };
        let state = match (library.provider, &library.version) {
            ("system", _) => "found on this system".to_owned(),
            ("source", None) if library.sought => format!("{lacks}: will be built from source"),
            ("source", Some(has)) => format!("built from source (this system has {has})"),
            ("source", _) => "built from source".to_owned(),
            ("absent", _) => format!("{lacks}, and the build does without"),
            ("missing", _) if library.refused.is_some() => {
                format!("refused: {}", library.refused.as_deref().unwrap_or_default())
            }
            ("missing", _) if other.is_some() => format!("missing: {lacks}"),
            (other, _) => other.to_owned(),
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
    if !report.bundled.is_empty() {
        text.push_str("\nWhat packages bring along:\n");
    }
    for one in &report.bundled {
        let version = one.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
        let files = one.files.map(|count| format!(", {}", super::counted(count, "file", "files")));
        let form = match (one.form, one.certain) {
            ("prebuilt", _) => "shipped compiled",
            (_, true) => "compiled",
            (_, false) => "compiled, if the build finds that it must be",
        };
        text.push_str(&format!(
            "  {}{version} for {}: {form}{}, by {}\n",
            one.library,
            one.platform,
            files.unwrap_or_default(),
            one.package
        ));
    }
    if !report.not_known.is_empty() {
        text.push_str("\nNot known, since no declaration says what these link:\n");
    }
    for one in &report.not_known {
        text.push_str(&format!(
            "  {} ({}): its script {}\n",
            one.links,
            one.package,
            match one.script {
                "runs" => "runs",
                _ => "is refused",
            }
        ));
    }
    if !report.install.is_empty() {
        text.push_str("\nTo install those that come from the system");
        if !report.foreign.is_empty() {
            text.push_str(&format!(
                " (for {}: on a machine of that target or into a sysroot; Debian's also beside the host's, after `dpkg --add-architecture`)",
                report.foreign.join(", ")
            ));
        }
        text.push_str(":\n");
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
