//! `into` and `try_into`: what becomes of a value is said by the type that it is to have.

use super::Method;
use crate::interp::{Interp, Ty, fits_type};
use crate::value::{Cases, IntType, SeqKind, TextClass, TextType, Value};

/// Models `value.into()` for types of the standard library.
fn into(interp: &mut Interp<'_>, value: &Value, ty: Option<&Ty>) -> Cases {
    let same = || Cases::of(value.clone());
    let ty = ty.filter(|ty| ty.says_something()).map(|ty| interp.canonical(ty));
    let Some(ty) = ty else { return untyped(interp, value) };
    if let Value::Enum(option) = value
        && *option.name == *ty.name
    {
        return same();
    }
    let bytes = match value {
        Value::Text(text) if text.class() == Some(TextClass::Bytes) => crate::interp::byte_list_of(value),
        _ => None,
    };
    match (value, ty.name.as_str()) {
        (_, "Option") => {
            let inner = into(interp, value, ty.args.first());
            if inner.is_never() { inner } else { Cases::some(inner) }
        }
        (Value::Text(text), _) if ty.text().is_some() => {
            let kind = ty.text().unwrap_or_default();
            Cases::text(text.clone().typed(kind))
        }
        (Value::Text(_), "Vec") if ty.args.first().is_some_and(|arg| !arg.says_something()) => {
            super::text::retyped(interp, &same(), TextType::ByteVec)
        }
        (Value::Text(_), "VecDeque" | "HashSet" | "BTreeSet") => match bytes {
            Some(items) => super::list::collect_as(interp, &items, &ty),
            None => interp.unknown("this conversion is not understood"),
        },
        (Value::Char(character), "String" | "str") => Cases::string(&character.to_string()),
        (Value::Char(character), _) if ty.integer().is_some() => {
            let kind = ty.integer().unwrap_or(IntType::Unknown);
            Cases::of(Value::Int(i128::from(u32::from(*character)), kind))
        }
        (Value::Int(number, _), "char") => match u8::try_from(*number) {
            Ok(byte) => Cases::of(Value::Char(char::from(byte))),
            Err(_) => interp.unknown("this conversion is not understood"),
        },
        (Value::Int(number, _), _) if ty.integer().is_some() => {
            let kind = ty.integer().unwrap_or(IntType::Unknown);
            if fits_type(*number, kind) {
                Cases::of(Value::Int(*number, kind))
            } else {
                interp.unknown("this conversion is not understood")
            }
        }
        (Value::Bool(value), _) if ty.integer().is_some() => {
            Cases::of(Value::Int(i128::from(*value), ty.integer().unwrap_or(IntType::Unknown)))
        }
        (
            Value::Seq(items),
            "Vec" | "VecDeque" | "HashSet" | "BTreeSet" | "HashMap" | "BTreeMap" | Ty::SLICE,
        ) => super::list::collect_as(interp, items, &ty),
        (Value::Int(..) | Value::Bool(_) | Value::Char(_) | Value::Text(_), name) if !std_type(name) => {
            untyped(interp, value)
        }
        // A value is not passed on unchanged as another std type.
        (_, name) if std_type(name) && value.ty().name != name => {
            interp.unknown(&format!("a conversion into `{name}` is not understood"))
        }
        (Value::Int(..) | Value::Bool(_) | Value::Char(_) | Value::Text(_) | Value::Seq(_), name) => {
            interp.unknown(&format!("a conversion into `{name}` is not understood"))
        }
        _ => same(),
    }
}

/// Returns whether a name is that of a type of std into which values are converted; another name may be a type
/// parameter.
fn std_type(name: &str) -> bool {
    Ty::named(name).text().is_some()
        || Ty::named(name).integer().is_some()
        || matches!(
            name,
            "char"
                | "bool"
                | "f32"
                | "f64"
                | "Vec"
                | "BinaryHeap"
                | "Ordering"
                | "VecDeque"
                | "HashSet"
                | "HashMap"
                | "BTreeSet"
                | "BTreeMap"
                | "Option"
                | "Result"
                | "(tuple)"
                | Ty::SLICE
                | Ty::ARRAY
        )
}

/// Returns the result of a conversion into a type that is not known.
fn untyped(interp: &mut Interp<'_>, value: &Value) -> Cases {
    match value {
        Value::Text(text) if text.class() == Some(TextClass::Bytes) => {
            interp.unknown("what this is converted into is not known")
        }
        Value::Text(text) => Cases::text(text.clone().typed(TextType::Unknown)),
        Value::Int(number, _) => Cases::of(Value::Int(*number, IntType::Unknown)),
        Value::Seq(items) => Cases::seq((**items).clone().of_kind(SeqKind::Collected)),
        Value::Char(_) | Value::Bool(_) => interp.unknown("what this is converted into is not known"),
        other => Cases::of(other.clone()),
    }
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    match method.name {
        "into" => {
            // A `From` of the script's own.
            let own = method.hint.is_some_and(|hint| {
                interp.impls.contains_key(&(hint.name.as_str().into(), std::rc::Rc::from("from")))
            });
            match method.value {
                Value::Text(_)
                | Value::Int(..)
                | Value::Char(_)
                | Value::Bool(_)
                | Value::Seq(_)
                | Value::Enum(_)
                    if !own =>
                {
                    Some(into(interp, method.value, method.hint))
                }
                _ if !own && method.hint.is_some_and(|hint| hint.name == "Option") => {
                    Some(into(interp, method.value, method.hint))
                }
                _ => None,
            }
        }
        "try_into" if matches!(method.value, Value::Text(_) | Value::Seq(_) | Value::Bytes(_)) => {
            let own = method.hint.is_some_and(|hint| {
                let to = hint.args.first().map_or("", |ty| ty.name.as_str());
                interp.impls.contains_key(&(to.into(), std::rc::Rc::from("try_from")))
            });
            (!own).then(|| interp.unknown("whether this conversion succeeds is not known"))
        }
        _ => None,
    }
}
