//! Every folder of `tests/attacks` is a case; a new case needs no Rust code. `tests/attacks/README.md` describes
//! the keys of a case.
//!
//! Each case runs in a temporary copy with a home, a cargo home and a state folder of its own, in parallel. After
//! it, the canary folder must hold exactly the expected names (by default none: no code of the case ran), and no
//! file outside the build's own folders may have been written.
//!
//! `INERT_ATTACK=<text>,<text>` runs the cases whose name contains one of the texts, and shows the output of each
//! command.

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
    run_all("attacks", Messages::AsTheyAre);
}

/// Tests the commands that maintain a policy in the same harness: `tests/policies`.
#[test]
fn policies() {
    run_all("policies", Messages::AsTheyAre);
}

/// Tests that nothing depends on a sentence: with each replaced by its code, cases end in the same way.
/// `INERT_CODES=all` includes every case, also of the attacks; by default only those run in which a refusal is
/// answered.
#[test]
#[expect(clippy::disallowed_methods, reason = "the harness's own switch, read once")]
fn every_decision_stands_without_its_sentence() {
    if std::env::var_os("INERT_CODES").is_some_and(|value| value == "all") {
        run_all("attacks", Messages::Codes(&[]));
        run_all("policies", Messages::Codes(&[]));
    } else {
        run_all(
            "policies",
            Messages::Codes(&["review-allows", "review-denies-and-stops", "init-baseline", "partly-derived"]),
        );
    }
}

/// The text that replaces a refusal's sentence.
enum Messages {
    AsTheyAre,
    /// The refusal's code, in the listed cases, or in all if none is listed.
    Codes(&'static [&'static str]),
}

/// The variable that makes Inert's debug builds replace sentences of refusals by their codes.
const CODES_ONLY: &str = "INERT_TEST_CODES_ONLY";

#[expect(clippy::disallowed_methods, reason = "the harness's own switch, read once")]
fn run_all(folder: &str, messages: Messages) {
    let filter = std::env::var("INERT_ATTACK").ok();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut cases = case::all(&folder);
    assert!(!cases.is_empty(), "no cases in {}", folder.display());
    if let Some(filter) = &filter {
        cases.retain(|(name, _)| filter.split(',').any(|part| name.contains(part)));
    }
    if let Messages::Codes(named) = &messages {
        cases.retain(|(name, _)| named.is_empty() || named.contains(&name.as_str()));
        assert!(!cases.is_empty() || filter.is_some(), "the named cases are gone: {named:?}");
    }
    let bases = Path::new(env!("CARGO_MANIFEST_DIR")).join("attacks");
    let tools = tools::built();
    let failures = Mutex::new(Vec::new());
    inert_tests::parallel::each(cases.len(), |at| {
        let (name, path) = &cases[at];
        let problems = match case::read(path) {
            Ok(mut case) => {
                if matches!(messages, Messages::Codes(_)) {
                    for step in &mut case.steps {
                        step.says.clear();
                        step.silent.clear();
                        step.env.insert(CODES_ONLY.to_owned(), "1".to_owned());
                    }
                }
                run::run(name, &case, &bases, tools, filter.is_some())
            }
            Err(problem) => vec![problem],
        };
        failures.lock().unwrap().extend(problems.into_iter().map(|problem| format!("{name}: {problem}")));
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} of {} cases:\n\n{}", failures.len(), cases.len(), failures.join("\n\n"));
}
