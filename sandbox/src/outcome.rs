//! What is started, and what became of it.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

/// A program to be started.
#[derive(Debug, Clone, Default)]
pub struct Program {
    /// Its file, absolute.
    pub path: PathBuf,
    /// What follows its name.
    pub arguments: Vec<OsString>,
    /// The folder it starts in; `None` for the caller's own.
    pub folder: Option<PathBuf>,
    /// Descriptors that it keeps besides the standard streams, by number: a jobserver's. It gets them opened anew where that can be
    /// done, so that what it sets on them is not set for others.
    pub keep: Vec<i32>,
}

/// Where one of the program's streams goes.
pub enum Stream<'a> {
    /// Where the caller's own goes.
    Inherit,
    /// Into memory, as far as this many bytes; beyond, the program is stopped.
    Keep(usize),
    /// To this function, line by line, the line's end with it.
    Lines(&'a mut (dyn FnMut(&[u8]) + Send)),
}

impl fmt::Debug for Stream<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Inherit => "Inherit",
            Self::Keep(_) => "Keep",
            Self::Lines(_) => "Lines",
        })
    }
}

/// What became of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub ended: Ended,
    /// What it wrote to standard output, where that was kept.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error, where that was kept.
    pub stderr: Vec<u8>,
    /// What it was denied, as far as the supervisor was asked.
    pub denials: Vec<Denial>,
    /// Programs that it started, by their files.
    pub started: Vec<PathBuf>,
    /// Processes that it left behind, and that were ended.
    pub left_behind: usize,
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// With an exit code.
    Code(i32),
    /// By a signal.
    Signal(i32),
    /// It was stopped.
    Stopped(Stopped),
}

/// Why a program was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// It had this many processes at once.
    Processes(u32),
    /// It wrote this many bytes, together.
    Written(u64),
    /// It wrote a file of this many bytes.
    File(u64),
    /// It ran for this many seconds.
    Time(u64),
    /// It printed this many bytes.
    Printed(usize),
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Processes(limit) => write!(f, "it had more than {limit} processes at once"),
            Self::Written(limit) => write!(f, "it wrote more than {} in all", bytes(*limit)),
            Self::File(limit) => write!(f, "it wrote a file of more than {}", bytes(*limit)),
            Self::Time(limit) => write!(f, "it ran for more than {limit} s"),
            Self::Printed(limit) => write!(f, "it printed more than {}", bytes(*limit as u64)),
        }
    }
}

fn bytes(count: u64) -> String {
    match count {
        0..1024 => format!("{count} bytes"),
        1024..1_048_576 => format!("{} KiB", count / 1024),
        1_048_576..1_073_741_824 => format!("{} MiB", count / 1_048_576),
        _ => format!("{} GiB", count / 1_073_741_824),
    }
}

/// Something that a program was denied.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Denial {
    /// To start a program.
    Execute(PathBuf),
    /// To change a file's mode, owner or times.
    Attributes(PathBuf),
    /// To send a signal to a process that is not its own.
    Signal,
    /// To empty a file, or make it longer.
    Truncate(PathBuf),
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Execute(path) => write!(f, "to start {}", path.display()),
            Self::Attributes(path) => write!(f, "to change the mode, owner or times of {}", path.display()),
            Self::Signal => f.write_str("to send a signal to a process of others"),
            Self::Truncate(path) => write!(f, "to change the length of {}", path.display()),
        }
    }
}

/// Why a program was not started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What failed, and what the system said.
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Why this machine cannot confine a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unavailable {
    /// What is missing, or said no.
    pub reason: String,
    /// What it would take.
    pub needs: String,
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Unavailable {}
