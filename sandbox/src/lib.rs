//! Runs a program with the rights that its [`Grants`] name and no others.
//!
//! This crate knows nothing of packages, policies or Cargo: the caller gives a program's rights, and gets the
//! outcome. Each system has one backend: [`linux`] (Landlock, a seccomp filter, a supervisor that decides what a
//! filter cannot), [`macos`] (Seatbelt), `windows` (none: confinement is refused there).
//!
//! Entry points: [`machine`] returns the abilities of this machine, or the reason why it cannot confine; [`run`]
//! supervises a program; [`become_program`] applies the grants to the calling process, for programs that start
//! nothing and need no supervisor; on Linux, [`Fence`](linux::Fence) confines what one thread starts, for tools that
//! need none either.
//!
//! Guarantees:
//! - The rules are never weaker than the grants: if one cannot be enforced, that is an error before the program
//!   starts.
//! - When [`run`] returns, no process that the program started is alive. If the supervisor is killed, so is the program;
//!   what that has started stays confined and can start no other program, and a process that has adopted it
//!   ([`linux::adopt_orphans`]) ends it.

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
