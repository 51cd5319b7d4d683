//! Iterators: their position, and the adapters that are still to be applied. Like Rust's, they are lazy: no item is
//! computed before it is asked for.

use std::rc::Rc;

use super::{Cases, CellId, IntType, Items, Place};
use crate::logic::Guard;

/// An iterator. The comment on each variant names its source in `std`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Iter {
    /// The items of a list from position `from` up to, but not including, `to`.
    Items {
        items: Rc<Items>,
        from: usize,
        to: usize,
    },
    /// The numbers from `start` up to, but not including, `end`; without `end`, unbounded.
    Range {
        start: i128,
        end: Option<i128>,
        kind: IntType,
    },
    /// An iterator in a variable: `&mut iterator`.
    Place(Rc<Place>),
    /// An adapter that applies a closure to each item: see `Step`.
    Each(Box<Iter>, Step, Cases),
    /// `flat_map`, or `flatten` if there is no closure. `front` and `back` are the parts that are being iterated.
    Flat {
        inner: Box<Iter>,
        f: Option<Cases>,
        front: Part,
        back: Part,
    },
    /// `enumerate`; `at` is the number of the next item.
    Enumerate {
        inner: Box<Iter>,
        at: usize,
        chain: Guard,
    },
    /// `take`; `left` is the number of items that it still yields.
    Take {
        inner: Box<Iter>,
        left: usize,
        chain: Guard,
    },
    /// `skip`; `left` is the number of items that it still drops.
    Skip {
        inner: Box<Iter>,
        left: usize,
        chain: Guard,
    },
    /// `step_by`: the first item, and then each `step`-th one.
    StepBy {
        inner: Box<Iter>,
        step: usize,
        begun: bool,
        chain: Guard,
    },
    /// `take_while`, `skip_while` or `map_while`; `ended` is where the closure has failed already.
    While {
        inner: Box<Iter>,
        kind: While,
        f: Cases,
        ended: Guard,
    },
    /// `chain`: the items of the first, then those of the second.
    Chain(Box<Iter>, Box<Iter>),
    Zip {
        a: Box<Iter>,
        b: Box<Iter>,
    },
    Rev(Box<Iter>),
    /// `peekable`; `peeked` is the item that was looked at already, if it was.
    Peekable {
        inner: Box<Iter>,
        peeked: Option<Option<Cases>>,
    },
    /// `cycle`; `whole` is the original iterator, `now` its current repetition.
    Cycle {
        whole: Box<Iter>,
        now: Box<Iter>,
    },
    /// `scan`; `state` is the cell that the closure changes, `ended` is where it has returned `None`.
    Scan {
        inner: Box<Iter>,
        state: CellId,
        f: Cases,
        ended: Guard,
    },
    /// `iter::from_fn`; `ended` is where the closure has returned `None`.
    FromFn {
        f: Cases,
        ended: Guard,
    },
    /// The iterator of `iter::repeat`, which yields the value without end.
    Repeat(Cases),
    /// A value of a type of the script that implements `Iterator`, at its place; `ended` is where `next` has returned
    /// `None`.
    Own {
        place: Rc<Place>,
        ended: Guard,
    },
}

/// An inner iterator that is being flattened, with the guard under which it exists.
pub(crate) type Part = Option<(Guard, Box<Iter>)>;

/// The use of a closure by an adapter that looks at one item at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    Map,
    Filter,
    FilterMap,
    Inspect,
}

/// The adapters that stop or begin at the first item for which a closure fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum While {
    Take,
    Skip,
    Map,
}

impl Iter {
    /// Returns an iterator over all items of a list.
    pub(crate) fn of(items: Items) -> Self {
        let to = items.len();
        Self::Items { items: Rc::new(items), from: 0, to }
    }

    /// Returns whether the iterator may yield another item after it has yielded `None`.
    pub(crate) fn goes_on(&self) -> bool {
        match self {
            Self::FromFn { .. } | Self::Scan { .. } | Self::Own { .. } | Self::Place(_) => true,
            Self::While { inner, kind, .. } => *kind == While::Map || inner.goes_on(),
            Self::Items { .. } | Self::Range { .. } | Self::Repeat(_) | Self::Flat { .. } => false,
            Self::Each(inner, ..)
            | Self::Enumerate { inner, .. }
            | Self::Take { inner, .. }
            | Self::Skip { inner, .. }
            | Self::StepBy { inner, .. }
            | Self::Peekable { inner, .. }
            | Self::Rev(inner) => inner.goes_on(),
            Self::Chain(a, b) | Self::Zip { a, b } | Self::Cycle { whole: a, now: b } => {
                a.goes_on() || b.goes_on()
            }
        }
    }

    /// Returns an iterator that yields nothing after its first `None`.
    pub(crate) fn fused(self) -> Self {
        if !self.goes_on() {
            return self;
        }
        // A chain asks its first iterator nothing more once that has ended, at the front: the inner chain does so at the
        // front of the iterator, the outer one at its back.
        let chain = |iter| Self::Chain(Box::new(iter), Box::new(Self::empty()));
        let backwards = chain(Self::Rev(Box::new(chain(self))));
        Self::Rev(Box::new(backwards))
    }

    /// Returns an iterator without items.
    pub(crate) fn empty() -> Self {
        Self::of(Items::new())
    }
}
