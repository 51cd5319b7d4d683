//! Adds the information of declared types to values: the width of integers, the type of texts and collections.
//!
//! A value gets the type that is known where it is created. Wherever it meets a written type (a `let`, a parameter, a
//! field, a result, a method of std), it takes that over. A type that is written nowhere stays unknown, and what
//! depends on it is residue.

use std::rc::Rc;

use super::items::{Module, Namespace};
use super::{Definition, Interp, Item};
use crate::logic::Guard;
use crate::value::{Cases, CellKind, IntType, Place, SeqKind, TextClass, TextType, Ty, Value, type_of};

/// The maximum number of aliases that are followed, so that `type A = A;` ends.
const MAX_ALIASES: usize = 8;
/// The maximum depth of nested generic arguments whose names are resolved.
const MAX_NESTED: usize = 4;
/// The maximum number of an alias's type parameters that are replaced by its arguments.
const MAX_PARAMETERS: usize = 8;

impl Interp<'_> {
    /// Returns the type with aliases and renamed imports resolved, as the current module sees them.
    pub(crate) fn canonical(&mut self, ty: &Ty) -> Ty {
        self.canonical_within(ty, MAX_NESTED)
    }

    fn canonical_within(&mut self, ty: &Ty, depth: usize) -> Ty {
        let mut ty = self.canonical_outside(ty);
        if depth > 0 {
            for arg in &mut ty.args {
                *arg = self.canonical_within(arg, depth - 1);
            }
        }
        ty
    }

    /// Resolves only the outermost name of the type, as [`Self::canonical`] does for all.
    fn canonical_outside(&mut self, ty: &Ty) -> Ty {
        let mut ty = ty.clone();
        let mut module = self.current_module();
        for _ in 0..MAX_ALIASES {
            if !ty.says_something() || ty.name.starts_with(['(', '[']) {
                break;
            }
            if self.is_of_two_modules(&ty.name) {
                return Ty::unknown();
            }
            let found = self.resolve(module, std::slice::from_ref(&ty.name), Namespace::Type);
            let [(_, definition)] = found.as_slice() else { break };
            match definition {
                Definition::Item(index) => match &self.items[*index] {
                    Item::Alias(Some(other)) if other.name != ty.name => {
                        let places: Vec<Ty> = (0..MAX_PARAMETERS).map(Ty::parameter).collect();
                        let mut given = std::mem::take(&mut ty.args);
                        given.resize_with(MAX_PARAMETERS, Ty::unknown);
                        ty = other.substituted(&places, &given);
                        // The alias's own text has the names of the module in which it is.
                        let is_home = |module: &Module| {
                            module.names.values().flatten().any(|(_, known)| known == index)
                        };
                        module = self.modules.iter().position(is_home).unwrap_or(module);
                    }
                    _ => break,
                },
                Definition::Member(..) => break,
                Definition::External(path) => {
                    let last = path.rsplit("::").next().unwrap_or_default();
                    if path.contains("::") && last != ty.name {
                        last.clone_into(&mut ty.name);
                    }
                    break;
                }
            }
        }
        ty
    }

    /// Returns the value with what a declared type adds to it.
    pub(crate) fn typed(&mut self, value: &Cases, ty: Option<&Ty>) -> Cases {
        let Some(ty) = ty else { return value.clone() };
        if self.dead() || value.is_never() || !ty.says_something() {
            return value.clone();
        }
        let ty = self.canonical(ty);
        if self.dead() { Cases::never() } else { self.typed_as(value, &ty) }
    }

    /// Returns whether two modules have a type of this name, which is residue.
    pub(crate) fn is_of_two_modules(&mut self, name: &str) -> bool {
        let found = self.types_of_two_modules.contains(name);
        if found {
            self.unknown(&format!("two modules have a type `{name}`, and which is meant is not known"));
        }
        found
    }

    /// Returns the value with the type that a function of std returns, which overrides the type it was made of.
    pub(crate) fn stamped(&mut self, value: &Cases, ty: Option<&Ty>) -> Cases {
        let Some(ty) = ty else { return value.clone() };
        let before = std::mem::replace(&mut self.stamping, true);
        let value = if self.dead() { value.clone() } else { self.typed_as(value, ty) };
        self.stamping = before;
        value
    }

    /// Returns the value with a type, as [`Self::typed`] does, for a type whose outermost name is canonical.
    fn typed_as(&mut self, value: &Cases, ty: &Ty) -> Cases {
        let stamping = self.stamping;
        if !value.0.iter().any(|(_, value)| says_more(value, ty, stamping)) {
            return value.clone();
        }
        // `each` is not used, since an item of a list may have a value on fewer paths than this one.
        let path = self.pc;
        let mut lost = Guard::FALSE;
        let mut out: Vec<(Guard, Value)> = Vec::with_capacity(value.0.len());
        for (guard, alternative) in value.0.iter() {
            self.pc = self.inputs.and(path, *guard);
            if !says_more(alternative, ty, stamping) || self.dead() {
                out.push((*guard, alternative.clone()));
                continue;
            }
            let here = self.pc;
            let typed = self.typed_value(alternative, ty);
            let ended = self.inputs.minus(here, self.pc);
            lost = self.inputs.or(lost, ended);
            match typed.single() {
                Some(single) => out.push((*guard, single.clone())),
                None => {
                    for (under, value) in typed.0.iter() {
                        out.push((self.inputs.and(*guard, *under), value.clone()));
                    }
                }
            }
        }
        self.pc = self.inputs.minus(path, lost);
        Cases(Rc::from(out))
    }

    fn typed_value(&mut self, value: &Value, ty: &Ty) -> Cases {
        let same = || Cases::of(value.clone());
        match value {
            Value::Int(number, IntType::Unknown) => match ty.integer() {
                Some(kind) if super::fits_type(*number, kind) => Cases::of(Value::Int(*number, kind)),
                Some(_) => self.unknown("a number does not fit its type"),
                None if matches!(ty.name.as_str(), "f32" | "f64") => {
                    self.unknown("a floating-point number is not understood")
                }
                // The number was read from a text before the type to parse was known.
                None if ty.text().is_some()
                    || matches!(ty.name.as_str(), "char" | "bool")
                    || self.is_own_type(&ty.name) =>
                {
                    self.unknown("what type is parsed is not known")
                }
                None => same(),
            },
            Value::SymbolicInt(..) => self.unknown("what type is parsed is not known"),
            Value::Range { start, end, kind: IntType::Unknown } => {
                match ty.args.first().and_then(Ty::integer) {
                    Some(kind) => Cases::of(Value::Range { start: *start, end: *end, kind }),
                    None => same(),
                }
            }
            Value::Struct(_) | Value::Enum(_) if self.is_dereferenced(value, ty) => {
                self.unknown("what the script's own `deref` gives is not understood")
            }
            Value::Text(text) => match ty.text() {
                Some(kind) => Cases::text(text.clone().typed(kind)),
                None => same(),
            },
            Value::Tuple(parts) if ty.name == "(tuple)" && parts.len() == ty.args.len() => {
                let parts = parts.iter().zip(&ty.args);
                let parts = parts.map(|(part, ty)| self.typed(part, Some(ty))).collect();
                Cases::of(Value::Tuple(parts))
            }
            Value::Enum(inner) if *inner.name == *ty.name => {
                let at = match &*inner.variant {
                    "Some" | "Ok" => 0,
                    "Err" => 1,
                    _ => return same(),
                };
                let (Some(wanted), Some((name, field))) = (ty.args.get(at), inner.fields.first()) else {
                    return same();
                };
                let field = self.typed(field, Some(wanted));
                let mut changed = (**inner).clone();
                changed.fields = vec![(Rc::clone(name), field)];
                Cases::of(Value::Enum(Rc::new(changed)))
            }
            Value::Seq(items) if items.kind == SeqKind::Collected => {
                (self.models.collect_as)(self, items, ty)
            }
            Value::Seq(items) => {
                let kind = match ty.name.as_str() {
                    "Vec" => SeqKind::Vec,
                    "VecDeque" => SeqKind::Deque,
                    Ty::SLICE => SeqKind::Slice,
                    Ty::ARRAY => SeqKind::Array,
                    Ty::ITERATOR => items.kind,
                    _ => return same(),
                };
                let mut changed = (**items).clone();
                changed.kind = kind;
                if let Some(element) = ty.args.first().filter(|element| element.says_something()) {
                    let element = self.canonical(element);
                    if changed.element.as_deref() != Some(&element) || self.stamping {
                        self.count_items(changed.len());
                        for item in changed.iter_mut() {
                            item.1 = self.typed_as(&item.1.clone(), &element);
                        }
                        changed.element = Some(Rc::new(element));
                    }
                }
                if ty.name == Ty::ITERATOR {
                    return Cases::iter(changed);
                }
                Cases::of(Value::Seq(Rc::new(changed)))
            }
            Value::Map(map) => {
                let mut changed = (**map).clone();
                if let Some(key) = ty.args.first().filter(|key| key.says_something()) {
                    let key = self.canonical(key);
                    for entry in &mut changed.entries {
                        let typed = self.typed_as(&Cases::of(entry.1.clone()), &key);
                        if let Some(typed) = typed.single() {
                            entry.1 = typed.clone();
                        }
                    }
                }
                if let Some(inner) = ty.args.get(1).filter(|inner| inner.says_something()) {
                    let inner = self.canonical(inner);
                    for entry in &mut changed.entries {
                        entry.2 = self.typed_as(&entry.2.clone(), &inner);
                    }
                }
                changed.ty = Some(Rc::new(ty.clone()));
                Cases::of(Value::Map(Rc::new(changed)))
            }
            Value::Cell(cell, kind) if !matches!(kind, CellKind::Once | CellKind::Lazy) => {
                if let Some(inner) = ty.args.first() {
                    let inner = self.canonical(inner);
                    self.cells[*cell].ty.get_or_insert_with(|| Rc::new(inner.clone()));
                    let before = self.cells[*cell].value.clone();
                    let after = self.typed_as(&before, &inner);
                    self.cells[*cell].value = after;
                }
                same()
            }
            Value::Ref(place) => {
                let place = Rc::clone(place);
                let before = self.read_place(&place);
                let after = self.typed_as(&before, ty);
                // A `&mut [T]` of a vector is still the vector.
                let keeps =
                    type_of(&after).name == type_of(&before).name || !type_of(&before).says_something();
                if keeps && after != before && !self.dead() {
                    self.write_place(&place, after);
                }
                same()
            }
            _ => same(),
        }
    }

    /// Returns whether a value of a type of the script is used as one of std's types, to which it dereferences.
    fn is_dereferenced(&self, value: &Value, ty: &Ty) -> bool {
        let name = crate::semantics::types::type_name(value);
        let std =
            ty.text().is_some() || ty.integer().is_some() || crate::semantics::types::is_std_type(&ty.name);
        let std = std || matches!(ty.name.as_str(), "str" | Ty::SLICE | Ty::ARRAY);
        std && ty.name != name
            && self.trait_impls.iter().any(|one| *one.owner == *name && &*one.of == "Deref")
    }

    /// Returns the value with the type of the value that it replaces, since a place has one type.
    pub(crate) fn typed_like(&mut self, value: &Cases, other: &Cases) -> Cases {
        let unknown = value.0.iter().any(|(_, value)| {
            matches!(value, Value::Int(_, IntType::Unknown))
                || matches!(value, Value::Text(text) if text.1 == TextType::Unknown)
                || matches!(value, Value::Seq(items) if items.element.is_none() || items.kind == SeqKind::Collected)
                || matches!(value, Value::Enum(_) | Value::Tuple(_))
                || matches!(value, Value::Map(map) if map.ty.is_none())
        });
        if !unknown {
            return value.clone();
        }
        let ty = type_of(other);
        if ty.says_something() { self.typed_as(value, &ty) } else { value.clone() }
    }

    /// Returns the declared type of the value at a place.
    pub(crate) fn place_type(&mut self, place: &Place) -> Option<Ty> {
        let mut ty = self.cells.get(place.cell)?.ty.as_deref().cloned();
        let mut value = self.cells.get(place.cell)?.value.clone();
        for step in &place.path {
            let inside = value.0.first().map(|(_, value)| value.clone());
            let declared = match (&inside, step) {
                (Some(Value::Struct(known)), crate::value::Step::Field(name)) => {
                    let item = self.struct_item(&known.name);
                    item.and_then(|item| {
                        let named = |(at, field): &(usize, &syn::Field)| match &field.ident {
                            Some(ident) => ident == &**name,
                            None => at.to_string() == **name,
                        };
                        let found = item.fields.iter().enumerate().find(named);
                        found.and_then(|(_, field)| Ty::of_field(field, &item.generics))
                    })
                }
                (Some(Value::Seq(items)), crate::value::Step::Item(_)) => {
                    let known = items.element.as_deref().cloned();
                    known.or_else(|| ty.as_ref().and_then(Ty::element).cloned())
                }
                (Some(Value::Map(map)), crate::value::Step::Entry(_)) => {
                    let whole = map.ty.as_deref().cloned().or(ty);
                    whole.and_then(|ty| ty.args.get(1).cloned())
                }
                (Some(Value::Tuple(_)), crate::value::Step::Field(name)) => {
                    let at: Option<usize> = name.parse().ok();
                    ty.as_ref().zip(at).and_then(|(ty, at)| ty.args.get(at)).cloned()
                }
                (Some(Value::Enum(known)), crate::value::Step::Field(_)) => match &*known.variant {
                    "Some" | "Ok" => ty.as_ref().and_then(|ty| ty.args.first()).cloned(),
                    "Err" => ty.as_ref().and_then(|ty| ty.args.get(1)).cloned(),
                    _ => None,
                },
                (Some(Value::Seq(_)), crate::value::Step::Slice(..)) => ty,
                _ => None,
            };
            ty = declared;
            value = self.part(&value, step);
        }
        ty
    }
}

/// Returns whether the type may add to what is known of the value.
fn says_more(value: &Value, ty: &Ty, stamping: bool) -> bool {
    match value {
        Value::Int(_, kind) => *kind == IntType::Unknown,
        Value::SymbolicInt(..) => ty.text().is_some() || matches!(ty.name.as_str(), "char" | "bool"),
        Value::Range { kind, .. } => *kind == IntType::Unknown && !ty.args.is_empty(),
        Value::Text(text) => {
            ty.text().is_some_and(|kind| kind != text.1 && (stamping || may_become(text.1, kind)))
        }
        Value::Struct(value) => *value.name != *ty.name,
        Value::Enum(value) if *value.name != *ty.name => true,
        Value::Tuple(_) | Value::Enum(_) => !ty.args.is_empty(),
        Value::Seq(items) => {
            items.kind == SeqKind::Collected
                || items.kind.name() != Some(ty.name.as_str()) && ty.name != Ty::ITERATOR
                || stamping
                || ty.args.first().is_some_and(|element| {
                    element.says_something() && items.element.as_deref() != Some(element)
                })
        }
        Value::Map(map) => map.ty.as_deref() != Some(ty) && ty.args.iter().any(Ty::says_something),
        Value::Cell(..) | Value::Ref(_) => true,
        _ => false,
    }
}

/// Returns whether a text of one type can be used as another: if the types are the same, or by dereferencing.
fn may_become(from: TextType, to: TextType) -> bool {
    match (from.class(), to.class()) {
        (None, _) => true,
        (Some(TextClass::Bytes), Some(TextClass::Bytes)) => true,
        // `String` to `str`, not the other way.
        (from_class, to_class) => {
            from_class == to_class && matches!(to, TextType::Str | TextType::OsStr | TextType::Path)
        }
    }
}
