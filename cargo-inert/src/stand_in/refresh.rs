//! Which runs of stand-ins have to be made again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::record::{RECORD, Record};
use crate::artifacts::build_dir::BuildDir;
use crate::environment::Environment;
use crate::file::write_atomic;

/// Touches the stamp of each run whose reads have changed, or of which the plan now says something else (`planned`,
/// by run), so that Cargo starts the stand-in again. Returns what the plan says of the others.
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

/// What the plan says of a run, where that and all that was read are still so.
fn standing(
    folder: &Path,
    planned: &BTreeMap<String, String>,
    environment: &inert_resolver::Environment,
) -> Option<String> {
    let Record { entry, journal, .. } = Record::read(&folder.join(RECORD))?;
    let key = entry.rsplit_once('\t').map(|(key, _)| key).unwrap_or_default();
    // A run that this build does not hold is left as it is.
    let Some(expected) = planned.get(key) else { return Some(entry) };
    let stands = *expected == entry
        && inert_resolver::Journal::parse(&journal)
            .is_ok_and(|journal| journal.still_valid(environment).is_ok());
    stands.then_some(entry)
}
