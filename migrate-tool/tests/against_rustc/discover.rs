//! Finds the checks of the matrix that compile. rustc is asked in steps, so that few candidates are whole scripts.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use crate::check::Check;
use crate::pool::{ARGUMENTS, RECEIVERS, Receiver, TARGETS};
use crate::program::{line_errors, refused_by_rustc};

/// A method of a receiver, with its number of arguments.
struct Pair {
    receiver: &'static Receiver,
    name: String,
    arguments: usize,
    /// Whether a call without arguments compiles except that a type must be annotated.
    untold: bool,
}

/// A call whose arguments have the right types, and the type to request for its result, if one must be annotated.
struct Call {
    receiver: &'static Receiver,
    name: String,
    text: String,
    target: Option<&'static str>,
}

/// The arguments that are accepted at a place, and whether a type must still be annotated with each.
type Taken = Vec<(&'static str, bool)>;

/// The number of arguments that are tried at each place of a method with several.
const PLACES: usize = 10;

/// The number of types on which a method is tried with every argument.
const TYPES: usize = 4;

/// Returns the checks of these methods that rustc accepts: at most `each` for one method on one receiver, spread over
/// the pool.
pub(crate) fn checks(names: &BTreeSet<String>, each: usize) -> Vec<Check> {
    let start = Instant::now();
    let pairs = pairs(names);
    note(&format!("{} names, {} methods of receivers, {:?}", names.len(), pairs.len(), start.elapsed()));
    let calls = calls(&pairs, each);
    note(&format!("{} calls, {:?}", calls.len(), start.elapsed()));
    let checks = whole(calls);
    note(&format!("{} checks, {:?}", checks.len(), start.elapsed()));
    checks
}

#[expect(clippy::print_stderr, reason = "how far it is, for whoever waits")]
fn note(text: &str) {
    eprintln!("{text}");
}

/// Finds the methods by their errors: rustc has one for `x.name` of a method, and one for a call that lacks arguments.
fn pairs(names: &BTreeSet<String>) -> Vec<Pair> {
    let every = || RECEIVERS.iter().flat_map(|receiver| names.iter().map(move |name| (receiver, name)));
    let lines: Vec<String> = every()
        .map(|(receiver, name)| format!("{} let _ = {}.{name};", receiver.setup, receiver.call))
        .collect();
    let errors = line_errors("matrix-names", &lines);
    let is_method = |at: usize| errors.get(&at).is_some_and(|words| words.contains("E0615"));
    let found: Vec<(&'static Receiver, &String)> =
        every().enumerate().filter(|(at, _)| is_method(*at)).map(|(_, pair)| pair).collect();
    let lines: Vec<String> = found
        .iter()
        .map(|(receiver, name)| format!("{} let _ = {}.{name}();", receiver.setup, receiver.call))
        .collect();
    let errors = line_errors("matrix-counts", &lines);
    let count = |words: &String| {
        let number = words.split("takes ").nth(1)?.split(' ').next()?;
        number.parse::<usize>().ok()
    };
    found
        .into_iter()
        .enumerate()
        .map(|(at, (receiver, name))| Pair {
            receiver,
            name: name.clone(),
            arguments: errors.get(&at).filter(|words| words.contains("E0061")).and_then(count).unwrap_or(0),
            untold: errors.get(&at).is_some_and(|words| untold(words)),
        })
        .collect()
}

/// Returns the type of each receiver, as rustc writes it.
fn types() -> BTreeMap<&'static str, String> {
    let key = |receiver: &Receiver| receiver.setup;
    let lines: Vec<String> =
        RECEIVERS.iter().map(|one| format!("{} let _: Nothing = {};", one.setup, one.call)).collect();
    let errors = line_errors("matrix-types", &lines);
    let named = |at: usize| errors.get(&at).cloned().unwrap_or_default();
    RECEIVERS.iter().enumerate().map(|(at, receiver)| (key(receiver), named(at))).collect()
}

/// Returns the arguments whose type each place of a method accepts; the other places are left open. A method is tried
/// with the whole pool on a few types, and on all others with the arguments that those types accepted.
fn accepted(pairs: &[Pair]) -> BTreeMap<(usize, usize), Taken> {
    let types = types();
    let mut first: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut by_method: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, pair) in pairs.iter().enumerate() {
        let ty = types[pair.receiver.setup].as_str();
        if let std::collections::btree_map::Entry::Vacant(free) = first.entry((&pair.name, ty)) {
            free.insert(at);
            by_method.entry(&pair.name).or_default().push(at);
        }
    }
    let mut asked: Vec<(usize, usize, &'static str)> = Vec::new();
    let places = |at: usize| 0..pairs[at].arguments;
    for pairs in by_method.values() {
        for at in spread(pairs, TYPES) {
            asked.extend(places(at).flat_map(|place| ARGUMENTS.iter().map(move |one| (at, place, *one))));
        }
    }
    let mut taken = take(pairs, &asked);
    let mut asked = Vec::new();
    for pairs in by_method.values() {
        let by_others = |place| -> BTreeSet<&'static str> {
            pairs.iter().filter_map(|at| taken.get(&(*at, place))).flatten().map(|(one, _)| *one).collect()
        };
        for at in pairs {
            for place in places(*at).filter(|place| !taken.contains_key(&(*at, *place))) {
                asked.extend(by_others(place).into_iter().map(|one| (*at, place, one)));
            }
        }
    }
    let more = take(pairs, &asked);
    taken.extend(more);
    let mut out = BTreeMap::new();
    for (at, pair) in pairs.iter().enumerate() {
        let like = first[&(pair.name.as_str(), types[pair.receiver.setup].as_str())];
        for place in places(at) {
            out.insert((at, place), taken.get(&(like, place)).cloned().unwrap_or_default());
        }
    }
    out
}

fn take(pairs: &[Pair], asked: &[(usize, usize, &'static str)]) -> BTreeMap<(usize, usize), Taken> {
    let line = |(at, place, argument): &(usize, usize, &str)| {
        let pair = &pairs[*at];
        let mut arguments = vec!["todo!()"; pair.arguments];
        arguments[*place] = argument;
        let call = format!("{}.{}({})", pair.receiver.call, pair.name, arguments.join(", "));
        format!("{} let _ = {call};", pair.receiver.setup)
    };
    let errors = line_errors("matrix-places", &asked.iter().map(line).collect::<Vec<_>>());
    let mut out: BTreeMap<(usize, usize), Taken> = BTreeMap::new();
    for (number, (at, place, argument)) in asked.iter().enumerate() {
        let taken = out.entry((*at, *place)).or_default();
        // An argument whose type must still be annotated is not a wrong one.
        match errors.get(&number) {
            None => taken.push((argument, false)),
            Some(words) if untold(words) => taken.push((argument, true)),
            Some(_) => {}
        }
    }
    out
}

/// Returns calls whose arguments have the right types, at most `each` for a method on a receiver.
fn calls(pairs: &[Pair], each: usize) -> Vec<Call> {
    let accepted = accepted(pairs);
    let mut by_pair: BTreeMap<usize, Vec<(String, bool)>> = BTreeMap::new();
    let mut several = Vec::new();
    for (at, pair) in pairs.iter().enumerate() {
        let call = |arguments: &str| format!("{}.{}({arguments})", pair.receiver.call, pair.name);
        match pair.arguments {
            0 => by_pair.entry(at).or_default().push((call(""), pair.untold)),
            1 => {
                let taken = accepted.get(&(at, 0)).map_or(&[][..], Vec::as_slice);
                let told = taken.iter().filter(|(_, untold)| !untold);
                by_pair.entry(at).or_default().extend(told.map(|(one, _)| (call(one), false)));
            }
            count => {
                let mut lists: Vec<Vec<&str>> = vec![Vec::new()];
                for place in 0..count {
                    let some = accepted.get(&(at, place)).map_or(&[][..], Vec::as_slice);
                    let some = spread(some, PLACES);
                    lists = lists
                        .iter()
                        .flat_map(|before| some.iter().map(move |(one, _)| [&before[..], &[*one]].concat()))
                        .collect();
                }
                several.extend(spread(&lists, each * 3).iter().map(|list| (at, call(&list.join(", ")))));
            }
        }
    }
    // The places of one call may depend on each other.
    let lines: Vec<String> =
        several.iter().map(|(at, call)| format!("{} let _ = {call};", pairs[*at].receiver.setup)).collect();
    let errors = line_errors("matrix-calls", &lines);
    for (number, (at, text)) in several.into_iter().enumerate() {
        if !errors.contains_key(&number) {
            by_pair.entry(at).or_default().push((text, false));
        }
    }
    let mut out = Vec::new();
    for (at, mut calls) in by_pair {
        calls.retain(|(text, _)| !is_endless(&pairs[at].name, text));
        let call = |(text, target): &(String, Option<&'static str>)| Call {
            receiver: pairs[at].receiver,
            name: pairs[at].name.clone(),
            text: text.clone(),
            target: *target,
        };
        let told = |(text, untold): &(String, bool)| -> Vec<(String, Option<&'static str>)> {
            if *untold {
                TARGETS.iter().map(|target| (text.clone(), Some(*target))).collect()
            } else {
                vec![(text.clone(), None)]
            }
        };
        let every: Vec<_> = calls.iter().flat_map(told).collect();
        // Few of the target types can be produced, so all of them are tried.
        let most = if every.iter().any(|(_, target)| target.is_some()) { TARGETS.len() } else { each };
        out.extend(spread(&every, most).iter().map(call));
    }
    let (told, targets): (Vec<Call>, Vec<Call>) = out.into_iter().partition(|call| call.target.is_none());
    let lines: Vec<String> = targets
        .iter()
        .map(|call| format!("{} let _: {} = {};", call.receiver.setup, call.target.unwrap_or("_"), call.text))
        .collect();
    let errors = line_errors("matrix-targets", &lines);
    let made = targets.into_iter().enumerate().filter(|(at, _)| !errors.contains_key(at));
    told.into_iter().chain(made.map(|(_, call)| call)).collect()
}

/// Returns whether a call returns, or consumes, an endless iterator.
fn is_endless(name: &str, text: &str) -> bool {
    const PARTS: [&str; 7] = ["get", "get_mut", "drain", "index", "contains", "splice", "replace_range"];
    name == "cycle" || text.contains("1..)") && !PARTS.contains(&name)
}

fn untold(words: &str) -> bool {
    ["E0282", "E0283", "E0284"].iter().any(|code| words.contains(code))
}

/// Returns at most `most` elements, spread evenly.
fn spread<T: Clone>(all: &[T], most: usize) -> Vec<T> {
    if all.len() <= most {
        return all.to_vec();
    }
    (0..most).map(|at| all[at * all.len() / most].clone()).collect()
}

/// Returns the ways of observing the result of a call and its receiver afterwards, the most informative first.
fn forms(call: &Call) -> Vec<String> {
    let Call { receiver, text, target, .. } = call;
    let result = match target {
        Some(target) => format!("{{ let r: {target} = {text}; r }}"),
        None => text.clone(),
    };
    let shown: &[String] = &[
        format!("format!(\"{{:?}}\", {result}.collect::<Vec<_>>())"),
        format!("format!(\"{{:?}}\", {result})"),
        format!("{{ let _ = {result}; }}"),
    ];
    let mut out = Vec::new();
    for (at, shown) in shown.iter().enumerate() {
        if at == 0 && target.is_some() {
            continue;
        }
        for after in receiver.after {
            out.push(format!("{} let r = {shown}; (r, format!(\"{{:?}}\", {after}))", receiver.setup));
        }
    }
    out
}

/// Returns whole checks: for each call the first form that compiles.
fn whole(calls: Vec<Call>) -> Vec<Check> {
    let mut out = Vec::new();
    for (chunk, calls) in calls.chunks(4_000).enumerate() {
        let forms: Vec<Vec<String>> = calls.iter().map(forms).collect();
        let mut chosen: Vec<usize> = vec![0; calls.len()];
        let mut open: Vec<usize> = (0..calls.len()).collect();
        // First the types: only the forms that changed are compiled again.
        while !open.is_empty() {
            let lines: Vec<String> =
                open.iter().map(|at| format!("let _ = {{ {} }};", forms[*at][chosen[*at]])).collect();
            let errors = line_errors(&format!("matrix-forms-{chunk}"), &lines);
            open = errors.keys().map(|number| open[*number]).collect();
            open.retain(|at| {
                chosen[*at] += 1;
                chosen[*at] < forms[*at].len()
            });
        }
        // Then moves and borrows, which rustc checks only after all types are right.
        loop {
            let kept: Vec<usize> = (0..calls.len()).filter(|at| chosen[*at] < forms[*at].len()).collect();
            let checks: Vec<Check> =
                kept.iter().map(|at| Check::new(&calls[*at].name, &forms[*at][chosen[*at]])).collect();
            let scripts: Vec<String> = checks.iter().map(Check::script).collect();
            let errors = refused_by_rustc(&format!("matrix-whole-{chunk}"), &scripts);
            if errors.is_empty() {
                out.extend(checks);
                break;
            }
            for number in errors.keys() {
                chosen[kept[*number]] += 1;
            }
        }
    }
    out
}
