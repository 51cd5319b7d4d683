//! Texts with parts that are not known.

use crate::value::{Piece, Sym, Text};

/// The name of the struct for a range whose bounds are texts.
pub(crate) const TEXT_RANGE: &str = "text range";

/// The name of the item that represents all items of a list after the known ones, however many.
pub(crate) const UNKNOWN_TAIL: &str = "the rest of a list";

/// The name of the symbol at the end of a part whose rest is not known.
pub(crate) const UNKNOWN_END: &str = "the rest of a part";

/// Returns whether a symbol represents any text at the end of a line, so that the text before it is still certain.
pub(crate) fn is_open_end(sym: &Sym) -> bool {
    match sym {
        Sym::Vendor => true,
        Sym::Opaque(what) => &**what == UNKNOWN_END,
        _ => false,
    }
}

/// Returns the length of a piece in bytes, if it is known.
pub(crate) fn width(piece: &Piece) -> Option<usize> {
    match piece {
        Piece::Lit(text) => Some(text.len()),
        Piece::Sym(Sym::Year) => Some(4),
        Piece::Sym(Sym::Month | Sym::Day) => Some(2),
        Piece::Sym(_) => None,
    }
}

/// Returns a part of a text whose pieces all have a known length; a symbol must not be split.
pub(crate) fn slice(flat: &[Piece], start: usize, end: usize) -> Option<Text> {
    let mut out = Vec::new();
    let mut at = 0;
    for piece in flat {
        if at >= end {
            break;
        }
        let next = at + width(piece)?;
        if next > start && at < end {
            match piece {
                Piece::Lit(text) => {
                    let part = text.get(start.saturating_sub(at)..end.min(next) - at)?;
                    out.push(Piece::Lit(part.into()));
                }
                Piece::Sym(_) if at >= start && next <= end => out.push(piece.clone()),
                Piece::Sym(_) => return None,
            }
        }
        at = next;
    }
    (start <= end && end <= at).then(|| Text::from_flat(out))
}
