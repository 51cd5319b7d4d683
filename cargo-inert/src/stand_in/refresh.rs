//! Selects the stand-ins that have to run again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::record::{RECORD, Record};
use crate::artifacts::build_dir::BuildDir;
use crate::environment::Environment;
use crate::file::write_atomic;

/// Touches the stamp of each run whose inputs have changed, or whose plan differs from `planned` (by run), so that
/// Cargo starts the stand-in again. Returns the entries of the other runs.
///
/// # Errors
/// A stamp cannot be written.
pub fn refresh(
    dir: &BuildDir,
    planned: &BTreeMap<String, String>,
    environment: &Environment,
) -> std::io::Result<BTreeSet<String>> {
    let environment: inert_resolver::Environment = environment.variables.clone().into_iter().collect();
    let mut current = BTreeSet::new();
    let Ok(runs) = std::fs::read_dir(dir.inner().join("runs")) else { return Ok(current) };
    for run in runs.flatten() {
        let folder = run.path();
        match standing(&folder, planned, &environment) {
            Some(entry) => drop(current.insert(entry)),
            None => write_atomic(&folder.join("stamp"), b"")?,
        }
    }
    Ok(current)
}

/// Returns the entry of a run if its plan and all of its inputs are unchanged.
fn standing(
    folder: &Path,
    planned: &BTreeMap<String, String>,
    environment: &inert_resolver::Environment,
) -> Option<String> {
    let Record { entry, journal, .. } = Record::read(&folder.join(RECORD))?;
    let key = entry.rsplit_once('\t').map(|(key, _)| key).unwrap_or_default();
    // A run that is not part of this build is left alone.
    let Some(expected) = planned.get(key) else { return Some(entry) };
    let stands = *expected == entry
        && inert_resolver::Journal::parse(&journal)
            .is_ok_and(|journal| journal.still_valid(environment).is_ok());
    stands.then_some(entry)
}
