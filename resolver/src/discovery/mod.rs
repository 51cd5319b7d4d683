//! Discovery: finding native libraries on the system.
//!
//! Phases: a [`Library`] is lowered to a [`Query`] for one target (conditions answered, names of variables
//! completed) → [`METHODS`], in order, each in its file → [`Found`], or [`NotFound`] with every [`Attempt`] that
//! was made. Which of the packages gets which provider is decided earlier, by [`provider`]; the resolver makes the
//! source build.

pub mod provider;
pub mod remedies;
pub mod system_deps;

mod emit;
mod environment;
mod flags;
mod frameworks;
mod kind;
mod modifiers;
mod outcome;
mod pkg_config;
mod prefix;
mod query;
mod search;
mod vcpkg;

use std::path::PathBuf;

use inert_manifest_spec::{Condition, Library, Truth};

use crate::facts;
use crate::failure::{Attempt, Outcome};
use crate::request::Request;
use crate::world::World;

pub(crate) use modifiers::add as add_modifier;
use outcome::{Failed, MethodOutcome};
pub use outcome::{Found, NotFound};
pub use query::{EnvRole, KindReason, Query, source_by_variable};

/// A way to find a library.
struct Method {
    /// The method's name in attempts.
    name: &'static str,
    /// Looks for a library by this method.
    find: fn(&Query<'_>, &mut World) -> MethodOutcome,
}

/// The methods, in the order in which they are tried.
const METHODS: &[Method] = &[
    Method { name: "inert.toml", find: prefix::find },
    Method { name: "environment", find: environment::find },
    Method { name: "pkg-config", find: pkg_config::find },
    Method { name: "vcpkg", find: vcpkg::find },
    Method { name: "frameworks", find: frameworks::find },
    Method { name: "search", find: search::find },
];

/// Looks for `library`, whose key is `name`, by every method in order.
///
/// # Errors
///
/// The attempts that were made, with the reasons why they failed.
pub fn find(library: &Library, name: &str, request: &Request, world: &mut World) -> Result<Found, NotFound> {
    find_when(library, name, request, world, &mut |condition, world| {
        facts::evaluate(condition, request, world)
    })
}

/// As `find`, with the caller's own answers to conditions (which may depend on probes and dependencies'
/// metadata).
///
/// # Errors
///
/// The attempts that were made, with the reasons why they failed.
pub fn find_when(
    library: &Library,
    name: &str,
    request: &Request,
    world: &mut World,
    truth: &mut dyn FnMut(&Condition, &mut World) -> Truth,
) -> Result<Found, NotFound> {
    let query = Query::new(library, name, request, world, truth)
        .map_err(|unmet| NotFound { unmet: Some(unmet), ..NotFound::default() })?;
    let subject = format!("library {name}");
    let (mut attempts, mut missing, mut has) = (Vec::new(), Vec::new(), None);
    let mut note = |method: &Method, detail: String, outcome: Outcome| {
        attempts.push(Attempt { subject: subject.clone(), method: method.name.to_owned(), detail, outcome });
    };
    for method in METHODS {
        let (failed, rest) = match (method.find)(&query, world) {
            MethodOutcome::Skipped("") => continue,
            MethodOutcome::Skipped(why) => {
                note(method, String::new(), Outcome::Skipped(why.to_owned()));
                continue;
            }
            MethodOutcome::Failed(failed) => (failed, None),
            MethodOutcome::Nowhere(failed) => {
                failed.into_iter().for_each(|one| note(method, one.detail, Outcome::Failed(one.why)));
                return Err(NotFound { attempts, ..NotFound::default() });
            }
            MethodOutcome::Unmet(why, failed) => (failed, Some(Err(why))),
            MethodOutcome::Found(found, detail, failed) => (failed, Some(Ok((found, detail)))),
        };
        let said = |why: &str| failed.iter().any(|failed: &Failed| failed.why == why);
        let rest = match rest {
            Some(Err(why)) if said(&why) => Some(Err((why, true))),
            Some(Err(why)) => Some(Err((why, false))),
            Some(Ok(found)) => Some(Ok(found)),
            None => None,
        };
        for Failed { detail, why, missing: modules, has: version } in failed {
            // A module may only lack another one that it needs.
            let mut of_own = modules.iter().filter(|module| query.modules.contains(&module.module));
            has = has.or(version).or_else(|| of_own.find_map(|module| module.has.clone()));
            missing.extend(modules);
            note(method, detail, Outcome::Failed(why));
        }
        match rest {
            None => {}
            Some(Err((why, said))) => {
                if !said {
                    note(method, String::new(), Outcome::Failed(why.clone()));
                }
                return Err(NotFound { attempts, unmet: Some(why), ..NotFound::default() });
            }
            Some(Ok((mut found, detail))) => {
                if let Err(why) = kind::check(&query, method.name, &mut found, world) {
                    note(method, detail, Outcome::Failed(why.clone()));
                    return Err(NotFound { attempts, unmet: Some(why), ..NotFound::default() });
                }
                modifiers::apply(&query, &mut found);
                note(method, detail, Outcome::Chosen(describe(&found)));
                found.origin = method.name;
                found.attempts = attempts;
                return Ok(*found);
            }
        }
    }
    let remedies = remedies::remedies(&query, &missing, world);
    Err(NotFound { attempts, remedies, has, unmet: None })
}

/// Returns the version in a header of the library, if the entry names the header and the macro.
pub fn version_in(
    library: &Library,
    name: &str,
    include_dirs: &[PathBuf],
    request: &Request,
    world: &mut World,
) -> Option<String> {
    let query = Query::new(library, name, request, world, &mut |condition, world| {
        facts::evaluate(condition, request, world)
    });
    search::version_in(&query.ok()?, include_dirs, world)
}

fn describe(found: &Found) -> String {
    match &found.version {
        Some(version) => format!("version {version}"),
        None => "found".to_owned(),
    }
}
