//! `cargo inert audit --target all|tier1|<list>`: the decisions of the same command for several targets, one build
//! each.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;

use crate::cargo;
use crate::cargo::invocation::Invocation;
use crate::commands::Outcome;
use crate::console::Progress;
use crate::driver::{self, Context, Failure, Prepared, lock_collect};
use crate::plan::model::Action;
use crate::report::targets::{OfTargets, Refused, Script, State};
use crate::report::{self, refusal};
use crate::{exit, lock};

/// The targets of tier 1 of Rust 1.95, which are also hosts.
const TIER_1: &[&str] = &[
    "aarch64-apple-darwin",
    "aarch64-pc-windows-msvc",
    "aarch64-unknown-linux-gnu",
    "i686-pc-windows-msvc",
    "i686-unknown-linux-gnu",
    "x86_64-pc-windows-gnu",
    "x86_64-pc-windows-msvc",
    "x86_64-unknown-linux-gnu",
];

/// The number of targets that are planned as one build, which is enough where nothing is refused.
const AT_ONCE: usize = 8;

/// Returns whether the targets of a command line are a list for this module: `all`, `tier1`, or triples with commas.
pub(super) fn asked(invocation: &Invocation) -> bool {
    invocation.targets.iter().any(|target| matches!(target.as_str(), "all" | "tier1") || target.contains(','))
}

/// Audits the build for each of the targets.
///
/// # Errors
/// See [`Failure`]; a target that Cargo rejects is part of the result.
pub(super) fn run(context: &Context, invocation: &Invocation, json: bool) -> Outcome {
    let base = Invocation {
        arguments: invocation.select(|name| name != "--target"),
        targets: Vec::new(),
        ..invocation.clone()
    };
    let targets = triples(context, &base, &invocation.targets)?;
    let mut found = OfTargets { schema: 1, targets: targets.clone(), ..OfTargets::default() };
    let mut seen = BTreeSet::new();
    let mut progress = Progress::new("Planning", "targets", targets.len());
    for some in targets.chunks(AT_ONCE) {
        // A script is decided once for a whole build. So what several targets refuse is found by asking for each.
        match prepare(context, &base, some) {
            Ok(prepared) if !report::denied::any(&prepared.plan) => {
                for target in some {
                    progress.step(target);
                }
                add(&mut found, &mut seen, &prepared, some);
                continue;
            }
            Ok(_) | Err(Failure::Cargo(_)) => {}
            Err(failure) => return Err(failure),
        }
        for target in some {
            progress.step(target);
            let one = std::slice::from_ref(target);
            match prepare(context, &base, one) {
                Ok(prepared) => add(&mut found, &mut seen, &prepared, one),
                Err(Failure::Cargo(failure)) => {
                    let _ = found.rejected.insert(target.clone(), last_line(&failure.stderr));
                }
                Err(failure) => return Err(failure),
            }
        }
    }
    drop(progress);
    // A script that Cargo.lock has and that none of these builds reaches is not forgotten.
    let all = lock_collect::all(context, &base)?;
    for script in &all.scripts {
        let entry = script.script();
        let verdict = lock::entry::verdict(&entry, &all.policy);
        let key = (script.package.id.clone(), script.source.clone());
        if verdict.action == Action::Deny && !seen.contains(&key) {
            found.elsewhere.push(Refused {
                name: key.0.name,
                version: key.0.version,
                source: key.1,
                refusal: verdict.refusal.as_ref().map(crate::plan::model::Refusal::code),
                reason: verdict.refusal.as_ref().map(refusal::sentence),
            });
        }
    }
    let refused = found.scripts.iter().any(|script| script.is_refused()) || !found.refused_macros.is_empty();
    let planned = found.rejected.len() < found.targets.len();
    if json {
        report::print_json(&found);
    } else {
        report::print(&report::escaped(&report::targets::human(&found)));
    }
    Ok(match (planned, refused) {
        (false, _) => exit::CARGO,
        (true, true) => exit::DENIED,
        (true, false) => exit::DONE,
    })
}

fn prepare(context: &Context, base: &Invocation, targets: &[String]) -> Result<Prepared, Failure> {
    let mut invocation = base.clone();
    for target in targets {
        invocation.arguments.extend([OsString::from("--target"), OsString::from(target)]);
        invocation.targets.push(target.clone());
    }
    driver::prepare(context, &invocation)
}

/// Expands the values of `--target`.
fn triples(context: &Context, base: &Invocation, asked: &[String]) -> Result<Vec<String>, Failure> {
    let mut found = BTreeSet::new();
    for word in asked.iter().flat_map(|value| value.split(',')).map(str::trim).filter(|word| !word.is_empty())
    {
        match word {
            "tier1" => found.extend(TIER_1.iter().map(|triple| (*triple).to_owned())),
            "all" => found.extend(known(context, base)?),
            // Cargo would read it as an option or as a file.
            word if word.starts_with('-') => {
                return Err(Failure::Arguments(format!("--target {word}: a triple is expected")));
            }
            word => drop(found.insert(word.to_owned())),
        }
    }
    if found.is_empty() {
        return Err(Failure::Arguments("--target names no target".to_owned()));
    }
    Ok(found.into_iter().collect())
}

/// Returns all targets that the toolchain's own rustc knows.
fn known(context: &Context, base: &Invocation) -> Result<Vec<String>, Failure> {
    let rustc = driver::prepare(context, base)?.recording.rustc;
    let own = rustc.sysroot.join("bin").join(format!("rustc{}", std::env::consts::EXE_SUFFIX));
    let program = if own.is_file() { own } else { rustc.path };
    let output = cargo::command(&program)
        .args(["--print", "target-list"])
        .output()
        .map_err(|error| Failure::Io(program.display().to_string(), error))?;
    if !output.status.success() {
        return Err(Failure::Unexpected(format!("{} --print target-list failed", program.display())));
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

fn add(
    found: &mut OfTargets,
    seen: &mut BTreeSet<(cargo::package::PackageId, String)>,
    prepared: &Prepared,
    targets: &[String],
) {
    for decision in &prepared.plan.decisions {
        let id = &decision.package.id;
        let _ = seen.insert((id.clone(), decision.source.clone()));
        let is_it = |script: &Script| {
            script.name == id.name && script.version == id.version && script.source == decision.source
        };
        let at = match found.scripts.iter().position(is_it) {
            Some(at) => at,
            None => {
                found.scripts.push(Script {
                    name: id.name.clone(),
                    version: id.version.clone(),
                    source: decision.source.clone(),
                    states: BTreeMap::new(),
                });
                found.scripts.len() - 1
            }
        };
        // Packages that build scripts and proc macros use are built for the host.
        for target in targets.iter().chain([&prepared.recording.rustc.host]) {
            let runs: Vec<_> = decision.runs.iter().filter(|run| run.target == *target).collect();
            if runs.is_empty() {
                continue;
            }
            let state = State {
                action: decision.action,
                origin: decision.origin,
                refusal: decision.refusal.as_ref().map(crate::plan::model::Refusal::code),
                reason: refusal::reason(decision),
            };
            let states = &mut found.scripts[at].states;
            // All builds of the list count for the host: a refusal in one of them is kept.
            if states.get(target).is_none_or(|old| old.action != Action::Deny) {
                let _ = states.insert(target.clone(), state);
            }
        }
    }
    for one in &prepared.plan.refused_macros {
        let refused = Refused {
            name: one.id.name.clone(),
            version: one.id.version.clone(),
            source: one.source.clone(),
            refusal: Some(one.refusal.code()),
            reason: Some(refusal::sentence(&one.refusal)),
        };
        if !found.refused_macros.contains(&refused) {
            found.refused_macros.push(refused);
        }
    }
    found.scripts.sort_by(|a, b| (&a.name, &a.version, &a.source).cmp(&(&b.name, &b.version, &b.source)));
}

fn last_line(text: &str) -> String {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.clone().find(|line| line.starts_with("error"));
    first.or_else(|| lines.next_back()).unwrap_or_default().to_owned()
}
