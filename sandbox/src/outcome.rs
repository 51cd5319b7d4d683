//! The program to run, and its outcome.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

/// A program to start.
#[derive(Debug, Clone, Default)]
pub struct Program {
    /// The absolute path of its file.
    pub path: PathBuf,
    /// The arguments after the program's name.
    pub arguments: Vec<OsString>,
    /// The folder that it starts in; `None` is the caller's own.
    pub folder: Option<PathBuf>,
    /// The descriptors that it keeps besides the standard streams, by number, such as those of a jobserver. They
    /// are opened anew if possible, so that flags that the program sets on them do not affect others.
    pub keep: Vec<i32>,
    /// True if each denied access to a file and to the network is reported, too, where the system can: every opening
    /// of a file then waits for the supervisor.
    pub watch: bool,
    /// The mark of the program and of all that it starts, by which `adopt_orphans` knows them on Linux: a number of the caller's
    /// below 800,000.
    pub mark: Option<u32>,
}

/// The destination of one of the program's streams.
pub enum Stream<'a> {
    /// The caller's own stream.
    Inherit,
    /// Memory, up to this many bytes; beyond, the program is stopped.
    Keep(usize),
    /// A function that gets each line with its line end.
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

/// The outcome of running a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The way in which it ended.
    pub ended: Ended,
    /// The bytes on standard output, if they were kept.
    pub stdout: Vec<u8>,
    /// The bytes on standard error, if they were kept.
    pub stderr: Vec<u8>,
    /// The actions that were denied, as far as the supervisor was asked.
    pub denials: Vec<Denial>,
    /// The programs that it started, by their files.
    pub started: Vec<PathBuf>,
    /// The number of processes that it left behind, which were ended.
    pub left_behind: usize,
}

/// The way in which a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It exited with this code.
    Code(i32),
    /// It was ended by this signal.
    Signal(i32),
    /// It was stopped at a limit.
    Stopped(Stopped),
}

/// The limit at which a program was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// The number of processes at once.
    Processes(u32),
    /// The number of bytes written, together.
    Written(u64),
    /// The size of one file, in bytes.
    File(u64),
    /// The running time, in seconds.
    Time(u64),
    /// The number of bytes printed.
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

/// An action that a program was denied.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Denial {
    /// Starting a program.
    Execute(PathBuf),
    /// Starting a process, of a program that may start none.
    Process,
    /// Changing a file's mode, owner or times.
    Attributes(PathBuf),
    /// Sending a signal to a process that is not its own.
    Signal,
    /// Truncating or extending a file.
    Truncate(PathBuf),
    /// Reading a file, or listing a folder; reported if files are watched.
    Read(PathBuf),
    /// Writing, making or removing a file or folder; reported if files are watched.
    Write(PathBuf),
    /// Opening a socket of the internet; reported if files are watched.
    Network,
    /// Listing the names in a folder.
    List(PathBuf),
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Execute(path) => write!(f, "to start {}", path.display()),
            Self::Attributes(path) => write!(f, "to change the mode, owner or times of {}", path.display()),
            Self::Process => f.write_str("to start a program"),
            Self::Signal => f.write_str("to send a signal to a process of others"),
            Self::List(path) => write!(f, "to list {}", path.display()),
            Self::Truncate(path) => write!(f, "to change the length of {}", path.display()),
            Self::Read(path) => write!(f, "to read {}", path.display()),
            Self::Write(path) => write!(f, "to write {}", path.display()),
            Self::Network => f.write_str("to reach the network"),
        }
    }
}

/// The reason why a program was not started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The step that failed, and the system's message.
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// The reason why this machine cannot confine a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unavailable {
    /// The ability that is missing, or the system's message.
    pub reason: String,
    /// The requirements for confinement.
    pub needs: String,
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Unavailable {}
