//! Buffers in front of files and of stdout: what is written to one arrives once the buffer is flushed or its owner has
//! ended.

use super::Interp;
use crate::logic::Guard;
use crate::value::{Cases, Iter, ObjectId, Value};

/// The kinds of objects that are files being written.
pub(crate) const FILE: &str = "file";
pub(crate) const BUFFERED: &str = "buffered file";
pub(crate) const BUFFERED_STDOUT: &str = "buffered stdout";

const PENDING: &str = "pending";
const FLUSHED: &str = "flushed";

/// How deep values are looked into for a file.
const DEPTH: usize = 6;

impl Interp<'_> {
    /// Notes that a file was opened for writing.
    pub(crate) fn note_opened(&mut self, path: &str, object: ObjectId) {
        let held = self.held_back(Some(path));
        self.unknown_where(
            held,
            "a file that is opened again while a buffer holds text for it is not understood",
        );
        self.writers.insert(path.to_owned(), object);
    }

    /// Models `BufWriter::new(file)`: the text that is written to it reaches the file when it is flushed or dropped.
    pub(crate) fn buffered(&mut self, stream: &Cases) -> Cases {
        for (_, value) in self.deref_all(stream).0.iter() {
            if let Value::Object(object) = value
                && self.objects[*object].kind == FILE
            {
                self.objects[*object].kind = BUFFERED;
            }
        }
        stream.clone()
    }

    /// Notes that something was written to a stream, which a buffer may hold back.
    pub(crate) fn note_written(&mut self, object: ObjectId) {
        if matches!(self.objects[object].kind, BUFFERED | BUFFERED_STDOUT) {
            let last = self.objects[object].calls.last();
            if last.is_none_or(|(guard, name, _)| &**name != PENDING || *guard != self.pc) {
                self.note_call(object, PENDING, Vec::new());
            }
        }
    }

    /// Notes that the buffer of a stream is empty.
    pub(crate) fn note_flushed(&mut self, stream: &Cases) {
        for (_, value) in self.deref_all(stream).0.iter() {
            let Value::Object(object) = value else { continue };
            if !matches!(self.objects[*object].kind, BUFFERED | BUFFERED_STDOUT) {
                continue;
            }
            let pending = self.pending(*object);
            if self.inputs.minus(pending, self.pc).is_false() {
                self.objects[*object].calls.retain(|(_, name, _)| !matches!(&**name, PENDING | FLUSHED));
            } else {
                self.note_call(*object, FLUSHED, Vec::new());
            }
        }
    }

    fn pending(&mut self, object: ObjectId) -> Guard {
        let mut pending = Guard::FALSE;
        for (guard, name, _) in self.objects[object].calls.clone() {
            match &*name {
                PENDING => pending = self.inputs.or(pending, guard),
                FLUSHED => pending = self.inputs.minus(pending, guard),
                _ => {}
            }
        }
        pending
    }

    /// Models `BufWriter::new(stdout())`. The lines are noted when they are written; whatever else is printed while they
    /// are held back is residue.
    pub(crate) fn buffered_stdout(&mut self) -> Cases {
        let made = self.new_object(BUFFERED_STDOUT);
        if let Some(Value::Object(object)) = made.single() {
            self.stdout_buffers.push(*object);
        }
        made
    }

    /// Ends the paths in residue on which a buffer holds back what was printed before, other than the buffer that prints
    /// now.
    pub(crate) fn note_printed(&mut self) {
        let by = self.printing;
        let of: Vec<ObjectId> = self.stdout_buffers.iter().copied().filter(|one| Some(*one) != by).collect();
        if of.is_empty() {
            return;
        }
        let held = self.held_by(&of);
        self.unknown_where(held, "printing beside a buffer that holds lines back is not understood");
    }

    /// Returns where a buffer that a variable still holds may keep text back: of this file in OUT_DIR, or of any.
    pub(crate) fn held_back(&mut self, path: Option<&str>) -> Guard {
        let of: Vec<ObjectId> = match path {
            Some(path) => self.writers.get(path).copied().into_iter().collect(),
            None => self.writers.values().chain(&self.stdout_buffers).copied().collect(),
        };
        self.held_by(&of)
    }

    fn held_by(&mut self, buffers: &[ObjectId]) -> Guard {
        let mut held = Guard::FALSE;
        for object in buffers.iter().copied() {
            if !matches!(self.objects[object].kind, BUFFERED | BUFFERED_STDOUT) {
                continue;
            }
            let pending = self.pending(object);
            let pending = self.inputs.and(pending, self.pc);
            if !pending.is_false() && self.is_held(object) {
                held = self.inputs.or(held, pending);
            }
        }
        held
    }

    /// Returns whether a variable of a running function, or a static, holds an object.
    fn is_held(&self, object: ObjectId) -> bool {
        let variables = self.frames.iter().flat_map(|frame| frame.scopes.iter().flatten());
        let cells = variables.map(|(_, cell)| *cell).chain(self.statics.values().copied());
        cells.into_iter().any(|cell| self.holds(&self.cells[cell].value, object, DEPTH))
            || self.consts.values().any(|value| self.holds(value, object, DEPTH))
    }

    fn holds(&self, value: &Cases, object: ObjectId, depth: usize) -> bool {
        let Some(deeper) = depth.checked_sub(1) else { return true };
        value.0.iter().any(|(_, value)| match value {
            Value::Object(one) => *one == object,
            Value::Tuple(parts) => parts.iter().any(|part| self.holds(part, object, deeper)),
            Value::Struct(value) => value.fields.iter().any(|(_, part)| self.holds(part, object, deeper)),
            Value::Enum(value) => value.fields.iter().any(|(_, part)| self.holds(part, object, deeper)),
            Value::Seq(items) => items.iter().any(|(_, part)| self.holds(part, object, deeper)),
            Value::Map(map) => map.entries.iter().any(|(_, _, part)| self.holds(part, object, deeper)),
            Value::Cell(cell, _) => self.holds(&self.cells[*cell].value, object, deeper),
            Value::Ref(place) => self.holds(&self.cells[place.cell].value, object, deeper),
            Value::Closure(closure) => {
                closure.captured.iter().any(|(_, cell)| self.holds(&self.cells[*cell].value, object, deeper))
            }
            // A `move` closure in an iterator that is not at its end may hold it.
            Value::Iter(iter) => match &**iter {
                Iter::Items { items, from, to } => {
                    items[*from..*to].iter().any(|(_, part)| self.holds(part, object, deeper))
                }
                Iter::Range { .. } => false,
                _ => true,
            },
            _ => false,
        })
    }
}
