//! The outer fence: a program, and all that it starts, changes files in some folders alone and opens no socket. What it reads
//! and starts stays as it is. Inside, [`run`](super::run) confines further: layers of Landlock only narrow.
//!
//! The fence has no listener, since only one filter of a process may have one, and no rule on modes and times, since its
//! refusal would outrank what a supervisor inside allows. So modes, owners, times and extended attributes of the user's files
//! can be changed from within.
//!
//! What has to happen outside is asked for over one socket that the program inherits: [`ask`] sends a request with the
//! streams to use, and [`OuterFence::next`] returns it together with the process that the kernel names as its sender. What may be
//! asked for is the caller's to decide.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::fd::{AsRawFd as _, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Command;

use super::sys::{self, Confinement};
use super::{filter, landlock};
use crate::{Error, Machine, Unavailable, error};

/// The lowest version of Landlock with which files outside cannot be emptied.
const FLOOR: u32 = 3;

/// CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, and CAP_SETPCAP, by which a fence inside drops these.
const KEPT: u32 = 1 | 1 << 1 | 1 << 3 | 1 << 4 | 1 << 8;

/// The devices that any program may write to.
const DEVICES: &[&str] = &["/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/random", "/dev/urandom"];

/// An outer fence.
#[derive(Debug)]
pub struct OuterFence {
    confinement: Option<Confinement>,
    own: OwnedFd,
    others: OwnedFd,
}

/// A request from inside.
#[derive(Debug)]
pub struct Request {
    /// The process that asks, as the kernel says.
    pub sender: u32,
    /// What is asked for: a file that the sender wrote.
    pub text: File,
    /// The standard streams of the sender.
    pub streams: [OwnedFd; 3],
    answer: UnixStream,
}

impl OuterFence {
    /// Returns why this machine has no outer fence.
    ///
    /// # Errors
    /// The reason.
    pub fn available(machine: &Machine) -> Result<(), Unavailable> {
        if machine.abi < FLOOR {
            return Err(Unavailable {
                reason: format!(
                    "this kernel's Landlock is version {}, with which any file can be emptied",
                    machine.abi
                ),
                needs: format!("version {FLOOR}: Linux 6.2 or newer"),
            });
        }
        Ok(())
    }

    /// Prepares a fence: files are changed in and below these paths, which have to exist. What is inside bears the mark: see
    /// [`Program::mark`](crate::Program::mark).
    ///
    /// # Errors
    /// A path does not exist; the kernel refuses a rule or a socket.
    pub fn new(writable: &[PathBuf], machine: &Machine, mark: Option<u32>) -> Result<Self, Error> {
        Self::available(machine).map_err(|unavailable| error(unavailable.reason))?;
        let mut all: Vec<PathBuf> = DEVICES.iter().map(PathBuf::from).filter(|path| path.exists()).collect();
        all.extend_from_slice(writable);
        let filter = filter::outer()
            .ok_or_else(|| error(format!("no table of system calls for {}", std::env::consts::ARCH)))?;
        let confinement = Confinement {
            ruleset: Some(landlock::outer_rules(&all, machine.abi)?),
            filter: Some(filter),
            asks: false,
            report: None,
            keep: Vec::new(),
            parent: std::process::id(),
            ends_with_parent: false,
            file_size: None,
            capabilities: sys::is_root().then_some(KEPT),
            mark,
        };
        let (own, others) =
            sys::pair_of_messages().map_err(|source| error(format!("a socket pair: {source}")))?;
        Ok(Self { confinement: Some(confinement), own, others })
    }

    /// Puts a command behind the fence, once. Returns the number of the descriptor by which it, and all that it starts, may ask.
    ///
    /// # Panics
    /// At the second call.
    pub fn put(&mut self, command: &mut Command) -> RawFd {
        let number = self.others.as_raw_fd();
        let confinement = self.confinement.take().expect("a fence is for one command");
        sys::fenced(command, confinement, Some(number));
        number
    }

    /// Returns the next request; `None` once [`OuterFence::close`] was called.
    #[must_use]
    pub fn next(&self) -> Option<Request> {
        loop {
            match sys::receive_descriptors(&self.own) {
                Ok(Some((sender, came))) => {
                    let Ok([text, answer, one, two, three]) = <[OwnedFd; sys::CARRIED]>::try_from(came)
                    else {
                        // No request of `ask`; who sent it is told by the end of its descriptors.
                        continue;
                    };
                    let (text, answer) = (File::from(text), UnixStream::from(answer));
                    return Some(Request { sender, text, streams: [one, two, three], answer });
                }
                Err(source) if source.kind() == io::ErrorKind::Interrupted => {}
                Ok(None) | Err(_) => return None,
            }
        }
    }

    /// Ends [`OuterFence::next`].
    pub fn close(&self) {
        sys::shutdown(&self.own);
    }
}

impl Request {
    /// Answers with one line.
    pub fn answer(self, line: &str) {
        let mut answer = self.answer;
        let _ = answer.write_all(line.replace('\n', " ").as_bytes()).and_then(|()| answer.write_all(b"\n"));
    }

    /// Returns another handle for noticing that the sender has ended.
    ///
    /// # Errors
    /// There are no descriptors left.
    pub fn asking(&self) -> io::Result<Asking> {
        self.answer.try_clone().map(Asking)
    }
}

/// The sender of a request, which waits.
#[derive(Debug)]
pub struct Asking(UnixStream);

impl Asking {
    /// Returns when the sender has ended, or [`Asking::leave`] was called.
    pub fn wait(&self) {
        let mut byte = [0];
        while io::Read::read(&mut &self.0, &mut byte).is_ok_and(|read| read > 0) {}
    }

    /// Ends [`Asking::wait`], not the sender.
    pub fn leave(&self) {
        let _ = self.0.shutdown(std::net::Shutdown::Read);
    }
}

/// A process that is held, so that its number is no other's.
#[derive(Debug)]
pub struct Held(OwnedFd);

impl Held {
    /// Holds a child of this process that was not waited for.
    ///
    /// # Errors
    /// There is no such process.
    pub fn of(process: u32) -> io::Result<Self> {
        sys::process(process).map(Self)
    }

    /// Kills the process, if it has not ended.
    pub fn kill(&self) {
        let _ = sys::signal(&self.0, libc::SIGKILL);
    }
}

/// Asks outside of the fence for what a file says, with the standard streams of this process, and returns the answer.
///
/// # Errors
/// The descriptor is no socket of a fence, or nobody answers.
pub fn ask(number: RawFd, text: &File) -> io::Result<String> {
    let (here, there) = UnixStream::pair()?;
    sys::send_descriptors(number, [text.as_raw_fd(), there.as_raw_fd(), 0, 1, 2])?;
    drop(there);
    let mut line = String::new();
    BufReader::new(here).read_line(&mut line)?;
    match line.strip_suffix('\n') {
        Some(line) => Ok(line.to_owned()),
        None => Err(io::Error::other("nobody answers outside of the fence")),
    }
}

/// Ends this process by a signal, as a program ended that it stands for.
pub fn end_by(signal: i32) {
    sys::end_by(signal);
}
