//! Maps and sets.

use std::rc::Rc;

use super::list::empty_map;
use super::text::store;
use super::{Call, Method};
use crate::interp::{Interp, same_key, sort_key};
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
        match map.entries.iter().position(|(_, known, _)| same_key(known, key)) {
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
                    && let Some(at) = map.entries.iter().position(|(_, known, _)| same_key(known, key))
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
                    changed.entries.retain(|(_, known, _)| !same_key(known, &key));
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
        "retain" => retain(interp, method, map)?,
        "first_key_value" | "last_key_value" if map.sorted && !map.set => end_of(interp, map, method.name),
        "first" | "last" if map.sorted && map.set => end_of(interp, map, method.name),
        "pop_first" | "pop_last" if map.sorted => {
            // Which entry goes must be the same on every path.
            if map.entries.iter().any(|(guard, _, _)| !guard.is_true()) {
                return None;
            }
            let found = end_of(interp, map, method.name);
            let (some, inner) = interp.some_of(&found);
            if interp.dead() || some.is_false() {
                return Some(found);
            }
            let key = if map.set { inner } else { interp.field(&inner, "0") };
            let key = key.single()?.clone();
            let mut changed = (**map).clone();
            changed.entries.retain(|(_, known, _)| !same_key(known, &key));
            store(interp, method, Cases::of(Value::Map(Rc::new(changed))));
            if interp.dead() { Cases::never() } else { found }
        }
        "map" | "filter" | "filter_map" | "any" | "all" | "for_each" => {
            let items = interp.map_items(map, None);
            interp.call_method(&Cases::seq(items), method.name, method.args, method.hint, method.generics)
        }
        "union" | "intersection" | "difference" | "symmetric_difference" if map.set => {
            let made = combined(interp, map, &method.arg(0), method.name)?;
            let items = interp.map_items(&made, None);
            if interp.dead() { Cases::never() } else { Cases::iter(items) }
        }
        "is_subset" | "is_superset" | "is_disjoint" if map.set => {
            let other = set_of(interp, &method.arg(0))?;
            // No member is in the one and not in the other, or in both.
            let (a, b, name) = match method.name {
                "is_subset" => (&**map, &other, "difference"),
                "is_superset" => (&other, &**map, "difference"),
                _ => (&**map, &other, "intersection"),
            };
            let left = merged(interp, a, b, name)?;
            let mut none = Guard::TRUE;
            for (guard, _, _) in &left.entries {
                none = interp.inputs.minus(none, *guard);
            }
            interp.boolean(none)
        }
        _ => return None,
    })
}

/// Returns the first or last entry of a sorted map, or member of a set, as an `Option`.
fn end_of(interp: &mut Interp<'_>, map: &MapValue, name: &str) -> Cases {
    let mut items = interp.map_items(map, None);
    if interp.dead() {
        return Cases::never();
    }
    if name.contains("last") {
        items.reverse();
    }
    interp.take_next(&items).0
}

/// Models `retain` of a map or set, whose closure may change the values.
fn retain(interp: &mut Interp<'_>, method: &Method<'_>, map: &MapValue) -> Option<Cases> {
    let place = method.place?;
    let test = method.arg(0);
    // The closure is called in the map's order, which nobody promises for one that is not sorted.
    let mut order: Vec<usize> = (0..map.entries.len()).collect();
    if map.sorted {
        let items = interp.map_items(map, None);
        if interp.dead() {
            return Some(Cases::never());
        }
        let at = |interp: &mut Interp<'_>, item: &Cases| {
            let key = if map.set { item.clone() } else { interp.field(item, "0") };
            let key = key.single()?.clone();
            map.entries.iter().position(|(_, known, _)| same_key(known, &key))
        };
        order = items.iter().map(|(_, item)| at(interp, item)).collect::<Option<_>>()?;
    }
    let mut kept = Vec::new();
    let mut ask = |interp: &mut Interp<'_>| {
        for at in &order {
            let (guard, key, _) = map.entries[*at].clone();
            let mut args = vec![Cases::of(key)];
            if !map.set {
                let mut path = place.path.clone();
                path.push(Step::Entry(*at));
                args.push(Cases::of(Value::Ref(Rc::new(Place { cell: place.cell, path }))));
            }
            let holds = interp.within(guard, |interp| {
                let holds = interp.call_value(&test, args);
                interp.truth(&holds)
            });
            kept.push((*at, interp.inputs.and(guard, holds.unwrap_or(Guard::FALSE))));
        }
    };
    if map.sorted || map.entries.len() < 2 {
        ask(interp);
    } else {
        interp.loop_in_any_order(|interp| interp.in_any_order(&mut ask));
    }
    let start = interp.pc;
    let Some(Value::Map(changed)) = interp.read_place(place).single().cloned() else { return None };
    let mut changed = (*changed).clone();
    for (at, guard) in &kept {
        changed.entries[*at].0 = if *guard == start { Guard::TRUE } else { *guard };
    }
    changed.entries.retain(|(guard, _, _)| !guard.is_false());
    Some(store(interp, method, Cases::of(Value::Map(Rc::new(changed)))))
}

/// Models `&a | &b`, `&a & &b`, `&a - &b` and `&a ^ &b` of sets; `None` for other values.
pub(super) fn operator(interp: &mut Interp<'_>, operator: &str, a: &Value, b: &Value) -> Option<Cases> {
    let (Value::Map(a), Value::Map(b)) = (a, b) else { return None };
    let name = match operator {
        "|" => "union",
        "&" => "intersection",
        "-" => "difference",
        "^" => "symmetric_difference",
        _ => return None,
    };
    if !a.set || !b.set || a.sorted != b.sorted {
        return None;
    }
    let made = merged(interp, a, b, name)?;
    Some(Cases::of(Value::Map(Rc::new(made))))
}

/// Returns the set that an argument is, if it is one set.
fn set_of(interp: &mut Interp<'_>, value: &Cases) -> Option<MapValue> {
    let value = interp.deref_all(value);
    match value.single()? {
        Value::Map(map) if map.set => Some((**map).clone()),
        _ => None,
    }
}

fn combined(interp: &mut Interp<'_>, a: &MapValue, b: &Cases, name: &str) -> Option<MapValue> {
    let b = set_of(interp, b)?;
    merged(interp, a, &b, name)
}

/// Returns the union, intersection or difference of two sets, in no order; `None` if two members may be equal that are
/// not known.
fn merged(interp: &mut Interp<'_>, a: &MapValue, b: &MapValue, name: &str) -> Option<MapValue> {
    // A text of unknown type and a path are told apart by their kinds, although they may be equal.
    let kinds: Option<std::collections::BTreeSet<u8>> =
        a.entries.iter().chain(&b.entries).map(|(_, key, _)| Some(sort_key(key)?.0)).collect();
    if kinds?.len() > 1 {
        return None;
    }
    let holds = |set: &MapValue, key: &Value| {
        set.entries
            .iter()
            .find(|(_, known, _)| same_key(known, key))
            .map_or(Guard::FALSE, |(guard, _, _)| *guard)
    };
    let mut entries = Vec::new();
    for (guard, key, value) in &a.entries {
        let other = holds(b, key);
        let guard = match name {
            "union" => *guard,
            "intersection" => interp.inputs.and(*guard, other),
            _ => interp.inputs.minus(*guard, other),
        };
        entries.push((guard, key.clone(), value.clone()));
    }
    if matches!(name, "union" | "symmetric_difference") {
        for (guard, key, value) in &b.entries {
            let guard = interp.inputs.minus(*guard, holds(a, key));
            entries.push((guard, key.clone(), value.clone()));
        }
    }
    entries.retain(|(guard, _, _)| !guard.is_false());
    interp.count_items(entries.len());
    // A member that either set has under other conditions stands twice: at most one of the two is there.
    let mut joined: Vec<(Guard, Value, Cases)> = Vec::new();
    for (guard, key, value) in entries {
        match joined.iter_mut().find(|(_, known, _)| same_key(known, &key)) {
            Some(known) => known.0 = interp.inputs.or(known.0, guard),
            None => joined.push((guard, key, value)),
        }
    }
    Some(MapValue { entries: joined, ..a.clone() })
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
    let known = map.entries.iter().find(|(_, known, _)| same_key(known, &key)).map(|(guard, _, _)| *guard);
    if method.name == "and_modify" {
        if let (Some(guard), Some(at)) =
            (known, map.entries.iter().position(|(_, known, _)| same_key(known, &key)))
        {
            let mut path = place.path.clone();
            path.push(Step::Entry(at));
            let value = Cases::of(Value::Ref(Rc::new(Place { cell: place.cell, path })));
            interp.within(guard, |interp| interp.call_value(&method.arg(0), vec![value]));
        } else {
            let told = sort_key(&key).is_some() && map.entries.iter().all(|(_, known, _)| is_told(known));
            if !told || interp.is_own_key(&key) {
                return Some(interp.unknown("whether a map has this key is not known"));
            }
        }
        return Some(if interp.dead() { Cases::never() } else { Cases::of(method.value.clone()) });
    }
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
    let at = match changed.entries.iter().position(|(_, known, _)| same_key(known, &key)) {
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
