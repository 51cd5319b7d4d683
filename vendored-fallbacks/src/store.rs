//! Objects that are kept between builds, by what they were made of.
//!
//! An object lies under the digest of how it was made (compiler, flags, source path), with a note of what the compiler
//! read and the digests of that; it is used again where all that still has the content it had. Both files are written
//! under a temporary name and renamed, the object first: a note without its object, or an object without its note, is
//! no object.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::{BuildError, sha256};

/// A folder of kept objects. Any number of processes may use it at once.
#[derive(Debug, Default)]
pub struct Store {
    /// The folder; nothing else writes there.
    pub folder: PathBuf,
    /// Digests by path, each with the stamp that it was taken at: a header is read by hundreds of sources.
    digests: Mutex<HashMap<PathBuf, (String, String)>>,
}

impl Store {
    /// The store in a folder, which is created when something is kept.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, ..Self::default() }
    }

    /// A file's stamp and digest.
    fn digest(&self, path: &Path) -> Option<(String, String)> {
        let stamp = stamp(path)?;
        let digests = || self.digests.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = digests().get(path).filter(|(at, _)| *at == stamp) {
            return Some(known.clone());
        }
        let taken = (stamp, sha256::hex(&std::fs::read(path).ok()?));
        digests().insert(path.to_path_buf(), taken.clone());
        Some(taken)
    }

    /// The object of that key and what it was compiled from, where nothing of that has changed.
    #[must_use]
    pub fn object(&self, key: &str) -> Option<(PathBuf, Vec<PathBuf>)> {
        let object = self.folder.join(format!("{key}.o"));
        let note = std::fs::read_to_string(self.folder.join(format!("{key}.reads"))).ok()?;
        let mut lines = note.lines();
        let digest = lines.next()?;
        // A kept object that was changed since is none.
        if stamp(&object)? != digest {
            return None;
        }
        let mut reads = Vec::new();
        for line in lines {
            let mut fields = line.splitn(3, ' ');
            let (kept_stamp, kept_digest, path) =
                (fields.next()?, fields.next()?, PathBuf::from(fields.next()?));
            if stamp(&path)? != kept_stamp && self.digest(&path)?.1 != kept_digest {
                return None;
            }
            reads.push(path);
        }
        Some((object, reads))
    }

    /// Keeps a finished object, moving it here.
    ///
    /// # Errors
    ///
    /// As the system says.
    pub fn keep_object(&self, key: &str, part: &Path, reads: &[PathBuf]) -> Result<PathBuf, BuildError> {
        let failed = |path: &Path| {
            let path = path.to_path_buf();
            move |error: std::io::Error| BuildError::io(path, &error)
        };
        std::fs::create_dir_all(&self.folder).map_err(failed(&self.folder))?;
        let object = self.folder.join(format!("{key}.o"));
        std::fs::rename(part, &object)
            .or_else(|_| copy_whole(part, &object).and_then(|()| std::fs::remove_file(part)))
            .map_err(failed(&object))?;
        let mut note = stamp(&object).unwrap_or_default() + "\n";
        let mut complete = true;
        for path in reads {
            // A name that a line cannot hold, or a file that is gone again: then the object is not kept.
            let text = path.to_str().filter(|text| !text.contains('\n'));
            match (text, self.digest(path)) {
                (Some(text), Some((stamp, digest))) => note.push_str(&format!("{stamp} {digest} {text}\n")),
                _ => complete = false,
            }
        }
        if complete {
            let path = self.folder.join(format!("{key}.reads"));
            write_whole(&path, note.as_bytes()).map_err(failed(&path))?;
        }
        Ok(object)
    }
}

/// Writes a file under a name of this process's own and renames it.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let part = part_name(path);
    let written = std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    written
}

/// Copies a file under a name of this process's own and renames it.
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

/// What `stat` says that changes when a file is replaced: size, modification time, inode.
pub(crate) fn stamp(path: &Path) -> Option<String> {
    let metadata = std::fs::metadata(path).ok()?;
    let modified =
        metadata.modified().ok()?.duration_since(std::time::UNIX_EPOCH).map_or(0, |time| time.as_nanos());
    Some(format!("{}-{modified}-{}", metadata.len(), inode(&metadata)))
}

#[cfg(unix)]
fn inode(metadata: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &std::fs::Metadata) -> u64 {
    0
}
