//! Windows and other systems: confinement is refused. An AppContainer takes rights by lists that are written on the disk and stay
//! there after a crash, and nobody has shown that compilers start in one; until somebody does, what has to be confined does not run.

use std::convert::Infallible;

use crate::{Error, Grants, Outcome, Program, Stream, Unavailable, error};

/// What this machine can enforce: there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine(Infallible);

impl Machine {
    /// What stays open.
    #[must_use]
    pub fn open(&self) -> Vec<&'static str> {
        match self.0 {}
    }
}

/// What this machine can do.
///
/// # Errors
/// Always.
pub fn machine() -> Result<Machine, Unavailable> {
    Err(Unavailable {
        reason: "programs cannot be confined on this system".to_owned(),
        needs: "Linux or macOS".to_owned(),
    })
}

/// Refuses.
///
/// # Errors
/// Always.
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

/// Refuses.
#[must_use]
pub fn become_program(_program: &Program, _grants: &Grants, machine: &Machine) -> Error {
    match machine.0 {}
}

const _: fn(String) -> Error = error;
