//! Windows and other systems: confinement is refused. An AppContainer gets rights by access lists on the disk,
//! which remain there after a crash, and no test shows that compilers start in one; until then, programs that must
//! be confined do not run.

use std::convert::Infallible;

use crate::{Error, Grants, Outcome, Program, Stream, Unavailable, error};

/// The ability of this machine to confine programs, which no value can represent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine(Infallible);

impl Machine {
    /// Returns the gaps that remain open.
    #[must_use]
    pub fn open(&self) -> Vec<&'static str> {
        match self.0 {}
    }
}

/// Checks that this machine can confine programs.
///
/// # Errors
/// Always, since there is no backend.
pub fn machine() -> Result<Machine, Unavailable> {
    Err(Unavailable {
        reason: "programs cannot be confined on this system".to_owned(),
        needs: "Linux or macOS".to_owned(),
    })
}

/// Refuses to run a program.
///
/// # Errors
/// Always, since there is no backend.
pub fn run(
    program: &Program,
    _grants: &Grants,
    machine: &Machine,
    _stdout: Stream<'_>,
    _stderr: Stream<'_>,
) -> Result<Outcome, Error> {
    let _ = program;
    match machine.0 {}
}

/// Cannot be called, since there is no `Machine`.
#[must_use]
pub fn become_program(_program: &Program, _grants: &Grants, machine: &Machine) -> Error {
    match machine.0 {}
}

const _: fn(String) -> Error = error;
