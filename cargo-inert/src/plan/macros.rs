//! Proc macros: those that a build needs, the packages that are linked into each, and those that the policy requires a
//! review of and that no entry covers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::closure::{closure_digests, is_listed, not_listed};
use super::graph_paths;
use super::input::Input;
use super::model::{Checked, Closure, MacroPin, Refusal, RefusedMacro};
use super::verdict::written_by_the_build;
use crate::cargo::package::{Package, PackageId, path_from, pin_source};
use crate::digest;
use crate::policy::{Date, Members, Policy, ProcMacros, holds};

/// A proc macro that a build needs.
#[derive(Debug)]
pub(super) struct Macro {
    pub(super) package: Package,
    pub(super) source: String,
    pub(super) member: bool,
    /// The packages that are linked into the macro, by id, with their folders.
    pub(super) closure: BTreeMap<PackageId, PathBuf>,
    /// The macro's root source file.
    pub(super) file: PathBuf,
}

/// The macros that entries of the policy accept.
#[derive(Debug, Default)]
pub(super) struct Reviewed {
    /// The pins of the macros, by root source file.
    pub(super) macros: BTreeMap<PathBuf, MacroPin>,
    /// The packages that are linked into the macros.
    pub(super) linked: BTreeMap<PackageId, PathBuf>,
}

/// Returns the proc macros that a build needs.
///
/// # Errors
/// The folder of a package is not found.
pub(super) fn of_build(input: &Input<'_>, needed: &[bool]) -> Result<BTreeMap<PackageId, Macro>, String> {
    let mut found: BTreeMap<PackageId, Macro> = BTreeMap::new();
    for (index, unit) in input.graph.units.iter().enumerate().filter(|(index, _)| needed[*index]) {
        if !unit.target.kind.iter().any(|kind| kind == "proc-macro") {
            continue;
        }
        let id = PackageId::of_unit(&unit.pkg_id)?;
        let package = Package::locate(id.clone(), &unit.target.src_path)?;
        let source = pin_source(&package, input.workspace_root);
        let member = input.members.contains(&unit.pkg_id);
        let mut closure = graph_paths::build_closure(&[index], input.graph)?;
        closure.remove(&id);
        let file = path_from(Path::new("/"), &unit.target.src_path);
        let new = Macro { package, source, member, closure: BTreeMap::new(), file };
        found.entry(id).or_insert(new).closure.extend(closure);
    }
    Ok(found)
}

/// Returns the proc macros that the policy refuses, each with the reason, and those that entries accept.
pub(super) fn unreviewed(
    macros: &BTreeMap<PackageId, Macro>,
    policy: &Policy,
    workspace: &Path,
) -> (Vec<RefusedMacro>, Reviewed) {
    let (mut refused, mut reviewed) = (Vec::new(), Reviewed::default());
    if policy.proc_macros == ProcMacros::Allow {
        return (refused, reviewed);
    }
    let today = Date::today();
    for Macro { package, source, member, closure, file } in macros.values() {
        if *member && policy.members != Members::Deny {
            continue;
        }
        let entries: Vec<_> =
            policy.macros.iter().filter(|entry| entry.package.matches(&package.id, source)).collect();
        let unreadable = |error: std::io::Error| format!("unreadable: {error}");
        let digest = digest::package(&package.root).unwrap_or_else(unreadable);
        let (linked, each) =
            closure_digests(closure).unwrap_or_else(|error| (unreadable(error), Closure::new()));
        let of_files: Vec<_> =
            entries.iter().filter(|entry| digest::is_pinned(&entry.digest, &digest)).collect();
        let of_all: Vec<_> = of_files
            .iter()
            .filter(|entry| closure.is_empty() || is_listed(&entry.dependencies, &linked, closure, &each))
            .collect();
        let roots = std::iter::once(&package.root).chain(closure.values());
        let written = written_by_the_build(roots, workspace).filter(|_| !of_all.is_empty());
        if written.is_none() && of_all.iter().any(|entry| holds(entry.expires, today)) {
            let checked = Checked {
                digest: Some(digest),
                closure: each,
                build_output: digest::build_output(),
                judged_apart: digest::judged_apart(),
                ..Checked::default()
            };
            let pin = MacroPin { root: package.root.clone(), package: package.id.to_string(), checked };
            reviewed.macros.insert(file.clone(), pin);
            reviewed.linked.extend(closure.clone());
            continue;
        }
        let refusal = match (entries.first(), of_files.is_empty(), of_all.first()) {
            _ if written.is_some() => written.unwrap_or(Refusal::MacroWithoutEntry),
            (None, ..) => Refusal::MacroWithoutEntry,
            (Some(entry), true, _) => {
                Refusal::MacroReviewedOtherFiles { reviewed: entry.digest.clone(), found: digest.clone() }
            }
            (Some(_), false, None) => {
                let listed: Vec<String> =
                    of_files.iter().flat_map(|entry| entry.dependencies.iter().cloned()).collect();
                let packages = not_listed(&listed, closure, &each);
                Refusal::MacroLinkedOther { found: linked.clone(), packages }
            }
            (.., Some(entry)) => Refusal::MacroExpired { place: entry.package.entry() },
        };
        let linked = Some(linked).filter(|_| !closure.is_empty());
        refused.push(RefusedMacro {
            id: package.id.clone(),
            source: source.clone(),
            digest,
            linked,
            root: package.root.clone(),
            file: file.clone(),
            closure: closure.keys().cloned().collect(),
            refusal,
        });
    }
    (refused, reviewed)
}
