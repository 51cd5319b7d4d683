//! Bytes: `[u8]`, `Vec<u8>`, `[u8; N]`. Bytes that are UTF-8 are stored as text, since most become text again. For a
//! method that text does not have, they become a list of numbers.

use super::Method;
use super::text::store;
use crate::interp::byte_list_of;
use crate::interp::{Interp, concat};
use crate::value::{Cases, Text, TextType, Value};

/// Methods of bytes that are stored as text, or as bytes that are not UTF-8.
pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    let text = match method.value {
        Value::Text(text) => Some(text),
        _ => None,
    };
    let same = |ty: TextType| match text {
        Some(text) => Cases::text(text.clone().typed(ty)),
        None => Cases::of(method.value.clone()),
    };
    Some(match method.name {
        "clone" | "by_ref" | "get_ref" | "get_mut" => return Some(Cases::of(method.value.clone())),
        "as_slice" | "as_ref" | "borrow" | "deref" | "into_boxed_slice" => same(TextType::Bytes),
        "to_vec" | "to_owned" | "into_vec" => same(TextType::ByteVec),
        "into" | "into_inner" => same(TextType::Unknown),
        "len" | "is_empty" => {
            let text = text?;
            let inner = Cases::text(text.clone().typed(TextType::Str));
            return Some(interp.call_method(&inner, method.name, &[], None, &[]));
        }
        "flush" => Cases::ok(Cases::unit()),
        "write_all" | "write_fmt" | "write" | "extend_from_slice" if matches!(text, Some(text) if text.1 == TextType::ByteVec) =>
        {
            let text = text?;
            let added = interp.deref_all(&method.arg(0));
            let added = interp.display_bytes(&added);
            let unknown = added.0.iter().any(|(_, value)| !matches!(value, Value::Text(_)));
            if unknown || method.name == "write" {
                return None;
            }
            let whole = concat(interp, &Cases::text(text.clone()), &added);
            let stored = store(interp, method, whole);
            if method.name.starts_with("write") && !stored.is_never() {
                Cases::ok(Cases::unit())
            } else {
                stored
            }
        }
        "eq" | "ne" | "cmp" | "partial_cmp" | "lt" | "le" | "gt" | "ge" | "hash" => return None,
        _ => {
            let items = Cases::seq(byte_list_of(method.value)?);
            if let Some(place) = method.place {
                interp.write_place(place, items.clone());
                let place = Cases::of(Value::Ref(std::rc::Rc::clone(place)));
                return Some(interp.call_method(
                    &place,
                    method.name,
                    method.args,
                    method.hint,
                    method.generics,
                ));
            }
            return Some(interp.call_method(&items, method.name, method.args, method.hint, method.generics));
        }
    })
}

/// Converts bytes to text: `Ok`, or `Err` where they are not UTF-8.
pub(super) fn as_text(interp: &mut Interp<'_>, bytes: &Cases, ty: TextType) -> Cases {
    let bytes = interp.deref_all(bytes);
    let bytes = interp.display_bytes(&bytes);
    interp.each(&bytes, |interp, bytes| match bytes {
        Value::Text(text) => Cases::ok(Cases::text(text.clone().typed(ty))),
        Value::Bytes(_) => Cases::err(Cases::of(Value::Opaque("a UTF-8 error".into()))),
        _ => interp.unknown("these bytes are not known"),
    })
}

/// Converts bytes to text, with invalid sequences replaced.
pub(super) fn lossy(interp: &mut Interp<'_>, bytes: &Cases) -> Cases {
    let bytes = interp.deref_all(bytes);
    let bytes = interp.display_bytes(&bytes);
    interp.each(&bytes, |interp, bytes| match bytes {
        Value::Text(text) => Cases::text(text.clone().typed(TextType::Str)),
        Value::Bytes(bytes) => {
            interp.make_text(Text::lit(&String::from_utf8_lossy(bytes)).typed(TextType::Str))
        }
        _ => interp.unknown("these bytes are not known"),
    })
}
