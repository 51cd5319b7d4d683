//! Trees of files made at random, the same for the same seed: names of any bytes, folders that tools leave aside, symlinks
//! inside and out.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

/// A generator with the choices that trees and edits make.
pub(crate) struct Random(fastrand::Rng);

impl Random {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0.usize(..limit)
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// Names of entries: ordinary ones, those that tools treat apart, and bytes that are no Unicode or no text at all.
const NAMES: &[&[u8]] = &[
    b"a",
    b"b.rs",
    b"src",
    b"lib.rs",
    b"build.rs",
    b"target",
    b"debug",
    b".hidden",
    b".gitignore",
    b"Cargo.toml",
    b"d\xff",
    b"d\xfe",
    b"x y",
    b"e\xcc\x81",
    b"\xc3\xa9",
    b"n\nl",
    b"-r",
    b"A",
    b"data.bin",
    b".cargo-checksum.json",
    b"node_modules",
    b"out",
];

/// A folder with a package in it, `package`, and things that symlinks lead to beside it, `outside`.
pub(crate) struct Tree {
    pub(crate) scratch: tempfile::TempDir,
    pub(crate) package: PathBuf,
    pub(crate) outside: PathBuf,
}

impl Tree {
    pub(crate) fn random(random: &mut Random) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let base = scratch.path().canonicalize().unwrap();
        let (package, outside) = (base.join("package"), base.join("outside"));
        fs::create_dir_all(&package).unwrap();
        fs::create_dir_all(outside.join("folder/deep")).unwrap();
        for file in ["one", "folder/two", "folder/deep/three"] {
            fs::write(outside.join(file), file).unwrap();
        }
        fs::write(package.join("Cargo.toml"), "[package]\n").unwrap();
        let tree = Self { scratch, package, outside };
        for _ in 0..4 + random.below(12) {
            tree.grow(random);
        }
        tree
    }

    /// Adds something where nothing is.
    pub(crate) fn grow(&self, random: &mut Random) -> Option<PathBuf> {
        let folders = self.all(|path| path.is_dir() && !path.is_symlink());
        let mut folders: Vec<&Path> = folders.iter().map(PathBuf::as_path).collect();
        folders.push(&self.package);
        let path = random.pick(&folders).join(OsStr::from_bytes(random.pick(NAMES)));
        if path.symlink_metadata().is_ok() {
            return None;
        }
        match random.below(10) {
            0..5 => fs::write(&path, vec![b'x'; random.below(4)]).unwrap(),
            5..7 => fs::create_dir(&path).unwrap(),
            7 => {
                fs::write(&path, "#!/bin/sh\n").unwrap();
                fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            }
            _ => {
                let ends = ["one", "folder", "folder/two", "none"].map(|end| self.outside.join(end));
                let inside = self.all(|_| true);
                let ends: Vec<&Path> = ends.iter().chain(&inside).map(PathBuf::as_path).collect();
                symlink(random.pick(&ends), &path).unwrap();
            }
        }
        Some(path)
    }

    /// Entries of the package, symlinks not followed, in the order of their names.
    pub(crate) fn all(&self, which: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
        let (mut found, mut pending) = (Vec::new(), vec![self.package.clone()]);
        while let Some(folder) = pending.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() && !path.is_symlink() {
                    pending.push(path.clone());
                }
                found.push(path);
            }
        }
        found.retain(|path| which(path));
        found.sort();
        found
    }
}
