//! Replaces parts of texts.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::contains::match_touches_symbol;
use super::pattern::{pattern_set, pattern_text};
use crate::interp::Interp;
use crate::value::{Cases, Piece, Sym, Text, Value};

/// The maximum number of bytes that one call may produce.
const MAX_MADE: usize = 64 << 20;

/// Replaces the characters that a closure of the script accepts; the closure is called once for each different
/// character.
pub(super) fn replace_tested(
    interp: &mut Interp<'_>,
    text: &Text,
    closure: &Cases,
    to: &Text,
    limit: Option<usize>,
) -> Cases {
    interp.ask_literal(text, "replacing a part", &mut |interp, text| {
        let mut accepted: BTreeMap<char, bool> = BTreeMap::new();
        let (mut out, mut plain, mut left) = (Text::lit(""), String::new(), limit.unwrap_or(usize::MAX));
        for character in text.chars() {
            let accepts = match accepted.get(&character) {
                Some(known) => *known,
                None => {
                    let answer = interp.call_value(closure, vec![Cases::of(Value::Char(character))]);
                    let Some(Value::Bool(answer)) = answer.single() else {
                        return interp.unknown("this pattern is not understood");
                    };
                    *accepted.entry(character).or_insert(*answer)
                }
            };
            if accepts && left > 0 {
                left -= 1;
                out = out.concat(&Text::lit(&std::mem::take(&mut plain))).concat(to);
            } else {
                plain.push(character);
            }
        }
        Cases::text(out.concat(&Text::lit(&plain)))
    })
}

pub(super) fn replace(
    interp: &mut Interp<'_>,
    text: &Text,
    pattern: &Value,
    to: &Text,
    limit: Option<usize>,
) -> Cases {
    let set = pattern_set(pattern);
    let needle = pattern_text(pattern);
    let closure = if set.is_none() && needle.is_none() { Some(Cases::of(pattern.clone())) } else { None };
    let to = to.clone();
    if let Some(closure) = closure {
        return replace_tested(interp, text, &closure, &to, limit);
    }
    // A backslash in the path of a folder is a separator; declarations write paths with slashes.
    let separators = needle.as_deref() == Some("\\") && to.as_lit() == Some("/");
    let is_mark = needle.as_deref().is_some_and(crate::assumptions::is_mark);
    interp.ask(text, "replacing a part", &mut |interp, flat| {
        let mut pieces = Vec::new();
        let mut left = limit.unwrap_or(usize::MAX);
        if let ([Piece::Lit(text)], Some(needle), Some(to)) = (flat, &needle, to.as_lit()) {
            let found = text.matches(&**needle).take(left).count();
            if found.checked_mul(to.len()).is_none_or(|added| added >= MAX_MADE) {
                return Some(interp.unknown("it makes too much text"));
            }
            return Some(interp.make_text(Text::lit(&text.replacen(&**needle, to, left))));
        }
        if needle.as_deref() == Some("") {
            return None;
        }
        if let Some(needle) = &needle
            && !separators
        {
            let characters: Vec<char> = needle.chars().collect();
            // A placeholder overlaps neither end of OUT_DIR, and it is checked before the build that OUT_DIR contains
            // none.
            let out_dir = |piece: &Piece| is_mark && matches!(piece, Piece::Sym(Sym::OutDir));
            if flat.split(out_dir).any(|part| match_touches_symbol(part, &characters)) {
                return None;
            }
            if flat.iter().any(out_dir) && !interp.assumes.out_dir_lacks.contains(needle) {
                interp.assumes.out_dir_lacks.push(needle.clone());
            }
        }
        for piece in flat {
            match piece {
                Piece::Lit(text) => {
                    let mut rest = &**text;
                    while left > 0 {
                        let at = match (&needle, &set) {
                            (Some(needle), _) => rest.find(&**needle).map(|at| (at, needle.len())),
                            (None, Some(set)) => rest
                                .find(&**set)
                                .map(|at| (at, rest[at..].chars().next().map_or(1, char::len_utf8))),
                            (None, None) => None,
                        };
                        let Some((at, length)) = at.filter(|(_, length)| *length > 0) else { break };
                        pieces.push(Piece::Lit(Rc::from(&rest[..at])));
                        pieces.extend(to.pieces().cloned());
                        rest = &rest[at + length..];
                        left -= 1;
                    }
                    pieces.push(Piece::Lit(Rc::from(rest)));
                }
                Piece::Sym(Sym::OutDir | Sym::ManifestDir) if separators => pieces.push(piece.clone()),
                Piece::Sym(sym) => {
                    let untouched = match (&needle, &set) {
                        (Some(_), _) => !separators || !sym.may_hold('\\'),
                        (None, Some(set)) => set.iter().all(|character| !sym.may_hold(*character)),
                        (None, None) => false,
                    };
                    if !untouched {
                        return None;
                    }
                    pieces.push(piece.clone());
                }
            }
        }
        to.is_flat().then(|| Cases::text(Text::from_flat(pieces)))
    })
}
