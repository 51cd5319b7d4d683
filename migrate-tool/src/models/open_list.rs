//! A list that is known in full only during the build, such as the target's features. Each member that the script names
//! is a fact, present or not. One more member represents all others, and no effect may depend on it.

use std::rc::Rc;

use super::{Call, Method};
use crate::interp::Interp;
use crate::logic::Guard;
use crate::value::{Cases, Items, OpenList, Sym, Text, TextType, Value};

/// Returns the values of a cfg key, split at commas. Cargo joins them in the order of their names.
pub(super) fn of(interp: &mut Interp<'_>, key: &str) -> Cases {
    let named = match &interp.named_features {
        Some(named) => named.clone(),
        None => {
            let named: Vec<String> = interp.quoted.iter().cloned().collect();
            interp.named_features = Some(named.clone());
            named
        }
    };
    let named: Items =
        named.iter().map(|feature| (interp.target_key(key, feature), str_of(Text::lit(feature)))).collect();
    let other = str_of(Text::sym(Sym::Other(Sym::TARGET_FEATURE.into())));
    Cases::of(Value::OpenList(Rc::new(OpenList { named, others: Guard::TRUE, other })))
}

fn str_of(text: Text) -> Cases {
    Cases::text(text.typed(TextType::Str))
}

/// Returns the `Debug` text of such a list, if no member was added, changed or removed.
pub(crate) fn debug_text(interp: &mut Interp<'_>, list: &OpenList) -> Cases {
    let key = "target_feature";
    let whole = of(interp, key);
    let Some(Value::OpenList(whole)) = whole.single() else { return Cases::never() };
    let here = interp.pc;
    // The members that are present on this path, by guard and name.
    let mut there = |list: &OpenList| -> Vec<(Guard, Option<String>)> {
        let items = list.named.iter().map(|(guard, item)| (interp.inputs.and(*guard, here), item));
        let there = items.filter(|(guard, _)| !guard.is_false());
        there.map(|(guard, item)| (guard, item.literal().map(str::to_owned))).collect()
    };
    let untouched = there(whole) == there(list)
        && whole.other == list.other
        && interp.inputs.and(list.others, here) == here;
    if untouched {
        interp.sym(Sym::CfgList(key.into()))
    } else {
        interp.unknown("the debug text of this list is known only during the build")
    }
}

/// Models `HashSet::from_iter(list)` and similar functions.
pub(super) fn call(_: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    let makes = ["from_iter", "from"].iter().any(|name| call.path.ends_with(name));
    match call.arg(0).single() {
        Some(Value::OpenList(_)) if makes => Some(call.arg(0)),
        _ => None,
    }
}

pub(super) fn method(interp: &mut Interp<'_>, method: &Method<'_>) -> Option<Cases> {
    let Value::OpenList(list) = method.value else { return None };
    let whole = || Cases::of(method.value.clone());
    Some(match method.name {
        "iter" | "into_iter" | "cloned" | "copied" | "clone" | "to_vec" | "to_owned" | "as_slice"
        | "as_ref" | "borrow" | "into" | "fuse" => whole(),
        "sort" | "sort_unstable" => Cases::unit(),
        "collect" => {
            let ty = method.generics.first().or(method.hint);
            let lists = ["Vec", "VecDeque", "HashSet", "BTreeSet", "Box", "_"];
            return ty.is_none_or(|ty| lists.contains(&ty.name.as_str())).then(whole);
        }
        "map" => {
            let function = method.arg(0);
            each(interp, list, &mut |interp, item| {
                let item = interp.call_value(&function, vec![item]);
                Some((interp.pc, item))
            })
        }
        "filter" => {
            let function = method.arg(0);
            each(interp, list, &mut |interp, item| {
                let kept = interp.call_value(&function, vec![item.clone()]);
                let kept = interp.truth(&kept);
                Some((kept, item))
            })
        }
        "contains" => {
            let wanted = method.arg(0);
            any(interp, list, &mut |interp, item| interp.equal(&item, &wanted))
        }
        "any" => {
            let test = method.arg(0);
            any(interp, list, &mut |interp, item| interp.call_value(&test, vec![item]))
        }
        "all" => {
            let test = method.arg(0);
            let fails = any(interp, list, &mut |interp, item| {
                let holds = interp.call_value(&test, vec![item]);
                interp.negate(&holds)
            });
            interp.negate(&fails)
        }
        "find" => {
            let test = method.arg(0);
            let cell = interp.new_cell(Cases::none());
            drive(interp, list, &mut |interp, item| {
                let found = interp.call_value(&test, vec![item.clone()]);
                let found = interp.truth(&found);
                let before = interp.read_cell(cell);
                let (known, _) = interp.some_of(&before);
                let first = interp.inputs.minus(found, known);
                let path = interp.pc;
                interp.pc = interp.inputs.and(path, first);
                interp.write_cell(cell, Cases::some(item));
                interp.pc = path;
            });
            if interp.dead() { Cases::never() } else { interp.read_cell(cell) }
        }
        "for_each" => {
            let action = method.arg(0);
            drive(interp, list, &mut |interp, item| drop(interp.call_value(&action, vec![item])));
            if interp.dead() { Cases::never() } else { Cases::unit() }
        }
        _ => return None,
    })
}

/// Calls `f` with each member, on the path where it is present. For the member that represents all others, `f` must
/// have no effect.
pub(crate) fn drive<'s>(interp: &mut Interp<'s>, list: &OpenList, f: &mut dyn FnMut(&mut Interp<'s>, Cases)) {
    for (guard, item) in &list.named {
        if !interp.visit(*guard, item.clone(), f) {
            return;
        }
    }
    let path = interp.pc;
    interp.pc = interp.inputs.and(path, list.others);
    if !interp.dead() {
        without_effect(interp, &mut |interp| f(interp, list.other.clone()));
    }
    let rest = interp.inputs.minus(path, list.others);
    interp.pc = interp.inputs.or(interp.pc, rest);
}

/// Evaluates `f`, which must neither have an effect nor leave its path, since the number of times it runs is not known.
fn without_effect<'s>(interp: &mut Interp<'s>, f: &mut dyn FnMut(&mut Interp<'s>)) {
    let here = interp.pc;
    let before = State::of(interp);
    let residue = interp.residue.len();
    f(interp);
    let mut lost = interp.inputs.minus(here, interp.pc);
    let reached: Vec<_> = interp.residue[residue..].iter().map(|(guard, _)| *guard).collect();
    for guard in reached {
        lost = interp.inputs.minus(lost, guard);
    }
    let mut after = State::of(interp);
    after.cells.truncate(before.cells.len());
    after.calls.truncate(before.calls.len());
    let same = after == before;
    if !same || !lost.is_false() {
        interp.pc = here;
        interp.unknown("a member of a list that is not known does more than be asked for its name");
    }
}

/// Evaluates a function of each member of a list, which must have no effect, since the number of members is not known.
pub(super) fn pure<'s>(interp: &mut Interp<'s>, f: &mut dyn FnMut(&mut Interp<'s>) -> Cases) -> Cases {
    let mut value = Cases::never();
    without_effect(interp, &mut |interp| value = f(interp));
    value
}

/// All state that an expression may change.
#[derive(PartialEq)]
struct State {
    cells: Vec<Cases>,
    calls: Vec<usize>,
    log: usize,
    panics: usize,
    exits: Guard,
    returns: Vec<usize>,
    breaks: Vec<usize>,
    line: usize,
    files: Vec<Cases>,
    variables: Vec<Cases>,
}

impl State {
    /// Returns the state of existing objects. Objects that are created later need no comparison.
    fn of(interp: &Interp<'_>) -> Self {
        Self {
            cells: interp.cells.iter().map(|cell| cell.value.clone()).collect(),
            calls: interp.objects.iter().map(|object| object.calls.len()).collect(),
            log: interp.log.len(),
            panics: interp.panics.len(),
            exits: interp.exits,
            returns: interp.frames.iter().map(|frame| frame.returns.len()).collect(),
            breaks: interp
                .frames
                .iter()
                .flat_map(|frame| frame.loops.iter().map(|inner| inner.breaks.len()))
                .collect(),
            line: interp.pending_line.len(),
            files: interp.out_files.values().cloned().collect(),
            variables: interp.env_overlay.values().cloned().collect(),
        }
    }
}

/// Changes a member, and returns where the result remains in the list.
type Change<'f, 's> = dyn FnMut(&mut Interp<'s>, Cases) -> Option<(Guard, Cases)> + 'f;

/// Returns the list with each member changed or removed.
fn each<'s>(interp: &mut Interp<'s>, list: &OpenList, f: &mut Change<'_, 's>) -> Cases {
    let start = interp.pc;
    let mut named = Vec::with_capacity(list.named.len());
    let whole = |guard: Guard, start: Guard| if guard == start { Guard::TRUE } else { guard };
    for (guard, item) in &list.named {
        let path = interp.pc;
        interp.pc = interp.inputs.and(path, *guard);
        if interp.dead() {
            interp.pc = path;
            continue;
        }
        without_effect(interp, &mut |interp| named.extend(f(interp, item.clone())));
        let rest = interp.inputs.minus(path, *guard);
        interp.pc = interp.inputs.or(interp.pc, rest);
    }
    let path = interp.pc;
    interp.pc = interp.inputs.and(path, list.others);
    let mut other = (Guard::FALSE, Cases::never());
    if !interp.dead() {
        without_effect(interp, &mut |interp| other = f(interp, list.other.clone()).unwrap_or(other.clone()));
    }
    let rest = interp.inputs.minus(path, list.others);
    interp.pc = interp.inputs.or(interp.pc, rest);
    if interp.dead() {
        return Cases::never();
    }
    let named = named.into_iter().filter(|(guard, _)| !guard.is_false()).collect();
    Cases::of(Value::OpenList(Rc::new(OpenList { named, others: whole(other.0, start), other: other.1 })))
}

fn any<'s>(
    interp: &mut Interp<'s>,
    list: &OpenList,
    test: &mut dyn FnMut(&mut Interp<'s>, Cases) -> Cases,
) -> Cases {
    let cell = interp.new_cell(Cases::bool(false));
    drive(interp, list, &mut |interp, item| {
        let answer = test(interp, item);
        let truth = interp.truth(&answer);
        let path = interp.pc;
        interp.pc = interp.inputs.and(path, truth);
        interp.write_cell(cell, Cases::bool(true));
        interp.pc = path;
    });
    if interp.dead() { Cases::never() } else { interp.read_cell(cell) }
}
