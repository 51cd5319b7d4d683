//! Confines the programs that one thread starts, without a supervisor: the thread gives up its own rights, and what
//! it starts inherits that. The other threads of the process keep theirs.
//!
//! A thread needs no second fork and no program that applies the rules, so a compiler costs a few dozen
//! microseconds more than without. The price: nothing answers the calls that only a supervisor can decide (changing
//! modes, owners and times does nothing and succeeds), nothing ends processes that are left over, and descriptors that the process itself
//! inherited without `CLOEXEC` (Cargo's job tokens) are inherited.

use std::fmt;

use super::filter::Asked;
use super::sys::{self, Confinement};
use super::{Machine, confinement_for};
use crate::{Error, Grants, error};

/// Grants, prepared for any number of threads.
pub struct Fence(Confinement);

impl fmt::Debug for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fence")
    }
}

impl Fence {
    /// Prepares the rules. The variables and limits of the grants are not used: the caller sets the environment of
    /// what it starts.
    ///
    /// # Errors
    /// A required path does not exist; the kernel refuses a rule.
    pub fn new(grants: &Grants, machine: &Machine) -> Result<Self, Error> {
        let asked = Asked::Nobody { own: std::process::id(), seems_done: true };
        confinement_for(grants, machine, asked, false, Vec::new()).map(Self)
    }

    /// Runs `work` on a thread of its own, which has the rights of the grants and no others, as has each program and
    /// thread that it starts.
    ///
    /// # Errors
    /// The thread cannot be confined; `work` did not run.
    ///
    /// # Panics
    /// If `work` does.
    pub fn within<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, Error> {
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new()
                .spawn_scoped(scope, || sys::confine_thread(&self.0).map(|()| work()))
                .map_err(|source| error(format!("a thread: {source}")))?;
            match thread.join() {
                Ok(done) => done.map_err(|source| error(format!("it cannot be confined: {source}"))),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        })
    }
}
