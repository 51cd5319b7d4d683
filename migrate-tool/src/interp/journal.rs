//! A journal of types: the types that the interpreter assumed for variables, for the receivers of calls and for their
//! results, and whether it called a function of the script. Only tests keep it (`mir_oracle`); elsewhere these
//! functions do nothing.

use proc_macro2::Span;

use super::Interp;
use crate::value::Cases;

/// One note that the journal has about a place in the script.
#[cfg(test)]
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Note {
    /// A pattern binds a variable of this type.
    Bound(super::Ty),
    /// A call of a function or method of this name gives a value of this type.
    Gives(String, super::Ty),
    /// A method of this name is called on a value of this type.
    Receiver(String, super::Ty),
    /// A call of a method of this name is one of a function of the script, or of the standard library.
    Own(String, bool),
}

/// All notes of a run, each with its file, line (from 1) and column (from 0).
#[cfg(test)]
#[derive(Debug, Default)]
pub(crate) struct Journal {
    pub(crate) notes: std::collections::HashSet<(usize, usize, usize, Note)>,
    /// The method call that is being evaluated: the place of its name, and the name.
    call: Option<(Span, String)>,
}

/// A method call that has begun: the one around it, and the type of its receiver.
#[cfg(test)]
#[derive(Debug)]
pub(crate) struct Pending {
    before: Option<(Span, String)>,
    receiver: Option<super::Ty>,
}

#[cfg(test)]
impl Interp<'_> {
    fn write_down(&mut self, at: Span, note: Note) {
        let (file, start) = (self.frames.last().map_or(0, |frame| frame.file), at.start());
        self.journal.notes.insert((file, start.line, start.column, note));
    }

    fn type_noted(&mut self, value: &Cases) -> Option<super::Ty> {
        let value = self.deref_all(value);
        let ty = crate::value::type_of(&value);
        (!self.dead() && ty.says_something()).then_some(ty)
    }

    pub(crate) fn note_bound(&mut self, at: Span, value: &Cases) {
        if let Some(ty) = self.type_noted(value) {
            self.write_down(at, Note::Bound(ty));
        }
    }

    pub(crate) fn note_result(&mut self, at: Span, name: &str, value: &Cases) {
        if let Some(ty) = self.type_noted(value) {
            self.write_down(at, Note::Gives(name.to_owned(), ty));
        }
    }

    /// Begins a method call. The result must be given to [`Self::end_call`].
    pub(crate) fn begin_call(&mut self, at: Span, name: &str, receiver: &Cases) -> Pending {
        let receiver = self.type_noted(receiver);
        Pending { before: self.journal.call.replace((at, name.to_owned())), receiver }
    }

    /// Ends a method call. A call that ended in residue is not written down.
    pub(crate) fn end_call(&mut self, pending: Pending) {
        if let (Some((at, name)), Some(ty), false) =
            (self.journal.call.clone(), pending.receiver, self.dead())
        {
            self.write_down(at, Note::Receiver(name, ty));
        }
        self.journal.call = pending.before;
    }

    pub(crate) fn note_own(&mut self, name: &str, own: bool) {
        if let Some((at, called)) = self.journal.call.clone()
            && called == name
            && !self.dead()
        {
            self.write_down(at, Note::Own(called, own));
        }
    }
}

/// Stands in for the state of a call where no journal is kept.
#[cfg(not(test))]
#[derive(Debug)]
pub(crate) struct Pending;

#[cfg(not(test))]
#[expect(clippy::unused_self, clippy::needless_pass_by_ref_mut, reason = "tests alone write something down")]
impl Interp<'_> {
    pub(crate) fn note_bound(&mut self, _at: Span, _value: &Cases) {}

    pub(crate) fn note_result(&mut self, _at: Span, _name: &str, _value: &Cases) {}

    pub(crate) fn begin_call(&mut self, _at: Span, _name: &str, _receiver: &Cases) -> Pending {
        Pending
    }

    pub(crate) fn end_call(&mut self, _pending: Pending) {}

    pub(crate) fn note_own(&mut self, _name: &str, _own: bool) {}
}
