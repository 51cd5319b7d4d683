//! Methods of integers, each done by the type itself: what wraps, what fails and what a result is are Rust's own.

use crate::value::{Cases, IntType, Items, SeqKind, Value};

/// How an operation ends.
pub(super) enum Done {
    Gives(Cases),
    /// It divides by nothing, or asks for a logarithm of nothing.
    Panics,
    /// The operation panics in one profile and wraps in another.
    Overflows,
    /// A number of 128 bits that is not kept here.
    TooLarge,
}

/// Converts a result to a value. Gives `None` for a number above `i128::MAX`.
trait Give {
    fn give(self) -> Option<Cases>;
}

macro_rules! give {
    ($($ty:ty: $kind:expr),*) => {
        $(impl Give for $ty {
            fn give(self) -> Option<Cases> {
                Some(Cases::of(Value::Int(i128::try_from(self).ok()?, $kind)))
            }
        })*
    };
}

give! {
    u8: IntType::Unsigned(8), u16: IntType::Unsigned(16), u32: IntType::Unsigned(32), u64: IntType::Unsigned(64),
    u128: IntType::Unsigned(128), usize: IntType::Usize,
    i8: IntType::Signed(8), i16: IntType::Signed(16), i32: IntType::Signed(32), i64: IntType::Signed(64),
    i128: IntType::Signed(128), isize: IntType::Isize
}

impl Give for bool {
    fn give(self) -> Option<Cases> {
        Some(Cases::bool(self))
    }
}

impl<T: Give> Give for Option<T> {
    fn give(self) -> Option<Cases> {
        match self {
            Some(value) => value.give().map(Cases::some),
            None => Some(Cases::none()),
        }
    }
}

impl<A: Give, B: Give> Give for (A, B) {
    fn give(self) -> Option<Cases> {
        Some(Cases::of(Value::Tuple(std::rc::Rc::from([self.0.give()?, self.1.give()?]))))
    }
}

impl<const N: usize> Give for [u8; N] {
    fn give(self) -> Option<Cases> {
        let items: Option<Items> =
            self.into_iter().map(|byte| Some((crate::logic::Guard::TRUE, byte.give()?))).collect();
        Some(Cases::seq(items?.of_kind(SeqKind::Array)))
    }
}

fn given(value: impl Give) -> Done {
    value.give().map_or(Done::TooLarge, Done::Gives)
}

fn or_overflow<T: Give>(value: Option<T>) -> Done {
    value.map_or(Done::Overflows, given)
}

/// Methods without an argument.
macro_rules! alone {
    ($x:ident, $name:expr, $($more:tt)*) => {
        match $name {
            "wrapping_neg" => given($x.wrapping_neg()),
            "checked_neg" => given($x.checked_neg()),
            "overflowing_neg" => given($x.overflowing_neg()),
            "count_ones" => given($x.count_ones()),
            "count_zeros" => given($x.count_zeros()),
            "leading_zeros" => given($x.leading_zeros()),
            "trailing_zeros" => given($x.trailing_zeros()),
            "leading_ones" => given($x.leading_ones()),
            "trailing_ones" => given($x.trailing_ones()),
            "swap_bytes" => given($x.swap_bytes()),
            "reverse_bits" => given($x.reverse_bits()),
            "to_be_bytes" => given($x.to_be_bytes()),
            "to_le_bytes" => given($x.to_le_bytes()),
            "checked_ilog2" => given($x.checked_ilog2()),
            "checked_ilog10" => given($x.checked_ilog10()),
            "ilog2" => $x.checked_ilog2().map_or(Done::Panics, given),
            "ilog10" => $x.checked_ilog10().map_or(Done::Panics, given),
            $($more)*
            _ => return None,
        }
    };
}

/// Methods with an argument of the same type.
macro_rules! with_same {
    ($x:ident, $y:ident, $name:expr, $($more:tt)*) => {
        match $name {
            "wrapping_div" | "wrapping_rem" | "div_euclid" | "rem_euclid" | "overflowing_div" | "overflowing_rem"
            | "saturating_div" if $y == 0 => Done::Panics,
            "wrapping_add" => given($x.wrapping_add($y)),
            "wrapping_sub" => given($x.wrapping_sub($y)),
            "wrapping_mul" => given($x.wrapping_mul($y)),
            "wrapping_div" => given($x.wrapping_div($y)),
            "wrapping_rem" => given($x.wrapping_rem($y)),
            "checked_add" => given($x.checked_add($y)),
            "checked_sub" => given($x.checked_sub($y)),
            "checked_mul" => given($x.checked_mul($y)),
            "checked_div" => given($x.checked_div($y)),
            "checked_rem" => given($x.checked_rem($y)),
            "checked_div_euclid" => given($x.checked_div_euclid($y)),
            "checked_rem_euclid" => given($x.checked_rem_euclid($y)),
            "saturating_add" => given($x.saturating_add($y)),
            "saturating_sub" => given($x.saturating_sub($y)),
            "saturating_mul" => given($x.saturating_mul($y)),
            "saturating_div" => given($x.saturating_div($y)),
            "overflowing_add" => given($x.overflowing_add($y)),
            "overflowing_sub" => given($x.overflowing_sub($y)),
            "overflowing_mul" => given($x.overflowing_mul($y)),
            "overflowing_div" => given($x.overflowing_div($y)),
            "overflowing_rem" => given($x.overflowing_rem($y)),
            "div_euclid" => or_overflow($x.checked_div_euclid($y)),
            "rem_euclid" => or_overflow($x.checked_rem_euclid($y)),
            "abs_diff" => given($x.abs_diff($y)),
            "max" => given($x.max($y)),
            "min" => given($x.min($y)),
            $($more)*
            _ => return None,
        }
    };
}

/// Methods with an argument that is an `u32` whatever the number is.
macro_rules! with_count {
    ($x:ident, $count:ident, $name:expr) => {
        match $name {
            "pow" => or_overflow($x.checked_pow($count)),
            "wrapping_pow" => given($x.wrapping_pow($count)),
            "checked_pow" => given($x.checked_pow($count)),
            "saturating_pow" => given($x.saturating_pow($count)),
            "overflowing_pow" => given($x.overflowing_pow($count)),
            "rotate_left" => given($x.rotate_left($count)),
            "rotate_right" => given($x.rotate_right($count)),
            "wrapping_shl" => given($x.wrapping_shl($count)),
            "wrapping_shr" => given($x.wrapping_shr($count)),
            "checked_shl" => given($x.checked_shl($count)),
            "checked_shr" => given($x.checked_shr($count)),
            "overflowing_shl" => given($x.overflowing_shl($count)),
            "overflowing_shr" => given($x.overflowing_shr($count)),
            _ => return None,
        }
    };
}

macro_rules! unsigned {
    ($ty:ty, $number:expr, $name:expr, $other:expr) => {{
        let x = <$ty>::try_from($number).ok()?;
        match $other {
            None => alone!(x, $name,
                "is_power_of_two" => given(x.is_power_of_two()),
                "next_power_of_two" => or_overflow(x.checked_next_power_of_two()),
                "checked_next_power_of_two" => given(x.checked_next_power_of_two()),
                "isqrt" => given(x.isqrt()),
            ),
            Some(other) if is_count($name) => {
                let count = u32::try_from(other).ok()?;
                with_count!(x, count, $name)
            }
            Some(other) => {
                let y = <$ty>::try_from(other).ok()?;
                with_same!(x, y, $name,
                    "div_ceil" | "next_multiple_of" if y == 0 => Done::Panics,
                    "div_ceil" => given(x.div_ceil(y)),
                    "next_multiple_of" => or_overflow(x.checked_next_multiple_of(y)),
                    "checked_next_multiple_of" => given(x.checked_next_multiple_of(y)),
                )
            }
        }
    }};
}

macro_rules! signed {
    ($ty:ty, $number:expr, $name:expr, $other:expr) => {{
        let x = <$ty>::try_from($number).ok()?;
        match $other {
            None => alone!(x, $name,
                "abs" => or_overflow(x.checked_abs()),
                "checked_abs" => given(x.checked_abs()),
                "wrapping_abs" => given(x.wrapping_abs()),
                "saturating_abs" => given(x.saturating_abs()),
                "saturating_neg" => given(x.saturating_neg()),
                "overflowing_abs" => given(x.overflowing_abs()),
                "unsigned_abs" => given(x.unsigned_abs()),
                "signum" => given(x.signum()),
                "is_negative" => given(x.is_negative()),
                "is_positive" => given(x.is_positive()),
            ),
            Some(other) if is_count($name) => {
                let count = u32::try_from(other).ok()?;
                with_count!(x, count, $name)
            }
            Some(other) => {
                let y = <$ty>::try_from(other).ok()?;
                with_same!(x, y, $name,)
            }
        }
    }};
}

/// Tells whether a method takes an `u32` whatever the type of the number is.
pub(super) fn is_count(name: &str) -> bool {
    ["pow", "shl", "shr"].iter().any(|end| name.ends_with(end)) || name.starts_with("rotate_")
}

/// Models a method of a number of a known type, with one argument or none; `None` if the type has no such method.
pub(super) fn method(kind: IntType, number: i128, name: &str, other: Option<i128>) -> Option<Done> {
    Some(match kind {
        IntType::Unsigned(8) => unsigned!(u8, number, name, other),
        IntType::Unsigned(16) => unsigned!(u16, number, name, other),
        IntType::Unsigned(32) => unsigned!(u32, number, name, other),
        IntType::Unsigned(64) => unsigned!(u64, number, name, other),
        IntType::Unsigned(_) => unsigned!(u128, number, name, other),
        // A script runs where the build runs; 64 bits there, as everywhere here.
        IntType::Usize => {
            usize_like(unsigned!(u64, number, name, other), IntType::Unsigned(64), IntType::Usize)
        }
        IntType::Signed(8) => signed!(i8, number, name, other),
        IntType::Signed(16) => signed!(i16, number, name, other),
        IntType::Signed(32) => signed!(i32, number, name, other),
        IntType::Signed(64) => signed!(i64, number, name, other),
        IntType::Signed(_) => signed!(i128, number, name, other),
        IntType::Isize => {
            let done = usize_like(signed!(i64, number, name, other), IntType::Signed(64), IntType::Isize);
            usize_like(done, IntType::Unsigned(64), IntType::Usize)
        }
        IntType::Unknown => return None,
    })
}

/// The result of what was done as 64 bits, as the type that it was done for.
fn usize_like(done: Done, from: IntType, to: IntType) -> Done {
    fn renamed(value: &Cases, from: IntType, to: IntType) -> Cases {
        match value.single() {
            Some(Value::Int(number, kind)) if *kind == from => Cases::of(Value::Int(*number, to)),
            Some(Value::Tuple(parts)) => {
                Cases::of(Value::Tuple(parts.iter().map(|part| renamed(part, from, to)).collect()))
            }
            Some(Value::Enum(option)) if &*option.variant == "Some" => {
                Cases::some(renamed(&option.fields[0].1, from, to))
            }
            _ => value.clone(),
        }
    }
    match done {
        Done::Gives(value) => Done::Gives(renamed(&value, from, to)),
        other => other,
    }
}
