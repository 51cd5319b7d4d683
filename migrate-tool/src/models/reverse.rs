//! `std::cmp::Reverse`, which turns the order of what it holds around.

use std::rc::Rc;

use super::Call;
use crate::interp::Interp;
use crate::value::{Cases, StructValue, Value};

pub(super) fn call(_: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    if call.path != crate::semantics::types::REVERSE {
        return None;
    }
    let fields = vec![(Rc::from("0"), call.arg(0))];
    Some(Cases::of(Value::Struct(Rc::new(StructValue {
        name: Rc::from(crate::semantics::types::REVERSE),
        fields,
    }))))
}
