//! `cargo inert clean`: removes Inert's own build dirs, since `cargo clean` leaves its units, or the user's store.

use clap::Parser;

use super::Outcome;
use super::cargo_arguments::WorkspaceArguments;
use crate::driver::{self, Context, Failure};
use crate::{exit, report, store};

/// Remove Inert's build dir
///
/// Removes what `cargo inert` keeps beside Cargo's own artifacts, of every installation of Inert; `cargo clean` leaves it. What
/// plain cargo built stays. With --store, empties the user's store of finished C libraries, and nothing else.
#[derive(Debug, Parser)]
#[command(
    name = "cargo inert clean",
    bin_name = "cargo inert clean",
    after_help = "Exit codes: 0 done, 2 bad usage.

Examples:
  cargo inert clean
  cargo inert clean --manifest-path other/Cargo.toml
  cargo inert clean --store"
)]
pub struct Arguments {
    #[command(flatten)]
    cargo: WorkspaceArguments,
    /// Empty the user's store, which all workspaces share, and leave build dirs alone
    #[arg(long)]
    store: bool,
}

/// Runs `cargo inert clean`: removes the build dirs of this workspace.
///
/// # Errors
/// There is no workspace here, or a file cannot be removed.
pub fn run(context: &Context, arguments: &Arguments) -> Outcome {
    if arguments.store {
        let Some(root) = store::root(&context.environment) else { return Ok(exit::DONE) };
        let removed = store::bounds::clear(&root);
        if removed.map_err(|error| Failure::Io(root.display().to_string(), error))? {
            report::say("Removed", &root.display().to_string());
        }
        return Ok(exit::DONE);
    }
    let invocation = arguments.cargo.invocation("clean", context)?;
    let workspace = driver::workspace(context, &invocation)?;
    for root in crate::artifacts::build_dir::places(driver::build_dirs_in(&workspace, &invocation)) {
        let io = |error| Failure::Io(root.display().to_string(), error);
        let is_link = root.symlink_metadata().is_ok_and(|found| found.file_type().is_symlink());
        if is_link || !root.is_dir() {
            // A symlink is not followed, and Inert never creates a plain file here.
            continue;
        }
        crate::artifacts::build_dir::may_be_removed(&root).map_err(io)?;
        std::fs::remove_dir_all(&root).map_err(io)?;
        report::say("Removed", &root.display().to_string());
    }
    Ok(exit::DONE)
}
