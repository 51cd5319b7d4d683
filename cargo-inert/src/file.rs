//! Reads and writes files. Files of other authors are read only if they are regular and not too long: a tree may
//! contain a pipe, which blocks its reader, a symlink to an endless device, or a sparse file of any size.

use std::fs::{self, Metadata};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The maximal length of a file that is read (a policy, a lock, a manifest, a script), in bytes.
pub const LONGEST: u64 = 64 << 20;

/// Returns the metadata of a regular file, or of the regular file that a symlink leads to.
///
/// # Errors
/// The file does not exist, or is a folder, a pipe or a device.
pub fn regular(path: &Path) -> io::Result<Metadata> {
    let found = fs::metadata(path)?;
    if found.is_file() { Ok(found) } else { Err(io::Error::other("it is no regular file")) }
}

/// Returns the bytes of a file.
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

/// Checks that a file, if it exists, is not read-only, since a rename would replace it nevertheless.
///
/// # Errors
/// The file is read-only.
pub fn writable(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) if found.permissions().readonly() => {
            Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only"))
        }
        _ => Ok(()),
    }
}

/// Returns the text of a file.
///
/// # Errors
/// As [`read`]'s; or it is not UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))
}

/// Writes a file so that a reader sees either the complete new contents or the old: to a temporary file, which is
/// renamed.
///
/// The temporary name is random and the file must be new: a symlink with a predictable name, which a tree may contain,
/// would be followed.
///
/// # Errors
/// The folder cannot be written, or the disk is full; no temporary file remains.
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

/// Writes a file in the place of whatever has its name: a symlink itself is replaced, not its target, and a folder is
/// removed with its contents. For folders that confined code may have written to.
///
/// # Errors
/// As [`write_atomic`]; or the folder cannot be removed.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::symlink_metadata(path).is_ok_and(|found| found.is_dir()) {
        fs::remove_dir_all(path)?;
    }
    write_atomic(path, bytes)
}

/// Removes a file, a symlink itself, or a folder with its contents, if there is one.
///
/// # Errors
/// It cannot be removed.
pub fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    removed.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

/// Writes a file unless it has these contents already, so that its modification time is kept. Returns true if it was
/// written.
///
/// # Errors
/// As [`write_atomic`].
pub fn write_if_changed(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    if fs::read(path).is_ok_and(|found| found == bytes) {
        return Ok(false);
    }
    write_atomic(path, bytes).map(|()| true)
}

/// Returns the first symlink on the way from a folder to a place below it: the tree may hold it, and what it leads to is not the
/// tree's.
#[must_use]
pub fn symlink_on(root: &Path, place: &str) -> Option<PathBuf> {
    let way = place.split('/').scan(root.to_path_buf(), |path, part| {
        path.push(part);
        Some(path.clone())
    });
    way.into_iter().find(|path| path.is_symlink())
}

/// Where a path leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The real path of what is there.
    There(PathBuf),
    /// Nothing has that name; the real path of the nearest folder that is there.
    Absent(PathBuf),
}

/// Returns whether a path leads through a folder of the running process's own (`/proc/self/cwd`, `/dev/fd`), itself or by a symlink:
/// it means another place to another process.
fn is_of_a_process(path: &Path) -> io::Result<bool> {
    let mut rest: Vec<std::ffi::OsString> =
        path.components().rev().map(|part| part.as_os_str().to_owned()).collect();
    let mut done = PathBuf::new();
    let mut links = 0;
    while let Some(part) = rest.pop() {
        if part == ".." {
            done.pop();
            continue;
        }
        // An absolute part begins anew.
        let next = done.join(&part);
        if next.starts_with("/proc") {
            return Ok(true);
        }
        match fs::symlink_metadata(&next) {
            Ok(found) if found.is_symlink() => {
                links += 1;
                if links > 64 {
                    return Err(io::Error::other("too many symlinks lead there"));
                }
                let target = fs::read_link(&next)?;
                rest.extend(target.components().rev().map(|part| part.as_os_str().to_owned()));
            }
            Ok(_) => done = next,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

/// Finds out where a path leads. What is there and has no real path (a symlink that leads nowhere; one of which the real path is
/// longer than the system takes, though a program opens it by the short one) is an error: it is not absent. So is a path that
/// leads through a process's own folders.
///
/// # Errors
/// As said, or a folder cannot be searched.
pub fn place(path: &Path) -> io::Result<Place> {
    if is_of_a_process(path)? {
        return Err(io::Error::other("it leads through /proc, which is another place to another process"));
    }
    match path.canonicalize() {
        Ok(real) => return Ok(Place::There(real)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    for above in path.ancestors() {
        match fs::symlink_metadata(above) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
            Ok(_) => {
                return above
                    .canonicalize()
                    .map(|real| if above == path { Place::There(real) } else { Place::Absent(real) });
            }
        }
    }
    Err(io::ErrorKind::NotFound.into())
}

/// Returns the path that bytes spell, in the system's encoding; `None` if the system has no such path.
#[must_use]
pub fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt as _;
        Some(PathBuf::from(std::ffi::OsStr::from_bytes(bytes)))
    }
    #[cfg(not(unix))]
    {
        std::str::from_utf8(bytes).ok().map(PathBuf::from)
    }
}

/// Formats a path for a message, on one line.
#[must_use]
pub fn shown(path: &Path) -> String {
    one_line(&path.to_string_lossy())
}

/// Formats foreign text for a message, on one line: control characters and those that change the direction of text are
/// escaped.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if c.is_control() || turns {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn no_symlink_of_the_tree_is_followed() {
        let tree = tempfile::tempdir().unwrap();
        let root = tree.path();
        std::fs::create_dir_all(root.join("inert/baked/plain-1.0.0")).unwrap();
        assert_eq!(symlink_on(root, "inert/baked/plain-1.0.0"), None);
        assert_eq!(symlink_on(root, "inert/baked/new-1.0.0"), None);
        std::os::unix::fs::symlink("/", root.join("inert/baked/linked-1.0.0")).unwrap();
        assert_eq!(symlink_on(root, "inert/baked/linked-1.0.0"), Some(root.join("inert/baked/linked-1.0.0")));
        std::fs::rename(root.join("inert/baked"), root.join("elsewhere")).unwrap();
        std::os::unix::fs::symlink("../elsewhere", root.join("inert/baked")).unwrap();
        assert_eq!(symlink_on(root, "inert/baked/plain-1.0.0"), Some(root.join("inert/baked")));
    }

    #[test]
    fn what_has_no_real_path_is_not_absent() {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().canonicalize().unwrap();
        assert_eq!(place(&root.join("a/b")).unwrap(), Place::Absent(root.clone()));
        fs::create_dir(root.join("a")).unwrap();
        std::os::unix::fs::symlink("a", root.join("to")).unwrap();
        assert_eq!(place(&root.join("to")).unwrap(), Place::There(root.join("a")));
        assert_eq!(place(&root.join("to/b")).unwrap(), Place::Absent(root.join("a")));
        std::os::unix::fs::symlink("nowhere", root.join("dangling")).unwrap();
        assert!(place(&root.join("dangling")).is_err());
        assert!(place(&root.join("dangling/b")).is_err());
        if cfg!(target_os = "linux") {
            std::os::unix::fs::symlink("/proc/self/cwd", root.join("own")).unwrap();
            for path in [
                Path::new("/proc/self/cwd"),
                Path::new("/dev/fd/0"),
                &root.join("own"),
                &root.join("a/../own/x"),
            ] {
                assert!(place(path).is_err(), "{}", path.display());
            }
        }
        // Longer than the system takes in one path, and opened by short ones all the same.
        let long = vec!["d".repeat(240); 14].join("/");
        let mut short = root.clone();
        for _ in 0..2 {
            fs::create_dir_all(short.join(&long)).unwrap();
            std::os::unix::fs::symlink(&long, short.join("l")).unwrap();
            short.push("l");
        }
        assert!(fs::read_dir(&short).is_ok());
        assert!(place(&short).is_err());
    }
}
