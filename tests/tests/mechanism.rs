//! Tests the mechanism on small projects: stand-ins, skipped units, and freshness, in graphs of many forms.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use inert_tests::{Sandbox, said};

/// A package whose script would write a canary, and whose declaration differs from it.
const DECLARED: &str = include_str!("../fixtures/mechanism/base/dep/Cargo.toml");
const CANARY: &str = include_str!("../fixtures/mechanism/base/dep/build.rs");
const LIB: &str = include_str!("../fixtures/mechanism/base/dep/src/lib.rs");
const MAIN: &str = include_str!("../fixtures/mechanism/base/app/src/main.rs");
const APP: &str = include_str!("../fixtures/mechanism/base/app/Cargo.toml");

fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    lay(&sandbox, "base");
    sandbox
}

/// Copies a folder of `tests/fixtures/mechanism` over the sandbox.
fn lay(sandbox: &Sandbox, name: &str) {
    let folder = inert_tests::root().join("tests/fixtures/mechanism").join(name);
    let mut files = Vec::new();
    files_named(&folder, &|_| true, &mut files);
    assert!(!files.is_empty(), "{} is empty", folder.display());
    for file in files {
        let path = file.strip_prefix(&folder).unwrap().to_str().unwrap();
        sandbox.write(&[(path, &std::fs::read_to_string(&file).unwrap())]);
    }
}

fn host() -> String {
    let sandbox = Sandbox::new();
    let said = said(sandbox.command("", "rustc").arg("-vV")).good();
    said.out.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

fn files_named(folder: &Path, accept: &dyn Fn(&str) -> bool, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files_named(&path, accept, found);
        } else if accept(&entry.file_name().to_string_lossy()) {
            found.push(path);
        }
    }
}

#[test]
fn a_declared_script_is_never_compiled_and_the_second_build_does_nothing() {
    let sandbox = project();
    let first = sandbox.inert("app", "run").good();
    assert_eq!(first.out.trim(), format!("stand-in false {} 2", host()));
    let second = sandbox.inert("app", "build").good();
    assert!(!second.err.contains("Compiling"), "{}", second.err);
    assert!(!sandbox.path("dep/canary").exists());
    let mut found = Vec::new();
    // Cargo's layouts name the script's file in three ways.
    let is_script = |name: &str| {
        let named = ["build-script-build", "build_script_build"].contains(&name);
        (named || name.starts_with("build_script_build-")) && !name.contains('.')
    };
    files_named(&sandbox.path("app/target/inert/debug/build"), &is_script, &mut found);
    assert!(!found.is_empty());
    let stand_in = std::fs::read(inert_tests::binaries().join("inert-stand-in")).unwrap();
    for path in found {
        assert!(std::fs::read(&path).unwrap() == stand_in, "{} is not the stand-in", path.display());
    }
    assert!(sandbox.path("app/target/debug/app").exists(), "artifacts are where cargo users expect them");
}

#[test]
fn plain_cargo_and_inert_do_not_see_each_others_scripts() {
    let sandbox = project();
    let plain = sandbox.cargo("app", "run").good();
    assert_eq!(plain.out.trim(), "script false script");
    std::fs::remove_file(sandbox.path("dep/canary")).unwrap();
    let inert = sandbox.inert("app", "run").good();
    assert!(inert.out.starts_with("stand-in"), "{}", inert.out);
    assert!(!sandbox.path("dep/canary").exists());
    assert_eq!(sandbox.cargo("app", "run").good().out.trim(), "script false script");
    assert!(sandbox.inert("app", "run").good().out.starts_with("stand-in"));
}

#[test]
fn a_changed_declaration_is_noticed() {
    let sandbox = project();
    let _ = sandbox.inert("app", "run").good();
    sandbox.write(&[("dep/Cargo.toml", &DECLARED.replace("package.version.minor", "package.version.patch"))]);
    assert!(sandbox.inert("app", "run").good().out.trim().ends_with(" 3"));
}

#[test]
fn with_and_without_target_and_for_host_and_target_at_once() {
    let sandbox = project();
    // `dep` is a normal dependency and, through a proc macro, one of the host, with other features.
    lay(&sandbox, "macro-of-the-host");
    sandbox.write(&[("app/Cargo.toml", &format!("{APP}mac = {{ path = \"../mac\" }}\n"))]);
    let host = host();
    let both = sandbox.inert("app", &format!("run --target {host}")).good();
    assert_eq!(both.out.trim(), format!("stand-in false {host} 2 (\"stand-in true {host} 2\", true)"));
    let one = sandbox.inert("app", "run").good();
    assert_eq!(one.out, both.out);
    assert!(sandbox.path(&format!("app/target/{host}/debug/app")).exists());
}

/// `PROFILE` is known before the build from the profile's ancestors, wherever they are configured: this script can
/// be derived only if it is `release`.
#[test]
fn a_profile_is_release_by_descent() {
    let sandbox = project();
    lay(&sandbox, "profile-by-descent");
    sandbox.write(&[
        ("app/Cargo.toml", &format!("{APP}[profile.dist]\ninherits = \"release\"\n[profile.dist-of-dist]\ninherits = \"dist\"\n[profile.slow]\ninherits = \"dev\"\n")),
    ]);
    for (profile, release) in [
        ("dist", true),
        ("dist-of-dist", true),
        ("by-config", true),
        ("bench", true),
        ("slow", false),
        ("dev", false),
    ] {
        let plain = sandbox.cargo("app", &format!("run --profile {profile}")).good();
        assert_eq!(plain.out.trim(), release.to_string(), "{profile}");
        let inert = sandbox.inert("app", &format!("run --profile {profile}"));
        if release {
            assert_eq!(inert.good().out.trim(), "true", "{profile}");
        } else {
            let _ = inert.code(1).says("profile = \"debug\"");
        }
    }
    let words = "run --profile slow --config profile.slow.inherits=\"release\"";
    assert_eq!(sandbox.cargo("app", words).good().out, sandbox.inert("app", words).good().out);
    let mut by_variable = sandbox.command("app", "cargo");
    by_variable.args(["inert", "run", "--profile", "slow"]).env("CARGO_PROFILE_SLOW_INHERITS", "release");
    assert_eq!(said(&mut by_variable).good().out.trim(), "true");
}

#[test]
fn members_that_want_different_features() {
    let sandbox = project();
    let member = |name: &str, features: &str| {
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\ndep = {{ path = \"../../dep\", features = [{features}] }}\n"
        )
    };
    sandbox.write(&[
        ("w/Cargo.toml", "[workspace]\nmembers = [\"quiet\", \"noisy\"]\nresolver = \"2\"\n"),
        ("w/quiet/Cargo.toml", &member("quiet", "")),
        ("w/quiet/src/main.rs", MAIN),
        ("w/noisy/Cargo.toml", &member("noisy", "\"loud\"")),
        ("w/noisy/src/main.rs", MAIN),
    ]);
    for _ in 0..2 {
        assert!(sandbox.inert("w", "run -p quiet").good().out.starts_with("stand-in false"));
        assert!(sandbox.inert("w", "run -p noisy").good().out.starts_with("stand-in true"));
    }
}

#[test]
fn two_versions_of_a_crate_and_one_from_git() {
    let sandbox = project();
    sandbox.write(&[
        (
            "old/Cargo.toml",
            &DECLARED.replace("1.2.3", "0.9.1").replace("stood_in = true", "stood_in = false"),
        ),
        ("old/build.rs", CANARY),
        ("old/src/lib.rs", LIB),
    ]);
    let git = |words: &str| said(sandbox.command("old", "git").args(words.split(' '))).good();
    let _ = git("init -q");
    let _ = git("add .");
    let _ = git("-c user.name=t -c user.email=t@example.org commit -qm x");
    let url = sandbox.path("old");
    let app = format!("{APP}old = {{ package = \"dep\", git = \"file://{}\" }}\n", url.display());
    sandbox.write(&[
        ("app/Cargo.toml", &app),
        ("app/src/main.rs", "fn main() { println!(\"{} | {}\", dep::who(), old::who()); }"),
    ]);
    let host = host();
    let out = sandbox.inert("app", "run").good().out;
    assert_eq!(out.trim(), format!("stand-in false {host} 2 | script false {host} 9"));
}

/// An allowed script needs the build-dependencies that were skipped while it was replaced, and a script that is no
/// longer allowed must not count as fresh.
#[test]
fn a_script_comes_alive_and_is_replaced_again() {
    let sandbox = project();
    let manifest = format!("{DECLARED}\n[build-dependencies]\nhelper = {{ path = \"../helper\" }}\n");
    lay(&sandbox, "script-with-helper");
    sandbox.write(&[("dep/Cargo.toml", &manifest)]);
    assert!(sandbox.inert("app", "run").good().out.starts_with("stand-in"));
    // Without the declaration the script is refused, with the stanza that allows it.
    let undeclared = manifest.split("[package.metadata").next().unwrap().to_owned()
        + "[build-dependencies]\nhelper = { path = \"../helper\" }\n";
    // No declaration can be derived, since the output depends on the clock.
    lay(&sandbox, "script-that-asks-the-clock");
    sandbox.write(&[("dep/Cargo.toml", &undeclared)]);
    let refused =
        sandbox.inert("app", "run").code(1).says("nothing was compiled").says("app 0.1.0 → dep 1.2.3");
    let stanza = refused.err.split_once("[[allow]]").map(|(_, rest)| format!("[[allow]]{rest}")).unwrap();
    sandbox.write(&[("app/inert.toml", &stanza)]);
    assert_eq!(sandbox.inert("app", "run").good().out.trim(), "script false helped");
    let denied = sandbox.inert("app", "run --deny-build-scripts").code(1);
    assert!(denied.err.contains("--deny-build-scripts"), "{}", denied.err);
    // After a change of the allowed package, or of a dependency of its script, the permission no longer applies.
    sandbox.write(&[("helper/src/lib.rs", "pub fn help() -> &'static str { \"hijacked\" }")]);
    let _ = sandbox.inert("app", "run").code(1).says("build-dependencies are now");
    sandbox.write(&[
        ("helper/src/lib.rs", "pub fn help() -> &'static str { \"helped\" }"),
        ("dep/Cargo.toml", &manifest),
        ("app/inert.toml", ""),
    ]);
    assert!(sandbox.inert("app", "run").good().out.starts_with("stand-in"));
}

/// The script looks for a program; without it the result is known, and if it appears, a cached plan is no longer
/// valid.
/// ahash's script sets a feature that no manifest names, as a cfg: the unit is still the one that was planned.
#[test]
fn a_script_that_sets_a_feature_is_compiled() {
    let sandbox = project();
    sandbox.write(&[
        ("app/build.rs", "fn main() { println!(\"cargo:rustc-cfg=feature=\\\"loud\\\"\"); }"),
        ("app/src/main.rs", "fn main() { println!(\"{}\", cfg!(feature = \"loud\")); }"),
    ]);
    assert_eq!(sandbox.inert("app", "run").good().out, "true\n");
    assert!(!sandbox.inert("app", "build").good().err.contains("Compiling"));
}

#[test]
fn a_program_that_appears_on_the_path_is_noticed() {
    let sandbox = project();
    lay(&sandbox, "script-that-starts-a-program");
    sandbox.write(&[("tools/none", "")]);
    let run = || {
        let mut command = sandbox.command("app", "cargo");
        let path = command.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, value)| value).unwrap();
        let folders = std::env::split_paths(path).chain([sandbox.path("tools")]);
        let path = std::env::join_paths(folders).unwrap();
        said(command.args(["inert", "run"]).env("PATH", path))
    };
    assert_eq!(run().good().out.trim(), "true");
    assert_eq!(run().good().out.trim(), "true");
    sandbox.write(&[("tools/a-rare-program", "#!/bin/sh\necho this\n")]);
    let refused = run();
    assert_eq!(refused.code, 1, "{}", refused.err);
    assert!(refused.err.contains("program = \"a-rare-program\""), "{}", refused.err);
}

#[test]
fn a_pc_file_replaced_by_an_older_one_is_noticed() {
    let sandbox = project();
    let manifest = "[package]\nname = \"dep\"\nversion = \"1.2.3\"\nedition = \"2021\"\nlinks = \"thing\"\n[package.metadata.inert]\nschema = 1\n[package.metadata.inert.library.thing]\npkg-config = \"thing\"\nlink = false\n[package.metadata.inert.out-dir.\"x.rs\"]\ntext = \"pub const X: &str = \\\"${library.thing.version}\\\";\"\n";
    let pc =
        |version: &str| format!("Name: thing\nDescription: a thing\nVersion: {version}\nLibs: -lthing\n");
    sandbox.write(&[("dep/Cargo.toml", manifest), ("pc/thing.pc", &pc("1.0"))]);
    let run = || {
        let mut command = sandbox.command("app", "cargo");
        command.args(["inert", "run"]).env("PKG_CONFIG_PATH", sandbox.path("pc"));
        said(&mut command).good().out
    };
    assert!(run().trim().ends_with("1.0"));
    // The file is replaced as by dpkg: by another file, with the time from the archive.
    sandbox.write(&[("pc/new", &pc("2.0"))]);
    let long_ago = SystemTime::now() - Duration::from_secs(365 * 24 * 3600);
    std::fs::File::options()
        .write(true)
        .open(sandbox.path("pc/new"))
        .unwrap()
        .set_modified(long_ago)
        .unwrap();
    std::fs::rename(sandbox.path("pc/new"), sandbox.path("pc/thing.pc")).unwrap();
    assert!(run().trim().ends_with("2.0"));
}

/// A stand-in with a precomputed answer prints and keeps the same as if it had computed the answer, also when only
/// its stamp is new.
#[test]
fn an_answer_of_before_the_build_is_the_stand_ins_own() {
    let sandbox = project();
    // The dependent needs metadata of its dependency, so its answer is computed during the build.
    let app = APP.replace(
        "dep = { path = \"../dep\" }",
        "dep = { path = \"../dep\", features = [\"loud\"] }\ndependent = { path = \"../dependent\" }",
    );
    // The script of a member runs; this one looks for the files of the driver.
    lay(&sandbox, "answers");
    sandbox.write(&[
        ("dependent/build.rs", CANARY),
        ("app/Cargo.toml", &app),
        // Confined, it could not.
    ]);
    let run = || {
        let mut command = sandbox.command("app", "cargo");
        command.args(["inert", "run"]).env("PKG_CONFIG_PATH", sandbox.path("pc"));
        said(&mut command).good().out
    };
    let out = run();
    assert!(out.starts_with("(true, true) true dep-"), "{out}");
    assert!(!out.contains("dependent-"), "{out}");
    let kept = || {
        let mut found = Vec::new();
        let ours = |name: &str| ["record", "stamp"].contains(&name);
        files_named(&sandbox.path("app/target/inert/.inert/runs"), &ours, &mut found);
        found.sort();
        let text = |path: &std::path::PathBuf| std::fs::read_to_string(path).unwrap();
        found.iter().map(|path| (path.clone(), text(path))).collect::<Vec<_>>()
    };
    let first = kept();
    assert_eq!(first.len(), 4, "{first:?}");
    let records = || {
        let records = first.iter().map(|(path, _)| path).filter(|path| path.ends_with("record"));
        records.map(|path| std::fs::metadata(path).unwrap().modified().unwrap()).collect::<Vec<_>>()
    };
    let written = records();
    for (path, _) in first.iter().filter(|(path, _)| path.ends_with("stamp")) {
        std::fs::write(path, "").unwrap();
    }
    // The plan is still valid, and no answer is precomputed.
    assert_eq!(run(), "(true, true) true \n");
    assert_eq!(kept(), first);
    assert!(records().iter().zip(&written).all(|(now, before)| now > before), "{written:?}");
}

#[test]
fn a_build_that_is_killed_is_right_when_it_is_started_again() {
    let sandbox = project();
    let _ = sandbox.inert("app", "build").good();
    for after in [20, 60, 120, 200, 300] {
        let _ = sandbox.inert("app", "clean").good();
        let mut child = sandbox.command("app", "cargo").args(["inert", "build", "-q"]).spawn().unwrap();
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(after) && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = child.kill();
        let _ = child.wait();
        assert!(sandbox.inert("app", "run").good().out.starts_with("stand-in"));
    }
    assert!(!sandbox.path("dep/canary").exists());
}

/// Like trybuild, a test starts cargo in its own target dir, with the environment that it inherits.
#[test]
fn a_cargo_inside_a_test_meets_the_wrapper_too() {
    let sandbox = project();
    sandbox.write(&[
        ("inner/Cargo.toml", &APP.replace("\"app\"", "\"inner\"")),
        ("inner/src/main.rs", MAIN),
        ("app/tests/nested.rs", "#[test] fn nested() { let out = std::process::Command::new(\"cargo\").args([\"run\", \"-q\"]).current_dir(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/../inner\")).output().unwrap(); assert!(out.status.success(), \"{}\", String::from_utf8_lossy(&out.stderr)); assert!(String::from_utf8_lossy(&out.stdout).starts_with(\"stand-in\")); }"),
    ]);
    let _ = sandbox.inert("app", "test").good();
    assert!(!sandbox.path("dep/canary").exists());
}

#[test]
fn the_wrapper_alone_under_plain_cargo() {
    let sandbox = project();
    sandbox.write(&[("app/.cargo/config.toml", "[build]\nrustc-wrapper = \"inert\"\n")]);
    assert!(sandbox.cargo("app", "run").good().out.starts_with("stand-in"));
    assert!(!sandbox.cargo("app", "build").good().err.contains("Compiling"));
    assert!(!sandbox.path("dep/canary").exists());
}

#[test]
fn exec_gives_its_command_a_cargo_that_is_inert() {
    let sandbox = project();
    let out = sandbox.inert("app", "exec -- cargo run").good().out;
    assert!(out.starts_with("stand-in"), "{out}");
    let mut command = sandbox.command("app", "cargo");
    command.args(["inert", "exec", "--", "sh", "-c", "cargo run -q && $CARGO build -q"]);
    assert!(said(&mut command).good().out.starts_with("stand-in"));
    assert!(!sandbox.path("dep/canary").exists());
}

#[test]
fn two_commands_with_different_plans_at_once() {
    let sandbox = project();
    sandbox.write(&[("app/tests/t.rs", "#[test] fn t() { assert!(dep::who().starts_with(\"stand-in\")); }")]);
    std::thread::scope(|scope| {
        for words in ["build -q", "test -q", "check -q", "build -q --release"] {
            let sandbox = &sandbox;
            scope.spawn(move || drop(sandbox.inert("app", words).good()));
        }
    });
    assert!(!sandbox.path("dep/canary").exists());
}

/// With `--message-format=json`, standard output holds only Cargo's messages.
#[test]
fn machine_readable_output_is_cargos_alone() {
    let sandbox = project();
    let out = sandbox.inert("app", "build --message-format=json").good().out;
    assert!(out.lines().all(|line| line.starts_with('{')), "{out}");
    assert!(out.contains("build-script-executed"));
}

#[test]
fn every_command_that_builds() {
    let sandbox = project();
    sandbox.write(&[("app/src/main.rs", "fn main() { println!(\"{}\", dep::who()); }\n#[test] fn t() { assert!(dep::who().starts_with(\"stand-in\")); }")]);
    for words in [
        "check",
        "clippy",
        "clippy -- -D warnings",
        "doc",
        "test",
        "bench",
        "rustc -- -C debuginfo=1",
        "build --release",
        "build --profile dev",
    ] {
        let _ = sandbox.inert("app", words).good();
    }
    assert!(!sandbox.path("dep/canary").exists());
    let _ = sandbox.inert("app", "fix --allow-no-vcs").code(1).says("refused");
    let _ = sandbox.inert("app", "clippy --fix --allow-no-vcs").code(1).says("refused");
    assert!(sandbox.inert("app", "build --help").good().out.contains("--release"));
}

/// As with sccache, Inert's wrapper starts the user's own wrapper for units that are really compiled.
#[test]
fn the_users_own_wrapper_is_chained() {
    let sandbox = project();
    let log = sandbox.path("log");
    let script = format!("#!/bin/sh\necho \"$@\" >> {}\nexec \"$@\"\n", log.display());
    sandbox.write(&[("bin/mine", &script)]);
    let _ = said(sandbox.command("", "chmod").args(["+x", "bin/mine"])).good();
    let mine = sandbox.path("bin/mine");
    for by_configuration in [false, true] {
        let _ = std::fs::remove_file(&log);
        let _ = sandbox.inert("app", "clean").good();
        let mut command = sandbox.command("app", "cargo");
        command.args(["inert", "build"]);
        if by_configuration {
            sandbox.write(&[(
                "app/.cargo/config.toml",
                &format!("[build]\nrustc-wrapper = {:?}\n", mine.display().to_string()),
            )]);
            // Configuration that replaces the compiler counts only if the user sets it outside the tree.
            command.args(["--config", &format!("build.rustc-wrapper={:?}", mine.display().to_string())]);
            std::fs::remove_file(sandbox.path("app/.cargo/config.toml")).unwrap();
        } else {
            command.env("RUSTC_WRAPPER", &mine);
        }
        let _ = said(&mut command).good();
        let compiled = std::fs::read_to_string(&log).unwrap();
        assert!(compiled.contains("--crate-name dep") && compiled.contains("--crate-name app"), "{compiled}");
        assert!(!compiled.contains("build_script_build"), "{compiled}");
    }
}

/// Returns a command of Inert's that calls the real cargo, which claims to have another version.
fn claiming(sandbox: &Sandbox, version: &str, words: &str) -> std::process::Command {
    let real = said(sandbox.command("", "rustup").args(["which", "cargo"]));
    let real = if real.code == 0 { real.out.trim().to_owned() } else { "cargo".to_owned() };
    let script = format!(
        "#!/bin/sh\ncase \"$1\" in -V) echo 'cargo {version} (376290515 2024-07-16)';; *) exec {real} \"$@\";; esac\n"
    );
    sandbox.write(&[("other/cargo", &script)]);
    let _ = said(sandbox.command("", "chmod").args(["+x", "other/cargo"])).good();
    let mut command = sandbox.command("app", inert_tests::binaries().join("cargo-inert").to_str().unwrap());
    command.args(words.split_whitespace()).env("CARGO", sandbox.path("other/cargo"));
    command
}

/// Before 1.91 Cargo has no build dir, so Inert's folder is its target dir.
#[test]
fn an_older_cargo_gets_a_private_target_dir() {
    let sandbox = project();
    let said = said(&mut claiming(&sandbox, "1.80.1", "run")).good();
    assert!(said.out.starts_with("stand-in"));
    let _ = said.says("Cargo 1.80.1 is older than the oldest that Inert was tested with, ");
    assert!(sandbox.path("app/target/inert/debug/app").exists());
    assert!(!sandbox.path("app/target/debug").exists());
}

/// A Cargo outside of the range that was tested is used, and called experimental: once by each build, and by `doctor`.
#[test]
fn a_cargo_that_was_not_tested_is_called_experimental() {
    let sandbox = project();
    let notice = "Cargo 1.640.0 is newer than the newest that Inert was tested with, ";
    for _ in 0..2 {
        // The second plan is a stored one.
        let said = said(&mut claiming(&sandbox, "1.640.0", "build")).good();
        assert_eq!(said.err.matches(notice).count(), 1, "{}", said.err);
        assert!(said.err.contains(": this is experimental"), "{}", said.err);
    }
    let quiet = said(&mut claiming(&sandbox, "1.640.0", "build -q")).good();
    assert!(!quiet.err.contains("experimental"), "{}", quiet.err);
    let doctor = |version: &str, format: &str| {
        said(&mut claiming(&sandbox, version, &format!("doctor --format {format}"))).out
    };
    let human = doctor("1.640.0", "human");
    assert!(human.contains("Cargo: 1.640.0, newer than the newest that was tested, "), "{human}");
    for (version, standing) in [("1.640.0", "newer"), ("1.95.0", "tested"), ("1.80.1", "older")] {
        let json = doctor(version, "json");
        assert!(json.contains(&format!("\"standing\": \"{standing}\"")), "{version}: {json}");
    }
    let tested = said(&mut claiming(&sandbox, "1.95.0", "build")).good();
    assert!(!tested.err.contains("experimental"), "{}", tested.err);
}

/// Unstable features of Cargo that would change the planned build are refused, with the reason.
#[test]
fn unstable_features_that_are_refused() {
    let sandbox = project();
    let refused = |variables: &[(&str, &str)], words: &str| {
        let mut command = sandbox.command("app", "cargo");
        command.arg("inert").args(words.split_whitespace()).env("RUSTC_BOOTSTRAP", "1");
        said(command.envs(variables.iter().copied())).code(1)
    };
    let why = "Cargo then holds no lock on the build dir";
    let _ = refused(&[], "build -Zfine-grain-locking").says(why);
    let _ = refused(&[("CARGO_UNSTABLE_FINE_GRAIN_LOCKING", "true")], "build").says(why);
    let manifest = DECLARED
        .replace("[package]", "cargo-features = [\"multiple-build-scripts\"]\n[package]")
        .replace("edition", "build = [\"build.rs\", \"other.rs\"]\nedition");
    sandbox.write(&[("dep/Cargo.toml", &manifest), ("dep/other.rs", CANARY)]);
    let mut command = sandbox.command("app", "cargo");
    command.args(["inert", "build"]).env("RUSTC_BOOTSTRAP", "1");
    let said = said(&mut command);
    assert_ne!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("dep 1.2.3 has several build scripts"), "{}", said.err);
    assert!(!sandbox.path("dep/canary").exists());
}
