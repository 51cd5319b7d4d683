//! Control flow: `return`, `?`, loops.

use syn::spanned::Spanned;

use super::{Interp, Loop, Ty};
use crate::logic::Guard;
use crate::value::{Cases, Value};

/// The maximum number of rounds of a loop without a fixed end.
const MAX_ROUNDS: usize = 100_000;

impl Interp<'_> {
    /// Models `return value`: the value gets the type of the function's result and is kept under the current path,
    /// which ends.
    pub(crate) fn leave_function(&mut self, value: Cases) -> Cases {
        let result = self.frames.last().and_then(|frame| frame.result.clone());
        let value = self.typed(&value, result.as_ref());
        if !self.dead() {
            let path = self.pc;
            self.frame().returns.push((path, value));
            self.pc = Guard::FALSE;
        }
        Cases::never()
    }

    /// Models `value?`: the content of `Some` or `Ok`; for `None` and `Err` the function is left.
    pub(crate) fn question_mark(&mut self, value: &Cases) -> Cases {
        let value = self.deref_all(value);
        self.each(&value, |interp, value| match value {
            Value::Enum(inner) if &*inner.name == "Option" || &*inner.name == "Result" => {
                match &*inner.variant {
                    "Some" | "Ok" => inner.fields[0].1.clone(),
                    "None" => interp.leave_function(Cases::none()),
                    _ => {
                        let error = interp.convert_error(inner.fields[0].1.clone());
                        interp.leave_function(Cases::err(error))
                    }
                }
            }
            other => {
                let reason = format!("`?` on {} is not understood", other.kind());
                interp.unknown(&reason)
            }
        })
    }

    fn begin_loop(&mut self, label: Option<&syn::Label>) {
        let label = label.map(|label| label.name.ident.to_string());
        self.frame().loops.push(Loop { label, ..Loop::default() });
    }

    /// Joins the values with which a loop was left, and continues on every path that left it.
    fn end_loop(&mut self, finished: Guard) -> Cases {
        let ended = self.frame().loops.pop().unwrap_or_default();
        let mut parts = vec![(finished, Cases::unit())];
        let mut after = finished;
        for (guard, value) in ended.breaks {
            after = self.inputs.or(after, guard);
            parts.push((guard, value));
        }
        self.pc = after;
        self.inputs.join(parts)
    }

    /// Runs one round: evaluates the body, and continues where `continue` skipped to the next round.
    fn round(&mut self, body: &syn::Block) {
        self.frame().scopes.push(Vec::new());
        self.block(body, None);
        self.frame().scopes.pop();
        self.rejoin_continues();
    }

    pub(crate) fn rejoin_continues(&mut self) {
        let continued = self.frame().loops.last_mut().and_then(|running| running.continues.take());
        if let Some(continued) = continued {
            self.pc = self.inputs.or(self.pc, continued);
        }
    }

    pub(crate) fn while_loop(&mut self, code: &syn::ExprWhile) -> Cases {
        if let Some(done) = self.fixpoint_loop(code) {
            return done;
        }
        self.begin_loop(code.label.as_ref());
        let mut finished = Guard::FALSE;
        for round in 0.. {
            if !self.step() {
                break;
            }
            if round > MAX_ROUNDS {
                self.span = code.span();
                self.unknown("this loop goes round too often");
                break;
            }
            self.push_scope();
            let holds = self.condition(&code.cond);
            let done = self.inputs.minus(self.pc, holds);
            finished = self.inputs.or(finished, done);
            self.pc = self.inputs.and(self.pc, holds);
            if !self.dead() {
                self.round(&code.body);
            }
            self.pop_scope();
        }
        self.end_loop(finished)
    }

    pub(crate) fn endless_loop(&mut self, code: &syn::ExprLoop) -> Cases {
        self.begin_loop(code.label.as_ref());
        for round in 0.. {
            if !self.step() {
                break;
            }
            if round > MAX_ROUNDS {
                self.span = code.span();
                self.unknown("this loop goes round too often");
                break;
            }
            self.round(&code.body);
        }
        self.end_loop(Guard::FALSE)
    }

    pub(crate) fn for_loop(&mut self, code: &syn::ExprForLoop) -> Cases {
        let iterated = self.expr(&code.expr, None);
        self.span = code.expr.span();
        if self.dead() {
            return Cases::never();
        }
        self.begin_loop(code.label.as_ref());
        let depth = self.frames.len();
        let mut stopped = Guard::FALSE;
        let mut body = |interp: &mut Self, item: Cases| {
            if interp.frames.len() != depth || !interp.step() {
                return;
            }
            let any_order = std::mem::take(&mut interp.any_order);
            if interp.unordered.is_some() {
                interp.at_item(&item);
            }
            interp.push_scope();
            interp.bind_pattern(&code.pat, &item);
            if !interp.dead() {
                interp.block(&code.body, None);
            }
            interp.pop_scope();
            interp.rejoin_continues();
            interp.any_order = any_order;
            stopped = interp.pc;
        };
        if self.is_unordered(&iterated) {
            self.loop_in_any_order(|interp| {
                interp.in_any_order(|interp| interp.drive(&iterated, &mut body));
            });
        } else {
            self.drive(&iterated, &mut body);
        }
        let finished = self.pc;
        self.end_loop(finished)
    }

    pub(crate) fn labelled_block(&mut self, label: &str, block: &syn::Block, hint: Option<&Ty>) -> Cases {
        self.frame().loops.push(Loop { label: Some(label.to_owned()), ..Loop::default() });
        let value = self.block(block, hint);
        let normal = self.pc;
        let ended = self.frame().loops.pop().unwrap_or_default();
        let mut parts = vec![(normal, value)];
        let mut after = normal;
        for (guard, value) in ended.breaks {
            after = self.inputs.or(after, guard);
            parts.push((guard, value));
        }
        self.pc = after;
        self.inputs.join(parts)
    }

    fn loop_position(&mut self, label: Option<&syn::Lifetime>) -> Option<usize> {
        let label = label.map(|label| label.ident.to_string());
        let loops = &self.frame().loops;
        match label {
            None => loops.len().checked_sub(1),
            Some(label) => loops.iter().rposition(|running| running.label.as_ref() == Some(&label)),
        }
    }

    pub(crate) fn break_expr(&mut self, code: &syn::ExprBreak) -> Cases {
        let value = code.expr.as_ref().map_or_else(Cases::unit, |value| self.expr(value, None));
        if self.dead() {
            return Cases::never();
        }
        self.span = code.span();
        let Some(position) = self.loop_position(code.label.as_ref()) else {
            return self.unknown("`break` outside a loop");
        };
        if self.open_loops > 0 {
            return self.unknown("leaving a loop over an unknown list is not understood");
        }
        let path = self.pc;
        self.frame().loops[position].breaks.push((path, value));
        self.pc = Guard::FALSE;
        Cases::never()
    }

    pub(crate) fn continue_expr(&mut self, code: &syn::ExprContinue) -> Cases {
        self.span = code.span();
        let Some(position) = self.loop_position(code.label.as_ref()) else {
            return self.unknown("`continue` outside a loop");
        };
        // The loops inside are left, as `break` leaves them.
        let leaves = position + 1 != self.frame().loops.len();
        if leaves && (self.open_loops > 0 || self.unordered.is_some() || self.frozen.is_some()) {
            return self.unknown("`continue` of an outer loop is not understood here");
        }
        let path = self.pc;
        let before = self.frame().loops[position].continues.unwrap_or(Guard::FALSE);
        let joined = self.inputs.or(before, path);
        self.frame().loops[position].continues = Some(joined);
        self.pc = Guard::FALSE;
        Cases::never()
    }
}
