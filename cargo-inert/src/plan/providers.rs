//! One provider per library and platform, fixed before Cargo starts from all that ask: stand-ins run apart and in
//! parallel, and could otherwise choose differently. What is missing is found here, all of it at once.

use std::collections::BTreeMap;
use std::path::PathBuf;

use inert_manifest_spec::condition::Fact;
use inert_manifest_spec::{Condition, Declaration, Guarded, Item, Library, PathRef, Prefer, Truth};
use inert_resolver::discovery::provider::{Ask, Choice, Discovery, Problem, Selection, Source, select};
use inert_resolver::discovery::system_deps::{self, metadata};
use inert_resolver::request::{LibraryPolicy, LibrarySource};
use inert_resolver::{Journal, Request, World, discovery, facts};
use serde::{Deserialize, Serialize};

use super::Action;
use super::decide::Declared;
use super::make::Decision;
use super::run_facts;
use crate::cargo::recording::Recording;
use crate::environment::Environment;

/// Where a stand-in takes a library from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provided {
    /// The system: discovery, and no source build.
    System,
    /// The source that the package ships.
    Source,
    /// The source that another package of the build ships.
    Shared {
        /// That package's script in the plan.
        script: String,
        /// The key of its `library` table.
        key: String,
        /// Of its declaration, so that a run is made anew when that changes.
        digest: String,
    },
}

/// What was fixed, and what stands against it.
#[derive(Debug, Default)]
pub struct Providers {
    /// By package and version, target and key of the `library` table.
    pub fixed: BTreeMap<(String, String, String), Provided>,
    /// Every wish, with what discovery says of it.
    pub asks: Vec<Ask>,
    /// For people and `explain`.
    pub selection: Selection,
    /// What discovery read.
    pub journal: Journal,
}

/// Asks discovery for every library of every declaration that stands in, and fixes who provides it.
#[must_use]
pub fn fix(
    decisions: &[Decision],
    recording: &Recording,
    policies: &BTreeMap<String, LibraryPolicy>,
    environment: &Environment,
) -> Providers {
    let mut world = World::new(environment.variables.clone().into_iter().collect(), PathBuf::new());
    let mut asks = Vec::new();
    for decision in decisions.iter().filter(|decision| decision.action == Action::Replace) {
        let Some(declared) = decision.declared.as_ref().filter(|declared| {
            !declared.declaration.library.is_empty() || declared.declaration.system_deps.is_some()
        }) else {
            continue;
        };
        let mut seen = Vec::new();
        for run in decision.runs.iter().filter(|run| run.needed) {
            let facts = run_facts::facts_of(recording, &run.target);
            let Ok(mut request) = run_facts::request(&decision.package, run, &facts, &recording.rustc) else {
                continue;
            };
            let Some(policy) = policies.get(&run.target) else { continue };
            request.libraries.clone_from(policy);
            for (key, library) in &asked(&declared.declaration, &request, &mut world) {
                if seen.contains(&(run.target.clone(), key.clone())) {
                    continue;
                }
                seen.push((run.target.clone(), key.clone()));
                let ships = declared.declaration.source_of(key).is_some();
                asks.push(ask(decision, key, (library, ships), &request, policy, &mut world));
            }
        }
    }
    let selection = select(&asks, policies);
    let mut fixed = BTreeMap::new();
    for chosen in &selection.chosen {
        for (package, key) in &chosen.asked_by {
            let provided = match &chosen.choice {
                Choice::System { .. } => Provided::System,
                Choice::Source { package: builder, .. } if builder == package => Provided::Source,
                Choice::Source { .. } if chosen.apart.contains(&(package.clone(), key.clone())) => {
                    Provided::Source
                }
                Choice::Source { package: builder, key } => {
                    let decided =
                        decisions.iter().find(|decision| decision.package.id.to_string() == *builder);
                    let Some(decision) = decided else { continue };
                    let text = decision.declared.as_ref().map_or("", |declared| declared.text.as_str());
                    let digest = crate::digest::text(text);
                    Provided::Shared { script: decision.id(), key: key.clone(), digest }
                }
                Choice::Absent => continue,
            };
            fixed.insert((package.clone(), chosen.platform.clone(), key.clone()), provided);
        }
    }
    Providers { fixed, asks, selection, journal: world.journal }
}

/// The libraries that a declaration asks for in a run, those of `[package.metadata.system-deps]` included.
pub fn asked(declaration: &Declaration, request: &Request, world: &mut World) -> Vec<(String, Library)> {
    let table = system_deps(declaration, request, world);
    let own = declaration.library.iter().map(|(key, library)| (key.clone(), library.clone()));
    let mut all: Vec<(String, Library)> = own.chain(table).collect();
    // What hangs on a probe or on a dependency is known only when the stand-in asks.
    all.retain(|(_, library)| {
        library.when.as_ref().is_none_or(|when| truth(when, request, world) == Truth::Yes)
    });
    all
}

/// What the package's `[package.metadata.system-deps]` asks for. What is wrong with the table its stand-in will say.
fn system_deps(declaration: &Declaration, request: &Request, world: &mut World) -> Vec<(String, Library)> {
    let stands = |when: &Condition, world: &mut World| truth(when, request, world) == Truth::Yes;
    if !declaration.system_deps.as_ref().is_some_and(|when| stands(when, world)) {
        return Vec::new();
    }
    let manifest = request.package.manifest_dir.join("Cargo.toml");
    let table = world.read_text(&manifest).ok().and_then(|text| metadata::parse(&text).ok().flatten());
    table.and_then(|table| system_deps::libraries(&table, request, world).ok()).unwrap_or_default()
}

/// What the package says of its own source: its version, by the header's macro, and whether it can be built for others.
/// A dependency's metadata is told to the package's own script alone.
fn source(
    declared: &Declared,
    key: &str,
    library: &Library,
    request: &Request,
    world: &mut World,
) -> Option<Source> {
    let Some(fallback) = &library.fallback else {
        // One that is only implied stands or falls by conditions of the package's own.
        return declared.declaration.source_of(key).map(|_| Source::default());
    };
    let built = declared.declaration.cc_library.get(fallback)?;
    if built.when.as_ref().is_some_and(|when| truth(when, request, world) == Truth::No) {
        return None;
    }
    let root = &request.package.manifest_dir;
    let mut folders: Vec<PathBuf> = Vec::new();
    for item in &built.include_dirs {
        if let PathRef::Package(path) = &item.value {
            folders.push(root.join(&path.0));
        }
    }
    for from in built.install_headers.values().flat_map(|guarded| &guarded.alternatives) {
        if let PathRef::Package(path) = &from.value {
            let whole = root.join(&path.0);
            folders.extend(whole.parent().map(PathBuf::from));
            folders.push(whole);
        }
    }
    let version = discovery::version_in(library, key, &folders, request, world);
    // Metadata is each asker's own.
    Some(Source { version, shareable: !run_facts::reads_metadata(&declared.declaration) })
}

fn ask(
    decision: &Decision,
    key: &str,
    (library, ships): (&Library, bool),
    request: &Request,
    policy: &LibraryPolicy,
    world: &mut World,
) -> Ask {
    let texts = |items: &[Item<String>], world: &mut World| -> Vec<String> {
        let stands = |item: &&Item<String>, world: &mut World| {
            item.when.as_ref().is_none_or(|when| truth(when, request, world) == Truth::Yes)
        };
        let mut all = Vec::new();
        for item in items {
            if stands(&item, world) {
                all.push(item.value.clone());
            }
        }
        all
    };
    let (modules, libs) = (texts(&library.pkg_config, world), texts(&library.libs, world));
    let mut names: Vec<&str> = vec![key];
    names.extend(modules.iter().map(String::as_str));
    let prefers_source = library.prefer.as_ref().is_some_and(|prefer| {
        prefer.alternatives.iter().any(|item| {
            item.value == Prefer::Source
                && item.when.as_ref().is_none_or(|when| truth(when, request, world) == Truth::Yes)
        })
    });
    let word = policy.source(&names);
    let needless = match word {
        Some(LibrarySource::SourceOnly) => true,
        Some(LibrarySource::SourceFirst) => ships,
        Some(LibrarySource::SystemOnly | LibrarySource::SystemFirst) => false,
        None => prefers_source && ships,
    };
    let found = if needless {
        Discovery::NotAsked
    } else {
        match discovery::find(library, key, request, world) {
            Ok(found) => Discovery::Found { version: found.version },
            Err(missing) => {
                let mut tried: Vec<String> = missing.attempts.iter().map(ToString::to_string).collect();
                // Said by the attempt that it ended, if there was one.
                let unmet = missing.unmet.iter().filter(|why| !tried.iter().any(|said| said.contains(*why)));
                tried.extend(unmet.cloned().collect::<Vec<_>>());
                Discovery::NotFound {
                    unmet: missing.unmet.is_some(),
                    remedies: remedies(
                        &missing.remedies,
                        library,
                        modules.first().map_or(key, String::as_str),
                        ships,
                    ),
                    tried,
                }
            }
        }
    };
    let version = standing(library.version.as_ref(), request, world);
    let kind = standing(library.kind.as_ref(), request, world);
    let declared = decision.declared.as_ref();
    Ask {
        package: decision.package.id.to_string(),
        key: key.to_owned(),
        platform: request.target.triple.clone(),
        modules,
        libs,
        version: version.unwrap_or_default(),
        kind,
        source: declared.and_then(|declared| source(declared, key, library, request, world)),
        prefers_source,
        optional: library.optional
            && !declared.is_some_and(|declared| fails_without(&declared.declaration, key, request, world)),
        found,
    }
}

/// What discovery advises, and for a source that is only implied (`source_of`) what it cannot know.
fn remedies(advice: &[String], library: &Library, name: &str, ships: bool) -> Vec<String> {
    let mut lines = advice.to_vec();
    if ships && library.fallback.is_none() {
        lines.push(inert_resolver::discovery::remedies::from_source(name));
    }
    lines
}

/// Whether the package's stand-in ends with an error of its own where the library is not found: a script that looks for
/// it and panics then says no less that it needs it.
fn fails_without(declaration: &Declaration, key: &str, request: &Request, world: &mut World) -> bool {
    declaration.error.iter().filter_map(|item| item.when.as_ref()).any(|when| {
        let truth = when.evaluate(&mut |fact| match fact {
            Fact::Found { library, .. } if library == key => Truth::No,
            other => facts::truth(other, request, world),
        });
        truth == Truth::Yes
    })
}

/// The alternative that stands, so far as that is known before the build.
fn standing<T: Clone>(guarded: Option<&Guarded<T>>, request: &Request, world: &mut World) -> Option<T> {
    let alternatives = &guarded?.alternatives;
    let mut otherwise = None;
    for item in alternatives {
        if item.otherwise {
            otherwise = Some(&item.value);
        } else if item.when.as_ref().is_none_or(|when| truth(when, request, world) == Truth::Yes) {
            return Some(item.value.clone());
        }
    }
    otherwise.cloned()
}

fn truth(condition: &Condition, request: &Request, world: &mut World) -> Truth {
    facts::evaluate(condition, request, world)
}

/// The problems, for a person: who needs what, what was tried, and what to type.
#[must_use]
pub fn report(problems: &[Problem]) -> String {
    let mut text = String::new();
    for problem in problems {
        text.push_str(&format!("{}\n", problem.headline()));
        if let Problem::Missing { asked_by, tried, .. } = problem {
            for (package, range) in asked_by {
                let range = if range.is_empty() { String::new() } else { format!(", {range}") };
                text.push_str(&format!("  needed by: {package}{range}\n"));
            }
            for attempt in tried {
                text.push_str(&format!("  tried:     {attempt}\n"));
            }
        }
        for remedy in problem.remedies() {
            text.push_str(&format!("  help:      {remedy}\n"));
        }
        text.push('\n');
    }
    if problems.len() > 1 {
        let remedies: Vec<String> = problems.iter().flat_map(Problem::remedies).collect();
        for command in discovery::remedies::together(remedies.iter().map(String::as_str)) {
            text.push_str(&format!("all of them: {command}\n"));
        }
    }
    text
}
