//! The access to `.pc` files, and the numbers of the modules that are read from them.

use std::io;
use std::path::Path;

/// The number of a module among those read.
pub type PackageId = usize;

/// The access to files. The resolver's world module implements it, and journals every read.
pub trait PcSource {
    /// Returns the bytes of a file.
    ///
    /// # Errors
    /// The error of reading; an absent file is [`io::ErrorKind::NotFound`].
    fn read(&mut self, path: &Path) -> io::Result<Vec<u8>>;

    /// Returns whether a folder exists. If the answer is true, the reader looks for files in it.
    fn is_dir(&mut self, path: &Path) -> bool {
        let _ = path;
        true
    }

    /// Returns the names of a folder's entries, in any order.
    ///
    /// # Errors
    /// The error of reading; an absent folder is [`io::ErrorKind::NotFound`].
    fn read_dir(&mut self, path: &Path) -> io::Result<Vec<String>>;
}
