//! Every method that the models name, on every receiver that has it, with arguments of a pool; the result and the receiver
//! afterwards.
//!
//! A fixed part stands in `matrix/fixed.txt`. Names that the models know and `matrix/names.txt` does not are new: their
//! checks are made here, so that a model has its tests by being there. `INERT_CHECKS=all` makes the whole anew and runs it;
//! with `INERT_UPDATE=1` it writes the fixed part again. Without, `INERT_UPDATE=1`
//! writes down what is new. What rustc said of the whole is kept in the build folder: `INERT_CHECKS=again` derives alone.
//!
//! The whole takes over an hour of processor time. `INERT_CHECKS=all INERT_PART=3/8` runs the third of eight parts of it, each of
//! which has other methods: all eight are the whole.

use std::collections::{BTreeMap, BTreeSet};

use crate::cases::{answers, nowhere, outcomes};
use crate::check::{Check, folder};
use crate::ratchet::{Outcome, asked, reports, settle, switch};
use crate::said::{Said, Told};
use crate::{discover, methods};

/// Checks of one method on one receiver: of the whole, and of the fixed part.
const EACH: usize = 20;
/// Every so many methods of receivers, one check.
const FIXED: usize = 5;

fn fixed() -> Vec<Check> {
    let text = std::fs::read_to_string(folder().join("matrix/fixed.txt")).unwrap_or_default();
    text.lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(method, text)| Check::new(method, text))
        .collect()
}

fn known_names() -> BTreeSet<String> {
    let text = std::fs::read_to_string(folder().join("matrix/names.txt")).unwrap_or_default();
    text.split_whitespace().map(str::to_owned).collect()
}

/// A few checks of each method on each receiver, from all over, so that the part is as broad as the whole.
fn part(all: &[Check]) -> Vec<&Check> {
    let mut by_pair: BTreeMap<(&str, &str), Vec<&Check>> = BTreeMap::new();
    for check in all {
        let receiver = check.text.split(" let r = ").next().unwrap_or_default();
        by_pair.entry((&check.group, receiver)).or_default().push(check);
    }
    let mut out = Vec::new();
    for (number, checks) in by_pair.values().enumerate().step_by(FIXED) {
        // Another argument on each receiver.
        out.push(checks[number % checks.len()]);
    }
    out
}

/// Where the whole, or a part of it, is kept, with what rustc said.
fn seen() -> std::path::PathBuf {
    reports().join(match wanted_part() {
        Some((number, parts)) => format!("matrix-seen-{number}-of-{parts}.txt"),
        None => "matrix-seen.txt".to_owned(),
    })
}

/// The part of the whole that is asked for, from 1, and the number of parts.
fn wanted_part() -> Option<(usize, usize)> {
    let text = switch("INERT_PART");
    let (number, parts) = text.split_once('/')?;
    let (number, parts) = (number.parse().ok()?, parts.parse().ok()?);
    assert!((1..=parts).contains(&number), "INERT_PART is `3/8`, not `{text}`");
    Some((number, parts))
}

fn keep(outcomes: &[Outcome]) {
    let said = |said: &Said| match said {
        Said::Failed => "fails".to_owned(),
        Said::Unspecified => "differs".to_owned(),
        Said::Told(told) => format!("says {}", told.envs.get("V").map_or("", String::as_str)),
    };
    let line = |one: &Outcome| format!("{}\t{}\t{}\n", one.check.group, one.check.text, said(&one.said));
    std::fs::write(seen(), outcomes.iter().map(line).collect::<String>()).expect("it is written");
}

/// The whole as it was kept, derived anew.
fn again() -> Vec<Outcome> {
    let text = std::fs::read_to_string(seen()).expect("INERT_CHECKS=all ran before");
    let (mut checks, mut said) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let mut parts = line.splitn(3, '\t');
        let mut part = || parts.next().unwrap_or_default();
        checks.push(Check::new(part(), part()));
        said.push(match part() {
            "fails" => Said::Failed,
            "differs" => Said::Unspecified,
            says => {
                let mut told = Told::default();
                let value = says.strip_prefix("says ").unwrap_or_default();
                told.envs.insert("V".to_owned(), value.to_owned());
                Said::Told(Box::new(told))
            }
        });
    }
    let scripts: Vec<String> = checks.iter().map(Check::script).collect();
    let answers = answers(&nowhere(), &scripts);
    let outcome = |((check, said), answer)| Outcome { check, said, answer };
    checks.into_iter().zip(said).zip(answers).map(outcome).collect()
}

#[test]
fn matrix() {
    if asked("INERT_CHECKS", "again") {
        settle("matrix", &again(), wanted_part().is_none());
        return;
    }
    let names = methods::named();
    if asked("INERT_CHECKS", "all") {
        let wanted = wanted_part();
        let here = |at: usize| wanted.is_none_or(|(number, parts)| at % parts == number - 1);
        let some =
            names.iter().enumerate().filter(|(at, _)| here(*at)).map(|(_, name)| name.clone()).collect();
        let all = discover::checks(&some, EACH);
        if wanted.is_none() && asked("INERT_UPDATE", "1") {
            std::fs::create_dir_all(folder().join("matrix")).expect("a folder");
            let lines = part(&all).into_iter().map(|check| format!("{}\t{}\n", check.group, check.text));
            std::fs::write(folder().join("matrix/fixed.txt"), lines.collect::<String>())
                .expect("it is written");
            let lines: String = names.iter().map(|name| format!("{name}\n")).collect();
            std::fs::write(folder().join("matrix/names.txt"), lines).expect("it is written");
        }
        let outcomes = outcomes("matrix", &all);
        keep(&outcomes);
        settle("matrix", &outcomes, wanted.is_none());
        return;
    }
    let known = known_names();
    let new: BTreeSet<String> = names.iter().filter(|name| !known.contains(*name)).cloned().collect();
    let mut checks = fixed();
    if !new.is_empty() {
        let more = discover::checks(&new, 1);
        if asked("INERT_UPDATE", "1") {
            let lines = checks.iter().chain(&more).map(|check| format!("{}\t{}\n", check.group, check.text));
            std::fs::write(folder().join("matrix/fixed.txt"), lines.collect::<String>())
                .expect("it is written");
            let lines: String = names.union(&known).map(|name| format!("{name}\n")).collect();
            std::fs::write(folder().join("matrix/names.txt"), lines).expect("it is written");
        }
        checks.extend(more);
    }
    settle("matrix", &outcomes("matrix", &checks), false);
}
