//! `Cell`, `RefCell`, `Mutex`, `Box`, `Rc`, `OnceLock`, atomics, and conversions that change nothing.

use super::{Call, Method};
use crate::interp::Interp;
use crate::value::{Gv, Place, Value};

pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Gv> {
    let path = call.path.strip_prefix("std::")?;
    Some(match path {
        "boxed::Box::new"
        | "rc::Rc::new"
        | "sync::Arc::new"
        | "borrow::Cow::Borrowed"
        | "borrow::Cow::Owned"
        | "boxed::Box::from"
        | "borrow::Cow::from"
        | "rc::Rc::from"
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
        "replace" | "swap" => {
            let before = interp.read_cell(*cell);
            interp.write_cell(*cell, method.arg(0));
            before
        }
        "borrow" | "borrow_mut" | "get_mut" | "as_ptr" => place(),
        "lock" | "read" | "write" | "try_borrow" | "try_borrow_mut" => Gv::ok(place()),
        "clone" => Gv::of(method.value.clone()),
        _ => return None,
    })
}
