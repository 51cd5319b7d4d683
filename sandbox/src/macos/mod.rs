//! The backend for macOS: Seatbelt, by `/usr/bin/sandbox-exec`. The profile is text, a pure function of the grants
//! ([`profile`]), which is tested on every system.
//!
//! A sandbox cannot be applied inside another: a build inside one is refused, not run without. Signals reach only
//! the program's own processes. Processes that remain in the program's process group are ended; a process that left
//! the group is not, and stays confined.

pub mod profile;

#[cfg(target_os = "macos")]
pub use run::{Machine, become_program, machine, run};

#[cfg(target_os = "macos")]
mod run;
