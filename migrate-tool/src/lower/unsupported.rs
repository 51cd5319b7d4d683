//! Computes where a script is not understood, as a guard over facts that are known before the build. It is never
//! smaller than the exact guard, and is larger where that makes the condition more readable.

use inert_manifest_spec::condition::Fact;

use crate::logic::inputs::Group;
use crate::logic::{Bit, Domain, Guard, Inputs};
use crate::trace::Trace;

/// The number of inputs above which a condition is not readable.
const MANY: usize = 10;

/// Returns the smallest guard over facts known before the build that holds wherever this guard may hold.
pub(super) fn before_build(trace: &mut Trace<'_>, guard: Guard) -> Guard {
    let mut guard = guard;
    for bit in trace.inputs.diagrams.support(guard) {
        let late = trace.inputs.fact_of(bit).is_some_and(|fact| !fact.known_before_build());
        if late {
            let low = trace.inputs.diagrams.cofactor(guard, &[(bit, false)]);
            let high = trace.inputs.diagrams.cofactor(guard, &[(bit, true)]);
            guard = trace.inputs.or(low, high);
        }
    }
    guard
}

/// Returns where the guard holds for some values of the inputs that no declaration can name: the family of the
/// compiler, and whether a required step succeeds.
pub(super) fn without_unnamed(inputs: &mut Inputs, guard: Guard) -> Guard {
    let mut guard = guard;
    for bit in inputs.diagrams.support(guard) {
        if matches!(inputs.fact_of(bit), Some(Fact::Probe { name, .. }) if name.starts_with('!')) {
            let low = inputs.diagrams.cofactor(guard, &[(bit, false)]);
            let high = inputs.diagrams.cofactor(guard, &[(bit, true)]);
            guard = inputs.or(low, high);
        }
    }
    guard
}

/// Returns where the guard holds for some values of the facts that no declaration can name. A concrete build has them
/// fixed.
pub(super) fn whatever_is_unsaid(trace: &mut Trace<'_>, guard: Guard) -> Guard {
    if !trace.start.is_true() {
        return guard;
    }
    let bits: Vec<Bit> = unsaid(&mut trace.inputs, guard).into_iter().map(|(bit, _)| bit).collect();
    trace.inputs.diagrams.exists(guard, &bits)
}

/// Returns the bits of a guard's facts that no declaration can name and whose answers remain unknown, with
/// descriptions.
fn unsaid(inputs: &mut Inputs, guard: Guard) -> Vec<(Bit, String)> {
    let bits = inputs.diagrams.support(guard);
    let reason = |bit| match inputs.fact_of(bit) {
        Some(Fact::Probe { name, .. }) => Some((bit, crate::semantics::facts::unnamed_reason(name)?)),
        _ => None,
    };
    bits.into_iter().filter_map(reason).collect()
}

/// Returns the guard with the facts that no declaration can name set to false, and where the guard depends on them,
/// with a description.
pub(super) fn settled(inputs: &mut Inputs, guard: Guard) -> (Guard, Option<(Guard, String)>) {
    let unnamed = unsaid(inputs, guard);
    if unnamed.is_empty() {
        return (guard, None);
    }
    let mut differs = Guard::FALSE;
    for (bit, _) in &unnamed {
        let no = inputs.diagrams.cofactor(guard, &[(*bit, false)]);
        let yes = inputs.diagrams.cofactor(guard, &[(*bit, true)]);
        for (a, b) in [(no, yes), (yes, no)] {
            let only = inputs.minus(a, b);
            differs = inputs.or(differs, only);
        }
    }
    let bits: Vec<Bit> = unnamed.iter().map(|(bit, _)| *bit).collect();
    let differs = inputs.diagrams.exists(differs, &bits);
    let fixed: Vec<(Bit, bool)> = bits.into_iter().map(|bit| (bit, false)).collect();
    let settled = inputs.diagrams.cofactor(guard, &fixed);
    let reason = unnamed.into_iter().next().map(|(_, reason)| reason).unwrap_or_default();
    (settled, (!differs.is_false()).then_some((differs, reason)))
}

/// Returns the guard, or a larger one with fewer inputs: without inputs in which few builds differ, if no ordinary
/// build (with a stable rustc, or without the flags that are asked for) becomes unsupported.
pub(super) fn widened(inputs: &mut Inputs, guard: Guard) -> Guard {
    type Rare = fn(Option<&Fact>, &Group) -> bool;
    const STEPS: [Rare; 2] = [
        |fact, group| {
            matches!(fact, Some(Fact::RustcCommitDate(_) | Fact::Llvm(_)))
                || matches!(group, Group::Domain(Domain::Patch))
        },
        |_, group| matches!(group, Group::Env(_)),
    ];
    let mut guard = guard;
    for rare in STEPS {
        if inputs.support(guard).len() <= MANY {
            break;
        }
        let bits = bits_of(inputs, guard, rare);
        let wider = inputs.diagrams.exists(guard, &bits);
        if ordinary(inputs, wider) == ordinary(inputs, guard) {
            guard = wider;
        }
    }
    guard
}

/// Returns where the guard holds for every value of the rare inputs: for builds with a stable rustc, and for builds
/// without flags.
fn ordinary(inputs: &mut Inputs, guard: Guard) -> [Guard; 2] {
    let stable = inputs.diagrams.cofactor(guard, &Domain::Channel.code(0));
    let flags = bits_of(inputs, guard, |fact, _| matches!(fact, Some(Fact::RustcFlag(_))));
    let flags: Vec<(Bit, bool)> = flags.into_iter().map(|bit| (bit, false)).collect();
    let plain = inputs.diagrams.cofactor(guard, &flags);
    [stable, plain].map(|guard| {
        let rare = bits_of(inputs, guard, |fact, group| {
            matches!(fact, Some(Fact::RustcCommitDate(_) | Fact::Llvm(_)))
                || matches!(group, Group::Domain(Domain::Patch) | Group::Env(_))
        });
        let elsewhere = inputs.not(guard);
        let somewhere_not = inputs.diagrams.exists(elsewhere, &rare);
        inputs.not(somewhere_not)
    })
}

/// Returns the bits of those inputs of a guard that `wanted` accepts, sorted.
fn bits_of(inputs: &mut Inputs, guard: Guard, wanted: fn(Option<&Fact>, &Group) -> bool) -> Vec<Bit> {
    let groups = inputs.support(guard);
    let fact = |group: &Group| match group {
        Group::Fact(bit) => inputs.fact_of(*bit),
        _ => None,
    };
    let groups = groups.into_iter().filter(|group| wanted(fact(group), group));
    let mut bits: Vec<Bit> =
        groups.flat_map(|group| inputs.codes(&group).into_iter().flatten().map(|(bit, _)| bit)).collect();
    bits.sort_unstable();
    bits.dedup();
    bits
}
