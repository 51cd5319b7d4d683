//! Compares two locks. Each change is labelled by whether it permits more than before, judged by the earlier rules.

use std::collections::{BTreeMap, BTreeSet};

use super::{Configured, Entry, Key, Lock};
use crate::policy::Policy;
pub use crate::policy::change::{Change, Label, Subject};
use crate::policy::rules::Rules;

/// Returns all changes, weaker ones first. They are judged by the old lock's rules, or by a policy if it has none: so a
/// change has the same label in all reports.
#[must_use]
pub fn changes(old: &Lock, new: &Lock, otherwise: &Policy) -> Vec<Change> {
    let mut found = Vec::new();
    let base = &old.rules.clone().unwrap_or_else(|| Rules::of(otherwise));
    if let (Some(before), Some(now)) = (&old.rules, &new.rules) {
        found.extend(before.changes(now));
    }
    let mut old_left: BTreeMap<&Key, &Entry> =
        old.scripts.iter().filter(|(key, _)| !new.scripts.contains_key(*key)).collect();
    for (key, entry) in &new.scripts {
        match old.scripts.get(key) {
            Some(before) if before == entry => {}
            Some(before) => found.extend(differences(key.to_string(), before, entry, base)),
            None => {
                // An update is the same package from the same source with another version.
                let earlier = old_left
                    .keys()
                    .filter(|before| before.name == key.name && before.source == key.source)
                    .max()
                    .map(|key| (*key).clone());
                let elsewhere = old_left
                    .keys()
                    .find(|before| before.name == key.name && before.version == key.version)
                    .filter(|_| earlier.is_none())
                    .map(|key| (*key).clone());
                if let Some(elsewhere) = elsewhere
                    && let Some(before) = old_left.remove(&elsewhere)
                {
                    let label = if entry.decision == "run" { Label::Weaker } else { Label::Same };
                    let text = format!("comes from {}, came from {}", key.source, elsewhere.source);
                    found.push(of_script(label, key.to_string(), text));
                    found.extend(differences(key.to_string(), before, entry, base));
                    continue;
                }
                match earlier.and_then(|earlier| old_left.remove(&earlier).map(|entry| (earlier, entry))) {
                    Some((earlier, before)) => {
                        let what = format!("{} {} → {}", key.name, earlier.version, key.version);
                        let all = differences(what.clone(), before, entry, base);
                        if all.is_empty() {
                            found.push(of_script(Label::Same, what, format!("updated, {}", said(entry))));
                        }
                        found.extend(all);
                    }
                    None => found.push(added(key, entry, base)),
                }
            }
        }
    }
    for (key, entry) in old_left {
        let label = if entry.decision == "run" { Label::Stronger } else { Label::Same };
        found.push(of_script(label, key.to_string(), format!("is gone ({})", said(entry))));
    }
    let paths: BTreeSet<&String> = old.configuration.keys().chain(new.configuration.keys()).collect();
    for path in paths {
        let (before, now) = (old.configuration.get(path), new.configuration.get(path));
        let accepted = |file: Option<&Configured>| file.and_then(|file| file.accepted.clone());
        let what = crate::file::one_line(path);
        match (accepted(before), accepted(now)) {
            (None, Some(reason)) => {
                let text = format!(
                    "may say what is on no list of harmless forms: {}",
                    crate::file::one_line(&reason)
                );
                found.push(Change {
                    label: Label::Weaker,
                    subject: Subject::Configuration,
                    what: what.clone(),
                    text,
                });
            }
            (Some(_), None) => {
                let text = "may say only what is on a list of harmless forms".to_owned();
                found.push(Change {
                    label: Label::Stronger,
                    subject: Subject::Configuration,
                    what: what.clone(),
                    text,
                });
            }
            _ => {}
        }
        let (label, text) = match (before, now) {
            (None, Some(_)) => (Label::Weaker, "configures Cargo, and did not before"),
            (Some(_), None) => (Label::Stronger, "no longer configures Cargo"),
            (Some(before), Some(now)) if before.digest != now.digest => {
                (Label::Weaker, "configures Cargo, and was edited")
            }
            _ => continue,
        };
        found.push(Change { label, subject: Subject::Configuration, what, text: text.to_owned() });
    }
    found.sort_by(|a, b| (a.label, &a.what).cmp(&(b.label, &b.what)));
    found
}

fn of_script(label: Label, what: String, text: String) -> Change {
    Change { label, subject: Subject::Script, what, text }
}

fn said(entry: &Entry) -> String {
    match (entry.decision.as_str(), entry.by.as_str()) {
        ("replace", by) => match &entry.unsupported {
            Some(where_not) => {
                format!("replaced, {by}, but for `{}`", crate::plan::derivation::shortened(where_not))
            }
            None => format!("replaced, {by}"),
        },
        ("run", _) => "run".to_owned(),
        _ => "refused".to_owned(),
    }
}

fn added(key: &Key, entry: &Entry, base: &Rules) -> Change {
    let label = match entry.decision.as_str() {
        "run" => Label::Weaker,
        "replace" if !passes(&entry.capabilities, base) => Label::Weaker,
        _ => Label::Same,
    };
    let able = if !entry.rights.is_empty() {
        format!(" [{}]", list_of(&entry.rights))
    } else if entry.capabilities.is_empty() {
        String::new()
    } else {
        format!(" [{}]", list(&entry.capabilities))
    };
    of_script(label, key.to_string(), format!("is new: {}{able}", said(entry)))
}

/// Returns whether a policy accepts declarations with these capabilities without review.
fn passes(capabilities: &BTreeSet<String>, base: &Rules) -> bool {
    capabilities
        .iter()
        .all(|name| name.parse().is_ok_and(|capability| base.capabilities.contains(&capability)))
}

fn list_of(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn list(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

fn differences(what: String, old: &Entry, new: &Entry, base: &Rules) -> Vec<Change> {
    let mut found = Vec::new();
    let mut push = |label, text: String| found.push(of_script(label, what.clone(), text));
    if (&old.decision, &old.by) != (&new.decision, &new.by) {
        let label = match (old.decision.as_str(), new.decision.as_str()) {
            (before, "run") if before != "run" => Label::Weaker,
            ("run", now) if now != "run" => Label::Stronger,
            ("refuse", "replace") if !passes(&new.capabilities, base) => Label::Weaker,
            ("replace", "refuse") => Label::Stronger,
            _ => Label::Same,
        };
        push(label, format!("was {}, is {}", said(old), said(new)));
    }
    let gained: BTreeSet<String> = new.capabilities.difference(&old.capabilities).cloned().collect();
    if !gained.is_empty() && old.decision == "replace" {
        let label = if passes(&gained, base) { Label::Same } else { Label::Weaker };
        push(label, format!("its declaration gains {}", list(&gained)));
    }
    let lost: BTreeSet<String> = old.capabilities.difference(&new.capabilities).cloned().collect();
    if !lost.is_empty() && new.decision == "replace" {
        push(Label::Stronger, format!("its declaration loses {}", list(&lost)));
    }
    // More rights, or the change from some to all, are weaker; confinement is stronger.
    let word = |names: &BTreeSet<String>, rights: &BTreeSet<String>| -> BTreeSet<String> {
        rights.difference(names).filter(|word| *word != "confined").cloned().collect()
    };
    let (gained, lost) = (word(&old.rights, &new.rights), word(&new.rights, &old.rights));
    if new.decision == "run" && old.decision == "run" && old.rights != new.rights {
        let confined = |entry: &Entry| entry.rights.contains("confined");
        if !gained.is_empty() {
            push(Label::Weaker, format!("runs, and may now: {}", list_of(&gained)));
        } else if confined(old) && !confined(new) {
            push(Label::Weaker, "runs, and is confined no longer".to_owned());
        } else if !lost.is_empty() {
            push(Label::Stronger, format!("runs, and may no longer: {}", list_of(&lost)));
        } else {
            push(Label::Stronger, "runs, and is confined now".to_owned());
        }
    }
    let both = |decision: &str| old.decision == decision && new.decision == decision;
    if both("run") {
        // Other code runs than the code that was reviewed.
        for (name, before, now) in [
            ("its script", &old.script, &new.script),
            ("its package", &old.package, &new.package),
            ("what is linked into it", &old.inputs, &new.inputs),
        ] {
            if before != now {
                push(Label::Weaker, format!("runs, and {name} changed"));
            }
        }
    } else if old.decision == new.decision {
        for (name, before, now) in [
            ("script", &old.script, &new.script),
            ("package", &old.package, &new.package),
            ("declaration", &old.declaration, &new.declaration),
            ("inputs", &old.inputs, &new.inputs),
            ("unsupported", &old.unsupported, &new.unsupported),
        ] {
            if before != now {
                push(Label::Same, format!("its {name} changed; {}", said(new)));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(scripts: &[(&str, &str, &str, &[&str])]) -> Lock {
        let one = |(name, version, decision, capabilities): &(&str, &str, &str, &[&str])| {
            let key =
                Key { name: (*name).to_owned(), version: (*version).to_owned(), source: "s".to_owned() };
            let entry = Entry {
                decision: (*decision).to_owned(),
                by: "policy".to_owned(),
                capabilities: capabilities.iter().map(|name| (*name).to_owned()).collect(),
                package: Some((*version).to_owned()),
                ..Entry::default()
            };
            (key, entry)
        };
        Lock { scripts: scripts.iter().map(one).collect(), ..Lock::default() }
    }

    fn labels(old: &Lock, new: &Lock) -> Vec<Label> {
        changes(old, new, &Policy::default()).into_iter().map(|change| change.label).collect()
    }

    #[test]
    fn labels_say_whether_more_may_happen() {
        let replace = lock(&[("a", "1", "replace", &["cfg"])]);
        let run = lock(&[("a", "1", "run", &[])]);
        assert_eq!(labels(&replace, &run)[0], Label::Weaker);
        assert_eq!(labels(&run, &replace)[0], Label::Stronger);
        assert_eq!(labels(&Lock::default(), &run), [Label::Weaker]);
        assert_eq!(labels(&Lock::default(), &replace), [Label::Same]);
        assert_eq!(labels(&Lock::default(), &lock(&[("a", "1", "replace", &["prebuilt"])])), [Label::Weaker]);
        assert_eq!(labels(&replace, &lock(&[("a", "1", "replace", &["cfg", "prebuilt"])])), [Label::Weaker]);
        assert_eq!(labels(&replace, &lock(&[("a", "1", "replace", &["cfg", "env"])])), [Label::Same]);
        assert_eq!(labels(&run, &lock(&[("a", "2", "run", &[])])), [Label::Weaker]);
        assert_eq!(labels(&run, &Lock::default()), [Label::Stronger]);
        assert_eq!(labels(&run, &run), []);
        let with = |rights: &[&str]| {
            let mut lock = run.clone();
            for entry in lock.scripts.values_mut() {
                entry.rights = rights.iter().map(|word| (*word).to_owned()).collect();
            }
            lock
        };
        assert_eq!(labels(&with(&["confined"]), &with(&["unconfined"])), [Label::Weaker]);
        assert_eq!(labels(&with(&["unconfined"]), &with(&["confined"])), [Label::Stronger]);
        assert_eq!(labels(&with(&["confined"]), &with(&["confined", "network"])), [Label::Weaker]);
        assert_eq!(labels(&with(&["confined", "env X"]), &with(&["confined", "env Y"])), [Label::Weaker]);
        assert_eq!(labels(&with(&["confined", "tool git"]), &with(&["confined"])), [Label::Stronger]);
        assert_eq!(labels(&run, &with(&["confined"])), [Label::Stronger]);
    }
}
