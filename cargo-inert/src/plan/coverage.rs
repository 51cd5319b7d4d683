//! Decides whether a declaration has all effects of its script in every run of this build.

use std::path::PathBuf;

use inert_manifest_spec::Truth;
use inert_migrate_tool::assumptions::Build;
use inert_resolver::World;

use super::input::Input;
use super::model::{Declared, Refusal};
use super::scripts::{Script, ScriptRun};
use super::{run_facts, variable_advice};

/// Returns why the declaration does not cover one of the runs.
pub(super) fn uncovered<'r>(
    script: &Script<'_>,
    declared: &Declared,
    runs: impl Iterator<Item = &'r ScriptRun>,
    input: &Input<'_>,
) -> Option<Refusal> {
    runs.into_iter().find_map(|run| uncovered_run(script, declared, run, input))
}

fn uncovered_run(
    script: &Script<'_>,
    declared: &Declared,
    ScriptRun { run, target, debug_assertions_agree, build_dependencies, .. }: &ScriptRun,
    input: &Input<'_>,
) -> Option<Refusal> {
    let features = run_facts::cfgs(target, run).remove("target_feature").flatten().unwrap_or_default();
    let broken = declared.assumes.broken_by(&Build {
        target: &run.target,
        rustc_verbose: &input.recording.rustc.verbose_version,
        rustflags: &target.rustflags,
        target_features: &features,
        build_dir: input.build_dir,
        rustc_on_path: crate::environment::is_on_path(&input.recording.rustc.path, input.environment),
        debug_assertions_agree: *debug_assertions_agree,
        features: &run.features.iter().cloned().collect::<Vec<_>>(),
        build_dependencies,
    });
    if let Some(what) = broken {
        return Some(Refusal::Assumption(what));
    }
    declared.declaration.unsupported.as_ref()?;
    let request = match run_facts::request(&script.package, run, target, &input.recording.rustc) {
        Ok(request) => request,
        Err(error) => return Some(Refusal::UnknownCompiler(error)),
    };
    let environment =
        input.environment.variables.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let mut world = World::new(environment, PathBuf::new());
    if inert_resolver::unsupported(&declared.declaration, &request, &mut world) == Truth::No {
        return None;
    }
    let mut holds = |text: &str| {
        let parsed = inert_manifest_spec::parse_declaration(text).declaration;
        parsed.is_some_and(|one| inert_resolver::unsupported(&one, &request, &mut world) != Truth::No)
    };
    let line = declared.undecided.iter().find(|(_, place)| holds(place)).map(|(line, _)| line);
    let holding = inert_resolver::uncovered(&declared.declaration, &request, &mut world);
    let is_set = |name: &str| input.environment.get(name).is_some();
    Some(Refusal::NotCovered {
        line: line.cloned(),
        advice: variable_advice::advice(&holding, &declared.declaration, &is_set),
        conditions: holding.iter().map(ToString::to_string).collect(),
        target: run.target.clone(),
    })
}
