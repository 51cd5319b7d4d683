//! The files that a script sees: its package, which is read on the disk, and OUT_DIR, which is in memory until the
//! run has ended. A path is resolved part by part; symlinks are never followed, `..` never leads out of a preopened
//! folder, and only plain files are opened (no pipe, no device).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::Limits;
use crate::errno::{ACCES, EXIST, Errno, FBIG, INVAL, IO, ISDIR, NOENT, NOTCAPABLE, NOTDIR, NOTEMPTY, ROFS};

/// The tree that a path lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tree {
    Package,
    OutDir,
}

/// A place: a tree, and the path below its root, `/`-separated, empty for the root itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) tree: Tree,
    pub(crate) path: String,
}

/// The kind of file at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Folder,
    File { bytes: u64 },
}

/// OUT_DIR, kept in memory.
#[derive(Debug, Default)]
pub(crate) struct OutDir {
    files: BTreeMap<String, Vec<u8>>,
    folders: BTreeSet<String>,
    bytes: usize,
}

/// Both trees, and the paths of the package that were asked for.
#[derive(Debug)]
pub(crate) struct Files {
    package: PathBuf,
    /// Names at the package's root that are out of reach.
    hidden: BTreeSet<String>,
    pub(crate) out_dir: OutDir,
    pub(crate) read: BTreeSet<String>,
    /// The paths that were asked for outside both trees, behind a symlink, or by a hidden name.
    pub(crate) out_of_reach: BTreeSet<String>,
    limits: Limits,
}

impl Files {
    pub(crate) fn new(package: &Path, hidden: BTreeSet<String>, limits: Limits) -> Files {
        Files {
            package: package.to_owned(),
            hidden,
            out_dir: OutDir::default(),
            read: BTreeSet::new(),
            out_of_reach: BTreeSet::new(),
            limits,
        }
    }

    /// Resolves `path` from `folder`. A path that leads out of the tree is `ENOTCAPABLE`, as in WASI.
    pub(crate) fn place(&self, folder: &Place, path: &str) -> Result<Place, Errno> {
        if path.contains('\0') {
            return Err(INVAL);
        }
        if path.starts_with('/') {
            return Err(NOTCAPABLE);
        }
        let mut parts: Vec<&str> = folder.path.split('/').filter(|part| !part.is_empty()).collect();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    // The path before it must be a folder: `file/..` and `missing/..` are errors of the system,
                    // too.
                    let left = Place { tree: folder.tree, path: parts.join("/") };
                    if self.kind(&left)? != Kind::Folder {
                        return Err(NOTDIR);
                    }
                    parts.pop().ok_or(NOTCAPABLE)?;
                }
                // On Windows, a part with a separator or a drive would lead elsewhere.
                part if part.contains(['\\', ':']) && cfg!(windows) => return Err(NOTCAPABLE),
                part => parts.push(part),
            }
        }
        let place = Place { tree: folder.tree, path: parts.join("/") };
        // A path `file/` does not name a file.
        if (path.ends_with('/') || path.ends_with("/.")) && matches!(self.kind(&place), Ok(Kind::File { .. }))
        {
            return Err(NOTDIR);
        }
        Ok(place)
    }

    /// Records that the outcome depends on `place`. A path that the package lacks, but the system has below its
    /// root, was probably absolute: libc for WASI looks for those below the working folder if they are in no
    /// preopened folder.
    pub(crate) fn asked(&mut self, place: &Place) {
        if place.tree == Tree::OutDir {
            return;
        }
        self.read.insert(place.path.clone());
        match self.kind(place) {
            Err(NOTCAPABLE) => drop(self.out_of_reach.insert(place.path.clone())),
            Err(NOENT | NOTDIR) => {
                let absolute = format!("/{}", place.path);
                if cfg!(unix) && fs::symlink_metadata(&absolute).is_ok() {
                    self.out_of_reach.insert(absolute);
                }
            }
            _ => {}
        }
    }

    /// Returns the kind of file at `place`.
    pub(crate) fn kind(&self, place: &Place) -> Result<Kind, Errno> {
        match place.tree {
            Tree::OutDir => self.out_dir.kind(&place.path),
            Tree::Package => {
                let metadata = self.on_disk(&place.path)?.1;
                if metadata.is_dir() {
                    Ok(Kind::Folder)
                } else if metadata.is_file() {
                    Ok(Kind::File { bytes: metadata.len() })
                } else {
                    Err(ACCES)
                }
            }
        }
    }

    /// Returns the path on the disk and its metadata. A symlink anywhere below the package, or a hidden name, is
    /// `ENOTCAPABLE`.
    fn on_disk(&self, path: &str) -> Result<(PathBuf, fs::Metadata), Errno> {
        let mut at = self.package.clone();
        let mut metadata = fs::metadata(&at).map_err(from_io)?;
        for part in path.split('/').filter(|part| !part.is_empty()) {
            if !metadata.is_dir() {
                return Err(NOTDIR);
            }
            let hidden = at == self.package && self.hides(part);
            at.push(part);
            metadata = fs::symlink_metadata(&at).map_err(from_io)?;
            if hidden || metadata.is_symlink() {
                return Err(NOTCAPABLE);
            }
        }
        Ok((at, metadata))
    }

    /// Returns whether a name at the package's root is hidden. Some file systems find a name in any case.
    fn hides(&self, name: &str) -> bool {
        self.hidden.iter().any(|hidden| hidden.eq_ignore_ascii_case(name))
    }

    /// Returns the contents of the file at `place`.
    pub(crate) fn contents(&self, place: &Place) -> Result<Vec<u8>, Errno> {
        match place.tree {
            Tree::OutDir => self.out_dir.files.get(&place.path).cloned().ok_or(NOENT),
            Tree::Package => {
                let (path, metadata) = self.on_disk(&place.path)?;
                if metadata.len() > self.limits.memory as u64 {
                    return Err(FBIG);
                }
                fs::read(path).map_err(from_io)
            }
        }
    }

    /// Returns the names in the folder at `place`, sorted, so that the order is the same on every file system; each
    /// with whether it is a folder. Entries that are neither files nor folders are left out, and taken down as out of
    /// reach: a native run would find them.
    pub(crate) fn names(&mut self, place: &Place) -> Result<Vec<(String, bool)>, Errno> {
        if self.kind(place)? != Kind::Folder {
            return Err(NOTDIR);
        }
        match place.tree {
            Tree::OutDir => Ok(self.out_dir.names(&place.path)),
            Tree::Package => {
                let mut names = Vec::new();
                for entry in fs::read_dir(self.on_disk(&place.path)?.0).map_err(from_io)? {
                    let entry = entry.map_err(from_io)?;
                    let kind = entry.file_type().map_err(from_io)?;
                    // WASI cannot express a name that is not UTF-8; an error prevents the script from taking the
                    // list for complete.
                    let name = entry.file_name().into_string().map_err(|_| IO)?;
                    let hidden = place.path.is_empty() && self.hides(&name);
                    if hidden {
                        continue;
                    }
                    if kind.is_dir() || kind.is_file() {
                        names.push((name, kind.is_dir()));
                    } else {
                        let folder = place.path.split('/').filter(|part| !part.is_empty());
                        let path: Vec<&str> = folder.chain([&*name]).collect();
                        self.out_of_reach.insert(path.join("/"));
                    }
                }
                names.sort();
                Ok(names)
            }
        }
    }

    /// Returns the tree that may be changed, for the path of `place`.
    pub(crate) fn writable<'p>(&mut self, place: &'p Place) -> Result<(&mut OutDir, &'p str), Errno> {
        match place.tree {
            Tree::OutDir => Ok((&mut self.out_dir, &place.path)),
            Tree::Package => Err(ROFS),
        }
    }

    /// Returns the limit that OUT_DIR exceeds, if any.
    pub(crate) fn exceeded(&self) -> Option<String> {
        if self.out_dir.bytes > self.limits.out_dir_bytes {
            return Some(format!("OUT_DIR holds more than {} bytes", self.limits.out_dir_bytes));
        }
        let entries = self.out_dir.files.len() + self.out_dir.folders.len();
        (entries > self.limits.out_dir_entries)
            .then(|| format!("OUT_DIR holds more than {} files and folders", self.limits.out_dir_entries))
    }
}

impl OutDir {
    fn kind(&self, path: &str) -> Result<Kind, Errno> {
        if path.is_empty() || self.folders.contains(path) {
            return Ok(Kind::Folder);
        }
        if let Some(contents) = self.files.get(path) {
            return Ok(Kind::File { bytes: contents.len() as u64 });
        }
        let mut above = path;
        while let Some((parent, _)) = above.rsplit_once('/') {
            if self.files.contains_key(parent) {
                return Err(NOTDIR);
            }
            above = parent;
        }
        Err(NOENT)
    }

    fn names(&self, path: &str) -> Vec<(String, bool)> {
        let below = |whole: &str| {
            let rest = if path.is_empty() { whole } else { whole.strip_prefix(path)?.strip_prefix('/')? };
            (!rest.is_empty() && !rest.contains('/')).then(|| rest.to_owned())
        };
        let files = self.files.keys().filter_map(|whole| Some((below(whole)?, false)));
        let folders = self.folders.iter().filter_map(|whole| Some((below(whole)?, true)));
        let mut names: Vec<_> = files.chain(folders).collect();
        names.sort();
        names
    }

    /// Checks that the parent folder of `path` exists.
    fn parent(&self, path: &str) -> Result<(), Errno> {
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        if self.kind(parent)? == Kind::Folder { Ok(()) } else { Err(NOTDIR) }
    }

    pub(crate) fn create_file(&mut self, path: &str) -> Result<(), Errno> {
        self.parent(path)?;
        match self.kind(path) {
            Ok(Kind::Folder) => Err(ISDIR),
            Ok(Kind::File { .. }) => Ok(()),
            Err(NOENT) => {
                self.files.insert(path.to_owned(), Vec::new());
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    pub(crate) fn create_folder(&mut self, path: &str) -> Result<(), Errno> {
        if self.kind(path).is_ok() {
            return Err(EXIST);
        }
        self.parent(path)?;
        self.folders.insert(path.to_owned());
        Ok(())
    }

    pub(crate) fn remove_file(&mut self, path: &str) -> Result<(), Errno> {
        match self.kind(path)? {
            Kind::Folder => Err(ISDIR),
            Kind::File { bytes } => {
                self.bytes -= bytes as usize;
                self.files.remove(path);
                Ok(())
            }
        }
    }

    pub(crate) fn remove_folder(&mut self, path: &str) -> Result<(), Errno> {
        match self.kind(path)? {
            Kind::File { .. } => Err(NOTDIR),
            Kind::Folder if path.is_empty() => Err(ACCES),
            Kind::Folder if !self.names(path).is_empty() => Err(NOTEMPTY),
            Kind::Folder => {
                self.folders.remove(path);
                Ok(())
            }
        }
    }

    pub(crate) fn rename(&mut self, from: &str, to: &str) -> Result<(), Errno> {
        let kind = self.kind(from)?;
        self.parent(to)?;
        match (kind, self.kind(to)) {
            _ if from == to => return Ok(()),
            (Kind::Folder, _) if from.is_empty() || to.starts_with(&format!("{from}/")) => return Err(INVAL),
            (Kind::Folder, Ok(Kind::File { .. })) => return Err(NOTDIR),
            (Kind::File { .. }, Ok(Kind::Folder)) => return Err(ISDIR),
            (Kind::Folder, Ok(Kind::Folder)) => self.remove_folder(to)?,
            (Kind::File { .. }, Ok(Kind::File { .. })) => self.remove_file(to)?,
            (_, Err(NOENT)) => {}
            (_, Err(error)) => return Err(error),
        }
        let moved = |path: &str| match path.strip_prefix(from) {
            Some("") => to.to_owned(),
            Some(rest) if rest.starts_with('/') => format!("{to}{rest}"),
            _ => path.to_owned(),
        };
        self.files = std::mem::take(&mut self.files)
            .into_iter()
            .map(|(path, contents)| (moved(&path), contents))
            .collect();
        self.folders = std::mem::take(&mut self.folders).into_iter().map(|path| moved(&path)).collect();
        Ok(())
    }

    /// Returns at most `length` bytes of a file from `start` on.
    pub(crate) fn read(&self, path: &str, start: u64, length: usize) -> Result<&[u8], Errno> {
        let contents = self.files.get(path).ok_or(NOENT)?;
        let start = usize::try_from(start).unwrap_or(usize::MAX).min(contents.len());
        Ok(&contents[start..contents.len().min(start.saturating_add(length))])
    }

    /// Writes `bytes` at `start`; a gap after the file's end is filled with zeros. `most` bounds OUT_DIR.
    pub(crate) fn write(&mut self, path: &str, start: u64, bytes: &[u8], most: usize) -> Result<(), Errno> {
        let end = usize::try_from(start).ok().and_then(|start| start.checked_add(bytes.len())).ok_or(FBIG)?;
        self.resize(path, |length| length.max(end), most)?;
        let contents = self.files.get_mut(path).ok_or(NOENT)?;
        contents[end - bytes.len()..end].copy_from_slice(bytes);
        Ok(())
    }

    /// Changes the length of a file. Beyond `most` bytes in all nothing changes, and OUT_DIR counts as too large.
    pub(crate) fn resize(
        &mut self,
        path: &str,
        length: impl FnOnce(usize) -> usize,
        most: usize,
    ) -> Result<(), Errno> {
        let contents = self.files.get_mut(path).ok_or(NOENT)?;
        let length = length(contents.len());
        let all = (self.bytes - contents.len()).saturating_add(length);
        if all > most {
            self.bytes = most.saturating_add(1);
            return Err(FBIG);
        }
        contents.resize(length, 0);
        self.bytes = all;
        Ok(())
    }

    /// Returns the files, and the folders without files.
    pub(crate) fn into_outcome(self) -> (BTreeMap<String, Vec<u8>>, BTreeSet<String>) {
        let used = |folder: &String| {
            self.files.keys().chain(&self.folders).any(|path| path.starts_with(&format!("{folder}/")))
        };
        let empty = self.folders.iter().filter(|folder| !used(folder)).cloned().collect();
        (self.files, empty)
    }
}

fn from_io(error: std::io::Error) -> Errno {
    match error.kind() {
        std::io::ErrorKind::NotFound => NOENT,
        std::io::ErrorKind::PermissionDenied => ACCES,
        std::io::ErrorKind::NotADirectory => NOTDIR,
        std::io::ErrorKind::IsADirectory => ISDIR,
        std::io::ErrorKind::InvalidInput => INVAL,
        _ => IO,
    }
}
