//! Maps and sets.

use std::rc::Rc;

use super::list::empty_map;
use super::text::store;
use super::{Call, Method};
use crate::interp::{Interp, sort_key};
use crate::logic::Guard;
use crate::value::{Cases, Items, MapValue, Place, Step, TextClass, Value};

pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    let rest = call.path.strip_prefix("std::collections::")?;
    let (ty, function) = rest.split_once("::")?;
    let (sorted, set) = (ty.starts_with('B'), ty.ends_with("Set"));
    if !matches!(ty, "HashMap" | "HashSet" | "BTreeMap" | "BTreeSet") {
        return None;
    }
    Some(match function {
        "new" | "with_capacity" | "default" => Cases::of(empty_map(sorted, set)),
        "from" | "from_iter" => {
            let items = interp.in_any_order(|interp| interp.items_of(&call.arg(0)));
            from_items(interp, items, sorted, set)
        }
        _ => return None,
    })
}

/// Returns a map with these pairs, or a set with these items.
pub(super) fn from_items(interp: &mut Interp<'_>, items: Items, sorted: bool, set: bool) -> Cases {
    let mut map = MapValue { sorted, set, entries: Vec::new(), ty: None };
    let (unordered, count) = (items.unordered, items.len());
    for (guard, item) in items {
        let path = interp.pc;
        interp.pc = interp.inputs.and(path, guard);
        if interp.dead() {
            interp.pc = path;
            continue;
        }
        let (key, value) =
            if set { (item, Cases::unit()) } else { (interp.field(&item, "0"), interp.field(&item, "1")) };
        if !insert(interp, &mut map, guard, &key, &value) {
            return Cases::never();
        }
        let outside = interp.inputs.minus(path, guard);
        interp.pc = interp.inputs.or(interp.pc, outside);
    }
    // The last entry of a key remains, so the order matters if keys repeat.
    if unordered && !set && map.entries.len() < count {
        return interp.unknown("what this comes to depends on an order that nobody promises");
    }
    Cases::of(Value::Map(Rc::new(map)))
}

fn insert(interp: &mut Interp<'_>, map: &mut MapValue, under: Guard, key: &Cases, value: &Cases) -> bool {
    let key = interp.deref_all(key);
    for (guard, key) in key.0.iter() {
        let told = sort_key(key).is_some();
        // The only key may be a text that is not known.
        let first = matches!(key, Value::Text(_)) && map.entries.is_empty();
        let own = interp.is_own_key(key);
        if own || !(told || first) || !map.entries.iter().all(|(_, known, _)| is_told(known)) {
            interp.unknown("this key is not known");
            return false;
        }
        let guard = if key_certain(guard) { under } else { interp.inputs.and(under, *guard) };
        match map.entries.iter().position(|(_, known, _)| known == key) {
            Some(at) => {
                let (old_guard, _, old) = map.entries[at].clone();
                let joined = if guard.is_true() {
                    value.clone()
                } else {
                    let rest = interp.inputs.minus(old_guard, guard);
                    interp.inputs.join(vec![(rest, old), (guard, value.clone())])
                };
                map.entries[at].0 = interp.inputs.or(old_guard, guard);
                map.entries[at].2 = joined;
            }
            None => map.entries.push((guard, key.clone(), value.clone())),
        }
    }
    true
}

/// Returns whether a key that a map holds already is told apart from others by its value.
fn is_told(key: &Value) -> bool {
    match key {
        Value::Text(text) if text.class() == Some(TextClass::Path) => sort_key(key).is_some(),
        Value::Text(text) => text.as_lit().is_some(),
        Value::Tuple(_) => sort_key(key).is_some(),
        _ => true,
    }
}

fn key_certain(guard: &Guard) -> bool {
    guard.is_true()
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    let Value::Map(map) = method.value else { return entry_method(interp, method) };
    let whole = Cases::of(method.value.clone());
    Some(match method.name {
        "insert" => {
            let mut changed = (**map).clone();
            let (key, value) = entry_types(interp, map, &method.arg(0), &method.arg(1));
            let value = if map.set { Cases::unit() } else { value };
            let before = match interp.deref_all(&key).single() {
                Some(key) => interp.map_get(map, key),
                None => Cases::none(),
            };
            if interp.dead() || !insert(interp, &mut changed, Guard::TRUE, &key, &value) {
                return Some(Cases::never());
            }
            // The content of a set does not depend on the order of insertion.
            let changed = Cases::of(Value::Map(Rc::new(changed)));
            if map.set {
                interp.in_any_order(|interp| store(interp, method, changed));
            } else {
                store(interp, method, changed);
            }
            if interp.dead() {
                return Some(Cases::never());
            }
            if map.set {
                let (some, _) = interp.some_of(&before);
                let new = interp.inputs.not(some);
                interp.boolean(new)
            } else {
                before
            }
        }
        "extend" => {
            let mut changed = (**map).clone();
            let added = interp.in_any_order(|interp| interp.items_of(&method.arg(0)));
            if added.unordered && !map.set {
                return Some(interp.unknown("what this comes to depends on an order that nobody promises"));
            }
            for (guard, item) in added {
                let (key, value) = if map.set {
                    (item, Cases::unit())
                } else {
                    (interp.field(&item, "0"), interp.field(&item, "1"))
                };
                if !insert(interp, &mut changed, guard, &key, &value) {
                    return Some(Cases::never());
                }
            }
            store(interp, method, Cases::of(Value::Map(Rc::new(changed))))
        }
        "get" | "remove" | "contains_key" | "contains" | "get_mut" | "take" => {
            let key = interp.deref_all(&method.arg(0));
            let found = interp.each(&key, |interp, key| {
                if method.name == "get_mut"
                    && let Some(place) = method.place
                    && let Some(at) = map.entries.iter().position(|(_, known, _)| known == key)
                {
                    let mut path = place.path.clone();
                    path.push(Step::Entry(at));
                    let guard = map.entries[at].0;
                    return interp
                        .option(guard, Cases::of(Value::Ref(Rc::new(Place { cell: place.cell, path }))));
                }
                if map.set {
                    let found = interp.map_get(map, key);
                    let key = Cases::of(key.clone());
                    return interp.each(&found, |_, found| match found {
                        Value::Enum(found) if &*found.variant == "Some" => Cases::some(key.clone()),
                        _ => Cases::none(),
                    });
                }
                interp.map_get(map, key)
            });
            if interp.dead() {
                return Some(Cases::never());
            }
            match method.name {
                "contains_key" | "contains" => {
                    let (some, _) = interp.some_of(&found);
                    interp.boolean(some)
                }
                "remove" | "take" => {
                    let key = key.single()?.clone();
                    let mut changed = (**map).clone();
                    changed.entries.retain(|(_, known, _)| *known != key);
                    store(interp, method, Cases::of(Value::Map(Rc::new(changed))));
                    if map.set && method.name == "remove" {
                        let (some, _) = interp.some_of(&found);
                        return Some(interp.boolean(some));
                    }
                    found
                }
                _ => found,
            }
        }
        "is_empty" | "len" => {
            let items: Items = map.entries.iter().map(|(guard, _, _)| (*guard, Cases::unit())).collect();
            interp.call_method(&Cases::seq(items), method.name, &[], None, &[])
        }
        "iter" | "into_iter" => {
            let items = interp.map_items(map, None);
            Cases::iter(items)
        }
        "drain" => {
            let items = interp.map_items(map, None);
            let mut empty = (**map).clone();
            empty.entries.clear();
            method.place?;
            store(interp, method, Cases::of(Value::Map(Rc::new(empty))));
            Cases::iter(items)
        }
        "iter_mut" => {
            method.place?;
            let items = interp.map_items(map, method.place.map(|place| &**place));
            Cases::iter(items)
        }
        "keys" | "into_keys" => {
            let items = interp.map_items(map, None);
            let unordered = items.unordered;
            let keys: Items =
                items.into_iter().map(|(guard, item)| (guard, interp.field(&item, "0"))).collect();
            Cases::iter(crate::value::Items { unordered, ..keys })
        }
        "values" | "into_values" | "values_mut" => {
            let place = if method.name == "values_mut" { method.place.map(|place| &**place) } else { None };
            let items = interp.map_items(map, place);
            let unordered = items.unordered;
            let values: Items = items
                .into_iter()
                .map(|(guard, item)| match item.single() {
                    Some(Value::Tuple(parts)) => (guard, parts[1].clone()),
                    _ => (guard, Cases::unit()),
                })
                .collect();
            Cases::iter(crate::value::Items { unordered, ..values })
        }
        "clone" | "as_ref" | "to_owned" | "into" => whole,
        "clear" => store(interp, method, Cases::of(empty_map(map.sorted, map.set))),
        "entry" => {
            let key = interp.deref_all(&method.arg(0)).single()?.clone();
            let place = method.place?;
            Cases::of(Value::Tuple(Rc::from([
                Cases::str("entry"),
                Cases::of(key),
                Cases::of(Value::Ref(Rc::clone(place))),
            ])))
        }
        "map" | "filter" | "filter_map" | "any" | "all" | "for_each" => {
            let items = interp.map_items(map, None);
            interp.call_method(&Cases::seq(items), method.name, method.args, method.hint, method.generics)
        }
        "union" | "intersection" | "difference" => return None,
        _ => return None,
    })
}

/// Returns a key and a value with the types of the map.
fn entry_types(interp: &mut Interp<'_>, map: &MapValue, key: &Cases, value: &Cases) -> (Cases, Cases) {
    if let Some(ty) = map.ty.clone() {
        return (interp.typed(key, ty.args.first()), interp.typed(value, ty.args.get(1)));
    }
    match map.entries.first() {
        Some((_, known, held)) => {
            let (known, held) = (Cases::of(known.clone()), held.clone());
            (interp.typed_like(key, &known), interp.typed_like(value, &held))
        }
        None => (key.clone(), value.clone()),
    }
}

/// Models `map.entry(key).or_insert(value)` and similar methods.
fn entry_method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    let Value::Tuple(parts) = method.value else { return None };
    let [tag, key, place] = &**parts else { return None };
    if tag.literal() != Some("entry") {
        return None;
    }
    let (Some(key), Some(Value::Ref(place))) = (key.single().cloned(), place.single().cloned()) else {
        return None;
    };
    let inside = interp.read_place(&place);
    let Some(Value::Map(map)) = inside.single() else { return None };
    let known = map.entries.iter().find(|(_, known, _)| *known == key).map(|(guard, _, _)| *guard);
    let absent = interp.inputs.minus(interp.pc, known.unwrap_or(Guard::FALSE));
    let ty = map.ty.as_ref().and_then(|ty| ty.args.get(1)).cloned();
    let like = map.entries.first().map(|(_, _, value)| value.clone());
    // A closure is called only where the entry is missing.
    let value = interp.within(absent, |interp| match method.name {
        "or_insert" => Some(method.arg(0)),
        "or_insert_with" => Some(interp.call_value(&method.arg(0), vec![])),
        "or_insert_with_key" => Some(interp.call_value(&method.arg(0), vec![Cases::of(key.clone())])),
        "or_default" => Some(match (&ty, &like) {
            (Some(ty), _) => super::defaults::default_of(interp, Some(ty)),
            (None, Some(like)) => {
                let ty = crate::value::type_of(like);
                super::defaults::default_of(interp, Some(&ty).filter(|ty| ty.says_something()))
            }
            (None, None) => interp.unknown("whose default it is is not known"),
        }),
        _ => None,
    });
    let value = match value {
        Some(None) => return None,
        Some(Some(value)) => value,
        None if method.name.starts_with("or_") => Cases::never(),
        None => return None,
    };
    if interp.dead() {
        return Some(Cases::never());
    }
    let value = match (&ty, &like) {
        (Some(ty), _) => interp.typed(&value, Some(ty)),
        (None, Some(like)) => interp.typed_like(&value, like),
        _ => value,
    };
    // Where the closure panicked, nothing is inserted.
    let Some(Value::Map(map)) = interp.read_place(&place).single().cloned() else { return None };
    let mut changed = (*map).clone();
    let at = match changed.entries.iter().position(|(_, known, _)| *known == key) {
        Some(at) => {
            let (guard, _, old) = changed.entries[at].clone();
            let missing = interp.inputs.minus(interp.pc, guard);
            if !missing.is_false() {
                changed.entries[at].2 = interp.inputs.join(vec![(guard, old), (missing, value)]);
                changed.entries[at].0 = interp.inputs.or(guard, missing);
            }
            at
        }
        None => {
            sort_key(&key)?;
            if interp.is_own_key(&key) || !changed.entries.iter().all(|(_, known, _)| is_told(known)) {
                return Some(interp.unknown("whether a map has this key is not known"));
            }
            changed.entries.push((Guard::TRUE, key, value));
            changed.entries.len() - 1
        }
    };
    interp.write_place(&place, Cases::of(Value::Map(Rc::new(changed))));
    // The position of the entry stays valid on other paths, since merging keeps known keys in place.
    let mut path = place.path.clone();
    path.push(Step::Entry(at));
    Some(Cases::of(Value::Ref(Rc::new(Place { cell: place.cell, path }))))
}
