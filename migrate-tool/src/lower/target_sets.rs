//! Describes a set of targets by the shortest predicate found: by cfgs of the target, else by the globs that the script
//! uses.

use std::sync::OnceLock;

use inert_manifest_spec::Condition;
use inert_manifest_spec::condition::{Fact, Glob};

use super::conditions::{all, any, not};
use crate::logic::targets;

/// The cost above which a set is also described within larger sets (bases).
const LONG: u32 = 150;
/// The number of bases that are tried: those with the fewest other targets.
const BASES: usize = 4;

/// A set of targets, one bit each, in the order of `targets::all`.
type Set = [u64; 6];

#[derive(Debug, Clone)]
struct Predicate {
    set: Set,
    condition: Condition,
    cost: u32,
}

fn from_fn(holds: impl Fn(usize) -> bool) -> Set {
    let mut set = [0; 6];
    for index in 0..targets::all().len() {
        if holds(index) {
            set[index / 64] |= 1 << (index % 64);
        }
    }
    set
}

fn full() -> Set {
    from_fn(|_| true)
}

fn and(a: &Set, b: &Set) -> Set {
    std::array::from_fn(|at| a[at] & b[at])
}

fn or(a: &Set, b: &Set) -> Set {
    std::array::from_fn(|at| a[at] | b[at])
}

fn minus(a: &Set, b: &Set) -> Set {
    std::array::from_fn(|at| a[at] & !b[at])
}

fn is_empty(a: &Set) -> bool {
    a.iter().all(|word| *word == 0)
}

fn is_subset(a: &Set, b: &Set) -> bool {
    is_empty(&minus(a, b))
}

fn len(a: &Set) -> u32 {
    a.iter().map(|word| word.count_ones()).sum()
}

/// Returns a predicate for every cfg value that the target alone determines.
fn cfgs() -> &'static [Predicate] {
    static CFGS: OnceLock<Vec<Predicate>> = OnceLock::new();
    CFGS.get_or_init(|| {
        let all_targets = targets::all();
        let mut out = Vec::new();
        for family in ["unix", "windows"] {
            let set = from_fn(|at| all_targets[at].families.contains(&family));
            out.push(Predicate {
                set,
                condition: Condition::Fact(Fact::TargetOption(family.into())),
                cost: 20,
            });
        }
        for key in targets::KEYS {
            let mut values: Vec<&str> =
                all_targets.iter().flat_map(|target| target.values(key).unwrap_or_default()).collect();
            values.sort_unstable();
            values.dedup();
            for value in values {
                if *key == "target_family" && (value == "unix" || value == "windows") {
                    continue;
                }
                let set =
                    from_fn(|at| all_targets[at].values(key).is_some_and(|values| values.contains(&value)));
                let cost = match *key {
                    "target_os" => 22,
                    "target_arch" => 22,
                    "target_family" => 23,
                    "target_env" => 24,
                    "target_pointer_width" | "target_endian" => 24,
                    "target_vendor" => 26,
                    "target_abi" => 30,
                    _ => 28,
                };
                let fact = Fact::TargetKey { key: (*key).into(), value: value.into() };
                out.push(Predicate { set, condition: Condition::Fact(fact), cost });
            }
        }
        out
    })
}

/// Returns the condition that holds for exactly these targets. For hosts, only globs of the triple are available.
pub(super) fn describe(members: &[bool], host: bool, globs: &[String]) -> Condition {
    let wanted = from_fn(|at| members.get(at).copied().unwrap_or(false));
    let fact =
        |glob: &str| if host { Fact::Host(Glob(glob.into())) } else { Fact::Target(Glob(glob.into())) };
    let mut predicates: Vec<Predicate> = if host { Vec::new() } else { cfgs().to_vec() };
    let mut patterns: Vec<String> = globs.to_vec();
    if host {
        patterns.extend(
            [
                "*-windows-*",
                "*-apple-darwin",
                "*-linux-*",
                "*-freebsd",
                "*-netbsd",
                "*-openbsd",
                "x86_64-*",
                "aarch64-*",
                "*-apple-*",
            ]
            .map(str::to_owned),
        );
    }
    for pattern in &patterns {
        let glob = Glob(pattern.clone());
        let set = from_fn(|at| glob.matches(targets::all()[at].triple));
        predicates.push(Predicate { set, condition: Condition::Fact(fact(pattern)), cost: 40 });
    }
    let outside = minus(&full(), &wanted);
    let mut candidates = Vec::new();
    for (set, negated) in [(&wanted, false), (&outside, true)] {
        if let Some((condition, cost)) = conjunction(set, &predicates) {
            candidates.push((cost + u32::from(negated), if negated { not(condition) } else { condition }));
        }
    }
    for (set, negated) in [(&wanted, false), (&outside, true)] {
        let (condition, cost) = cover(set, &full(), &predicates, &fact);
        candidates.push((cost + u32::from(negated) * 2, if negated { not(condition) } else { condition }));
    }
    // Within a base, `all(base, any(…))` or `all(base, not(any(…)))` need not exclude the targets outside of the base.
    if candidates.iter().all(|(cost, _)| *cost > LONG) {
        for (set, negated) in [(&wanted, false), (&outside, true)] {
            for (condition, cost) in within_bases(set, &predicates, &fact) {
                candidates
                    .push((cost + u32::from(negated) * 2, if negated { not(condition) } else { condition }));
            }
        }
    }
    candidates.sort_by_key(|(cost, _)| *cost);
    candidates.into_iter().next().map_or(Condition::Constant(false), |(_, condition)| condition)
}

fn literals(predicates: &[Predicate]) -> Vec<Predicate> {
    let whole = full();
    let mut out = predicates.to_vec();
    out.extend(predicates.iter().map(|predicate| Predicate {
        set: minus(&whole, &predicate.set),
        condition: not(predicate.condition.clone()),
        cost: predicate.cost + 4,
    }));
    out
}

/// Returns an `all(…)` of predicates that each hold on the whole set, if they describe the set exactly.
fn conjunction(wanted: &Set, predicates: &[Predicate]) -> Option<(Condition, u32)> {
    let fitting: Vec<Predicate> =
        literals(predicates).into_iter().filter(|literal| is_subset(wanted, &literal.set)).collect();
    let mut current = full();
    let mut parts = Vec::new();
    let mut cost = 0;
    while current != *wanted {
        if parts.len() >= 6 {
            return None;
        }
        // A predicate that gives the exact set is preferred, then the one that removes most targets for its cost.
        let best = fitting.iter().max_by_key(|literal| {
            let left = and(&current, &literal.set);
            let exact = left == *wanted;
            let removed = len(&current) - len(&left);
            (exact, removed * 1000 / literal.cost, std::cmp::Reverse(literal.cost))
        })?;
        let left = and(&current, &best.set);
        if left == current {
            return None;
        }
        current = left;
        cost += best.cost;
        parts.push(best.condition.clone());
    }
    // An earlier part may be redundant after a later one; such parts are kept.
    Some((all(parts), cost))
}

/// Describes a set as the part of a base that is, or is not, in a union of predicates.
fn within_bases(
    wanted: &Set,
    predicates: &[Predicate],
    fact: &dyn Fn(&str) -> Fact,
) -> Vec<(Condition, u32)> {
    let whole = full();
    let mut bases: Vec<Predicate> = literals(predicates)
        .into_iter()
        .filter(|literal| is_subset(wanted, &literal.set) && literal.set != whole)
        .collect();
    bases.sort_by_key(|base| (len(&base.set), base.cost));
    bases.dedup_by_key(|base| base.set);
    let mut pairs = Vec::new();
    for (at, first) in bases.iter().take(BASES).enumerate() {
        for second in bases.iter().skip(at + 1) {
            let both = and(&first.set, &second.set);
            if both != first.set && both != second.set {
                let condition = all(vec![first.condition.clone(), second.condition.clone()]);
                pairs.push(Predicate { set: both, condition, cost: first.cost + second.cost });
            }
        }
    }
    pairs.sort_by_key(|base| (len(&base.set), base.cost));
    pairs.dedup_by_key(|base| base.set);
    let mut found = Vec::new();
    for base in bases.iter().take(BASES).chain(pairs.iter().take(BASES)) {
        let (inside, cost) = cover(wanted, &base.set, predicates, fact);
        found.push((all(vec![base.condition.clone(), inside]), base.cost + cost));
        let (outside, cost) = cover(&minus(&base.set, wanted), &base.set, predicates, fact);
        found.push((all(vec![base.condition.clone(), not(outside)]), base.cost + cost + 4));
    }
    found
}

/// Returns an `any(…)` of predicates, and of pairs of them, that hold for no other targets of `base`; the remaining
/// targets are named by their triples.
fn cover(
    wanted: &Set,
    base: &Set,
    predicates: &[Predicate],
    fact: &dyn Fn(&str) -> Fact,
) -> (Condition, u32) {
    let mut literals = literals(predicates);
    literals.iter_mut().for_each(|literal| literal.set = and(&literal.set, base));
    let mut terms: Vec<Predicate> = literals
        .iter()
        .filter(|literal| is_subset(&literal.set, wanted) && !is_empty(&literal.set))
        .cloned()
        .collect();
    let overlapping: Vec<&Predicate> =
        literals.iter().filter(|literal| !is_empty(&and(&literal.set, wanted))).collect();
    for (at, first) in overlapping.iter().enumerate() {
        if is_subset(&first.set, wanted) {
            continue;
        }
        for second in &overlapping[at + 1..] {
            let both = and(&first.set, &second.set);
            if !is_empty(&both) && is_subset(&both, wanted) && !is_subset(&second.set, wanted) {
                terms.push(Predicate {
                    set: both,
                    condition: all(vec![first.condition.clone(), second.condition.clone()]),
                    cost: first.cost + second.cost,
                });
            }
        }
    }
    let mut left = *wanted;
    let mut parts: Vec<Predicate> = Vec::new();
    while !is_empty(&left) {
        let best = terms
            .iter()
            .map(|term| (len(&and(&term.set, &left)), term))
            .filter(|(gain, _)| *gain > 0)
            .max_by_key(|(gain, term)| {
                (is_subset(&left, &term.set), gain * 10_000 / term.cost, std::cmp::Reverse(term.cost))
            });
        let Some((_, best)) = best else { break };
        left = minus(&left, &best.set);
        parts.push(best.clone());
    }
    for (index, target) in targets::all().iter().enumerate() {
        if left[index / 64] >> (index % 64) & 1 == 1 {
            let set = from_fn(|at| at == index);
            parts.push(Predicate { set, condition: Condition::Fact(fact(target.triple)), cost: 60 });
        }
    }
    // A part that the others cover is removed.
    let mut at = 0;
    while at < parts.len() {
        let others = parts
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != at)
            .fold([0; 6], |set, (_, part)| or(&set, &part.set));
        if parts.len() > 1 && is_subset(&parts[at].set, &others) {
            parts.remove(at);
        } else {
            at += 1;
        }
    }
    let cost = parts.iter().map(|part| part.cost).sum();
    (any(parts.into_iter().map(|part| part.condition).collect()), cost)
}
