//! Runs Cargo, and reads its report about a script's output.

use std::collections::BTreeMap;
use std::path::PathBuf;

use inert_build_output::Package;
use inert_tests::{Sandbox, said};

/// The reading of the lines. `args` are by the kind of target.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Understood {
    pub(crate) libs: Vec<String>,
    pub(crate) searches: Vec<String>,
    pub(crate) cfgs: Vec<String>,
    pub(crate) check_cfgs: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) args: BTreeMap<String, Vec<String>>,
    pub(crate) metadata: BTreeMap<String, String>,
    /// Warnings, and errors that do not fail the build.
    pub(crate) shown: Vec<String>,
}

impl Understood {
    /// Sorts the parts that Cargo passes on in an order of its own.
    pub(crate) fn order(&mut self) {
        self.check_cfgs.sort();
        self.env.sort();
    }
}

/// The result of a run.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) err: String,
    pub(crate) understood: Understood,
}

/// A package whose script prints a file.
pub(crate) struct Cargo {
    sandbox: Sandbox,
}

const SCRIPT: &str = r#"use std::io::Write;
fn main() { std::io::stdout().write_all(&std::fs::read("lines").unwrap()).unwrap(); }
"#;

const USER: &str = r#"fn main() {
    let said: String = std::env::vars_os()
        .filter(|(name, _)| name.to_string_lossy().starts_with("DEP_SAID_"))
        .map(|(name, value)| format!("{}\n{}\n", name.to_string_lossy(), value.to_string_lossy()))
        .collect();
    std::fs::write("dep", said).unwrap();
}
"#;

/// Compiles scripts, and records the arguments of all other calls in
/// `<folder of the wrapper>/args.<crate name>.<kind>`.
const WRAPPER: &str = r#"#!/bin/sh
case " $* " in
*" -vV "*|*" --crate-name ___ "*|*" --crate-name build_script_"*) exec "$@" ;;
esac
name=$$
printf '%s\n' "$@" > "$(dirname "$0")/args/$name"
"#;

impl Cargo {
    pub(crate) fn new(package: &Package) -> Self {
        let sandbox = Sandbox::new();
        let version = package.rust_version.as_ref();
        let version = version.map(|version| format!("rust-version = \"{version}\"\n")).unwrap_or_default();
        sandbox.write(&[
            ("Cargo.toml", "[workspace]\nmembers = [\"said\", \"user\"]\nresolver = \"2\"\n"),
            (
                "said/Cargo.toml",
                &format!(
                    "[package]\nname = \"said\"\nversion = \"0.1.0\"\nedition = \"2021\"\nlinks = \"said\"\n{version}\
                     [lib]\ncrate-type = [\"rlib\", \"cdylib\"]\n"
                ),
            ),
            ("said/build.rs", SCRIPT),
            ("said/src/lib.rs", ""),
            ("said/lines", ""),
            (
                "user/Cargo.toml",
                "[package]\nname = \"user\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\nsaid = { path = \"../said\" }\n",
            ),
            ("user/build.rs", USER),
            ("user/src/lib.rs", ""),
            ("wrapper", WRAPPER),
            ("args/.keep", ""),
        ]);
        if package.targets.as_ref().is_some_and(|targets| targets.tests) {
            let main = "fn main() {}\n";
            sandbox.write(&[
                ("said/src/main.rs", main),
                ("said/tests/t.rs", main),
                ("said/benches/b.rs", main),
                ("said/examples/e.rs", main),
            ]);
        }
        let _ = said(sandbox.command("", "chmod").args(["+x", "wrapper"])).good();
        Self { sandbox }
    }

    pub(crate) fn run(&self, lines: &[u8]) -> Ran {
        std::fs::write(self.sandbox.path("said/lines"), lines).unwrap();
        self.forget();
        let said = said(
            self.sandbox
                .command("", "cargo")
                .args([
                    "build",
                    "--offline",
                    "--all-targets",
                    "--message-format=json",
                    "-p",
                    "said",
                    "-p",
                    "user",
                ])
                .env("RUSTC_WRAPPER", self.sandbox.path("wrapper"))
                .env("CARGO_TERM_COLOR", "never")
                .env("CARGO_INCREMENTAL", "0"),
        );
        let mut understood = Understood::default();
        for line in said.out.lines() {
            let message: serde_json::Value = serde_json::from_str(line).expect("Cargo's JSON");
            if message["reason"] == "build-script-executed"
                && message["package_id"].as_str().is_some_and(|id| id.contains("/said#"))
            {
                understood.libs = texts(&message["linked_libs"]);
                understood.searches = texts(&message["linked_paths"]);
                understood.cfgs = texts(&message["cfgs"]);
                let pairs = message["env"].as_array().expect("a list of pairs");
                understood.env = pairs
                    .iter()
                    .map(|pair| {
                        let both = texts(pair);
                        (both[0].clone(), both[1].clone())
                    })
                    .collect();
            }
        }
        for file in self.args() {
            self.add_args(&mut understood, &std::fs::read_to_string(file).unwrap());
        }
        if let Ok(dep) = std::fs::read_to_string(self.sandbox.path("user/dep")) {
            let lines: Vec<&str> = dep.split('\n').collect();
            understood.metadata =
                lines.chunks_exact(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect();
        }
        Ran { code: said.code, err: said.err, understood }
    }

    /// Makes Cargo run the scripts again without compiling anything again.
    fn forget(&self) {
        let fingerprints = self.sandbox.path("target/debug/.fingerprint");
        for folder in std::fs::read_dir(fingerprints).into_iter().flatten().flatten() {
            for file in std::fs::read_dir(folder.path()).into_iter().flatten().flatten() {
                let name = file.file_name().to_string_lossy().into_owned();
                if !name.contains("build-script-build-script-build") || name.contains("run-build-script") {
                    std::fs::remove_file(file.path()).unwrap();
                }
            }
        }
        for file in self.args() {
            std::fs::remove_file(file).unwrap();
        }
        let _ = std::fs::remove_file(self.sandbox.path("user/dep"));
    }

    fn args(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.sandbox.path("args")).unwrap().flatten();
        entries.map(|entry| entry.path()).filter(|path| !path.ends_with(".keep")).collect()
    }

    fn add_args(&self, understood: &mut Understood, text: &str) {
        let words: Vec<&str> = text.lines().collect();
        let after = |flag: &str| -> Vec<&str> {
            words.windows(2).filter(|pair| pair[0] == flag).map(|pair| pair[1]).collect()
        };
        let name = after("--crate-name");
        let kind = match name.first().copied() {
            Some("said") if words.contains(&"--test") => return,
            Some("said") if after("--crate-type") == ["bin"] => "bin",
            Some("said") => "lib",
            Some("t") => "test",
            Some("b") => "bench",
            Some("e") => "example",
            _ => return,
        };
        let link_args: Vec<String> = after("-C")
            .into_iter()
            .filter_map(|value| value.strip_prefix("link-arg="))
            .map(str::to_owned)
            .collect();
        if !link_args.is_empty() {
            understood.args.insert(kind.to_owned(), link_args);
        }
        if kind == "lib" {
            // The first two are Cargo's own: for doc tests, and for features.
            let own = |value: &&str| !value.starts_with("cfg(docsrs") && !value.starts_with("cfg(feature");
            understood.check_cfgs = after("--check-cfg").into_iter().filter(own).map(str::to_owned).collect();
        }
    }
}

fn texts(value: &serde_json::Value) -> Vec<String> {
    let list = value.as_array().expect("a list");
    list.iter().map(|item| item.as_str().expect("a text").to_owned()).collect()
}
