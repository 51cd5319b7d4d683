//! Iterators over values, and clones of iterators.

use std::rc::Rc;

use super::Interp;
use crate::value::{Cases, Iter, Place, SeqKind, Value};

impl Interp<'_> {
    /// Models `into_iter` of any value that can be iterated over; a place that holds an iterator is that iterator.
    pub(crate) fn iterate(&mut self, value: &Cases) -> Iter {
        match value.single() {
            Some(Value::Iter(iter)) => (**iter).clone(),
            Some(Value::Seq(items)) if items.kind != SeqKind::Collected => {
                Iter::Items { items: Rc::clone(items), from: 0, to: items.len() }
            }
            Some(Value::Range { start: Some(start), end, kind }) => {
                Iter::Range { start: *start, end: *end, kind: *kind }
            }
            Some(Value::Ref(place)) => {
                let place = Rc::clone(place);
                let inside = self.read_place(&place);
                match inside.single().cloned() {
                    Some(Value::Ref(_)) => return self.iterate(&inside),
                    Some(one) => {
                        if let Some(own) = self.own_iterator(&one, Some(&place)) {
                            return own;
                        }
                    }
                    None => {}
                }
                let iterators =
                    inside.0.iter().all(|(_, value)| matches!(value, Value::Iter(_) | Value::Range { .. }));
                if iterators && !inside.is_never() {
                    Iter::Place(place)
                } else {
                    let items = self.items_of(value);
                    Iter::of(items)
                }
            }
            one => {
                if let Some(one) = one.cloned()
                    && let Some(own) = self.own_iterator(&one, None)
                {
                    return own;
                }
                let items = self.items_and_tail(value);
                Iter::of(items)
            }
        }
    }

    /// Returns a clone, which shares no place and no state.
    pub(crate) fn cloned_iter(&mut self, iter: &Iter) -> Iter {
        let mut iter = iter.clone();
        self.detach(&mut iter);
        iter
    }

    fn detach(&mut self, iter: &mut Iter) {
        match iter {
            Iter::Place(place) => {
                let inside = self.read_place(place);
                *iter = match inside.single() {
                    Some(Value::Iter(inside)) => self.cloned_iter(&Rc::clone(inside)),
                    Some(Value::Range { start: Some(start), end, kind }) => {
                        Iter::Range { start: *start, end: *end, kind: *kind }
                    }
                    _ => {
                        self.unknown("a clone of this iterator is not understood");
                        Iter::empty()
                    }
                };
            }
            Iter::Scan { inner, state, f, .. } => {
                let value = self.read_cell(*state);
                let value = self.cloned(&value);
                *state = self.new_cell(value);
                *f = self.cloned(f);
                self.detach(inner);
            }
            Iter::Own { place, .. } => {
                let value = self.read_place(place);
                let value = self.cloned(&value);
                *place = Rc::new(Place { cell: self.new_cell(value), path: Vec::new() });
            }
            // A closure has copies of what it captured by `move`.
            Iter::FromFn { f, .. } => *f = self.cloned(f),
            Iter::Each(inner, _, f) | Iter::While { inner, f, .. } => {
                *f = self.cloned(f);
                self.detach(inner);
            }
            Iter::Enumerate { inner, .. }
            | Iter::Take { inner, .. }
            | Iter::Skip { inner, .. }
            | Iter::StepBy { inner, .. }
            | Iter::Peekable { inner, .. }
            | Iter::Rev(inner) => self.detach(inner),
            Iter::Flat { inner, f, front, back } => {
                if let Some(f) = f {
                    *f = self.cloned(f);
                }
                self.detach(inner);
                for part in [front, back].into_iter().flatten() {
                    self.detach(&mut part.1);
                }
            }
            Iter::Chain(a, b) | Iter::Zip { a, b } | Iter::Cycle { whole: a, now: b } => {
                self.detach(a);
                self.detach(b);
            }
            Iter::Items { .. } | Iter::Range { .. } | Iter::Repeat(_) => {}
        }
    }
}
