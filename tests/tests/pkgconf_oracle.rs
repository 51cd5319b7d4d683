//! The `.pc` reader against the `pkgconf` executable, over every `.pc` file that this machine has.
//!
//! `tests/fixtures/install-debian-dev-packages.sh` brings some 800 of them. Differences on purpose are listed in
//! `fixtures/pkgconf-differences.tsv`, with the reason, and in `docs/reference/differences-pkgconf.md`.

#![expect(clippy::print_stderr, reason = "an oracle says how much it compared")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use inert_resolver::pkgconf::{Client, Config, PcSource as _, Personality, Want, parse_dependencies, render};
use inert_tests::Disk;

/// One way to ask, by its arguments and environment.
struct Case {
    arguments: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
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

const CASES: &[Case] = &[
    Case { arguments: &["--cflags"], environment: &[] },
    Case { arguments: &["--libs"], environment: &[] },
    Case { arguments: &["--libs", "--cflags"], environment: SYSTEM },
    Case { arguments: &["--static", "--libs", "--cflags"], environment: SYSTEM },
    Case { arguments: &["--static", "--libs"], environment: &[] },
    Case { arguments: &["--static", "--pure", "--libs"], environment: &[] },
    Case { arguments: &["--libs", "--cflags", "--define-variable=prefix=/opt/x y"], environment: SYSTEM },
    Case { arguments: &["--libs", "--cflags"], environment: SYSROOT },
    Case { arguments: &["--static", "--libs", "--cflags"], environment: OTHER_SYSROOT },
    Case { arguments: &["--libs", "--cflags"], environment: FDO_SYSROOT },
    Case { arguments: &["--variable=pcfiledir"], environment: OTHER_SYSROOT },
    Case { arguments: &["--modversion"], environment: &[] },
    Case { arguments: &["--variable=includedir"], environment: &[] },
];

#[test]
fn every_pc_file_of_this_machine() {
    let Some(paths) = pkgconf(&["--variable=pc_path", "pkg-config"], &[]) else {
        eprintln!("no pkgconf here: nothing to compare with");
        return;
    };
    let version = pkgconf(&["--version"], &[]).unwrap_or_default();
    if !version.stdout.starts_with("1.8.") {
        let version = version.stdout.trim();
        eprintln!(
            "held against pkgconf 1.8, which merges flags in another way than {version}: nothing is compared here"
        );
        return;
    }
    let folders: Vec<PathBuf> = paths.stdout.trim().split(':').map(PathBuf::from).collect();
    let modules = modules(&folders);
    let personality = personality(&folders);
    let listed = differences();

    let work: Vec<(&String, &Case)> =
        modules.iter().flat_map(|module| CASES.iter().map(move |case| (module, case))).collect();
    let next = AtomicUsize::new(0);
    let answered = AtomicUsize::new(0);
    let unequal = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some((module, case)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if listed.contains_key(*module) {
                        continue;
                    }
                    let expected = pkgconf(&with(case.arguments, module), case.environment);
                    let actual = ours(&personality, case, module);
                    let expected = expected.and_then(|output| output.success.then_some(output.stdout));
                    answered.fetch_add(usize::from(expected.is_some()), Ordering::Relaxed);
                    if actual != expected {
                        let text = format!(
                            "{:?} {} {module}\n  pkgconf: {expected:?}\n  ours:    {actual:?}",
                            case.environment,
                            case.arguments.join(" ")
                        );
                        unequal.lock().unwrap().push(text);
                    }
                }
            });
        }
    });
    let unequal = unequal.into_inner().unwrap();
    let (modules, answered) = (modules.len(), answered.into_inner());
    eprintln!("{modules} modules, {} questions, {answered} answered by pkgconf", work.len());
    assert!(unequal.is_empty(), "{} unequal:\n{}", unequal.len(), unequal.join("\n"));
}

/// All names in the folders, the first of each.
fn modules(folders: &[PathBuf]) -> Vec<String> {
    let mut names: Vec<String> = folders
        .iter()
        .filter_map(|folder| Disk.read_dir(folder).ok())
        .flatten()
        .filter_map(|name| Some(name.strip_suffix(".pc")?.to_owned()))
        .collect();
    names.sort();
    names.dedup();
    names
}

/// What this machine's pkgconf has built in.
fn personality(folders: &[PathBuf]) -> Personality {
    let list = |name: &str| {
        let output = pkgconf(&[&format!("--variable={name}"), "pkg-config"], &[]).unwrap_or_default();
        output.stdout.trim().split(':').map(str::to_owned).collect()
    };
    Personality {
        search_paths: folders.iter().map(|path| path.to_string_lossy().into_owned()).collect(),
        library_paths: list("pc_system_libdirs"),
        include_paths: list("pc_system_includedirs"),
        ..Personality::default()
    }
}

fn ours(personality: &Personality, case: &Case, module: &str) -> Option<String> {
    let environment: BTreeMap<_, _> = case.environment.iter().copied().collect();
    let mut variable = |name: &str| environment.get(name).map(|value| (*value).to_owned());
    let mut config = Config::from_environment(&mut variable, personality, false);
    config.is_static |= case.arguments.contains(&"--static");
    config.pure |= case.arguments.contains(&"--pure");
    let argument = |prefix: &str| case.arguments.iter().find_map(|argument| argument.strip_prefix(prefix));
    if let Some((name, value)) = argument("--define-variable=").and_then(|text| text.split_once('=')) {
        config.defines.push((name.to_owned(), value.to_owned()));
    }
    let want =
        Want { cflags: case.arguments.contains(&"--cflags"), libs: case.arguments.contains(&"--libs") };
    let mut source = Disk;
    let mut client = Client::new(&mut source, config);
    let answer = client.query(&parse_dependencies(module), want).ok()?;
    if case.arguments.contains(&"--modversion") {
        return Some(answer.modules.iter().map(|id| format!("{}\n", client.package(*id).version)).collect());
    }
    if let Some(name) = argument("--variable=") {
        let values: Vec<_> =
            answer.modules.iter().map(|id| client.variable(*id, name).unwrap_or_default()).collect();
        return Some(values.join(" ") + "\n");
    }
    let flags = render(answer.cflags.iter().chain(&answer.libs));
    Some(String::from_utf8(flags).ok()? + "\n")
}

#[derive(Default)]
struct Output {
    success: bool,
    stdout: String,
}

fn with<'a>(arguments: &[&'a str], module: &'a str) -> Vec<&'a str> {
    arguments.iter().copied().chain([module]).collect()
}

#[expect(clippy::disallowed_methods, reason = "the oracle is a program")]
fn pkgconf(arguments: &[&str], environment: &[(&str, &str)]) -> Option<Output> {
    let output = Command::new("pkgconf")
        .args(arguments)
        .env_clear()
        .envs(environment.iter().copied())
        .output()
        .ok()?;
    Some(Output {
        success: output.status.success(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
    })
}

/// Modules that differ on purpose, with the reason.
fn differences() -> BTreeMap<String, String> {
    include_str!("../fixtures/pkgconf-differences.tsv")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split_once('\t').expect("module, tab, reason"))
        .map(|(module, reason)| (module.to_owned(), reason.to_owned()))
        .collect()
}
