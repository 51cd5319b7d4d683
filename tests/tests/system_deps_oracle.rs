//! Compares `[package.metadata.system-deps]` with system-deps 9 itself, run as a build script would run it: every
//! manifest of `fixtures/system-deps`, with every environment, feature set and target below. A case is a folder
//! with a manifest.

#![expect(clippy::print_stdout, reason = "an oracle says how much it compared")]

#[path = "system_deps/ask.rs"]
mod ask;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ask::{HOST, TARGETS, ours, theirs};

const FEATURES: &[&[&str]] =
    &[&[], &["with-alpha", "v1"], &["with_beta", "v2"], &["v2", "v2_10"], &["v2_10", "v9"], &["v1"]];

type Environment = &'static [(&'static str, &'static str)];

const ENVIRONMENTS: &[Environment] = &[
    &[],
    &[("SYSTEM_DEPS_LINK", "static")],
    &[("SYSTEM_DEPS_STATICS_LINK", "static"), ("SYSTEM_DEPS_FILES_LINK", "static")],
    &[("SYSTEM_DEPS_LINK", "dynamic"), ("STATICS_STATIC", "1"), ("PKG_CONFIG_ALL_STATIC", "1")],
    &[("SYSTEM_DEPS_ALPHA_LIB", "a b"), ("SYSTEM_DEPS_ALPHA_SEARCH_NATIVE", "/x/lib:/y")],
    &[("SYSTEM_DEPS_ALPHA_LIB", ""), ("SYSTEM_DEPS_ALPHA_INCLUDE", "/i:/j"), ("SYSTEM_DEPS_LINK", "static")],
    &[("SYSTEM_DEPS_ALPHA_LIB_FRAMEWORK", "Foo Bar"), ("SYSTEM_DEPS_ALPHA_SEARCH_FRAMEWORK", "/f")],
    &[("SYSTEM_DEPS_ALPHA_LDFLAGS", "-rpath,/opt/x --as-needed")],
    &[("SYSTEM_DEPS_ALPHA_NO_PKG_CONFIG", "1")],
    &[("SYSTEM_DEPS_ALPHA_NO_PKG_CONFIG", "1"), ("SYSTEM_DEPS_ALPHA_LIB", "given")],
    &[
        ("SYSTEM_DEPS_G_LIB_THING_LIB", "x"),
        ("SYSTEM_DEPS_SOME_LIB_2_0_LIB", "y"),
        ("SYSTEM_DEPS_XML_HTTP2_LIB", "z"),
    ],
    &[("SYSTEM_DEPS_BUILD_INTERNAL", "never"), ("SYSTEM_DEPS_ALPHA_BUILD_INTERNAL", "auto")],
    &[("SYSTEM_DEPS_ALPHA_BUILD_INTERNAL", "always")],
    &[("SYSTEM_DEPS_BUILD_INTERNAL", "sometimes")],
    &[("ALPHA_NO_PKG_CONFIG", "1")],
    &[("PKG_CONFIG_ALLOW_SYSTEM_LIBS", "1")],
    &[("PKG_CONFIG_SYSROOT_DIR", "/sysroot"), ("SYSTEM_DEPS_LINK", "static")],
    &[("PKG_CONFIG", "pkgconf")],
];

#[test]
fn system_deps_says_the_same() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/system-deps");
    let mut cases = manifests(&fixtures);
    // Published manifests are added, if the folder of a collection is set.
    let elsewhere = option_env!("INERT_SYSTEM_DEPS_MANIFESTS");
    cases.extend(elsewhere.into_iter().flat_map(|folder| manifests(Path::new(folder))));
    let (mut asked, mut answered) = (0, 0);
    let mut unequal = Vec::new();
    for case in &cases {
        for target in TARGETS {
            // The parts that depend on the target do not depend on features or most variables.
            let all = *target == HOST;
            for features in &FEATURES[..if all { FEATURES.len() } else { 1 }] {
                for environment in &ENVIRONMENTS[..if all { ENVIRONMENTS.len() } else { 5 }] {
                    let mut variables = BTreeMap::from([
                        (
                            "PKG_CONFIG_PATH".to_owned(),
                            format!("{}:{}", fixtures.join("pc").display(), elsewhere.unwrap_or("/none")),
                        ),
                        ("PKG_CONFIG_LIBDIR".to_owned(), String::new()),
                        ("PKG_CONFIG_ALLOW_CROSS".to_owned(), "1".to_owned()),
                        ("PATH".to_owned(), "/usr/bin:/bin".to_owned()),
                    ]);
                    variables.extend(
                        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
                    );
                    let theirs = theirs(case, target, features, &variables);
                    let ours = ours(case, target, features, &variables);
                    asked += 1;
                    answered += usize::from(theirs.is_some());
                    if ours.as_ref().ok() != theirs.as_ref() {
                        unequal.push(format!(
                            "{} {target} {features:?} {environment:?}\n  crate: {theirs:#?}\n  ours:  {ours:#?}",
                            case.display()
                        ));
                    }
                }
            }
        }
    }
    println!("{} manifests, {asked} questions, {answered} answered by system-deps", cases.len());
    assert!(unequal.is_empty(), "{} unequal:\n{}", unequal.len(), unequal[..unequal.len().min(8)].join("\n"));
}

fn manifests(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut folders: Vec<_> = entries.filter(|folder| folder.join("Cargo.toml").is_file()).collect();
    folders.sort();
    folders
}
