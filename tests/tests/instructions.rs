//! Instruction counts of steps that people wait for, beside those that are kept in `fixtures/instructions.tsv`: the driver
//! where nothing is to be done, and the derivation of ten scripts. Counts do not depend on a machine's load, as times do.
//!
//! They are counts of the test profile, for one version of rustc. Without valgrind, or with another rustc, nothing is
//! compared, and a message says so. `INERT_UPDATE=1` writes the file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use inert_tests::{Sandbox, binaries, root, said};

/// The growth of a count, in percent, above which the test fails. Hash seeds and the lengths of paths change it by about two.
const TOLERANCE: u64 = 15;

/// The scripts, in migrate-tool's cases.
const SCRIPTS: &[&str] = &[
    "alias-order",
    "cc-build",
    "cc-flag-of-two",
    "choices",
    "compile-probe",
    "debug-lists",
    "debug-text",
    "environment",
    "fixpoint",
    "debug-assertions",
];

fn kept() -> PathBuf {
    root().join("tests/fixtures/instructions.tsv")
}

#[expect(clippy::print_stderr, reason = "a test that could not be made says so to whoever runs it")]
fn note(text: &str) {
    eprintln!("{text}");
}

/// Returns the instructions of one run of `cargo-inert`, children aside; `None` if valgrind is missing.
fn count(sandbox: &Sandbox, folder: &str, words: &str) -> Option<u64> {
    let out = sandbox.path("cachegrind.out");
    let mut command = sandbox.command(folder, "valgrind");
    command
        .args(["--tool=cachegrind", "--cache-sim=no"])
        .arg(format!("--cachegrind-out-file={}", out.display()))
        .arg(binaries().join("cargo-inert"))
        .arg("inert")
        .args(words.split_whitespace());
    let run = command.output().ok()?;
    let text = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{words} in {folder}: {text}");
    let line = text.lines().find(|line| line.contains("I refs:") || line.contains("I   refs:"));
    let digits: String = line?.split("refs:").nth(1)?.chars().filter(char::is_ascii_digit).collect();
    Some(digits.parse().expect("a count"))
}

/// Copies a case; Cargo wants a source.
fn copied(sandbox: &Sandbox, name: &str) {
    let _ = said(
        sandbox.command("", "cp").arg("-r").arg(root().join("migrate-tool/tests/cases").join(name)).arg(name),
    )
    .good();
    if !sandbox.path(&format!("{name}/src/lib.rs")).exists() {
        sandbox.write(&[(&format!("{name}/src/lib.rs"), "")]);
    }
}

fn counted() -> Option<BTreeMap<String, u64>> {
    let mut all = BTreeMap::new();
    let sandbox = Sandbox::new();
    sandbox.write(&[
        (
            "app/Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[workspace]\n\n[dependencies]\nnative = { path = \
             \"../native\" }\n",
        ),
        ("app/src/lib.rs", ""),
        (
            "native/Cargo.toml",
            "[package]\nname = \"native\"\nversion = \"0.1.0\"\nedition = \"2021\"\nbuild = \"build.rs\"\n\n\
             [package.metadata.inert]\nschema = 1\n\n[package.metadata.inert.cfg]\nanswer = true\n",
        ),
        ("native/build.rs", "fn main() {}\n"),
        ("native/src/lib.rs", ""),
    ]);
    let _ = sandbox.cargo("app", "inert check -q --offline").good();
    all.insert("no-op check".to_owned(), count(&sandbox, "app", "check -q --offline")?);
    for name in SCRIPTS {
        copied(&sandbox, name);
        all.insert(format!("derivation of {name}"), count(&sandbox, name, "migrate --dry-run --offline")?);
    }
    Some(all)
}

fn read(path: &Path) -> (String, BTreeMap<String, u64>) {
    let text = std::fs::read_to_string(path).expect("the kept counts; INERT_UPDATE=1 writes them");
    let mut lines = text.lines();
    let rustc =
        lines.next().and_then(|line| line.strip_prefix("# ")).expect("the version of rustc").to_owned();
    let row = |line: &str| {
        let (name, count) = line.split_once('\t').expect("name and count");
        (name.to_owned(), count.parse().expect("a count"))
    };
    (rustc, lines.map(row).collect())
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the variable is for tests alone")]
fn counts_do_not_grow() {
    let sandbox = Sandbox::new();
    let rustc = said(sandbox.command("", "rustc").arg("-V")).good().out.trim().to_owned();
    let update = std::env::var_os("INERT_UPDATE").is_some();
    let before = if update { None } else { Some(read(&kept())) };
    if let Some((of, _)) = &before
        && *of != rustc
    {
        note(&format!("not compared: the counts are those of {of}, and this is {rustc}"));
        return;
    }
    let Some(now) = counted() else {
        assert_ne!(std::env::var("INERT_VALGRIND").as_deref(), Ok("required"), "valgrind does not start");
        note("not compared: valgrind is not installed");
        return;
    };
    let Some((_, before)) = before else {
        let rows: String = now.iter().map(|(name, count)| format!("{name}\t{count}\n")).collect();
        std::fs::write(kept(), format!("# {rustc}\n{rows}")).expect("the kept counts");
        return;
    };
    assert_eq!(
        before.keys().collect::<Vec<_>>(),
        now.keys().collect::<Vec<_>>(),
        "INERT_UPDATE=1 writes the file anew"
    );
    let grown: Vec<String> = now
        .iter()
        .filter(|(name, count)| **count > before[*name] + before[*name] * TOLERANCE / 100)
        .map(|(name, count)| format!("{name}: {} instructions, {} before", count, before[name]))
        .collect();
    assert!(
        grown.is_empty(),
        "more than {TOLERANCE} % more; INERT_UPDATE=1 keeps them where that is meant:\n{}",
        grown.join("\n")
    );
}
