//! A text in parts: by a separator, by white space, by lines.

use std::rc::Rc;

use super::pattern::{pattern_set, pattern_text};
use crate::interp::Interp;
use crate::logic::targets;
use crate::semantics::texts::{UNKNOWN_END, UNKNOWN_TAIL, is_open_end};
use crate::value::{Cases, Piece, Sym, Text, Value};

/// Returns the parts between separators; `None` if a symbol may hold one.
pub(super) fn split_flat(
    flat: &[Piece],
    separator: &dyn Fn(&str) -> Option<(usize, usize)>,
    holds: &dyn Fn(&Sym) -> bool,
) -> Option<Vec<Text>> {
    let mut parts: Vec<Vec<Piece>> = vec![Vec::new()];
    for piece in flat {
        match piece {
            // A distributor's addition comes at the end of the line, so the parts before it are certain.
            Piece::Sym(sym) if is_open_end(sym) && holds(sym) => {
                parts.last_mut()?.push(Piece::Sym(Sym::Opaque(UNKNOWN_END.into())));
                parts.push(vec![Piece::Sym(Sym::Opaque(UNKNOWN_TAIL.into()))]);
                break;
            }
            Piece::Sym(sym) => {
                if holds(sym) {
                    return None;
                }
                parts.last_mut()?.push(piece.clone());
            }
            Piece::Lit(text) => {
                let mut rest = &**text;
                while let Some((at, length)) = separator(rest) {
                    parts.last_mut()?.push(Piece::Lit(Rc::from(&rest[..at])));
                    parts.push(Vec::new());
                    rest = &rest[at + length..];
                }
                parts.last_mut()?.push(Piece::Lit(Rc::from(rest)));
            }
        }
    }
    Some(parts.into_iter().map(Text::from_flat).collect())
}

pub(super) fn split(
    interp: &mut Interp<'_>,
    text: &Text,
    pattern: &Value,
    name: &str,
    limit: Option<i128>,
) -> Cases {
    // A list that only the build knows.
    if let Some(sym) = text.as_sym().cloned()
        && matches!(name, "split" | "split_terminator")
        && let Some(separator) = pattern_text(pattern)
    {
        match (&sym, separator.as_str()) {
            (Sym::Env(variable), "\u{1f}") => {
                return crate::models::env::unknown_list(interp, variable);
            }
            (Sym::Cfg(key), ",") if &**key == "target_feature" => {
                return crate::models::open_list::of(interp, key);
            }
            (Sym::Cfg(key), ",") if targets::all()[0].values(key).is_none() => {
                return interp.unknown(&format!("which values `{key}` has is known only during the build"));
            }
            (Sym::Features, ",") => return crate::models::env::feature_list(interp),
            _ => {}
        }
    }
    let needle = pattern_text(pattern);
    let set = pattern_set(pattern);
    let closure = if needle.is_none() && set.is_none() { Some(Cases::of(pattern.clone())) } else { None };
    interp.ask(text, "splitting it", &mut |interp, flat| {
        if let [] | [Piece::Lit(_)] = flat
            && let (Some(_), _) | (None, Some(_)) = (&needle, &set)
        {
            let text = Text::from_flat(flat.iter().cloned());
            return of_literal(text.as_lit()?, needle.as_deref(), set.as_deref(), name, limit);
        }
        // From the back a longer separator may be found elsewhere.
        if name.starts_with('r') && needle.as_ref().is_some_and(|needle| needle.chars().count() != 1) {
            return None;
        }
        let parts = match (&needle, &set, &closure) {
            (Some(needle), _, _) if !needle.is_empty() => {
                split_flat(flat, &|text| text.find(&**needle).map(|at| (at, needle.len())), &|sym| {
                    needle.chars().all(|character| sym.may_hold(character))
                        || needle.chars().count() > 1 && needle.chars().any(|c| sym.may_hold(c))
                })?
            }
            (_, Some(set), _) => split_flat(
                flat,
                &|text| text.find(&**set).map(|at| (at, text[at..].chars().next().map_or(1, char::len_utf8))),
                &|sym| set.iter().any(|character| sym.may_hold(*character)),
            )?,
            (_, _, Some(closure)) => {
                let mut parts = vec![String::new()];
                // Symbols by part and position in it.
                let mut symbols: Vec<(usize, usize, Sym)> = Vec::new();
                let with_symbols = |parts: &[String], symbols: &[(usize, usize, Sym)]| -> Vec<Text> {
                    parts
                        .iter()
                        .enumerate()
                        .map(|(index, part)| {
                            let mut pieces = Vec::new();
                            let mut done = 0;
                            for (_, at, sym) in symbols.iter().filter(|(of, _, _)| *of == index) {
                                pieces.push(Piece::Lit(Rc::from(&part[done..*at])));
                                pieces.push(Piece::Sym(sym.clone()));
                                done = *at;
                            }
                            pieces.push(Piece::Lit(Rc::from(&part[done..])));
                            Text::from_flat(pieces)
                        })
                        .collect()
                };
                for (at, piece) in flat.iter().enumerate() {
                    let Piece::Lit(text) = piece else {
                        // A number is not split by what splits at no digit.
                        if let Piece::Sym(
                            sym @ (Sym::Minor | Sym::Patch | Sym::Year | Sym::Month | Sym::Day),
                        ) = piece
                        {
                            let any = ('0'..='9').any(|digit| {
                                let answer = interp.call_value(closure, vec![Cases::of(Value::Char(digit))]);
                                !matches!(answer.single(), Some(Value::Bool(false)))
                            });
                            if any {
                                return None;
                            }
                            symbols.push((parts.len() - 1, parts.last()?.len(), sym.clone()));
                            continue;
                        }
                        if at == 0 || parts.len() < 2 || name != "split" {
                            return None;
                        }
                        // The part before is certain; the part after may be anything.
                        symbols.push((parts.len() - 1, parts.last()?.len(), Sym::Opaque(UNKNOWN_END.into())));
                        parts.push(String::new());
                        symbols.push((parts.len() - 1, 0, Sym::Opaque(UNKNOWN_TAIL.into())));
                        return Some(list_of(with_symbols(&parts, &symbols)));
                    };
                    for character in text.chars() {
                        let answer = interp.call_value(closure, vec![Cases::of(Value::Char(character))]);
                        match answer.single() {
                            Some(Value::Bool(true)) => parts.push(String::new()),
                            Some(Value::Bool(false)) => parts.last_mut()?.push(character),
                            _ => return Some(interp.unknown("this pattern is not understood")),
                        }
                    }
                }
                with_symbols(&parts, &symbols)
            }
            _ => return None,
        };
        let join = |parts: &[Text]| {
            let between = Text::lit(needle.as_deref().unwrap_or_default());
            parts.iter().enumerate().fold(Text::lit(""), |whole, (at, part)| {
                if at == 0 { part.clone() } else { whole.concat(&between).concat(part) }
            })
        };
        let list = list_of;
        if parts.last().is_some_and(is_tail) {
            let needle = needle.as_deref().unwrap_or_default();
            return match name {
                "split" | "split_terminator" => Some(list(parts)),
                "split_once" => cut_front(flat, needle).map(|(front, rest)| {
                    Cases::some(Cases::of(Value::Tuple(Rc::from([front, rest].map(Cases::text)))))
                }),
                "splitn" => {
                    let mut out = Vec::new();
                    let mut rest = Text::from_flat(flat.iter().cloned());
                    for _ in 1..usize::try_from(limit?).ok().filter(|limit| (1..16).contains(limit))? {
                        let pieces: Vec<Piece> = rest.pieces().cloned().collect();
                        let (front, back) = cut_front(&pieces, needle)?;
                        out.push(front);
                        rest = back;
                    }
                    out.push(rest);
                    Some(list(out))
                }
                _ => None,
            };
        }
        Some(match name {
            "split" => list(parts),
            "rsplit" => list(parts.into_iter().rev().collect()),
            "split_terminator" => {
                let mut parts = parts;
                if parts.last().is_some_and(|last| last.as_lit() == Some("")) {
                    parts.pop();
                }
                list(parts)
            }
            "split_once" | "rsplit_once" => {
                if parts.len() < 2 || needle.is_none() {
                    if parts.len() < 2 {
                        return Some(Cases::none());
                    }
                    return None;
                }
                let at = if name == "split_once" { 1 } else { parts.len() - 1 };
                let pair = [Cases::text(join(&parts[..at])), Cases::text(join(&parts[at..]))];
                Cases::some(Cases::of(Value::Tuple(Rc::from(pair))))
            }
            "splitn" | "rsplitn" => {
                let limit = usize::try_from(limit?).ok()?;
                if limit == 0 {
                    return Some(Cases::list([]));
                }
                if parts.len() <= limit {
                    return Some(list(if name == "splitn" {
                        parts
                    } else {
                        parts.into_iter().rev().collect()
                    }));
                }
                needle.as_ref()?;
                if name == "splitn" {
                    let mut out = parts[..limit - 1].to_vec();
                    out.push(join(&parts[limit - 1..]));
                    list(out)
                } else {
                    let cut = parts.len() + 1 - limit;
                    let mut out: Vec<Text> = parts[cut..].iter().rev().cloned().collect();
                    out.push(join(&parts[..cut]));
                    list(out)
                }
            }
            _ => return None,
        })
    })
}

/// Splits a known text as std does.
fn of_literal(
    text: &str,
    needle: Option<&str>,
    set: Option<&[char]>,
    name: &str,
    limit: Option<i128>,
) -> Option<Cases> {
    let limit = match limit {
        Some(limit) => usize::try_from(limit).ok()?,
        None => 0,
    };
    let pair = |pair: Option<(&str, &str)>| {
        pair.map_or_else(Cases::none, |(a, b)| {
            Cases::some(Cases::of(Value::Tuple(Rc::from([Cases::str(a), Cases::str(b)]))))
        })
    };
    let list = |parts: Vec<&str>| Some(Cases::list(parts.into_iter().map(Cases::str)));
    macro_rules! by {
        ($pattern:expr) => {
            match name {
                "split" => list(text.split($pattern).collect()),
                "rsplit" => list(text.rsplit($pattern).collect()),
                "split_terminator" => list(text.split_terminator($pattern).collect()),
                "rsplit_terminator" => list(text.rsplit_terminator($pattern).collect()),
                "split_inclusive" => list(text.split_inclusive($pattern).collect()),
                "splitn" => list(text.splitn(limit, $pattern).collect()),
                "rsplitn" => list(text.rsplitn(limit, $pattern).collect()),
                "split_once" => Some(pair(text.split_once($pattern))),
                "rsplit_once" => Some(pair(text.rsplit_once($pattern))),
                _ => None,
            }
        };
    }
    match (needle, set) {
        (Some(needle), _) => by!(needle),
        (None, Some(set)) => by!(set),
        _ => None,
    }
}

/// Parts as a list; the mark of a tail as one.
pub(super) fn list_of(parts: Vec<Text>) -> Cases {
    let item = |part: Text| {
        if is_tail(&part) { Cases::of(Value::Opaque(UNKNOWN_TAIL.into())) } else { Cases::text(part) }
    };
    Cases::list(parts.into_iter().map(item))
}

pub(super) fn is_tail(part: &Text) -> bool {
    matches!(part.as_sym(), Some(Sym::Opaque(what)) if &**what == UNKNOWN_TAIL)
}

/// Returns the texts before and after the first separator; `None` if a piece before it may hold one.
pub(super) fn cut_front(flat: &[Piece], needle: &str) -> Option<(Text, Text)> {
    let mut characters = needle.chars();
    let (first, one) = (characters.next()?, characters.next().is_none());
    let mut front = Vec::new();
    for (at, piece) in flat.iter().enumerate() {
        match piece {
            Piece::Lit(text) => {
                if let Some((before, after)) = text.split_once(needle) {
                    front.push(Piece::Lit(Rc::from(before)));
                    let after = std::iter::once(Piece::Lit(Rc::from(after)));
                    return Some((
                        Text::from_flat(front),
                        Text::from_flat(after.chain(flat[at + 1..].iter().cloned())),
                    ));
                }
            }
            // A longer separator may begin in one piece and end in the next.
            Piece::Sym(sym) if !one || sym.may_hold(first) => return None,
            Piece::Sym(_) => {}
        }
        front.push(piece.clone());
    }
    None
}

pub(super) fn split_whitespace(interp: &mut Interp<'_>, text: &Text) -> Cases {
    interp.ask(text, "splitting it", &mut |_, flat| {
        let parts = split_flat(
            flat,
            &|text| {
                text.find(char::is_whitespace)
                    .map(|at| (at, text[at..].chars().next().map_or(1, char::len_utf8)))
            },
            &|sym| sym.may_hold(' ') || !sym.never_empty(),
        )?;
        Some(list_of(parts.into_iter().filter(|part| !part.0.is_empty()).collect()))
    })
}

pub(super) fn lines(interp: &mut Interp<'_>, text: &Text) -> Cases {
    interp.ask(text, "its lines", &mut |interp, flat| {
        let certain = |piece: &Piece| match piece {
            Piece::Lit(_) => true,
            Piece::Sym(sym) => sym.never_empty(),
        };
        // Nothing has no lines.
        if !flat.is_empty() && !flat.iter().any(certain) {
            let empty = interp.flat_equals(flat, "")?;
            let whole = whole_lines(flat)?;
            return Some(interp.choose(empty, Cases::list([]), whole));
        }
        whole_lines(flat)
    })
}

fn whole_lines(flat: &[Piece]) -> Option<Cases> {
    let mut parts = split_flat(flat, &|text| text.find('\n').map(|at| (at, 1)), &|sym| sym.may_hold('\n'))?;
    // A last line without a line end keeps its `\r`.
    let rest = parts.pop().filter(|last| !last.0.is_empty());
    let strip = |part: Text| match (part.as_lit(), part.pieces().last()) {
        (Some(text), _) => Some(Text::lit(text.strip_suffix('\r').unwrap_or(text))),
        (None, Some(Piece::Lit(last))) if last.ends_with('\r') => None,
        (None, _) => Some(part),
    };
    let mut lines = parts.into_iter().map(strip).collect::<Option<Vec<Text>>>()?;
    lines.extend(rest);
    Some(Cases::list(lines.into_iter().map(Cases::text)))
}
