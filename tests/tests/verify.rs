//! `cargo inert verify` on one script and many declarations: it accepts the correct one, and rejects each that
//! differs in one point, however rarely that shows.

use inert_tests::Sandbox;

const SCRIPT: &str = r#"
use std::{env, fs, path::PathBuf, process::Command};

fn minor() -> u32 {
    let output = Command::new(env::var("RUSTC").unwrap()).arg("--version").output().unwrap();
    String::from_utf8(output.stdout).unwrap().split('.').nth(1).unwrap().parse().unwrap()
}

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var("OUT_DIR").unwrap());
    if minor() < 64 {
        println!("cargo:rustc-cfg=old");
    }
    if env::var_os("CARGO_FEATURE_EXTRA").is_some() && env::var("CARGO_CFG_TARGET_OS").unwrap() == "android" {
        println!("cargo:rustc-cfg=both");
    }
    println!("cargo:rustc-env=WHAT={}", env::var("TARGET").unwrap());
    println!("cargo:kind=1");
    println!("cargo:rustc-link-lib=b");
    println!("cargo:rustc-link-lib=a");
    if env::var("SEEN_STATIC").as_deref() == Ok("1") {
        println!("cargo:rustc-link-lib=static=c");
    }
    println!("cargo:rustc-link-arg=-Wl,--as-needed");
    fs::write(out.join("made.rs"), format!("// {}\n", env::var("CARGO_PKG_VERSION").unwrap())).unwrap();
    if env::var("CARGO_CFG_TARGET_ARCH").unwrap() == "wasm32" {
        panic!("not on wasm");
    }
}
"#;

const RIGHT: &str = r#"schema = 1
[cfg]
old = 'rustc = "<1.64"'
both = 'all(feature = "extra", target_os = "android")'
[rustc-env]
WHAT = "${target}"
[links-metadata]
kind = "1"
[[link]]
lib = "b"
[[link]]
lib = "a"
[[link]]
lib = "c"
kind = "static"
when = 'env = "SEEN_STATIC=1"'
[[link]]
arg = "-Wl,--as-needed"
[out-dir."made.rs"]
text = "// ${package.version}\n"
[[error]]
value = "not on wasm"
when = 'target_arch = "wasm32"'
"#;

/// The changes of [`RIGHT`]: the old text, the new text, and the name of the difference.
const WRONG: &[(&str, &str, &str)] = &[
    ("<1.64", "<=1.64", "cfg"),
    ("all(feature = \"extra\", target_os = \"android\")", "feature = \"extra\"", "cfg"),
    ("${target}", "x86_64-unknown-linux-gnu", "env WHAT"),
    ("kind = \"1\"", "kind = \"2\"", "metadata kind"),
    ("lib = \"b\"\n[[link]]\nlib = \"a\"", "lib = \"a\"\n[[link]]\nlib = \"b\"", "link-lib"),
    ("SEEN_STATIC=1", "SEEN_STATIC", "link-lib"),
    ("--as-needed", "--no-as-needed", "link-arg"),
    ("// ${package.version}\\n", "// ${package.version}", "file made.rs"),
    ("made.rs", "other.rs", "file made.rs"),
    ("target_arch = \"wasm32\"", "target_os = \"wasi\"", "success"),
];

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let manifest = "[package]\nname = \"seen\"\nversion = \"0.1.0\"\nedition = \"2021\"\nlinks = \"seen\"\n[features]\nextra = []\n[workspace]\n";
    sandbox.write(&[("seen/Cargo.toml", manifest), ("seen/build.rs", SCRIPT), ("seen/src/lib.rs", "")]);
    sandbox
}

#[test]
fn the_right_declaration_is_equal_everywhere() {
    let sandbox = sandbox();
    sandbox.write(&[("seen/right.toml", RIGHT)]);
    let said = sandbox.inert("seen", "verify --package-folder . --declaration right.toml --yes");
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("1 equal, 0 differ"), "{}", said.out);
}

/// Returns the names in a folder.
fn names(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_run_that_is_killed_leaves_the_next_one_a_clean_place() {
    let sandbox = sandbox();
    sandbox.write(&[("seen/right.toml", RIGHT)]);
    let before = names(&sandbox.path("seen"));
    let kept = sandbox.path("inert-home/cache/verify");
    let home = || names(&kept).into_iter().find(|name| name.starts_with("seen-")).map(|name| kept.join(name));
    let words = ["verify", "--package-folder", ".", "--declaration", "right.toml", "--yes"];
    let mut command = sandbox.command("seen", "cargo-inert");
    let mut running = command
        .args(words)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("it starts");
    let started = std::time::Instant::now();
    while !home().is_some_and(|home| home.join("runs").exists()) {
        assert!(started.elapsed().as_secs() < 120, "no run began");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    running.kill().expect("it is killed");
    let _ = running.wait();
    assert_eq!(names(&sandbox.path("seen")), before);
    let said = sandbox.inert("seen", &words.join(" ")).good();
    assert!(said.out.contains("1 equal, 0 differ"), "{}", said.out);
    assert_eq!(names(&home().expect("compiled scripts are kept")), ["lock", "scripts"]);
    let _ = sandbox.inert("seen", "verify --clean").good().says("Removed");
    assert!(!kept.exists());
}

#[test]
fn every_wrong_one_is_found() {
    let sandbox = sandbox();
    for (right, wrong, what) in WRONG {
        assert!(RIGHT.contains(right), "{right}");
        sandbox.write(&[("seen/wrong.toml", &RIGHT.replace(right, wrong))]);
        let said =
            sandbox.inert("seen", "verify --package-folder . --declaration wrong.toml --yes --random 20");
        assert_eq!(said.code, 1, "{right} → {wrong}:\n{}{}", said.out, said.err);
        assert!(
            said.out.contains(&format!("    {what}\n")),
            "{right} → {wrong}: no `{what}` in\n{}",
            said.out
        );
    }
}

#[test]
fn what_is_not_covered_is_not_run() {
    let sandbox = sandbox();
    let partly = RIGHT
        .replace("schema = 1", "schema = 1\nunsupported = 'target_os = \"android\"'")
        .replace("target_os = \"android\")'\n", "unix)'\n");
    sandbox.write(&[("seen/partly.toml", &partly.replace("all(feature = \"extra\", unix)", "any()"))]);
    let said =
        sandbox.inert("seen", "verify --package-folder . --declaration partly.toml --yes --format json");
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(
        said.out.contains("\"result\": \"equal\"") && !said.out.contains("\"skipped\": 0,"),
        "{}",
        said.out
    );
}

#[test]
fn nothing_runs_unasked() {
    let sandbox = sandbox();
    sandbox.write(&[("seen/right.toml", RIGHT)]);
    let said = sandbox.inert("seen", "verify --package-folder . --declaration right.toml");
    assert_eq!(said.code, 2, "{}{}", said.out, said.err);
    assert!(said.err.contains("seen 0.1.0") && said.err.contains("--yes"), "{}", said.err);
    let said = sandbox.inert("seen", "verify nobody --yes");
    assert_eq!(said.code, 2, "{}{}", said.out, said.err);
}

/// A package that finds no library and no metadata that would do for it fails in every case, and so does its stand-in:
/// that is not equality.
#[test]
fn failing_together_is_no_agreement() {
    let sandbox = Sandbox::new();
    sandbox.write(&[
        (
            "hopeless/Cargo.toml",
            "[package]\nname = \"hopeless\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[features]\na = []\nb = []\n[workspace]\n",
        ),
        (
            "hopeless/build.rs",
            "fn main() {\n    let _ = std::env::var(\"HOPELESS_DIR\");\n    if std::env::var_os(\"CARGO_FEATURE_A\").is_some() { panic!(\"not with a\") }\n    panic!(\"no device\");\n}\n",
        ),
        ("hopeless/src/lib.rs", ""),
        ("hopeless/never.toml", "schema = 1\nerror = [\"no device\"]\n"),
    ]);
    let words = "verify --package-folder . --declaration never.toml --yes";
    let said = sandbox.inert("hopeless", words);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert!(said.out.contains("hopeless 0.1.0: NOTHING COMPARED: both fail in all of"), "{}", said.out);
    assert!(said.out.contains("0 equal, 0 differ, 1 not compared"), "{}", said.out);
    let said = sandbox.inert("hopeless", &format!("{words} --format json"));
    assert!(said.out.contains("\"result\": \"uncompared\"") && said.code == 1, "{}", said.out);
}

/// A script that succeeds only with a library of one narrow range and with the metadata that its dependency's
/// declaration prints is compared where it succeeds: a wrong declaration is found.
#[test]
fn what_others_supply_is_chosen_so_that_a_script_succeeds() {
    let sandbox = Sandbox::new();
    let declaration = |flavour: &str| {
        format!(
            "[package.metadata.inert]\nschema = 1\n\
             error = [{{ value = \"no flavour\", when = 'not(any(dep = \"base.flavour = sweet\", dep = \"base.flavour = sour\"))' }}]\n\
             [package.metadata.inert.library.narrow]\npkg-config = \"narrow9\"\nversion = \">=1.5.2, <1.6\"\n\
             [package.metadata.inert.cfg]\nsweet = 'dep = \"base.flavour = {flavour}\"'\n"
        )
    };
    let manifest = |flavour: &str| {
        format!(
            "[package]\nname = \"narrow\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n[dependencies]\nbase = {{ path = \"../base\" }}\n\
             [build-dependencies]\npkg-config = \"0.3\"\n{}",
            declaration(flavour)
        )
    };
    sandbox.write(&[
        (
            "base/Cargo.toml",
            "[package]\nname = \"base\"\nversion = \"0.1.0\"\nedition = \"2021\"\nlinks = \"base\"\n[package.metadata.inert]\nschema = 1\n\
             [package.metadata.inert.links-metadata]\nflavour = [{ text = \"sour\", when = \"windows\" }, { text = \"sweet\", else = true }]\n",
        ),
        (
            "base/build.rs",
            "fn main() {\n    let is_windows = std::env::var_os(\"CARGO_CFG_WINDOWS\").is_some();\n    println!(\"cargo:flavour={}\", if is_windows { \"sour\" } else { \"sweet\" });\n}\n",
        ),
        ("base/src/lib.rs", ""),
        ("narrow/Cargo.toml", &manifest("sweet")),
        (
            "narrow/build.rs",
            "fn main() {\n    let flavour = std::env::var(\"DEP_BASE_FLAVOUR\").unwrap_or_default();\n    assert!(flavour == \"sweet\" || flavour == \"sour\", \"no flavour\");\n    \
             pkg_config::Config::new().range_version(\"1.5.2\"..\"1.6\").probe(\"narrow9\").unwrap();\n    println!(\"cargo:rustc-check-cfg=cfg(sweet)\");\n    \
             if flavour == \"sweet\" { println!(\"cargo:rustc-cfg=sweet\"); }\n}\n",
        ),
        ("narrow/src/lib.rs", ""),
    ]);
    // In a build of the graph as by its folder.
    for words in ["verify narrow --yes --random 0", "verify --package-folder . --yes --random 0"] {
        let said = sandbox.inert("narrow", words);
        assert_eq!(said.code, 0, "{words}: {}{}", said.out, said.err);
        assert!(said.out.contains("narrow 0.1.0: equal in"), "{words}: {}", said.out);
    }
    sandbox.write(&[("narrow/Cargo.toml", &manifest("sour"))]);
    let said = sandbox.inert("narrow", "verify --package-folder . --yes --random 0");
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert!(said.out.contains("DIFFERS") && said.out.contains("cfg"), "{}", said.out);
}

/// A script, one that is linked into it, and a macro that it uses try what no build script may, while `verify` compiles
/// and runs them.
#[cfg(target_os = "linux")]
#[test]
fn what_is_compared_is_confined_and_a_denial_is_no_difference() {
    let sandbox = Sandbox::new();
    let home = sandbox.path("home");
    std::fs::create_dir_all(home.join(".ssh")).unwrap();
    std::fs::write(home.join(".ssh/id_rsa"), "secret").unwrap();
    let attempt = |name: &str| {
        format!(
            "fn attempt() {{ let _ = std::fs::write({:?}, std::fs::read({:?}).unwrap_or_default()); \
             let _ = std::net::TcpStream::connect(\"127.0.0.1:9\"); }}\n",
            home.join(name),
            home.join(".ssh/id_rsa")
        )
    };
    let package = |name: &str, more: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n{more}")
    };
    let main = "fn main() { attempt(); println!(\"cargo:rustc-cfg=seen\"); }\n";
    sandbox.write(&[
        ("linked/Cargo.toml", &package("linked", "")),
        ("linked/build.rs", &format!("{}fn main() {{ attempt(); }}", attempt("of-dependency"))),
        ("linked/src/lib.rs", ""),
        ("macros/Cargo.toml", &package("macros", "[lib]\nproc-macro = true\n")),
        (
            "macros/src/lib.rs",
            &format!(
                "{}#[proc_macro]\npub fn nothing(_: proc_macro::TokenStream) -> proc_macro::TokenStream {{ attempt(); Default::default() }}",
                attempt("of-macro")
            ),
        ),
        (
            "bad/Cargo.toml",
            &package(
                "bad",
                "[build-dependencies]\nlinked = { path = \"../linked\" }\nmacros = { path = \"../macros\" }\n",
            ),
        ),
        ("bad/build.rs", &format!("macros::nothing!();\n{}{main}", attempt("of-script"))),
        ("bad/src/lib.rs", ""),
        ("bad/seen.toml", "schema = 1\n[cfg]\nseen = true\n"),
    ]);
    let words = "verify --package-folder . --declaration seen.toml --yes --random 0 --differences 3";
    let mut command = sandbox.command("bad", "cargo-inert");
    let said = inert_tests::said(command.args(words.split(' ')).env("HOME", &home));
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert!(
        said.out.contains("bad 0.1.0: NOTHING COMPARED: the script was denied what it asks for"),
        "{}",
        said.out
    );
    for what in [
        format!("denied to read {}", home.join(".ssh/id_rsa").display()),
        format!("denied to write {}", home.join("of-script").display()),
        "denied to reach the network".to_owned(),
    ] {
        assert!(said.out.contains(&what), "{what}: {}", said.out);
    }
    assert!(said.out.contains("0 equal, 0 differ, 1 not compared"), "{}", said.out);
    assert_eq!(names(&home), [".ssh"], "{}{}", said.out, said.err);
    // Where nothing is denied, the same package is compared.
    sandbox.write(&[("bad/build.rs", "fn main() { println!(\"cargo:rustc-cfg=seen\"); }\n")]);
    let said = sandbox.inert("bad", words).good();
    assert!(said.out.contains("bad 0.1.0: equal in"), "{}", said.out);
    assert_eq!(names(&home), [".ssh"]);
}

/// Configuration names programs to start, and the names of files that `verify` writes may be links: the package's
/// folder may say nothing about what runs, or is written, unconfined.
#[cfg(unix)]
#[test]
fn a_package_chooses_neither_what_runs_unconfined_nor_what_is_written() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let sandbox = sandbox();
    let (canary, kept) = (sandbox.path("canary"), sandbox.path("kept"));
    let program = format!("#!/bin/sh\ntouch '{}'\nexec rustc \"$@\"\n", canary.display());
    sandbox.write(&[
        ("seen/right.toml", RIGHT),
        ("seen/.cargo/config.toml", "[build]\nrustc = \"./canary.sh\"\nrustc-wrapper = \"./canary.sh\"\n"),
        ("seen/rust-toolchain.toml", "[toolchain]\npath = \"./toolchain\"\n"),
        ("seen/canary.sh", &program),
        ("seen/toolchain/bin/rustc", &program),
        ("seen/toolchain/bin/cargo", &program),
        ("kept", "version = 4\n"),
    ]);
    for name in ["canary.sh", "toolchain/bin/rustc", "toolchain/bin/cargo"] {
        let path = sandbox.path("seen").join(name);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    for name in ["inert-verify-empty.rs", "Cargo.lock"] {
        symlink(&kept, sandbox.path("seen").join(name)).unwrap();
    }
    let words = "verify --package-folder seen --declaration seen/right.toml --yes --random 0";
    let said = sandbox.inert(".", words).good();
    assert!(said.out.contains("1 equal, 0 differ"), "{}{}", said.out, said.err);
    assert!(!canary.exists());
    assert_eq!(sandbox.read("kept"), "version = 4\n");
}

/// A script may write to the folders above OUT_DIR: nothing is removed through a link that it makes there.
#[cfg(unix)]
#[test]
fn a_script_that_moves_its_out_dir_has_nothing_removed_elsewhere() {
    let sandbox = sandbox();
    let other = sandbox.path("other");
    let script = format!(
        "fn main() {{\n    let out = std::path::PathBuf::from(std::env::var_os(\"OUT_DIR\").unwrap());\n    \
         let debug = out.ancestors().nth(3).unwrap();\n    std::fs::rename(debug, debug.with_file_name(\"old\")).unwrap();\n    \
         std::os::unix::fs::symlink({other:?}, debug).unwrap();\n}}\n"
    );
    sandbox.write(&[
        ("seen/build.rs", &script),
        ("seen/nothing.toml", "schema = 1\n"),
        ("other/build/seen-0123456789abcdef/out/kept", "kept"),
    ]);
    let words = "verify --package-folder . --declaration nothing.toml --yes --random 0";
    let said = sandbox.inert("seen", words);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert!(said.out.contains("the script replaced this folder"), "{}{}", said.out, said.err);
    assert_eq!(sandbox.read("other/build/seen-0123456789abcdef/out/kept"), "kept");
}

/// The rows that ship with Inert are of what it derives today: a row of another derivation would say nothing.
#[test]
fn shipped_rows_are_of_what_is_derived() {
    let table = std::fs::read_to_string(inert_tests::root().join("catalog/verified.tsv")).unwrap();
    let rows: Vec<Vec<&str>> =
        table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect()).collect();
    assert!(!rows.is_empty());
    let sandbox = Sandbox::new();
    for row in rows {
        let (name, version) = (row[0], row[1]);
        sandbox.write(&[
            ("app/src/lib.rs", ""),
            (
                "app/Cargo.toml",
                &format!(
                    "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n[dependencies]\n{name} = \"={version}\"\n"
                ),
            ),
        ]);
        let said = sandbox.inert("app", "audit --format json");
        let found: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        let packages = found["packages"].as_array().unwrap();
        let package = packages.iter().find(|one| one["name"] == name && one["version"] == version);
        let verified = package.map(|package| package["verified"].to_string()).unwrap_or_default();
        assert!(verified.contains("catalog"), "{name} {version}: {verified}; run scripts/verify-catalog");
    }
}
