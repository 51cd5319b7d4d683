//! The rights of a program, as data: the caller, who knows the program's purpose, computes them. Without grants
//! there are no rights.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The rights of a program, which has no others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grants {
    /// The rights on files and folders.
    pub paths: Vec<PathGrant>,
    /// The complete environment of the program.
    pub variables: BTreeMap<OsString, OsString>,
    /// True if it may open sockets of the internet families. Services on loopback are reachable then, too.
    pub network: bool,
    /// The programs and threads that it may start.
    pub processes: Processes,
    /// The limits at which it is stopped.
    pub limits: Limits,
}

/// A right on a file, or on a folder and everything below it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PathGrant {
    /// The file or folder; for a symlink, the target of the link.
    pub path: PathBuf,
    /// The right that is granted.
    pub access: Access,
    /// Whether the path must exist.
    pub need: Need,
}

/// A kind of access to a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Listing the names in this one folder: not those in the folders below it, and reading no file. A program that
    /// runs without a supervisor does not get it.
    List,
    /// Reading and listing.
    Read,
    /// Reading, listing and executing.
    Execute,
    /// Reading, listing, writing, creating, removing, and changing modes and times.
    Write,
    /// Every right of the other kinds.
    WriteExecute,
}

impl Access {
    /// Returns whether files may be changed.
    #[must_use]
    pub fn writes(self) -> bool {
        matches!(self, Self::Write | Self::WriteExecute)
    }

    /// Returns whether files may be executed.
    #[must_use]
    pub fn executes(self) -> bool {
        matches!(self, Self::Execute | Self::WriteExecute)
    }
}

/// The treatment of a granted path that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// The program is refused before anything starts.
    Required,
    /// The grant is ignored.
    Optional,
}

/// The processes that a program may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Processes {
    /// No processes, but threads.
    #[default]
    None,
    /// Any program that it may execute.
    Any,
}

/// The limits of a program; beyond one it is stopped with a message. `None` means no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// The number of processes at once, counted where they begin, and ten times a second.
    pub processes: Option<u32>,
    /// The size of one file, in bytes.
    pub file: Option<u64>,
    /// The bytes below all folders that it may write to, together.
    pub written: Option<u64>,
    /// The time that it may run.
    pub time: Option<Duration>,
}

impl Grants {
    /// Adds a right on a path that must exist.
    pub fn add(&mut self, path: impl AsRef<Path>, access: Access) {
        self.paths.push(PathGrant { path: path.as_ref().to_owned(), access, need: Need::Required });
    }

    /// Adds a right on a path that may be missing.
    pub fn add_if_there(&mut self, path: impl AsRef<Path>, access: Access) {
        self.paths.push(PathGrant { path: path.as_ref().to_owned(), access, need: Need::Optional });
    }

    /// Returns whether a folder may be listed without the folders below it.
    #[must_use]
    pub fn lists(&self) -> bool {
        self.paths.iter().any(|grant| grant.access == Access::List)
    }

    /// Returns the folders and files that may be changed.
    pub fn writable(&self) -> impl Iterator<Item = &Path> {
        self.paths.iter().filter(|grant| grant.access.writes()).map(|grant| grant.path.as_path())
    }
}
