//! rustc, clippy and rustdoc run confined, which is the default, and with them every proc macro: access to other
//! units, the caller's variables, the home. `confined.rs` has the attempts on the system.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use inert_tests::{Said, Sandbox, said};

/// Makes an application with a macro in its workspace, which runs `body` and expands to the text that it returns;
/// the library `other` is compiled as well.
fn project(body: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let manifest = |name: &str, more: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n{more}")
    };
    let mac = format!(
        "use std::path::*;\n\
         #[proc_macro]\npub fn run(_: proc_macro::TokenStream) -> proc_macro::TokenStream {{\n\
             let arguments: Vec<String> = std::env::args().collect();\n\
             let out = arguments.iter().position(|word| word == \"--out-dir\").map(|at| PathBuf::from(&arguments[at + 1]));\n\
             let text: String = (|out: Option<PathBuf>| {{ {body} }})(out);\n\
             format!(\"{{text:?}}\").parse().unwrap()\n}}\n"
    );
    sandbox.write(&[
        ("secret", "s"),
        (
            "app/Cargo.toml",
            &manifest(
                "app",
                "[workspace]\nmembers = [\"mac\", \"other\"]\n[dependencies]\nmac = { path = \"mac\" }\nother = { path = \"other\" }\n",
            ),
        ),
        ("app/src/lib.rs", "pub const SAID: &str = mac::run!();\n"),
        ("app/src/main.rs", "fn main() { println!(\"{} {}\", app::SAID, other::other()); }\n"),
        ("app/mac/Cargo.toml", &manifest("mac", "[lib]\nproc-macro = true\n")),
        ("app/mac/src/lib.rs", &mac),
        ("app/other/Cargo.toml", &manifest("other", "")),
        ("app/other/src/lib.rs", "pub fn other() -> u32 { 1 }\n"),
    ]);
    sandbox
}

fn with(sandbox: &Sandbox, words: &str, variables: &[(&str, &str)]) -> Said {
    let mut command = sandbox.command("app", "cargo");
    command.arg("inert").args(words.split_whitespace()).envs(variables.iter().copied());
    said(&mut command)
}

/// A macro writes files with the names of another unit's outputs, replaces its own folder by a symlink, and leaves
/// links and pipes with its own names.
#[test]
fn outputs_of_other_units_are_out_of_reach() {
    let sandbox = project(
        r#"
        let own = out.unwrap();
        let real = own.parent().unwrap().parent().unwrap();
        let mut said = Vec::new();
        let mut tried = |what: &str, done: bool| if done { said.push(what.to_owned()) };
        for folder in [real.to_path_buf(), real.join("../../other"), own.parent().unwrap().to_path_buf()] {
            tried("made", std::fs::write(folder.join("forged"), "x").is_ok());
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                if entry.file_name().to_string_lossy().contains("other") {
                    tried("changed", std::fs::OpenOptions::new().append(true).open(entry.path()).is_ok());
                    tried("removed", std::fs::remove_file(entry.path()).is_ok());
                }
            }
        }
        tried("moved its folder", std::fs::rename(&own, real.join("moved")).is_ok());
        let stem = real.join("x");
        let name = std::env::args().find_map(|word| word.strip_prefix("extra-filename=").map(str::to_owned)).unwrap_or_default();
        let _ = stem;
        // The names are those of this unit, and one of another unit.
        std::os::unix::fs::symlink("/etc/passwd", own.join(format!("app{name}.s"))).unwrap();
        std::fs::write(own.join("libother-0.rlib"), "forged").unwrap();
        std::fs::write(own.join(format!("app{name}.note")), "published").unwrap();
        said.join(",")
        "#,
    );
    let ran = with(&sandbox, "run", &[]).good();
    assert_eq!(ran.out, " 1\n", "{}", ran.err);
    let mut names = Vec::new();
    let mut pending = vec![sandbox.path("app/target")];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                pending.push(entry.path());
            }
            names.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
        }
    }
    let of = |part: &str| names.iter().filter(|(name, _)| name.contains(part)).collect::<Vec<_>>();
    assert!(of("forged").is_empty() && of("libother-0").is_empty() && of("moved").is_empty());
    assert!(of(".s").iter().all(|(name, _)| !name.ends_with(".s")), "{:?}", of(".s"));
    assert_eq!(of(".note").len(), 1);
    // The macro's own folders are removed when it ends.
    assert!(names.iter().all(|(name, _)| !name.starts_with(".inert-")));
    // The source is changed and compiled again, with the kept files.
    sandbox.write(&[(
        "app/src/main.rs",
        "fn main() { println!(\"again {} {}\", app::SAID, other::other()); }\n",
    )]);
    assert_eq!(with(&sandbox, "run", &[]).good().out, "again  1\n");
    assert!(!with(&sandbox, "build", &[]).good().err.contains("Compiling"));
}

/// If `env!` asks for a variable of the caller, that is an error rather than "not set"; granted variables are
/// there; a macro sees no others.
#[test]
fn variables_of_the_caller_are_granted_or_missed() {
    let sandbox = project("std::env::var(\"TOKEN\").unwrap_or(\"none\".into())");
    let variables = [("TOKEN", "secret"), ("WANTED", "yes")];
    assert_eq!(with(&sandbox, "run", &variables).good().out, "none 1\n");
    // The unit has a macro, or none.
    for file in ["app/src/lib.rs", "app/other/src/lib.rs"] {
        let before = sandbox.read(file);
        sandbox.write(&[(file, &format!("{before}pub const W: Option<&str> = option_env!(\"WANTED\");\n"))]);
        let missed = with(&sandbox, "build", &variables).code(101);
        assert!(missed.err.contains("goes by the variable WANTED, which is set"), "{}", missed.err);
        assert!(missed.err.contains("env = [\"WANTED\"]"), "{}", missed.err);
        // A variable that is not set is not reported.
        let _ = with(&sandbox, "build", &[("TOKEN", "secret")]).good();
        sandbox.write(&[(file, &before)]);
    }
    let text = "pub const SAID: &str = mac::run!();\npub const W: &str = env!(\"WANTED\");\n";
    sandbox.write(&[
        ("app/src/lib.rs", text),
        ("app/src/main.rs", "fn main() { println!(\"{} {}\", app::SAID, app::W); }\n"),
        ("app/inert.toml", "[[compile]]\npackage = \"app\"\nenv = [\"WANTED\"]\n"),
    ]);
    assert_eq!(with(&sandbox, "run", &variables).good().out, "none yes\n");
    // The entry came with the tree, so the caller's variable counts only once the user accepts it.
    let untrusted = [("TOKEN", "secret"), ("WANTED", "other"), ("INERT_TRUST", "")];
    let refused = with(&sandbox, "build", &untrusted).code(101);
    assert!(
        refused.err.contains("`[[compile]] app: env WANTED` counts once you accept it"),
        "{}",
        refused.err
    );
}

/// A variable that the package's own script, or `[env]`, sets to the caller's value is available.
#[test]
fn variables_of_cargos_are_there() {
    let sandbox = project("String::new()");
    sandbox.write(&[
        ("app/build.rs", "fn main() { println!(\"cargo:rustc-env=APP_SAME=same\"); }"),
        (
            "app/src/main.rs",
            "fn main() { println!(\"{} {}\", env!(\"APP_SAME\"), env!(\"OF_CONFIGURATION\")); }",
        ),
        ("inert-home/x", ""),
        ("app/.cargo/config.toml", "[env]\nOF_CONFIGURATION = \"same\"\n"),
        ("app/inert.toml", "[policy]\nconfiguration = \"allow\"\n"),
    ]);
    let ran = with(&sandbox, "run", &[("APP_SAME", "same"), ("OF_CONFIGURATION", "same")]).good();
    assert_eq!(ran.out, "same same\n");
}

/// Under clippy and rustdoc a macro can read no more than under rustc; all of them can read it if rustc is not
/// confined.
#[test]
fn clippy_and_rustdoc_are_confined() {
    let sandbox = project(
        "let root = std::env::var(\"CARGO_MANIFEST_DIR\").unwrap();\n\
         if std::fs::read(Path::new(&root).join(\"../secret\")).is_ok() { panic!(\"it reads the secret\") }\n\
         String::new()",
    );
    for command in ["check", "clippy", "doc --no-deps"] {
        let _ = with(&sandbox, command, &[]).good();
    }
    assert!(sandbox.path("app/target/doc/app/index.html").is_file());
    sandbox.write(&[("app/inert.toml", "[sandbox]\nrustc = \"off\"\n")]);
    for command in ["check", "clippy", "doc --no-deps"] {
        let _ = sandbox.inert("app", "clean");
        let _ = std::fs::remove_dir_all(sandbox.path("app/target/doc"));
        let bare = with(&sandbox, command, &[]).code(101);
        assert!(bare.err.contains("it reads the secret"), "{command}: {}", bare.err);
    }
}

/// Further outputs of rustc are in the same place as without confinement, and name no removed folder.
#[test]
fn other_outputs_are_published() {
    let sandbox = project("String::new()");
    let _ = with(&sandbox, "rustc --bin app -- --emit=asm", &[]).good();
    let made = |kind: &str| {
        let mut pending = vec![sandbox.path("app/target")];
        let mut found = Vec::new();
        while let Some(folder) = pending.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                if entry.file_type().unwrap().is_dir() {
                    pending.push(entry.path());
                } else if entry.path().extension().is_some_and(|extension| extension == kind) {
                    found.push(entry.path());
                }
            }
        }
        found
    };
    assert!(!made("s").is_empty());
    sandbox.write(&[(
        "app/Cargo.toml",
        &format!("{}[profile.dev]\nsplit-debuginfo = \"unpacked\"\n", sandbox.read("app/Cargo.toml")),
    )]);
    let _ = with(&sandbox, "build", &[]).good();
    let objects = made("dwo");
    assert!(!objects.is_empty());
    let program = std::fs::read(sandbox.path("app/target/debug/app")).unwrap();
    let names = |text: &str| program.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(!names("/.inert-app"), "a path of a folder that is gone is in the program");
}
