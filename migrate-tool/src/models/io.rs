//! `std::io`: Cargo reads stdout, stderr has no effect, and a buffer is the stream that it wraps.

use super::buffers::{BUFFERED, FILE};
use super::{Call, Method};
use crate::interp::Interp;
use crate::value::{Cases, Value};

pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    Some(match call.path.strip_prefix("std::io::")? {
        "stdout" => interp.new_object("stdout"),
        "stderr" => interp.new_object("stderr"),
        "BufReader::new" if are(interp, &call.arg(0), &["read file", "stdin"]) => call.arg(0),
        "BufWriter::new" | "LineWriter::new" if are(interp, &call.arg(0), &[FILE, BUFFERED]) => {
            interp.buffered(&call.arg(0))
        }
        "BufWriter::with_capacity" if are(interp, &call.arg(1), &[FILE, BUFFERED]) => {
            interp.buffered(&call.arg(1))
        }
        "Error::new" | "Error::other" => Cases::of(Value::Opaque("an i/o error".into())),
        "Write::write_all" | "Write::flush" | "Read::read_to_string" => {
            let (receiver, rest) = call.args.split_first()?;
            interp.call_method(receiver, call.path.rsplit("::").next()?, rest, None, &[])
        }
        _ => return None,
    })
}

/// Returns whether a stream is an object of one of these kinds. Around another value, a buffer is another value.
fn are(interp: &mut Interp<'_>, stream: &Cases, kinds: &[&str]) -> bool {
    let stream = interp.deref_all(stream);
    let is = |value: &Value| matches!(value, Value::Object(object) if kinds.contains(&interp.objects[*object].kind));
    stream.0.iter().all(|(_, value)| is(value))
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    let Value::Object(object) = method.value else { return None };
    let stdout = match interp.objects[*object].kind {
        "stdout" => true,
        "stderr" => false,
        _ => return None,
    };
    Some(match method.name {
        "lock" | "by_ref" => Cases::of(method.value.clone()),
        "flush" => Cases::ok(Cases::unit()),
        "write_fmt" | "write_all" | "write" | "write_str" => {
            let text = interp.deref_all(&method.arg(0));
            if stdout {
                interp.print(&text);
            }
            if method.name == "write" {
                return Some(super::fs::how_much(interp, &text));
            }
            if interp.dead() { Cases::never() } else { Cases::ok(Cases::unit()) }
        }
        _ => return None,
    })
}
