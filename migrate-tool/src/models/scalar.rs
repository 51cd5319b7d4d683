//! Numbers, characters and Booleans.

use super::text::{parse_as, store};
use super::{Call, Method};
use crate::interp::{Interp, Ty, fits_type, surely_fits, wrap_type};
use crate::value::{Gv, IntType, Piece, Sym, Value};

pub(super) fn constant(_: &mut Interp<'_>, path: &str) -> Option<Gv> {
    let path = path.strip_prefix("std::").unwrap_or(path);
    let (ty, name) = path.split_once("::")?;
    let kind = Ty::named(ty).integer()?;
    let bits = crate::interp::type_bits(kind);
    let signed = matches!(kind, IntType::Signed(_) | IntType::Isize);
    let number = match name {
        "MAX" if signed => (1i128 << (bits - 1)) - 1,
        "MAX" => (1i128 << bits) - 1,
        "MIN" if signed => -(1i128 << (bits - 1)),
        "MIN" => 0,
        "BITS" => i128::from(bits),
        _ => return None,
    };
    Some(Gv::of(Value::Int(number, kind)))
}

/// `u32::from_str_radix`, `u8::from`, …
pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Gv> {
    let path = call.path.strip_prefix("std::").unwrap_or(call.path);
    let (ty, name) = path.split_once("::")?;
    if let ("mem", "take" | "replace") = (ty, name) {
        let Some(Value::Ref(place)) = call.arg(0).single().cloned() else { return None };
        let before = interp.read_place(&place);
        let new = if name == "replace" {
            call.arg(1)
        } else {
            match before.single() {
                Some(Value::Text(_)) => Gv::str(""),
                Some(Value::Seq(_)) => Gv::list([]),
                Some(Value::Map(map)) => Gv::of(super::list::empty_map(map.sorted, map.set)),
                Some(Value::Enum(value)) if &*value.name == "Option" => Gv::none(),
                Some(Value::Bool(_)) => Gv::bool(false),
                _ => return None,
            }
        };
        interp.write_place(&place, new);
        return Some(before);
    }
    if matches!((ty, name), ("mem", "drop" | "forget")) || path == "drop" {
        return Some(Gv::unit());
    }
    if let ("cmp", "max" | "min") = (ty, name) {
        let (a, b) = (call.arg(0), call.arg(1));
        let less = interp.ordered(&a, &b, "<");
        let less = interp.truth(&less);
        return Some(if name == "max" { interp.choose(less, b, a) } else { interp.choose(less, a, b) });
    }
    let kind = Ty::named(ty).integer()?;
    let value = interp.deref_all(&call.arg(0));
    match name {
        "from_str_radix" => {
            let radix = super::text::int(&call.arg(1)).and_then(|radix| u32::try_from(radix).ok())?;
            Some(interp.each(&value, |interp, value| {
                let Value::Text(text) = value else { return interp.unknown("what is parsed is not known") };
                if let Some(sym @ Sym::Dep(..)) = text.as_sym() {
                    // A number as far as anyone can tell; the schema compares it as one.
                    return Gv::ok(Gv::of(Value::SymbolicInt(sym.clone(), radix)));
                }
                interp.ask(text, "a number", &mut |_, flat| {
                    let text = match flat {
                        [] => "",
                        [Piece::Lit(text)] => text,
                        _ => return None,
                    };
                    Some(match i128::from_str_radix(text, radix) {
                        Ok(number) if fits_type(number, kind) => Gv::ok(Gv::of(Value::Int(number, kind))),
                        _ => Gv::err(Gv::of(Value::Opaque("a parse error".into()))),
                    })
                })
            }))
        }
        "from_str" => Some(interp.each(&value, |interp, value| match value {
            Value::Text(text) => parse_as(interp, text, Some(&Ty::named(ty))),
            _ => interp.unknown("what is parsed is not known"),
        })),
        "from" => Some(interp.cast(&value, Some(&Ty::named(ty)))),
        "try_from" => Some(interp.each(&value, |interp, value| match value {
            Value::Int(number, _) if fits_type(*number, kind) => Gv::ok(Gv::of(Value::Int(*number, kind))),
            Value::Int(..) => Gv::err(Gv::of(Value::Opaque("a conversion error".into()))),
            _ => interp.unknown("this conversion is not understood"),
        })),
        _ => None,
    }
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Gv> {
    let same = || Gv::of(method.value.clone());
    match method.value {
        Value::Int(number, kind) => match method.args.first() {
            Some(arg) if !matches!(arg.single(), Some(Value::Int(..))) => {
                let arg = interp.deref_all(arg);
                let known = interp.each(&arg, |interp, one| interp.numbers(one));
                let name = method.name;
                Some(interp.each(&known, |interp, one| {
                    let mut args = method.args.to_vec();
                    args[0] = Gv::of(one.clone());
                    let method = Method { args: &args, ..*method };
                    int_method(interp, &method, *number, *kind).unwrap_or_else(|| {
                        interp.unknown(&format!("the method `{name}` of integer is not understood"))
                    })
                }))
            }
            _ => int_method(interp, method, *number, *kind),
        },
        Value::Bool(value) => Some(match method.name {
            "then" => {
                if !value {
                    return Some(Gv::none());
                }
                let result = interp.call_value(&method.arg(0), vec![]);
                if result.is_never() { result } else { Gv::some(result) }
            }
            "then_some" => {
                if *value {
                    Gv::some(method.arg(0))
                } else {
                    Gv::none()
                }
            }
            "to_string" => Gv::str(&value.to_string()),
            "clone" | "to_owned" | "into" => same(),
            "not" => Gv::bool(!value),
            _ => return None,
        }),
        Value::Char(character) => char_method(interp, method, *character),
        Value::Range { start, end, .. } => {
            if matches!(method.name, "contains") {
                let (start, end) = (*start, *end);
                let item = interp.deref_all(&method.arg(0));
                return Some(interp.each(&item, |interp, item| match item {
                    Value::Int(number, _) => Gv::bool(
                        start.is_none_or(|start| *number >= start) && end.is_none_or(|end| *number < end),
                    ),
                    _ => interp.unknown("whether a range holds this is not known"),
                }));
            }
            None
        }
        _ => None,
    }
}

fn int_method(interp: &mut Interp<'_>, method: &Method<'_>, number: i128, kind: IntType) -> Option<Gv> {
    // A literal is of the type of what it meets.
    let kind = match method.args.first().and_then(Gv::single) {
        Some(Value::Int(_, other)) if kind == IntType::Unknown && method.name != "pow" => *other,
        _ => kind,
    };
    let same = || Gv::of(Value::Int(number, kind));
    let other = || super::text::int(&method.arg(0));
    Some(match method.name {
        "to_string" => Gv::str(&number.to_string()),
        // `get` of a `NonZero…`, which is its number here.
        "clone" | "to_owned" | "into" | "as_ref" | "borrow" | "get" => same(),
        "abs" => {
            let positive = number.checked_abs().filter(|result| fits_type(*result, kind))?;
            Gv::of(Value::Int(positive, kind))
        }
        "unsigned_abs" => {
            let unsigned = match kind {
                IntType::Signed(bits) => IntType::Unsigned(bits),
                IntType::Isize => IntType::Usize,
                kind => kind,
            };
            Gv::of(Value::Int(number.checked_abs()?, unsigned))
        }
        "signum" => Gv::of(Value::Int(number.signum(), kind)),
        "is_negative" => Gv::bool(number < 0),
        "is_positive" => Gv::bool(number > 0),
        "is_ascii_digit"
        | "is_ascii_alphabetic"
        | "is_ascii_alphanumeric"
        | "is_ascii_whitespace"
        | "is_ascii_uppercase"
        | "is_ascii_lowercase"
        | "is_ascii_hexdigit"
        | "to_ascii_uppercase"
        | "to_ascii_lowercase" => {
            let byte = u8::try_from(number).ok()?;
            return char_method(interp, method, char::from(byte)).map(|result| match result.single() {
                Some(Value::Char(character)) => Gv::of(Value::Int(i128::from(u32::from(*character)), kind)),
                _ => result,
            });
        }
        "pow" => {
            let exponent = u32::try_from(other()?).ok()?;
            let result = number.checked_pow(exponent).filter(|result| surely_fits(*result, kind))?;
            Gv::of(Value::Int(result, kind))
        }
        "wrapping_add" | "wrapping_sub" | "wrapping_mul" if kind == IntType::Unknown => return None,
        "wrapping_add" => Gv::of(Value::Int(wrap_type(number + other()?, kind), kind)),
        "wrapping_sub" => Gv::of(Value::Int(wrap_type(number - other()?, kind), kind)),
        "wrapping_mul" => Gv::of(Value::Int(wrap_type(number.checked_mul(other()?)?, kind), kind)),
        // Below nothing there is nothing, where the type has nothing below.
        "saturating_sub" if number >= 0 && other()? >= 0 => {
            let result = number - other()?;
            let unsigned = matches!(kind, IntType::Unsigned(_) | IntType::Usize);
            match result {
                result if fits_type(result, kind) && !(result < 0 && kind == IntType::Unknown) => {
                    Gv::of(Value::Int(result, kind))
                }
                _ if unsigned => Gv::of(Value::Int(0, kind)),
                _ => return None,
            }
        }
        "saturating_add" => {
            let result = number.checked_add(other()?).filter(|result| surely_fits(*result, kind))?;
            Gv::of(Value::Int(result, kind))
        }
        "checked_add" | "checked_sub" | "checked_mul" | "checked_div" | "checked_rem" => {
            let other = other()?;
            let result = match method.name {
                "checked_add" => number.checked_add(other),
                "checked_sub" => number.checked_sub(other),
                "checked_div" => number.checked_div(other),
                "checked_rem" => number.checked_rem(other),
                _ => number.checked_mul(other),
            };
            if kind == IntType::Unknown && !result.is_some_and(|result| surely_fits(result, kind)) {
                return None;
            }
            match result.filter(|result| fits_type(*result, kind)) {
                Some(result) => Gv::some(Gv::of(Value::Int(result, kind))),
                None => Gv::none(),
            }
        }
        "max" | "min" => {
            let other = other()?;
            Gv::of(Value::Int(if method.name == "max" { number.max(other) } else { number.min(other) }, kind))
        }
        "rem_euclid" => Gv::of(Value::Int(number.checked_rem_euclid(other()?)?, kind)),
        "div_ceil" if number >= 0 => {
            let other = other()?;
            Gv::of(Value::Int(number.checked_add(other.checked_sub(1)?)?.checked_div(other)?, kind))
        }
        "abs_diff" => {
            let difference = number.checked_sub(other()?)?.checked_abs()?;
            return matches!(kind, IntType::Unsigned(_) | IntType::Usize)
                .then(|| Gv::of(Value::Int(difference, kind)));
        }
        "clamp" => {
            let (low, high) = (other()?, super::text::int(&method.arg(1))?);
            (low <= high).then(|| Gv::of(Value::Int(number.clamp(low, high), kind)))?
        }
        "is_power_of_two" => Gv::bool(number > 0 && number & (number - 1) == 0),
        "count_ones" => Gv::of(Value::Int(i128::from(number.count_ones()), IntType::Unsigned(32))),
        "try_into" => {
            let wanted = method.hint.and_then(|hint| hint.innermost().integer())?;
            if fits_type(number, wanted) {
                Gv::ok(Gv::of(Value::Int(number, wanted)))
            } else {
                Gv::err(Gv::of(Value::Opaque("a conversion error".into())))
            }
        }
        "cmp" | "partial_cmp" => {
            let order = number.cmp(&other()?);
            let order = Gv::of(Value::External(format!("std::cmp::Ordering::{order:?}").into()));
            if method.name == "cmp" { order } else { Gv::some(order) }
        }
        _ => return None,
    })
}

fn char_method(interp: &mut Interp<'_>, method: &Method<'_>, character: char) -> Option<Gv> {
    let _ = store;
    Some(match method.name {
        "is_ascii_digit" => Gv::bool(character.is_ascii_digit()),
        "is_digit" => {
            let radix = u32::try_from(super::text::int(&method.arg(0))?).ok()?;
            Gv::bool(character.is_digit(radix))
        }
        "is_numeric" => Gv::bool(character.is_numeric()),
        "is_alphabetic" => Gv::bool(character.is_alphabetic()),
        "is_alphanumeric" => Gv::bool(character.is_alphanumeric()),
        "is_ascii_alphabetic" => Gv::bool(character.is_ascii_alphabetic()),
        "is_ascii_alphanumeric" => Gv::bool(character.is_ascii_alphanumeric()),
        "is_ascii_hexdigit" => Gv::bool(character.is_ascii_hexdigit()),
        "is_whitespace" => Gv::bool(character.is_whitespace()),
        "is_ascii_whitespace" => Gv::bool(character.is_ascii_whitespace()),
        "is_uppercase" => Gv::bool(character.is_uppercase()),
        "is_lowercase" => Gv::bool(character.is_lowercase()),
        "is_ascii_uppercase" => Gv::bool(character.is_ascii_uppercase()),
        "is_ascii_lowercase" => Gv::bool(character.is_ascii_lowercase()),
        "is_ascii" => Gv::bool(character.is_ascii()),
        "is_ascii_punctuation" => Gv::bool(character.is_ascii_punctuation()),
        "to_ascii_uppercase" => Gv::of(Value::Char(character.to_ascii_uppercase())),
        "to_ascii_lowercase" => Gv::of(Value::Char(character.to_ascii_lowercase())),
        "to_uppercase" => Gv::list(character.to_uppercase().map(|c| Gv::of(Value::Char(c)))),
        "to_lowercase" => Gv::list(character.to_lowercase().map(|c| Gv::of(Value::Char(c)))),
        "to_string" => Gv::str(&character.to_string()),
        "to_digit" => {
            let radix = u32::try_from(super::text::int(&method.arg(0))?).ok()?;
            character.to_digit(radix).map_or_else(Gv::none, |digit| {
                Gv::some(Gv::of(Value::Int(i128::from(digit), IntType::Unsigned(32))))
            })
        }
        "len_utf8" => Gv::usize(character.len_utf8()),
        "clone" | "to_owned" | "into" => Gv::of(Value::Char(character)),
        "eq_ignore_ascii_case" => interp.equal(&Gv::of(Value::Char(character)), &method.arg(0)),
        _ => return None,
    })
}
