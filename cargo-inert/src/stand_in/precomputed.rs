//! Computes answers before Cargo starts, for runs that compile, start and write nothing and that read no metadata of a
//! dependency. Most runs are like that, such as those that only look for libraries.
//!
//! The resolver computes them from the plan, in a world that only reads. A stand-in whose answer is missing, or was
//! computed for other inputs, computes it itself; so an answer may be left out at the cost of time.

use std::collections::BTreeSet;
use std::io;

use inert_resolver::world::Memory;
use inert_resolver::{Dialect, Request, World, directives};

use super::answer::{self, Answer};
use super::launch;
use super::request::{attempts_text, only_the_stamp, planned, planned_run};
use crate::artifacts::build_dir::BuildDir;
use crate::environment::Environment;
use crate::plan::model::{Action, Run, ScriptPlan};
use crate::plan::run_facts;
use crate::plan::seal::Session;
use crate::random::nonce;

/// The variables that Cargo sets for each script independent of the caller's values.
const CARGOS: &[&str] = &["CARGO_MAKEFLAGS", "MAKEFLAGS", "MFLAGS"];

/// Writes the answers for the runs of `scripts` into the session's folder, except for those in `current`, whose outputs
/// of earlier builds are still valid.
///
/// # Errors
/// The session's folder cannot be written.
pub fn answers(
    dir: &BuildDir,
    session: &Session,
    scripts: &[(String, ScriptPlan)],
    current: &BTreeSet<String>,
    environment: &Environment,
) -> io::Result<()> {
    let mut callers: launch::Variables = environment.variables.clone().into_iter().collect();
    launch::only_absolute(&mut callers);
    let callers: inert_resolver::Environment = callers.into_iter().collect();
    let mut memory = Memory::default();
    let mut packed = Vec::new();
    // No folder has this name. A run whose answer contains it depends on OUT_DIR or the stamp and cannot be answered
    // here.
    let unknown = format!("unknown-{}", nonce()?);
    for (id, script) in scripts.iter().filter(|(_, script)| script.checked.is_none()) {
        let runs = script.runs.iter().filter(|run| !current.contains(&script.entry(id, run)));
        let mut answers = Vec::new();
        for run in runs {
            let mut world = World::reading(callers.clone(), memory);
            answers.extend(one(dir, id, script, run, &unknown, &mut world));
            memory = world.into_memory();
        }
        if let Some(text) = answer::to_text(&answers).filter(|text| !text.is_empty()) {
            packed.push((id.as_str(), text));
        }
    }
    // Cargo has not started yet, so no process reads the file before it is complete.
    std::fs::write(answer::place(&session.folder), answer::pack(&packed))
}

fn one(
    dir: &BuildDir,
    id: &str,
    script: &ScriptPlan,
    run: &Run,
    unknown: &str,
    world: &mut World,
) -> Option<Answer> {
    let facts = script.targets.get(&run.target).cloned().unwrap_or_default();
    let rustc = &script.rustc;
    let rustc = inert_resolver::request::Rustc::parse(rustc.path.clone(), &rustc.verbose_version).ok()?;
    let mut request = Request {
        package: inert_resolver::request::Package {
            name: script.package.name.clone(),
            version: script.package.version.clone(),
            manifest_dir: script.root.clone(),
            links: script.links.clone(),
            rust_version: script.rust_version.clone(),
        },
        target: inert_resolver::request::Target {
            triple: run.target.clone(),
            cfgs: run_facts::cfgs(&facts, run),
        },
        features: run.features.clone(),
        profile: run.profile.clone(),
        opt_level: run.opt_level.clone(),
        debug: run.debug,
        rustc,
        rustflags: facts.rustflags,
        build_dependencies: script.build_dependencies.clone(),
        ..Request::default()
    };
    // If several runs have the same target and features, only the one that a stand-in would take is answered.
    if planned_run(script, &request).ok()? != run {
        return None;
    }
    let from_others = planned(&mut request, script, run);
    let features = run.features.iter().map(String::as_str).collect();
    let asked = answer::spell(
        &[
            script.root.to_str()?,
            &script.package.name,
            &script.package.version,
            &run.target,
            &script.rustc.host,
            &run.profile,
            &run.opt_level,
            if run.debug { "true" } else { "false" },
        ],
        &features,
    )?;
    request.out_dir = dir.inner().join(unknown).join("out");
    let stamp = dir.inner().join(unknown).join("stamp");
    request.stamp = Some(stamp.clone());
    let (attempts, printed) = if run.needed && script.action == Action::Replace {
        if !from_others.is_empty() {
            return None;
        }
        let declaration = inert_manifest_spec::parse_declaration(&script.declaration).declaration?;
        if !run.producers.is_empty() && run_facts::reads_metadata(&declaration) {
            return None;
        }
        let resolution = inert_resolver::resolve(&declaration, &request, world).ok()?;
        let dialect = Dialect::of(script.rust_version.as_deref());
        let printed = directives::print(&resolution.directives, dialect).ok()?;
        (attempts_text(&resolution.attempts), printed)
    } else {
        (String::new(), only_the_stamp(&stamp))
    };
    if world.was_refused() || world.journal.variables().any(|name| CARGOS.contains(&name)) {
        return None;
    }
    let (before, after) = printed.split_once(stamp.to_str()?)?;
    let answer = Answer {
        asked,
        entry: script.entry(id, run),
        journal: world.journal.to_text(),
        attempts,
        printed: [before.to_owned(), after.to_owned()],
    };
    let said = [before, after, &answer.journal, &answer.attempts];
    let known = !said.iter().any(|text| text.contains(unknown));
    known.then_some(answer)
}
