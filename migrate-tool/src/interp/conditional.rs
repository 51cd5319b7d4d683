//! Statements and expressions behind `#[cfg]`.

use std::rc::Rc;

use syn::Expr;

use super::Interp;
use crate::logic::Guard;
use crate::value::{Cases, Items, Ty};

impl Interp<'_> {
    /// Evaluates an expression with attributes only where its `#[cfg]` holds.
    pub(super) fn guarded(
        &mut self,
        attributes: &[syn::Attribute],
        f: impl FnOnce(&mut Self) -> Cases,
    ) -> Cases {
        if attributes.is_empty() {
            return f(self);
        }
        let guard = self.attributes(attributes);
        if guard.is_true() {
            return f(self);
        }
        self.branch(guard, f, |_| Cases::unit())
    }

    /// Evaluates a member of a list where its `#[cfg]` holds, and adds it.
    pub(super) fn listed(&mut self, expr: &Expr, hint: Option<&Ty>, items: &mut Items) {
        let guard = self.attributes(expr_attributes(expr));
        if guard.is_true() {
            items.push((guard, self.expr(expr, hint)));
            return;
        }
        let path = self.pc;
        self.pc = self.inputs.and(path, guard);
        if !self.dead() {
            let before = self.pc;
            let value = self.expr(expr, hint);
            items.push((guard, value));
            let ended = self.inputs.minus(before, self.pc);
            self.pc = self.inputs.minus(path, ended);
        } else {
            self.pc = path;
        }
    }

    /// Returns the arguments that are compiled; `None` if that depends on the build.
    pub(super) fn compiled_arguments<'e>(
        &mut self,
        args: impl IntoIterator<Item = &'e Expr>,
    ) -> Option<Vec<&'e Expr>> {
        let mut out = Vec::new();
        for arg in args {
            let attributes = expr_attributes(arg);
            if attributes.is_empty() {
                out.push(arg);
                continue;
            }
            let guard = self.attributes(attributes);
            if guard.is_true() {
                out.push(arg);
            } else if !guard.is_false() {
                return None;
            }
        }
        Some(out)
    }

    /// Refuses a type that has other fields, or fields of other types, on some targets: fields without names, of which some are
    /// conditional, and two of one name.
    pub(super) fn check_fields(&mut self, fields: &syn::Fields, guard: Guard) {
        let conditional = |field: &syn::Field| field.attrs.iter().any(|one| one.path().is_ident("cfg"));
        let differs = match fields {
            syn::Fields::Named(named) => named.named.iter().enumerate().any(|(at, field)| {
                conditional(field) && named.named.iter().take(at).any(|other| other.ident == field.ident)
            }),
            fields => fields.iter().any(conditional),
        };
        if differs {
            self.unknown_where(guard, "a type whose fields differ between targets is not understood");
        }
    }

    /// Models `#[cfg(…)] let x = …;`. Where it is not compiled, the name keeps the meaning of an earlier variable.
    pub(super) fn guarded_local(&mut self, local: &syn::Local) -> Cases {
        let guard = if local.attrs.is_empty() { Guard::TRUE } else { self.attributes(&local.attrs) };
        let (path, around) = (self.pc, self.frame().scopes.len());
        let bound = self.frame().scopes.last().map_or(0, Vec::len);
        if guard.is_true() {
            self.local(local);
            return Cases::unit();
        }
        self.branch(
            guard,
            |interp| {
                interp.local(local);
                Cases::unit()
            },
            |_| Cases::unit(),
        );
        let frame = self.frame();
        if frame.scopes.len() != around {
            return Cases::unit();
        }
        let new: Vec<(Rc<str>, usize)> = frame.scopes[around - 1].split_off(bound);
        let here = self.inputs.and(path, guard);
        let there = self.inputs.and(self.pc, here);
        let elsewhere = self.inputs.minus(self.pc, here);
        for (name, cell) in new {
            let Some(old) = self.variable(&name).filter(|_| !elsewhere.is_false()) else {
                self.frame().scopes[around - 1].push((name, cell));
                continue;
            };
            let (old, new) = (self.cells[old].value.clone(), self.cells[cell].value.clone());
            let joined = self.inputs.join(vec![(there, new), (elsewhere, old)]);
            self.bind(&name, joined);
        }
        Cases::unit()
    }
}

/// Returns the attributes of an expression that is a statement or a member of a list.
pub(super) fn expr_attributes(expr: &Expr) -> &[syn::Attribute] {
    match expr {
        // The parser attaches an attribute before a statement to the statement's first operand.
        Expr::Assign(expr) if expr.attrs.is_empty() => expr_attributes(&expr.left),
        Expr::Assign(expr) => &expr.attrs,
        Expr::Binary(expr) if expr.attrs.is_empty() => expr_attributes(&expr.left),
        Expr::Binary(expr) => &expr.attrs,
        Expr::Cast(expr) if expr.attrs.is_empty() => expr_attributes(&expr.expr),
        Expr::Cast(expr) => &expr.attrs,
        Expr::Array(expr) => &expr.attrs,
        Expr::Async(expr) => &expr.attrs,
        Expr::Await(expr) => &expr.attrs,
        Expr::Block(expr) => &expr.attrs,
        Expr::Break(expr) => &expr.attrs,
        Expr::Call(expr) => &expr.attrs,
        Expr::Closure(expr) => &expr.attrs,
        Expr::Const(expr) => &expr.attrs,
        Expr::Continue(expr) => &expr.attrs,
        Expr::Field(expr) => &expr.attrs,
        Expr::ForLoop(expr) => &expr.attrs,
        Expr::Group(expr) => &expr.attrs,
        Expr::If(expr) => &expr.attrs,
        Expr::Index(expr) => &expr.attrs,
        Expr::Infer(expr) => &expr.attrs,
        Expr::Let(expr) => &expr.attrs,
        Expr::Lit(expr) => &expr.attrs,
        Expr::Loop(expr) => &expr.attrs,
        Expr::Macro(expr) => &expr.attrs,
        Expr::Match(expr) => &expr.attrs,
        Expr::MethodCall(expr) => &expr.attrs,
        Expr::Paren(expr) => &expr.attrs,
        Expr::Path(expr) => &expr.attrs,
        Expr::Range(expr) => &expr.attrs,
        Expr::RawAddr(expr) => &expr.attrs,
        Expr::Reference(expr) => &expr.attrs,
        Expr::Repeat(expr) => &expr.attrs,
        Expr::Return(expr) => &expr.attrs,
        Expr::Struct(expr) => &expr.attrs,
        Expr::Try(expr) => &expr.attrs,
        Expr::TryBlock(expr) => &expr.attrs,
        Expr::Tuple(expr) => &expr.attrs,
        Expr::Unary(expr) => &expr.attrs,
        Expr::Unsafe(expr) => &expr.attrs,
        Expr::While(expr) => &expr.attrs,
        Expr::Yield(expr) => &expr.attrs,
        _ => &[],
    }
}
