//! Tests the packages of this workspace in the form in which they would be published, and a migrated package as its
//! consumers get it: from a registry that the test makes.

use std::path::{Path, PathBuf};

use inert_tests::{Sandbox, root, said};
use serde_json::{Value, json};

/// Packs every member except the tests, in the order of their dependencies, without compiling them. Returns the
/// folder that holds the `.crate` files.
fn packed(sandbox: &Sandbox) -> PathBuf {
    let mut cargo = sandbox.command("", "cargo");
    cargo.current_dir(root()).args(["package", "--workspace", "--exclude", "inert-tests", "--no-verify"]);
    cargo.args(["--offline", "--locked", "--allow-dirty", "--quiet", "--target-dir"]);
    let _ = said(cargo.arg(sandbox.path("packed"))).good();
    sandbox.path("packed/package")
}

fn crates(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    let mut found: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|kind| kind == "crate")).collect();
    found.sort();
    found
}

/// Unpacks a package, and returns its folder and Cargo's description of its manifest.
fn unpacked(sandbox: &Sandbox, file: &Path) -> (PathBuf, Value) {
    let folder = sandbox.path("unpacked");
    std::fs::create_dir_all(&folder).expect("a folder");
    let _ = said(sandbox.command("", "tar").arg("-xzf").arg(file).arg("-C").arg(&folder)).good();
    let folder = folder.join(file.file_stem().expect("a name"));
    let mut cargo = sandbox.command("", "cargo");
    cargo.args(["metadata", "--no-deps", "--offline", "--format-version=1", "--manifest-path"]);
    let told = said(cargo.arg(folder.join("Cargo.toml"))).good().out;
    let told: Value = serde_json::from_str(&told).expect("JSON");
    (folder, told["packages"][0].clone())
}

#[test]
fn every_package_can_be_published() {
    let sandbox = Sandbox::new();
    let mut problems = Vec::new();
    let crates = crates(&packed(&sandbox));
    assert!(crates.len() >= 10, "{crates:?}");
    for file in crates {
        let (folder, package) = unpacked(&sandbox, &file);
        let name = package["name"].as_str().unwrap_or_default().to_owned();
        let mut wrong = |what: String| problems.push(format!("{name}: {what}"));
        for key in ["description", "license", "repository", "readme", "rust_version"] {
            if package[key].as_str().unwrap_or_default().is_empty() {
                wrong(format!("no `{key}`"));
            }
        }
        for key in ["keywords", "categories"] {
            let words = package[key].as_array().map_or(0, Vec::len);
            if !(1..=5).contains(&words) {
                wrong(format!("{words} {key}, and crates.io takes one to five"));
            }
        }
        for file in ["README.md", "LICENSE-MIT", "LICENSE-APACHE"] {
            if std::fs::read_to_string(folder.join(file)).unwrap_or_default().is_empty() {
                wrong(format!("no {file}"));
            }
        }
        let readme = std::fs::read_to_string(folder.join("README.md")).unwrap_or_default();
        if !readme.starts_with(&format!("# {name}\n")) {
            wrong("README.md is another package's".to_owned());
        }
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let (of, requirement) = (&dependency["name"], dependency["req"].as_str().unwrap_or_default());
            // A path in a published manifest would point into the author's home.
            if !dependency["path"].is_null() {
                wrong(format!("{of} is a path"));
            }
            if requirement.is_empty() || requirement.contains(['=', '<', '*']) {
                wrong(format!(
                    "{of} is required as `{requirement}`, which other packages' requirements may not fit"
                ));
            }
        }
        included(&folder.join("src"), &mut |path| wrong(format!("{} is not packed", path.display())));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Reports files that a source includes and that do not exist.
fn included(folder: &Path, missing: &mut dyn FnMut(PathBuf)) {
    for path in std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            included(&path, missing);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        for rest in text.split("include_str!(\"").skip(1) {
            let file = folder.join(rest.split('"').next().unwrap_or_default());
            if !file.is_file() {
                missing(file);
            }
        }
    }
}

/// A registry in a folder: package files, and an index with a line for each.
struct Registry<'s> {
    sandbox: &'s Sandbox,
}

impl<'s> Registry<'s> {
    /// Makes an empty registry, which replaces crates.io in a cargo home of its own.
    fn new(sandbox: &'s Sandbox) -> Self {
        let folder = sandbox.path("registry").display().to_string().replace('\\', "/");
        std::fs::create_dir_all(sandbox.path("registry")).expect("a folder");
        let configuration = format!(
            "[source.crates-io]\nreplace-with = \"here\"\n[source.here]\nlocal-registry = {folder:?}\n"
        );
        sandbox.write(&[("home/config.toml", &configuration)]);
        Self { sandbox }
    }

    fn add(&self, file: &Path) {
        let (_, package) = unpacked(self.sandbox, file);
        let name = package["name"].as_str().expect("a name");
        let dependencies = package["dependencies"].as_array().into_iter().flatten().map(|one| {
            json!({
                "name": one["name"], "req": one["req"], "features": one["features"], "optional": one["optional"],
                "default_features": one["uses_default_features"], "target": one["target"],
                "kind": one["kind"].as_str().unwrap_or("normal"),
            })
        });
        let sum = said(self.sandbox.command("", "sha256sum").arg(file)).good().out;
        let line = json!({
            "name": name, "vers": package["version"], "deps": dependencies.collect::<Vec<_>>(),
            "cksum": sum.split_whitespace().next(), "features": package["features"], "yanked": false,
            "links": package["links"],
        });
        let place = format!("registry/index/{}/{}/{name}", &name[..2], &name[2..4]);
        self.sandbox.write(&[(&place, &format!("{line}\n"))]);
        let copy = self.sandbox.path("registry").join(file.file_name().expect("a name"));
        std::fs::copy(file, copy).expect("a copy");
    }

    /// Runs a command for which this registry is crates.io.
    fn cargo(&self, folder: &str, words: &str) -> inert_tests::Said {
        let mut command = self.sandbox.command(folder, "cargo");
        said(command.env("CARGO_HOME", self.sandbox.path("home")).args(words.split_whitespace()))
    }
}

const MANIFEST: &str = r#"[package]
name = "migrated"
version = "0.3.1"
edition = "2021"
description = "A package"
license = "MIT"
repository = "https://example.invalid"
links = "migrated"

[build-dependencies]
autocfg = "1"

[workspace]
"#;

const SCRIPT: &str = r#"use std::{env, fs, path::Path};

fn main() {
    println!("cargo:rustc-check-cfg=cfg(fancy)");
    if env::var_os("CARGO_CFG_UNIX").is_some() {
        println!("cargo:rustc-cfg=fancy");
    }
    println!("cargo:answer=42");
    let out = env::var("OUT_DIR").unwrap();
    fs::write(Path::new(&out).join("made.rs"), "pub const MADE: u32 = 1;\n").unwrap();
}
"#;

const LIB: &str =
    "include!(concat!(env!(\"OUT_DIR\"), \"/made.rs\"));\npub const FANCY: bool = cfg!(fancy);\n";

const CONSUMER: &str = r#"[package]
name = "consumer"
version = "1.0.0"
edition = "2021"

[dependencies]
migrated = "0.3"

[workspace]
"#;

#[test]
fn a_migrated_package_is_built_from_its_packed_form() {
    let sandbox = Sandbox::new();
    let packed = packed(&sandbox);
    let registry = Registry::new(&sandbox);
    let shim = crates(&packed).into_iter().find(|path| path.ends_with("inert-build-0.1.0.crate"));
    registry.add(&shim.expect("inert-build is packed"));
    sandbox.write(&[
        ("migrated/Cargo.toml", MANIFEST),
        ("migrated/build.rs", SCRIPT),
        ("migrated/src/lib.rs", LIB),
        ("consumer/Cargo.toml", CONSUMER),
        ("consumer/src/main.rs", "fn main() { println!(\"{} {}\", migrated::MADE, migrated::FANCY); }\n"),
    ]);
    let _ = registry.cargo("migrated", "inert migrate --yes").good();
    // Cargo compiles the packed files: the shim under plain cargo, from the registry.
    let _ = registry.cargo("migrated", "package --allow-dirty --quiet").good();
    registry.add(&sandbox.path("migrated/target/package/migrated-0.3.1.crate"));
    let plain = registry.cargo("consumer", "run --quiet").good().out;
    assert_eq!(plain, "1 true\n");
    let inert = registry.cargo("consumer", "inert run").good().says("1 build script replaced, none run");
    assert_eq!(inert.out, plain);
}

/// For a package without its script, plain cargo reports this before anything that is missing.
#[test]
fn what_only_inert_builds_says_so_to_plain_cargo() {
    let sandbox = Sandbox::new();
    let registry = Registry::new(&sandbox);
    sandbox.write(&[
        ("migrated/Cargo.toml", MANIFEST),
        ("migrated/build.rs", SCRIPT),
        ("migrated/src/lib.rs", LIB),
    ]);
    let _ = registry.cargo("migrated", "inert migrate --yes --inert-only").good();
    let plain = registry.cargo("migrated", "check").code(101);
    assert!(plain.err.contains("migrated 0.3.1 is built by `cargo inert build`"), "{}", plain.err);
    let _ = registry.cargo("migrated", "inert check").good().says("1 build script replaced, none run");
    // The file does not count as a script of the package beside the declaration.
    let _ = registry.cargo("migrated", "inert lint --strict").good();
}

#[test]
fn binstall_looks_for_the_archives_that_the_release_script_makes() {
    let manifest = std::fs::read_to_string(root().join("cargo-inert/Cargo.toml")).expect("the manifest");
    let script = std::fs::read_to_string(root().join("scripts/release-archive")).expect("the script");
    for (of_binstall, of_script) in [
        (
            "/v{ version }/cargo-inert-{ version }-{ target }.tar.gz\"",
            "\nname=cargo-inert-$version-$target\n",
        ),
        ("bin-dir = \"cargo-inert-{ version }-{ target }/{ bin }{ binary-ext }\"", "\nhere=$out/$name\n"),
        ("pkg-fmt = \"tgz\"", "gzip -n9 >\"$here.tar.gz\""),
    ] {
        assert!(manifest.contains(of_binstall), "{of_binstall}");
        assert!(script.contains(of_script), "{of_script}");
    }
}
