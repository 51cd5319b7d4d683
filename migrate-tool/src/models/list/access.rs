//! What a list holds, and copies and references of it.

use std::rc::Rc;

use super::super::Method;
use super::super::text::{int, store};
use super::any;
use crate::interp::{Interp, has_tail};
use crate::logic::Guard;
use crate::value::{Gv, Items, Place, Step, Value};

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>, whole: &Gv) -> Option<Gv> {
    let value = method.value;
    Some(match method.name {
        "iter" | "into_iter" | "cloned" | "copied" | "by_ref" | "as_slice" | "to_vec" | "to_owned"
        | "clone" | "as_ref" | "into" | "into_boxed_slice" | "drain" | "fuse" | "as_mut_slice" | "borrow"
        | "as_mut" => {
            if method.name == "drain" {
                match method.arg(0).single() {
                    Some(Value::Range { start: None | Some(0), end: None, .. }) => {}
                    _ => return None,
                }
                store(interp, method, Gv::list([]));
            }
            if method.name == "by_ref" {
                return method.place.map(|place| Gv::of(Value::Ref(Rc::clone(place))));
            }
            whole.clone()
        }
        "iter_mut" => match method.place {
            Some(place) => {
                let Value::Seq(items) = value else { return None };
                let items: Items = items
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
            None => whole.clone(),
        },
        "peek" | "first" | "front" => interp.take_next(value).0,
        "last" | "back" => {
            let mut items = interp.items_of(whole);
            items.reverse();
            interp.take_next(&Value::Seq(Rc::new(items))).0
        }
        "len" | "count" => {
            let items = interp.items_of(whole);
            interp.count(&items)
        }
        "is_empty" => {
            let items = interp.items_of(whole);
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
            let items = interp.items_and_tail(whole);
            match method.arg(0).single() {
                Some(Value::Range { .. }) if has_tail(&items) => return None,
                Some(Value::Range { start, end, .. }) => {
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
            let items = interp.items_of(whole);
            let wanted = method.arg(0);
            any(interp, &Gv::seq(items), &mut |interp, item| interp.equal(&item, &wanted))
        }
        "starts_with" | "ends_with" => {
            let (a, b) = (interp.items_of(whole), interp.items_of(&method.arg(0)));
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
            let items = interp.items_of(whole);
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
        "eq" => interp.equal(whole, &method.arg(0)),
        _ => return None,
    })
}
