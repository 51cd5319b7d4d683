//! Merges the values that different paths computed.

use std::collections::HashMap;
use std::rc::Rc;

use super::{Cases, EnumValue, IntType, Items, MapValue, SeqKind, StructValue, TextType, Value};
use crate::logic::{Guard, Inputs};

#[derive(PartialEq, Eq, Hash)]
enum Shape {
    Tuple(usize),
    Struct(Rc<str>),
    Enum(Rc<str>, Rc<str>),
    Seq,
    Map(bool, bool),
}

fn shape(value: &Value) -> Option<Shape> {
    Some(match value {
        Value::Tuple(fields) => Shape::Tuple(fields.len()),
        Value::Struct(value) => Shape::Struct(Rc::clone(&value.name)),
        Value::Enum(value) => Shape::Enum(Rc::clone(&value.name), Rc::clone(&value.variant)),
        Value::Seq(_) => Shape::Seq,
        Value::Map(map) => Shape::Map(map.sorted, map.set),
        _ => return None,
    })
}

/// Takes over the type of an equal value, where that type is known and this one is not.
fn refine(known: &mut Value, other: &Value) {
    if let (Value::Text(known), Value::Text(other)) = (known, other)
        && known.1 == TextType::Unknown
    {
        known.1 = other.1;
    }
}

impl Inputs {
    /// Returns the value that equals `parts[i].1` under `parts[i].0`; those guards are disjoint.
    pub(crate) fn join(&mut self, parts: Vec<(Guard, Cases)>) -> Cases {
        let mut parts: Vec<_> =
            parts.into_iter().filter(|(guard, value)| !guard.is_false() && !value.is_never()).collect();
        if parts.len() <= 1 {
            return parts.pop().map_or_else(Cases::never, |(_, value)| value);
        }
        if parts.iter().all(|(_, value)| Rc::ptr_eq(&value.0, &parts[0].1.0)) {
            return parts.swap_remove(0).1;
        }
        let mut out: Vec<(Guard, Value)> = Vec::new();
        let mut scalars: HashMap<Value, usize> = HashMap::new();
        let mut shapes: HashMap<Shape, usize> = HashMap::new();
        for (part_guard, part) in parts {
            for (guard, value) in part.0.iter() {
                let guard = self.and(part_guard, *guard);
                if guard.is_false() {
                    continue;
                }
                match shape(value) {
                    Some(shape) => match shapes.get(&shape) {
                        Some(at) => {
                            let (old_guard, old) = out[*at].clone();
                            let merged = self.merge(old_guard, &old, guard, value);
                            out[*at] = (self.or(old_guard, guard), merged);
                        }
                        None => {
                            shapes.insert(shape, out.len());
                            out.push((guard, value.clone()));
                        }
                    },
                    None => match scalars.get(value) {
                        Some(at) => {
                            out[*at].0 = self.or(out[*at].0, guard);
                            refine(&mut out[*at].1, value);
                        }
                        None => {
                            scalars.insert(value.clone(), out.len());
                            out.push((guard, value.clone()));
                        }
                    },
                }
            }
        }
        Cases(Rc::from(out))
    }

    // One variable has one type, so the type of either value is the type of both.
    fn merge(&mut self, a_guard: Guard, a: &Value, b_guard: Guard, b: &Value) -> Value {
        match (a, b) {
            (Value::Tuple(x), Value::Tuple(y)) if !Rc::ptr_eq(x, y) => {
                let fields: Vec<Cases> = x
                    .iter()
                    .zip(y.iter())
                    .map(|(x, y)| self.join(vec![(a_guard, x.clone()), (b_guard, y.clone())]))
                    .collect();
                Value::Tuple(Rc::from(fields))
            }
            (Value::Struct(x), Value::Struct(y)) if !Rc::ptr_eq(x, y) => {
                let fields = self.merge_fields(a_guard, &x.fields, b_guard, &y.fields);
                Value::Struct(Rc::new(StructValue { name: Rc::clone(&x.name), fields }))
            }
            (Value::Enum(x), Value::Enum(y)) if !Rc::ptr_eq(x, y) => {
                let fields = self.merge_fields(a_guard, &x.fields, b_guard, &y.fields);
                Value::Enum(Rc::new(EnumValue {
                    name: Rc::clone(&x.name),
                    variant: Rc::clone(&x.variant),
                    fields,
                }))
            }
            (Value::Seq(x), Value::Seq(y)) if !Rc::ptr_eq(x, y) => {
                let mut items = self.merge_items(a_guard, x, b_guard, y).like(x);
                if items.kind == SeqKind::Unknown {
                    items.kind = y.kind;
                }
                if items.element.is_none() {
                    items.element.clone_from(&y.element);
                }
                items.unordered |= y.unordered;
                Value::Seq(Rc::new(items))
            }
            (Value::Map(x), Value::Map(y)) if !Rc::ptr_eq(x, y) => {
                Value::Map(Rc::new(self.merge_maps(a_guard, x, b_guard, y)))
            }
            _ => a.clone(),
        }
    }

    fn merge_fields(
        &mut self,
        a_guard: Guard,
        a: &[(Rc<str>, Cases)],
        b_guard: Guard,
        b: &[(Rc<str>, Cases)],
    ) -> Vec<(Rc<str>, Cases)> {
        a.iter()
            .map(|(name, x)| {
                let y = b
                    .iter()
                    .find(|(other, _)| other == name)
                    .map_or_else(Cases::never, |(_, value)| value.clone());
                (Rc::clone(name), self.join(vec![(a_guard, x.clone()), (b_guard, y)]))
            })
            .collect()
    }

    fn merge_items(&mut self, a_guard: Guard, a: &Items, b_guard: Guard, b: &Items) -> Items {
        // Items that are there on the same paths keep their positions, which references to them hold.
        if a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.0 == y.0) {
            return a
                .iter()
                .zip(b)
                .map(|((guard, x), (_, y))| {
                    if guard.is_true() {
                        return (Guard::TRUE, self.join(vec![(a_guard, x.clone()), (b_guard, y.clone())]));
                    }
                    let (in_a, in_b) = (self.and(a_guard, *guard), self.and(b_guard, *guard));
                    (*guard, self.join(vec![(in_a, x.clone()), (in_b, y.clone())]))
                })
                .collect();
        }
        if self.is_chain(a_guard, a) && self.is_chain(b_guard, b) {
            // The lists are merged by position; where the shorter list has ended, the item is absent.
            return (0..a.len().max(b.len()))
                .map(|at| {
                    let mut parts = Vec::new();
                    let mut there = Guard::FALSE;
                    for (under, items) in [(a_guard, a), (b_guard, b)] {
                        if let Some((guard, item)) = items.get(at) {
                            let both = self.and(under, *guard);
                            there = self.or(there, both);
                            parts.push((both, item.clone()));
                        }
                    }
                    let certain = at < a.len().min(b.len()) && a[at].0.is_true() && b[at].0.is_true();
                    (if certain { Guard::TRUE } else { there }, self.join(parts))
                })
                .collect();
        }
        let common = a
            .iter()
            .zip(b)
            .take_while(|(x, y)| x.0 == y.0 && (Rc::ptr_eq(&x.1.0, &y.1.0) || x.1 == y.1))
            .count();
        let mut out: Items = a[..common].to_vec().into();
        for (items, under) in [(a, a_guard), (b, b_guard)] {
            for (guard, item) in &items[common..] {
                let guard = self.and(*guard, under);
                if !guard.is_false() {
                    out.push((guard, item.clone()));
                }
            }
        }
        out
    }

    /// Returns whether each item is present only if those before it are, so that it has one position.
    pub(crate) fn is_chain(&mut self, under: Guard, items: &Items) -> bool {
        let mut before = under;
        for (guard, _) in items {
            let here = self.and(under, *guard);
            if !self.diagrams.implies(here, before) {
                return false;
            }
            before = here;
        }
        true
    }

    fn merge_maps(&mut self, a_guard: Guard, a: &MapValue, b_guard: Guard, b: &MapValue) -> MapValue {
        let mut entries = Vec::with_capacity(a.entries.len());
        for (guard, key, value) in &a.entries {
            let there = self.and(*guard, a_guard);
            entries.push((there, key.clone(), value.clone()));
        }
        for (index, (guard, key, value)) in b.entries.iter().enumerate() {
            let there = self.and(*guard, b_guard);
            if there.is_false() {
                continue;
            }
            // Usually both maps have the same keys in the same order.
            let here = entries.get(index).is_some_and(|(_, known, _)| same_key(known, key));
            let known = if here {
                Some(index)
            } else {
                entries.iter().position(|(_, known, _)| same_key(known, key))
            };
            match known {
                Some(at) => {
                    let (old_guard, old_key, old) = entries[at].clone();
                    let joined = self.join(vec![(old_guard, old), (there, value.clone())]);
                    // The type of either key is the type of both.
                    let key =
                        if matches!(key, Value::Int(_, IntType::Unknown)) { old_key } else { key.clone() };
                    entries[at] = (self.or(old_guard, there), key, joined);
                }
                None => entries.push((there, key.clone(), value.clone())),
            }
        }
        entries.retain(|(guard, _, _)| !guard.is_false());
        let ty = a.ty.clone().or_else(|| b.ty.clone());
        MapValue { sorted: a.sorted, set: a.set, entries, ty }
    }
}

/// Returns whether two keys of a map are equal, whatever is known of the width of integers.
fn same_key(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Int(a, _), Value::Int(b, _)) => a == b,
        _ => a == b,
    }
}
