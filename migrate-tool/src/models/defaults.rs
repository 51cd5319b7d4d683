//! `Default`, and methods that every value has.

use std::rc::Rc;

use super::Method;
use crate::interp::{Choice, Interp, Ty};
use crate::semantics::types::{UNKNOWN_INTEGER, UNKNOWN_TEXT};
use crate::value::{Cases, CellKind, IntType, Items, SeqKind, StructValue, Text, Value};

/// Returns the default of a type; without a type it is residue.
pub(crate) fn default_of(interp: &mut Interp<'_>, ty: Option<&Ty>) -> Cases {
    let Some(ty) = ty else { return interp.unknown("whose default it is is not known") };
    if let Some(kind) = ty.integer() {
        return Cases::of(Value::Int(0, kind));
    }
    match ty.name.as_str() {
        UNKNOWN_TEXT => Cases::str(""),
        UNKNOWN_INTEGER => Cases::of(Value::Int(0, IntType::Unknown)),
        "String" | "PathBuf" | "OsString" | "str" => {
            Cases::text(Text::lit("").typed(ty.text().unwrap_or_default()))
        }
        "bool" => Cases::bool(false),
        "Vec" => Cases::seq(Items::new().of_kind(SeqKind::Vec)),
        "VecDeque" => Cases::seq(Items::new().of_kind(SeqKind::Deque)),
        "char" => Cases::of(Value::Char('\0')),
        "(tuple)" => {
            let parts: Vec<Cases> = ty.args.iter().map(|part| default_of(interp, Some(part))).collect();
            match (interp.dead(), parts.is_empty()) {
                (true, _) => Cases::never(),
                (false, true) => Cases::unit(),
                (false, false) => Cases::of(Value::Tuple(parts.into())),
            }
        }
        "Cell" | "RefCell" | "Mutex" | "RwLock" => {
            let inner = default_of(interp, ty.args.first());
            let kind = match ty.name.as_str() {
                "Cell" => CellKind::Cell,
                "RefCell" => CellKind::RefCell,
                "Mutex" => CellKind::Mutex,
                _ => CellKind::RwLock,
            };
            if interp.dead() { Cases::never() } else { super::cell::made(interp, inner, kind) }
        }
        "Option" => Cases::none(),
        "HashMap" => Cases::of(super::list::empty_map(false, false)),
        "HashSet" => Cases::of(super::list::empty_map(false, true)),
        "BTreeMap" => Cases::of(super::list::empty_map(true, false)),
        "BTreeSet" => Cases::of(super::list::empty_map(true, true)),
        name => {
            match interp.choose_associated(name, Some("Default"), "default", &[]) {
                Choice::These(found) => return interp.call_one_of(&found, &[]),
                Choice::Nothing => {}
                Choice::Unclear => {
                    return interp.unknown(&format!("which default of `{name}` is meant is not clear"));
                }
            }
            let Some(item) = interp.struct_item(name) else {
                return interp.unknown(&format!("the default of `{name}` is not known"));
            };
            let fields = item
                .fields
                .iter()
                .enumerate()
                .map(|(at, field)| {
                    let ty = Ty::from_syn(&field.ty);
                    let name = field.ident.as_ref().map_or_else(|| at.to_string(), ToString::to_string);
                    (Rc::from(name), default_of(interp, ty.as_ref()))
                })
                .collect();
            if interp.dead() {
                Cases::never()
            } else {
                Cases::of(Value::Struct(Rc::new(StructValue { name: Rc::from(name), fields })))
            }
        }
    }
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    let same = || Cases::of(method.value.clone());
    Some(match method.name {
        "by_ref" if !matches!(method.value, Value::Object(_)) => return None,
        "clone" | "to_owned" | "as_ref" | "as_mut" | "borrow" | "into" | "by_ref" | "deref" => {
            // A copy of something with a log of its own must not share it.
            if let Value::Object(object) = method.value
                && method.name == "clone"
            {
                let copy = interp.objects[*object].clone();
                interp.objects.push(copy);
                return Some(Cases::of(Value::Object(interp.objects.len() - 1)));
            }
            same()
        }
        "eq" => interp.equal(&same(), &method.arg(0)),
        "ne" => interp.not_equal(&same(), &method.arg(0)),
        "lt" | "le" | "gt" | "ge" => {
            let operator = match method.name {
                "lt" => "<",
                "le" => "<=",
                "gt" => ">",
                _ => ">=",
            };
            interp.ordered(&same(), &method.arg(0), operator)
        }
        // If both are equal, `max` gives the second and `min` the first.
        "max" | "min"
            if matches!(
                method.value,
                Value::Text(_) | Value::Bool(_) | Value::Char(_) | Value::Enum(_) | Value::Tuple(_)
            ) =>
        {
            let (a, b) = (same(), method.arg(0));
            if method.name == "max" {
                let greater = interp.ordered(&b, &a, "<");
                let greater = interp.truth(&greater);
                interp.choose(greater, a, b)
            } else {
                let less = interp.ordered(&b, &a, "<");
                let less = interp.truth(&less);
                interp.choose(less, b, a)
            }
        }
        "cmp" | "partial_cmp" => {
            let other = interp.deref_all(&method.arg(0));
            let order = interp.each(&other, |interp, other| interp.compare_values(method.value, other));
            let named = interp.each(&order, |interp, order| match order {
                Value::Int(order, _) => {
                    let name = match order {
                        -1 => "Less",
                        0 => "Equal",
                        _ => "Greater",
                    };
                    Cases::of(Value::External(format!("std::cmp::Ordering::{name}").into()))
                }
                _ => interp.unknown("this comparison is not understood"),
            });
            if method.name == "cmp" {
                named
            } else {
                interp.each(&named, |_, named| Cases::some(Cases::of(named.clone())))
            }
        }
        "to_string" if !matches!(method.value, Value::Object(_)) => {
            let value = same();
            interp.display(&value, None)
        }
        "kind" | "raw_os_error" | "description" | "source" | "cause"
            if matches!(method.value, Value::Opaque(_)) =>
        {
            same()
        }
        "then" | "then_with" if matches!(method.value, Value::External(path) if path.starts_with("std::cmp::Ordering")) => {
            match method.value {
                Value::External(path) if path.ends_with("Equal") => {
                    if method.name == "then" {
                        method.arg(0)
                    } else {
                        interp.call_value(&method.arg(0), vec![])
                    }
                }
                _ => same(),
            }
        }
        "is_lt" | "is_le" | "is_gt" | "is_ge" | "is_eq" | "is_ne" => {
            let Value::External(path) = method.value else { return None };
            let order = match path.rsplit("::").next()? {
                "Less" => -1,
                "Equal" => 0,
                "Greater" => 1,
                _ => return None,
            };
            Cases::bool(match method.name {
                "is_lt" => order < 0,
                "is_le" => order <= 0,
                "is_gt" => order > 0,
                "is_ge" => order >= 0,
                "is_eq" => order == 0,
                _ => order != 0,
            })
        }
        _ => {
            let _ = IntType::Unknown;
            return None;
        }
    })
}
