//! Iteration over items that may each be present or absent.

use std::rc::Rc;

use super::Interp;
use crate::logic::Guard;
use crate::value::{Cases, Items, Iter, MapValue, Place, Step, TextClass, Value};

impl Interp<'_> {
    /// Calls `f` with each item, on the path that reaches it. `f` may end a path, which is then not continued with the
    /// next item.
    pub(crate) fn drive(&mut self, iterated: &Cases, f: &mut dyn FnMut(&mut Self, Cases)) {
        if self.order_matters(iterated) {
            return;
        }
        let path = self.pc;
        let mut after = Guard::FALSE;
        for (guard, value) in iterated.0.iter() {
            self.pc = self.inputs.and(path, *guard);
            if self.dead() {
                continue;
            }
            self.drive_value(value, None, f);
            after = self.inputs.or(after, self.pc);
        }
        self.pc = after;
    }

    fn drive_value(&mut self, value: &Value, place: Option<&Rc<Place>>, f: &mut dyn FnMut(&mut Self, Cases)) {
        match value {
            Value::Seq(items) => {
                for (at, (guard, item)) in items.iter().enumerate() {
                    let item = match place {
                        Some(place) => {
                            let mut path = place.path.clone();
                            path.push(Step::Item(at));
                            Cases::of(Value::Ref(Rc::new(Place { cell: place.cell, path })))
                        }
                        None => item.clone(),
                    };
                    if !self.visit(*guard, item, f) {
                        return;
                    }
                }
            }
            Value::Iter(iter) => {
                let iter = Rc::clone(iter);
                self.drive_iter(&iter, place, f);
            }
            Value::Range { start: Some(start), end, kind } => {
                let iter = Iter::Range { start: *start, end: *end, kind: *kind };
                self.drive_iter(&iter, place, f);
            }
            Value::Map(map) => {
                for (guard, item) in self.map_items(map, place.map(|place| &**place)) {
                    if !self.visit(guard, item, f) {
                        return;
                    }
                }
            }
            Value::Enum(option) if &*option.name == "Option" || &*option.name == "Result" => {
                if matches!(&*option.variant, "Some" | "Ok") {
                    let item = match place {
                        Some(place) => {
                            let mut path = place.path.clone();
                            path.push(Step::Field(Rc::from("0")));
                            Cases::of(Value::Ref(Rc::new(Place { cell: place.cell, path })))
                        }
                        None => option.fields[0].1.clone(),
                    };
                    f(self, item);
                }
            }
            Value::Ref(place) => {
                let inside = self.read_place(place);
                let place = Rc::clone(place);
                let path = self.pc;
                let mut after = Guard::FALSE;
                for (guard, value) in inside.0.iter() {
                    self.pc = self.inputs.and(path, *guard);
                    if !self.dead() {
                        self.drive_value(value, Some(&place), f);
                        after = self.inputs.or(after, self.pc);
                    }
                }
                self.pc = after;
            }
            Value::Object(object) if self.objects[*object].kind == "unknown list" => {
                let element = self.objects[*object]
                    .calls
                    .first()
                    .map_or_else(Cases::never, |(_, _, args)| args[0].clone());
                if self.open_loops > 0 {
                    self.unknown("a loop over an unknown list within another is not understood");
                    return;
                }
                self.open_loops = self.cells.len() + 1;
                let (here, residue) = (self.pc, self.residue.len());
                f(self, element);
                self.open_loops = 0;
                // A path that ends in the body ends at some elements only, and there may be none or many.
                let mut lost = self.inputs.minus(here, self.pc);
                let reached: Vec<Guard> = self.residue[residue..].iter().map(|(guard, _)| *guard).collect();
                for guard in reached {
                    lost = self.inputs.minus(lost, guard);
                }
                if !lost.is_false() && !self.gave_up {
                    let after = std::mem::replace(&mut self.pc, lost);
                    self.unknown("leaving a loop over an unknown list is not understood");
                    self.pc = after;
                }
            }
            Value::OpenList(list) => (self.models.open_list_drive)(self, list, f),
            Value::Object(object) if self.objects[*object].kind == "walkdir" => {
                for (guard, item) in (self.models.walk_items)(self, *object) {
                    if !self.visit(guard, item, f) {
                        return;
                    }
                }
            }
            other => {
                if let Some(own) = self.own_iterator(other, place) {
                    self.drive_iter(&own, None, f);
                    return;
                }
                let reason = format!("iterating over {} is not understood", other.kind());
                self.unknown(&reason);
            }
        }
    }

    pub(crate) fn visit(&mut self, guard: Guard, item: Cases, f: &mut dyn FnMut(&mut Self, Cases)) -> bool {
        if self.dead() {
            return false;
        }
        let path = self.pc;
        self.pc = self.inputs.and(path, guard);
        let item = self.without_tail(item);
        if !self.dead() {
            let item = self.narrow(item);
            f(self, item);
        }
        let rest = self.inputs.minus(path, guard);
        self.pc = self.inputs.or(self.pc, rest);
        true
    }

    /// Returns the item; ends the path where the item represents an unknown number of items (a tail).
    pub(crate) fn without_tail(&mut self, item: Cases) -> Cases {
        if !may_be_tail(&item) {
            return item;
        }
        let path = self.pc;
        let mut tail = Guard::FALSE;
        let mut kept = Vec::new();
        for (guard, value) in item.0.iter() {
            if is_tail(value) {
                let here = self.inputs.and(path, *guard);
                tail = self.inputs.or(tail, here);
            } else {
                kept.push((*guard, value.clone()));
            }
        }
        if !tail.is_false() {
            self.pc = tail;
            self.unknown("the rest of a list is not known");
            self.pc = self.inputs.minus(path, tail);
        }
        Cases(Rc::from(kept))
    }

    /// Returns all items as [`Self::items_of`] does, with a tail as one more item.
    pub(crate) fn items_and_tail(&mut self, iterated: &Cases) -> Items {
        match iterated.single() {
            Some(Value::Seq(items)) => (**items).clone(),
            Some(Value::Iter(iter)) => {
                let iter = Rc::clone(iter);
                self.rest_and_tail(&iter)
            }
            _ => self.items_of(iterated),
        }
    }

    /// Returns where an `Option` or `Result` is `Some` or `Ok`, and its content there.
    pub(crate) fn some_of(&mut self, value: &Cases) -> (Guard, Cases) {
        let value = self.deref_all(value);
        let mut some = Guard::FALSE;
        let mut parts = Vec::new();
        for (guard, alternative) in value.0.iter() {
            if let Value::Enum(inner) = alternative
                && matches!(&*inner.variant, "Some" | "Ok")
            {
                let guard = self.inputs.and(*guard, self.pc);
                some = self.inputs.or(some, guard);
                parts.push((guard, inner.fields[0].1.clone()));
            }
        }
        (some, self.inputs.join(parts))
    }

    /// Returns all items in order, each with its guard.
    pub(crate) fn items_of(&mut self, iterated: &Cases) -> Items {
        if let Some(Value::Seq(items)) = iterated.single()
            && !has_tail(items)
        {
            if self.order_matters(iterated) {
                return Items::new();
            }
            return (**items).clone();
        }
        let start = self.pc;
        let mut items = Items::new();
        items.unordered = self.is_unordered(iterated);
        self.drive(iterated, &mut |interp, item| {
            let guard = if interp.pc == start { Guard::TRUE } else { interp.pc };
            items.push((guard, item));
        });
        items
    }

    /// Returns the items of a map: pairs, or the keys of a set.
    pub(crate) fn map_items(&mut self, map: &MapValue, place: Option<&Place>) -> Items {
        let mut order: Vec<usize> = (0..map.entries.len()).collect();
        if map.sorted {
            let keys: Option<Vec<_>> = map.entries.iter().map(|(_, key, _)| sort_key(key)).collect();
            match keys {
                Some(keys) if keys.iter().any(|(kind, ..)| *kind == ENUM_KEY) => {
                    self.unknown("the order of these keys is not known");
                    return Items::new();
                }
                Some(keys) => {
                    let paths = keys.first().is_some_and(|(kind, ..)| *kind == PATH_KEY);
                    let unknown = map
                        .entries
                        .iter()
                        .any(|(_, key, _)| matches!(key, Value::Text(text) if text.class().is_none()));
                    if paths {
                        order.sort_by_key(|at| super::compare::path_key(&keys[*at].2));
                    } else {
                        order.sort_by(|a, b| keys[*a].cmp(&keys[*b]));
                    }
                    // The order of texts is known if their type is known.
                    let text = |at: usize| if unknown { keys[at].2.as_str() } else { "" };
                    if order.windows(2).any(|pair| path_order(text(pair[0]), text(pair[1])).is_none()) {
                        self.unknown("whether these keys are in the order of paths or of texts is not known");
                        return Items::new();
                    }
                }
                None => {
                    self.unknown("the order of these keys is not known");
                    return Items::new();
                }
            }
        }
        let items: Items = order
            .into_iter()
            .map(|at| {
                let (guard, key, value) = &map.entries[at];
                let item = if map.set {
                    Cases::of(key.clone())
                } else {
                    let value = match place {
                        Some(place) => {
                            let mut path = place.path.clone();
                            path.push(Step::Entry(at));
                            Cases::of(Value::Ref(Rc::new(Place { cell: place.cell, path })))
                        }
                        None => value.clone(),
                    };
                    Cases::of(Value::Tuple(Rc::from([Cases::of(key.clone()), value])))
                };
                (*guard, item)
            })
            .collect();
        Items { unordered: !map.sorted && map.entries.len() > 1, ..items }
    }

    /// Models `map.get(key)`: an `Option` of the value under each guard under which the map has the key.
    pub(crate) fn map_get(&mut self, map: &MapValue, key: &Value) -> Cases {
        let mut parts = Vec::new();
        let mut missing = self.pc;
        if let Some((guard, _, value)) = map.entries.iter().find(|(_, known, _)| same_key(known, key)) {
            let there = self.inputs.and(self.pc, *guard);
            missing = self.inputs.minus(self.pc, *guard);
            parts.push((there, Cases::some(value.clone())));
        } else if sort_key(key).is_none() || map.entries.iter().any(|(_, known, _)| sort_key(known).is_none())
        {
            return self.unknown("whether a map has this key is not known");
        }
        parts.push((missing, Cases::none()));
        self.inputs.join(parts)
    }

    /// Models `items.get(index)`: an `Option` of the item, where some items before it may be present only under a
    /// guard.
    pub(crate) fn nth(&mut self, items: &Items, index: i128) -> Cases {
        let Ok(index) = usize::try_from(index) else { return Cases::none() };
        if self.position_matters(items) {
            return Cases::never();
        }
        // Each item that is searched counts towards the limit on work.
        self.text_bytes += items.len();
        if has_tail(items) {
            let mut items = items.clone();
            let mut found = Cases::none();
            for _ in 0..=index.min(items.len()) {
                let (next, rest) = self.take_next(&items);
                (found, items) = (next, rest);
            }
            return found;
        }
        if items.iter().all(|(guard, _)| guard.is_true()) {
            return items.get(index).map_or_else(Cases::none, |(_, item)| Cases::some(item.clone()));
        }
        // `counts[n]` is where exactly n of the items so far are present.
        let mut counts = vec![self.pc];
        let mut parts = Vec::new();
        let mut found = Guard::FALSE;
        for (guard, item) in items {
            if let Some(here) = counts.get(index) {
                let here = self.inputs.and(*here, *guard);
                found = self.inputs.or(found, here);
                parts.push((here, Cases::some(item.clone())));
            }
            counts = self.count_on(&counts, *guard, index + 1);
        }
        let missing = self.inputs.minus(self.pc, found);
        parts.push((missing, Cases::none()));
        self.inputs.join(parts)
    }

    fn count_on(&mut self, counts: &[Guard], guard: Guard, limit: usize) -> Vec<Guard> {
        let mut next = vec![Guard::FALSE; (counts.len() + 1).min(limit + 1)];
        for (count, here) in counts.iter().enumerate() {
            let stays = self.inputs.minus(*here, guard);
            next[count] = self.inputs.or(next[count], stays);
            if count + 1 < next.len() {
                let grows = self.inputs.and(*here, guard);
                next[count + 1] = self.inputs.or(next[count + 1], grows);
            }
        }
        next
    }

    /// Models `items.len()`: the number of items that are present on each path.
    pub(crate) fn count(&mut self, items: &Items) -> Cases {
        let certain = items.iter().filter(|(guard, _)| guard.is_true()).count();
        let mut counts = vec![self.pc];
        for (guard, _) in items.iter().filter(|(guard, _)| !guard.is_true()) {
            counts = self.count_on(&counts, *guard, usize::MAX - 1);
        }
        let parts = counts
            .into_iter()
            .enumerate()
            .map(|(count, guard)| (guard, Cases::usize(count + certain)))
            .collect();
        self.inputs.join(parts)
    }

    /// Returns the first item of a list, and the list without it.
    pub(crate) fn take_next(&mut self, items: &Items) -> (Cases, Items) {
        let start = self.pc;
        let mut searching = start;
        let mut parts = Vec::new();
        let mut rest = Items::with_capacity(items.len()).like(items);
        let mut found = Guard::FALSE;
        for (guard, item) in items {
            // Where an earlier item was the first, this one remains in the list.
            let later = self.inputs.and(*guard, found);
            if !later.is_false() {
                let later = if found == start { *guard } else { later };
                rest.push((later, item.clone()));
            }
            self.pc = self.inputs.and(searching, *guard);
            if self.dead() {
                continue;
            }
            let without = self.inputs.minus(searching, *guard);
            let item = self.narrow(item.clone());
            let item = self.without_tail(item);
            if !self.dead() {
                parts.push((self.pc, Cases::some(item)));
                found = self.inputs.or(found, self.pc);
            }
            searching = without;
        }
        parts.push((searching, Cases::none()));
        self.pc = self.inputs.or(found, searching);
        (self.inputs.join(parts), rest)
    }
}

/// Returns whether an item may represent an unknown number of items.
pub(crate) fn may_be_tail(item: &Cases) -> bool {
    item.0.iter().any(|(_, value)| is_tail(value))
}

/// Returns whether a list may end in items that are not known.
pub(crate) fn has_tail(items: &Items) -> bool {
    items.iter().any(|(_, item)| may_be_tail(item))
}

pub(super) fn is_tail(value: &Value) -> bool {
    matches!(value, Value::Opaque(what) if &**what == crate::semantics::texts::UNKNOWN_TAIL)
}

/// The kind of sort key of paths, which are ordered by their components.
const PATH_KEY: u8 = 6;

/// The kind of sort key of enum variants, which are identified by their names. The names do not determine the order.
const ENUM_KEY: u8 = 4;

/// Returns the order of two texts, if it is the same for texts and for paths, which are compared component by
/// component.
pub(crate) fn path_order(a: &str, b: &str) -> Option<std::cmp::Ordering> {
    let order = a.cmp(b);
    (super::compare::path_key(a).cmp(&super::compare::path_key(b)) == order).then_some(order)
}

/// Returns whether two keys of a map are equal, whatever is known of their types.
pub(crate) fn same_key(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Int(a, _), Value::Int(b, _)) => a == b,
        (Value::Tuple(_), Value::Tuple(_)) => a == b || sort_key(a).is_some_and(|a| sort_key(b) == Some(a)),
        _ => a == b,
    }
}

/// Returns a key that orders a known value; keys begin with their kind.
pub(crate) fn sort_key(value: &Value) -> Option<(u8, i128, String)> {
    Some(match value {
        // A path that is not in normal form may equal another path.
        Value::Text(text) => {
            let literal = text.as_lit()?;
            if text.class() == Some(TextClass::Path) {
                let plain = super::compare::components(literal).join("/");
                if plain.replacen("//", "/", 1) != literal {
                    return None;
                }
            }
            (if text.class() == Some(TextClass::Path) { PATH_KEY } else { 0 }, 0, literal.to_owned())
        }
        Value::Int(number, _) => (1, *number, String::new()),
        Value::Char(character) => (2, i128::from(u32::from(*character)), String::new()),
        Value::Bool(value) => (3, i128::from(*value), String::new()),
        Value::Enum(value) if value.fields.is_empty() => (ENUM_KEY, 0, value.variant.to_string()),
        Value::Tuple(parts) => {
            // A text whose type is not known may be a path, which is ordered by its components.
            let may_be_path = parts.iter().any(|part| {
                matches!(part.single(), Some(Value::Text(text))
                    if text.class().is_none() && text.as_lit().is_some_and(|text| text.contains('/')))
            });
            let parts: Option<Vec<_>> = parts.iter().map(|part| sort_key(part.single()?)).collect();
            let parts = parts?;
            let is_odd = |kind: u8, number: i128| kind == ENUM_KEY || kind == PATH_KEY || number < 0;
            let odd = may_be_path || parts.iter().any(|(kind, number, _)| is_odd(*kind, *number));
            let text: Vec<String> =
                parts.into_iter().map(|(_, number, text)| format!("{number:040}{text}")).collect();
            (if odd { ENUM_KEY } else { 5 }, 0, text.join("\u{0}"))
        }
        _ => return None,
    })
}
