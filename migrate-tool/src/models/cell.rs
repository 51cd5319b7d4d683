//! `Cell`, `RefCell`, `Mutex`, `Box`, `Rc`, `OnceLock`, atomics, and conversions that change nothing.

use super::{Call, Method};
use crate::interp::Interp;
use crate::value::{Gv, Place, Value};

pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Gv> {
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
        "cell::Cell::new" | "cell::RefCell::new" | "sync::Mutex::new" | "sync::RwLock::new" => {
            let cell = interp.new_cell(call.arg(0));
            Gv::of(Value::Cell(cell))
        }
        path if path.starts_with("sync::atomic::Atomic") && path.ends_with("::new") => {
            let cell = interp.new_cell(call.arg(0));
            Gv::of(Value::Cell(cell))
        }
        "default::Default::default" => super::default_of(interp, call.hint),
        "mem::drop" => Gv::unit(),
        "any::type_name" => return None,
        _ => return None,
    })
}

impl Interp<'_> {
    /// A copy that shares nothing with the value: cells of its own, but for those behind an `Rc`.
    pub(crate) fn cloned(&mut self, value: &Gv) -> Gv {
        if !value.0.iter().any(|(_, value)| self.holds_cell(value)) {
            return value.clone();
        }
        let alternatives: Vec<_> =
            value.0.iter().map(|(guard, value)| (*guard, self.cloned_value(value))).collect();
        Gv(std::rc::Rc::from(alternatives))
    }

    fn holds_cell(&self, value: &Value) -> bool {
        let any = |mut parts: Box<dyn Iterator<Item = &Gv> + '_>| {
            parts.any(|part| part.0.iter().any(|(_, value)| self.holds_cell(value)))
        };
        match value {
            Value::Cell(cell) => !self.shared.contains(cell),
            Value::Tuple(parts) => any(Box::new(parts.iter())),
            Value::Struct(value) => any(Box::new(value.fields.iter().map(|(_, field)| field))),
            Value::Enum(value) => any(Box::new(value.fields.iter().map(|(_, field)| field))),
            Value::Seq(items) => match items.first() {
                // All of one type.
                Some((_, first)) => any(Box::new(std::iter::once(first))),
                None => false,
            },
            Value::Map(map) => any(Box::new(map.entries.iter().map(|(_, _, value)| value))),
            _ => false,
        }
    }

    fn cloned_value(&mut self, value: &Value) -> Value {
        match value {
            Value::Cell(cell) if !self.shared.contains(cell) => {
                let inside = self.read_cell(*cell);
                let inside = self.cloned(&inside);
                Value::Cell(self.new_cell(inside))
            }
            Value::Tuple(parts) => Value::Tuple(parts.iter().map(|part| self.cloned(part)).collect()),
            Value::Struct(value) => {
                let mut copy = (**value).clone();
                for field in &mut copy.fields {
                    field.1 = self.cloned(&field.1);
                }
                Value::Struct(std::rc::Rc::new(copy))
            }
            Value::Enum(value) => {
                let mut copy = (**value).clone();
                for field in &mut copy.fields {
                    field.1 = self.cloned(&field.1);
                }
                Value::Enum(std::rc::Rc::new(copy))
            }
            Value::Seq(items) => {
                let mut copy = (**items).clone();
                for item in copy.iter_mut() {
                    item.1 = self.cloned(&item.1);
                }
                Value::Seq(std::rc::Rc::new(copy))
            }
            Value::Map(map) => {
                let mut copy = (**map).clone();
                for entry in &mut copy.entries {
                    entry.2 = self.cloned(&entry.2);
                }
                Value::Map(std::rc::Rc::new(copy))
            }
            other => other.clone(),
        }
    }

    /// What stands behind an `Rc` or `Arc` is shared by its clones.
    fn share(&mut self, value: &Gv) {
        for (_, value) in value.0.iter() {
            if let Value::Cell(cell) = value {
                self.shared.insert(*cell);
            }
        }
    }
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Gv> {
    let Value::Cell(cell) = method.value else { return None };
    let place = || Gv::of(Value::Ref(std::rc::Rc::new(Place { cell: *cell, path: Vec::new() })));
    Some(match method.name {
        "get" | "load" | "into_inner" | "take" | "get_cloned" => {
            let value = interp.read_cell(*cell);
            if method.name == "take" {
                return None;
            }
            value
        }
        "set" | "store" => {
            if interp.open_loops > 0 {
                return Some(
                    interp.unknown("a cell that changes in a loop over an unknown list is not understood"),
                );
            }
            interp.write_cell(*cell, method.arg(0));
            Gv::unit()
        }
        "swap" if matches!(interp.deref_all(&method.arg(0)).single(), Some(Value::Cell(_))) => {
            let Some(Value::Cell(other)) = interp.deref_all(&method.arg(0)).single().cloned() else {
                return None;
            };
            let (mine, its) = (interp.read_cell(*cell), interp.read_cell(other));
            interp.write_cell(*cell, its);
            interp.write_cell(other, mine);
            Gv::unit()
        }
        "replace" | "swap" => {
            let before = interp.read_cell(*cell);
            interp.write_cell(*cell, method.arg(0));
            before
        }
        "borrow" | "borrow_mut" | "get_mut" | "as_ptr" => place(),
        "lock" | "read" | "write" | "try_borrow" | "try_borrow_mut" => Gv::ok(place()),
        "clone" => interp.cloned(&Gv::of(method.value.clone())),
        _ => return None,
    })
}
