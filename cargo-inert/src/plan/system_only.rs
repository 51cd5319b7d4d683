//! What a package builds although the user says that it comes from the system: its feature, or a variable of its own, has
//! its declaration look for nothing, so that no choice is made that the user's word could decide. Then the build is
//! refused: whether the system's library would do in place of what the feature asks for nobody here can know. Where it
//! hangs on a probe, the stand-in is told not to build it, and says so if it comes to that.

use std::collections::BTreeMap;

use inert_manifest_spec::condition::Fact;
use inert_manifest_spec::{Condition, Declaration, Library, Link, Truth};
use inert_resolver::discovery::provider::{Ask, Problem, Unprovided};
use inert_resolver::request::{LibraryPolicy, LibrarySource};
use inert_resolver::{Request, World, facts};

use super::model::{Action, Decision};
use super::run_facts;
use crate::cargo::recording::Recording;

/// Archives that must not be built, by package and platform, each with the library that it stands for.
pub(super) type NotBuilt = BTreeMap<(String, String), BTreeMap<String, String>>;

/// Every archive that stands for a library of which the user says that it is the system's, and those of them that are
/// built for certain.
pub(super) fn problems(
    decisions: &[Decision],
    asks: &[Ask],
    recording: &Recording,
    policies: &BTreeMap<String, LibraryPolicy>,
    words: &BTreeMap<(String, String, String), LibraryPolicy>,
    world: &mut World,
) -> (Vec<(Problem, Unprovided)>, NotBuilt) {
    let mut not_built = NotBuilt::new();
    let mut found: Vec<(Problem, Unprovided)> = Vec::new();
    for decision in decisions.iter().filter(|decision| decision.action == Action::Replace) {
        let Some(declared) = &decision.declared else { continue };
        let package = decision.package.id.to_string();
        for run in decision.runs.iter().filter(|run| run.needed) {
            let Some(policy) = policies.get(&run.target).filter(|policy| says_anything(policy)) else {
                continue;
            };
            let facts = run_facts::facts_of(recording, &run.target);
            let Ok(request) = run_facts::request(&decision.package, run, &facts, &recording.rustc) else {
                continue;
            };
            for archive in declared.declaration.cc_library.keys() {
                // What a `library` falls back to is built in its place only: its provider says whether it is.
                if is_fallback(&declared.declaration, archive) {
                    continue;
                }
                let links = decision.package.links.as_deref();
                let library = stands_for(&declared.declaration, archive, links);
                // What is said of it by a name that only another package uses for it counts, too.
                let word = library
                    .and_then(|(key, _)| words.get(&(package.clone(), run.target.clone(), key.clone())));
                let policy = word.unwrap_or(policy);
                let mut names: Vec<&str> = vec![archive];
                if let Some((key, library)) = library {
                    names.push(key);
                    names.extend(
                        library.pkg_config.iter().chain(&library.libs).map(|item| item.value.as_str()),
                    );
                }
                // Of all archives only those have a library beside them that could be the system's.
                let own = names
                    .iter()
                    .any(|name| policy.by_name.contains_key(*name) || policy.prefix.contains_key(*name));
                if policy.source(&names) != Some(LibrarySource::SystemOnly) || !(own || library.is_some()) {
                    continue;
                }
                let title = library.map_or(archive.as_str(), |(key, _)| key);
                not_built
                    .entry((package.clone(), run.target.clone()))
                    .or_default()
                    .insert(archive.clone(), title.to_owned());
                // One that is asked for has a provider, or is a problem, by itself.
                let is_asked = |key: &str| {
                    asks.iter()
                        .any(|ask| ask.package == package && ask.platform == run.target && ask.key == key)
                };
                if library.is_some_and(|(key, _)| is_asked(key))
                    || !is_built(&declared.declaration, archive, &request, world)
                {
                    continue;
                }
                let looks_when = library
                    .and_then(|(_, library)| library.when.as_ref())
                    .map(|when| short(when, &request, world));
                let problem = Problem::Built {
                    library: title.to_owned(),
                    platform: run.target.clone(),
                    package: package.clone(),
                    archive: archive.clone(),
                    looks_when,
                };
                if !found.iter().any(|(known, _)| *known == problem) {
                    let unprovided = Unprovided {
                        platform: run.target.clone(),
                        names: names.iter().map(|name| (*name).to_owned()).collect(),
                        asked_by: vec![(package.clone(), title.to_owned())],
                    };
                    found.push((problem, unprovided));
                }
            }
        }
    }
    (found, not_built)
}

fn is_fallback(declaration: &Declaration, archive: &str) -> bool {
    declaration.library.values().any(|library| library.fallback.as_deref() == Some(archive))
}

/// A condition, or of a long one that does not hold the features and variables in it that are on: those can be turned
/// off.
fn short(when: &Condition, request: &Request, world: &mut World) -> String {
    let whole = when.to_string();
    let mut asked: Vec<Fact> = Vec::new();
    when.for_each_fact(&mut |fact| {
        if matches!(fact, Fact::Feature(_) | Fact::Env { .. }) && !asked.contains(fact) {
            asked.push(fact.clone());
        }
    });
    let mut holds_without = |off: &Fact| {
        let truth = |fact: &Fact| if fact == off { Truth::No } else { facts::truth(fact, request, world) };
        when.evaluate(&mut { truth }) == Truth::Yes
    };
    let off = asked.into_iter().filter(|fact| holds_without(fact));
    let on: Vec<String> = off.map(|fact| format!("not({})", Condition::Fact(fact))).collect();
    if whole.len() <= 160 || on.is_empty() { whole } else { on.join("`, or `") }
}

fn says_anything(policy: &LibraryPolicy) -> bool {
    policy.default.is_some() || !policy.by_name.is_empty() || !policy.prefix.is_empty()
}

/// Whether it is built and linked here whatever is found: its own condition, and that of a `link` entry where it is
/// linked by one.
fn is_built(declaration: &Declaration, archive: &str, request: &Request, world: &mut World) -> bool {
    let mut holds = |when: Option<&Condition>| {
        when.is_none_or(|when| facts::evaluate(when, request, world) == Truth::Yes)
    };
    if !holds(declaration.cc_library.get(archive).and_then(|archive| archive.when.as_ref())) {
        return false;
    }
    let mut links =
        declaration.link.iter().filter(|item| item.value == Link::CcLibrary(archive.to_owned())).peekable();
    links.peek().is_none() || links.any(|item| holds(item.when.as_ref()))
}

/// The library that an archive is the source of: the one that says so, one that is known by the archive's name, or the
/// only one of a package whose `links` is that name.
fn stands_for<'a>(
    declaration: &'a Declaration,
    archive: &str,
    links: Option<&str>,
) -> Option<(&'a String, &'a Library)> {
    let only = || declaration.library.iter().next().filter(|_| declaration.library.len() == 1);
    let named = declaration.library.iter().find(|(key, library)| {
        let name = |name: &str| name == archive || name.strip_prefix("lib") == Some(archive);
        declaration.source_of(key) == Some(archive)
            || name(key)
            || library.pkg_config.iter().chain(&library.libs).any(|item| name(&item.value))
    });
    named.or_else(|| only().filter(|_| links == Some(archive)))
}
