//! Finding native libraries on the system.
//!
//! Phases: a [`Library`] is lowered to a [`Query`] for one target (conditions answered, roles of variables spelt out)
//! → [`METHODS`], in order, each in its file → [`Found`], or [`NotFound`] with every [`Attempt`] that was made. Which
//! of all that ask gets which provider is decided before, by [`provider`]; the source build is the resolver's.

pub mod provider;
pub mod remedies;
pub mod system_deps;

mod emit;
mod environment;
mod flags;
mod frameworks;
mod kind;
mod modifiers;
mod pkg_config;
mod prefix;
mod query;
mod search;
mod vcpkg;

use std::collections::BTreeMap;
use std::path::PathBuf;

use inert_manifest_spec::{Condition, Library, Truth};

use crate::directives::Directive;
use crate::facts;
use crate::failure::{Attempt, Outcome};
use crate::request::Request;
use crate::world::World;

pub(crate) use modifiers::add as add_modifier;
pub use query::{EnvRole, KindReason, Query, source_by_variable};

/// A library that was found on the system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Its version, where the method tells one.
    pub version: Option<String>,
    /// What is linked, in order, as the `pkg-config` crate (or the `vcpkg` crate) would print it: `LinkSearch`,
    /// `LinkLib` and `LinkArg` only.
    pub link: Vec<Directive>,
    /// Its include folders.
    pub include_dirs: Vec<PathBuf>,
    /// Its library folders.
    pub lib_dirs: Vec<PathBuf>,
    /// Preprocessor definitions that it asks for.
    pub defines: BTreeMap<String, Option<String>>,
    /// Variables of its `.pc` file.
    pub variables: BTreeMap<String, String>,
    /// The method that found it, `pkg-config`.
    pub origin: &'static str,
    /// Folders in which metadata paths that come from it may lie.
    pub prefixes: Vec<PathBuf>,
    /// What the user should know though it was found: static asked for and not to be had, a flag that was refused.
    pub warnings: Vec<String>,
    /// All that was tried, the last one being chosen.
    pub attempts: Vec<Attempt>,
}

/// A library that no method found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NotFound {
    /// All that was tried, and why it failed.
    pub attempts: Vec<Attempt>,
    /// What would bring it here, one remedy a line: `apt install zlib1g-dev`.
    pub remedies: Vec<String>,
    /// It is there but not as asked for (`kind = "static"` without an archive): then no fallback hides it.
    pub unmet: Option<String>,
}

/// One way to find a library.
struct Method {
    /// As attempts name it.
    name: &'static str,
    /// Looks.
    find: fn(&Query<'_>, &mut World) -> Looked,
}

/// What came of one method.
enum Looked {
    /// It has nothing to look for here; why, where that is worth a line.
    Skipped(&'static str),
    /// What was looked at and why it did not do, one entry for each name tried.
    Failed(Vec<Failed>),
    /// It is there, and cannot be had as asked for.
    Unmet(String, Vec<Failed>),
    /// It is not there, and is to be looked for nowhere else.
    Nowhere(Vec<Failed>),
    /// Found, by what, after what had failed.
    Found(Box<Found>, String, Vec<Failed>),
}

/// Something looked at in vain.
struct Failed {
    /// What was done, as a person would type it where it was a command.
    detail: String,
    /// Why it did not do.
    why: String,
    /// Modules that are not there or not as asked, for the remedies.
    missing: Vec<Lacking>,
}

/// A pkg-config module that is not there, or not in the version that is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Lacking {
    module: String,
    /// The version that is there.
    has: Option<String>,
    /// Its file, where that is there and of no use.
    broken: Option<PathBuf>,
}

impl Failed {
    fn new(detail: impl Into<String>, why: impl Into<String>) -> Self {
        Self { detail: detail.into(), why: why.into(), missing: Vec::new() }
    }
}

/// The methods, in order.
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
/// What was tried and why it failed.
pub fn find(library: &Library, name: &str, request: &Request, world: &mut World) -> Result<Found, NotFound> {
    find_when(library, name, request, world, &mut |condition, world| {
        facts::evaluate(condition, request, world)
    })
}

/// The same, with the caller's own answers to conditions (which may depend on probes and dependencies' metadata).
///
/// # Errors
///
/// What was tried and why it failed.
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
    let (mut attempts, mut missing) = (Vec::new(), Vec::new());
    let mut note = |method: &Method, detail: String, outcome: Outcome| {
        attempts.push(Attempt { subject: subject.clone(), method: method.name.to_owned(), detail, outcome });
    };
    for method in METHODS {
        let (failed, rest) = match (method.find)(&query, world) {
            Looked::Skipped("") => continue,
            Looked::Skipped(why) => {
                note(method, String::new(), Outcome::Skipped(why.to_owned()));
                continue;
            }
            Looked::Failed(failed) => (failed, None),
            Looked::Nowhere(failed) => {
                failed.into_iter().for_each(|one| note(method, one.detail, Outcome::Failed(one.why)));
                return Err(NotFound { attempts, ..NotFound::default() });
            }
            Looked::Unmet(why, failed) => (failed, Some(Err(why))),
            Looked::Found(found, detail, failed) => (failed, Some(Ok((found, detail)))),
        };
        let said = |why: &str| failed.iter().any(|failed: &Failed| failed.why == why);
        let rest = match rest {
            Some(Err(why)) if said(&why) => Some(Err((why, true))),
            Some(Err(why)) => Some(Err((why, false))),
            Some(Ok(found)) => Some(Ok(found)),
            None => None,
        };
        for Failed { detail, why, missing: modules } in failed {
            missing.extend(modules);
            note(method, detail, Outcome::Failed(why));
        }
        match rest {
            None => {}
            Some(Err((why, said))) => {
                if !said {
                    note(method, String::new(), Outcome::Failed(why.clone()));
                }
                return Err(NotFound { attempts, remedies: Vec::new(), unmet: Some(why) });
            }
            Some(Ok((mut found, detail))) => {
                if let Err(why) = kind::check(&query, method.name, &mut found, world) {
                    note(method, detail, Outcome::Failed(why.clone()));
                    return Err(NotFound { attempts, remedies: Vec::new(), unmet: Some(why) });
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
    Err(NotFound { attempts, remedies, unmet: None })
}

/// The version that a header of the library says, where the entry names header and macro.
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
