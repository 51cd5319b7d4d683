//! Vectors, arrays, slices and iterators: the kinds of methods are registered in [`KINDS`].

mod access;
mod adapt;
mod change;
mod collect;
mod consume;
mod cycle;
mod join;
mod sort;

use std::rc::Rc;

pub(crate) use collect::collect_as;

use super::text::int;
use super::{Call, Method};
use crate::interp::Interp;
use crate::logic::Guard;
use crate::value::{Gv, MapValue, Value};

/// Methods of one kind, called on a list; the last argument is the list whole.
type Kind = fn(&mut Interp<'_>, &Method<'_>, &Gv) -> Option<Gv>;

/// The kinds of methods, each of which answers for its own names.
const KINDS: &[Kind] = &[access::method, adapt::method, change::method, consume::method, sort_method];

/// `sort`, `dedup` and their like, which ask for all items at once.
fn sort_method(interp: &mut Interp<'_>, method: &Method<'_>, whole: &Gv) -> Option<Gv> {
    (method.name == "dedup" || method.name.starts_with("sort"))
        .then(|| sort::method(interp, method, whole))?
}

/// As many items as are made of one, at most; more are not understood.
const MAX_REPEATED: i128 = 100_000;

/// `Vec::new`, `iter::once`, …
pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Gv> {
    Some(match call.path.strip_prefix("std::")? {
        "vec::Vec::new" | "vec::Vec::with_capacity" | "iter::empty" | "collections::VecDeque::new" => {
            Gv::list([])
        }
        "vec::Vec::from" | "collections::VecDeque::from" | "vec::Vec::from_iter" => {
            let items = interp.items_of(&call.arg(0));
            Gv::seq(items)
        }
        "iter::once" => Gv::list([call.arg(0)]),
        "iter::repeat_n" => {
            let count = int(&call.arg(1)).filter(|count| *count <= MAX_REPEATED)?;
            Gv::list((0..count).map(|_| call.arg(0)))
        }
        _ => return None,
    })
}

/// Items that are put into a list, in the budget of what a script makes: one that takes in itself doubles.
pub(crate) fn count(interp: &mut Interp<'_>, items: usize) {
    interp.text_bytes += 32 * items;
}

fn is_list(value: &Value) -> bool {
    matches!(value, Value::Seq(_) | Value::Iter(_) | Value::Range { .. })
}

/// Methods of lists and iterators.
pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Gv> {
    if let Value::Object(object) = method.value
        && interp.objects[*object].kind == "unknown list"
    {
        // `Result::ok` of lines, which are none that fail; a closure may end them anywhere.
        let same = matches!(method.name, "iter" | "into_iter" | "cloned" | "copied")
            || method.name == "map_while" && !matches!(method.arg(0).single(), Some(Value::Closure(_)));
        if same {
            return Some(Gv::of(method.value.clone()));
        }
        return super::library::list_method(interp, method, *object);
    }
    if let Some(list) = cycle::cycle_of(method.value) {
        return cycle::method(interp, method, &list);
    }
    if !is_list(method.value) {
        return None;
    }
    let whole = Gv::of(method.value.clone());
    KINDS.iter().find_map(|kind| kind(interp, method, &whole))
}

/// Whether a test holds for an item; items after the first that it holds for are not asked.
pub(super) fn any(interp: &mut Interp<'_>, list: &Gv, test: &mut dyn FnMut(&mut Interp<'_>, Gv) -> Gv) -> Gv {
    let mut found = Guard::FALSE;
    interp.drive(list, &mut |interp, item| {
        let holds = test(interp, item);
        let truth = interp.truth(&holds);
        found = interp.inputs.or(found, truth);
        interp.pc = interp.inputs.minus(interp.pc, truth);
    });
    interp.pc = interp.inputs.or(interp.pc, found);
    if interp.dead() { Gv::never() } else { interp.boolean(found) }
}

/// A set or map from entries, empty.
pub(super) fn empty_map(sorted: bool, set: bool) -> Value {
    Value::Map(Rc::new(MapValue { sorted, set, entries: Vec::new(), ty: None }))
}
