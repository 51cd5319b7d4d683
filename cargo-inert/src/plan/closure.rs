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
    closure.iter().map(|(id, root)| Ok(closure_item(id, &digest::content(root)?))).collect()
}

fn closure_item(id: &PackageId, digest: &str) -> String {
    format!("{} {} {digest}", id.name, id.version)
}

/// Returns the digest of the packages that are linked into a script, by identity and content.
///
/// # Errors
/// A file of a package cannot be read.
pub fn closure_digest(closure: &BTreeMap<PackageId, PathBuf>) -> std::io::Result<String> {
    Ok(closure_digests(closure)?.0)
}

pub(super) fn closure_digests(closure: &BTreeMap<PackageId, PathBuf>) -> std::io::Result<(String, Closure)> {
    let mut text = String::new();
    let mut each = Closure::new();
    for (id, root) in closure {
        let found = digest::content(root)?;
        // The path of a folder differs between checkouts, so it is left out; its contents are in the digest.
        let source = if id.is_path() { "path" } else { &id.source };
        text.push_str(&format!("{} {} {source} {found}\n", id.name, id.version));
        each.insert(root.clone(), found);
    }
    Ok((format!("sha256:{}", digest::text(&text)), each))
}

/// Returns whether an entry lists the linked packages: by the digest of all of them, or each one.
pub(super) fn is_listed(
    listed: &[String],
    whole: &str,
    closure: &BTreeMap<PackageId, PathBuf>,
    each: &Closure,
) -> bool {
    let one = |(id, root): (&PackageId, &PathBuf)| {
        each.get(root).is_some_and(|digest| listed.contains(&closure_item(id, digest)))
    };
    listed.iter().any(|item| item == whole) || closure.iter().all(one)
}
