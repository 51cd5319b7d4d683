//! The steps of the guide (docs/guide/enforcement.md), from nothing to a build that runs no dependency's script, on
//! a published application: fd, which is smaller than the guide's bat. The decisions of a team are typed as it
//! would type them.

use std::io::Write as _;
use std::process::Stdio;

use inert_tests::{Sandbox, published, said};

/// The arguments by which the team builds fd without jemalloc, whose script runs configure and make.
const WITHOUT_JEMALLOC: &str = "--no-default-features --features completions";

#[test]
fn fd_from_nothing_to_enforced() {
    let sandbox = Sandbox::new();
    let folder = published(&sandbox, "fd-find", "10.2.0");
    let git = |words: &str| {
        let words = words.split_whitespace();
        let _ = said(sandbox.command(&folder, "git").args(words)).good();
    };
    for words in
        ["init -q .", "config user.name a", "config user.email a@localhost", "add -A", "commit -qm published"]
    {
        git(words);
    }

    // Step 1: look.
    let looked = sandbox.inert(&folder, "audit --locked").code(1);
    assert!(looked.out.contains("refused: 1\n  jemalloc-sys "), "{}", looked.out);

    // Step 2: draw a line. Every script of Cargo.lock is decided, on every host.
    let drawn = sandbox.inert(&folder, "init --baseline").good();
    assert!(drawn.err.contains("reviewed by nobody"), "{}", drawn.err);
    let locked = sandbox.read(&format!("{folder}/inert.lock"));
    assert!(locked.contains("decision = \"run\"") && !locked.contains("decision = \"refuse\""), "{locked}");
    for words in ["add -A", "commit -qm baseline"] {
        git(words);
    }
    let left = sandbox.inert(&folder, "audit --locked").good();
    assert!(left.out.contains("1 of them for this build"), "{}", left.out);

    // Step 3: decide.
    let mut review = sandbox.command(&folder, "cargo-inert");
    review
        .args(["review", "--baseline", "--reviewer", "M. Weber"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    let mut review = review.spawn().expect("it starts");
    review.stdin.take().expect("a pipe").write_all(b"n\nfd is built without it\n").expect("it reads");
    assert!(review.wait().expect("it ends").success());

    // Step 4: lock, and look at the changes.
    let changed = sandbox.inert(&folder, "lock").good();
    assert!(changed.err.contains("stronger: jemalloc-sys"), "{}", changed.err);
    let changed = sandbox.inert(&folder, "audit --diff HEAD").good();
    assert!(changed.out.contains("0 weaker, 0 same, 3 stronger"), "{}", changed.out);

    // Step 5: enforce, as CI does: the binary, the lock, no script of a dependency.
    let mut enforced = sandbox.command(&folder, "cargo-inert");
    enforced.args(["build", "--locked", "--deny-build-scripts"]).args(WITHOUT_JEMALLOC.split(' '));
    let enforced = said(&mut enforced).good();
    assert!(enforced.err.contains("build scripts replaced, none run"), "{}", enforced.err);
    let fd = sandbox.path("source/target/debug/fd");
    let found =
        said(sandbox.command(&folder, fd.to_str().unwrap()).args(["--type=f", "^Cargo.toml$"])).good();
    assert_eq!(found.out.trim(), "Cargo.toml");

    // A build that needs the denied script is refused, before anything is compiled.
    let refused = sandbox.inert(&folder, "build --locked").code(1);
    assert!(refused.err.contains(": fd is built without it"), "{}", refused.err);
    assert!(!refused.err.contains("Compiling"), "{}", refused.err);
}

/// A baseline takes over what a dependency's invalid declaration leaves open; a member's own is its author's to mend.
#[test]
fn a_baseline_goes_past_a_declaration_that_cannot_be_read() {
    let sandbox = Sandbox::new();
    let newer = "[package]\nname = \"dep\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[package.metadata.inert]\nschema = 2\n";
    let plain = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n[dependencies]\ndep = { path = \"../dep\" }\n";
    sandbox.write(&[
        ("app/Cargo.toml", plain),
        ("app/src/lib.rs", ""),
        ("dep/Cargo.toml", newer),
        ("dep/src/lib.rs", ""),
        ("dep/build.rs", "fn main() { println!(\"cargo:rerun-if-changed=build.rs\"); }\n"),
    ]);
    let _ = sandbox.inert("app", "build").code(2).says("dep").says("reads schema 1").says("[[declare]]");
    let _ = sandbox.inert("app", "lock").code(2).says("via:").says("Cargo.lock → dep").says("[[deny]]");
    let _ = sandbox
        .inert("app", "init --baseline")
        .good()
        .says("`dep 1.0.0` declares")
        .says("1 script taken over");
    assert!(sandbox.read("app/inert.toml").contains("[[allow]]"), "{}", sandbox.read("app/inert.toml"));
    let _ = sandbox.inert("app", "init --baseline").good().says("decided already");
    let _ = sandbox.inert("app", "audit").good();
    let own = plain.replace("[workspace]", "[package.metadata.inert]\nschema = 2\n[workspace]");
    sandbox.write(&[("app/Cargo.toml", &own), ("app/build.rs", "fn main() {}\n")]);
    let _ = sandbox.inert("app", "init --baseline").code(2).says("app/Cargo.toml").says("schema");
}
