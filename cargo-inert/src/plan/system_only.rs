//! Archives that a package builds, and files that it ships compiled, although the policy says that the library comes
//! from the system. Where no library of the system's stands for them, they are refused as what they are; the user names
//! those that may be linked. Where one does, a feature or variable can make the declaration skip the search, so that no choice is made that the setting could decide. The
//! build is then refused, since it is unknown whether the system's library would satisfy the feature. If the condition
//! depends on a probe, the stand-in is told not to build the archive, and fails if it would have to.

use std::collections::BTreeMap;

use inert_manifest_spec::condition::Fact;
use inert_manifest_spec::{Condition, Declaration, Link, PathRef, Truth};
use inert_resolver::discovery::provider::{Ask, Bundle, Discovery, Feature, Problem, Unprovided};
use inert_resolver::request::{LibraryPolicy, LibrarySource};
use inert_resolver::{Request, World, facts};

use super::bundled::{is_fallback, stands_for};
use super::model::{Action, Decision};
use super::{bundled, run_facts};
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
                // An archive that no library stands for is looked at below.
                let Some((key, library)) = stands_for(&declared.declaration, archive, links) else {
                    continue;
                };
                // A setting whose name only another package uses for the library counts too.
                let word = words.get(&(package.clone(), run.target.clone(), key.clone()));
                let policy = word.unwrap_or(policy);
                let mut names: Vec<&str> = vec![archive, key];
                names.extend(library.pkg_config.iter().chain(&library.libs).map(|item| item.value.as_str()));
                if policy.source(&names) != Some(LibrarySource::SystemOnly) {
                    continue;
                }
                not_built
                    .entry((package.clone(), run.target.clone()))
                    .or_default()
                    .insert(archive.clone(), key.clone());
                // A requested library has a provider, or its own problem.
                let is_asked = |key: &str| {
                    asks.iter()
                        .any(|ask| ask.package == package && ask.platform == run.target && ask.key == key)
                };
                if is_asked(key) || !is_built(&declared.declaration, archive, &request, world) {
                    continue;
                }
                let looks_when = library.when.as_ref().map(|when| short(when, &request, world));
                let problem = Problem::Built {
                    library: key.clone(),
                    platform: run.target.clone(),
                    package: package.clone(),
                    archive: archive.clone(),
                    looks_when,
                };
                if !found.iter().any(|(known, _)| *known == problem) {
                    let unprovided = Unprovided {
                        platform: run.target.clone(),
                        names: names.iter().map(|name| (*name).to_owned()).collect(),
                        asked_by: vec![(package.clone(), key.clone())],
                    };
                    found.push((problem, unprovided));
                }
            }
            for one in bundled::of(decision) {
                let Some(problem) = of_bundled(decision, &one, asks, policy, &request, world) else {
                    continue;
                };
                if let Bundle::Compiled(archive) = &one.what {
                    let of_run = not_built.entry((package.clone(), run.target.clone())).or_default();
                    let _ = of_run.insert(archive.clone(), one.names[0].clone());
                }
                let Some(problem) = problem else { continue };
                if !found.iter().any(|(known, _)| *known == problem) {
                    let unprovided = Unprovided {
                        platform: run.target.clone(),
                        names: one.names.iter().cloned().collect(),
                        asked_by: vec![(package.clone(), one.names[0].clone())],
                    };
                    found.push((problem, unprovided));
                }
            }
        }
    }
    (found, not_built)
}

/// Judges native code that no library of the system's stands for: `None` if the policy does not have it come from the
/// system, else the problem, unless it is not certain that it is linked.
fn of_bundled(
    decision: &Decision,
    one: &bundled::Bundled,
    asks: &[Ask],
    policy: &LibraryPolicy,
    request: &Request,
    world: &mut World,
) -> Option<Option<Problem>> {
    let package = decision.package.id.to_string();
    let declared = decision.declared.as_ref()?;
    let names: Vec<&str> = one.names.iter().map(String::as_str).collect();
    let library = one.names.first()?.clone();
    if let Some((table, first, other)) = policy.contradiction(&names) {
        let said = |name: &str| format!("`{name}` under [{table}]");
        return Some(Some(Problem::Contradiction {
            library,
            platform: request.target.triple.clone(),
            asked_by: vec![package],
            one: said(&first),
            other: said(&other),
        }));
    }
    if policy.source(&names) != Some(LibrarySource::SystemOnly) {
        return None;
    }
    let linked = match &one.what {
        Bundle::Compiled(archive) => is_built(&declared.declaration, archive, request, world),
        Bundle::Shipped(_) => may_link_files(&package, &declared.declaration, asks, request, world),
    };
    let features = bundled::features(&decision.package, &one.names)
        .filter(|feature| !request.features.contains(feature))
        .map(|name| {
            let mut with = request.clone();
            let _ = with.features.insert(name.clone());
            let unsupported = declared.declaration.unsupported.as_ref();
            let known = unsupported.is_none_or(|when| facts::evaluate(when, &with, world) == Truth::No);
            Feature { name, replaced: known }
        })
        .collect();
    let problem = Problem::Bundled {
        library,
        platform: request.target.triple.clone(),
        package,
        what: one.what.clone(),
        version: bundled::version(&decision.package),
        features,
    };
    Some(linked.then_some(problem))
}

/// Returns whether a package may link files that it ships. Nothing but the plan prevents that, so a condition that only
/// the build knows counts as one that holds.
fn may_link_files(
    package: &str,
    declaration: &Declaration,
    asks: &[Ask],
    request: &Request,
    world: &mut World,
) -> bool {
    let is_own = |ask: &&Ask, key: &str| {
        ask.package == package && ask.platform == request.target.triple && ask.key == key
    };
    let mut truth = |fact: &Fact| match fact {
        Fact::Found { library, test: None } => match asks.iter().find(|ask| is_own(ask, library)) {
            Some(ask) if matches!(ask.found, Discovery::Found { .. }) => Truth::Yes,
            Some(ask) if matches!(ask.found, Discovery::NotFound { .. }) => Truth::No,
            _ => Truth::Unknown,
        },
        other => facts::truth(other, request, world),
    };
    declaration.link.iter().any(|item| {
        matches!(&item.value, Link::Search { path: PathRef::Package(_), files, .. } if !files.is_empty())
            && item.when.as_ref().is_none_or(|when| when.evaluate(&mut truth) != Truth::No)
    })
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
