//! Computes how many items an iterator has left, without asking it for one.

use std::rc::Rc;

use super::Interp;
use crate::value::{Iter, IterStep, Value};

pub(super) const UNKNOWN_LENGTH: &str = "a position in a list of unknown length is not understood";

impl Interp<'_> {
    /// Returns the number of remaining items, if it is certain and no closure need be called for it.
    pub(crate) fn exact_len(&mut self, iter: &Iter) -> Option<usize> {
        let length = self.known_len(iter);
        if length.is_none() {
            self.unknown(UNKNOWN_LENGTH);
        }
        length
    }

    pub(crate) fn known_len(&mut self, iter: &Iter) -> Option<usize> {
        match iter {
            Iter::Items { items, from, to } => {
                let part = items.get(*from..*to)?;
                part.iter()
                    .all(|(guard, item)| guard.is_true() && !super::may_be_tail(item))
                    .then_some(part.len())
            }
            Iter::Range { start, end, .. } => match end {
                Some(end) => usize::try_from((end - start).max(0)).ok(),
                None => Some(usize::MAX),
            },
            Iter::Repeat(_) | Iter::Cycle { .. } => Some(usize::MAX),
            Iter::Each(inner, IterStep::Map | IterStep::Inspect, _) | Iter::Rev(inner) => {
                self.known_len(inner)
            }
            Iter::Enumerate { inner, .. } => self.known_len(inner),
            Iter::Take { inner, left, .. } => Some(self.known_len(inner)?.min(*left)),
            Iter::Skip { inner, left, .. } => Some(self.known_len(inner)?.saturating_sub(*left)),
            Iter::Zip { a, b } => Some(self.known_len(a)?.min(self.known_len(b)?)),
            Iter::Chain(a, b) => self.known_len(a)?.checked_add(self.known_len(b)?),
            Iter::Peekable { inner, peeked } => match peeked {
                None => self.known_len(inner),
                Some(None) => Some(0),
                Some(Some(_)) => self.known_len(inner)?.checked_add(1),
            },
            Iter::Place(place) => {
                let inside = self.read_place(place);
                match inside.single()? {
                    Value::Iter(iter) => self.known_len(&Rc::clone(iter)),
                    Value::Range { start: Some(start), end: Some(end), .. } => {
                        usize::try_from((end - start).max(0)).ok()
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// Whether std may know how many items are left, and pair no more than there are of the shorter one.
pub(super) fn counts_ahead(iter: &Iter) -> bool {
    match iter {
        Iter::Each(inner, IterStep::Map, _) | Iter::Rev(inner) | Iter::Enumerate { inner, .. } => {
            counts_ahead(inner)
        }
        Iter::Each(..)
        | Iter::Flat { .. }
        | Iter::While { .. }
        | Iter::Scan { .. }
        | Iter::FromFn { .. }
        | Iter::Own { .. } => false,
        _ => true,
    }
}

/// Tells whether pulling an item has an effect elsewhere: a closure runs, or an iterator at a place advances.
pub(super) fn notices(iter: &Iter) -> bool {
    match iter {
        Iter::Items { .. } | Iter::Range { .. } | Iter::Repeat(_) => false,
        Iter::Rev(inner)
        | Iter::Enumerate { inner, .. }
        | Iter::Take { inner, .. }
        | Iter::Skip { inner, .. }
        | Iter::StepBy { inner, .. }
        | Iter::Peekable { inner, .. } => notices(inner),
        Iter::Chain(a, b) | Iter::Zip { a, b } | Iter::Cycle { whole: a, now: b } => notices(a) || notices(b),
        _ => true,
    }
}
