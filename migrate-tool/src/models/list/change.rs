//! Methods that change the list they are called on.

use std::rc::Rc;

use super::super::Method;
use super::super::text::{int, store};
use crate::interp::Interp;
use crate::logic::Guard;
use crate::value::{Gv, Items, Value};

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>, whole: &Gv) -> Option<Gv> {
    let value = method.value;
    Some(match method.name {
        "push" | "push_back" => {
            let mut items = interp.items_of(whole);
            items.push((Guard::TRUE, method.arg(0)));
            store_items(interp, method, items)
        }
        "push_front" => {
            let mut items = interp.items_of(whole);
            items.insert(0, (Guard::TRUE, method.arg(0)));
            store_items(interp, method, items)
        }
        "insert" => {
            let at = usize::try_from(int(&method.arg(0))?).ok()?;
            let mut items = interp.items_of(whole);
            if items.iter().take(at).any(|(guard, _)| !guard.is_true()) || at > items.len() {
                return None;
            }
            items.insert(at, (Guard::TRUE, method.arg(1)));
            store_items(interp, method, items)
        }
        "extend" | "extend_from_slice" | "append" => {
            let mut items = interp.items_of(whole);
            let other = method.arg(0);
            let other = interp.deref_all(&other);
            let added = interp.items_of(&other);
            super::count(interp, added.len());
            items.extend(added);
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
            let mut items = interp.items_of(whole);
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
            let mut items = interp.items_of(whole);
            items.reverse();
            let (last, rest) = interp.take_next(&Value::Seq(Rc::new(items)));
            if let Value::Seq(rest) = rest {
                let rest: Items = rest.iter().rev().cloned().collect();
                store_items(interp, method, rest);
            }
            last
        }
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
            let mut items = interp.items_of(whole);
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
            let mut items = interp.items_of(whole);
            if items.iter().any(|(guard, _)| !guard.is_true()) {
                return None;
            }
            items.truncate(at);
            store_items(interp, method, items)
        }
        "reverse" => {
            let mut items = interp.items_of(whole);
            items.reverse();
            store_items(interp, method, items)
        }
        "retain" => {
            let test = method.arg(0);
            let start = interp.pc;
            let items = interp.items_of(whole);
            let mut kept = Items::new();
            interp.drive(&Gv::seq(items), &mut |interp, item| {
                let holds = interp.call_value(&test, vec![item.clone()]);
                let truth = interp.truth(&holds);
                if !truth.is_false() {
                    kept.push((if truth == start { Guard::TRUE } else { truth }, item));
                }
            });
            store_items(interp, method, kept)
        }
        _ => return None,
    })
}

fn store_items(interp: &mut Interp<'_>, method: &Method<'_>, items: Items) -> Gv {
    store(interp, method, Gv::seq(items))
}
