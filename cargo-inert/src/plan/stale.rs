//! Entries of `inert.toml` that decide nothing any more: who reads the file would believe them.

use std::collections::BTreeSet;

use super::model::Plan;
use crate::policy::{Date, Matcher, Policy, holds};

/// An entry that matches nothing.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Stale {
    /// `allow`, `review`, …
    pub kind: &'static str,
    /// Which package.
    pub package: String,
    /// `file:line`.
    pub place: String,
    /// The file.
    #[serde(skip)]
    pub file: std::path::PathBuf,
    /// The line.
    #[serde(skip)]
    pub line: usize,
    /// Why, and what to do.
    pub why: String,
}

/// Every stale entry of the workspace's own file: shared files that it extends may serve others. `locked` are names and
/// versions of Cargo.lock, so that what another host or feature needs is not taken for stale.
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
        // A second entry for other files of a package that is here.
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
