//! Compares `inert-build-output` with Cargo: scripts print random lines, and Cargo reports its reading of them.
//!
//! The real Cargo runs with a wrapper in place of rustc that records its arguments and compiles only the scripts.
//! `INERT_LINES` sets the number of cases, `INERT_SEED` the first seed.

mod build_output {
    pub(crate) mod cargo;
    pub(crate) mod lines;
}

use build_output::cargo::{Cargo, Understood};
use build_output::lines;
use inert_build_output::{Instruction, Malformed, Package, Scope, Targets, logged_error, read, rustc};
use inert_tests::random::{Random, asked};

/// Returns the reading that Cargo must report for these lines.
fn expected(stdout: &[u8], package: &Package) -> Result<Understood, Malformed> {
    let mut all = Understood::default();
    for line in read(stdout, package) {
        match line.says? {
            Instruction::Flags { searches, libs } => {
                all.searches.extend(searches.into_iter().map(str::to_owned));
                all.libs.extend(libs.into_iter().map(str::to_owned));
            }
            Instruction::LinkLib(value) => all.libs.push(value.to_owned()),
            Instruction::LinkSearch(value) => all.searches.push(value.to_owned()),
            Instruction::LinkArg { scope, bin, arg } => {
                let of = |target: &str| match scope {
                    Scope::All => true,
                    Scope::Cdylib => target == "lib",
                    Scope::Bins => target == "bin",
                    Scope::Bin => target == "bin" && bin == Some("said"),
                    Scope::Tests => target == "test",
                    Scope::Benches => target == "bench",
                    Scope::Examples => target == "example",
                };
                let there: &[&str] = if package.targets.as_ref().is_some_and(|targets| targets.tests) {
                    &["lib", "bin", "test", "bench", "example"]
                } else {
                    &["lib"]
                };
                for target in there.iter().copied().filter(|one| of(one)) {
                    all.args.entry(target.to_owned()).or_default().push(arg.to_owned());
                }
            }
            Instruction::Cfg(value) => all.cfgs.push(value.to_owned()),
            Instruction::CheckCfg(value) => all.check_cfgs.push(value.to_owned()),
            Instruction::Env { name, value } => all.env.push((name.to_owned(), value.to_owned())),
            Instruction::Warning(text) | Instruction::Error(text) => all.shown.push(text.to_owned()),
            Instruction::RerunIfChanged(_) | Instruction::RerunIfEnvChanged(_) => {}
            Instruction::Metadata { key, value } => {
                let name = format!("DEP_SAID_{}", key.to_uppercase().replace('-', "_"));
                all.metadata.insert(name, value.to_owned());
            }
        }
    }
    Ok(all)
}

fn hold(cargo: &Cargo, lines: &[u8], package: &Package) {
    let text = String::from_utf8_lossy(lines);
    let said = cargo.run(lines);
    if let Some(error) = logged_error(lines) {
        assert_ne!(said.code, 0, "{text:?}");
        assert!(said.err.contains("build script logged errors"), "{error:?} of {text:?}:\n{}", said.err);
        return;
    }
    match expected(lines, package) {
        Ok(mut wanted) => {
            assert_eq!(said.code, 0, "Cargo fails, but is expected to read {text:?}:\n{}", said.err);
            let mut found = said.understood;
            found.order();
            wanted.order();
            // Cargo leaves control characters out of what it shows.
            let visible = |text: &str| text.replace(char::is_control, "");
            let err = visible(&said.err);
            for shown in wanted.shown.drain(..) {
                assert!(err.contains(&visible(&shown)), "{shown:?} of {text:?}:\n{}", said.err);
            }
            assert_eq!(found, wanted, "{text:?}");
        }
        Err(why) => {
            assert_ne!(said.code, 0, "Cargo reads {text:?}, of which is expected: {why}");
            let words: &[&str] = match why {
                Malformed::NewSyntax => &["syntax for build script output instructions was added in"],
                Malformed::NoEquals => &["none was found", "has no value", "should have the form"],
                Malformed::UnknownKey(_) => &["Unknown key"],
                Malformed::Flag(_) => &["only `-l` and `-L` flags"],
                Malformed::FlagWithoutValue => &["has no value"],
                Malformed::Bootstrap => &["cannot set `RUSTC_BOOTSTRAP"],
                Malformed::NoSuchTarget(_) => &["does not have a"],
                _ => &[],
            };
            assert!(words.iter().any(|word| said.err.contains(word)), "{why} of {text:?}:\n{}", said.err);
        }
    }
}

#[test]
fn what_a_script_prints_is_read_as_cargo_reads_it() {
    let cases = asked("INERT_LINES", 60);
    let seed = asked("INERT_SEED", 1);
    let full = Targets { bins: ["said".to_owned()].into(), tests: true, benches: true, examples: true };
    for (rust_version, targets) in [
        (None, full.clone()),
        (Some("1.77"), full.clone()),
        (Some("1.56.1"), full),
        (None, Targets::default()),
    ] {
        let package = Package {
            rust_version: rust_version.map(str::to_owned),
            targets: Some(targets),
            bootstrap: false,
        };
        let cargo = Cargo::new(&package);
        for case in 0..cases.div_ceil(4) {
            let mut random = Random::seeded(seed * 10_000 + case);
            // Half of the cases have no line that stops Cargo, so that every line of them is compared.
            let all: Vec<Vec<u8>> = (0..30).map(|_| lines::line(&mut random)).collect();
            let good = |line: &[u8]| expected(line, &package).is_ok() && logged_error(line).is_none();
            let fine = |line: &&Vec<u8>| case % 2 == 1 || good(line);
            let lines: Vec<Vec<u8>> = all.iter().filter(fine).cloned().collect();
            hold(&cargo, &lines.join(&b'\n'), &package);
        }
    }
}

/// Compares the reading of `-l` values with rustc's, which rejects malformed ones before it reads a crate.
#[test]
fn values_of_l_are_read_as_rustc_reads_them() {
    let sandbox = inert_tests::Sandbox::new();
    sandbox.write(&[("lib.rs", "#![no_core]\n")]);
    let mut random = Random::seeded(asked("INERT_SEED", 1));
    for _ in 0..asked("INERT_LINES", 60) {
        let value = lines::library(&mut random);
        let said = inert_tests::said(
            sandbox.command("", "rustc").args(["--print=crate-name", "lib.rs", "-l"]).arg(&value),
        );
        // rustc stops at an unstable kind, or at a modifier that the kind does not have, before it reads the rest.
        let stops = ["is unstable and only accepted", "is only compatible with"];
        if stops.iter().any(|words| said.err.contains(words)) {
            continue;
        }
        // rustc knows a modifier even if it rejects it as unstable or for its kind.
        let unknown = [
            "unknown library kind",
            "unknown linking modifier",
            "invalid linking modifier syntax",
            "library name must not be empty",
        ];
        let rejected = unknown.iter().any(|words| said.err.contains(words));
        assert_eq!(rustc::library(&value).is_err(), rejected, "{value:?}: {}", said.err);
    }
}
