//! Checks written by hand: `cases/*.txt`.

use std::collections::BTreeMap;

use inert_manifest_spec::condition::Version;

use crate::check::{self, Check};
use crate::derived::{Here, PACKAGE_VERSION};
use crate::program::{self, Program};
use crate::ratchet::{Outcome, settle};
use crate::said::Said;

/// A circumstance for checks that look at nothing.
pub(crate) fn nowhere() -> Here {
    Here {
        package: None,
        environment: BTreeMap::new(),
        cfgs: vec!["debug_assertions".to_owned()],
        host: String::new(),
        version: Version { major: 1, minor: 0, patch: 0 },
        commit_date: String::new(),
        probes: BTreeMap::new(),
    }
}

/// Derives each check by itself, on as many threads as there are processors.
pub(crate) fn answers(here: &Here, scripts: &[String]) -> Vec<crate::said::Answer> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let part = scripts.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let handles: Vec<_> = scripts
            .chunks(part)
            .map(|scripts| {
                scope.spawn(|| scripts.iter().map(|script| here.answer(script)).collect::<Vec<_>>())
            })
            .collect();
        handles.into_iter().flat_map(|handle| handle.join().expect("a derivation never panics")).collect()
    })
}

/// Compiles, runs and derives checks that need nothing around them, so many to a program.
pub(crate) fn outcomes(name: &str, checks: &[Check]) -> Vec<Outcome> {
    let here = nowhere();
    let mut out = Vec::new();
    for (at, part) in checks.chunks(2_500).enumerate() {
        let scripts: Vec<String> = part.iter().map(Check::script).collect();
        let program = Program::compile(&format!("{name}-{at}"), &scripts, &[])
            .unwrap_or_else(|errors| no_rust(part, &errors));
        let said = program.run(&(0..part.len()).collect::<Vec<_>>());
        let answers = answers(&here, &scripts);
        out.extend(part.iter().cloned().zip(said).zip(answers).map(|((check, said), answer)| Outcome {
            check,
            said,
            answer,
        }));
    }
    out
}

pub(crate) fn no_rust(checks: &[Check], errors: &program::Errors) -> ! {
    let lines: Vec<String> =
        errors.iter().take(20).map(|(at, words)| format!("{}\n    {words}", checks[*at].line())).collect();
    panic!("{} checks are no Rust:\n{}", errors.len(), lines.join("\n"))
}

/// This host, as Cargo would tell a script of it, with a variable that nobody but the scripts knows.
pub(crate) fn circumstances() -> Vec<Here> {
    let version = program::ask_rustc(&["-vV"]);
    let field = |name: &str| {
        version.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned()
    };
    let host = field("host:");
    let mut numbers =
        field("release:").split(['.', '-']).map(|part| part.parse().unwrap_or(0)).collect::<Vec<u64>>();
    numbers.resize(3, 0);
    let cfgs: Vec<String> = program::ask_rustc(&["--print", "cfg"]).lines().map(str::to_owned).collect();
    let mut environment = BTreeMap::from(
        [
            ("TARGET", host.as_str()),
            ("HOST", &host),
            ("PROFILE", "debug"),
            ("OPT_LEVEL", "0"),
            ("DEBUG", "true"),
            ("NUM_JOBS", "1"),
            ("RUSTC", "rustc"),
            ("CARGO_PKG_NAME", "checked"),
            ("CARGO_PKG_VERSION", PACKAGE_VERSION),
            ("CARGO_PKG_VERSION_MAJOR", "1"),
            ("CARGO_PKG_VERSION_MINOR", "2"),
            ("CARGO_PKG_VERSION_PATCH", "3"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    for line in &cfgs {
        let (name, value) = line.split_once('=').unwrap_or((line, ""));
        let name = format!("CARGO_CFG_{}", name.to_uppercase());
        let value = value.trim_matches('"');
        environment
            .entry(name)
            .and_modify(|all: &mut String| {
                all.push(',');
                all.push_str(value);
            })
            .or_insert(value.to_owned());
    }
    [None, Some(""), Some("1")]
        .into_iter()
        .map(|value| {
            let mut environment = environment.clone();
            environment.extend(value.map(|value| ("FOO".to_owned(), value.to_owned())));
            Here {
                package: Some(check::folder().join("package")),
                environment,
                cfgs: cfgs.clone(),
                host: host.clone(),
                version: Version { major: numbers[0], minor: numbers[1], patch: numbers[2] },
                commit_date: field("commit-date:"),
                probes: BTreeMap::new(),
            }
        })
        .collect()
}

/// Checks that ask the machine: each runs alone, in each of the circumstances; the first that is wrong counts.
fn outcomes_alone(name: &str, checks: &[Check], compiled_once: bool) -> Vec<Outcome> {
    if checks.is_empty() {
        return Vec::new();
    }
    let scripts: Vec<String> = checks.iter().map(Check::script).collect();
    let compile = |environment: &[(String, String)]| {
        let set = environment.first().map(|(_, value)| value.as_str());
        let name = format!("{name}-{set:?}");
        Program::compile(&name, &scripts, environment).unwrap_or_else(|errors| no_rust(checks, &errors))
    };
    let mut program = compile(&[]);
    let mut out: Vec<Option<Outcome>> = checks.iter().map(|_| None).collect();
    for here in circumstances() {
        // A variable of the user's is there while the script is compiled, too.
        if let (false, Some(value)) = (compiled_once, here.environment.get("FOO")) {
            program = compile(&[("FOO".to_owned(), value.clone())]);
        }
        let package = here.package.clone().expect("a package");
        for (at, answer) in answers(&here, &scripts).into_iter().enumerate() {
            let said: Said = program.run_alone(at, &package, &here.environment);
            let outcome = Outcome { check: checks[at].clone(), said, answer };
            if out[at].as_ref().is_none_or(|before| before.verdict() != crate::said::Verdict::Wrong) {
                out[at] = Some(outcome);
            }
        }
    }
    out.into_iter().flatten().collect()
}

#[test]
fn cases() {
    let mut files: Vec<_> = std::fs::read_dir(check::folder().join("cases"))
        .expect("the folder of cases")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    // `INERT_CASES=iter` runs the files alone whose names hold that.
    let wanted = crate::ratchet::switch("INERT_CASES");
    files.retain(|file| file.to_string_lossy().contains(&wanted));
    let checks: Vec<Check> = files.iter().flat_map(|file| check::read(file)).collect();
    let (alone, together): (Vec<Check>, Vec<Check>) = checks.into_iter().partition(Check::is_alone);
    let mut all = outcomes("cases", &together);
    let (compiled, once): (Vec<Check>, Vec<Check>) =
        alone.into_iter().partition(|check| check.text.contains("option_env!"));
    all.extend(outcomes_alone("alone", &once, true));
    all.extend(outcomes_alone("alone-compiled", &compiled, false));
    settle("cases", &all, wanted.is_empty());
}
