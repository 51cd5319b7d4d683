//! The next item of an iterator, and the iterator's state after it.
//!
//! An iterator yields *slots*: an item and the guard under which it is there, within the path; where it is not, the
//! slot is empty, and the next one may hold something. So one state serves all paths, as long as they have asked
//! equally often; where some have stopped, their state is another value of the variable.

use std::rc::Rc;

use super::Interp;
use super::lengths::{UNKNOWN_LENGTH, counts_ahead, notices};
use crate::logic::Guard;
use crate::value::{Cases, Items, Iter, IterStep, Place, Value, While};

/// A slot: the guard under which an item is present, and the item.
pub(crate) type Slot = (Guard, Cases);

impl Interp<'_> {
    /// Evaluates on a part of the path; what ends there is lost to the path.
    pub(crate) fn within<T>(&mut self, guard: Guard, f: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let path = self.pc;
        self.pc = self.inputs.and(path, guard);
        if self.dead() {
            self.pc = path;
            return None;
        }
        let here = self.pc;
        let result = f(self);
        let lost = self.inputs.minus(here, self.pc);
        self.pc = self.inputs.minus(path, lost);
        Some(result)
    }

    /// Returns whether an item is present only where the one before it was (`chain`), and narrows `chain` to the item's
    /// guard. Otherwise the path ends in residue.
    fn in_chain(&mut self, chain: &mut Guard, guard: Guard) -> bool {
        let here = self.inputs.and(self.pc, guard);
        let fits = self.inputs.diagrams.implies(here, *chain);
        *chain = if self.inputs.diagrams.implies(self.pc, guard) { *chain } else { here };
        if !fits {
            self.unknown(UNKNOWN_LENGTH);
        }
        fits
    }

    /// Takes the next slot from the front or the back; `None` at the end, or if the path ends.
    pub(crate) fn pull(&mut self, iter: &mut Iter, back: bool) -> Option<Slot> {
        loop {
            if self.dead() || !self.step() {
                return None;
            }
            let (guard, item) = self.pull_any(iter, back)?;
            if self.dead() {
                return None;
            }
            let here = self.inputs.and(self.pc, guard);
            if !here.is_false() && !item.is_never() {
                let guard = if here == self.pc { Guard::TRUE } else { guard };
                return Some((guard, item));
            }
        }
    }

    /// Takes the next slot, as [`Self::pull`] does; the slot may be empty on every path.
    fn pull_any(&mut self, iter: &mut Iter, back: bool) -> Option<Slot> {
        match iter {
            Iter::Items { items, from, to } => {
                if from >= to {
                    return None;
                }
                let at = if back { *to - 1 } else { *from };
                if back {
                    *to -= 1
                } else {
                    *from += 1
                }
                let (guard, item) = items[at].clone();
                if !super::may_be_tail(&item) && item.0.len() == 1 {
                    return Some((guard, item));
                }
                let item = self.within(guard, |interp| {
                    let item = interp.without_tail(item);
                    interp.narrow(item)
                });
                Some((guard, item.unwrap_or_else(Cases::never)))
            }
            Iter::Range { start, end, kind } => {
                if end.is_some_and(|end| *start >= end) {
                    return None;
                }
                let at = match (back, end.as_mut()) {
                    (true, Some(end)) => {
                        *end -= 1;
                        *end
                    }
                    (true, None) => {
                        self.unknown("the end of an endless range is not understood");
                        return None;
                    }
                    (false, end) => {
                        let at = *start;
                        // An endless range computes the number after this one already.
                        let next = at.checked_add(1);
                        let next = next.filter(|next| end.is_some() || super::surely_fits(*next, *kind));
                        let Some(next) = next else {
                            self.unknown("a range that leaves its type is not understood");
                            return None;
                        };
                        *start = next;
                        at
                    }
                };
                Some((Guard::TRUE, Cases::of(Value::Int(at, *kind))))
            }
            Iter::Place(place) => {
                let place = Rc::clone(place);
                self.pull_place(&place, back)
            }
            Iter::Each(inner, step, f) => {
                let (guard, item) = self.pull(inner, back)?;
                let (step, f) = (*step, f.clone());
                let (kept, item) = self.within(guard, |interp| interp.apply(step, &f, item))?;
                Some((self.inputs.and(guard, kept), item))
            }
            Iter::Flat { inner, f, front, back: rear } => {
                loop {
                    let part = if back { &mut *rear } else { &mut *front };
                    if let Some((guard, iter)) = part {
                        let found = self.within(*guard, |interp| interp.pull(iter, back)).flatten();
                        match found {
                            Some((inner, item)) => return Some((self.inputs.and(*guard, inner), item)),
                            None => *part = None,
                        }
                        if self.dead() {
                            return None;
                        }
                    }
                    let Some((guard, item)) = self.pull(inner, back) else {
                        if self.dead() {
                            return None;
                        }
                        **inner = Iter::empty();
                        // The other end may have begun an inner iterator.
                        let other = if back { &mut *front } else { &mut *rear };
                        let (guard, iter) = other.as_mut()?;
                        let found = self.within(*guard, |interp| interp.pull(iter, back)).flatten();
                        return found.map(|(inner, item)| (self.inputs.and(*guard, inner), item));
                    };
                    let f = f.clone();
                    let made = self.within(guard, |interp| {
                        let made = match &f {
                            Some(f) => interp.call_value(f, vec![item]),
                            None => item,
                        };
                        interp.iterate(&made)
                    });
                    let part = if back { &mut *rear } else { &mut *front };
                    *part = made.map(|made| (guard, Box::new(made)));
                }
            }
            Iter::Enumerate { inner, at, chain } => {
                let at = if back {
                    let left = self.exact_len(inner)?;
                    *at + left.checked_sub(1)?
                } else {
                    *at += 1;
                    *at - 1
                };
                let (guard, item) = self.pull(inner, back)?;
                if !self.in_chain(chain, guard) {
                    return None;
                }
                Some((guard, Cases::of(Value::Tuple(Rc::from([Cases::usize(at), item])))))
            }
            Iter::Take { inner, left, chain } => {
                if back {
                    let length = self.exact_len(inner)?;
                    for _ in *left..length {
                        self.pull(inner, true);
                    }
                    *left = (*left).min(length);
                }
                if *left == 0 {
                    // On other paths, fewer have been taken: an item that is left there would be the next one.
                    let fewer = self.inputs.minus(self.pc, *chain);
                    let found = self.within(fewer, |interp| interp.pull(inner, back)).flatten();
                    if let Some((guard, _)) = found {
                        let missed = self.inputs.and(fewer, guard);
                        self.unknown_where(missed, UNKNOWN_LENGTH);
                    }
                    return None;
                }
                *left -= 1;
                let (guard, item) = self.pull(inner, back)?;
                self.in_chain(chain, guard).then_some((guard, item))
            }
            Iter::Skip { inner, left, chain } => {
                if back {
                    return if self.exact_len(inner)? > *left { self.pull(inner, true) } else { None };
                }
                while *left > 0 {
                    let (guard, _) = self.pull(inner, false)?;
                    *left -= 1;
                    if !self.in_chain(chain, guard) {
                        return None;
                    }
                }
                // Which one comes first is certain only where each is there if the one before was.
                let (guard, item) = self.pull(inner, false)?;
                self.in_chain(chain, guard).then_some((guard, item))
            }
            Iter::StepBy { inner, step, begun, chain } => {
                if back {
                    self.unknown("the end of a stepped iterator is not understood");
                    return None;
                }
                if *begun {
                    for _ in 1..*step {
                        let (guard, _) = self.pull(inner, false)?;
                        if !self.in_chain(chain, guard) {
                            return None;
                        }
                    }
                }
                *begun = true;
                let (guard, item) = self.pull(inner, false)?;
                self.in_chain(chain, guard).then_some((guard, item))
            }
            Iter::While { inner, kind, f, ended } => {
                let (kind, f) = (*kind, f.clone());
                if kind == While::Skip {
                    let (guard, item) = self.pull(inner, back)?;
                    let asked = self.inputs.minus(guard, *ended);
                    let holds = self.within(asked, |interp| {
                        let answer = interp.call_value(&f, vec![item.clone()]);
                        interp.truth(&answer)
                    });
                    let failed = self.inputs.minus(asked, holds.unwrap_or(Guard::FALSE));
                    let failed = self.inputs.and(failed, self.pc);
                    *ended = self.inputs.or(*ended, failed);
                    return Some((self.inputs.and(guard, *ended), item));
                }
                let going = self.inputs.not(*ended);
                let found = self
                    .within(going, |interp| {
                        let (guard, item) = interp.pull(inner, back)?;
                        let answer = interp.within(guard, |interp| {
                            let answer = interp.call_value(&f, vec![item.clone()]);
                            match kind {
                                While::Map => interp.some_of(&answer),
                                _ => (interp.truth(&answer), item.clone()),
                            }
                        })?;
                        Some((guard, answer))
                    })
                    .flatten();
                let Some((guard, (holds, item))) = found else {
                    if kind == While::Map {
                        self.begin_again(ended);
                    }
                    return None;
                };
                let asked = self.inputs.and(going, guard);
                let failed = self.inputs.minus(asked, holds);
                let failed = self.inputs.and(failed, self.pc);
                *ended = self.inputs.or(*ended, failed);
                Some((self.inputs.and(asked, holds), item))
            }
            Iter::Chain(a, b) => {
                let (first, second) = if back { (b, a) } else { (a, b) };
                match self.pull(first, back) {
                    Some(slot) => Some(slot),
                    None if self.dead() => None,
                    None => {
                        **first = Iter::empty();
                        self.pull(second, back)
                    }
                }
            }
            Iter::Zip { a, b } => {
                if back {
                    self.unknown("the end of paired iterators is not understood");
                    return None;
                }
                // Before anything is asked of the longer one.
                if counts_ahead(a)
                    && counts_ahead(b)
                    && notices(a)
                    && self.known_len(b).is_none_or(|left| left == 0)
                {
                    if self.known_len(a) != Some(0) {
                        self.unknown("how far the longer of two paired iterators goes is not promised");
                    }
                    return None;
                }
                let (x_guard, x) = self.pull(a, false)?;
                let (y_guard, y) = self.pull(b, false)?;
                if !x_guard.is_true() || !y_guard.is_true() {
                    self.unknown("pairing lists of unknown length is not understood");
                    return None;
                }
                Some((Guard::TRUE, Cases::of(Value::Tuple(Rc::from([x, y])))))
            }
            Iter::Rev(inner) => self.pull(inner, !back),
            Iter::Peekable { inner, peeked } => match peeked.take() {
                Some(Some(item)) if !back => Some((Guard::TRUE, item)),
                Some(None) => None,
                Some(Some(item)) => match self.pull(inner, true) {
                    Some(slot) => {
                        *peeked = Some(Some(item));
                        Some(slot)
                    }
                    None => Some((Guard::TRUE, item)),
                },
                None => self.pull(inner, back),
            },
            Iter::Cycle { whole, now } => match self.pull(now, back) {
                Some(slot) => Some(slot),
                None if self.dead() => None,
                None => {
                    **now = self.cloned_iter(whole);
                    self.pull(now, back)
                }
            },
            Iter::Scan { inner, state, f, ended } => {
                let (state, f) = (*state, f.clone());
                let going = self.inputs.not(*ended);
                let found = self
                    .within(going, |interp| {
                        let (guard, item) = interp.pull(inner, back)?;
                        let place = Cases::of(Value::Ref(Rc::new(Place { cell: state, path: Vec::new() })));
                        let answer = interp.within(guard, |interp| {
                            let answer = interp.call_value(&f, vec![place, item]);
                            interp.some_of(&answer)
                        })?;
                        Some((guard, answer))
                    })
                    .flatten();
                let Some((guard, (some, item))) = found else {
                    self.begin_again(ended);
                    return None;
                };
                let asked = self.inputs.and(going, guard);
                let failed = self.inputs.minus(asked, some);
                let failed = self.inputs.and(failed, self.pc);
                *ended = self.inputs.or(*ended, failed);
                Some((self.inputs.and(asked, some), item))
            }
            Iter::FromFn { f, ended } => {
                let f = f.clone();
                self.asked(ended, |interp| interp.call_value(&f, vec![]))
            }
            Iter::Own { place, ended } => {
                let place = Rc::clone(place);
                self.asked(ended, |interp| interp.own_next(&place, back))
            }
            Iter::Repeat(value) => Some((Guard::TRUE, value.clone())),
        }
    }

    /// Takes the next slot from a function that returns an `Option`, where that has not returned `None` before.
    fn asked(&mut self, ended: &mut Guard, next: impl FnOnce(&mut Self) -> Cases) -> Option<Slot> {
        let going = self.inputs.not(*ended);
        let answer = self.within(going, |interp| {
            let answer = next(interp);
            interp.some_of(&answer)
        });
        let Some((some, item)) = answer else {
            self.begin_again(ended);
            return None;
        };
        let failed = self.inputs.minus(self.pc, some);
        *ended = self.inputs.or(*ended, failed);
        Some((self.inputs.and(going, some), item))
    }

    /// Notes that an iterator that is not fused has yielded `None` on this path: it is asked again the next time.
    fn begin_again(&mut self, ended: &mut Guard) {
        *ended = self.inputs.minus(*ended, self.pc);
    }

    /// Applies an adapter's closure to an item: returns the new item and the guard under which it is present.
    fn apply(&mut self, step: IterStep, f: &Cases, item: Cases) -> Slot {
        match step {
            IterStep::Map => {
                let made = self.call_value(f, vec![item]);
                (Guard::TRUE, made)
            }
            IterStep::Inspect => {
                self.call_value(f, vec![item.clone()]);
                (Guard::TRUE, item)
            }
            IterStep::Filter => {
                let kept = self.call_value(f, vec![item.clone()]);
                (self.truth(&kept), item)
            }
            IterStep::FilterMap => {
                let made = self.call_value(f, vec![item]);
                self.some_of(&made)
            }
        }
    }

    /// Takes the next slot of the iterator at a place, and stores the iterator's new state there.
    fn pull_place(&mut self, place: &Rc<Place>, back: bool) -> Option<Slot> {
        let inside = self.read_place(place);
        let path = self.pc;
        let mut parts = Vec::new();
        let mut after = Guard::FALSE;
        let mut there = Guard::FALSE;
        let mut again = Guard::FALSE;
        for (guard, value) in inside.0.iter() {
            self.pc = self.inputs.and(path, *guard);
            if self.dead() {
                continue;
            }
            if let Value::Ref(inner) = value {
                if let Some((found, item)) = self.pull_place(&Rc::clone(inner), back) {
                    let here = self.inputs.and(self.pc, found);
                    there = self.inputs.or(there, here);
                    parts.push((here, item));
                }
            } else {
                let mut iter = match self.own_iterator(value, Some(place)) {
                    Some(own) => own,
                    None => self.iterate(&Cases::of(value.clone())),
                };
                let found = self.pull(&mut iter, back);
                if found.is_none() && iter.goes_on() {
                    again = self.inputs.or(again, self.pc);
                }
                // The value of a type of the script has changed in the place itself.
                if !matches!(iter, Iter::Own { .. }) {
                    self.write_place(place, Cases::of(iter.into_value()));
                }
                if let Some((found, item)) = found {
                    let here = self.inputs.and(self.pc, found);
                    there = self.inputs.or(there, here);
                    parts.push((here, item));
                }
            }
            after = self.inputs.or(after, self.pc);
        }
        self.pc = after;
        if there.is_false() {
            return None;
        }
        // It would be asked again there for the next slot of the other paths.
        self.unknown_where(again, "an iterator that ends on some paths and may go on is not understood");
        Some((there, self.inputs.join(parts)))
    }

    /// Returns the next item as an `Option` and the iterator after it, each with its guards.
    pub(crate) fn next_of(&mut self, iter: &Iter, back: bool) -> (Cases, Cases) {
        let mut iter = iter.clone();
        let (mut found, mut states) = (Vec::new(), Vec::new());
        let mut after = Guard::FALSE;
        loop {
            let slot = self.pull(&mut iter, back);
            if self.dead() {
                break;
            }
            let (there, value) = match slot {
                Some((guard, item)) => (self.inputs.and(self.pc, guard), Cases::some(item)),
                None => (self.pc, Cases::none()),
            };
            found.push((there, value));
            states.push((there, Cases::of(iter.clone().into_value())));
            after = self.inputs.or(after, there);
            self.pc = self.inputs.minus(self.pc, there);
            if self.dead() {
                break;
            }
        }
        self.pc = after;
        (self.inputs.join(found), self.inputs.join(states))
    }

    /// Goes over an iterator with each item under the path on which it is reached. `f` may end the path; where it does,
    /// the iterator that stands at the place is left where it is.
    pub(crate) fn drive_iter(
        &mut self,
        iter: &Iter,
        place: Option<&Rc<Place>>,
        f: &mut dyn FnMut(&mut Self, Cases),
    ) {
        let mut iter = iter.clone();
        loop {
            let Some((guard, item)) = self.pull(&mut iter, false) else { break };
            let before = self.pc;
            self.visit(guard, item, f);
            if let Some(place) = place {
                let left = self.inputs.minus(before, self.pc);
                self.store_iter(place, left, &iter);
            }
            if self.dead() {
                return;
            }
        }
        if let Some(place) = place {
            let path = self.pc;
            self.store_iter(place, path, &iter);
        }
    }

    fn store_iter(&mut self, place: &Rc<Place>, under: Guard, iter: &Iter) {
        if under.is_false() {
            return;
        }
        let path = std::mem::replace(&mut self.pc, under);
        self.write_place(place, Cases::of(iter.clone().into_value()));
        self.pc = path;
    }

    /// Returns all remaining items; an item that marks an unknown tail represents those that are not known.
    pub(crate) fn rest_and_tail(&mut self, iter: &Iter) -> Items {
        let whole = Cases::of(Value::Iter(Rc::new(iter.clone())));
        let unordered = self.is_unordered(&whole);
        if self.order_matters(&whole) {
            return Items::new();
        }
        let mut iter = iter.clone();
        let start = self.pc;
        let mut out = Items::new();
        out.unordered = unordered;
        loop {
            // An item that may mark an unknown tail is kept as such a mark.
            let mut tail = Guard::FALSE;
            if let Some((guard, item)) = upcoming(&iter)
                && super::may_be_tail(item)
            {
                let (guard, item) = (*guard, item.clone());
                for (under, value) in item.0.iter() {
                    if super::iter::is_tail(value) {
                        let here = self.inputs.and(guard, *under);
                        tail = self.inputs.or(tail, here);
                    }
                }
                tail = self.inputs.and(tail, start);
            }
            let path = self.pc;
            self.pc = self.inputs.minus(path, tail);
            let slot = if self.dead() { None } else { self.pull(&mut iter, false) };
            let ended = slot.is_none();
            if let Some((guard, item)) = slot {
                let here = self.inputs.and(self.pc, guard);
                out.push((if here == start { Guard::TRUE } else { here }, item));
            }
            if !tail.is_false() {
                let guard = if tail == start { Guard::TRUE } else { tail };
                out.push((guard, Cases::of(Value::Opaque(crate::semantics::texts::UNKNOWN_TAIL.into()))));
                let tail = self.inputs.and(tail, path);
                self.pc = self.inputs.or(self.pc, tail);
            }
            if ended || self.dead() {
                return out;
            }
        }
    }
}

/// The slot of the list below that comes next, where nothing between counts or ends.
fn upcoming(iter: &Iter) -> Option<&(Guard, Cases)> {
    match iter {
        Iter::Items { items, from, to } => items.get(*from).filter(|_| from < to),
        Iter::Each(inner, ..) | Iter::Enumerate { inner, .. } => upcoming(inner),
        Iter::Skip { inner, left: 0, .. } => upcoming(inner),
        Iter::Peekable { inner, peeked: None } => upcoming(inner),
        _ => None,
    }
}

impl Iter {
    /// Returns the iterator as a value; a range becomes a range.
    pub(crate) fn into_value(self) -> Value {
        match self {
            Self::Range { start, end, kind } => Value::Range { start: Some(start), end, kind },
            iter => Value::Iter(Rc::new(iter)),
        }
    }
}
