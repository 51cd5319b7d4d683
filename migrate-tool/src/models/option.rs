//! `Option` and `Result`.

use std::rc::Rc;

use super::text::store;
use super::{Call, Method};
use crate::interp::Interp;
use crate::logic::Guard;
use crate::value::{Cases, Place, Step, Value};

/// Models the constructors as functions.
pub(super) fn call(_: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    Some(match call.path.rsplit("::").next()? {
        "Some" => Cases::some(call.arg(0)),
        "Ok" => Cases::ok(call.arg(0)),
        "Err" => Cases::err(call.arg(0)),
        "from" => Cases::some(call.arg(0)),
        _ => return None,
    })
}

pub(super) fn constant(_: &mut Interp<'_>, path: &str) -> Option<Cases> {
    (path == "std::option::Option::None").then(Cases::none)
}

/// Methods of `Option` and `Result`.
pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    let Value::Enum(value) = method.value else { return None };
    let is_option = match &*value.name {
        "Option" => true,
        "Result" => false,
        _ => return None,
    };
    let full = matches!(&*value.variant, "Some" | "Ok");
    let inner = value.fields.first().map_or_else(Cases::unit, |(_, inner)| interp.narrow(inner.clone()));
    let same = || Cases::of(method.value.clone());
    let wrap = |inner: Cases| if is_option { Cases::some(inner) } else { Cases::ok(inner) };
    Some(match method.name {
        "is_some" | "is_ok" => Cases::bool(full),
        "is_none" | "is_err" => Cases::bool(!full),
        "is_some_and" | "is_ok_and" => {
            if full {
                interp.call_value(&method.arg(0), vec![inner])
            } else {
                Cases::bool(false)
            }
        }
        "is_none_or" => {
            if full {
                interp.call_value(&method.arg(0), vec![inner])
            } else {
                Cases::bool(true)
            }
        }
        "unwrap" | "expect" | "unwrap_unchecked" => {
            if full {
                inner
            } else {
                let message = match method.args.first() {
                    Some(message) => interp.display_text(message, false),
                    None if is_option => {
                        crate::value::Text::lit("called `Option::unwrap()` on a `None` value")
                    }
                    None => {
                        let error = interp.display_text(&inner, true);
                        crate::value::Text::lit("called `Result::unwrap()` on an `Err` value: ")
                            .concat(&error)
                    }
                };
                interp.panic(message)
            }
        }
        "unwrap_err" | "expect_err" if !is_option => {
            if full {
                interp.panic(crate::value::Text::lit("an error was expected"))
            } else {
                inner
            }
        }
        "unwrap_or" => {
            if full {
                inner
            } else {
                method.arg(0)
            }
        }
        "unwrap_or_else" => {
            if full {
                inner
            } else {
                let args = if is_option { vec![] } else { vec![inner] };
                interp.call_value(&method.arg(0), args)
            }
        }
        "unwrap_or_default" => {
            if full {
                inner
            } else {
                let hint = method.hint.map(|hint| hint.innermost().clone());
                super::defaults::default_of(interp, hint.as_ref())
            }
        }
        "map" => {
            if full {
                let mapped = interp.call_value(&method.arg(0), vec![inner]);
                if mapped.is_never() { mapped } else { wrap(mapped) }
            } else {
                same()
            }
        }
        "map_err" => {
            if full {
                same()
            } else {
                let mapped = interp.call_value(&method.arg(0), vec![inner]);
                if mapped.is_never() { mapped } else { Cases::err(mapped) }
            }
        }
        "map_or" => {
            if full {
                interp.call_value(&method.arg(1), vec![inner])
            } else {
                method.arg(0)
            }
        }
        "map_or_else" => {
            if full {
                interp.call_value(&method.arg(1), vec![inner])
            } else {
                let args = if is_option { vec![] } else { vec![inner] };
                interp.call_value(&method.arg(0), args)
            }
        }
        "and_then" => {
            if full {
                interp.call_value(&method.arg(0), vec![inner])
            } else {
                same()
            }
        }
        "and" => {
            if full {
                method.arg(0)
            } else {
                same()
            }
        }
        "or" => {
            if full {
                same()
            } else {
                method.arg(0)
            }
        }
        "or_else" => {
            if full {
                same()
            } else {
                let args = if is_option { vec![] } else { vec![inner] };
                interp.call_value(&method.arg(0), args)
            }
        }
        "filter" => {
            if full {
                let kept = interp.call_value(&method.arg(0), vec![inner]);
                let kept = interp.truth(&kept);
                interp.choose(kept, same(), Cases::none())
            } else {
                same()
            }
        }
        "ok" if !is_option => {
            if full {
                Cases::some(inner)
            } else {
                Cases::none()
            }
        }
        "err" if !is_option => {
            if full {
                Cases::none()
            } else {
                Cases::some(inner)
            }
        }
        "ok_or" => {
            if full {
                Cases::ok(inner)
            } else {
                Cases::err(method.arg(0))
            }
        }
        "ok_or_else" => {
            if full {
                Cases::ok(inner)
            } else {
                let error = interp.call_value(&method.arg(0), vec![]);
                if error.is_never() { error } else { Cases::err(error) }
            }
        }
        "xor" => {
            let other = method.arg(0);
            let (some, _) = interp.some_of(&other);
            if full { interp.choose(some, Cases::none(), same()) } else { other }
        }
        "zip" => {
            let other = method.arg(0);
            if !full {
                return Some(same());
            }
            interp.each(&other, |_, other| match other {
                Value::Enum(other) if &*other.variant == "Some" => {
                    Cases::some(Cases::of(Value::Tuple(Rc::from([inner.clone(), other.fields[0].1.clone()]))))
                }
                _ => Cases::none(),
            })
        }
        "flatten" if is_option => {
            if full {
                inner
            } else {
                same()
            }
        }
        "transpose" => {
            if !full {
                return Some(if is_option { Cases::ok(Cases::none()) } else { Cases::some(same()) });
            }
            interp.each(&inner, |interp, inner| match inner {
                Value::Enum(value) => match &*value.variant {
                    "Ok" => Cases::ok(Cases::some(value.fields[0].1.clone())),
                    "Err" => Cases::of(inner.clone()),
                    "Some" => Cases::some(Cases::ok(value.fields[0].1.clone())),
                    _ => Cases::none(),
                },
                _ => interp.unknown("`transpose` of this is not understood"),
            })
        }
        "context" | "with_context" if !is_option => {
            if full {
                same()
            } else {
                let message = match method.arg(0).single() {
                    Some(Value::Closure(_) | Value::Function(_)) => interp.call_value(&method.arg(0), vec![]),
                    _ => method.arg(0),
                };
                Cases::err(message)
            }
        }
        "as_ref" | "as_deref" | "cloned" | "copied" | "clone" | "to_owned" | "into" | "borrow" => same(),
        "as_mut" | "as_deref_mut" | "iter_mut" => match method.place {
            Some(place) if full => {
                let mut path = place.path.clone();
                path.push(Step::Field(Rc::from("0")));
                wrap(Cases::of(Value::Ref(Rc::new(Place { cell: place.cell, path }))))
            }
            // The error, too, can be changed where it is; nobody iterates over it.
            Some(place) if !is_option && method.name != "iter_mut" => {
                let mut path = place.path.clone();
                path.push(Step::Field(Rc::from("0")));
                Cases::err(Cases::of(Value::Ref(Rc::new(Place { cell: place.cell, path }))))
            }
            None if full || !is_option && method.name != "iter_mut" => return None,
            _ => same(),
        },
        "iter" | "into_iter" => {
            Cases::iter(full.then_some((Guard::TRUE, inner)).into_iter().collect::<crate::value::Items>())
        }
        "take" => {
            store(interp, method, Cases::none());
            if interp.dead() { Cases::never() } else { same() }
        }
        "replace" => {
            store(interp, method, Cases::some(method.arg(0)));
            same()
        }
        "insert" => {
            store(interp, method, Cases::some(method.arg(0)));
            let place = method.place?;
            let mut path = place.path.clone();
            path.push(Step::Field(Rc::from("0")));
            Cases::of(Value::Ref(Rc::new(Place { cell: place.cell, path })))
        }
        "get_or_insert_with" | "get_or_insert" => {
            if !full {
                let value = if method.name.ends_with("with") {
                    interp.call_value(&method.arg(0), vec![])
                } else {
                    method.arg(0)
                };
                if interp.dead() {
                    return Some(Cases::never());
                }
                store(interp, method, Cases::some(value));
            }
            let place = method.place?;
            let mut path = place.path.clone();
            path.push(Step::Field(Rc::from("0")));
            Cases::of(Value::Ref(Rc::new(Place { cell: place.cell, path })))
        }
        "eq" => interp.equal(&same(), &method.arg(0)),
        "ne" => {
            let equal = interp.equal(&same(), &method.arg(0));
            interp.negate(&equal)
        }
        // An `Option` as an iterator has one item or none.
        "chain" | "next" | "collect" | "extend" | "for_each" | "any" | "filter_map" | "flat_map" => {
            let list = Cases::seq(if full { vec![(Guard::TRUE, inner)] } else { vec![] });
            interp.call_method(&list, method.name, method.args, method.hint, method.generics)
        }
        "inspect" => {
            if full {
                interp.call_value(&method.arg(0), vec![inner]);
            }
            same()
        }
        "inspect_err" => {
            if !full {
                interp.call_value(&method.arg(0), vec![inner]);
            }
            same()
        }
        _ => return None,
    })
}
