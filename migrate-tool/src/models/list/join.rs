//! `join` and `concat`: concatenation of texts, some of which may be present only under a guard.

use crate::interp::concat;
use crate::interp::{Interp, has_tail};
use crate::logic::Guard;
use crate::value::{Cases, Items, Text, Value};

pub(super) fn join(interp: &mut Interp<'_>, list: &Cases, separator: &Cases) -> Cases {
    let items = interp.items_of(list);
    // `[[a, b], [c]].concat()` gives a list.
    let lists: Option<Vec<_>> = items
        .iter()
        .map(|(guard, item)| match item.single() {
            Some(Value::Seq(inner)) if guard.is_true() && !has_tail(inner) => Some((**inner).clone()),
            _ => None,
        })
        .collect();
    if let Some(lists) = lists
        && !lists.is_empty()
        && separator.literal() == Some("")
    {
        return Cases::seq(lists.into_iter().flatten().collect::<Items>());
    }
    let mut text = Cases::str("");
    let mut first_at: Option<Guard> = None;
    for (guard, item) in items {
        // An absent item has no text, so the item is evaluated only on the path where it is present.
        let path = interp.pc;
        interp.pc = interp.inputs.and(path, guard);
        let outside = interp.inputs.minus(path, guard);
        if interp.dead() {
            interp.pc = path;
            continue;
        }
        // Bytes, and lists of lists, are not text.
        if let Some(Value::Seq(_)) = item.single() {
            return interp.unknown("joining lists is not understood");
        }
        let item = interp.display(&item, None);
        let before = first_at.unwrap_or(Guard::FALSE);
        let with = if before.is_true() {
            concat(interp, separator, &item)
        } else if before.is_false() {
            item.clone()
        } else {
            let separated = match separator.single() {
                Some(Value::Text(_)) => guarded_text(interp, before, separator),
                _ => interp.choose(before, separator.clone(), Cases::str("")),
            };
            concat(interp, &separated, &item)
        };
        text = match (outside.is_false(), text.single().is_some() && with.single().is_some()) {
            (true, _) => concat(interp, &text, &with),
            // The result is one text with a guarded end, which avoids doubling the number of texts.
            (false, true) => {
                let there = interp.pc;
                let with = guarded_text(interp, there, &with);
                interp.pc = interp.inputs.or(there, outside);
                concat(interp, &text, &with)
            }
            (false, false) => {
                let longer = concat(interp, &text, &with);
                let there = interp.pc;
                interp.pc = interp.inputs.or(there, outside);
                interp.inputs.join(vec![(there, longer), (outside, text)])
            }
        };
        interp.pc = if outside.is_false() { interp.pc } else { interp.inputs.or(interp.pc, outside) };
        let now = interp.inputs.or(before, guard);
        first_at = Some(now);
        if interp.dead() {
            return Cases::never();
        }
    }
    text
}

/// Returns a text that is present only under a guard.
fn guarded_text(interp: &mut Interp<'_>, guard: Guard, text: &Cases) -> Cases {
    match text.single() {
        Some(Value::Text(text)) => {
            let mut pieces = Vec::new();
            for (inner, piece) in text.0.iter() {
                let both = interp.inputs.and(guard, *inner);
                pieces.push((both, piece.clone()));
            }
            Cases::text(Text::from_pieces(pieces))
        }
        _ => text.clone(),
    }
}
