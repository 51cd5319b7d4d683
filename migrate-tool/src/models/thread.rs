//! Threads, which run where they are started, and clocks, whose values must have no effect.

use std::rc::Rc;

use super::{Call, Method};
use crate::interp::Interp;
use crate::value::{Cases, StructValue, Sym, Text, Value};

/// The description of a time that a clock returns.
const TIME: &str = "the time";

pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    Some(match call.path.strip_prefix("std::")? {
        "thread::spawn" => spawn(interp, &call.arg(0), Vec::new()),
        "thread::scope" => {
            let scope = Cases::of(Value::Opaque("a scope of threads".into()));
            interp.call_value(&call.arg(0), vec![scope])
        }
        "thread::sleep" => Cases::unit(),
        "time::Instant::now" | "time::SystemTime::now" => Cases::of(Value::Opaque(TIME.into())),
        "time::Duration::from_secs" | "time::Duration::from_millis" => {
            Cases::of(Value::Opaque("a time span".into()))
        }
        _ => return None,
    })
}

/// Runs the closure of a thread. A panic would end only the thread, and `join` would return it; such a path is residue.
fn spawn(interp: &mut Interp<'_>, work: &Cases, args: Vec<Cases>) -> Cases {
    let before = interp.panics.len();
    let value = interp.call_value(work, args);
    let panics = interp.panics.split_off(before);
    let path = interp.pc;
    for (guard, _) in panics {
        interp.pc = guard;
        interp.unknown("a thread that panics is not understood");
    }
    interp.pc = path;
    if interp.dead() {
        return Cases::never();
    }
    let fields = vec![("value".into(), value)];
    Cases::of(Value::Struct(Rc::new(StructValue { name: "JoinHandle".into(), fields })))
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    match method.value {
        Value::Struct(value) if &*value.name == "JoinHandle" => match method.name {
            "join" => Some(Cases::ok(value.fields.first()?.1.clone())),
            _ => None,
        },
        Value::Opaque(what) if &**what == "a scope of threads" && method.name == "spawn" => {
            let work = method.arg(0);
            let takes_scope = match work.single() {
                Some(Value::Closure(closure)) => !closure.code.inputs.is_empty(),
                _ => false,
            };
            let args = if takes_scope { vec![Cases::of(method.value.clone())] } else { Vec::new() };
            Some(spawn(interp, &work, args))
        }
        Value::Opaque(what) if &**what == TIME => match method.name {
            "elapsed" if method.args.is_empty() => Some(Cases::text(Text::sym(Sym::Opaque(TIME.into())))),
            "clone" => Some(Cases::of(method.value.clone())),
            _ => None,
        },
        _ => None,
    }
}
