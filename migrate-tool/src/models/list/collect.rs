//! `collect` and similar methods, by the requested type.

use super::super::{Method, map, path};
use super::join::join;
use crate::interp::{Interp, Ty};
use crate::logic::Guard;
use crate::value::{Cases, Items, SeqKind, TextType, Value};

pub(super) fn collect(interp: &mut Interp<'_>, list: &Cases, method: &Method<'_>) -> Cases {
    let ty = method.generics.first().cloned().or_else(|| method.hint.cloned());
    collect_list(interp, list, ty.as_ref())
}

/// Converts items that were collected before the type of the collection was known.
pub(crate) fn collect_as(interp: &mut Interp<'_>, items: &Items, ty: &Ty) -> Cases {
    let list = Cases::seq(items.clone().of_kind(SeqKind::Vec));
    collect_list(interp, &list, Some(ty))
}

fn collect_list(interp: &mut Interp<'_>, list: &Cases, ty: Option<&Ty>) -> Cases {
    let ty = ty.filter(|ty| ty.says_something()).map(|ty| interp.canonical(ty));
    let kind = match ty.as_ref().map(|ty| ty.name.as_str()) {
        None => SeqKind::Collected,
        Some("Vec") => SeqKind::Vec,
        Some("VecDeque") => SeqKind::Deque,
        // `Box<[T]>`, since boxes are ignored in types.
        Some(Ty::SLICE) => SeqKind::Slice,
        Some(_) => SeqKind::Unknown,
    };
    if kind != SeqKind::Unknown {
        let items = interp.items_and_tail(list);
        interp.count_items(items.len());
        if interp.dead() {
            return Cases::never();
        }
        let made = Cases::seq(Items { kind, element: None, ..items });
        return if kind == SeqKind::Collected { made } else { interp.typed(&made, ty.as_ref()) };
    }
    let Some(ty) = ty else { return Cases::never() };
    let any_order = ["HashSet", "BTreeSet", "HashMap", "BTreeMap", "Result", "Option"];
    if !any_order.contains(&ty.name.as_str()) && interp.is_unordered(list) {
        return interp.unknown("what this comes to depends on an order that nobody promises");
    }
    match ty.name.as_str() {
        "String" | "OsString" | "str" => {
            let items = interp.items_of(list);
            let text = join(interp, &Cases::seq(items), &Cases::str(""));
            let kind = if ty.name == "OsString" { TextType::OsString } else { TextType::String };
            interp.each(&text, |interp, text| match text {
                crate::value::Value::Text(text) => Cases::text(text.clone().typed(kind)),
                _ => interp.unknown("what is collected is no text"),
            })
        }
        "PathBuf" => {
            let items = interp.items_of(list);
            let path = path::join_all(interp, items);
            interp.stamped(&path, Some(&ty))
        }
        "HashSet" | "BTreeSet" | "HashMap" | "BTreeMap" => {
            let items = interp.items_of(list);
            let map = map::from_items(interp, items, ty.name.starts_with('B'), ty.name.ends_with("Set"));
            interp.typed(&map, Some(&ty))
        }
        "Result" | "Option" => {
            // The first failure is the result of the whole.
            let mut items = Items::new();
            items.unordered = interp.is_unordered(list);
            let unordered = items.unordered;
            let mut failed = Vec::new();
            let mut ended = Guard::FALSE;
            let start = interp.pc;
            interp.drive(list, &mut |interp, item| {
                let (some, inner) = interp.some_of(&item);
                if !some.is_false() {
                    items.push((if some == start { Guard::TRUE } else { some }, inner));
                }
                let fails = interp.inputs.minus(interp.pc, some);
                if !fails.is_false() {
                    failed.push((fails, item));
                    ended = interp.inputs.or(ended, fails);
                }
                interp.pc = interp.inputs.minus(interp.pc, fails);
            });
            let fine = interp.pc;
            if unordered && failed.iter().any(|(_, failure)| tells(failure)) {
                return interp.unknown("which failure is met first depends on an order that nobody promises");
            }
            let inner = ty.args.first().cloned().unwrap_or_else(Ty::unknown);
            let inner = collect_list(interp, &Cases::seq(items.of_kind(SeqKind::Vec)), Some(&inner));
            let whole = if ty.name == "Option" { Cases::some(inner) } else { Cases::ok(inner) };
            failed.push((fine, whole));
            interp.pc = interp.inputs.or(fine, ended);
            interp.inputs.join(failed)
        }
        name => interp.unknown(&format!("collecting a `{name}` is not understood")),
    }
}

/// Returns whether one failure can be told from another.
fn tells(failure: &Cases) -> bool {
    match failure.single() {
        Some(Value::Enum(failure)) => {
            failure.fields.first().is_some_and(|(_, error)| !matches!(error.single(), Some(Value::Opaque(_))))
        }
        _ => true,
    }
}
