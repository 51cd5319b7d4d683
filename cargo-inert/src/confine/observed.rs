//! The file with the requests of a script that ran confined and watched: the stand-in writes it, and
//! `cargo inert observe` reads it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use inert_sandbox::Denial;
use serde::{Deserialize, Serialize};

use super::apart::{How, Kind};
use crate::environment::Environment;

/// One run of a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// The way in which it ended.
    pub ended: How,
    denials: Vec<(Kind, PathBuf)>,
    /// The names of programs on the caller's PATH that it tried to start, and that are not granted.
    pub missed_tools: BTreeSet<String>,
    /// The variables that it says it goes by, and that are set and hidden from it.
    pub missed_variables: BTreeSet<String>,
    /// The variables of the caller that are hidden from it.
    pub hidden: BTreeSet<String>,
    /// The end of its standard error output.
    pub stderr: String,
}

impl Observation {
    /// Returns the actions that it was denied.
    pub fn denials(&self) -> impl Iterator<Item = Denial> {
        self.denials.iter().cloned().map(super::apart::read)
    }
}

/// The number of bytes at the end of the standard error output that are kept.
const TOLD: usize = 4000;

/// Writes what a run of a script asked for.
pub(super) fn write(
    at: &Path,
    outcome: &inert_sandbox::Outcome,
    missed: &[String],
    seen: &std::collections::BTreeMap<std::ffi::OsString, std::ffi::OsString>,
    callers: &Environment,
    bin: &Path,
) -> Result<(), String> {
    let from = outcome.stderr.len().saturating_sub(TOLD);
    let observation = Observation {
        ended: super::apart::how(outcome.ended),
        denials: outcome.denials.iter().cloned().map(super::apart::written).collect(),
        missed_tools: super::programs::tried(&outcome.started, bin),
        missed_variables: missed.iter().cloned().collect(),
        hidden: callers
            .variables
            .keys()
            .filter(|name| !seen.contains_key(*name))
            .filter_map(|name| name.to_str().map(str::to_owned))
            .collect(),
        stderr: String::from_utf8_lossy(&outcome.stderr[from..]).into_owned(),
    };
    let bytes = serde_json::to_vec(&observation).map_err(|error| error.to_string())?;
    std::fs::write(at, bytes).map_err(|error| format!("{}: {error}", at.display()))
}

/// Reads what a run of a script asked for; `None` if none ran.
#[must_use]
pub fn read(at: &Path) -> Option<Observation> {
    serde_json::from_slice(&std::fs::read(at).ok()?).ok()
}
