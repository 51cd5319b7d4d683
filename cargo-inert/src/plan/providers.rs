//! Fixes one provider for each library and platform, from all requests, before Cargo starts: stand-ins run separately
//! and in parallel, and could otherwise choose differently. Missing libraries are all found here.

use std::collections::BTreeMap;
use std::path::PathBuf;

use inert_manifest_spec::condition::Fact;
use inert_manifest_spec::{Condition, Declaration, Guarded, Item, Library, LinkKind, PathRef, Prefer, Truth};
use inert_resolver::discovery::provider::{
    self, Ask, Choice, Discovery, Problem, Selection, Source, groups, select,
};
use inert_resolver::discovery::system_deps::{self, metadata};
use inert_resolver::request::{LibraryPolicy, LibrarySource};
use inert_resolver::{Request, World, discovery, facts};

use super::model::{Action, Decision, Declared, Provided, Providers};
use super::{notices, run_facts, system_only};
use crate::cargo::recording::Recording;
use crate::environment::Environment;

/// The request of one package for a library, with the data for discovery.
struct Wish<'a> {
    decision: &'a Decision,
    library: Library,
    request: Request,
    ask: Ask,
    warnings: Vec<String>,
}

/// Runs discovery for every library of every declaration that replaces a script, and fixes the providers.
#[must_use]
pub fn fix(
    decisions: &[Decision],
    recording: &Recording,
    policies: &BTreeMap<String, LibraryPolicy>,
    environment: &Environment,
) -> Providers {
    let mut world = World::new(environment.variables.clone().into_iter().collect(), PathBuf::new());
    let mut wishes = wishes(decisions, recording, policies, &mut world);
    // A policy setting may use a name for a library that only another package uses.
    let asks: Vec<Ask> = wishes.iter().map(|wish| wish.ask.clone()).collect();
    let mut words = BTreeMap::new();
    let mut warnings = Vec::new();
    for group in groups(&asks) {
        let names: Vec<&str> = group.names.iter().map(String::as_str).collect();
        let Some(policy) = policies.get(&asks[group.members[0]].platform) else { continue };
        let members: Vec<&Ask> = group.members.iter().map(|at| &asks[*at]).collect();
        // The selection reports contradictory settings.
        let source = provider::word(&members, &names, policy).ok().flatten().map(|(source, _)| source);
        if policy.names_prefix(&names) && source == Some(LibrarySource::SourceOnly) {
            warnings.push(format!(
                "[library-prefix] has a folder for {}, which [libraries] has built from source: the folder counts for \
                 nothing",
                names.join(", ")
            ));
        }
        for at in group.members {
            let wish = &mut wishes[at];
            let key = wish.ask.key.clone();
            let word = policy.for_key(&key, &names);
            wish.request.libraries.clone_from(&word);
            discover(wish, source, &mut world);
            words.insert((wish.ask.package.clone(), wish.ask.platform.clone(), key), word);
        }
    }
    let found: Vec<(usize, String)> = wishes
        .iter()
        .enumerate()
        .flat_map(|(at, wish)| wish.warnings.iter().map(move |warning| (at, warning.clone())))
        .collect();
    let asks: Vec<Ask> = wishes.into_iter().map(|wish| wish.ask).collect();
    let mut selection = select(&asks, policies);
    selection.warnings.append(&mut warnings);
    let (problems, not_built) =
        system_only::problems(decisions, &asks, recording, policies, &words, &mut world);
    for (problem, unprovided) in problems {
        selection.problems.push(problem);
        selection.unprovided.push(unprovided);
    }
    let mut fixed = BTreeMap::new();
    for chosen in &selection.chosen {
        for (package, key) in &chosen.asked_by {
            let asker = (package.clone(), key.clone());
            let provided = match &chosen.choice {
                _ if chosen.without.contains(&asker) => Provided::Absent,
                Choice::System { .. } if chosen.apart.contains(&asker) => Provided::Source,
                Choice::System { .. } => Provided::System,
                Choice::Source { package: builder, .. } if builder == package => Provided::Source,
                Choice::Source { .. } if chosen.apart.contains(&asker) => Provided::Source,
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
    let notices = notices::of(&asks, &found, &selection);
    Providers {
        fixed,
        not_built,
        asks,
        selection,
        notices,
        words,
        unknown_names: Vec::new(),
        journal: world.journal,
    }
}

/// Returns all library requests of the declarations that replace scripts.
fn wishes<'a>(
    decisions: &'a [Decision],
    recording: &Recording,
    policies: &BTreeMap<String, LibraryPolicy>,
    world: &mut World,
) -> Vec<Wish<'a>> {
    let mut wishes = Vec::new();
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
            for (key, library) in asked(&declared.declaration, &request, world) {
                if seen.contains(&(run.target.clone(), key.clone())) {
                    continue;
                }
                seen.push((run.target.clone(), key.clone()));
                let ask = ask(decision, &key, &library, &request, world);
                wishes.push(Wish { decision, library, request: request.clone(), ask, warnings: Vec::new() });
            }
        }
    }
    wishes
}

/// Returns the libraries that a declaration asks for in a run, with those of `[package.metadata.system-deps]`.
pub fn asked(declaration: &Declaration, request: &Request, world: &mut World) -> Vec<(String, Library)> {
    let table = system_deps(declaration, request, world);
    let own = declaration.library.iter().map(|(key, library)| (key.clone(), library.clone()));
    let mut all: Vec<(String, Library)> = own.chain(table).collect();
    // A condition on a probe or a dependency is evaluated only in the stand-in.
    all.retain(|(_, library)| {
        library.when.as_ref().is_none_or(|when| truth(when, request, world) == Truth::Yes)
    });
    all
}

/// Returns the libraries of `[package.metadata.system-deps]`. The stand-in reports errors in that table.
fn system_deps(declaration: &Declaration, request: &Request, world: &mut World) -> Vec<(String, Library)> {
    let stands = |when: &Condition, world: &mut World| truth(when, request, world) == Truth::Yes;
    if !declaration.system_deps.as_ref().is_some_and(|when| stands(when, world)) {
        return Vec::new();
    }
    let manifest = request.package.manifest_dir.join("Cargo.toml");
    let table = world.read_text(&manifest).ok().and_then(|text| metadata::parse(&text).ok().flatten());
    table.and_then(|table| system_deps::libraries(&table, request, world).ok()).unwrap_or_default()
}

/// Returns the source of a library that the package ships: its version, from the header's macro, and whether it can be
/// built for other packages. It cannot if the declaration reads metadata, which only the package's own script gets.
fn source(
    declared: &Declared,
    key: &str,
    library: &Library,
    request: &Request,
    world: &mut World,
) -> Option<Source> {
    let Some(fallback) = &library.fallback else {
        // A source without `fallback` is built by conditions of the declaration itself.
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
    // Each package has its own metadata, so the archive cannot be shared.
    Some(Source { version, shareable: !run_facts::reads_metadata(&declared.declaration) })
}

fn ask(decision: &Decision, key: &str, library: &Library, request: &Request, world: &mut World) -> Ask {
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
    let ports = texts(&library.vcpkg, world);
    let prefers_source = library.prefer.as_ref().is_some_and(|prefer| {
        prefer.alternatives.iter().any(|item| {
            item.value == Prefer::Source
                && item.when.as_ref().is_none_or(|when| truth(when, request, world) == Truth::Yes)
        })
    });
    let (by_variable, found) = match discovery::source_by_variable(library, request, world) {
        Ok(said) => (said, Discovery::NotAsked),
        Err(why) => {
            (None, Discovery::NotFound { unmet: true, remedies: Vec::new(), tried: vec![why], has: None })
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
        ports,
        version: version.unwrap_or_default(),
        kind,
        source: declared.and_then(|declared| source(declared, key, library, request, world)),
        prefers_source,
        by_variable,
        optional: library.optional
            && !declared.is_some_and(|declared| fails_without(&declared.declaration, key, request, world)),
        found,
    }
}

/// Runs discovery, unless the library is built anyway; `word` is the policy setting for all packages that ask for it.
fn discover(wish: &mut Wish<'_>, word: Option<LibrarySource>, world: &mut World) {
    let Wish { decision, library, request, ask, warnings } = wish;
    if ask.found != Discovery::NotAsked {
        return;
    }
    let declared = decision.declared.as_ref();
    let ships = declared.is_some_and(|declared| declared.declaration.source_of(&ask.key).is_some());
    let mut names: Vec<&str> = vec![&ask.key];
    names.extend(ask.modules.iter().chain(&ask.libs).map(String::as_str));
    // A source build yields a static archive.
    let shared = request.libraries.kind(&names) == Some(LinkKind::Dylib);
    let needless = match word {
        Some(LibrarySource::SourceOnly) => true,
        Some(LibrarySource::SourceFirst) => ships && !shared,
        Some(LibrarySource::SystemOnly | LibrarySource::SystemFirst) => false,
        None => ask.prefers_source && ships && !shared,
    };
    if needless {
        return;
    }
    let mut named = library.clone();
    if let Some(declared) = declared {
        declared.declaration.name_source(&ask.key, &mut named);
    }
    ask.found = match discovery::find(&named, &ask.key, request, world) {
        Ok(found) => {
            *warnings = found.warnings;
            Discovery::Found { version: found.version }
        }
        Err(missing) => {
            let mut tried: Vec<String> = missing.attempts.iter().map(ToString::to_string).collect();
            // An attempt may contain this reason already.
            let unmet = missing.unmet.iter().filter(|why| !tried.iter().any(|said| said.contains(*why)));
            tried.extend(unmet.cloned().collect::<Vec<_>>());
            Discovery::NotFound {
                unmet: missing.unmet.is_some(),
                remedies: missing.remedies,
                tried,
                has: missing.has,
            }
        }
    };
}

/// Returns whether the declaration has an `error` that applies if the library is not found: such a script needs the
/// library although it is marked optional.
fn fails_without(declaration: &Declaration, key: &str, request: &Request, world: &mut World) -> bool {
    declaration.error.iter().filter_map(|item| item.when.as_ref()).any(|when| {
        let truth = when.evaluate(&mut |fact| match fact {
            Fact::Found { library, .. } | Fact::VersionKnown(library) if library == key => Truth::No,
            other => facts::truth(other, request, world),
        });
        truth == Truth::Yes
    })
}

/// Returns the alternative that applies, as far as conditions are known before the build.
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

/// Returns the minimum policy that alone says what stands in a table, for a target and the names of a library.
pub type Outside<'a> = &'a dyn Fn(&str, &str, &[&str]) -> Option<PathBuf>;

/// The tables of a policy that speak of libraries.
const TABLES: &[&str] = &["libraries", "library-kind", "library-prefix"];

/// Returns advice to write a line into inert.toml as advice about the minimum policy, where the line would count.
fn only_outside(remedy: &str, minimum: &std::path::Path) -> String {
    // A word on the command line that a minimum leaves without effect is an error.
    let line = remedy.split(", or `--library ").next().unwrap_or(remedy);
    let place = format!("in the minimum policy ({}, which alone decides that here)", minimum.display());
    match line.contains("in inert.toml") {
        true => line.replacen("in inert.toml", &place, 1),
        false => format!("{line}, {place}"),
    }
}

/// Formats the problems: who needs each library, what was tried, the policy settings, and advice. `said` returns the
/// lines of the policy for a target and the names of a library, `outside` the minimum policy that alone says what stands in
/// a table for them.
#[must_use]
pub fn report(
    selection: &Selection,
    said: &dyn Fn(&str, &[&str]) -> Vec<String>,
    outside: Outside<'_>,
) -> String {
    let problems = &selection.problems;
    let mut text = String::new();
    for (at, problem) in problems.iter().enumerate() {
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
        if let Some(unprovided) = selection.unprovided.get(at) {
            let names: Vec<&str> = unprovided.names.iter().map(String::as_str).collect();
            for line in said(&unprovided.platform, &names) {
                text.push_str(&format!("  you say:   {line}\n"));
            }
        }
        for remedy in problem.remedies() {
            let of_minimum = selection.unprovided.get(at).and_then(|unprovided| {
                let names: Vec<&str> = unprovided.names.iter().map(String::as_str).collect();
                let table = TABLES.iter().find(|table| remedy.contains(&format!("[{table}]")))?;
                outside(table, &unprovided.platform, &names)
            });
            let remedy = of_minimum.map_or_else(|| remedy.clone(), |file| only_outside(&remedy, &file));
            text.push_str(&format!("  help:      {remedy}\n"));
        }
        text.push('\n');
    }
    let remedies: Vec<Vec<String>> = problems.iter().map(Problem::remedies).collect();
    let known =
        |lines: &&Vec<String>| !discovery::remedies::together(lines.iter().map(String::as_str)).is_empty();
    let count = remedies.iter().filter(known).count();
    if count > 1 {
        // A remedy without a command is not part of the combined commands.
        let which =
            if count == problems.len() { "all of them".to_owned() } else { format!("{count} of them") };
        for command in discovery::remedies::together(remedies.iter().flatten().map(String::as_str)) {
            text.push_str(&format!("{which}: {command}\n"));
        }
    }
    text
}
