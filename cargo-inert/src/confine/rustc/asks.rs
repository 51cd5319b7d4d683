//! Grants a package's macros the one question to Cargo that [`locate`] answers, and says which others they asked.

use std::ffi::OsStr;
use std::io::Read as _;
use std::path::Path;

use inert_sandbox::linux::taken::Folder;
use inert_sandbox::{Access, Grants, Processes};

use crate::artifacts::build_dir::BuildDir;
use crate::confine::{grants, locate};
use crate::environment::Environment;
use crate::plan::model::ConfinedRustc;
use crate::policy::Rights;

/// The number of bytes of questions that are read: a macro can write any number.
const MOST_READ: u64 = 4096;

/// The means by which macros of one compilation ask.
#[derive(Debug)]
pub(super) struct Asks {
    /// The folder for TMPDIR, in which the unanswered questions are.
    tmp: Folder,
}

impl Asks {
    /// Grants the question, if macros of the package may ask it; `None` if not, or if an entry grants them Cargo itself.
    ///
    /// # Errors
    /// The folder for TMPDIR cannot be opened.
    pub(super) fn grant(
        around: &ConfinedRustc,
        rights: &Rights,
        dir: &BuildDir,
        environment: &Environment,
        tmp: &Path,
        grants: &mut Grants,
    ) -> Result<Option<Self>, String> {
        // `[env]` cannot override the variable: Cargo sets it itself.
        let package = environment.get("CARGO_MANIFEST_DIR").map(Path::new);
        let Some(answer) = package.and_then(|package| around.located.get(package)) else { return Ok(None) };
        let program = dir.acting_as(locate::NAME);
        // Rustdoc and an editor's check may run in a session that began before the program was there.
        if rights.tools.iter().any(|tool| tool == locate::NAME) || !program.is_file() {
            return Ok(None);
        }
        grants.processes = Processes::Any;
        grants.add(&program, Access::Execute);
        // A right follows symlinks, so the target must have the same name.
        if grants::real(answer).file_name() == Some(OsStr::new("Cargo.toml")) {
            grants.add_if_there(answer, Access::Read);
        }
        grants.variables.insert("CARGO".into(), program.into());
        grants.variables.insert(locate::ANSWER.into(), answer.into());
        let tmp = Folder::open(tmp).map_err(|error| format!("{}: {error}", tmp.display()))?;
        Ok(Some(Self { tmp }))
    }

    /// Returns the questions that were not answered, each once.
    pub(super) fn unanswered(&self) -> Vec<String> {
        let mut text = Vec::new();
        if let Ok(file) = self.tmp.file(OsStr::new(locate::UNANSWERED), 1) {
            let _ = file.take(MOST_READ).read_to_end(&mut text);
        }
        let text = String::from_utf8_lossy(&text).into_owned();
        let mut lines: Vec<String> = text.lines().map(crate::file::one_line).collect();
        lines.sort();
        lines.dedup();
        lines
    }
}
