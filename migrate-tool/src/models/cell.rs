//! `Cell`, `RefCell`, `Mutex`, `Box`, `Rc`, `OnceLock`, `LazyLock`, atomics, and conversions that change nothing.

use super::{Call, Method};
use crate::interp::Interp;
use crate::value::{Cases, CellKind, Place, Step, Ty, Value};

/// Makes a cell that holds a value.
pub(super) fn made(interp: &mut Interp<'_>, value: Cases, kind: CellKind) -> Cases {
    let cell = interp.new_cell(value);
    Cases::of(Value::Cell(cell, kind))
}

pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    let path = call.path.strip_prefix("std::")?;
    Some(match path {
        "rc::Rc::new" | "sync::Arc::new" | "rc::Rc::from" | "sync::Arc::from" => {
            let value = call.arg(0);
            interp.share(&value);
            value
        }
        "boxed::Box::new"
        | "borrow::Cow::Borrowed"
        | "borrow::Cow::Owned"
        | "boxed::Box::from"
        | "borrow::Cow::from"
        | "convert::identity"
        | "convert::From::from"
        | "rc::Rc::clone"
        | "sync::Arc::clone"
        | "convert::Into::into"
        | "hint::black_box"
        | "string::ToString::to_string" => {
            if path.ends_with("to_string") {
                let arg = call.arg(0);
                return Some(interp.display(&arg, None));
            }
            call.arg(0)
        }
        "cell::Cell::new" => made(interp, call.arg(0), CellKind::Cell),
        "cell::RefCell::new" => made(interp, call.arg(0), CellKind::RefCell),
        "sync::Mutex::new" => made(interp, call.arg(0), CellKind::Mutex),
        "sync::RwLock::new" => made(interp, call.arg(0), CellKind::RwLock),
        "cell::OnceCell::new" | "sync::OnceLock::new" => made(interp, Cases::none(), CellKind::Once),
        "cell::LazyCell::new" | "sync::LazyLock::new" => made(interp, call.arg(0), CellKind::Lazy),
        path if path.starts_with("sync::atomic::Atomic") && path.ends_with("::new") => {
            let name = path.strip_prefix("sync::atomic::Atomic")?.strip_suffix("::new")?.to_lowercase();
            let value = interp.typed(&call.arg(0), Some(&Ty::named(&name)));
            made(interp, value, CellKind::Atomic)
        }
        "default::Default::default" => super::defaults::default_of(interp, call.hint),
        "any::type_name" => return None,
        _ => return None,
    })
}

impl Interp<'_> {
    /// Returns a copy that has cells of its own, except for those behind an `Rc` or `Arc`.
    pub(crate) fn cloned(&mut self, value: &Cases) -> Cases {
        self.copied(value, true)
    }

    /// Returns a closure that is given away, with cells of its own; iterators in it are never copied, but moved.
    pub(crate) fn given_away(&mut self, closure: &Cases) -> Cases {
        self.copied(closure, false)
    }

    fn copied(&mut self, value: &Cases, iterators: bool) -> Cases {
        if !value.0.iter().any(|(_, value)| self.holds_cell(value)) {
            return value.clone();
        }
        let alternatives: Vec<_> =
            value.0.iter().map(|(guard, value)| (*guard, self.copied_value(value, iterators))).collect();
        Cases(std::rc::Rc::from(alternatives))
    }

    fn holds_cell(&self, value: &Value) -> bool {
        let any = |mut parts: Box<dyn Iterator<Item = &Cases> + '_>| {
            parts.any(|part| part.0.iter().any(|(_, value)| self.holds_cell(value)))
        };
        match value {
            Value::Cell(cell, _) => !self.shared.contains(cell),
            Value::Tuple(parts) => any(Box::new(parts.iter())),
            Value::Struct(value) => any(Box::new(value.fields.iter().map(|(_, field)| field))),
            Value::Enum(value) => any(Box::new(value.fields.iter().map(|(_, field)| field))),
            Value::Seq(items) => match items.first() {
                // All of one type.
                Some((_, first)) => any(Box::new(std::iter::once(first))),
                None => false,
            },
            Value::Map(map) => any(Box::new(map.entries.iter().map(|(_, _, value)| value))),
            Value::Iter(_) => true,
            Value::Closure(closure) => closure.code.capture.is_some() && !closure.captured.is_empty(),
            _ => false,
        }
    }

    /// Returns whether the script implements `Clone` by hand for a type, and the value or an argument may hold a value
    /// of such a type.
    pub(crate) fn clones_by_itself(&self, value: &Value, args: &[Cases]) -> bool {
        let mut own =
            self.trait_impls.iter().filter(|one| &*one.of == "Clone").map(|one| &one.owner).peekable();
        own.peek().is_some() && {
            let own: Vec<_> = own.collect();
            let inside = |value: &Cases| value.0.iter().any(|(_, value)| holds_one_of(value, &own));
            holds_one_of(value, &own) || args.iter().any(inside)
        }
    }

    fn copied_value(&mut self, value: &Value, iterators: bool) -> Value {
        match value {
            Value::Cell(cell, kind) if !self.shared.contains(cell) => {
                let inside = self.read_cell(*cell);
                let inside = self.copied(&inside, iterators);
                Value::Cell(self.new_cell(inside), *kind)
            }
            Value::Tuple(parts) => {
                Value::Tuple(parts.iter().map(|part| self.copied(part, iterators)).collect())
            }
            Value::Struct(value) => {
                let mut copy = (**value).clone();
                for field in &mut copy.fields {
                    field.1 = self.copied(&field.1, iterators);
                }
                Value::Struct(std::rc::Rc::new(copy))
            }
            Value::Enum(value) => {
                let mut copy = (**value).clone();
                for field in &mut copy.fields {
                    field.1 = self.copied(&field.1, iterators);
                }
                Value::Enum(std::rc::Rc::new(copy))
            }
            Value::Seq(items) => {
                let mut copy = (**items).clone();
                for item in copy.iter_mut() {
                    item.1 = self.copied(&item.1, iterators);
                }
                Value::Seq(std::rc::Rc::new(copy))
            }
            Value::Map(map) => {
                let mut copy = (**map).clone();
                for entry in &mut copy.entries {
                    entry.2 = self.copied(&entry.2, iterators);
                }
                Value::Map(std::rc::Rc::new(copy))
            }
            // What a `move` closure holds is its own, and so is what its copy holds.
            Value::Closure(closure) if closure.code.capture.is_some() => {
                let mut copy = (**closure).clone();
                for (_, cell) in &mut copy.captured {
                    let inside = self.read_cell(*cell);
                    let inside = self.copied(&inside, iterators);
                    *cell = self.new_cell(inside);
                }
                Value::Closure(std::rc::Rc::new(copy))
            }
            Value::Iter(iter) if iterators => self.cloned_iter(iter).into_value(),
            other => other.clone(),
        }
    }

    /// Marks the content of an `Rc` or `Arc` as shared by its clones.
    fn share(&mut self, value: &Cases) {
        for (_, value) in value.0.iter() {
            if let Value::Cell(cell, _) = value {
                self.shared.insert(*cell);
            }
        }
    }
}

/// Returns whether a value may hold one of a type with this name.
fn holds_one_of(value: &Value, names: &[&std::rc::Rc<str>]) -> bool {
    let part = |part: &Cases| part.0.iter().any(|(_, value)| holds_one_of(value, names));
    match value {
        Value::Struct(value) => {
            names.contains(&&value.name) || value.fields.iter().any(|(_, field)| part(field))
        }
        Value::Enum(value) => {
            names.contains(&&value.name) || value.fields.iter().any(|(_, field)| part(field))
        }
        Value::Tuple(parts) => parts.iter().any(part),
        Value::Seq(items) => items.iter().any(|(_, item)| part(item)),
        Value::Map(map) => map.entries.iter().any(|(_, key, value)| holds_one_of(key, names) || part(value)),
        Value::Unit
        | Value::Bool(_)
        | Value::Int(..)
        | Value::Char(_)
        | Value::Text(_)
        | Value::Bytes(_)
        | Value::Range { .. }
        | Value::SymbolicInt(..) => false,
        _ => true,
    }
}

/// Runs the closure of a `LazyLock` or `LazyCell` at its first use.
pub(crate) fn forced(interp: &mut Interp<'_>, value: &Cases) -> Cases {
    if !value.0.iter().any(|(_, value)| matches!(value, Value::Cell(_, CellKind::Lazy))) {
        return value.clone();
    }
    interp.each(&value.clone(), |interp, value| {
        let Value::Cell(cell, CellKind::Lazy) = value else { return Cases::of(value.clone()) };
        let held = interp.read_cell(*cell);
        interp.each(&held, |interp, held| match held {
            Value::Closure(_) | Value::Function(_) | Value::External(_) => {
                let made = interp.call_value(&Cases::of(held.clone()), vec![]);
                if interp.dead() {
                    return Cases::never();
                }
                interp.write_cell(*cell, made.clone());
                made
            }
            made => Cases::of(made.clone()),
        })
    })
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    let Value::Cell(cell, kind) = method.value else { return None };
    let (cell, kind) = (*cell, *kind);
    match (kind, method.name) {
        (CellKind::RefCell, "clone" | "to_owned") => interp.may_lend(cell, false),
        (CellKind::RefCell, "replace" | "take" | "swap") => interp.may_lend(cell, true),
        (CellKind::RefCell, "borrow") | (CellKind::RwLock, "read") => interp.lend(cell, false),
        (CellKind::RefCell, "borrow_mut") | (CellKind::Mutex, "lock") | (CellKind::RwLock, "write") => {
            interp.lend(cell, true);
        }
        _ => {}
    }
    if interp.dead() {
        return Some(Cases::never());
    }
    match method.name {
        "clone" | "to_owned" if matches!(kind, CellKind::Cell | CellKind::RefCell | CellKind::Once) => {
            return Some(interp.cloned(&Cases::of(method.value.clone())));
        }
        // A reference, or another handle of the same.
        "clone" | "as_ref" if interp.shared.contains(&cell) => return Some(Cases::of(method.value.clone())),
        _ => {}
    }
    if interp.open_loops > 0 && !matches!(method.name, "get" | "load" | "borrow") {
        return Some(interp.unknown("a cell that changes in a loop over an unknown list is not understood"));
    }
    match kind {
        CellKind::Cell | CellKind::RefCell => of_cell(interp, method, cell, kind),
        CellKind::Mutex | CellKind::RwLock => Some(match (kind, method.name) {
            (CellKind::Mutex, "lock") | (CellKind::RwLock, "read" | "write") | (_, "get_mut") => {
                Cases::ok(place(cell))
            }
            (_, "into_inner") => Cases::ok(interp.read_cell(cell)),
            _ => return None,
        }),
        CellKind::Atomic => atomic(interp, method, cell),
        CellKind::Once => once(interp, method, cell),
        CellKind::Lazy => {
            let inner = forced(interp, &Cases::of(method.value.clone()));
            Some(interp.call_method(&inner, method.name, method.args, method.hint, method.generics))
        }
    }
}

fn place(cell: usize) -> Cases {
    Cases::of(Value::Ref(std::rc::Rc::new(Place { cell, path: Vec::new() })))
}

/// What is put into a cell, and what was there.
fn exchange(interp: &mut Interp<'_>, cell: usize, new: &Cases) -> Cases {
    let before = interp.read_cell(cell);
    let new = interp.typed_like(new, &before);
    interp.write_cell(cell, new);
    before
}

fn of_cell(interp: &mut Interp<'_>, method: &Method<'_>, cell: usize, kind: CellKind) -> Option<Cases> {
    let plain = kind == CellKind::Cell;
    Some(match method.name {
        "get" if plain => interp.read_cell(cell),
        "into_inner" => interp.read_cell(cell),
        "set" if plain => {
            exchange(interp, cell, &method.arg(0));
            Cases::unit()
        }
        "replace" => exchange(interp, cell, &method.arg(0)),
        "take" => {
            let before = interp.read_cell(cell);
            let new = super::scalar::taken(interp, &before)?;
            interp.write_cell(cell, new);
            before
        }
        "swap" => {
            let other = interp.deref_all(&method.arg(0));
            let Some(Value::Cell(other, _)) = other.single().cloned() else { return None };
            let (mine, its) = (interp.read_cell(cell), interp.read_cell(other));
            interp.write_cell(cell, its);
            interp.write_cell(other, mine);
            Cases::unit()
        }
        "get_mut" => place(cell),
        "borrow" | "borrow_mut" if !plain => place(cell),
        _ => return None,
    })
}

fn atomic(interp: &mut Interp<'_>, method: &Method<'_>, cell: usize) -> Option<Cases> {
    let change = |operator: &'static str| (operator, method.name);
    let (operator, _) = match method.name {
        "load" | "into_inner" => return Some(interp.read_cell(cell)),
        "get_mut" => return Some(place(cell)),
        "store" => {
            exchange(interp, cell, &method.arg(0));
            return Some(Cases::unit());
        }
        "swap" => return Some(exchange(interp, cell, &method.arg(0))),
        "fetch_add" => change("wrapping_add"),
        "fetch_sub" => change("wrapping_sub"),
        "fetch_max" => change("max"),
        "fetch_min" => change("min"),
        "fetch_or" => change("|"),
        "fetch_and" => change("&"),
        "fetch_xor" => change("^"),
        _ => return None,
    };
    let before = interp.read_cell(cell);
    let other = interp.typed_like(&method.arg(0), &before);
    let after = if operator.len() > 1 {
        interp.call_method(&before, operator, std::slice::from_ref(&other), None, &[])
    } else {
        interp.arithmetic(operator, &before, &other)
    };
    if interp.dead() {
        return Some(Cases::never());
    }
    interp.write_cell(cell, after);
    Some(before)
}

fn once(interp: &mut Interp<'_>, method: &Method<'_>, cell: usize) -> Option<Cases> {
    let held = interp.read_cell(cell);
    Some(match method.name {
        "get" | "into_inner" => held,
        "get_mut" => interp.call_method(&place(cell), "as_mut", &[], None, &[]),
        "take" => {
            interp.write_cell(cell, Cases::none());
            held
        }
        "set" => {
            let value = method.arg(0);
            interp.each(&held, |interp, held| match held {
                Value::Enum(option) if &*option.variant == "Some" => Cases::err(value.clone()),
                _ => {
                    interp.write_cell(cell, Cases::some(value.clone()));
                    Cases::ok(Cases::unit())
                }
            })
        }
        "get_or_init" => {
            let f = method.arg(0);
            interp.each(&held, |interp, held| match held {
                Value::Enum(option) if &*option.variant == "Some" => option.fields[0].1.clone(),
                _ => {
                    let value = interp.call_value(&f, vec![]);
                    if interp.dead() {
                        return Cases::never();
                    }
                    interp.write_cell(cell, Cases::some(value));
                    let whole = Place { cell, path: vec![Step::Field("0".into())] };
                    interp.read_place(&whole)
                }
            })
        }
        _ => return None,
    })
}
