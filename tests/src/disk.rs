//! Reads `.pc` files on the disk.

use std::path::Path;
use std::{fs, io};

use inert_resolver::pkgconf::PcSource;

/// A source of files on the disk, without a journal.
#[derive(Debug)]
pub struct Disk;

impl PcSource for Disk {
    fn read(&mut self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn read_dir(&mut self, path: &Path) -> io::Result<Vec<String>> {
        fs::read_dir(path)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }
}
