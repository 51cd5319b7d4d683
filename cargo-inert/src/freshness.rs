//! What Cargo must see before it starts: decisions that changed, and stand-ins whose reads changed.
//!
//! Cargo compares times of files that a unit names. What the wrapper writes names a stamp per decision, what a
//! stand-in prints names a stamp per run; a stamp is written anew exactly when the unit must be made again. Stamps
//! rather than `# env-dep` lines, since a stamp is not seen by the programs that Cargo starts.
//!
//! Two commands at once in one build dir may have different plans. They share it as long as their decisions agree;
//! where they do not, the second waits, since Cargo could otherwise take what one wrote as fresh for the other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::artifacts::build_dir::BuildDir;
use crate::artifacts::{dep_info, layout};
use crate::cargo::package::path_from;
use crate::digest;
use crate::environment::Environment;
use crate::file::write_atomic;
use crate::plan::model::{Plan, ScriptPlan};

/// Held while Cargo runs.
#[derive(Debug)]
pub struct Shared {
    _lock: File,
    /// Runs of stand-ins that need not be made again: see [`ScriptPlan::entry`](crate::plan::model::ScriptPlan::entry).
    pub current: BTreeSet<String>,
}

/// What Cargo must find said before it starts. Kept with the plan, so that a plan that still holds is not made again.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Settlement {
    /// Name and content of each decision's stamp.
    pub decisions: Vec<(String, String)>,
    /// Names of the stamps of units that are skipped.
    pub skipped: Vec<String>,
    /// True if what is skipped is, though another command had it compiled: a macro may have come to it that nobody
    /// reviewed.
    #[serde(default)]
    pub strict: bool,
    /// Names of the stamps of units that are compiled, were they ever skipped.
    pub needed: Vec<String>,
    /// For each run of a stand-in what the plan says of it: see [`ScriptPlan::entry`](crate::plan::model::ScriptPlan::entry).
    pub entries: BTreeMap<String, String>,
    /// Root source file of each unit that an entry of the policy pins → the stamp that it depends on once it was held to that.
    #[serde(default)]
    pub pinned: BTreeMap<PathBuf, String>,
    /// The folder that relative paths of rustc's begin at.
    #[serde(default)]
    pub base: PathBuf,
}

impl Settlement {
    /// Of a plan.
    #[must_use]
    pub fn of(plan: &Plan, scripts: &[(String, ScriptPlan)]) -> Self {
        let mut entries = BTreeMap::new();
        for (id, script) in scripts {
            for run in &script.runs {
                let entry = script.entry(id, run);
                if let Some((key, _)) = entry.rsplit_once('\t') {
                    entries.insert(key.to_owned(), entry);
                }
            }
        }
        Self {
            decisions: plan.decisions.iter().map(|decision| (decision.id(), decision.stamp())).collect(),
            skipped: plan.skipped.iter().map(|key| skip_stamp(key)).collect(),
            strict: plan.reviews_macros,
            needed: plan.needed.iter().map(|key| skip_stamp(key)).collect(),
            entries,
            pinned: plan.pinned.stamps.clone(),
            base: plan.pinned.base.clone(),
        }
    }

    /// Brings the stamps up to date with the plan and with what stand-ins read.
    ///
    /// # Errors
    /// The build dir cannot be written or locked.
    pub fn settle(&self, dir: &BuildDir, environment: &Environment) -> io::Result<Shared> {
        let mutex = open(&dir.inner().join("settling.lock"))?;
        mutex.lock()?;
        let running = open(&dir.inner().join("running.lock"))?;
        crate::stand_in::guard::check(dir, environment)?;
        let changes = self.changes(dir);
        let unheld = self.unheld(dir);
        let replaces = changes.iter().any(|change| change.replaces) || !unheld.is_empty();
        if replaces && running.try_lock().is_err() {
            crate::console::say(
                "Blocking",
                "waiting for a `cargo inert` with another plan in this build dir",
            );
            running.lock()?;
        }
        for change in changes {
            write_atomic(&dir.decision(&change.name), change.content.as_bytes())?;
        }
        for rule in unheld {
            let stem = rule.file_stem().unwrap_or_default().to_string_lossy();
            layout::remove_outputs(rule.parent().unwrap_or(&dir.root), &stem);
        }
        let current = crate::stand_in::refresh(dir, &self.entries, environment)?;
        // Nobody else takes it exclusively in between: that needs the mutex.
        let _ = running.unlock();
        running.lock_shared()?;
        Ok(Shared { _lock: running, current })
    }

    /// Dependency files of units that an entry pins now, and that were compiled when none did, or another: Cargo would find
    /// them fresh, and nobody has held what they were compiled from against the pins.
    fn unheld(&self, dir: &BuildDir) -> Vec<PathBuf> {
        if self.pinned.is_empty() {
            return Vec::new();
        }
        let is_unheld = |rule: &PathBuf| {
            let Ok(listed) = dep_info::sources(rule) else { return true };
            let stamp = listed.iter().find_map(|path| self.pinned.get(&path_from(&self.base, path)));
            stamp.is_some_and(|stamp| !listed.contains(&dir.decision(stamp)))
        };
        layout::dependency_files(&dir.root).into_iter().filter(is_unheld).collect()
    }

    fn changes(&self, dir: &BuildDir) -> Vec<Change> {
        let mut changes = Vec::new();
        for name in self.pinned.values().filter(|name| !dir.decision(name).exists()) {
            changes.push(Change { name: name.clone(), content: String::new(), replaces: false });
        }
        for (name, content) in &self.decisions {
            let found = std::fs::read_to_string(dir.decision(name)).ok();
            if found.as_ref() != Some(content) {
                changes.push(Change {
                    name: name.clone(),
                    content: content.clone(),
                    replaces: found.is_some(),
                });
            }
        }
        for name in &self.skipped {
            // A unit that was needed once stays compiled: skipping it again would gain nothing.
            let found = std::fs::read(dir.decision(name)).ok();
            let replaces = found.is_some();
            if !replaces || self.strict && found.as_deref() != Some(b"skipped") {
                changes.push(Change { name: name.clone(), content: "skipped".to_owned(), replaces });
            }
        }
        for name in &self.needed {
            if std::fs::read(dir.decision(name)).is_ok_and(|content| content == b"skipped") {
                changes.push(Change { name: name.clone(), content: "needed".to_owned(), replaces: true });
            }
        }
        changes
    }
}

/// A stamp to be written.
struct Change {
    name: String,
    content: String,
    /// True if it said something else, by which a running command may go.
    replaces: bool,
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)
}

/// Name of the stamp of a unit that is skipped.
#[must_use]
pub fn skip_stamp(key: &str) -> String {
    format!("skip-{}", &digest::text(key)[..24])
}
