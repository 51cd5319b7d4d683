//! The effects of a run of a script, and those of its declaration.

use std::collections::{BTreeMap, BTreeSet};

/// The effects that Cargo would see: directives, and files in OUT_DIR.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Told {
    pub(crate) cfgs: BTreeSet<String>,
    pub(crate) envs: BTreeMap<String, String>,
    /// The libraries to link, in order.
    pub(crate) links: Vec<String>,
    /// The arguments for the linker, the folders that are searched and the warnings, each with its key.
    pub(crate) others: Vec<String>,
    /// The files in OUT_DIR with their contents; `None` is a folder.
    pub(crate) files: BTreeMap<String, Option<String>>,
}

/// The result of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    Failed,
    Told(Box<Told>),
    /// Two runs, or two profiles, give different results.
    Unspecified,
}

/// The result of a derivation for the same build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    Refused,
    Says(Said),
}

/// The verdict on a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Right,
    Refused,
    Wrong,
}

pub(crate) fn verdict(said: &Said, answer: &Answer) -> Verdict {
    match answer {
        Answer::Refused => Verdict::Refused,
        Answer::Says(answer) if answer == said && *said != Said::Unspecified => Verdict::Right,
        Answer::Says(_) => Verdict::Wrong,
    }
}

/// Reads a script's output, as far as the checks need it. Cargo ignores white space before a directive.
pub(crate) fn told(stdout: &str) -> Told {
    let mut told = Told::default();
    for line in stdout.lines() {
        let Some(directive) = line.trim().strip_prefix("cargo:") else { continue };
        let Some((key, value)) = directive.trim_start_matches(':').split_once('=') else { continue };
        match key {
            "rustc-cfg" => {
                told.cfgs.insert(value.to_owned());
            }
            "rustc-env" => {
                if let Some((name, value)) = value.split_once('=') {
                    told.envs.insert(name.to_owned(), value.to_owned());
                }
            }
            "rustc-link-lib" => told.links.push(value.to_owned()),
            // Words for a person: said once, and without what stands around them.
            "warning" => {
                let line = format!("warning={}", value.trim());
                if !value.trim().is_empty() && !told.others.contains(&line) {
                    told.others.push(line);
                }
            }
            "rustc-link-search" => told.others.push(format!("{key}={value}")),
            key if key.starts_with("rustc-link-arg") => told.others.push(format!("{key}={value}")),
            _ => {}
        }
    }
    // Cargo keeps the order within a key.
    told.others.sort_by(|a, b| key(a).cmp(key(b)));
    told
}

/// The key of a directive.
pub(crate) fn key(directive: &str) -> &str {
    directive.split('=').next().unwrap_or_default()
}
