//! The packages of `tests/examples`: compares the directives of the shim under plain cargo, of Inert's stand-in,
//! and of the original script, and the output of the built program.

use std::collections::BTreeMap;
use std::path::Path;

use inert_tests::{Sandbox, root, said};
use serde_json::Value;

const PACKAGES: &[&str] = &["cfg-only", "demo-sys", "generated", "header-only", "probe", "reads-metadata"];

/// Copies the examples so that the package of the shim is this repository's.
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

/// Copies the examples with the original scripts, and their dependencies.
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

/// Returns the directives of each example, from Cargo's messages, without the folders of the build.
fn told(sandbox: &Sandbox, folder: &str, command: &str, packages: &[&str]) -> BTreeMap<String, String> {
    let ran = sandbox.cargo(folder, &format!("{command} --message-format=json --quiet")).good();
    let mut told = BTreeMap::new();
    for line in ran.out.lines() {
        let Ok(message) = serde_json::from_str::<Value>(line) else { continue };
        if message["reason"] != "build-script-executed" {
            continue;
        }
        let id = message["package_id"].as_str().unwrap_or_default().to_owned();
        let Some(name) = packages.iter().find(|name| id.contains(&format!("/{name}#"))) else { continue };
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
        // Paths are replaced after the JSON is read, since JSON may escape them.
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
    assert_eq!(told.len(), packages.len(), "{folder}: {told:?}\n{}", ran.err);
    told
}

/// Returns the files that code can include, with their content.
fn files(out_dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(out_dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        // Only a script leaves the files of its own probes.
        if ["txt", "h", "rs"].contains(&ending) && !path.ends_with("future.rs") {
            found.push(format!("{}: {:?}", entry.file_name().display(), std::fs::read_to_string(&path).ok()));
        }
    }
    found.sort();
    found
}

/// Compares the directives of the shim with those of Inert and of the original scripts, in one build.
fn agree(sandbox: &Sandbox, build: &str, packages: &[&str]) {
    let shim = told(sandbox, "shim", &format!("check{build}"), packages);
    let inert = told(sandbox, "inert", &format!("inert check{build}"), packages);
    let script = told(sandbox, "script", &format!("check{build}"), packages);
    for name in packages {
        assert_eq!(shim[*name], inert[*name], "{name}{build}: plain cargo, and Inert");
        assert_eq!(shim[*name], script[*name], "{name}{build}: the shim, and the script");
    }
}

/// Tests the targets that this machine can check; without Debian's C++ compilers for them, the C++ example is left
/// out.
#[test]
#[expect(clippy::print_stderr, reason = "a test that cannot be made here says so")]
#[expect(clippy::disallowed_methods, reason = "the harness's own switch")]
fn they_agree_for_other_targets() {
    let sandbox = Sandbox::new();
    examples(&sandbox, "shim");
    examples(&sandbox, "inert");
    originals(&sandbox, "script");
    let in_c: Vec<&str> = PACKAGES.iter().copied().filter(|name| *name != "header-only").collect();
    let named: String = in_c.iter().map(|name| format!(" --package example-{name}")).collect();
    let targets = [
        ("aarch64-unknown-linux-gnu", "aarch64-linux-gnu-gcc"),
        ("x86_64-pc-windows-gnu", "x86_64-w64-mingw32-gcc"),
    ];
    for (target, compiler) in targets {
        let libdir =
            said(sandbox.command("", "rustc").args(["--print", "target-libdir", "--target", target]));
        let has_std = Path::new(libdir.out.trim()).is_dir();
        let has_c = said(sandbox.command("", "sh").args(["-c", &format!("command -v {compiler}")])).code == 0;
        if !has_std || !has_c {
            let required = std::env::var_os("INERT_CROSS").is_some_and(|word| word == "required");
            assert!(!required, "INERT_CROSS=required, and {target} or {compiler} is not there");
            eprintln!("nothing is checked for {target}: rustup target add {target}, and {compiler}");
            continue;
        }
        agree(&sandbox, &format!("{named} --target {target} --features extra"), &in_c);
    }
}

/// Tests the example without a declaration: its script, Inert in its place, and the shim.
#[test]
fn system_deps_is_carried_out_alike() {
    const NAME: &[&str] = &["system-deps"];
    let sandbox = Sandbox::new();
    for folder in ["script", "inert", "shim"] {
        let from = root().join("tests/examples/system-deps");
        let into = sandbox.path(folder);
        std::fs::create_dir_all(&into).expect("a folder");
        let _ = said(sandbox.command("", "cp").arg("-r").arg(&from).arg(&into)).good();
    }
    let resolver = root().join("resolver").display().to_string().replace('\\', "/");
    let manifest = sandbox.read("shim/system-deps/Cargo.toml");
    let manifest =
        manifest.replace("system-deps = \"9\"", &format!("inert-resolver = {{ path = {resolver:?} }}"));
    let manifest = manifest
        .replace("[workspace]", "[package.metadata.inert]\nschema = 1\nsystem-deps = true\n\n[workspace]");
    sandbox.write(&[
        ("shim/system-deps/Cargo.toml", &manifest),
        ("shim/system-deps/build.rs", "fn main() {\n    inert_resolver::build_script();\n}\n"),
    ]);
    let script = told(&sandbox, "script/system-deps", "check", NAME);
    assert!(script["system-deps"].contains("linked_libs: \"z\""), "{script:?}");
    assert_eq!(told(&sandbox, "inert/system-deps", "inert check", NAME), script, "Inert, and the script");
    assert_eq!(told(&sandbox, "shim/system-deps", "check", NAME), script, "the shim, and the script");
    // If the library is missing, all three fail; the shim and Inert name the missing library in the same way.
    let nowhere = sandbox.path("nowhere");
    let fails = |folder: &str, words: &[&str]| {
        let mut cargo = sandbox.command(&format!("{folder}/system-deps"), "cargo");
        cargo.args(words).env("PKG_CONFIG_LIBDIR", &nowhere).env_remove("PKG_CONFIG_PATH");
        said(&mut cargo).code(101).err
    };
    assert!(fails("script", &["check"]).contains("zlib"));
    for said in [fails("inert", &["inert", "check"]), fails("shim", &["check"])] {
        assert!(said.contains("zlib") && said.contains("PKG_CONFIG"), "{said}");
    }
}

#[test]
fn shim_stand_in_and_script_tell_cargo_the_same() {
    let sandbox = Sandbox::new();
    examples(&sandbox, "shim");
    examples(&sandbox, "inert");
    originals(&sandbox, "script");
    let host = said(sandbox.command("", "rustc").args(["--print", "host-tuple"])).good().out;
    let builds = [
        String::new(),
        " --features extra,vendored".to_owned(),
        " --features extra".to_owned(),
        format!(" --release --features vendored --target {}", host.trim()),
    ];
    for build in builds {
        agree(&sandbox, &build, PACKAGES);
    }
    // Only the program itself shows which libraries are linked.
    let plain = sandbox.cargo("shim", "run --quiet --package app --features extra").good().out;
    let inert = sandbox.inert("inert", "run --quiet --package app --features extra").good().out;
    assert_eq!(plain, inert);
    assert!(plain.contains("demo-sys: 42\n") && plain.contains("header-only: 7\n"), "{plain}");
}

/// Tests that the shim and Inert name a missing library and the commands to type.
#[test]
fn a_missing_library_is_explained() {
    let sandbox = Sandbox::new();
    examples(&sandbox, "shim");
    let manifest = sandbox.read("shim/demo-sys/Cargo.toml");
    sandbox.write(&[("shim/demo-sys/Cargo.toml", &manifest.replace("fallback = \"demo_example\"\n", ""))]);
    let said = |command: &mut std::process::Command| said(command).code(101).err;
    let (plain, inert) = (
        said(sandbox.command("shim", "cargo").args(["check", "--quiet", "--package", "example-demo-sys"])),
        said(sandbox.command("shim", "cargo").args(["inert", "check", "--package", "example-demo-sys"])),
    );
    for text in ["the library `demo` was not found", "inert-example-demo.pc", "DEMO_EXAMPLE_DIR=<folder>"] {
        assert!(plain.contains(text), "{text:?} is not in\n{plain}");
    }
    // What the shim says between the first line and its attempts, `cargo inert` says too.
    let advice: Vec<&str> = plain
        .lines()
        .map(str::trim)
        .skip_while(|line| !line.contains("was not found on this system"))
        .skip(1)
        .take_while(|line| !line.is_empty())
        .collect();
    assert!(advice.len() >= 2, "{plain}");
    for line in advice {
        assert!(inert.contains(line), "{line:?} is not in\n{inert}");
    }
    // A module that is there and requires another one.
    sandbox.write(&[(
        "pc/inert-example-demo.pc",
        "Name: demo\nDescription: d\nVersion: 2.1\nRequires: zz-missing\nLibs: -ldemo\n",
    )]);
    let mut command = sandbox.command("shim", "cargo");
    command.args(["check", "--quiet", "--package", "example-demo-sys"]);
    let plain = said(command.env("PKG_CONFIG_PATH", sandbox.path("pc")));
    assert!(
        plain.contains("requires `zz-missing`, which is missing") && plain.contains("zz-missing.pc"),
        "{plain}"
    );
}
