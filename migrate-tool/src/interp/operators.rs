//! Operators, arithmetic and casts.

use std::rc::Rc;

use syn::{BinOp, Expr, UnOp, spanned::Spanned};

use super::{Choice, Interp, Ty};
use crate::logic::Guard;
use crate::value::{Cases, EnumValue, IntType, Place, SeqKind, Sym, Text, TextType, Value};

/// Operators with their traits and methods.
const OPERATORS: [(&str, &str, &str); 10] = [
    ("+", "Add", "add"),
    ("-", "Sub", "sub"),
    ("*", "Mul", "mul"),
    ("/", "Div", "div"),
    ("%", "Rem", "rem"),
    ("|", "BitOr", "bitor"),
    ("&", "BitAnd", "bitand"),
    ("^", "BitXor", "bitxor"),
    ("<<", "Shl", "shl"),
    (">>", "Shr", "shr"),
];

impl Interp<'_> {
    pub(crate) fn unary(&mut self, unary: &syn::ExprUnary, hint: Option<&Ty>) -> Cases {
        let value = self.expr(&unary.expr, hint);
        self.span = unary.span();
        let value = self.deref_all(&value);
        match unary.op {
            UnOp::Deref(_) => {
                let value = self.dereferenced(&value).unwrap_or(value);
                (self.models.forced)(self, &value)
            }
            UnOp::Not(_) => self.each(&value, |interp, value| match value {
                Value::Bool(value) => Cases::bool(!value),
                Value::Int(_, IntType::Unknown) => interp.unknown(UNKNOWN_WIDTH),
                Value::Int(number, kind) => match wrapped(!number, *kind) {
                    Some(number) => Cases::of(Value::Int(number, *kind)),
                    None => interp.unknown(TOO_WIDE),
                },
                Value::Struct(_) | Value::Enum(_) => interp.unary_of_user(value, "Not", "not"),
                _ => interp.unknown("`!` on this is not understood"),
            }),
            UnOp::Neg(_) => self.each(&value, |interp, value| match value {
                Value::Int(number, kind)
                    if number.checked_neg().is_some_and(|number| fits(number, *kind)) =>
                {
                    Cases::of(Value::Int(-number, *kind))
                }
                Value::Int(..) => interp.unknown("this arithmetic overflows"),
                Value::Struct(_) | Value::Enum(_) => interp.unary_of_user(value, "Neg", "neg"),
                _ => interp.unknown("`-` on this is not understood"),
            }),
            _ => self.unknown("this operator is not understood"),
        }
    }

    /// Returns the value of `*value`. Values are stored without their references, so it is not known whether `*`
    /// follows a reference to a `String` or dereferences the `String` itself; if the script distinguishes `String` from
    /// `str`, the type of the result is unknown.
    /// `None` if the value's type is certain.
    pub(super) fn dereferenced(&self, value: &Cases) -> Option<Cases> {
        let owned = |value: &Value| match value {
            Value::Text(text) => {
                crate::semantics::types::type_names(value).len() > 1 && text.1 != TextType::Unknown
            }
            Value::Seq(items) => items.kind == SeqKind::Vec,
            _ => false,
        };
        let told_apart = |value: &Value| {
            crate::semantics::types::type_names(value)
                .iter()
                .all(|owner| self.impls.keys().any(|(known, _)| **known == **owner))
        };
        if !value.0.iter().any(|(_, value)| owned(value) && told_apart(value)) {
            return None;
        }
        let alternatives = value.0.iter().map(|(guard, value)| {
            let value = match value {
                Value::Text(text) => Value::Text(text.clone().typed(TextType::Unknown)),
                Value::Seq(items) => Value::Seq(Rc::new((**items).clone().of_kind(SeqKind::Unknown))),
                other => other.clone(),
            };
            (*guard, value)
        });
        Some(Cases(alternatives.collect()))
    }

    fn unary_of_user(&mut self, value: &Value, of: &str, method: &str) -> Cases {
        let (owner, args) = (crate::semantics::types::type_name(value), [Cases::of(value.clone())]);
        match self.choose_associated(&owner, Some(of), method, &args) {
            Choice::These(found) => self.call_one_of(&found, &args),
            Choice::Nothing | Choice::Unclear => self.unknown("this operator is not understood"),
        }
    }

    pub(crate) fn binary(&mut self, binary: &syn::ExprBinary, hint: Option<&Ty>) -> Cases {
        match &binary.op {
            BinOp::And(_) => {
                let left = self.condition_value(&binary.left);
                return self.branch(left, |interp| interp.expr(&binary.right, None), |_| Cases::bool(false));
            }
            BinOp::Or(_) => {
                let left = self.condition_value(&binary.left);
                return self.branch(left, |_| Cases::bool(true), |interp| interp.expr(&binary.right, None));
            }
            _ => {}
        }
        if let Some(operator) = compound(&binary.op) {
            // Of numbers the right is asked first, of all else the left: where both may do something it is to be known.
            let both = !is_quiet(&binary.left) && !is_quiet(&binary.right);
            let right = self.expr(&binary.right, hint);
            let number = |(_, value): &(Guard, Value)| {
                matches!(value, Value::Int(..) | Value::SymbolicInt(..) | Value::Bool(_))
            };
            let plain = self.deref_all(&right);
            if both && !plain.0.iter().all(number) {
                self.span = binary.span();
                return self.unknown("which side of this is evaluated first is not understood");
            }
            let places = self.place_of(&binary.left);
            self.span = binary.span();
            self.each(&places, |interp, place| match place {
                Value::Ref(place) => {
                    let before = interp.read_place(place);
                    let before = interp.deref_all(&before);
                    if before.0.iter().any(|(_, value)| matches!(value, Value::Struct(_) | Value::Enum(_))) {
                        if both {
                            return interp.unknown("which side of this is evaluated first is not understood");
                        }
                        return interp.assign_by_user(place, operator, &before, &right);
                    }
                    interp.update(place, |interp, before| interp.arithmetic(operator, &before, &right));
                    Cases::unit()
                }
                _ => interp.unknown("this place is not understood"),
            });
            return if self.dead() { Cases::never() } else { Cases::unit() };
        }
        let left = self.expr(&binary.left, hint);
        let right = self.expr(&binary.right, hint);
        self.span = binary.span();
        if self.dead() {
            return Cases::never();
        }
        match &binary.op {
            BinOp::Eq(_) => self.equal(&left, &right),
            BinOp::Ne(_) => self.not_equal(&left, &right),
            BinOp::Lt(_) => self.ordered(&left, &right, "<"),
            BinOp::Le(_) => self.ordered(&left, &right, "<="),
            BinOp::Gt(_) => self.ordered(&left, &right, ">"),
            BinOp::Ge(_) => self.ordered(&left, &right, ">="),
            BinOp::Add(_) => self.arithmetic("+", &left, &right),
            BinOp::Sub(_) => self.arithmetic("-", &left, &right),
            BinOp::Mul(_) => self.arithmetic("*", &left, &right),
            BinOp::Div(_) => self.arithmetic("/", &left, &right),
            BinOp::Rem(_) => self.arithmetic("%", &left, &right),
            BinOp::BitAnd(_) => self.arithmetic("&", &left, &right),
            BinOp::BitOr(_) => self.arithmetic("|", &left, &right),
            BinOp::BitXor(_) => self.arithmetic("^", &left, &right),
            BinOp::Shl(_) => self.arithmetic("<<", &left, &right),
            BinOp::Shr(_) => self.arithmetic(">>", &left, &right),
            _ => self.unknown("this operator is not understood"),
        }
    }

    /// Evaluates `place += right` for a type of the script by its own `AddAssign`; its `Add` is not used.
    fn assign_by_user(&mut self, place: &Rc<Place>, operator: &str, before: &Cases, right: &Cases) -> Cases {
        let (Some(value), Some((_, of, method))) =
            (before.single().cloned(), OPERATORS.iter().find(|(known, ..)| *known == operator))
        else {
            return self.unknown("this operator is not understood");
        };
        let owner = crate::semantics::types::type_name(&value);
        let args = [Cases::of(Value::Ref(Rc::clone(place))), right.clone()];
        let (of, method) = (format!("{of}Assign"), format!("{method}_assign"));
        match self.choose_associated(&owner, Some(&of), &method, &args) {
            Choice::These(found) => self.call_one_of(&found, &args),
            Choice::Nothing | Choice::Unclear => self.unknown("this operator is not understood"),
        }
    }

    fn condition_value(&mut self, expr: &Expr) -> Guard {
        let value = self.expr(expr, None);
        self.span = expr.span();
        self.truth(&value)
    }

    pub(crate) fn negate(&mut self, value: &Cases) -> Cases {
        self.each(value, |interp, value| match value {
            Value::Bool(value) => Cases::bool(!value),
            _ => interp.unknown("`!` on this is not understood"),
        })
    }

    /// Calls the function of an operator's trait that the script implements for a type; `None` if it implements none.
    pub(super) fn user_operator(
        &mut self,
        owner: &Rc<str>,
        of: &str,
        method: &str,
        a: &Value,
        b: &Value,
    ) -> Option<Cases> {
        let args = [Cases::of(a.clone()), Cases::of(b.clone())];
        match self.choose_associated(owner, Some(of), method, &args) {
            Choice::Nothing => None,
            Choice::These(found) => Some(self.call_one_of(&found, &args)),
            Choice::Unclear => Some(
                self.unknown(&format!("which `{method}` of `{owner}` is meant is not clear without types")),
            ),
        }
    }

    /// Evaluates `left != right`, by `ne` if the script implements it.
    pub(crate) fn not_equal(&mut self, left: &Cases, right: &Cases) -> Cases {
        let (left, right) = (self.deref_all(left), self.deref_all(right));
        self.each2(&left, &right, |interp, a, b| {
            if let Value::Struct(_) | Value::Enum(_) = a {
                let owner: Rc<str> = Rc::from(crate::semantics::types::type_name(a));
                if let Some(result) = interp.user_operator(&owner, "PartialEq", "ne", a, b) {
                    return result;
                }
            }
            let equal = interp.equal_values(a, b);
            interp.negate(&equal)
        })
    }

    /// Evaluates `left + right` and the other binary operators.
    pub(crate) fn arithmetic(&mut self, operator: &str, left: &Cases, right: &Cases) -> Cases {
        let (left, right) = (self.deref_all(left), self.deref_all(right));
        self.each2(&left, &right, |interp, a, b| match (a, b) {
            (Value::SymbolicInt(..), _) | (_, Value::SymbolicInt(..)) => {
                let (x, y) = (interp.numbers(a), interp.numbers(b));
                if x.single() == Some(a) && y.single() == Some(b) {
                    return interp.unknown("this number is known only during the build");
                }
                interp.arithmetic(operator, &x, &y)
            }
            (Value::Int(x, kind), Value::Int(y, other)) => {
                // The two operands of a shift may have different types.
                let shifts = matches!(operator, "<<" | ">>");
                let kind = if *kind == IntType::Unknown && !shifts { *other } else { *kind };
                interp.integer(operator, *x, *y, kind)
            }
            (Value::Bool(x), Value::Bool(y)) => match operator {
                "&" => Cases::bool(x & y),
                "|" => Cases::bool(x | y),
                "^" => Cases::bool(x ^ y),
                _ => interp.unknown("this operator is not understood"),
            },
            (Value::Text(x), Value::Text(y)) if operator == "+" => interp.make_text(x.concat(y)),
            (Value::Struct(_) | Value::Enum(_), _) => {
                let owner: Rc<str> = Rc::from(crate::semantics::types::type_name(a));
                let known = OPERATORS.iter().find(|(known, ..)| *known == operator);
                let result = known.and_then(|(_, of, method)| interp.user_operator(&owner, of, method, a, b));
                result.unwrap_or_else(|| interp.unknown("this operator is not understood"))
            }
            _ => {
                if let (Value::Map(_), Value::Map(_)) = (a, b)
                    && let Some(made) = (interp.models.combine_sets)(interp, operator, a, b)
                {
                    return made;
                }
                let reason = format!("`{operator}` on {} and {} is not understood", a.kind(), b.kind());
                interp.unknown(&reason)
            }
        })
    }

    /// Returns the possible values of a symbolic number as alternatives if they are few; the number itself otherwise.
    pub(crate) fn numbers(&mut self, value: &Value) -> Cases {
        if let Value::SymbolicInt(sym, _) = value
            && let Some(domain) = number_domain(sym)
        {
            let parts: Vec<(Guard, Value)> = (0..domain.size())
                .map(|index| {
                    let guard = self.inputs.domain(domain, &|at| at == index);
                    (guard, Value::Int(index as i128, IntType::Unknown))
                })
                .collect();
            let whole = Cases(Rc::from(parts));
            return self.narrow(whole);
        }
        Cases::of(value.clone())
    }

    /// Returns a text as a value, and counts its length in the budget.
    pub(crate) fn make_text(&mut self, text: Text) -> Cases {
        self.text_bytes += 16
            + text
                .pieces()
                .map(|piece| match piece {
                    crate::value::Piece::Lit(text) => text.len(),
                    crate::value::Piece::Sym(_) => 8,
                })
                .sum::<usize>();
        Cases::text(text)
    }

    fn integer(&mut self, operator: &str, x: i128, y: i128, kind: IntType) -> Cases {
        if matches!(operator, "/" | "%") && y == 0 {
            return self.panic(Text::lit("attempt to divide by zero"));
        }
        let small = kind != IntType::Unknown || [x, y].iter().all(|number| surely_fits(*number, kind));
        let result = match operator {
            "<<" | ">>" => return self.shifted(operator, x, y, kind),
            // Bits of a number that is not known to have none below nothing.
            "&" | "|" | "^" if !small => None,
            "+" => x.checked_add(y),
            "-" => x.checked_sub(y),
            "*" => x.checked_mul(y),
            "/" => x.checked_div(y),
            "%" => x.checked_rem(y),
            "&" => Some(x & y),
            "|" => Some(x | y),
            "^" => Some(x ^ y),
            _ => None,
        };
        match result {
            Some(result) if surely_fits(result, kind) => Cases::of(Value::Int(result, kind)),
            _ if kind == IntType::Unknown => self.unknown(UNKNOWN_WIDTH),
            // The profile decides whether overflow panics or wraps.
            _ => self.unknown("this arithmetic overflows"),
        }
    }

    /// Evaluates `x << y` and `x >> y`.
    fn shifted(&mut self, operator: &str, x: i128, y: i128, kind: IntType) -> Cases {
        if kind == IntType::Unknown {
            // A shift by fewer than seven bits is possible in every type.
            let few = u32::try_from(y).ok().filter(|y| *y < 7).map(|y| (x << y, x >> y));
            let result = few.map(|(left, right)| if operator == "<<" { left } else { right });
            return match result {
                Some(result) if surely_fits(x, kind) && surely_fits(result, kind) => {
                    Cases::of(Value::Int(result, kind))
                }
                _ => self.unknown(UNKNOWN_WIDTH),
            };
        }
        let Some(y) = u32::try_from(y).ok().filter(|y| *y < bits(kind)) else {
            // The profile decides whether this panics.
            return self.unknown("this shift overflows");
        };
        let result = if operator == "<<" { shifted_left(x, y, kind) } else { Some(x >> y) };
        match result {
            Some(result) => Cases::of(Value::Int(result, kind)),
            None => self.unknown(TOO_WIDE),
        }
    }

    /// Evaluates a cast `value as Type`.
    pub(crate) fn cast(&mut self, value: &Cases, ty: Option<&Ty>) -> Cases {
        let value = self.deref_all(value);
        let kind = ty.and_then(Ty::integer);
        let to_char = ty.is_some_and(|ty| ty.name == "char");
        let float = ty.is_some_and(|ty| matches!(ty.name.as_str(), "f32" | "f64"));
        self.each(&value, |interp, value| {
            let number = match value {
                _ if float => return interp.unknown("a floating-point number is not understood"),
                Value::SymbolicInt(..) => return Cases::of(value.clone()),
                Value::Int(number, _) => *number,
                Value::Bool(value) => i128::from(*value),
                Value::Char(character) => i128::from(u32::from(*character)),
                Value::Enum(variant) if kind.is_some() => match interp.discriminant(variant) {
                    Some(number) => number,
                    None => return interp.unknown("the number of this variant is not known"),
                },
                other => match kind {
                    // `x as &str`, `as &dyn Trait`: the value itself.
                    None => return Cases::of(other.clone()),
                    Some(_) => return interp.unknown("this cast is not understood"),
                },
            };
            match kind {
                Some(kind) => match wrapped(number, kind) {
                    Some(number) => Cases::of(Value::Int(number, kind)),
                    None => interp.unknown(TOO_WIDE),
                },
                None if to_char => match u32::try_from(number).ok().and_then(char::from_u32) {
                    Some(character) => Cases::of(Value::Char(character)),
                    None => interp.unknown("this cast is not understood"),
                },
                None => interp.unknown("this cast is not understood"),
            }
        })
    }
}

impl Interp<'_> {
    /// Returns the number of a variant of an enum of the script, which `as` takes: the literal that is written, or one
    /// more than the number of the variant before. `None` if the enum has fields or conditions, or if what is written is
    /// no literal.
    fn discriminant(&mut self, value: &EnumValue) -> Option<i128> {
        if self.is_of_two_modules(&value.name) {
            return None;
        }
        let item = self.enum_item(&[value.name.to_string()])?;
        let mut next = 0;
        let mut found = None;
        for variant in &item.variants {
            let is_unit = matches!(variant.fields, syn::Fields::Unit);
            if !is_unit
                || variant
                    .attrs
                    .iter()
                    .any(|attr| ["cfg", "cfg_attr"].iter().any(|cfg| attr.path().is_ident(cfg)))
            {
                return None;
            }
            if let Some((_, written)) = &variant.discriminant {
                next = literal_number(written)?;
            }
            if variant.ident == *value.variant {
                found = Some(next);
            }
            next += 1;
        }
        found
    }
}

/// Returns the number that a literal of an integer or a byte is, which a minus may precede.
fn literal_number(code: &Expr) -> Option<i128> {
    match code {
        Expr::Lit(literal) => match &literal.lit {
            syn::Lit::Int(number) => number.base10_parse::<i64>().ok().map(i128::from),
            syn::Lit::Byte(byte) => Some(i128::from(byte.value())),
            _ => None,
        },
        Expr::Unary(syn::ExprUnary { op: syn::UnOp::Neg(_), expr, .. }) => {
            literal_number(expr).map(|number| -number)
        }
        _ => None,
    }
}

/// Returns the domain of a number that has few values.
pub(crate) fn number_domain(sym: &Sym) -> Option<crate::logic::Domain> {
    match sym {
        Sym::Minor => Some(crate::logic::Domain::Minor),
        Sym::Patch => Some(crate::logic::Domain::Patch),
        _ => None,
    }
}

/// Tells whether an expression has no side effect.
fn is_quiet(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(_) | Expr::Path(_) => true,
        Expr::Paren(inner) => is_quiet(&inner.expr),
        Expr::Group(inner) => is_quiet(&inner.expr),
        Expr::Field(field) => is_quiet(&field.base),
        Expr::Index(index) => is_quiet(&index.expr) && is_quiet(&index.index),
        Expr::Unary(unary) => is_quiet(&unary.expr),
        Expr::Reference(reference) => is_quiet(&reference.expr),
        Expr::Cast(cast) => is_quiet(&cast.expr),
        Expr::Binary(binary) => {
            compound(&binary.op).is_none() && is_quiet(&binary.left) && is_quiet(&binary.right)
        }
        Expr::MethodCall(call) => {
            const QUIET: [&str; 10] = [
                "len",
                "clone",
                "to_string",
                "as_str",
                "is_empty",
                "trim",
                "to_owned",
                "as_bytes",
                "abs",
                "count_ones",
            ];
            call.args.is_empty() && QUIET.iter().any(|quiet| call.method == quiet) && is_quiet(&call.receiver)
        }
        _ => false,
    }
}

fn compound(op: &BinOp) -> Option<&'static str> {
    Some(match op {
        BinOp::AddAssign(_) => "+",
        BinOp::SubAssign(_) => "-",
        BinOp::MulAssign(_) => "*",
        BinOp::DivAssign(_) => "/",
        BinOp::RemAssign(_) => "%",
        BinOp::BitAndAssign(_) => "&",
        BinOp::BitOrAssign(_) => "|",
        BinOp::BitXorAssign(_) => "^",
        BinOp::ShlAssign(_) => "<<",
        BinOp::ShrAssign(_) => ">>",
        _ => return None,
    })
}

/// Why a number of unknown type is not computed with.
const UNKNOWN_WIDTH: &str = "how wide this number's type is is not known";
/// Why a number of 128 bits is not.
const TOO_WIDE: &str = "a number this large is not understood";

/// Returns the low bits of a number as a number of the type; `None` if they are more than an `i128` holds.
fn wrapped(number: i128, kind: IntType) -> Option<i128> {
    match kind {
        IntType::Unsigned(128) if number < 0 => None,
        kind => Some(wrap(number, kind)),
    }
}

fn shifted_left(number: i128, by: u32, kind: IntType) -> Option<i128> {
    match kind {
        IntType::Signed(128) | IntType::Unsigned(128) => {
            let result = number.checked_shl(by)?;
            (result >> by == number && (kind != IntType::Unsigned(128) || result >= 0)).then_some(result)
        }
        // Only the bits that stay matter: what is shifted out must not be kept.
        kind => {
            let kept = bits(kind) - by;
            let low = number & ((1i128 << kept) - 1);
            Some(wrap(low << by, kind))
        }
    }
}

pub(crate) fn bits(kind: IntType) -> u32 {
    match kind {
        IntType::Unsigned(bits) | IntType::Signed(bits) => u32::from(bits),
        IntType::Usize | IntType::Isize | IntType::Unknown => 64,
    }
}

pub(crate) fn fits(number: i128, kind: IntType) -> bool {
    match kind {
        IntType::Unknown => true,
        IntType::Signed(128) => true,
        // Numbers above `i128::MAX` are not represented here.
        IntType::Unsigned(128) => number >= 0,
        IntType::Unsigned(_) | IntType::Usize => number >= 0 && number < 1i128 << bits(kind),
        IntType::Signed(_) | IntType::Isize => {
            let half = 1i128 << (bits(kind) - 1);
            number >= -half && number < half
        }
    }
}

/// Returns whether a computed number certainly fits its type, as [`fits`] does; an unknown type may be the smallest
/// one.
pub(crate) fn surely_fits(number: i128, kind: IntType) -> bool {
    match kind {
        IntType::Unknown => (0..=i128::from(i8::MAX)).contains(&number),
        kind => fits(number, kind),
    }
}

pub(crate) fn wrap(number: i128, kind: IntType) -> i128 {
    match kind {
        IntType::Unknown | IntType::Signed(128) | IntType::Unsigned(128) => number,
        IntType::Unsigned(_) | IntType::Usize => number & ((1i128 << bits(kind)) - 1),
        IntType::Signed(_) | IntType::Isize => {
            let modulus = 1i128 << bits(kind);
            let low = number & (modulus - 1);
            if low >= modulus / 2 { low - modulus } else { low }
        }
    }
}
