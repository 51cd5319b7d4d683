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
    /// The version, if the method knows it.
    pub version: Option<String>,
    /// The directives that link it, in order, as the `pkg-config` crate (or the `vcpkg` crate) would print them:
    /// `LinkSearch`, `LinkLib` and `LinkArg` only.
    pub link: Vec<Directive>,
    /// The folders of its headers.
    pub include_dirs: Vec<PathBuf>,
    /// The folders of its libraries.
    pub lib_dirs: Vec<PathBuf>,
    /// The preprocessor definitions that it requires.
    pub defines: BTreeMap<String, Option<String>>,
    /// The variables of its `.pc` file.
    pub variables: BTreeMap<String, String>,
    /// The name of the method that found it, such as `pkg-config`.
    pub origin: &'static str,
    /// The folders in which metadata paths that come from it may lie.
    pub prefixes: Vec<PathBuf>,
    /// Warnings for the user: static linking was requested and is not available, a flag was refused.
    pub warnings: Vec<String>,
    /// All attempts; the last one succeeded.
    pub attempts: Vec<Attempt>,
}

/// A library that no method found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NotFound {
    /// All attempts, with the reasons why they failed.
    pub attempts: Vec<Attempt>,
    /// Advice for installing it, one remedy a line: `apt install zlib1g-dev`.
    pub remedies: Vec<String>,
    /// The library is there, but not as requested (`kind = "static"` without an archive); a fallback does not
    /// replace it then.
    pub unmet: Option<String>,
}

/// A way to find a library.
struct Method {
    /// The method's name in attempts.
    name: &'static str,
    /// Looks for a library by this method.
    find: fn(&Query<'_>, &mut World) -> Looked,
}

/// The result of one method.
enum Looked {
    /// The method does not apply here; the text says why, and is empty if that is not worth a line.
    Skipped(&'static str),
    /// The method found nothing: one entry for each name that it tried.
    Failed(Vec<Failed>),
    /// The library is there, but not as requested.
    Unmet(String, Vec<Failed>),
    /// The library is not there, and no other method may look for it.
    Nowhere(Vec<Failed>),
    /// The library was found; the text says by what, the list has the attempts that failed before.
    Found(Box<Found>, String, Vec<Failed>),
}

/// An attempt that failed.
struct Failed {
    /// The attempt, as a person would type it if it was a command.
    detail: String,
    /// The reason why it failed.
    why: String,
    /// The modules that are missing or have the wrong version, for the remedies.
    missing: Vec<Lacking>,
}

/// A pkg-config module that is missing, or not available in the requested version.
#[derive(Debug, Clone)]
pub(crate) struct Lacking {
    module: String,
    /// The available version.
    has: Option<String>,
    /// The module's file, if it exists but cannot be used.
    broken: Option<PathBuf>,
}

impl Failed {
    fn new(detail: impl Into<String>, why: impl Into<String>) -> Self {
        Self { detail: detail.into(), why: why.into(), missing: Vec::new() }
    }
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
