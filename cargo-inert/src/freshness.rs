//! Prepares Cargo's freshness check before it starts: decisions that changed, and stand-ins whose inputs changed.
//!
//! Cargo compares the times of the files that a unit depends on. The outputs of the wrapper depend on a stamp for each
//! decision, those of a stand-in on a stamp for each run; a stamp is written exactly when the unit must be made again.
//! Stamps are used rather than `# env-dep` lines, since the programs that Cargo starts do not see them.
//!
//! Two commands at once in one build dir may have different plans. They share the build dir as long as their decisions
//! agree. If they do not, the second command waits, since Cargo could otherwise take the outputs of one plan as fresh
//! for the other.

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

/// The lock that is held while Cargo runs, with the runs that are up to date.
#[derive(Debug)]
pub struct Shared {
    _lock: File,
    /// The runs of stand-ins that are still valid: see [`ScriptPlan::entry`](crate::plan::model::ScriptPlan::entry).
    pub current: BTreeSet<String>,
}

/// The stamps that have to be up to date before Cargo starts. It is stored with the plan, for as long as the plan is
/// valid.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Settlement {
    /// The name and the content of each decision's stamp.
    pub decisions: Vec<(String, String)>,
    /// The names of the stamps of units that are skipped.
    pub skipped: Vec<String>,
    /// True if units are skipped even if another command had them compiled: they may depend on a macro without review.
    #[serde(default)]
    pub strict: bool,
    /// The names of the stamps of units that are compiled, in case another command has skipped them.
    pub needed: Vec<String>,
    /// The plan's entry for each run of a stand-in: see [`ScriptPlan::entry`](crate::plan::model::ScriptPlan::entry).
    pub entries: BTreeMap<String, String>,
    /// The root source files of the units that a policy entry pins, each with the stamp that the unit depends on once
    /// it was checked.
    #[serde(default)]
    pub pinned: BTreeMap<PathBuf, String>,
    /// The folder that rustc's relative paths start from.
    #[serde(default)]
    pub base: PathBuf,
}

impl Settlement {
    /// Returns the stamps for a plan.
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

    /// Updates the stamps by the plan and by the inputs of stand-ins.
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
        // Only a command that holds the mutex takes this lock exclusively, so no other does in between.
        let _ = running.unlock();
        running.lock_shared()?;
        Ok(Shared { _lock: running, current })
    }

    /// Returns the dependency files of units that an entry pins and that were compiled before it did, or for another
    /// entry. Cargo would consider them fresh, although their sources were never compared with the pins.
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
            // A unit that was needed once stays compiled: skipping it again would save nothing.
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

/// A stamp that has to be written.
struct Change {
    name: String,
    content: String,
    /// True if the stamp exists with other contents, which a running command may depend on.
    replaces: bool,
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)
}

/// Returns the name of the stamp of a unit that is skipped.
#[must_use]
pub fn skip_stamp(key: &str) -> String {
    format!("skip-{}", &digest::text(key)[..24])
}
