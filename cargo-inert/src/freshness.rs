//! What Cargo must see before it starts: decisions that changed, and stand-ins whose reads changed.
//!
//! Cargo compares times of files that a unit names. What the wrapper writes names a stamp per decision, what a
//! stand-in prints names a stamp per run; a stamp is written anew exactly when the unit must be made again. Stamps
//! rather than `# env-dep` lines, since a stamp is not seen by the programs that Cargo starts.
//!
//! Two commands at once in one build dir may have different plans. They share it as long as their decisions agree;
//! where they do not, the second waits, since Cargo could otherwise take what one wrote as fresh for the other.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use crate::build_dir::{BuildDir, write_atomic};
use crate::digest;
use crate::environment::Environment;
use crate::plan::ScriptPlan;
use crate::plan::make::Plan;

/// Held while Cargo runs.
#[derive(Debug)]
pub struct Shared {
    _lock: File,
}

/// Brings the stamps up to date with the plan and with what stand-ins read.
///
/// # Errors
/// The build dir cannot be written or locked.
pub fn settle(
    dir: &BuildDir,
    plan: &Plan,
    scripts: &[(String, ScriptPlan)],
    environment: &Environment,
) -> io::Result<Shared> {
    let mutex = open(&dir.inner().join("settling.lock"))?;
    mutex.lock()?;
    let running = open(&dir.inner().join("running.lock"))?;
    let changes = changes(dir, plan);
    if changes.iter().any(|change| change.replaces) && running.try_lock().is_err() {
        crate::report::say("Blocking", "waiting for a `cargo inert` with another plan in this build dir");
        running.lock()?;
    }
    for change in changes {
        write_atomic(&dir.decision(&change.name), change.content.as_bytes())?;
    }
    crate::stand_in::refresh(dir, scripts, environment)?;
    // Nobody else takes it exclusively in between: that needs the mutex.
    let _ = running.unlock();
    running.lock_shared()?;
    Ok(Shared { _lock: running })
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)
}

/// Name of the stamp of a unit that is skipped.
#[must_use]
pub fn skip_stamp(key: &str) -> String {
    format!("skip-{}", &digest::text(key)[..24])
}

/// A stamp to be written.
struct Change {
    name: String,
    content: String,
    /// Whether it said something else, by which a running command may go.
    replaces: bool,
}

fn changes(dir: &BuildDir, plan: &Plan) -> Vec<Change> {
    let mut changes = Vec::new();
    for decision in &plan.decisions {
        let (name, content) = (decision.id(), decision.stamp());
        let found = std::fs::read_to_string(dir.decision(&name)).ok();
        if found.as_ref() != Some(&content) {
            changes.push(Change { name, content, replaces: found.is_some() });
        }
    }
    for key in &plan.skipped {
        let name = skip_stamp(key);
        // A unit that was needed once stays compiled: skipping it again would gain nothing.
        if !dir.decision(&name).exists() {
            changes.push(Change { name, content: "skipped".to_owned(), replaces: false });
        }
    }
    for key in &plan.needed {
        let name = skip_stamp(key);
        if std::fs::read(dir.decision(&name)).is_ok_and(|content| content == b"skipped") {
            changes.push(Change { name, content: "needed".to_owned(), replaces: true });
        }
    }
    changes
}
