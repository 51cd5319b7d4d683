//! `std::ops::Bound`: a bound of a range.

use super::Call;
use crate::interp::Interp;
use crate::value::{Gv, Value};

pub(super) fn call(_: &mut Interp<'_>, call: &Call<'_>) -> Option<Gv> {
    let variant = call.path.strip_prefix("std::ops::Bound::")?;
    matches!(variant, "Included" | "Excluded")
        .then(|| Gv::of(Value::variant("Bound", variant, vec![call.arg(0)])))
}

pub(super) fn constant(_: &mut Interp<'_>, path: &str) -> Option<Gv> {
    (path == "std::ops::Bound::Unbounded").then(|| Gv::of(Value::variant("Bound", "Unbounded", vec![])))
}
