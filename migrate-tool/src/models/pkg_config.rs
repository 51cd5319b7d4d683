//! The API of pkg-config: libraries of the system.

use super::{Call, Method};
use crate::interp::Interp;
use crate::value::{Gv, ObjectId};

/// A library that was asked for.
#[derive(Debug)]
pub(crate) struct FoundLibrary {
    /// Its key in the declaration.
    pub(crate) name: String,
}

pub(super) fn call(_: &mut Interp<'_>, _: &Call<'_>) -> Option<Gv> {
    None
}

pub(super) fn field(_: &mut Interp<'_>, _: ObjectId, _: &str) -> Option<Gv> {
    None
}

pub(super) fn method(_: &mut Interp<'_>, _: &Method<'_>) -> Option<Gv> {
    None
}
