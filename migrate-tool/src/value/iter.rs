//! Iterators: where they stand, and what they have still to do. Nothing is asked of what they go over before somebody
//! asks them.

use std::rc::Rc;

use super::{CellId, Gv, IntType, Items, Place};
use crate::logic::Guard;

/// An iterator.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Iter {
    /// Items of a list, from one position to before another.
    Items {
        items: Rc<Items>,
        from: usize,
        to: usize,
    },
    /// Numbers from one on, to before another.
    Range {
        start: i128,
        end: Option<i128>,
        kind: IntType,
    },
    /// One that stands somewhere else: `&mut iterator`.
    Place(Rc<Place>),
    /// A closure applied to each.
    Each(Box<Iter>, Step, Gv),
    /// What a closure makes of each, one after the other; without one, each itself.
    Flat {
        inner: Box<Iter>,
        f: Option<Gv>,
        front: Part,
        back: Part,
    },
    /// Numbered; the position of the next.
    Enumerate {
        inner: Box<Iter>,
        at: usize,
        chain: Guard,
    },
    /// So many more.
    Take {
        inner: Box<Iter>,
        left: usize,
        chain: Guard,
    },
    /// Without so many at the front.
    Skip {
        inner: Box<Iter>,
        left: usize,
        chain: Guard,
    },
    /// The first, and one of so many after it.
    StepBy {
        inner: Box<Iter>,
        step: usize,
        begun: bool,
        chain: Guard,
    },
    /// As long as a closure holds: on these paths it has failed.
    While {
        inner: Box<Iter>,
        kind: While,
        f: Gv,
        ended: Guard,
    },
    /// One after the other.
    Chain(Box<Iter>, Box<Iter>),
    Zip {
        a: Box<Iter>,
        b: Box<Iter>,
    },
    Rev(Box<Iter>),
    /// With the next one looked at already, if there is one.
    Peekable {
        inner: Box<Iter>,
        peeked: Option<Option<Gv>>,
    },
    /// For ever.
    Cycle {
        whole: Box<Iter>,
        now: Box<Iter>,
    },
    /// A closure with a state.
    Scan {
        inner: Box<Iter>,
        state: CellId,
        f: Gv,
        ended: Guard,
    },
    /// What a closure says until it says `None`.
    FromFn {
        f: Gv,
        ended: Guard,
    },
    /// A value for ever.
    Repeat(Gv),
}

/// A part of a flattened iterator that is being gone over, and where it is there.
pub(crate) type Part = Option<(Guard, Box<Iter>)>;

/// What a closure is to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    Map,
    Filter,
    FilterMap,
    Inspect,
}

/// What ends, or begins, where a closure fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum While {
    Take,
    Skip,
    Map,
}

impl Iter {
    /// All of a list.
    pub(crate) fn of(items: Items) -> Self {
        let to = items.len();
        Self::Items { items: Rc::new(items), from: 0, to }
    }

    /// Nothing.
    pub(crate) fn empty() -> Self {
        Self::of(Items::new())
    }
}
