//! The rules of a policy for all packages, without its entries, as `inert.lock` records them.

use std::collections::{BTreeMap, BTreeSet};

use inert_manifest_spec::Capability;

use super::change::{Change, Label, Subject};
use super::choice::Choice;
use super::model::{ConfineRustc, Derived, Members, Outer, Policy, ProcMacros, TreeConfiguration, Undecided};
use crate::cargo::invocation::DenyBuildScripts;

/// The rules for all packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    deny: DenyBuildScripts,
    members: Members,
    configuration: TreeConfiguration,
    undecided: Undecided,
    derived: Derived,
    proc_macros: ProcMacros,
    rustc: ConfineRustc,
    outer: Outer,
    /// The capabilities that a declaration may have without a `[[review]]` entry.
    pub capabilities: BTreeSet<Capability>,
}

const DENY: &str = "deny-build-scripts";
const MEMBERS: &str = "members";
const CONFIGURATION: &str = "configuration";
const UNDECIDED: &str = "undecided";
const DERIVED: &str = "derived";
const PROC_MACROS: &str = "proc-macros";
const RUSTC: &str = "sandbox-rustc";
const OUTER: &str = "sandbox-outer";
const CAPABILITIES: &str = "capabilities";

impl Rules {
    /// Returns the rules of a policy.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        Self {
            deny: policy.deny,
            members: policy.members,
            configuration: policy.configuration,
            undecided: policy.undecided,
            derived: policy.derived,
            proc_macros: policy.proc_macros,
            rustc: policy.rustc,
            outer: policy.outer,
            capabilities: policy.capabilities.clone(),
        }
    }

    /// Returns the values of each rule by name, as `inert.lock` has them.
    #[must_use]
    pub fn words(&self) -> BTreeMap<&'static str, BTreeSet<String>> {
        let one = |word: &str| [word.to_owned()].into_iter().filter(|word| !word.is_empty()).collect();
        BTreeMap::from([
            (DENY, one(self.deny.word())),
            (MEMBERS, one(self.members.word())),
            (CONFIGURATION, one(self.configuration.word())),
            (UNDECIDED, one(self.undecided.word())),
            (DERIVED, one(self.derived.word())),
            (PROC_MACROS, one(self.proc_macros.word())),
            (RUSTC, one(self.rustc.word())),
            (OUTER, one(self.outer.word())),
            (CAPABILITIES, self.capabilities.iter().map(|name| name.name().to_owned()).collect()),
        ])
    }

    /// Returns the rules with these values.
    ///
    /// # Errors
    /// A rule or one of its values is unknown; the error is the rule's name. A rule that is missing has its default.
    pub fn read(words: &BTreeMap<String, BTreeSet<String>>) -> Result<Self, String> {
        fn one<T: Choice>(words: &BTreeSet<String>) -> Option<T> {
            words.iter().next().filter(|_| words.len() == 1).and_then(|word| T::named(word))
        }
        let mut rules = Self::of(&Policy::default());
        for (name, words) in words {
            let read = match name.as_str() {
                DENY => one(words).map(|value| rules.deny = value),
                MEMBERS => one(words).map(|value| rules.members = value),
                CONFIGURATION => one(words).map(|value| rules.configuration = value),
                UNDECIDED => one(words).map(|value| rules.undecided = value),
                DERIVED => one(words).map(|value| rules.derived = value),
                PROC_MACROS => one(words).map(|value| rules.proc_macros = value),
                RUSTC => one(words).map(|value| rules.rustc = value),
                OUTER => one(words).map(|value| rules.outer = value),
                CAPABILITIES => words
                    .iter()
                    .map(|name| name.parse().ok())
                    .collect::<Option<_>>()
                    .map(|names| rules.capabilities = names),
                _ => None,
            };
            read.ok_or_else(|| name.clone())?;
        }
        Ok(rules)
    }

    /// Returns the changes from these rules to others.
    #[must_use]
    pub fn changes(&self, now: &Self) -> Vec<Change> {
        // All fields are named, so that a new one must be handled here.
        let Self {
            deny,
            members,
            configuration,
            undecided,
            derived,
            proc_macros,
            rustc,
            outer,
            capabilities,
        } = self;
        let mut found = Vec::new();
        setting(&mut found, "[policy] deny-build-scripts", *deny, now.deny);
        setting(&mut found, "[policy] members", *members, now.members);
        setting(&mut found, "[policy] configuration", *configuration, now.configuration);
        setting(&mut found, "[policy] undecided", *undecided, now.undecided);
        setting(&mut found, "[policy] derived", *derived, now.derived);
        setting(&mut found, "[policy] proc-macros", *proc_macros, now.proc_macros);
        setting(&mut found, "[sandbox] rustc", *rustc, now.rustc);
        setting(&mut found, "[sandbox] outer", *outer, now.outer);
        let names =
            |some: Vec<&Capability>| some.iter().map(|name| name.name()).collect::<Vec<_>>().join(" ");
        let gained = names(now.capabilities.difference(capabilities).collect());
        let lost = names(capabilities.difference(&now.capabilities).collect());
        for (label, verb, names) in [(Label::Weaker, "gains", gained), (Label::Stronger, "loses", lost)] {
            if !names.is_empty() {
                found.push(Change {
                    label,
                    subject: Subject::Setting,
                    what: "[policy] capabilities".to_owned(),
                    text: format!("{verb} {names}"),
                });
            }
        }
        found
    }
}

/// Adds the change of a setting whose values are ordered by strictness, if it changed.
pub(super) fn setting<T: Choice + Ord>(found: &mut Vec<Change>, name: &str, before: T, now: T) {
    if before == now {
        return;
    }
    let word = |value: T| match value.word() {
        "" => "not set".to_owned(),
        word => format!("\"{word}\""),
    };
    found.push(Change {
        label: Label::of_order(&before, &now),
        subject: Subject::Setting,
        what: name.to_owned(),
        text: format!("was {}, is {}", word(before), word(now)),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let rules = Rules {
            deny: DenyBuildScripts::All,
            members: Members::Checked,
            configuration: TreeConfiguration::Allow,
            undecided: Undecided::Confine,
            derived: Derived::Verified,
            proc_macros: ProcMacros::Review,
            rustc: ConfineRustc::Confine,
            outer: Outer::On,
            capabilities: BTreeSet::new(),
        };
        for rules in [rules, Rules::of(&Policy::default())] {
            let words = rules.words().into_iter();
            let words: BTreeMap<_, _> =
                words.filter(|(name, words)| *name == CAPABILITIES || !words.is_empty()).collect();
            let owned = words.into_iter().map(|(name, words)| (name.to_owned(), words)).collect();
            assert_eq!(Rules::read(&owned).unwrap(), rules);
        }
        let unknown = BTreeMap::from([("members".to_owned(), BTreeSet::from(["x".to_owned()]))]);
        assert_eq!(Rules::read(&unknown).unwrap_err(), "members");
    }
}
