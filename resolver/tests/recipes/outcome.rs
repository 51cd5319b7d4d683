//! Compares the results of two builds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use inert_resolver::world::{Run, World, process_environment};

use crate::commands::{self, Command};
use crate::project::Built;
use crate::recipe::Oracle;

/// Returns the differences, a line each, without those that the oracle excepts.
pub(crate) fn differences(original: &Built, ours: &Built, oracle: &Oracle) -> Vec<String> {
    let mut lines = Vec::new();
    compare_commands(original, ours, &mut lines);
    for (what, select) in KINDS {
        let (left, right) = (select(&directives(original)), select(&directives(ours)));
        if left != right {
            lines.push(format!("{what}: original {left:?}, ours {right:?}"));
        }
    }
    compare_files(original, ours, &mut lines);
    let idle =
        oracle.except.iter().filter(|except| !lines.iter().any(|line| line.starts_with(except.as_str())));
    let idle: Vec<String> =
        idle.map(|except| format!("`except` names {except:?}, and nothing differs so")).collect();
    lines.retain(|line| !oracle.except.iter().any(|except| line.starts_with(except.as_str())));
    lines.extend(idle);
    lines
}

type Select = fn(&[(String, String)]) -> Vec<String>;

/// Directives for linking are compared as a sequence, the rest as sets.
const KINDS: &[(&str, Select)] = &[
    ("links", |all| {
        let mut seen = BTreeSet::new();
        let links = all.iter().filter(|(key, _)| key.starts_with("rustc-link-"));
        // A folder that is named twice is searched once.
        links.map(|(key, value)| format!("{key}={value}")).filter(|line| seen.insert(line.clone())).collect()
    }),
    ("cfgs", |all| set(all, |key| key == "rustc-cfg")),
    ("variables", |all| set(all, |key| key == "rustc-env")),
    ("metadata", |all| {
        set(all, |key| !key.starts_with("rustc-") && !key.starts_with("rerun-if-") && key != "warning")
    }),
];

fn set(all: &[(String, String)], wanted: fn(&str) -> bool) -> Vec<String> {
    let lines: BTreeSet<String> =
        all.iter().filter(|(key, _)| wanted(key)).map(|(key, value)| format!("{key}={value}")).collect();
    lines.into_iter().collect()
}

fn directives(built: &Built) -> Vec<(String, String)> {
    let mut directives = Vec::new();
    for line in built.printed.lines() {
        let Some(rest) = line.strip_prefix("cargo::").or_else(|| line.strip_prefix("cargo:")) else {
            continue;
        };
        let rest = rest.strip_prefix("metadata=").unwrap_or(rest);
        if let Some((key, value)) = rest.split_once('=') {
            directives.push((key.to_owned(), shorten(built, value)));
        }
    }
    directives
}

fn shorten(built: &Built, text: &str) -> String {
    // OUT_DIRs of other packages lie in target folders that differ too.
    let text = text.replace("/target-original/", "/target/").replace("/target-ours/", "/target/");
    let out_dir = built.out_dir.display().to_string();
    let out_dir = out_dir.replace("/target-original/", "/target/").replace("/target-ours/", "/target/");
    text.replace(&out_dir, "$OUT").replace(&built.package.display().to_string(), "$PKG")
}

fn compare_commands(original: &Built, ours: &Built, lines: &mut Vec<String>) {
    let of = |built: &Built| commands::compiles(&built.calls, &built.package, &|text| shorten(built, text));
    let (left, right) = (of(original), of(ours));
    for source in left.keys().filter(|source| !right.contains_key(*source)) {
        lines.push(format!("source {source}: only the original compiles it"));
    }
    for source in right.keys().filter(|source| !left.contains_key(*source)) {
        lines.push(format!("source {source}: only ours compiles it"));
    }
    // A difference that is the same for many files is reported once.
    let mut said: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (source, left) in &left {
        let Some(right) = right.get(source) else { continue };
        if left.len() != right.len() {
            lines.push(format!("source {source}: compiled {} times, ours {}", left.len(), right.len()));
        }
        for (left, right) in left.iter().zip(right) {
            for line in between(left, right) {
                said.entry(line).or_default().push(source);
            }
        }
    }
    lines.extend(
        said.into_iter().map(|(line, sources)| format!("{line} ({} files, {})", sources.len(), sources[0])),
    );
}

fn between(left: &Command, right: &Command) -> Vec<String> {
    let mut lines = Vec::new();
    for (what, left, right) in
        [("define", &left.defines, &right.defines), ("flag", &left.flags, &right.flags)]
    {
        lines.extend(left.difference(right).map(|word| format!("{what} {word}: only the original's")));
        lines.extend(right.difference(left).map(|word| format!("{what} {word}: only ours")));
    }
    if left.includes != right.includes {
        lines.push(format!("includes: original {:?}, ours {:?}", left.includes, right.includes));
    }
    lines
}

fn compare_files(original: &Built, ours: &Built, lines: &mut Vec<String>) {
    let (left, right) = (files(&original.out_dir), files(&ours.out_dir));
    for name in left.keys().filter(|name| !right.contains_key(*name)) {
        lines.push(format!("file {name}: only the original writes it"));
    }
    for name in right.keys().filter(|name| !left.contains_key(*name)) {
        lines.push(format!("file {name}: only ours writes it"));
    }
    for (name, left) in &left {
        let Some(right) = right.get(name) else { continue };
        if name.ends_with(".a") {
            let (left, right) = (symbols(left), symbols(right));
            let only: Vec<_> = left.symmetric_difference(&right).collect();
            if !only.is_empty() || left.is_empty() {
                lines.push(format!(
                    "symbols {name}: {} in the original, {} in ours, different: {only:?}",
                    left.len(),
                    right.len()
                ));
            }
        } else {
            let text = |path: &Path, built: &Built| {
                let bytes = std::fs::read(path).expect("readable");
                String::from_utf8(bytes).map_or_else(
                    |error| error.into_bytes(),
                    |text| shorten(built, text.trim_end()).into_bytes(),
                )
            };
            if text(left, original) != text(right, ours) {
                lines.push(format!("file {name}: its content differs"));
            }
        }
    }
}

/// Returns the files of OUT_DIR without those that compilers leave behind.
fn files(folder: &Path) -> BTreeMap<String, PathBuf> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).expect("below it").display().to_string();
            let left =
                [".o", ".d"].iter().any(|ending| name.ends_with(ending)) || name.contains("flag_check");
            if !left {
                files.insert(name, path);
            }
        }
    }
    files
}

fn symbols(archive: &Path) -> BTreeSet<String> {
    let mut world =
        World::new(process_environment(), Path::new(env!("CARGO_TARGET_TMPDIR")).join("recipes/nm"));
    let program = world.find_program("nm").expect("binutils");
    let args = vec!["-g".into(), "--defined-only".into(), "-j".into(), archive.into()];
    let output = world.run(&Run { program, args, ..Run::default() }).expect("nm runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.ends_with(':'))
        .map(str::to_owned)
        .collect()
}
