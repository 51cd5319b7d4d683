//! Compares the scripts of a build with the lock. If they differ, `--locked` refuses the build; otherwise the file is
//! updated.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::context::{Context, Failure};
use super::lock_collect;
use super::prepare::Prepared;
use crate::cargo::invocation::Invocation;
use crate::file::write_atomic;
use crate::lock::entry::{self, Script};
use crate::lock::{FILE, Lock, compare, configuration, text};
use crate::policy::Policy;
use crate::policy::rules::Rules;

/// Compares a build with the lock, if the workspace has one.
///
/// # Errors
/// The lock is invalid; it is out of date and `--locked` was given; or it cannot be written.
pub fn settle(context: &Context, invocation: &Invocation, prepared: &Prepared) -> Result<(), Failure> {
    let root = &prepared.workspace.workspace_root;
    let path = root.join(FILE);
    let Some(old) = Lock::read(&path).map_err(Failure::Lock)? else { return Ok(()) };
    let policy = Policy::of_tree(root).map_err(Failure::Policy)?;
    let now = of_this_build(prepared, &policy, &old)?;
    if now == old {
        return Ok(());
    }
    let changes = compare::changes(&old, &now, &policy);
    if invocation.locked {
        let lines: Vec<String> = changes
            .iter()
            .map(|change| format!("  {}: {} {}", change.label.name(), change.what, change.text))
            .collect();
        return Err(Failure::Refused(format!(
            "{} needs to be updated, but --locked was given; nothing was compiled\n\n{}\n\n  \
             help: run `cargo inert lock`, and review the diff of the file",
            path.display(),
            lines.join("\n")
        )));
    }
    // The lock is made from the whole Cargo.lock if possible; otherwise this build's entries replace those in the file.
    let whole = lock_collect::collect(context, invocation).unwrap_or(now);
    write(&whole, &path)?;
    for change in changes.iter().filter(|change| change.label == compare::Label::Weaker) {
        crate::report::say("Locking", &format!("{}: {} {}", change.label.name(), change.what, change.text));
    }
    Ok(())
}

/// Writes the file, completely or not at all.
///
/// # Errors
/// The folder or the file cannot be written.
pub fn write(lock: &Lock, path: &Path) -> Result<(), Failure> {
    crate::file::writable(path)
        .and_then(|()| write_atomic(path, text::write(lock).as_bytes()))
        .map_err(|error| Failure::Io(format!("{}, which is out of date", path.display()), error))
}

/// Returns the lock with the entries of this build's scripts; the other entries remain as long as Cargo.lock has their
/// package.
fn of_this_build(prepared: &Prepared, policy: &Policy, old: &Lock) -> Result<Lock, Failure> {
    let root = &prepared.workspace.workspace_root;
    let mut lock = old.clone();
    if let Some(known) = packages_of(&prepared.workspace.lock_file()) {
        lock.scripts.retain(|key, _| known.contains(&(key.name.clone(), key.version.clone())));
    }
    for decision in &prepared.plan.decisions {
        let script = Script {
            package: &decision.package,
            source: &decision.source,
            path: &decision.script,
            member: decision.member,
            declared: decision.declared.as_ref(),
        };
        let key = entry::key(&script);
        let mut entry = entry::entry(&script, policy)
            .map_err(|error| Failure::Io(decision.package.root.display().to_string(), error))?;
        if entry.decision == "run" {
            // The inputs are those for all hosts, which one build does not know; its own are pinned by the [[allow]]
            // entry.
            entry.inputs = old.scripts.get(&key).and_then(|old| old.inputs.clone());
        }
        lock.scripts.insert(key, entry);
    }
    let members: BTreeSet<PathBuf> =
        prepared.workspace.manifests().filter_map(Path::parent).map(Path::to_path_buf).collect();
    lock.configuration = configuration::locked(root, &members, policy);
    lock.rules = Some(Rules::of(policy));
    Ok(lock)
}

/// Returns the names and versions in a Cargo.lock.
#[must_use]
pub fn packages_of(path: &Path) -> Option<BTreeSet<(String, String)>> {
    let text = crate::file::read_text(path).ok()?;
    let document = toml::de::DeTable::parse(&text).ok()?;
    let toml::de::DeValue::Array(list) = document.get_ref().get("package")?.get_ref() else { return None };
    let field = |table: &toml::de::DeTable<'_>, name: &str| match table.get(name).map(toml::Spanned::get_ref)
    {
        Some(toml::de::DeValue::String(text)) => Some(text.to_string()),
        _ => None,
    };
    let one = |item: &toml::de::DeValue<'_>| match item {
        toml::de::DeValue::Table(table) => Some((field(table, "name")?, field(table, "version")?)),
        _ => None,
    };
    Some(list.iter().filter_map(|item| one(item.get_ref())).collect())
}
