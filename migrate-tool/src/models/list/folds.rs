//! Sums, and folds that a failure ends.

use super::super::Method;
use crate::interp::{Interp, Ty};
use crate::logic::Guard;
use crate::value::{Cases, IntType, Value};

/// Models `sum` and `product`, of integers and of options and results of them. `None` for another type: its own
/// implementation, or a float.
pub(super) fn sum(interp: &mut Interp<'_>, method: &Method<'_>, whole: &Cases) -> Option<Cases> {
    let operator = if method.name == "sum" { "+" } else { "*" };
    let start = if method.name == "sum" { 0 } else { 1 };
    let asked = method.generics.first().filter(|ty| ty.says_something());
    let asked = asked.or(method.hint.filter(|ty| ty.says_something())).map(|ty| interp.canonical(ty));
    let mut add =
        |interp: &mut Interp<'_>, before: &Cases, item: &Cases| interp.arithmetic(operator, before, item);
    let Some(asked) = asked else {
        // The sum of an empty list has a type, too, which the items cannot tell.
        let mut any = false;
        let sum = folded(interp, whole, number(start, IntType::Unknown), &mut |interp, before, item| {
            any = true;
            add(interp, before, item)
        });
        return Some(if any { sum } else { interp.unknown("the type of this sum is not known") });
    };
    if let Some(kind) = asked.integer() {
        return Some(folded(interp, whole, number(start, kind), &mut add));
    }
    if !matches!(asked.name.as_str(), "Option" | "Result") {
        return None;
    }
    let kind = match asked.args.first().filter(|ty| ty.says_something()) {
        Some(inner) => inner.integer()?,
        None => IntType::Unknown,
    };
    let cell = interp.new_cell(number(start, kind));
    Some(tried(
        interp,
        whole,
        Some(&asked),
        &mut |interp, item| {
            let (some, inner) = interp.some_of(&item);
            let path = interp.pc;
            interp.pc = some;
            let before = interp.read_cell(cell);
            let after = if interp.dead() { Cases::never() } else { add(interp, &before, &inner) };
            interp.write_cell(cell, after.clone());
            // An overflow ends the path.
            let lost = interp.inputs.minus(some, interp.pc);
            interp.pc = interp.inputs.minus(path, lost);
            item
        },
        cell,
    ))
}

fn number(value: i128, kind: IntType) -> Cases {
    Cases::of(Value::Int(value, kind))
}

fn folded<'s>(
    interp: &mut Interp<'s>,
    whole: &Cases,
    start: Cases,
    add: &mut dyn FnMut(&mut Interp<'s>, &Cases, &Cases) -> Cases,
) -> Cases {
    let cell = interp.new_cell(start);
    interp.drive(whole, &mut |interp, item| {
        let before = interp.read_cell(cell);
        let after = add(interp, &before, &item);
        interp.write_cell(cell, after);
    });
    if interp.dead() { Cases::never() } else { interp.read_cell(cell) }
}

/// Models `try_fold` and `try_for_each` with options and results.
pub(super) fn try_fold(interp: &mut Interp<'_>, method: &Method<'_>, whole: &Cases) -> Cases {
    let folds = method.name == "try_fold";
    let action = method.arg(usize::from(folds));
    let cell = interp.new_cell(if folds { method.arg(0) } else { Cases::unit() });
    let asked = method.generics.last().filter(|ty| ty.says_something()).or(method.hint);
    let asked = asked.map(|ty| interp.canonical(ty));
    tried(
        interp,
        whole,
        asked.as_ref(),
        &mut |interp, item| {
            let args = if folds { vec![interp.read_cell(cell), item] } else { vec![item] };
            let result = interp.call_value(&action, args);
            let result = interp.deref_all(&result);
            let (some, inner) = interp.some_of(&result);
            let path = std::mem::replace(&mut interp.pc, some);
            if !interp.dead() {
                interp.write_cell(cell, inner);
            }
            interp.pc = path;
            result
        },
        cell,
    )
}

/// Goes over a list until a step fails; the result is that failure, or what the cell holds at the end.
fn tried<'s>(
    interp: &mut Interp<'s>,
    whole: &Cases,
    asked: Option<&Ty>,
    step: &mut dyn FnMut(&mut Interp<'s>, Cases) -> Cases,
    cell: crate::value::CellId,
) -> Cases {
    let (mut failed, mut ended) = (Vec::new(), Guard::FALSE);
    let mut seen: Option<std::rc::Rc<str>> = None;
    interp.drive(whole, &mut |interp, item| {
        let result = step(interp, item);
        for (guard, value) in result.0.iter() {
            match value {
                Value::Enum(one) if matches!(&*one.name, "Option" | "Result") => {
                    seen = Some(std::rc::Rc::clone(&one.name));
                }
                _ => interp.unknown_where(*guard, "what this step of a fold gives is not understood"),
            }
        }
        let (some, _) = interp.some_of(&result);
        let fails = interp.inputs.minus(interp.pc, some);
        if !fails.is_false() {
            failed.push((fails, result));
            ended = interp.inputs.or(ended, fails);
        }
        interp.pc = interp.inputs.minus(interp.pc, fails);
    });
    let fine = interp.pc;
    if !interp.dead() {
        let end = interp.read_cell(cell);
        let whole = match seen.as_deref().or(asked.map(|ty| ty.name.as_str())) {
            Some("Option") => Cases::some(end),
            Some("Result") => Cases::ok(end),
            _ => interp.unknown("what this fold gives is not known"),
        };
        failed.push((fine, whole));
    }
    interp.pc = interp.inputs.or(interp.pc, ended);
    if interp.dead() { Cases::never() } else { interp.inputs.join(failed) }
}
