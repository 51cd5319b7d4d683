//! The contents of the store, and its use.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use inert_resolver::store::Tally;

/// A file of the store.
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) length: u64,
    pub(super) used: SystemTime,
}

/// The contents of the store in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Contents {
    /// The number of objects, archives and other contents.
    pub contents: u64,
    /// The number of results that are known, each for its inputs.
    pub results: u64,
    /// The size of both, in bytes.
    pub bytes: u64,
    /// The use of the store since it was emptied.
    pub tally: Tally,
}

/// Counts what a store holds.
#[must_use]
pub fn count(folder: &Path) -> Contents {
    let (mut blobs, mut notes) = (Vec::new(), Vec::new());
    walk(&folder.join("blobs"), &mut blobs);
    walk(&folder.join("notes"), &mut notes);
    Contents {
        contents: blobs.len() as u64,
        results: notes.len() as u64,
        bytes: blobs.iter().chain(&notes).map(|file| file.length).sum(),
        tally: totals(folder).0.plus(logged(folder)),
    }
}

/// Adds all files in a folder and the folders in it; symlinks are not followed.
pub(super) fn walk(folder: &Path, found: &mut Vec<File>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(metadata) = entry.metadata() else { continue };
        if metadata.is_dir() {
            walk(&entry.path(), found);
        } else {
            let used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            found.push(File { path: entry.path(), length: metadata.len(), used });
        }
    }
}

/// Returns the use of the store up to its log, and its size then.
pub(super) fn totals(folder: &Path) -> (Tally, u64) {
    let text = crate::file::read_text(&folder.join("totals")).unwrap_or_default();
    let read = || {
        let (size, tally) = text.trim_end().split_once(' ')?;
        Some((Tally::parse(tally)?, size.parse().ok()?))
    };
    read().unwrap_or_default()
}

/// Returns the use of the store since the totals were written.
pub(super) fn logged(folder: &Path) -> Tally {
    sum_of(&folder.join("log"))
}

/// Returns the sum of a log's lines; those that are damaged count for nothing.
pub(super) fn sum_of(log: &Path) -> Tally {
    let text = crate::file::read_text(log).unwrap_or_default();
    text.lines().filter_map(Tally::parse).fold(Tally::default(), Tally::plus)
}
