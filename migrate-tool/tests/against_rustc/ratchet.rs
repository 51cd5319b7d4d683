//! Lists of known failures, one for each test, which may only shrink.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use crate::check::{Check, folder};
use crate::said::{Answer, Said, Verdict, verdict};

/// A check, the effects of its run, and the effects of its declaration.
pub(crate) struct Outcome {
    pub(crate) check: Check,
    pub(crate) said: Said,
    pub(crate) answer: Answer,
}

impl Outcome {
    pub(crate) fn verdict(&self) -> Verdict {
        verdict(&self.said, &self.answer)
    }
}

/// Returns the value of a variable that configures these tests; empty if it is not set.
#[expect(clippy::disallowed_methods, reason = "the tests' own switches")]
pub(crate) fn switch(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

pub(crate) fn asked(name: &str, value: &str) -> bool {
    switch(name) == value
}

/// Compares outcomes with the list `known-wrong/<name>.txt`. A wrong outcome that is not listed fails, and so does a
/// row that is right now, or is no check. If only a part was run (`whole` is false), rows that did not run are ignored.
///
/// # Panics
/// If the outcomes and the list differ.
#[expect(clippy::print_stderr, reason = "what was compared, for whoever runs more of them")]
pub(crate) fn settle(name: &str, outcomes: &[Outcome], whole: bool) {
    let path = folder().join("known-wrong").join(format!("{name}.txt"));
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let known: BTreeSet<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    let ran: BTreeSet<String> = outcomes.iter().map(|one| one.check.line()).collect();
    let wrong: BTreeMap<String, &Outcome> = outcomes
        .iter()
        .filter(|one| one.verdict() == Verdict::Wrong)
        .map(|one| (one.check.line(), one))
        .collect();
    let new: Vec<&&Outcome> =
        wrong.iter().filter(|(line, _)| !known.contains(line.as_str())).map(|(_, one)| one).collect();
    let stale = |line: &&str| !wrong.contains_key(*line) && (whole || ran.contains(*line));
    let stale: Vec<&str> = known.iter().copied().filter(stale).collect();
    let refused = outcomes.iter().filter(|one| one.verdict() == Verdict::Refused).count();
    let summary = format!(
        "{name}: {} checks, {} right, {refused} refused, {} wrong of which {} are new; {} rows of known-wrong are stale",
        outcomes.len(),
        outcomes.len() - refused - wrong.len(),
        wrong.len(),
        new.len(),
        stale.len()
    );
    let report = report(&summary, outcomes, &wrong);
    eprintln!("{summary}; {}", report.display());
    if asked("INERT_UPDATE", "1") && !stale.is_empty() {
        let kept: Vec<&str> = text.lines().filter(|line| !stale.contains(line)).collect();
        let mut kept = kept.join("\n");
        if kept.trim().is_empty() {
            let _ = std::fs::remove_file(&path);
        } else {
            kept.push('\n');
            std::fs::write(&path, kept).expect("it is written");
        }
    } else {
        assert!(
            stale.is_empty(),
            "{} rows of {} are not wrong any more, or are no checks; `INERT_UPDATE=1` takes them away:\n{}",
            stale.len(),
            path.display(),
            stale.iter().take(40).copied().collect::<Vec<_>>().join("\n")
        );
    }
    let mut words = String::new();
    for one in new.iter().take(40) {
        let _ = writeln!(
            words,
            "{}\n    script  {}\n    derived {}",
            one.check.line(),
            show(&one.said),
            show_answer(&one.answer)
        );
    }
    assert!(new.is_empty(), "{summary}; the whole list is in {}\n{words}", report.display());
}

/// Returns the folder for reports, and creates it.
pub(crate) fn reports() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("against-rustc");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Writes a report of all outcomes: `<name>.txt` with the checks that are not right, and counts by group.
fn report(summary: &str, outcomes: &[Outcome], wrong: &BTreeMap<String, &Outcome>) -> PathBuf {
    let name = summary.split(':').next().unwrap_or_default();
    let folder = reports();
    let mut groups: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let mut refused = String::new();
    for one in outcomes {
        let counts = groups.entry(&one.check.group).or_default();
        counts[one.verdict() as usize] += 1;
        if one.verdict() == Verdict::Refused {
            let _ = writeln!(refused, "refused {}\n    script  {}", one.check.line(), show(&one.said));
        }
    }
    let mut text = format!("{summary}\n\n");
    for (line, one) in wrong {
        let _ = writeln!(
            text,
            "wrong {line}\n    script  {}\n    derived {}",
            show(&one.said),
            show_answer(&one.answer)
        );
    }
    text.push_str("\n# group: right, refused, wrong; not modelled where over half are refused\n");
    for (group, [right, refused, wrong]) in &groups {
        let note = if refused * 2 > right + refused + wrong { "  not modelled" } else { "" };
        let _ = writeln!(text, "{group}: {right} {refused} {wrong}{note}");
    }
    let _ = write!(text, "\n{refused}");
    let path = folder.join(format!("{name}.txt"));
    std::fs::write(&path, text).expect("it is written");
    let lines: String = wrong.keys().map(|line| format!("{line}\n")).collect();
    std::fs::write(folder.join(format!("{name}-wrong.txt")), lines).expect("it is written");
    path
}

fn show(said: &Said) -> String {
    match said {
        Said::Failed => "fails".into(),
        Said::Unspecified => "differs from run to run, or by profile".into(),
        Said::Told(told) => match (told.envs.get("V"), told.envs.len()) {
            (Some(value), 1) if told.cfgs.is_empty() && told.files.is_empty() && told.links.is_empty() => {
                value.clone()
            }
            _ => format!("{told:?}"),
        },
    }
}

fn show_answer(answer: &Answer) -> String {
    match answer {
        Answer::Refused => "refused".into(),
        Answer::Says(said) => show(said),
    }
}
