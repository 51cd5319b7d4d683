//! `std::ops::Bound`: a bound of a range.

use super::Call;
use crate::interp::Interp;
use crate::value::{Cases, Value};

pub(super) fn call(_: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    let variant = call.path.strip_prefix("std::ops::Bound::")?;
    matches!(variant, "Included" | "Excluded")
        .then(|| Cases::of(Value::variant("Bound", variant, vec![call.arg(0)])))
}

pub(super) fn constant(_: &mut Interp<'_>, path: &str) -> Option<Cases> {
    (path == "std::ops::Bound::Unbounded").then(|| Cases::of(Value::variant("Bound", "Unbounded", vec![])))
}
