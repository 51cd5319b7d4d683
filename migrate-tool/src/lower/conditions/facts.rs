//! Writes sets of an input's values as conditions.

use inert_manifest_spec::Condition;
use inert_manifest_spec::condition::{Channel, Comparison, Fact, Operator, Version};

use super::{Input, Writer, all, any, not};
use crate::logic::Domain;
use crate::logic::inputs::{Group, OPT_LEVELS, PATCHES, PROFILES};
use crate::lower::target_sets;

impl Writer<'_> {
    /// Returns the condition that an input has one of the marked values; `None` if the schema cannot express it.
    pub(super) fn members(&mut self, input: &Input, members: &[bool]) -> Option<Condition> {
        if members.iter().all(|member| *member) {
            return Some(Condition::Constant(true));
        }
        Some(match input {
            Input::Version => {
                ranges(members, |index| version((index / PATCHES) as u64, (index % PATCHES) as u64))
            }
            Input::Group(Group::Fact(bit)) => {
                let fact = Condition::Fact(self.inputs.fact_of(*bit)?.clone());
                if members[1] { fact } else { not(fact) }
            }
            Input::Group(Group::Env(name)) => self.env_members(name, members),
            Input::Group(Group::Domain(domain)) => match domain {
                Domain::Minor => ranges(members, |minor| version(minor as u64, 0)),
                // The schema has no condition on a patch number alone, only together with the minor.
                Domain::Patch => return None,
                Domain::Channel => {
                    let channels = [Channel::Stable, Channel::Beta, Channel::Nightly, Channel::Dev];
                    one_of(members, |index| Fact::Channel(channels[index]))
                }
                Domain::Profile => one_of(members, |index| Fact::Profile(PROFILES[index].into())),
                Domain::OptLevel => one_of(members, |index| Fact::OptLevel(OPT_LEVELS[index].into())),
                Domain::Target | Domain::Host => {
                    let key = (*domain, members.to_vec());
                    if let Some(known) = self.sets.get(&key) {
                        return Some(known.clone());
                    }
                    let condition = target_sets::describe(members, *domain == Domain::Host, &self.globs);
                    self.sets.insert(key, condition.clone());
                    condition
                }
            },
        })
    }

    fn env_members(&self, name: &str, members: &[bool]) -> Condition {
        let values = self.inputs.env_values(name);
        let is =
            |value: &str| Condition::Fact(Fact::Env { name: name.to_owned(), value: Some(value.to_owned()) });
        let set = Condition::Fact(Fact::Env { name: name.to_owned(), value: None });
        let other = *members.last().unwrap_or(&false);
        if members[0] {
            let inverted: Vec<bool> = members.iter().map(|member| !member).collect();
            return not(self.env_members(name, &inverted));
        }
        let named = |wanted: bool| -> Vec<Condition> {
            values
                .iter()
                .enumerate()
                .filter(|(at, _)| members[at + 1] == wanted)
                .map(|(_, value)| is(value))
                .collect()
        };
        if other {
            let excluded = named(false);
            if excluded.is_empty() { set } else { all(vec![set, not(any(excluded))]) }
        } else {
            any(named(true))
        }
    }
}

fn version(minor: u64, patch: u64) -> Version {
    Version { major: 1, minor, patch }
}

/// Returns the marked versions of a sorted list as ranges; the last entry represents all later versions.
fn ranges(members: &[bool], version: impl Fn(usize) -> Version) -> Condition {
    let compare =
        |operator, at: usize| Condition::Fact(Fact::Rustc(Comparison { operator, value: version(at) }));
    let mut parts = Vec::new();
    let mut at = 0;
    while at < members.len() {
        if !members[at] {
            at += 1;
            continue;
        }
        let start = at;
        while at < members.len() && members[at] {
            at += 1;
        }
        let mut bounds = Vec::new();
        if start > 0 {
            bounds.push(compare(Operator::GreaterEqual, start));
        }
        if at < members.len() {
            bounds.push(compare(Operator::Less, at));
        }
        parts.push(all(bounds));
    }
    any(parts)
}

fn one_of(members: &[bool], fact: impl Fn(usize) -> Fact) -> Condition {
    let chosen = members.iter().filter(|member| **member).count();
    if chosen * 2 > members.len() {
        let out = (0..members.len()).filter(|at| !members[*at]).map(|at| Condition::Fact(fact(at))).collect();
        return not(any(out));
    }
    any((0..members.len()).filter(|at| members[*at]).map(|at| Condition::Fact(fact(at))).collect())
}
