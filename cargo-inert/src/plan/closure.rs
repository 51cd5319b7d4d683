//! The packages that are linked into a build script or a proc macro, by identity and content, as policy entries pin
//! them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::model::Closure;
use crate::cargo::package::PackageId;
use crate::digest;

/// Returns the items that an `[[allow]]` entry lists, one for each package that may be linked into a script on any
/// host.
///
/// # Errors
/// A file of a package cannot be read.
pub fn closure_items(closure: &BTreeMap<PackageId, PathBuf>) -> std::io::Result<Vec<String>> {
    closure.iter().map(|(id, root)| Ok(closure_item(id, &digest::package(root)?))).collect()
}

fn closure_item(id: &PackageId, digest: &str) -> String {
    format!("{} {} {digest}", id.name, id.version)
}

/// Returns the digest of the packages that are linked into a script, by identity, content and, where the system has
/// them, executable files, in the form of [`digest::package`].
///
/// # Errors
/// A file of a package cannot be read.
pub fn closure_digest(closure: &BTreeMap<PackageId, PathBuf>) -> std::io::Result<String> {
    Ok(closure_digests(closure)?.0)
}

/// Returns the digest of the packages that are linked into a script without that of their executable files, so that it
/// is the same on every system.
///
/// # Errors
/// A file of a package cannot be read.
pub fn closure_content(closure: &BTreeMap<PackageId, PathBuf>) -> std::io::Result<String> {
    Ok(digest::split(&closure_digest(closure)?).0.to_owned())
}

pub(super) fn closure_digests(closure: &BTreeMap<PackageId, PathBuf>) -> std::io::Result<(String, Closure)> {
    let (mut text, mut modes) = (String::new(), String::new());
    let mut each = Closure::new();
    for (id, root) in closure {
        let found = digest::package(root)?;
        let (content, executable) = digest::split(&found);
        // The path of a folder differs between checkouts, so it is left out; its contents are in the digest.
        let source = if id.is_path() { "path" } else { &id.source };
        let name = format!("{} {} {source}", id.name, id.version);
        text.push_str(&format!("{name} {content}\n"));
        modes.extend(executable.map(|executable| format!("{name} {executable}\n")));
        each.insert(root.clone(), found);
    }
    let content = format!("sha256:{}", digest::text(&text));
    let whole = match modes.as_str() {
        "" => content,
        modes => digest::with_executable(&content, &digest::text(modes)[..16]),
    };
    Ok((whole, each))
}

/// Returns whether an entry lists the linked packages: by the digest of all of them, or each one.
pub(super) fn is_listed(
    listed: &[String],
    whole: &str,
    closure: &BTreeMap<PackageId, PathBuf>,
    each: &Closure,
) -> bool {
    let pins = |found: &str| listed.iter().any(|item| digest::is_pinned(item, found));
    let one = |(id, root): (&PackageId, &PathBuf)| {
        each.get(root).is_some_and(|digest| pins(&closure_item(id, digest)))
    };
    pins(whole) || closure.iter().all(one)
}

/// Returns the packages, as name and version, of which an entry does not list the present files: all of them if it lists
/// them by one digest, which does not say which differs.
pub(super) fn not_listed(
    listed: &[String],
    closure: &BTreeMap<PackageId, PathBuf>,
    each: &Closure,
) -> Vec<String> {
    let pins = |found: &str| listed.iter().any(|item| digest::is_pinned(item, found));
    let other = |root: &PathBuf, id: &PackageId| {
        !each.get(root).is_some_and(|digest| pins(&closure_item(id, digest)))
    };
    let others = closure.iter().filter(|(id, root)| other(root, id));
    others.map(|(id, _)| format!("{} {}", id.name, id.version)).collect()
}
