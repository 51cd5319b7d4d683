//! Archives that a package builds although the policy says that the library comes from the system. A feature or
//! variable can make the declaration skip the search, so that no choice is made that the setting could decide. The
//! build is then refused, since it is unknown whether the system's library would satisfy the feature. If the condition
//! depends on a probe, the stand-in is told not to build the archive, and fails if it would have to.

use std::collections::BTreeMap;

use inert_manifest_spec::condition::Fact;
use inert_manifest_spec::{Condition, Declaration, Library, Link, Truth};
use inert_resolver::discovery::provider::{Ask, Problem, Unprovided};
use inert_resolver::request::{LibraryPolicy, LibrarySource};
use inert_resolver::{Request, World, facts};

use super::model::{Action, Decision};
use super::run_facts;
use crate::cargo::recording::Recording;

/// The archives that must not be built, by package and platform, each with its library.
pub(super) type NotBuilt = BTreeMap<(String, String), BTreeMap<String, String>>;

/// Returns the archives whose library has to come from the system by policy, and problems for those that are certainly
/// built.
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
                // The fallback of a `library` is built only in its place, which its provider decides.
                if is_fallback(&declared.declaration, archive) {
                    continue;
                }
                let links = decision.package.links.as_deref();
                let library = stands_for(&declared.declaration, archive, links);
                // A setting whose name only another package uses for the library counts too.
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
                // Without a library or a setting by name, an archive has no equivalent on the system.
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
                // A requested library has a provider, or its own problem.
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

/// Formats a condition; for a long one that does not hold, formats the active features and variables that prevent it,
/// which can be turned off.
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

/// Returns whether an archive is certainly built and linked: by its own condition, and by that of a `link` entry if one
/// names it.
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

/// Returns the library that an archive is the source of: the one that refers to it, one with the archive's name, or the
/// only library of a package whose `links` is that name.
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
