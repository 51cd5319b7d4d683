//! `sort` and similar methods, and `dedup`.

use std::cmp::Ordering;

use super::super::Method;
use super::super::text::store;
use crate::interp::{Interp, sort_key, text_order};
use crate::logic::Guard;
use crate::value::{Cases, Items, Value};

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>, whole: &Cases) -> Option<Cases> {
    let mut items = interp.items_of(whole);
    // Items that are present only on other paths must not separate the items of this path.
    items.retain(|(guard, _)| !interp.inputs.and(interp.pc, *guard).is_false());
    let unordered = items.unordered;
    items.unordered = false;
    let kind = (items.kind, items.element.clone());
    // Two items that differ were equal to the sort. While that does not happen, there is one order only.
    let mut tied = false;
    let items = match method.name {
        "dedup" => dedup(interp, items)?,
        "sort" | "sort_unstable" => {
            let items = alternatives(interp, items);
            let items = sorted(interp, items, &mut |interp, a, b| order(interp, a, b))?;
            united(interp, items)
        }
        "sort_by" | "sort_unstable_by" => {
            let compare = method.arg(0);
            sorted(interp, items, &mut |interp, a, b| {
                let before = interp.log.len();
                let order = answer(interp, &compare, a, b)?;
                // Without an order among the items, the result is the sort's own doing; and how often it asks is.
                if answer(interp, &compare, b, a)? != order.reverse() || interp.log.len() != before {
                    return None;
                }
                tied |= order == Ordering::Equal && a != b;
                Some(order)
            })?
        }
        "sort_by_key" | "sort_unstable_by_key" | "sort_by_cached_key" => {
            let mut keyed = Items::with_capacity(items.len());
            for (guard, item) in items {
                let key = interp.call_value(&method.arg(0), vec![item.clone()]);
                let key = interp.deref_all(&key);
                keyed.push((guard, Cases::of(Value::Tuple([key, item].into()))));
            }
            let part = |pair: &Cases, at: usize| match pair.single() {
                Some(Value::Tuple(parts)) => parts.get(at).cloned(),
                _ => None,
            };
            let keyed = sorted(interp, keyed, &mut |interp, a, b| {
                let order = order(interp, &part(a, 0)?, &part(b, 0)?);
                tied |= order == Some(Ordering::Equal) && part(a, 1) != part(b, 1);
                order
            })?;
            keyed.into_iter().filter_map(|(guard, pair)| Some((guard, part(&pair, 1)?))).collect()
        }
        _ => return None,
    };
    if interp.dead() {
        return Some(Cases::never());
    }
    // A stable sort leaves the first of equal items first, so the order before matters; an unstable one promises nothing.
    if tied && (unordered || method.name.contains("unstable")) {
        return Some(interp.unknown("what this comes to depends on an order that nobody promises"));
    }
    let items = Items { kind: kind.0, element: kind.1, unordered: false, ..items };
    Some(store(interp, method, Cases::seq(items)))
}

/// Returns what a comparing closure says of two items, if it is certain.
fn answer(interp: &mut Interp<'_>, compare: &Cases, a: &Cases, b: &Cases) -> Option<Ordering> {
    let answer = interp.call_value(compare, vec![a.clone(), b.clone()]);
    let Value::External(name) = answer.single()? else { return None };
    match name.strip_prefix("std::cmp::Ordering::")? {
        "Less" => Some(Ordering::Less),
        "Equal" => Some(Ordering::Equal),
        "Greater" => Some(Ordering::Greater),
        _ => None,
    }
}

/// Splits each item with several possible values into items with one value each, only one of which is present.
fn alternatives(interp: &mut Interp<'_>, items: Items) -> Items {
    let mut out = Items::new();
    for (guard, item) in items {
        if item.single().is_some() {
            out.push((guard, item));
            continue;
        }
        for (under, value) in item.0.iter() {
            out.push((interp.inputs.and(guard, *under), Cases::of(value.clone())));
        }
    }
    out
}

/// Merges equal neighbours that are never present together.
fn united(interp: &mut Interp<'_>, items: Items) -> Items {
    let mut out = Items::with_capacity(items.len());
    for (guard, item) in items {
        let key = item.single().and_then(sort_key);
        match out.last_mut() {
            Some((known, last))
                if key.is_some()
                    && last.single().and_then(sort_key) == key
                    && interp.inputs.and(*known, guard).is_false() =>
            {
                let either = interp.inputs.or(*known, guard);
                let always = interp.inputs.diagrams.implies(interp.pc, either);
                *known = if always { Guard::TRUE } else { either };
            }
            _ => out.push((guard, item)),
        }
    }
    out
}

/// Removes each item that equals the one before it; `None` if it is not certain which items are equal neighbours.
fn dedup(interp: &mut Interp<'_>, items: Items) -> Option<Items> {
    let keys: Option<Vec<_>> = items.iter().map(|(_, item)| sort_key(item.single()?)).collect();
    let keys = keys?;
    if items.iter().any(|(_, item)| item.0.iter().any(|(_, item)| interp.is_own_key(item))) {
        return None;
    }
    let certain = items.iter().all(|(guard, _)| guard.is_true());
    // If an item may be absent, its neighbours may be adjacent; so equal items must be adjacent already.
    let together = (1..keys.len()).all(|at| keys[at] == keys[at - 1] || !keys[..at].contains(&keys[at]));
    if !certain && !together {
        return None;
    }
    let mut kept = Items::new();
    let mut last = None;
    for ((guard, item), key) in items.into_iter().zip(keys) {
        match kept.last_mut() {
            Some((known, _)) if last.as_ref() == Some(&key) => *known = interp.inputs.or(*known, guard),
            _ => kept.push((guard, item)),
        }
        last = Some(key);
    }
    Some(kept)
}

/// Returns the order of two items, if it is certain.
fn order(interp: &mut Interp<'_>, a: &Cases, b: &Cases) -> Option<Ordering> {
    let (a, b) = (interp.deref_all(a), interp.deref_all(b));
    match (a.single()?, b.single()?) {
        (Value::Text(a), Value::Text(b)) => text_order(a, b),
        (Value::Int(a, _), Value::Int(b, _)) => Some(a.cmp(b)),
        (a, b) => match interp.compare_values(a, b).single()? {
            Value::Int(order, _) => Some(order.cmp(&0)),
            _ => None,
        },
    }
}

/// Sorts by a stable merge sort; `None` if the order of two items is not known.
fn sorted<'s>(
    interp: &mut Interp<'s>,
    items: Items,
    order: &mut dyn FnMut(&mut Interp<'s>, &Cases, &Cases) -> Option<Ordering>,
) -> Option<Items> {
    if items.len() < 2 {
        return Some(items);
    }
    let mut left = items;
    let right = left.split_off(left.len() / 2);
    let (left, right) = (sorted(interp, left, order)?, sorted(interp, right, order)?);
    let mut out = Items::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some((_, a)), Some((_, b))) = (left.peek(), right.peek()) {
        let greater = order(interp, a, b)? == Ordering::Greater;
        out.extend(if greater { right.next() } else { left.next() });
    }
    out.extend(left);
    out.extend(right);
    Some(out)
}
