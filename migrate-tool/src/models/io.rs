//! `std::io`: Cargo reads stdout, stderr has no effect, and a buffer is the stream that it wraps.

use super::{Call, Method};
use crate::interp::Interp;
use crate::interp::buffers::{BUFFERED, BUFFERED_STDOUT, FILE};
use crate::value::{Cases, Value};

/// The kind of objects that are stdout, or its lock.
const STDOUT: &str = "stdout";

pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    Some(match call.path.strip_prefix("std::io::")? {
        "stdout" => interp.new_object(STDOUT),
        "stderr" => interp.new_object("stderr"),
        "BufReader::new" if are(interp, &call.arg(0), &["read file", "stdin"]) => call.arg(0),
        "BufWriter::new" | "LineWriter::new" if are(interp, &call.arg(0), &[FILE, BUFFERED]) => {
            interp.buffered(&call.arg(0))
        }
        "BufWriter::new" | "LineWriter::new" if are(interp, &call.arg(0), &[STDOUT]) => {
            interp.buffered_stdout()
        }
        "BufWriter::with_capacity" if are(interp, &call.arg(1), &[STDOUT]) => interp.buffered_stdout(),
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
    let kind = interp.objects[*object].kind;
    if !matches!(kind, STDOUT | "stderr" | BUFFERED_STDOUT) {
        return None;
    }
    let buffered = kind == BUFFERED_STDOUT;
    Some(match method.name {
        "lock" if !buffered => Cases::of(method.value.clone()),
        "by_ref" => Cases::of(method.value.clone()),
        "flush" => {
            interp.note_flushed(&Cases::of(method.value.clone()));
            Cases::ok(Cases::unit())
        }
        "into_inner" if buffered => {
            interp.note_flushed(&Cases::of(method.value.clone()));
            let stdout = interp.new_object(STDOUT);
            Cases::ok(stdout)
        }
        "write_fmt" | "write_all" | "write" | "write_str" => {
            let text = interp.deref_all(&method.arg(0));
            if kind != "stderr" {
                interp.printing = buffered.then_some(*object);
                interp.print(&text);
                interp.printing = None;
                interp.note_written(*object);
            }
            if method.name == "write" {
                return Some(super::fs::how_much(interp, &text));
            }
            if interp.dead() { Cases::never() } else { Cases::ok(Cases::unit()) }
        }
        _ => return None,
    })
}
