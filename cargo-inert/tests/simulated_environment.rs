//! The environment that `verify` gives scripts is Cargo's own: a real build script writes down what it sees.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_inert::environment::Environment;
use cargo_inert::verify::case::{CTools, Case, Libraries, Profile, Programs, Release};
use cargo_inert::verify::manifest::Manifest;
use cargo_inert::verify::shim::Probes;
use cargo_inert::verify::simulate::{self, Place};
use cargo_inert::verify::targets::Rustc;

const MANIFEST: &str = r#"[package]
name = "seen"
version = "1.2.3-beta.4+build"
edition = "2021"
authors = ["A <a@b.c>", "D"]
description = "What a script sees"
homepage = "https://example.org"
repository = "https://example.org/r"
license = "MIT"
rust-version = "1.70"
links = "seen-it"
build = "build.rs"

[workspace]

[features]
default = ["one"]
one = ["two-words"]
two-words = []
other = []
"#;

const SCRIPT: &str = r#"
fn main() {
    let lines: Vec<String> = std::env::vars().filter(|(_, value)| !value.contains('\n')).map(|(name, value)| format!("{name}={value}")).collect();
    std::fs::write(std::path::Path::new(&std::env::var("OUT_DIR").unwrap()).join("seen"), lines.join("\n")).unwrap();
}
"#;

/// What depends on the machine, the caller or the run.
const OF_THE_RUN: &[&str] =
    &["OUT_DIR", "RUSTC", "RUSTDOC", "CARGO", "NUM_JOBS", "CARGO_MAKEFLAGS", "CARGO_HOME"];

#[test]
fn is_cargos_own() {
    for (profile, flag, features) in [
        (Profile::Dev, None, "default"),
        (Profile::Release, Some("--release"), "default"),
        (Profile::Dev, Some("--no-default-features"), ""),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir_all(root.join("src")).unwrap();
        std::fs::write(root.join("Cargo.toml"), MANIFEST).unwrap();
        std::fs::write(root.join("build.rs"), SCRIPT).unwrap();
        std::fs::write(root.join("README.md"), "").unwrap();
        std::fs::write(root.join("src/lib.rs"), "").unwrap();
        let theirs = seen_under_cargo(&root, flag);
        let ours = simulated(&root, profile, features);
        let cargos = |name: &&String| {
            let own = name.starts_with("CARGO_")
                || ["TARGET", "HOST", "PROFILE", "OPT_LEVEL", "DEBUG"].contains(&name.as_str());
            own && !OF_THE_RUN.contains(&name.as_str())
        };
        let names: BTreeSet<&String> = theirs.keys().chain(ours.keys()).filter(cargos).collect();
        assert!(names.len() > 35, "{names:?}");
        for name in names {
            assert_eq!(ours.get(name), theirs.get(name), "{name}: ours is left, Cargo's right");
        }
    }
}

fn seen_under_cargo(root: &Path, flag: Option<&str>) -> BTreeMap<String, String> {
    let mut command = cargo_inert::cargo::command(env!("CARGO"));
    command.arg("check").args(flag).current_dir(root);
    for (name, _) in Environment::capture().variables {
        let text = name.to_string_lossy().into_owned();
        if text.starts_with("CARGO_") && text != "CARGO_HOME"
            || text.starts_with("RUSTC")
            || text == "RUSTFLAGS"
        {
            command.env_remove(name);
        }
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = std::fs::read_to_string(find(&root.join("target"), "seen").expect("the script ran")).unwrap();
    text.lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let entries: Vec<PathBuf> = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    let here = entries.iter().find(|path| path.is_file() && path.ends_with(name)).cloned();
    here.or_else(|| entries.iter().filter(|path| path.is_dir()).find_map(|path| find(path, name)))
}

fn simulated(root: &Path, profile: Profile, features: &str) -> BTreeMap<String, String> {
    let environment = Environment::capture();
    let rustc = Rustc::find(&environment, root).unwrap();
    let manifest = Manifest::read(root).unwrap();
    let case = Case {
        features: manifest.closure([features]),
        target: rustc.host.clone(),
        rustc: Release::Real,
        probes: Probes::Real,
        env: BTreeMap::new(),
        dep: BTreeMap::new(),
        cfgs: BTreeMap::new(),
        profile,
        libraries: Libraries::System,
        c: CTools::Noted,
        programs: Programs::AsFound,
    };
    let place = Place {
        package: root,
        out_dir: root,
        rustc: &rustc.path,
        home: root,
        tools: root,
        pkg_config: None,
        path: "",
        cargo: Path::new(env!("CARGO")),
    };
    simulate::scripts(&case, &place, &manifest, &rustc).unwrap()
}
