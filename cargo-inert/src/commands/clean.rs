//! `cargo inert clean`: removes Inert's own build dir; `cargo clean` leaves its units.

use std::ffi::OsString;

use super::Outcome;
use crate::cargo::invocation::Invocation;
use crate::driver::{self, Context, Failure};
use crate::{exit, report};

/// Removes the build dir of this workspace.
///
/// # Errors
/// No workspace here, or a file cannot be removed.
pub fn run(context: &Context, arguments: &[OsString]) -> Outcome {
    let invocation = Invocation::parse("clean", arguments, &context.cwd)?;
    let workspace = driver::workspace(context, &invocation)?;
    let root = driver::build_dir_of(&workspace, &invocation);
    if root.is_dir() {
        crate::build_dir::may_be_removed(&root)
            .map_err(|error| Failure::Io(root.display().to_string(), error))?;
    }
    match std::fs::remove_dir_all(&root) {
        Ok(()) => report::say("Removed", &root.display().to_string()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(Failure::Io(root.display().to_string(), error)),
    }
    Ok(exit::DONE)
}
