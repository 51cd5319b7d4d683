//! Takes the files that a program left in a folder of its own: plain files alone, through the folder's descriptor.
//!
//! The program may have put anything there, and may change it while it runs: a symlink, a pipe, a second name of a
//! file that is not its own. So nothing is opened by a path that leads through more than the descriptor, and
//! nothing is followed or waited for. The opened file itself is taken, by another name of the same file, since the
//! program may read it again.

use std::ffi::{CString, OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::sys;

/// A folder that belongs to one program.
#[derive(Debug)]
pub struct Folder {
    opened: File,
    path: PathBuf,
}

impl Folder {
    /// Opens the folder, before the program starts.
    ///
    /// # Errors
    /// The folder does not exist, or is not a folder.
    pub fn open(path: &Path) -> io::Result<Self> {
        let opened = File::open(path)?;
        if !opened.metadata()?.is_dir() {
            return Err(io::Error::other(format!("{} is no folder", path.display())));
        }
        Ok(Self { opened, path: path.to_path_buf() })
    }

    /// Returns the names in the folder.
    ///
    /// # Errors
    /// The folder can no longer be read.
    pub fn names(&self) -> io::Result<Vec<OsString>> {
        // The parent folder is not writable for the program, so the path still leads to this folder.
        std::fs::read_dir(&self.path)?.map(|entry| Ok(entry?.file_name())).collect()
    }

    /// Opens a plain file of this name in the folder; `links` is the number of names that it may have.
    ///
    /// # Errors
    /// The file does not exist, or is of another kind.
    pub fn file(&self, name: &OsStr, links: u64) -> io::Result<File> {
        let bytes = name.as_bytes();
        if bytes.contains(&b'/') || bytes == b"." || bytes == b".." {
            return Err(io::Error::other("no name of a file"));
        }
        let file = sys::open_plain(self.opened.as_fd(), &CString::new(bytes)?)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() || metadata.nlink() > links {
            return Err(io::Error::other(format!("{} is no file of its own", name.display())));
        }
        Ok(file)
    }
}

/// Gives an opened file another name, replacing the file of that name; makes a copy if the file system has no
/// second names.
///
/// # Errors
/// The folder of the new name cannot be written to.
pub fn place(file: &mut File, at: &Path) -> io::Result<()> {
    let name = at.file_name().unwrap_or_default().to_string_lossy();
    let part = at.with_file_name(format!(".{name}.{}", std::process::id()));
    let _ = std::fs::remove_file(&part);
    let path = |path: &Path| CString::new(path.as_os_str().as_bytes()).map_err(io::Error::other);
    if sys::name(file.as_fd(), &path(&part)?).is_err() {
        let metadata = file.metadata()?;
        io::copy(file, &mut File::create_new(&part)?)?;
        std::fs::set_permissions(&part, metadata.permissions())?;
        File::options().write(true).open(&part)?.set_modified(metadata.modified()?)?;
    }
    let renamed = std::fs::rename(&part, at);
    // Renaming one name of a file to another name of the same file does nothing.
    let _ = std::fs::remove_file(&part);
    renamed
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the standard library makes no pipe by a name")]
    fn only_plain_files_of_its_own_are_taken() {
        let place_of = tempfile::tempdir().unwrap();
        let (own, out) = (place_of.path().join("own"), place_of.path().join("out"));
        std::fs::create_dir(&own).unwrap();
        std::fs::create_dir(&out).unwrap();
        std::fs::write(place_of.path().join("secret"), "s").unwrap();
        let folder = Folder::open(&own).unwrap();
        std::fs::write(own.join("plain"), "p").unwrap();
        symlink("../secret", own.join("link")).unwrap();
        std::fs::hard_link(place_of.path().join("secret"), own.join("second")).unwrap();
        std::fs::create_dir(own.join("folder")).unwrap();
        let pipe = std::process::Command::new("mkfifo").arg(own.join("pipe")).status().unwrap();
        assert!(pipe.success());
        for name in ["link", "second", "folder", "pipe", "missing", "..", "../secret"] {
            assert!(folder.file(OsStr::new(name), 1).is_err(), "{name}");
        }
        let mut file = folder.file(OsStr::new("plain"), 1).unwrap();
        std::fs::write(out.join("plain"), "old").unwrap();
        place(&mut file, &out.join("plain")).unwrap();
        assert_eq!(std::fs::read(out.join("plain")).unwrap(), b"p");
        // The file is taken a second time, and has two names now.
        assert!(folder.file(OsStr::new("plain"), 1).is_err());
        let mut file = folder.file(OsStr::new("plain"), 2).unwrap();
        place(&mut file, &out.join("plain")).unwrap();
        assert_eq!(std::fs::read_dir(&out).unwrap().count(), 1);
        // The folder is exchanged for another: only the opened one is read.
        std::fs::rename(&own, place_of.path().join("moved")).unwrap();
        std::fs::create_dir(&own).unwrap();
        std::fs::write(own.join("other"), "o").unwrap();
        assert!(folder.file(OsStr::new("other"), 1).is_err());
    }
}
