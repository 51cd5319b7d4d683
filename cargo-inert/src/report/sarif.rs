//! Formats the audit as SARIF 2.1.0 for code scanning, with one result for each finding that needs attention.

use std::path::Path;

use serde_json::{Value, json};

use super::audit::{Audit, AuditedPackage};
use crate::digest;
use crate::plan::model::Action;

/// A rule: its id, its level, a short description, and advice.
struct Rule {
    id: &'static str,
    level: &'static str,
    short: &'static str,
    help: &'static str,
}

/// All rules. A new rule needs a row here and a line in [`results`].
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
        id: "granted",
        level: "note",
        short: "A package whose macros have more rights than others",
        help: "Its [[compile]] entry grants them: look whether it still needs them.",
    },
    Rule {
        id: "unreviewed-proc-macro",
        level: "error",
        short: "A proc macro that the policy wants reviewed first",
        help: "Read it and add a [[proc-macro]] entry: `cargo inert review`.",
    },
    Rule {
        id: "incomplete",
        level: "warning",
        short: "A review whose digests do not cover all that was read",
        help: "Confine what runs, or grant it less: `cargo inert doctor` says what this machine can confine.",
    },
    Rule {
        id: "stale",
        level: "error",
        short: "An entry of inert.toml that decides nothing any more",
        help: "Remove it: whoever reads the policy would believe it.",
    },
];

/// The locations that results refer to.
#[derive(Debug)]
pub struct Places<'a> {
    /// The root of the workspace.
    pub root: &'a Path,
    /// The text of its Cargo.lock.
    pub cargo_lock: &'a str,
}

/// Returns the SARIF document for an audit.
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
            Action::Replace | Action::Unneeded | Action::Overridden => continue,
        };
        let unsaid = if package.baseline { "baseline" } else { "no declaration says what it does" };
        let reason = package.reason.as_deref().unwrap_or(unsaid);
        let may = package.may.as_ref().map(|may| format!(" It may {}.", may.sentence())).unwrap_or_default();
        let text = format!(
            "{} {} ({}): {reason}.{may} Needed by {}.",
            package.name,
            package.version,
            package.source,
            package.via.join(" → ")
        );
        found.push(result(rule, &text, script(package, places), &[&package.name, &package.source]));
        for reason in &package.incomplete {
            let text = format!("{} {} ({}): {}.", package.name, package.version, package.source, reason.text);
            let identity = [package.name.as_str(), &package.source, reason.code];
            found.push(result("incomplete", &text, script(package, places), &identity));
        }
    }
    for one in &audit.proc_macros {
        let (rule, why) = match &one.refused {
            Some(why) => ("unreviewed-proc-macro", why.as_str()),
            None => ("proc-macro", "runs in the compiler"),
        };
        let may = match &one.refused {
            Some(_) => String::new(),
            None => format!(" It may {}.", audit.compiling.may.sentence()),
        };
        let text = format!("{} {} ({}): {why}.{may}", one.name, one.version, one.source);
        found.push(result(
            rule,
            &text,
            in_cargo_lock(&one.name, &one.version, places),
            &[&one.name, &one.source],
        ));
        for reason in &one.incomplete {
            let text = format!("{} {} ({}): {}.", one.name, one.version, one.source, reason.text);
            let identity = [one.name.as_str(), &one.source, reason.code];
            found.push(result(
                "incomplete",
                &text,
                in_cargo_lock(&one.name, &one.version, places),
                &identity,
            ));
        }
    }
    for one in audit.compiling.packages.iter().filter(|one| !one.unaccepted) {
        let version = one.version.as_deref().unwrap_or("*");
        let text = format!(
            "{} {version}: its compilation, and the macros in it, may also: {}.",
            one.name,
            one.rights.join(", ")
        );
        let location = in_cargo_lock(&one.name, version, places);
        found.push(result("granted", &text, location, &[&one.name, version]));
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
        // The fingerprint identifies the finding in the next run, even if its line has changed.
        "partialFingerprints": { "inert/v1": digest::text(&format!("{rule} {}", identity.join(" "))) },
    })
}

/// Returns the location of a script: its own file if it is in the tree, else its package's lines in Cargo.lock.
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

/// Formats a path as a relative URI reference (RFC 3986): all but unreserved characters and slashes are escaped.
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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::super::audit::{AuditedMacro, Compiled, Compiling, Digests, Reason, Summary};
    use super::*;
    use crate::plan::model::Origin;
    use crate::plan::stale::Stale;

    /// Returns an audit with every kind of finding, and with hostile names.
    fn everything() -> Audit {
        let package = |action, baseline, source: &str| AuditedPackage {
            id: String::new(),
            name: "a \"b\" \u{1b}[31m\u{202e}".to_owned(),
            version: "1.0.0+c".to_owned(),
            source: source.to_owned(),
            script: "src\\b%20 é/build.rs".to_owned(),
            action,
            verified: None,
            origin: Origin::None,
            capabilities: Vec::new(),
            digests: Digests { script: None, package: None, inputs: None },
            unsupported_when: None,
            via: vec!["a".to_owned()],
            reason: None,
            refusal: None,
            means: None,
            most: None,
            rights: Vec::new(),
            may: None,
            conditions: Vec::new(),
            baseline,
            incomplete: if action == Action::Run {
                vec![Reason { code: "unconfined", text: "it runs \u{1b}[1m".to_owned() }]
            } else {
                Vec::new()
            },
        };
        let one_macro = |refused: Option<&str>| AuditedMacro {
            name: "m".to_owned(),
            version: "1.0.0".to_owned(),
            source: "registry+x".to_owned(),
            member: false,
            refused: refused.map(str::to_owned),
            refusal: None,
            incomplete: Vec::new(),
        };
        Audit {
            schema: 1,
            packages: vec![
                package(Action::Deny, false, "path+./a"),
                package(Action::Run, false, "registry+x"),
                package(Action::Run, true, "path+../a"),
                package(Action::Replace, true, "registry+x"),
                package(Action::Replace, false, "registry+x"),
            ],
            summary: Summary {
                actions: BTreeMap::new(),
                origins: BTreeMap::new(),
                means: BTreeMap::new(),
                proc_macros: 2,
                baseline: 2,
                baseline_entries: 2,
            },
            proc_macros: vec![one_macro(None), one_macro(Some("no entry"))],
            unaccepted: Vec::new(),
            outer: None,
            compiling: Compiling {
                packages: vec![Compiled {
                    name: "m".to_owned(),
                    version: None,
                    rights: vec!["tool git".to_owned()],
                    unaccepted: false,
                }],
                ..Compiling::default()
            },
            stale: vec![Stale {
                kind: "allow",
                package: "b".to_owned(),
                place: "inert.toml:3".to_owned(),
                file: "/w/inert.toml".into(),
                line: 3,
                why: "gone".to_owned(),
            }],
        }
    }

    fn keys(value: &Value, required: &[&str], allowed: &[&str]) {
        let found: BTreeSet<&str> =
            value.as_object().expect("an object").keys().map(String::as_str).collect();
        for key in required {
            assert!(found.contains(key), "`{key}` is missing: {value}");
        }
        for key in &found {
            assert!(required.contains(key) || allowed.contains(key), "`{key}` is no property there: {value}");
        }
    }

    fn text(value: &Value) -> &str {
        let text = value.as_str().expect("a string");
        assert!(!text.is_empty());
        text
    }

    /// The requirements of the standard for each object that is written (OASIS, SARIF 2.1.0, sections 3.13, 3.14, 3.18,
    /// 3.19, 3.27 to 3.30, 3.49): its properties and no others, and references only to existing objects.
    /// `scripts/check-sarif` validates a file against the published schema.
    #[test]
    fn it_is_what_the_standard_says() {
        let places = Places { root: Path::new("/w"), cargo_lock: "name = \"m\"\nversion = \"1.0.0\"\n" };
        let document = sarif(&everything(), &places);
        keys(&document, &["$schema", "version", "runs"], &[]);
        assert_eq!(document["version"], "2.1.0");
        let [run] = document["runs"].as_array().expect("a list").as_slice() else { panic!("one run") };
        keys(run, &["tool", "results", "columnKind", "originalUriBaseIds"], &[]);
        assert!(["utf16CodeUnits", "unicodeCodePoints"].contains(&text(&run["columnKind"])));
        for (_, base) in run["originalUriBaseIds"].as_object().expect("an object") {
            keys(base, &[], &["uri", "description"]);
        }
        keys(&run["tool"], &["driver"], &[]);
        let driver = &run["tool"]["driver"];
        keys(driver, &["name", "version", "informationUri", "rules"], &[]);
        assert!(text(&driver["informationUri"]).starts_with("https://"));
        let rules = driver["rules"].as_array().expect("a list");
        let ids: BTreeSet<&str> = rules.iter().map(|rule| text(&rule["id"])).collect();
        assert_eq!(ids.len(), rules.len(), "each once");
        for rule in rules {
            keys(rule, &["id", "shortDescription", "help", "defaultConfiguration"], &[]);
            keys(&rule["shortDescription"], &["text"], &[]);
            keys(&rule["help"], &["text"], &[]);
            keys(&rule["defaultConfiguration"], &["level"], &[]);
        }
        let results = run["results"].as_array().expect("a list");
        let met: BTreeSet<&str> = results.iter().map(|result| text(&result["ruleId"])).collect();
        assert_eq!(met, ids, "a result of every rule, and of no other");
        for result in results {
            let expected = ["ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints"];
            keys(result, &expected, &[]);
            let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
            assert_eq!(rules[index]["id"], result["ruleId"]);
            assert!(["none", "note", "warning", "error"].contains(&text(&result["level"])));
            keys(&result["message"], &["text"], &[]);
            assert!(!text(&result["message"]["text"]).contains(['\u{1b}', '\u{202e}']));
            for (_, value) in result["partialFingerprints"].as_object().expect("an object") {
                let _ = text(value);
            }
            for location in result["locations"].as_array().expect("a list") {
                keys(location, &["physicalLocation"], &[]);
                keys(&location["physicalLocation"], &["artifactLocation", "region"], &[]);
                let artifact = &location["physicalLocation"]["artifactLocation"];
                keys(artifact, &["uri", "uriBaseId"], &[]);
                let uri = text(&artifact["uri"]);
                let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte);
                assert!(uri.bytes().all(legal) && !uri.starts_with('/') && !uri.contains(".."), "{uri}");
                assert!(run["originalUriBaseIds"].get(text(&artifact["uriBaseId"])).is_some());
                keys(&location["physicalLocation"]["region"], &["startLine"], &[]);
                assert!(location["physicalLocation"]["region"]["startLine"].as_u64() >= Some(1));
            }
        }
    }
}
