//! What is shown of a script that waits for a decision. The caller escapes it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::file::{one_line, shown};
use crate::plan::model::Decision;
use crate::policy::Policy;
use crate::report::{denied, difference, refusal};

/// Lines of a script that are shown, before it is left to an editor.
const MOST: usize = 400;

/// Who it is, why it waits, and what it does.
pub(super) fn script(decision: &Decision, policy: &Policy, at: usize, total: usize) -> String {
    let id = &decision.package.id;
    let mut text = format!("\n({at}/{total}) {} {} ({})\n", id.name, id.version, one_line(&decision.source));
    text.push_str(&format!("  needed by  {}\n", denied::via(&decision.via)));
    if let Some(reason) = refusal::reason(decision) {
        text.push_str(&format!("  why        {}\n", one_line(&reason)));
    }
    for line in &decision.residue {
        text.push_str(&format!("  underived  {}\n", one_line(line)));
    }
    let linked: Vec<String> = decision.build_closure.keys().map(ToString::to_string).collect();
    if !linked.is_empty() {
        text.push_str(&format!("  linked in  {}\n", linked.join(", ")));
    }
    text.push_str(&format!("  {}\n\n", shown(&decision.script)));
    let script =
        crate::file::read_text(&decision.script).unwrap_or_else(|error| format!("(unreadable: {error})"));
    if let Some(declared) = decision.declared.as_ref().filter(|_| !decision.unreviewed.is_empty()) {
        text.push_str(&format!("its declaration, from {}:\n\n", declared.place));
        declared.text.lines().for_each(|line| text.push_str(&format!("    {line}\n")));
        text.push('\n');
    }
    match before(decision, policy) {
        Some((version, old)) if old == script => {
            text.push_str(&format!("the script is that of {version}, which was decided before\n\n"));
        }
        Some((version, old)) => {
            text.push_str(&format!(
                "since {version}, which was decided before:\n\n{}\n",
                difference::changed(&old, &script)
            ));
        }
        None => text.push_str(&numbered(&script, &marked(decision))),
    }
    text
}

fn numbered(script: &str, marked: &BTreeSet<usize>) -> String {
    let mut text = String::new();
    for (at, line) in script.lines().enumerate().take(MOST) {
        let mark = if marked.contains(&(at + 1)) { '>' } else { ' ' };
        text.push_str(&format!("{mark}{:>4} | {line}\n", at + 1));
    }
    let rest = script.lines().count().saturating_sub(MOST);
    if rest > 0 {
        text.push_str(&format!("      … {rest} more lines\n"));
    }
    text.push('\n');
    text
}

/// Lines that the residue names, as `build.rs:12` does.
fn marked(decision: &Decision) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    for line in &decision.residue {
        for piece in line.split(':').skip(1) {
            let digits: String = piece.chars().take_while(char::is_ascii_digit).collect();
            if let Ok(number) = digits.parse() {
                found.insert(number);
                break;
            }
        }
    }
    found
}

/// The script of another version of the package that the policy decides, if it lies beside this one as Cargo unpacks
/// packages.
fn before(decision: &Decision, policy: &Policy) -> Option<(String, String)> {
    let id = &decision.package.id;
    let entries = policy
        .allow
        .iter()
        .map(|entry| &entry.package)
        .chain(policy.declare.iter().map(|entry| &entry.package));
    let mut versions: Vec<&String> = entries
        .filter(|package| package.name == id.name)
        .filter_map(|package| package.version.as_ref())
        .collect();
    versions.retain(|version| **version != id.version);
    versions.sort();
    let beside: PathBuf = decision.package.root.parent()?.to_path_buf();
    let script = decision.script.strip_prefix(&decision.package.root).ok()?;
    let of = |version: &&String| {
        let path = beside.join(format!("{}-{version}", id.name)).join(script);
        crate::file::read_text(Path::new(&path)).ok().map(|text| ((*version).clone(), text))
    };
    versions.iter().rev().find_map(of)
}
