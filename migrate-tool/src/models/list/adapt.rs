//! Iterators made of another iterator: nothing is asked of it yet.

use super::super::Method;
use super::super::text::int;
use crate::interp::Interp;
use crate::logic::Guard;
use crate::value::{Cases, Iter, IterStep, Value, While};

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>, own: &Iter) -> Option<Cases> {
    // An iterator that an adapter takes by value is not used again.
    let taken = match own {
        Iter::Place(place) if method.name == "zip" && interp.receiver == Some(place.cell) => {
            match interp.read_place(place).single() {
                Some(Value::Iter(inside)) => Some((**inside).clone()),
                _ => None,
            }
        }
        _ => None,
    };
    let inner = Box::new(taken.unwrap_or_else(|| own.clone()));
    let chain = Guard::TRUE;
    let count = |at: usize| usize::try_from(int(&method.arg(at))?).ok();
    let each = |step| Iter::Each(inner.clone(), step, method.arg(0));
    let made = match method.name {
        "map" => each(IterStep::Map),
        "filter" => each(IterStep::Filter),
        "filter_map" => each(IterStep::FilterMap),
        "inspect" => each(IterStep::Inspect),
        "flat_map" => Iter::Flat { inner, f: Some(method.arg(0)), front: None, back: None },
        "flatten" => Iter::Flat { inner, f: None, front: None, back: None },
        "peekable" => Iter::Peekable { inner, peeked: None },
        "chain" => {
            let other = interp.iterate(&method.arg(0));
            Iter::Chain(inner, Box::new(other))
        }
        "zip" => {
            let other = interp.iterate(&method.arg(0));
            Iter::Zip { a: inner, b: Box::new(other) }
        }
        "rev" => Iter::Rev(inner),
        "enumerate" => Iter::Enumerate { inner, at: 0, chain },
        "cycle" => {
            // Each repetition begins with the state that the iterator has now.
            let (whole, now) = (interp.cloned_iter(&inner), interp.cloned_iter(&inner));
            Iter::Cycle { whole: Box::new(whole), now: Box::new(now) }
        }
        "take" => Iter::Take { inner, left: count(0)?, chain },
        "skip" => Iter::Skip { inner, left: count(0)?, chain },
        "step_by" => match count(0)? {
            0 => return Some(interp.panic(crate::value::Text::lit("assertion failed: step != 0"))),
            step => Iter::StepBy { inner, step, begun: false, chain },
        },
        "take_while" => Iter::While { inner, kind: While::Take, f: method.arg(0), ended: Guard::FALSE },
        "skip_while" => Iter::While { inner, kind: While::Skip, f: method.arg(0), ended: Guard::FALSE },
        "map_while" => Iter::While { inner, kind: While::Map, f: method.arg(0), ended: Guard::FALSE },
        "scan" => {
            let state = interp.new_cell(method.arg(0));
            Iter::Scan { inner, state, f: method.arg(1), ended: Guard::FALSE }
        }
        "fuse" => inner.fused(),
        "iter" | "into_iter" | "cloned" | "copied" | "by_ref" => *inner,
        _ => return None,
    };
    Some(if interp.dead() { Cases::never() } else { Cases::of(wrap(made)) })
}

fn wrap(iter: Iter) -> Value {
    iter.into_value()
}
