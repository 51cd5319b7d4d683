//! The text of a refusal: every script and proc macro that the build needs and that is not allowed, with the policy
//! entry that would allow it.

use super::refusal;
use crate::cargo::package::PackageId;
use crate::digest;
use crate::file::{one_line, shown};
use crate::plan::closure::{closure_digest, closure_items};
use crate::plan::model::{Decision, Plan, Refusal, RefusedMacro};
use crate::policy::Policy;
use crate::toml_text::quoted;

/// Returns whether a script or a macro is refused.
#[must_use]
pub fn any(plan: &Plan) -> bool {
    plan.denied().next().is_some() || !plan.refused_macros.is_empty()
}

/// Returns the subject of the first line, such as `2 build scripts and a proc macro`.
#[must_use]
pub fn subject(plan: &Plan) -> String {
    let count = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(one.to_owned()),
        count => Some(format!("{count} {many}")),
    };
    let scripts = count(plan.denied().count(), "a build script", "build scripts");
    let macros = count(plan.refused_macros.len(), "a proc macro", "proc macros");
    let verb = if plan.denied().count() + plan.refused_macros.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", [scripts, macros].into_iter().flatten().collect::<Vec<_>>().join(" and "))
}

/// Formats the whole refusal; `review` adds the command that walks through it. What `policy` does not count of the tree's own
/// file is named: it may be what the user expected to decide.
#[must_use]
pub fn render(plan: &Plan, policy: &Policy, policy_file: &str, review: bool) -> String {
    let mut text = String::new();
    let denied: Vec<&Decision> = plan.denied().collect();
    for decision in &denied {
        text.push_str(&one(decision));
        text.push('\n');
    }
    for refused in &plan.refused_macros {
        let id = &refused.id;
        text.push_str(&format!(
            "{} {} ({}), a proc macro\n  why:    {}\n  code:   {}\n\n",
            id.name,
            id.version,
            one_line(&refused.source),
            indented(&refusal::sentence(&refused.refusal)),
            refused.refusal.code()
        ));
    }
    let scripts = denied.iter().filter(|decision| can_be_allowed(decision)).map(|decision| stanza(decision));
    let stanzas: Vec<String> = scripts.chain(plan.refused_macros.iter().map(macro_stanza)).collect();
    if !stanzas.is_empty() {
        let walk = if review { "`cargo inert review` walks through them. Or read them" } else { "Read them" };
        let add = match &policy.entries_of {
            // What `review` writes would not count either.
            Some(file) => format!(
                "The entries of the minimum policy alone count (`entries = \"own\"`). Who keeps it reads them, and adds to {}",
                shown(file)
            ),
            None => format!("{walk}, and add to {policy_file}"),
        };
        text.push_str(&format!("{add}:\n\n{}\n", stanzas.join("\n")));
    }
    let untrusted = denied.iter().find_map(|decision| match &decision.refusal {
        Some(Refusal::Untrusted { digest, .. }) => Some(digest),
        _ => None,
    });
    if !policy.unaccepted.is_empty() && untrusted.is_none() {
        text.push_str("What came with the tree, and counts once you have accepted it:\n\n");
        for claim in &policy.unaccepted {
            text.push_str(&format!("    {}\n", one_line(&claim.text)));
        }
        text.push('\n');
    }
    if let Some(digest) = untrusted.or_else(|| policy.unaccepted.first().map(|_| &policy.claims)) {
        text.push_str(&format!("{}\n", crate::policy::trust::accepting(digest)));
    }
    super::escaped(&text)
}

/// Returns whether a policy entry could allow the script.
#[must_use]
pub fn can_be_allowed(decision: &Decision) -> bool {
    !decision.refusal.as_ref().is_some_and(Refusal::is_final)
}

fn one(decision: &Decision) -> String {
    let id = &decision.package.id;
    let mut text = format!("{} {} ({})\n", id.name, id.version, one_line(&decision.source));
    text.push_str(&format!("  script: {}\n", shown(&decision.script)));
    if let Some(reason) = refusal::reason(decision) {
        text.push_str(&format!("  why:    {}\n", indented(&reason)));
        // With `--deny-build-scripts` the residue is useful too, since only a declaration helps there.
        let of_use = matches!(decision.refusal, Some(Refusal::DenyFlag { .. }));
        for residue in decision.residue.iter().take(if of_use { 4 } else { 0 }) {
            text.push_str(&format!("          {}\n", one_line(residue)));
        }
    } else {
        let undecided = refusal::sentence(&Refusal::Undecided);
        let mut residue = decision.residue.iter().take(5);
        match residue.next() {
            Some(first) => text.push_str(&format!("  why:    {undecided}; {}\n", one_line(first))),
            None => text.push_str(&format!("  why:    {undecided}\n")),
        }
        residue.for_each(|more| text.push_str(&format!("          {}\n", one_line(more))));
    }
    if let Some(refusal) = &decision.refusal {
        text.push_str(&format!("  code:   {}\n", refusal.code()));
    }
    text.push_str(&format!("  via:    {}\n", via(&decision.via)));
    if let Ok(found) = digest::file(&decision.script) {
        text.push_str(&format!("  digest: {found} (script)\n"));
    }
    text
}

/// Formats a reason with its further lines indented, so that foreign text in it cannot begin a line of the refusal.
fn indented(reason: &str) -> String {
    reason.lines().map(one_line).collect::<Vec<_>>().join("\n          ")
}

/// Formats a path through the graph: `ripgrep 14.1.1 → grep 0.3.1 → …`
#[must_use]
pub fn via(path: &[PackageId]) -> String {
    path.iter().map(ToString::to_string).collect::<Vec<_>>().join(" → ")
}

/// Returns the entry for `inert.toml` that allows a script, or marks its declaration as reviewed.
#[must_use]
pub fn stanza(decision: &Decision) -> String {
    let (kind, reason) = match decision.unreviewed.is_empty() {
        true => ("allow", "why this script may run"),
        false => ("review", "why its declaration may do this"),
    };
    stanza_with(decision, kind, reason, &[]).unwrap_or_else(|error| {
        format!("# No entry can pin {}: {}\n", decision.package.id, one_line(&error.to_string()))
    })
}

/// Returns such an entry with the given kind, reason and further lines.
///
/// # Errors
/// A file of the package, or of one that is linked into the script, cannot be pinned.
pub fn stanza_with(
    decision: &Decision,
    kind: &str,
    reason: &str,
    more: &[String],
) -> std::io::Result<String> {
    let own = digest::package(&decision.package.root)?;
    let mut lines = pinned(kind, &decision.package.id, &decision.source, &own);
    if kind == "allow" && !decision.build_closure.is_empty() {
        // An entry of `init --baseline` lists packages; the review of those that are here narrows it.
        let listed = if decision.baseline {
            closure_items(&decision.build_closure).map(|items| {
                let items: String = items.iter().map(|item| format!("    {},\n", quoted(item))).collect();
                format!("[\n{items}]")
            })
        } else {
            closure_digest(&decision.build_closure).map(|closure| quoted(&closure))
        };
        lines.push(format!("build-dependencies = {}", listed?));
    }
    if kind == "review" {
        let names: Vec<String> =
            decision.unreviewed.iter().map(|capability| quoted(capability.name())).collect();
        lines.push(format!("capabilities = [{}]", names.join(", ")));
    }
    lines.push(format!("reason = {}", quoted(reason)));
    lines.extend_from_slice(more);
    if kind == "allow" && more.is_empty() {
        lines.extend(suggestions(decision));
    }
    Ok(lines.join("\n") + "\n")
}

/// Returns the rights that the catalog suggests for a script, as comments: whoever reviews it decides.
fn suggestions(decision: &Decision) -> Vec<String> {
    let own = std::iter::once(&decision.package.id);
    let mut lines = Vec::new();
    for id in own.chain(decision.build_closure.keys()) {
        let Some(found) = inert_catalog::suggestion(&id.name, &id.version) else { continue };
        lines.push(format!(
            "# a suggestion, not a decision: {} {} passed confined with these, since {}",
            id.name, found.tested, found.why
        ));
        lines.extend(found.lines.iter().map(|line| format!("# {line}")));
    }
    lines
}

/// Returns the first lines of an entry for a proc macro.
#[must_use]
pub fn pinned_macro(refused: &RefusedMacro) -> Vec<String> {
    let mut lines = pinned("proc-macro", &refused.id, &refused.source, &refused.digest);
    lines.extend(refused.linked.as_ref().map(|linked| format!("dependencies = {}", quoted(linked))));
    lines
}

fn macro_stanza(refused: &RefusedMacro) -> String {
    let mut lines = pinned_macro(refused);
    lines.push("reason = \"why it may run in the compiler\"".to_owned());
    lines.join("\n") + "\n"
}

/// Returns the lines that every pinned entry begins with.
#[must_use]
pub fn pinned(kind: &str, id: &PackageId, source: &str, digest: &str) -> Vec<String> {
    vec![
        format!("[[{kind}]]"),
        format!("package = {}", quoted(&id.name)),
        format!("version = {}", quoted(&id.version)),
        format!("source = {}", quoted(source)),
        format!("digest = {}", quoted(digest)),
    ]
}
