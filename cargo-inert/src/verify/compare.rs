//! Compares two outcomes.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::observe::{Content, Outcome};

/// One difference between the outcomes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The kind of output, with its name: `cfg`, `file private.rs`, …
    pub what: String,
    /// The part that only the script has; for ordered output the part of the script's list that differs.
    pub script: String,
    /// The same part of the stand-in.
    pub stand_in: String,
}

/// Removes duplicates: a second search of the same folder has no effect.
fn once(folders: &[String]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    folders.iter().filter(|folder| seen.insert(*folder)).cloned().collect()
}

/// Returns the differences between the outcomes of script and stand-in. If both failed, nothing else is compared.
#[must_use]
pub fn differences(script: &Outcome, stand_in: &Outcome) -> Vec<Difference> {
    match (&script.failed, &stand_in.failed) {
        (None, None) => {}
        (Some(_), Some(_)) => return Vec::new(),
        (failed, other) => {
            let say = |failed: &Option<String>| {
                failed.as_ref().map_or("succeeds".to_owned(), |why| format!("fails: {why}"))
            };
            return vec![Difference {
                what: "success".to_owned(),
                script: say(failed),
                stand_in: say(other),
            }];
        }
    }
    let mut all = Vec::new();
    sets(&mut all, "cfg", &script.cfgs, &stand_in.cfgs);
    maps(&mut all, "env", &script.env, &stand_in.env);
    maps(&mut all, "metadata", &script.metadata, &stand_in.metadata);
    sequences(&mut all, "link-lib", &script.link_libs, &stand_in.link_libs);
    sequences(&mut all, "link-search", &once(&script.link_searches), &once(&stand_in.link_searches));
    sequences(&mut all, "link-arg", &script.link_args, &stand_in.link_args);
    sequences(&mut all, "cc", &script.compiles, &stand_in.compiles);
    files(&mut all, &script.files, &stand_in.files);
    all
}

fn sets(all: &mut Vec<Difference>, what: &str, script: &BTreeSet<String>, stand_in: &BTreeSet<String>) {
    if script != stand_in {
        let less = |a: &BTreeSet<String>, b: &BTreeSet<String>| {
            a.difference(b).cloned().collect::<Vec<_>>().join(", ")
        };
        all.push(Difference {
            what: what.to_owned(),
            script: less(script, stand_in),
            stand_in: less(stand_in, script),
        });
    }
}

fn maps(
    all: &mut Vec<Difference>,
    what: &str,
    script: &BTreeMap<String, String>,
    stand_in: &BTreeMap<String, String>,
) {
    let names: BTreeSet<&String> = script.keys().chain(stand_in.keys()).collect();
    for name in names {
        let (a, b) = (script.get(name), stand_in.get(name));
        if a != b {
            let say =
                |value: Option<&String>| value.map_or("(absent)".to_owned(), |value| format!("{value:?}"));
            all.push(Difference { what: format!("{what} {name}"), script: say(a), stand_in: say(b) });
        }
    }
}

fn sequences(all: &mut Vec<Difference>, what: &str, script: &[String], stand_in: &[String]) {
    if script == stand_in {
        return;
    }
    // Only the part between the common start and end is shown.
    let start = script.iter().zip(stand_in).take_while(|(a, b)| a == b).count();
    let end =
        script[start..].iter().rev().zip(stand_in[start..].iter().rev()).take_while(|(a, b)| a == b).count();
    let say = |list: &[String]| list[start..list.len() - end].join("\n");
    all.push(Difference { what: what.to_owned(), script: say(script), stand_in: say(stand_in) });
}

fn files(
    all: &mut Vec<Difference>,
    script: &BTreeMap<String, Content>,
    stand_in: &BTreeMap<String, Content>,
) {
    let names: BTreeSet<&String> = script.keys().chain(stand_in.keys()).collect();
    for name in names {
        let (a, b) = (script.get(name), stand_in.get(name));
        if a == b {
            continue;
        }
        let (script, stand_in) = match (a, b) {
            (Some(Content::Symbols(a)), Some(Content::Symbols(b))) => {
                let less = |a: &BTreeSet<String>, b: &BTreeSet<String>| {
                    a.difference(b).cloned().collect::<Vec<_>>().join(", ")
                };
                (less(a, b), less(b, a))
            }
            (Some(Content::Bytes(a)), Some(Content::Bytes(b))) => lines(a, b),
            _ => (describe(a), describe(b)),
        };
        all.push(Difference { what: format!("file {name}"), script, stand_in });
    }
}

fn lines(a: &[u8], b: &[u8]) -> (String, String) {
    let (a, b) = (String::from_utf8_lossy(a).into_owned(), String::from_utf8_lossy(b).into_owned());
    let mut found = Vec::new();
    sequences(
        &mut found,
        "",
        &a.split('\n').map(str::to_owned).collect::<Vec<_>>(),
        &b.split('\n').map(str::to_owned).collect::<Vec<_>>(),
    );
    let cut = |text: &str| {
        if text.len() > 600 {
            format!("{}…", text.chars().take(600).collect::<String>())
        } else {
            text.to_owned()
        }
    };
    found.first().map_or((String::new(), String::new()), |one| (cut(&one.script), cut(&one.stand_in)))
}

fn describe(content: Option<&Content>) -> String {
    match content {
        None => "(absent)".to_owned(),
        Some(Content::Bytes(bytes)) => format!("{} bytes", bytes.len()),
        Some(Content::Symbols(symbols)) => format!("an archive of {} symbols", symbols.len()),
        Some(Content::Folder) => "an empty folder".to_owned(),
        Some(Content::Link(to)) => format!("a symlink to {to}"),
    }
}
