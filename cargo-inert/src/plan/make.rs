//! Makes the plan: decides every build script of the unit graph.
//!
//! The scripts that are needed depend on the decisions (a replaced script needs no build-dependencies), and the
//! decisions depend on the needed runs (a declaration may not cover all of them). So both are computed repeatedly until
//! nothing changes. A decision changes only from "not covered" to "replaced", so the loop ends.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use inert_manifest_spec::{MetadataValue, Truth};
use inert_migrate_tool::assumptions::Build;
use inert_resolver::World;
use inert_resolver::request::LibraryPolicy;

use super::input::Input;
use super::model::{
    Action, Allowance, BY_MEMBERS, BY_UNDECIDED, Closure, Decision, Declared, Origin, Pinned, Plan,
    PlanError, ProcMacro, Producer, Refusal, Residue, Run, Verdict,
};
use super::verdict::{self, Facts};
use super::{declaration, graph_paths, macros, run_facts, skip};
use crate::cargo::facts::TargetFacts;
use crate::cargo::package::{Package, PackageId, pin_source};
use crate::cargo::recording::Recording;
use crate::cargo::unit_graph::Unit;
use crate::console::Progress;
use crate::policy::{Outputs, Rights, Runtime};

struct Script<'a> {
    package: Package,
    source: String,
    path: &'a Path,
    compiles: Vec<usize>,
    runs: Vec<usize>,
    is_std: bool,
    member: bool,
    declared: Result<Declared, Residue>,
}

/// Decides every script of the graph.
///
/// # Errors
/// A package cannot be found on disk, or a declaration that applies is invalid.
pub fn make(input: &Input<'_>) -> Result<Plan, PlanError> {
    let scripts = collect(input)?;
    // A run that Cargo's configuration overrides needs no decision and has no inputs.
    let own = |script: &Script<'_>, run: usize| override_of(script, run, input).is_none();
    let mut considered: Vec<Vec<bool>> =
        scripts.iter().map(|script| script.runs.iter().map(|run| own(script, *run)).collect()).collect();
    let mut needed;
    let mut verdicts;
    loop {
        verdicts = scripts
            .iter()
            .zip(&considered)
            .map(|(script, runs)| judged(script, runs, input))
            .collect::<Vec<_>>();
        let replaced: BTreeSet<usize> = scripts
            .iter()
            .zip(&verdicts)
            // The dependencies of a script for WebAssembly are compiled separately, for that target.
            .filter(|(_, verdict)| verdict.action == Action::Replace || verdict.runtime == Runtime::Wasm)
            .flat_map(|(script, _)| script.compiles.iter().copied())
            .collect();
        needed = skip::needed(input.graph, |index| replaced.contains(&index));
        let now: Vec<Vec<bool>> = scripts
            .iter()
            .map(|script| script.runs.iter().map(|run| needed[*run] && own(script, *run)).collect())
            .collect();
        if now == considered {
            break;
        }
        considered = now;
    }
    let parents = graph_paths::parents(input.graph);
    let mut decisions = Vec::new();
    let by_run = producers(&scripts, &verdicts, input);
    for ((script, verdict), needs) in scripts.into_iter().zip(verdicts).zip(&considered) {
        let unneeded = !needs.iter().any(|need| *need);
        let script_is_std = script.is_std;
        let mut overridden = script
            .runs
            .iter()
            .filter(|run| needed[**run])
            .filter_map(|run| override_of(&script, *run, input));
        let overridden = if unneeded { overridden.next() } else { None };
        let runs = script
            .runs
            .iter()
            .zip(needs)
            .map(|(run, need)| {
                let unit = &input.graph.units[*run];
                let whose = unit.dependencies.iter().filter_map(|edge| by_run.get(&edge.index));
                Run {
                    producers: whose.cloned().collect(),
                    ..run_facts::run_of(unit, input.recording, input.profiles, *need)
                }
            })
            .collect();
        let via = script
            .runs
            .first()
            .map(|run| graph_paths::path_to(input.graph, &parents, *run))
            .unwrap_or_default();
        let closure = if verdict.action == Action::Replace || unneeded {
            BTreeMap::new()
        } else {
            graph_paths::build_closure(&script.compiles, input.graph).map_err(PlanError::Other)?
        };
        let wasm = if verdict.runtime == Runtime::Wasm && !unneeded {
            Some(super::wasm::compile(&script.compiles, input).map_err(PlanError::Other)?)
        } else {
            None
        };
        let (declared, residue) = match script.declared {
            Ok(declared) if verdict.action == Action::Replace => (Some(declared), Vec::new()),
            Ok(declared) => {
                let lines = declared.undecided.iter().map(|(line, _)| line.clone()).collect();
                (Some(declared), lines)
            }
            Err(residue) => (None, residue),
        };
        let mut decision = Decision {
            package: script.package,
            source: script.source,
            script: script.path.to_path_buf(),
            member: script.member,
            action: match (&overridden, unneeded) {
                (Some(_), _) => Action::Overridden,
                (None, true) => Action::Unneeded,
                (None, false) => verdict.action,
            },
            origin: verdict.origin,
            declared,
            residue,
            refusal: if overridden.is_some() { None } else { verdict.refusal },
            allowance: overridden.or(verdict.allowance),
            runs,
            via,
            pinned: verdict.pinned,
            pinned_closure: Closure::new(),
            outputs: Outputs::default(),
            wasm,
            confined: None,
            baseline: verdict.baseline,
            unreviewed: verdict.unreviewed,
            build_closure: closure,
        };
        if decision.action == Action::Run {
            // The script of a member or of the toolchain; an [[allow]] entry, if there is one, takes precedence.
            let own = decision.member && input.policy.members == crate::policy::Members::Allow;
            decision.outputs.any = own || script_is_std;
            let members = input.policy.members >= crate::policy::Members::Confined;
            if decision.member && members && !script_is_std {
                decision.confined = Some((Rights::default(), BY_MEMBERS.to_owned()));
            }
            if decision.allowance == Some(Allowance::Undecided) {
                decision.confined = Some((Rights::default(), BY_UNDECIDED.to_owned()));
                if decision.is_outside() {
                    decision.action = Action::Deny;
                    decision.refusal = Some(Refusal::OutsidePackage);
                }
            }
            verdict::check_pins(&mut decision, input.policy);
        }
        let unsaid = decision.action == Action::Deny && decision.origin == Origin::None;
        if unsaid && decision.refusal == Some(Refusal::Undecided) && decision.is_outside() {
            decision.refusal = Some(Refusal::OutsidePackage);
        }
        decisions.push(decision);
    }
    let policies = library_policies(&decisions, input)?;
    let mut providers = super::providers::fix(&decisions, input.recording, &policies, input.environment);
    providers.unknown_names = super::providers::unknown_names(
        input.libraries,
        input.policy.path.as_deref(),
        &decisions,
        &providers.asks,
    );
    for decision in &mut decisions {
        let package = decision.package.id.to_string();
        for run in &mut decision.runs {
            let of =
                |((asker, target, key), provided): (&(String, String, String), &super::model::Provided)| {
                    (*asker == package && *target == run.target).then(|| (key.clone(), provided.clone()))
                };
            run.providers = providers.fixed.iter().filter_map(of).collect();
            let asker = (package.clone(), run.target.clone());
            run.not_built = providers.not_built.get(&asker).cloned().unwrap_or_default();
            let Some(policy) = policies.get(&run.target) else { continue };
            let own = providers
                .words
                .iter()
                .filter(|((asker, target, _), _)| *asker == package && *target == run.target);
            // The settings for each key of the package's libraries; all settings for libraries that are requested only
            // in the build.
            for word in std::iter::once(policy).chain(own.map(|(_, word)| word)) {
                run.static_libraries.extend(
                    word.kind
                        .iter()
                        .map(|(name, kind)| (name.clone(), *kind == inert_manifest_spec::LinkKind::Static)),
                );
                run.library_prefixes.extend(word.prefix.clone());
            }
        }
    }
    decisions.sort_by(|a, b| (&a.package.id, &a.script).cmp(&(&b.package.id, &b.script)));
    let (skipped, needed_keys) = skip::skipped(input.graph, &needed);
    let places = skip::places(input.graph, &needed);
    let found = macros::of_build(input, &needed).map_err(PlanError::Other)?;
    let (refused_macros, reviewed) = macros::unreviewed(&found, input.policy);
    let of_graph = |(id, one): (_, macros::Macro)| {
        let reviewed = reviewed.macros.contains_key(&one.file);
        (id, ProcMacro { source: one.source, member: one.member, reviewed, closure: one.closure })
    };
    let proc_macros = found.into_iter().map(of_graph).collect();
    let pinned = pinned(&decisions, reviewed, input);
    Ok(Plan {
        skipped,
        places,
        needed: needed_keys,
        lookalikes: graph_paths::lookalikes(input.graph),
        providers,
        reviews_macros: input.policy.proc_macros == crate::policy::ProcMacros::Review,
        refused_macros,
        pinned,
        proc_macros,
        variables: decisions
            .iter()
            .filter_map(|decision| decision.declared.as_ref())
            .flat_map(variables)
            .collect(),
        decisions,
    })
}

/// Returns the override of a run by Cargo's configuration.
fn override_of(script: &Script<'_>, run: usize, input: &Input<'_>) -> Option<Allowance> {
    let links = script.package.links.as_ref()?;
    let triple = run_facts::triple(&input.graph.units[run], input.recording);
    let file = input.overrides.get(&(triple.clone(), links.clone()))?;
    Some(Allowance::Overridden { table: format!("target.{triple}.{links}"), file: file.clone() })
}

/// Returns the pins of all units that are compiled from files that an entry pins.
fn pinned(decisions: &[Decision], reviewed: macros::Reviewed, input: &Input<'_>) -> Pinned {
    let mut packages = reviewed.linked;
    let mut roots: BTreeSet<PathBuf> = reviewed.macros.values().map(|one| one.root.clone()).collect();
    for decision in decisions.iter().filter(|decision| decision.pinned.is_some()) {
        packages.extend(decision.build_closure.clone());
        roots.insert(decision.package.root.clone());
    }
    roots.extend(packages.values().cloned());
    let mut sources = graph_paths::sources_of(&packages, input.graph);
    sources.retain(|source, _| !reviewed.macros.contains_key(source));
    // The name of a stamp contains a digest of everything that the unit is checked against.
    let mut digests: BTreeMap<&PathBuf, &str> = BTreeMap::new();
    let closures = reviewed.macros.values().map(|one| &one.checked.closure);
    for closure in closures.chain(decisions.iter().map(|decision| &decision.pinned_closure)) {
        digests.extend(closure.iter().map(|(root, digest)| (root, digest.as_str())));
    }
    let libraries = sources.iter().map(|(source, root)| {
        (source.clone(), format!("{} {}", root.display(), digests.get(root).copied().unwrap_or_default()))
    });
    let of_macros =
        reviewed.macros.iter().map(|(source, pin)| (source.clone(), format!("{:?}", pin.checked)));
    let stamp = |(source, pins): (PathBuf, String)| {
        let text = format!("{} {pins} {roots:?} {}", source.display(), env!("CARGO_PKG_VERSION"));
        (source, format!("pinned-{}", &crate::digest::text(&text)[..24]))
    };
    let stamps = libraries.chain(of_macros).map(stamp).collect();
    Pinned {
        sources,
        macros: reviewed.macros,
        stamps,
        base: input.workspace_root.to_path_buf(),
        build_output: crate::digest::build_output(),
        roots,
    }
}

/// Returns the policy settings for libraries for each target that a script runs for.
fn library_policies(
    decisions: &[Decision],
    input: &Input<'_>,
) -> Result<BTreeMap<String, LibraryPolicy>, PlanError> {
    let mut policies = BTreeMap::new();
    for run in decisions.iter().flat_map(|decision| &decision.runs) {
        if !policies.contains_key(&run.target) {
            let facts = run_facts::facts_of(input.recording, &run.target);
            let policy = input.libraries.of(&run.target, &facts).map_err(PlanError::Other)?;
            policies.insert(run.target.clone(), policy);
        }
    }
    Ok(policies)
}

/// Returns, by unit, the scripts whose metadata other scripts may read.
fn producers(
    scripts: &[Script<'_>],
    verdicts: &[Verdict],
    input: &Input<'_>,
) -> BTreeMap<usize, (String, Producer)> {
    use MetadataValue::{Path, PathList, Paths};
    let mut found = BTreeMap::new();
    for (script, verdict) in scripts.iter().zip(verdicts) {
        let Some(links) = &script.package.links else { continue };
        for run in &script.runs {
            let key = (run_facts::triple(&input.graph.units[*run], input.recording), links.clone());
            let producer = Producer {
                name: script.package.id.name.clone(),
                root: script.package.root.clone(),
                // Cargo passes on the metadata of an override, and no stand-in records it.
                replaced: verdict.action == Action::Replace && !input.overrides.contains_key(&key),
                script: super::model::script_id(&script.package.id, script.path),
                paths: keys_of(script, |value| matches!(value, Path(_) | Paths(_) | PathList(_))),
                lists: keys_of(script, |value| matches!(value, PathList(_))),
            };
            found.insert(*run, (links.clone(), producer));
        }
    }
    found
}

/// Returns the keys of metadata whose alternatives are all of a kind.
fn keys_of(script: &Script<'_>, is: fn(&MetadataValue) -> bool) -> BTreeSet<String> {
    let metadata = script.declared.iter().flat_map(|one| &one.declaration.links_metadata);
    let keys = metadata.filter(|(_, value)| value.alternatives.iter().all(|item| is(&item.value)));
    keys.map(|(key, _)| key.clone()).collect()
}

/// The units of one script.
#[derive(Default)]
struct Group {
    compiles: Vec<usize>,
    runs: Vec<usize>,
    is_std: bool,
}

fn collect<'a>(input: &Input<'a>) -> Result<Vec<Script<'a>>, PlanError> {
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
        scripts.push(Script { package, source, path, compiles, runs, is_std, member, declared });
    }
    if bad.is_empty() { Ok(scripts) } else { Err(PlanError::Declarations(bad)) }
}

fn judged(script: &Script<'_>, considered: &[bool], input: &Input<'_>) -> Verdict {
    let facts = Facts {
        package: &script.package,
        source: &script.source,
        member: script.member,
        is_std: script.is_std,
        declared: script.declared.as_ref().ok(),
    };
    verdict::verdict(&facts, input.policy, input.deny, |declared| {
        uncovered_run(script, declared, considered, input)
    })
}

/// Returns why the declaration does not cover a run that is needed.
fn uncovered_run(
    script: &Script<'_>,
    declared: &Declared,
    considered: &[bool],
    input: &Input<'_>,
) -> Option<Refusal> {
    for (index, _) in script.runs.iter().zip(considered).filter(|(_, considered)| **considered) {
        let unit = &input.graph.units[*index];
        let run = run_facts::run_of(unit, input.recording, input.profiles, true);
        let facts = target_facts(&input.graph.units, script, input.recording, &run);
        let features = run_facts::cfgs(&facts, &run).remove("target_feature").flatten().unwrap_or_default();
        let broken = declared.assumes.broken_by(&Build {
            target: &run.target,
            rustc_verbose: &input.recording.rustc.verbose_version,
            rustflags: &facts.rustflags,
            target_features: &features,
            build_dir: input.build_dir,
            rustc_on_path: crate::environment::is_on_path(&input.recording.rustc.path, input.environment),
            debug_assertions_agree: run_facts::debug_assertions_agree(
                unit,
                script.compiles.iter().map(|index| &input.graph.units[*index]),
                input.recording,
            ),
        });
        if let Some(what) = broken {
            return Some(Refusal::Assumption(what));
        }
        if declared.declaration.unsupported.is_none() {
            continue;
        }
        let request = run_facts::request(&script.package, &run, &facts, &input.recording.rustc);
        let request = match request {
            Ok(request) => request,
            Err(error) => return Some(Refusal::UnknownCompiler(error)),
        };
        let environment =
            input.environment.variables.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let mut world = World::new(environment, PathBuf::new());
        if inert_resolver::unsupported(&declared.declaration, &request, &mut world) != Truth::No {
            let mut holds = |text: &str| {
                let parsed = inert_manifest_spec::parse_declaration(text).declaration;
                parsed.is_some_and(|one| inert_resolver::unsupported(&one, &request, &mut world) != Truth::No)
            };
            let line = declared.undecided.iter().find(|(_, place)| holds(place)).map(|(line, _)| line);
            let holding = inert_resolver::uncovered(&declared.declaration, &request, &mut world);
            let links = script.package.links.as_deref();
            let is_set = |name: &str| input.environment.get(name).is_some();
            return Some(Refusal::NotCovered {
                line: line.cloned(),
                advice: super::variable_advice::advice(&holding, &declared.declaration, links, &is_set),
                conditions: holding.iter().map(ToString::to_string).collect(),
                target: run.target.clone(),
            });
        }
    }
    None
}

/// Returns the variables that `unsupported` depends on.
fn variables(declared: &Declared) -> Vec<String> {
    let mut names = Vec::new();
    if let Some(condition) = &declared.declaration.unsupported {
        condition.for_each_fact(&mut |fact| {
            if let inert_manifest_spec::Fact::Env { name, .. } = fact {
                names.push(name.clone());
            }
        });
    }
    names
}

fn target_facts(units: &[Unit], script: &Script<'_>, recording: &Recording, run: &Run) -> TargetFacts {
    let unit = script
        .runs
        .iter()
        .map(|index| &units[*index])
        .find(|unit| run_facts::triple(unit, recording) == run.target);
    unit.and_then(|unit| recording.targets.get(&unit.platform)).cloned().unwrap_or_default()
}
