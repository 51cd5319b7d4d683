//! The API of cc: builds of C and C++ as data.

use super::{Call, Method};
use crate::interp::Interp;
use crate::logic::Guard;
use crate::value::{Gv, ObjectId, Value};

/// A build that was asked for.
#[derive(Debug)]
pub(crate) struct Archive {
    /// `z` for `libz.a`.
    pub(crate) name: String,
    /// The log of the builder.
    pub(crate) object: ObjectId,
    /// Where it is built.
    pub(crate) guard: Guard,
}

pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Gv> {
    Some(match call.path.strip_prefix("cc::")? {
        "Build::new" => interp.new_object("cc"),
        "Build::default" => interp.new_object("cc"),
        _ => return None,
    })
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Gv> {
    let Value::Object(object) = method.value else { return None };
    let _ = (interp.objects[*object].kind == "cc", Archive { name: String::new(), object: 0, guard: Guard::TRUE }.object);
    None
}
