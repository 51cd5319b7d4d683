//! `std::env::split_paths` of a dependency's metadata. Only the first of its paths can be used.

use super::Method;
use crate::interp::Interp;
use crate::value::{Cases, Sym, Text, Value};

const KIND: &str = "path list";

/// Returns the paths that a text contains, joined as in PATH.
pub(super) fn of(interp: &mut Interp<'_>, joined: &Text) -> Option<Cases> {
    if !matches!(joined.as_sym(), Some(Sym::Dep(..))) {
        return None;
    }
    let list = interp.new_object(KIND);
    if let Some(Value::Object(object)) = list.single() {
        interp.note_call(*object, "of", vec![Cases::text(joined.clone())]);
    }
    Some(list)
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    let Value::Object(object) = method.value else { return None };
    if interp.objects[*object].kind != KIND || method.name != "next" {
        return None;
    }
    let Some(Value::Text(joined)) = interp.objects[*object].calls.first()?.2.first()?.single() else {
        return None;
    };
    let Some(Sym::Dep(links, key)) = joined.as_sym().cloned() else { return None };
    if interp.objects[*object].calls.len() > 1 {
        return Some(interp.unknown("what follows the first path of a list is not known"));
    }
    interp.note_call(*object, "next", Vec::new());
    // An empty text is a list with one empty path.
    let first = crate::value::Text::sym(Sym::DepFirst(links, key)).typed(crate::value::TextType::PathBuf);
    Some(Cases::some(Cases::text(first)))
}
