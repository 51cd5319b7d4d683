//! `cargo inert review` names what the packages that are linked into a script use of processes, the network, files and `unsafe`, and
//! what an update adds.

use std::io::Write as _;
use std::process::Stdio;

use inert_tests::Sandbox;

fn manifest(name: &str, version: &str, more: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2021\"\n{more}")
}

/// Reviews with these answers, and returns what was printed.
fn review(sandbox: &Sandbox, answers: &str) -> String {
    let mut command = sandbox.command("app", "cargo");
    command.args(["inert", "review"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
    String::from_utf8_lossy(&child.wait_with_output().unwrap().stdout).into_owned()
}

#[test]
fn an_update_of_what_is_linked_shows_what_it_adds() {
    let sandbox = Sandbox::new();
    let dep = |version: &str| {
        manifest(
            "dep",
            "1.0.0",
            &format!("[build-dependencies]\nhelper = {{ path = \"../helper-{version}\" }}\n"),
        )
    };
    let helper = "pub fn read() -> Vec<u8> { std::fs::read(\"data\").unwrap_or_default() }\n";
    sandbox.write(&[
        ("app/Cargo.toml", &manifest("app", "0.1.0", "[workspace]\n[dependencies]\ndep = { path = \"../dep\" }\n")),
        ("app/src/lib.rs", ""),
        ("dep/Cargo.toml", &dep("1.0.0")),
        ("dep/src/lib.rs", ""),
        ("dep/build.rs", "fn main() { let _ = std::time::SystemTime::now(); helper::read(); }\n"),
        ("helper-1.0.0/Cargo.toml", &manifest("helper", "1.0.0", "")),
        ("helper-1.0.0/src/lib.rs", helper),
        ("helper-1.1.0/Cargo.toml", &manifest("helper", "1.1.0", "")),
        (
            "helper-1.1.0/src/lib.rs",
            &format!("{helper}pub fn more() {{ let _ = std::process::Command::new(\"curl\").spawn(); }}\n// unsafe\n"),
        ),
    ]);
    let first = review(&sandbox, "a\nread it\n");
    for line in ["names      helper 1.0.0: file 1", "file src/lib.rs:1 pub fn read()"] {
        assert!(first.contains(line), "{line}: {first}");
    }
    // The entry pins all that is linked by one digest, so the version that lies here is compared with.
    sandbox.write(&[("dep/Cargo.toml", &dep("1.1.0"))]);
    assert!(review(&sandbox, "s\n").contains("since 1.0.0, an older version that lies beside it"));
    // An entry of a baseline lists each linked package.
    let policy = sandbox.read("app/inert.toml");
    let line = policy.lines().find(|line| line.starts_with("build-dependencies")).unwrap();
    let listed = format!("build-dependencies = [\"helper 1.0.0 sha256:{}\"]", "0".repeat(64));
    sandbox.write(&[("app/inert.toml", &policy.replace(line, &listed))]);
    let second = review(&sandbox, "s\n");
    assert!(second.contains("names      helper 1.1.0: process 1, file 1"), "{second}");
    assert!(second.contains("since 1.0.0, which was decided before"), "{second}");
    assert!(second.contains("+ process src/lib.rs:2 pub fn more()"), "{second}");
    assert!(!second.contains("+ file") && !second.contains("+ unsafe"), "{second}");
    // Another version that is not here any more cannot be compared, which is said.
    sandbox.write(&[("app/inert.toml", &policy.replace(line, &listed.replace("1.0.0", "0.9.0")))]);
    assert!(review(&sandbox, "s\n").contains("0.9.0, which was decided before, is not here to compare"));
}

/// What was decided for the version before an update decides nothing any more, and is taken out; the diff is of lines, and of what
/// is linked in.
#[test]
fn an_update_replaces_the_entry_and_shows_what_changed() {
    let sandbox = Sandbox::new();
    let script = |more: &str| {
        format!(
            "fn main() {{\r\n    let _ = std::time::SystemTime::now();\r\n{more}    helper::read();\r\n}}\r\n"
        )
    };
    let dep =
        |version: &str| manifest("dep", version, "[build-dependencies]\nhelper = { path = \"../helper\" }\n");
    let app = |version: &str| {
        manifest(
            "app",
            "0.1.0",
            &format!("[workspace]\n[dependencies]\ndep = {{ path = \"../dep-{version}\" }}\n"),
        )
    };
    sandbox.write(&[
        ("app/Cargo.toml", &app("1.0.0")),
        ("app/src/lib.rs", ""),
        ("dep-1.0.0/Cargo.toml", &dep("1.0.0")),
        ("dep-1.0.0/src/lib.rs", ""),
        ("dep-1.0.0/build.rs", &script("")),
        ("dep-1.1.0/Cargo.toml", &dep("1.1.0")),
        ("dep-1.1.0/src/lib.rs", ""),
        ("dep-1.1.0/build.rs", &script("    let _more = 1;\r\n").replace("\r\n", "\n")),
        ("helper/Cargo.toml", &manifest("helper", "1.0.0", "")),
        ("helper/src/lib.rs", "pub fn read() {}\n"),
    ]);
    let _ = review(&sandbox, "a\nread it\n");
    let first = sandbox.read("app/inert.toml");
    sandbox.write(&[("app/Cargo.toml", &app("1.1.0"))]);
    let audit = sandbox.inert("app", "audit").code(1).out;
    assert!(audit.contains("holds version 1.1.0 of it; remove the entry"), "{audit}");
    let said = review(&sandbox, "a\nread the diff\n");
    assert!(said.contains("(lines ended with CRLF, and end with LF)"), "{said}");
    assert!(said.contains("+     let _more = 1;") && !said.contains("- fn main"), "{said}");
    assert!(said.contains("since then  what is linked in is as an entry has it"), "{said}");
    let second = sandbox.read("app/inert.toml");
    assert_eq!(second.matches("[[allow]]").count(), 1, "{second}");
    assert!(second.contains("version = \"1.1.0\"") && !second.contains("read it"), "{second}");
    let _ = sandbox.inert("app", "audit").good();
    // Other files in what is linked in: the entry that pins all by one digest tells that they are other, a list tells which.
    sandbox.write(&[("helper/src/lib.rs", "pub fn read() { }\n"), ("app/inert.toml", &first)]);
    assert!(review(&sandbox, "s\n").contains("what is linked in is not as an entry has it"));
    let line = first.lines().find(|line| line.starts_with("build-dependencies")).unwrap();
    let listed = format!(
        "build-dependencies = [\"helper 1.0.0 sha256:{0}\", \"gone 1.0.0 sha256:{0}\"]",
        "0".repeat(64)
    );
    sandbox.write(&[("app/inert.toml", &first.replace(line, &listed))]);
    let said = review(&sandbox, "s\n");
    assert!(
        said.contains("since then  linked in: no longer gone 1.0.0, other files in helper 1.0.0"),
        "{said}"
    );
}
