//! Compares `inert-build`, which is a package's build script under plain cargo, with `inert-resolver`, which
//! replaces it under Inert: both carry out the resolver's case folders.
//!
//! The test has no harness, since this program starts itself as a build script, with an environment of its own for
//! each case.

#![expect(clippy::disallowed_methods, reason = "starts itself as Cargo would start a build script")]
#![expect(clippy::print_stdout, reason = "a test without a harness says itself what it did")]

use std::path::{Path, PathBuf};
use std::process::Command;

use toml::de::{DeTable, DeValue};

/// The keys of `request.toml` that only a driver can know, or that a build script cannot influence.
const DRIVERS: &[&str] = &[
    "libraries",
    "library-kind",
    "library-prefix",
    "dep-roots",
    "build-dependencies",
    "store",
    "stamp",
    "rustc",
    "reruns",
];

/// The intended differences between the two, with the reasons.
const DIFFERENT: &[(&str, &str)] = &[
    ("cc-cpp-wasm", "cc links no C++ library there, and a plain build is as a script's would be"),
    ("cc-reserved-out-dir", "what is written is the package's own affair under plain cargo"),
    ("link-search-unnamed", "files of a search folder are taken on trust"),
    ("library-region-*", "regions of a linker's line are read as the pkg-config crate reads them"),
    ("library-flag*", "flags are read as the pkg-config crate reads them"),
    ("library-names-none", "a .pc file that names no library is warned of under Inert alone"),
];

fn main() {
    if std::env::args().nth(1).as_deref() == Some("--as-build-script") {
        return inert_build::build_script();
    }
    // A harness would report the same for a filter without matches.
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    let folder = inert_tests::root().join("resolver/tests/cases");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .expect("the case folders")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a plain name"))
        .filter(|name| name.contains(&filter))
        .collect();
    names.sort();
    let (mut compared, mut failures) = (0, Vec::new());
    for name in &names {
        match compare(&folder.join(name), name) {
            Ok(true) => compared += 1,
            Ok(false) => {}
            Err(difference) => failures.push(format!("== {name}\n{difference}")),
        }
    }
    println!("{compared} of {} cases compared", names.len());
    assert!(failures.is_empty(), "these differ:\n{}", failures.join("\n"));
    assert!(compared >= 55 || !filter.is_empty(), "only {compared} cases were compared");
}

/// Returns whether a name matches a row: it is equal, or begins with the part before a `*`.
fn is(row: &str, name: &str) -> bool {
    row.strip_suffix('*').map_or(row == name, |start| name.starts_with(start))
}

fn compare(case: &Path, name: &str) -> Result<bool, String> {
    let expected = std::fs::read_to_string(case.join("expected.txt")).expect("expected.txt");
    let request = std::fs::read_to_string(case.join("request.toml")).unwrap_or_default();
    let request = DeTable::parse(&request).expect("request.toml is TOML").into_inner();
    let of_the_driver = DRIVERS.iter().any(|key| request.contains_key(*key));
    // Under plain cargo a package may do what a declaration is refused.
    let refused = ["failure (refused)", "not a declaration", "unprintable"];
    let refused = refused.iter().any(|start| expected.starts_with(start));
    if of_the_driver || refused || DIFFERENT.iter().any(|(different, _)| is(different, name)) {
        return Ok(false);
    }
    let root = tempfile::tempdir().expect("a folder");
    let root = std::fs::canonicalize(root.path()).map(|path| (root, path)).expect("it is there");
    let actual = run(case, &root.1, &request);
    // Inert reports a library that is not linked as requested; the pkg-config and vcpkg crates do not.
    let left_out = if expected.contains(" asks for ") || expected.contains(" cannot be told") {
        "cargo:warning="
    } else {
        "cargo:rerun-if-"
    };
    let directives = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.starts_with("cargo:"));
        let told = lines.filter(|line| !line.contains("rerun-if-") && !line.starts_with(left_out));
        told.map(str::to_owned).collect()
    };
    match (expected.starts_with("failure"), actual) {
        (true, Err(_)) => Ok(true),
        (true, Ok(printed)) => Err(format!("it succeeds, and should not: {expected}\n{printed}")),
        (false, Err(message)) => Err(format!("it fails:\n{message}")),
        (false, Ok(printed)) => {
            let (wanted, said) = (directives(&expected), directives(&printed));
            let files: Vec<&str> = expected
                .lines()
                .filter_map(|line| line.strip_prefix("file ").or(line.strip_prefix("archive ")))
                .filter_map(|rest| rest.split(':').next())
                .collect();
            let missing: Vec<_> =
                files.into_iter().filter(|file| !root.1.join("out").join(file).is_file()).collect();
            if wanted == said && missing.is_empty() {
                return Ok(true);
            }
            Err(format!("wanted:\n{}\nsaid:\n{}\nmissing: {missing:?}", wanted.join("\n"), said.join("\n")))
        }
    }
}

/// Returns the output of the build script, with folders written as in `expected.txt`, or its message.
fn run(case: &Path, root: &Path, request: &DeTable<'_>) -> Result<String, String> {
    let (package, out) = (root.join("package"), root.join("out"));
    copy(&case.join("package"), &package);
    std::fs::create_dir_all(&out).expect("a folder");
    std::fs::write(out.join("left-over.txt"), "of an earlier run").expect("writable");
    let text = std::fs::read_to_string(case.join("declaration.toml")).expect("declaration.toml");
    let declaration = inert_manifest_spec::parse_declaration(&text).declaration.expect("it parses");
    let table = inert_manifest_spec::write::declaration_at(&declaration, "package.metadata.inert");
    std::fs::write(package.join("Cargo.toml"), format!("[package]\nname = \"example\"\n\n{table}"))
        .expect("writable");

    let text = |key: &str, default: &str| {
        request.get(key).and_then(|value| value.get_ref().as_str()).unwrap_or(default).to_owned()
    };
    let pairs = |key: &str| -> Vec<(String, String)> {
        let table = request.get(key).and_then(|value| value.get_ref().as_table());
        let rows = table.into_iter().flatten();
        rows.map(|(name, value)| {
            let DeValue::String(value) = value.get_ref() else { panic!("not a string: {value:?}") };
            (name.get_ref().to_string(), value.replace("$ROOT", &root.display().to_string()))
        })
        .collect()
    };
    for (link, target) in pairs("symlinks") {
        #[cfg(unix)]
        std::os::unix::fs::symlink(target, root.join(link)).expect("a symlink");
    }
    let host = host();
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.arg("--as-build-script").env_clear().current_dir(&package);
    for name in ["PATH", "HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "CARGO_HOME"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    let debug = request.get("debug").is_some_and(|value| value.get_ref().as_bool() == Some(true));
    let version = text("version", "1.2.3");
    let (numbers, after) = version.split_once('-').unwrap_or((&version, ""));
    let mut numbers = numbers.split('.');
    for (name, value) in [
        ("CARGO_MANIFEST_DIR", package.display().to_string()),
        ("OUT_DIR", out.display().to_string()),
        ("CARGO_PKG_NAME", text("name", "example")),
        ("CARGO_PKG_VERSION", version.clone()),
        ("CARGO_PKG_VERSION_MAJOR", numbers.next().unwrap_or_default().to_owned()),
        ("CARGO_PKG_VERSION_MINOR", numbers.next().unwrap_or_default().to_owned()),
        ("CARGO_PKG_VERSION_PATCH", numbers.next().unwrap_or_default().to_owned()),
        ("CARGO_PKG_VERSION_PRE", after.split('+').next().unwrap_or_default().to_owned()),
        ("CARGO_PKG_RUST_VERSION", text("rust-version", "")),
        ("CARGO_CFG_FEATURE", text("features", "")),
        ("TARGET", text("target", &host)),
        ("HOST", text("host", &host)),
        ("PROFILE", text("profile", "debug")),
        ("OPT_LEVEL", text("opt-level", "0")),
        ("DEBUG", debug.to_string()),
        ("RUSTC", "rustc".to_owned()),
        ("NUM_JOBS", "1".to_owned()),
    ] {
        command.env(name, value);
    }
    for (name, value) in pairs("cfg") {
        command.env(format!("CARGO_CFG_{}", name.to_uppercase()), value);
    }
    for (name, value) in pairs("dep") {
        let (links, key) = name.split_once('.').expect("links.key");
        command.env(inert_resolver::request::DepMetadata::variable(links, key), value);
    }
    for (name, value) in pairs("env") {
        command.env(name, value.replace("$PKG", &package.display().to_string()));
    }
    let output = command.output().expect("it starts");
    let shown = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let text = text.replace(&package.display().to_string(), "$PKG");
        text.replace(&out.display().to_string(), "$OUT")
    };
    if output.status.success() { Ok(shown(&output.stdout)) } else { Err(shown(&output.stderr)) }
}

fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().find_map(|line| line.strip_prefix("host: ")).expect("it says its host").to_owned()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    let mut pending = vec![PathBuf::new()];
    while let Some(below) = pending.pop() {
        for entry in std::fs::read_dir(from.join(&below)).into_iter().flatten() {
            let below = below.join(entry.expect("an entry").file_name());
            if from.join(&below).is_dir() {
                std::fs::create_dir_all(to.join(&below)).expect("a folder");
                pending.push(below);
            } else {
                std::fs::copy(from.join(&below), to.join(&below)).expect("a copy");
            }
        }
    }
}
