//! What a program may do: data, computed by whoever knows what the program is for. Rights add up from none.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a program may do, and no more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grants {
    /// Files and folders.
    pub paths: Vec<PathGrant>,
    /// Its environment, all of it.
    pub variables: BTreeMap<OsString, OsString>,
    /// Whether it may open sockets of the internet families. Services on loopback are reachable then, too.
    pub network: bool,
    /// What it may start.
    pub processes: Processes,
    /// Where it is stopped.
    pub limits: Limits,
}

/// A right on a file, or on a folder and all below it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PathGrant {
    /// What it is on; where it is a symlink, on what that leads to.
    pub path: PathBuf,
    /// The right.
    pub access: Access,
    /// Whether it has to be there.
    pub need: Need,
}

/// What may be done with a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Read, list.
    Read,
    /// Read, list, execute.
    Execute,
    /// Read, list, write, make, remove, change modes and times.
    Write,
    /// All of these.
    WriteExecute,
}

impl Access {
    /// Whether files may be changed.
    #[must_use]
    pub fn writes(self) -> bool {
        matches!(self, Self::Write | Self::WriteExecute)
    }

    /// Whether files may be executed.
    #[must_use]
    pub fn executes(self) -> bool {
        matches!(self, Self::Execute | Self::WriteExecute)
    }
}

/// Whether a granted path has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// A missing one is refused before anything starts.
    Required,
    /// A missing one is passed over: nothing is granted by it.
    Optional,
}

/// What a program may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Processes {
    /// Threads alone.
    #[default]
    None,
    /// Whatever it may execute.
    Any,
}

/// Where a program is stopped, each with a message. `None` is without limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Processes and threads of it at once; above it, starting one fails.
    pub processes: Option<u32>,
    /// Bytes of one file.
    pub file: Option<u64>,
    /// Bytes below the folders that it may write, together.
    pub written: Option<u64>,
    /// How long it may run.
    pub time: Option<Duration>,
}

impl Grants {
    /// Adds a right on what has to be there.
    pub fn add(&mut self, path: impl AsRef<Path>, access: Access) {
        self.paths.push(PathGrant { path: path.as_ref().to_owned(), access, need: Need::Required });
    }

    /// Adds a right on what need not be there.
    pub fn add_if_there(&mut self, path: impl AsRef<Path>, access: Access) {
        self.paths.push(PathGrant { path: path.as_ref().to_owned(), access, need: Need::Optional });
    }

    /// Folders and files that may be changed.
    pub fn writable(&self) -> impl Iterator<Item = &Path> {
        self.paths.iter().filter(|grant| grant.access.writes()).map(|grant| grant.path.as_path())
    }
}
