//! Tests random scripts of a small language. Each is written as Rust for the interpreter, and evaluated directly for
//! its expected effects: an oracle that shares only the meaning of Rust with the interpreter.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use inert_manifest_spec::condition::{Fact, Truth};

use crate::agreement::{Assignment, declared};
use crate::interp::Interp;
use crate::{PackageSource, lower};

/// The source of random choices: pseudo-random numbers, or the input of a fuzzer.
pub(crate) trait Choices {
    fn below(&mut self, limit: usize) -> usize;
}

/// The input of a fuzzer, with zeros after its end.
#[cfg(feature = "fuzzing")]
pub(crate) struct Bytes<'b>(pub(crate) &'b [u8]);

#[cfg(feature = "fuzzing")]
impl Choices for Bytes<'_> {
    fn below(&mut self, limit: usize) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first) % limit.max(1)
    }
}

/// The texts that the elements of the list are chosen from.
const WORDS: [&str; 4] = ["red", "green", "blue", "grey"];
const VALUES: [&str; 3] = ["", "1", "yes"];
const FEATURES: [&str; 3] = ["sse2", "neon", "avx2"];
const SYSTEMS: [&str; 3] = ["linux", "windows", "macos"];
const PARTS: [&str; 4] = ["windows", "gnu", "x86_64-", "-musl"];

#[derive(Debug)]
enum Test {
    Feature(usize),
    EnvSet(usize),
    EnvIs(usize, usize),
    System(usize),
    TargetHolds(usize),
    Minor(u64),
    Unstable,
    Dated,
    TargetFeature(usize, bool),
    Flag(usize),
    Count(i64),
    Has(usize),
    Length(usize),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
}

#[derive(Debug)]
enum Step {
    Print(usize),
    If(Test, Vec<Self>, Vec<Self>),
    Flag(usize, Test),
    Add(i64),
    Push(usize),
    Pop,
    /// A loop over the list, whose body runs for each element that is this text.
    Each(usize, Vec<Self>),
    /// A loop with a fixed number of rounds, left early where the test holds.
    Rounds(i64, Test, Vec<Self>),
    /// A call of a function, whose body may return early.
    Call(Vec<Self>),
    Return,
    Fail,
}

fn test(choose: &mut dyn Choices, depth: usize) -> Test {
    let inner = |choose: &mut dyn Choices| Box::new(test(choose, depth - 1));
    match choose.below(if depth == 0 { 13 } else { 17 }) {
        0 => Test::Feature(choose.below(3)),
        1 => Test::EnvSet(choose.below(2)),
        2 => Test::EnvIs(choose.below(2), choose.below(VALUES.len())),
        3 => Test::System(choose.below(SYSTEMS.len())),
        4 => Test::TargetHolds(choose.below(PARTS.len())),
        5 => Test::Minor(60 + choose.below(30) as u64),
        6 => Test::Unstable,
        7 => Test::Dated,
        8 => Test::TargetFeature(choose.below(FEATURES.len()), choose.below(2) == 1),
        9 => Test::Flag(choose.below(2)),
        10 => Test::Count(choose.below(6) as i64),
        11 => Test::Has(choose.below(WORDS.len())),
        12 => Test::Length(choose.below(4)),
        13 => Test::Not(inner(choose)),
        14 | 15 => Test::And(inner(choose), inner(choose)),
        _ => Test::Or(inner(choose), inner(choose)),
    }
}

fn steps(choose: &mut dyn Choices, depth: usize, in_loop: bool) -> Vec<Step> {
    (0..1 + choose.below(4)).map(|_| step(choose, depth, in_loop)).collect()
}

fn step(choose: &mut dyn Choices, depth: usize, in_loop: bool) -> Step {
    match choose.below(if depth == 0 { 6 } else { 14 }) {
        0 | 1 => Step::Print(choose.below(6)),
        2 => Step::Flag(choose.below(2), test(choose, 1)),
        3 => Step::Add(1 + choose.below(3) as i64),
        4 => Step::Push(choose.below(WORDS.len())),
        5 => Step::Pop,
        6..=9 => Step::If(
            test(choose, 2),
            steps(choose, depth - 1, in_loop),
            if choose.below(2) == 0 { Vec::new() } else { steps(choose, depth - 1, in_loop) },
        ),
        // A loop over the list must not push to it, since Rust forbids that; nested loops would make scripts too large.
        10 if !in_loop => Step::Each(choose.below(WORDS.len()), leaves(choose)),
        11 if !in_loop => {
            Step::Rounds(1 + choose.below(3) as i64, test(choose, 1), steps(choose, depth - 1, true))
        }
        12 => Step::Call(steps(choose, depth - 1, in_loop)),
        13 if choose.below(3) == 0 => Step::Fail,
        _ => Step::Return,
    }
}

fn leaves(choose: &mut dyn Choices) -> Vec<Step> {
    (0..1 + choose.below(2))
        .map(|_| if choose.below(2) == 0 { Step::Print(choose.below(6)) } else { Step::Add(1) })
        .collect()
}

fn rust_test(test: &Test) -> String {
    match test {
        Test::Feature(at) => format!("env::var_os(\"CARGO_FEATURE_F{at}\").is_some()"),
        Test::EnvSet(at) => format!("env::var_os(\"CASE_V{at}\").is_some()"),
        Test::EnvIs(at, value) => {
            format!("env::var(\"CASE_V{at}\").map_or(false, |value| value == {:?})", VALUES[*value])
        }
        Test::System(at) => format!("env::var(\"CARGO_CFG_TARGET_OS\").unwrap() == {:?}", SYSTEMS[*at]),
        Test::TargetHolds(at) => format!("env::var(\"TARGET\").unwrap().contains({:?})", PARTS[*at]),
        Test::Minor(minor) => format!("minor() >= {minor}"),
        Test::Unstable => "version().contains(\"nightly\") || version().ends_with(\"-dev\\n\")".into(),
        Test::Dated => "version().trim().split(' ').nth(2).is_some()".into(),
        Test::TargetFeature(at, false) => {
            format!(
                "env::var(\"CARGO_CFG_TARGET_FEATURE\").unwrap_or_default().split(',').any(|one| one == {:?})",
                FEATURES[*at]
            )
        }
        Test::TargetFeature(at, true) => {
            format!(
                "env::var(\"CARGO_CFG_TARGET_FEATURE\").map_or(false, |list| list.split(',').collect::<Vec<_>>().contains(&{:?}))",
                FEATURES[*at]
            )
        }
        Test::Flag(at) => format!("state.flags.{at}"),
        Test::Count(count) => format!("state.count >= {count}"),
        Test::Has(at) => format!("state.list.contains(&{:?})", WORDS[*at]),
        Test::Length(length) => format!("state.list.len() > {length}"),
        Test::Not(inner) => format!("!({})", rust_test(inner)),
        Test::And(a, b) => format!("({}) && ({})", rust_test(a), rust_test(b)),
        Test::Or(a, b) => format!("({}) || ({})", rust_test(a), rust_test(b)),
    }
}

/// Writes steps as Rust; the functions that they call are collected in `functions`.
fn rust_steps(steps: &[Step], functions: &mut Vec<String>, out: &mut String) {
    for step in steps {
        let _ = match step {
            Step::Print(at) => writeln!(out, "println!(\"cargo:rustc-cfg=c{at}\");"),
            Step::If(test, then, otherwise) => {
                let _ = writeln!(out, "if {} {{", rust_test(test));
                rust_steps(then, functions, out);
                let _ = writeln!(out, "}} else {{");
                rust_steps(otherwise, functions, out);
                writeln!(out, "}}")
            }
            Step::Flag(at, test) => writeln!(out, "state.flags.{at} = {};", rust_test(test)),
            Step::Add(count) => writeln!(out, "state.count += {count};"),
            Step::Push(at) => writeln!(out, "state.list.push({:?});", WORDS[*at]),
            Step::Pop => writeln!(out, "state.list.clear();"),
            Step::Each(at, body) => {
                let _ = writeln!(out, "for word in &state.list {{ if *word == {:?} {{", WORDS[*at]);
                rust_steps(body, functions, out);
                writeln!(out, "}} }}")
            }
            Step::Rounds(count, test, body) => {
                let _ = writeln!(out, "for _round in 0..{count} {{ if {} {{ break; }}", rust_test(test));
                rust_steps(body, functions, out);
                writeln!(out, "}}")
            }
            Step::Call(body) => {
                let name = format!("f{}", functions.len());
                functions.push(String::new());
                let at = functions.len() - 1;
                let mut code = format!("fn {name}(state: &mut State) {{\n");
                rust_steps(body, functions, &mut code);
                code.push_str("}\n");
                functions[at] = code;
                writeln!(out, "{name}(state);")
            }
            Step::Return => writeln!(out, "if state.count < 1000 {{ return; }}"),
            Step::Fail => writeln!(out, "panic!(\"no\");"),
        };
    }
}

fn script(steps: &[Step]) -> String {
    let mut functions = Vec::new();
    let mut body = String::new();
    rust_steps(steps, &mut functions, &mut body);
    format!(
        "use std::env;\nuse std::process::Command;\n\
         struct State {{ flags: (bool, bool), count: i64, list: Vec<&'static str> }}\n\
         fn version() -> String {{ String::from_utf8(Command::new(env::var(\"RUSTC\").unwrap()).arg(\"--version\").output().unwrap().stdout).unwrap() }}\n\
         fn minor() -> u64 {{ version().split('.').nth(1).unwrap().parse::<u64>().unwrap() }}\n\
         {}\nfn run(state: &mut State) {{\n{body}}}\n\
         fn main() {{ let mut state = State {{ flags: (false, false), count: 0, list: Vec::new() }}; run(&mut state); }}\n",
        functions.concat()
    )
}

/// The state of an evaluation.
#[derive(Default)]
struct State {
    flags: [bool; 2],
    count: i64,
    list: Vec<usize>,
    printed: BTreeSet<String>,
}

/// How the evaluation of steps ends.
#[derive(PartialEq)]
enum End {
    On,
    Return,
    Fail,
}

fn holds(test: &Test, state: &State, here: &Assignment) -> bool {
    let yes = |fact: Fact| here.truth(&fact) == Truth::Yes;
    let key = |key: &str, value: &str| yes(Fact::TargetKey { key: key.into(), value: value.into() });
    match test {
        Test::Feature(at) => yes(Fact::Feature(format!("f{at}"))),
        Test::EnvSet(at) => yes(Fact::Env { name: format!("CASE_V{at}"), value: None }),
        Test::EnvIs(at, value) => {
            yes(Fact::Env { name: format!("CASE_V{at}"), value: Some(VALUES[*value].into()) })
        }
        Test::System(at) => key("target_os", SYSTEMS[*at]),
        Test::TargetHolds(at) => here.target().contains(PARTS[*at]),
        Test::Minor(minor) => here.minor() >= *minor,
        Test::Unstable => here.channel() == "nightly" || here.channel() == "dev" && !here.dated(),
        Test::Dated => here.dated(),
        Test::TargetFeature(at, _) => key("target_feature", FEATURES[*at]),
        Test::Flag(at) => state.flags[*at],
        Test::Count(count) => state.count >= *count,
        Test::Has(at) => state.list.contains(at),
        Test::Length(length) => state.list.len() > *length,
        Test::Not(inner) => !holds(inner, state, here),
        Test::And(a, b) => holds(a, state, here) && holds(b, state, here),
        Test::Or(a, b) => holds(a, state, here) || holds(b, state, here),
    }
}

fn evaluate(steps: &[Step], state: &mut State, here: &Assignment) -> End {
    for step in steps {
        let end = match step {
            Step::Print(at) => {
                state.printed.insert(format!("cfg c{at}"));
                End::On
            }
            Step::If(test, then, otherwise) => {
                let chosen = if holds(test, state, here) { then } else { otherwise };
                evaluate(chosen, state, here)
            }
            Step::Flag(at, test) => {
                state.flags[*at] = holds(test, state, here);
                End::On
            }
            Step::Add(count) => {
                state.count += count;
                End::On
            }
            Step::Push(at) => {
                state.list.push(*at);
                End::On
            }
            Step::Pop => {
                state.list.clear();
                End::On
            }
            Step::Each(word, body) => {
                let times = state.list.iter().filter(|one| *one == word).count();
                let mut end = End::On;
                for _ in 0..times {
                    end = evaluate(body, state, here);
                    if end != End::On {
                        break;
                    }
                }
                end
            }
            Step::Rounds(count, test, body) => {
                let mut end = End::On;
                for _ in 0..*count {
                    if holds(test, state, here) {
                        break;
                    }
                    end = evaluate(body, state, here);
                    if end != End::On {
                        break;
                    }
                }
                end
            }
            Step::Call(body) => match evaluate(body, state, here) {
                End::Fail => End::Fail,
                End::On | End::Return => End::On,
            },
            Step::Return if state.count < 1000 => End::Return,
            Step::Return => End::On,
            Step::Fail => End::Fail,
        };
        if end != End::On {
            return end;
        }
    }
    End::On
}

/// Generates a script, derives it, and compares the derivation with the evaluation. Returns whether the script was
/// derived.
pub(crate) fn check(choose: &mut dyn Choices, assignments: usize, seed: u64) -> bool {
    let steps = steps(choose, 3, false);
    let text = script(&steps);
    let source = PackageSource {
        script: Some("build.rs".into()),
        name: "generated".into(),
        version: "1.0.0".into(),
        edition: "2021".into(),
        features: (0..3).map(|at| format!("f{at}")).collect(),
        in_memory: BTreeMap::from([("build.rs".to_owned(), text.clone().into_bytes())]),
        ..PackageSource::default()
    };
    let general = Interp::new(&source, crate::models::MODELS).run();
    let mut random = crate::agreement::Random(seed | 1);
    let assignments: Vec<Assignment> =
        (0..assignments).map(|_| Assignment::random(&general.inputs, &mut random)).collect();
    let derivation = lower::lower(general);
    let Some(declaration) = derivation.declaration else {
        return false;
    };
    for here in assignments {
        let mut fact = |fact: &Fact| here.truth(fact);
        if declaration.unsupported.as_ref().is_some_and(|when| when.evaluate(&mut fact) == Truth::Yes) {
            continue;
        }
        let mut state = State::default();
        let fails = evaluate(&steps, &mut state, &here) == End::Fail;
        let error = declaration
            .error
            .iter()
            .any(|item| item.when.as_ref().is_none_or(|when| when.evaluate(&mut fact) == Truth::Yes));
        assert_eq!(fails, error, "failing where {here:?}\n{text}");
        let said: BTreeSet<String> = declared(&declaration, &here).into_iter().collect();
        assert!(fails || said == state.printed, "{said:?} is not {:?} where {here:?}\n{text}", state.printed);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Choices for crate::agreement::Random {
        fn below(&mut self, limit: usize) -> usize {
            Self::below(self, limit)
        }
    }

    #[test]
    fn generated_scripts_agree_with_their_evaluation() {
        let run = || {
            let mut derived = 0;
            for seed in 1..=SCRIPTS {
                let mut random = crate::agreement::Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
                derived += u64::from(check(&mut random, 40, seed));
            }
            assert!(derived * 10 > SCRIPTS * 9, "only {derived} of {SCRIPTS} were derived");
        };
        let thread = std::thread::Builder::new().stack_size(512 << 20).spawn(run).expect("a thread");
        assert!(thread.join().is_ok());
    }

    /// The number of random scripts; raise it for a longer run by hand.
    const SCRIPTS: u64 = 100;
}
