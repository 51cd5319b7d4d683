//! Methods that take items from an iterator: the next, the last, or all of them to count.

use std::rc::Rc;

use super::super::Method;
use super::super::text::int;
use crate::interp::Interp;
use crate::logic::Guard;
use crate::value::{Cases, Items, Iter, Place, Value};

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>, own: &Iter) -> Option<Cases> {
    Some(match method.name {
        "clone" | "to_owned" => {
            let copy = interp.cloned_iter(own);
            Cases::of(copy.into_value())
        }
        "by_ref" => match method.place {
            Some(place) => Cases::of(Value::Ref(Rc::clone(place))),
            None => Cases::of(own.clone().into_value()),
        },
        "next" | "next_back" => next(interp, own, method.name == "next_back"),
        "nth" => {
            let at = int(&method.arg(0))?;
            let mut found = Cases::none();
            let mut iter = own.clone();
            for _ in 0..=at {
                found = step_on(interp, &mut iter);
                let (some, _) = interp.some_of(&found);
                if interp.dead() || some.is_false() {
                    break;
                }
            }
            found
        }
        "peek" => {
            let place = method.place?;
            peek(interp, place)
        }
        "next_if" | "next_if_eq" => {
            let place = method.place?;
            let peeked = peek(interp, place);
            let (some, inner) = interp.some_of(&peeked);
            let own = Iter::Place(Rc::clone(place));
            let path = interp.pc;
            interp.pc = interp.inputs.and(path, some);
            let mut wanted = Guard::FALSE;
            if !interp.dead() {
                let answer = if method.name == "next_if" {
                    interp.call_value(&method.arg(0), vec![inner])
                } else {
                    interp.equal(&inner, &method.arg(0))
                };
                wanted = interp.truth(&answer);
            }
            let none = interp.inputs.minus(path, some);
            interp.pc = interp.inputs.or(interp.pc, none);
            interp.branch(wanted, |interp| next(interp, &own, false), |_| Cases::none())
        }
        "last" => {
            let cell = interp.new_cell(Cases::none());
            drive(interp, method, own, &mut |interp, item| interp.write_cell(cell, Cases::some(item)));
            if interp.dead() { Cases::never() } else { interp.read_cell(cell) }
        }
        "count" => {
            let mut items = Items::new();
            let start = interp.pc;
            drive(interp, method, own, &mut |interp, _| {
                let guard = if interp.pc == start { Guard::TRUE } else { interp.pc };
                items.push((guard, Cases::unit()));
            });
            if interp.dead() { Cases::never() } else { interp.count(&items) }
        }
        // The length is known without calling the iterator's closures.
        "len" => match interp.known_len(own) {
            Some(length) => Cases::usize(length),
            None => match own {
                Iter::Items { items, from, to } => {
                    let part: Items = items.get(*from..*to)?.to_vec().into();
                    if crate::interp::has_tail(&part) {
                        return None;
                    }
                    interp.count(&part)
                }
                _ => return None,
            },
        },
        "is_empty" if matches!(own, Iter::Range { .. }) || method.place.is_some() => {
            let value = match method.place {
                Some(place) => interp.read_place(place),
                None => Cases::of(own.clone().into_value()),
            };
            match value.single()? {
                Value::Range { start: Some(start), end: Some(end), .. } => Cases::bool(start >= end),
                _ => return None,
            }
        }
        "as_str" => {
            let items = interp.items_of(&Cases::of(own.clone().into_value()));
            let characters = items
                .iter()
                .all(|(guard, item)| guard.is_true() && matches!(item.single(), Some(Value::Char(_))));
            if !characters {
                return None;
            }
            let text = super::join::join(interp, &Cases::seq(items), &Cases::str(""));
            interp.text_as(&text, crate::value::TextType::Str)
        }
        _ => return None,
    })
}

/// Returns the next item, and advances the iterator in its place.
fn next(interp: &mut Interp<'_>, own: &Iter, back: bool) -> Cases {
    match own {
        Iter::Place(place) => {
            let place = Rc::clone(place);
            next_at(interp, &place, back)
        }
        iter => interp.next_of(iter, back).0,
    }
}

/// Returns the next item as [`next`] does, and advances an iterator that is a local value.
fn step_on(interp: &mut Interp<'_>, iter: &mut Iter) -> Cases {
    if let Iter::Place(place) = iter {
        let place = Rc::clone(place);
        return next_at(interp, &place, false);
    }
    let (found, state) = interp.next_of(iter, false);
    match state.single() {
        Some(Value::Iter(state)) => *iter = (**state).clone(),
        Some(Value::Range { start: Some(start), end, kind }) => {
            *iter = Iter::Range { start: *start, end: *end, kind: *kind };
        }
        // The iterator has different positions on different paths.
        _ => {
            let cell = interp.new_cell(state);
            *iter = Iter::Place(Rc::new(Place { cell, path: Vec::new() }));
        }
    }
    found
}

fn next_at(interp: &mut Interp<'_>, place: &Rc<Place>, back: bool) -> Cases {
    let inside = interp.read_place(place);
    interp.each(&inside, |interp, value| {
        if let Value::Ref(inner) = value {
            return next_at(interp, &Rc::clone(inner), back);
        }
        let iter = interp.iterate(&Cases::of(value.clone()));
        let (found, state) = interp.next_of(&iter, back);
        if interp.dead() {
            return Cases::never();
        }
        interp.write_place(place, state);
        found
    })
}

/// Models `peek`: returns the next item, which stays in the iterator.
fn peek(interp: &mut Interp<'_>, place: &Rc<Place>) -> Cases {
    let inside = interp.read_place(place);
    interp.each(&inside, |interp, value| {
        let Value::Iter(iter) = value else {
            return interp.unknown("`peek` of this is not understood");
        };
        let Iter::Peekable { inner, peeked } = &**iter else {
            return interp.unknown("`peek` of this is not understood");
        };
        if let Some(peeked) = peeked {
            return peeked.clone().map_or_else(Cases::none, Cases::some);
        }
        let (found, states) = interp.next_of(inner, false);
        if interp.dead() {
            return Cases::never();
        }
        // The item is stored on the path where it was found.
        let (some, item) = interp.some_of(&found);
        let path = interp.pc;
        let mut parts = Vec::new();
        for (guard, state) in states.0.iter() {
            let here = interp.inputs.and(path, *guard);
            for (under, peeked) in
                [(interp.inputs.and(here, some), Some(item.clone())), (interp.inputs.minus(here, some), None)]
            {
                if under.is_false() {
                    continue;
                }
                interp.pc = under;
                let peeked = peeked.map(|item| interp.narrow(item));
                let inner = interp.iterate(&Cases::of(state.clone()));
                let state = Iter::Peekable { inner: Box::new(inner), peeked: Some(peeked) };
                parts.push((under, Cases::of(state.into_value())));
            }
        }
        interp.pc = path;
        let states = interp.inputs.join(parts);
        interp.write_place(place, states);
        found
    })
}

/// Calls `f` with each remaining item. If that stops early, the iterator stays at its position.
pub(super) fn drive<'s>(
    interp: &mut Interp<'s>,
    method: &Method<'_>,
    own: &Iter,
    f: &mut dyn FnMut(&mut Interp<'s>, Cases),
) {
    let _ = method;
    match own {
        Iter::Place(place) => {
            let place = Cases::of(Value::Ref(Rc::clone(place)));
            interp.drive(&place, f);
        }
        iter => interp.drive_iter(iter, None, f),
    }
}
