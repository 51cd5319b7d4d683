//! `DefaultHasher`: hashes of known values, computed by std itself.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::{Call, Method};
use crate::interp::Interp;
use crate::value::{Cases, IntType, TextClass, Value};

pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    let path = call.path.strip_prefix("std::")?;
    Some(match path {
        "collections::DefaultHasher::new" | "hash::DefaultHasher::new" => interp.new_object("hasher"),
        "hash::Hash::hash" | "hash::Hasher::write" | "hash::Hasher::finish" => {
            let (receiver, rest) = call.args.split_first()?;
            return Some(interp.call_method(receiver, path.rsplit("::").next()?, rest, None, &[]));
        }
        _ => return None,
    })
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    if method.name == "hash" {
        let hasher = interp.deref_all(&method.arg(0));
        let Some(Value::Object(object)) = hasher.single() else { return None };
        interp.note_call(*object, "hash", vec![Cases::of(method.value.clone())]);
        return Some(Cases::unit());
    }
    let Value::Object(object) = method.value else { return None };
    if interp.objects[*object].kind != "hasher" {
        return None;
    }
    match method.name {
        "write" | "write_u8" => {
            let bytes = interp.deref_all(&method.arg(0));
            interp.note_call(*object, method.name, vec![bytes]);
            Some(Cases::unit())
        }
        "finish" => {
            let mut hasher = DefaultHasher::new();
            for (guard, name, args) in interp.objects[*object].calls.clone() {
                if !interp.inputs.diagrams.implies(interp.pc, guard) {
                    return Some(interp.unknown("what is hashed is not known"));
                }
                let known = match (&*name, args[0].single()) {
                    ("hash", Some(value @ (Value::Text(_) | Value::Bytes(_)))) if !matches!(value, Value::Text(text) if matches!(text.class(), Some(TextClass::Str))) =>
                    {
                        let bytes = match value {
                            Value::Text(text)
                                if matches!(text.class(), Some(TextClass::Bytes | TextClass::Os)) =>
                            {
                                text.as_lit().map(|text| text.as_bytes().to_vec())
                            }
                            Value::Bytes(bytes) => Some(bytes.to_vec()),
                            _ => None,
                        };
                        bytes.map(|bytes| bytes.hash(&mut hasher))
                    }
                    ("write", Some(Value::Text(text))) => {
                        text.as_lit().map(|text| hasher.write(text.as_bytes()))
                    }
                    ("write", Some(Value::Bytes(bytes))) => {
                        hasher.write(bytes);
                        Some(())
                    }
                    ("hash", Some(Value::Text(text))) => text.as_lit().map(|text| text.hash(&mut hasher)),
                    _ => None,
                };
                if known.is_none() {
                    return Some(interp.unknown("what is hashed is not known"));
                }
            }
            Some(Cases::of(Value::Int(i128::from(hasher.finish()), IntType::Unsigned(64))))
        }
        _ => None,
    }
}
