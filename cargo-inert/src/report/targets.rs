//! The output of `cargo inert audit --target all|tier1|<list>`: which scripts are refused on which targets.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::file::one_line;
use crate::plan::model::{Action, Origin};

/// The result for several targets. The JSON is a stable interface of its own.
#[derive(Debug, Default, Serialize)]
pub struct OfTargets {
    /// The version of the format.
    pub schema: u32,
    /// The targets that were asked for.
    pub targets: Vec<String>,
    /// The targets that Cargo or rustc rejected, each with the error.
    pub rejected: BTreeMap<String, String>,
    /// Every script of these builds.
    pub scripts: Vec<Script>,
    /// The refused scripts of Cargo.lock that none of these builds reaches.
    pub elsewhere: Vec<Refused>,
    /// The proc macros that some of these builds refuse.
    pub refused_macros: Vec<Refused>,
}

/// A script with its state on each target that it runs for.
#[derive(Debug, Serialize)]
pub struct Script {
    /// The name of the package.
    pub name: String,
    /// The version of the package.
    pub version: String,
    /// The source of the package, as pins name it.
    pub source: String,
    /// The states, by target; the host's is there where a build script or a proc macro uses the package.
    pub states: BTreeMap<String, State>,
}

/// The decision about a script on one target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct State {
    /// The verdict: whether the script runs, is replaced or is refused.
    pub action: Action,
    /// The origin of the verdict.
    pub origin: Origin,
    /// The code of the refusal.
    pub refusal: Option<&'static str>,
    /// The reason as text.
    pub reason: Option<String>,
}

/// A script or a macro that is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// The name of the package.
    pub name: String,
    /// The version of the package.
    pub version: String,
    /// The source of the package, as pins name it.
    pub source: String,
    /// The code of the refusal.
    pub refusal: Option<&'static str>,
    /// The reason as text.
    pub reason: Option<String>,
}

impl Script {
    /// Returns whether the script is refused on one of the targets.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.refused().next().is_some()
    }

    fn refused(&self) -> impl Iterator<Item = (&String, &State)> {
        self.states.iter().filter(|(_, state)| state.action == Action::Deny)
    }
}

/// The number of targets that a line names.
const NAMED: usize = 6;

/// Formats the result as text.
#[must_use]
pub fn human(report: &OfTargets) -> String {
    let mut text = String::new();
    let planned = report.targets.len() - report.rejected.len();
    let refused: Vec<&Script> = report.scripts.iter().filter(|script| script.is_refused()).collect();
    if !refused.is_empty() {
        text.push_str(&format!("refused on some target: {}\n", refused.len()));
    }
    for script in &refused {
        text.push_str(&format!("  {} {}\n", script.name, script.version));
        // Targets with the same reason, except for the target's own name, are one line.
        let mut groups: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for (target, state) in script.refused() {
            let reason = state.reason.as_deref().unwrap_or_default().replace(target.as_str(), "these");
            let _ = groups.entry(reason).or_default().insert(target);
        }
        for (reason, targets) in groups {
            let on = if targets.len() == script.states.len() && targets.len() > 1 {
                format!("all {} targets that it runs for", targets.len())
            } else {
                listed(&targets)
            };
            text.push_str(&format!("    {on}\n      {}\n", one_line(&reason)));
        }
    }
    for (heading, refused) in [
        ("proc macros that are refused", &report.refused_macros),
        (
            "refused, but in none of these builds (other features or dev-dependencies, or a host of another kind)",
            &report.elsewhere,
        ),
    ] {
        if !refused.is_empty() {
            text.push_str(&format!("{heading}: {}\n", refused.len()));
        }
        for one in refused {
            let reason = one.reason.as_deref().unwrap_or_default();
            text.push_str(&format!("  {} {}  {}\n", one.name, one.version, one_line(reason)));
        }
    }
    for (target, error) in &report.rejected {
        text.push_str(&format!("not planned: {target}: {}\n", one_line(error)));
    }
    text.push_str(&format!(
        "{}, {} refused on some of {}\n",
        super::counted(report.scripts.len(), "build script", "build scripts"),
        refused.len(),
        super::counted(planned, "target", "targets"),
    ));
    if !refused.is_empty() {
        text.push_str("`cargo inert audit --target <TRIPLE>` shows one of them, `cargo inert review --target <TRIPLE>` decides it\n");
    }
    text
}

fn listed(targets: &BTreeSet<&str>) -> String {
    let named: Vec<&str> = targets.iter().take(NAMED).copied().collect();
    match targets.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}
