//! Parses a text as a number, a Boolean or another type.

use super::literal;
use crate::interp::{Choice, Interp, Method, Ty};
use crate::semantics::types::UNKNOWN_INTEGER;
use crate::value::{Cases, IntType, Piece, Sym, Text, Value};

/// Models `text.parse::<T>()`, whose result is a `Result`; the type may come from the context.
pub(super) fn parse(interp: &mut Interp<'_>, text: &Text, method: &Method<'_>) -> Cases {
    let ty = method
        .generics
        .first()
        .cloned()
        .or_else(|| method.hint.map(|hint| hint.innermost().clone()))
        .filter(|ty| ty.name != "_");
    parse_as(interp, text, ty.as_ref())
}

pub(in crate::models) fn parse_as(interp: &mut Interp<'_>, text: &Text, ty: Option<&Ty>) -> Cases {
    let error = || Cases::err(Cases::of(Value::Opaque("a parse error".into())));
    let number = ty.is_some_and(|ty| ty.name == UNKNOWN_INTEGER);
    let Some(ty) = ty.filter(|_| !number) else {
        // The numbers of rustc's version and date fit the integer types that scripts use; a script that parsed a year
        // as a byte would fail with every nightly.
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
            return Cases::ok(Cases::of(Value::SymbolicInt(sym.clone(), 10)));
        }
        // A small number has the same value in every integer type.
        return interp.ask_literal(text, "a number", &mut |interp, text| {
            let digits =
                !text.is_empty() && text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            match text.parse() {
                Ok(number) if digits || text.parse::<u8>().is_ok_and(|number| number < 128) => {
                    Cases::ok(Cases::of(Value::Int(number, IntType::Unknown)))
                }
                // It may be parsed as a `String`, or as a type of the script.
                _ if !number => interp.unknown("what type is parsed is not known"),
                _ if text.is_empty()
                    || text.bytes().all(|byte| byte.is_ascii_alphabetic())
                        && text.len() > 1
                        && !matches!(text, "true" | "false") =>
                {
                    // The text is no number, and no Boolean or character either.
                    Cases::err(Cases::of(Value::Opaque("a parse error".into())))
                }
                Ok(number)
                    if (0..=i128::from(u32::MAX)).contains(&number)
                        && text.bytes().all(|byte| byte.is_ascii_digit())
                        && number < 256 =>
                {
                    Cases::ok(Cases::of(Value::Int(number, IntType::Unknown)))
                }
                _ => interp.unknown("what type is parsed is not known"),
            }
        });
    };
    let ty = ty.innermost();
    if let Some(kind) = ty.integer() {
        return interp.ask(text, "a number", &mut |_, flat| match flat {
            [] => Some(error()),
            // A year is no number of eight bits.
            [Piece::Sym(Sym::Year)] if crate::interp::type_bits(kind) == 8 => None,
            [Piece::Sym(
                sym @ (Sym::Minor | Sym::Patch | Sym::Year | Sym::Month | Sym::Day | Sym::LlvmMajor | Sym::LlvmMinor | Sym::LlvmPatch | Sym::BetaNumber | Sym::NumJobs),
            )] => Some(Cases::ok(Cases::of(Value::SymbolicInt(sym.clone(), 10)))),
            // No number here holds it.
            [Piece::Lit(text)]
                if kind == IntType::Unsigned(128)
                    && text.parse::<u128>().is_ok_and(|number| i128::try_from(number).is_err()) =>
            {
                None
            }
            [Piece::Lit(text)] => Some(match text.parse::<i128>() {
                Ok(number) if crate::interp::fits_type(number, kind) && !(text.starts_with('-') && matches!(kind, IntType::Unsigned(_) | IntType::Usize)) => {
                    Cases::ok(Cases::of(Value::Int(number, kind)))
                }
                _ => error(),
            }),
            // With a letter or punctuation anywhere, the text is no number.
            flat if flat.iter().any(|piece| matches!(piece, Piece::Lit(text) if text.bytes().any(|byte| !byte.is_ascii_digit() && byte != b'+' && byte != b'-'))) => {
                Some(error())
            }
            _ => None,
        });
    }
    match ty.name.as_str() {
        "bool" => literal(interp, text, "a Boolean", &|text| match text {
            "true" => Cases::ok(Cases::bool(true)),
            "false" => Cases::ok(Cases::bool(false)),
            _ => error(),
        }),
        "String" | "PathBuf" | "OsString" => {
            Cases::ok(Cases::text(text.clone().typed(ty.text().unwrap_or_default())))
        }
        "char" => literal(interp, text, "a character", &|text| {
            let mut characters = text.chars();
            match (characters.next(), characters.next()) {
                (Some(character), None) => Cases::ok(Cases::of(Value::Char(character))),
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
                    let zero = interp.equal(&result.fields[0].1, &Cases::of(Value::Int(0, IntType::Unknown)));
                    let zero = interp.truth(&zero);
                    interp.choose(zero, error(), Cases::of(number.clone()))
                }
                other => Cases::of(other.clone()),
            })
        }
        "Version" | "VersionReq" => crate::models::versions::parse(interp, text, &ty.name),
        name => {
            let args = [Cases::text(text.clone())];
            match interp.choose_associated(name, Some("FromStr"), "from_str", &args) {
                Choice::These(found) => interp.call_one_of(&found, &args),
                _ => interp.unknown(&format!("parsing a `{name}` is not understood")),
            }
        }
    }
}
