//! The store of finished work: objects and archives of source builds, by the digests of their inputs.
//!
//! ```text
//! <folder>/blobs/ab/<sha256>         a content, under its own digest
//!          notes/ab/<key>/<digest>   a result for a key: what was read for it, and its content; sealed
//!          tmp/                      files that are being written
//!          log                       a line for each build: what was found, what was saved, what was added
//! ```
//!
//! A key holds all inputs that are known before the work; a note those that are known afterwards (`object`). A content
//! is believed if it has the digest that its note names, a note if its seal was made with the secret of the store,
//! which lies elsewhere: who can write the folder alone can destroy entries, but make none.
//!
//! Every file is written under a name of its own in `tmp/` and renamed, the content before its note, so that a killed
//! process, a full disk or two builds at once leave no entry that is wrong. Contents are copied in and out, never
//! linked: a file in a build dir may be written to by whoever runs there.

mod facts;
pub(crate) mod object;
mod shadows;
mod staged;

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::sha256::{self, Digest};

/// A folder with finished work. Any number of processes may use it at once.
#[derive(Debug, Default)]
pub struct Store {
    /// The folder of the store.
    pub folder: PathBuf,
    /// The secret with which notes are sealed.
    pub secret: String,
    /// True if the store serves many build dirs, so that results are made independent of the paths of packages.
    pub shared: bool,
    /// The folder, of the same layout, that new entries are written to, if this process cannot write to the store: see
    /// [`Store::take_in`].
    pub staged: Option<PathBuf>,
    pub(crate) seen: Mutex<facts::Seen>,
    tally: Mutex<Tally>,
}

/// The place of a store, as it is passed between processes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StorePlace {
    /// The folder of the store.
    pub folder: PathBuf,
    /// The secret with which notes are sealed.
    pub secret: String,
    /// The value of [`Store::shared`] for the store at this place.
    pub shared: bool,
    /// The value of [`Store::staged`] for the store at this place.
    pub staged: Option<PathBuf>,
}

/// The use of the store by one process, or by many in sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// The number of results that were taken from the store.
    pub hits: u64,
    /// The number of results that had to be made.
    pub misses: u64,
    /// The time that the taken results took to make, in milliseconds of the compilers' wall time.
    pub saved: u64,
    /// The bytes that were added.
    pub added: u64,
}

/// The greatest length of a note, in bytes; one with thousands of headers is shorter.
const LONGEST_NOTE: u64 = 4 << 20;
/// The greatest length of a content, in bytes.
const LONGEST_BLOB: u64 = 2 << 30;
/// The number of results for one key; an older one is removed.
const RESULTS: usize = 8;
/// The age after which the use of a file is written down again, in seconds.
const USE_AGAIN: u64 = 600;

impl Store {
    /// Returns the store at a place. Its folder is created when something is kept.
    #[must_use]
    pub fn new(place: StorePlace) -> Self {
        let StorePlace { folder, secret, shared, staged } = place;
        Self { folder, secret, shared, staged, ..Self::default() }
    }

    /// Returns a content if it is there whole. A damaged one is removed.
    #[must_use]
    pub fn blob(&self, digest: &str) -> Option<Vec<u8>> {
        let path = Self::blob_path(digest)?;
        self.folders().find_map(|folder| {
            let path = folder.join(&path);
            let bytes = read_plain(&path, LONGEST_BLOB)?;
            if sha256::hex(&bytes) != digest {
                let _ = fs::remove_file(&path);
                return None;
            }
            used(&path);
            Some(bytes)
        })
    }

    /// Keeps a content, and returns its digest.
    ///
    /// # Errors
    /// The folder cannot be written, or the disk is full; nothing is left then.
    pub fn keep_blob(&self, bytes: &[u8]) -> io::Result<String> {
        let digest = sha256::hex(bytes);
        let path = Self::blob_path(&digest).ok_or_else(|| io::Error::other("a digest is a name"))?;
        // A file that exists already may be damaged; replacing it costs less than reading it.
        self.write(&path, bytes)?;
        self.tally(Tally { added: bytes.len() as u64, ..Tally::default() });
        Ok(digest)
    }

    /// Returns the notes for a key, the newest first.
    #[must_use]
    pub fn notes(&self, kind: &str, key: &str) -> Vec<String> {
        let Some(place) = Self::note_folder(key) else { return Vec::new() };
        let mut found: Vec<_> = self
            .folders()
            .filter_map(|folder| fs::read_dir(folder.join(&place)).ok())
            .flatten()
            .flatten()
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        found.sort_by(|(a, _), (b, _)| b.cmp(a));
        let open = |(_, path): (_, PathBuf)| {
            let bytes = read_plain(&path, LONGEST_NOTE)?;
            let text = String::from_utf8(bytes).ok().and_then(|text| {
                let (seal, body) = text.split_once('\n')?;
                (seal == self.seal(kind, key, body)).then(|| body.to_owned())
            });
            match &text {
                // Damaged, or of another store.
                None => drop(fs::remove_file(&path)),
                Some(_) => used(&path),
            }
            text
        };
        found.into_iter().filter_map(open).collect()
    }

    /// Keeps a note for a key, beside those that are there; it replaces one with the same `name`, any text.
    ///
    /// # Errors
    /// As [`Store::keep_blob`]'s.
    pub fn keep_note(&self, kind: &str, key: &str, name: &str, body: &str) -> io::Result<()> {
        let folder = Self::note_folder(key).ok_or_else(|| io::Error::other("a key is a digest"))?;
        let text = format!("{}\n{body}", self.seal(kind, key, body));
        self.write(&folder.join(&sha256::hex(name.as_bytes())[..32]), text.as_bytes())?;
        self.tally(Tally { added: text.len() as u64, ..Tally::default() });
        only_newest(&self.written().join(&folder))
    }

    /// Returns the folder that entries are written to.
    fn written(&self) -> &Path {
        self.staged.as_deref().unwrap_or(&self.folder)
    }

    /// Returns the folders in which entries are looked for.
    fn folders(&self) -> impl Iterator<Item = &Path> {
        [self.folder.as_path()].into_iter().chain(self.staged.as_deref())
    }

    /// Adds to what is known of the use of the store.
    pub fn tally(&self, more: Tally) {
        let mut tally = self.tally.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *tally = tally.plus(more);
    }

    /// Writes down the use of the store since the last call. That it cannot be written is no failure.
    pub fn write_tally(&self) {
        let mut tally = self.tally.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let tally = std::mem::take(&mut *tally);
        // With nothing found and nothing kept there may be no folder.
        if tally == Tally::default() || !self.folder.is_dir() || create_for_the_user(self.written()).is_err()
        {
            return;
        }
        let line = tally.to_line();
        let log = fs::OpenOptions::new().create(true).append(true).open(self.written().join("log"));
        // A line is one write, which does not mix with those of others.
        let _ = log.and_then(|mut log| log.write_all(line.as_bytes()));
    }

    /// Returns the seal of a note: a keyed digest of its kind, its key and its body.
    fn seal(&self, kind: &str, key: &str, body: &str) -> String {
        let mut inner = Digest::default();
        let mut outer = Digest::default();
        for field in [self.secret.as_str(), kind, key, body] {
            inner.field(field.as_bytes());
        }
        outer.field(self.secret.as_bytes());
        outer.field(inner.finish().as_bytes());
        outer.finish()
    }

    /// Returns the place of a content in a store's folder.
    fn blob_path(digest: &str) -> Option<PathBuf> {
        is_digest(digest).then(|| Path::new("blobs").join(&digest[..2]).join(digest))
    }

    /// Returns the place of the notes for a key in a store's folder.
    fn note_folder(key: &str) -> Option<PathBuf> {
        is_digest(key).then(|| Path::new("notes").join(&key[..2]).join(key))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let path = &self.written().join(path);
        let temporary = self.written().join("tmp");
        create_for_the_user(&temporary)?;
        let name = format!("{}-{}-{:x}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed), moment());
        let part = temporary.join(name);
        let write = || {
            fs::OpenOptions::new().write(true).create_new(true).open(&part)?.write_all(bytes)?;
            let folder = path.parent().unwrap_or(&temporary);
            create_for_the_user(folder)?;
            fs::rename(&part, path)
        };
        let written = write();
        if written.is_err() {
            let _ = fs::remove_file(&part);
        }
        written
    }
}

impl Tally {
    /// Returns the sum of two.
    #[must_use]
    pub fn plus(self, more: Self) -> Self {
        Self {
            hits: self.hits.saturating_add(more.hits),
            misses: self.misses.saturating_add(more.misses),
            saved: self.saved.saturating_add(more.saved),
            added: self.added.saturating_add(more.added),
        }
    }

    /// Returns the line of the log, with its end.
    #[must_use]
    pub fn to_line(self) -> String {
        format!("{} {} {} {}\n", self.hits, self.misses, self.saved, self.added)
    }

    /// Reads a line of the log; `None` if it is none.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let numbers: Option<Vec<u64>> = line.split(' ').map(|number| number.parse().ok()).collect();
        let [hits, misses, saved, added] = numbers?[..] else { return None };
        Some(Self { hits, misses, saved, added })
    }
}

/// Removes the oldest results for a key.
fn only_newest(folder: &Path) -> io::Result<()> {
    let mut all: Vec<_> = fs::read_dir(folder)?
        .flatten()
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    all.sort();
    let excess = all.len().saturating_sub(RESULTS);
    for (_, path) in &all[..excess] {
        let _ = fs::remove_file(path);
    }
    Ok(())
}

/// Returns whether a text is the name of an entry, so that it names nothing outside of the store.
fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Returns the bytes of a regular file that is no symlink and not too long. What its content may be is for its digest.
fn read_plain(path: &Path, longest: u64) -> Option<Vec<u8>> {
    let found = fs::symlink_metadata(path).ok()?;
    if !found.is_file() || found.len() > longest {
        return None;
    }
    let mut bytes = Vec::with_capacity(usize::try_from(found.len()).ok()?);
    fs::File::open(path).ok()?.take(longest).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Notes the use of an entry, for whoever makes room: by its time, which is not renewed at each use.
fn used(path: &Path) {
    let old = fs::metadata(path)
        .and_then(|found| found.modified())
        .is_ok_and(|time| time.elapsed().is_ok_and(|age| age.as_secs() > USE_AGAIN));
    // Windows sets no time by a file that is open for reading.
    if old && let Ok(file) = fs::OpenOptions::new().write(true).open(path) {
        let _ = file.set_modified(std::time::SystemTime::now());
    }
}

/// Creates a folder, and those above it that do not exist, so that no other user may enter them, whatever the process's
/// mask says: a folder that others may write to is none for a store.
///
/// # Errors
/// The folder cannot be created.
#[cfg(unix)]
pub fn create_for_the_user(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Creates a folder, and those above it that do not exist; below the user's profile they are the user's own.
///
/// # Errors
/// The folder cannot be created.
#[cfg(not(unix))]
pub fn create_for_the_user(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

fn moment() -> u128 {
    std::time::SystemTime::now()
        .duration_since(std::time::SystemTime::UNIX_EPOCH)
        .map_or(0, |time| time.as_nanos())
}

/// Returns the stamp of a file: see [`facts::Stamp`].
pub(crate) fn stamp(path: &Path) -> Option<String> {
    facts::Stamp::of(path).map(facts::Stamp::to_word)
}

/// Copies a file under a name that only this process uses and renames it.
pub(crate) fn copy_whole(from: &Path, to: &Path) -> io::Result<()> {
    let mut name: OsString = to.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = to.with_file_name(name);
    let copied = fs::copy(from, &part).and_then(|_| fs::rename(&part, to));
    if copied.is_err() {
        let _ = fs::remove_file(&part);
    }
    copied
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_log_is_read_as_it_was_written() {
        let tally = Tally { hits: 1, misses: 2, saved: 3, added: u64::MAX };
        assert_eq!(Tally::parse(tally.to_line().trim_end()), Some(tally));
        assert_eq!(tally.plus(tally).added, u64::MAX);
        for bad in ["", "1 2 3", "1 2 3 4 5", "1 2 3 -4", "a b c d"] {
            assert_eq!(Tally::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_digests_are_names() {
        assert!(Store::blob_path(&"ab".repeat(32)).is_some());
        for bad in ["", "..", "../../etc/passwd", &"AB".repeat(32), &"ab/".repeat(22)[..64]] {
            assert_eq!(Store::blob_path(bad), None, "{bad}");
            assert_eq!(Store::note_folder(bad), None, "{bad}");
        }
    }
}
