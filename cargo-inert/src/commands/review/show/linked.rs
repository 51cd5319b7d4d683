//! What the packages that are linked into a script or a macro name of processes, the network, files and `unsafe`, and what
//! an update adds to that.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::cargo::package::PackageId;
use crate::file::{one_line, shown};
use crate::plan::closure::{closure_digest, closure_items};
use crate::report::uses::{Kind, Use, Uses};

/// The number of added uses of a package that are shown.
const MOST: usize = 20;

/// The number of uses of each kind that are shown of a package that was not decided before.
const EXAMPLES: usize = 2;

/// Returns a line for each package, and one for each use that the version that an entry lists does not have. `listed` are the
/// items of entries (`name version digest`), or a digest of all; there are none if nothing was decided before.
pub(super) fn uses(closure: &BTreeMap<PackageId, PathBuf>, listed: &[&String]) -> String {
    let mut text = String::new();
    for (id, root) in closure {
        let now = Uses::of(root);
        let counts = now.counts();
        if counts.is_empty() && now.unread.is_empty() {
            continue;
        }
        text.push_str(&format!("  names      {} {}: {counts}", id.name, id.version));
        if !now.unread.is_empty() {
            let files: Vec<String> = now.unread.iter().map(|path| shown(path)).collect();
            text.push_str(&format!("; not read as Rust: {}", files.join(", ")));
        }
        text.push('\n');
        match before(id, root, listed) {
            Some(Before { version, .. }) if version == id.version => {}
            Some(Before { version, known }) => {
                let Some(folder) = beside(id, root, &version).filter(|folder| folder.is_dir()) else {
                    text.push_str(&format!("             {version}, {known}, is not here to compare\n"));
                    continue;
                };
                let added = now.added_since(&Uses::of(&folder)).into_iter().map(line).collect::<Vec<_>>();
                let none = if added.is_empty() { "none more than" } else { "since" };
                text.push_str(&format!("             {none} {version}, {known}\n"));
                added.iter().take(MOST).for_each(|line| text.push_str(&format!("           + {line}\n")));
                if added.len() > MOST {
                    text.push_str(&format!("           + … {} more\n", added.len() - MOST));
                }
            }
            None => {
                let mut count = BTreeMap::new();
                // Examples of `unsafe` would say no more than its number does.
                for one in now.found.iter().filter(|one| one.kind != Kind::Unsafe) {
                    let seen: &mut usize = count.entry(one.kind).or_default();
                    *seen += 1;
                    if *seen <= EXAMPLES {
                        text.push_str(&format!("             {}\n", line(one)));
                    }
                }
            }
        }
    }
    if text.is_empty() {
        return text;
    }
    let note = "by their names alone, which a macro or an import may hide";
    format!("  linked in, what the sources name ({note}):\n{text}")
}

/// Returns what has changed in what is linked in since an entry for the package: each package, where the entry lists them; else, since
/// it pins all of them by one digest, whether anything has.
pub(super) fn changed(closure: &BTreeMap<PackageId, PathBuf>, listed: &[&String]) -> String {
    if listed.is_empty() {
        return String::new();
    }
    let items = listed.iter().filter(|item| item.contains(' '));
    let before: BTreeSet<&str> = items.map(|item| item.as_str()).collect();
    if before.is_empty() {
        let now = closure_digest(closure).unwrap_or_default();
        return match listed.iter().any(|digest| **digest == now) {
            true => "  since then  what is linked in is as an entry has it\n".to_owned(),
            false => "  since then  what is linked in is not as an entry has it, which pins all by one digest: which of them is \
                      other is not known\n"
                .to_owned(),
        };
    }
    let now: Vec<String> = match closure_items(closure) {
        Ok(items) => items,
        Err(error) => return format!("  since then  what is linked in cannot be read: {error}\n"),
    };
    let now: BTreeSet<&str> = now.iter().map(String::as_str).collect();
    let package = |item: &str| item.rsplit_once(' ').map_or(item, |(package, _)| package).to_owned();
    let mut lines: BTreeSet<String> = BTreeSet::new();
    for item in before.difference(&now) {
        let same = now.iter().any(|other| package(other) == package(item));
        let _ = lines.insert(format!(
            "{} {}",
            if same { "other files in" } else { "no longer" },
            one_line(&package(item))
        ));
    }
    for item in
        now.difference(&before).filter(|item| !before.iter().any(|other| package(other) == package(item)))
    {
        let _ = lines.insert(format!("new {}", one_line(&package(item))));
    }
    if lines.is_empty() {
        return "  since then  what is linked in is as an entry has it\n".to_owned();
    }
    let lines: Vec<String> = lines.into_iter().collect();
    format!("  since then  linked in: {}\n", lines.join(", "))
}

fn line(one: &Use) -> String {
    const LONGEST: usize = 100;
    let code: String = one_line(&one.line).chars().take(LONGEST).collect();
    format!("{} {}:{} {code}", one.kind, shown(&one.place.0), one.place.1)
}

/// An earlier version of a package.
struct Before {
    version: String,
    /// How it is known, for the text.
    known: &'static str,
}

/// Returns the version of a package that an entry lists, its own if that is among several; else, since an entry may pin all
/// packages by one digest, the newest older one that Cargo has unpacked.
fn before(id: &PackageId, root: &Path, listed: &[&String]) -> Option<Before> {
    let versions = listed.iter().filter_map(|item| {
        let mut words = item.split(' ');
        (words.next()? == id.name).then(|| words.next().map(str::to_owned))?
    });
    let mut versions: Vec<String> = versions.collect();
    if versions.contains(&id.version) {
        return Some(Before { version: id.version.clone(), known: "" });
    }
    if listed.is_empty() {
        return None;
    }
    if let Some(version) = versions.pop() {
        return Some(Before { version, known: "which was decided before" });
    }
    let order = |version: &str| {
        version.split(['.', '-', '+']).map(|part| part.parse::<u64>().ok()).collect::<Vec<_>>()
    };
    let names = std::fs::read_dir(root.parent()?).ok()?.flatten().map(|entry| entry.file_name());
    let is_version =
        |text: &&str| text.starts_with(|first: char| first.is_ascii_digit()) && text.contains('.');
    let older = names.filter_map(|name| {
        let version = name.to_str()?.strip_prefix(&id.name)?.strip_prefix('-').filter(is_version)?;
        (order(version) < order(&id.version)).then(|| version.to_owned())
    });
    let version = older.max_by_key(|version| order(version))?;
    Some(Before { version, known: "an older version that lies beside it" })
}

/// Returns the folder of another version of a package, where Cargo unpacks it.
fn beside(id: &PackageId, root: &Path, version: &str) -> Option<PathBuf> {
    Some(root.parent()?.join(format!("{}-{version}", id.name)))
}
