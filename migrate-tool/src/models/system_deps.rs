//! The API of system-deps: the package's own `[package.metadata.system-deps]`, carried out.

use super::{Call, Method};
use crate::interp::{Effect, Interp};
use crate::value::{Gv, Value};

pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Gv> {
    match call.path.strip_prefix("system_deps::")? {
        "Config::new" => Some(interp.new_object("system-deps")),
        _ => None,
    }
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Gv> {
    let Value::Object(object) = method.value else { return None };
    if interp.objects[*object].kind != "system-deps" || method.name != "probe" {
        return None;
    }
    if interp.open_loops > 0 {
        return Some(
            interp.unknown("looking for libraries in a loop over an unknown list is not understood"),
        );
    }
    let found = interp.need("libraries of system-deps are missing");
    let here = interp.inputs.and(interp.pc, found);
    interp.note(here, Effect::SystemDeps);
    // What was found may be carried about; what it says of itself has no word.
    let libraries = Gv::of(Value::Opaque("what system-deps found".into()));
    let error = Gv::of(Value::Opaque("an error of system-deps".into()));
    Some(interp.choose(found, Gv::ok(libraries), Gv::err(error)))
}
