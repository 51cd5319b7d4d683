//! Compares two policies, with all settings and entries.

use std::collections::{BTreeMap, BTreeSet};

use inert_manifest_spec::Capability;

use super::change::{Change, Label, Subject};
use super::choice::Choice as _;
use super::date::Date;
use super::libraries::Setting;
use super::model::{
    AcceptedConfiguration, Allow, Compile, Declare, Deny, Matcher, Policy, Reviewed, ReviewedMacro, Runtime,
    Verified,
};
use super::rules::{Rules, setting};

/// Returns all changes, in the order of the policy's tables.
#[must_use]
pub fn changes(before: &Policy, now: &Policy) -> Vec<Change> {
    // All fields are named, so that a new one must be handled here. Those with `_` are compared by `Rules`.
    let Policy {
        path: _,
        files: _,
        entries_of: _,
        deny: _,
        members: _,
        configuration: _,
        undecided: _,
        derived: _,
        proc_macros: _,
        rustc: _,
        outer: _,
        capabilities,
        accepted,
        unavailable,
        allow,
        compile,
        deny_packages,
        declare,
        review,
        verified,
        macros,
        libraries,
        unaccepted: _,
        claims: _,
        record: _,
    } = before;
    let mut found = Rules::of(before).changes(&Rules::of(now));
    setting(&mut found, "[sandbox] unavailable", *unavailable, now.unavailable);
    entries(&mut found, deny_packages, &now.deny_packages, &DENY);
    entries(&mut found, allow, &now.allow, &ALLOW);
    entries(&mut found, compile, &now.compile, &COMPILE);
    let declared = |entry: &Declare| exceeds(entry, capabilities);
    for change in entries_of(declare, &now.declare, &DECLARE) {
        let label = match &change {
            Paired::Added(entry) if declared(entry) => Label::Weaker,
            Paired::Changed(entry, _) if declared(entry) => Label::Weaker,
            _ => Label::Same,
        };
        found.extend(change.said(&DECLARE).into_iter().map(|change| Change { label, ..change }));
    }
    entries(&mut found, review, &now.review, &REVIEW);
    entries(&mut found, verified, &now.verified, &VERIFIED);
    entries(&mut found, macros, &now.macros, &MACRO);
    entries(&mut found, accepted, &now.accepted, &ACCEPTED);
    of_libraries(&mut found, &libraries.settings(), &now.libraries.settings());
    found
}

fn of_libraries(
    found: &mut Vec<Change>,
    before: &BTreeMap<Setting, String>,
    now: &BTreeMap<Setting, String>,
) {
    let all: BTreeSet<_> = before.keys().chain(now.keys()).collect();
    for setting in all {
        let (old, new) = (before.get(setting), now.get(setting));
        if old == new {
            continue;
        }
        let (section, table, name) = setting;
        // A source that must be used, or must not be left, is a restriction; other values are only preferences.
        let only = |value: Option<&String>| {
            *table == "libraries" && value.is_some_and(|value| !value.contains("-first"))
        };
        let label = match (only(old), only(new)) {
            _ if *table == "library-prefix" && new.is_some() => Label::Weaker,
            (true, _) => Label::Weaker,
            (false, true) => Label::Stronger,
            (false, false) => Label::Same,
        };
        let target = if section.is_empty() { String::new() } else { format!("target.{section}.") };
        let word = |value: Option<&String>| value.cloned().unwrap_or_else(|| "not set".to_owned());
        found.push(Change {
            label,
            subject: Subject::Setting,
            what: format!("[{target}{table}] {name}"),
            text: format!("was {}, is {}", word(old), word(new)),
        });
    }
}

/// The comparison of the entries of one table.
struct Kind<T> {
    /// The table as it is written: `[[allow]]`.
    table: &'static str,
    /// Returns the identity by which entries are paired.
    identity: fn(&T) -> String,
    /// The label of a new entry; a removed entry has the opposite one.
    added: Label,
    /// Returns the differences between two entries with the same identity.
    differences: fn(&T, &T) -> Vec<(Label, String)>,
}

const DENY: Kind<Deny> = Kind {
    table: "[[deny]]",
    identity: |entry| named(&entry.package),
    added: Label::Stronger,
    differences: |before, now| worded(&[("reason", &before.reason, &now.reason)]),
};

const ALLOW: Kind<Allow> = Kind {
    table: "[[allow]]",
    identity: |entry| named(&entry.package),
    added: Label::Weaker,
    differences: |before, now| {
        let Allow {
            package: _,
            digest,
            build_dependencies,
            reason,
            reviewer,
            expires,
            rights,
            outputs,
            runtime,
            baseline,
            untrusted: _,
        } = before;
        let mut found = Vec::new();
        if *digest != now.digest {
            found.push((Label::Weaker, "pins other files".to_owned()));
        }
        linked(&mut found, build_dependencies, &now.build_dependencies);
        let (old, new): (BTreeSet<_>, BTreeSet<_>) =
            (rights.words().into_iter().collect(), now.rights.words().into_iter().collect());
        let unconfined = |words: &BTreeSet<String>| words.contains("unconfined");
        match (unconfined(&old), unconfined(&new)) {
            (true, false) => found.push((Label::Stronger, "is confined now".to_owned())),
            (false, true) => found.push((Label::Weaker, "is not confined any more".to_owned())),
            _ => lists(&mut found, "right", &old, &new),
        }
        if *runtime != now.runtime {
            let label = if now.runtime == Runtime::Native { Label::Weaker } else { Label::Stronger };
            found.push((label, format!("run was {}, is {}", runtime.word(), now.runtime.word())));
        }
        let any = BTreeSet::from(["any".to_owned()]);
        let all = |outputs: &super::Outputs| {
            if outputs.any { any.clone() } else { outputs.listed.iter().cloned().collect::<BTreeSet<_>>() }
        };
        match (outputs.any, now.outputs.any) {
            (true, false) => found.push((Label::Stronger, "outputs are listed now".to_owned())),
            (false, true) => found.push((Label::Weaker, "may say anything to Cargo".to_owned())),
            _ => lists(&mut found, "output", &all(outputs), &all(&now.outputs)),
        }
        until(&mut found, *expires, now.expires);
        of_baseline(&mut found, *baseline, now.baseline);
        found.extend(worded(&[
            ("reason", &Some(reason.clone()), &Some(now.reason.clone())),
            ("reviewer", reviewer, &now.reviewer),
        ]));
        found
    },
};

const COMPILE: Kind<Compile> = Kind {
    table: "[[compile]]",
    identity: |entry| named(&entry.package),
    added: Label::Weaker,
    differences: |before, now| {
        let Compile { package: _, rights, untrusted: _ } = before;
        let words = |rights: &super::Rights| rights.words().into_iter().collect::<BTreeSet<_>>();
        let mut found = Vec::new();
        lists(&mut found, "right", &words(rights), &words(&now.rights));
        found
    },
};

const DECLARE: Kind<Declare> = Kind {
    table: "[[declare]]",
    identity: |entry| named(&entry.package),
    added: Label::Same,
    differences: |before, now| {
        let changed = before.declaration != now.declaration;
        changed.then(|| (Label::Same, "says something else".to_owned())).into_iter().collect()
    },
};

const REVIEW: Kind<Reviewed> = Kind {
    table: "[[review]]",
    identity: |entry| named(&entry.package),
    added: Label::Weaker,
    differences: |before, now| {
        let Reviewed { package: _, digest, capabilities, reason, reviewer, expires, baseline } = before;
        let mut found = Vec::new();
        if *digest != now.digest {
            found.push((Label::Weaker, "pins other files".to_owned()));
        }
        let names = |some: &BTreeSet<Capability>| {
            some.iter().map(|name| name.name().to_owned()).collect::<BTreeSet<_>>()
        };
        lists(&mut found, "capability", &names(capabilities), &names(&now.capabilities));
        until(&mut found, *expires, now.expires);
        of_baseline(&mut found, *baseline, now.baseline);
        found.extend(worded(&[
            ("reason", &Some(reason.clone()), &Some(now.reason.clone())),
            ("reviewer", reviewer, &now.reviewer),
        ]));
        found
    },
};

const VERIFIED: Kind<Verified> = Kind {
    table: "[[verified]]",
    identity: |entry| format!("{} on {}", named(&entry.package), entry.host),
    added: Label::Weaker,
    differences: |before, now| {
        let Verified { package: _, digest, cases, host: _, untrusted: _ } = before;
        let mut found = Vec::new();
        if *digest != now.digest {
            found.push((Label::Weaker, "is of other files, or of another derivation".to_owned()));
        }
        if *cases != now.cases {
            let label = if now.cases < *cases { Label::Weaker } else { Label::Stronger };
            found.push((label, format!("was equal in {cases} cases, is in {}", now.cases)));
        }
        found
    },
};

const MACRO: Kind<ReviewedMacro> = Kind {
    table: "[[proc-macro]]",
    identity: |entry| named(&entry.package),
    added: Label::Weaker,
    differences: |before, now| {
        let ReviewedMacro { package: _, digest, dependencies, reason, expires } = before;
        let mut found = Vec::new();
        if *digest != now.digest {
            found.push((Label::Weaker, "pins other files".to_owned()));
        }
        linked(&mut found, dependencies, &now.dependencies);
        until(&mut found, *expires, now.expires);
        found.extend(worded(&[("reason", &Some(reason.clone()), &Some(now.reason.clone()))]));
        found
    },
};

const ACCEPTED: Kind<AcceptedConfiguration> = Kind {
    table: "[[configuration]]",
    identity: |entry| entry.path.display().to_string(),
    added: Label::Weaker,
    differences: |before, now| {
        let AcceptedConfiguration { path: _, digest, reason, expires, line: _ } = before;
        let mut found = Vec::new();
        if *digest != now.digest {
            found.push((Label::Weaker, "accepts another content".to_owned()));
        }
        until(&mut found, *expires, now.expires);
        found.extend(worded(&[("reason", &Some(reason.clone()), &Some(now.reason.clone()))]));
        found
    },
};

/// Returns name, version and, if it is given, source.
fn named(package: &Matcher) -> String {
    match &package.source {
        Some(source) => format!("{package} ({source})"),
        None => package.to_string(),
    }
}

fn worded(texts: &[(&str, &Option<String>, &Option<String>)]) -> Vec<(Label, String)> {
    let changed = texts.iter().filter(|(_, before, now)| before != now);
    changed.map(|(name, _, _)| (Label::Same, format!("has another {name}"))).collect()
}

fn linked(found: &mut Vec<(Label, String)>, before: &[String], now: &[String]) {
    let (before, now): (BTreeSet<_>, BTreeSet<_>) = (before.iter().collect(), now.iter().collect());
    if now.is_subset(&before) && now != before {
        found.push((Label::Stronger, "accepts fewer build-dependencies".to_owned()));
    } else if now != before {
        found.push((Label::Weaker, "accepts other build-dependencies".to_owned()));
    }
}

fn lists(found: &mut Vec<(Label, String)>, noun: &str, before: &BTreeSet<String>, now: &BTreeSet<String>) {
    found.extend(now.difference(before).map(|word| (Label::Weaker, format!("gains the {noun} `{word}`"))));
    found.extend(before.difference(now).map(|word| (Label::Stronger, format!("loses the {noun} `{word}`"))));
}

fn until(found: &mut Vec<(Label, String)>, before: Option<Date>, now: Option<Date>) {
    let said =
        |date: Option<Date>| date.map_or_else(|| "for ever".to_owned(), |date| format!("until {date}"));
    let longer = match (before, now) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(before), Some(now)) => now > before,
    };
    if before != now {
        let label = if longer { Label::Weaker } else { Label::Stronger };
        found.push((label, format!("held {}, holds {}", said(before), said(now))));
    }
}

fn of_baseline(found: &mut Vec<(Label, String)>, before: bool, now: bool) {
    match (before, now) {
        (true, false) => {
            found.push((Label::Stronger, "was taken over unreviewed, and is reviewed now".to_owned()))
        }
        (false, true) => found.push((Label::Weaker, "counts as taken over unreviewed".to_owned())),
        _ => {}
    }
}

/// Returns whether a declaration has capabilities that require a review; true for one that cannot be parsed.
fn exceeds(entry: &Declare, unreviewed: &BTreeSet<Capability>) -> bool {
    let parsed = inert_manifest_spec::parse_declaration(&entry.declaration);
    parsed
        .declaration
        .is_none_or(|declaration| !inert_manifest_spec::capabilities(&declaration).is_subset(unreviewed))
}

/// The change of an entry.
enum Paired<'a, T> {
    Added(&'a T),
    Gone(&'a T),
    Changed(&'a T, Vec<(Label, String)>),
}

impl<T> Paired<'_, T> {
    fn said(&self, kind: &Kind<T>) -> Vec<Change> {
        let change = |entry: &T, label, text: &str| Change {
            label,
            subject: Subject::Entry,
            what: crate::file::one_line(&format!("{} {}", kind.table, (kind.identity)(entry))),
            text: text.to_owned(),
        };
        match self {
            Self::Added(entry) => vec![change(entry, kind.added, "is new")],
            Self::Gone(entry) => {
                let label = match kind.added {
                    Label::Weaker => Label::Stronger,
                    Label::Same => Label::Same,
                    Label::Stronger => Label::Weaker,
                };
                vec![change(entry, label, "is gone")]
            }
            Self::Changed(entry, differences) => {
                differences.iter().map(|(label, text)| change(entry, *label, text)).collect()
            }
        }
    }
}

/// Pairs the entries of each identity: first the equal ones, then the others in their order.
fn entries_of<'a, T>(before: &'a [T], now: &'a [T], kind: &Kind<T>) -> Vec<Paired<'a, T>> {
    let mut found = Vec::new();
    let identities: BTreeSet<String> = before.iter().chain(now).map(kind.identity).collect();
    for identity in identities {
        let of =
            |all: &'a [T]| all.iter().filter(|entry| (kind.identity)(entry) == identity).collect::<Vec<_>>();
        let (mut old, mut new) = (of(before), of(now));
        old.retain(|entry| {
            let equal = new.iter().position(|other| (kind.differences)(entry, other).is_empty());
            equal.map(|at| new.remove(at)).is_none()
        });
        let paired = old.len().min(new.len());
        found.extend(new.split_off(paired).into_iter().map(Paired::Added));
        found.extend(old.split_off(paired).into_iter().map(Paired::Gone));
        found.extend(old.into_iter().zip(new).map(|(old, new)| {
            let differences = (kind.differences)(old, new);
            Paired::Changed(new, differences)
        }));
    }
    found
}

fn entries<T>(found: &mut Vec<Change>, before: &[T], now: &[T], kind: &Kind<T>) {
    found.extend(entries_of(before, now, kind).iter().flat_map(|change| change.said(kind)));
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::policy::layers;

    fn policy(text: &str) -> Policy {
        match layers::parse(text, Path::new("/w/inert.toml")) {
            Ok(layer) => layer.lower(),
            Err(error) => panic!("{:?}", error.diagnostics),
        }
    }

    fn said(before: &str, now: &str) -> Vec<String> {
        let found = changes(&policy(before), &policy(now));
        found
            .iter()
            .map(|change| format!("{} {} {}", change.label.name(), change.what, change.text))
            .collect()
    }

    /// A difference in either direction is a change, and the opposite direction has the opposite label.
    #[test]
    fn every_setting_and_entry_counts() {
        let digest = format!("sha256:{}", "0".repeat(64));
        let cases = [
            ("[policy]\nmembers = \"deny\"", "weaker [policy] members was \"deny\", is \"allow\""),
            (
                "[policy]\nproc-macros = \"review\"",
                "weaker [policy] proc-macros was \"review\", is \"allow\"",
            ),
            ("[policy]\nderived = \"verified\"", "weaker [policy] derived was \"verified\", is \"accept\""),
            (
                &format!(
                    "[[verified]]\npackage = \"x\"\nversion = \"1.0.0\"\ndigest = \"{digest}\"\ncases = 2\nhost = \"h\""
                ),
                "stronger [[verified]] x 1.0.0 on h is gone",
            ),
            (
                "[policy]\nconfiguration = \"allow\"",
                "stronger [policy] configuration was \"allow\", is \"deny\"",
            ),
            (
                "[policy]\ndeny-build-scripts = \"all\"",
                "weaker [policy] deny-build-scripts was \"all\", is not set",
            ),
            (
                "[policy]\ndependencies = \"declared\"",
                "weaker [policy] deny-build-scripts was \"dependencies\", is not set",
            ),
            (
                "[policy]\ncapabilities = [\"cfg\", \"env\", \"file\", \"probe\", \"library\"]",
                "weaker [policy] capabilities gains cc",
            ),
            ("[[deny]]\npackage = \"x\"", "weaker [[deny]] x is gone"),
            ("[libraries]\nzlib = \"system\"", "weaker [libraries] zlib was \"system\", is not set"),
            (
                "[libraries]\nzlib = \"system-first\"",
                "same [libraries] zlib was \"system-first\", is not set",
            ),
            ("[library-kind]\nzlib = \"static\"", "same [library-kind] zlib was \"static\", is not set"),
            (
                "[target.x86_64-unknown-linux-gnu.libraries]\nzlib = \"source\"",
                "weaker [target.x86_64-unknown-linux-gnu.libraries] zlib was \"source\", is not set",
            ),
            ("[[declare]]\npackage = \"x\"\n[declare.declaration]\nschema = 1", "same [[declare]] x is gone"),
            (
                &format!(
                    "[[allow]]\npackage = \"x\"\nversion = \"1.0.0\"\nsource = \"path+./x\"\ndigest = \"{digest}\"\n\
                     reason = \"r\""
                ),
                "stronger [[allow]] x 1.0.0 (path+./x) is gone",
            ),
            ("[[compile]]\npackage = \"x\"\nenv = [\"A\"]", "stronger [[compile]] x is gone"),
            (
                &format!(
                    "[[configuration]]\npath = \".cargo/config.toml\"\ndigest = \"{digest}\"\nreason = \"r\""
                ),
                "stronger [[configuration]] /w/.cargo/config.toml is gone",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(said(text, ""), [expected], "{text}");
            assert_eq!(said(text, text), Vec::<String>::new(), "{text}");
            let back = &changes(&policy(""), &policy(text))[0];
            let opposite = match expected.split_once(' ') {
                Some(("weaker", _)) => Label::Stronger,
                Some(("stronger", _)) => Label::Weaker,
                _ => Label::Same,
            };
            assert_eq!(back.label, opposite, "{text}");
        }
    }

    #[test]
    fn an_entry_that_gains_something_is_weaker() {
        let entry = |more: &str| {
            format!(
                "[[allow]]\npackage = \"x\"\nversion = \"1.0.0\"\nsource = \"path+./x\"\ndigest = \"sha256:{}\"\nreason = \
                 \"r\"\n{more}",
                "0".repeat(64)
            )
        };
        let weaker = |more: &str, text: &str| {
            let expected = format!("[[allow]] x 1.0.0 (path+./x) {text}");
            assert!(said(&entry(""), &entry(more)).contains(&format!("weaker {expected}")), "{more}");
        };
        weaker("tools = [\"cmake\"]", "gains the right `tool cmake`");
        weaker("network = true\nnetwork-reason = \"r\"", "gains the right `network`");
        weaker("outputs = [\"any\"]", "may say anything to Cargo");
        weaker("outputs = [\"rustc-env=X=*\"]", "gains the output `rustc-env=X=*`");
        assert_eq!(
            said(&entry("expires = 2027-01-01"), &entry("")),
            ["weaker [[allow]] x 1.0.0 (path+./x) held until 2027-01-01, holds for ever"]
        );
        assert_eq!(
            said(&entry("run = \"wasm\""), &entry("")),
            ["weaker [[allow]] x 1.0.0 (path+./x) run was wasm, is native"]
        );
        let rules = "[policy]\ncapabilities = [\"cfg\"]\n";
        let declare = format!(
            "{rules}[[declare]]\npackage = \"x\"\n[declare.declaration]\nschema = 1\nrustc-env = {{ A = \"1\" }}"
        );
        assert_eq!(said(rules, &declare), ["weaker [[declare]] x is new"]);
    }
}
