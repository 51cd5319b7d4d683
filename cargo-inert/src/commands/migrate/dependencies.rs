//! `cargo inert migrate --dependencies`: reports for each script of a build whether it is declared or derived, or why
//! not.

use std::fmt::Write as _;

use serde::Serialize;

use super::super::Outcome;
use crate::cargo::invocation::Invocation;
use crate::driver::{self, Context};
use crate::plan::model::{Action, Decision, Origin};
use crate::{exit, report};

/// The output of `--format json`, a stable interface.
#[derive(Debug, Serialize)]
struct Report {
    schema: u32,
    packages: Vec<Entry>,
    summary: std::collections::BTreeMap<&'static str, usize>,
}

#[derive(Debug, Serialize)]
struct Entry {
    package: String,
    /// One of the states in `STATES`.
    state: &'static str,
    /// The condition under which the script is not covered.
    unsupported: Option<String>,
    /// The decision of this build about the script.
    action: Action,
    /// The residue, one line each: `file:line:column: reason`.
    residue: Vec<String>,
}

/// The states, in the order of the report, each with its meaning.
const STATES: &[(&str, &str)] = &[
    ("declared", "said in the package's own Cargo.toml, or in inert.toml"),
    ("catalog", "in the catalog that ships with Inert"),
    ("derived", "derived from the script"),
    ("partly", "derived, but not for every target and feature"),
    ("residue", "the script is not understood"),
];

pub(super) fn report(context: &Context, invocation: &Invocation, json: bool) -> Outcome {
    let prepared = driver::prepare(context, invocation)?;
    let mut entries: Vec<Entry> = prepared.plan.decisions.iter().map(entry).collect();
    entries.sort_by(|a, b| (rank(a.state), &a.package).cmp(&(rank(b.state), &b.package)));
    let mut summary = std::collections::BTreeMap::new();
    for (state, _) in STATES {
        summary.insert(*state, entries.iter().filter(|entry| entry.state == *state).count());
    }
    if json {
        report::print_json(&Report { schema: 1, packages: entries, summary });
    } else {
        report::print(&report::escaped(&human(&entries)));
    }
    Ok(exit::DONE)
}

fn rank(state: &str) -> usize {
    STATES.iter().position(|(known, _)| *known == state).unwrap_or(STATES.len())
}

fn entry(decision: &Decision) -> Entry {
    let unsupported =
        decision.declared.as_ref().and_then(|declared| declared.declaration.unsupported.as_ref());
    let state = match (decision.declared.as_ref().map(|declared| declared.origin), unsupported) {
        (None, _) => "residue",
        (Some(Origin::Catalog), _) => "catalog",
        (Some(Origin::Derived), None) => "derived",
        (Some(Origin::Derived), Some(_)) => "partly",
        (Some(_), _) => "declared",
    };
    Entry {
        package: decision.package.id.to_string(),
        state,
        unsupported: unsupported.map(ToString::to_string),
        action: decision.action,
        residue: decision.residue.clone(),
    }
}

fn human(entries: &[Entry]) -> String {
    let mut text = String::new();
    for (state, meaning) in STATES {
        let found: Vec<&Entry> = entries.iter().filter(|entry| entry.state == *state).collect();
        if found.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{state}: {}, {meaning}", report::counted(found.len(), "package", "packages"));
        for entry in found {
            let _ = write!(text, "  {}", entry.package);
            if let Some(condition) = &entry.unsupported {
                let _ = write!(text, "  (not where `{condition}`)");
            }
            text.push('\n');
            for line in entry.residue.iter().take(6) {
                let _ = writeln!(text, "      {line}");
            }
            if entry.residue.len() > 6 {
                let more = report::counted(entry.residue.len() - 6, "more place", "more places");
                let _ = writeln!(text, "      … and {more}");
            }
        }
        text.push('\n');
    }
    let decided = entries.iter().filter(|entry| entry.state != "residue").count();
    let _ =
        writeln!(text, "{decided} of {} need not run", report::counted(entries.len(), "script", "scripts"));
    text
}
