//! Runs a confined program for a process that has other work: a supervisor ends all of its children, so `inert` is the
//! supervisor, in a process of its own ([`main`]). What is to run, and what came of it, pass between the two as files.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use inert_sandbox::{Access, Denial, Ended, Grants, Limits, Need, Processes, Program, Stopped, Stream};
use serde::{Deserialize, Serialize};

use super::grants::{LIMITS, READABLE, SYSTEM_FOLDERS};

/// The first argument of `inert` that makes it the supervisor of a program; the second is the file with the job.
pub const APART: &str = "--inert-confined";

/// The variables of each confined program: git reads only the repository's configuration, if that was granted. An
/// unreadable file is an error to git, a missing file is not.
pub const QUIET_GIT: [(&str, &str); 2] = [("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null")];

/// A program with its grants, as a file.
#[derive(Debug, Serialize, Deserialize)]
struct Job {
    program: PathBuf,
    arguments: Vec<OsString>,
    folder: Option<PathBuf>,
    watch: bool,
    paths: Vec<(PathBuf, Right, bool)>,
    variables: Vec<(OsString, OsString)>,
    network: bool,
    /// The time that it may run, in seconds; `None` for the usual limit.
    time: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Right {
    List,
    Read,
    Execute,
    Write,
    WriteExecute,
}

impl From<Access> for Right {
    fn from(access: Access) -> Self {
        match access {
            Access::List => Self::List,
            Access::Read => Self::Read,
            Access::Execute => Self::Execute,
            Access::Write => Self::Write,
            Access::WriteExecute => Self::WriteExecute,
        }
    }
}

impl From<Right> for Access {
    fn from(right: Right) -> Self {
        match right {
            Right::List => Self::List,
            Right::Read => Self::Read,
            Right::Execute => Self::Execute,
            Right::Write => Self::Write,
            Right::WriteExecute => Self::WriteExecute,
        }
    }
}

/// The outcome of a program that ran apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The way in which it ended.
    pub ended: How,
    /// True if it was stopped at its time limit.
    pub timed_out: bool,
    /// The actions that it was denied.
    pub denials: Vec<Denial>,
    /// The programs that it started.
    pub started: Vec<PathBuf>,
}

/// The way in which a program ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum How {
    /// It exited with this code.
    Code(i32),
    /// It was ended by this signal.
    Signal(i32),
    /// It was stopped at a limit, which the text names.
    Stopped(String),
}

/// The end of a program as text for a message; the text is empty if it succeeded.
impl std::fmt::Display for How {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(0) => Ok(()),
            Self::Code(code) => write!(f, "exit status: {code}"),
            Self::Signal(signal) => write!(f, "signal: {signal}"),
            Self::Stopped(why) => write!(f, "stopped: {why}"),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Written {
    ended: How,
    timed_out: bool,
    denials: Vec<(Kind, PathBuf)>,
    started: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    Execute,
    Process,
    Attributes,
    Signal,
    Truncate,
    Read,
    Write,
    Network,
}

/// Returns the rights that every confined program has: to read and execute the system's folders and the toolchain.
#[must_use]
pub fn base(sysroot: &Path) -> Grants {
    let mut grants = Grants { processes: Processes::Any, limits: LIMITS, ..Grants::default() };
    for path in SYSTEM_FOLDERS {
        grants.add_if_there(path, Access::Execute);
    }
    for path in READABLE {
        grants.add_if_there(path, Access::Read);
    }
    grants.add_if_there("/dev/null", Access::Write);
    if !sysroot.as_os_str().is_empty() {
        grants.add(sysroot, Access::Execute);
    }
    for (name, value) in QUIET_GIT {
        grants.variables.insert(name.into(), value.into());
    }
    grants
}

/// Returns the command that runs a program confined; its streams are the program's. Of the limits, the time in whole
/// seconds is taken from `grants`. `job` is a file that is written, in a folder that the program is not granted; on
/// Unix the user alone may read it, since it holds the program's variables.
///
/// # Errors
/// The file cannot be written, or Inert's own programs are not complete.
pub fn command(program: &Program, grants: &Grants, job: &Path) -> Result<Command, String> {
    let content = Job {
        program: program.path.clone(),
        arguments: program.arguments.clone(),
        folder: program.folder.clone(),
        watch: program.watch,
        paths: grants
            .paths
            .iter()
            .map(|grant| (grant.path.clone(), grant.access.into(), grant.need == Need::Required))
            .collect(),
        variables: grants.variables.clone().into_iter().collect(),
        network: grants.network,
        time: grants.limits.time.map(|time| time.as_secs()),
    };
    let said = |error: std::io::Error| format!("{}: {error}", job.display());
    let bytes = serde_json::to_vec(&content).map_err(|error| said(error.into()))?;
    crate::file::remove(&result_of(job)).and_then(|()| write_private(job, &bytes)).map_err(said)?;
    let inert = crate::environment::sibling("inert").map_err(|error| error.to_string())?;
    let mut command = crate::cargo::command(inert);
    command.arg(APART).arg(job).env_clear();
    Ok(command)
}

fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    crate::file::remove(path)?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(bytes)
}

/// Returns the outcome of a program, once its command has ended. An error is no outcome of the program.
///
/// # Errors
/// The program was not started, or its supervisor was killed.
pub fn report(job: &Path) -> Result<Report, String> {
    let bytes = std::fs::read(result_of(job)).map_err(|_| "it did not run confined".to_owned())?;
    let written: Result<Written, String> =
        serde_json::from_slice(&bytes).map_err(|error| format!("{}: {error}", job.display()))?;
    let written = written?;
    Ok(Report {
        ended: written.ended,
        timed_out: written.timed_out,
        denials: written.denials.into_iter().map(read).collect(),
        started: written.started,
    })
}

fn result_of(job: &Path) -> PathBuf {
    job.with_extension("result")
}

pub(super) fn read((kind, path): (Kind, PathBuf)) -> Denial {
    match kind {
        Kind::Execute => Denial::Execute(path),
        Kind::Process => Denial::Process,
        Kind::Attributes => Denial::Attributes(path),
        Kind::Signal => Denial::Signal,
        Kind::Truncate => Denial::Truncate(path),
        Kind::Read => Denial::Read(path),
        Kind::Write => Denial::Write(path),
        Kind::Network => Denial::Network,
    }
}

pub(super) fn written(denial: Denial) -> (Kind, PathBuf) {
    match denial {
        Denial::Execute(path) => (Kind::Execute, path),
        Denial::Process => (Kind::Process, PathBuf::new()),
        Denial::Attributes(path) => (Kind::Attributes, path),
        Denial::Signal => (Kind::Signal, PathBuf::new()),
        Denial::Truncate(path) => (Kind::Truncate, path),
        Denial::Read(path) | Denial::List(path) => (Kind::Read, path),
        Denial::Write(path) => (Kind::Write, path),
        Denial::Network => (Kind::Network, PathBuf::new()),
    }
}

pub(super) fn how(ended: Ended) -> How {
    match ended {
        Ended::Code(code) => How::Code(code),
        Ended::Signal(signal) => How::Signal(signal),
        Ended::Stopped(why) => How::Stopped(why.to_string()),
    }
}

/// Supervises the program of a job, in a process of its own.
///
/// # Errors
/// The program cannot be confined or started; the message is in the result, too.
pub fn main(job: &Path) -> Result<(), String> {
    let done = supervised(job);
    let bytes = serde_json::to_vec(&done).map_err(|error| error.to_string())?;
    std::fs::write(result_of(job), bytes)
        .map_err(|error| format!("{}: {error}", result_of(job).display()))?;
    done.map(drop)
}

fn supervised(job: &Path) -> Result<Written, String> {
    let said = |error: std::io::Error| format!("{}: {error}", job.display());
    let job: Job =
        serde_json::from_slice(&std::fs::read(job).map_err(said)?).map_err(|error| said(error.into()))?;
    let machine = inert_sandbox::machine().map_err(|error| error.to_string())?;
    let mut grants = Grants {
        network: job.network,
        processes: Processes::Any,
        limits: Limits { time: job.time.map(Duration::from_secs).or(LIMITS.time), ..LIMITS },
        variables: job.variables.into_iter().collect(),
        ..Grants::default()
    };
    for (path, right, required) in job.paths {
        let access = Access::from(right);
        if required {
            grants.add(path, access);
        } else {
            grants.add_if_there(path, access);
        }
    }
    let program = Program {
        path: job.program,
        arguments: job.arguments,
        folder: job.folder,
        watch: job.watch,
        ..Program::default()
    };
    let outcome = inert_sandbox::run(&program, &grants, &machine, Stream::Inherit, Stream::Inherit)
        .map_err(|error| error.message)?;
    Ok(Written {
        ended: how(outcome.ended),
        timed_out: matches!(outcome.ended, Ended::Stopped(Stopped::Time(_))),
        denials: outcome.denials.into_iter().map(written).collect(),
        started: outcome.started,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_or_missing_result_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let job = folder.path().join("one.job");
        assert!(report(&job).is_err());
        let whole =
            Written { ended: How::Code(0), timed_out: false, denials: Vec::new(), started: Vec::new() };
        let bytes = serde_json::to_vec(&Ok::<_, String>(whole)).unwrap();
        std::fs::write(result_of(&job), &bytes).unwrap();
        assert_eq!(report(&job).map(|report| report.ended), Ok(How::Code(0)));
        for end in 0..bytes.len() {
            std::fs::write(result_of(&job), &bytes[..end]).unwrap();
            assert!(report(&job).is_err(), "{end}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_job_is_private_and_replaces_a_link() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (job, other) = (folder.path().join("one.job"), folder.path().join("other"));
        std::fs::write(&other, "kept").unwrap();
        std::os::unix::fs::symlink(&other, &job).unwrap();
        write_private(&job, b"job").unwrap();
        assert_eq!(std::fs::symlink_metadata(&job).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read(&other).unwrap(), b"kept");
    }
}
