//! Describes the accesses that a confined script was denied, each with the policy line that would grant it.

use std::collections::BTreeSet;
use std::path::Path;

use inert_sandbox::{Denial, Outcome};

use crate::artifacts::build_dir::{self, BuildDir};
use crate::environment::Environment;
use crate::plan::model::{BY_UNDECIDED, Confined};

/// Returns the denials that the supervisor saw, each with the policy line that would grant it, if there is one.
#[must_use]
pub fn lines(outcome: &Outcome, missed: &[String], confined: &Confined, package: &Path) -> Vec<String> {
    let mut lines = BTreeSet::new();
    for denial in &outcome.denials {
        let grant = match denial {
            Denial::Execute(path) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let folder = path.parent().unwrap_or(path);
                if crate::policy::rights::is_tool(&name) {
                    format!("tools = [\"{name}\"]")
                } else {
                    format!("read = [\"system:{}\"]", folder.display())
                }
            }
            Denial::Attributes(path) | Denial::Truncate(path) => match path.strip_prefix(package) {
                Ok(inner) => format!("write = [\"package:{}\"]", inner.display()),
                Err(_) => String::new(),
            },
            Denial::List(path) => match path.strip_prefix(package) {
                Ok(inner) => format!("read = [\"package:{}\"]", inner.display()),
                Err(_) => String::new(),
            },
            Denial::Signal | Denial::Process | Denial::Read(_) | Denial::Write(_) | Denial::Network => {
                String::new()
            }
        };
        let grant = if grant.is_empty() { grant } else { format!(" (granted by {grant})") };
        lines.insert(format!("{denial}{grant}"));
    }
    for name in missed {
        lines.insert(format!("to see the variable {name}, which is set (granted by env = [\"{name}\"])"));
    }
    let _ = confined;
    lines.into_iter().collect()
}

/// The file of a session with what programs of this build were denied, one a line.
const NOTED: &str = "denied";

/// Notes in the session's folder what a program was denied that did not fail.
pub fn note(dir: &BuildDir, environment: &Environment, line: &str) {
    dir.note(environment, NOTED, line);
}

/// Returns the notes of a session, each once.
#[must_use]
pub fn noted(session: &Path) -> BTreeSet<String> {
    build_dir::noted(session, NOTED)
}

/// Returns what a macro was denied, each with the policy line that would grant it; `unanswered` is what it asked Cargo in
/// vain.
#[must_use]
pub fn of_macros(outcome: &Outcome, unanswered: &[String], package: &str) -> Vec<String> {
    let entry =
        |tool: &str| format!(" (granted by tools = [\"{tool}\"] in a [[compile]] entry for `{package}`)");
    let line = |denial: &Denial| {
        let grant = match denial {
            Denial::Execute(path) => entry(&path.file_name().unwrap_or_default().to_string_lossy()),
            // The program is not known, since no process was made for it.
            Denial::Process => entry("NAME"),
            // Only learning runs watch files.
            Denial::Read(_) | Denial::Write(_) | Denial::Network => String::new(),
            Denial::Attributes(_) | Denial::Truncate(_) | Denial::List(_) | Denial::Signal => String::new(),
        };
        format!("{denial}{grant}")
    };
    let asked = unanswered.iter().map(|asked| format!("to start `cargo {asked}`{}", entry("cargo")));
    outcome.denials.iter().map(line).chain(asked).collect()
}

/// Returns the advice at the end of a refusal, with what the program may do: Landlock tells nobody but root which files it
/// denied, so the reader has to compare.
#[must_use]
pub fn help(confined: &Confined, pinned: bool) -> String {
    format!(
        "{}\n        which files it was denied is not known (the kernel tells root alone); it may {}",
        advice(confined, pinned),
        crate::policy::may::May::script(&confined.rights).sentence()
    )
}

fn advice(confined: &Confined, pinned: bool) -> String {
    if confined.place == BY_UNDECIDED {
        return format!(
            "it runs confined by {}: review it (`cargo inert review`), and give its [[allow]] entry what it needs",
            confined.place
        );
    }
    if !pinned {
        return format!(
            "it runs confined by {}: give it an [[allow]] entry with what it needs; or write members = \"checked\" under \
             [policy] in inert.toml, and accept that by `cargo inert trust`",
            confined.place
        );
    }
    format!(
        "it runs confined by its [[allow]] entry ({}): add what it needs there, or `confine = false` with `confine-reason`",
        confined.place
    )
}
