//! The packages of `tests/examples`: what Cargo is told by the shim under plain cargo, by Inert's stand-in, and by the script
//! that was there before, and what the program built of them prints.

use std::collections::BTreeMap;
use std::path::Path;

use inert_tests::{Sandbox, root, said};
use serde_json::Value;

const PACKAGES: &[&str] = &["cfg-only", "demo-sys", "generated", "header-only", "probe", "reads-metadata"];

/// A copy of the examples in which the shim's package is this repository's.
fn examples(sandbox: &Sandbox, folder: &str) {
    let from = root().join("tests/examples");
    let _ = said(sandbox.command("", "cp").arg("-r").arg(&from).arg(sandbox.path(folder))).good();
    let shim = root().join("build-script").display().to_string().replace('\\', "/");
    for package in PACKAGES {
        let manifest = format!("{folder}/{package}/Cargo.toml");
        let text = sandbox.read(&manifest).replace("../../../build-script", &shim);
        sandbox.write(&[(&manifest, &text)]);
    }
}

/// The same with the scripts that were there before, and what those depend on.
fn originals(sandbox: &Sandbox, folder: &str) {
    examples(sandbox, folder);
    for package in PACKAGES {
        let manifest = format!("{folder}/{package}/Cargo.toml");
        let text = sandbox.read(&manifest);
        let (before, _) = text.split_once("[build-dependencies]").expect("it has some");
        let text =
            format!("{before}[build-dependencies]\ncc = \"1\"\npkg-config = \"0.3\"\nvcpkg = \"0.2\"\n");
        let script = sandbox.read(&format!("{folder}/{package}/original.rs"));
        sandbox.write(&[(&manifest, &text), (&format!("{folder}/{package}/build.rs"), &script)]);
    }
}

/// What Cargo says that each example told it, folders of the build aside.
fn told(sandbox: &Sandbox, folder: &str, command: &str) -> BTreeMap<String, String> {
    let ran = sandbox.cargo(folder, &format!("{command} --message-format=json --quiet")).good();
    let mut told = BTreeMap::new();
    for line in ran.out.lines() {
        let Ok(message) = serde_json::from_str::<Value>(line) else { continue };
        if message["reason"] != "build-script-executed" {
            continue;
        }
        let id = message["package_id"].as_str().unwrap_or_default().to_owned();
        let Some(name) = PACKAGES.iter().find(|name| id.contains(&format!("/{name}#"))) else { continue };
        let out_dir = message["out_dir"].as_str().unwrap_or_default().to_owned();
        let mut lines = Vec::new();
        for key in ["linked_libs", "linked_paths", "cfgs", "env"] {
            let mut values: Vec<String> =
                message[key].as_array().into_iter().flatten().map(ToString::to_string).collect();
            if matches!(key, "cfgs" | "env") {
                values.sort();
            }
            lines.push(format!("{key}: {}", values.join(" ")));
        }
        // Beside OUT_DIR on disk, since JSON writes a path as it likes.
        let text = lines.join("\n").replace(&out_dir, "$OUT_DIR");
        told.insert(
            (*name).to_owned(),
            text.replace(&sandbox.path(folder).display().to_string(), "$EXAMPLES"),
        );
        for file in files(Path::new(&out_dir)) {
            let text = told.get_mut(*name).expect("it was just put there");
            text.push_str(&format!("\n{file}"));
        }
    }
    assert_eq!(told.len(), PACKAGES.len(), "{folder}: {told:?}\n{}", ran.err);
    told
}

/// Files that code can include, with what they hold.
fn files(out_dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(out_dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        // A script's own probes are left behind by it alone.
        if ["txt", "h", "rs"].contains(&ending) && !path.ends_with("future.rs") {
            found.push(format!("{}: {:?}", entry.file_name().display(), std::fs::read_to_string(&path).ok()));
        }
    }
    found.sort();
    found
}

#[test]
fn shim_stand_in_and_script_tell_cargo_the_same() {
    let sandbox = Sandbox::new();
    examples(&sandbox, "shim");
    examples(&sandbox, "inert");
    originals(&sandbox, "script");
    for features in ["", " --features extra,vendored"] {
        let shim = told(&sandbox, "shim", &format!("check{features}"));
        let inert = told(&sandbox, "inert", &format!("inert check{features}"));
        let script = told(&sandbox, "script", &format!("check{features}"));
        for name in PACKAGES {
            assert_eq!(shim[*name], inert[*name], "{name}{features}: plain cargo, and Inert");
            assert_eq!(shim[*name], script[*name], "{name}{features}: the shim, and the script");
        }
    }
    // What is linked is seen by a program alone.
    let plain = sandbox.cargo("shim", "run --quiet --package app --features extra").good().out;
    let inert = sandbox.inert("inert", "run --quiet --package app --features extra").good().out;
    assert_eq!(plain, inert);
    assert!(plain.contains("demo-sys: 42\n") && plain.contains("header-only: 7\n"), "{plain}");
}

/// A library that is missing: what is missing and what to type, by the shim as by Inert.
#[test]
fn a_missing_library_is_explained() {
    let sandbox = Sandbox::new();
    examples(&sandbox, "shim");
    let manifest = sandbox.read("shim/demo-sys/Cargo.toml");
    sandbox.write(&[("shim/demo-sys/Cargo.toml", &manifest.replace("fallback = \"demo_example\"\n", ""))]);
    let plain = sandbox.cargo("shim", "check --quiet --package example-demo-sys").code(101);
    for text in ["the library `demo` was not found", "inert-example-demo.pc", "DEMO_EXAMPLE_DIR=<folder>"] {
        assert!(plain.err.contains(text), "{text:?} is not in\n{}", plain.err);
    }
    let _ = sandbox
        .inert("shim", "check --package example-demo-sys")
        .code(101)
        .says("inert-example-demo")
        .says("DEMO_EXAMPLE_DIR=<folder>");
}
