//! Entries of `inert.toml` that no longer have an effect and could mislead a reader of the file.

use std::collections::BTreeSet;

use super::model::Plan;
use crate::policy::{Date, Matcher, Policy, holds};

/// An entry that has no effect.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Stale {
    /// The kind of the entry: `allow`, `review`, …
    pub kind: &'static str,
    /// The package that it names.
    pub package: String,
    /// The location as `file:line`.
    pub place: String,
    /// The policy file that contains it.
    #[serde(skip)]
    pub file: std::path::PathBuf,
    /// The line of the entry, counted from 1.
    #[serde(skip)]
    pub line: usize,
    /// The reason, and what to do.
    pub why: String,
}

/// Returns the stale entries of the workspace's own file; files that it extends may serve other workspaces. `locked`
/// holds the names and versions in Cargo.lock, so that a package for another host or feature is not considered stale.
#[must_use]
pub fn stale(policy: &Policy, plan: &Plan, locked: &BTreeSet<(String, String)>) -> Vec<Stale> {
    let today = Date::today();
    let mut found = Vec::new();
    let own = |package: &Matcher| policy.path.as_ref() == Some(&package.file);
    let mut add = |kind, package: &Matcher, why: String| {
        if own(package) {
            let (file, line) = (package.file.clone(), package.line);
            found.push(Stale { kind, package: package.to_string(), place: package.place(), file, line, why });
        }
    };
    let gone = |package: &Matcher| {
        let known = locked.iter().any(|(name, version)| {
            *name == package.name && package.version.as_ref().is_none_or(|expected| expected == version)
        });
        (!known).then(|| {
            let versions: Vec<&str> =
                locked.iter().filter(|(name, _)| *name == package.name).map(|(_, version)| version.as_str()).collect();
            match versions.is_empty() {
                true => "Cargo.lock holds no such package; remove the entry".to_owned(),
                false => format!(
                    "Cargo.lock holds version {} of it; remove the entry (`cargo inert review` writes one for that version)",
                    versions.join(" and ")
                ),
            }
        })
    };
    let expired = |expires: Option<Date>| {
        expires
            .filter(|_| !holds(expires, today))
            .map(|last| format!("it expired on {last}; remove it, or review again"))
    };
    for entry in &policy.allow {
        if let Some(why) = gone(&entry.package).or_else(|| expired(entry.expires)) {
            add("allow", &entry.package, why);
            continue;
        }
        // Another entry for different files of a package that the build has.
        let decision = plan.decisions.iter().find(|one| entry.package.matches(&one.package.id, &one.source));
        if let Some(pinned) = decision.and_then(|decision| decision.pinned.as_ref())
            && *pinned != entry.digest
        {
            add(
                "allow",
                &entry.package,
                format!("the package's files are {pinned}; remove the entry for others"),
            );
        }
    }
    for entry in &policy.review {
        if let Some(why) = gone(&entry.package).or_else(|| expired(entry.expires)) {
            add("review", &entry.package, why);
        }
    }
    for entry in &policy.macros {
        if let Some(why) = gone(&entry.package).or_else(|| expired(entry.expires)) {
            add("proc-macro", &entry.package, why);
        }
    }
    for entry in &policy.declare {
        if let Some(why) = gone(&entry.package) {
            add("declare", &entry.package, why);
        }
    }
    found
}
