//! The inputs of a build that a script may ask about, encoded as bits of the decision diagrams.
//!
//! A fact with two answers is one bit. An input with few answers ([`Domain`]) is a binary code; the codes past the last
//! answer mean the last one too, so that every assignment of bits is a possible build. A variable of the environment is
//! a chain of bits: whether it is set, then whether it equals the first value that the script mentions, else the
//! second, and so on.

use std::collections::{BTreeMap, HashMap};

use inert_manifest_spec::Fact;
use inert_manifest_spec::condition::{Comparison, Operator};

use super::bdd::{Bit, Diagrams, Guard};
use super::targets;

/// An input with a fixed list of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Domain {
    /// The target, as an index into [`targets::all`].
    Target,
    /// rustc's minor version number; the last answer represents all later ones too.
    Minor,
    /// rustc's channel: `stable`, `beta`, `nightly`, `dev`.
    Channel,
    /// rustc's patch version number; the last answer represents all later ones too.
    Patch,
    /// Cargo's `PROFILE`, an index into `PROFILES`.
    Profile,
    /// Cargo's `OPT_LEVEL`, an index into `OPT_LEVELS`.
    OptLevel,
    /// The host, as an index into [`targets::all`].
    Host,
}

/// The number of rustc minors that are told apart: 1.0 to 1.158, and all later ones together.
pub(crate) const MINORS: usize = 160;
/// The number of rustc patch numbers that are told apart.
pub(crate) const PATCHES: usize = 4;
/// The answers of [`Domain::OptLevel`].
pub(crate) const OPT_LEVELS: [&str; 6] = ["0", "1", "2", "3", "s", "z"];
/// The answers of [`Domain::Profile`].
pub(crate) const PROFILES: [&str; 2] = ["debug", "release"];

impl Domain {
    /// All domains, in the order of their bits.
    pub(crate) const ALL: [Self; 7] =
        [Self::Target, Self::Minor, Self::Channel, Self::Patch, Self::Profile, Self::OptLevel, Self::Host];

    /// Returns the number of answers.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::Target | Self::Host => targets::all().len(),
            Self::Minor => MINORS,
            Self::Channel => 4,
            Self::Patch => PATCHES,
            Self::Profile => PROFILES.len(),
            Self::OptLevel => OPT_LEVELS.len(),
        }
    }

    fn bits(self) -> u32 {
        usize::BITS - (self.size() - 1).leading_zeros()
    }

    fn first_bit(self) -> Bit {
        Self::ALL.iter().take_while(|domain| **domain != self).map(|domain| domain.bits()).sum()
    }

    /// Returns the bits that encode an answer, sorted by bit.
    pub(crate) fn code(self, index: usize) -> Vec<(Bit, bool)> {
        let (first, count) = (self.first_bit(), self.bits());
        (0..count).map(|at| (first + at, index >> (count - 1 - at) & 1 == 1)).collect()
    }
}

/// The meaning of a bit behind those of the domains.
#[derive(Debug, Clone)]
pub(crate) enum Single {
    /// A fact with two answers.
    Fact(Fact),
    /// A link of a variable's chain: the first says "set", each further one "equals the next value, and none before".
    Env { name: String },
}

/// An input as lowering sees it: a list of answers, each of which is a partial assignment of bits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Group {
    /// An input with a fixed list of answers.
    Domain(Domain),
    /// A variable of the environment. Its answers: not set, each mentioned value, any other value.
    Env(String),
    /// A fact. Its answers: no, yes.
    Fact(Bit),
}

/// All inputs that a script has mentioned, and the diagrams over them.
#[derive(Debug)]
pub(crate) struct Inputs {
    pub(crate) diagrams: Diagrams,
    singles: Vec<Single>,
    facts: HashMap<Fact, Bit>,
    envs: BTreeMap<String, EnvChain>,
    sets: HashMap<(Domain, Vec<bool>), Guard>,
    first_single: Bit,
    /// The first bit of the input that a bit belongs to, by bit.
    first_of: Vec<Bit>,
}

#[derive(Debug, Default)]
struct EnvChain {
    bits: Vec<Bit>,
    values: Vec<String>,
}

impl Inputs {
    /// Returns inputs of which no fact is mentioned yet, with at most `limit` diagram nodes and a deadline.
    pub(crate) fn new(limit: usize, deadline: std::time::Instant) -> Self {
        let first_single = Domain::ALL.iter().map(|domain| domain.bits()).sum();
        Self {
            diagrams: Diagrams::new(limit, deadline),
            singles: Vec::new(),
            facts: HashMap::new(),
            envs: BTreeMap::new(),
            sets: HashMap::new(),
            first_single,
            first_of: Domain::ALL
                .iter()
                .flat_map(|domain| (0..domain.bits()).map(|_| domain.first_bit()))
                .collect(),
        }
    }

    fn new_bit(&mut self, single: Single) -> Bit {
        let bit = self.first_single + Bit::try_from(self.singles.len()).unwrap_or(0);
        let first = match &single {
            Single::Fact(_) => bit,
            Single::Env { name } => self.envs.get(name).map_or(bit, |chain| chain.bits[0]),
        };
        self.first_of.push(first);
        self.singles.push(single);
        bit
    }

    /// Returns where a fact with two answers holds.
    pub(crate) fn fact(&mut self, fact: Fact) -> Guard {
        let bit = match self.facts.get(&fact) {
            Some(bit) => *bit,
            None => {
                let bit = self.new_bit(Single::Fact(fact.clone()));
                self.facts.insert(fact, bit);
                bit
            }
        };
        self.diagrams.bit(bit)
    }

    /// Returns where a domain's answer is among those that `is_in` accepts.
    pub(crate) fn domain(&mut self, domain: Domain, is_in: &dyn Fn(usize) -> bool) -> Guard {
        let members: Vec<bool> = (0..domain.size()).map(is_in).collect();
        if let Some(found) = self.sets.get(&(domain, members.clone())) {
            return *found;
        }
        let guard = self.build(domain, &members, 0, 0);
        self.sets.insert((domain, members), guard);
        guard
    }

    fn build(&mut self, domain: Domain, members: &[bool], depth: u32, prefix: usize) -> Guard {
        let left = domain.bits() - depth;
        let last = members.len() - 1;
        let start = (prefix << left).min(last);
        let end = ((prefix + 1) << left).min(members.len()).max(start + 1);
        let slice = &members[start..end];
        if slice.iter().all(|member| *member == slice[0]) {
            return if slice[0] { Guard::TRUE } else { Guard::FALSE };
        }
        let low = self.build(domain, members, depth + 1, prefix << 1);
        let high = self.build(domain, members, depth + 1, prefix << 1 | 1);
        let bit = self.diagrams.bit(domain.first_bit() + depth);
        self.diagrams.ite(bit, high, low)
    }

    /// Returns where the variable is set.
    pub(crate) fn env_set(&mut self, name: &str) -> Guard {
        let bit = match self.envs.get(name) {
            Some(chain) => chain.bits[0],
            None => {
                let bit = self.new_bit(Single::Env { name: name.to_owned() });
                self.envs.insert(name.to_owned(), EnvChain { bits: vec![bit], values: Vec::new() });
                bit
            }
        };
        self.diagrams.bit(bit)
    }

    /// Returns where the variable is set to exactly `value`.
    pub(crate) fn env_is(&mut self, name: &str, value: &str) -> Guard {
        let mut guard = self.env_set(name);
        let position =
            self.envs.get(name).and_then(|chain| chain.values.iter().position(|known| known == value));
        let position = match position {
            Some(position) => position,
            None => {
                let index = self.envs.get(name).map_or(0, |chain| chain.values.len());
                let bit = self.new_bit(Single::Env { name: name.to_owned() });
                if let Some(chain) = self.envs.get_mut(name) {
                    chain.bits.push(bit);
                    chain.values.push(value.to_owned());
                }
                index
            }
        };
        let bits: Vec<Bit> = self.envs.get(name).map_or_else(Vec::new, |chain| chain.bits[1..].to_vec());
        for (index, bit) in bits.into_iter().enumerate().take(position + 1) {
            let equal = self.diagrams.bit(bit);
            guard = if index == position {
                self.diagrams.and(guard, equal)
            } else {
                self.diagrams.minus(guard, equal)
            };
        }
        guard
    }

    /// Returns the input that a bit belongs to.
    pub(crate) fn group(&self, bit: Bit) -> Group {
        if bit < self.first_single {
            let domain = Domain::ALL.into_iter().rev().find(|domain| bit >= domain.first_bit());
            return Group::Domain(domain.unwrap_or(Domain::Target));
        }
        match &self.singles[(bit - self.first_single) as usize] {
            Single::Fact(_) => Group::Fact(bit),
            Single::Env { name, .. } => Group::Env(name.clone()),
        }
    }

    /// Returns the fact of a [`Group::Fact`].
    pub(crate) fn fact_of(&self, bit: Bit) -> Option<&Fact> {
        match self.singles.get(bit.checked_sub(self.first_single)? as usize)? {
            Single::Fact(fact) => Some(fact),
            Single::Env { .. } => None,
        }
    }

    /// Returns the values that the script compares a variable with, in the order of its chain.
    pub(crate) fn env_values(&self, name: &str) -> &[String] {
        self.envs.get(name).map_or(&[], |chain| &chain.values)
    }

    /// Returns the names of all mentioned variables.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn env_names(&self) -> Vec<String> {
        self.envs.keys().cloned().collect()
    }

    /// Returns all mentioned facts.
    pub(crate) fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.singles.iter().filter_map(|single| match single {
            Single::Fact(fact) => Some(fact),
            Single::Env { .. } => None,
        })
    }

    /// Returns the fact that rustc knows the commit that it was built from: its commit date is a date at all.
    pub(crate) fn has_commit() -> Fact {
        let (operator, value) = (Operator::GreaterEqual, "2000-01-01".to_owned());
        Fact::RustcCommitDate(Comparison { operator, value })
    }

    /// Returns whether a fact follows from other facts, so that a condition with those need not name it.
    pub(crate) fn is_implied(fact: &Fact) -> bool {
        *fact == Self::has_commit() || matches!(fact, Fact::TargetOption(name) if name == "target_feature")
    }

    /// Returns where the facts do not contradict one another: `target_feature = "…"` implies that the key is set, a
    /// later date or version implies an earlier one, and a host is a system that compilers run on.
    pub(crate) fn consistent(&mut self) -> Guard {
        let facts: Vec<Fact> = self.facts().cloned().collect();
        let mut whole = Guard::TRUE;
        if self.sets.keys().any(|(domain, _)| *domain == Domain::Host) {
            whole = self.domain(Domain::Host, &|at| targets::all()[at].may_be_host());
        }
        for fact in facts.iter().cloned() {
            let other = match &fact {
                Fact::TargetKey { key, .. } if key == "target_feature" => Fact::TargetOption(key.clone()),
                Fact::RustcCommitDate(_) => Self::has_commit(),
                _ => continue,
            };
            if other == fact || !facts.contains(&other) {
                continue;
            }
            let (fact, other) = (self.fact(fact), self.fact(other));
            let follows = self.diagrams.ite(fact, other, Guard::TRUE);
            whole = self.and(whole, follows);
        }
        // A date or version that is at least the later one is at least the earlier one too.
        let mut dates: Vec<(String, Fact)> = Vec::new();
        let mut versions: Vec<((u64, u64, u64), Fact)> = Vec::new();
        for fact in facts {
            match &fact {
                Fact::RustcCommitDate(test) if test.operator == Operator::GreaterEqual => {
                    dates.push((test.value.clone(), fact));
                }
                Fact::Llvm(test) if test.operator == Operator::GreaterEqual => {
                    versions.push(((test.value.major, test.value.minor, test.value.patch), fact));
                }
                _ => {}
            }
        }
        dates.sort();
        versions.sort();
        let in_order = [
            dates.into_iter().map(|(_, fact)| fact).collect::<Vec<_>>(),
            versions.into_iter().map(|(_, fact)| fact).collect(),
        ];
        for pair in in_order.iter().flat_map(|facts| facts.windows(2)) {
            let (earlier, later) = (self.fact(pair[0].clone()), self.fact(pair[1].clone()));
            let follows = self.diagrams.ite(later, earlier, Guard::TRUE);
            whole = self.and(whole, follows);
        }
        whole
    }

    /// Returns the bits of each answer of a group, sorted by bit.
    pub(crate) fn codes(&self, group: &Group) -> Vec<Vec<(Bit, bool)>> {
        match group {
            Group::Fact(bit) => vec![vec![(*bit, false)], vec![(*bit, true)]],
            Group::Domain(domain) => (0..domain.size()).map(|index| domain.code(index)).collect(),
            Group::Env(name) => {
                let Some(chain) = self.envs.get(name) else { return Vec::new() };
                let mut codes = vec![vec![(chain.bits[0], false)]];
                for last in 1..=chain.bits.len() {
                    let mut code = vec![(chain.bits[0], true)];
                    code.extend(chain.bits[1..last].iter().map(|bit| (*bit, false)));
                    if let Some(bit) = chain.bits.get(last) {
                        code.push((*bit, true));
                    }
                    code.sort_unstable();
                    codes.push(code);
                }
                codes
            }
        }
    }

    /// Returns the groups that a function depends on.
    pub(crate) fn support(&mut self, guard: Guard) -> Vec<Group> {
        let bits = self.diagrams.support(guard);
        let groups: std::collections::BTreeSet<Group> = bits.into_iter().map(|bit| self.group(bit)).collect();
        groups.into_iter().collect()
    }

    /// Returns the number of inputs that a function depends on. rustc's minor and patch numbers count as one if the
    /// patch number matters.
    pub(crate) fn count_of(&mut self, guard: Guard) -> usize {
        let mut firsts: Vec<Bit> = self.diagrams.support(guard);
        let (minor, patch) = (Domain::Minor.first_bit(), Domain::Patch.first_bit());
        let patched = firsts.iter().any(|bit| (patch..patch + Domain::Patch.bits()).contains(bit));
        for bit in &mut firsts {
            *bit = self.first_of[*bit as usize];
            if patched && *bit == patch {
                *bit = minor;
            }
        }
        firsts.sort_unstable();
        firsts.dedup();
        firsts.len()
    }

    /// Returns where both guards hold.
    pub(crate) fn and(&mut self, a: Guard, b: Guard) -> Guard {
        self.diagrams.and(a, b)
    }

    /// Returns where at least one of the guards holds.
    pub(crate) fn or(&mut self, a: Guard, b: Guard) -> Guard {
        self.diagrams.or(a, b)
    }

    /// Returns where the guard does not hold.
    pub(crate) fn not(&mut self, a: Guard) -> Guard {
        self.diagrams.not(a)
    }

    /// Returns where `a` holds and `b` does not.
    pub(crate) fn minus(&mut self, a: Guard, b: Guard) -> Guard {
        self.diagrams.minus(a, b)
    }
}
