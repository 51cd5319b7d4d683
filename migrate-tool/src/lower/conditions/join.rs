//! Joins conditions and simplifies them.

use inert_manifest_spec::Condition;
use inert_manifest_spec::condition::{Comparison, Fact, Operator};

/// Returns `all(…)` with nested `all`s flattened and constants folded.
pub(in crate::lower) fn all(parts: Vec<Condition>) -> Condition {
    let mut out = Vec::new();
    for part in parts {
        match part {
            Condition::Constant(true) => {}
            Condition::Constant(false) => return Condition::Constant(false),
            Condition::All(inner) => out.extend(inner),
            other => out.push(other),
        }
    }
    match out.len() {
        0 => Condition::Constant(true),
        1 => out.swap_remove(0),
        _ => Condition::All(out),
    }
}

/// Returns `any(…)` with nested `any`s flattened and constants folded.
pub(in crate::lower) fn any(parts: Vec<Condition>) -> Condition {
    let mut out = Vec::new();
    for part in parts {
        match part {
            Condition::Constant(false) => {}
            Condition::Constant(true) => return Condition::Constant(true),
            Condition::Any(inner) => out.extend(inner),
            other => out.push(other),
        }
    }
    match out.len() {
        0 => Condition::Constant(false),
        1 => out.swap_remove(0),
        _ => Condition::Any(out),
    }
}

/// Returns `not(…)`, with double negations removed and comparisons of rustc's version inverted.
pub(in crate::lower) fn not(condition: Condition) -> Condition {
    match condition {
        Condition::Constant(value) => Condition::Constant(!value),
        Condition::Not(inner) => *inner,
        Condition::Fact(Fact::Rustc(Comparison { operator: Operator::GreaterEqual, value })) => {
            Condition::Fact(Fact::Rustc(Comparison { operator: Operator::Less, value }))
        }
        Condition::Fact(Fact::Rustc(Comparison { operator: Operator::Less, value })) => {
            Condition::Fact(Fact::Rustc(Comparison { operator: Operator::GreaterEqual, value }))
        }
        other => Condition::Not(Box::new(other)),
    }
}

/// Returns the size of a condition: 2 for a fact, 3 for a glob of targets, 1 more for each `not`.
pub(in crate::lower) fn size(condition: &Condition) -> usize {
    match condition {
        Condition::Constant(_) => 0,
        Condition::Fact(Fact::Target(_) | Fact::Host(_)) => 3,
        Condition::Fact(_) => 2,
        Condition::Not(inner) => 1 + size(inner),
        Condition::All(parts) | Condition::Any(parts) => parts.iter().map(size).sum(),
    }
}
