//! Exit codes: a stable interface.

/// Done.
pub const DONE: u8 = 0;
/// Denied, or undecided: nothing was compiled.
pub const DENIED: u8 = 1;
/// Bad usage, or a bad declaration, policy or lock.
pub const USAGE: u8 = 2;
/// Cargo's own failure (and Cargo's own exit code for an error).
pub const CARGO: u8 = 101;
