//! The refusal: every script that the build needs and that nothing decides, with what would decide it.

use crate::cargo::package::PackageId;
use crate::digest;
use crate::plan::make::{Decision, closure_digest};

/// The whole report.
#[must_use]
pub fn render(denied: &[&Decision], policy_file: &str) -> String {
    let mut text = String::new();
    for decision in denied {
        text.push_str(&one(decision));
        text.push('\n');
    }
    let stanzas: Vec<String> =
        denied.iter().filter(|decision| can_be_allowed(decision)).map(|decision| stanza(decision)).collect();
    if !stanzas.is_empty() {
        text.push_str(&format!(
            "To let these scripts run, read them, and add to {policy_file}:\n\n{}\n",
            stanzas.join("\n")
        ));
    }
    super::escaped(&text)
}

fn can_be_allowed(decision: &Decision) -> bool {
    !decision
        .reason
        .as_deref()
        .is_some_and(|reason| reason.starts_with("--deny") || reason.starts_with("denied by"))
}

fn one(decision: &Decision) -> String {
    let id = &decision.package.id;
    let mut text = format!("{} {} ({})\n", id.name, id.version, decision.source);
    text.push_str(&format!("  script: {}\n", decision.script.display()));
    if let Some(reason) = &decision.reason {
        text.push_str(&format!("  why:    {reason}\n"));
    } else if let Some(residue) = decision.residue.first() {
        text.push_str(&format!("  why:    no declaration says what it does; {residue}\n"));
        for more in decision.residue.iter().skip(1).take(4) {
            text.push_str(&format!("          {more}\n"));
        }
    } else {
        text.push_str("  why:    no declaration says what it does\n");
    }
    text.push_str(&format!("  via:    {}\n", via(&decision.via)));
    if let Ok(found) = digest::file(&decision.script) {
        text.push_str(&format!("  digest: {found} (script)\n"));
    }
    text
}

/// `ripgrep 14.1.1 → grep 0.3.1 → …`
#[must_use]
pub fn via(path: &[PackageId]) -> String {
    path.iter().map(ToString::to_string).collect::<Vec<_>>().join(" → ")
}

/// The stanza for `inert.toml` that lets one script run.
#[must_use]
pub fn stanza(decision: &Decision) -> String {
    let id = &decision.package.id;
    let own = digest::package(&decision.package.root).unwrap_or_else(|error| format!("unreadable: {error}"));
    let mut lines = vec![
        "[[allow]]".to_owned(),
        format!("package = {}", quoted(&id.name)),
        format!("version = {}", quoted(&id.version)),
        format!("source = {}", quoted(&decision.source)),
        format!("digest = {}", quoted(&own)),
    ];
    if !decision.build_closure.is_empty() {
        let closure =
            closure_digest(&decision.build_closure).unwrap_or_else(|error| format!("unreadable: {error}"));
        lines.push(format!("build-dependencies = {}", quoted(&closure)));
    }
    lines.push("reason = \"why this script may run\"".to_owned());
    lines.join("\n") + "\n"
}

/// A TOML string.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
