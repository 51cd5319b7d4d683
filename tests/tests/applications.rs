//! Builds and runs published applications under Inert as their users would, with no build script run.

use std::process::Command;

use inert_tests::{Sandbox, published, said};

fn audit(sandbox: &Sandbox, folder: &str, arguments: &str) -> String {
    sandbox.inert(folder, &format!("audit --format json {arguments}")).good().out
}

#[test]
fn ripgrep_is_built_tested_and_run_with_no_script_run() {
    let sandbox = Sandbox::new();
    let folder = published(&sandbox, "ripgrep", "14.1.1");
    let report = audit(&sandbox, &folder, "--locked");
    for nothing in ["\"deny\": 0", "\"run\": 0"] {
        assert!(report.contains(nothing), "{report}");
    }
    let _ = sandbox.inert(&folder, "test --locked --deny-build-scripts=all").good();
    let rg = sandbox.path("source/target/debug/rg");
    let out =
        said(sandbox.command(&folder, rg.to_str().unwrap()).args(["-c", "ripgrep", "Cargo.toml"])).good().out;
    assert!(out.trim().parse::<u32>().unwrap() > 0);
}

#[test]
fn ripgrep_is_installed_from_the_registry() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command("", "cargo");
    command.args([
        "inert",
        "install",
        "ripgrep@14.1.1",
        "--locked",
        "--debug",
        "--deny-build-scripts=all",
        "--root",
    ]);
    let _ = said(command.arg(sandbox.path("root"))).good();
    let rg = sandbox.path("root/bin/rg");
    let version = said(sandbox.command("", rg.to_str().unwrap()).arg("--version")).good().out;
    assert!(version.starts_with("ripgrep 14.1.1"), "{version}");
}

#[test]
fn fd_is_built_and_run_without_jemalloc() {
    let sandbox = Sandbox::new();
    let folder = published(&sandbox, "fd-find", "10.2.0");
    let build = "build --locked --no-default-features --features completions --deny-build-scripts=all";
    let _ = sandbox.inert(&folder, build).good();
    let fd = sandbox.path("source/target/debug/fd");
    let out = said(sandbox.command(&folder, fd.to_str().unwrap()).args([
        "--extension",
        "toml",
        "--max-depth",
        "1",
    ]))
    .good()
    .out;
    assert!(out.contains("Cargo.toml"), "{out}");
}

/// Copies the example application, since each test needs a target dir of its own.
fn example(sandbox: &Sandbox) -> &'static str {
    let from = inert_tests::root().join("tests/apps/c-libraries");
    for file in ["Cargo.toml", "Cargo.lock", "src/main.rs"] {
        sandbox.write(&[(&format!("example/{file}"), &std::fs::read_to_string(from.join(file)).unwrap())]);
    }
    "example"
}

fn with(mut command: Command, variables: &[(&str, &str)]) -> Command {
    command.args(["inert", "run", "-q", "--locked", "--deny-build-scripts=all"]);
    command.envs(variables.iter().copied());
    command
}

#[test]
fn the_example_runs_on_the_systems_libraries() {
    let sandbox = Sandbox::new();
    let folder = example(&sandbox);
    let out = said(&mut with(sandbox.command(folder, "cargo"), &[])).good().out;
    assert!(
        out.contains("\"zlib\":\"1.")
            && out.contains("\"sqlite\":\"3.")
            && out.contains("\"openssl\":\"OpenSSL "),
        "{out}"
    );
}

/// The policy setting for zlib and SQLite is the source that their crates ship, whatever is installed.
#[test]
fn the_example_builds_zlib_and_sqlite_from_source() {
    let sandbox = Sandbox::new();
    let folder = example(&sandbox);
    sandbox.write(&[("example/inert.toml", "[libraries]\nzlib = \"source\"\nsqlite3 = \"source\"\n")]);
    let out = said(&mut with(sandbox.command(folder, "cargo"), &[])).good().out;
    // These are the versions in the crates that Cargo.lock names.
    assert!(out.contains("\"zlib\":\"1.3.") && out.contains("\"sqlite\":\"3.5"), "{out}");
}
