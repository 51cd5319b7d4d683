//! SHA-256 of texts, files and whole packages.

use std::io;
use std::path::Path;

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

/// Of every file of a package on disk, with its path; as `sha256:…`.
///
/// A folder's own checksums prove nothing (an edited vendored package with `"files": {}` builds), so all bytes are
/// read. Left out: version control and a `target` folder at the root of a package that is not from a registry, and
/// the marker that cargo leaves when it has unpacked a package. A symlink counts by where it points.
///
/// # Errors
/// A file cannot be read.
pub fn package(root: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    collect(root, root, &mut files)?;
    files.sort();
    let mut hash = Sha256::new();
    for name in &files {
        let path = root.join(name);
        let (digest, length) = if path.symlink_metadata()?.file_type().is_symlink() {
            let content = std::fs::read_link(&path)?.to_string_lossy().into_owned();
            (Sha256::digest(&content).into(), content.len() as u64)
        } else {
            content(&path).map_err(|error| io::Error::new(error.kind(), format!("{name}: {error}")))?
        };
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name);
        hash.update(length.to_le_bytes());
        hash.update(digest);
    }
    Ok(format!("sha256:{}", hexadecimal(&hash.finalize())))
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<String>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let name = entry.file_name();
        let at_root = folder == root;
        if at_root && (name == ".git" || name == "target" || is_unpack_marker(&path)) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(root, &path, files)?;
        } else {
            let relative = path.strip_prefix(root).unwrap_or(&path);
            // One spelling on every system.
            files.push(relative.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"));
        }
    }
    Ok(())
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
