//! Files that are not there and would be read if they were: a header in a folder that is searched before the one in
//! which the compiler found it.
//!
//! A compiler says what it read, not where it looked in vain. So for all names by which the files that it read can have
//! been asked for, and all folders that it may have searched, it is noted which further files exist. If there is
//! another one later, or one is gone, the object is made again.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::Store;
use crate::roots::Roots;
use crate::sha256::Digest;

/// The files whose existence this process has looked at, by folder and name.
#[derive(Debug, Default)]
pub(crate) struct Shadows {
    folders: HashMap<PathBuf, u32>,
    names: HashMap<PathBuf, u32>,
    exists: HashMap<(u32, u32), bool>,
}

impl Shadows {
    fn exists(&mut self, folder: &Path, name: &Path) -> bool {
        let pair = (number(&mut self.folders, folder), number(&mut self.names, name));
        *self.exists.entry(pair).or_insert_with(|| folder.join(name).exists())
    }
}

fn number(known: &mut HashMap<PathBuf, u32>, path: &Path) -> u32 {
    if let Some(number) = known.get(path) {
        return *number;
    }
    let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
    known.insert(path.to_path_buf(), next);
    next
}

impl Store {
    /// Returns a digest of the files that exist beside `reads` in the folders that a compiler may have searched:
    /// `searched`, existing or not, and those in which files of the package lie, since a header is searched beside
    /// its includer first. `asked` are the names of headers that sources ask for.
    pub(super) fn shadows(
        &self,
        reads: &[PathBuf],
        asked: &BTreeSet<String>,
        searched: &[PathBuf],
        system: &[PathBuf],
        roots: &Roots,
    ) -> String {
        let read: HashSet<&Path> = reads.iter().map(PathBuf::as_path).collect();
        let mut names: BTreeSet<&Path> = asked.iter().map(Path::new).collect();
        let mut folders: BTreeSet<&Path> = searched.iter().chain(system).map(PathBuf::as_path).collect();
        for path in reads {
            let mut of_the_system = false;
            for folder in system {
                if let Ok(name) = path.strip_prefix(folder) {
                    names.insert(name);
                    of_the_system = true;
                }
            }
            names.extend(searched.iter().filter_map(|folder| path.strip_prefix(folder).ok()));
            if !of_the_system {
                folders.extend(path.parent());
            }
        }
        let mut digest = Digest::default();
        let mut seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut found: Vec<Vec<u8>> = Vec::new();
        for folder in folders {
            for name in &names {
                if seen.shadows.exists(folder, name) {
                    let path = folder.join(name);
                    if !read.contains(path.as_path()) {
                        found.push(roots.relative(&path).into_bytes());
                    }
                }
            }
        }
        drop(seen);
        found.sort();
        for path in found {
            digest.field(&path);
        }
        digest.finish()
    }
}
