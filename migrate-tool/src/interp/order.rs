//! Order that nobody promises: of a `HashMap`, a `HashSet`, a folder's entries. Whoever goes over them must come to the
//! same in whatever order they come, or it is residue.

use super::Interp;
use crate::logic::Guard;
use crate::value::{Cases, CellId, Items, Iter, ObjectId, Piece, Place, SeqKind, Text, Value};

/// The limits of a loop over a list without a specified order: it may change only variables and objects that are newer
/// than these.
#[derive(Debug, Clone, Default)]
pub(crate) struct Unordered {
    cells: CellId,
    objects: ObjectId,
    /// Files of OUT_DIR that the loop has written.
    files: Vec<String>,
    /// The macros that it has defined for a C compiler.
    defined: Vec<(ObjectId, String)>,
    /// The places and cells of the item that it is at: what is changed of one item is seen by no other.
    own: Vec<Place>,
    own_cells: Vec<CellId>,
}

/// The reason of the residue.
const MATTERS: &str = "what this comes to depends on an order that nobody promises";

/// Directives that mean the same in any order.
const ANY_ORDER: &[&str] =
    &["rerun-if-changed=", "rerun-if-env-changed=", "rustc-cfg=", "rustc-check-cfg=", "warning="];

impl Interp<'_> {
    /// Returns whether the order in which a value is iterated over is not specified.
    pub(crate) fn is_unordered(&mut self, value: &Cases) -> bool {
        let value = self.deref_all(value);
        value.0.iter().any(|(_, value)| match value {
            Value::Seq(items) => items.unordered && items.len() > 1,
            Value::Iter(iter) => unordered(iter, self),
            Value::Map(map) => !map.sorted && map.entries.len() > 1,
            Value::Object(object) => {
                self.objects[*object].kind == "walkdir"
                    && !self.objects[*object].calls.iter().any(|(_, name, _)| &**name == "sort_by_file_name")
            }
            _ => false,
        })
    }

    /// Runs `f`, whose result does not depend on the order of items.
    pub(crate) fn in_any_order<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.any_order, true);
        let result = f(self);
        self.any_order = before;
        result
    }

    /// Ends the path if the order of a list matters and is not specified; returns whether it did.
    pub(crate) fn order_matters(&mut self, value: &Cases) -> bool {
        if self.any_order || !self.is_unordered(value) {
            return false;
        }
        self.unknown(MATTERS);
        true
    }

    /// As [`Self::order_matters`], of a list that is asked what stands where.
    pub(crate) fn position_matters(&mut self, items: &Items) -> bool {
        let matters = items.unordered && items.len() > 1 && !self.any_order;
        if matters {
            self.unknown(MATTERS);
        }
        matters
    }

    /// Runs the body of a loop over what comes in no promised order.
    pub(crate) fn loop_in_any_order(&mut self, f: impl FnOnce(&mut Self)) {
        let inner =
            Unordered { cells: self.cells.len(), objects: self.objects.len(), ..Unordered::default() };
        // The outer one forbids more.
        let before = self.unordered.clone();
        let now = before.clone().unwrap_or(inner);
        self.unordered = Some(now);
        let breaks = self.frame().loops.last().map_or(0, |running| running.breaks.len());
        let returns = self.frame().returns.len();
        f(self);
        self.unordered = before;
        // Who leaves leaves at one that comes first by chance.
        let mut left = Guard::FALSE;
        if let Some(running) = self.frame().loops.last_mut() {
            let broken: Vec<_> = running.breaks.drain(breaks.min(running.breaks.len())..).collect();
            for (guard, _) in broken {
                left = self.inputs.or(left, guard);
            }
        }
        let returned: Vec<_> = self.frame().returns.drain(returns..).collect();
        for (guard, value) in returned {
            // An error is one whichever it is.
            if matches!(value.single(), Some(Value::Enum(error)) if &*error.variant == "Err") {
                self.frame().returns.push((guard, value));
            } else {
                left = self.inputs.or(left, guard);
            }
        }
        if !left.is_false() && !self.gave_up {
            let path = std::mem::replace(&mut self.pc, left);
            self.unknown(MATTERS);
            self.pc = path;
        }
    }

    /// Returns whether a change of this variable is visible outside a loop whose order is not specified.
    pub(crate) fn changes_outside(&self, cell: CellId) -> bool {
        let outside = |around: &Unordered| cell < around.cells && !around.own_cells.contains(&cell);
        // A fixed point is the same in whatever order it is come to.
        self.unordered.as_ref().is_some_and(outside) && !self.any_order && self.frozen.is_none()
    }

    /// Records the current item of such a loop.
    pub(crate) fn at_item(&mut self, item: &Cases) {
        let (mut own, mut own_cells) = (Vec::new(), Vec::new());
        parts_of(item, &mut own, &mut own_cells);
        // The content of a place that the item refers to belongs to the item, too.
        for place in own.clone() {
            let inside = self.read_place(&place);
            parts_of(&inside, &mut own, &mut own_cells);
        }
        if let Some(around) = &mut self.unordered {
            around.own = own;
            around.own_cells = own_cells;
        }
    }

    /// Returns whether a place is a part of the current item of such a loop.
    pub(crate) fn is_own(&self, place: &Place) -> bool {
        let own = |known: &Place| known.cell == place.cell && place.path.starts_with(&known.path);
        self.unordered.as_ref().is_some_and(|around| around.own.iter().any(own))
    }

    /// Returns whether a list that grows is visible outside such a loop.
    pub(crate) fn grows_outside(&self, cell: CellId) -> bool {
        self.unordered.as_ref().is_some_and(|around| cell < around.cells)
    }

    /// Refuses a change of a variable that is visible outside such a loop; returns whether it did.
    pub(crate) fn refuses_change(&mut self, cell: CellId) -> bool {
        let refused = self.changes_outside(cell);
        if refused {
            self.unknown(MATTERS);
        }
        refused
    }

    /// Refuses a call on something modelled, likewise; what a C compiler is given to compile may come in any order.
    pub(crate) fn refuses_call(&mut self, object: ObjectId, method: &str) -> bool {
        let outside = self.unordered.as_ref().is_some_and(|around| object < around.objects);
        let free = match self.objects[object].kind {
            "cc" => matches!(method, "file" | "object"),
            // They hold what they were made of.
            "unknown list" | "library" | "compiler" | "read file" => true,
            _ => false,
        };
        if outside && !free {
            self.unknown(MATTERS);
        }
        outside && !free
    }

    /// Returns whether a call in such a loop defines a macro for a C compiler that the loop has not defined before: macros
    /// with different names may come in any order.
    pub(crate) fn defines_once(&mut self, object: ObjectId, method: &str, args: &[Cases]) -> bool {
        if self.unordered.is_none() || self.objects[object].kind != "cc" || method != "define" {
            return false;
        }
        let name = args.first().map(|name| self.deref_all(name));
        let Some(name) = name.as_ref().and_then(Cases::literal) else { return false };
        let one = (object, name.to_owned());
        let Some(around) = &mut self.unordered else { return false };
        let first = !around.defined.contains(&one);
        around.defined.push(one);
        first
    }

    /// Refuses a line that means another thing in another order.
    pub(crate) fn refuses_line(&mut self, text: &Text) -> bool {
        if self.unordered.is_none() {
            return false;
        }
        let free = match text.pieces().next() {
            Some(Piece::Lit(first)) => match inert_build_output::directive(first.trim_start()) {
                Some((_, key)) => ANY_ORDER.iter().any(|known| key.starts_with(known)),
                // Nothing that Cargo reads, however it goes on.
                None => first.trim_start().len() > "cargo:".len(),
            },
            _ => false,
        };
        if !free {
            self.unknown(MATTERS);
        }
        !free
    }

    /// Refuses what is written to a file twice in such a loop.
    pub(crate) fn refuses_write(&mut self, path: &str) -> bool {
        let Some(around) = &mut self.unordered else { return false };
        if around.files.iter().any(|known| known == path) {
            self.unknown(MATTERS);
            return true;
        }
        around.files.push(path.to_owned());
        false
    }
}

/// Places and cells that a value holds.
pub(super) fn parts_of(value: &Cases, places: &mut Vec<Place>, cells: &mut Vec<CellId>) {
    for (_, value) in value.0.iter() {
        match value {
            Value::Ref(place) => places.push((**place).clone()),
            Value::Cell(cell, _) => cells.push(*cell),
            Value::Tuple(parts) => parts.iter().for_each(|part| parts_of(part, places, cells)),
            Value::Struct(value) => {
                value.fields.iter().for_each(|(_, field)| parts_of(field, places, cells));
            }
            Value::Enum(value) => {
                value.fields.iter().for_each(|(_, field)| parts_of(field, places, cells));
            }
            _ => {}
        }
    }
}

/// Returns whether the order of an iterator is not specified, as [`Interp::is_unordered`] does for values.
fn unordered(iter: &Iter, interp: &mut Interp<'_>) -> bool {
    match iter {
        Iter::Items { items, from, to } => {
            items.unordered && to.saturating_sub(*from) > 1 && items.kind != SeqKind::Collected
        }
        Iter::Place(place) => {
            let inside = interp.read_place(place);
            interp.is_unordered(&inside)
        }
        Iter::Each(inner, ..)
        | Iter::Enumerate { inner, .. }
        | Iter::Take { inner, .. }
        | Iter::Skip { inner, .. }
        | Iter::StepBy { inner, .. }
        | Iter::While { inner, .. }
        | Iter::Peekable { inner, .. }
        | Iter::Scan { inner, .. }
        | Iter::Rev(inner) => unordered(inner, interp),
        Iter::Flat { inner, front, back, .. } => {
            unordered(inner, interp)
                || [front, back].into_iter().flatten().any(|(_, part)| unordered(part, interp))
        }
        Iter::Chain(a, b) | Iter::Zip { a, b } | Iter::Cycle { whole: a, now: b } => {
            unordered(a, interp) || unordered(b, interp)
        }
        Iter::Range { .. } | Iter::FromFn { .. } | Iter::Repeat(_) | Iter::Own { .. } => false,
    }
}
