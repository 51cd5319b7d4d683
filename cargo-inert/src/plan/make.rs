//! Makes the plan: decides every build script of the unit graph.
//!
//! The scripts that are needed depend on the decisions (a replaced script needs no build-dependencies), and the
//! decisions depend on the needed runs (a declaration may not cover all of them). So both are computed repeatedly until
//! nothing changes. A decision changes only from "not covered" to "replaced", so the loop ends.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use inert_manifest_spec::MetadataValue;
use inert_resolver::request::LibraryPolicy;

use super::input::Input;
use super::model::{
    Action, Allowance, BY_MEMBERS, BY_UNDECIDED, Closure, Decision, Declared, GrantedLibraries, NotInWasm,
    Origin, Pinned, Plan, PlanError, ProcMacro, Producer, Refusal, Run, Verdict,
};
use super::scripts::{Script, ScriptRun};
use super::verdict::{self, Facts};
use super::wasm_first::{self, Attempt};
use super::{coverage, granted_libraries, graph_paths, library_names, macros, run_facts, scripts, skip};
use crate::policy::{Outputs, Rights, Runtime};

/// Decides every script of the graph.
///
/// # Errors
/// A package cannot be found on disk, or a declaration that applies is invalid.
pub fn make(input: &Input<'_>) -> Result<Plan, PlanError> {
    let scripts = scripts::collect(input)?;
    let attempts = Attempts::of(&scripts);
    let judged = judge(&scripts, &attempts, input);
    let by_run = producers(&scripts, &judged.verdicts);
    let parents = graph_paths::parents(input.graph);
    let mut decisions = Vec::new();
    for ((script, verdict), attempt) in scripts.into_iter().zip(judged.verdicts).zip(attempts.0) {
        let known = (judged.needed.as_slice(), &by_run, parents.as_slice());
        decisions.push(decide(script, verdict, attempt.into_inner(), known, input)?);
    }
    let policies = library_policies(&decisions, input)?;
    let mut providers = super::providers::fix(&decisions, input.recording, &policies, input.environment);
    library_names::of_caller(&input.libraries.caller, &decisions, &providers.asks)
        .map_err(PlanError::Arguments)?;
    providers.unknown_names =
        library_names::unknown(input.libraries, input.policy.path.as_deref(), &decisions, &providers.asks);
    give_providers(&mut decisions, &providers, &policies);
    let around = granted_libraries::Around {
        recording: input.recording,
        policies: &policies,
        environment: input.environment,
    };
    let journal = granted_libraries::find(&mut decisions, &around);
    providers.journal.entries.extend(journal.entries);
    decisions.sort_by(|a, b| (&a.package.id, &a.script).cmp(&(&b.package.id, &b.script)));
    let (skipped, needed_keys) = skip::skipped(input.graph, &judged.needed);
    let places = skip::places(input.graph, &judged.needed);
    let found = macros::of_build(input, &judged.needed).map_err(PlanError::Other)?;
    let (refused_macros, reviewed) = macros::unreviewed(&found, input.policy, input.workspace_root);
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

/// The verdicts on all scripts, and the units that are needed under them.
struct Judged {
    verdicts: Vec<Verdict>,
    /// Whether each unit of the graph is needed, by its index.
    needed: Vec<bool>,
}

/// What is known about each script in WebAssembly, asked only where a verdict depends on it.
struct Attempts(Vec<OnceCell<Attempt>>);

impl Attempts {
    fn of(scripts: &[Script<'_>]) -> Self {
        Self(scripts.iter().map(|_| OnceCell::new()).collect())
    }
}

/// Judges the scripts until verdicts and needed units agree.
fn judge(scripts: &[Script<'_>], attempts: &Attempts, input: &Input<'_>) -> Judged {
    let mut considered: Vec<Vec<bool>> = scripts
        .iter()
        .map(|script| script.runs.iter().map(|run| run.overridden.is_none()).collect())
        .collect();
    loop {
        let verdicts: Vec<Verdict> = scripts
            .iter()
            .zip(&considered)
            .zip(&attempts.0)
            .map(|((script, runs), attempt)| {
                let verdict = verdict_on(script, runs, input);
                if verdict.allowance != Some(Allowance::Undecided) {
                    return verdict;
                }
                let attempt = attempt.get_or_init(|| wasm_first::attempt(script, input));
                verdict::of_undecided(verdict, input.policy, input.confines, attempt)
            })
            .collect();
        let replaced: BTreeSet<usize> = scripts
            .iter()
            .zip(&verdicts)
            // The dependencies of a script for WebAssembly are compiled separately, for that target.
            .filter(|(_, verdict)| verdict.action == Action::Replace || verdict.runtime == Runtime::Wasm)
            .flat_map(|(script, _)| script.compiles.iter().copied())
            .collect();
        let needed = skip::needed(input.graph, |index| replaced.contains(&index));
        let now: Vec<Vec<bool>> = scripts
            .iter()
            .map(|script| {
                script.runs.iter().map(|run| needed[run.unit] && run.overridden.is_none()).collect()
            })
            .collect();
        if now == considered {
            return Judged { verdicts, needed };
        }
        considered = now;
    }
}

fn verdict_on(script: &Script<'_>, considered: &[bool], input: &Input<'_>) -> Verdict {
    let facts = Facts {
        package: &script.package,
        source: &script.source,
        member: script.member,
        is_std: script.is_std,
        declared: script.declared.as_ref().ok(),
    };
    verdict::verdict(&facts, input.policy, input.deny, |declared| {
        let runs = script.runs.iter().zip(considered).filter(|(_, considered)| **considered);
        coverage::uncovered(script, declared, runs.map(|(run, _)| run), input)
    })
}

/// The units that are needed, the producers of metadata by run, and each unit's parent in the graph.
type Known<'a> = (&'a [bool], &'a BTreeMap<usize, (String, Producer)>, &'a [Option<usize>]);

/// Makes the decision on a script from its verdict.
///
/// # Errors
/// The folder of a package that its script links cannot be found.
fn decide(
    script: Script<'_>,
    verdict: Verdict,
    attempt: Option<Attempt>,
    (needed, by_run, parents): Known<'_>,
    input: &Input<'_>,
) -> Result<Decision, PlanError> {
    let is_needed = |run: &ScriptRun| needed[run.unit] && run.overridden.is_none();
    let unneeded = !script.runs.iter().any(is_needed);
    let mut overridden =
        script.runs.iter().filter(|run| needed[run.unit]).filter_map(|run| run.overridden.clone());
    let overridden = if unneeded { overridden.next() } else { None };
    let with_producers = |run: &ScriptRun| {
        let edges = input.graph.units[run.unit].dependencies.iter();
        let producers = edges.filter_map(|edge| by_run.get(&edge.index)).cloned().collect();
        Run { producers, needed: is_needed(run), ..run.run.clone() }
    };
    let runs = script.runs.iter().map(with_producers).collect();
    let first = script.runs.first();
    let via = first.map(|run| graph_paths::path_to(input.graph, parents, run.unit)).unwrap_or_default();
    let closure = if verdict.action == Action::Replace || unneeded {
        BTreeMap::new()
    } else {
        graph_paths::build_closure(&script.compiles, input.graph).map_err(PlanError::Other)?
    };
    let undecided = verdict.allowance == Some(Allowance::Undecided);
    let (wasm, not_in_wasm) = match attempt.filter(|_| undecided && !unneeded) {
        Some(Attempt::Possible(compile)) => (Some(compile), None),
        Some(Attempt::Failed(compile, _)) if verdict.runtime == Runtime::Wasm => (Some(compile), None),
        Some(Attempt::Failed(_, why)) => (None, Some(NotInWasm { why, tried: true })),
        Some(Attempt::Impossible(why)) => (None, Some(NotInWasm { why, tried: false })),
        None if verdict.runtime == Runtime::Wasm && !unneeded => {
            (Some(super::wasm::compile(&script.compiles, input).map_err(PlanError::Other)?), None)
        }
        None => (None, None),
    };
    let native = verdict.runtime == Runtime::Native;
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
        not_in_wasm,
        confined: None,
        observed: None,
        baseline: verdict.baseline,
        unreviewed: verdict.unreviewed,
        build_closure: closure,
        libraries: GrantedLibraries::new(),
    };
    if decision.action == Action::Run {
        // The script of a member or of the toolchain; an [[allow]] entry, if there is one, takes precedence.
        let own = decision.member && input.policy.members == crate::policy::Members::Allow;
        decision.outputs.any = own || script.is_std;
        let members = input.policy.members >= crate::policy::Members::Confined;
        if decision.member && members && !script.is_std {
            decision.confined = Some((Rights::default(), BY_MEMBERS.to_owned()));
        }
        if decision.allowance == Some(Allowance::Undecided) {
            decision.confined = native.then(|| (Rights::default(), BY_UNDECIDED.to_owned()));
            if decision.is_outside() {
                decision.action = Action::Deny;
                decision.refusal = Some(Refusal::OutsidePackage);
            }
        }
        verdict::check_pins(&mut decision, input.policy, input.workspace_root);
    }
    let unsaid = decision.action == Action::Deny && decision.origin == Origin::None;
    if unsaid && decision.refusal == Some(Refusal::Undecided) && decision.is_outside() {
        decision.refusal = Some(Refusal::OutsidePackage);
    }
    Ok(decision)
}

/// Writes the providers into the runs that ask for them.
fn give_providers(
    decisions: &mut [Decision],
    providers: &super::model::Providers,
    policies: &BTreeMap<String, LibraryPolicy>,
) {
    for decision in decisions {
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
        judged_apart: crate::digest::judged_apart(),
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
            input.libraries.is_heeded(&policy, &run.target, &facts).map_err(PlanError::Arguments)?;
            policies.insert(run.target.clone(), policy);
        }
    }
    Ok(policies)
}

/// Returns, by unit, the scripts whose metadata other scripts may read.
fn producers(scripts: &[Script<'_>], verdicts: &[Verdict]) -> BTreeMap<usize, (String, Producer)> {
    use MetadataValue::{Path, PathList, Paths};
    let mut found = BTreeMap::new();
    for (script, verdict) in scripts.iter().zip(verdicts) {
        let Some(links) = &script.package.links else { continue };
        for run in &script.runs {
            let producer = Producer {
                name: script.package.id.name.clone(),
                root: script.package.root.clone(),
                // Cargo passes on the metadata of an override, and no stand-in records it.
                replaced: verdict.action == Action::Replace && run.overridden.is_none(),
                script: super::model::script_id(&script.package.id, script.path),
                paths: keys_of(script, |value| matches!(value, Path(_) | Paths(_) | PathList(_))),
                lists: keys_of(script, |value| matches!(value, PathList(_))),
            };
            found.insert(run.unit, (links.clone(), producer));
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
