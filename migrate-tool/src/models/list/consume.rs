//! Methods that go through a list and make one value of it.

use std::rc::Rc;

use super::super::Method;
use super::any;
use super::collect::collect;
use super::join::join;
use crate::interp::Interp;
use crate::logic::Guard;
use crate::value::{Gv, IntType, Value};

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>, whole: &Gv) -> Option<Gv> {
    Some(match method.name {
        "collect" | "collect_vec" | "from_iter" => collect(interp, whole, method),
        "any" => {
            let test = method.arg(0);
            any(interp, whole, &mut |interp, item| interp.call_value(&test, vec![item]))
        }
        "all" => {
            let test = method.arg(0);
            let fails = any(interp, whole, &mut |interp, item| {
                let holds = interp.call_value(&test, vec![item]);
                interp.negate(&holds)
            });
            interp.negate(&fails)
        }
        "find" | "position" | "find_map" | "rposition" | "rfind" => {
            let test = method.arg(0);
            search(interp, whole, &test, method.name)?
        }
        "for_each" => {
            let action = method.arg(0);
            interp.drive(whole, &mut |interp, item| {
                interp.call_value(&action, vec![item]);
            });
            if interp.dead() { Gv::never() } else { Gv::unit() }
        }
        "fold" => {
            let action = method.arg(1);
            let cell = interp.new_cell(method.arg(0));
            interp.drive(whole, &mut |interp, item| {
                let before = interp.read_cell(cell);
                let after = interp.call_value(&action, vec![before, item]);
                interp.write_cell(cell, after);
            });
            if interp.dead() { Gv::never() } else { interp.read_cell(cell) }
        }
        "sum" | "product" => {
            let start = if method.name == "sum" { 0 } else { 1 };
            let wanted = method.generics.first().or(method.hint).and_then(crate::interp::Ty::integer);
            let cell = interp.new_cell(Gv::of(Value::Int(start, wanted.unwrap_or(IntType::Unknown))));
            let operator = if method.name == "sum" { "+" } else { "*" };
            interp.drive(whole, &mut |interp, item| {
                let before = interp.read_cell(cell);
                let after = interp.arithmetic(operator, &before, &item);
                interp.write_cell(cell, after);
            });
            if interp.dead() { Gv::never() } else { interp.read_cell(cell) }
        }
        "join" | "concat" => {
            let separator = if method.name == "join" { method.arg(0) } else { Gv::str("") };
            let joined = join(interp, whole, &separator);
            if let Some(Value::Seq(items)) = joined.single() {
                super::count(interp, items.len());
            }
            joined
        }
        "max" | "min" | "max_by_key" | "min_by_key" => {
            if method.name.ends_with("key") {
                return None;
            }
            let operator = if method.name == "max" { ">=" } else { "<" };
            let cell = interp.new_cell(Gv::none());
            interp.drive(whole, &mut |interp, item| {
                let best = interp.read_cell(cell);
                let (some, inner) = interp.some_of(&best);
                let path = interp.pc;
                interp.pc = interp.inputs.and(path, some);
                let mut better = interp.inputs.minus(path, some);
                if !interp.dead() {
                    let is_better = interp.ordered(&item, &inner, operator);
                    let truth = interp.truth(&is_better);
                    better = interp.inputs.or(better, truth);
                }
                interp.pc = interp.inputs.and(path, better);
                interp.write_cell(cell, Gv::some(item));
                interp.pc = path;
            });
            if interp.dead() { Gv::never() } else { interp.read_cell(cell) }
        }
        "partition" => {
            let test = method.arg(0);
            let (mut yes, mut no) = (Vec::new(), Vec::new());
            interp.drive(whole, &mut |interp, item| {
                let holds = interp.call_value(&test, vec![item.clone()]);
                let truth = interp.truth(&holds);
                let fails = interp.inputs.minus(interp.pc, truth);
                if !truth.is_false() {
                    yes.push((truth, item.clone()));
                }
                if !fails.is_false() {
                    no.push((fails, item));
                }
            });
            Gv::of(Value::Tuple(Rc::from([Gv::seq(yes), Gv::seq(no)])))
        }
        "unzip" => {
            let (mut left, mut right) = (Vec::new(), Vec::new());
            let start = interp.pc;
            interp.drive(whole, &mut |interp, item| {
                let guard = if interp.pc == start { Guard::TRUE } else { interp.pc };
                left.push((guard, interp.field(&item, "0")));
                right.push((guard, interp.field(&item, "1")));
            });
            Gv::of(Value::Tuple(Rc::from([Gv::seq(left), Gv::seq(right)])))
        }
        _ => return None,
    })
}

fn search(interp: &mut Interp<'_>, list: &Gv, test: &Gv, name: &str) -> Option<Gv> {
    let mut items = None;
    if name.starts_with('r') {
        let mut reversed = interp.items_of(list);
        reversed.reverse();
        items = Some(Gv::seq(reversed));
    }
    if name.ends_with("position") {
        let all = interp.items_of(list);
        if all.iter().any(|(guard, _)| !guard.is_true()) {
            return None;
        }
    }
    let list = items.as_ref().unwrap_or(list);
    let mut parts = Vec::new();
    let mut found = Guard::FALSE;
    let mut at = 0usize;
    interp.drive(list, &mut |interp, item| {
        let answer = interp.call_value(test, vec![item.clone()]);
        let (holds, value) = match name {
            "find_map" => interp.some_of(&answer),
            "position" => (interp.truth(&answer), Gv::usize(at)),
            "rposition" => (interp.truth(&answer), Gv::unit()),
            _ => (interp.truth(&answer), item),
        };
        at += 1;
        parts.push((holds, Gv::some(value)));
        found = interp.inputs.or(found, holds);
        interp.pc = interp.inputs.minus(interp.pc, holds);
    });
    if name == "rposition" {
        return None;
    }
    parts.push((interp.pc, Gv::none()));
    interp.pc = interp.inputs.or(interp.pc, found);
    Some(interp.inputs.join(parts))
}
