//! The private folder that one compilation writes to, from which only files with this unit's names are published.
//!
//! The folder that Cargo names contains the libraries of other units too, and a right cannot apply to files that do not
//! exist yet. So rustc gets a folder below it, and its outputs there are published: under names that are known
//! beforehand, as regular files, through the folder's descriptor. rustc reads its metadata again after it has announced
//! it, so a published file is a hard link. Metadata is published when it is announced, before Cargo reads the message,
//! since Cargo could not compile dependents in parallel otherwise. A macro can also write such a message, and so have
//! its own unit's files published early.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use inert_sandbox::linux::taken::{self, Folder};
use std::os::unix::fs::MetadataExt as _;

/// The name of the file with the linker's arguments; it differs from all names of the unit.
const LINK_WORDS: &str = "inert-link-words";

/// The number of bytes of a dependency file, or of the linker's arguments, beyond which it is not read: a macro can
/// write both.
const LONGEST_TEXT: u64 = 64 << 20;

/// The folders of one compilation, which are removed with it.
#[derive(Debug)]
pub(super) struct Private {
    root: PathBuf,
    folder: Folder,
    /// The folder in which Cargo expects the outputs.
    real: PathBuf,
    stem: String,
    /// The path that the linker's arguments are published to, if they are requested.
    link_words: Option<PathBuf>,
    /// The inodes of files that were published already, by name.
    published: BTreeMap<OsString, u64>,
    /// The private and the real folder as they appear in messages.
    shown: (Vec<u8>, Vec<u8>),
}

impl Private {
    /// Creates the folders below the one that Cargo named, with the unit's name and key, so that two compilations of a
    /// unit have the same output, and two units never the same folder.
    ///
    /// # Errors
    /// The folders cannot be created.
    pub(super) fn make(real: &Path, stem: &str, unit: &str) -> Result<Self, String> {
        let root = real.join(format!(".inert-{stem}.{unit}"));
        let fail = |error: std::io::Error| format!("{}: {error}", root.display());
        match std::fs::remove_dir_all(&root) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(fail(error)),
            _ => {}
        }
        std::fs::create_dir_all(root.join("out")).map_err(fail)?;
        std::fs::create_dir_all(root.join("tmp")).map_err(fail)?;
        let folder = Folder::open(&root.join("out")).map_err(fail)?;
        let text = |path: &Path| {
            let text = serde_json::to_string(&path.to_string_lossy()).unwrap_or_default();
            text.trim_matches('"').as_bytes().to_vec()
        };
        let shown = (text(&root.join("out")), text(real));
        Ok(Self {
            root,
            folder,
            real: real.to_path_buf(),
            stem: stem.to_owned(),
            link_words: None,
            published: BTreeMap::new(),
            shown,
        })
    }

    /// Returns the folder for rustc's `--out-dir`.
    pub(super) fn out(&self) -> PathBuf {
        self.root.join("out")
    }

    /// Requests the linker's arguments: returns the path that rustc writes them to, from which they are published to
    /// `at`.
    pub(super) fn link_words(&mut self, at: &Path) -> PathBuf {
        self.link_words = Some(at.to_path_buf());
        self.out().join(LINK_WORDS)
    }

    /// Returns the folder for TMPDIR and HOME.
    pub(super) fn tmp(&self) -> PathBuf {
        self.root.join("tmp")
    }

    /// Returns a line of rustc's output in the form for Cargo.
    pub(super) fn line(&mut self, line: &[u8]) -> Vec<u8> {
        let announced =
            line.starts_with(b"{\"$message_type\":\"artifact\"") && contains(line, b"\"emit\":\"metadata\"");
        if announced {
            // The file name is that of this unit's metadata, independent of the message.
            let name = OsString::from(format!("lib{}.rmeta", self.stem));
            let _ = self.publish_one(&name);
            // Cargo would start dependents; without the message it waits until the compilation has ended.
            if !self.published.contains_key(&name) {
                return Vec::new();
            }
        }
        replaced(line, &self.shown.0, &self.shown.1)
    }

    /// Returns the unit's dependency file as rustc left it; empty if there is none, or something else in its place.
    pub(super) fn dep_info(&self) -> String {
        let mut text = Vec::new();
        if let Ok(file) = self.folder.file(OsStr::new(&format!("{}.d", self.stem)), u64::MAX) {
            let _ = file.take(LONGEST_TEXT).read_to_end(&mut text);
        }
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Publishes all files with this unit's names, and returns the names in whose place there is something else than a
    /// plain file: rustc leaves nothing of the kind, so a macro, or the linker, has put it there.
    ///
    /// # Errors
    /// The real folder cannot be written.
    pub(super) fn publish(&mut self) -> Result<Vec<OsString>, String> {
        let names = self.folder.names().map_err(|error| format!("{}: {error}", self.root.display()))?;
        let own: Vec<OsString> = names.into_iter().filter(|name| is_of(&self.stem, name)).collect();
        let mut odd = Vec::new();
        for name in own {
            if !self.publish_one(&name)? {
                odd.push(name);
            }
        }
        let words = self.link_words.as_ref();
        if let Some((at, mut file)) = words.zip(self.folder.file(OsStr::new(LINK_WORDS), 1).ok()) {
            let mut text = Vec::new();
            let read = (&mut file).take(LONGEST_TEXT).read_to_end(&mut text);
            let out = self.out();
            let [from, to] = [&out, &self.real].map(|path| path.as_os_str().as_encoded_bytes());
            read.and_then(|_| crate::file::write_atomic(at, &replaced(&text, from, to)))
                .map_err(|error| format!("{}: {error}", at.display()))?;
        }
        Ok(odd)
    }

    /// Publishes a file, and returns whether it is a plain one.
    fn publish_one(&mut self, name: &OsStr) -> Result<bool, String> {
        let before = self.published.get(name).copied();
        // Only regular files are outputs of rustc. It links its metadata into the incremental data too, at any time after the
        // announcement, so the number of names says nothing; Landlock permits no name of a file from outside of the
        // folders that this compilation writes to.
        let Ok(mut file) = self.folder.file(name, u64::MAX) else {
            return Ok(false);
        };
        let at = self.real.join(name);
        let fail = |error: std::io::Error| format!("{}: {error}", at.display());
        let inode = file.metadata().map_err(fail)?.ino();
        if before == Some(inode) {
            return Ok(true);
        }
        if Path::new(name).extension() == Some(OsStr::new("d")) {
            let mut text = Vec::new();
            let read = (&mut file).take(LONGEST_TEXT + 1).read_to_end(&mut text).map_err(fail)?;
            if read as u64 > LONGEST_TEXT {
                return Err(format!("{}: a dependency file of more than {LONGEST_TEXT} bytes", at.display()));
            }
            let bytes = |path: &Path| path.as_os_str().as_encoded_bytes().to_vec();
            let escaped =
                |path: &Path| bytes(path).split(|byte| *byte == b' ').collect::<Vec<_>>().join(&b"\\ "[..]);
            let text = replaced(&text, &escaped(&self.out()), &escaped(&self.real));
            return crate::file::write_atomic(&at, &text).map(|()| true).map_err(fail);
        }
        taken::place(&mut file, &at).map_err(fail)?;
        self.published.insert(name.to_owned(), inode);
        Ok(true)
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

/// Returns whether rustc gives an output of this unit this name: `NAME`, `NAME.…`, `libNAME.…`.
fn is_of(stem: &str, name: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return false };
    [Some(name), name.strip_prefix("lib")]
        .into_iter()
        .flatten()
        .any(|name| name.strip_prefix(stem).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

pub(super) fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

fn replaced(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with(from) {
            out.extend_from_slice(to);
            at += from.len();
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_units_names_are_published() {
        let place = tempfile::tempdir().unwrap();
        let real = place.path();
        std::fs::write(real.join("libother-2.rlib"), "another's").unwrap();
        let mut private = Private::make(real, "own-1", "u").unwrap();
        let out = private.out();
        let dep_info = format!("{}/own-1.d: src/lib.rs\n\nsrc/lib.rs:\n", out.display());
        for (name, text) in [
            ("libown-1.rmeta", "m"),
            ("libown-1.rlib", "l"),
            ("own-1", "program"),
            ("own-1.1.dwo", "d"),
            ("own-1.d", &dep_info),
            ("libother-2.rlib", "forged"),
            ("own-12.rlib", "forged"),
            ("libown-1x.rlib", "forged"),
        ] {
            std::fs::write(out.join(name), text).unwrap();
        }
        std::os::unix::fs::symlink("/etc/passwd", out.join("own-1.s")).unwrap();
        let message = format!(
            "{{\"$message_type\":\"artifact\",\"artifact\":\"{}/libown-1.rmeta\",\"emit\":\"metadata\"}}\n",
            out.display()
        );
        // A metadata file that does not exist is not announced.
        std::fs::rename(out.join("libown-1.rmeta"), out.join("later")).unwrap();
        assert_eq!(private.line(message.as_bytes()), b"");
        std::fs::rename(out.join("later"), out.join("libown-1.rmeta")).unwrap();
        let told = String::from_utf8(private.line(message.as_bytes())).unwrap();
        assert_eq!(told, message.replace(&out.display().to_string(), &real.display().to_string()));
        assert_eq!(std::fs::read(real.join("libown-1.rmeta")).unwrap(), b"m");
        // rustc reads the file again.
        assert!(out.join("libown-1.rmeta").is_file());
        // As rustc links it into the incremental data.
        std::fs::hard_link(out.join("libown-1.rlib"), place.path().join("metadata.rmeta")).unwrap();
        assert_eq!(private.publish().unwrap(), ["own-1.s"]);
        assert_eq!(private.publish().unwrap(), ["own-1.s"]);
        drop(private);
        std::fs::remove_file(place.path().join("metadata.rmeta")).unwrap();
        let mut names: Vec<_> = std::fs::read_dir(real)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        assert_eq!(
            names,
            ["libother-2.rlib", "libown-1.rlib", "libown-1.rmeta", "own-1", "own-1.1.dwo", "own-1.d"]
        );
        assert_eq!(std::fs::read(real.join("libother-2.rlib")).unwrap(), b"another's");
        assert_eq!(
            std::fs::read_to_string(real.join("own-1.d")).unwrap(),
            format!("{}/own-1.d: src/lib.rs\n\nsrc/lib.rs:\n", real.display())
        );
    }
}
