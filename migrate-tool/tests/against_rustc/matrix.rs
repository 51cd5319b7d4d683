//! Every method that the models name, on every receiver that has it, with arguments of a pool; the result and the receiver
//! afterwards.
//!
//! A fixed part stands in `matrix/fixed.txt`. Names that the models know and `matrix/names.txt` does not are new: their
//! checks are made here, so that a model has its tests by being there. `INERT_CHECKS=all` makes the whole anew and runs it;
//! with `INERT_UPDATE=1` it writes the fixed part again. Without, `INERT_UPDATE=1`
//! writes down what is new.

use std::collections::{BTreeMap, BTreeSet};

use crate::cases::outcomes;
use crate::check::{Check, folder};
use crate::ratchet::{asked, settle};
use crate::{discover, methods};

/// Checks of one method on one receiver: of the whole, and of the fixed part.
const EACH: usize = 14;
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

#[test]
fn matrix() {
    let names = methods::named();
    if asked("INERT_CHECKS", "all") {
        let all = discover::checks(&names, EACH);
        if asked("INERT_UPDATE", "1") {
            std::fs::create_dir_all(folder().join("matrix")).expect("a folder");
            let lines = part(&all).into_iter().map(|check| format!("{}\t{}\n", check.group, check.text));
            std::fs::write(folder().join("matrix/fixed.txt"), lines.collect::<String>())
                .expect("it is written");
            let lines: String = names.iter().map(|name| format!("{name}\n")).collect();
            std::fs::write(folder().join("matrix/names.txt"), lines).expect("it is written");
        }
        settle("matrix", &outcomes("matrix", &all), true);
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
