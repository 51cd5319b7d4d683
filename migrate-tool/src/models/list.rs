//! Vectors, arrays, slices and iterators: the kinds of methods are registered in [`KINDS`].

mod access;
mod adapt;
mod change;
mod collect;
mod consume;
mod folds;
mod join;
mod next;
mod sort;

use std::rc::Rc;

pub(crate) use collect::collect_as;

use super::text::int;
use super::{Call, Method};
use crate::interp::Interp;
use crate::logic::Guard;
use crate::value::{Cases, Items, Iter, MapValue, SeqKind, TextType, Value};

/// Methods of one kind, called on a list; the last argument is the list whole.
type Kind = fn(&mut Interp<'_>, &Method<'_>, &Cases) -> Option<Cases>;
/// Methods of one kind, called on an iterator; the last argument is where it stands.
type IterKind = fn(&mut Interp<'_>, &Method<'_>, &Iter) -> Option<Cases>;

/// The kinds of methods of vectors, arrays and slices, each of which answers for its own names.
const KINDS: &[Kind] = &[access::method, change::method, sort_method, consume::joined];
/// The kinds of methods of iterators.
const ITERATORS: &[IterKind] = &[next::method, adapt::method, consume::method];

/// Models `sort`, `dedup` and similar methods, which need all items at once.
fn sort_method(interp: &mut Interp<'_>, method: &Method<'_>, whole: &Cases) -> Option<Cases> {
    (method.name == "dedup" || method.name.starts_with("sort"))
        .then(|| sort::method(interp, method, whole))?
}

/// As many items as are made of one, at most; more are not understood.
const MAX_REPEATED: i128 = 100_000;

/// Models functions that make lists and iterators: `Vec::new`, `iter::once`, …
pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    Some(match call.path.strip_prefix("std::")? {
        "vec::Vec::new" | "vec::Vec::with_capacity" => Cases::seq(Items::new().of_kind(SeqKind::Vec)),
        "collections::VecDeque::new" | "collections::VecDeque::with_capacity" => {
            Cases::seq(Items::new().of_kind(SeqKind::Deque))
        }
        "vec::Vec::from" if matches!(call.arg(0).single(), Some(Value::Text(_) | Value::Bytes(_))) => {
            return Some(super::text::retyped(interp, &call.arg(0), TextType::ByteVec));
        }
        "vec::Vec::from" | "vec::Vec::from_iter" => made_of(interp, &call.arg(0), SeqKind::Vec),
        "collections::VecDeque::from" | "collections::VecDeque::from_iter" => {
            made_of(interp, &call.arg(0), SeqKind::Deque)
        }
        "iter::empty" => Cases::iter(Items::new()),
        "iter::once" => Cases::iter(vec![(Guard::TRUE, call.arg(0))]),
        "iter::repeat" => Cases::of(Iter::Repeat(call.arg(0)).into_value()),
        "iter::repeat_n" => {
            let count = int(&call.arg(1)).filter(|count| *count <= MAX_REPEATED)?;
            let count = usize::try_from(count).ok()?;
            let inner = Box::new(Iter::Repeat(call.arg(0)));
            Cases::of(Iter::Take { inner, left: count, chain: Guard::TRUE }.into_value())
        }
        "iter::from_fn" => Cases::of(Iter::FromFn { f: call.arg(0), ended: Guard::FALSE }.into_value()),
        "iter::zip" => {
            let (a, b) = (interp.iterate(&call.arg(0)), interp.iterate(&call.arg(1)));
            Cases::of(Iter::Zip { a: Box::new(a), b: Box::new(b) }.into_value())
        }
        _ => return None,
    })
}

/// Returns a list of the items of a value.
fn made_of(interp: &mut Interp<'_>, value: &Cases, kind: SeqKind) -> Cases {
    let items = interp.items_of(value);
    interp.count_items(items.len());
    Cases::seq(Items { kind, ..items })
}

/// Methods of lists and iterators.
pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    if let Value::Object(object) = method.value
        && interp.objects[*object].kind == "unknown list"
    {
        // `Result::ok` of lines, which are none that fail; a closure may end them anywhere.
        let same = matches!(method.name, "iter" | "into_iter" | "cloned" | "copied")
            || method.name == "map_while" && !matches!(method.arg(0).single(), Some(Value::Closure(_)));
        if same {
            return Some(Cases::of(method.value.clone()));
        }
        return super::library::list_method(interp, method, *object);
    }
    if OWN.contains(&method.name) && interp.is_own_iterator(method.value) {
        // A copy would be used, unless the place is reached by `&mut`, which cannot be told here.
        if method.place.is_some() && !BY_REFERENCE.contains(&method.name) && interp.is_own_copy(method.value)
        {
            return None;
        }
        let iter = interp.own_iterator(method.value, method.place)?;
        return iterator_method(interp, method, &iter);
    }
    if !matches!(method.value, Value::Seq(_) | Value::Iter(_) | Value::Range { .. }) {
        return None;
    }
    let whole = Cases::of(method.value.clone());
    if ANY_ORDER.contains(&method.name) {
        if !interp.is_unordered(&whole) {
            return of_list(interp, method, &whole);
        }
        // What its closures change is changed in that order, too.
        let mut result = None;
        interp.loop_in_any_order(|interp| {
            result = interp.in_any_order(|interp| of_list(interp, method, &whole));
        });
        return result;
    }
    if interp.order_matters(&whole) {
        return Some(Cases::never());
    }
    of_list(interp, method, &whole)
}

/// Methods that come to the same in whatever order the items come, or give what is in no promised order itself.
const ANY_ORDER: &[&str] = &[
    "map",
    "filter",
    "filter_map",
    "flat_map",
    "flatten",
    "inspect",
    "cloned",
    "copied",
    "rev",
    "chain",
    "by_ref",
    "fuse",
    "count",
    "any",
    "all",
    "sum",
    "product",
    "min",
    "max",
    "collect",
    "collect_vec",
    "partition",
    "unzip",
    "clone",
    "iter",
    "into_iter",
    "iter_mut",
    "len",
    "is_empty",
    "peekable",
    "contains",
    "sort",
    "sort_unstable",
    "sort_by",
    "sort_unstable_by",
    "sort_by_key",
    "sort_unstable_by_key",
    "sort_by_cached_key",
    "extend",
    "push",
    "retain",
    "to_vec",
    "to_owned",
    "as_ref",
    "as_slice",
    "clear",
    "borrow",
    "deref",
    "as_mut_slice",
    "reserve",
    "into_boxed_slice",
    "append",
    "extend_from_slice",
    "for_each",
];

fn of_list(interp: &mut Interp<'_>, method: &Method<'_>, whole: &Cases) -> Option<Cases> {
    // Who holds the reference cannot be told from who holds a copy.
    if method.name == "by_ref" && is_copied(method.value) {
        return None;
    }
    match method.value {
        Value::Seq(items) => {
            if let Some(result) = KINDS.iter().find_map(|kind| kind(interp, method, whole)) {
                return Some(result);
            }
            // Lists of which it is not said that they are more than something to go over.
            let is_iterator = items.kind == SeqKind::Unknown;
            if !is_iterator {
                return mapped_array(interp, method, items);
            }
            let iter = interp.iterate(whole);
            let iter = match method.place {
                // What is asked as an iterator is one, and is left where that ends.
                Some(place) if !matches!(method.name, "clone" | "eq" | "len") => {
                    interp.write_place(place, Cases::of(iter.into_value()));
                    Iter::Place(Rc::clone(place))
                }
                _ => iter,
            };
            iterator_method(interp, method, &iter)
        }
        Value::Iter(_) | Value::Range { start: Some(_), .. } => {
            let iter = match method.place {
                // A method that takes `self` uses the iterator in its place: `&mut iterator` is an iterator, too.
                Some(place)
                    if !matches!(method.name, "clone" | "eq" | "len" | "as_str")
                        && (!is_copied(method.value) || BY_REFERENCE.contains(&method.name)) =>
                {
                    Iter::Place(Rc::clone(place))
                }
                _ => interp.iterate(whole),
            };
            iterator_method(interp, method, &iter)
        }
        _ => None,
    }
}

/// Methods of iterators that take them by `&mut`.
const BY_REFERENCE: [&str; 14] = [
    "try_fold",
    "try_for_each",
    "next",
    "next_back",
    "nth",
    "nth_back",
    "by_ref",
    "any",
    "all",
    "find",
    "find_map",
    "position",
    "rposition",
    "rfind",
];

/// Methods of `Iterator` that a type of the script has by its `next`.
const OWN: [&str; 49] = [
    "all",
    "any",
    "by_ref",
    "chain",
    "cloned",
    "collect",
    "copied",
    "count",
    "cycle",
    "enumerate",
    "filter",
    "filter_map",
    "find",
    "find_map",
    "flat_map",
    "flatten",
    "fold",
    "for_each",
    "fuse",
    "inspect",
    "into_iter",
    "last",
    "map",
    "map_while",
    "max",
    "max_by",
    "max_by_key",
    "min",
    "min_by",
    "min_by_key",
    "nth",
    "partition",
    "peekable",
    "position",
    "product",
    "reduce",
    "rev",
    "scan",
    "skip",
    "skip_while",
    "step_by",
    "sum",
    "take",
    "take_while",
    "try_fold",
    "try_for_each",
    "unzip",
    "zip",
    "rfind",
];

fn is_copied(value: &Value) -> bool {
    match value {
        Value::Iter(iter) => matches!(&**iter, Iter::Items { items, .. } if items.kind == SeqKind::Ancestors),
        _ => false,
    }
}

fn iterator_method(interp: &mut Interp<'_>, method: &Method<'_>, iter: &Iter) -> Option<Cases> {
    // No iterator has this method but a range, and those of characters are iterators here.
    if let ("contains", Value::Iter(of)) = (method.name, method.value)
        && let Iter::Items { items, from, to } = &**of
    {
        let items = Cases::list(items[*from..*to].iter().map(|(_, item)| item.clone()));
        let wanted = method.arg(0);
        return Some(any(interp, &items, &mut |interp, item| interp.equal(&item, &wanted)));
    }
    ITERATORS.iter().find_map(|kind| kind(interp, method, iter))
}

/// Models `[a, b].map(f)` of an array, whose result is an array.
fn mapped_array(interp: &mut Interp<'_>, method: &Method<'_>, items: &Items) -> Option<Cases> {
    if method.name != "map" || items.kind != SeqKind::Array {
        return None;
    }
    let f = method.arg(0);
    let mut made = Items::new().of_kind(SeqKind::Array);
    for (guard, item) in items {
        if !guard.is_true() {
            return None;
        }
        let item = interp.call_value(&f, vec![item.clone()]);
        made.push((Guard::TRUE, item));
    }
    Some(if interp.dead() { Cases::never() } else { Cases::seq(made) })
}

/// Returns a Boolean: whether a test holds for an item. Items after the first for which it holds are not tested.
pub(super) fn any(
    interp: &mut Interp<'_>,
    list: &Cases,
    test: &mut dyn FnMut(&mut Interp<'_>, Cases) -> Cases,
) -> Cases {
    let mut found = Guard::FALSE;
    interp.drive(list, &mut |interp, item| {
        let holds = test(interp, item);
        let truth = interp.truth(&holds);
        found = interp.inputs.or(found, truth);
        interp.pc = interp.inputs.minus(interp.pc, truth);
    });
    interp.pc = interp.inputs.or(interp.pc, found);
    if interp.dead() { Cases::never() } else { interp.boolean(found) }
}

/// Returns an empty set or map.
pub(super) fn empty_map(sorted: bool, set: bool) -> Value {
    Value::Map(Rc::new(MapValue { sorted, set, entries: Vec::new(), ty: None }))
}
