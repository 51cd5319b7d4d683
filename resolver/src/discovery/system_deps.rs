//! Resolves `[package.metadata.system-deps]` as system-deps 9 does: the same table, the same variables, the same
//! directives in the same order.
//!
//! Phases: text → [`metadata::parse`] → the dependencies that apply to this build ([`select`]) → each dependency
//! from variables or from pkg-config ([`library`]) → the user's overrides, and directives ([`directives`]). The
//! crate stops at the first library that is missing; here all of them are reported.

mod directives;
mod library;
pub mod metadata;
mod outcome;
mod select;
mod variables;

use crate::failure::Attempt;
use crate::request::Request;
use crate::world::World;

pub use metadata::{Dependency, Metadata, MetadataError, VersionOverride};
pub use outcome::{Problem, Resolved, Unresolved};

/// Resolves a package's table.
///
/// # Errors
///
/// Every missing library and every error, at once.
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
    // Later entries of a key replace earlier ones, and the output is in the order of the keys.
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

/// Returns the libraries that a table requests here, as entries of the `library` table, for callers that need to
/// know the libraries before a build starts. Those that the user's variables describe are left out.
///
/// # Errors
///
/// The error in the table.
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
