//! `system-deps`: resolves the package's own table, as the system-deps crate does.

use crate::directives::Directive;
use crate::discovery::system_deps::{self, Problem, metadata};
use crate::engine::{Engine, Result, declared, io};
use crate::failure::FailureKind;

const PLACE: &str = "system-deps";

/// Reads the table from the package's manifest and adds its directives.
pub(super) fn system_deps(engine: &mut Engine<'_>) -> Result<()> {
    let declaration = engine.declaration;
    let Some(condition) = &declaration.system_deps else { return Ok(()) };
    if !engine.stands(Some(condition))? {
        return Ok(());
    }
    let path = engine.request.package.manifest_dir.join("Cargo.toml");
    let text = engine.world.read_text(&path).map_err(|error| io(&path, &error))?;
    let table = metadata::parse(&text).map_err(|error| declared(PLACE, error.message))?;
    let Some(table) = table else {
        return Err(declared(PLACE, "the manifest has no [package.metadata.system-deps]"));
    };
    match system_deps::resolve(&table, engine.request, engine.world) {
        Ok(resolved) => {
            engine.attempts.extend(resolved.attempts);
            engine.directives.extend(resolved.directives);
            // If the driver has chosen the providers, it has already shown the warnings.
            if engine.request.providers.is_empty() {
                engine.directives.extend(resolved.warnings.into_iter().map(Directive::Warning));
            }
            Ok(())
        }
        Err(unresolved) => {
            engine.attempts.extend(unresolved.attempts);
            Err(failure(unresolved.problems))
        }
    }
}

/// Returns the first problem with the remedies of all, so that the user can install everything at once.
fn failure(problems: Vec<Problem>) -> FailureKind {
    let (mut missing, mut all) = (Vec::new(), Vec::new());
    for problem in problems {
        match problem {
            Problem::Invalid { place, why } => return FailureKind::Library { library: place, problem: why },
            Problem::Missing { key, remedies, .. } => {
                missing.push(key);
                for remedy in remedies {
                    if !all.contains(&remedy) {
                        all.push(remedy);
                    }
                }
            }
        }
    }
    FailureKind::LibraryNotFound { library: missing.join(", "), remedies: all }
}
