//! What one compile writes: a folder of its own, of which files by this unit's names are taken out, and nothing else.
//!
//! Where Cargo has rustc write there are the libraries of other units, too, and a right cannot be on files that do not exist yet. So
//! rustc gets a folder below, and what it leaves there is published: under names that are known beforehand, as plain files, through
//! the folder's descriptor. rustc reads its metadata again after it has announced it, so that a file gets a second name; and metadata
//! is published when it is announced, before Cargo hears of it, or nothing would be compiled beside it. A macro can write such a
//! message as well, and can have its own unit's files published early by that.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use inert_sandbox::linux::taken::{self, Folder};
use std::os::unix::fs::MetadataExt as _;

/// Name of the file with those words; none of this unit's names.
const LINK_WORDS: &str = "inert-link-words";

/// The folders of one compile, removed with it.
#[derive(Debug)]
pub(super) struct Private {
    root: PathBuf,
    folder: Folder,
    /// Where Cargo looks.
    real: PathBuf,
    stem: String,
    /// Where rustc's words on what it has linked go, if they are asked for.
    link_words: Option<PathBuf>,
    /// Files that have a second name already, by inode.
    published: BTreeMap<OsString, u64>,
    /// The two folders as they stand in a message.
    shown: (Vec<u8>, Vec<u8>),
}

impl Private {
    /// Makes them below the folder that Cargo named: by the unit's name, so that two compiles of it say the same.
    ///
    /// # Errors
    /// They cannot be made.
    pub(super) fn make(real: &Path, stem: &str) -> Result<Self, String> {
        let root = real.join(format!(".inert-{stem}"));
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

    /// rustc's `--out-dir`.
    pub(super) fn out(&self) -> PathBuf {
        self.root.join("out")
    }

    /// Where rustc writes its words on what it has linked, which go to this file.
    pub(super) fn link_words(&mut self, at: &Path) -> PathBuf {
        self.link_words = Some(at.to_path_buf());
        self.out().join(LINK_WORDS)
    }

    /// Its TMPDIR and HOME.
    pub(super) fn tmp(&self) -> PathBuf {
        self.root.join("tmp")
    }

    /// What Cargo is to see of a line that rustc wrote.
    pub(super) fn line(&mut self, line: &[u8]) -> Vec<u8> {
        let announced =
            line.starts_with(b"{\"$message_type\":\"artifact\"") && contains(line, b"\"emit\":\"metadata\"");
        if announced {
            // Whatever it says: by the name that this unit's metadata has.
            let _ = self.publish_one(OsStr::new(&format!("lib{}.rmeta", self.stem)));
        }
        replaced(line, &self.shown.0, &self.shown.1)
    }

    /// Publishes all that is by this unit's names.
    ///
    /// # Errors
    /// Where Cargo looks, nothing can be written.
    pub(super) fn publish(&mut self) -> Result<(), String> {
        let names = self.folder.names().map_err(|error| format!("{}: {error}", self.root.display()))?;
        let own: Vec<OsString> = names.into_iter().filter(|name| is_of(&self.stem, name)).collect();
        for name in own {
            self.publish_one(&name)?;
        }
        let words = self.link_words.as_ref();
        if let Some((at, mut file)) = words.zip(self.folder.file(OsStr::new(LINK_WORDS), 1).ok()) {
            let mut text = Vec::new();
            let read = file.read_to_end(&mut text);
            let out = self.out();
            let [from, to] = [&out, &self.real].map(|path| path.as_os_str().as_encoded_bytes());
            read.and_then(|_| crate::file::write_atomic(at, &replaced(&text, from, to)))
                .map_err(|error| format!("{}: {error}", at.display()))?;
        }
        Ok(())
    }

    fn publish_one(&mut self, name: &OsStr) -> Result<(), String> {
        let before = self.published.get(name).copied();
        // What is no plain file of its own is none of rustc's outputs.
        let Ok(mut file) = self.folder.file(name, if before.is_some() { 2 } else { 1 }) else {
            return Ok(());
        };
        let at = self.real.join(name);
        let fail = |error: std::io::Error| format!("{}: {error}", at.display());
        let inode = file.metadata().map_err(fail)?.ino();
        if before == Some(inode) {
            return Ok(());
        }
        if Path::new(name).extension() == Some(OsStr::new("d")) {
            let mut text = Vec::new();
            file.read_to_end(&mut text).map_err(fail)?;
            let bytes = |path: &Path| path.as_os_str().as_encoded_bytes().to_vec();
            let escaped =
                |path: &Path| bytes(path).split(|byte| *byte == b' ').collect::<Vec<_>>().join(&b"\\ "[..]);
            let text = replaced(&text, &escaped(&self.out()), &escaped(&self.real));
            return crate::file::write_atomic(&at, &text).map_err(fail);
        }
        taken::place(&mut file, &at).map_err(fail)?;
        self.published.insert(name.to_owned(), inode);
        Ok(())
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

/// Whether rustc names an output of this unit so: `NAME`, `NAME.…`, `libNAME.…`.
fn is_of(stem: &str, name: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return false };
    [Some(name), name.strip_prefix("lib")]
        .into_iter()
        .flatten()
        .any(|name| name.strip_prefix(stem).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
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
        let mut private = Private::make(real, "own-1").unwrap();
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
        let told = String::from_utf8(private.line(message.as_bytes())).unwrap();
        assert_eq!(told, message.replace(&out.display().to_string(), &real.display().to_string()));
        assert_eq!(std::fs::read(real.join("libown-1.rmeta")).unwrap(), b"m");
        // rustc reads it again.
        assert!(out.join("libown-1.rmeta").is_file());
        private.publish().unwrap();
        private.publish().unwrap();
        drop(private);
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
