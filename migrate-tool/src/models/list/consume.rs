//! Methods that go through a list and make one value of it.

use std::rc::Rc;

use super::super::Method;
use super::any;
use super::collect::collect;
use super::join::join;
use crate::interp::{Interp, Ty};
use crate::logic::Guard;
use crate::value::{Cases, Items, Iter, SeqKind, TextType, Value};

/// Models `join` and `concat` of a list.
pub(super) fn joined(interp: &mut Interp<'_>, method: &Method<'_>, whole: &Cases) -> Option<Cases> {
    if !matches!(method.name, "join" | "concat") {
        return None;
    }
    let separator = if method.name == "join" { method.arg(0) } else { Cases::str("") };
    let joined = join(interp, whole, &separator);
    if let Some(Value::Seq(items)) = joined.single() {
        interp.count_items(items.len());
    }
    Some(interp.text_as(&joined, TextType::String))
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>, own: &Iter) -> Option<Cases> {
    let whole = match own {
        Iter::Place(place) => Cases::of(Value::Ref(Rc::clone(place))),
        iter => Cases::of(iter.clone().into_value()),
    };
    let whole = &whole;
    Some(match method.name {
        "collect" | "collect_vec" | "from_iter" => collect(interp, whole, method),
        "any" => {
            let test = method.arg(0);
            any(interp, whole, &mut |interp, item| interp.call_value(&test, vec![item]))
        }
        "all" => {
            let test = method.arg(0);
            let fails = any(interp, whole, &mut |interp, item| {
                let holds = interp.call_value(&test, vec![item]);
                interp.negate(&holds)
            });
            interp.negate(&fails)
        }
        "find" | "position" | "find_map" | "rposition" | "rfind" => {
            let test = method.arg(0);
            search(interp, whole, &test, method.name)?
        }
        "for_each" => {
            let action = method.arg(0);
            let mut each = |interp: &mut Interp<'_>, item: Cases| {
                interp.call_value(&action, vec![item]);
            };
            if interp.is_unordered(whole) {
                interp.loop_in_any_order(|interp| {
                    interp.in_any_order(|interp| interp.drive(whole, &mut each));
                });
            } else {
                interp.drive(whole, &mut each);
            }
            if interp.dead() { Cases::never() } else { Cases::unit() }
        }
        "rfold" => {
            let reversed = Cases::of(Iter::Rev(Box::new(own.clone())).into_value());
            interp.call_method(&reversed, "fold", method.args, method.hint, method.generics)
        }
        "fold" => {
            let action = method.arg(1);
            let cell = interp.new_cell(method.arg(0));
            interp.drive(whole, &mut |interp, item| {
                let before = interp.read_cell(cell);
                let after = interp.call_value(&action, vec![before, item]);
                interp.write_cell(cell, after);
            });
            if interp.dead() { Cases::never() } else { interp.read_cell(cell) }
        }
        "sum" | "product" => super::folds::sum(interp, method, whole)?,
        "try_fold" | "try_for_each" => super::folds::try_fold(interp, method, whole),
        // `join` is a method of the crate itertools.
        "join" => return joined(interp, method, whole),
        "reduce" => {
            let action = method.arg(0);
            let cell = interp.new_cell(Cases::none());
            interp.drive(whole, &mut |interp, item| {
                let before = interp.read_cell(cell);
                let (some, inner) = interp.some_of(&before);
                let after = interp.branch(
                    some,
                    |interp| interp.call_value(&action, vec![inner, item.clone()]),
                    |_| item.clone(),
                );
                interp.write_cell(cell, Cases::some(after));
            });
            if interp.dead() { Cases::never() } else { interp.read_cell(cell) }
        }
        "eq" | "ne" => {
            let (mine, its) = (interp.items_of(whole), interp.iterate(&method.arg(0)));
            let its = interp.items_of(&Cases::of(its.into_value()));
            let equal = interp.equal(&Cases::seq(mine), &Cases::seq(its));
            if method.name == "eq" { equal } else { interp.negate(&equal) }
        }
        "max" | "min" | "max_by_key" | "min_by_key" | "max_by" | "min_by" => {
            let operator = if method.name.starts_with("max") { ">=" } else { "<" };
            let (keyed, compared) = (method.name.ends_with("_key"), method.name.ends_with("_by"));
            let f = method.arg(0);
            let cell = interp.new_cell(Cases::none());
            interp.drive(whole, &mut |interp, item| {
                // With its key, which is asked for once.
                let item = if keyed {
                    let key = interp.call_value(&f, vec![item.clone()]);
                    Cases::of(Value::Tuple(Rc::from([key, item])))
                } else {
                    item
                };
                if interp.dead() {
                    return;
                }
                let best = interp.read_cell(cell);
                let (some, inner) = interp.some_of(&best);
                let path = interp.pc;
                interp.pc = interp.inputs.and(path, some);
                let mut better = interp.inputs.minus(path, some);
                if !interp.dead() {
                    let is_better = if keyed {
                        let (new, old) = (interp.field(&item, "0"), interp.field(&inner, "0"));
                        interp.ordered(&new, &old, operator)
                    } else if compared {
                        // Among equal items, `max` returns the last one and `min` the first one.
                        let order = interp.call_value(&f, vec![inner.clone(), item.clone()]);
                        let name = if operator == "<" { "is_gt" } else { "is_le" };
                        interp.call_method(&order, name, &[], None, &[])
                    } else {
                        interp.ordered(&item, &inner, operator)
                    };
                    let truth = interp.truth(&is_better);
                    better = interp.inputs.or(better, truth);
                }
                interp.pc = interp.inputs.and(path, better);
                interp.write_cell(cell, Cases::some(item));
                interp.pc = path;
            });
            if interp.dead() {
                return Some(Cases::never());
            }
            let best = interp.read_cell(cell);
            if !keyed {
                return Some(best);
            }
            let (some, inner) = interp.some_of(&best);
            interp.branch(
                some,
                |interp| {
                    let item = interp.field(&inner, "1");
                    Cases::some(item)
                },
                |_| Cases::none(),
            )
        }
        "partition" => {
            let test = method.arg(0);
            let (mut yes, mut no) = (Items::new(), Items::new());
            yes.unordered = interp.is_unordered(whole);
            no.unordered = yes.unordered;
            let start = interp.pc;
            interp.drive(whole, &mut |interp, item| {
                let holds = interp.call_value(&test, vec![item.clone()]);
                let truth = interp.truth(&holds);
                let fails = interp.inputs.minus(interp.pc, truth);
                let certain = |guard: Guard| if guard == start { Guard::TRUE } else { guard };
                if !truth.is_false() {
                    yes.push((certain(truth), item.clone()));
                }
                if !fails.is_false() {
                    no.push((certain(fails), item));
                }
            });
            let ty = method.generics.first().or(method.hint.and_then(|hint| hint.args.first())).cloned();
            let parts = [yes, no].map(|items| {
                let items = Cases::seq(items.of_kind(SeqKind::Collected));
                interp.typed(&items, ty.as_ref())
            });
            Cases::of(Value::Tuple(Rc::from(parts)))
        }
        "unzip" => {
            let (mut left, mut right) = (Items::new(), Items::new());
            left.unordered = interp.is_unordered(whole);
            right.unordered = left.unordered;
            let start = interp.pc;
            interp.drive(whole, &mut |interp, item| {
                let guard = if interp.pc == start { Guard::TRUE } else { interp.pc };
                left.push((guard, interp.field(&item, "0")));
                right.push((guard, interp.field(&item, "1")));
            });
            let ty = method.generics.get(2..).or(method.hint.map(|hint| hint.args.as_slice()));
            let ty = ty.filter(|ty| ty.len() == 2).map(<[Ty]>::to_vec);
            let part = |interp: &mut Interp<'_>, items: Items, at: usize| {
                let items = Cases::seq(items.of_kind(SeqKind::Collected));
                interp.typed(&items, ty.as_ref().map(|ty| &ty[at]))
            };
            let parts = [part(interp, left, 0), part(interp, right, 1)];
            Cases::of(Value::Tuple(Rc::from(parts)))
        }
        _ => return None,
    })
}

/// Models `rposition`, which searches from the back and counts from the front.
fn last_position(interp: &mut Interp<'_>, own: &Iter, test: &Cases) -> Option<Cases> {
    let length = interp.exact_len(own);
    let Some(length) = length else { return Some(Cases::never()) };
    let reversed = Cases::of(Iter::Rev(Box::new(own.clone())).into_value());
    let found = search(interp, &reversed, test, "position")?;
    Some(interp.each(&found, |_, found| match found {
        Value::Enum(option) if &*option.variant == "Some" => match option.fields[0].1.single() {
            Some(Value::Int(at, kind)) => Cases::some(Cases::of(Value::Int(length as i128 - 1 - at, *kind))),
            _ => Cases::never(),
        },
        other => Cases::of(other.clone()),
    }))
}

fn search(interp: &mut Interp<'_>, list: &Cases, test: &Cases, name: &str) -> Option<Cases> {
    let reversed;
    let mut list = list;
    if name.starts_with('r') {
        // From the back, and the iterator is left where that ends.
        let inner = interp.iterate(list);
        if name == "rposition" {
            return last_position(interp, &inner, test);
        }
        reversed = Cases::of(Iter::Rev(Box::new(inner)).into_value());
        list = &reversed;
    }
    let mut parts = Vec::new();
    let mut found = Guard::FALSE;
    let mut at = 0usize;
    let mut chain = Guard::TRUE;
    interp.drive(list, &mut |interp, item| {
        if name == "position" {
            let here = interp.pc;
            if !interp.inputs.diagrams.implies(here, chain) {
                interp.unknown("a position in a list of unknown length is not understood");
                return;
            }
            chain = here;
        }
        let answer = interp.call_value(test, vec![item.clone()]);
        let (holds, value) = match name {
            "find_map" => interp.some_of(&answer),
            "position" => (interp.truth(&answer), Cases::usize(at)),
            _ => (interp.truth(&answer), item),
        };
        at += 1;
        parts.push((holds, Cases::some(value)));
        found = interp.inputs.or(found, holds);
        interp.pc = interp.inputs.minus(interp.pc, holds);
        chain = interp.inputs.minus(chain, holds);
    });
    parts.push((interp.pc, Cases::none()));
    interp.pc = interp.inputs.or(interp.pc, found);
    Some(interp.inputs.join(parts))
}
