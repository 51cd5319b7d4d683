//! `str`, `String`, `OsStr`, and bytes that are text.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Call, Method};
use crate::interp::{Interp, Ty};
use crate::logic::{Guard, targets};
use crate::value::{Gv, IntType, Piece, Sym, Text, Value};

/// `String::from`, `str::from_utf8`, …
pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Gv> {
    let name = call.path.rsplit("::").next()?;
    let _ = interp;
    Some(match name {
        "new" if call.args.is_empty() => Gv::str(""),
        "with_capacity" => Gv::str(""),
        "new" | "from" | "to_string"
            if !matches!(call.arg(0).single(), Some(Value::Char(_) | Value::Int(..))) =>
        {
            call.arg(0)
        }
        "from_utf8" | "from_str" => Gv::ok(call.arg(0)),
        "from_utf8_lossy" | "from_utf8_unchecked" | "from_encoded_bytes_unchecked" | "from_bytes" => {
            call.arg(0)
        }
        _ => return None,
    })
}

/// Methods of text.
pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Gv> {
    let Value::Text(text) = method.value else { return None };
    let name = method.name;
    let same = || Gv::text(text.clone());
    Some(match name {
        "to_string" | "to_owned" | "clone" | "as_str" | "as_ref" | "as_bytes" | "into_bytes"
        | "to_os_string" | "as_os_str" | "into_os_string" | "into_string_lossy" | "to_string_lossy"
        | "into_owned" | "into" | "as_mut" | "borrow" | "to_vec" | "as_path" | "to_path_buf"
        | "into_boxed_str" | "as_slice" | "display" | "deref" | "into_encoded_bytes" | "as_encoded_bytes"
        | "escape_default" | "escape_debug" | "by_ref" | "as_os_string" | "as_mut_os_string"
        | "into_boxed_path" | "as_deref" => {
            if name.starts_with("escape") {
                return Some(escaped(interp, text, name));
            }
            same()
        }
        "to_str" => Gv::some(same()),
        "into_string" | "try_into" => Gv::ok(same()),
        "is_empty" => interp.ask(text, "whether a text is empty", &mut |interp, flat| {
            if flat.iter().any(|piece| {
                matches!(piece, Piece::Lit(_)) || matches!(piece, Piece::Sym(sym) if sym.never_empty())
            }) {
                return Some(Gv::bool(false));
            }
            let guard = interp.flat_equals(flat, "")?;
            Some(interp.boolean(guard))
        }),
        "len" => interp.ask(text, "its length", &mut |interp, flat| {
            if let [Piece::Sym(Sym::DepFirst(..))] = flat {
                let empty = interp.flat_equals(flat, "")?;
                let some = Gv::of(Value::SymbolicInt(Sym::Opaque(Sym::SOME_LENGTH.into()), 10));
                return Some(interp.choose(empty, Gv::usize(0), some));
            }
            let total: Option<usize> = flat.iter().map(width).sum();
            total.map(Gv::usize)
        }),
        "eq" => interp.equal(&same(), &method.arg(0)),
        "ne" => {
            let equal = interp.equal(&same(), &method.arg(0));
            interp.negate(&equal)
        }
        "eq_ignore_ascii_case" => with_text(interp, &method.arg(0), &mut |interp, other| {
            let other = other.to_ascii_lowercase();
            literal(interp, text, "a comparison", &|text| Gv::bool(text.to_ascii_lowercase() == other))
        }),
        "contains" => {
            with_pattern(interp, &method.arg(0), &mut |interp, pattern| contains(interp, text, pattern))
        }
        "starts_with" => with_pattern(interp, &method.arg(0), &mut |interp, pattern| {
            if matches!(text.as_sym(), Some(Sym::Other(what)) if &**what == "another variable")
                && pattern_text(pattern).as_deref() == Some("CARGO_FEATURE_")
            {
                return Gv::bool(false);
            }
            note_glob(interp, text, pattern, |text| format!("{text}*"));
            affix(interp, text, pattern, true, &mut |interp, stripped| {
                interp_bool(interp, stripped.is_some())
            })
        }),
        "ends_with" => with_pattern(interp, &method.arg(0), &mut |interp, pattern| {
            note_glob(interp, text, pattern, |text| format!("*{text}"));
            affix(interp, text, pattern, false, &mut |interp, stripped| {
                interp_bool(interp, stripped.is_some())
            })
        }),
        "strip_prefix" | "strip_suffix" => {
            let front = name == "strip_prefix";
            let is_path = interp.is_path_like(text);
            with_pattern(interp, &method.arg(0), &mut |interp, pattern| {
                if front
                    && matches!(text.as_sym(), Some(Sym::Other(what)) if &**what == "another variable")
                    && pattern_text(pattern).as_deref() == Some("CARGO_FEATURE_")
                {
                    // Those are all known.
                    return Gv::none();
                }
                if is_path && front {
                    // `Path::strip_prefix` works by components.
                    return super::path::strip_prefix(interp, text, pattern);
                }
                note_glob(
                    interp,
                    text,
                    pattern,
                    |text| if front { format!("{text}*") } else { format!("*{text}") },
                );
                affix(interp, text, pattern, front, &mut |_, stripped| match stripped {
                    Some(stripped) => Gv::some(Gv::text(stripped)),
                    None => Gv::none(),
                })
            })
        }
        "trim" | "trim_start" | "trim_end" | "trim_ascii" | "trim_left" | "trim_right" => {
            trim(interp, text, name)
        }
        "trim_start_matches" | "trim_end_matches" | "trim_matches" | "trim_left_matches"
        | "trim_right_matches" => {
            with_pattern(interp, &method.arg(0), &mut |interp, pattern| {
                let Some(test) = pattern_test(pattern) else {
                    return trim_closure(interp, text, pattern, name);
                };
                if name.contains("start") || name.contains("left") {
                    // What is cut is cut off the known beginning.
                    return interp.ask(text, "trimming", &mut |_, flat| {
                        let Some(Piece::Lit(first)) = flat.first() else {
                            return if flat.is_empty() { Some(Gv::str("")) } else { None };
                        };
                        let mut rest = &**first;
                        while let Some(length) = test(rest, true) {
                            rest = &rest[length..];
                        }
                        if rest.is_empty() && flat.len() > 1 {
                            return None;
                        }
                        let pieces =
                            std::iter::once(Piece::Lit(Rc::from(rest))).chain(flat[1..].iter().cloned());
                        Some(Gv::text(Text::from_flat(pieces)))
                    });
                }
                literal(interp, text, "trimming", &|text| {
                    let mut text = text;
                    if !name.contains("end") && !name.contains("right") {
                        while let Some(length) = test(text, true) {
                            text = &text[length..];
                        }
                    }
                    if !name.contains("start") && !name.contains("left") {
                        while let Some(length) = test(text, false) {
                            text = &text[..text.len() - length];
                        }
                    }
                    Gv::str(text)
                })
            })
        }
        "split" | "rsplit" | "split_terminator" | "splitn" | "rsplitn" | "split_once" | "rsplit_once"
        | "split_inclusive" => {
            let at = usize::from(name.ends_with("splitn"));
            let limit = if at == 1 { int(&method.arg(0)) } else { None };
            if at == 1 && limit.is_none() {
                return None;
            }
            with_pattern(interp, &method.arg(at), &mut |interp, pattern| {
                split(interp, text, pattern, name, limit)
            })
        }
        "split_whitespace" | "split_ascii_whitespace" => split_whitespace(interp, text),
        "lines" => lines(interp, text),
        "chars" => literal(interp, text, "its characters", &|text| {
            Gv::list(text.chars().map(|c| Gv::of(Value::Char(c))))
        }),
        "char_indices" => literal(interp, text, "its characters", &|text| {
            Gv::list(
                text.char_indices()
                    .map(|(at, c)| Gv::of(Value::Tuple(Rc::from([Gv::usize(at), Gv::of(Value::Char(c))])))),
            )
        }),
        "bytes" | "iter" | "into_iter" | "iter_mut" => literal(interp, text, "its bytes", &|text| {
            Gv::list(text.bytes().map(|byte| Gv::of(Value::Int(i128::from(byte), IntType::Unsigned(8)))))
        }),
        "first" | "last" => literal(interp, text, "its bytes", &|text| {
            let byte = if name == "first" { text.bytes().next() } else { text.bytes().last() };
            byte.map_or_else(Gv::none, |byte| {
                Gv::some(Gv::of(Value::Int(i128::from(byte), IntType::Unsigned(8))))
            })
        }),
        "to_uppercase" | "to_ascii_uppercase" => {
            literal(interp, text, "its upper case", &|text| Gv::str(&text.to_uppercase()))
        }
        "to_lowercase" | "to_ascii_lowercase" => lower(interp, text),
        "make_ascii_uppercase" | "make_ascii_lowercase" => {
            let changed = literal(interp, text, "its case", &|text| {
                Gv::str(&if name.ends_with("uppercase") {
                    text.to_ascii_uppercase()
                } else {
                    text.to_ascii_lowercase()
                })
            });
            store(interp, method, changed)
        }
        "replace" | "replacen" => {
            let to = method.arg(1);
            let limit = match name {
                "replacen" => Some(usize::try_from(int(&method.arg(2))?).ok()?),
                _ => None,
            };
            with_pattern(interp, &method.arg(0), &mut |interp, pattern| {
                interp.each(&to, |interp, to| match to {
                    Value::Text(to) => replace(interp, text, pattern, to, limit),
                    _ => interp.unknown("what is put in its place is not known"),
                })
            })
        }
        "repeat" => {
            let count = int(&method.arg(0))?;
            let count = usize::try_from(count).ok().filter(|count| *count < 1 << 20)?;
            literal(interp, text, "repeating it", &|text| Gv::str(&text.repeat(count)))
        }
        "parse" => parse(interp, text, method),
        "find" | "rfind" | "position" => with_pattern(interp, &method.arg(0), &mut |interp, pattern| {
            let test = pattern_find(pattern);
            let closure = Gv::of(pattern.clone());
            interp.ask(text, "where it holds something", &mut |interp, flat| {
                let first = match flat.first() {
                    None => "",
                    Some(Piece::Lit(first)) => first,
                    Some(Piece::Sym(_)) => return None,
                };
                let at = match &test {
                    Some(test) => test(first, name == "rfind"),
                    None => {
                        let mut found = None;
                        for (at, character) in first.char_indices() {
                            match interp.call_value(&closure, vec![Gv::of(Value::Char(character))]).single() {
                                Some(Value::Bool(true)) => {
                                    found = Some(at);
                                    if name != "rfind" {
                                        break;
                                    }
                                }
                                Some(Value::Bool(false)) => {}
                                _ => return Some(interp.unknown("this pattern is not understood")),
                            }
                        }
                        found
                    }
                };
                match at {
                    Some(at) if flat.len() <= 1 || name != "rfind" => Some(Gv::some(Gv::usize(at))),
                    None if flat.len() <= 1 => Some(Gv::none()),
                    _ => None,
                }
            })
        }),
        "matches" => with_pattern(interp, &method.arg(0), &mut |interp, pattern| match pattern {
            Value::Text(pattern) if pattern.as_lit().is_some() => {
                let pattern = pattern.as_lit().unwrap_or_default().to_owned();
                literal(interp, text, "what it holds", &|text| {
                    Gv::list(text.matches(pattern.as_str()).map(Gv::str))
                })
            }
            Value::Char(c) => {
                literal(interp, text, "what it holds", &|text| Gv::list(text.matches(*c).map(Gv::str)))
            }
            _ => interp.unknown("what is looked for is not known"),
        }),
        "get" => {
            let range = method.arg(0);
            match range.single() {
                Some(Value::Range { start, end }) => {
                    let (start, end) = (*start, *end);
                    literal(interp, text, "a part of it", &|text| {
                        let start = usize::try_from(start.unwrap_or(0)).unwrap_or(usize::MAX);
                        let end = end.map_or(text.len(), |end| usize::try_from(end).unwrap_or(usize::MAX));
                        text.get(start..end).map_or_else(Gv::none, |part| Gv::some(Gv::str(part)))
                    })
                }
                Some(Value::Int(index, _)) => {
                    let index = usize::try_from(*index).ok()?;
                    literal(interp, text, "a byte of it", &|text| {
                        text.as_bytes().get(index).map_or_else(Gv::none, |byte| {
                            Gv::some(Gv::of(Value::Int(i128::from(*byte), IntType::Unsigned(8))))
                        })
                    })
                }
                _ => return None,
            }
        }
        "is_ascii" => literal(interp, text, "its characters", &|text| Gv::bool(text.is_ascii())),
        "cmp" | "partial_cmp" => return None,
        "push_str" | "push" | "extend" | "extend_from_slice" | "insert_str" | "write_str" | "write_char"
        | "write_fmt" | "write_all" | "write"
            if !interp.is_path_push(text, method) =>
        {
            let added = if matches!(name, "extend") {
                let mut whole = Gv::str("");
                let items = interp.items_of(&method.arg(0));
                for (guard, item) in items {
                    if !guard.is_true() {
                        return None;
                    }
                    let item = interp.display(&item, None);
                    whole = concat(interp, &whole, &item);
                }
                whole
            } else if name == "insert_str" {
                return None;
            } else {
                match method.arg(0).single() {
                    // A byte pushed on bytes.
                    Some(Value::Int(byte, _)) => {
                        let byte = u8::try_from(*byte).ok().filter(u8::is_ascii)?;
                        Gv::str(&char::from(byte).to_string())
                    }
                    _ => {
                        let arg = method.arg(0);
                        interp.display(&arg, None)
                    }
                }
            };
            let whole = concat(interp, &same(), &added);
            let stored = store(interp, method, whole);
            if name.starts_with("write") && !stored.is_never() { Gv::ok(Gv::unit()) } else { stored }
        }
        "clear" => store(interp, method, Gv::str("")),
        "truncate" => {
            let length = int(&method.arg(0))?;
            let cut = literal(interp, text, "its length", &|text| {
                Gv::str(
                    text.get(..usize::try_from(length).unwrap_or(usize::MAX).min(text.len())).unwrap_or(text),
                )
            });
            store(interp, method, cut)
        }
        "pop" if !interp.is_path_like(text) => {
            let last = literal(interp, text, "its end", &|text| {
                text.chars().last().map_or_else(Gv::none, |last| Gv::some(Gv::of(Value::Char(last))))
            });
            let cut = literal(interp, text, "its end", &|text| {
                let mut text = text.to_owned();
                text.pop();
                Gv::str(&text)
            });
            store(interp, method, cut);
            last
        }
        "flush" | "reserve" | "shrink_to_fit" => Gv::unit(),
        _ => return None,
    })
}

/// `escape_default` and `escape_debug`: what holds nothing to escape stays as it is.
fn escaped(interp: &mut Interp<'_>, text: &Text, name: &str) -> Gv {
    interp.ask(text, "its escaped text", &mut |_, flat| {
        let piece = |piece: &Piece| match piece {
            Piece::Lit(text) if name == "escape_debug" => {
                Some(Piece::Lit(text.escape_debug().to_string().into()))
            }
            Piece::Lit(text) => Some(Piece::Lit(text.escape_default().to_string().into())),
            // A name of letters, digits and dashes.
            Piece::Sym(sym) => {
                (!sym.may_hold('\\') && !sym.may_hold('"') && !sym.may_hold('\n')).then(|| piece.clone())
            }
        };
        let pieces: Option<Vec<Piece>> = flat.iter().map(piece).collect();
        Some(Gv::text(Text::from_flat(pieces?)))
    })
}

/// How many bytes a piece has, where that is known.
fn width(piece: &Piece) -> Option<usize> {
    match piece {
        Piece::Lit(text) => Some(text.len()),
        Piece::Sym(Sym::Year) => Some(4),
        Piece::Sym(Sym::Month | Sym::Day) => Some(2),
        Piece::Sym(_) => None,
    }
}

/// A part of a text of which every piece's width is known, cut inside what is literal.
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

/// Stands for the items of a list after those that are known, however many.
pub(crate) const UNKNOWN_TAIL: &str = "the rest of a list";

/// How the text of a part that is cut off by what is not known ends.
const UNKNOWN_END: &str = "the rest of a part";

/// Whether a symbol stands for whatever may follow, so that what is in front of it can still be told.
fn is_open_end(sym: &Sym) -> bool {
    match sym {
        Sym::Vendor => true,
        Sym::Opaque(what) => &**what == UNKNOWN_END,
        _ => false,
    }
}

fn interp_bool(_: &mut Interp<'_>, value: bool) -> Gv {
    Gv::bool(value)
}

/// Stores a changed text where it stands.
pub(super) fn store(interp: &mut Interp<'_>, method: &Method<'_>, value: Gv) -> Gv {
    if interp.dead() {
        return Gv::never();
    }
    match method.place {
        Some(place) => {
            interp.write_place(place, value);
            if interp.dead() { Gv::never() } else { Gv::unit() }
        }
        None => Gv::unit(),
    }
}

/// The number that a value always is.
pub(super) fn int(value: &Gv) -> Option<i128> {
    match value.single()? {
        Value::Int(number, _) => Some(*number),
        _ => None,
    }
}

/// One text after another.
pub(crate) fn concat(interp: &mut Interp<'_>, a: &Gv, b: &Gv) -> Gv {
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

/// Texts that one text after another may become before they are one with guarded pieces: of sixteen that are there or
/// not there are 2^16.
const MANY_TEXTS: usize = 16;

/// Many texts as one with guarded pieces; few stay apart, since they are easier to ask.
pub(crate) fn one_text(interp: &mut Interp<'_>, text: Gv) -> Gv {
    if text.0.len() < MANY_TEXTS / 4 {
        return text;
    }
    match guarded_pieces(interp, &text) {
        Some(pieces) => interp.make_text(Text::from_pieces(pieces)),
        None => text,
    }
}

/// All that a text may be, as pieces under guards.
fn guarded_pieces(interp: &mut Interp<'_>, text: &Gv) -> Option<Vec<(Guard, Piece)>> {
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

fn literal(interp: &mut Interp<'_>, text: &Text, what: &str, f: &dyn Fn(&str) -> Gv) -> Gv {
    interp.ask_literal(text, what, &mut |_, text| f(text))
}

/// Calls `f` with each text that a value may be, which must be known.
fn with_text(interp: &mut Interp<'_>, value: &Gv, f: &mut dyn FnMut(&mut Interp<'_>, &str) -> Gv) -> Gv {
    let value = interp.deref_all(value);
    interp.each(&value, |interp, value| match value {
        Value::Text(text) => interp.ask_literal(text, "a text", f),
        _ => interp.unknown("a text is not known"),
    })
}

/// Calls `f` with each pattern that a value may be.
fn with_pattern(interp: &mut Interp<'_>, value: &Gv, f: &mut dyn FnMut(&mut Interp<'_>, &Value) -> Gv) -> Gv {
    let value = interp.deref_all(value);
    interp.each(&value, |interp, value| f(interp, value))
}

/// A glob that says what is asked of TARGET.
fn note_glob(interp: &mut Interp<'_>, text: &Text, pattern: &Value, glob: impl Fn(&str) -> String) {
    if matches!(text.as_sym(), Some(Sym::Target | Sym::Host))
        && let Some(pattern) = pattern_text(pattern)
    {
        interp.globs.insert(glob(&pattern));
    }
}

fn pattern_text(pattern: &Value) -> Option<String> {
    match pattern {
        Value::Text(text) => text.as_lit().map(str::to_owned),
        Value::Char(character) => Some(character.to_string()),
        Value::Int(byte, IntType::Unsigned(8)) => {
            u8::try_from(*byte).ok().map(|byte| char::from(byte).to_string())
        }
        _ => None,
    }
}

/// The characters of a pattern that is a set of them.
fn pattern_set(pattern: &Value) -> Option<Vec<char>> {
    match pattern {
        Value::Seq(items) => items
            .iter()
            .map(|(guard, item)| match item.single() {
                Some(Value::Char(character)) if guard.is_true() => Some(*character),
                _ => None,
            })
            .collect(),
        Value::External(path) => match &**path {
            "char::is_whitespace" => Some(vec![' ', '\t', '\n', '\r', '\u{b}', '\u{c}']),
            _ => None,
        },
        _ => None,
    }
}

type AffixTest = Box<dyn Fn(&str, bool) -> Option<usize>>;

/// How long a match is at the beginning or end of a text.
fn pattern_test(pattern: &Value) -> Option<AffixTest> {
    if let Some(text) = pattern_text(pattern) {
        return Some(Box::new(move |whole, front| {
            let matches = if front { whole.starts_with(&*text) } else { whole.ends_with(&*text) };
            (matches && !text.is_empty()).then_some(text.len())
        }));
    }
    if let Some(set) = pattern_set(pattern) {
        return Some(Box::new(move |whole, front| {
            let character = if front { whole.chars().next() } else { whole.chars().last() }?;
            set.contains(&character).then(|| character.len_utf8())
        }));
    }
    let test: fn(char) -> bool = match pattern {
        Value::External(path) => match &**path {
            "char::is_numeric" => char::is_numeric,
            "char::is_alphanumeric" => char::is_alphanumeric,
            "char::is_alphabetic" => char::is_alphabetic,
            _ => return None,
        },
        _ => return None,
    };
    Some(Box::new(move |whole, front| {
        let character = if front { whole.chars().next() } else { whole.chars().last() }?;
        test(character).then(|| character.len_utf8())
    }))
}

fn pattern_find(pattern: &Value) -> Option<AffixTest> {
    if let Some(text) = pattern_text(pattern) {
        return Some(Box::new(
            move |whole, last| if last { whole.rfind(&*text) } else { whole.find(&*text) },
        ));
    }
    let set = pattern_set(pattern)?;
    Some(Box::new(move |whole, last| if last { whole.rfind(&*set) } else { whole.find(&*set) }))
}

/// A closure as a pattern: asked of each character.
fn trim_closure(interp: &mut Interp<'_>, text: &Text, pattern: &Value, name: &str) -> Gv {
    let pattern = Gv::of(pattern.clone());
    interp.ask_literal(text, "trimming", &mut |interp, text| {
        let holds = |interp: &mut Interp<'_>, character: char| {
            let answer = interp.call_value(&pattern, vec![Gv::of(Value::Char(character))]);
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
        Gv::str(text)
    })
}

/// `text.contains(pattern)`
fn contains(interp: &mut Interp<'_>, text: &Text, pattern: &Value) -> Gv {
    note_glob(interp, text, pattern, |text| format!("*{text}*"));
    if let Value::Int(byte, _) = pattern
        && let Some(character) = u8::try_from(*byte).ok().map(char::from)
    {
        return contains(interp, text, &Value::Char(character));
    }
    let Some(needle) = pattern_text(pattern) else {
        if let Some(set) = pattern_set(pattern) {
            return literal(interp, text, "what it holds", &|text| Gv::bool(text.contains(&*set)));
        }
        let closure = Gv::of(pattern.clone());
        return interp.ask_literal(text, "what it holds", &mut |interp, text| {
            for character in text.chars() {
                let answer = interp.call_value(&closure, vec![Gv::of(Value::Char(character))]);
                match answer.single() {
                    Some(Value::Bool(true)) => return Gv::bool(true),
                    Some(Value::Bool(false)) => {}
                    _ => return interp.unknown("this pattern is not understood"),
                }
            }
            Gv::bool(false)
        });
    };
    interp.ask(text, "what it holds", &mut |interp, flat| {
        if let [Piece::Sym(Sym::Cfg(key))] = flat
            && targets::all()[0].values(key).is_none()
        {
            return cfg_list_contains(interp, key, &needle);
        }
        if flat.iter().any(|piece| matches!(piece, Piece::Lit(text) if text.contains(&*needle))) {
            return Some(Gv::bool(true));
        }
        if let Some(holds) = super::flags::contains(interp, flat, &needle) {
            return Some(interp.boolean(holds));
        }
        let flat = &*without_vendor(interp, flat, &needle)?;
        let needle: Vec<char> = needle.chars().collect();
        // A triple that holds all of it is looked up, where others may hold a part.
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
        Some(Gv::bool(false))
    })
}

/// What a distributor adds to rustc's version, put aside: it is taken not to hold the needle, which can then only
/// stand beside it.
fn without_vendor<'f>(
    interp: &mut Interp<'_>,
    flat: &'f [Piece],
    needle: &str,
) -> Option<std::borrow::Cow<'f, [Piece]>> {
    if !flat.contains(&Piece::Sym(Sym::Vendor)) {
        return Some(flat.into());
    }
    // It begins and ends where parentheses do: without any of these the needle cannot lie across its ends.
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

/// Whether the needle may stand where it takes in a part of a symbol.
fn match_touches_symbol(flat: &[Piece], needle: &[char]) -> bool {
    (0..flat.len()).any(|at| match &flat[at] {
        Piece::Lit(text) => {
            let length = text.chars().count();
            // Only what reaches past the end of this piece.
            let first = (length + 1).saturating_sub(needle.len());
            at + 1 < flat.len() && (first..length).any(|from| may_match(flat, at, from, needle))
        }
        Piece::Sym(sym) => {
            let fitting = needle.iter().take_while(|character| sym.may_hold(**character)).count();
            (1..=fitting).any(|taken| may_match(flat, at + 1, 0, &needle[taken..]))
        }
    })
}

/// Whether a text may go on with the needle from a place in a piece; a symbol may hold anything of its characters.
fn may_match(flat: &[Piece], at: usize, from: usize, needle: &[char]) -> bool {
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

/// Whether the comma-joined values of an open cfg key hold a text.
fn cfg_list_contains(interp: &mut Interp<'_>, key: &str, needle: &str) -> Option<Gv> {
    if needle.is_empty() || needle.contains(',') {
        return None;
    }
    let known: Vec<&str> = match key {
        "target_feature" => {
            interp.assumes.known_target_features = true;
            crate::assumptions::known_features().collect()
        }
        "sanitize" => super::env::SANITIZERS.to_vec(),
        _ => return None,
    };
    let mut guard = Guard::FALSE;
    for feature in known.into_iter().filter(|feature| feature.contains(needle)) {
        let has = interp.target_key(key, feature);
        guard = interp.inputs.or(guard, has);
    }
    Some(interp.boolean(guard))
}

/// Calls `f` with what is left after a prefix or suffix, or `None`.
fn affix(
    interp: &mut Interp<'_>,
    text: &Text,
    pattern: &Value,
    front: bool,
    f: &mut dyn FnMut(&mut Interp<'_>, Option<Text>) -> Gv,
) -> Gv {
    let Some(needle) = pattern_text(pattern) else {
        let Some(test) = pattern_test(pattern) else {
            let closure = Gv::of(pattern.clone());
            return interp.ask_literal(text, "how it begins or ends", &mut |interp, text| {
                let character = if front { text.chars().next() } else { text.chars().last() };
                let Some(character) = character else { return f(interp, None) };
                let answer = interp.call_value(&closure, vec![Gv::of(Value::Char(character))]);
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
        if let Some(found) = super::flags::affix(interp, flat, &needle, f) {
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
                // Certain where the known part decides, or the symbol beside it cannot hold what comes next.
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
                // Folders that Cargo gives are absolute.
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

fn trim(interp: &mut Interp<'_>, text: &Text, name: &str) -> Gv {
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
        // Where all of a literal went, its neighbour is at the edge now.
        let edge_symbol = |piece: Option<&Piece>| matches!(piece, Some(Piece::Lit(text)) if text.is_empty());
        if pieces.len() > 1 && (edge_symbol(pieces.first()) || edge_symbol(pieces.last())) {
            let symbols_hold_space = pieces
                .iter()
                .any(|piece| matches!(piece, Piece::Sym(sym) if sym.may_hold(' ') || !sym.never_empty()));
            if symbols_hold_space {
                return None;
            }
        }
        Some(Gv::text(Text::from_flat(pieces)))
    })
}

fn lower(interp: &mut Interp<'_>, text: &Text) -> Gv {
    interp.ask(text, "its lower case", &mut |_, flat| {
        let pieces: Option<Vec<Piece>> = flat
            .iter()
            .map(|piece| match piece {
                Piece::Lit(text) => Some(Piece::Lit(Rc::from(text.to_lowercase()))),
                Piece::Sym(sym) if ('A'..='Z').all(|upper| !sym.may_hold(upper)) => Some(piece.clone()),
                Piece::Sym(_) => None,
            })
            .collect();
        Some(Gv::text(Text::from_flat(pieces?)))
    })
}

/// Replaces the characters that a closure of the script accepts, each asked about once.
fn replace_tested(interp: &mut Interp<'_>, text: &Text, closure: &Gv, to: &Text, limit: Option<usize>) -> Gv {
    interp.ask_literal(text, "replacing a part", &mut |interp, text| {
        let mut accepted: BTreeMap<char, bool> = BTreeMap::new();
        let (mut out, mut plain, mut left) = (Text::lit(""), String::new(), limit.unwrap_or(usize::MAX));
        for character in text.chars() {
            let accepts = match accepted.get(&character) {
                Some(known) => *known,
                None => {
                    let answer = interp.call_value(closure, vec![Gv::of(Value::Char(character))]);
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
        Gv::text(out.concat(&Text::lit(&plain)))
    })
}

fn replace(interp: &mut Interp<'_>, text: &Text, pattern: &Value, to: &Text, limit: Option<usize>) -> Gv {
    let set = pattern_set(pattern);
    let needle = pattern_text(pattern);
    let closure = if set.is_none() && needle.is_none() { Some(Gv::of(pattern.clone())) } else { None };
    let to = to.clone();
    if let Some(closure) = closure {
        return replace_tested(interp, text, &closure, &to, limit);
    }
    // A backslash in a folder's path is a separator; in a declaration paths are written with slashes.
    let separators = needle.as_deref() == Some("\\") && to.as_lit() == Some("/");
    let is_mark = needle.as_deref().is_some_and(crate::assumptions::is_mark);
    interp.ask(text, "replacing a part", &mut |interp, flat| {
        let mut pieces = Vec::new();
        let mut left = limit.unwrap_or(usize::MAX);
        if let Some(needle) = &needle
            && !separators
        {
            let characters: Vec<char> = needle.chars().collect();
            // A mark goes over neither end of OUT_DIR; that there is none in it is asked before the build.
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
        to.is_flat().then(|| Gv::text(Text::from_flat(pieces)))
    })
}

/// The parts between separators, where no symbol can hold one.
fn split_flat(
    flat: &[Piece],
    separator: &dyn Fn(&str) -> Option<(usize, usize)>,
    holds: &dyn Fn(&Sym) -> bool,
) -> Option<Vec<Text>> {
    let mut parts: Vec<Vec<Piece>> = vec![Vec::new()];
    for piece in flat {
        match piece {
            // What a distributor adds is far behind what anybody reads: parts before it are certain.
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

fn split(interp: &mut Interp<'_>, text: &Text, pattern: &Value, name: &str, limit: Option<i128>) -> Gv {
    // A list that only the build knows.
    if let Some(sym) = text.as_sym().cloned()
        && matches!(name, "split" | "split_terminator")
        && let Some(separator) = pattern_text(pattern)
    {
        match (&sym, separator.as_str()) {
            (Sym::Env(variable), "\u{1f}") => {
                return super::env::unknown_list(interp, variable);
            }
            (Sym::Cfg(key), ",") if &**key == "target_feature" => return super::open_list::of(interp, key),
            (Sym::Cfg(key), ",") if targets::all()[0].values(key).is_none() => {
                return interp.unknown(&format!("which values `{key}` has is known only during the build"));
            }
            (Sym::Features, ",") => return super::env::feature_list(interp),
            _ => {}
        }
    }
    let needle = pattern_text(pattern);
    let set = pattern_set(pattern);
    let closure = if needle.is_none() && set.is_none() { Some(Gv::of(pattern.clone())) } else { None };
    interp.ask(text, "splitting it", &mut |interp, flat| {
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
                                let answer = interp.call_value(closure, vec![Gv::of(Value::Char(digit))]);
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
                        // What comes before is certain; what comes after may be anything.
                        symbols.push((parts.len() - 1, parts.last()?.len(), Sym::Opaque(UNKNOWN_END.into())));
                        parts.push(String::new());
                        symbols.push((parts.len() - 1, 0, Sym::Opaque(UNKNOWN_TAIL.into())));
                        return Some(list_of(with_symbols(&parts, &symbols)));
                    };
                    for character in text.chars() {
                        let answer = interp.call_value(closure, vec![Gv::of(Value::Char(character))]);
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
                    Gv::some(Gv::of(Value::Tuple(Rc::from([front, rest].map(Gv::text)))))
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
                        return Some(Gv::none());
                    }
                    return None;
                }
                let at = if name == "split_once" { 1 } else { parts.len() - 1 };
                let pair = [Gv::text(join(&parts[..at])), Gv::text(join(&parts[at..]))];
                Gv::some(Gv::of(Value::Tuple(Rc::from(pair))))
            }
            "splitn" | "rsplitn" => {
                let limit = usize::try_from(limit?).ok()?;
                if limit == 0 {
                    return Some(Gv::list([]));
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

/// Parts as a list; the mark of a tail as one.
fn list_of(parts: Vec<Text>) -> Gv {
    let item = |part: Text| {
        if is_tail(&part) { Gv::of(Value::Opaque(UNKNOWN_TAIL.into())) } else { Gv::text(part) }
    };
    Gv::list(parts.into_iter().map(item))
}

fn is_tail(part: &Text) -> bool {
    matches!(part.as_sym(), Some(Sym::Opaque(what)) if &**what == UNKNOWN_TAIL)
}

/// What stands before the first separator and what after it, where nothing before it may hold one.
fn cut_front(flat: &[Piece], needle: &str) -> Option<(Text, Text)> {
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

fn split_whitespace(interp: &mut Interp<'_>, text: &Text) -> Gv {
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

fn lines(interp: &mut Interp<'_>, text: &Text) -> Gv {
    interp.ask(text, "its lines", &mut |_, flat| {
        let mut parts =
            split_flat(flat, &|text| text.find('\n').map(|at| (at, 1)), &|sym| sym.may_hold('\n'))?;
        if parts.last().is_some_and(|last| last.0.is_empty()) {
            parts.pop();
        }
        let strip = |part: Text| match part.as_lit() {
            Some(text) => Text::lit(text.strip_suffix('\r').unwrap_or(text)),
            None => part,
        };
        Some(Gv::list(parts.into_iter().map(strip).map(Gv::text)))
    })
}

/// `text.parse::<T>()`
fn parse(interp: &mut Interp<'_>, text: &Text, method: &Method<'_>) -> Gv {
    let ty = method
        .generics
        .first()
        .cloned()
        .or_else(|| method.hint.map(|hint| hint.innermost().clone()))
        .filter(|ty| ty.name != "_");
    parse_as(interp, text, ty.as_ref())
}

pub(super) fn parse_as(interp: &mut Interp<'_>, text: &Text, ty: Option<&Ty>) -> Gv {
    let error = || Gv::err(Gv::of(Value::Opaque("a parse error".into())));
    let Some(ty) = ty else {
        // Numbers of rustc's version and date fit whatever integer the script makes of them; who took a year for a byte
        // would fail on every nightly.
        if let Some(
            sym @ (Sym::Minor
            | Sym::Patch
            | Sym::Year
            | Sym::Month
            | Sym::Day
            | Sym::LlvmMajor
            | Sym::LlvmMinor
            | Sym::LlvmPatch),
        ) = text.as_sym()
        {
            return Gv::ok(Gv::of(Value::SymbolicInt(sym.clone(), 10)));
        }
        // Whatever the integer type is, small numbers are what they say.
        return interp.ask_literal(text, "a number", &mut |interp, text| {
            let digits =
                !text.is_empty() && text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            match text.parse() {
                Ok(number) if digits || text.parse::<u8>().is_ok_and(|number| number < 128) => {
                    Gv::ok(Gv::of(Value::Int(number, IntType::Unknown)))
                }
                _ if text.is_empty()
                    || text.bytes().all(|byte| byte.is_ascii_alphabetic())
                        && text.len() > 1
                        && !matches!(text, "true" | "false") =>
                {
                    // No number, and no Boolean or character either.
                    Gv::err(Gv::of(Value::Opaque("a parse error".into())))
                }
                Ok(number)
                    if (0..=i128::from(u32::MAX)).contains(&number)
                        && text.bytes().all(|byte| byte.is_ascii_digit())
                        && number < 256 =>
                {
                    Gv::ok(Gv::of(Value::Int(number, IntType::Unknown)))
                }
                _ => interp.unknown("what type is parsed is not known"),
            }
        });
    };
    let ty = ty.innermost();
    if let Some(kind) = ty.integer() {
        return interp.ask(text, "a number", &mut |_, flat| match flat {
            [] => Some(error()),
            [Piece::Sym(
                sym @ (Sym::Minor | Sym::Patch | Sym::Year | Sym::Month | Sym::Day | Sym::LlvmMajor | Sym::LlvmMinor | Sym::LlvmPatch | Sym::BetaNumber | Sym::NumJobs),
            )] => Some(Gv::ok(Gv::of(Value::SymbolicInt(sym.clone(), 10)))),
            [Piece::Lit(text)] => Some(match text.parse::<i128>() {
                Ok(number) if crate::interp::fits_type(number, kind) && !(text.starts_with('-') && matches!(kind, IntType::Unsigned(_) | IntType::Usize)) => {
                    Gv::ok(Gv::of(Value::Int(number, kind)))
                }
                _ => error(),
            }),
            // Letters or punctuation anywhere make it no number.
            flat if flat.iter().any(|piece| matches!(piece, Piece::Lit(text) if text.bytes().any(|byte| !byte.is_ascii_digit() && byte != b'+' && byte != b'-'))) => {
                Some(error())
            }
            _ => None,
        });
    }
    match ty.name.as_str() {
        "bool" => literal(interp, text, "a Boolean", &|text| match text {
            "true" => Gv::ok(Gv::bool(true)),
            "false" => Gv::ok(Gv::bool(false)),
            _ => error(),
        }),
        "String" | "PathBuf" | "OsString" => Gv::ok(Gv::text(text.clone())),
        "char" => literal(interp, text, "a character", &|text| {
            let mut characters = text.chars();
            match (characters.next(), characters.next()) {
                (Some(character), None) => Gv::ok(Gv::of(Value::Char(character))),
                _ => error(),
            }
        }),
        name if name
            .strip_prefix("NonZero")
            .is_some_and(|kind| Ty::named(&kind.to_lowercase()).integer().is_some()) =>
        {
            let kind = Ty::named(&name["NonZero".len()..].to_lowercase());
            let number = parse_as(interp, text, Some(&kind));
            interp.each(&number, |interp, number| match number {
                Value::Enum(result) if &*result.variant == "Ok" => {
                    let zero = interp.equal(&result.fields[0].1, &Gv::of(Value::Int(0, IntType::Unknown)));
                    let zero = interp.truth(&zero);
                    interp.choose(zero, error(), Gv::of(number.clone()))
                }
                other => Gv::of(other.clone()),
            })
        }
        "Version" | "VersionReq" => super::versions::parse(interp, text, &ty.name),
        name => {
            let key = (Rc::from(name), Rc::from("from_str"));
            match interp.impls.get(&key).cloned() {
                Some(found) if found.len() == 1 => {
                    interp.call_item(found[0].1, vec![Gv::text(text.clone())], None)
                }
                _ => interp.unknown(&format!("parsing a `{name}` is not understood")),
            }
        }
    }
}
