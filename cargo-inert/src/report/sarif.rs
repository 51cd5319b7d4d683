//! The audit as SARIF 2.1.0, for code scanning: one result for each thing that somebody should look at.

use std::path::Path;

use serde_json::{Value, json};

use super::audit::{Audit, AuditedPackage};
use crate::digest;
use crate::plan::Action;

/// A rule: id, level, what it means in short, and what to do.
struct Rule {
    id: &'static str,
    level: &'static str,
    short: &'static str,
    help: &'static str,
}

/// Every rule. To add one: a row here and a line in [`results`].
const RULES: &[Rule] = &[
    Rule {
        id: "undecided",
        level: "error",
        short: "A build script that nothing decides, or that is denied",
        help: "Declare what it does, or read it and allow it: `cargo inert review`.",
    },
    Rule {
        id: "runs",
        level: "note",
        short: "A build script that runs as allowed",
        help: "It is pinned to the files that were reviewed; a declaration would make it data.",
    },
    Rule {
        id: "baseline",
        level: "warning",
        short: "A build script that runs, or what stands for it, since `init --baseline`, reviewed by nobody",
        help: "Read it, then declare or allow it: `cargo inert review`.",
    },
    Rule {
        id: "proc-macro",
        level: "note",
        short: "A proc macro, which runs in the compiler",
        help: "`proc-macros = \"review\"` under [policy] in inert.toml asks for an entry for each.",
    },
    Rule {
        id: "unreviewed-proc-macro",
        level: "error",
        short: "A proc macro that the policy wants reviewed first",
        help: "Read it and add a [[proc-macro]] entry: `cargo inert review`.",
    },
    Rule {
        id: "stale",
        level: "error",
        short: "An entry of inert.toml that decides nothing any more",
        help: "Remove it: whoever reads the policy would believe it.",
    },
];

/// Where things lie.
#[derive(Debug)]
pub struct Places<'a> {
    /// The workspace's root.
    pub root: &'a Path,
    /// The text of its Cargo.lock.
    pub cargo_lock: &'a str,
}

/// The document.
#[must_use]
pub fn sarif(audit: &Audit, places: &Places<'_>) -> Value {
    let rules: Vec<Value> = RULES
        .iter()
        .map(|rule| {
            json!({
                "id": rule.id,
                "shortDescription": { "text": rule.short },
                "help": { "text": rule.help },
                "defaultConfiguration": { "level": rule.level },
            })
        })
        .collect();
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "cargo-inert",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "ROOT": { "description": { "text": "The root of the workspace" } } },
            "results": results(audit, places),
        }],
    })
}

fn results(audit: &Audit, places: &Places<'_>) -> Vec<Value> {
    let mut found = Vec::new();
    for package in &audit.packages {
        let rule = match package.action {
            Action::Deny => "undecided",
            Action::Run | Action::Replace if package.baseline => "baseline",
            Action::Run => "runs",
            Action::Replace | Action::Unneeded => continue,
        };
        let unsaid = if package.baseline { "baseline" } else { "no declaration says what it does" };
        let reason = package.reason.as_deref().unwrap_or(unsaid);
        let text = format!(
            "{} {} ({}): {reason}. Needed by {}.",
            package.name,
            package.version,
            package.source,
            package.via.join(" → ")
        );
        found.push(result(rule, &text, script(package, places), &[&package.name, &package.source]));
    }
    for one in &audit.proc_macros {
        let (rule, why) = match &one.refused {
            Some(why) => ("unreviewed-proc-macro", why.as_str()),
            None => ("proc-macro", "runs in the compiler"),
        };
        let text = format!("{} {} ({}): {why}.", one.name, one.version, one.source);
        found.push(result(
            rule,
            &text,
            in_cargo_lock(&one.name, &one.version, places),
            &[&one.name, &one.source],
        ));
    }
    for stale in &audit.stale {
        let text = format!("[[{}]] {}: {}.", stale.kind, stale.package, stale.why);
        let location = match relative(&stale.file, places.root) {
            Some(path) => at(&path, stale.line),
            None => at("inert.toml", 1),
        };
        found.push(result("stale", &text, location, &[stale.kind, &stale.package]));
    }
    found
}

fn result(rule: &str, text: &str, location: Value, identity: &[&str]) -> Value {
    let index = RULES.iter().position(|known| known.id == rule).unwrap_or_default();
    json!({
        "ruleId": rule,
        "ruleIndex": index,
        "level": RULES[index].level,
        "message": { "text": super::escaped(text) },
        "locations": [location],
        // The same finding in the next run, whatever line it moved to.
        "partialFingerprints": { "inert/v1": digest::text(&format!("{rule} {}", identity.join(" "))) },
    })
}

/// A script of the tree by its own file; another by its package's place in Cargo.lock, the file that brought it in.
fn script(package: &AuditedPackage, places: &Places<'_>) -> Value {
    match package.source.strip_prefix("path+.") {
        Some(folder) if !folder.starts_with('.') => {
            let path = format!("{}/{}", folder.trim_start_matches('/'), package.script.replace('\\', "/"));
            at(path.trim_start_matches('/'), 1)
        }
        _ => in_cargo_lock(&package.name, &package.version, places),
    }
}

fn in_cargo_lock(name: &str, version: &str, places: &Places<'_>) -> Value {
    let lines: Vec<&str> = places.cargo_lock.lines().collect();
    let (name, version) = (format!("name = \"{name}\""), format!("version = \"{version}\""));
    let line = lines.windows(2).position(|pair| pair[0] == name && pair[1] == version);
    at("Cargo.lock", line.map_or(1, |line| line + 1))
}

fn at(path: &str, line: usize) -> Value {
    json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(path), "uriBaseId": "ROOT" },
            "region": { "startLine": line },
        },
    })
}

fn relative(path: &Path, root: &Path) -> Option<String> {
    Some(path.strip_prefix(root).ok()?.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"))
}

/// A path as a relative URI reference (RFC 3986): all but unreserved characters and slashes are escaped.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
