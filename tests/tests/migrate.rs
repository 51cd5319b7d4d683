//! `cargo inert migrate` from an author's view: the package is rewritten in place, and plain cargo gets the same
//! directives from the shim as from the script.

use inert_tests::{Sandbox, root};

const MANIFEST: &str = r#"# A crate.
[package]
name = "mine"
version = "0.3.1"
edition = "2021"
links = "mine"

[features]
extra = []   # more of it

[build-dependencies]
autocfg = "1"

[workspace]
"#;

const SCRIPT: &str = r#"// SPDX-License-Identifier: MIT
use std::{env, fs, path::Path};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-check-cfg=cfg(fancy)");
    if env::var_os("CARGO_FEATURE_EXTRA").is_some() {
        println!("cargo:rustc-cfg=fancy");
    }
    if env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("windows") {
        println!("cargo:rustc-link-lib=advapi32");
    }
    println!("cargo:rustc-env=MINE_TARGET={}", env::var("TARGET").unwrap());
    println!("cargo:answer=42");
    let out = env::var("OUT_DIR").unwrap();
    fs::write(Path::new(&out).join("made.rs"), "pub const MADE: u32 = 1;\n").unwrap();
}
"#;

const LIB: &str =
    "include!(concat!(env!(\"OUT_DIR\"), \"/made.rs\"));\npub const T: &str = env!(\"MINE_TARGET\");\n";

fn sandbox(script: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(&[("mine/Cargo.toml", MANIFEST), ("mine/build.rs", script), ("mine/src/lib.rs", LIB)]);
    sandbox
}

/// Returns Cargo's message about the directives, without the names of the build's folders.
fn told(sandbox: &Sandbox, features: &str) -> String {
    let said = sandbox.cargo("mine", &format!("check --message-format=json {features}")).good();
    let line =
        said.out.lines().find(|line| line.contains("\"build-script-executed\"") && line.contains("mine#"));
    let line = line.expect("the script ran").to_owned();
    line.split("\"out_dir\"").next().unwrap_or_default().to_owned()
}

#[test]
fn plain_cargo_is_told_the_same_afterwards() {
    let sandbox = sandbox(SCRIPT);
    let before = [told(&sandbox, ""), told(&sandbox, "--features extra")];
    let mut command = sandbox.command("mine", "cargo");
    let resolver = format!("{{ path = {:?} }}", root().join("build-script").display().to_string());
    command.args(["inert", "migrate", "--yes", "--resolver", &resolver]);
    let said = inert_tests::said(&mut command).good();
    assert!(
        said.out.contains("+[package.metadata.inert]") && said.out.contains("-autocfg = \"1\""),
        "{}",
        said.out
    );
    let manifest = sandbox.read("mine/Cargo.toml");
    assert!(manifest.starts_with("# A crate.\n[package]\nname = \"mine\"\n"), "{manifest}");
    assert!(manifest.contains("extra = []   # more of it"), "{manifest}");
    assert!(!manifest.contains("autocfg"), "{manifest}");
    let script = sandbox.read("mine/build.rs");
    assert_eq!(
        script,
        "// SPDX-License-Identifier: MIT\n\nfn main() {\n    inert_build::build_script();\n}\n"
    );
    assert_eq!([told(&sandbox, ""), told(&sandbox, "--features extra")], before);
    // Under Inert the shim does not run.
    let _ = sandbox.inert("mine", "check").good().says("1 build script replaced, none run");
    // A second migration is refused.
    let _ = sandbox.inert("mine", "migrate --yes").code(2).says("already has");
}

/// `--keep-script` of a script that is understood but for a part: the shim carries out the declaration, and the script
/// goes on where the declaration says that it does not cover the build.
#[test]
fn a_script_stays_for_the_part_that_is_not_derived() {
    let script = SCRIPT.replace(
        "    println!(\"cargo:answer=42\");\n",
        "    println!(\"cargo:rerun-if-env-changed=MINE_PART\");
    if env::var_os(\"MINE_PART\").is_some() || env::var_os(\"CARGO_FEATURE_EXTRA\").is_some() {
        let bound = std::net::TcpListener::bind(\"127.0.0.1:0\").is_ok();
        println!(\"cargo:rustc-cfg=fancy=\\\"{bound}\\\"\");
        println!(\"cargo:answer=43\");
        println!(\"cargo:part=1\");
        return fs::write(Path::new(&env::var(\"OUT_DIR\").unwrap()).join(\"made.rs\"), \"pub const MADE: u8 = 2;\\n\").unwrap();
    }
    println!(\"cargo:answer=42\");\n",
    );
    let sandbox = sandbox(&script);
    // Each returns what Cargo was told, and the file that was made; the third is the first one's folder again.
    let builds = [("", None), ("--features extra", None), ("", Some("1")), ("", None)];
    let all = |sandbox: &Sandbox| {
        builds.map(|(features, part)| {
            let mut command = sandbox.command("mine", "cargo");
            command.args(["check", "--message-format=json"]).args(features.split_whitespace());
            command.env_remove("MINE_PART").envs(part.map(|part| ("MINE_PART", part)));
            let said = inert_tests::said(&mut command).good();
            let is_ours = |line: &&str| line.contains("\"build-script-executed\"") && line.contains("mine#");
            let line = said.out.lines().find(is_ours).expect("the script ran").to_owned();
            let (told, folder) = line.split_once("\"out_dir\":\"").expect("a script has OUT_DIR");
            let folder = folder.split('"').next().unwrap_or_default().replace("\\\\", "\\");
            let made = std::fs::read_to_string(std::path::Path::new(&folder).join("made.rs"));
            (told.to_owned(), made.expect("made.rs"))
        })
    };
    let before = all(&sandbox);
    assert!(before[1].0.contains("\"fancy=\\\"true\\\"\"") && before[2].1.contains("u8"), "{before:?}");
    let _ =
        sandbox.inert("mine", "migrate --yes").code(1).says("migrate --keep-script").says("for that part");
    assert_eq!(sandbox.read("mine/build.rs"), script);
    let mut command = sandbox.command("mine", "cargo");
    let resolver = format!("{{ path = {:?} }}", root().join("build-script").display().to_string());
    command.args(["inert", "migrate", "--keep-script", "--yes", "--resolver", &resolver]);
    let _ = inert_tests::said(&mut command).good().says("there plain cargo goes on running it");
    let (manifest, kept) = (sandbox.read("mine/Cargo.toml"), sandbox.read("mine/build.rs"));
    assert!(manifest.contains("\nunsupported = ") && manifest.contains("autocfg = \"1\""), "{manifest}");
    let call = "    inert_build::build_script_where_declared();\n";
    assert!(kept.contains(call), "{kept}");
    assert_eq!(kept.lines().count(), script.lines().count() + 2, "{kept}");
    assert_eq!(all(&sandbox), before);
    let _ = sandbox.inert("mine", "lint").good();
    let _ = sandbox.inert("mine", "check").good().says("1 build script replaced, none run");
    // There the script runs, since the tests' policy allows it to.
    let _ = sandbox.inert("mine", "check --features extra").good().says("1 run as allowed");
    // What is declared does not come from the script: it may say nothing there.
    let (head, rest) = kept.split_once(call).expect("the call");
    sandbox.write(&[("mine/build.rs", &format!("{head}{call}    println!(\"cargo:left=1\");\n{rest}"))]);
    let changed = all(&sandbox);
    assert_eq!([&changed[0], &changed[3]], [&before[0], &before[3]]);
}

/// A test has no terminal, like a script.
#[test]
fn nobody_to_ask_is_an_error() {
    let sandbox = sandbox(SCRIPT);
    let said = sandbox.inert("mine", "migrate").code(2).says("there is no terminal").says("--yes");
    assert!(!said.err.contains("not committed"), "{}", said.err);
    let _ = inert_tests::said(sandbox.command("mine", "git").args(["init", "--quiet"])).good();
    let _ = sandbox.inert("mine", "migrate").code(2).says("over changes of Cargo.toml and build.rs");
    assert_eq!(sandbox.read("mine/Cargo.toml"), MANIFEST);
    let _ = sandbox.inert("mine", "migrate --yes").good().says("{ git = ");
}

#[test]
fn a_dry_run_changes_nothing() {
    let sandbox = sandbox(SCRIPT);
    let said = sandbox.inert("mine", "migrate --dry-run").good();
    assert!(said.out.contains("+++ b/build.rs"), "{}", said.out);
    assert_eq!(sandbox.read("mine/Cargo.toml"), MANIFEST);
    assert_eq!(sandbox.read("mine/build.rs"), SCRIPT);
}

#[test]
fn what_is_not_understood_is_shown_and_nothing_is_written() {
    let script = SCRIPT.replace(
        "    println!(\"cargo:answer=42\");\n",
        "    std::net::TcpStream::connect(\"localhost:9\").unwrap();\n",
    );
    let sandbox = sandbox(&script);
    let said = sandbox.inert("mine", "migrate --yes").code(1).says("build.rs:14:").says("connect");
    assert!(said.err.contains("nothing was written"), "{}", said.err);
    assert_eq!(sandbox.read("mine/Cargo.toml"), MANIFEST);
    assert_eq!(sandbox.read("mine/build.rs"), script);
}

#[test]
fn the_script_may_stay_or_go() {
    let sandbox = sandbox(SCRIPT);
    let _ = sandbox.inert("mine", "migrate --yes --keep-script").good();
    assert_eq!(sandbox.read("mine/build.rs"), SCRIPT);
    assert!(sandbox.read("mine/Cargo.toml").contains("autocfg = \"1\""));
    let idle = Sandbox::new();
    let manifest = MANIFEST.replace("links = \"mine\"\n", "");
    let script = "fn main() {\n    println!(\"cargo:rerun-if-changed=build.rs\");\n}\n";
    idle.write(&[("mine/Cargo.toml", &manifest), ("mine/build.rs", script), ("mine/src/lib.rs", "")]);
    let _ = idle.inert("mine", "migrate --yes").good();
    assert!(!idle.path("mine/build.rs").exists());
    assert!(!idle.read("mine/Cargo.toml").contains("inert"));
}

#[test]
fn dependencies_are_reported() {
    let sandbox = sandbox(SCRIPT);
    let said = sandbox.inert("mine", "migrate --dependencies --format json").good();
    assert!(said.out.contains("\"state\": \"derived\""), "{}{}", said.out, said.err);
    let _ = sandbox.inert("mine", "migrate mine").code(2).says("-p");
}
