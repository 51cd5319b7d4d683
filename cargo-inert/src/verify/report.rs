//! The result of `verify` as text, as JSON and as a table.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::bench::{Subject, Verdict};
use super::compare::Difference;
use crate::plan::model::Origin;

/// The output of `--format json`, a stable interface.
#[derive(Debug, Serialize, Deserialize)]
pub struct Report {
    /// The version of the format.
    pub schema: u32,
    /// The triple of the host on which the scripts ran; empty in reports of earlier versions.
    #[serde(default)]
    pub host: String,
    /// One entry for each script.
    pub packages: Vec<Entry>,
}

/// The result for one script.
#[derive(Debug, Serialize, Deserialize)]
pub struct Entry {
    /// The package as `name version`.
    pub package: String,
    /// `equal`, `mismatch`, `denied` (the script was denied something in some cases, which are not compared; equal in
    /// the others), `refused` (equal, except for cases that rules forbid), `failed` (nothing could be
    /// compared), `residue` (not derived), `uncompared` (no case is covered, or both sides fail in every case: nothing
    /// was found equal).
    pub result: String,
    /// The origin of the declaration; `None` if there is none.
    pub origin: Option<Origin>,
    /// The digest of the package's files and of what is derived from them, which a `[[verified]]` entry names; `None` if the
    /// declaration is not derived.
    #[serde(default)]
    pub derivation: Option<String>,
    /// The condition under which the declaration does not cover a build.
    pub unsupported: Option<String>,
    /// The number of cases that were compared.
    pub compared: usize,
    /// The number of those in which both sides succeeded.
    pub succeeded: usize,
    /// The number of those in which both sides failed: they are equal, but nothing else was compared.
    #[serde(default)]
    pub both_failed: usize,
    /// The number of cases in which a rule forbids the stand-in to do what the script does: a deliberate difference.
    #[serde(default)]
    pub refused: usize,
    /// The number of cases in which the script was denied something, so that nothing was compared.
    #[serde(default)]
    pub denied: usize,
    /// The number of cases that the declaration does not cover.
    pub skipped: usize,
    /// The reason why nothing could be compared, or why the script is not derived.
    pub reason: Option<String>,
    /// The cases that differ.
    pub mismatches: Vec<Mismatch>,
    /// True if cases were left out because of the time limit.
    pub cut_short: bool,
    /// The duration of the runs in milliseconds.
    pub milliseconds: u128,
}

/// One case that differs.
#[derive(Debug, Serialize, Deserialize)]
pub struct Mismatch {
    /// A description of the case.
    pub case: String,
    /// The differences in this case.
    pub differences: Vec<Difference>,
}

impl Entry {
    /// Returns the entry for a verdict.
    #[must_use]
    pub fn of(package: String, subject: &Subject, verdict: &Verdict) -> Self {
        let result = match verdict {
            Verdict { failure: Some(_), .. } => "failed",
            verdict if !verdict.mismatches.is_empty() => "mismatch",
            // Two failures do not show that the outputs would be equal.
            verdict if verdict.succeeded == 0 => "uncompared",
            verdict if verdict.denied > 0 => "denied",
            verdict if verdict.refused > 0 => "refused",
            _ => "equal",
        };
        let mismatch = |(case, differences): &(super::case::Case, Vec<Difference>)| Mismatch {
            case: case.to_string(),
            differences: differences.clone(),
        };
        Self {
            package,
            result: result.to_owned(),
            origin: Some(subject.origin),
            derivation: subject.derivation.clone(),
            unsupported: subject.declaration.unsupported.as_ref().map(ToString::to_string),
            compared: verdict.compared,
            succeeded: verdict.succeeded,
            both_failed: verdict.both_failed,
            refused: verdict.refused,
            denied: verdict.denied,
            skipped: verdict.skipped,
            reason: verdict.failure.clone().or_else(|| denials(verdict)).or_else(|| verdict.refusal.clone()),
            mismatches: verdict.mismatches.iter().map(mismatch).collect(),
            cut_short: verdict.cut_short,
            milliseconds: verdict.time.as_millis(),
        }
    }

    /// Returns the entry for a script without a declaration.
    #[must_use]
    pub fn residue(package: String, reason: String) -> Self {
        Self {
            package,
            result: "residue".to_owned(),
            origin: None,
            derivation: None,
            unsupported: None,
            compared: 0,
            succeeded: 0,
            both_failed: 0,
            refused: 0,
            denied: 0,
            skipped: 0,
            reason: Some(reason),
            mismatches: Vec::new(),
            cut_short: false,
            milliseconds: 0,
        }
    }

    /// Returns the reason why no case was compared.
    fn uncompared(&self) -> String {
        match (self.compared, self.refused) {
            (0, 0) if self.denied > 0 => {
                format!("the script was denied what it asks for in all of {}", cases(self.denied))
            }
            (0, 0) => "the declaration covers no case that was tried".to_owned(),
            (0, refused) => format!("refused by a rule in all of {}", cases(refused)),
            (compared, _) => {
                format!("both fail in all of {}, so that what they would do is not known", cases(compared))
            }
        }
    }

    /// Formats the entry as one line, followed by both sides of the first differences.
    #[must_use]
    pub fn human(&self) -> String {
        let mut text = match self.result.as_str() {
            "equal" => format!("{}: equal in {}", self.package, cases(self.compared)),
            "mismatch" => {
                format!("{}: DIFFERS in {} of {}", self.package, self.mismatches.len(), cases(self.compared))
            }
            "refused" => {
                format!("{}: equal in {}, refused in {}", self.package, cases(self.compared), self.refused)
            }
            "denied" => {
                format!(
                    "{}: equal in {}, NOT COMPARED in {}",
                    self.package,
                    cases(self.compared),
                    self.denied
                )
            }
            "failed" => format!("{}: not compared", self.package),
            "uncompared" => format!("{}: NOTHING COMPARED: {}", self.package, self.uncompared()),
            _ => format!("{}: not derived", self.package),
        };
        if matches!(self.result.as_str(), "equal" | "mismatch" | "refused" | "uncompared" | "denied") {
            let denied = if self.result == "mismatch" { self.denied } else { 0 };
            let apart = [
                (self.both_failed, "both fail in"),
                (denied, "not compared, since denied, in"),
                (self.skipped, "not covered:"),
            ];
            for (count, what) in apart.into_iter().filter(|(count, _)| *count > 0) {
                let _ = write!(text, ", {what} {count}");
            }
            let _ = write!(text, " ({}.{} s)", self.milliseconds / 1000, self.milliseconds / 100 % 10);
        }
        if self.cut_short {
            text.push_str(", cut short by the time limit");
        }
        text.push('\n');
        for line in self.reason.iter().flat_map(|reason| reason.lines()) {
            let _ = writeln!(text, "    {line}");
        }
        for mismatch in self.mismatches.iter().take(4) {
            let _ = writeln!(text, "  {}", mismatch.case);
            for difference in &mismatch.differences {
                let _ = writeln!(text, "    {}", difference.what);
                for (side, value) in [("script  ", &difference.script), ("stand-in", &difference.stand_in)] {
                    let mut lines = value.lines();
                    let _ = writeln!(text, "      {side}: {}", lines.next().unwrap_or_default());
                    for line in lines.take(12) {
                        let _ = writeln!(text, "                {line}");
                    }
                }
            }
        }
        if self.mismatches.len() > 4 {
            let more = crate::report::counted(self.mismatches.len() - 4, "more case", "more cases");
            let _ = writeln!(text, "  … and {more}; all with --format json");
        }
        crate::report::escaped(&text)
    }
}

/// Returns what a script was denied, one a line.
fn denials(verdict: &Verdict) -> Option<String> {
    let lines: Vec<&str> = verdict.denials.iter().map(String::as_str).collect();
    (!lines.is_empty()).then(|| format!("confined, the script was\n{}", lines.join("\n")))
}

/// Formats the entries as a table for `docs/`, with counts above it.
#[must_use]
pub fn markdown(entries: &[Entry]) -> String {
    let count = |holds: &dyn Fn(&Entry) -> bool| entries.iter().filter(|entry| holds(entry)).count();
    let mut text = format!(
        "{} scripts: {} derived whole, {} derived in part, {} by the catalog, {} not derived.\n\
         Of those that something stands in for, {} equal their script in every case tried, {} differ, {} could not be \
         compared.\n\n",
        entries.len(),
        count(&|entry| entry.origin == Some(Origin::Derived) && entry.unsupported.is_none()),
        count(&|entry| entry.origin == Some(Origin::Derived) && entry.unsupported.is_some()),
        count(&|entry| entry.origin == Some(Origin::Catalog)),
        count(&|entry| entry.origin.is_none()),
        count(&|entry| matches!(entry.result.as_str(), "equal" | "refused")),
        count(&|entry| entry.result == "mismatch"),
        count(&|entry| matches!(entry.result.as_str(), "failed" | "uncompared")),
    );
    text.push_str(
        "| package | decided | compared with the script | why not, or where not |\n|---|---|---|---|\n",
    );
    for entry in entries {
        let decided = match (entry.origin, &entry.unsupported) {
            (None, _) => "no".to_owned(),
            (Some(origin), None) => origin_name(origin).to_owned(),
            (Some(origin), Some(_)) => format!("{}, in part", origin_name(origin)),
        };
        let verified = match entry.result.as_str() {
            "equal" => equal(entry),
            "mismatch" => format!("**differs** in {} of {}", entry.mismatches.len(), cases(entry.compared)),
            "refused" => format!("{}, refused by a rule in {}", equal(entry), entry.refused),
            "failed" => "not compared".to_owned(),
            "uncompared" => format!("nothing: {}", entry.uncompared()),
            _ => String::new(),
        };
        let _ = writeln!(text, "| {} | {decided} | {verified} | {} |", entry.package, why(entry));
    }
    text
}

/// Formats a number of cases.
fn cases(count: usize) -> String {
    crate::report::counted(count, "case", "cases")
}

/// Formats the number of cases that are equal, with the cases in which both sides fail counted separately.
fn equal(entry: &Entry) -> String {
    match (entry.succeeded, entry.both_failed) {
        (succeeded, 0) => format!("equal in {}", cases(succeeded)),
        (0, failed) => format!("both fail in {}", cases(failed)),
        (succeeded, failed) => format!("equal in {}, both fail in {failed}", cases(succeeded)),
    }
}

/// Returns the first reason, as the text of a table cell.
fn why(entry: &Entry) -> String {
    let why = match (&entry.reason, &entry.unsupported, entry.mismatches.first()) {
        (Some(reason), _, _) => reason.lines().next().unwrap_or_default().to_owned(),
        (None, _, Some(mismatch)) => {
            let what: Vec<&str> = mismatch.differences.iter().map(|one| one.what.as_str()).collect();
            format!("{}: {}", what.join(", "), mismatch.case)
        }
        (None, Some(condition), None) => format!("not where `{condition}`"),
        (None, None, None) => String::new(),
    };
    let cut: String = why.chars().take(200).collect();
    let cut = if cut.len() < why.len() { format!("{cut}…") } else { cut };
    cut.replace('|', "\\|").replace('<', "&lt;").replace(['\n', '\r'], " ")
}

fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::Policy => "policy",
        Origin::Package => "declared",
        Origin::Catalog => "catalog",
        Origin::Derived => "derived",
        Origin::None => "no",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_compared_is_not_equal() {
        let subject = Subject::new(std::path::Path::new("/x"), inert_manifest_spec::Declaration::default());
        let of = |verdict: Verdict| Entry::of("x 1".to_owned(), &subject, &verdict);
        for verdict in [
            Verdict { skipped: 222, ..Verdict::default() },
            Verdict { compared: 257, both_failed: 257, ..Verdict::default() },
            Verdict { refused: 3, ..Verdict::default() },
            Verdict::default(),
        ] {
            let entry = of(verdict);
            assert_eq!(entry.result, "uncompared");
            assert!(entry.human().contains("NOTHING COMPARED"), "{}", entry.human());
        }
        let some = of(Verdict { compared: 2, succeeded: 1, both_failed: 1, ..Verdict::default() });
        assert_eq!(some.result, "equal");
    }
}
