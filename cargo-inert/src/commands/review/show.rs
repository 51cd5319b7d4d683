//! The texts for a script or a proc macro that waits for a decision. The caller escapes them.

mod linked;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::cargo::package::PackageId;
use crate::file::{one_line, shown};
use crate::plan::model::{Decision, RefusedMacro};
use crate::policy::{Matcher, Policy};
use crate::report::{denied, difference, refusal};

/// The number of lines of a script that are shown.
const MOST: usize = 400;

/// Returns the text for a script: its package, why it waits, and its source or declaration.
pub(super) fn script(decision: &Decision, policy: &Policy, at: usize, total: usize) -> String {
    let id = &decision.package.id;
    let mut text = format!("\n({at}/{total}) {} {} ({})\n", id.name, id.version, one_line(&decision.source));
    text.push_str(&format!("  needed by  {}\n", denied::via(&decision.via)));
    if let Some(reason) = refusal::reason(decision) {
        text.push_str(&format!("  why        {}\n", one_line(&reason)));
    }
    for line in &decision.residue {
        text.push_str(&format!("  underived  {}\n", one_line(line)));
    }
    let linked: Vec<String> = decision.build_closure.keys().map(ToString::to_string).collect();
    if !linked.is_empty() {
        text.push_str(&format!("  linked in  {}\n", linked.join(", ")));
    }
    let entries = policy.allow.iter().filter(|entry| entry.package.name == id.name);
    let listed: Vec<&String> = entries.flat_map(|entry| &entry.build_dependencies).collect();
    text.push_str(&linked::changed(&decision.build_closure, &listed));
    text.push_str(&linked::uses(&decision.build_closure, &listed));
    text.push_str(&format!("  {}\n", shown(&decision.script)));
    text.push_str(&format!(
        "  `cargo inert observe {}` runs it confined, and finds the rights that it needs\n\n",
        id.name
    ));
    let script =
        crate::file::read_text(&decision.script).unwrap_or_else(|error| format!("(unreadable: {error})"));
    if let Some(declared) = decision.declared.as_ref().filter(|_| !decision.unreviewed.is_empty()) {
        text.push_str(&format!("its declaration, from {}:\n\n", declared.place));
        declared.text.lines().for_each(|line| text.push_str(&format!("    {line}\n")));
        text.push('\n');
    }
    match before(decision, policy) {
        Some((version, old)) if old == script => {
            text.push_str(&format!("the script is that of {version}, which was decided before\n\n"));
        }
        Some((version, old)) => {
            text.push_str(&format!(
                "since {version}, which was decided before:\n\n{}\n",
                difference::changed(&old, &script)
            ));
        }
        None => text.push_str(&numbered(&script, &marked(decision), MOST)),
    }
    text
}

/// Returns the text for a proc macro: why it waits, the packages that are linked into it, and its source or what
/// changed since the version that was decided before.
pub(super) fn proc_macro(
    refused: &RefusedMacro,
    closure: &BTreeMap<PackageId, PathBuf>,
    policy: &Policy,
    at: usize,
    total: usize,
) -> String {
    let id = &refused.id;
    let mut text = format!(
        "\n({at}/{total}) {} {} ({}), a proc macro\n",
        id.name,
        id.version,
        one_line(&refused.source)
    );
    text.push_str(&format!("  why        {}\n", one_line(&refusal::sentence(&refused.refusal))));
    if !refused.closure.is_empty() {
        let linked: Vec<String> = refused.closure.iter().map(ToString::to_string).collect();
        text.push_str(&format!("  linked in  {}\n", linked.join(", ")));
    }
    let known = policy.macros.iter().filter(|entry| entry.package.name == id.name);
    let listed: Vec<&String> = known.flat_map(|entry| &entry.dependencies).collect();
    text.push_str(&linked::changed(closure, &listed));
    text.push_str(&linked::uses(closure, &listed));
    let sources = sources(&refused.root);
    let lines: usize = sources.values().map(|source| source.lines().count()).sum();
    text.push_str(&format!(
        "  source     {lines} lines in {}; `v` shows them all\n",
        crate::report::counted(sources.len(), "file", "files")
    ));
    let entries = policy.macros.iter().map(|entry| &entry.package);
    let before = decided_before(id, &refused.root, entries).into_iter().next();
    let Some((version, old)) = before.map(|(version, root)| (version, self::sources(&root))) else {
        let root =
            crate::file::read_text(&refused.file).unwrap_or_else(|error| format!("(unreadable: {error})"));
        text.push_str(&format!("  {}\n\n{}", shown(&refused.file), numbered(&root, &BTreeSet::new(), MOST)));
        return text;
    };
    text.push_str(&format!("\nsince {version}, which was decided before:\n\n"));
    let length = text.len();
    for name in old.keys().chain(sources.keys()).collect::<BTreeSet<_>>() {
        let of = |all: &BTreeMap<PathBuf, String>| all.get(name).cloned().unwrap_or_default();
        let changed = difference::changed(&of(&old), &of(&sources));
        if !changed.is_empty() {
            text.push_str(&format!("{}\n{changed}\n", shown(name)));
        }
    }
    if text.len() == length {
        text.push_str("no line of Rust changed\n\n");
    }
    text
}

/// Returns all Rust sources of a package, with line numbers.
pub(super) fn all_sources(root: &Path) -> String {
    let of = |(name, text): (&PathBuf, &String)| {
        format!("{}\n{}", shown(name), numbered(text, &BTreeSet::new(), usize::MAX))
    };
    sources(root).iter().map(of).collect()
}

/// Returns the Rust sources of a package by their path in it. For a file that cannot be read the text is the reason.
fn sources(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(_) if path.extension().is_some_and(|extension| extension == "rs") => {
                    let text = crate::file::read_text(&path)
                        .unwrap_or_else(|error| format!("(unreadable: {error})"));
                    found.insert(path.strip_prefix(root).unwrap_or(&path).to_path_buf(), text);
                }
                _ => {}
            }
        }
    }
    found
}

fn numbered(script: &str, marked: &BTreeSet<usize>, most: usize) -> String {
    let mut text = String::new();
    for (at, line) in script.lines().enumerate().take(most) {
        let mark = if marked.contains(&(at + 1)) { '>' } else { ' ' };
        text.push_str(&format!("{mark}{:>4} | {line}\n", at + 1));
    }
    let rest = script.lines().count().saturating_sub(most);
    if rest > 0 {
        text.push_str(&format!("      … {rest} more lines\n"));
    }
    text.push('\n');
    text
}

/// Returns the lines that the residue names, such as 12 for `build.rs:12`.
fn marked(decision: &Decision) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    for line in &decision.residue {
        for piece in line.split(':').skip(1) {
            let digits: String = piece.chars().take_while(char::is_ascii_digit).collect();
            if let Ok(number) = digits.parse() {
                found.insert(number);
                break;
            }
        }
    }
    found
}

/// Returns the script of another version of the package that the policy decides, if Cargo unpacked it beside this one.
fn before(decision: &Decision, policy: &Policy) -> Option<(String, String)> {
    let entries = policy
        .allow
        .iter()
        .map(|entry| &entry.package)
        .chain(policy.declare.iter().map(|entry| &entry.package));
    let script = decision.script.strip_prefix(&decision.package.root).ok()?;
    let mut folders = decided_before(&decision.package.id, &decision.package.root, entries).into_iter();
    folders.find_map(|(version, root)| {
        crate::file::read_text(&root.join(script)).ok().map(|text| (version, text))
    })
}

/// Returns the other versions of a package that entries decide, the newest first, each with the folder into which Cargo
/// unpacked it, beside this one's.
fn decided_before<'p>(
    id: &PackageId,
    root: &Path,
    entries: impl Iterator<Item = &'p Matcher>,
) -> Vec<(String, PathBuf)> {
    let Some(beside) = root.parent() else { return Vec::new() };
    let versions =
        entries.filter(|package| package.name == id.name).filter_map(|package| package.version.clone());
    let mut versions: Vec<String> = versions.filter(|version| *version != id.version).collect();
    versions.sort_by_key(|version| {
        version.split(['.', '-']).map(|part| part.parse::<u64>().ok()).collect::<Vec<_>>()
    });
    versions.dedup();
    let folder = |version: String| {
        let folder = beside.join(format!("{}-{version}", id.name));
        folder.is_dir().then_some((version, folder))
    };
    versions.into_iter().rev().filter_map(folder).collect()
}
