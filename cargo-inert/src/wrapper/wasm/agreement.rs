//! Compares the crates that were compiled for WebAssembly with those that this build links into the script: the same
//! versions with the same features, or the script would say something else there.

use std::collections::BTreeSet;

use super::TARGET;
use crate::cargo::package::PackageId;
use crate::plan::model::wasm::{Dependency, Linked};

/// Returns what the build links of the package that was compiled.
///
/// # Errors
/// The build links no such version.
pub(super) fn of_build<'a>(id: &PackageId, linked: &'a Linked) -> Result<&'a Dependency, String> {
    let is = |one: &&Dependency| one.name == id.name && one.version == id.version;
    linked
        .all
        .iter()
        .find(is)
        .ok_or_else(|| format!("`{id}` is linked into it for {TARGET}, which this build does not link"))
}

/// Refuses a crate that was compiled with other features than the build compiles it with.
///
/// # Errors
/// The build links no such version, or the features differ; the error lists both.
pub fn check(id: &PackageId, features: &BTreeSet<String>, linked: &Linked) -> Result<(), String> {
    let known = of_build(id, linked)?;
    if known.features == *features { Ok(()) } else { Err(differ(id, features, known)) }
}

/// Returns the sentence about a crate whose features differ.
pub(super) fn differ(id: &PackageId, features: &BTreeSet<String>, known: &Dependency) -> String {
    format!(
        "`{id}` has the features [{}] for {TARGET}, and [{}] in this build",
        list(features),
        list(&known.features)
    )
}

fn list(features: &BTreeSet<String>) -> String {
    features.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}
