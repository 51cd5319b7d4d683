//! Exit codes: a stable interface.

use std::process::ExitCode;

/// Done.
pub const DONE: u8 = 0;
/// Denied, or undecided: nothing was compiled.
pub const DENIED: u8 = 1;
/// Bad usage, or a bad declaration, policy or lock.
pub const USAGE: u8 = 2;
/// Cargo's own failure (and Cargo's own exit code for an error).
pub const CARGO: u8 = 101;

/// A child's exit code as ours; killed by a signal counts as failed.
#[must_use]
pub fn of_child(status: std::process::ExitStatus) -> ExitCode {
    ExitCode::from(u8::try_from(status.code().unwrap_or(101)).unwrap_or(101))
}
