//! `std::fmt`: the use of a formatter by the `fmt` of a type of the script. The formatter's variable contains the text
//! so far.

use std::rc::Rc;

use super::{Call, Method};
use crate::interp::{Interp, Shape, Spec};
use crate::value::{Cases, Place, Value};

pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    let debug = match call.path.strip_prefix("std::fmt::")? {
        "Debug::fmt" => true,
        "Display::fmt" => false,
        "Error" => return Some(Cases::of(Value::Opaque("a format error".into()))),
        _ => return None,
    };
    let formatter = call.arg(1);
    let Some(Value::Ref(place)) = formatter.single() else { return None };
    let mut spec = spec_of(interp, place)?;
    spec.debug = debug;
    let text = interp.display(&call.arg(0), Some(&spec));
    Some(write(interp, &Rc::clone(place), &text))
}

/// Returns the format that the formatter at this place was created with.
fn spec_of(interp: &Interp<'_>, place: &Place) -> Option<Spec> {
    let asked = interp.formatting.iter().rev().find(|(cell, _)| *cell == place.cell && place.path.is_empty());
    asked.map(|(_, spec)| spec.clone())
}

fn write(interp: &mut Interp<'_>, place: &Rc<Place>, text: &Cases) -> Cases {
    let before = interp.read_place(place);
    let whole = crate::interp::concat(interp, &before, text);
    interp.write_place(place, whole);
    if interp.dead() { Cases::never() } else { Cases::ok(Cases::unit()) }
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    match method.value {
        Value::Text(_) => {
            let place = method.place?;
            let spec = spec_of(interp, place)?;
            Some(match method.name {
                "alternate" => Cases::bool(spec.alternate),
                "debug_struct" | "debug_tuple" | "debug_list" | "debug_set" => {
                    let builder = interp.new_object("debug builder");
                    let Some(Value::Object(object)) = builder.single() else { return None };
                    let start = vec![
                        Cases::str(method.name),
                        method.args.first().cloned().unwrap_or_else(|| Cases::str("")),
                        Cases::of(Value::Ref(Rc::clone(place))),
                    ];
                    interp.note_call(*object, "start", start);
                    builder
                }
                _ => return None,
            })
        }
        Value::Object(object) if interp.objects[*object].kind == "debug builder" => match method.name {
            "field" | "entry" | "entries" => {
                if method.name == "entries" {
                    for (guard, item) in interp.items_of(&method.arg(0)) {
                        if !guard.is_true() {
                            return None;
                        }
                        interp.note_call(*object, "entry", vec![item]);
                    }
                } else {
                    interp.note_call(*object, method.name, method.args.to_vec());
                }
                Some(Cases::of(method.value.clone()))
            }
            "finish" => finish(interp, *object),
            _ => None,
        },
        _ => None,
    }
}

fn finish(interp: &mut Interp<'_>, object: usize) -> Option<Cases> {
    let calls = interp.objects[object].calls.clone();
    let here = interp.pc;
    if calls.iter().any(|(guard, _, _)| !interp.inputs.diagrams.implies(here, *guard)) {
        return Some(interp.unknown("which fields are written is not known"));
    }
    let (start, rest) = calls.split_first()?;
    let [kind, name, place] = start.2.as_slice() else { return None };
    let Some(Value::Ref(place)) = place.single() else { return None };
    let spec = spec_of(interp, place)?;
    let shape = match kind.literal()? {
        "debug_struct" => Shape::Struct,
        "debug_tuple" => Shape::Tuple,
        "debug_list" => Shape::List,
        _ => Shape::Set,
    };
    let fields: Option<Vec<(Rc<str>, Cases)>> = rest
        .iter()
        .map(|(_, _, args)| match args.as_slice() {
            [name, value] => Some((Rc::from(interp.deref_all(name).literal()?), value.clone())),
            [value] => Some((Rc::from(""), value.clone())),
            _ => None,
        })
        .collect();
    let name = interp.deref_all(name).literal()?.to_owned();
    let text = interp.debug_fields(&name, &fields?, shape, &spec);
    Some(write(interp, &Rc::clone(place), &text))
}
