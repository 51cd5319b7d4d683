//! The kernel calls that neither the standard library nor a crate in use provides: the only module with `unsafe`.
//!
//! These are raw calls over `libc` rather than the crates `landlock` and `seccompiler`: Landlock is three calls;
//! `seccompiler` cannot make a filter with a listener, which `chmod` needs (GNU ld and CMake fail if it is denied);
//! together they would add a dozen packages, syn among them, to the build of everyone who installs Inert.
//!
//! Each function takes references and owned descriptors, and is safe to call with any of them. [`confine`] runs
//! between `fork` and `exec` in a process with one of possibly many threads, where no lock may be taken and so no
//! memory be allocated: its data was made before, and it only makes kernel calls.
#![allow(unsafe_code, reason = "see above")]

use std::ffi::CStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use super::filter::{Instruction, MARK};

mod messages;

pub(super) use messages::{CARRIED, pair_of_messages, receive_descriptors, send_descriptors, shutdown};

fn result(value: libc::c_long) -> io::Result<libc::c_long> {
    if value < 0 { Err(io::Error::last_os_error()) } else { Ok(value) }
}

/// Returns the ABI version of Landlock in this kernel; 0 if there is none, or it is switched off.
pub(super) fn landlock_abi() -> u32 {
    // SAFETY: with this flag the kernel reads nothing.
    let abi =
        unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0usize, 1u32) };
    u32::try_from(abi).unwrap_or(0)
}

/// The kernel's `struct landlock_ruleset_attr`.
#[repr(C)]
pub(super) struct RulesetAttributes {
    pub(super) files: u64,
    pub(super) network: u64,
    pub(super) scopes: u64,
}

/// Makes a set of rules that handles these rights. A kernel that does not know one of them returns an error.
pub(super) fn landlock_ruleset(attributes: &RulesetAttributes) -> io::Result<OwnedFd> {
    // Older kernels accept a longer structure if the unknown part is zero.
    let size = size_of::<RulesetAttributes>();
    // SAFETY: the structure is as long as is said, and the descriptor is new.
    unsafe {
        let fd = result(libc::syscall(
            libc::SYS_landlock_create_ruleset,
            std::ptr::from_ref(attributes),
            size,
            0u32,
        ))?;
        Ok(OwnedFd::from_raw_fd(fd as RawFd))
    }
}

#[repr(C, packed)]
struct PathBeneath {
    allowed: u64,
    parent: i32,
}

/// Adds a right on a file, or on a folder and everything below it.
pub(super) fn landlock_allow(ruleset: &OwnedFd, file: &File, rights: u64) -> io::Result<()> {
    let rule = PathBeneath { allowed: rights, parent: file.as_raw_fd() };
    // SAFETY: the rule outlives the call; 1 is the kind of rule that it is.
    let done = unsafe {
        libc::syscall(libc::SYS_landlock_add_rule, ruleset.as_raw_fd(), 1u32, std::ptr::from_ref(&rule), 0u32)
    };
    result(done).map(drop)
}

/// The steps that confine a process between fork and exec.
#[derive(Debug)]
pub(super) struct Confinement {
    /// The rules of Landlock; `None` only in tests of the filter alone.
    pub(super) ruleset: Option<OwnedFd>,
    /// The filter; `None` only in tests of Landlock alone.
    pub(super) filter: Option<Vec<Instruction>>,
    /// True if the filter asks a supervisor.
    pub(super) asks: bool,
    /// The socket for reporting steps and passing the listener.
    pub(super) report: Option<UnixStream>,
    /// The descriptors that the process keeps, each opened anew, with its old number.
    pub(super) keep: Vec<(OwnedFd, RawFd)>,
    /// The process that the confined one ends with.
    pub(super) parent: u32,
    /// True if it must end with that process.
    pub(super) ends_with_parent: bool,
    /// The greatest size of a file that it may write, in bytes.
    pub(super) file_size: Option<u64>,
    /// The capabilities to keep, as bits of the first 32; `None` drops none.
    pub(super) capabilities: Option<u32>,
    /// The mark by which the process, and all that it starts, is known: see [`MARK`]. None can change it.
    pub(super) mark: Option<u32>,
}

/// A step of [`confine`], as a byte that it reports: the last one reported is the one that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Step {
    Start = 1,
    NoNewPrivileges,
    Limits,
    Capabilities,
    Descriptors,
    Landlock,
    Filter,
    Listener,
    Execute,
}

impl Step {
    pub(super) fn of(byte: u8) -> Option<Self> {
        [
            Self::Start,
            Self::NoNewPrivileges,
            Self::Limits,
            Self::Capabilities,
            Self::Descriptors,
            Self::Landlock,
            Self::Filter,
            Self::Listener,
            Self::Execute,
        ]
        .into_iter()
        .find(|step| *step as u8 == byte)
    }

    /// Returns the step as a part of a message.
    pub(super) fn what(self) -> &'static str {
        match self {
            Self::Start => "starting it",
            Self::NoNewPrivileges => "no_new_privs",
            Self::Limits => "its limits",
            Self::Capabilities => "dropping capabilities",
            Self::Descriptors => "closing what was inherited",
            Self::Landlock => "landlock_restrict_self",
            Self::Filter => "the seccomp filter",
            Self::Listener => "the filter's listener",
            Self::Execute => "the program itself",
        }
    }
}

/// Makes a command confine itself once it is forked. If starting fails, the last step that it reports is the one
/// that failed.
pub(super) fn confined(command: &mut Command, confinement: Confinement) {
    // SAFETY: `confine` makes calls to the kernel alone.
    unsafe { command.pre_exec(move || confine(&confinement)) };
}

/// Removes the rights of this process, which has one thread, and replaces it by the program.
///
/// # Errors
/// The program cannot be started, or the confinement cannot be applied.
pub(super) fn become_confined(command: &mut Command, confinement: Confinement) -> io::Error {
    confined(command, confinement);
    command.exec()
}

fn confine(of: &Confinement) -> io::Result<()> {
    let step = |step: Step| -> io::Result<()> {
        if let Some(report) = &of.report {
            let byte = step as u8;
            // SAFETY: one byte, which outlives the call.
            result(unsafe {
                libc::write(report.as_raw_fd(), std::ptr::from_ref(&byte).cast(), 1) as libc::c_long
            })?;
        }
        Ok(())
    };
    let no = 0 as libc::c_ulong;
    step(Step::Start)?;
    // SAFETY: these calls take numbers, or structures of this function's that outlive them.
    unsafe {
        if of.ends_with_parent {
            result(libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong, no, no, no).into())?;
            // The parent may have ended before that call.
            if libc::getppid() as u32 != of.parent {
                return Err(io::Error::from_raw_os_error(libc::ESRCH));
            }
        }
        step(Step::NoNewPrivileges)?;
        result(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1 as libc::c_ulong, no, no, no).into())?;
        step(Step::Limits)?;
        limit(CORE, 0)?;
        if let Some(bytes) = of.file_size {
            limit(FSIZE, bytes)?;
        }
        put_mark(of)?;
        if let Some(kept) = of.capabilities {
            step(Step::Capabilities)?;
            drop_capabilities(kept)?;
        }
        step(Step::Descriptors)?;
        for (own, number) in &of.keep {
            result(libc::dup2(own.as_raw_fd(), *number).into())?;
        }
        // All other descriptors are closed at exec, in case one was inherited by mistake.
        let mut from = 3u32;
        loop {
            let next =
                of.keep.iter().map(|(_, number)| *number as u32).filter(|number| *number >= from).min();
            if next != Some(from) {
                let to = next.map_or(u32::MAX, |next| next - 1);
                result(libc::syscall(libc::SYS_close_range, from, to, libc::CLOSE_RANGE_CLOEXEC))?;
            }
            match next {
                Some(next) => from = next + 1,
                None => break,
            }
        }
        if let Some(ruleset) = &of.ruleset {
            step(Step::Landlock)?;
            restrict(ruleset)?;
        }
        if let Some(filter) = &of.filter {
            step(Step::Filter)?;
            // SECCOMP_FILTER_FLAG_NEW_LISTENER, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (5.19).
            let listener = install(filter, if of.asks { 8 | 32 } else { 0 })?;
            if let Some(report) = of.report.as_ref().filter(|_| of.asks) {
                step(Step::Listener)?;
                send_descriptor(report.as_raw_fd(), listener as RawFd)?;
                libc::close(listener as RawFd);
            }
        }
    }
    step(Step::Execute)
}

/// Puts this thread under the rules of Landlock.
fn restrict(ruleset: &OwnedFd) -> io::Result<()> {
    // SAFETY: the call takes numbers alone.
    result(unsafe { libc::syscall(libc::SYS_landlock_restrict_self, ruleset.as_raw_fd(), 0u32) }).map(drop)
}

/// Puts this thread under a filter, and returns the listener if the flags ask for one.
fn install(filter: &[Instruction], flags: u32) -> io::Result<libc::c_long> {
    let program = libc::sock_fprog {
        len: filter.len() as libc::c_ushort,
        // The structure is the kernel's own; it is read only.
        filter: filter.as_ptr().cast_mut().cast(),
    };
    // SAFETY: the program and its instructions outlive the call; 1 is SECCOMP_SET_MODE_FILTER.
    result(unsafe { libc::syscall(libc::SYS_seccomp, 1u32, flags, std::ptr::from_ref(&program)) })
}

/// Removes the rights of this thread, and so of what it starts: its other threads keep theirs. What concerns a whole
/// process (limits, descriptors) is left out.
///
/// # Errors
/// The kernel refuses a step; the thread may have lost some rights by then.
pub(super) fn confine_thread(of: &Confinement) -> io::Result<()> {
    let no = 0 as libc::c_ulong;
    // SAFETY: the call takes numbers alone.
    result(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1 as libc::c_ulong, no, no, no) }.into())?;
    if let Some(kept) = of.capabilities {
        drop_capabilities(kept)?;
    }
    if let Some(ruleset) = &of.ruleset {
        restrict(ruleset)?;
    }
    if let Some(filter) = &of.filter {
        install(filter, 0)?;
    }
    Ok(())
}

/// `RLIMIT_CORE` and `RLIMIT_FSIZE`, whose type differs between C libraries.
const CORE: u32 = 4;
const FSIZE: u32 = 1;

fn limit(which: u32, value: u64) -> io::Result<()> {
    let limit = libc::rlimit { rlim_cur: value, rlim_max: value };
    // SAFETY: the structure outlives the call.
    result(unsafe { libc::setrlimit(which as _, &limit) }.into()).map(drop)
}

/// Marks this process, if it can be; one that is behind an outer fence bears the mark already.
fn put_mark(of: &Confinement) -> io::Result<()> {
    match of.mark {
        Some(mark) if u64::from(mark) < limit_of_mark() => limit(MARK, mark.into()),
        _ => Ok(()),
    }
}

/// Returns the greatest mark that this process can give.
pub(super) fn limit_of_mark() -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure outlives the call.
    let read = unsafe { libc::getrlimit(MARK as _, &raw mut limit) };
    if read == 0 { limit.rlim_max } else { 0 }
}

/// Makes a command give up the rights of an outer fence once it is forked; it keeps one descriptor besides those that it would
/// have.
pub(super) fn fenced(command: &mut Command, confinement: Confinement, keep: Option<RawFd>) {
    let fence = move || {
        if let Some(number) = keep {
            // SAFETY: the call takes numbers alone.
            result(unsafe { libc::fcntl(number, libc::F_SETFD, 0) }.into())?;
        }
        put_mark(&confinement)?;
        confine_thread(&confinement)
    };
    // SAFETY: it makes calls to the kernel alone.
    unsafe { command.pre_exec(fence) };
}

/// Drops all capabilities but the given ones, and prevents exec from restoring any.
fn drop_capabilities(kept: u32) -> io::Result<()> {
    let no = 0 as libc::c_ulong;
    for number in 0..64u32 {
        let keeps = number < 32 && kept & (1 << number) != 0;
        // SAFETY: these calls take numbers alone.
        unsafe {
            let has = libc::prctl(libc::PR_CAPBSET_READ, libc::c_ulong::from(number), no, no, no);
            if has == 1 && !keeps {
                result(libc::prctl(libc::PR_CAPBSET_DROP, libc::c_ulong::from(number), no, no, no).into())?;
            }
        }
    }
    // The header is _LINUX_CAPABILITY_VERSION_3 and this process; the data is effective, permitted and inheritable,
    // twice 32 bits.
    let header: [u32; 2] = [0x2008_0522, 0];
    let data: [u32; 6] = [kept, kept, 0, 0, 0, 0];
    // SAFETY: both structures outlive the call.
    result(unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), data.as_ptr()) }).map(drop)
}

/// Sends a descriptor, together with one byte.
fn send_descriptor(socket: RawFd, descriptor: RawFd) -> io::Result<()> {
    let mut byte = Step::Listener as u8;
    let mut part = libc::iovec { iov_base: std::ptr::from_mut(&mut byte).cast(), iov_len: 1 };
    let mut control = [0u64; 4];
    // SAFETY: all buffers outlive the call, and the control buffer is aligned and holds one descriptor.
    unsafe {
        let mut message: libc::msghdr = std::mem::zeroed();
        message.msg_iov = &raw mut part;
        message.msg_iovlen = 1;
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = libc::CMSG_SPACE(4) as _;
        let header = libc::CMSG_FIRSTHDR(&message);
        (*header).cmsg_level = libc::SOL_SOCKET;
        (*header).cmsg_type = libc::SCM_RIGHTS;
        (*header).cmsg_len = libc::CMSG_LEN(4) as _;
        libc::CMSG_DATA(header).cast::<RawFd>().write_unaligned(descriptor);
        result(libc::sendmsg(socket, &message, 0) as libc::c_long).map(drop)
    }
}

/// Receives the next byte of a socket, and the descriptor that came with it; `None` at its end.
pub(super) fn receive(socket: &UnixStream) -> io::Result<Option<(u8, Option<OwnedFd>)>> {
    let mut byte = 0u8;
    let mut part = libc::iovec { iov_base: std::ptr::from_mut(&mut byte).cast(), iov_len: 1 };
    let mut control = [0u64; 4];
    // SAFETY: all buffers outlive the call; a descriptor that came is new, and owned by nobody else.
    unsafe {
        let mut message: libc::msghdr = std::mem::zeroed();
        message.msg_iov = &raw mut part;
        message.msg_iovlen = 1;
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = size_of_val(&control) as _;
        let read = result(
            libc::recvmsg(socket.as_raw_fd(), &raw mut message, libc::MSG_CMSG_CLOEXEC) as libc::c_long
        )?;
        if read == 0 {
            return Ok(None);
        }
        let header = libc::CMSG_FIRSTHDR(&message);
        let came = !header.is_null()
            && (*header).cmsg_level == libc::SOL_SOCKET
            && (*header).cmsg_type == libc::SCM_RIGHTS;
        let descriptor =
            came.then(|| OwnedFd::from_raw_fd(libc::CMSG_DATA(header).cast::<RawFd>().read_unaligned()));
        Ok(Some((byte, descriptor)))
    }
}

/// Sends this process a signal that ends it, with its usual action.
pub(super) fn end_by(number: i32) {
    // SAFETY: the calls take numbers alone; no handler is installed.
    unsafe {
        libc::signal(number, libc::SIG_DFL);
        libc::raise(number);
    }
}

/// Waits for a child that has ended, if it is one.
pub(super) fn reap(process: u32) {
    // SAFETY: no status is asked for.
    unsafe { libc::waitpid(process as libc::pid_t, std::ptr::null_mut(), libc::WNOHANG) };
}

/// The kernel's `struct seccomp_notif`: a call that waits for an answer.
#[repr(C)]
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Request {
    pub(super) id: u64,
    pub(super) pid: u32,
    flags: u32,
    pub(super) number: i32,
    architecture: u32,
    instruction: u64,
    pub(super) arguments: [u64; 6],
}

#[repr(C)]
struct Response {
    id: u64,
    value: i64,
    error: i32,
    flags: u32,
}

/// The answer to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// The kernel makes the call.
    Continue,
    /// The supervisor has made the call for the caller.
    Done,
    /// As `Done`, and the call returns this number.
    Value(u32),
    /// The call fails with this error number.
    Fail(i32),
}

const RECEIVE: u64 = 0xc050_2100;
const SEND: u64 = 0xc018_2101;
const IS_VALID: u64 = 0x4008_2102;

/// Returns the next call that waits; `None` if no process with the filter is left.
pub(super) fn next_request(listener: &OwnedFd) -> Option<Request> {
    loop {
        let mut wait = libc::pollfd { fd: listener.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: the structures outlive the calls, and are as the kernel has them.
        unsafe {
            if libc::poll(&raw mut wait, 1, -1) < 0 {
                continue;
            }
            if wait.revents & libc::POLLIN == 0 {
                return None;
            }
            let mut request = Request::default();
            if libc::ioctl(listener.as_raw_fd(), RECEIVE as _, &raw mut request) == 0 {
                return Some(request);
            }
        }
        // The caller was killed meanwhile.
    }
}

/// Returns whether the caller still waits: if not, its number, and the memory that was read, may belong to a
/// different process.
pub(super) fn still_waits(listener: &OwnedFd, request: &Request) -> bool {
    // SAFETY: the number outlives the call.
    unsafe { libc::ioctl(listener.as_raw_fd(), IS_VALID as _, std::ptr::from_ref(&request.id)) == 0 }
}

/// Answers a call; a caller that has ended meanwhile does not matter.
pub(super) fn answer(listener: &OwnedFd, request: &Request, answer: Answer) {
    let (value, error, flags) = match answer {
        Answer::Continue => (0, 0, 1), // SECCOMP_USER_NOTIF_FLAG_CONTINUE
        Answer::Done => (0, 0, 0),
        Answer::Value(number) => (i64::from(number), 0, 0),
        Answer::Fail(number) => (0, -number.abs(), 0),
    };
    let response = Response { id: request.id, value, error, flags };
    // SAFETY: the structure outlives the call, and is as the kernel has it.
    unsafe { libc::ioctl(listener.as_raw_fd(), SEND as _, std::ptr::from_ref(&response)) };
}

/// Reads the memory of another process, and returns the number of bytes read.
pub(super) fn read_memory(pid: u32, from: u64, into: &mut [u8]) -> io::Result<usize> {
    let own = libc::iovec { iov_base: into.as_mut_ptr().cast(), iov_len: into.len() };
    let other = libc::iovec { iov_base: from as usize as *mut libc::c_void, iov_len: into.len() };
    // SAFETY: the kernel writes into `into`, as far as it is long, and looks at the other's addresses itself.
    let read = unsafe { libc::process_vm_readv(pid as libc::pid_t, &own, 1, &other, 1, 0) };
    result(read as libc::c_long).map(|read| read as usize)
}

/// Writes into the memory of another process, and returns the number of bytes written.
pub(super) fn write_memory(pid: u32, to: u64, from: &[u8]) -> io::Result<usize> {
    let own = libc::iovec { iov_base: from.as_ptr().cast_mut().cast(), iov_len: from.len() };
    let other = libc::iovec { iov_base: to as usize as *mut libc::c_void, iov_len: from.len() };
    // SAFETY: the kernel reads `from`, as far as it is long, and looks at the other's addresses itself.
    let written = unsafe { libc::process_vm_writev(pid as libc::pid_t, &own, 1, &other, 1, 0) };
    result(written as libc::c_long).map(|written| written as usize)
}

/// Returns a descriptor of another process as one of this process: both have one position in the file.
pub(super) fn descriptor_of(process: &OwnedFd, number: i32) -> io::Result<OwnedFd> {
    // SAFETY: the call takes numbers, and the descriptor is new.
    unsafe {
        let taken = result(libc::syscall(libc::SYS_pidfd_getfd, process.as_raw_fd(), number, 0u32))?;
        Ok(OwnedFd::from_raw_fd(taken as RawFd))
    }
}

/// Returns whether the system lets this process take descriptors of those that it confines. Filters of containers may refuse
/// the call (Docker's, without CAP_SYS_PTRACE), and Yama may for all but root from `ptrace_scope` 2 on.
pub(super) fn takes_descriptors() -> bool {
    let refused = |error: &io::Error| matches!(error.raw_os_error(), Some(libc::EPERM | libc::ENOSYS));
    let taken = process(std::process::id()).and_then(|own| descriptor_of(&own, 0));
    let yama = std::fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope").unwrap_or_default();
    let scope: u32 = yama.trim().parse().unwrap_or(0);
    !taken.is_err_and(|error| refused(&error)) && (scope < 2 || is_root())
}

/// Returns the next entries of a folder as the kernel writes them (`struct linux_dirent64`), as many as fit.
pub(super) fn entries(folder: BorrowedFd<'_>, into: &mut [u8]) -> io::Result<usize> {
    // SAFETY: the kernel writes into `into`, as far as it is long.
    let read =
        unsafe { libc::syscall(libc::SYS_getdents64, folder.as_raw_fd(), into.as_mut_ptr(), into.len()) };
    result(read).map(|read| read as usize)
}

/// Opens a path from a folder by `O_PATH`, without following links of `/proc` that are not paths.
pub(super) fn open_from(folder: BorrowedFd<'_>, path: &CStr, follow: bool) -> io::Result<OwnedFd> {
    let nofollow = if follow { 0 } else { libc::O_NOFOLLOW };
    // struct open_how: flags, mode, RESOLVE_NO_MAGICLINKS.
    let how: [u64; 3] = [(libc::O_PATH | libc::O_CLOEXEC | nofollow) as u64, 0, 2];
    // SAFETY: the path ends with a zero, the structure outlives the call, and the descriptor is new.
    unsafe {
        let opened = result(libc::syscall(
            libc::SYS_openat2,
            folder.as_raw_fd(),
            path.as_ptr(),
            how.as_ptr(),
            size_of_val(&how),
        ))?;
        Ok(OwnedFd::from_raw_fd(opened as RawFd))
    }
}

/// Opens a file in a folder for reading, if its name is no symlink; a pipe is not waited for.
pub(super) fn open_plain(folder: BorrowedFd<'_>, name: &CStr) -> io::Result<File> {
    let flags = libc::O_RDONLY | libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY | libc::O_CLOEXEC;
    // SAFETY: the name ends with a zero, and the descriptor is new.
    unsafe {
        let opened = result(libc::openat(folder.as_raw_fd(), name.as_ptr(), flags).into())?;
        Ok(File::from_raw_fd(opened as RawFd))
    }
}

/// Gives an opened file another name.
pub(super) fn name(file: BorrowedFd<'_>, path: &CStr) -> io::Result<()> {
    // The file is named by its descriptor: the kernel accepts no other way without privileges.
    let from = std::ffi::CString::new(format!("/proc/self/fd/{}", file.as_raw_fd()))?;
    let cwd = libc::AT_FDCWD;
    // SAFETY: both paths end with a zero.
    result(unsafe { libc::linkat(cwd, from.as_ptr(), cwd, path.as_ptr(), libc::AT_SYMLINK_FOLLOW) }.into())
        .map(drop)
}

/// Sets times, by a path of this process; `None` means now. The 32 bytes are two `struct timespec`.
pub(super) fn set_times(path: &CStr, times: Option<&[u8; 32]>) -> io::Result<()> {
    let mut both = [libc::timespec { tv_sec: 0, tv_nsec: 0 }; 2];
    if let Some(bytes) = times {
        let number = |at: usize| {
            let mut part = [0u8; 8];
            part.copy_from_slice(&bytes[at..at + 8]);
            i64::from_ne_bytes(part)
        };
        for (at, time) in both.iter_mut().enumerate() {
            time.tv_sec = number(16 * at) as _;
            time.tv_nsec = number(16 * at + 8) as _;
        }
    }
    let pointer = times.map_or(std::ptr::null(), |_| both.as_ptr());
    // SAFETY: the path ends with a zero, and the times outlive the call.
    result(unsafe { libc::utimensat(libc::AT_FDCWD, path.as_ptr(), pointer, 0) }.into()).map(drop)
}

/// Truncates or extends a file, by a path of this process.
pub(super) fn truncate(path: &CStr, length: i64) -> io::Result<()> {
    // SAFETY: the path ends with a zero.
    result(unsafe { libc::truncate(path.as_ptr(), length as _) }.into()).map(drop)
}

/// Returns a descriptor of a process, which never refers to any other process.
pub(super) fn process(pid: u32) -> io::Result<OwnedFd> {
    // SAFETY: the call takes numbers, and the descriptor is new.
    unsafe {
        let opened = result(libc::syscall(libc::SYS_pidfd_open, pid as libc::pid_t, 0u32))?;
        Ok(OwnedFd::from_raw_fd(opened as RawFd))
    }
}

/// Sends a signal to a process.
pub(super) fn signal(process: &OwnedFd, number: i32) -> io::Result<()> {
    // SAFETY: the call takes numbers, and no siginfo.
    let sent = unsafe {
        libc::syscall(
            libc::SYS_pidfd_send_signal,
            process.as_raw_fd(),
            number,
            std::ptr::null::<libc::siginfo_t>(),
            0u32,
        )
    };
    result(sent).map(drop)
}

/// Kills all processes of a group at once.
pub(super) fn kill_group(group: u32) {
    // SAFETY: the call takes numbers alone.
    unsafe { libc::kill(-(group as libc::pid_t), libc::SIGKILL) };
}

/// Makes orphans among this process's descendants its children.
pub(super) fn become_subreaper() -> io::Result<()> {
    let no = 0 as libc::c_ulong;
    // SAFETY: the call takes numbers alone.
    result(unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1 as libc::c_ulong, no, no, no) }.into())
        .map(drop)
}

/// Waits for any child, and returns its number and status; `None` if there is none or, without waiting, none has
/// ended.
pub(super) fn wait_for_any(wait: bool) -> Option<(u32, i32)> {
    let mut status = 0;
    loop {
        // SAFETY: the status outlives the call.
        let pid = unsafe { libc::waitpid(-1, &raw mut status, if wait { 0 } else { libc::WNOHANG }) };
        if pid > 0 {
            return Some((pid as u32, status));
        }
        if pid == 0 || io::Error::last_os_error().raw_os_error() != Some(libc::EINTR) {
            return None;
        }
    }
}

/// Returns whether this process runs as root.
pub(super) fn is_root() -> bool {
    // SAFETY: the call takes nothing.
    unsafe { libc::geteuid() == 0 }
}
