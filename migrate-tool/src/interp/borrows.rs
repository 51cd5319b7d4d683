//! What a `RefCell`, a `Mutex` or an `RwLock` has lent, and for how long. Who asks for what is lent already panics, or
//! waits for ever; here that is residue.

use super::Interp;
use crate::logic::Guard;
use crate::value::{Cases, CellId};

/// One outstanding borrow of a cell.
#[derive(Debug, Clone)]
pub(crate) struct Lent {
    cell: CellId,
    /// The borrow is `&mut`, a lock or a write lock.
    exclusive: bool,
    /// The path on which it was.
    guard: Guard,
}

impl Interp<'_> {
    /// Ends the path where a cell is lent already, so that it cannot be lent so.
    pub(crate) fn may_lend(&mut self, cell: CellId, exclusive: bool) {
        let others: Vec<Guard> = self
            .lent
            .iter()
            .filter(|one| one.cell == cell && (exclusive || one.exclusive))
            .map(|one| one.guard)
            .collect();
        for guard in others {
            let here = self.inputs.and(self.pc, guard);
            self.unknown_where(here, "a cell that is lent already is asked for");
        }
    }

    /// Lends a cell, until the statement ends or what holds it goes.
    pub(crate) fn lend(&mut self, cell: CellId, exclusive: bool) {
        self.may_lend(cell, exclusive);
        self.lent.push(Lent { cell, exclusive, guard: self.pc });
    }

    /// Ends the borrows that began after the first `since` ones.
    pub(crate) fn give_back(&mut self, since: usize) {
        self.lent.truncate(since);
    }

    /// Ends the borrows that began after the first `since` ones, except those of places that the value holds.
    pub(crate) fn give_back_unless_in(&mut self, since: usize, value: &Cases) {
        if self.lent.len() <= since {
            return;
        }
        let (mut places, mut cells) = (Vec::new(), Vec::new());
        super::order::parts_of(value, &mut places, &mut cells);
        let later = self.lent.split_off(since);
        let held = later.into_iter().filter(|one| places.iter().any(|place| place.cell == one.cell));
        self.lent.extend(held);
    }

    /// Ends the last borrow of each place that the dropped value holds.
    pub(crate) fn give_back_of(&mut self, value: &Cases) {
        let (mut places, mut cells) = (Vec::new(), Vec::new());
        super::order::parts_of(value, &mut places, &mut cells);
        for place in places {
            if let Some(at) = self.lent.iter().rposition(|one| one.cell == place.cell) {
                self.lent.remove(at);
            }
        }
    }
}
