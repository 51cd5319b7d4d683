//! The files of Cargo's configuration in the tree, for the lock: a change of them can change what is executed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::Configured;
use crate::cargo::configuration::objections::path_from_root;
use crate::cargo::package::path_from;
use crate::digest;
use crate::policy::Policy;

/// The number of files after which a cycle of includes is assumed.
const MOST: usize = 64;

/// Returns the configuration files of the workspace's root and the members' folders, with the files that they include,
/// by path from the root; and each file that the workspace's own policy accepts, wherever it is.
#[must_use]
pub fn locked(root: &Path, folders: &BTreeSet<PathBuf>, policy: &Policy) -> BTreeMap<String, Configured> {
    let digests = digests(root, folders).into_iter();
    let mut found: BTreeMap<_, _> =
        digests.map(|(path, digest)| (path, Configured { digest, accepted: None })).collect();
    for entry in &policy.accepted {
        let Ok(bytes) = crate::file::read(&entry.path) else { continue };
        let digest = format!("sha256:{}", digest::bytes(&bytes));
        // An entry for other contents accepts nothing.
        if digest == entry.digest {
            let accepted = Some(entry.reason.clone());
            found.insert(path_from_root(&entry.path, root), Configured { digest, accepted });
        }
    }
    found
}

fn digests(root: &Path, folders: &BTreeSet<PathBuf>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut pending: Vec<PathBuf> = std::iter::once(root.to_path_buf())
        .chain(folders.iter().cloned())
        .flat_map(|folder| [folder.join(".cargo/config.toml"), folder.join(".cargo/config")])
        .collect();
    while let Some(path) = pending.pop() {
        let Ok(relative) = path.strip_prefix(root) else { continue };
        let name = relative.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
        if found.contains_key(&name) || found.len() > MOST {
            continue;
        }
        let Ok(bytes) = crate::file::read(&path) else { continue };
        found.insert(name, format!("sha256:{}", digest::bytes(&bytes)));
        let folder = path.parent().unwrap_or(root).to_path_buf();
        pending.extend(
            included(&String::from_utf8_lossy(&bytes)).into_iter().map(|more| path_from(&folder, more)),
        );
    }
    found
}

/// Returns the included paths: `include = "x"`, `["x"]`, `{ path = "x" }` or a list of those (the Cargo book,
/// "Including extra configuration files").
fn included(text: &str) -> Vec<String> {
    let Ok(document) = DeTable::parse(text) else { return Vec::new() };
    let Some(value) = document.get_ref().get("include") else { return Vec::new() };
    let one = |value: &DeValue<'_>| match value {
        DeValue::String(path) => Some(path.to_string()),
        DeValue::Table(table) => match table.get("path").map(toml::Spanned::get_ref) {
            Some(DeValue::String(path)) => Some(path.to_string()),
            _ => None,
        },
        _ => None,
    };
    match value.get_ref() {
        DeValue::Array(list) => list.iter().filter_map(|item| one(item.get_ref())).collect(),
        other => one(other).into_iter().collect(),
    }
}
