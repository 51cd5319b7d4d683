//! Tests whether a text contains another, including its symbols.

use super::literal;
use super::pattern::{note_glob, pattern_set, pattern_text};
use crate::interp::Interp;
use crate::logic::{Guard, targets};
use crate::value::{Cases, Piece, Sym, Text, Value};

/// Models `text.contains(pattern)`; the result is a Boolean.
pub(super) fn contains(interp: &mut Interp<'_>, text: &Text, pattern: &Value) -> Cases {
    note_glob(interp, text, pattern, |text| format!("*{text}*"));
    if let Value::Int(byte, _) = pattern
        && let Some(character) = u8::try_from(*byte).ok().map(char::from)
    {
        return contains(interp, text, &Value::Char(character));
    }
    let Some(needle) = pattern_text(pattern) else {
        if let Some(set) = pattern_set(pattern) {
            return literal(interp, text, "what it holds", &|text| Cases::bool(text.contains(&*set)));
        }
        let closure = Cases::of(pattern.clone());
        return interp.ask_literal(text, "what it holds", &mut |interp, text| {
            for character in text.chars() {
                let answer = interp.call_value(&closure, vec![Cases::of(Value::Char(character))]);
                match answer.single() {
                    Some(Value::Bool(true)) => return Cases::bool(true),
                    Some(Value::Bool(false)) => {}
                    _ => return interp.unknown("this pattern is not understood"),
                }
            }
            Cases::bool(false)
        });
    };
    if needle.is_empty() {
        return Cases::bool(true);
    }
    interp.ask(text, "what it holds", &mut |interp, flat| {
        if let [Piece::Sym(Sym::Cfg(key))] = flat
            && targets::all()[0].values(key).is_none()
        {
            return cfg_list_contains(interp, key, &needle);
        }
        if flat.iter().any(|piece| matches!(piece, Piece::Lit(text) if text.contains(&*needle))) {
            return Some(Cases::bool(true));
        }
        if let Some(holds) = crate::models::flags::contains(interp, flat, &needle) {
            return Some(interp.boolean(holds));
        }
        let flat = &*without_vendor(interp, flat, &needle)?;
        let needle: Vec<char> = needle.chars().collect();
        // A triple that contains the whole text is found by looking at all targets; other pieces may contain parts of
        // it.
        let whole: String = needle.iter().collect();
        let mut by_name = false;
        let possible = (0..flat.len()).any(|at| match &flat[at] {
            Piece::Lit(text) => {
                let text: Vec<char> = text.chars().collect();
                (0..text.len()).any(|from| may_match(flat, at, from, &needle))
            }
            Piece::Sym(Sym::Target | Sym::Host)
                if !targets::all().iter().any(|target| target.triple.contains(&*whole)) =>
            {
                by_name = true;
                (0..needle.len()).any(|taken| may_match(flat, at + 1, 0, &needle[taken..]))
            }
            Piece::Sym(_) => may_match(flat, at, 0, &needle),
        });
        if possible {
            return None;
        }
        interp.assumes.known_targets |= by_name;
        Some(Cases::bool(false))
    })
}

/// Returns the pieces with the distributor's addition to rustc's version replaced by its parentheses. The assumption is
/// recorded that the addition does not contain the text, which can then only occur beside it.
pub(super) fn without_vendor<'f>(
    interp: &mut Interp<'_>,
    flat: &'f [Piece],
    needle: &str,
) -> Option<std::borrow::Cow<'f, [Piece]>> {
    if !flat.contains(&Piece::Sym(Sym::Vendor)) {
        return Some(flat.into());
    }
    // The addition begins and ends with parentheses, so a text without these characters cannot overlap its ends.
    if needle.contains([' ', '(', ')']) {
        return None;
    }
    let known = interp.assumes.rustc_says.get_or_insert_default();
    if !known.iter().any(|one| one == needle) {
        known.push(needle.to_owned());
    }
    let wall = |piece: &Piece| match piece {
        Piece::Sym(Sym::Vendor) => Piece::Lit(") (".into()),
        piece => piece.clone(),
    };
    Some(flat.iter().map(wall).collect())
}

/// Returns whether the text may occur in a position that includes a part of a symbol.
pub(super) fn match_touches_symbol(flat: &[Piece], needle: &[char]) -> bool {
    (0..flat.len()).any(|at| match &flat[at] {
        Piece::Lit(text) => {
            let length = text.chars().count();
            // Only positions from which the text extends past the end of this piece matter.
            let first = (length + 1).saturating_sub(needle.len());
            at + 1 < flat.len() && (first..length).any(|from| may_match(flat, at, from, needle))
        }
        Piece::Sym(sym) => {
            let fitting = needle.iter().take_while(|character| sym.may_hold(**character)).count();
            (1..=fitting).any(|taken| may_match(flat, at + 1, 0, &needle[taken..]))
        }
    })
}

/// Returns whether the rest of the text may match from a position in a piece on; a symbol may be any text of its
/// characters.
pub(super) fn may_match(flat: &[Piece], at: usize, from: usize, needle: &[char]) -> bool {
    if needle.is_empty() {
        return true;
    }
    match flat.get(at) {
        None => false,
        Some(Piece::Lit(text)) => {
            let rest: Vec<char> = text.chars().skip(from).collect();
            let length = rest.len().min(needle.len());
            rest[..length] == needle[..length] && may_match(flat, at + 1, 0, &needle[length..])
        }
        Some(Piece::Sym(sym)) => {
            let fitting = needle.iter().take_while(|character| sym.may_hold(**character)).count();
            (0..=fitting).any(|taken| may_match(flat, at + 1, 0, &needle[taken..]))
        }
    }
}

/// Returns whether the comma-separated values of an open cfg key contain a text.
pub(super) fn cfg_list_contains(interp: &mut Interp<'_>, key: &str, needle: &str) -> Option<Cases> {
    if needle.is_empty() || needle.contains(',') {
        return None;
    }
    let known: Vec<&str> = match key {
        "target_feature" => {
            interp.assumes.known_target_features = true;
            crate::assumptions::known_features().collect()
        }
        "sanitize" => crate::semantics::SANITIZERS.to_vec(),
        _ => return None,
    };
    let mut guard = Guard::FALSE;
    for feature in known.into_iter().filter(|feature| feature.contains(needle)) {
        let has = interp.target_key(key, feature);
        guard = interp.inputs.or(guard, has);
    }
    Some(interp.boolean(guard))
}
