//! Places: variables and parts of variables, which are read and changed on the current path.

use std::rc::Rc;

use syn::Expr;

use super::Interp;
use crate::logic::Guard;
use crate::value::{Cases, EnumValue, Items, MapValue, Place, SeqKind, Step, StructValue, Value};

/// The reason of the residue where a reference to a reference may be exchanged.
pub(crate) const WHICH_REFERENCE: &str = "whether a reference is exchanged or what it refers to is not known";

impl Interp<'_> {
    /// Returns the value behind `&mut` references; a value that is none stays as it is.
    pub(crate) fn deref_all(&mut self, value: &Cases) -> Cases {
        if !value.0.iter().any(|(_, value)| matches!(value, Value::Ref(_))) {
            return value.clone();
        }
        let path = self.pc;
        let mut parts = Vec::new();
        for (guard, alternative) in value.0.iter() {
            self.pc = self.inputs.and(path, *guard);
            if self.dead() {
                continue;
            }
            let inner = match alternative {
                Value::Ref(place) => {
                    let inner = self.read_place(place);
                    self.deref_all(&inner)
                }
                other => Cases::of(other.clone()),
            };
            parts.push((self.pc, inner));
        }
        self.pc = path;
        self.inputs.join(parts)
    }

    /// Returns the value at a place.
    pub(crate) fn read_place(&mut self, place: &Place) -> Cases {
        let mut value = self.read_cell(place.cell);
        for step in &place.path {
            value = self.deref_all(&value);
            value = self.part(&value, step);
        }
        value
    }

    pub(super) fn part(&mut self, value: &Cases, step: &Step) -> Cases {
        let path = self.pc;
        let mut parts = Vec::new();
        for (guard, alternative) in value.0.iter() {
            let found = match (alternative, step) {
                (Value::Struct(value), Step::Field(name)) => find(&value.fields, name),
                (Value::Enum(value), Step::Field(name)) => find(&value.fields, name),
                (Value::Tuple(fields), Step::Field(name)) => {
                    name.parse().ok().and_then(|at: usize| fields.get(at).cloned())
                }
                (Value::Seq(items), Step::Item(at)) => items.get(*at).map(|(_, item)| item.clone()),
                (Value::Seq(items), Step::Slice(from, to)) => items
                    .get(*from..*to)
                    .map(|part| Cases::seq(Items::from(part.to_vec()).like(items).of_kind(SeqKind::Slice))),
                (Value::Map(map), Step::Entry(at)) => map.entries.get(*at).map(|(_, _, value)| value.clone()),
                (Value::Object(object), Step::Field(name)) if self.objects[*object].kind == "library" => {
                    (self.models.library_field)(self, *object, name)
                }
                _ => None,
            };
            if let Some(found) = found {
                let guard = self.inputs.and(path, *guard);
                parts.push((guard, found));
            }
        }
        self.inputs.join(parts)
    }

    /// Changes the value at a place, on this path.
    pub(crate) fn write_place(&mut self, place: &Place, value: Cases) {
        if self.dead() {
            return;
        }
        if !self.any_order && self.is_own(place) {
            self.in_any_order(|interp| interp.write_place(place, value));
            return;
        }
        if self.open_loops > 0 && place.cell + 1 < self.open_loops {
            self.unknown("a variable that changes in a loop over an unknown list is not understood");
            return;
        }
        if place.path.is_empty() {
            let current = self.read_cell(place.cell);
            if let Some(Value::Ref(inner)) = current.single()
                && **inner != *place
            {
                let inner = Rc::clone(inner);
                self.write_place(&inner, value);
                return;
            }
            self.write_cell(place.cell, value);
            return;
        }
        let whole = self.read_cell(place.cell);
        if let Some(Value::Ref(inner)) = whole.single() {
            let mut path = inner.path.clone();
            path.extend(place.path.iter().cloned());
            let inner = Place { cell: inner.cell, path };
            self.write_place(&inner, value);
            return;
        }
        let declared = self.place_type(place);
        let value = match &declared {
            Some(ty) => self.typed(&value, Some(ty)),
            None => {
                let before = self.read_place(place);
                self.typed_like(&value, &before)
            }
        };
        if self.dead() {
            return;
        }
        if let [Step::Item(at)] = place.path.as_slice() {
            drop(whole);
            let at = *at;
            let done = self.change_items(place.cell, &mut |_, items| {
                if let Some(item) = items.get_mut(at) {
                    item.1 = value.clone();
                    return true;
                }
                false
            });
            if done {
                return;
            }
        }
        let whole = self.read_cell(place.cell);
        let changed = self.replace(&whole, &place.path, &value);
        self.write_cell(place.cell, changed);
    }

    /// Changes a list in place, if it is one list on all paths on which the variable exists. A copy that this requires
    /// counts towards the limit on work. Returns whether the list was changed.
    pub(crate) fn change_items(
        &mut self,
        cell: crate::value::CellId,
        f: &mut dyn FnMut(&mut Self, &mut Items) -> bool,
    ) -> bool {
        let held = &self.cells[cell];
        let elsewhere = self.inputs.minus(held.born, self.pc);
        let quiet = self.open_loops == 0 && self.frozen.is_none() && self.unordered.is_none();
        if !elsewhere.is_false() || !quiet {
            return false;
        }
        let items = match self.cells[cell].value.single() {
            Some(Value::Seq(items)) if items.kind != SeqKind::Collected => Rc::clone(items),
            _ => return false,
        };
        let mut items = items;
        drop(std::mem::replace(&mut self.cells[cell].value, Cases::never()));
        // Other holders of the list keep the old one.
        if Rc::strong_count(&items) > 1 {
            self.count_items(items.len() / 8 + 1);
        }
        let done = f(self, Rc::make_mut(&mut items));
        self.cells[cell].value = Cases::of(Value::Seq(items));
        done
    }

    fn replace(&mut self, whole: &Cases, path: &[Step], value: &Cases) -> Cases {
        let Some((step, rest)) = path.split_first() else { return value.clone() };
        let mut alternatives = Vec::with_capacity(whole.0.len());
        for (guard, alternative) in whole.0.iter() {
            let changed = match (alternative, step) {
                (Value::Ref(inner), _) => {
                    let mut path_there = inner.path.clone();
                    path_there.extend(path.iter().cloned());
                    let place = Place { cell: inner.cell, path: path_there };
                    self.write_place(&place, value.clone());
                    alternative.clone()
                }
                (Value::Struct(old), Step::Field(name)) => {
                    let fields = self.replace_field(&old.fields, name, rest, value);
                    Value::Struct(Rc::new(StructValue { name: Rc::clone(&old.name), fields }))
                }
                (Value::Enum(old), Step::Field(name)) => {
                    let fields = self.replace_field(&old.fields, name, rest, value);
                    Value::Enum(Rc::new(EnumValue {
                        name: Rc::clone(&old.name),
                        variant: Rc::clone(&old.variant),
                        fields,
                    }))
                }
                (Value::Tuple(old), Step::Field(name)) => {
                    let mut fields = old.to_vec();
                    if let Some(field) = name.parse().ok().and_then(|at: usize| fields.get_mut(at)) {
                        *field = self.replace(&field.clone(), rest, value);
                    }
                    Value::Tuple(Rc::from(fields))
                }
                (Value::Seq(old), Step::Item(at)) => {
                    self.count_items(old.len() / 8);
                    let mut items = (**old).clone();
                    if let Some(item) = items.get_mut(*at) {
                        item.1 = self.replace(&item.1.clone(), rest, value);
                    }
                    Value::Seq(Rc::new(items))
                }
                (Value::Seq(old), Step::Slice(from, to)) => {
                    let Some(part) = old.get(*from..*to) else {
                        self.unknown("a part of a list is not known");
                        return Cases::never();
                    };
                    let part = Cases::seq(Items::from(part.to_vec()).like(old));
                    let part = self.replace(&part, rest, value);
                    let mut items = (**old).clone();
                    match part.single() {
                        Some(Value::Seq(part)) if part.len() == to - from => {
                            for (at, item) in part.iter().enumerate() {
                                items[from + at] = item.clone();
                            }
                        }
                        _ => {
                            self.unknown("a part of a list is not known");
                            return Cases::never();
                        }
                    }
                    Value::Seq(Rc::new(items))
                }
                (Value::Map(old), Step::Entry(at)) => {
                    let mut map: MapValue = (**old).clone();
                    if let Some(entry) = map.entries.get_mut(*at) {
                        entry.2 = self.replace(&entry.2.clone(), rest, value);
                    }
                    Value::Map(Rc::new(map))
                }
                // A write without a target must not be dropped silently.
                _ => {
                    let here = self.inputs.and(self.pc, *guard);
                    self.unknown_where(here, "what is changed here is not known");
                    alternative.clone()
                }
            };
            alternatives.push((*guard, changed));
        }
        Cases(Rc::from(alternatives))
    }

    fn replace_field(
        &mut self,
        fields: &[(Rc<str>, Cases)],
        name: &str,
        rest: &[Step],
        value: &Cases,
    ) -> Vec<(Rc<str>, Cases)> {
        fields
            .iter()
            .map(|(known, old)| {
                // On other paths the field keeps its value, which the guard in `write_cell` ensures.
                let new = if **known == *name { self.replace(old, rest, value) } else { old.clone() };
                (Rc::clone(known), new)
            })
            .collect()
    }

    /// Returns the place that an expression refers to, as `&mut` values; an expression that is no place gets a
    /// temporary.
    pub(crate) fn place_of(&mut self, expr: &Expr) -> Cases {
        match expr {
            Expr::Paren(inner) => self.place_of(&inner.expr),
            Expr::Group(inner) => self.place_of(&inner.expr),
            Expr::Path(path) if path.path.get_ident().is_some() => {
                let name = path.path.get_ident().map(ToString::to_string).unwrap_or_default();
                match self.variable(&name) {
                    Some(cell) => {
                        let value = self.read_cell(cell);
                        let own = Place { cell, path: Vec::new() };
                        self.through(&value, own)
                    }
                    None => self.static_place(expr, &path.path),
                }
            }
            Expr::Path(path) if path.qself.is_none() => self.static_place(expr, &path.path),
            Expr::Field(field) => {
                let base = self.place_of(&field.base);
                let name = super::expr::member_name(&field.member);
                let base = self.settle(&base);
                self.sub_places(&base, Step::Field(Rc::from(name)))
            }
            Expr::Index(index) => {
                let base = self.place_of(&index.expr);
                let at = self.expr(&index.index, None);
                let base = self.settle(&base);
                self.index_places(&base, &at)
            }
            Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Deref(_)) => self.place_of(&unary.expr),
            Expr::Reference(reference) => self.place_of(&reference.expr),
            _ => self.temporary(expr),
        }
    }

    fn static_place(&mut self, expr: &Expr, path: &syn::Path) -> Cases {
        match self.static_at(path) {
            Some(cell) => Cases::of(Value::Ref(Rc::new(Place { cell, path: Vec::new() }))),
            None => self.temporary(expr),
        }
    }

    fn temporary(&mut self, expr: &Expr) -> Cases {
        let value = self.expr(expr, None);
        if self.dead() {
            return Cases::never();
        }
        if value.0.iter().all(|(_, value)| matches!(value, Value::Ref(_) | Value::Object(_))) {
            return value;
        }
        let cell = self.new_cell(value);
        Cases::of(Value::Ref(Rc::new(Place { cell, path: Vec::new() })))
    }

    /// Returns the place behind a variable that holds `&mut`, else the variable's own place.
    fn through(&mut self, value: &Cases, own: Place) -> Cases {
        if !value.0.iter().any(|(_, value)| matches!(value, Value::Ref(_))) {
            return Cases::of(Value::Ref(Rc::new(own)));
        }
        let own = Value::Ref(Rc::new(own));
        let alternatives: Vec<(Guard, Value)> = value
            .0
            .iter()
            .map(|(guard, value)| {
                (*guard, if matches!(value, Value::Ref(_)) { value.clone() } else { own.clone() })
            })
            .collect();
        let joined = Cases(Rc::from(alternatives));
        let path = self.pc;
        self.inputs.join(vec![(path, joined)])
    }

    /// Follows places that contain `&mut` themselves.
    fn settle(&mut self, places: &Cases) -> Cases {
        self.each(&places.clone(), |interp, value| match value {
            Value::Ref(place) => {
                let inside = interp.read_place(place);
                if inside.0.iter().any(|(_, value)| matches!(value, Value::Ref(_))) {
                    let own = (**place).clone();
                    interp.through(&inside, own)
                } else {
                    Cases::of(value.clone())
                }
            }
            other => Cases::of(other.clone()),
        })
    }

    fn sub_places(&mut self, base: &Cases, step: Step) -> Cases {
        self.each(&base.clone(), |interp, value| match value {
            Value::Ref(place) => {
                let mut path = place.path.clone();
                path.push(step.clone());
                Cases::of(Value::Ref(Rc::new(Place { cell: place.cell, path })))
            }
            _ => interp.unknown("this place is not understood"),
        })
    }

    fn index_places(&mut self, base: &Cases, at: &Cases) -> Cases {
        let at = self.deref_all(at);
        self.each2(&base.clone(), &at, |interp, base, at| {
            // A part of a text is not a place, so changing it is refused.
            if !matches!(base, Value::Ref(_)) {
                return interp.index(&Cases::of(base.clone()), &Cases::of(at.clone()));
            }
            let Value::Ref(place) = base else { return interp.unknown("this place is not understood") };
            let whole = interp.read_place(place);
            interp.each(&whole, |interp, whole| {
                let step = match (whole, at) {
                    (Value::Seq(items), _) if interp.position_matters(items) => return Cases::never(),
                    (Value::Seq(items), Value::Int(index, _))
                        if !super::has_tail(items)
                            || usize::try_from(*index).is_ok_and(|index| {
                                items.get(..=index).is_some_and(|before| {
                                    before
                                        .iter()
                                        .all(|(guard, item)| guard.is_true() && !super::may_be_tail(item))
                                })
                            }) =>
                    {
                        return interp.item_places(place, items, *index);
                    }
                    (Value::Seq(items), Value::Range { start, end, .. })
                        if items.iter().all(|(guard, _)| guard.is_true()) && !super::has_tail(items) =>
                    {
                        let from = usize::try_from(start.unwrap_or(0)).unwrap_or(usize::MAX);
                        let to = end.map_or(items.len(), |end| usize::try_from(end).unwrap_or(usize::MAX));
                        if from > to || to > items.len() {
                            return interp.panic(crate::value::Text::lit("range out of bounds"));
                        }
                        Step::Slice(from, to)
                    }
                    (whole @ (Value::Text(_) | Value::Bytes(_)), at) => {
                        return interp.index(&Cases::of(whole.clone()), &Cases::of(at.clone()));
                    }
                    (Value::Map(map), key) => match map.entries.iter().position(|(_, known, _)| known == key)
                    {
                        Some(index) => Step::Entry(index),
                        None => return interp.unknown("this key is not known to be in the map"),
                    },
                    _ => return interp.unknown("what is indexed is not known"),
                };
                let mut path = place.path.clone();
                path.push(step);
                Cases::of(Value::Ref(Rc::new(Place { cell: place.cell, path })))
            })
        })
    }

    /// Returns the place of the item at an index. It may depend on which items are present.
    fn item_places(&mut self, place: &Place, items: &crate::value::Items, index: i128) -> Cases {
        self.text_bytes += items.len();
        if items.iter().all(|(guard, _)| guard.is_true()) {
            return match usize::try_from(index).ok().filter(|index| *index < items.len()) {
                Some(index) => {
                    let mut path = place.path.clone();
                    path.push(Step::Item(index));
                    Cases::of(Value::Ref(Rc::new(Place { cell: place.cell, path })))
                }
                None => self.panic(crate::value::Text::lit("index out of bounds")),
            };
        }
        let at_positions: crate::value::Items = items
            .iter()
            .enumerate()
            .map(|(at, (guard, _))| {
                let mut path = place.path.clone();
                path.push(Step::Item(at));
                (*guard, Cases::of(Value::Ref(Rc::new(Place { cell: place.cell, path }))))
            })
            .collect();
        let found = self.nth(&at_positions, index);
        self.each(&found, |interp, found| match found {
            Value::Enum(found) if &*found.variant == "Some" => found.fields[0].1.clone(),
            _ => interp.panic(crate::value::Text::lit("index out of bounds")),
        })
    }

    /// Models `&mut expression`: a reference to the place of the expression.
    pub(crate) fn mutable_reference(&mut self, expr: &Expr) -> Cases {
        let places = self.place_of(expr);
        self.note_flattened(expr, &places);
        places
    }

    /// Notes what a variable refers to of which `&mut` is taken: that is a reference to a reference, which is stored as
    /// the inner one.
    fn note_flattened(&mut self, expr: &Expr, places: &Cases) {
        match expr {
            Expr::Paren(inner) => return self.note_flattened(&inner.expr, places),
            Expr::Group(inner) => return self.note_flattened(&inner.expr, places),
            _ => {}
        }
        let Expr::Path(path) = expr else { return };
        let own = path.path.get_ident().and_then(|name| self.variable(&name.to_string()));
        for (_, place) in places.0.iter() {
            if let (Value::Ref(place), Some(own)) = (place, own)
                && (place.cell != own || !place.path.is_empty())
            {
                self.flattened.insert(place.cell);
            }
        }
    }

    /// Models `left = value`.
    pub(crate) fn assign(&mut self, left: &Expr, value: Cases) {
        if self.dead() {
            return;
        }
        match left {
            Expr::Infer(_) => {}
            Expr::Paren(inner) => self.assign(&inner.expr, value),
            Expr::Tuple(tuple) => {
                for (at, left) in tuple.elems.iter().enumerate() {
                    let part = self.field(&value, &at.to_string());
                    self.assign(left, part);
                }
            }
            Expr::Array(array) => {
                for (at, left) in array.elems.iter().enumerate() {
                    let at = Cases::usize(at);
                    let part = self.index(&value, &at);
                    self.assign(left, part);
                }
            }
            Expr::Path(path) if path.path.get_ident().is_some() => {
                let name = path.path.get_ident().map(ToString::to_string).unwrap_or_default();
                match self.variable(&name) {
                    Some(cell) => {
                        if self.open_loops > 0 && cell + 1 < self.open_loops {
                            self.unknown(
                                "a variable that changes in a loop over an unknown list is not understood",
                            );
                            return;
                        }
                        self.write_cell(cell, value);
                    }
                    None => {
                        self.unknown(&format!("`{name}` cannot be assigned to here"));
                    }
                }
            }
            Expr::Struct(_) | Expr::Call(_) | Expr::Range(_) => {
                self.unknown("what is assigned to here is not known");
            }
            other => {
                let places = self.place_of(other);
                let is_reference = value.0.iter().any(|(_, value)| matches!(value, Value::Ref(_)));
                self.each(&places, |interp, place| match place {
                    // `*reference = other`, where what is behind `reference` may be a reference.
                    Value::Ref(place) if is_reference && interp.flattened.contains(&place.cell) => {
                        interp.unknown(WHICH_REFERENCE)
                    }
                    Value::Ref(place) => {
                        interp.write_place(place, value.clone());
                        Cases::unit()
                    }
                    _ => interp.unknown("this place is not understood"),
                });
            }
        }
    }

    /// Models `value.name`, a field of a struct, a tuple, a range or a modelled object.
    pub(crate) fn field(&mut self, value: &Cases, name: &str) -> Cases {
        let value = self.deref_all(value);
        self.each(&value, |interp, value| {
            let found = match value {
                Value::Struct(value) => find(&value.fields, name),
                Value::Enum(value) => find(&value.fields, name),
                Value::Tuple(fields) => name.parse().ok().and_then(|at: usize| fields.get(at).cloned()),
                Value::Range { start, end, kind } => match name {
                    "start" => start.map(|start| Cases::of(Value::Int(start, *kind))),
                    "end" => end.map(|end| Cases::of(Value::Int(end, *kind))),
                    _ => None,
                },
                Value::Object(object) => return (interp.models.field)(interp, *object, name),
                _ => None,
            };
            match found {
                Some(found) => interp.narrow(found),
                None => {
                    let reason = format!("the field `{name}` of {} is not known", value.kind());
                    interp.unknown(&reason)
                }
            }
        })
    }

    /// Changes a place by a function of its value.
    pub(crate) fn update(&mut self, place: &Place, f: impl FnOnce(&mut Self, Cases) -> Cases) {
        let before = self.read_place(place);
        let after = f(self, before);
        if !self.dead() {
            self.write_place(place, after);
        }
    }
}

fn find(fields: &[(Rc<str>, Cases)], name: &str) -> Option<Cases> {
    fields.iter().find(|(known, _)| **known == *name).map(|(_, value)| value.clone())
}
