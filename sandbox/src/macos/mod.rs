//! macOS: Seatbelt, by `/usr/bin/sandbox-exec`. The profile is text, a pure function of the grants ([`profile`]), which is tested
//! on every system.
//!
//! A sandbox cannot be applied inside another: a build below one is refused, not run without. Signals reach the program's own
//! processes alone. What the program leaves behind in its process group is ended; a process that leaves the group is not, and
//! stays confined.

pub mod profile;

#[cfg(target_os = "macos")]
pub use run::{Machine, become_program, machine, run};

#[cfg(target_os = "macos")]
mod run;
