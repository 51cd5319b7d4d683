//! What one run of a script says, and what a declaration says in its place.

use std::collections::{BTreeMap, BTreeSet};

/// What Cargo hears and finds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Told {
    pub(crate) cfgs: BTreeSet<String>,
    pub(crate) envs: BTreeMap<String, String>,
    /// Libraries to link, in order.
    pub(crate) links: Vec<String>,
    /// Files in OUT_DIR; a folder is `None`.
    pub(crate) files: BTreeMap<String, Option<String>>,
}

/// How a run ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    Failed,
    Told(Box<Told>),
    /// Two runs, or two profiles, differ.
    Unspecified,
}

/// How a derivation ends, for the same circumstances.
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

/// Reads what a script printed, as far as the checks go. Cargo takes a line from its first byte on; blanks before it count.
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
            _ => {}
        }
    }
    told
}
