//! The build scripts of the unit graph, each with its declaration and with what is known of its runs before the build.

use std::collections::BTreeMap;
use std::path::Path;

use super::input::Input;
use super::model::{Allowance, Declared, PlanError, Residue, Run};
use super::{declaration, graph_paths, run_facts};
use crate::cargo::facts::TargetFacts;
use crate::cargo::package::{Package, PackageId, pin_source};
use crate::console::Progress;

/// A build script, with its package, its runs and its declaration.
pub(super) struct Script<'a> {
    pub(super) package: Package,
    pub(super) source: String,
    pub(super) path: &'a Path,
    /// The units that compile it.
    pub(super) compiles: Vec<usize>,
    pub(super) runs: Vec<ScriptRun>,
    pub(super) is_std: bool,
    pub(super) member: bool,
    pub(super) declared: Result<Declared, Residue>,
}

/// A run of a script, with its facts.
pub(super) struct ScriptRun {
    /// The unit that is the run.
    pub(super) unit: usize,
    /// The run, as the plan will hold it: not needed yet, without providers and producers.
    pub(super) run: Run,
    /// The facts about the run's target.
    pub(super) target: TargetFacts,
    /// The table of Cargo's configuration that replaces the run. Such a run needs no decision and has no inputs.
    pub(super) overridden: Option<Allowance>,
    /// True if the script and its package are compiled with the same setting of debug assertions.
    pub(super) debug_assertions_agree: bool,
    /// The packages that the script is linked with directly, by name, each with its features.
    pub(super) build_dependencies: Vec<(String, Vec<String>)>,
}

/// The units of one script.
#[derive(Default)]
struct Group {
    compiles: Vec<usize>,
    runs: Vec<usize>,
    is_std: bool,
}

/// Finds the scripts of the unit graph, with their declarations and the facts of their runs.
///
/// # Errors
/// A package cannot be found on disk, a package has several scripts, or a declaration that applies is invalid.
pub(super) fn collect<'a>(input: &Input<'a>) -> Result<Vec<Script<'a>>, PlanError> {
    let mut groups: BTreeMap<(&str, &Path), Group> = BTreeMap::new();
    for (index, unit) in input.graph.units.iter().enumerate() {
        if !unit.is_script_run() && !unit.is_script_compile() {
            continue;
        }
        let group = groups.entry((&unit.pkg_id, &unit.target.src_path)).or_default();
        let list = if unit.is_script_run() { &mut group.runs } else { &mut group.compiles };
        list.push(index);
        group.is_std |= unit.is_std;
    }
    let mut scripts = Vec::new();
    let mut bad = Vec::new();
    let several = |package: &str| groups.keys().filter(|(other, _)| *other == package).count() > 1;
    if let Some((package, _)) = groups.keys().find(|(package, _)| several(package)) {
        let id = PackageId::parse(package).map_or_else(|| (*package).to_owned(), |id| id.to_string());
        return Err(PlanError::Other(format!(
            "{id} has several build scripts (`build = [\"…\", \"…\"]`, an unstable feature of Cargo's): a declaration, an entry of \
             inert.toml and a digest are of one script, and which of them each would stand for is not defined"
        )));
    }
    let parents = graph_paths::parents(input.graph);
    let mut progress = Progress::new("Reading", "build scripts", groups.len());
    for ((pkg_id, path), Group { compiles, runs, is_std }) in groups {
        let id = PackageId::parse(pkg_id).ok_or_else(|| {
            PlanError::Other(format!("cargo named a package in a form that is not known: {pkg_id}"))
        })?;
        progress.step(&id.to_string());
        let package = Package::locate(id, path).map_err(PlanError::Other)?;
        let source = pin_source(&package, input.workspace_root);
        let declared = if is_std {
            Err(Vec::new())
        } else {
            match declaration::declaration(&package, path, &source, input.policy, input.derivations) {
                Ok(declared) => declared,
                Err(mut error) => {
                    let unit = runs.first().or(compiles.first());
                    let via = unit.map(|unit| graph_paths::path_to(input.graph, &parents, *unit));
                    error.via = via.unwrap_or_default().iter().map(ToString::to_string).collect();
                    bad.push(error);
                    continue;
                }
            }
        };
        let member = input.members.iter().any(|member| member == pkg_id);
        let runs = runs.into_iter().map(|unit| run(unit, &package, &compiles, input)).collect();
        scripts.push(Script { package, source, path, compiles, runs, is_std, member, declared });
    }
    if bad.is_empty() { Ok(scripts) } else { Err(PlanError::Declarations(bad)) }
}

fn run(unit: usize, package: &Package, compiles: &[usize], input: &Input<'_>) -> ScriptRun {
    let units = &input.graph.units;
    let run = run_facts::run_of(&units[unit], input.recording, input.profiles);
    ScriptRun {
        target: input.recording.targets.get(&units[unit].platform).cloned().unwrap_or_default(),
        overridden: override_of(package, &run.target, input),
        debug_assertions_agree: run_facts::debug_assertions_agree(
            &units[unit],
            compiles.iter().map(|index| &units[*index]),
            input.recording,
        ),
        build_dependencies: run_facts::build_dependencies(compiles, input.graph),
        unit,
        run,
    }
}

/// Returns the override of a run by Cargo's configuration.
fn override_of(package: &Package, triple: &str, input: &Input<'_>) -> Option<Allowance> {
    let links = package.links.as_ref()?;
    let place = input.overrides.get(&(triple.to_owned(), links.clone()))?;
    Some(Allowance::Overridden { table: format!("target.{triple}.{links}"), place: place.clone() })
}
