//! The API of system-deps, which looks for the libraries of the package's `[package.metadata.system-deps]`.

use super::{Call, Method};
use crate::interp::Interp;
use crate::trace::Effect;
use crate::value::{Cases, Value};

pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    match call.path.strip_prefix("system_deps::")? {
        "Config::new" => Some(interp.new_object("system-deps")),
        _ => None,
    }
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    let Value::Object(object) = method.value else { return None };
    if interp.objects[*object].kind != "system-deps" {
        return None;
    }
    if method.name == "add_build_internal" {
        // The closure is called only if the caller requests a build from source.
        let key = interp.deref_all(&method.arg(0)).literal()?.to_owned();
        let key: String = key
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
            .collect();
        for variable in [format!("SYSTEM_DEPS_{key}_BUILD_INTERNAL"), "SYSTEM_DEPS_BUILD_INTERNAL".to_owned()]
        {
            interp.env.insert(variable.clone());
            let set = interp.inputs.env_set(&variable);
            interp.unknown_where(
                set,
                &format!("a build from source that ${variable} asks for is not understood"),
            );
        }
        return Some(if interp.dead() { Cases::never() } else { Cases::of(method.value.clone()) });
    }
    if method.name != "probe" {
        return None;
    }
    if interp.open_loops > 0 {
        return Some(
            interp.unknown("looking for libraries in a loop over an unknown list is not understood"),
        );
    }
    super::env::seen_by(interp, super::env::Tool::Native);
    if interp.dead() {
        return Some(Cases::never());
    }
    let found = interp.need("libraries of system-deps are missing");
    let here = interp.inputs.and(interp.pc, found);
    interp.note(here, Effect::SystemDeps);
    // The found libraries can be stored, but a declaration cannot express anything about them.
    let libraries = Cases::of(Value::Opaque("what system-deps found".into()));
    let error = Cases::of(Value::Opaque("an error of system-deps".into()));
    Some(interp.choose(found, Cases::ok(libraries), Cases::err(error)))
}
