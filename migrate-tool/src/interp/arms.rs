//! `match` and `matches!`: the arms, with their guards.

use syn::{Expr, Pat, spanned::Spanned};

use super::{Interp, Ty, pattern::Bindings};
use crate::logic::Guard;
use crate::value::Cases;

/// More patterns than these without `|` are not made of one.
const MOST: usize = 64;

impl Interp<'_> {
    pub(super) fn match_expr(&mut self, code: &syn::ExprMatch, hint: Option<&Ty>) -> Cases {
        let value = self.scrutinee(&code.expr);
        let mut rest = self.pc;
        let mut parts = Vec::new();
        let mut after = Guard::FALSE;
        for (at, arm) in code.arms.iter().enumerate() {
            if rest.is_false() {
                break;
            }
            let compiled = self.attributes(&arm.attrs);
            self.pc = self.inputs.and(rest, compiled);
            if self.dead() {
                continue;
            }
            self.push_scope();
            self.span = arm.pat.span();
            // rustc has seen to it that some arm matches.
            self.matches_what_is_left = at + 1 == code.arms.len() && arm.guard.is_none();
            let condition = arm.guard.as_ref().map(|(_, condition)| &**condition);
            let (taken, lost) = self.enter_arm(&arm.pat, condition, &value);
            self.matches_what_is_left = false;
            let gone = self.inputs.or(taken, lost);
            rest = self.inputs.minus(rest, gone);
            self.pc = taken;
            if !self.dead() {
                let result = self.expr(&arm.body, hint);
                parts.push((self.pc, result));
                after = self.inputs.or(after, self.pc);
            }
            self.pop_scope();
        }
        self.pc = rest;
        if !self.dead() {
            self.span = code.span();
            self.unknown("no arm of this `match` is known to match");
        }
        self.pc = after;
        self.inputs.join(parts)
    }

    /// Matches a pattern with its guard on this path and binds its names. Returns where both hold, and what of the path
    /// has ended.
    pub(super) fn enter_arm(
        &mut self,
        pattern: &Pat,
        condition: Option<&Expr>,
        value: &Cases,
    ) -> (Guard, Guard) {
        let entry = self.pc;
        let Some(condition) = condition else {
            let (matched, bindings) = self.match_pattern(pattern, value);
            let lost = self.inputs.minus(entry, self.pc);
            self.pc = self.inputs.and(self.pc, matched);
            self.bind_all(bindings);
            return (self.pc, lost);
        };
        if !has_alternatives(pattern) {
            // Bound where the body sees them, with what the guard itself binds.
            let (matched, bindings) = self.match_pattern(pattern, value);
            let mut lost = self.inputs.minus(entry, self.pc);
            self.pc = self.inputs.and(self.pc, matched);
            if self.dead() {
                return (Guard::FALSE, lost);
            }
            self.bind_all(bindings);
            let before = self.pc;
            let holds = self.condition(condition);
            let ended = self.inputs.minus(before, self.pc);
            lost = self.inputs.or(lost, ended);
            return (self.inputs.and(self.pc, holds), lost);
        }
        // Where the guard does not hold, the next alternative of the pattern is tried, and the guard again.
        let alternatives = alternatives(pattern);
        self.count_items(alternatives.len() * size(pattern));
        if alternatives.len() > MOST || binds(condition) {
            self.unknown("the guard of a pattern with so many alternatives is not understood");
            return (Guard::FALSE, entry);
        }
        let (mut taken, mut lost) = (Guard::FALSE, Guard::FALSE);
        let mut all = Bindings::new();
        for one in &alternatives {
            let gone = self.inputs.or(taken, lost);
            self.pc = self.inputs.minus(entry, gone);
            if self.dead() {
                break;
            }
            self.push_scope();
            let before = self.pc;
            let (matched, bindings) = self.match_pattern(one, value);
            let ended = self.inputs.minus(before, self.pc);
            lost = self.inputs.or(lost, ended);
            self.pc = self.inputs.and(self.pc, matched);
            if !self.dead() {
                self.bind_all(bindings.clone());
                let before = self.pc;
                let holds = self.condition(condition);
                let ended = self.inputs.minus(before, self.pc);
                lost = self.inputs.or(lost, ended);
                let here = self.inputs.and(self.pc, holds);
                taken = self.inputs.or(taken, here);
                for (name, parts) in bindings {
                    for (guard, value) in parts {
                        let both = self.inputs.and(guard, here);
                        if !both.is_false() {
                            Self::add(&mut all, &name, both, value);
                        }
                    }
                }
            }
            self.pop_scope();
        }
        self.pc = taken;
        self.bind_all(all);
        (taken, lost)
    }
}

/// Returns whether a guard binds names, which the body sees.
fn binds(condition: &Expr) -> bool {
    match condition {
        Expr::Let(_) => true,
        Expr::Binary(binary) => binds(&binary.left) || binds(&binary.right),
        Expr::Paren(inner) => binds(&inner.expr),
        _ => false,
    }
}

/// Returns the patterns that a pattern directly holds.
fn parts(pattern: &Pat) -> Vec<&Pat> {
    match pattern {
        Pat::Or(or) => or.cases.iter().collect(),
        Pat::Paren(inner) => vec![&*inner.pat],
        Pat::Reference(inner) => vec![&*inner.pat],
        Pat::Ident(ident) => ident.subpat.iter().map(|(_, inner)| &**inner).collect(),
        Pat::Tuple(tuple) => tuple.elems.iter().collect(),
        Pat::TupleStruct(tuple) => tuple.elems.iter().collect(),
        Pat::Slice(slice) => slice.elems.iter().collect(),
        Pat::Struct(fields) => fields.fields.iter().map(|field| &*field.pat).collect(),
        _ => Vec::new(),
    }
}

fn has_alternatives(pattern: &Pat) -> bool {
    matches!(pattern, Pat::Or(_)) || parts(pattern).into_iter().any(has_alternatives)
}

fn size(pattern: &Pat) -> usize {
    1 + parts(pattern).into_iter().map(size).sum::<usize>()
}

/// Returns the alternatives of a pattern, which have no `|` in them, in the order in which they are tried. There may be more than
/// [`MOST`]; then they are not all of them.
fn alternatives(pattern: &Pat) -> Vec<Pat> {
    match pattern {
        Pat::Or(or) => limited(or.cases.iter().flat_map(alternatives)),
        Pat::Paren(inner) => alternatives(&inner.pat),
        Pat::Reference(inner) => with(alternatives(&inner.pat), |one| {
            let mut out = inner.clone();
            *out.pat = one;
            Pat::Reference(out)
        }),
        Pat::Ident(ident) => match &ident.subpat {
            Some((at, inner)) => with(alternatives(inner), |one| {
                let mut out = ident.clone();
                out.subpat = Some((*at, Box::new(one)));
                Pat::Ident(out)
            }),
            None => vec![pattern.clone()],
        },
        Pat::Tuple(tuple) => with(product(tuple.elems.iter()), |elems| {
            let mut out = tuple.clone();
            out.elems.iter_mut().zip(elems).for_each(|(slot, one)| *slot = one);
            Pat::Tuple(out)
        }),
        Pat::TupleStruct(tuple) => with(product(tuple.elems.iter()), |elems| {
            let mut out = tuple.clone();
            out.elems.iter_mut().zip(elems).for_each(|(slot, one)| *slot = one);
            Pat::TupleStruct(out)
        }),
        Pat::Slice(slice) => with(product(slice.elems.iter()), |elems| {
            let mut out = slice.clone();
            out.elems.iter_mut().zip(elems).for_each(|(slot, one)| *slot = one);
            Pat::Slice(out)
        }),
        Pat::Struct(fields) => with(product(fields.fields.iter().map(|field| &*field.pat)), |pats| {
            let mut out = fields.clone();
            out.fields.iter_mut().zip(pats).for_each(|(slot, one)| *slot.pat = one);
            Pat::Struct(out)
        }),
        _ => vec![pattern.clone()],
    }
}

fn limited<T>(all: impl Iterator<Item = T>) -> Vec<T> {
    all.take(MOST + 1).collect()
}

fn with<T>(all: Vec<T>, make: impl Fn(T) -> Pat) -> Vec<Pat> {
    all.into_iter().map(make).collect()
}

/// Returns every choice of one alternative of each pattern; the last pattern's changes first.
fn product<'p>(patterns: impl Iterator<Item = &'p Pat>) -> Vec<Vec<Pat>> {
    patterns.fold(vec![Vec::new()], |chosen, pattern| {
        let next = alternatives(pattern);
        limited(chosen.iter().flat_map(|before| {
            next.iter().map(move |one| before.iter().chain([one]).cloned().collect::<Vec<_>>())
        }))
    })
}
