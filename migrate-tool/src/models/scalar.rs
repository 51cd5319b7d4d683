//! Numbers, characters and Booleans.

use super::text::{parse_as, store};
use super::{Call, Method};
use crate::interp::{Interp, Ty, WHICH_REFERENCE, fits_type, surely_fits, wrap_type};
use crate::value::{Cases, IntType, Piece, SeqKind, Sym, Text, TextType, Value};

pub(super) fn constant(interp: &mut Interp<'_>, path: &str) -> Option<Cases> {
    let path = path.strip_prefix("std::").unwrap_or(path);
    let (ty, name) = path.split_once("::")?;
    let kind = Ty::named(ty).integer()?;
    let bits = crate::interp::type_bits(kind);
    let signed = matches!(kind, IntType::Signed(_) | IntType::Isize);
    let number = match name {
        "MAX" if kind == IntType::Unsigned(128) => {
            return Some(interp.unknown("a number this large is not understood"));
        }
        "MAX" if kind == IntType::Signed(128) => i128::MAX,
        "MIN" if kind == IntType::Signed(128) => i128::MIN,
        "MAX" if signed => (1i128 << (bits - 1)) - 1,
        "MAX" => (1i128 << bits) - 1,
        "MIN" if signed => -(1i128 << (bits - 1)),
        "MIN" => 0,
        "BITS" => return Some(Cases::of(Value::Int(i128::from(bits), IntType::Unsigned(32)))),
        _ => return None,
    };
    Some(Cases::of(Value::Int(number, kind)))
}

/// Models associated functions of numbers and characters: `u32::from_str_radix`, `u8::from`, …
pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    let path = call.path.strip_prefix("std::").unwrap_or(call.path);
    if path == "drop" {
        interp.note_flushed(&call.arg(0));
        interp.give_back_of(&call.arg(0));
        return Some(Cases::unit());
    }
    let (ty, name) = path.split_once("::")?;
    if let ("mem", "take" | "replace") = (ty, name) {
        let Some(Value::Ref(place)) = call.arg(0).single().cloned() else { return None };
        if interp.flattened.contains(&place.cell) {
            return Some(interp.unknown(WHICH_REFERENCE));
        }
        let before = interp.read_place(&place);
        let new = if name == "replace" { call.arg(1) } else { taken(interp, &before)? };
        interp.write_place(&place, new);
        return Some(before);
    }
    if let ("mem", "swap") = (ty, name) {
        let (a, b) = (call.arg(0), call.arg(1));
        let (Some(Value::Ref(a)), Some(Value::Ref(b))) = (a.single(), b.single()) else { return None };
        let (a, b) = (std::rc::Rc::clone(a), std::rc::Rc::clone(b));
        if [&a, &b].into_iter().any(|place| interp.flattened.contains(&place.cell)) {
            return Some(interp.unknown(WHICH_REFERENCE));
        }
        let (first, second) = (interp.read_place(&a), interp.read_place(&b));
        interp.write_place(&a, second);
        interp.write_place(&b, first);
        return Some(if interp.dead() { Cases::never() } else { Cases::unit() });
    }
    if matches!((ty, name), ("mem", "drop")) {
        interp.note_flushed(&call.arg(0));
        interp.give_back_of(&call.arg(0));
        return Some(Cases::unit());
    }
    if let ("cmp", "max" | "min") = (ty, name) {
        let (a, b) = (call.arg(0), call.arg(1));
        let less = interp.ordered(&a, &b, "<");
        let less = interp.truth(&less);
        return Some(if name == "max" { interp.choose(less, b, a) } else { interp.choose(less, a, b) });
    }
    if ty == "char" {
        return character(interp, call, name);
    }
    let kind = Ty::named(ty).integer()?;
    let value = interp.deref_all(&call.arg(0));
    match name {
        "from_str_radix" => {
            let radix = super::text::int(&call.arg(1)).and_then(|radix| u32::try_from(radix).ok())?;
            if !(2..=36).contains(&radix) {
                return Some(
                    interp.panic(Text::lit("from_ascii_radix: radix must lie in the range `[2, 36]`")),
                );
            }
            Some(interp.each(&value, |interp, value| {
                let Value::Text(text) = value else { return interp.unknown("what is parsed is not known") };
                if let Some(sym @ Sym::Dep(..)) = text.as_sym() {
                    // A number as far as anyone can tell; the schema compares it as one.
                    return Cases::ok(Cases::of(Value::SymbolicInt(sym.clone(), radix)));
                }
                interp.ask(text, "a number", &mut |_, flat| {
                    let text = match flat {
                        [] => "",
                        [Piece::Lit(text)] => text,
                        _ => return None,
                    };
                    let unsigned = matches!(kind, IntType::Unsigned(_) | IntType::Usize);
                    // No number here holds it.
                    if kind == IntType::Unsigned(128)
                        && u128::from_str_radix(text, radix).is_ok_and(|wide| i128::try_from(wide).is_err())
                    {
                        return None;
                    }
                    Some(match i128::from_str_radix(text, radix) {
                        // `-0` is no unsigned number either.
                        Ok(number) if fits_type(number, kind) && !(unsigned && text.starts_with('-')) => {
                            Cases::ok(Cases::of(Value::Int(number, kind)))
                        }
                        _ => Cases::err(Cases::of(Value::Opaque("a parse error".into()))),
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
            Value::Int(number, _) if fits_type(*number, kind) => {
                Cases::ok(Cases::of(Value::Int(*number, kind)))
            }
            Value::Int(..) => Cases::err(Cases::of(Value::Opaque("a conversion error".into()))),
            _ => interp.unknown("this conversion is not understood"),
        })),
        _ => None,
    }
}

/// Models associated functions of `char`.
fn character(interp: &mut Interp<'_>, call: &Call<'_>, name: &str) -> Option<Cases> {
    let value = interp.deref_all(&call.arg(0));
    if name == "from_digit" {
        let radix = u32::try_from(super::text::int(&call.arg(1))?).ok()?;
        if radix > 36 {
            return Some(interp.panic(Text::lit("from_digit: radix is too high (maximum 36)")));
        }
        let digit = u32::try_from(super::text::int(&value)?).ok()?;
        return Some(char::from_digit(digit, radix).map_or_else(Cases::none, made));
    }
    if !matches!(name, "from_u32" | "try_from" | "from") {
        return None;
    }
    Some(interp.each(&value, |interp, value| {
        let of = match value {
            Value::Int(number, _) => u32::try_from(*number).ok().and_then(char::from_u32),
            Value::Char(same) => Some(*same),
            _ => return interp.unknown("what is made a character is not known"),
        };
        match (name, of) {
            ("from", Some(of)) => Cases::of(Value::Char(of)),
            ("from", None) => interp.unknown("what is made a character is not known"),
            ("from_u32", of) => of.map_or_else(Cases::none, made),
            (_, Some(of)) => Cases::ok(Cases::of(Value::Char(of))),
            (_, None) => Cases::err(Cases::of(Value::Opaque("a conversion error".into()))),
        }
    }))
}

fn made(character: char) -> Cases {
    Cases::some(Cases::of(Value::Char(character)))
}

/// Returns the default of a value's own type, which `take` leaves behind.
pub(super) fn taken(interp: &mut Interp<'_>, value: &Cases) -> Option<Cases> {
    let mut kinds = value.0.iter().map(|(_, value)| default_like(value));
    let first = kinds.next()??;
    let alike = |other: Option<Value>| other.as_ref() == Some(&first);
    if kinds.all(alike) {
        Some(Cases::of(first))
    } else {
        Some(interp.unknown("whose default it is is not known"))
    }
}

fn default_like(value: &Value) -> Option<Value> {
    Some(match value {
        // The default of a slice or an array is another matter.
        Value::Text(text) if text.1 != TextType::ByteArray => {
            Value::Text(crate::value::Text::lit("").typed(text.1))
        }
        Value::Seq(items) if !matches!(items.kind, SeqKind::Array | SeqKind::Collected) => {
            Value::Seq(std::rc::Rc::new(crate::value::Items::new().like(items)))
        }
        Value::Int(_, kind) => Value::Int(0, *kind),
        Value::Map(map) => match super::list::empty_map(map.sorted, map.set) {
            Value::Map(empty) => {
                let ty = map.ty.clone();
                Value::Map(std::rc::Rc::new(crate::value::MapValue { ty, ..(*empty).clone() }))
            }
            other => other,
        },
        Value::Enum(value) if &*value.name == "Option" => Value::variant("Option", "None", vec![]),
        Value::Bool(_) => Value::Bool(false),
        Value::Char(_) => Value::Char('\0'),
        _ => return None,
    })
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    let same = || Cases::of(method.value.clone());
    match method.value {
        Value::Int(number, kind) => match method.args.first() {
            Some(arg) if !matches!(arg.single(), Some(Value::Int(..))) => {
                let arg = interp.deref_all(arg);
                let known = interp.each(&arg, |interp, one| interp.numbers(one));
                let name = method.name;
                Some(interp.each(&known, |interp, one| {
                    let mut args = method.args.to_vec();
                    args[0] = Cases::of(one.clone());
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
                    return Some(Cases::none());
                }
                let result = interp.call_value(&method.arg(0), vec![]);
                if result.is_never() { result } else { Cases::some(result) }
            }
            "then_some" => {
                if *value {
                    Cases::some(method.arg(0))
                } else {
                    Cases::none()
                }
            }
            "to_string" => Cases::string(&value.to_string()),
            "clone" | "to_owned" => same(),
            "not" => Cases::bool(!value),
            _ => return None,
        }),
        Value::Char(character) => char_method(interp, method, *character),
        Value::Range { start, end, .. } => {
            if matches!(method.name, "contains") {
                let (start, end) = (*start, *end);
                let item = interp.deref_all(&method.arg(0));
                return Some(interp.each(&item, |interp, item| match item {
                    Value::SymbolicInt(..) => {
                        let value = Cases::of(item.clone());
                        let mut inside = interp.pc;
                        for (bound, operator) in [(start, ">="), (end, "<")] {
                            let Some(bound) = bound else { continue };
                            let bound = Cases::of(Value::Int(bound, IntType::Unknown));
                            let holds = interp.ordered(&value, &bound, operator);
                            let holds = interp.truth(&holds);
                            inside = interp.inputs.and(inside, holds);
                        }
                        interp.boolean(inside)
                    }
                    Value::Int(number, _) => Cases::bool(
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

/// Why an operation on a number of unknown type is not done.
const UNKNOWN_WIDTH: &str = "how wide this number's type is is not known";

fn int_method(interp: &mut Interp<'_>, method: &Method<'_>, number: i128, kind: IntType) -> Option<Cases> {
    let name = method.name;
    // A literal is of the type of what it meets; an exponent and a distance are `u32` whatever they belong to.
    let own = super::numbers::is_count(name);
    let kind = match method.args.first().and_then(Cases::single) {
        Some(Value::Int(_, other)) if kind == IntType::Unknown && !own => *other,
        _ => kind,
    };
    let known = kind != IntType::Unknown;
    let same = || Cases::of(Value::Int(number, kind));
    let make = |number: i128| Cases::of(Value::Int(number, kind));
    let other = || super::text::int(&method.arg(0));
    let arguments = (method.args.len() <= 1).then(|| match method.args.is_empty() {
        true => Some(None),
        false => other().map(Some),
    });
    if let Some(Some(argument)) = arguments
        && let Some(done) = super::numbers::method(kind, number, name, argument)
    {
        return Some(match done {
            super::numbers::Done::Gives(value) => value,
            super::numbers::Done::Panics => {
                interp.panic(crate::value::Text::lit("attempt to divide by zero"))
            }
            // The result differs between profiles.
            super::numbers::Done::Overflows => interp.unknown("this arithmetic overflows"),
            super::numbers::Done::TooLarge => interp.unknown("a number this large is not understood"),
        });
    }
    // Below, a number of which the type is not known.
    Some(match name {
        "to_string" => Cases::string(&number.to_string()),
        // `get` of a `NonZero…`, which is its number here.
        "clone" | "to_owned" | "as_ref" | "borrow" | "get" => same(),
        "abs" | "signum" | "is_negative" | "is_positive" if number < 0 && !known => {
            let result = number.checked_abs()?;
            match name {
                "abs" if surely_fits(result, kind) => make(result),
                "signum" => make(-1),
                "is_negative" => Cases::bool(true),
                "is_positive" => Cases::bool(false),
                _ => return Some(interp.unknown(UNKNOWN_WIDTH)),
            }
        }
        "abs" => match number.checked_abs().filter(|result| fits_type(*result, kind)) {
            Some(positive) => make(positive),
            None => return Some(interp.unknown("this arithmetic overflows")),
        },
        "unsigned_abs" => {
            let unsigned = match kind {
                IntType::Signed(bits) => IntType::Unsigned(bits),
                IntType::Isize => IntType::Usize,
                kind => kind,
            };
            Cases::of(Value::Int(number.checked_abs()?, unsigned))
        }
        "signum" => make(number.signum()),
        "is_negative" => Cases::bool(number < 0),
        "is_positive" => Cases::bool(number > 0),
        "is_ascii_digit"
        | "is_ascii_alphabetic"
        | "is_ascii_alphanumeric"
        | "is_ascii_whitespace"
        | "is_ascii_uppercase"
        | "is_ascii_lowercase"
        | "is_ascii_hexdigit"
        | "is_ascii_punctuation"
        | "is_ascii"
        | "eq_ignore_ascii_case"
        | "to_ascii_uppercase"
        | "to_ascii_lowercase" => {
            let byte = char::from(u8::try_from(number).ok()?);
            let number =
                |byte: char| Cases::of(Value::Int(i128::from(u32::from(byte)), IntType::Unsigned(8)));
            // The character of a byte above ASCII does not affect the results of these methods.
            match name {
                "is_ascii_digit" => Cases::bool(byte.is_ascii_digit()),
                "is_ascii_alphabetic" => Cases::bool(byte.is_ascii_alphabetic()),
                "is_ascii_alphanumeric" => Cases::bool(byte.is_ascii_alphanumeric()),
                "is_ascii_whitespace" => Cases::bool(byte.is_ascii_whitespace()),
                "is_ascii_uppercase" => Cases::bool(byte.is_ascii_uppercase()),
                "is_ascii_lowercase" => Cases::bool(byte.is_ascii_lowercase()),
                "is_ascii_hexdigit" => Cases::bool(byte.is_ascii_hexdigit()),
                "is_ascii_punctuation" => Cases::bool(byte.is_ascii_punctuation()),
                "is_ascii" => Cases::bool(byte.is_ascii()),
                "eq_ignore_ascii_case" => {
                    let other = char::from(u8::try_from(other()?).ok()?);
                    Cases::bool(byte.eq_ignore_ascii_case(&other))
                }
                "to_ascii_uppercase" => number(byte.to_ascii_uppercase()),
                _ => number(byte.to_ascii_lowercase()),
            }
        }
        "pow" | "checked_pow" | "saturating_pow" => {
            let exponent = u32::try_from(other()?).ok()?;
            let result = number.checked_pow(exponent);
            return bounded(interp, name, result, kind, number < 0 && exponent % 2 == 1);
        }
        "wrapping_add" | "wrapping_sub" | "wrapping_mul" | "wrapping_neg" if !known => {
            return Some(interp.unknown(UNKNOWN_WIDTH));
        }
        "wrapping_add" | "wrapping_sub" | "wrapping_mul"
            if matches!(kind, IntType::Signed(128) | IntType::Unsigned(128)) =>
        {
            return None;
        }
        "wrapping_add" => make(wrap_type(number + other()?, kind)),
        "wrapping_sub" => make(wrap_type(number - other()?, kind)),
        "wrapping_mul" => make(wrap_type(number.checked_mul(other()?)?, kind)),
        "saturating_add" | "checked_add" => {
            let other = other()?;
            return bounded(interp, name, number.checked_add(other), kind, other < 0);
        }
        "saturating_sub" | "checked_sub" => {
            let other = other()?;
            return bounded(interp, name, number.checked_sub(other), kind, other > 0);
        }
        "saturating_mul" | "checked_mul" => {
            let other = other()?;
            return bounded(interp, name, number.checked_mul(other), kind, (number < 0) != (other < 0));
        }
        "checked_div" | "checked_rem" => {
            let other = other()?;
            if other == 0 {
                return Some(Cases::none());
            }
            let result = if name == "checked_div" {
                number.checked_div(other)
            } else if known && number.checked_div(other).is_none_or(|result| !fits_type(result, kind)) {
                // `MIN % -1` overflows as `MIN / -1` does.
                None
            } else {
                number.checked_rem(other)
            };
            return bounded(interp, name, result, kind, false);
        }
        "checked_neg" => return bounded(interp, name, number.checked_neg(), kind, number > 0),
        "max" | "min" => {
            let other = other()?;
            make(if name == "max" { number.max(other) } else { number.min(other) })
        }
        "rem_euclid" | "div_euclid" | "div_ceil" | "next_multiple_of" if other()? == 0 => {
            return Some(interp.panic(crate::value::Text::lit("attempt to divide by zero")));
        }
        "rem_euclid" if known || number >= 0 => make(number.checked_rem_euclid(other()?)?),
        "div_ceil" if number >= 0 && other()? > 0 => {
            let other = other()?;
            make(number.checked_add(other.checked_sub(1)?)?.checked_div(other)?)
        }
        "abs_diff" => {
            let difference = number.checked_sub(other()?)?.checked_abs()?;
            return matches!(kind, IntType::Unsigned(_) | IntType::Usize).then(|| make(difference));
        }
        "clamp" => {
            let (low, high) = (other()?, super::text::int(&method.arg(1))?);
            if low > high {
                return Some(interp.panic(crate::value::Text::lit("assertion failed: min <= max")));
            }
            make(number.clamp(low, high))
        }
        "is_power_of_two" => Cases::bool(number > 0 && number & (number - 1) == 0),
        "count_ones" if number >= 0 => {
            Cases::of(Value::Int(i128::from(number.count_ones()), IntType::Unsigned(32)))
        }
        "trailing_zeros" if number > 0 => {
            Cases::of(Value::Int(i128::from(number.trailing_zeros()), IntType::Unsigned(32)))
        }
        "leading_zeros" if number >= 0 && known => {
            let bits = crate::interp::type_bits(kind);
            let used = i128::BITS - number.leading_zeros();
            Cases::of(Value::Int(i128::from(bits.checked_sub(used)?), IntType::Unsigned(32)))
        }
        "try_into" => {
            let wanted = method.hint.map(|hint| interp.canonical(hint.innermost()));
            let wanted = wanted.and_then(|ty| ty.integer())?;
            if fits_type(number, wanted) {
                Cases::ok(Cases::of(Value::Int(number, wanted)))
            } else {
                Cases::err(Cases::of(Value::Opaque("a conversion error".into())))
            }
        }
        "cmp" | "partial_cmp" => {
            let order = number.cmp(&other()?);
            let order = Cases::of(Value::External(format!("std::cmp::Ordering::{order:?}").into()));
            if name == "cmp" { order } else { Cases::some(order) }
        }
        _ => return None,
    })
}

/// The result of an operation whose name says what is to become of what does not fit; `None` is what no number here
/// holds, and `below` on which side it lies.
fn bounded(
    interp: &mut Interp<'_>,
    name: &str,
    result: Option<i128>,
    kind: IntType,
    below: bool,
) -> Option<Cases> {
    if kind == IntType::Unknown && !result.is_some_and(|result| surely_fits(result, kind)) {
        return Some(interp.unknown(UNKNOWN_WIDTH));
    }
    let wide = matches!(kind, IntType::Signed(128) | IntType::Unsigned(128));
    let fitting = result.filter(|result| fits_type(*result, kind));
    if fitting.is_none() && wide && kind == IntType::Unsigned(128) && !below {
        return Some(interp.unknown("a number this large is not understood"));
    }
    let number = |number: i128| Cases::of(Value::Int(number, kind));
    Some(match (fitting, name.split('_').next()?) {
        (Some(result), "checked") => Cases::some(number(result)),
        (None, "checked") => Cases::none(),
        (Some(result), _) => number(result),
        (None, "saturating") if wide => return Some(interp.unknown("a number this large is not understood")),
        (None, "saturating") => {
            let bits = crate::interp::type_bits(kind);
            let signed = matches!(kind, IntType::Signed(_) | IntType::Isize);
            number(match (signed, below) {
                (true, true) => -(1i128 << (bits - 1)),
                (true, false) => (1i128 << (bits - 1)) - 1,
                (false, true) => 0,
                (false, false) => (1i128 << bits) - 1,
            })
        }
        // The profile decides whether overflow panics or wraps.
        _ => interp.unknown("this arithmetic overflows"),
    })
}

fn characters(of: impl Iterator<Item = char>) -> Cases {
    Cases::iter(
        of.map(|c| (crate::logic::Guard::TRUE, Cases::of(Value::Char(c)))).collect::<crate::value::Items>(),
    )
}

fn char_method(interp: &mut Interp<'_>, method: &Method<'_>, character: char) -> Option<Cases> {
    let _ = store;
    Some(match method.name {
        "is_ascii_digit" => Cases::bool(character.is_ascii_digit()),
        "is_digit" => {
            let radix = u32::try_from(super::text::int(&method.arg(0))?).ok()?;
            if !(2..=36).contains(&radix) {
                return Some(interp.panic(Text::lit("is_digit: invalid radix")));
            }
            Cases::bool(character.is_digit(radix))
        }
        "is_numeric" => Cases::bool(character.is_numeric()),
        "is_alphabetic" => Cases::bool(character.is_alphabetic()),
        "is_alphanumeric" => Cases::bool(character.is_alphanumeric()),
        "is_ascii_alphabetic" => Cases::bool(character.is_ascii_alphabetic()),
        "is_ascii_alphanumeric" => Cases::bool(character.is_ascii_alphanumeric()),
        "is_ascii_hexdigit" => Cases::bool(character.is_ascii_hexdigit()),
        "is_whitespace" => Cases::bool(character.is_whitespace()),
        "is_ascii_whitespace" => Cases::bool(character.is_ascii_whitespace()),
        "is_uppercase" => Cases::bool(character.is_uppercase()),
        "is_lowercase" => Cases::bool(character.is_lowercase()),
        "is_ascii_uppercase" => Cases::bool(character.is_ascii_uppercase()),
        "is_ascii_lowercase" => Cases::bool(character.is_ascii_lowercase()),
        "is_ascii" => Cases::bool(character.is_ascii()),
        "is_ascii_punctuation" => Cases::bool(character.is_ascii_punctuation()),
        "to_ascii_uppercase" => Cases::of(Value::Char(character.to_ascii_uppercase())),
        "to_ascii_lowercase" => Cases::of(Value::Char(character.to_ascii_lowercase())),
        "to_uppercase" => characters(character.to_uppercase()),
        "to_lowercase" => characters(character.to_lowercase()),
        "to_string" => Cases::string(&character.to_string()),
        "to_digit" => {
            let radix = u32::try_from(super::text::int(&method.arg(0))?).ok()?;
            if !(2..=36).contains(&radix) {
                return Some(interp.panic(Text::lit("to_digit: invalid radix")));
            }
            character.to_digit(radix).map_or_else(Cases::none, |digit| {
                Cases::some(Cases::of(Value::Int(i128::from(digit), IntType::Unsigned(32))))
            })
        }
        "len_utf8" => Cases::usize(character.len_utf8()),
        "clone" | "to_owned" => Cases::of(Value::Char(character)),
        "eq_ignore_ascii_case" => {
            let other = interp.deref_all(&method.arg(0));
            match other.single() {
                Some(Value::Char(other)) => Cases::bool(character.eq_ignore_ascii_case(other)),
                _ => return None,
            }
        }
        _ => return None,
    })
}
