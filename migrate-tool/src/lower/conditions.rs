//! Writes decision diagrams as conditions that read as if a person had written them.

use std::collections::HashMap;
use std::rc::Rc;

use inert_manifest_spec::Condition;

mod facts;
mod join;

use crate::logic::inputs::{Group, PATCHES};
use crate::logic::supports::BitSet;
use crate::logic::table::Table;
use crate::logic::{Bit, Domain, Guard, Inputs};
pub(super) use join::{all, any, not, size};

/// An input as a reader of the condition sees it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Input {
    Group(Group),
    /// rustc's minor and patch version numbers together.
    Version,
}

/// Writes conditions, and caches those that it wrote.
pub(super) struct Writer<'i> {
    pub(super) inputs: &'i mut Inputs,
    globs: Vec<String>,
    /// The conditions that were written, with their sizes as [`size`] counts.
    memo: Table<Guard, (Condition, usize)>,
    /// The guards for which no condition within a budget was found, with the largest such budget.
    failed: Table<Guard, usize>,
    sets: HashMap<(Domain, Vec<bool>), Condition>,
    /// The inputs that guards depend on and the answers of inputs, cached because they are needed again and again.
    supports: Table<BitSet, Rc<[Input]>>,
    counts: Table<BitSet, usize>,
    codes: HashMap<Input, Codes>,
    steps: usize,
    /// The count of visited nodes at the beginning of the current condition.
    begun_at: u64,
}

/// The cofactors of a function by an input, each with the set of the input's values that lead to it.
type Classes = Vec<(Guard, Vec<bool>)>;

/// The bits of each answer of an input.
type Codes = Rc<[Vec<(Bit, bool)>]>;

/// The minimum size of a condition that names an input, as [`size`] counts.
const WORD: usize = 2;
/// The number of decompositions after which a condition is given up. Over a thousand published scripts, the longest
/// condition that could be written took 1,600 of them.
const MAX_STEPS: usize = 3_000;
/// The number of visited nodes after which a condition is given up; the longest one took 1.7 million.
const MAX_LOOKED_AT: u64 = 2_500_000;
/// The number of visited nodes, over all conditions of a script, after which the remaining conditions are given up.
const MAX_LOOKED_AT_IN_ALL: u64 = 30_000_000;

/// The number of inputs up to which a part is written in every possible way, to choose the shortest.
const SMALL: usize = 6;
/// The number of inputs above which short cuts are tried before the inputs one after the other.
const LARGE: usize = 12;

impl<'i> Writer<'i> {
    pub(super) fn new(inputs: &'i mut Inputs, globs: Vec<String>) -> Self {
        Self {
            inputs,
            globs,
            memo: Table::default(),
            failed: Table::default(),
            sets: HashMap::new(),
            supports: Table::default(),
            counts: Table::default(),
            codes: HashMap::new(),
            steps: 0,
            begun_at: 0,
        }
    }

    /// Returns a condition that equals the guard wherever `care` holds, no longer than `MAX_CONDITION`; `None` where it
    /// is too complex.
    pub(super) fn condition(&mut self, guard: Guard, care: Guard) -> Option<Condition> {
        let cared = self.inputs.and(guard, care);
        if cared.is_false() {
            return Some(Condition::Constant(false));
        }
        if self.inputs.diagrams.implies(care, guard) {
            return Some(Condition::Constant(true));
        }
        // The care set is first reduced to the guard's own inputs: the others usually make the condition longer.
        let own = self.inputs.diagrams.support(guard);
        let others: Vec<Bit> =
            self.inputs.diagrams.support(care).into_iter().filter(|bit| !own.contains(bit)).collect();
        let near = self.inputs.diagrams.exists(care, &others);
        let restricted = self.inputs.diagrams.restrict(guard, near);
        let restricted = self.without_implied(restricted, care);
        let within = self.inputs.and(guard, near);
        let mut best: Option<(usize, Condition)> = None;
        let mut tried = Vec::new();
        let mut fewest = usize::MAX;
        for candidate in [restricted, guard, within, cared] {
            // A candidate with more inputs than those that are written already is seldom shorter, and takes long if it
            // is large.
            let inputs = self.count(candidate);
            if tried.contains(&candidate) || best.is_some() && inputs > fewest.max(LARGE) {
                continue;
            }
            tried.push(candidate);
            self.steps = 0;
            self.begun_at = self.inputs.diagrams.looked_at;
            // A further candidate must be shorter to be chosen.
            let budget = best.as_ref().map_or(super::MAX_CONDITION, |(known, _)| known.saturating_sub(1));
            if let Some(condition) = self.write(candidate, budget) {
                fewest = fewest.min(inputs);
                best = Some((size(&condition), condition));
            }
        }
        best.map(|(_, condition)| condition)
    }

    /// Removes facts that follow from other facts, where this changes nothing within `care`.
    fn without_implied(&mut self, guard: Guard, care: Guard) -> Guard {
        let mut guard = guard;
        for bit in self.inputs.diagrams.support(guard) {
            if !self.inputs.fact_of(bit).is_some_and(Inputs::is_implied) {
                continue;
            }
            for value in [true, false] {
                let less = self.inputs.diagrams.cofactor(guard, &[(bit, value)]);
                let differs = self.inputs.diagrams.ite(less, Guard::TRUE, guard);
                let both = self.inputs.and(less, guard);
                let differs = self.inputs.minus(differs, both);
                if self.inputs.and(differs, care).is_false() {
                    guard = less;
                    break;
                }
            }
        }
        guard
    }

    /// Returns whether writing takes longer than a condition is worth, so that no script can make it take for ever.
    fn is_too_long(&self) -> bool {
        let looked_at = self.inputs.diagrams.looked_at;
        looked_at - self.begun_at > MAX_LOOKED_AT || looked_at > MAX_LOOKED_AT_IN_ALL
    }

    fn codes(&mut self, input: &Input) -> Codes {
        if let Some(known) = self.codes.get(input) {
            return Rc::clone(known);
        }
        let codes: Codes = match input {
            Input::Group(group) => self.inputs.codes(group).into(),
            Input::Version => (0..Domain::Minor.size())
                .flat_map(|minor| (0..PATCHES).map(move |patch| (minor, patch)))
                .map(|(minor, patch)| {
                    let mut code = Domain::Minor.code(minor);
                    code.extend(Domain::Patch.code(patch));
                    code.sort_unstable();
                    code
                })
                .collect(),
        };
        self.codes.insert(input.clone(), Rc::clone(&codes));
        codes
    }

    fn support(&mut self, guard: Guard) -> Rc<[Input]> {
        let set = self.inputs.diagrams.support_set(guard);
        if let Some(known) = self.supports.get(&set) {
            return Rc::clone(known);
        }
        let groups = self.inputs.support(guard);
        let patched = groups.contains(&Group::Domain(Domain::Patch));
        let mut out: Vec<Input> = Vec::new();
        for group in groups {
            let input = match group {
                Group::Domain(Domain::Minor | Domain::Patch) if patched => Input::Version,
                group => Input::Group(group),
            };
            // The groups are sorted without duplicates; only `Version` can occur twice, since it merges two groups.
            if input != Input::Version || !out.contains(&input) {
                out.push(input);
            }
        }
        let out: Rc<[Input]> = out.into();
        self.supports.insert(set, Rc::clone(&out));
        out
    }

    /// Returns the number of inputs that the function depends on.
    fn count(&mut self, guard: Guard) -> usize {
        let set = self.inputs.diagrams.support_set(guard);
        if let Some(known) = self.counts.get(&set) {
            return *known;
        }
        let count = self.inputs.count_of(guard);
        self.counts.insert(set, count);
        count
    }

    /// Groups the values of an input by the cofactor of the function there.
    fn classes(&mut self, guard: Guard, input: &Input) -> Classes {
        let codes = self.codes(input);
        let mut found = Vec::new();
        self.split(guard, &codes, (0..codes.len()).collect(), 0, &mut found);
        found.sort_unstable_by_key(|(_, index)| *index);
        let mut classes: Classes = Vec::new();
        for (rest, index) in found {
            match classes.iter_mut().find(|(known, _)| *known == rest) {
                Some((_, members)) => members[index] = true,
                None => {
                    let mut members = vec![false; codes.len()];
                    members[index] = true;
                    classes.push((rest, members));
                }
            }
        }
        classes
    }

    /// Finds the cofactor of the function for each of these values, which agree in their first `depth` bits. It goes
    /// bit by bit, and splits the values only where the function depends on the bit, since most values do not differ in
    /// it.
    fn split(
        &mut self,
        guard: Guard,
        codes: &[Vec<(Bit, bool)>],
        mut among: Vec<usize>,
        mut depth: usize,
        found: &mut Vec<(Guard, usize)>,
    ) {
        loop {
            found.extend(
                among.iter().filter(|index| codes[**index].len() <= depth).map(|index| (guard, *index)),
            );
            among.retain(|index| codes[*index].len() > depth);
            let Some(first) = among.first() else { return };
            let bit = codes[*first][depth].0;
            let low = self.inputs.diagrams.cofactor(guard, &[(bit, false)]);
            let high = self.inputs.diagrams.cofactor(guard, &[(bit, true)]);
            depth += 1;
            if low != high {
                let (ones, zeros) = among.into_iter().partition(|index| codes[*index][depth - 1].1);
                self.split(low, codes, zeros, depth, found);
                self.split(high, codes, ones, depth, found);
                return;
            }
        }
    }

    /// Returns the minimum size of a condition for this function, in which each input is named once.
    fn least(&mut self, guard: Guard) -> usize {
        WORD * self.count(guard)
    }

    /// Returns the function as a condition of at most this size. A lower bound is checked before writing: a function of
    /// hundreds of inputs can be written in more ways than there is time to try.
    fn write(&mut self, guard: Guard, budget: usize) -> Option<Condition> {
        if guard.is_true() || guard.is_false() {
            return Some(Condition::Constant(guard.is_true()));
        }
        if let Some((known, size)) = self.memo.get(&guard) {
            return (*size <= budget).then(|| known.clone());
        }
        if self.least(guard) > budget || self.failed.get(&guard).is_some_and(|known| budget <= *known) {
            return None;
        }
        self.steps += 1;
        if self.gives_up() {
            return None;
        }
        let condition = self.decompose(guard, budget);
        let size = condition.as_ref().map_or(usize::MAX, size);
        if size > budget {
            // After giving up, the same budget might succeed another time, so the failure is not recorded.
            if !self.gives_up() {
                self.failed.insert(guard, budget);
            }
            return None;
        }
        let condition = condition?;
        self.memo.insert(guard, (condition.clone(), size));
        Some(condition)
    }

    fn gives_up(&self) -> bool {
        self.steps > MAX_STEPS || self.late() || self.is_too_long()
    }

    /// Returns whether the time limit or a limit of the diagrams is reached.
    fn late(&self) -> bool {
        self.inputs.diagrams.exhausted || std::time::Instant::now() > self.inputs.diagrams.deadline
    }

    /// Splits a function of facts alone into leading parts of nested `any(…)` and `all(…)`, and the rest behind them.
    /// Each part is marked as `any` or not. Returns `None` if the function depends on other inputs.
    fn peel(&mut self, guard: Guard) -> Option<(Vec<(bool, Condition)>, Guard)> {
        let mut parts = Vec::new();
        let mut rest = guard;
        while !rest.is_true() && !rest.is_false() {
            let bit = self.inputs.diagrams.top(rest);
            let fact = Condition::Fact(self.inputs.fact_of(bit)?.clone());
            let (low, high) = self.inputs.diagrams.children(rest);
            let (is_any, part, next) = if high.is_true() {
                (true, fact, low)
            } else if low.is_true() {
                (true, not(fact), high)
            } else if low.is_false() {
                (false, fact, high)
            } else if high.is_false() {
                (false, not(fact), low)
            } else {
                // The first bit decides nothing alone, but a bit further down may decide for the whole function.
                let must = self.inputs.diagrams.essential(rest, true);
                let is_any = must.is_empty();
                let literals = if is_any { self.inputs.diagrams.essential(rest, false) } else { must };
                if literals.is_empty() || self.late() {
                    break;
                }
                for (bit, value) in &literals {
                    let fact = Condition::Fact(self.inputs.fact_of(*bit)?.clone());
                    parts.push((is_any, if *value == is_any { not(fact) } else { fact }));
                }
                // The rest is the function where none of these parts has decided.
                rest = self.inputs.diagrams.cofactor(rest, &literals);
                continue;
            };
            parts.push((is_any, part));
            rest = next;
        }
        (!parts.is_empty()).then_some((parts, rest))
    }

    /// Splits the function into a part over facts alone and a part over other inputs, joined by `all` or, if the flag
    /// is true, by `any`.
    fn factor(&mut self, guard: Guard) -> Option<(bool, Guard, Guard)> {
        let bits = self.inputs.diagrams.support(guard);
        let facts: Vec<Bit> =
            bits.iter().copied().filter(|bit| self.inputs.fact_of(*bit).is_some()).collect();
        let others: Vec<Bit> = bits.into_iter().filter(|bit| !facts.contains(bit)).collect();
        if facts.is_empty() || others.is_empty() {
            return None;
        }
        for is_any in [false, true] {
            let whole = if is_any { self.inputs.not(guard) } else { guard };
            let (a, b) =
                (self.inputs.diagrams.exists(whole, &facts), self.inputs.diagrams.exists(whole, &others));
            if self.inputs.and(a, b) == whole {
                return Some(if is_any {
                    (true, self.inputs.not(a), self.inputs.not(b))
                } else {
                    (false, a, b)
                });
            }
        }
        None
    }

    fn decompose(&mut self, guard: Guard, budget: usize) -> Option<Condition> {
        let support = self.support(guard);
        if support.len() > LARGE
            && let Some((is_any, a, b)) = self.factor(guard)
        {
            let least = self.least(b);
            let a = self.write(a, budget.checked_sub(least)?)?;
            let b = self.write(b, budget.checked_sub(size(&a))?)?;
            return Some(if is_any { any(vec![a, b]) } else { all(vec![a, b]) });
        }
        if support.len() > LARGE
            && support.iter().all(|input| matches!(input, Input::Group(Group::Fact(_))))
            && let Some((parts, rest)) = self.peel(guard)
        {
            let before: usize = parts.iter().map(|(_, part)| size(part)).sum();
            let mut whole = self.write(rest, budget.checked_sub(before)?)?;
            let mut run: Vec<Condition> = Vec::new();
            let mut parts = parts.into_iter().rev().peekable();
            while let Some((is_any, part)) = parts.next() {
                run.push(part);
                if parts.peek().is_some_and(|(next, _)| *next == is_any) {
                    continue;
                }
                run.reverse();
                run.push(whole);
                whole = if is_any { any(std::mem::take(&mut run)) } else { all(std::mem::take(&mut run)) };
            }
            return Some(whole);
        }
        if let [input] = &*support {
            let codes = self.codes(input);
            let members: Vec<bool> =
                codes.iter().map(|code| self.inputs.diagrams.cofactor(guard, code).is_true()).collect();
            return self.members(input, &members);
        }
        let mut best: Option<(usize, usize, Classes)> = None;
        for (at, input) in support.iter().enumerate() {
            if self.late() || self.is_too_long() {
                return None;
            }
            let classes = self.classes(guard, input);
            // If one set of values decides, the condition is `all(set, rest)` or `any(set, rest)`.
            if classes.len() == 2 {
                for (constant, other) in [(0, 1), (1, 0)] {
                    let (rest, members) = (&classes[constant].0, &classes[other].1);
                    if rest.is_false() {
                        let set = self.members(input, members)?;
                        let rest = self.write(classes[other].0, budget.checked_sub(size(&set))?)?;
                        return Some(all(vec![set, rest]));
                    }
                    if rest.is_true() {
                        let set = self.members(input, &classes[constant].1)?;
                        let rest = self.write(classes[other].0, budget.checked_sub(size(&set))?)?;
                        return Some(any(vec![set, rest]));
                    }
                }
            }
            let weight: usize = classes.iter().map(|(rest, _)| self.count(*rest)).sum();
            if best.as_ref().is_none_or(|(_, known, classes_known)| {
                (classes.len(), weight) < (classes_known.len(), *known)
            }) {
                best = Some((at, weight, classes));
            }
        }
        let (at, _, classes) = best?;
        if classes.len() > 64 {
            return None;
        }
        let input = support[at].clone();
        // The part that holds for every value of the input.
        let common = classes.iter().fold(Guard::TRUE, |common, (rest, _)| self.inputs.and(common, *rest));
        let apart = self.parts(&input, &classes, Guard::FALSE, budget);
        if common.is_false() {
            return apart;
        }
        let budget = apart.as_ref().map_or(budget, |apart| size(apart).saturating_sub(1));
        self.parts(&input, &classes, common, budget).or(apart)
    }

    /// Returns the `any` of the common part and of each set of values with its cofactor.
    fn parts(
        &mut self,
        input: &Input,
        classes: &Classes,
        common: Guard,
        mut budget: usize,
    ) -> Option<Condition> {
        let mut parts = Vec::new();
        // The candidates for each cofactor, its set of values, and the minimum size of both together.
        let mut wanted: Vec<(Vec<Guard>, &[bool], usize)> = Vec::new();
        for (rest, members) in classes {
            let rest = *rest;
            // The common part is written already, so a cofactor may take any value where the common part holds.
            let mut candidates = vec![rest];
            if !common.is_false() {
                let needed = self.inputs.minus(rest, common);
                if needed.is_false() {
                    continue;
                }
                let outside = self.inputs.not(common);
                let restricted = self.inputs.diagrams.restrict(rest, outside);
                for candidate in [restricted, needed] {
                    if !candidates.contains(&candidate) {
                        candidates.push(candidate);
                    }
                }
            }
            if rest.is_false() {
                continue;
            }
            // Of large candidates only the one with the fewest inputs is written, since each could be written in many
            // ways again.
            if self.count(rest) > SMALL {
                candidates.sort_by_key(|candidate| self.count(*candidate));
                candidates.truncate(1);
            }
            let least = candidates.iter().map(|candidate| self.least(*candidate)).min().unwrap_or(0);
            wanted.push((candidates, members, least + WORD));
        }
        let mut later = self.least(common) + wanted.iter().map(|(_, _, least)| least).sum::<usize>();
        if later > budget {
            return None;
        }
        if !common.is_false() {
            later -= self.least(common);
            let common = self.write(common, budget - later)?;
            budget = budget.checked_sub(size(&common))?;
            parts.push(common);
        }
        for (candidates, members, least) in wanted {
            later -= least;
            let set = self.members(input, members)?;
            let allowed = budget.checked_sub(later)?.checked_sub(size(&set))?;
            let mut shortest: Option<Condition> = None;
            for candidate in candidates {
                let allowed = shortest.as_ref().map_or(allowed, |known| size(known).saturating_sub(1));
                shortest = self.write(candidate, allowed).or(shortest);
            }
            let part = all(vec![set, shortest?]);
            budget = budget.checked_sub(size(&part))?;
            parts.push(part);
        }
        Some(any(parts))
    }
}
