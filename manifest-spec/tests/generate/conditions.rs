//! Generates conditions.

use inert_manifest_spec::condition::{Channel, Comparison, Condition, Fact, Glob, Operator, Version, names};

use super::Random;

/// The names that generated conditions may refer to.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) probes: Vec<String>,
    pub(crate) libraries: Vec<String>,
}

impl Names {
    pub(crate) fn everything() -> Self {
        Self { probes: vec!["a".to_owned(), "b-c".to_owned()], libraries: vec!["gtk+".to_owned()] }
    }
}

pub(crate) fn condition(random: &mut Random, depth: usize, names: &Names) -> Condition {
    let parts =
        |random: &mut Random| (0..random.below(4)).map(|_| condition(random, depth - 1, names)).collect();
    match random.below(if depth == 0 { 4 } else { 8 }) {
        0 => Condition::Constant(random.chance(2)),
        4 => Condition::All(parts(random)),
        5 => Condition::Any(parts(random)),
        6 => Condition::Not(Box::new(condition(random, depth - 1, names))),
        _ => Condition::Fact(fact(random, names)),
    }
}

fn fact(random: &mut Random, known: &Names) -> Fact {
    let text = |random: &mut Random| {
        (*random.pick(&[
            "a",
            "x86_64",
            "größe",
            "with \"quotes\"",
            "back\\slash",
            "a=b",
            ">=",
            "''",
            "$x ${y}",
        ]))
        .to_owned()
    };
    let name = |random: &mut Random| (*random.pick(&["NAME", "_x1", "Q"])).to_owned();
    let value = |random: &mut Random| random.chance(2).then(|| text(random));
    match random.below(21) {
        0 => Fact::TargetOption((*random.pick(names::TARGET_OPTIONS)).to_owned()),
        1 => Fact::TargetKey { key: (*random.pick(names::TARGET_KEYS)).to_owned(), value: text(random) },
        2 => Fact::CustomCfg { name: name(random), value: value(random) },
        3 => Fact::Feature(text(random)),
        4 => Fact::Rustc(version(random)),
        5 => Fact::Llvm(version(random)),
        6 => Fact::RustcCommitDate(Comparison { operator: operator(random), value: "2024-01-31".to_owned() }),
        7 => Fact::Channel(*random.pick(&Channel::ALL)),
        8 => Fact::Target(Glob(
            (*random.pick(&["*-emscripten", "x86_64-*-*", "thumbv8m.main-none-eabi", "*"])).to_owned(),
        )),
        9 => Fact::Host(Glob("*-windows-*".to_owned())),
        10 => Fact::Cross,
        11 => Fact::Profile("release".to_owned()),
        12 => Fact::OptLevel("s".to_owned()),
        13 => Fact::Debug,
        14 => Fact::Env { name: name(random), value: value(random) },
        15 => Fact::PathExists("src/a b.rs".to_owned()),
        16 if !known.probes.is_empty() => {
            Fact::Probe { name: random.pick(&known.probes).clone(), test: test(random) }
        }
        17 if !known.libraries.is_empty() => {
            Fact::Found { library: random.pick(&known.libraries).clone(), test: test(random) }
        }
        21 if !known.libraries.is_empty() => Fact::VersionKnown(random.pick(&known.libraries).clone()),
        18 if !known.probes.is_empty() => {
            Fact::Dep { links: "open-ssl.x".to_owned(), key: "version_number".to_owned(), test: test(random) }
        }
        19 => Fact::Program("llvm-config-18.exe".to_owned()),
        20 => Fact::RustcFlag("-Ctarget-feature=+\"x\"".to_owned()),
        _ => Fact::Debug,
    }
}

fn version(random: &mut Random) -> Comparison<Version> {
    let mut number = || [0, 1, 81, 4_000_000_000][random.below(4)];
    let value = Version { major: number(), minor: number(), patch: number() };
    Comparison { operator: operator(random), value }
}

fn test(random: &mut Random) -> Option<Comparison<String>> {
    let value = (*random.pick(&["3", "0x30000000", "1.2.11", "text", "1.0.0-rc1"])).to_owned();
    random.chance(2).then(|| Comparison { operator: operator(random), value })
}

fn operator(random: &mut Random) -> Operator {
    *random.pick(&Operator::ALL)
}
