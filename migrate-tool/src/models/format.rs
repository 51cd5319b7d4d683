//! `std::fmt`: the use of a formatter by the `fmt` of a type of the script. The formatter's variable contains the text
//! so far.

use std::rc::Rc;

use super::{Call, Method};
use crate::interp::{Interp, Shape, Spec};
use crate::value::{Gv, Place, Value};

pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Gv> {
    let debug = match call.path.strip_prefix("std::fmt::")? {
        "Debug::fmt" => true,
        "Display::fmt" => false,
        "Error" => return Some(Gv::of(Value::Opaque("a format error".into()))),
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

fn write(interp: &mut Interp<'_>, place: &Rc<Place>, text: &Gv) -> Gv {
    let before = interp.read_place(place);
    let whole = crate::interp::concat(interp, &before, text);
    interp.write_place(place, whole);
    if interp.dead() { Gv::never() } else { Gv::ok(Gv::unit()) }
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Gv> {
    match method.value {
        Value::Text(_) => {
            let place = method.place?;
            let spec = spec_of(interp, place)?;
            Some(match method.name {
                "alternate" => Gv::bool(spec.alternate),
                "debug_struct" | "debug_tuple" | "debug_list" | "debug_set" => {
                    let builder = interp.new_object("debug builder");
                    let Some(Value::Object(object)) = builder.single() else { return None };
                    let start = vec![
                        Gv::str(method.name),
                        method.args.first().cloned().unwrap_or_else(|| Gv::str("")),
                        Gv::of(Value::Ref(Rc::clone(place))),
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
                Some(Gv::of(method.value.clone()))
            }
            "finish" => finish(interp, *object),
            _ => None,
        },
        _ => None,
    }
}

fn finish(interp: &mut Interp<'_>, object: usize) -> Option<Gv> {
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
    let fields: Option<Vec<(Rc<str>, Gv)>> = rest
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
