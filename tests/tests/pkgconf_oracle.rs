//! Compares the `.pc` reader with the `pkgconf` executable, on every `.pc` file of this machine.
//!
//! `tests/fixtures/install-debian-dev-packages.sh` installs some 800 of them. Intended differences are listed in
//! `fixtures/pkgconf-differences.tsv`, with the reasons, and in `docs/reference/differences-pkgconf.md`.
//! `pkgconf_random.rs` tests generated files.

#![expect(clippy::print_stderr, reason = "an oracle says how much it compared")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use inert_resolver::pkgconf::PcSource as _;
use inert_tests::Disk;
use inert_tests::pkgconf::{Told, installed, ours, theirs};

/// A form of query: options, a version range or other modules after the module's name, and the environment.
struct Case {
    options: &'static [&'static str],
    behind: &'static str,
    environment: &'static [(&'static str, &'static str)],
}

const fn case(
    options: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
) -> Case {
    Case { options, behind: "", environment }
}

const SYSTEM: &[(&str, &str)] =
    &[("PKG_CONFIG_ALLOW_SYSTEM_LIBS", "1"), ("PKG_CONFIG_ALLOW_SYSTEM_CFLAGS", "1")];
const SYSROOT: &[(&str, &str)] = &[
    ("PKG_CONFIG_ALLOW_SYSTEM_LIBS", "1"),
    ("PKG_CONFIG_ALLOW_SYSTEM_CFLAGS", "1"),
    ("PKG_CONFIG_SYSROOT_DIR", "/usr"),
];

const OTHER_SYSROOT: &[(&str, &str)] = &[
    ("PKG_CONFIG_ALLOW_SYSTEM_LIBS", "1"),
    ("PKG_CONFIG_ALLOW_SYSTEM_CFLAGS", "1"),
    ("PKG_CONFIG_SYSROOT_DIR", "/opt/root"),
];
const FDO_SYSROOT: &[(&str, &str)] =
    &[("PKG_CONFIG_SYSROOT_DIR", "/opt/root"), ("PKG_CONFIG_FDO_SYSROOT_RULES", "1")];
const TOOLCHAIN: &[(&str, &str)] = &[
    ("PKG_CONFIG_SYSTEM_LIBRARY_PATH", "/opt/lib"),
    ("PKG_CONFIG_SYSTEM_INCLUDE_PATH", "/usr/include/x86_64-linux-gnu"),
    ("LIBRARY_PATH", "/usr/lib/x86_64-linux-gnu"),
    ("C_INCLUDE_PATH", "/usr/include/glib-2.0:/usr/include"),
];

const CASES: &[Case] = &[
    case(&["--cflags"], &[]),
    case(&["--libs"], &[]),
    case(&["--libs", "--cflags"], SYSTEM),
    case(&["--static", "--libs", "--cflags"], SYSTEM),
    case(&["--static", "--libs"], &[]),
    case(&["--static", "--pure", "--libs"], &[]),
    case(&["--libs", "--cflags", "--define-variable=prefix=/opt/x y"], SYSTEM),
    case(&["--libs", "--cflags"], SYSROOT),
    case(&["--static", "--libs", "--cflags"], OTHER_SYSROOT),
    case(&["--libs", "--cflags"], FDO_SYSROOT),
    case(&["--libs", "--cflags"], TOOLCHAIN),
    case(&["--libs", "--cflags"], &[("PKG_CONFIG_MAXIMUM_TRAVERSE_DEPTH", "2")]),
    case(&["--libs", "--cflags", "--define-prefix"], &[]),
    case(&["--variable=pcfiledir"], OTHER_SYSROOT),
    // Options that print no flags are printed in this order, and so can be combined.
    case(&["--modversion", "--path", "--print-variables", "--variable=includedir", "--print-requires"], &[]),
    Case { options: &["--exists"], behind: " >= 1", environment: &[] },
    Case { options: &["--modversion"], behind: " < 2", environment: &[] },
    Case { options: &["--libs", "--cflags"], behind: ", zlib >= 1.2 x11", environment: &[] },
];

#[test]
fn every_pc_file_of_this_machine() {
    let Some(personality) = installed() else { return };
    let modules = modules(&personality.search_paths);
    let listed = differences();

    let work: Vec<(&String, &Case)> =
        modules.iter().flat_map(|module| CASES.iter().map(move |case| (module, case))).collect();
    let answered = AtomicUsize::new(0);
    let unequal = Mutex::new(Vec::new());
    inert_tests::parallel::each(work.len(), |at| {
        let (module, case) = &work[at];
        if listed.contains_key(*module) {
            return;
        }
        let asked = format!("{module}{}", case.behind);
        let arguments: Vec<&str> = case.options.iter().copied().chain([asked.as_str()]).collect();
        let environment: Vec<(String, String)> =
            case.environment.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let expected = match theirs(120, &arguments, &environment) {
            Some(Told::Printed(text)) => Some(text),
            _ => None,
        };
        answered.fetch_add(usize::from(expected.is_some()), Ordering::Relaxed);
        let actual = ours(&personality, &arguments, &environment);
        if actual != expected {
            let text = format!(
                "{environment:?} {}\n  pkgconf: {expected:?}\n  ours:    {actual:?}",
                arguments.join(" ")
            );
            unequal.lock().unwrap().push(text);
        }
    });
    let unequal = unequal.into_inner().unwrap();
    let (modules, answered) = (modules.len(), answered.into_inner());
    eprintln!("{modules} modules, {} questions, {answered} answered by pkgconf", work.len());
    assert!(unequal.is_empty(), "{} unequal:\n{}", unequal.len(), unequal.join("\n"));
}

/// Returns all names in the folders, the first of each.
fn modules(folders: &[String]) -> Vec<String> {
    let mut names: Vec<String> = folders
        .iter()
        .filter_map(|folder| Disk.read_dir(Path::new(folder)).ok())
        .flatten()
        .filter_map(|name| Some(name.strip_suffix(".pc")?.to_owned()))
        .collect();
    names.sort();
    names.dedup();
    names
}

/// Returns the modules that differ intentionally, with the reasons.
fn differences() -> BTreeMap<String, String> {
    include_str!("../fixtures/pkgconf-differences.tsv")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split_once('\t').expect("module, tab, reason"))
        .map(|(module, reason)| (module.to_owned(), reason.to_owned()))
        .collect()
}
