//! Iterators made of a list or another iterator.

use std::rc::Rc;

use super::super::Method;
use super::super::text::int;
use super::cycle::{around, cycle_of, endless};
use crate::interp::{Interp, has_tail, may_be_tail};
use crate::logic::Guard;
use crate::value::{Gv, Items, Stage, Value};

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>, whole: &Gv) -> Option<Gv> {
    let value = method.value;
    Some(match method.name {
        "map" => interp.with_stage(value, Stage::Map(method.arg(0))),
        "filter" => interp.with_stage(value, Stage::Filter(method.arg(0))),
        "filter_map" => interp.with_stage(value, Stage::FilterMap(method.arg(0))),
        "flat_map" => interp.with_stage(value, Stage::FlatMap(method.arg(0))),
        "flatten" => interp.with_stage(value, Stage::FlatMap(Gv::unit())),
        "inspect" => interp.with_stage(value, Stage::Inspect(method.arg(0))),
        "peekable" => {
            let items = interp.items_and_tail(whole);
            Gv::seq(items)
        }
        "chain" => {
            let mut items = match value {
                Value::Iter(iter) if iter.stages.is_empty() => (*iter.items).clone(),
                _ => interp.items_of(whole),
            };
            let other = method.arg(0);
            items.extend(interp.items_of(&other));
            Gv::seq(items)
        }
        "rev" => {
            let mut items = interp.items_of(whole);
            items.reverse();
            Gv::seq(items)
        }
        "enumerate" => {
            let items = interp.items_and_tail(whole);
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
                return Some(Gv::seq(items.into_iter().enumerate().map(pair).collect::<Items>()));
            }
            if items.iter().any(|(guard, _)| !guard.is_true()) && interp.inputs.is_chain(path, &items) {
                // What is there has the position it stands at.
                let pair = |(at, (guard, item)): (usize, (Guard, Gv))| {
                    (guard, Gv::of(Value::Tuple(Rc::from([Gv::usize(at), item]))))
                };
                return Some(Gv::seq(items.into_iter().enumerate().map(pair).collect::<Items>()));
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
            let items = interp.items_of(whole);
            if items.is_empty() || items.iter().any(|(guard, _)| !guard.is_true()) {
                return None;
            }
            endless(items)
        }
        "zip" => {
            let other = method.arg(0);
            if let Some(cycle) = other.single().and_then(cycle_of) {
                let count = interp.items_of(whole).len();
                let items = around(interp, &cycle, count);
                return Some(interp.call_method(whole, "zip", &[Gv::seq(items)], None, &[]));
            }
            let (a, b) = match value {
                Value::Range { start, end: None, kind } => {
                    let b = interp.items_of(&other);
                    let start = start.unwrap_or(0);
                    let a = (0..b.len())
                        .map(|at| (Guard::TRUE, Gv::of(Value::Int(start + at as i128, *kind))))
                        .collect();
                    (a, b)
                }
                _ => {
                    let a: Items = interp.items_of(whole);
                    match other.single() {
                        Some(Value::Range { start, end: None, kind }) => {
                            let start = start.unwrap_or(0);
                            let b = (0..a.len())
                                .map(|at| (Guard::TRUE, Gv::of(Value::Int(start + at as i128, *kind))))
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
            let mut items = if let (Value::Range { start, end: None, kind }, "take") = (value, method.name) {
                let start = start.unwrap_or(0);
                (0..count).map(|at| (Guard::TRUE, Gv::of(Value::Int(start + at as i128, *kind)))).collect()
            } else {
                interp.items_of(whole)
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
                "step_by" => Gv::seq(items.into_iter().step_by(count.max(1)).collect::<Items>()),
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
            interp.drive(whole, &mut |interp, item| {
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
        _ => return None,
    })
}
