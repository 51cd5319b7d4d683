//! `str`, `String`, `OsStr`, and bytes that are UTF-8.

mod affix;
mod contains;
mod parse;
mod pattern;
mod replace;
mod split;

pub(super) use self::parse::parse_as;
use std::rc::Rc;

use self::affix::{affix, trim, trim_closure};
use self::contains::contains;
use self::parse::parse;
use self::pattern::{note_glob, pattern_find, pattern_test, pattern_text, with_pattern};
use self::replace::replace;
use self::split::{lines, split, split_whitespace};
use crate::interp::Interp;
use crate::interp::concat;
use crate::models::{Call, Method};
use crate::semantics::texts::width;
use crate::value::{Cases, IntType, Piece, Sym, Text, TextClass, TextType, Value};

/// Models `String::from`, `str::from_utf8` and similar functions.
pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    let name = call.path.rsplit("::").next()?;
    Some(match name {
        "new" | "default" if call.args.is_empty() => Cases::str(""),
        "with_capacity" => Cases::str(""),
        "new" | "from" | "to_string"
            if !matches!(call.arg(0).single(), Some(Value::Char(_) | Value::Int(..))) =>
        {
            let ty = match call.path {
                "std::ffi::OsStr::new" => TextType::OsStr,
                "std::ffi::OsString::new" | "std::ffi::OsString::from" => TextType::OsString,
                _ => TextType::String,
            };
            retyped(interp, &call.arg(0), ty)
        }
        "from" => match call.arg(0).single() {
            Some(Value::Char(character)) => Cases::string(&character.to_string()),
            _ => return None,
        },
        "from_utf8" => super::bytes::as_text(interp, &call.arg(0), TextType::String),
        "from_utf8_lossy" => super::bytes::lossy(interp, &call.arg(0)),
        "from_str" => Cases::ok(call.arg(0)),
        "from_utf8_unchecked" => {
            let text = super::bytes::as_text(interp, &call.arg(0), TextType::String);
            interp.call_method(&text, "unwrap", &[], None, &[])
        }
        "from_encoded_bytes_unchecked" | "from_bytes" => retyped(interp, &call.arg(0), TextType::OsStr),
        _ => return None,
    })
}

/// Returns a text with another type.
pub(super) fn retyped(interp: &mut Interp<'_>, value: &Cases, ty: TextType) -> Cases {
    let value = interp.deref_all(value);
    interp.each(&value, |interp, value| match value {
        Value::Text(text) => Cases::text(text.clone().typed(ty)),
        other => {
            let reason = format!("{} as a text is not understood", other.kind());
            interp.unknown(&reason)
        }
    })
}

/// Models the methods of texts; `None` if the method is not one of them.
pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    let Value::Text(text) = method.value else { return None };
    let name = method.name;
    let same = || Cases::text(text.clone());
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
            // The result of these is a `str`, a `Path`, an `OsStr` or bytes, as the context requires.
            if matches!(name, "as_ref" | "as_mut" | "borrow") {
                return Some(Cases::text(text.clone().typed(TextType::Unknown)));
            }
            same()
        }
        "to_str" => Cases::some(same()),
        // A `Box<str>` always has a `String`; an `OsString` may not.
        "into_string" if text.class() == Some(TextClass::Str) => same(),
        "into_string" | "try_into" => Cases::ok(same()),
        "is_empty" => interp.ask(text, "whether a text is empty", &mut |interp, flat| {
            if flat.iter().any(|piece| {
                matches!(piece, Piece::Lit(_)) || matches!(piece, Piece::Sym(sym) if sym.never_empty())
            }) {
                return Some(Cases::bool(false));
            }
            let guard = interp.flat_equals(flat, "")?;
            Some(interp.boolean(guard))
        }),
        "len" => interp.ask(text, "its length", &mut |interp, flat| {
            if let [Piece::Sym(Sym::DepFirst(..))] = flat {
                let empty = interp.flat_equals(flat, "")?;
                let some = Cases::of(Value::SymbolicInt(Sym::Opaque(Sym::SOME_LENGTH.into()), 10));
                return Some(interp.choose(empty, Cases::usize(0), some));
            }
            let total: Option<usize> = flat.iter().map(width).sum();
            total.map(Cases::usize)
        }),
        "eq" => interp.equal(&same(), &method.arg(0)),
        "ne" => {
            let equal = interp.equal(&same(), &method.arg(0));
            interp.negate(&equal)
        }
        "eq_ignore_ascii_case" => with_text(interp, &method.arg(0), &mut |interp, other| {
            let other = other.to_ascii_lowercase();
            literal(interp, text, "a comparison", &|text| Cases::bool(text.to_ascii_lowercase() == other))
        }),
        "contains" => {
            with_pattern(interp, &method.arg(0), &mut |interp, pattern| contains(interp, text, pattern))
        }
        "starts_with" => with_pattern(interp, &method.arg(0), &mut |interp, pattern| {
            if matches!(text.as_sym(), Some(Sym::Opaque(what)) if &**what == super::env::ANOTHER_VARIABLE)
                && pattern_text(pattern).as_deref() == Some("CARGO_FEATURE_")
            {
                return Cases::bool(false);
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
            with_pattern(interp, &method.arg(0), &mut |interp, pattern| {
                if front
                    && matches!(text.as_sym(), Some(Sym::Opaque(what)) if &**what == super::env::ANOTHER_VARIABLE)
                    && pattern_text(pattern).as_deref() == Some("CARGO_FEATURE_")
                {
                    // The variables of features are all known.
                    return Cases::none();
                }
                note_glob(
                    interp,
                    text,
                    pattern,
                    |text| if front { format!("{text}*") } else { format!("*{text}") },
                );
                affix(interp, text, pattern, front, &mut |_, stripped| match stripped {
                    Some(stripped) => Cases::some(Cases::text(stripped)),
                    None => Cases::none(),
                })
            })
        }
        "trim_ascii" | "trim_ascii_start" | "trim_ascii_end"
            if text.pieces().any(|piece| matches!(piece, Piece::Lit(text) if odd_space(text))) =>
        {
            return Some(interp.unknown("what is white space here is not understood"));
        }
        "trim" | "trim_start" | "trim_end" | "trim_ascii" | "trim_ascii_start" | "trim_ascii_end"
        | "trim_left" | "trim_right" => trim(interp, text, name),
        "trim_start_matches" | "trim_end_matches" | "trim_matches" | "trim_left_matches"
        | "trim_right_matches" => {
            with_pattern(interp, &method.arg(0), &mut |interp, pattern| {
                let Some(test) = pattern_test(pattern) else {
                    return trim_closure(interp, text, pattern, name);
                };
                if name.contains("start") || name.contains("left") {
                    // Characters are removed from the known beginning only.
                    return interp.ask(text, "trimming", &mut |_, flat| {
                        let Some(Piece::Lit(first)) = flat.first() else {
                            return if flat.is_empty() { Some(Cases::str("")) } else { None };
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
                        Some(Cases::text(Text::from_flat(pieces)))
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
                    Cases::str(text)
                })
            })
        }
        "split" | "rsplit" | "split_terminator" | "rsplit_terminator" | "splitn" | "rsplitn"
        | "split_once" | "rsplit_once" | "split_inclusive" => {
            let at = usize::from(name.ends_with("splitn"));
            let limit = if at == 1 { int(&method.arg(0)) } else { None };
            if at == 1 && limit.is_none() {
                return None;
            }
            with_pattern(interp, &method.arg(at), &mut |interp, pattern| {
                split(interp, text, pattern, name, limit)
            })
        }
        "split_whitespace" => split_whitespace(interp, text),
        // A vertical tab and white space beyond ASCII are white space in Unicode, but not for this method.
        "split_ascii_whitespace" => {
            if text.pieces().any(|piece| matches!(piece, Piece::Lit(text) if odd_space(text))) {
                return Some(interp.unknown("what is white space here is not understood"));
            }
            split_whitespace(interp, text)
        }
        "lines" => lines(interp, text),
        "chars" => literal(interp, text, "its characters", &|text| {
            Cases::list(text.chars().map(|c| Cases::of(Value::Char(c))))
        }),
        "char_indices" => literal(interp, text, "its characters", &|text| {
            Cases::list(text.char_indices().map(|(at, c)| {
                Cases::of(Value::Tuple(Rc::from([Cases::usize(at), Cases::of(Value::Char(c))])))
            }))
        }),
        "bytes" | "iter" | "into_iter" | "iter_mut" => literal(interp, text, "its bytes", &|text| {
            Cases::list(
                text.bytes().map(|byte| Cases::of(Value::Int(i128::from(byte), IntType::Unsigned(8)))),
            )
        }),
        "first" | "last" => literal(interp, text, "its bytes", &|text| {
            let byte = if name == "first" { text.bytes().next() } else { text.bytes().last() };
            byte.map_or_else(Cases::none, |byte| {
                Cases::some(Cases::of(Value::Int(i128::from(byte), IntType::Unsigned(8))))
            })
        }),
        "to_uppercase" => literal(interp, text, "its upper case", &|text| Cases::str(&text.to_uppercase())),
        "to_ascii_uppercase" => {
            literal(interp, text, "its upper case", &|text| Cases::str(&text.to_ascii_uppercase()))
        }
        "to_lowercase" => lower(interp, text, &|text| text.to_lowercase()),
        "to_ascii_lowercase" => lower(interp, text, &|text| text.to_ascii_lowercase()),
        "make_ascii_uppercase" | "make_ascii_lowercase" if method.place.is_none() => return None,
        "make_ascii_uppercase" | "make_ascii_lowercase" => {
            let changed = literal(interp, text, "its case", &|text| {
                Cases::str(&if name.ends_with("uppercase") {
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
            literal(interp, text, "repeating it", &|text| Cases::str(&text.repeat(count)))
        }
        "parse" => parse(interp, text, method),
        "find" | "rfind" | "position" => with_pattern(interp, &method.arg(0), &mut |interp, pattern| {
            let test = pattern_find(pattern);
            let closure = Cases::of(pattern.clone());
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
                            match interp
                                .call_value(&closure, vec![Cases::of(Value::Char(character))])
                                .single()
                            {
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
                    Some(at) if flat.len() <= 1 || name != "rfind" => Some(Cases::some(Cases::usize(at))),
                    None if flat.len() <= 1 => Some(Cases::none()),
                    _ => None,
                }
            })
        }),
        "matches" | "rmatches" | "match_indices" | "rmatch_indices" => {
            with_pattern(interp, &method.arg(0), &mut |interp, pattern| match pattern {
                Value::Text(pattern) if pattern.as_lit().is_some() => {
                    let pattern = pattern.as_lit().unwrap_or_default().to_owned();
                    literal(interp, text, "what it holds", &|text| matches_of(text, &pattern, name))
                }
                Value::Char(c) => {
                    let pattern = c.to_string();
                    literal(interp, text, "what it holds", &|text| matches_of(text, &pattern, name))
                }
                _ => interp.unknown("what is looked for is not known"),
            })
        }
        "get" => {
            let range = method.arg(0);
            match range.single() {
                Some(Value::Range { start, end, .. }) => {
                    let (start, end) = (*start, *end);
                    literal(interp, text, "a part of it", &|text| {
                        let start = usize::try_from(start.unwrap_or(0)).unwrap_or(usize::MAX);
                        let end = end.map_or(text.len(), |end| usize::try_from(end).unwrap_or(usize::MAX));
                        text.get(start..end).map_or_else(Cases::none, |part| Cases::some(Cases::str(part)))
                    })
                }
                Some(Value::Int(index, _)) => {
                    let index = usize::try_from(*index).ok()?;
                    literal(interp, text, "a byte of it", &|text| {
                        text.as_bytes().get(index).map_or_else(Cases::none, |byte| {
                            Cases::some(Cases::of(Value::Int(i128::from(*byte), IntType::Unsigned(8))))
                        })
                    })
                }
                _ => return None,
            }
        }
        "is_ascii" => literal(interp, text, "its characters", &|text| Cases::bool(text.is_ascii())),
        "cmp" | "partial_cmp" => return None,
        "push_str" | "push" | "extend" | "extend_from_slice" | "write_str" | "write_char" | "write_fmt" => {
            let added = if matches!(name, "extend") {
                let mut whole = Cases::str("");
                let items = interp.items_of(&method.arg(0));
                for (guard, item) in items {
                    if !guard.is_true() {
                        return None;
                    }
                    let item = interp.display(&item, None);
                    whole = concat(interp, &whole, &item);
                }
                whole
            } else {
                match method.arg(0).single() {
                    // A byte that is pushed onto bytes.
                    Some(Value::Int(byte, _)) => {
                        let byte = u8::try_from(*byte).ok().filter(u8::is_ascii)?;
                        Cases::str(&char::from(byte).to_string())
                    }
                    _ => {
                        let arg = method.arg(0);
                        interp.display(&arg, None)
                    }
                }
            };
            let whole = concat(interp, &same(), &added);
            let stored = store(interp, method, whole);
            if name.starts_with("write") && !stored.is_never() { Cases::ok(Cases::unit()) } else { stored }
        }
        "clear" => store(interp, method, Cases::str("")),
        "truncate" => {
            let length = usize::try_from(int(&method.arg(0))?).ok()?;
            let cut = interp.ask_literal(text, "its length", &mut |interp, text| match text
                .get(..length.min(text.len()))
            {
                Some(cut) => Cases::str(cut),
                None => interp.panic(Text::lit("assertion failed: self.is_char_boundary(new_len)")),
            });
            store(interp, method, cut)
        }
        "pop" => {
            let last = literal(interp, text, "its end", &|text| {
                text.chars().last().map_or_else(Cases::none, |last| Cases::some(Cases::of(Value::Char(last))))
            });
            let cut = literal(interp, text, "its end", &|text| {
                let mut text = text.to_owned();
                text.pop();
                Cases::str(&text)
            });
            store(interp, method, cut);
            last
        }
        "flush" | "reserve" | "shrink_to_fit" => Cases::unit(),
        "split_at" | "is_char_boundary" => {
            let at = usize::try_from(int(&method.arg(0))?).ok()?;
            let split = name == "split_at";
            interp.ask_literal(text, "a part of it", &mut |interp, text| match text.is_char_boundary(at) {
                fits if !split => Cases::bool(fits),
                true => {
                    let (front, rest) = text.split_at(at);
                    Cases::of(Value::Tuple(Rc::from([Cases::str(front), Cases::str(rest)])))
                }
                false => interp.panic(Text::lit("failed to slice string")),
            })
        }
        "split_off" => {
            let at = usize::try_from(int(&method.arg(0))?).ok()?;
            let whole = text.as_lit()?.to_owned();
            let (Some(front), Some(rest)) = (whole.get(..at), whole.get(at..)) else {
                return Some(interp.panic(Text::lit("assertion failed: self.is_char_boundary(at)")));
            };
            store(interp, method, Cases::string(front));
            if interp.dead() { Cases::never() } else { Cases::string(rest) }
        }
        "retain" => {
            let whole = text.as_lit()?.to_owned();
            let mut kept = String::new();
            for character in whole.chars() {
                let answer = interp.call_value(&method.arg(0), vec![Cases::of(Value::Char(character))]);
                if interp.dead() {
                    return Some(Cases::never());
                }
                match answer.single() {
                    Some(Value::Bool(true)) => kept.push(character),
                    Some(Value::Bool(false)) => {}
                    _ => return Some(interp.unknown("which characters are kept is not known")),
                }
            }
            store(interp, method, Cases::string(&kept))
        }
        "insert" | "insert_str" => {
            let at = usize::try_from(int(&method.arg(0))?).ok()?;
            let added = interp.deref_all(&method.arg(1));
            let added = interp.display(&added, None);
            let added = added.literal()?.to_owned();
            let whole = interp.ask_literal(text, "a part of it", &mut |interp, text| match (
                text.get(..at),
                text.get(at..),
            ) {
                (Some(front), Some(rest)) => Cases::string(&format!("{front}{added}{rest}")),
                _ => interp.panic(Text::lit("assertion failed: self.is_char_boundary(idx)")),
            });
            store(interp, method, whole)
        }
        "remove" => {
            let at = usize::try_from(int(&method.arg(0))?).ok()?;
            let literal = text.as_lit()?;
            match literal.get(at..).and_then(|rest| rest.chars().next()) {
                Some(removed) => {
                    let rest = format!("{}{}", &literal[..at], &literal[at + removed.len_utf8()..]);
                    store(interp, method, Cases::string(&rest));
                    Cases::of(Value::Char(removed))
                }
                None => interp.panic(Text::lit("cannot remove a char from the end of a string")),
            }
        }
        _ => return None,
    })
}

/// Models `escape_default` and `escape_debug`; a symbol that cannot contain an escaped character stays as it is.
fn escaped(interp: &mut Interp<'_>, text: &Text, name: &str) -> Cases {
    interp.ask(text, "its escaped text", &mut |_, flat| {
        let piece = |piece: &Piece| match piece {
            Piece::Lit(text) if name == "escape_debug" => {
                Some(Piece::Lit(text.escape_debug().to_string().into()))
            }
            Piece::Lit(text) => Some(Piece::Lit(text.escape_default().to_string().into())),
            // Most symbols consist of letters, digits and dashes.
            Piece::Sym(sym) => {
                (!sym.may_hold('\\') && !sym.may_hold('"') && !sym.may_hold('\n')).then(|| piece.clone())
            }
        };
        let pieces: Option<Vec<Piece>> = flat.iter().map(piece).collect();
        Some(Cases::text(Text::from_flat(pieces?)))
    })
}

/// Models `matches` and similar methods.
fn matches_of(text: &str, pattern: &str, name: &str) -> Cases {
    let pair = |(at, part): (usize, &str)| {
        let part = Cases::text(Text::lit(part).typed(TextType::Str));
        Cases::of(Value::Tuple(Rc::from([Cases::usize(at), part])))
    };
    match name {
        "matches" => Cases::list(text.matches(pattern).map(Cases::str)),
        "rmatches" => Cases::list(text.rmatches(pattern).map(Cases::str)),
        "match_indices" => Cases::list(text.match_indices(pattern).map(pair)),
        _ => Cases::list(text.rmatch_indices(pattern).map(pair)),
    }
}

/// Returns whether a text contains white space that is not ASCII white space.
fn odd_space(text: &str) -> bool {
    text.chars().any(|c| c.is_whitespace() && !c.is_ascii_whitespace())
}

fn interp_bool(_: &mut Interp<'_>, value: bool) -> Cases {
    Cases::bool(value)
}

/// Stores a changed text in the place that the method was called on.
pub(super) fn store(interp: &mut Interp<'_>, method: &Method<'_>, value: Cases) -> Cases {
    if interp.dead() {
        return Cases::never();
    }
    match method.place {
        Some(place) => {
            interp.write_place(place, value);
            if interp.dead() { Cases::never() } else { Cases::unit() }
        }
        // The changed value is either a temporary or in a place that is not known.
        None => interp.unknown("where this is changed is not known"),
    }
}

/// Returns the number that a value is on every path.
pub(super) fn int(value: &Cases) -> Option<i128> {
    match value.single()? {
        Value::Int(number, _) => Some(*number),
        _ => None,
    }
}

fn literal(interp: &mut Interp<'_>, text: &Text, what: &str, f: &dyn Fn(&str) -> Cases) -> Cases {
    interp.ask_literal(text, what, &mut |_, text| f(text))
}

/// Calls `f` with each text that a value may be; each must be known.
fn with_text(
    interp: &mut Interp<'_>,
    value: &Cases,
    f: &mut dyn FnMut(&mut Interp<'_>, &str) -> Cases,
) -> Cases {
    let value = interp.deref_all(value);
    interp.each(&value, |interp, value| match value {
        Value::Text(text) => interp.ask_literal(text, "a text", f),
        _ => interp.unknown("a text is not known"),
    })
}

fn lower(interp: &mut Interp<'_>, text: &Text, lower: &dyn Fn(&str) -> String) -> Cases {
    interp.ask(text, "its lower case", &mut |_, flat| {
        let pieces: Option<Vec<Piece>> = flat
            .iter()
            .map(|piece| match piece {
                Piece::Lit(text) => Some(Piece::Lit(Rc::from(lower(text)))),
                Piece::Sym(sym) if ('A'..='Z').all(|upper| !sym.may_hold(upper)) => Some(piece.clone()),
                Piece::Sym(_) => None,
            })
            .collect();
        Some(Cases::text(Text::from_flat(pieces?)))
    })
}
