//! The items of a vector, array or slice, and what is known of its type.

use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use super::{Cases, Ty};
use crate::logic::Guard;

/// Which list it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum SeqKind {
    /// One of them: nothing depends on which.
    #[default]
    Unknown,
    Vec,
    Array,
    Slice,
    Deque,
    /// The items of `Path::ancestors`, an iterator that is `Copy`.
    Ancestors,
    /// The result of `collect`, `into` or `from_iter` whose type is not known; it may be no list at all. It answers
    /// nothing before its type is known.
    Collected,
}

/// Items in order, each there or not.
#[derive(Debug, Clone, Default)]
pub(crate) struct Items {
    pub(crate) list: Vec<(Guard, Cases)>,
    pub(crate) kind: SeqKind,
    /// The type of its elements, where it was said.
    pub(crate) element: Option<Rc<Ty>>,
    /// Nobody promises their order: they come of a `HashMap` or of a folder.
    pub(crate) unordered: bool,
}

impl Items {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Vec::with_capacity(capacity).into()
    }

    /// Returns the items with the type of another list.
    pub(crate) fn like(mut self, other: &Self) -> Self {
        self.kind = other.kind;
        self.element.clone_from(&other.element);
        self.unordered |= other.unordered;
        self
    }

    /// Returns the items as a list of this kind.
    pub(crate) fn of_kind(mut self, kind: SeqKind) -> Self {
        self.kind = kind;
        self
    }

    pub(crate) fn split_off(&mut self, at: usize) -> Self {
        Self::from(self.list.split_off(at)).like(self)
    }
}

/// Types are refined, never told apart by: one variable has one type.
impl PartialEq for Items {
    fn eq(&self, other: &Self) -> bool {
        self.list == other.list && self.unordered == other.unordered
    }
}
impl Eq for Items {}
impl std::hash::Hash for Items {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.list.hash(state);
    }
}

impl Deref for Items {
    type Target = Vec<(Guard, Cases)>;
    fn deref(&self) -> &Self::Target {
        &self.list
    }
}

impl DerefMut for Items {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.list
    }
}

impl From<Vec<(Guard, Cases)>> for Items {
    fn from(list: Vec<(Guard, Cases)>) -> Self {
        Self { list, ..Self::default() }
    }
}

impl FromIterator<(Guard, Cases)> for Items {
    fn from_iter<I: IntoIterator<Item = (Guard, Cases)>>(items: I) -> Self {
        Vec::from_iter(items).into()
    }
}

impl IntoIterator for Items {
    type Item = (Guard, Cases);
    type IntoIter = std::vec::IntoIter<(Guard, Cases)>;
    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl<'i> IntoIterator for &'i Items {
    type Item = &'i (Guard, Cases);
    type IntoIter = std::slice::Iter<'i, (Guard, Cases)>;
    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}
