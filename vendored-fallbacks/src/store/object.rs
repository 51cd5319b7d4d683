//! Objects and archives in the store.
//!
//! The key of an object holds its compiler, flags, variables and source ([`crate::identity`]); its note the files that
//! were read with their digests, and a digest of those that would have been read if they existed (`shadows`). A result is
//! found if all of that is the same here, wherever the packages lie.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{Store, Tally};
use crate::identity::Identity;
use crate::roots::Roots;

const OBJECT: &str = "object";
const ARCHIVE: &str = "archive";

/// An object of the store whose inputs are those of this build.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// The digest of the object.
    pub(crate) digest: String,
    /// The files that its compiler read, where they are here.
    pub(crate) reads: Vec<PathBuf>,
    /// The time that its compiler took, in milliseconds.
    pub(crate) took: u64,
}

/// A compilation that ended well.
pub(crate) struct Made<'a> {
    /// The object's content.
    pub(crate) object: &'a [u8],
    /// All files that were read, the source among them.
    pub(crate) reads: &'a [PathBuf],
    /// The moment before the compiler was started.
    pub(crate) started: SystemTime,
    /// The time that the compiler took, in milliseconds.
    pub(crate) took: u64,
}

impl Store {
    /// Returns an object for a key whose inputs are unchanged.
    pub(crate) fn find(&self, key: &str, identity: &Identity, roots: &Roots) -> Option<Found> {
        self.notes(OBJECT, key).iter().find_map(|note| self.fitting(note, identity, roots))
    }

    fn fitting(&self, note: &str, identity: &Identity, roots: &Roots) -> Option<Found> {
        let mut lines = note.lines();
        let mut head = lines.next()?.split(' ');
        let (digest, shadows, took) = (head.next()?, head.next()?, head.next()?.parse().ok()?);
        let mut reads = Vec::new();
        for line in lines {
            let (digest, path) = line.split_once(' ')?;
            let path = roots.absolute(path)?;
            if self.facts(&path)?.1.digest != digest {
                return None;
            }
            reads.push(path);
        }
        let asked = self.asked(&reads, identity)?;
        (self.shadows(&reads, &asked, &identity.include_dirs, &identity.system_dirs, roots) == shadows)
            .then(|| Found { digest: digest.to_owned(), reads, took })
    }

    /// Keeps an object, if it is a function of what the key and the note hold. Whether it could be kept is no
    /// matter of the build; returns its digest then.
    pub(crate) fn keep(
        &self,
        key: &str,
        made: &Made<'_>,
        identity: &Identity,
        roots: &Roots,
    ) -> Option<String> {
        let started = nanoseconds(made.started);
        let mut lines = String::new();
        for path in made.reads {
            let (stamp, facts) = self.facts(path)?;
            let text = roots.relative(path);
            // A file that was written while the compiler ran may have been read in either form; and a name that a line
            // does not hold is not found again.
            if stamp.changed > started || roots.absolute(&text).as_ref() != Some(path) || text.contains('\n')
            {
                return None;
            }
            lines.push_str(&format!("{} {text}\n", facts.digest));
        }
        let asked = self.asked(made.reads, identity)?;
        let shadows = self.shadows(made.reads, &asked, &identity.include_dirs, &identity.system_dirs, roots);
        let digest = self.keep_blob(made.object).ok()?;
        let body = format!("{digest} {shadows} {}\n{lines}", made.took);
        self.keep_note(OBJECT, key, &format!("{shadows}\n{lines}"), &body).ok()?;
        Some(digest)
    }

    /// Returns the names of headers whose existence the files ask for; `None` if what one of them means is no function of
    /// files that are known.
    fn asked(&self, reads: &[PathBuf], identity: &Identity) -> Option<BTreeSet<String>> {
        let mut asked = BTreeSet::new();
        let mut all = Vec::new();
        let mut aliases = false;
        for path in reads {
            let (_, facts) = self.facts(path)?;
            // Headers of the system are exempt: the answers to their questions are the same for all builds on this machine, and
            // none of them names a time.
            let of_the_system = identity.system_dirs.iter().any(|folder| path.starts_with(folder));
            if !of_the_system && (facts.varies || facts.assembles_files && !identity.lists_assembled) {
                return None;
            }
            aliases |= facts.aliases && !of_the_system;
            asked.extend(facts.asked.iter().cloned());
            all.push(facts);
        }
        if aliases {
            asked.extend(all.iter().flat_map(|facts| facts.may_ask.iter().cloned()));
        }
        Some(asked)
    }

    /// Writes an object or archive of the store to a path of its own; false if the store does not hold it whole.
    pub(crate) fn take(&self, digest: &str, to: &Path) -> bool {
        self.blob(digest).is_some_and(|bytes| std::fs::write(to, bytes).is_ok())
    }

    /// Returns the digest of the archive that was made of the same members by the same archiver.
    pub(crate) fn find_archive(&self, key: &str) -> Option<String> {
        self.notes(ARCHIVE, key).first()?.lines().next().map(str::to_owned)
    }

    /// Keeps an archive.
    pub(crate) fn keep_archive(&self, key: &str, archive: &Path) {
        let kept = std::fs::read(archive).and_then(|bytes| self.keep_blob(&bytes));
        if let Ok(digest) = kept {
            let _ = self.keep_note(ARCHIVE, key, "", &format!("{digest}\n"));
        }
    }

    /// Counts results that were found; `took` is the time that each took to make.
    pub(crate) fn count_hits(&self, took: impl Iterator<Item = u64>) {
        took.for_each(|saved| self.tally(Tally { hits: 1, saved, ..Tally::default() }));
    }
}

pub(crate) fn nanoseconds(time: SystemTime) -> u128 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_nanos())
}
