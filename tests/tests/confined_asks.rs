//! Macros ask Cargo for the manifest of their workspace, as `proc-macro-crate` does, with rustc confined and no entry: they get
//! Cargo's own answer, and nothing else of it.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use inert_tests::{Said, Sandbox, said};

/// A package under the name of the one that asks. It says what it is told, of the package that the macro is used in.
const ASKING: &str = r#"
    pub fn asked(words: &[&str]) -> String {
        let Ok(cargo) = std::env::var("CARGO") else { return "no CARGO".to_owned() };
        match std::process::Command::new(cargo).args(words).output() {
            Ok(output) => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
            Err(error) => format!("not started: {error}"),
        }
    }
    pub fn own() -> String {
        format!("{}/Cargo.toml", std::env::var("CARGO_MANIFEST_DIR").unwrap())
    }
    pub fn workspace() -> String {
        asked(&["locate-project", "--workspace", "--message-format=plain", &format!("--manifest-path={}", own())])
    }
"#;

fn manifest(name: &str, more: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2021\"\n{more}")
}

/// A workspace with two members, which use a macro whose expansion is the text that `body` makes; and a package beside it, in a
/// workspace of its own, that uses it, too.
fn project(body: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let mac = format!(
        "use proc_macro_crate::*;\n#[proc_macro]\npub fn run(_: proc_macro::TokenStream) -> proc_macro::TokenStream {{\n\
             let text: String = (|| {{ {body} }})();\nformat!(\"{{text:?}}\").parse().unwrap()\n}}\n"
    );
    let uses = "pub const SAID: &str = mac::run!();\n";
    sandbox.write(&[
        (
            "app/Cargo.toml",
            &manifest(
                "app",
                "[workspace]\nmembers = [\"member\"]\n[workspace.dependencies]\nrenamed = { package = \"thing\", path = \"../apart/thing\" }\n\
                 [dependencies]\nmac = { path = \"../mac\" }\nmember = { path = \"member\" }\nbeside = { path = \"../apart/beside\" }\n",
            ),
        ),
        ("app/src/main.rs", "fn main() { for said in [mac::run!(), member::SAID, beside::SAID] { println!(\"{said}\"); } }\n"),
        ("app/member/Cargo.toml", &manifest("member", "[dependencies]\nmac = { path = \"../../mac\" }\nrenamed.workspace = true\n")),
        ("app/member/src/lib.rs", uses),
        ("app/.cargo/config.toml", "[alias]\nx = \"check\"\n"),
        ("apart/Cargo.toml", "[workspace]\nmembers = [\"beside\", \"thing\"]\n"),
        ("apart/beside/Cargo.toml", &manifest("beside", "[dependencies]\nmac = { path = \"../../mac\" }\n")),
        ("apart/beside/src/lib.rs", uses),
        ("apart/thing/Cargo.toml", &manifest("thing", "")),
        ("apart/thing/src/lib.rs", ""),
        ("mac/Cargo.toml", &manifest("mac", "[workspace]\n[lib]\nproc-macro = true\n[dependencies]\nproc-macro-crate = { path = \"../asking\" }\n")),
        ("mac/src/lib.rs", &mac),
        ("asking/Cargo.toml", &manifest("proc-macro-crate", "[workspace]\n")),
        ("asking/src/lib.rs", ASKING),
    ]);
    sandbox
}

fn with(sandbox: &Sandbox, words: &str) -> Said {
    let mut command = sandbox.command("app", "cargo");
    said(command.arg("inert").args(words.split_whitespace()))
}

/// Without confinement, with it, and under clippy and rustdoc: the same answer, of members and of a package of another workspace,
/// whose manifest it may read.
#[test]
fn the_answer_is_cargos() {
    let body = r#"
        let found = workspace();
        let text = std::fs::read_to_string(&found).unwrap_or_default();
        format!("{found} {}", text.contains("[workspace"))
    "#;
    let sandbox = project(body);
    let found = |path: &str| format!("{} true\n", sandbox.path(path).canonicalize().unwrap().display());
    let expected = [found("app/Cargo.toml"), found("app/Cargo.toml"), found("apart/Cargo.toml")].concat();
    let confined = with(&sandbox, "run").good();
    assert_eq!(confined.out, expected, "{}", confined.err);
    assert!(!confined.err.contains("was denied"), "{}", confined.err);
    for words in ["check", "clippy", "doc --no-deps"] {
        let _ = with(&sandbox, words).good();
    }
    sandbox.write(&[("app/inert.toml", "[sandbox]\nrustc = \"off\"\n")]);
    let _ = with(&sandbox, "clean").good();
    assert_eq!(with(&sandbox, "run").good().out, expected);
}

/// A macro of a package that links nothing by that name starts nothing.
#[test]
fn other_macros_start_nothing() {
    let sandbox = project("workspace()");
    sandbox.write(&[
        ("asking/Cargo.toml", &manifest("asks", "[workspace]\n")),
        (
            "mac/Cargo.toml",
            &manifest("mac", "[workspace]\n[lib]\nproc-macro = true\n[dependencies]\nproc_macro_crate = { package = \"asks\", path = \"../asking\" }\n"),
        ),
    ]);
    let built = with(&sandbox, "build").good();
    assert!(built.err.contains("a macro of `member` was denied to start a program"), "{}", built.err);
    let said = with(&sandbox, "run").good().out;
    assert!(said.lines().nth(1).is_some_and(|line| line.starts_with("not started")), "{said}");
}

/// A macro starts Cargo with other words, the program that answers under other names, and other programs, in a library and in a
/// program: nothing is answered or changed, and each question to Cargo is named at the end of the build.
#[test]
fn nothing_else_is_answered_or_started() {
    let body = r#"
        use std::process::Command;
        let mut said = Vec::new();
        let other = format!("{}/../other.toml", std::env::var("CARGO_MANIFEST_DIR").unwrap());
        for words in [
            vec!["--version"],
            vec!["build"],
            vec!["metadata", "--no-deps"],
            vec!["locate-project", "--workspace", "--manifest-path", &other],
            vec!["locate-project", "--config", "x"],
        ] {
            let answer = asked(&words);
            if !answer.is_empty() { said.push(format!("{words:?}: {answer}")); }
        }
        let cargo = std::env::var("CARGO").unwrap();
        // By other names and words it is the wrapper, a stand-in, and more; in this fence, without a session.
        let rustc = std::env::args().next().unwrap();
        for (name, words) in [("inert", vec![rustc.as_str(), "-V"]), ("rustdoc", vec!["-V"]), ("cargo", vec!["locate-project", "--workspace"])] {
            use std::os::unix::process::CommandExt;
            let output = Command::new(&cargo).arg0(name).args(&words).env("INERT_WORKSPACE_MANIFEST", "/etc/passwd").output().unwrap();
            if name != "inert" && output.status.success() { said.push(format!("{name} {words:?}")); }
        }
        let linking = std::env::args().any(|word| word == "bin");
        let cargos = std::path::Path::new(&rustc).with_file_name("cargo");
        for program in ["/bin/sh", "/usr/bin/curl", cargos.to_str().unwrap()] {
            let started = Command::new(program).args(["-c", "true"]).output().is_ok();
            if started && !linking { said.push(format!("started {program}")); }
        }
        let at = std::path::Path::new(&cargo);
        for result in [std::fs::write(at, "x"), std::fs::remove_file(at), std::fs::write(at.with_file_name("rustdoc"), "x")] {
            if result.is_ok() { said.push("changed".to_owned()); }
        }
        said.join("; ")
    "#;
    let sandbox = project(body);
    sandbox.write(&[("app/other.toml", "[package]\nname = \"other\"\n[workspace]\n"), ("other.toml", "")]);
    let built = with(&sandbox, "build").good();
    for asked in ["build", "metadata --no-deps", "--version", "locate-project --config x"] {
        let line = format!(
            "a macro of `member` was denied to start `cargo {asked}` (granted by tools = [\"cargo\"] in a [[compile]] entry for `member`)"
        );
        assert_eq!(built.err.matches(&line).count(), 1, "{line}: {}", built.err);
    }
    assert!(
        built.err.contains("was denied to start /usr/bin/sh")
            || built.err.contains("was denied to start /bin/sh")
            || built.err.contains("/dash"),
        "{}",
        built.err
    );
    assert_eq!(with(&sandbox, "run").good().out, "\n\n\n");
}

/// A process that a macro starts and leaves, and one that never ends, are ended with it.
#[test]
fn what_a_macro_leaves_is_ended() {
    let body = r#"
        unsafe extern "C" { fn fork() -> i32; fn setsid() -> i32; fn _exit(code: i32) -> !; }
        if std::env::args().any(|word| word == "lib") {
            unsafe { if fork() == 0 { setsid(); std::thread::sleep(std::time::Duration::from_secs(600)); _exit(0) } }
        }
        workspace()
    "#;
    let sandbox = project(body);
    let began = std::time::Instant::now();
    let _ = with(&sandbox, "build").good();
    assert!(began.elapsed() < std::time::Duration::from_secs(300), "a process that was left is waited for");
    let target = sandbox.path("app/target").canonicalize().unwrap();
    let left = std::fs::read_dir("/proc").unwrap().flatten().filter(|entry| {
        std::fs::read(entry.path().join("cmdline")).is_ok_and(|words| {
            words.windows(target.as_os_str().len()).any(|part| part == target.as_os_str().as_encoded_bytes())
        })
    });
    assert_eq!(left.count(), 0);
}

/// A package compiles the path of Cargo in: that is refused, since it would be the path of the program that answers, until an entry
/// gives the package and its macros the real Cargo.
#[test]
fn a_path_of_cargo_that_is_compiled_in_is_cargos() {
    let sandbox = project("workspace()");
    sandbox.write(&[(
        "app/member/src/lib.rs",
        "pub const SAID: &str = mac::run!();\npub const CARGO: &str = env!(\"CARGO\");\n",
    )]);
    let refused = with(&sandbox, "build").code(101);
    assert!(refused.err.contains("`member` asks for the path of Cargo"), "{}", refused.err);
    assert!(refused.err.contains("package = \"member\"\n        tools = [\"cargo\"]"), "{}", refused.err);
    sandbox.write(&[
        ("app/inert.toml", "[[compile]]\npackage = \"member\"\ntools = [\"cargo\"]\n"),
        ("app/src/main.rs", "fn main() { println!(\"{}\", member::CARGO); }\n"),
    ]);
    let said = with(&sandbox, "run").good().out;
    assert!(said.trim().ends_with("/bin/cargo") && !said.contains(".inert"), "{said}");
}
