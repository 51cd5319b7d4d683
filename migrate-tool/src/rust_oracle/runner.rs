//! Compiles scripts into one program and runs it. Only this module, which is a test's, starts programs in this package.
#![cfg(test)]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use inert_manifest_spec::condition::{Fact, Truth};

use crate::agreement::Assignment;

/// The frame around the scripts. With `--version`, the program answers as rustc does. Otherwise it reads a list of runs
/// from a file, sets the environment of each, and prints the output of its script, or that it panicked.
const PROGRAM: &str = r#"
use std::cell::RefCell;
thread_local!(static SAID: RefCell<String> = RefCell::new(String::new()));
macro_rules! println { ($($text:tt)*) => { crate::say(format!($($text)*)) } }
fn say(line: String) { SAID.with(|said| { said.borrow_mut().push_str(&line); said.borrow_mut().push('\n'); }) }

fn main() {
    let argument = std::env::args().nth(1).unwrap();
    if argument == "--version" {
        std::println!("{}", std::env::var("CASE_RUSTC").unwrap());
        return;
    }
    std::panic::set_hook(Box::new(|_| {}));
    std::env::set_var("RUSTC", std::env::current_exe().unwrap());
    let runs = std::fs::read_to_string(argument).unwrap();
    for run in runs.split_terminator("\n\n") {
        let mut lines = run.lines();
        let script: usize = lines.next().unwrap().parse().unwrap();
        let variables: Vec<(&str, &str)> = lines.map(|line| line.split_once('=').unwrap()).collect();
        for (name, value) in &variables { std::env::set_var(name, value); }
        SAID.with(|said| said.borrow_mut().clear());
        let done = std::panic::catch_unwind(|| SCRIPTS[script]());
        std::println!("{}", if done.is_ok() { "done" } else { "panicked" });
        std::print!("{}\0", SAID.with(|said| said.borrow().clone()));
        for (name, _) in &variables { std::env::remove_var(name); }
    }
}
"#;

/// Returns the output of each run; `None` if it panicked.
///
/// # Panics
/// If the scripts do not compile, since then the grammar is wrong.
#[expect(clippy::disallowed_methods, reason = "rustc is the oracle")]
pub(super) fn run(scripts: &[String], runs: &[(usize, &Assignment)]) -> Vec<Option<String>> {
    let folder = std::env::temp_dir().join(format!("inert-rust-oracle-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut program = PROGRAM.to_owned();
    let mut table = String::new();
    for (at, script) in scripts.iter().enumerate() {
        let _ = write!(program, "mod s{at} {{\n{script}\n}}\n");
        let _ = write!(table, "s{at}::main, ");
    }
    let _ = writeln!(program, "const SCRIPTS: &[fn()] = &[{table}];");
    let (source, binary, list) = (folder.join("scripts.rs"), folder.join("scripts"), folder.join("runs"));
    std::fs::write(&source, program).expect("it is written");
    let compiled = Command::new("rustc")
        .args([
            "--edition",
            "2021",
            "--cap-lints",
            "allow",
            "-C",
            "debuginfo=0",
            "-C",
            "overflow-checks=on",
            "-o",
        ])
        .args([&binary, &source])
        .output()
        .expect("rustc starts");
    let said = String::from_utf8_lossy(&compiled.stderr);
    assert!(compiled.status.success(), "{} says:\n{}", source.display(), said.get(..6000).unwrap_or(&said));
    let text: String =
        runs.iter().map(|(script, here)| format!("{script}\n{}\n", environment(here))).collect();
    std::fs::write(&list, text).expect("it is written");
    let ran =
        Command::new(&binary).arg(&list).env_clear().stderr(Stdio::inherit()).output().expect("it starts");
    assert!(ran.status.success(), "the scripts were stopped: {}", ran.status);
    remove(&folder);
    let outcome = |one: &str| {
        let (how, lines) = one.split_once('\n').unwrap_or((one, ""));
        (how == "done").then(|| lines.to_owned())
    };
    String::from_utf8_lossy(&ran.stdout).split_terminator('\0').map(outcome).collect()
}

fn remove(folder: &Path) {
    let _ = std::fs::remove_dir_all(folder);
}

/// Returns the variables that Cargo would set for the build, one a line.
fn environment(here: &Assignment) -> String {
    let mut out = String::new();
    let mut set = |name: &str, value: &str| {
        let _ = writeln!(out, "{name}={value}");
    };
    set("TARGET", here.target());
    set("HOST", here.host());
    set("PROFILE", here.profile());
    set("OPT_LEVEL", here.opt_level());
    set("CARGO_PKG_VERSION", "1.2.3");
    set("CARGO_PKG_VERSION_MINOR", "2");
    for key in ["target_os", "target_arch", "target_env", "target_pointer_width", "target_family"] {
        let values = here.values(key).unwrap_or_default();
        if !values.is_empty() {
            set(&format!("CARGO_CFG_{}", key.to_uppercase()), &values.join(","));
        }
    }
    for family in ["unix", "windows"] {
        if here.truth(&Fact::TargetOption(family.into())) == Truth::Yes {
            set(&format!("CARGO_CFG_{}", family.to_uppercase()), "");
        }
    }
    for at in 0..3 {
        if here.truth(&Fact::Feature(format!("f{at}"))) == Truth::Yes {
            set(&format!("CARGO_FEATURE_F{at}"), "1");
        }
        let name = format!("CASE_V{at}");
        if let Some(value) = here.variable(&name) {
            set(&name, value);
        }
    }
    let suffix = match here.channel() {
        "beta" => "-beta.3",
        "nightly" => "-nightly",
        "dev" => "-dev",
        _ => "",
    };
    let commit = if here.dated() { " (0123abcde 2024-05-06)" } else { "" };
    set("CASE_RUSTC", &format!("rustc 1.{}.{}{suffix}{commit}", here.minor(), here.patch()));
    out
}
