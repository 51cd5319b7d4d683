//! Tests a property: the declaration derived from a script has the effects that the script has when rustc compiles it
//! and it runs.
//!
//! [`grammar`] generates random scripts. rustc compiles all of them into one program, so Rust itself is the oracle and
//! no evaluator of ours has to be trusted. Each script runs under random assignments of its inputs, and the
//! declaration's conditions are evaluated under the same assignments.
//!
//! `INERT_SCRIPTS=2000 INERT_SEED=7 cargo test -p inert-migrate-tool rust_oracle` generates more scripts, from another
//! seed.
#![cfg(test)]

mod grammar;
mod runner;
mod writer;

use std::collections::{BTreeMap, BTreeSet};

use inert_manifest_spec::condition::{Fact, Truth};
use inert_manifest_spec::types::{Cfg, Declaration, Text, TextPart};

use crate::agreement::{Assignment, Random};
use crate::interp::Interp;
use crate::{PackageSource, lower};

/// The effects of a run: it failed, or it printed these cfgs and variables.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Failed,
    Told { cfgs: BTreeSet<String>, envs: BTreeMap<String, String> },
}

/// The number of scripts unless `INERT_SCRIPTS` is set, and the number of assignments for each script.
const SCRIPTS: usize = 120;
const ASSIGNMENTS: usize = 24;

fn source(script: &str) -> PackageSource {
    PackageSource {
        script: Some("build.rs".into()),
        name: "generated".into(),
        version: "1.2.3".into(),
        edition: "2021".into(),
        features: (0..3).map(|at| format!("f{at}")).collect(),
        in_memory: BTreeMap::from([("build.rs".to_owned(), script.as_bytes().to_vec())]),
        ..PackageSource::default()
    }
}

/// Returns the value of a text; `None` if it contains a variable that this function does not know.
fn text(text: &Text, here: &Assignment) -> Option<String> {
    let mut out = String::new();
    for part in &text.parts {
        match part {
            TextPart::Literal(literal) => out.push_str(literal),
            TextPart::Variable(name) => out.push_str(&match name.as_str() {
                "target" => here.target().to_owned(),
                "host" => here.host().to_owned(),
                "package.version" => "1.2.3".to_owned(),
                "rustc.minor" => here.minor().to_string(),
                "profile" => here.profile().to_owned(),
                name => match name.split_once('.')? {
                    ("env", name) => here.variable(name)?.to_owned(),
                    ("cfg", key) => here.values(key)?.join(","),
                    _ => return None,
                },
            }),
        }
    }
    Some(out)
}

/// Returns the effects of a declaration for a build; `None` if a text contains a variable that is not known here.
fn declared(declaration: &Declaration, here: &Assignment) -> Option<Said> {
    let mut fact = |fact: &Fact| here.truth(fact);
    let mut holds = |when: &Option<inert_manifest_spec::Condition>| {
        when.as_ref().is_none_or(|when| when.evaluate(&mut fact) == Truth::Yes)
    };
    if declaration.error.iter().any(|item| holds(&item.when)) {
        return Some(Said::Failed);
    }
    let mut cfgs = BTreeSet::new();
    for (name, cfg) in &declaration.cfg {
        match cfg {
            Cfg::Option(when) => {
                if holds(&Some(when.clone())) {
                    cfgs.insert(name.clone());
                }
            }
            Cfg::Values(_) => return None,
        }
    }
    let mut envs = BTreeMap::new();
    for (name, value) in &declaration.rustc_env {
        let held: Vec<_> = value.alternatives.iter().filter(|item| holds(&item.when)).collect();
        assert!(held.len() <= 1, "{name} has several values: {held:?}");
        if let Some(item) = held.first() {
            envs.insert(name.clone(), text(&item.value, here)?);
        }
    }
    Some(Said::Told { cfgs, envs })
}

fn told(lines: &str) -> Said {
    let (mut cfgs, mut envs) = (BTreeSet::new(), BTreeMap::new());
    for line in lines.lines() {
        if let Some(cfg) = line.strip_prefix("cargo:rustc-cfg=") {
            cfgs.insert(cfg.to_owned());
        }
        if let Some((name, value)) =
            line.strip_prefix("cargo:rustc-env=").and_then(|rest| rest.split_once('='))
        {
            envs.insert(name.to_owned(), value.to_owned());
        }
    }
    Said::Told { cfgs, envs }
}

#[expect(clippy::disallowed_methods, reason = "the test's own switches")]
fn asked(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[expect(clippy::print_stderr, reason = "what was compared, for whoever runs more of them")]
fn compare(scripts: usize, seed: usize) {
    let mut random = Random((seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let texts: Vec<String> = (0..scripts).map(|_| writer::script(&mut random)).collect();
    let mut derived = Vec::new();
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for (at, script) in texts.iter().enumerate() {
        let source = source(script);
        let general = Interp::new(&source, crate::models::MODELS).run();
        let assignments: Vec<Assignment> =
            (0..ASSIGNMENTS).map(|_| Assignment::random(&general.inputs, &mut random)).collect();
        let derivation = lower::lower(general);
        for residue in &derivation.residue {
            *reasons.entry(residue.reason.clone()).or_default() += 1;
        }
        if let Some(declaration) = derivation.declaration {
            derived.push((at, declaration, assignments));
        }
    }
    let runs: Vec<(usize, &Assignment)> =
        derived.iter().flat_map(|(at, _, assignments)| assignments.iter().map(|one| (*at, one))).collect();
    let mut outcomes = runner::run(&texts, &runs).into_iter();
    let (mut compared, mut failed, mut differing) = (0, 0, Vec::new());
    for (at, declaration, assignments) in &derived {
        let before = differing.len();
        for here in assignments {
            let actual = outcomes.next().expect("an outcome of each run");
            let fact = &mut |fact: &Fact| here.truth(fact);
            if declaration.unsupported.as_ref().is_some_and(|when| when.evaluate(fact) == Truth::Yes) {
                continue;
            }
            let actual = actual.map_or(Said::Failed, |lines| told(&lines));
            let Some(expected) = declared(declaration, here) else { continue };
            compared += 1;
            failed += usize::from(actual == Said::Failed);
            if actual != expected && differing.len() == before {
                differing.push(format!(
                    "script {actual:?}\ndeclaration {expected:?}\nwhere {here:?}\n{}\n{}",
                    texts[*at],
                    inert_manifest_spec::write::declaration(declaration)
                ));
            }
        }
    }
    let mut reasons: Vec<(usize, String)> =
        reasons.into_iter().map(|(reason, count)| (count, reason)).collect();
    reasons.sort_unstable();
    eprintln!(
        "{} of {scripts} derived, {compared} runs compared, {failed} of them fail; not understood: {reasons:#?}",
        derived.len()
    );
    assert!(
        differing.is_empty(),
        "{} scripts differ; the first:\n{}",
        differing.len(),
        differing.iter().min_by_key(|one| one.len()).map_or("", String::as_str)
    );
    assert!(derived.len() * 2 > scripts, "only {} of {scripts} were derived: {reasons:#?}", derived.len());
}

#[test]
fn derived_scripts_say_what_they_say_when_run() {
    let run = || compare(asked("INERT_SCRIPTS", SCRIPTS), asked("INERT_SEED", 1));
    let thread = std::thread::Builder::new().stack_size(512 << 20).spawn(run).expect("a thread");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}
