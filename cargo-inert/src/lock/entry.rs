//! One script's entry, the same from a build's plan and from all of Cargo.lock.

use std::path::Path;

use super::{Entry, Key};
use crate::cargo::invocation::DenyBuildScripts;
use crate::cargo::package::Package;
use crate::digest;
use crate::plan::model::{Action, Allowance, Declared, Origin, Verdict};
use crate::plan::verdict::{self, Facts};
use crate::policy::{Date, Members, Policy, Rights};

/// A script that is locked.
#[derive(Debug)]
pub struct Script<'a> {
    /// Its package.
    pub package: &'a Package,
    /// Its source, as pins name it.
    pub source: &'a str,
    /// Its root file.
    pub path: &'a Path,
    /// Whether the package is one of the workspace's own.
    pub member: bool,
    /// The declaration that applies.
    pub declared: Option<&'a Declared>,
}

/// Which package it is.
#[must_use]
pub fn key(script: &Script<'_>) -> Key {
    let id = &script.package.id;
    Key { name: id.name.clone(), version: id.version.clone(), source: script.source.to_owned() }
}

/// What the workspace's own policy says of it, where its declaration holds.
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

/// What decides it by the workspace's own policy, on whatever host and with whatever features: where the declaration does
/// not hold is said in words. `inputs` of an allowed script are left to the caller, who knows what is linked into it.
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
        } else if verdict.allowance == Some(Allowance::Undecided)
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

/// What a derivation saw of a path: a file's content, a folder's names, or that there is none.
fn seen(path: &Path) -> String {
    if let Ok(entries) = std::fs::read_dir(path) {
        let mut names: Vec<String> =
            entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        return format!("holds {}", names.join(" "));
    }
    digest::file(path).unwrap_or_else(|_| "is not there".to_owned())
}
