//! Tests the invariants of docs/architecture.md that neither the compiler nor clippy checks.

use std::path::{Path, PathBuf};

const PACKAGES: &[&str] = &[
    "build-output",
    "build-script",
    "cargo-inert",
    "catalog",
    "manifest-spec",
    "migrate-tool",
    "resolver",
    "sandbox",
    "tests",
    "vendored-fallbacks",
    "wasi",
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

/// Returns the lines that are not comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim_start).filter(|line| !line.starts_with("//"))
}

/// Compares the files that break a rule, each with an offending line, with the exempt files and their reasons. An
/// unused exemption fails as well: it would hide the next violation in that file.
fn hold(found: &[(PathBuf, String)], exempt: &[(&str, &str)]) {
    let root = inert_tests::root();
    let names: Vec<String> = found
        .iter()
        .map(|(path, _)| {
            let relative = path.strip_prefix(&root).unwrap_or(path).to_string_lossy();
            relative.replace(std::path::MAIN_SEPARATOR, "/")
        })
        .collect();
    let mut problems: Vec<String> = (names.iter().zip(found))
        .filter(|(name, _)| !exempt.iter().any(|(known, _)| known == name))
        .map(|(name, (_, line))| format!("{name}: {line}"))
        .collect();
    let dead = exempt.iter().filter(|(known, _)| !names.iter().any(|name| name == known));
    problems
        .extend(dead.map(|(known, _)| format!("{known}: the exemption is not needed any more; remove it")));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Returns each file of a package with the first line of its product code that breaks a rule.
fn breaking(package: &str, rule: impl Fn(&str) -> bool) -> Vec<(PathBuf, String)> {
    let first = |(path, text): (PathBuf, String)| {
        let product = text.split("#[cfg(test)]").next().unwrap_or_default();
        let product = if text.contains("#![cfg(test)]") { "" } else { product };
        let line = code(product).find(|line| rule(line))?.to_owned();
        Some((path, line))
    };
    sources(package).into_iter().filter_map(first).collect()
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
    let spells = |line: &str| line.contains("cargo{colons}") || line.contains("cargo:rustc-");
    hold(&breaking("resolver", spells), &[("resolver/src/directives.rs", "it prints them")]);
}

/// The readers of directives that still have to be replaced.
const READS_DIRECTIVES: &[(&str, &str)] =
    &[("migrate-tool/src/semantics/library.rs", "a model asks whether a printed text is metadata")];

#[test]
fn one_package_reads_directives() {
    // A model may examine a text that it prints; only code that reads a script's lines counts as a reader of
    // directives.
    let reads = |line: &str| line.contains("strip_prefix(\"cargo:");
    let packages = PACKAGES.iter().filter(|package| !matches!(**package, "build-output" | "tests"));
    let found: Vec<_> = packages.flat_map(|package| breaking(package, reads)).collect();
    hold(&found, READS_DIRECTIVES);
}

/// The ways to access a file or a process: modules of the standard library, and methods of a path, which take no
/// argument (those of the world take the path).
const TOUCHES: &[&str] = &[
    "fs::",
    "File::open",
    "File::create",
    "OpenOptions",
    "Command::new",
    "env::var",
    "env::current",
    "env::temp_dir",
    "std::net",
    ".exists()",
    ".try_exists()",
    ".is_file()",
    ".is_dir()",
    ".is_symlink()",
    ".metadata()",
    ".symlink_metadata()",
    ".read_dir()",
    ".read_link()",
    ".canonicalize()",
];

#[test]
fn one_module_of_the_resolver_touches_the_world() {
    let touches = |line: &str| TOUCHES.iter().any(|how| line.contains(how));
    hold(
        &breaking("resolver", touches),
        &[
            ("resolver/src/world.rs", "it is that module"),
            ("resolver/src/journal.rs", "it looks at what was read before"),
            (
                "resolver/src/build_script.rs",
                "the shim starts as a build script does, and removes its scratch folder",
            ),
        ],
    );
}

#[test]
fn the_migration_tool_runs_nothing_and_stands_apart_from_the_resolver() {
    assert!(!manifest("migrate-tool").contains("inert-resolver"));
    // Models name the API that they model in strings.
    let starts = |line: &str| {
        (line.contains("std::process::Command") || line.contains("Command::new(")) && !line.contains('"')
    };
    hold(&breaking("migrate-tool", starts), &[]);
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

/// Crates build-depend on this package: it depends on nothing but `cc`, for building C.
#[test]
fn the_build_script_is_light() {
    let text = manifest("build-script");
    let section = text.split("[dependencies]").nth(1).unwrap_or_default();
    let section = section.split("\n[").next().unwrap_or_default();
    let lines: Vec<&str> =
        section.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')).collect();
    assert!(
        matches!(lines.as_slice(), [cc] if cc.starts_with("cc = ") && cc.contains("optional = true")),
        "{lines:?}"
    );
}

/// Crates may build-depend on the resolver.
#[test]
fn the_resolver_is_light() {
    for package in ["manifest-spec", "vendored-fallbacks", "resolver"] {
        let text = manifest(package);
        let section = text.split("[dependencies]").nth(1).unwrap_or_default();
        let section = section.split("\n[").next().unwrap_or_default();
        for line in section.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            let name = line.split(['=', '.', ' ']).next().unwrap_or_default();
            assert!(
                ["cc", "inert-build-output", "inert-manifest-spec", "inert-vendored-fallbacks", "toml"]
                    .contains(&name),
                "{package}: {name}"
            );
        }
    }
}

/// The greatest number of lines of a file.
const LONGEST: usize = 650;

/// The files that are longer, with the reasons.
const LONG: &[(&str, &str)] = &[];

#[test]
fn files_are_small() {
    let long = |(path, text): (PathBuf, String)| {
        let lines = text.lines().count();
        (lines > LONGEST).then(|| (path, format!("{lines} lines")))
    };
    let found: Vec<_> = PACKAGES.iter().flat_map(|package| sources(package)).filter_map(long).collect();
    hold(&found, LONG);
}

/// The index of diagnostics is generated from tables; a code that is in no table would be missing in the book.
#[test]
fn every_code_is_in_the_index() {
    let index = std::fs::read_to_string(inert_tests::root().join("docs/reference/diagnostics.md")).unwrap();
    let mut count = 0;
    for (path, text) in sources("cargo-inert") {
        for code in
            text.split("\"inert::").skip(1).filter_map(|rest| rest.split_once('"')).map(|(code, _)| code)
        {
            // A code of this form is replaced by that of its rule.
            if !code.contains("::") {
                continue;
            }
            count += 1;
            assert!(index.contains(&format!("`inert::{code}`")), "{}: inert::{code}", path.display());
        }
    }
    assert!(count > 20, "no codes were found: {count}");
}

/// The threat model names a case for each bypass; if a case was renamed, a promise would be without one.
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
