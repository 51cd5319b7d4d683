//! The exit codes, which are a stable interface.

use std::process::ExitCode;

/// The command has succeeded.
pub const DONE: u8 = 0;
/// The build is denied or undecided; nothing was compiled.
pub const DENIED: u8 = 1;
/// The usage, a declaration, the policy or the lock is invalid.
pub const USAGE: u8 = 2;
/// Cargo has failed; this is also Cargo's own exit code for an error. A native library that this machine lacks, and a
/// file that cannot be read or written, count as such: they say nothing about what may run.
pub const CARGO: u8 = 101;

/// The exit codes of a command that builds, for its help.
pub const OF_A_BUILD: &str = "Exit codes: 0 done, 1 denied or undecided (nothing was compiled), 2 bad usage, declaration, policy or lock,
101 Cargo fails, a native library is missing (nothing was compiled), or a file cannot be read or written.";

/// Returns the exit code of a child; a child that a signal has killed counts as failed.
#[must_use]
pub fn of_child(status: std::process::ExitStatus) -> ExitCode {
    ExitCode::from(u8::try_from(status.code().unwrap_or(101)).unwrap_or(101))
}

/// Returns the exit code of a child that only prints. A reader that has enough may close the pipe, which ends such a
/// child by a signal.
#[must_use]
pub fn of_printer(status: std::process::ExitStatus) -> u8 {
    #[cfg(unix)]
    if std::os::unix::process::ExitStatusExt::signal(&status) == Some(SIGPIPE) {
        return DONE;
    }
    u8::try_from(status.code().unwrap_or(101)).unwrap_or(CARGO)
}

/// The signal of a write to a closed pipe, on all systems that have signals.
#[cfg(unix)]
const SIGPIPE: i32 = 13;
