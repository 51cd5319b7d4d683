//! Prefixes and suffixes of texts, and the rest without them.

use std::rc::Rc;

use super::pattern::{pattern_test, pattern_text};
use crate::interp::Interp;
use crate::value::{Cases, Piece, Sym, Text, Value};

/// Trims a text with a closure that is called for each character.
pub(super) fn trim_closure(interp: &mut Interp<'_>, text: &Text, pattern: &Value, name: &str) -> Cases {
    let pattern = Cases::of(pattern.clone());
    interp.ask_literal(text, "trimming", &mut |interp, text| {
        let holds = |interp: &mut Interp<'_>, character: char| {
            let answer = interp.call_value(&pattern, vec![Cases::of(Value::Char(character))]);
            match answer.single() {
                Some(Value::Bool(answer)) => Some(*answer),
                _ => None,
            }
        };
        let mut text = text;
        if !name.contains("end") && !name.contains("right") {
            while let Some(first) = text.chars().next() {
                match holds(interp, first) {
                    Some(true) => text = &text[first.len_utf8()..],
                    Some(false) => break,
                    None => return interp.unknown("this pattern is not understood"),
                }
            }
        }
        if !name.contains("start") && !name.contains("left") {
            while let Some(last) = text.chars().last() {
                match holds(interp, last) {
                    Some(true) => text = &text[..text.len() - last.len_utf8()],
                    Some(false) => break,
                    None => return interp.unknown("this pattern is not understood"),
                }
            }
        }
        Cases::str(text)
    })
}

/// Calls `f` with the rest after a prefix or suffix, or with `None` if the text does not have it.
pub(super) fn affix(
    interp: &mut Interp<'_>,
    text: &Text,
    pattern: &Value,
    front: bool,
    f: &mut dyn FnMut(&mut Interp<'_>, Option<Text>) -> Cases,
) -> Cases {
    let Some(needle) = pattern_text(pattern) else {
        let Some(test) = pattern_test(pattern) else {
            let closure = Cases::of(pattern.clone());
            return interp.ask_literal(text, "how it begins or ends", &mut |interp, text| {
                let character = if front { text.chars().next() } else { text.chars().last() };
                let Some(character) = character else { return f(interp, None) };
                let answer = interp.call_value(&closure, vec![Cases::of(Value::Char(character))]);
                match answer.single() {
                    Some(Value::Bool(true)) => {
                        let rest = if front {
                            &text[character.len_utf8()..]
                        } else {
                            &text[..text.len() - character.len_utf8()]
                        };
                        f(interp, Some(Text::lit(rest)))
                    }
                    Some(Value::Bool(false)) => f(interp, None),
                    _ => interp.unknown("this pattern is not understood"),
                }
            });
        };
        return interp.ask_literal(
            text,
            "how it begins or ends",
            &mut |interp, text| match test(text, front) {
                Some(length) if front => f(interp, Some(Text::lit(&text[length..]))),
                Some(length) => f(interp, Some(Text::lit(&text[..text.len() - length]))),
                None => f(interp, None),
            },
        );
    };
    interp.ask(text, "how it begins or ends", &mut |interp, flat| {
        if let Some(found) = crate::models::flags::affix(interp, flat, &needle, f) {
            return Some(found);
        }
        let at = if front { flat.first() } else { flat.last() };
        match at {
            None => {
                let fits = needle.is_empty();
                Some(f(interp, fits.then(|| Text::lit(""))))
            }
            Some(Piece::Lit(text)) => {
                let found = if front { text.strip_prefix(&*needle) } else { text.strip_suffix(&*needle) };
                if let Some(rest) = found {
                    let rest = Piece::Lit(Rc::from(rest));
                    let pieces: Vec<Piece> = if front {
                        std::iter::once(rest).chain(flat[1..].iter().cloned()).collect()
                    } else {
                        flat[..flat.len() - 1].iter().cloned().chain([rest]).collect()
                    };
                    return Some(f(interp, Some(Text::from_flat(pieces))));
                }
                // `None` is certain if the known part differs, or if the symbol beside it cannot contain the next
                // character.
                let left = if front { needle.strip_prefix(&**text) } else { needle.strip_suffix(&**text) };
                let next = if front { flat.get(1) } else { flat.len().checked_sub(2).map(|at| &flat[at]) };
                let edge =
                    left.and_then(|left| if front { left.chars().next() } else { left.chars().last() });
                let differs = match (edge, next) {
                    (None, _) => true,
                    (Some(edge), Some(Piece::Sym(sym))) => sym.never_empty() && !sym.may_hold(edge),
                    _ => false,
                };
                (differs || flat.len() == 1).then(|| f(interp, None))
            }
            Some(Piece::Sym(sym)) => {
                if needle.is_empty() {
                    return Some(f(interp, Some(Text::from_flat(flat.iter().cloned()))));
                }
                // The folders that Cargo passes are absolute paths.
                if front
                    && matches!(sym, Sym::OutDir | Sym::ManifestDir)
                    && needle != "/"
                    && !needle.starts_with('/')
                {
                    return Some(f(interp, None));
                }
                let edge = if front { needle.chars().next() } else { needle.chars().last() };
                (sym.never_empty() && edge.is_some_and(|edge| !sym.may_hold(edge))).then(|| f(interp, None))
            }
        }
    })
}

pub(super) fn trim(interp: &mut Interp<'_>, text: &Text, name: &str) -> Cases {
    interp.ask(text, "trimming", &mut |_, flat| {
        let mut pieces = flat.to_vec();
        if !name.contains("end") && !name.contains("right") {
            match pieces.first_mut() {
                Some(Piece::Lit(first)) => *first = Rc::from(first.trim_start()),
                Some(Piece::Sym(sym)) if sym.may_hold(' ') => return None,
                _ => {}
            }
        }
        if !name.contains("start") && !name.contains("left") {
            match pieces.last_mut() {
                Some(Piece::Lit(last)) => *last = Rc::from(last.trim_end()),
                Some(Piece::Sym(sym)) if sym.may_hold(' ') => return None,
                _ => {}
            }
        }
        // If a whole literal was trimmed away, its neighbour is at the edge now.
        let edge_symbol = |piece: Option<&Piece>| matches!(piece, Some(Piece::Lit(text)) if text.is_empty());
        if pieces.len() > 1 && (edge_symbol(pieces.first()) || edge_symbol(pieces.last())) {
            let symbols_hold_space = pieces
                .iter()
                .any(|piece| matches!(piece, Piece::Sym(sym) if sym.may_hold(' ') || !sym.never_empty()));
            if symbols_hold_space {
                return None;
            }
        }
        Some(Cases::text(Text::from_flat(pieces)))
    })
}
