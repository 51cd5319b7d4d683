//! Converts the plan of a run to a request for the resolver.

use std::path::Path;

use inert_manifest_spec::LinkKind;
use inert_resolver::Request;

use super::launch;
use crate::artifacts::build_dir::BuildDir;
use crate::environment::Environment;
use crate::plan::model::{Provided, Run, ScriptPlan};

/// Sets the request's fields from the plan of a run. Returns each library that another package of the build ships, with
/// that package's script and key.
pub(super) fn planned(
    request: &mut Request,
    script: &ScriptPlan,
    run: &Run,
) -> Vec<(String, String, String)> {
    let mut from_others = Vec::new();
    request.host.clone_from(&script.rustc.host);
    for (library, provided) in &run.providers {
        let provider = match provided {
            Provided::System => inert_resolver::request::Provider::System,
            Provided::Source => inert_resolver::request::Provider::Source,
            Provided::Absent => inert_resolver::request::Provider::Absent,
            Provided::Shared { script, key, .. } => {
                from_others.push((library.clone(), script.clone(), key.clone()));
                continue;
            }
        };
        request.providers.insert(library.clone(), provider);
    }
    for (library, is_static) in &run.static_libraries {
        let kind = if *is_static { LinkKind::Static } else { LinkKind::Dylib };
        request.libraries.kind.insert(library.clone(), kind);
    }
    request.libraries.prefix.clone_from(&run.library_prefixes);
    request.not_built.clone_from(&run.not_built);
    from_others
}

/// Returns the output of a run that no unit needs: only the stamp as a dependency.
pub(super) fn only_the_stamp(stamp: &Path) -> String {
    format!("cargo:rerun-if-changed={}\n", stamp.display())
}

pub(super) fn attempts_text(attempts: &[inert_resolver::Attempt]) -> String {
    attempts.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Returns the run of the plan that Cargo started, by target and features.
///
/// # Errors
/// The plan has no such run: a variable in the environment differs from the plan.
pub(super) fn planned_run<'a>(script: &'a ScriptPlan, request: &Request) -> Result<&'a Run, String> {
    let same = |run: &&Run| run.target == request.target.triple && run.features == request.features;
    let mut candidates: Vec<&Run> = script.runs.iter().filter(same).collect();
    candidates
        .sort_by_key(|run| run.opt_level != request.opt_level || run.debug != request.debug || !run.needed);
    candidates.first().copied().ok_or_else(|| {
        let features: Vec<_> = request.features.iter().map(String::as_str).collect();
        format!(
            "Cargo runs the script of `{}` for {} with the features [{}], otherwise than it said when this build was planned.\n  \
             help: run the command again; if this stays, look for a CARGO_… variable in `[env]` of .cargo/config.toml",
            script.package, request.target.triple, features.join(", ")
        )
    })
}

/// Returns the environment of the user who called the running `cargo inert`; nothing in the tree can add to it.
///
/// # Errors
/// The variable names no running session.
pub fn callers_environment(dir: &BuildDir, environment: &Environment) -> Result<Environment, String> {
    let variables: Vec<_> =
        environment.variables.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let callers = launch::callers_environment(&dir.root, &variables)?;
    Ok(Environment { variables: callers.into_iter().collect() })
}
