//! Build scripts that run, confined: every attempt of `sandbox/tests/escapes` as a build script, the granted and
//! the denied actions, and the refusal if nothing can be confined.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "../../sandbox/tests/escapes/attempts.rs"]
#[allow(dead_code, unsafe_code, clippy::disallowed_methods, unreachable_pub, missing_docs)]
mod attempts;
#[path = "../../sandbox/tests/place/mod.rs"]
#[allow(clippy::disallowed_methods)]
mod place;

use std::collections::BTreeSet;

use attempts::{ATTEMPTS, Bare};
use inert_tests::{Said, Sandbox, binaries, said};

const APP: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n[dependencies]\ndep = { path = \"../dep\" }\n";
const DEP: &str = "[package]\nname = \"dep\"\nversion = \"1.0.0\"\nedition = \"2021\"\n";

/// A build of a package with a given script, allowed by an entry with given keys.
struct Project {
    sandbox: Sandbox,
}

impl Project {
    fn new(script: &str) -> Self {
        let sandbox = Sandbox::new();
        // The script asks for the time, so that no declaration can be derived.
        let clock = "fn main() { std::fs::write(std::path::Path::new(&std::env::var(\"OUT_DIR\").unwrap()).join(\"clock\"), format!(\"{:?}\", std::time::SystemTime::now())).unwrap();";
        let script = script.replacen("fn main() {", clock, 1);
        sandbox.write(&[
            ("app/Cargo.toml", APP),
            ("app/src/main.rs", "fn main() {}"),
            ("dep/Cargo.toml", DEP),
            ("dep/src/lib.rs", ""),
            ("dep/build.rs", &script),
        ]);
        Self { sandbox }
    }

    /// Allows the script with these keys.
    fn allow(&self, keys: &str) -> &Self {
        let _ = std::fs::remove_file(self.sandbox.path("app/inert.toml"));
        let refused = self.sandbox.inert("app", "build").code(1);
        let stanza = refused.err.split_once("[[allow]]").map(|(_, rest)| rest.to_owned()).unwrap();
        self.sandbox.write(&[("app/inert.toml", &format!("[[allow]]\n{keys}{stanza}"))]);
        self
    }

    fn build(&self) -> Said {
        self.sandbox.inert("app", "build")
    }

    /// Returns a file that the script left in OUT_DIR.
    fn out(&self, name: &str) -> Option<String> {
        // Cargo's layouts put OUT_DIR one or two folders below.
        let below = |folder: &std::path::Path| -> Vec<std::path::PathBuf> {
            std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
        };
        let outer = below(&self.sandbox.path("app/target/inert/debug/build"));
        let inner: Vec<_> = outer.iter().flat_map(|folder| below(folder)).collect();
        outer
            .iter()
            .chain(&inner)
            .find_map(|folder| std::fs::read_to_string(folder.join("out").join(name)).ok())
    }
}

const ATTEMPTING: &str = r#"
include!("attempts.rs");
fn main() {
    println!("cargo:rerun-if-changed=victim");
    let text = std::fs::read_to_string("victim").unwrap();
    let words: Vec<&str> = text.lines().collect();
    let victim = Victim {
        home: words[0].into(), target: words[1].into(), out: std::env::var("OUT_DIR").unwrap(),
        package: std::env::var("CARGO_MANIFEST_DIR").unwrap(),
        pid: words[4].parse().unwrap(), port: words[5].parse().unwrap(), abstract_name: words[6].into(),
    };
    // Each attempt has a process of its own: some end it, or move it to another namespace.
    for (name, ..) in ATTEMPTS {
        unsafe {
            let child = fork();
            if child == 0 {
                use std::io::Write;
                let mut said = std::fs::OpenOptions::new().append(true).create(true).open(format!("{}/said", victim.out)).unwrap();
                let text = attempt(name, &victim);
                let _ = writeln!(said, "{name} {text}");
                _exit(0)
            }
            let mut status = 0i32;
            syscall(61, child as i64, &mut status as *mut i32, 0i64, 0i64);
        }
    }
}
"#;

/// Returns the names of the attempts that succeeded.
fn through(project: &Project) -> BTreeSet<String> {
    let text = project.out("said").expect("the script ran to its end");
    assert!(text.lines().count() > 70, "{text}");
    text.lines().filter_map(|line| line.split_once(" ESCAPED").map(|(name, _)| name.to_owned())).collect()
}

#[test]
fn no_attempt_gets_out_of_a_build_script() {
    let place = place::Place::new(None);
    let project = Project::new(ATTEMPTING);
    let attempts = include_str!("../../sandbox/tests/escapes/attempts.rs");
    project.sandbox.write(&[("dep/attempts.rs", attempts), ("dep/victim", &place.words().join("\n"))]);
    let build = |project: &Project| {
        let mut command = project.sandbox.command("app", "cargo");
        let _ = said(command.args(["inert", "build"]).env("CARGO_REGISTRY_TOKEN", "secret")).good();
        through(project)
    };
    let before = place.digest();
    project.allow("");
    let confined = build(&project);
    let open: BTreeSet<String> = [
        // These are granted, or concern the loader, stat, the script's own processes, and Cargo's jobserver.
        "start-sh",
        "loader-runs-a-file",
        "status-of-the-key",
        "daemon",
        "inherited-descriptors",
    ]
    .map(str::to_owned)
    .into();
    let more: Vec<_> = confined.difference(&open).collect();
    assert!(more.is_empty(), "these got out: {more:?}");
    assert_eq!(place.digest(), before, "something outside changed");
    let _ = project.sandbox.inert("app", "clean");
    project.allow("confine = false\nconfine-reason = \"to see that it works\"\n");
    let bare = build(&project);
    for (name, needs, _) in ATTEMPTS {
        // A file that an attempt has changed may make the next one fail.
        assert!(*needs == Bare::Depends || bare.contains(*name), "{name} proves nothing: it fails bare");
    }
}

#[test]
fn what_is_granted_is_there() {
    let project = Project::new(
        r#"
fn main() {
    let read = |path: &str| std::fs::read_to_string(path).map_err(|e| e.to_string());
    println!("cargo:rerun-if-changed=build.rs");
    if std::process::id() == 0 { return; }
    let tool = std::process::Command::new("own-tool").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&tool.stdout), "own tool\n", "{tool:?}");
    assert_eq!(read("../app/data/in.txt").unwrap(), "data");
    assert!(read("../app/Cargo.toml").is_err());
    assert_eq!(std::env::var("WANTED").unwrap(), "caller's");
    assert_eq!(std::env::var("SET").unwrap(), "here");
    assert!(std::env::var("SECRET").is_err());
    for name in ["HOME", "TMPDIR"] {
        let folder = std::env::var(name).unwrap();
        std::fs::write(format!("{folder}/x"), "x").unwrap();
    }
    let rustc = std::process::Command::new("rustc").arg("-V").output().unwrap();
    assert!(rustc.status.success());
    assert!(std::process::Command::new(std::env::var("RUSTC").unwrap()).arg("-V").output().unwrap().status.success());
}
"#,
    );
    project.sandbox.write(&[("app/data/in.txt", "data"), ("bin/own-tool", "#!/bin/sh\necho own tool\n")]);
    let _ = said(project.sandbox.command("", "chmod").args(["+x", "bin/own-tool"])).good();
    let build = || {
        let mut command = project.sandbox.command("app", "cargo");
        let path = format!("{}:{}", project.sandbox.path("bin").display(), path_of(&command));
        command.args(["inert", "build"]).env("PATH", path).env("WANTED", "caller's").env("SECRET", "x");
        said(&mut command)
    };
    project.allow("");
    let denied = build().code(101);
    assert!(denied.err.contains("own-tool is not granted to this build script"), "{}", denied.err);
    assert!(denied.err.contains("it runs confined by its [[allow]] entry"), "{}", denied.err);
    project.allow(
        "tools = [\"own-tool\"]\nread = [\"workspace:data\"]\nenv = [\"WANTED\"]\nset = { SET = \"here\" }\n",
    );
    let _ = build().good();
    let lock = said(project.sandbox.command("app", "cargo").args(["inert", "lock"])).good();
    assert!(lock.err.contains("read workspace:data") || project.sandbox.read("app/inert.lock").contains("rights = [\"confined\", \"env WANTED\", \"read workspace:data\", \"set SET=here\", \"tool own-tool\"]"), "{}", project.sandbox.read("app/inert.lock"));
}

fn path_of(command: &std::process::Command) -> String {
    let path = command.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, value)| value);
    path.unwrap_or_default().to_string_lossy().into_owned()
}

/// If a script needs a variable that it may not see, its output would differ: that is an error, not a success.
#[test]
fn a_variable_that_was_missed_is_said() {
    let project = Project::new(
        "fn main() { println!(\"cargo:rerun-if-env-changed=CHOICE\"); println!(\"cargo:rerun-if-env-changed=UNSET\"); }",
    );
    project.allow("");
    let mut command = project.sandbox.command("app", "cargo");
    let denied = said(command.args(["inert", "build"]).env("CHOICE", "1")).code(101);
    assert!(
        denied.err.contains("to see the variable CHOICE, which is set (granted by env = [\"CHOICE\"])"),
        "{}",
        denied.err
    );
    project.allow("env = [\"CHOICE\"]\n");
    let mut command = project.sandbox.command("app", "cargo");
    let _ = said(command.args(["inert", "build"]).env("CHOICE", "1")).good();
}

/// A grant that is too wide or empty is refused before the script starts.
#[test]
fn grants_that_mean_too_much_or_nothing_are_refused() {
    let project = Project::new("fn main() { std::fs::write(\"../ran\", \"\").unwrap(); }");
    let target = project.sandbox.path("app/target").display().to_string();
    let around = project.sandbox.path("app").display().to_string();
    for (keys, says) in [
        (format!("read = [\"system:{target}\"]\n"), "a folder that builds write to"),
        (format!("read = [\"system:{around}\"]\n"), "a folder that builds write to"),
        ("read = [\"workspace:target/inert/.inert\"]\n".to_owned(), "a folder that builds write to"),
        ("read = [\"workspace:missing\"]\n".to_owned(), "is not there"),
        ("read = [\"dep:other\"]\n".to_owned(), "no package `other` is linked into the script"),
        ("tools = [\"no-such-tool\"]\n".to_owned(), "is not on PATH"),
    ] {
        project.allow(&keys);
        let refused = project.build().code(101);
        assert!(refused.err.contains(says), "{keys}: {}", refused.err);
    }
    for (keys, says) in [
        ("network = true\n", "`network = true` without `network-reason`"),
        ("confine = false\n", "`confine = false` without `confine-reason`"),
        ("read = [\"/etc\"]\n", "names no place"),
        ("write = [\"system:/etc\"]\n", "cannot be granted by `write`"),
        ("write = [\"workspace:.\"]\n", "cannot be granted by `write`"),
        ("tools = [\"../x\"]\n", "a program's name"),
        ("env = [\"A=B\"]\n", "a variable's name"),
    ] {
        project.allow("");
        let text =
            project.sandbox.read("app/inert.toml").replacen("[[allow]]\n", &format!("[[allow]]\n{keys}"), 1);
        project.sandbox.write(&[("app/inert.toml", &text)]);
        let refused = project.build();
        assert!(refused.code != 0 && refused.err.contains(says), "{keys}: {}", refused.err);
    }
    assert!(!project.sandbox.path("ran").exists());
}

/// The root of the workspace is granted by its entries: no hidden name, and nothing that builds write, can be read or listed.
#[test]
fn the_workspace_is_granted_without_what_it_hides() {
    let project = Project::new(
        r#"fn main() {
            let names = |path: &str| std::fs::read_dir(path).map(|all| all.flatten().count()).unwrap_or(0);
            let read = |path: &str| std::fs::read(path).is_ok();
            println!("cargo:warning=root {} data {} {} hidden {} {} target {} policy {}", names("../app") > 2, names("../app/data"), read("../app/data/in.txt"),
                read("../app/.env"), names("../app/.git"), names("../app/target"), read("../app/inert.toml"));
        }"#,
    );
    project.sandbox.write(&[("app/data/in.txt", "data"), ("app/.env", "secret"), ("app/.git/HEAD", "")]);
    let said = |keys: &str| {
        project.allow(keys);
        let _ = project.sandbox.inert("app", "clean").good();
        let mut command = project.sandbox.command("app", "cargo");
        said(command.args(["inert", "build", "-vv"])).good().err
    };
    let without = said("");
    assert!(without.contains("root false data 0 false hidden false 0 target 0 policy false"), "{without}");
    let with = said("read = [\"workspace:.\"]\n");
    assert!(with.contains("root true data 1 true hidden false 0 target 0 policy false"), "{with}");
}

/// Members run confined if the policy says so, and an entry adds rights to that.
#[test]
fn members_are_confined_where_the_policy_says_so() {
    let project = Project::new("fn main() {}");
    project.sandbox.write(&[
        ("app/build.rs", "fn main() { std::fs::write(\"generated.rs\", format!(\"// {:?}\", std::time::SystemTime::now())).unwrap(); }"),
        ("app/inert.toml", "[policy]\nmembers = \"allow\"\n[[declare]]\npackage = \"dep\"\n[declare.declaration]\nschema = 1\n"),
    ]);
    let _ = project.build().good();
    let text = project.sandbox.read("app/inert.toml").replace("allow", "confined");
    project.sandbox.write(&[("app/inert.toml", &text)]);
    let denied = project.build().code(101);
    assert!(
        denied.err.contains("it runs confined by `members = \"confined\"` of [policy]"),
        "{}",
        denied.err
    );
    // Under a minimum of `checked`, a member is at least checked.
    project.sandbox.write(&[
        ("minimum.toml", "[policy]\nmembers = \"confined\"\n"),
        ("app/inert.toml", &text.replace("confined", "checked")),
    ]);
    let minimum = project.sandbox.path("minimum.toml").display().to_string();
    let _ = project.sandbox.inert("app", &format!("build --policy {minimum}")).code(101);
    let _ = project.build().good();
}

/// In a sandbox that prevents a second one: a script that must be confined is refused before anything is compiled,
/// unless the user's own policy says otherwise, which every build reports. The tree's policy cannot.
#[test]
fn where_nothing_can_be_confined_it_is_refused() {
    let project = Project::new("fn main() { std::fs::write(\"../ran\", \"\").unwrap(); }");
    project.allow("");
    let mark = project.sandbox.path("ran");
    let build = || {
        let bare = project.sandbox.command("app", "cargo");
        let mut command =
            project.sandbox.command("app", &binaries().join("inert-confine").display().to_string());
        for (name, value) in bare.get_envs() {
            if let Some(value) = value {
                command.arg("--set").arg(format!("{}={}", name.to_string_lossy(), value.to_string_lossy()));
            }
        }
        for name in ["HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"] {
            command.args(["--env", name]);
        }
        command.args([
            "--write-execute",
            "/",
            "--",
            "/usr/bin/env",
            "cargo",
            "inert",
            "build",
            "--offline",
            "-q",
        ]);
        said(&mut command)
    };
    let refused = build().code(1);
    assert!(
        refused.err.contains("this machine cannot confine programs; nothing was compiled"),
        "{}",
        refused.err
    );
    assert!(
        refused.err.contains("dep 1.0.0") && refused.err.contains("unavailable = \"run\""),
        "{}",
        refused.err
    );
    let text = project.sandbox.read("app/inert.toml");
    project.sandbox.write(&[("app/inert.toml", &format!("{text}\n[sandbox]\nunavailable = \"run\"\n"))]);
    let refused = build();
    assert!(
        refused.code != 0 && refused.err.contains("counts in the user's own policy alone"),
        "{}",
        refused.err
    );
    assert!(!mark.exists());
    project.sandbox.write(&[
        ("app/inert.toml", &text),
        ("inert-home/config/inert.toml", "[sandbox]\nunavailable = \"run\"\n"),
    ]);
    for _ in 0..2 {
        let warned = build().good();
        assert!(
            warned.err.contains("1 build script runs unconfined, with all your rights"),
            "{}",
            warned.err
        );
    }
    assert!(mark.exists());
}

const MACRO: &str = r#"
mod attempts;
use attempts::*;
#[proc_macro]
pub fn attempts(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let words: Vec<&str> = include_str!("victim").lines().collect();
    let victim = Victim {
        home: words[0].into(), target: words[1].into(), out: std::env::var("TMPDIR").unwrap_or_else(|_| words[2].into()),
        package: std::env::var("CARGO_MANIFEST_DIR").unwrap(),
        pid: words[4].parse().unwrap(), port: words[5].parse().unwrap(), abstract_name: words[6].into(),
    };
    let mut said = String::new();
    for (name, ..) in ATTEMPTS {
        // These attempts end the process, or move it elsewhere.
        if !["x32-call", "i386-call", "user-namespace", "secret-variable"].contains(name) {
            said.push_str(&format!("{name} {}\n", attempt(name, &victim)));
        }
    }
    format!("{said:?}").parse().unwrap()
}
"#;

/// Makes every attempt as a proc macro, in a library, whose compilation starts nothing, and in a program, whose
/// compilation links.
#[test]
fn no_attempt_gets_out_of_a_macro() {
    let place = place::Place::new(None);
    let sandbox = Sandbox::new();
    sandbox.write(&[
        ("app/Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\nmembers = [\"attempting\"]\n[dependencies]\nattempting = { path = \"attempting\" }\n"),
        ("app/src/lib.rs", "pub const LIBRARY: &str = attempting::attempts!();"),
        ("app/src/main.rs", "fn main() { print!(\"{}\", attempting::attempts!()); println!(\"----\"); print!(\"{}\", app::LIBRARY); }"),
        ("app/attempting/Cargo.toml", "[package]\nname = \"attempting\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[lib]\nproc-macro = true\n"),
        ("app/attempting/src/lib.rs", MACRO),
        ("app/attempting/src/attempts.rs", include_str!("../../sandbox/tests/escapes/attempts.rs")),
        ("app/attempting/src/victim", &place.words().join("\n")),
        ("app/inert.toml", "[sandbox]\nrustc = \"confine\"\n"),
    ]);
    let before = place.digest();
    let said = sandbox.inert("app", "run").good().out;
    assert_eq!(place.digest(), before, "something outside changed");
    let (program, library) = said.split_once("----\n").unwrap();
    let through = |text: &str| -> BTreeSet<String> {
        assert!(text.lines().count() > 70, "{text}");
        text.lines().filter_map(|line| Some(line.split_once(" ESCAPED")?.0.to_owned())).collect()
    };
    // These concern stat, and the files that rustc has open. Compiling a program may start the linker's programs,
    // and ends those that remain.
    let open: BTreeSet<String> = ["status-of-the-key", "inherited-descriptors"].map(str::to_owned).into();
    let more: Vec<_> = through(library).difference(&open).cloned().collect();
    assert!(more.is_empty(), "these got out of a library's compile: {more:?}");
    let linking: BTreeSet<String> = ["start-sh", "loader-runs-a-file", "daemon"].map(str::to_owned).into();
    let more: Vec<_> =
        through(program).difference(&open).filter(|name| !linking.contains(*name)).cloned().collect();
    assert!(more.is_empty(), "these got out of a program's compile: {more:?}");
    sandbox.write(&[("app/inert.toml", "[sandbox]\nrustc = \"off\"\n")]);
    let _ = sandbox.inert("app", "clean");
    let said = sandbox.inert("app", "run").good().out;
    let bare = through(said.split_once("----\n").unwrap().1);
    for name in [
        "read-key",
        "append-to-bashrc",
        "tcp",
        "udp",
        "chmod",
        "start-sh",
        "agent-by-path",
        "signal-another",
        "sessions",
    ] {
        assert!(bare.contains(name), "{name} proves nothing: it fails bare");
    }
}

/// The compiler reads the files that a unit without macros includes, and may read no more than others.
#[test]
fn a_unit_without_macros_reads_no_more() {
    let project = Project::new("fn main() {}");
    project.sandbox.write(&[
        ("secret", "s"),
        ("app/inert.toml", "[sandbox]\nrustc = \"confine\"\n[[declare]]\npackage = \"dep\"\n[declare.declaration]\nschema = 1\n"),
        ("dep/src/lib.rs", "pub const S: &str = include_str!(\"../../secret\");"),
    ]);
    let denied = project.build().code(101);
    assert!(denied.err.contains("Permission denied"), "{}", denied.err);
    project.sandbox.write(&[("dep/src/lib.rs", "pub const S: &str = include_str!(\"../Cargo.toml\");")]);
    let _ = project.build().good();
}

/// The wrapper alone, under plain cargo, confines as well.
#[test]
fn plain_cargo_with_the_wrapper_confines() {
    let project = Project::new("fn main() { std::fs::write(\"../ran\", \"\").unwrap(); }");
    project.allow("");
    let inert = binaries().join("inert").display().to_string();
    project.sandbox.write(&[("app/.cargo/config.toml", &format!("[build]\nrustc-wrapper = {inert:?}\n"))]);
    let denied = project.sandbox.cargo("app", "build").code(101);
    assert!(denied.err.contains("it runs confined by its [[allow]] entry"), "{}", denied.err);
    assert!(!project.sandbox.path("ran").exists());
}
