//! Methods that read a vector, array or slice, and methods that return references to its parts.

use std::rc::Rc;

use super::super::Method;
use super::super::text::{int, store};
use super::any;
use crate::interp::{Interp, has_tail};
use crate::logic::Guard;
use crate::value::{Cases, Items, Iter, Place, SeqKind, Step, Text, Value};

/// Returns whether every item is certainly present.
fn certain(items: &Items) -> bool {
    items.iter().all(|(guard, _)| guard.is_true()) && !has_tail(items)
}

/// Returns the place of a part of the value at a place.
fn below(place: &Place, step: Step) -> Cases {
    let mut path = place.path.clone();
    path.push(step);
    Cases::of(Value::Ref(Rc::new(Place { cell: place.cell, path })))
}

/// Returns the places of all items of a list. A list that is not stored in a place gets one of its own.
fn places(interp: &mut Interp<'_>, method: &Method<'_>, items: &Items) -> Items {
    let place = match method.place {
        Some(place) => Rc::clone(place),
        None => {
            let cell = interp.new_cell(Cases::of(method.value.clone()));
            Rc::new(Place { cell, path: Vec::new() })
        }
    };
    let at = |(at, (guard, _)): (usize, &(Guard, Cases))| (*guard, below(&place, Step::Item(at)));
    items.iter().enumerate().map(at).collect()
}

/// Returns the bounds of a range in a list; the inner `None` if it is out of bounds.
pub(super) fn bounds(range: &Value, length: usize) -> Option<Option<(usize, usize)>> {
    let Value::Range { start, end, .. } = range else { return None };
    let from = usize::try_from(start.unwrap_or(0)).unwrap_or(usize::MAX);
    let to = end.map_or(length, |end| usize::try_from(end).unwrap_or(usize::MAX));
    Some((from <= to && to <= length).then_some((from, to)))
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>, whole: &Cases) -> Option<Cases> {
    let Value::Seq(items) = method.value else { return None };
    let slice =
        |part: &[(Guard, Cases)]| Cases::seq(Items::from(part.to_vec()).like(items).of_kind(SeqKind::Slice));
    let list = |kind: SeqKind| Cases::seq((**items).clone().of_kind(kind));
    Some(match method.name {
        "iter" | "into_iter" => {
            Cases::of(Iter::Items { items: Rc::clone(items), from: 0, to: items.len() }.into_value())
        }
        "cloned" | "copied" if items.kind == SeqKind::Unknown => return None,
        "as_slice" | "as_ref" | "borrow" | "into_boxed_slice" | "deref" => list(SeqKind::Slice),
        "to_vec" => {
            interp.count_items(items.len());
            list(SeqKind::Vec)
        }
        "to_owned" if matches!(items.kind, SeqKind::Slice) => list(SeqKind::Vec),
        "to_owned" | "clone" => {
            interp.count_items(items.len() / 8);
            whole.clone()
        }
        "as_mut_slice" | "as_mut" | "by_ref" => match method.place {
            Some(place) => Cases::of(Value::Ref(Rc::clone(place))),
            None => return None,
        },
        "iter_mut" => {
            let places = places(interp, method, items);
            Cases::iter(places)
        }
        "first" | "front" => interp.take_next(items).0,
        "last" | "back" => {
            let mut reversed = (**items).clone();
            reversed.reverse();
            interp.take_next(&reversed).0
        }
        "first_mut" | "last_mut" | "front_mut" | "back_mut" => {
            let mut places = places(interp, method, items);
            if matches!(method.name, "last_mut" | "back_mut") {
                places.reverse();
            }
            interp.take_next(&places).0
        }
        "len" => interp.count(items),
        "is_empty" => {
            let mut any = Guard::FALSE;
            for (guard, item) in items.iter() {
                let item = interp.within(*guard, |interp| drop(interp.without_tail(item.clone())));
                if item.is_some() {
                    any = interp.inputs.or(any, *guard);
                }
            }
            let none = interp.inputs.not(any);
            interp.boolean(none)
        }
        "get" | "get_mut" => {
            let index = interp.deref_all(&method.arg(0));
            let mutable = method.name == "get_mut";
            if let Some(Value::Range { .. }) = index.single() {
                if !certain(items) {
                    return None;
                }
                let Some((from, to)) = bounds(index.single()?, items.len())? else {
                    return Some(Cases::none());
                };
                return match (mutable, method.place) {
                    (false, _) => Some(Cases::some(slice(&items[from..to]))),
                    (true, Some(place)) => Some(Cases::some(below(place, Step::Slice(from, to)))),
                    (true, None) => None,
                };
            }
            let from = if mutable { places(interp, method, items) } else { (**items).clone() };
            interp.each(&index, |interp, index| match index {
                Value::Int(index, _) => interp.nth(&from, *index),
                _ => interp.unknown("the index is not known"),
            })
        }
        "contains" => {
            let wanted = method.arg(0);
            any(interp, whole, &mut |interp, item| interp.equal(&item, &wanted))
        }
        "starts_with" | "ends_with" => {
            let (a, b) = (interp.items_of(whole), interp.items_of(&method.arg(0)));
            if a.len() < b.len() || a.iter().chain(&b).any(|(guard, _)| !guard.is_true()) {
                return if a.len() < b.len() { Some(Cases::bool(false)) } else { None };
            }
            let part = if method.name == "starts_with" {
                a[..b.len()].to_vec()
            } else {
                a[a.len() - b.len()..].to_vec()
            };
            interp.equal(&Cases::seq(part), &Cases::seq(b))
        }
        "split_first" | "split_last" => {
            if !certain(items) {
                return None;
            }
            let (at, rest) = match (method.name, items.len()) {
                (_, 0) => return Some(Cases::none()),
                ("split_first", _) => (0, &items[1..]),
                (_, length) => (length - 1, &items[..length - 1]),
            };
            Cases::some(Cases::of(Value::Tuple(Rc::from([items[at].1.clone(), slice(rest)]))))
        }
        "split_at" | "split_at_mut" => {
            let at = usize::try_from(int(&method.arg(0))?).ok()?;
            if !certain(items) {
                return None;
            }
            if at > items.len() {
                return Some(interp.panic(Text::lit("mid > len")));
            }
            let parts = match (method.name, method.place) {
                ("split_at", _) => [slice(&items[..at]), slice(&items[at..])],
                (_, Some(place)) => {
                    [below(place, Step::Slice(0, at)), below(place, Step::Slice(at, items.len()))]
                }
                _ => return None,
            };
            Cases::of(Value::Tuple(Rc::from(parts)))
        }
        "chunks" | "windows" | "chunks_exact" => {
            let size = usize::try_from(int(&method.arg(0))?).ok()?;
            if size == 0 {
                return Some(interp.panic(Text::lit("chunk size must be non-zero")));
            }
            if !certain(items) {
                return Some(interp.unknown("a part of a list of unknown length is not understood"));
            }
            interp.count_items(if method.name == "windows" {
                items.len() * size.min(64)
            } else {
                items.len()
            });
            let parts: Vec<Cases> = match method.name {
                "chunks" => items.chunks(size).map(slice).collect(),
                "chunks_exact" => items.chunks_exact(size).map(slice).collect(),
                _ => items.windows(size).map(slice).collect(),
            };
            Cases::iter(parts.into_iter().map(|part| (Guard::TRUE, part)).collect::<Items>())
        }
        "eq" => interp.equal(whole, &method.arg(0)),
        "swap" => {
            let (a, b) = (int(&method.arg(0))?, int(&method.arg(1))?);
            if !certain(items) {
                return None;
            }
            let (Some(a), Some(b)) = (
                usize::try_from(a).ok().filter(|at| *at < items.len()),
                usize::try_from(b).ok().filter(|at| *at < items.len()),
            ) else {
                return Some(interp.panic(Text::lit("index out of bounds")));
            };
            let mut changed = (**items).clone();
            changed.swap(a, b);
            interp.count_items(items.len() / 8);
            store(interp, method, Cases::seq(changed))
        }
        "fill" => {
            let value = method.arg(0);
            let mut changed = (**items).clone();
            for item in changed.iter_mut() {
                item.1 = interp.cloned(&value);
            }
            store(interp, method, Cases::seq(changed))
        }
        _ => return None,
    })
}
