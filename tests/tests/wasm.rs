//! Allowed scripts that run in WebAssembly (`run = "wasm"`): their results are those of plain cargo's run, no
//! native code of theirs is compiled, and a script that would behave differently there is refused.

use std::path::Path;

use inert_tests::{Said, Sandbox, said};

/// Makes the fixture with `body` at the end of the script's `main`; returns `None` if rustc has no library for the
/// target, which is mandatory with `INERT_WASM=required`.
#[expect(clippy::print_stderr, reason = "a test that cannot be made here says so")]
#[expect(clippy::disallowed_methods, reason = "the harness's own switch")]
fn project(body: &str) -> Option<Sandbox> {
    let sandbox = Sandbox::new();
    let libdir =
        said(sandbox.command("", "rustc").args(["--print", "target-libdir", "--target", "wasm32-wasip1"]));
    if !Path::new(libdir.out.trim()).is_dir() {
        let required = std::env::var_os("INERT_WASM").is_some_and(|word| word == "required");
        assert!(!required, "INERT_WASM=required, and there is no standard library for wasm32-wasip1");
        eprintln!("left out: no standard library (rustup target add wasm32-wasip1)");
        return None;
    }
    let fixture = inert_tests::root().join("tests/fixtures/wasm");
    for file in [
        "app/Cargo.toml",
        "app/src/main.rs",
        "dep/Cargo.toml",
        "dep/build.rs",
        "dep/src/lib.rs",
        "dep/words.txt",
        "helper/Cargo.toml",
        "helper/src/lib.rs",
        "named/Cargo.toml",
        "named/src/lib.rs",
    ] {
        let text = std::fs::read_to_string(fixture.join(file)).unwrap();
        sandbox.write(&[(file, &text.replace("// BODY", body))]);
    }
    Some(sandbox)
}

/// Allows the script in WebAssembly, as the refusal proposes.
fn allow(sandbox: &Sandbox) {
    let refused = sandbox.inert("app", "build").code(1).says("nothing was compiled");
    let stanza = refused.err.split_once("[[allow]]").map(|(_, rest)| format!("[[allow]]{rest}")).unwrap();
    sandbox.write(&[("app/inert.toml", &format!("{}\nrun = \"wasm\"\n", stanza.trim_end()))]);
}

#[test]
fn a_pure_script_makes_the_same_in_webassembly() {
    let Some(sandbox) = project("") else { return };
    allow(&sandbox);
    let inert = sandbox.inert("app", "run").good().says("run as allowed");
    let plain = sandbox.cargo("app", "run --target-dir ../plain").good();
    assert_eq!(inert.out, plain.out);
    assert!(inert.out.contains("named:THREE"), "{}", inert.out);
    let again = sandbox.inert("app", "build").good();
    assert!(!again.err.contains("Compiling"), "{}", again.err);
    // The helper that only the script links is compiled for WebAssembly alone: its file in this build's folder is
    // empty.
    let deps = sandbox.path("app/target/inert/debug/deps");
    let native = std::fs::read_dir(deps).unwrap().flatten();
    let native = native.filter(|entry| entry.file_name().to_string_lossy().starts_with("libhelper-"));
    assert!(native.map(|entry| entry.metadata().unwrap().len()).all(|length| length == 0));
    sandbox.write(&[("dep/words.txt", "four\n")]);
    let _ = sandbox.inert("app", "build").code(1).says("its files are now");
}

#[test]
fn a_script_that_would_say_something_else_there_is_refused() {
    for (body, says) in [
        ("let _ = std::process::Command::new(\"rustc\").output();", "it starts programs"),
        ("if cfg!(windows) { println!(\"cargo:rustc-cfg=windows_host\"); }", "asks for `windows`"),
        ("println!(\"cargo:rustc-cfg={}\", std::env::consts::OS);", "asks for the host"),
        ("std::env::current_dir().unwrap();", "asks for the current folder"),
        (
            "println!(\"cargo:rustc-cfg=t{}\", std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() % 10);",
            "asked for the time",
        ),
        ("let _ = std::fs::read(\"/etc/passwd\");", "asked for /etc/passwd"),
        ("let _ = std::fs::read(\"../helper/Cargo.toml\");", "which in WebAssembly it cannot see"),
        ("println!(\"cargo:rustc-link-arg=-Wl,-T,x\");", "may run, but not say"),
        ("std::process::exit(3);", "exit code 3"),
    ] {
        let Some(sandbox) = project(body) else { return };
        allow(&sandbox);
        let failed = sandbox.inert("app", "build").code(101);
        let whole = failed.err.replace('\n', " ");
        assert!(
            whole.contains(says) || whole.contains(says.trim_start_matches("it ")),
            "{body}: {}",
            failed.err
        );
    }
}

#[test]
fn the_wrapper_alone_does_not_run_it_natively() {
    let Some(sandbox) = project("") else { return };
    allow(&sandbox);
    let wrapper = inert_tests::binaries().join("inert");
    let refused = said(sandbox.command("app", "cargo").arg("build").env("RUSTC_WRAPPER", wrapper)).code(101);
    assert!(refused.err.contains("dep"), "{}", refused.err);
    assert!(!refused.err.contains("Compiling app"), "{}", refused.err);
}

#[test]
fn a_pure_script_is_baked_and_never_runs_again() {
    let Some(sandbox) = project("") else { return };
    let baked = sandbox.inert("app", "bake dep").good();
    assert!(baked.err.contains("review and commit"), "{}", baked.err);
    let kept = sandbox.read("app/inert/baked/dep-1.0.0/table/words.txt");
    assert!(kept.ends_with("true ${target}"), "{kept}");
    let inert = sandbox.inert("app", "run --deny-build-scripts").good();
    let plain = sandbox.cargo("app", "run --target-dir ../plain").good();
    assert_eq!(inert.out, plain.out);
    // Features that were not baked, and files that it was not made from, are not covered.
    let other = "[workspace]\n[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\n\
                 dep = { path = \"../dep\", default-features = false }\n";
    let manifest = sandbox.read("app/Cargo.toml");
    sandbox.write(&[("app/Cargo.toml", other)]);
    let _ = sandbox.inert("app", "build").code(1).says("does not cover");
    sandbox.write(&[("app/Cargo.toml", &manifest), ("dep/words.txt", "four\n")]);
    let _ = sandbox.inert("app", "build").code(1).says("was made from other files");
    // A second bake takes the place of the first.
    let _ = sandbox.inert("app", "bake dep").good();
    assert_eq!(sandbox.read("app/inert.toml").matches("[[declare]]").count(), 1);
    let inert = sandbox.inert("app", "run").good();
    assert!(inert.out.contains("FOUR"), "{}", inert.out);
}

/// The program uses a crate of the script with one more feature, and unifies the two: so the build's script links it with
/// both features, which a module that is compiled of the script alone does not.
#[test]
fn what_links_other_features_than_the_build_is_not_baked() {
    let Some(sandbox) = project("") else { return };
    let unified = "[workspace]\nresolver = \"1\"\n[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\
                   [dependencies]\ndep = { path = \"../dep\" }\n\
                   helper = { path = \"../helper\", default-features = false, features = [\"lower\"] }\n";
    let manifest = sandbox.read("app/Cargo.toml");
    sandbox.write(&[("app/Cargo.toml", unified)]);
    let refused = sandbox.inert("app", "bake dep").code(1);
    let whole = refused.err.replace('\n', " ");
    assert!(
        whole.contains(
            "helper 0.2.0` has the features [upper] for wasm32-wasip1, and [lower, upper] in this build"
        ),
        "{whole}"
    );
    assert!(!sandbox.path("app/inert").exists() && !sandbox.path("app/inert.toml").exists());
    sandbox.write(&[("app/Cargo.toml", &manifest)]);
    let _ = sandbox.inert("app", "bake dep").good();
}

#[test]
fn what_depends_on_more_is_not_baked() {
    for (body, says) in [
        (
            "println!(\"cargo:rustc-env=JOBS={}\", std::env::var(\"NUM_JOBS\").unwrap());",
            "depends on NUM_JOBS",
        ),
        (
            "println!(\"cargo:rustc-env=P={}\", std::env::var(\"PROFILE\").unwrap());",
            "depends on the profile",
        ),
        (
            "println!(\"cargo:rustc-env=L={}\", std::env::var(\"OUT_DIR\").unwrap().len());",
            "depends on OUT_DIR",
        ),
        ("println!(\"cargo:rustc-env=H={}\", std::env::var(\"HOST\").unwrap());", "depends on HOST"),
        (
            "println!(\"cargo:rustc-cfg={}\", std::env::var(\"CARGO_CFG_PANIC\").unwrap());",
            "depends on RUSTFLAGS",
        ),
        ("println!(\"cargo:rustc-link-search=/usr/lib\");", "is for the linker"),
        ("let _ = std::fs::read(\"../helper/Cargo.toml\");", "outside of its package"),
    ] {
        let Some(sandbox) = project(body) else { return };
        let refused = sandbox.inert("app", "bake dep").code(1);
        assert!(refused.err.replace('\n', " ").contains(says), "{body}: {}", refused.err);
        assert!(!sandbox.path("app/inert").exists() && !sandbox.path("app/inert.toml").exists());
    }
}

/// Lets scripts run that nothing decides.
fn undecided(sandbox: &Sandbox, how: &str) {
    sandbox.write(&[("app/inert.toml", &format!("[policy]\nundecided = \"{how}\"\n"))]);
}

/// Returns what is noted of attempts in WebAssembly, and removes nothing.
fn outcomes(sandbox: &Sandbox) -> Vec<String> {
    let folder = sandbox.path("app/target/inert/.inert/wasm/outcomes");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| std::fs::read_to_string(entry.path()).unwrap()).collect()
}

fn audit_prints(sandbox: &Sandbox, text: &str) {
    let audit = sandbox.inert("app", "audit").good();
    assert!(audit.out.contains(text), "{text:?} is not in\n{}", audit.out);
}

#[test]
fn an_undecided_script_runs_in_webassembly_first() {
    for how in ["confine", "wasm"] {
        let Some(sandbox) = project("") else { return };
        undecided(&sandbox, how);
        audit_prints(&sandbox, "in WebAssembly");
        let inert = sandbox.inert("app", "run").good();
        let plain = sandbox.cargo("app", "run --target-dir ../plain").good();
        assert_eq!(inert.out, plain.out);
        assert_eq!(outcomes(&sandbox), ["ran\n"]);
        assert!(!inert.err.contains("not in WebAssembly"), "{}", inert.err);
        // The note of the run changes no decision.
        let again = sandbox.inert("app", "build").good();
        assert!(!again.err.contains("Compiling"), "{}", again.err);
        let _ = sandbox.inert("app", "build --deny-build-scripts").code(1).says("deny-flag");
        sandbox.write(&[("dep/words.txt", "four\n")]);
        let changed = sandbox.inert("app", "run").good();
        assert!(changed.out.contains("FOUR"), "{}", changed.out);
    }
}

#[test]
fn what_fails_in_webassembly_runs_confined_in_the_same_build() {
    let Some(sandbox) = project("assert!(std::fs::read(\"/etc/passwd\").is_ok());") else { return };
    undecided(&sandbox, "confine");
    let inert = sandbox.inert("app", "build").good();
    assert!(
        inert.err.contains("`dep 1.0.0` ran confined, not in WebAssembly: it asked for /etc/passwd"),
        "{}",
        inert.err
    );
    let run = sandbox.inert("app", "run").good();
    let plain = sandbox.cargo("app", "run --target-dir ../plain").good();
    assert_eq!(run.out, plain.out);
    assert!(!run.err.contains("Compiling") && !run.err.contains("WebAssembly"), "{}", run.err);
    audit_prints(&sandbox, "confined (not in WebAssembly: it asked for");
    // Where nothing may run natively, it is refused.
    undecided(&sandbox, "wasm");
    let _ = sandbox.inert("app", "build").code(101).says("asked for /etc/passwd");
}

#[test]
fn what_does_not_compile_for_webassembly_is_tried_once() {
    let Some(sandbox) = project("") else { return };
    let helper = sandbox.read("helper/src/lib.rs");
    let only_native =
        format!("#[cfg(target_family = \"wasm\")]\ncompile_error!(\"not for this target\");\n{helper}");
    sandbox.write(&[("helper/src/lib.rs", &only_native)]);
    undecided(&sandbox, "confine");
    let inert = sandbox.inert("app", "run").good();
    let plain = sandbox.cargo("app", "run --target-dir ../plain").good();
    assert_eq!(inert.out, plain.out);
    let noted = outcomes(&sandbox);
    assert!(noted.len() == 1 && noted[0].contains("not for this target"), "{noted:?}");
    assert!(!inert.err.contains("not for this target"), "{}", inert.err);
    // The next compile of the script does not try again: nothing compiles for the target.
    let before = std::fs::metadata(sandbox.path("app/target/inert/.inert/wasm/target")).unwrap();
    std::fs::remove_dir_all(sandbox.path("app/target/inert/.inert/wasm/target")).unwrap();
    std::fs::remove_dir_all(sandbox.path("app/target/inert/debug")).unwrap();
    let _ = sandbox.inert("app", "build").good();
    assert!(before.is_dir() && !sandbox.path("app/target/inert/.inert/wasm/target").exists());
    undecided(&sandbox, "wasm");
    let _ = sandbox.inert("app", "build").code(101).says("not for this target");
}

#[test]
fn what_is_known_not_to_run_in_webassembly_is_not_tried() {
    let body = "assert!(std::process::Command::new(\"true\").status().is_ok());";
    let Some(sandbox) = project(body) else { return };
    undecided(&sandbox, "confine");
    audit_prints(&sandbox, "not in WebAssembly: build.rs starts programs");
    let _ = sandbox.inert("app", "build").good();
    assert_eq!(outcomes(&sandbox), [""; 0]);
    undecided(&sandbox, "wasm");
    let _ = sandbox.inert("app", "build").code(1).says("inert::refused::not-in-wasm");
    // The tree's own rule counts only once it is accepted.
    let refused = said(sandbox.command("app", "cargo").args(["inert", "build"]).env("INERT_TRUST", ""));
    let _ = refused.code(1).says("inert::refused::undecided");
}

#[test]
fn verify_compares_the_script_in_webassembly_with_its_native_run() {
    let Some(sandbox) = project("") else { return };
    let verify = "verify --wasm --yes --random 2 --package-folder ../dep";
    let equal = sandbox.inert("app", verify).good();
    assert!(equal.out.contains("1 equal, 0 differ"), "{}", equal.out);
    let script = sandbox.read("dep/build.rs");
    let width =
        script.replace("fn main() {", "fn main() {\n    println!(\"cargo:rustc-env=W={}\", usize::BITS);");
    sandbox.write(&[("dep/build.rs", &width)]);
    let differs = sandbox.inert("app", verify).code(1);
    assert!(differs.out.contains("0 equal, 1 differ") && differs.out.contains("W"), "{}", differs.out);
}

/// The value of a file and of a variable that no script or macro may see.
const SECRET: &str = "s3cr3t";

/// Runs the program with the caller's secret, bare or with Inert.
fn with_secret(sandbox: &Sandbox, words: &str) -> Said {
    let mut command = sandbox.command("app", "cargo");
    said(command.args(words.split_whitespace()).env("SECRET_TOKEN", SECRET))
}

/// rustc compiles a script for WebAssembly with the rights of its native compilation.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn the_compilation_for_webassembly_is_confined() {
    for (text, says) in [
        ("include_str!(\"FILE\")", "Permission denied"),
        (
            "option_env!(\"SECRET_TOKEN\").unwrap_or(\"none\")",
            "goes by the variable SECRET_TOKEN, which is set",
        ),
    ] {
        let Some(sandbox) = project("std::fs::write(out.join(\"words.txt\"), TEXT).unwrap();") else {
            return;
        };
        let file = sandbox.path("secret").display().to_string();
        let script = sandbox.read("dep/build.rs").replace("TEXT", &text.replace("FILE", &file));
        sandbox.write(&[("secret", SECRET), ("dep/build.rs", &script)]);
        let plain = with_secret(&sandbox, "run --target-dir ../plain").good();
        assert_eq!(plain.out.trim_end(), SECRET);
        for how in ["wasm", "confine"] {
            undecided(&sandbox, how);
            let refused = with_secret(&sandbox, "inert run").code(101);
            assert!(refused.err.contains(says), "{how}: {}", refused.err);
            assert!(!refused.err.contains(SECRET), "{how}: {}", refused.err);
        }
    }
}

/// A macro among the direct dependencies of a script is expanded in both compilations of it.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn macros_of_a_script_in_webassembly_are_confined() {
    let Some(sandbox) = project("std::fs::write(out.join(\"words.txt\"), mac::run!()).unwrap();") else {
        return;
    };
    let manifest = sandbox.read("dep/Cargo.toml");
    let file = sandbox.path("secret");
    let mac = format!(
        "#[proc_macro]\npub fn run(_: proc_macro::TokenStream) -> proc_macro::TokenStream {{\n\
             let seen = (std::env::var(\"SECRET_TOKEN\").ok(), std::fs::read_to_string({file:?}).ok());\n\
             let seen = format!(\"{{seen:?}}\");\n\
             format!(\"{{seen:?}}\").parse().unwrap()\n}}\n"
    );
    sandbox.write(&[
        ("secret", SECRET),
        ("dep/Cargo.toml", &format!("{manifest}mac = {{ path = \"../mac\" }}\n")),
        (
            "mac/Cargo.toml",
            "[package]\nname = \"mac\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[lib]\nproc-macro = true\n",
        ),
        ("mac/src/lib.rs", &mac),
    ]);
    let plain = with_secret(&sandbox, "run --target-dir ../plain").good();
    assert_eq!(plain.out.trim_end(), format!("(Some({SECRET:?}), Some({SECRET:?}))"));
    for how in ["wasm", "confine"] {
        undecided(&sandbox, how);
        let inert = with_secret(&sandbox, "inert run").good();
        assert_eq!(inert.out.trim_end(), "(None, None)", "{how}");
        assert_eq!(outcomes(&sandbox), ["ran\n"], "{how}");
    }
}

/// A script that nothing decides sees none of the caller's variables; one that depends on such a variable would take it
/// for unset.
#[test]
fn a_script_that_depends_on_a_variable_of_the_caller_is_refused() {
    let Some(sandbox) = project("println!(\"cargo:rerun-if-env-changed=SECRET_TOKEN\");") else { return };
    undecided(&sandbox, "wasm");
    let refused = with_secret(&sandbox, "inert build").code(101);
    assert!(refused.err.contains("it asked for the variable SECRET_TOKEN"), "{}", refused.err);
    assert!(!sandbox.path("app/target/inert/debug/app").exists());
    // Without the variable it runs.
    let _ = sandbox.inert("app", "build").good();
}
