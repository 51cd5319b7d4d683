//! Describes the accesses that a confined script was denied, each with the policy line that would grant it.

use std::collections::BTreeSet;
use std::path::Path;

use inert_sandbox::{Denial, Outcome};

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
            Denial::Signal => String::new(),
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

/// Returns the advice at the end of a refusal.
#[must_use]
pub fn help(confined: &Confined, pinned: bool) -> String {
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
