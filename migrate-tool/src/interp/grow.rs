//! Texts that grow under a guard.

use std::rc::Rc;

use crate::logic::Guard;
use crate::value::{Cases, Piece, Text, Value};

/// If a text grows under a guard, returns one text with guarded pieces, so that independent guards do not multiply.
pub(super) fn grown(old: &Cases, new: &Cases, path: Guard) -> Option<Cases> {
    let (Value::Text(old), Value::Text(new)) = (old.single()?, new.single()?) else { return None };
    let mut pieces = old.0.to_vec();
    let (before, last) = match old.0.len() {
        0 => (0, None),
        len => (len - 1, Some(&old.0[len - 1])),
    };
    if new.0.len() < old.0.len() || new.0[..before] != old.0[..before] {
        return None;
    }
    let rest = match last {
        None => &new.0[..],
        Some(last) => {
            let at = &new.0[before];
            match (last, at) {
                (a, b) if a == b => {}
                ((a, Piece::Lit(x)), (b, Piece::Lit(y))) if a == b && y.starts_with(&**x) => {
                    if !a.is_true() {
                        return None;
                    }
                    pieces.push((path, Piece::Lit(Rc::from(&y[x.len()..]))));
                }
                _ => return None,
            }
            &new.0[before + 1..]
        }
    };
    // The guards of old pieces do not matter here; new pieces get the guard of this path.
    for (guard, piece) in rest {
        if !guard.is_true() {
            return None;
        }
        pieces.push((path, piece.clone()));
    }
    Some(Cases::text(Text::from_pieces(pieces)))
}
