//! Every folder of `tests/attacks` is a case; adding one needs no Rust. What a case may say is in
//! `tests/attacks/README.md`.
//!
//! Each case runs in a temporary copy with a home, a cargo home and a state folder of its own, in parallel. After it,
//! the canary folder holds exactly what the case expects (by default nothing: nothing of the case's ran), and no file
//! outside the build's own folders was written.
//!
//! `INERT_ATTACK=<text>` runs the cases whose name holds the text, and shows what each command said.

#[path = "attacks/case.rs"]
mod case;
#[path = "attacks/run.rs"]
mod run;
#[path = "attacks/tools.rs"]
mod tools;

use std::path::Path;
use std::sync::Mutex;

#[test]
fn attacks() {
    run_all("attacks");
}

/// The commands that keep a policy, by the same harness: `tests/policies`.
#[test]
fn policies() {
    run_all("policies");
}

#[expect(clippy::disallowed_methods, reason = "the harness's own switch, read once")]
fn run_all(folder: &str) {
    let filter = std::env::var("INERT_ATTACK").ok();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut cases = case::all(&folder);
    assert!(!cases.is_empty(), "no cases in {}", folder.display());
    if let Some(filter) = &filter {
        cases.retain(|(name, _)| name.contains(filter.as_str()));
    }
    let bases = Path::new(env!("CARGO_MANIFEST_DIR")).join("attacks");
    let tools = tools::built();
    let failures = Mutex::new(Vec::new());
    inert_tests::parallel::each(cases.len(), |at| {
        let (name, path) = &cases[at];
        let problems = match case::read(path) {
            Ok(case) => run::run(name, &case, &bases, tools, filter.is_some()),
            Err(problem) => vec![problem],
        };
        failures.lock().unwrap().extend(problems.into_iter().map(|problem| format!("{name}: {problem}")));
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} of {} cases:\n\n{}", failures.len(), cases.len(), failures.join("\n\n"));
}
