//! Concatenation of texts. If the result would have many alternatives, it becomes one text with guarded pieces.

use crate::interp::Interp;
use crate::logic::Guard;
use crate::value::{Cases, Piece, Text, Value};

/// Returns one text followed by another.
pub(crate) fn concat(interp: &mut Interp<'_>, a: &Cases, b: &Cases) -> Cases {
    let is_guarded = b.0.len() > 1 && matches!(a.single(), Some(Value::Text(text)) if !text.is_flat());
    let many = a.0.len() * b.0.len() > MANY_TEXTS && a.0.len().max(b.0.len()) <= MANY_TEXTS;
    if is_guarded && b.0.len() <= MANY_TEXTS || many {
        let pieces = [a, b].map(|text| guarded_pieces(interp, text));
        if let [Some(a), Some(b)] = pieces {
            return interp.make_text(Text::from_pieces(a.into_iter().chain(b)));
        }
    }
    interp.each2(a, b, |interp, a, b| match (a, b) {
        (Value::Text(a), Value::Text(b)) => interp.make_text(a.concat(b)),
        _ => interp.unknown("this text is not known"),
    })
}

/// The number of alternatives above which a concatenation becomes one text with guarded pieces: sixteen optional parts
/// would give 2^16 texts.
const MANY_TEXTS: usize = 16;

/// Returns many alternatives as one text with guarded pieces. Few stay separate, since separate texts are easier to
/// test.
pub(super) fn one_text(interp: &mut Interp<'_>, text: Cases) -> Cases {
    if text.0.len() < MANY_TEXTS / 4 {
        return text;
    }
    match guarded_pieces(interp, &text) {
        Some(pieces) => interp.make_text(Text::from_pieces(pieces)),
        None => text,
    }
}

/// Returns all alternatives of a text as guarded pieces.
fn guarded_pieces(interp: &mut Interp<'_>, text: &Cases) -> Option<Vec<(Guard, Piece)>> {
    let mut out = Vec::new();
    let single = text.0.len() == 1;
    for (guard, value) in text.0.iter() {
        let Value::Text(text) = value else { return None };
        for (under, piece) in text.0.iter() {
            let both = if single { *under } else { interp.inputs.and(*guard, *under) };
            out.push((both, piece.clone()));
        }
    }
    Some(out)
}
