//! Reading files that somebody else wrote: only regular ones, and no more than fits.
//!
//! A tree may hold a pipe, on which a reader waits for ever, a symlink to a device without end, or a sparse file of any size.

use std::fs::{self, Metadata};
use std::io::{self, Write as _};
use std::path::Path;

/// No text that is read here is longer: a policy, a lock, a manifest, a script.
pub const LONGEST: u64 = 64 << 20;

/// Of a regular file, or what a symlink to one leads to.
///
/// # Errors
/// It is not there, or is a folder, a pipe, a device.
pub fn regular(path: &Path) -> io::Result<Metadata> {
    let found = fs::metadata(path)?;
    if found.is_file() { Ok(found) } else { Err(io::Error::other("it is no regular file")) }
}

/// A file's bytes.
///
/// # Errors
/// As [`regular`]'s; or it is longer than [`LONGEST`].
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let length = regular(path)?.len();
    if length > LONGEST {
        return Err(io::Error::other(format!("it has {length} bytes; more than {LONGEST} are not read")));
    }
    fs::read(path)
}

/// That a file, if it is there, is not marked as read-only: it would be replaced all the same, by a rename.
///
/// # Errors
/// It is.
pub fn writable(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) if found.permissions().readonly() => {
            Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only"))
        }
        _ => Ok(()),
    }
}

/// A file's text.
///
/// # Errors
/// As [`read`]'s; or it is not UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))
}

/// Writes a file so that whoever reads it sees all of it or the one before: to a temporary name, then renamed.
///
/// The temporary name is one that nobody can know, and is made new: where a tree is written to, a symlink that it ships
/// by that name would be followed.
///
/// # Errors
/// The folder cannot be written, or is full; nothing is left behind then.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.{}", &crate::random::nonce()?[..16]));
    let write = || {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&temporary)?;
        file.write_all(bytes)?;
        drop(file);
        fs::rename(&temporary, path)
    };
    let written = write();
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Writes a file unless it holds just that already, so that its time stands where nothing changed. True if written.
///
/// # Errors
/// As [`write_atomic`].
pub fn write_if_changed(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    if fs::read(path).is_ok_and(|found| found == bytes) {
        return Ok(false);
    }
    write_atomic(path, bytes).map(|()| true)
}

/// A path for a sentence: in one line, whatever its names hold.
#[must_use]
pub fn shown(path: &Path) -> String {
    one_line(&path.to_string_lossy())
}

/// A text from elsewhere for a sentence: in one line, control characters and those that change the direction of what
/// follows escaped.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if c.is_control() || turns {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}
