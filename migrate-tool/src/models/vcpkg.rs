//! The API of vcpkg: libraries in its tree of installed packages.

use super::process::{Log, each_way};
use super::{Call, Method};
use crate::interp::Interp;
use crate::semantics::library::{FoundLibrary, Way};
use crate::value::{Cases, Value};

pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    Some(match call.path.strip_prefix("vcpkg::")? {
        "Config::new" | "Config::default" => interp.new_object("vcpkg"),
        "find_package" => {
            let config = interp.new_object("vcpkg");
            interp.call_method(&config, "find_package", &[call.arg(0)], None, &[])
        }
        _ => return None,
    })
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    let Value::Object(object) = method.value else { return None };
    let object = *object;
    if interp.objects[object].kind != "vcpkg" {
        return None;
    }
    match method.name {
        // A declaration cannot express copied DLLs, or the metadata that `emit_includes` prints, so both must be off.
        "cargo_metadata" | "lib_name" | "lib_names" | "copy_dlls" | "emit_includes" => {
            let args: Vec<Cases> = method.args.iter().map(|arg| interp.deref_all(arg)).collect();
            interp.note_call(object, method.name, args);
            Some(Cases::of(method.value.clone()))
        }
        "find_package" => {
            let port = interp.deref_all(&method.arg(0));
            Some(interp.each(&port, |interp, port| match port {
                Value::Text(port) => interp.ask_literal(port, "a port's name", &mut |interp, port| {
                    each_way(interp, object, &mut |interp, log| find(interp, port, log))
                }),
                _ => interp.unknown("a port's name is not known"),
            }))
        }
        _ => None,
    }
}

fn find(interp: &mut Interp<'_>, port: &str, log: &Log) -> Cases {
    let mut library = FoundLibrary::new(Way::Vcpkg, port);
    for (name, args) in log {
        match (&**name, args.as_slice()) {
            ("cargo_metadata", [Value::Bool(value)]) => library.link = *value,
            ("lib_name", [Value::Text(text)]) if text.as_lit().is_some() => {
                library.libs.push(text.as_lit().unwrap_or_default().to_owned());
            }
            ("emit_includes" | "copy_dlls", [Value::Bool(false)]) => {}
            _ => return interp.unknown(&format!("`{name}` of vcpkg is not understood here")),
        }
    }
    interp.ask_library(library, "an error of vcpkg")
}
