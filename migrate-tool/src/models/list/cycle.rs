//! `cycle`: a list that goes round for ever, of which as much is taken as is asked for.

use std::rc::Rc;

use super::super::Method;
use super::super::text::int;
use crate::interp::Interp;
use crate::value::{Gv, Items, Value};

/// Marks a list that goes round for ever.
const CYCLE: &str = "cycle";

/// The list that goes round for ever.
pub(super) fn cycle_of(value: &Value) -> Option<Gv> {
    let Value::Tuple(parts) = value else { return None };
    match &**parts {
        [tag, list] if tag.literal() == Some(CYCLE) && matches!(list.single(), Some(Value::Seq(_))) => {
            Some(list.clone())
        }
        _ => None,
    }
}

/// So many items of a list that goes round.
pub(super) fn around(interp: &mut Interp<'_>, list: &Gv, count: usize) -> Items {
    let items = interp.items_of(list);
    items.iter().cycle().take(count).cloned().collect()
}

/// A list made to go round.
pub(super) fn endless(items: Items) -> Gv {
    Gv::of(Value::Tuple(Rc::from([Gv::str(CYCLE), Gv::seq(items)])))
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>, cycle: &Gv) -> Option<Gv> {
    let (count, rest) = match method.name {
        "zip" => {
            let other = method.arg(0);
            (interp.items_of(&other).len(), Some(other))
        }
        "take" => (usize::try_from(int(&method.arg(0))?).ok()?, None),
        _ => return None,
    };
    if interp.dead() || count as i128 > super::MAX_REPEATED {
        return None;
    }
    let items = Gv::seq(around(interp, cycle, count));
    Some(match rest {
        Some(other) => interp.call_method(&items, "zip", &[other], None, &[]),
        None => items,
    })
}
