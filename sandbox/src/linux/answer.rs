//! The supervisor's decisions on calls that neither Landlock nor a filter can decide: those that change a file's
//! attributes by a path or descriptor and, if Landlock is old, signals and truncation; and its records of new
//! processes and programs.
//!
//! The supervisor itself changes attributes, on a file that it opened itself, after it has checked where the file
//! lies; it lists folders likewise, where a program may list one without those below it. So nothing can be replaced between check and use. The path is read once; afterwards the caller must still
//! be waiting, since otherwise its number might belong to a different process.

use std::ffi::{CStr, CString};
use std::fs::Permissions;
use std::io;
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::calls::{CALLS, Rule};
use super::processes::{self, Family};
use super::sys::{self, Answer, Request};
use super::watch;
use crate::Denial;

/// The rights that decide a call.
#[derive(Debug)]
pub(super) struct Rights {
    /// The folders where attributes may be changed, as real paths.
    pub(super) writable: Vec<PathBuf>,
    /// The files and folders that may be executed, as real paths.
    pub(super) executable: Vec<PathBuf>,
    /// The folders whose names may be listed, without those of the folders below, as real paths.
    pub(super) listed: Vec<PathBuf>,
    /// All that may be read, folders with what is below, as real paths.
    pub(super) readable: Vec<PathBuf>,
    /// The mode bits that the user's umask removes.
    pub(super) umask: u32,
}

pub(super) const AT_FDCWD: i32 = libc::AT_FDCWD;
const NOFOLLOW: u64 = libc::AT_SYMLINK_NOFOLLOW as u64;
const EMPTY_PATH: u64 = libc::AT_EMPTY_PATH as u64;

/// A change of a file's attributes.
enum Change {
    Mode(u32),
    Owner(u32, u32),
    Times(Option<[u8; 32]>),
    Length(i64),
}

/// The file of a call.
pub(super) enum Target {
    Descriptor(i32),
    Path { folder: i32, at: u64, follow: bool },
}

/// Returns the answer to a call.
pub(super) fn answer(listener: &OwnedFd, request: &Request, rights: &Rights, family: &Family) -> Answer {
    let Some(call) = CALLS.iter().find(|call| number(call) == u32::try_from(request.number).ok()) else {
        return Answer::Fail(libc::ENOSYS);
    };
    match call.rule {
        Rule::Clone | Rule::Fork => family.tried_process(),
        Rule::Begin => family.begins(request.pid),
        Rule::Group => group(call.name, request, family),
        Rule::Execute => {
            if let Ok(path) = executed(listener, request) {
                let granted = rights.executable.iter().any(|root| path.starts_with(root));
                family.executes(path, granted);
            }
            // Landlock decides; the supervisor only records the program.
            Answer::Continue
        }
        Rule::Signal => signal(call.name, request, family),
        Rule::Attribute | Rule::Truncate => match change(listener, call.name, request, rights, family) {
            Ok(()) => Answer::Done,
            Err(error) => Answer::Fail(error.raw_os_error().unwrap_or(libc::EPERM)),
        },
        Rule::Open | Rule::OpenAt | Rule::Creat | Rule::Mknod | Rule::MknodAt | Rule::Names => {
            watch::record(listener, call.name, request, rights, family);
            // Landlock decides here, too.
            Answer::Continue
        }
        Rule::Socket => {
            watch::record(listener, call.name, request, rights, family);
            Answer::Fail(libc::EPERM)
        }
        // The older form of the call is for programs from before Linux 2.4.
        Rule::List if call.name == "getdents" => Answer::Fail(libc::ENOSYS),
        Rule::List => match list(listener, request, rights, family) {
            Ok(bytes) => Answer::Value(bytes),
            Err(error) => Answer::Fail(error.raw_os_error().unwrap_or(libc::EACCES)),
        },
        _ => Answer::Fail(libc::EPERM),
    }
}

impl Rights {
    /// Returns whether the names in a folder may be read. Landlock has decided about those that are below no listed one.
    fn may_list(&self, folder: &Path) -> bool {
        self.listed.iter().any(|listed| folder == listed)
            || self.readable.iter().any(|root| folder.starts_with(root))
            || !self.listed.iter().any(|listed| folder.starts_with(listed))
    }
}

/// The largest part of a listing that is passed at once: the buffer of glibc is 32 KiB, at most 1 MiB.
const PART: usize = 1 << 16;

/// Lists a folder for the caller, and returns the number of bytes written to its buffer. The descriptor is taken from
/// the caller before the check, so no other can be put in its place.
fn list(listener: &OwnedFd, request: &Request, rights: &Rights, family: &Family) -> io::Result<u32> {
    let [number, buffer, length, ..] = request.arguments;
    // A thread has the descriptors of its process.
    let group = processes::group_of(request.pid).ok_or_else(denied)?;
    let taken = sys::descriptor_of(&sys::process(group)?, number as i32)?;
    if !sys::still_waits(listener, request) {
        return Err(denied());
    }
    let folder = std::fs::read_link(format!("/proc/self/fd/{}", taken.as_raw_fd()))?;
    if !rights.may_list(&folder) {
        family.denied(Denial::List(folder));
        return Err(io::Error::from_raw_os_error(libc::EACCES));
    }
    let mut part = vec![0u8; (length as u32 as usize).min(PART)];
    let read = sys::entries(taken.as_fd(), &mut part)?;
    if read > 0 && sys::write_memory(request.pid, buffer, &part[..read])? != read {
        return Err(io::Error::from_raw_os_error(libc::EFAULT));
    }
    u32::try_from(read).map_err(|_| denied())
}

/// Decides whether a process may go into another group: into one of its own, or into one whose leader is the program's.
/// In the supervisor's group it would not be ended with the program, and with a group of the user's session, such as a
/// shell's, that would be ended, too.
fn group(name: &str, request: &Request, family: &Family) -> Answer {
    let [process, group] = [request.arguments[0] as i32, request.arguments[1] as i32];
    let own = name == "setsid" || group == 0 || group == process;
    let of_program = || u32::try_from(group).is_ok_and(processes::descends_from_here);
    if family.is_closed() || !(own || of_program()) { Answer::Fail(libc::EPERM) } else { Answer::Continue }
}

#[cfg(target_arch = "x86_64")]
fn number(call: &super::calls::Call) -> Option<u32> {
    call.x86_64
}

#[cfg(not(target_arch = "x86_64"))]
fn number(call: &super::calls::Call) -> Option<u32> {
    call.aarch64
}

fn change(
    listener: &OwnedFd,
    name: &str,
    request: &Request,
    rights: &Rights,
    family: &Family,
) -> io::Result<()> {
    let a = &request.arguments;
    let path = |folder: u64, at: u64, follow: bool| Target::Path { folder: folder as i32, at, follow };
    let here = |at: u64| path(AT_FDCWD as u64, at, true);
    let follows = |flags: u64| flags & NOFOLLOW == 0;
    // With this flag, an empty path means the descriptor itself.
    let or_descriptor = |folder: u64, at: u64, flags: u64| -> io::Result<Target> {
        if flags & EMPTY_PATH != 0 && read_text(request.pid, at)?.is_empty() {
            return Ok(Target::Descriptor(folder as i32));
        }
        Ok(path(folder, at, follows(flags)))
    };
    let (target, change) = match name {
        "chmod" => (here(a[0]), Change::Mode(a[1] as u32)),
        "fchmod" => (Target::Descriptor(a[0] as i32), Change::Mode(a[1] as u32)),
        "fchmodat" => (path(a[0], a[1], true), Change::Mode(a[2] as u32)),
        "fchmodat2" => (or_descriptor(a[0], a[1], a[3])?, Change::Mode(a[2] as u32)),
        "chown" => (here(a[0]), Change::Owner(a[1] as u32, a[2] as u32)),
        "lchown" => (path(AT_FDCWD as u64, a[0], false), Change::Owner(a[1] as u32, a[2] as u32)),
        "fchown" => (Target::Descriptor(a[0] as i32), Change::Owner(a[1] as u32, a[2] as u32)),
        "fchownat" => (or_descriptor(a[0], a[1], a[4])?, Change::Owner(a[2] as u32, a[3] as u32)),
        "utimensat" if a[1] == 0 => (Target::Descriptor(a[0] as i32), times(request.pid, a[2], Unit::Nano)?),
        "utimensat" => (or_descriptor(a[0], a[1], a[3])?, times(request.pid, a[2], Unit::Nano)?),
        "futimesat" if a[1] == 0 => (Target::Descriptor(a[0] as i32), times(request.pid, a[2], Unit::Micro)?),
        "futimesat" => (path(a[0], a[1], true), times(request.pid, a[2], Unit::Micro)?),
        "utimes" => (here(a[0]), times(request.pid, a[1], Unit::Micro)?),
        "utime" => (here(a[0]), times(request.pid, a[1], Unit::Seconds)?),
        "truncate" => (here(a[0]), Change::Length(a[1] as i64)),
        _ => return Err(denied()),
    };
    let opened = open(listener, request, &target)?;
    let own = format!("/proc/self/fd/{}", opened.as_raw_fd());
    let real = std::fs::read_link(&own)?;
    if !rights.writable.iter().any(|root| real.starts_with(root)) {
        family.denied(match change {
            Change::Length(_) => Denial::Truncate(real),
            _ => Denial::Attributes(real),
        });
        return Err(io::Error::from_raw_os_error(libc::EACCES));
    }
    let metadata = std::fs::symlink_metadata(&own).and_then(|_| std::fs::metadata(&own))?;
    let place = CString::new(own.as_bytes())?;
    match change {
        Change::Mode(mode) => {
            if mode & 0o6000 != 0 {
                return Err(denied());
            }
            let mode = mode & 0o7777 & !(rights.umask & 0o077);
            std::fs::set_permissions(&own, Permissions::from_mode(mode))
        }
        // Changing the owner needs privileges, but a call that requests the present owner succeeds.
        Change::Owner(user, group) => {
            let same = |wanted: u32, is: u32| wanted == u32::MAX || wanted == is;
            if same(user, metadata.uid()) && same(group, metadata.gid()) { Ok(()) } else { Err(denied()) }
        }
        Change::Times(times) => sys::set_times(&place, times.as_ref()),
        Change::Length(length) => sys::truncate(&place, length),
    }
}

enum Unit {
    Nano,
    Micro,
    Seconds,
}

fn times(pid: u32, at: u64, unit: Unit) -> io::Result<Change> {
    if at == 0 {
        return Ok(Change::Times(None));
    }
    let mut bytes = [0u8; 32];
    let length = if matches!(unit, Unit::Seconds) { 16 } else { 32 };
    if sys::read_memory(pid, at, &mut bytes[..length])? != length {
        return Err(io::Error::from_raw_os_error(libc::EFAULT));
    }
    let number = |from: usize| {
        let mut part = [0u8; 8];
        part.copy_from_slice(&bytes[from..from + 8]);
        i64::from_ne_bytes(part)
    };
    let pairs = match unit {
        Unit::Nano => return Ok(Change::Times(Some(bytes))),
        Unit::Micro => {
            let micro = |from| number(from).checked_mul(1000).ok_or_else(invalid);
            [(number(0), micro(8)?), (number(16), micro(24)?)]
        }
        Unit::Seconds => [(number(0), 0), (number(8), 0)],
    };
    let mut out = [0u8; 32];
    for (at, (seconds, nanos)) in pairs.into_iter().enumerate() {
        // The values that mean "now" or "unchanged" in the newer call have no meaning in the older ones.
        if !(0..1_000_000_000).contains(&nanos) {
            return Err(invalid());
        }
        out[16 * at..16 * at + 8].copy_from_slice(&seconds.to_ne_bytes());
        out[16 * at + 8..16 * at + 16].copy_from_slice(&nanos.to_ne_bytes());
    }
    Ok(Change::Times(Some(out)))
}

fn denied() -> io::Error {
    io::Error::from_raw_os_error(libc::EPERM)
}

fn invalid() -> io::Error {
    io::Error::from_raw_os_error(libc::EINVAL)
}

/// Reads a text that ends with a zero byte from the caller's memory.
pub(super) fn read_text(pid: u32, at: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while bytes.len() < 4096 {
        let from = at.checked_add(bytes.len() as u64).ok_or_else(denied)?;
        // Each read stops at the end of a page, since the next page may not exist.
        let mut part = vec![0u8; (4096 - from % 4096) as usize];
        let read = sys::read_memory(pid, from, &mut part)?;
        if let Some(end) = part[..read].iter().position(|byte| *byte == 0) {
            bytes.extend_from_slice(&part[..end]);
            return Ok(bytes);
        }
        if read == 0 {
            return Err(io::Error::from_raw_os_error(libc::EFAULT));
        }
        bytes.extend_from_slice(&part[..read]);
    }
    Err(io::Error::from_raw_os_error(libc::ENAMETOOLONG))
}

/// Opens the file of a call by `O_PATH`.
pub(super) fn open(listener: &OwnedFd, request: &Request, target: &Target) -> io::Result<OwnedFd> {
    let caller = |what: &str| PathBuf::from(format!("/proc/{}/{what}", request.pid));
    let waits = || if sys::still_waits(listener, request) { Ok(()) } else { Err(denied()) };
    match *target {
        Target::Descriptor(number) => {
            if number == AT_FDCWD {
                let opened = path_only(&caller("cwd"))?;
                return waits().map(|()| opened);
            }
            if number < 0 {
                return Err(io::Error::from_raw_os_error(libc::EBADF));
            }
            let opened = path_only(&caller(&format!("fd/{number}")));
            waits()?;
            opened.map_err(|_| io::Error::from_raw_os_error(libc::EBADF))
        }
        Target::Path { folder, at, follow } => {
            let text = read_text(request.pid, at)?;
            if text.is_empty() {
                return Err(io::Error::from_raw_os_error(libc::ENOENT));
            }
            open_text(listener, request, folder, text, follow)
        }
    }
}

/// Opens a folder by a path that a call has given, or a part of it; an empty one is the descriptor's own.
pub(super) fn open_folder(
    listener: &OwnedFd,
    request: &Request,
    folder: i32,
    path: &Path,
) -> io::Result<OwnedFd> {
    let text = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    open_text(listener, request, folder, text.as_os_str().as_bytes().to_vec(), true)
}

fn open_text(
    listener: &OwnedFd,
    request: &Request,
    folder: i32,
    text: Vec<u8>,
    follow: bool,
) -> io::Result<OwnedFd> {
    let base = if folder == AT_FDCWD { "cwd".to_owned() } else { format!("fd/{folder}") };
    let base = if text.starts_with(b"/") {
        PathBuf::from("/")
    } else {
        PathBuf::from(format!("/proc/{}/{base}", request.pid))
    };
    let base = path_only(&base)?;
    if !sys::still_waits(listener, request) {
        return Err(denied());
    }
    let text = CString::new(text)?;
    let text: &CStr = &text;
    sys::open_from(base.as_fd(), text, follow)
}

fn path_only(path: &Path) -> io::Result<OwnedFd> {
    Ok(std::fs::File::options().read(true).custom_flags(libc::O_PATH).open(path)?.into())
}

/// Returns the file that a caller is about to execute.
fn executed(listener: &OwnedFd, request: &Request) -> io::Result<PathBuf> {
    let target = Target::Path { folder: AT_FDCWD, at: request.arguments[0], follow: true };
    let opened = open(listener, request, &target)?;
    let own = format!("/proc/self/fd/{}", opened.as_raw_fd());
    if !std::fs::metadata(&own)?.is_file() {
        return Err(denied());
    }
    std::fs::read_link(own)
}

/// Decides a signal: before ABI 6 nothing else keeps a signal from other processes. A process may send any signal
/// to itself and to descendants of the supervisor; signals to process groups are denied.
fn signal(name: &str, request: &Request, family: &Family) -> Answer {
    let a = &request.arguments;
    let denied = || {
        family.denied(Denial::Signal);
        Answer::Fail(libc::EPERM)
    };
    let (target, number) = match name {
        "kill" | "tkill" | "rt_sigqueueinfo" => (a[0] as i32, a[1] as i32),
        "tgkill" | "rt_tgsigqueueinfo" => (a[0] as i32, a[2] as i32),
        // The process of a descriptor can be read, but may change before the call is made.
        _ => return denied(),
    };
    let Ok(target) = u32::try_from(target) else { return denied() };
    if target == 0 {
        return denied();
    }
    // A process that waits for this answer does not end meanwhile, so its number is not reused.
    if processes::group_of(request.pid) == processes::group_of(target)
        && processes::group_of(target).is_some()
    {
        return Answer::Continue;
    }
    let Ok(process) = sys::process(target) else { return Answer::Fail(libc::ESRCH) };
    // The check comes after the process is held: if its number was reused before, the new owner is checked; if
    // later, the signal fails.
    if !processes::descends_from_here(target) {
        return denied();
    }
    if matches!(name, "rt_sigqueueinfo" | "rt_tgsigqueueinfo") {
        return denied();
    }
    match sys::signal(&process, number) {
        Ok(()) => Answer::Done,
        Err(error) => Answer::Fail(error.raw_os_error().unwrap_or(libc::EPERM)),
    }
}
