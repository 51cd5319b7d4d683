//! What a script may ask about a build, as bits of the decision diagrams.
//!
//! Facts with two answers are one bit each. Facts with few answers ([`Domain`]) are written in binary, codes past the
//! last meaning the last, so that every assignment of bits is a possible build. A variable of the environment is a
//! chain: set or not, then equal to the first value that the script mentions, else to the second, …

use std::collections::{BTreeMap, HashMap};

use inert_manifest_spec::Fact;
use inert_manifest_spec::condition::{Comparison, Operator};

use super::bdd::{Bit, Diagrams, Guard};
use super::targets;

/// An input with a fixed list of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Domain {
    /// Index into [`targets::all`].
    Target,
    /// rustc's second number; the last stands for all that follow.
    Minor,
    /// `stable`, `beta`, `nightly`, `dev`.
    Channel,
    /// rustc's third number; the last stands for all that follow.
    Patch,
    /// Cargo's `PROFILE`: `debug`, `release`.
    Profile,
    /// Cargo's `OPT_LEVEL`.
    OptLevel,
    /// Index into [`targets::all`].
    Host,
}

/// rustc minors told apart: 1.0 to 1.158, and whatever follows.
pub(crate) const MINORS: usize = 160;
/// rustc patch numbers told apart.
pub(crate) const PATCHES: usize = 4;
/// Answers of [`Domain::OptLevel`].
pub(crate) const OPT_LEVELS: [&str; 6] = ["0", "1", "2", "3", "s", "z"];
/// Answers of [`Domain::Profile`].
pub(crate) const PROFILES: [&str; 2] = ["debug", "release"];

impl Domain {
    /// All of them, in the order of their bits.
    pub(crate) const ALL: [Self; 7] =
        [Self::Target, Self::Minor, Self::Channel, Self::Patch, Self::Profile, Self::OptLevel, Self::Host];

    /// How many answers there are.
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

    /// The bits of this answer, sorted by bit.
    pub(crate) fn code(self, index: usize) -> Vec<(Bit, bool)> {
        let (first, count) = (self.first_bit(), self.bits());
        (0..count).map(|at| (first + at, index >> (count - 1 - at) & 1 == 1)).collect()
    }
}

/// What a bit past the domains stands for.
#[derive(Debug, Clone)]
pub(crate) enum Single {
    /// A fact with two answers.
    Fact(Fact),
    /// A link of the chain of a variable: first "set", then "equals the next value, and none before".
    Env { name: String },
}

/// An input as lowering sees it: a list of answers, each a partial assignment of bits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Group {
    /// One with a fixed list of answers.
    Domain(Domain),
    /// A variable: absent, each mentioned value, any other.
    Env(String),
    /// No and yes.
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
    /// Of each bit, the first of its input's.
    first_of: Vec<Bit>,
}

#[derive(Debug, Default)]
struct EnvChain {
    bits: Vec<Bit>,
    values: Vec<String>,
}

impl Inputs {
    /// No facts mentioned yet; at most `limit` diagram nodes, and nothing after the deadline.
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

    /// Where a two-valued fact holds.
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

    /// Where a domain's answer is among those that `is_in` accepts.
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

    /// Where the variable is set.
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

    /// Where the variable is set to exactly `value`.
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

    /// The input that a bit belongs to.
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

    /// The fact of a [`Group::Fact`].
    pub(crate) fn fact_of(&self, bit: Bit) -> Option<&Fact> {
        match self.singles.get(bit.checked_sub(self.first_single)? as usize)? {
            Single::Fact(fact) => Some(fact),
            Single::Env { .. } => None,
        }
    }

    /// The values of a variable that the script compares with, in the order of its chain.
    pub(crate) fn env_values(&self, name: &str) -> &[String] {
        self.envs.get(name).map_or(&[], |chain| &chain.values)
    }

    /// Every variable mentioned.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn env_names(&self) -> Vec<String> {
        self.envs.keys().cloned().collect()
    }

    /// All facts mentioned.
    pub(crate) fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.singles.iter().filter_map(|single| match single {
            Single::Fact(fact) => Some(fact),
            Single::Env { .. } => None,
        })
    }

    /// That rustc knows its commit: it has a date, whichever.
    pub(crate) fn has_commit() -> Fact {
        let (operator, value) = (Operator::GreaterEqual, "2000-01-01".to_owned());
        Fact::RustcCommitDate(Comparison { operator, value })
    }

    /// Whether other facts say that this one holds.
    pub(crate) fn is_implied(fact: &Fact) -> bool {
        *fact == Self::has_commit() || matches!(fact, Fact::TargetOption(name) if name == "target_feature")
    }

    /// What always holds, whatever the build: some facts follow from others.
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
        // What is at least the later is at least the earlier.
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

    /// How many answers a group has, and the bits of each, sorted.
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

    /// The groups that a function depends on.
    pub(crate) fn support(&mut self, guard: Guard) -> Vec<Group> {
        let bits = self.diagrams.support(guard);
        let groups: std::collections::BTreeSet<Group> = bits.into_iter().map(|bit| self.group(bit)).collect();
        groups.into_iter().collect()
    }

    /// How many inputs a function depends on; rustc's minor and patch numbers together are one.
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

    /// Both hold.
    pub(crate) fn and(&mut self, a: Guard, b: Guard) -> Guard {
        self.diagrams.and(a, b)
    }

    /// One of them holds.
    pub(crate) fn or(&mut self, a: Guard, b: Guard) -> Guard {
        self.diagrams.or(a, b)
    }

    /// It does not hold.
    pub(crate) fn not(&mut self, a: Guard) -> Guard {
        self.diagrams.not(a)
    }

    /// `a` holds and `b` does not.
    pub(crate) fn minus(&mut self, a: Guard, b: Guard) -> Guard {
        self.diagrams.minus(a, b)
    }
}
