//! `cargo inert lock`: writes inert.lock without compiling, so that a bot that updates dependencies can run it.

use clap::Parser;

use super::Outcome;
use super::cargo_arguments::WorkspaceArguments;
use super::here::Here;
use crate::driver::{self, Context, Failure};
use crate::driver::{lock_check, lock_collect};
use crate::lock::compare::Change;
use crate::lock::{FILE, Lock, compare, text};
use crate::policy::Policy;
use crate::{exit, report};

/// Write inert.lock: what decides each build script of Cargo.lock, with capabilities and digests
///
/// Nothing is compiled and no script is run; packages that are not downloaded yet are. The lock is the same on every host
/// and for every feature set, so it belongs into version control: a dependency update that changes a script, brings a new one,
/// or lets a declaration do more shows as a line in its diff. Builds keep the file up to date where there is one.
#[derive(Debug, Parser)]
#[command(
    name = "cargo inert lock",
    bin_name = "cargo inert lock",
    after_help = "With --locked nothing is written; it exits with 1 if the file is not up to date.

Exit codes: 0 done, 1 --locked and not up to date, 2 bad usage.

See also: `cargo inert audit --diff <REV>`, which labels each change weaker, same or stronger."
)]
pub struct Arguments {
    #[command(flatten)]
    cargo: WorkspaceArguments,
}

/// Runs `cargo inert lock`.
///
/// # Errors
/// See [`Failure`].
pub fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let invocation = arguments.cargo.invocation("lock", context)?;
    let workspace = driver::workspace(context, &invocation)?;
    let path = workspace.workspace_root.join(FILE);
    let now = lock_collect::collect(context, &invocation)?;
    // A file that cannot be read is written anew, as its error message advises.
    let old = Lock::read(&path).ok().flatten();
    let policy = Policy::of_tree(&workspace.workspace_root).map_err(Failure::Policy)?;
    if invocation.locked && old.as_ref() == Some(&now) {
        return Ok(exit::DONE);
    }
    let here = Here::of(context, &invocation);
    let changes: Vec<Change> = compare::changes(&old.clone().unwrap_or_default(), &now, &policy)
        .into_iter()
        .map(|change| here.as_ref().map_or(change.clone(), |here| here.shown(change)))
        .collect();
    if invocation.locked {
        for change in &changes {
            report::status(&format!(
                "  {}: {} {}",
                change.label.name(),
                change.what,
                report::escaped(&change.text)
            ));
        }
        return Err(Failure::Refused(format!("{} is not up to date", path.display())));
    }
    if std::fs::read_to_string(&path).ok().as_deref() == Some(&text::write(&now)) {
        report::say("Unchanged", &path.display().to_string());
        say_here(here.as_ref());
        return Ok(exit::DONE);
    }
    lock_check::write(&now, &path)?;
    report::say(
        "Wrote",
        &format!(
            "{}: {}",
            path.display(),
            report::counted(now.scripts.len(), "build script", "build scripts")
        ),
    );
    for change in changes.iter().filter(|_| old.is_some()) {
        report::status(&format!(
            "  {}: {} {}",
            change.label.name(),
            change.what,
            report::escaped(&change.text)
        ));
    }
    say_here(here.as_ref());
    Ok(exit::DONE)
}

/// Says what of the lock a build on this host refuses.
fn say_here(here: Option<&Here>) {
    if let Some(line) = here.and_then(Here::line) {
        report::say("Note", &format!("{}; `cargo inert audit`", report::escaped(&line)));
    }
}
