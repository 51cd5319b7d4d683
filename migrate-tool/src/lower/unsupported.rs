//! Where a script is not understood, as a guard over what is known before the build: never less than that, and a
//! little more where it reads better so.

use inert_manifest_spec::condition::Fact;

use crate::interp::Interp;
use crate::logic::inputs::Group;
use crate::logic::{Bit, Domain, Guard, Inputs};

/// Inputs above which a condition reads like no person's.
const MANY: usize = 10;

/// The smallest guard over facts known before the build that holds wherever this one may.
pub(super) fn before_build(interp: &mut Interp<'_>, guard: Guard) -> Guard {
    let mut guard = guard;
    for bit in interp.inputs.diagrams.support(guard) {
        let late = interp.inputs.fact_of(bit).is_some_and(|fact| !fact.known_before_build());
        if late {
            let low = interp.inputs.diagrams.cofactor(guard, &[(bit, false)]);
            let high = interp.inputs.diagrams.cofactor(guard, &[(bit, true)]);
            guard = interp.inputs.or(low, high);
        }
    }
    guard
}

/// Where it may hold, whatever those inputs are that no declaration can name: the family of the compiler, whether a
/// step succeeds that must.
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

/// Where it may hold, whatever those facts are that no declaration can name. A concrete run has them fixed.
pub(super) fn whatever_is_unsaid(interp: &mut Interp<'_>, guard: Guard) -> Guard {
    if !interp.start.is_true() {
        return guard;
    }
    let bits: Vec<Bit> = unsaid(&mut interp.inputs, guard).into_iter().map(|(bit, _)| bit).collect();
    interp.inputs.diagrams.exists(guard, &bits)
}

/// The facts that no declaration can name and that something is not known by, with what they are.
fn unsaid(inputs: &mut Inputs, guard: Guard) -> Vec<(Bit, String)> {
    let bits = inputs.diagrams.support(guard);
    let reason = |bit| match inputs.fact_of(bit) {
        Some(Fact::Probe { name, .. }) => Some((bit, crate::models::unnamed_reason(name)?)),
        _ => None,
    };
    bits.into_iter().filter_map(reason).collect()
}

/// The guard with facts that no declaration can name put aside, and where that makes a difference: with what they are.
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

/// The same guard, or a larger one of fewer inputs: without what few builds differ in, as long as no ordinary build
/// loses by it: one by a stable rustc, or one without the flags that are asked for.
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

/// Where the guard holds for ordinary builds, whatever else they differ in: by a stable rustc, and without flags.
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

/// The bits of those of a guard's inputs, sorted.
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
