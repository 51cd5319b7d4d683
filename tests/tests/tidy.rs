//! The invariants of docs/architecture.md that neither the compiler nor clippy holds.

use std::path::{Path, PathBuf};

const PACKAGES: &[&str] = &[
    "build-output",
    "cargo-inert",
    "catalog",
    "manifest-spec",
    "migrate-tool",
    "resolver",
    "sandbox",
    "tests",
    "vendored-fallbacks",
];

fn sources(package: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    collect(&inert_tests::root().join(package).join("src"), &mut found);
    found
}

fn collect(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
}

fn manifest(package: &str) -> String {
    std::fs::read_to_string(inert_tests::root().join(package).join("Cargo.toml")).unwrap()
}

/// Lines that are no comment.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim_start).filter(|line| !line.starts_with("//"))
}

#[test]
fn no_package_of_ours_has_a_build_script() {
    for package in PACKAGES {
        assert!(!inert_tests::root().join(package).join("build.rs").exists(), "{package} has a build.rs");
        assert!(
            !manifest(package).lines().any(|line| line.starts_with("build =")),
            "{package} names a build script"
        );
    }
}

#[test]
fn the_spec_does_no_io_and_knows_no_directive() {
    for (path, text) in sources("manifest-spec") {
        for line in code(&text) {
            for forbidden in ["std::fs", "std::process", "std::net", "std::env", "\"cargo:", "cargo::rustc"] {
                assert!(!line.contains(forbidden), "{}: {line}", path.display());
            }
        }
    }
}

#[test]
fn one_module_of_the_resolver_prints_directives() {
    for (path, text) in sources("resolver") {
        let allowed = ["directives.rs"].iter().any(|name| path.ends_with(name));
        let printed = code(&text).any(|line| line.contains("cargo{colons}") || line.contains("cargo:rustc-"));
        assert!(allowed || !printed, "{} spells a directive", path.display());
    }
}

#[test]
fn one_package_reads_directives() {
    // What a model looks for in a text that it prints is no directive read; what reads a script's lines is.
    let pending = ["directives.rs", "library.rs", "mod.rs"];
    for package in PACKAGES.iter().filter(|package| !matches!(**package, "build-output" | "tests")) {
        for (path, text) in sources(package) {
            let allowed = *package == "migrate-tool" && pending.iter().any(|name| path.ends_with(name));
            let product = text.split("#[cfg(test)]").next().unwrap_or_default();
            let reads = code(product).find(|line| line.contains("strip_prefix(\"cargo:"));
            assert!(allowed || reads.is_none(), "{}: {}", path.display(), reads.unwrap_or_default());
        }
    }
}

#[test]
fn one_module_of_the_resolver_touches_the_world() {
    for (path, text) in sources("resolver") {
        // The journal looks at what was read before; the shim starts as a build script does.
        let allowed = ["world.rs", "journal.rs", "build_script.rs"].iter().any(|name| path.ends_with(name));
        let product = text.split("#[cfg(test)]").next().unwrap_or_default();
        let touched = code(product).find(|line| {
            line.contains("std::fs::") || line.contains("fs::read") || line.contains("Command::new")
        });
        assert!(allowed || touched.is_none(), "{}: {}", path.display(), touched.unwrap_or_default());
    }
}

#[test]
fn the_migration_tool_runs_nothing_and_stands_apart_from_the_resolver() {
    assert!(!manifest("migrate-tool").contains("inert-resolver"));
    for (path, text) in sources("migrate-tool") {
        // A whole file may be a test's.
        let marks = ["#![cfg(test)]", "#[cfg(test)]"];
        let before = marks.iter().find_map(|mark| text.split_once(mark));
        let product = before.map_or(text.as_str(), |(product, _)| product);
        let starts = code(product)
            .find(|line| line.contains("std::process::Command") || line.contains("Command::new("));
        // Models name the API that they model, in strings.
        let starts = starts.filter(|line| !line.contains('"'));
        assert!(starts.is_none(), "{}: {}", path.display(), starts.unwrap_or_default());
    }
}

#[test]
fn only_the_command_knows_clap_and_colours() {
    for package in PACKAGES.iter().filter(|package| !matches!(**package, "cargo-inert" | "tests")) {
        for dependency in ["clap", "miette", "serde"] {
            let names = manifest(package).lines().any(|line| line.starts_with(dependency));
            assert!(!names, "{package} depends on {dependency}");
        }
    }
}

/// A crate may build-depend on the resolver.
#[test]
fn the_resolver_is_light() {
    for package in ["manifest-spec", "vendored-fallbacks", "resolver"] {
        let text = manifest(package);
        let section = text.split("[dependencies]").nth(1).unwrap_or_default();
        let section = section.split("\n[").next().unwrap_or_default();
        for line in section.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            let name = line.split(['=', '.', ' ']).next().unwrap_or_default();
            assert!(
                ["cc", "inert-manifest-spec", "inert-vendored-fallbacks", "toml"].contains(&name),
                "{package}: {name}"
            );
        }
    }
}

/// Files that are longer, and why.
const LONG: &[(&str, &str)] = &[
    ("migrate-tool/src/models/text.rs", "one table: the methods of text"),
    ("migrate-tool/src/models/list.rs", "one table: the methods of lists and iterators"),
    ("migrate-tool/src/interp/operators.rs", "one table: the operators, symbolic and concrete"),
    ("migrate-tool/src/interp/items.rs", "one walk over a script's items"),
];

#[test]
fn files_are_small() {
    let mut long = Vec::new();
    for package in PACKAGES {
        for (path, text) in sources(package) {
            let allowed = LONG.iter().any(|(name, _)| path.ends_with(name));
            let lines = text.lines().count();
            if lines > 650 && !allowed {
                long.push(format!("{}: {lines} lines", path.display()));
            }
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}

/// The threat model names a case for each bypass; a case that was renamed away would leave a promise without one.
#[test]
fn the_threat_model_names_cases_that_are_there() {
    let root = inert_tests::root();
    let text = std::fs::read_to_string(root.join("docs/threat-model.md")).unwrap();
    let (_, rest) = text.split_once("## Bypasses and their cases").unwrap();
    let table = rest.split("\n## ").next().unwrap_or_default();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| ")?.rsplit_once(" | ")).skip(1);
    let mut count = 0;
    for (tried, cases) in rows {
        let names: Vec<&str> = cases.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "no case for: {tried}");
        for name in names {
            let there = ["attacks", "policies"]
                .iter()
                .any(|kind| root.join("tests").join(kind).join(name).join("case.toml").is_file());
            assert!(there, "{tried}: no case {name}");
            count += 1;
        }
    }
    assert!(count > 50, "the table was not found: {count}");
}
