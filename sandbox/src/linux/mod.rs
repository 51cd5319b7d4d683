//! The backend for Linux, without privileges and namespaces: Landlock for files, signals and TCP; a seccomp filter
//! for the rest; and a supervisor, the process that calls [`run`], which decides what a filter cannot and ends
//! remaining processes. [`Fence`] confines what one thread starts, without a supervisor.
//!
//! Phases of [`run`]: rules and filter are made ([`landlock`], [`filter`]) → the program is forked, confines itself
//! and is executed ([`sys`]) → its calls are answered ([`answer`]) and its limits watched ([`limits`]) → its
//! descendants are ended ([`processes`]).

mod answer;
pub mod calls;
mod fence;
pub mod filter;
mod landlock;
mod limits;
mod outer;
mod processes;
mod sys;
pub mod taken;
mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::os::fd::{OwnedFd, RawFd};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use self::answer::Rights;
pub use self::fence::Fence;
use self::filter::{Asked, Shape};
pub use self::outer::{Asking, Held, OuterFence, Request, ask, end_by};
use self::processes::Family;
pub use self::processes::Orphans;
use self::sys::{Confinement, Step};
use crate::{Access, Ended, Error, Grants, Outcome, Processes, Program, Stopped, Stream, Unavailable, error};

/// The ability of this machine to confine programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine {
    /// The ABI version of Landlock, at most the newest that this crate knows.
    pub abi: u32,
    /// True if a filter can ask a supervisor. If not (an outer sandbox already has a listener), no program can
    /// change a file's mode or times.
    pub listener: bool,
    /// The one half of the confinement that is applied, for tests alone; `None` applies both.
    pub only: Option<Half>,
}

/// A half of the confinement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    /// The rules of Landlock.
    Landlock,
    /// The filter for system calls.
    Filter,
}

/// The lowest usable version: below it renames between folders are always denied, which breaks builds (kernel 5.19
/// has it).
pub const FLOOR: u32 = 2;

impl Machine {
    /// Returns the gaps that this machine's Landlock is too old to close, in words; empty if there are none.
    #[must_use]
    pub fn open(&self) -> Vec<&'static str> {
        let mut open = Vec::new();
        if !self.listener {
            open.push("no supervisor can be asked: changing a file's mode or times is denied everywhere");
        }
        open
    }
}

/// Returns the abilities of this machine. It only asks the kernel, which costs microseconds; whether confinement
/// works is shown by starting a program.
///
/// # Errors
/// The reason why no program can be confined here.
pub fn machine() -> Result<Machine, Unavailable> {
    let abi = sys::landlock_abi();
    if abi == 0 {
        return Err(Unavailable {
            reason: "this kernel has no Landlock, or it is switched off".to_owned(),
            needs: "Linux 5.19 or newer with `landlock` among the modules of `lsm=` (in a container, a runtime whose \
                    seccomp profile lets its calls through)"
                .to_owned(),
        });
    }
    if abi < FLOOR {
        return Err(Unavailable {
            reason: format!("this kernel's Landlock is version {abi}, which cannot rename files"),
            needs: format!("version {FLOOR}: Linux 5.19 or newer"),
        });
    }
    if filter::program(shape_of(abi)).is_none() {
        return Err(Unavailable {
            reason: format!("no table of system calls for {}", std::env::consts::ARCH),
            needs: "x86_64 or aarch64".to_owned(),
        });
    }
    let process = std::process::id();
    if !Path::new(&format!("/proc/{process}/task/{process}/children")).exists() {
        return Err(Unavailable {
            reason: "/proc does not name a process's children".to_owned(),
            needs: "/proc, and a kernel with CONFIG_PROC_CHILDREN".to_owned(),
        });
    }
    Ok(Machine { abi: abi.min(landlock::NEWEST), listener: true, only: None })
}

fn shape_of(abi: u32) -> Shape {
    Shape { abi, spawn: true, network: false, watch: false, lists: false, asked: Asked::Supervisor }
}

/// The capability to read files of other users, which is kept on kernels that this crate knows.
const DAC_OVERRIDE: u32 = 1 << 1;

/// Runs a program with its grants and no other rights, and ends the processes that it leaves behind.
///
/// The calling process becomes the supervisor: every child that it has when the program ends is killed, whoever
/// started it. So the calling process must have no other work.
///
/// # Errors
/// Confinement cannot be applied, or the program cannot be started. In that case nothing was started.
pub fn run(
    program: &Program,
    grants: &Grants,
    machine: &Machine,
    stdout: Stream<'_>,
    stderr: Stream<'_>,
) -> Result<Outcome, Error> {
    sys::become_subreaper().map_err(|source| error(format!("the supervisor: {source}")))?;
    let asked =
        if machine.listener { Asked::Supervisor } else { Asked::Nobody { own: 0, seems_done: false } };
    let (here, there) = UnixStream::pair().map_err(|source| error(format!("a socket pair: {source}")))?;
    let mut confinement = confinement(program, grants, machine, asked)?;
    confinement.report = Some(there);
    confinement.ends_with_parent = true;
    confinement.mark = program.mark;
    let family = Family::new(grants.limits.processes);
    let rights = rights(grants);
    let mut command = command(program, &grants.variables);
    command.stdin(Stdio::null());
    command.stdout(stdio(&stdout)).stderr(stdio(&stderr));
    // Its group is not the supervisor's, which kills it.
    command.process_group(0);
    sys::confined(&mut command, confinement);
    let name = || program.path.display();
    std::thread::scope(|scope| {
        let (told, steps) = mpsc::channel();
        let (family, rights) = (&family, &rights);
        scope.spawn(move || serve(&here, &told, rights, family));
        let spawned = command.spawn();
        // Dropping the command closes the other end of the socket pair.
        drop(command);
        let mut child = match spawned {
            Ok(child) => child,
            Err(source) => {
                let step = steps.iter().last().unwrap_or(Step::Start);
                return Err(error(match step {
                    Step::Execute => format!("{}: {source}", name()),
                    step => format!("{} cannot be confined: {}: {source}", name(), step.what()),
                }));
            }
        };
        let kept_out = child.stdout.take().map(|pipe| scope.spawn(|| collect(pipe, stdout, family)));
        let kept_err = child.stderr.take().map(|pipe| scope.spawn(|| collect(pipe, stderr, family)));
        let (ended, over) = mpsc::channel::<()>();
        scope.spawn(move || limits::watch(grants, family, &over));
        let id = child.id();
        let status = loop {
            match sys::wait_for_any(true) {
                Some((pid, status)) if pid == id => break Some(status),
                // The process is an orphan of the program.
                Some(_) => {}
                None => break None,
            }
        };
        family.close();
        let left_behind = processes::end_all(Duration::from_secs(10));
        drop(ended);
        let join = |handle: Option<std::thread::ScopedJoinHandle<'_, Vec<u8>>>| {
            handle.and_then(|handle| handle.join().ok()).unwrap_or_default()
        };
        let (stdout, stderr) = (join(kept_out), join(kept_err));
        let (stopped, denials, started) = family.result();
        let ended = match (stopped, status) {
            (Some(why), _) => Ended::Stopped(why),
            (None, Some(status)) if libc::WIFEXITED(status) => Ended::Code(libc::WEXITSTATUS(status)),
            (None, Some(status)) if libc::WTERMSIG(status) == libc::SIGXFSZ => {
                Ended::Stopped(Stopped::File(grants.limits.file.unwrap_or_default()))
            }
            (None, Some(status)) => Ended::Signal(libc::WTERMSIG(status)),
            (None, None) => return Err(error(format!("{}: it could not be waited for", name()))),
        };
        Ok(Outcome { ended, stdout, stderr, denials, started, left_behind })
    })
}

/// Makes this process the parent of processes whose own has ended, so that [`end_orphans`] finds those whose supervisor was
/// killed. `mark` is what the supervisors give theirs: see [`Program::mark`].
///
/// Returns the orphans that can be told by it: with no mark, all that are confined; `None` if this process cannot give the mark.
///
/// # Errors
/// The kernel refuses it.
pub fn adopt_orphans(mark: Option<u32>) -> io::Result<Option<Orphans>> {
    sys::become_subreaper()?;
    let can = mark.is_none_or(|mark| u64::from(mark) < sys::limit_of_mark());
    Ok(can.then_some(Orphans { mark, filters: 0 }))
}

/// Ends the confined processes that have outlived their supervisor, and returns how many there were. The calling process must
/// have called [`adopt_orphans`] before it started the supervisors.
#[must_use]
pub fn end_orphans(which: Orphans) -> usize {
    processes::end_orphans(which, Duration::from_secs(10))
}

/// Waits for orphans that have ended, which would be left over until this process ends: those among `before` that are there
/// still, since who started a process waits for it meanwhile. Returns all that are there now.
#[must_use]
pub fn reap_orphans(before: &BTreeSet<u32>) -> BTreeSet<u32> {
    let now = processes::zombies();
    now.intersection(before).for_each(|process| sys::reap(*process));
    now
}

/// Removes all rights of this process but those granted, and replaces it by the program. For programs that start no
/// process: without a supervisor no program can change modes or times, and nothing ends remaining processes.
///
/// # Errors
/// Confinement cannot be applied, or the program cannot be started.
pub fn become_program(program: &Program, grants: &Grants, machine: &Machine) -> Error {
    if grants.processes != Processes::None {
        return error("without a supervisor no process can be started".to_owned());
    }
    let asked = Asked::Nobody { own: std::process::id(), seems_done: false };
    let confinement = match confinement(program, grants, machine, asked) {
        Ok(confinement) => confinement,
        Err(error) => return error,
    };
    let mut command = command(program, &grants.variables);
    let source = sys::become_confined(&mut command, confinement);
    error(format!("{}: {source}", program.path.display()))
}

fn confinement(
    program: &Program,
    grants: &Grants,
    machine: &Machine,
    asked: Asked,
) -> Result<Confinement, Error> {
    if !program.path.is_absolute() {
        return Err(error(format!("{}: a program is started by its absolute path", program.path.display())));
    }
    let keep = program.keep.iter().map(|number| Ok((reopened(*number)?, *number))).collect::<io::Result<_>>();
    let keep = keep.map_err(|source| error(format!("a descriptor that is to be kept: {source}")))?;
    confinement_for(grants, machine, asked, program.watch, keep)
}

fn confinement_for(
    grants: &Grants,
    machine: &Machine,
    asked: Asked,
    watch: bool,
    keep: Vec<(OwnedFd, RawFd)>,
) -> Result<Confinement, Error> {
    // With a half of the confinement alone, the supervisor is not there for the other.
    let lists =
        asked == Asked::Supervisor && machine.only.is_none() && grants.lists() && sys::takes_descriptors();
    let shape = Shape {
        abi: machine.abi,
        spawn: grants.processes != Processes::None,
        network: grants.network,
        watch,
        lists,
        asked,
    };
    let filter = filter::program(shape)
        .ok_or_else(|| error(format!("no table of system calls for {}", std::env::consts::ARCH)))?;
    Ok(Confinement {
        ruleset: match machine.only {
            Some(Half::Filter) => None,
            _ => Some(landlock::rules(grants, machine.abi, lists)?),
        },
        filter: Some(filter).filter(|_| machine.only != Some(Half::Landlock)),
        asks: asked == Asked::Supervisor && machine.only != Some(Half::Landlock),
        report: None,
        keep,
        parent: std::process::id(),
        ends_with_parent: false,
        file_size: grants.limits.file,
        capabilities: sys::is_root().then(|| if is_others(grants) { DAC_OVERRIDE } else { 0 }),
        mark: None,
    })
}

/// Opens a pipe anew, so that flags that the program sets do not affect other processes. Returns a copy of the
/// descriptor if that is not possible.
fn reopened(number: RawFd) -> io::Result<OwnedFd> {
    let path = format!("/proc/self/fd/{number}");
    let metadata = std::fs::metadata(&path)?;
    let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{number}"))?;
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap_or_default().trim();
    let mode = i32::from_str_radix(flags, 8).unwrap_or(libc::O_RDWR) & libc::O_ACCMODE;
    let (read, write) = (mode != libc::O_WRONLY, mode != libc::O_RDONLY);
    if metadata.file_type().is_fifo() && read != write {
        // Both ends are open, so opening does not wait.
        return Ok(File::options().read(read).write(write).open(&path)?.into());
    }
    Err(io::Error::other(format!("{number} is no end of a pipe")))
}

/// Returns whether another user owns a granted path: then root needs the capability by which it could reach it
/// before.
fn is_others(grants: &Grants) -> bool {
    grants.paths.iter().any(|grant| {
        (grant.access.writes() || grant.need == crate::Need::Required)
            && std::fs::metadata(&grant.path).is_ok_and(|metadata| metadata.uid() != 0)
    })
}

fn rights(grants: &Grants) -> Rights {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let executable =
        grants.paths.iter().filter(|grant| grant.access.executes()).filter_map(|grant| real(&grant.path));
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let umask = status.lines().find_map(|line| line.strip_prefix("Umask:"));
    let of = |list: bool| {
        let paths = grants.paths.iter().filter(move |grant| (grant.access == Access::List) == list);
        paths.filter_map(|grant| real(&grant.path)).collect()
    };
    Rights {
        writable: grants.writable().filter_map(real).collect(),
        listed: of(true),
        readable: of(false),
        executable: executable.collect::<Vec<PathBuf>>(),
        // If the umask is not known, other users get no rights.
        umask: umask.and_then(|text| u32::from_str_radix(text.trim(), 8).ok()).unwrap_or(0o077),
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place of this backend")]
fn command(program: &Program, variables: &BTreeMap<OsString, OsString>) -> Command {
    let mut command = Command::new(&program.path);
    command.args(&program.arguments).env_clear().envs(variables);
    if let Some(folder) = &program.folder {
        command.current_dir(folder);
    }
    command
}

fn stdio(stream: &Stream<'_>) -> Stdio {
    match stream {
        Stream::Inherit => Stdio::inherit(),
        Stream::Keep(_) | Stream::Lines(_) => Stdio::piped(),
    }
}

/// Answers calls from the arrival of the listener until no process with the filter is left.
fn serve(socket: &UnixStream, told: &mpsc::Sender<Step>, rights: &Rights, family: &Family) {
    let mut listener = None;
    while listener.is_none() {
        let Ok(Some((byte, descriptor))) = sys::receive(socket) else { return };
        if let Some(step) = Step::of(byte) {
            let _ = told.send(step);
        }
        listener = descriptor;
    }
    let Some(listener) = listener else { return };
    let mut last = Some(socket);
    while let Some(request) = sys::next_request(&listener) {
        let answer = answer::answer(&listener, &request, rights, family);
        sys::answer(&listener, &request, answer);
        if let Some(socket) = last.take() {
            // The first call is the start of the program itself.
            if let Ok(Some((byte, _))) = sys::receive(socket)
                && let Some(step) = Step::of(byte)
            {
                let _ = told.send(step);
            }
        }
    }
}

/// The number of bytes without a line end after which a program is stopped.
const LONGEST_LINE: usize = 256 << 20;

fn collect(pipe: impl io::Read, stream: Stream<'_>, family: &Family) -> Vec<u8> {
    let mut kept = Vec::new();
    match stream {
        Stream::Inherit => {}
        Stream::Keep(limit) => {
            let mut pipe = pipe.take(limit as u64 + 1);
            let _ = pipe.read_to_end(&mut kept);
            if kept.len() > limit {
                kept.truncate(limit);
                family.stop(Stopped::Printed(limit));
            }
        }
        Stream::Lines(take) => {
            let mut lines = BufReader::new(pipe);
            let mut line = Vec::new();
            while (&mut lines)
                .take(LONGEST_LINE as u64)
                .read_until(b'\n', &mut line)
                .is_ok_and(|read| read > 0)
            {
                if line.len() == LONGEST_LINE {
                    family.stop(Stopped::Printed(LONGEST_LINE));
                    break;
                }
                take(&line);
                line.clear();
            }
        }
    }
    kept
}
