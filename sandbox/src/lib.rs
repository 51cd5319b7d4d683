//! Runs a program with the rights that its [`Grants`] name and no others.
//!
//! This crate knows nothing of packages, policies or Cargo: whoever calls it says what a program may do, and finds out what
//! became of it. One backend a system: [`linux`] (Landlock, a seccomp filter, a supervisor that answers what a filter cannot
//! judge), [`macos`] (Seatbelt), `windows` (none: confinement is refused there).
//!
//! Entry points: [`machine`] says what this machine can do, or why not; [`run`] supervises a program; [`become_program`] applies
//! the grants to the process that calls it, for programs that start nothing and need no supervisor.
//!
//! What holds whatever happens:
//! - Never fewer rules than the grants say: what cannot be enforced is an error before the program starts.
//! - Nothing that the program started is alive when [`run`] returns, nor once the supervisor is gone, but for what runs at
//!   that moment, which can start nothing any more.

mod grants;
#[cfg(target_os = "linux")]
pub mod linux;
pub mod macos;
mod outcome;
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub mod windows;

pub use grants::{Access, Grants, Limits, Need, PathGrant, Processes};
#[cfg(target_os = "linux")]
pub use linux::{Machine, become_program, machine, run};
#[cfg(target_os = "macos")]
pub use macos::{Machine, become_program, machine, run};
pub use outcome::{Denial, Ended, Error, Outcome, Program, Stopped, Stream, Unavailable};
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub use windows::{Machine, become_program, machine, run};

pub(crate) fn error(message: String) -> Error {
    Error { message }
}
