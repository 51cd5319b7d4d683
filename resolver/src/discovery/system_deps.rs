//! `[package.metadata.system-deps]`, answered as system-deps 9 answers it: the same table, the same variables, the same
//! directives in the same order.
//!
//! Phases: text → [`metadata::parse`] → what holds for this build ([`select`]) → each dependency from variables or from
//! pkg-config ([`library`]) → the user's overrides, and directives ([`directives`]). The crate stops at the first
//! library that is missing; here all of them are reported.

mod directives;
mod library;
pub mod metadata;
mod select;
mod variables;

use crate::directives::Directive;
use crate::failure::{Attempt, Outcome};
use crate::request::Request;
use crate::world::World;

pub use metadata::{Dependency, Metadata, MetadataError, VersionOverride};

/// What a table comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolved {
    /// What the crate would print, but for what says when to run again.
    pub directives: Vec<Directive>,
    /// What the user should know though all was found.
    pub warnings: Vec<String>,
    /// Key and version of each library that was found.
    pub libraries: Vec<(String, Option<String>)>,
    /// All that was tried.
    pub attempts: Vec<Attempt>,
}

/// Why it comes to nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unresolved {
    /// Every library that is missing, or what is wrong with the table or a variable.
    pub problems: Vec<Problem>,
    /// All that was tried.
    pub attempts: Vec<Attempt>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// A library was not found.
    Missing {
        /// Its key in the table.
        key: String,
        /// Why.
        why: String,
        /// What to type, best first.
        remedies: Vec<String>,
    },
    /// The table, or a variable, says what cannot be done.
    Invalid {
        /// The key, or the variable.
        place: String,
        /// What is wrong.
        why: String,
    },
}

/// Answers a package's table.
///
/// # Errors
///
/// Everything that is missing or wrong, at once.
pub fn resolve(
    metadata: &Metadata,
    request: &Request,
    world: &mut World,
) -> Result<Resolved, Box<Unresolved>> {
    let mut resolved = Resolved::default();
    let mut problems = Vec::new();
    let mut libraries = Vec::new();
    let wanted = match select::select(metadata, request, world) {
        Ok(wanted) => wanted,
        Err(problem) => {
            return Err(Box::new(Unresolved { problems: vec![problem], attempts: Vec::new() }));
        }
    };
    for wanted in wanted {
        let subject = format!("library {}", wanted.key);
        match library::find(&wanted, request, world, &mut |method, detail, outcome| {
            let method = method.to_owned();
            resolved.attempts.push(Attempt { subject: subject.clone(), method, detail, outcome });
        }) {
            Ok(Some(library)) => libraries.push((wanted.key.clone(), library)),
            Ok(None) => {}
            Err(problem) => problems.push(problem),
        }
    }
    // Later entries of a key replace earlier ones, and the output is in the order of keys.
    let mut latest = std::collections::BTreeMap::new();
    latest.extend(libraries);
    for (key, library) in &mut latest {
        variables::override_by(key, library, request, world);
    }
    if problems.is_empty() {
        match directives::of(&latest, request) {
            Ok((directives, warnings)) => {
                resolved.directives = directives;
                resolved.warnings = warnings;
            }
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(Box::new(Unresolved { problems, attempts: resolved.attempts }));
    }
    resolved.libraries = latest.into_iter().map(|(key, library)| (key, library.version)).collect();
    Ok(resolved)
}

/// The libraries that a table asks for here, as entries of the `library` table: for whoever has to know what a build
/// needs before it starts. Those that the user's variables describe are left out.
///
/// # Errors
///
/// What is wrong with the table.
pub fn libraries(
    metadata: &Metadata,
    request: &Request,
    world: &mut World,
) -> Result<Vec<(String, inert_manifest_spec::Library)>, Problem> {
    let wanted = select::select(metadata, request, world)?;
    let asked = wanted
        .into_iter()
        .filter(|wanted| world.env_text(&variables::name(&wanted.key, "NO_PKG_CONFIG")).is_none());
    Ok(asked.map(|wanted| (wanted.key.clone(), library::entry(&wanted))).collect())
}

/// Notes an attempt: method, detail, outcome.
type Note<'a> = &'a mut dyn FnMut(&str, String, Outcome);
