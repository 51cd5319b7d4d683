//! Methods that change the number of items of a vector or deque.

use super::super::Method;
use super::super::text::{int, store};
use super::access::bounds;
use crate::interp::{Interp, has_tail};
use crate::logic::Guard;
use crate::value::{Cases, Items, SeqKind, Text, Value};

fn certain(items: &Items) -> bool {
    items.iter().all(|(guard, _)| guard.is_true()) && !has_tail(items)
}

impl Interp<'_> {
    /// Returns a value with the type of the list's elements.
    pub(crate) fn as_element(&mut self, items: &mut Items, value: &Cases) -> Cases {
        if let Some(element) = items.element.clone() {
            return self.typed(value, Some(&element));
        }
        let Some((_, first)) = items.first().cloned() else { return value.clone() };
        let known = self.typed_like(value, &first);
        // The type of the new element is also that of the elements before it.
        let more = self.typed_like(&first, &known);
        if more != first || crate::value::type_of(&more) != crate::value::type_of(&first) {
            for item in items.iter_mut() {
                item.1 = self.typed_like(&item.1.clone(), &known);
            }
        }
        known
    }
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>, whole: &Cases) -> Option<Cases> {
    let Value::Seq(list) = method.value else { return None };
    let mut items = (**list).clone();
    // Copied items count towards the limit on work.
    let copied = matches!(
        method.name,
        "push"
            | "push_back"
            | "push_front"
            | "insert"
            | "pop"
            | "pop_back"
            | "pop_front"
            | "remove"
            | "swap_remove"
            | "truncate"
            | "resize"
            | "splice"
            | "extend"
            | "extend_from_slice"
            | "append"
    );
    if copied {
        interp.count_items(items.len() / 8);
    }
    let position = |at: usize| usize::try_from(int(&method.arg(at))?).ok();
    Some(match method.name {
        "push" | "push_back" => {
            let item = interp.as_element(&mut items, &method.arg(0));
            items.push((Guard::TRUE, item));
            // A list that grows in a loop without a specified order has no specified order itself.
            let outside = method.place.is_some_and(|place| interp.grows_outside(place.cell));
            items.unordered |= outside;
            interp.in_any_order(|interp| store(interp, method, Cases::seq(items)))
        }
        "push_front" => {
            let item = interp.as_element(&mut items, &method.arg(0));
            items.insert(0, (Guard::TRUE, item));
            store(interp, method, Cases::seq(items))
        }
        "insert" => {
            let at = position(0)?;
            if items.iter().take(at).any(|(guard, _)| !guard.is_true()) || has_tail(&items) {
                return None;
            }
            if at > items.len() {
                return Some(interp.panic(Text::lit("insertion index should be <= len")));
            }
            let item = interp.as_element(&mut items, &method.arg(1));
            items.insert(at, (Guard::TRUE, item));
            store(interp, method, Cases::seq(items))
        }
        "extend" | "extend_from_slice" | "append" => {
            let other = method.arg(0);
            let iter = interp.iterate(&other);
            let added = match other.single() {
                Some(Value::Ref(_)) if method.name != "extend" => {
                    let other = interp.deref_all(&other);
                    interp.items_of(&other)
                }
                _ => interp.items_of(&Cases::of(iter.into_value())),
            };
            interp.count_items(added.len());
            items.unordered |= added.unordered;
            for (guard, item) in added {
                let item = interp.deref_all(&item);
                let item = if items.element.is_some() || items.len() < 2 {
                    interp.as_element(&mut items, &item)
                } else {
                    item
                };
                items.push((guard, item));
            }
            if method.name == "append"
                && let Some(Value::Ref(place)) = other.single()
            {
                let place = std::rc::Rc::clone(place);
                let empty = interp.deref_all(&other);
                let kind = match empty.single() {
                    Some(Value::Seq(items)) => items.kind,
                    _ => SeqKind::Vec,
                };
                interp.write_place(&place, Cases::seq(Items::new().of_kind(kind)));
            }
            let outside = method.place.is_some_and(|place| interp.grows_outside(place.cell));
            items.unordered |= outside;
            interp.in_any_order(|interp| store(interp, method, Cases::seq(items)))
        }
        "write_all" | "write" | "write_fmt" | "write_str" => {
            // A `Vec<u8>` that is written to becomes text.
            if method.name == "write" {
                return None;
            }
            let before = interp.display_bytes(whole);
            let added = interp.deref_all(&method.arg(0));
            let added = interp.display_bytes(&added);
            let text = crate::interp::concat(interp, &before, &added);
            let text = interp.text_as(&text, crate::value::TextType::ByteVec);
            let stored = store(interp, method, text);
            if stored.is_never() { stored } else { Cases::ok(Cases::unit()) }
        }
        "flush" => Cases::ok(Cases::unit()),
        "reserve" | "shrink_to_fit" => Cases::unit(),
        "clear" => store(interp, method, Cases::seq(Items::new().like(list))),
        "pop" | "pop_back" => match items.last() {
            None => Cases::none(),
            Some((guard, item)) if guard.is_true() && !crate::interp::may_be_tail(item) => {
                let (_, last) = items.pop()?;
                store(interp, method, Cases::seq(items));
                if interp.dead() { Cases::never() } else { Cases::some(last) }
            }
            Some(_) => return None,
        },
        "pop_front" => {
            let (first, rest) = interp.take_next(&items);
            if !interp.dead() {
                store(interp, method, Cases::seq(rest));
            }
            first
        }
        "remove" if int(&method.arg(0)) == Some(0) && items.kind != SeqKind::Deque => {
            let (first, rest) = interp.take_next(&items);
            if !interp.dead() {
                store(interp, method, Cases::seq(rest));
            }
            interp.call_method(
                &first,
                "expect",
                &[Cases::str("removal index (is 0) should be < len")],
                None,
                &[],
            )
        }
        "remove" | "swap_remove" => {
            let at = position(0)?;
            if !certain(&items) {
                return None;
            }
            if items.kind == SeqKind::Deque {
                if method.name == "swap_remove" {
                    return None;
                }
                if at >= items.len() {
                    return Some(Cases::none());
                }
            }
            if at >= items.len() {
                return Some(interp.panic(Text::lit("removal index should be < len")));
            }
            let deque = items.kind == SeqKind::Deque;
            let (_, removed) = if method.name == "remove" { items.remove(at) } else { items.swap_remove(at) };
            store(interp, method, Cases::seq(items));
            if deque { Cases::some(removed) } else { removed }
        }
        "truncate" => {
            let at = position(0)?;
            if !certain(&items) {
                return None;
            }
            items.truncate(at);
            store(interp, method, Cases::seq(items))
        }
        "resize" => {
            let length = position(0).filter(|length| *length <= 65_536)?;
            if !certain(&items) {
                return None;
            }
            interp.count_items(length);
            let value = interp.as_element(&mut items, &method.arg(1));
            items.truncate(length);
            while items.len() < length {
                let item = interp.cloned(&value);
                items.push((Guard::TRUE, item));
            }
            store(interp, method, Cases::seq(items))
        }
        "split_off" => {
            let at = position(0)?;
            if !certain(&items) {
                return None;
            }
            if at > items.len() {
                return Some(interp.panic(Text::lit("`at` split index should be <= len")));
            }
            let rest = items.split_off(at);
            store(interp, method, Cases::seq(items));
            Cases::seq(rest)
        }
        "drain" => {
            let range = interp.deref_all(&method.arg(0));
            let whole = matches!(range.single(), Some(Value::Range { start: None | Some(0), end: None, .. }));
            method.place?;
            if whole {
                store(interp, method, Cases::seq(Items::new().like(list)));
                return Some(Cases::iter(items));
            }
            if !certain(&items) {
                return None;
            }
            let Some((from, to)) = bounds(range.single()?, items.len())? else {
                return Some(interp.panic(Text::lit("range out of bounds")));
            };
            let drained: Vec<_> = items.drain(from..to).collect();
            store(interp, method, Cases::seq(items));
            Cases::iter(Items::from(drained).like(list))
        }
        // The items put in are asked for when the result is dropped: at once, where nothing is left to be asked.
        "splice" => {
            let range = interp.deref_all(&method.arg(0));
            method.place?;
            if !certain(&items) {
                return None;
            }
            let Some((from, to)) = bounds(range.single()?, items.len())? else {
                return Some(interp.panic(Text::lit("range out of bounds")));
            };
            let new = interp.deref_all(&method.arg(1));
            let Some(Value::Seq(new)) = new.single() else { return None };
            if !certain(new) || new.kind == SeqKind::Collected {
                return None;
            }
            interp.count_items(new.len());
            let mut changed = Items::new().like(list);
            changed.unordered |= new.unordered;
            for (_, item) in items[..from].iter().chain(new.iter()).chain(&items[to..]) {
                let item = interp.as_element(&mut changed, item);
                changed.push((Guard::TRUE, item));
            }
            let removed = items[from..to].to_vec();
            store(interp, method, Cases::seq(changed));
            Cases::iter(Items::from(removed).like(list))
        }
        "rotate_left" | "rotate_right" => {
            let by = position(0)?;
            if !certain(&items) {
                return None;
            }
            if by > items.len() {
                return Some(interp.panic(Text::lit("assertion failed: mid <= self.len()")));
            }
            interp.count_items(items.len() / 8);
            if method.name == "rotate_left" {
                items.rotate_left(by)
            } else {
                items.rotate_right(by)
            }
            store(interp, method, Cases::seq(items))
        }
        "reverse" => {
            items.reverse();
            store(interp, method, Cases::seq(items))
        }
        "retain" => {
            let test = method.arg(0);
            let start = interp.pc;
            let mut kept = Items::new().like(list);
            interp.drive(whole, &mut |interp, item| {
                let holds = interp.call_value(&test, vec![item.clone()]);
                let truth = interp.truth(&holds);
                if !truth.is_false() {
                    kept.push((if truth == start { Guard::TRUE } else { truth }, item));
                }
            });
            store(interp, method, Cases::seq(kept))
        }
        _ => return None,
    })
}
