//! The lock's entry for one script. A build's plan and the whole Cargo.lock lead to the same entry.

use std::path::Path;

use super::{Entry, Key};
use crate::cargo::invocation::DenyBuildScripts;
use crate::cargo::package::Package;
use crate::digest;
use crate::plan::model::{Action, Allowance, Declared, Origin, Verdict};
use crate::plan::verdict::{self, Facts};
use crate::policy::{Date, Members, Policy, Rights, Undecided};

/// A script that is locked.
#[derive(Debug)]
pub struct Script<'a> {
    /// The package of the script.
    pub package: &'a Package,
    /// The source of the package, as pins name it.
    pub source: &'a str,
    /// The root file of the script.
    pub path: &'a Path,
    /// True if the package is a member of the workspace.
    pub member: bool,
    /// The declaration that applies.
    pub declared: Option<&'a Declared>,
}

/// Returns the key of the script's package.
#[must_use]
pub fn key(script: &Script<'_>) -> Key {
    let id = &script.package.id;
    Key { name: id.name.clone(), version: id.version.clone(), source: script.source.to_owned() }
}

/// Returns the verdict by the workspace's own policy, under the assumption that the declaration covers every run.
#[must_use]
pub fn verdict(script: &Script<'_>, policy: &Policy) -> Verdict {
    let facts = Facts {
        package: script.package,
        source: script.source,
        member: script.member,
        is_std: false,
        declared: script.declared,
    };
    verdict::verdict(&facts, policy, DenyBuildScripts::No.max(policy.deny), |_| None)
}

/// Returns the entry by the workspace's own policy, for all hosts and features: the condition under which the
/// declaration does not apply is part of it. The caller sets the `inputs` of an allowed script, since it knows the
/// linked packages.
///
/// # Errors
/// A file of the package cannot be read.
pub fn entry(script: &Script<'_>, policy: &Policy) -> std::io::Result<Entry> {
    let verdict = verdict(script, policy);
    let package = if script.member { None } else { Some(digest::content(&script.package.root)?) };
    let (mut decision, mut by) = (verdict.action, verdict.origin);
    let mut rights = std::collections::BTreeSet::new();
    if decision == Action::Run {
        let mut entries = policy.allowed(&script.package.id, script.source, Date::today()).peekable();
        if entries.peek().is_some() {
            let own = digest::package(&script.package.root)?;
            match entries.find(|entry| digest::is_pinned(&entry.digest, &own)) {
                Some(entry) => rights.extend(entry.rights.words()),
                None => (decision, by) = (Action::Deny, Origin::None),
            }
        } else if verdict.allowance == Some(Allowance::Undecided) && policy.undecided == Undecided::Confine
            || script.member && policy.members >= Members::Confined
        {
            rights.extend(Rights::default().words());
        }
    }
    let declared = script.declared.filter(|_| decision != Action::Run);
    let inputs = declared.filter(|declared| !declared.inputs.is_empty()).map(|declared| {
        let root = &script.package.root;
        let all: String =
            declared.inputs.iter().map(|name| format!("{name} {}\n", seen(&root.join(name)))).collect();
        format!("sha256:{}", digest::text(&all))
    });
    let capabilities = declared
        .map(|declared| inert_manifest_spec::capabilities(&declared.declaration))
        .unwrap_or_default()
        .iter()
        .map(ToString::to_string)
        .collect();
    Ok(Entry {
        decision: match decision {
            Action::Replace => "replace",
            Action::Run => "run",
            Action::Deny | Action::Unneeded | Action::Overridden => "refuse",
        }
        .to_owned(),
        by: match by {
            Origin::Policy => "policy",
            Origin::Package => "package",
            Origin::Catalog => "catalog",
            Origin::Derived => "derived",
            Origin::None => "none",
        }
        .to_owned(),
        capabilities,
        rights,
        unsupported: declared
            .and_then(|declared| declared.declaration.unsupported.as_ref().map(ToString::to_string)),
        script: digest::file(script.path).ok(),
        package,
        declaration: declared.map(|declared| format!("sha256:{}", digest::text(&declared.text))),
        inputs,
    })
}

/// Returns the state of a path that a derivation read: the digest of a file, the names in a folder, or its absence.
fn seen(path: &Path) -> String {
    if let Ok(entries) = std::fs::read_dir(path) {
        let mut names: Vec<String> =
            entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        return format!("holds {}", names.join(" "));
    }
    digest::file(path).unwrap_or_else(|_| "is not there".to_owned())
}
