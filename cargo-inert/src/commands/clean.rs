//! `cargo inert clean`: removes Inert's own build dirs; `cargo clean` leaves its units.

use std::ffi::OsString;

use super::Outcome;
use crate::cargo::invocation::Invocation;
use crate::driver::{self, Context, Failure};
use crate::{exit, report};

/// Removes the build dirs of this workspace.
///
/// # Errors
/// No workspace here, or a file cannot be removed.
pub fn run(context: &Context, arguments: &[OsString]) -> Outcome {
    let invocation = Invocation::parse("clean", arguments, &context.cwd)?;
    let workspace = driver::workspace(context, &invocation)?;
    for root in crate::artifacts::build_dir::places(driver::build_dirs_in(&workspace, &invocation)) {
        let io = |error| Failure::Io(root.display().to_string(), error);
        let is_link = root.symlink_metadata().is_ok_and(|found| found.file_type().is_symlink());
        if is_link || !root.is_dir() {
            // Not followed; and a file is nothing that Inert made.
            continue;
        }
        crate::artifacts::build_dir::may_be_removed(&root).map_err(io)?;
        std::fs::remove_dir_all(&root).map_err(io)?;
        report::say("Removed", &root.display().to_string());
    }
    Ok(exit::DONE)
}
