//! A store of objects that are kept between builds, by their inputs.
//!
//! An object is stored under the digest of its inputs (compiler, flags, source path), with a note of the files that
//! the compiler read and their digests; it is used again if all of these still have the same content. Both files
//! are written under a temporary name and renamed, the object first: a note without its object, or an object
//! without its note, does not count.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use crate::{BuildError, sha256};

/// A folder of kept objects. Any number of processes may use it at once.
#[derive(Debug, Default)]
pub struct Store {
    /// The folder; nothing else writes there.
    pub folder: PathBuf,
    /// The known state of files, by path: a header that hundreds of sources read is examined once. A store lives no
    /// longer than the build of an archive.
    known: Mutex<HashMap<OsString, Known>>,
}

/// The state of a file when it was examined.
#[derive(Debug, Clone)]
struct Known {
    stamp: String,
    digest: Option<String>,
}

impl Store {
    /// Makes the store in a folder, which is created when an object is kept.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, ..Self::default() }
    }

    /// Returns the stamp of a file.
    fn stamp(&self, path: &Path) -> Option<String> {
        let known = || self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = known().get(path.as_os_str()) {
            return Some(known.stamp.clone());
        }
        let stamp = stamp(path)?;
        known().insert(path.into(), Known { stamp: stamp.clone(), digest: None });
        Some(stamp)
    }

    /// Returns the stamp and the digest of a file.
    fn digest(&self, path: &Path) -> Option<(String, String)> {
        let known = || self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(Known { stamp, digest: Some(digest) }) = known().get(path.as_os_str()) {
            return Some((stamp.clone(), digest.clone()));
        }
        // The stamp is taken first: if the file is written meanwhile, the stamp no longer matches.
        let stamp = stamp(path)?;
        let digest = sha256::hex(&std::fs::read(path).ok()?);
        known().insert(path.into(), Known { stamp: stamp.clone(), digest: Some(digest.clone()) });
        Some((stamp, digest))
    }

    /// Returns the files that the object of that key was compiled from, if none of them has changed; the object is
    /// then at `own`, too, a path that only this build uses.
    #[must_use]
    pub fn object(&self, key: &str, own: &Path) -> Option<Vec<PathBuf>> {
        let object = self.folder.join(format!("{key}.o"));
        let note = std::fs::read_to_string(self.folder.join(format!("{key}.reads"))).ok()?;
        let mut lines = note.lines();
        let digest = lines.next()?;
        // A kept object that was changed since is not used.
        if stamp(&object)? != digest {
            return None;
        }
        let mut reads = Vec::new();
        for line in lines {
            let mut fields = line.splitn(3, ' ');
            let (kept_stamp, kept_digest, path) =
                (fields.next()?, fields.next()?, PathBuf::from(fields.next()?));
            if self.stamp(&path)? != kept_stamp && self.digest(&path)?.1 != kept_digest {
                return None;
            }
            reads.push(path);
        }
        share(&object, own).ok()?;
        // Another build may have replaced the kept object meanwhile: a link refers to one of the two objects, but a
        // copy may be of either.
        (stamp(own)? == digest || stamp(&object)? == digest).then_some(reads)
    }

    /// Keeps a finished object, moving `part` here and to `own`, a path that only this build uses: another build
    /// may replace the kept object at any time. Compilation began at `started`: if a file that it read is newer,
    /// either version may have been read, and the object is not used again.
    ///
    /// # Errors
    ///
    /// The error that the system reports.
    pub fn keep_object(
        &self,
        key: &str,
        part: &Path,
        own: &Path,
        reads: &[PathBuf],
        started: SystemTime,
    ) -> Result<(), BuildError> {
        let failed = |path: &Path| {
            let path = path.to_path_buf();
            move |error: std::io::Error| BuildError::io(path, &error)
        };
        std::fs::create_dir_all(&self.folder).map_err(failed(&self.folder))?;
        let object = self.folder.join(format!("{key}.o"));
        // The stamp is taken before the object gets the common name: afterwards it may be another build's object,
        // with the same key and perhaps made from an older header.
        let mut made = stamp(part);
        share(part, own).map_err(failed(own))?;
        if std::fs::rename(part, &object).is_err() {
            copy_whole(part, &object).and_then(|()| std::fs::remove_file(part)).map_err(failed(&object))?;
            made = stamp(&object);
        }
        let mut note = made.unwrap_or_default() + "\n";
        let mut complete = true;
        let started = nanoseconds(started);
        for path in reads {
            // If a line cannot hold the name, or the file no longer exists, the object is not kept.
            let text = path.to_str().filter(|text| !text.contains('\n'));
            match (text, self.digest(path)) {
                (Some(text), Some((stamp, digest))) if modified(&stamp) <= started => {
                    note.push_str(&format!("{stamp} {digest} {text}\n"))
                }
                _ => complete = false,
            }
        }
        if complete {
            let path = self.folder.join(format!("{key}.reads"));
            write_whole(&path, note.as_bytes()).map_err(failed(&path))?;
        }
        Ok(())
    }
}

/// Gives a file a second name; makes a copy if the file system has no links.
fn share(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::hard_link(from, to).or_else(|_| copy_whole(from, to))
}

/// Writes a file under a name that only this process uses and renames it.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let part = part_name(path);
    let written = std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    written
}

/// Copies a file under a name that only this process uses and renames it.
pub(crate) fn copy_whole(from: &Path, to: &Path) -> std::io::Result<()> {
    let part = part_name(to);
    let copied = std::fs::copy(from, &part).and_then(|_| std::fs::rename(&part, to));
    if copied.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    copied
}

fn part_name(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    path.with_file_name(name)
}

/// Returns the fields of `stat` that change when a file is replaced: size, modification time, inode.
pub(crate) fn stamp(path: &Path) -> Option<String> {
    let metadata = std::fs::metadata(path).ok()?;
    let modified = nanoseconds(metadata.modified().ok()?);
    Some(format!("{}-{modified}-{}", metadata.len(), inode(&metadata)))
}

/// Returns the modification time in a stamp, in nanoseconds.
fn modified(stamp: &str) -> u128 {
    stamp.split('-').nth(1).and_then(|time| time.parse().ok()).unwrap_or(u128::MAX)
}

fn nanoseconds(time: SystemTime) -> u128 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_nanos())
}

#[cfg(unix)]
fn inode(metadata: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &std::fs::Metadata) -> u64 {
    0
}
