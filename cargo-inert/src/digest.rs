//! SHA-256 of texts, files and whole packages.

use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// Of some bytes, as hexadecimal digits.
#[must_use]
pub fn bytes(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Of a text.
#[must_use]
pub fn text(text: &str) -> String {
    bytes(text.as_bytes())
}

/// Of a file, as `sha256:…`.
///
/// # Errors
/// It cannot be read.
pub fn file(path: &Path) -> io::Result<String> {
    Ok(format!("sha256:{}", hexadecimal(&content(path)?.0)))
}

/// Files that symlinks out of a package may lead to.
const BEHIND_SYMLINKS: usize = 20_000;

/// Of every file of a package on disk, with its path; as `sha256:…`.
///
/// A folder's own checksums prove nothing (an edited vendored package with `"files": {}` builds), so all bytes are
/// read. Left out: version control and a `target` folder at the root of a package that was not unpacked or vendored, and
/// the marker that cargo leaves when it has unpacked a package. A symlink counts by where it points, and where that is
/// elsewhere, by what lies there too.
///
/// # Errors
/// A file cannot be read, or a symlink leads to more than is read.
pub fn package(root: &Path) -> io::Result<String> {
    let mut tree = Tree { root, real: root.canonicalize()?, files: Vec::new(), outside: 0 };
    tree.collect(root, "", false)?;
    tree.files.sort_by(|a, b| a.name.cmp(&b.name));
    let mut hash = Sha256::new();
    for File { name, path, is_link } in &tree.files {
        let (digest, length) = if *is_link {
            let content = std::fs::read_link(path)?.to_string_lossy().into_owned();
            (Sha256::digest(&content).into(), content.len() as u64)
        } else {
            content(path).map_err(|error| io::Error::new(error.kind(), format!("{name}: {error}")))?
        };
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name);
        hash.update(length.to_le_bytes());
        hash.update(digest);
    }
    Ok(format!("sha256:{}", hexadecimal(&hash.finalize())))
}

/// Whether what has this name at a package's root does not count: where a package is worked on, version control and
/// build output lie there. What Cargo unpacked or somebody vendored has neither, and all of it counts.
#[must_use]
pub fn is_left_out(root: &Path, name: &std::ffi::OsStr) -> bool {
    let unpacked = || {
        root.join(".cargo-checksum.json").exists()
            || root.ancestors().take(16).any(|folder| folder.join(".cargo-ok").exists())
    };
    // Git's own folder is Cargo's, in a checkout that it made.
    (name == ".git" && !root.join(".cargo-checksum.json").exists()) || (name == "target" && !unpacked())
}

struct File {
    name: String,
    path: PathBuf,
    is_link: bool,
}

struct Tree<'a> {
    root: &'a Path,
    real: PathBuf,
    files: Vec<File>,
    outside: usize,
}

impl Tree<'_> {
    /// Takes down the files of a folder; `outside` of the package, where a symlink led.
    fn collect(&mut self, folder: &Path, prefix: &str, outside: bool) -> io::Result<()> {
        let unreadable =
            |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", folder.display()));
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let entry = entry?;
            let path = entry.path();
            let name = entry.file_name();
            let at_root = folder == self.root;
            if at_root && (is_left_out(self.root, &name) || is_unpack_marker(&path)) {
                continue;
            }
            let kind = entry.file_type()?;
            // One spelling on every system.
            let name = format!("{prefix}{}", name.to_string_lossy());
            if kind.is_dir() {
                self.collect(&path, &format!("{name}/"), outside)?;
                continue;
            }
            let leads = if kind.is_symlink() { self.leads_out(&path) } else { None };
            if let Some(real) = leads {
                let behind = format!("{name}\0");
                if real.is_file() {
                    self.push(behind, real, false, true)?;
                } else if !outside && real.is_dir() {
                    self.collect(&real, &behind, true)?;
                }
            }
            self.push(name, path, kind.is_symlink(), outside)?;
        }
        Ok(())
    }

    /// Where a symlink leads that does not lead to a file that counts anyway.
    fn leads_out(&self, link: &Path) -> Option<PathBuf> {
        let real = link.canonicalize().ok()?;
        let counted = real.strip_prefix(&self.real).is_ok_and(|inside| {
            inside.components().next().is_none_or(|first| !is_left_out(self.root, first.as_os_str()))
        });
        (!counted).then_some(real)
    }

    fn push(&mut self, name: String, path: PathBuf, is_link: bool, outside: bool) -> io::Result<()> {
        self.outside += usize::from(outside);
        if self.outside > BEHIND_SYMLINKS {
            return Err(io::Error::other(format!(
                "{name}: a symlink leads out of the package to more than {BEHIND_SYMLINKS} files"
            )));
        }
        self.files.push(File { name, path, is_link });
        Ok(())
    }
}

/// Digest and length of a regular file, however long.
fn content(path: &Path) -> io::Result<([u8; 32], u64)> {
    crate::file::regular(path)?;
    let mut file = std::fs::File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut length = 0;
    loop {
        match io::Read::read(&mut file, &mut buffer)? {
            0 => return Ok((hash.finalize().into(), length)),
            count => {
                hash.update(&buffer[..count]);
                length += count as u64;
            }
        }
    }
}

fn is_unpack_marker(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == ".cargo-ok")
        && crate::file::read(path)
            .is_ok_and(|content| matches!(content.as_slice(), b"" | b"ok" | b"{\"v\":1}"))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
