//! Vectors, arrays, slices and iterators.

use std::rc::Rc;

use super::text::{concat, int, store};
use super::{Call, Method};
use crate::interp::{Interp, has_tail, may_be_tail, sort_key};
use crate::logic::Guard;
use crate::value::{Gv, Items, MapValue, Place, Stage, Step, Value};

/// `Vec::new`, `iter::once`, …
pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Gv> {
    Some(match call.path.strip_prefix("std::")? {
        "vec::Vec::new" | "vec::Vec::with_capacity" | "iter::empty" | "collections::VecDeque::new" => {
            Gv::list([])
        }
        "vec::Vec::from" | "collections::VecDeque::from" | "vec::Vec::from_iter" => {
            let items = interp.items_of(&call.arg(0));
            Gv::seq(items)
        }
        "iter::once" => Gv::list([call.arg(0)]),
        "iter::repeat_n" => {
            let count = int(&call.arg(1))?;
            Gv::list((0..count.min(100_000)).map(|_| call.arg(0)))
        }
        _ => return None,
    })
}

/// Marks a list that goes round for ever.
const CYCLE: &str = "cycle";

/// The list that goes round for ever.
fn cycle_of(value: &Value) -> Option<Gv> {
    let Value::Tuple(parts) = value else { return None };
    match &**parts {
        [tag, list] if tag.literal() == Some(CYCLE) && matches!(list.single(), Some(Value::Seq(_))) => {
            Some(list.clone())
        }
        _ => None,
    }
}

/// So many items of a list that goes round.
fn around(interp: &mut Interp<'_>, list: &Gv, count: usize) -> Items {
    let items = interp.items_of(list);
    items.iter().cycle().take(count).cloned().collect()
}

fn is_list(value: &Value) -> bool {
    matches!(value, Value::Seq(_) | Value::Iter(_) | Value::Range { .. })
}

/// Methods of lists and iterators.
pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Gv> {
    if let Value::Object(object) = method.value
        && interp.objects[*object].kind == "unknown list"
    {
        // `Result::ok` of lines, which are none that fail; a closure may end them anywhere.
        let same = matches!(method.name, "iter" | "into_iter" | "cloned" | "copied")
            || method.name == "map_while" && !matches!(method.arg(0).single(), Some(Value::Closure(_)));
        if same {
            return Some(Gv::of(method.value.clone()));
        }
        return super::library::list_method(interp, method, *object);
    }
    if let Some(cycle) = cycle_of(method.value) {
        // Of what has no end, as much as is asked for.
        let (count, rest) = match method.name {
            "zip" => {
                let other = method.arg(0);
                (interp.items_of(&other).len(), Some(other))
            }
            "take" => (usize::try_from(int(&method.arg(0))?).ok()?, None),
            _ => return None,
        };
        if interp.dead() || count > 100_000 {
            return None;
        }
        let items = Gv::seq(around(interp, &cycle, count));
        return Some(match rest {
            Some(other) => interp.call_method(&items, "zip", &[other], None, &[]),
            None => items,
        });
    }
    if !is_list(method.value) {
        return None;
    }
    let value = method.value;
    let whole = Gv::of(value.clone());
    Some(match method.name {
        "iter" | "into_iter" | "cloned" | "copied" | "by_ref" | "as_slice" | "to_vec" | "to_owned"
        | "clone" | "as_ref" | "into" | "into_boxed_slice" | "drain" | "fuse" | "as_mut_slice" | "borrow"
        | "as_mut" => {
            if method.name == "drain" {
                match method.arg(0).single() {
                    Some(Value::Range { start: None | Some(0), end: None }) => {}
                    _ => return None,
                }
                store(interp, method, Gv::list([]));
            }
            if method.name == "by_ref" {
                return method.place.map(|place| Gv::of(Value::Ref(Rc::clone(place))));
            }
            whole
        }
        "iter_mut" => match method.place {
            Some(place) => {
                let Value::Seq(items) = value else { return None };
                let items = items
                    .iter()
                    .enumerate()
                    .map(|(at, (guard, _))| {
                        let mut path = place.path.clone();
                        path.push(Step::Item(at));
                        (*guard, Gv::of(Value::Ref(Rc::new(Place { cell: place.cell, path }))))
                    })
                    .collect();
                Gv::seq(items)
            }
            None => whole,
        },
        "map" => interp.with_stage(value, Stage::Map(method.arg(0))),
        "filter" => interp.with_stage(value, Stage::Filter(method.arg(0))),
        "filter_map" => interp.with_stage(value, Stage::FilterMap(method.arg(0))),
        "flat_map" => interp.with_stage(value, Stage::FlatMap(method.arg(0))),
        "flatten" => interp.with_stage(value, Stage::FlatMap(Gv::unit())),
        "inspect" => interp.with_stage(value, Stage::Inspect(method.arg(0))),
        "collect" | "collect_vec" | "from_iter" => collect(interp, &whole, method),
        "push" | "push_back" => {
            let mut items = interp.items_of(&whole);
            items.push((Guard::TRUE, method.arg(0)));
            store_items(interp, method, items)
        }
        "push_front" => {
            let mut items = interp.items_of(&whole);
            items.insert(0, (Guard::TRUE, method.arg(0)));
            store_items(interp, method, items)
        }
        "insert" => {
            let at = usize::try_from(int(&method.arg(0))?).ok()?;
            let mut items = interp.items_of(&whole);
            if items.iter().take(at).any(|(guard, _)| !guard.is_true()) || at > items.len() {
                return None;
            }
            items.insert(at, (Guard::TRUE, method.arg(1)));
            store_items(interp, method, items)
        }
        "extend" | "extend_from_slice" | "append" => {
            let mut items = interp.items_of(&whole);
            let other = method.arg(0);
            let other = interp.deref_all(&other);
            items.extend(interp.items_of(&other));
            if method.name == "append"
                && let Some(Value::Ref(place)) = method.arg(0).single()
            {
                interp.write_place(&Rc::clone(place), Gv::list([]));
            }
            store_items(interp, method, items)
        }
        "write_all" | "write" | "write_fmt" | "write_str" if matches!(value, Value::Seq(items) if items.is_empty()) =>
        {
            // A `Vec<u8>` that is written to becomes text.
            let text = method.arg(0);
            let text = interp.display(&text, None);
            store(interp, method, text);
            Gv::ok(Gv::unit())
        }
        "clear" => store(interp, method, Gv::list([])),
        "pop" | "pop_back" => {
            let mut items = interp.items_of(&whole);
            match items.last() {
                None => Gv::none(),
                Some((guard, _)) if guard.is_true() => {
                    let (_, last) = items.pop()?;
                    store_items(interp, method, items);
                    Gv::some(last)
                }
                Some(_) => return None,
            }
        }
        "pop_front" | "next" => {
            let (first, rest) = interp.take_next(value);
            if !interp.dead() {
                store(interp, method, Gv::of(rest));
            }
            first
        }
        "next_back" => {
            let mut items = interp.items_of(&whole);
            items.reverse();
            let (last, rest) = interp.take_next(&Value::Seq(Rc::new(items)));
            if let Value::Seq(rest) = rest {
                let rest: Items = rest.iter().rev().cloned().collect();
                store_items(interp, method, rest);
            }
            last
        }
        "peekable" => {
            let items = interp.items_and_tail(&whole);
            Gv::seq(items)
        }
        "peek" | "first" | "front" => interp.take_next(value).0,
        "remove" if int(&method.arg(0)) == Some(0) => {
            let (first, rest) = interp.take_next(value);
            if !interp.dead() {
                store(interp, method, Gv::of(rest));
            }
            interp.call_method(
                &first,
                "expect",
                &[Gv::str("removal index (is 0) should be < len")],
                None,
                &[],
            )
        }
        "remove" | "swap_remove" => {
            let at = usize::try_from(int(&method.arg(0))?).ok()?;
            let mut items = interp.items_of(&whole);
            if items.iter().any(|(guard, _)| !guard.is_true())
                || at >= items.len()
                || method.name == "swap_remove"
            {
                return None;
            }
            let (_, removed) = items.remove(at);
            store_items(interp, method, items);
            removed
        }
        "truncate" => {
            let at = usize::try_from(int(&method.arg(0))?).ok()?;
            let mut items = interp.items_of(&whole);
            if items.iter().any(|(guard, _)| !guard.is_true()) {
                return None;
            }
            items.truncate(at);
            store_items(interp, method, items)
        }
        "last" | "back" => {
            let mut items = interp.items_of(&whole);
            items.reverse();
            interp.take_next(&Value::Seq(Rc::new(items))).0
        }
        "len" | "count" => {
            let items = interp.items_of(&whole);
            interp.count(&items)
        }
        "is_empty" => {
            let items = interp.items_of(&whole);
            let mut any = Guard::FALSE;
            for (guard, _) in items {
                any = interp.inputs.or(any, guard);
            }
            let none = interp.inputs.not(any);
            interp.boolean(none)
        }
        "get" | "nth" | "get_mut" => {
            if method.name == "nth" && method.place.is_some() {
                let at = int(&method.arg(0))?;
                let mut value = value.clone();
                let mut found = Gv::none();
                for _ in 0..=at {
                    let (next, rest) = interp.take_next(&value);
                    found = next;
                    value = rest;
                }
                store(interp, method, Gv::of(value));
                return Some(found);
            }
            let items = interp.items_and_tail(&whole);
            match method.arg(0).single() {
                Some(Value::Range { .. }) if has_tail(&items) => return None,
                Some(Value::Range { start, end }) => {
                    let range = usize::try_from(start.unwrap_or(0)).ok()?
                        ..end.map_or(Some(items.len()), |end| usize::try_from(end).ok())?;
                    if items.iter().any(|(guard, _)| !guard.is_true()) {
                        return None;
                    }
                    items.get(range).map_or_else(Gv::none, |part| Gv::some(Gv::seq(part.to_vec())))
                }
                _ => {
                    let index = interp.deref_all(&method.arg(0));
                    interp.each(&index, |interp, index| match index {
                        Value::Int(index, _) => interp.nth(&items, *index),
                        _ => interp.unknown("the index is not known"),
                    })
                }
            }
        }
        "contains" => {
            let items = interp.items_of(&whole);
            let wanted = method.arg(0);
            any(interp, &Gv::seq(items), &mut |interp, item| interp.equal(&item, &wanted))
        }
        "any" => {
            let test = method.arg(0);
            any(interp, &whole, &mut |interp, item| interp.call_value(&test, vec![item]))
        }
        "all" => {
            let test = method.arg(0);
            let fails = any(interp, &whole, &mut |interp, item| {
                let holds = interp.call_value(&test, vec![item]);
                interp.negate(&holds)
            });
            interp.negate(&fails)
        }
        "find" | "position" | "find_map" | "rposition" | "rfind" => {
            let test = method.arg(0);
            search(interp, &whole, &test, method.name)?
        }
        "for_each" => {
            let action = method.arg(0);
            interp.drive(&whole, &mut |interp, item| {
                interp.call_value(&action, vec![item]);
            });
            if interp.dead() { Gv::never() } else { Gv::unit() }
        }
        "try_for_each" => return None,
        "fold" => {
            let action = method.arg(1);
            let cell = interp.new_cell(method.arg(0));
            interp.drive(&whole, &mut |interp, item| {
                let before = interp.read_cell(cell);
                let after = interp.call_value(&action, vec![before, item]);
                interp.write_cell(cell, after);
            });
            if interp.dead() { Gv::never() } else { interp.read_cell(cell) }
        }
        "sum" | "product" => {
            let start = if method.name == "sum" { 0 } else { 1 };
            let cell = interp.new_cell(Gv::of(Value::Int(start, crate::value::IntType::Unknown)));
            let operator = if method.name == "sum" { "+" } else { "*" };
            interp.drive(&whole, &mut |interp, item| {
                let before = interp.read_cell(cell);
                let after = interp.arithmetic(operator, &before, &item);
                interp.write_cell(cell, after);
            });
            if interp.dead() { Gv::never() } else { interp.read_cell(cell) }
        }
        "join" | "concat" => {
            let separator = if method.name == "join" { method.arg(0) } else { Gv::str("") };
            join(interp, &whole, &separator)
        }
        "chain" => {
            let mut items = match value {
                Value::Iter(iter) if iter.stages.is_empty() => (*iter.items).clone(),
                _ => interp.items_of(&whole),
            };
            let other = method.arg(0);
            items.extend(interp.items_of(&other));
            Gv::seq(items)
        }
        "rev" | "reverse" => {
            let mut items = interp.items_of(&whole);
            items.reverse();
            if method.name == "reverse" {
                return Some(store_items(interp, method, items));
            }
            Gv::seq(items)
        }
        "enumerate" => {
            let items = interp.items_and_tail(&whole);
            let path = interp.pc;
            if has_tail(&items) && interp.inputs.is_chain(path, &items) {
                let pair = |(at, (guard, item)): (usize, (Guard, Gv))| {
                    let parts = item.0.iter().map(|(under, value)| match value {
                        Value::Opaque(_) => (*under, value.clone()),
                        value => {
                            let pair = [Gv::usize(at), Gv::of(value.clone())];
                            (*under, Value::Tuple(Rc::from(pair)))
                        }
                    });
                    (guard, Gv(parts.collect()))
                };
                return Some(Gv::seq(items.into_iter().enumerate().map(pair).collect()));
            }
            if items.iter().any(|(guard, _)| !guard.is_true()) && interp.inputs.is_chain(path, &items) {
                // What is there has the position it stands at.
                let pair = |(at, (guard, item)): (usize, (Guard, Gv))| {
                    (guard, Gv::of(Value::Tuple(Rc::from([Gv::usize(at), item]))))
                };
                return Some(Gv::seq(items.into_iter().enumerate().map(pair).collect()));
            }
            if items.iter().any(|(guard, _)| !guard.is_true()) {
                return Some(interp.unknown("numbering a list of unknown length is not understood"));
            }
            let numbered = items
                .into_iter()
                .enumerate()
                .map(|(at, (_, item))| Gv::of(Value::Tuple(Rc::from([Gv::usize(at), item]))));
            Gv::list(numbered.collect::<Vec<_>>())
        }
        "cycle" => {
            let items = interp.items_of(&whole);
            if items.is_empty() || items.iter().any(|(guard, _)| !guard.is_true()) {
                return None;
            }
            Gv::of(Value::Tuple(Rc::from([Gv::str(CYCLE), Gv::seq(items)])))
        }
        "zip" => {
            let other = method.arg(0);
            if let Some(cycle) = other.single().and_then(cycle_of) {
                let count = interp.items_of(&whole).len();
                let items = around(interp, &cycle, count);
                return Some(interp.call_method(&whole, "zip", &[Gv::seq(items)], None, &[]));
            }
            let (a, b) = match value {
                Value::Range { start, end: None } => {
                    let b = interp.items_of(&other);
                    let start = start.unwrap_or(0);
                    let a = (0..b.len())
                        .map(|at| {
                            (
                                Guard::TRUE,
                                Gv::of(Value::Int(start + at as i128, crate::value::IntType::Unknown)),
                            )
                        })
                        .collect();
                    (a, b)
                }
                _ => {
                    let a: Items = interp.items_of(&whole);
                    match other.single() {
                        Some(Value::Range { start, end: None }) => {
                            let start = start.unwrap_or(0);
                            let b = (0..a.len())
                                .map(|at| {
                                    (
                                        Guard::TRUE,
                                        Gv::of(Value::Int(
                                            start + at as i128,
                                            crate::value::IntType::Unknown,
                                        )),
                                    )
                                })
                                .collect();
                            (a, b)
                        }
                        _ => {
                            let b = interp.items_of(&other);
                            (a, b)
                        }
                    }
                }
            };
            if a.iter().chain(&b).any(|(guard, _)| !guard.is_true()) {
                return Some(interp.unknown("pairing lists of unknown length is not understood"));
            }
            Gv::list(
                a.into_iter()
                    .zip(b)
                    .map(|((_, a), (_, b))| Gv::of(Value::Tuple(Rc::from([a, b]))))
                    .collect::<Vec<_>>(),
            )
        }
        "take" | "skip" if matches!(value, Value::Seq(items) if has_tail(items)) => {
            let count = usize::try_from(int(&method.arg(0))?).ok()?;
            let Value::Seq(items) = value else { return None };
            let path = interp.pc;
            if count > items.len()
                || items[..count].iter().any(|(_, item)| may_be_tail(item))
                || !interp.inputs.is_chain(path, items)
            {
                return Some(interp.unknown("the rest of a list is not known"));
            }
            Gv::seq(if method.name == "take" { items[..count].to_vec() } else { items[count..].to_vec() })
        }
        "skip" | "take" | "step_by" | "chunks" | "windows" | "chunks_exact" => {
            let count = usize::try_from(int(&method.arg(0))?).ok()?;
            let mut items = if let (Value::Range { start, end: None }, "take") = (value, method.name) {
                let start = start.unwrap_or(0);
                (0..count)
                    .map(|at| {
                        (Guard::TRUE, Gv::of(Value::Int(start + at as i128, crate::value::IntType::Unknown)))
                    })
                    .collect()
            } else {
                interp.items_of(&whole)
            };
            if items.iter().any(|(guard, _)| !guard.is_true()) {
                let path = interp.pc;
                if matches!(method.name, "skip" | "take") && interp.inputs.is_chain(path, &items) {
                    return Some(Gv::seq(if method.name == "skip" {
                        items.split_off(count.min(items.len()))
                    } else {
                        items.truncate(count);
                        items
                    }));
                }
                if method.name == "skip" {
                    let mut value = Value::Seq(Rc::new(items));
                    for _ in 0..count {
                        value = interp.take_next(&value).1;
                    }
                    return Some(Gv::of(value));
                }
                return Some(interp.unknown("a part of a list of unknown length is not understood"));
            }
            let list = |part: &[(Guard, Gv)]| Gv::seq(part.to_vec());
            match method.name {
                "skip" => Gv::seq(items.split_off(count.min(items.len()))),
                "take" => {
                    items.truncate(count);
                    Gv::seq(items)
                }
                "step_by" => Gv::seq(items.into_iter().step_by(count.max(1)).collect()),
                "chunks" => Gv::list(items.chunks(count.max(1)).map(list)),
                "chunks_exact" => Gv::list(items.chunks_exact(count.max(1)).map(list)),
                _ => Gv::list(items.windows(count.max(1)).map(list)),
            }
        }
        "take_while" | "skip_while" | "map_while" => {
            let test = method.arg(0);
            let start = interp.pc;
            let mut taking = start;
            let mut items = Vec::new();
            let mut after = Guard::FALSE;
            let name = method.name;
            interp.drive(&whole, &mut |interp, item| {
                let here = interp.pc;
                interp.pc = interp.inputs.and(here, taking);
                let mut holds = Guard::FALSE;
                let mut kept = item.clone();
                if !interp.dead() {
                    let answer = interp.call_value(&test, vec![item.clone()]);
                    if name == "map_while" {
                        let (some, inner) = interp.some_of(&answer);
                        holds = some;
                        kept = inner;
                    } else {
                        holds = interp.truth(&answer);
                    }
                }
                let skipping = interp.inputs.minus(here, holds);
                if name == "skip_while" {
                    if !skipping.is_false() {
                        items.push((if skipping == start { Guard::TRUE } else { skipping }, item));
                    }
                } else if !holds.is_false() {
                    items.push((if holds == start { Guard::TRUE } else { holds }, kept));
                }
                taking = interp.inputs.minus(taking, skipping);
                interp.pc = here;
                after = here;
            });
            Gv::seq(items)
        }
        "max" | "min" | "max_by_key" | "min_by_key" => {
            if method.name.ends_with("key") {
                return None;
            }
            let operator = if method.name == "max" { ">=" } else { "<" };
            let cell = interp.new_cell(Gv::none());
            interp.drive(&whole, &mut |interp, item| {
                let best = interp.read_cell(cell);
                let (some, inner) = interp.some_of(&best);
                let path = interp.pc;
                interp.pc = interp.inputs.and(path, some);
                let mut better = interp.inputs.minus(path, some);
                if !interp.dead() {
                    let is_better = interp.ordered(&item, &inner, operator);
                    let truth = interp.truth(&is_better);
                    better = interp.inputs.or(better, truth);
                }
                interp.pc = interp.inputs.and(path, better);
                interp.write_cell(cell, Gv::some(item));
                interp.pc = path;
            });
            if interp.dead() { Gv::never() } else { interp.read_cell(cell) }
        }
        "sort" | "sort_unstable" | "dedup" | "sort_by" | "sort_by_key" | "sort_unstable_by_key" => {
            sort(interp, method, &whole)?
        }
        "retain" => {
            let test = method.arg(0);
            let start = interp.pc;
            let items = interp.items_of(&whole);
            let mut kept = Vec::new();
            interp.drive(&Gv::seq(items), &mut |interp, item| {
                let holds = interp.call_value(&test, vec![item.clone()]);
                let truth = interp.truth(&holds);
                if !truth.is_false() {
                    kept.push((if truth == start { Guard::TRUE } else { truth }, item));
                }
            });
            store_items(interp, method, kept)
        }
        "partition" => {
            let test = method.arg(0);
            let (mut yes, mut no) = (Vec::new(), Vec::new());
            interp.drive(&whole, &mut |interp, item| {
                let holds = interp.call_value(&test, vec![item.clone()]);
                let truth = interp.truth(&holds);
                let fails = interp.inputs.minus(interp.pc, truth);
                if !truth.is_false() {
                    yes.push((truth, item.clone()));
                }
                if !fails.is_false() {
                    no.push((fails, item));
                }
            });
            Gv::of(Value::Tuple(Rc::from([Gv::seq(yes), Gv::seq(no)])))
        }
        "starts_with" | "ends_with" => {
            let (a, b) = (interp.items_of(&whole), interp.items_of(&method.arg(0)));
            if a.len() < b.len() || a.iter().chain(&b).any(|(guard, _)| !guard.is_true()) {
                return if a.len() < b.len() { Some(Gv::bool(false)) } else { None };
            }
            let part = if method.name == "starts_with" {
                a[..b.len()].to_vec()
            } else {
                a[a.len() - b.len()..].to_vec()
            };
            interp.equal(&Gv::seq(part), &Gv::seq(b))
        }
        "split_first" | "split_last" => {
            let items = interp.items_of(&whole);
            if items.iter().any(|(guard, _)| !guard.is_true()) {
                return None;
            }
            let (at, rest) = match (method.name, items.len()) {
                (_, 0) => return Some(Gv::none()),
                ("split_first", _) => (0, items[1..].to_vec()),
                (_, length) => (length - 1, items[..length - 1].to_vec()),
            };
            Gv::some(Gv::of(Value::Tuple(Rc::from([items[at].1.clone(), Gv::seq(rest)]))))
        }
        "eq" => interp.equal(&whole, &method.arg(0)),
        "unzip" => {
            let (mut left, mut right) = (Vec::new(), Vec::new());
            let start = interp.pc;
            interp.drive(&whole, &mut |interp, item| {
                let guard = if interp.pc == start { Guard::TRUE } else { interp.pc };
                left.push((guard, interp.field(&item, "0")));
                right.push((guard, interp.field(&item, "1")));
            });
            Gv::of(Value::Tuple(Rc::from([Gv::seq(left), Gv::seq(right)])))
        }
        "start" | "end" => return None,
        _ => return None,
    })
}

fn store_items(interp: &mut Interp<'_>, method: &Method<'_>, items: Items) -> Gv {
    store(interp, method, Gv::seq(items))
}

/// Whether a test holds for an item; items after the first that it holds for are not asked.
pub(super) fn any(interp: &mut Interp<'_>, list: &Gv, test: &mut dyn FnMut(&mut Interp<'_>, Gv) -> Gv) -> Gv {
    let mut found = Guard::FALSE;
    interp.drive(list, &mut |interp, item| {
        let holds = test(interp, item);
        let truth = interp.truth(&holds);
        found = interp.inputs.or(found, truth);
        interp.pc = interp.inputs.minus(interp.pc, truth);
    });
    interp.pc = interp.inputs.or(interp.pc, found);
    if interp.dead() { Gv::never() } else { interp.boolean(found) }
}

fn search(interp: &mut Interp<'_>, list: &Gv, test: &Gv, name: &str) -> Option<Gv> {
    let mut items = None;
    if name.starts_with('r') {
        let mut reversed = interp.items_of(list);
        reversed.reverse();
        items = Some(Gv::seq(reversed));
    }
    if name.ends_with("position") {
        let all = interp.items_of(list);
        if all.iter().any(|(guard, _)| !guard.is_true()) {
            return None;
        }
    }
    let list = items.as_ref().unwrap_or(list);
    let mut parts = Vec::new();
    let mut found = Guard::FALSE;
    let mut at = 0usize;
    interp.drive(list, &mut |interp, item| {
        let answer = interp.call_value(test, vec![item.clone()]);
        let (holds, value) = match name {
            "find_map" => interp.some_of(&answer),
            "position" => (interp.truth(&answer), Gv::usize(at)),
            "rposition" => (interp.truth(&answer), Gv::unit()),
            _ => (interp.truth(&answer), item),
        };
        at += 1;
        parts.push((holds, Gv::some(value)));
        found = interp.inputs.or(found, holds);
        interp.pc = interp.inputs.minus(interp.pc, holds);
    });
    if name == "rposition" {
        return None;
    }
    parts.push((interp.pc, Gv::none()));
    interp.pc = interp.inputs.or(interp.pc, found);
    Some(interp.inputs.join(parts))
}

fn join(interp: &mut Interp<'_>, list: &Gv, separator: &Gv) -> Gv {
    let items = interp.items_of(list);
    let mut text = Gv::str("");
    let mut first_at: Option<Guard> = None;
    for (guard, item) in items {
        // What is not there has no text either: the item is asked only where it is.
        let path = interp.pc;
        interp.pc = interp.inputs.and(path, guard);
        let outside = interp.inputs.minus(path, guard);
        if interp.dead() {
            interp.pc = path;
            continue;
        }
        // Bytes or lists of lists are not text.
        if let Some(Value::Seq(inner)) = item.single() {
            let _ = inner;
            return interp.unknown("joining lists is not understood");
        }
        let item = interp.display(&item, None);
        let before = first_at.unwrap_or(Guard::FALSE);
        let with = if before.is_true() {
            concat(interp, separator, &item)
        } else if before.is_false() {
            item.clone()
        } else {
            let separated = interp.choose(before, separator.clone(), Gv::str(""));
            concat(interp, &separated, &item)
        };
        text = match (outside.is_false(), text.single().is_some() && with.single().is_some()) {
            (true, _) => concat(interp, &text, &with),
            // One text with a guarded end, rather than twice as many texts.
            (false, true) => {
                let there = interp.pc;
                let with = guarded_text(interp, there, &with);
                interp.pc = interp.inputs.or(there, outside);
                concat(interp, &text, &with)
            }
            (false, false) => {
                let longer = concat(interp, &text, &with);
                let there = interp.pc;
                interp.pc = interp.inputs.or(there, outside);
                interp.inputs.join(vec![(there, longer), (outside, text)])
            }
        };
        interp.pc = if outside.is_false() { interp.pc } else { interp.inputs.or(interp.pc, outside) };
        let now = interp.inputs.or(before, guard);
        first_at = Some(now);
        if interp.dead() {
            return Gv::never();
        }
    }
    text
}

/// Text that is there only under a guard.
fn guarded_text(interp: &mut Interp<'_>, guard: Guard, text: &Gv) -> Gv {
    match text.single() {
        Some(Value::Text(text)) => {
            let mut pieces = Vec::new();
            for (inner, piece) in text.0.iter() {
                let both = interp.inputs.and(guard, *inner);
                pieces.push((both, piece.clone()));
            }
            Gv::text(crate::value::Text::from_pieces(pieces))
        }
        _ => text.clone(),
    }
}

fn collect(interp: &mut Interp<'_>, list: &Gv, method: &Method<'_>) -> Gv {
    let ty = method.generics.first().cloned().or_else(|| method.hint.cloned());
    let ty = ty.filter(|ty| ty.name != "_");
    let Some(ty) = ty else {
        let items = interp.items_and_tail(list);
        return if interp.dead() { Gv::never() } else { Gv::seq(items) };
    };
    match ty.name.as_str() {
        "String" | "OsString" => {
            let items = interp.items_of(list);
            join(interp, &Gv::seq(items), &Gv::str(""))
        }
        "PathBuf" => {
            let items = interp.items_of(list);
            super::path::join_all(interp, items)
        }
        "HashSet" | "BTreeSet" | "HashMap" | "BTreeMap" => {
            let items = interp.items_of(list);
            super::map::from_items(interp, items, ty.name.starts_with('B'), ty.name.ends_with("Set"))
        }
        "Result" | "Option" => {
            // The first failure is the whole's.
            let mut items = Vec::new();
            let mut failed = Vec::new();
            let mut ended = Guard::FALSE;
            let start = interp.pc;
            interp.drive(list, &mut |interp, item| {
                let (some, inner) = interp.some_of(&item);
                if !some.is_false() {
                    items.push((if some == start { Guard::TRUE } else { some }, inner));
                }
                let fails = interp.inputs.minus(interp.pc, some);
                if !fails.is_false() {
                    failed.push((fails, item));
                    ended = interp.inputs.or(ended, fails);
                }
                interp.pc = interp.inputs.minus(interp.pc, fails);
            });
            let fine = interp.pc;
            let inner = match ty.args.first() {
                Some(inner) => {
                    let inner_method = Method {
                        value: method.value,
                        place: None,
                        name: "collect",
                        args: &[],
                        hint: Some(inner),
                        generics: &[],
                    };
                    collect(interp, &Gv::seq(items), &inner_method)
                }
                None => Gv::seq(items),
            };
            let whole = if ty.name == "Option" { Gv::some(inner) } else { Gv::ok(inner) };
            failed.push((fine, whole));
            interp.pc = interp.inputs.or(fine, ended);
            interp.inputs.join(failed)
        }
        _ => {
            let items = interp.items_and_tail(list);
            if interp.dead() { Gv::never() } else { Gv::seq(items) }
        }
    }
}

fn sort(interp: &mut Interp<'_>, method: &Method<'_>, list: &Gv) -> Option<Gv> {
    let items = interp.items_of(list);
    if method.name == "dedup" {
        let mut kept: Items = Vec::new();
        for (guard, item) in items {
            let key = sort_key(item.single()?)?;
            match kept.last_mut() {
                // Neighbours among all are neighbours among those that are there.
                Some((known, last)) if last.single().and_then(sort_key).as_ref() == Some(&key) => {
                    *known = interp.inputs.or(*known, guard);
                }
                _ => kept.push((guard, item)),
            }
        }
        return Some(store_items(interp, method, kept));
    }
    let mut keyed = Vec::new();
    for (guard, item) in items {
        let key = match method.name {
            "sort" | "sort_unstable" => item.clone(),
            "sort_by_key" | "sort_unstable_by_key" => interp.call_value(&method.arg(0), vec![item.clone()]),
            _ => return None,
        };
        keyed.push((sort_key(key.single()?)?, (guard, item)));
    }
    keyed.sort_by(|a, b| a.0.cmp(&b.0));
    Some(store_items(interp, method, keyed.into_iter().map(|(_, item)| item).collect()))
}

/// A set or map from entries, empty.
pub(super) fn empty_map(sorted: bool, set: bool) -> Value {
    Value::Map(Rc::new(MapValue { sorted, set, entries: Vec::new() }))
}
