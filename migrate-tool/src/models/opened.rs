//! `OpenOptions`, as far as what is set is `File::create`: a file that is written from its beginning, whatever it held.

use super::{Call, Method};
use crate::interp::Interp;
use crate::logic::Guard;
use crate::value::{Cases, Value};

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    let Value::Object(object) = method.value else { return None };
    if interp.objects[*object].kind != "open options" {
        return None;
    }
    match method.name {
        "write" | "create" | "truncate" | "append" | "read" => {
            let on = interp.deref_all(&method.arg(0));
            let Some(Value::Bool(_)) = on.single() else { return None };
            interp.note_call(*object, method.name, vec![on]);
            Some(if interp.dead() { Cases::never() } else { Cases::of(method.value.clone()) })
        }
        // A copy is set apart from here on.
        "clone" | "to_owned" | "clone_from" => {
            Some(interp.unknown("a copy of options for opening files is not understood"))
        }
        "open" => {
            let calls = interp.objects[*object].calls.clone();
            if calls.iter().any(|(guard, ..)| *guard != interp.pc && *guard != Guard::TRUE) {
                return None;
            }
            // What is set last holds.
            let is = |wanted: &str| {
                let last = calls.iter().rev().find(|(_, name, _)| **name == *wanted);
                last.is_some_and(|(_, _, args)| args[0].single() == Some(&Value::Bool(true)))
            };
            if !(is("write") && is("create") && is("truncate")) || is("append") || is("read") {
                return None;
            }
            let args = [method.arg(0)];
            let call = Call { path: "std::fs::File::create", args: &args, hint: method.hint, generics: &[] };
            Some(super::call(interp, &call))
        }
        _ => None,
    }
}
