//! Patterns: where they match, and the variables that they bind.

use std::rc::Rc;

use syn::{Expr, Pat, spanned::Spanned};

use super::{Definition, Interp, Item, items::Namespace};
use crate::logic::Guard;
use crate::value::{Cases, Place, Step, Ty, Value};

/// The bound names, each with its values and their guards.
pub(crate) type Bindings = Vec<(Rc<str>, Vec<(Guard, Cases)>)>;

/// The meaning of a name in a pattern.
enum Named {
    /// The name refers to nothing, so it binds a variable.
    Nothing,
    Constant(Cases),
    /// A variant or struct without fields, with its name.
    Variant(String),
    /// A path outside the script.
    Outside(String),
    Unclear,
}

/// Matches one alternative, and adds to the bindings: gets the value, its place, and its guard; returns where it
/// matches.
type PartTest<'f, I> = &'f mut dyn FnMut(&mut I, &Value, Option<&Place>, Guard, &mut Bindings) -> Guard;

impl Interp<'_> {
    /// Evaluates a matched expression. `&mut` references stay references, so that their parts can be changed.
    pub(crate) fn scrutinee(&mut self, expr: &Expr) -> Cases {
        self.expr(expr, None)
    }

    /// Returns where a pattern matches on this path, and its bindings.
    pub(crate) fn match_pattern(&mut self, pattern: &Pat, value: &Cases) -> (Guard, Bindings) {
        let mut bindings = Vec::new();
        let path = self.pc;
        let matched = self.matches(pattern, value, path, &mut bindings);
        let matched = self.inputs.and(matched, self.pc);
        (matched, bindings)
    }

    /// Binds a pattern that always matches to a value of a declared type.
    pub(crate) fn bind_pattern_as(&mut self, pattern: &Pat, value: &Cases, ty: Option<&Ty>) {
        self.bind_pattern(pattern, value);
        let Some(ty) = ty.filter(|ty| ty.says_something()) else { return };
        if let Pat::Ident(ident) = pattern
            && ident.subpat.is_none()
            && let Some(cell) = self.variable(&ident.ident.to_string())
        {
            let ty = self.canonical(ty);
            self.cells[cell].ty = Some(Rc::new(ty));
        }
    }

    /// Binds a pattern that always matches.
    pub(crate) fn bind_pattern(&mut self, pattern: &Pat, value: &Cases) {
        if let Pat::Ident(ident) = pattern
            && ident.subpat.is_none()
            && (ident.by_ref.is_none() || ident.mutability.is_none())
        {
            self.note_bound(ident.ident.span(), value);
            self.bind(&ident.ident.to_string(), value.clone());
            return;
        }
        let (matched, bindings) = self.match_pattern(pattern, value);
        let rest = self.inputs.minus(self.pc, matched);
        if !rest.is_false() && !value.is_never() {
            let path = self.pc;
            self.pc = rest;
            self.unknown("this pattern is not known to match");
            self.pc = self.inputs.and(path, matched);
        }
        self.bind_all(bindings);
    }

    pub(crate) fn bind_all(&mut self, bindings: Bindings) {
        for (name, parts) in bindings {
            let value = self.inputs.join(parts);
            self.bind(&name, value);
        }
    }

    pub(super) fn add(bindings: &mut Bindings, name: &str, under: Guard, value: Cases) {
        match bindings.iter_mut().find(|(known, _)| &**known == name) {
            Some((_, parts)) => parts.push((under, value)),
            None => bindings.push((Rc::from(name), vec![(under, value)])),
        }
    }

    pub(super) fn matches(
        &mut self,
        pattern: &Pat,
        value: &Cases,
        under: Guard,
        bindings: &mut Bindings,
    ) -> Guard {
        if under.is_false() {
            return under;
        }
        match pattern {
            Pat::Wild(_) | Pat::Rest(_) => under,
            Pat::Ident(ident) => {
                let name = ident.ident.to_string();
                if ident.subpat.is_none() && ident.by_ref.is_none() && ident.mutability.is_none() {
                    match self.named_in_pattern(std::slice::from_ref(&name)) {
                        Named::Nothing => {}
                        named => return self.matches_named(value, &named, under, bindings),
                    }
                }
                if ident.by_ref.is_some() && ident.mutability.is_some() && !under.is_false() {
                    return self.bind_mutably(ident, value, under, bindings);
                }
                let matched = match &ident.subpat {
                    Some((_, inner)) => self.matches(inner, value, under, bindings),
                    None => under,
                };
                if !matched.is_false() {
                    self.note_bound(ident.ident.span(), value);
                }
                Self::add(bindings, &name, matched, value.clone());
                matched
            }
            // The pattern binds the current value, not the place.
            Pat::Reference(reference) => {
                let value = self.deref_all(value);
                self.matches(&reference.pat, &value, under, bindings)
            }
            Pat::Paren(inner) => self.matches(&inner.pat, value, under, bindings),
            Pat::Type(typed) => self.matches(&typed.pat, value, under, bindings),
            Pat::Or(or) => {
                let mut matched = Guard::FALSE;
                let mut rest = under;
                for case in &or.cases {
                    let here = self.matches(case, value, rest, bindings);
                    matched = self.inputs.or(matched, here);
                    rest = self.inputs.minus(rest, here);
                }
                matched
            }
            Pat::Lit(lit) => {
                let constant = self.expr(&Expr::Lit(lit.clone()), None);
                self.matches_value(value, &constant, under)
            }
            Pat::Range(range) => {
                let start = range.start.as_ref().map(|start| self.expr(start, None));
                let end = range.end.as_ref().map(|end| self.expr(end, None));
                let closed = matches!(range.limits, syn::RangeLimits::Closed(_));
                let bound = |gv: &Option<Cases>| match gv.as_ref().and_then(Cases::single) {
                    Some(Value::Int(number, _)) => Some(*number),
                    Some(Value::Char(character)) => Some(i128::from(u32::from(*character))),
                    _ => None,
                };
                let (low, high) = (bound(&start), bound(&end));
                self.matches_each(value, under, |interp, value, guard| {
                    let number = match value {
                        Value::SymbolicInt(sym, _) if super::operators::number_domain(sym).is_some() => {
                            let Some(domain) = super::operators::number_domain(sym) else {
                                return Guard::FALSE;
                            };
                            let inside = interp.inputs.domain(domain, &|at| {
                                let at = at as i128;
                                low.is_none_or(|low| at >= low)
                                    && high.is_none_or(|high| if closed { at <= high } else { at < high })
                            });
                            return interp.inputs.and(guard, inside);
                        }
                        Value::Int(number, _) => *number,
                        Value::Char(character) => i128::from(u32::from(*character)),
                        _ => return interp.cannot_match(guard),
                    };
                    let above = low.is_none_or(|low| number >= low);
                    let below = high.is_none_or(|high| if closed { number <= high } else { number < high });
                    if above && below { guard } else { Guard::FALSE }
                })
            }
            Pat::Path(path) => {
                let names = self.segments(&path.path);
                match self.named_in_pattern(&names) {
                    Named::Nothing => self.cannot_match(under),
                    named => self.matches_named(value, &named, under, bindings),
                }
            }
            Pat::TupleStruct(tuple) => {
                let names = self.segments(&tuple.path);
                let name = self.variant_in_pattern(&names);
                let inner: Vec<&Pat> = tuple.elems.iter().collect();
                self.matches_variant(value, &name, &inner, under, bindings)
            }
            Pat::Struct(fields) => {
                let names = self.segments(&fields.path);
                let name = self.variant_in_pattern(&names);
                self.matches_parts(value, under, bindings, &mut |interp, value, place, guard, bindings| {
                    let (known, is_variant) = match value {
                        Value::Struct(value) => (value.fields.clone(), true),
                        Value::Enum(value) => (value.fields.clone(), *value.variant == *name),
                        Value::Opaque(_) => {
                            let fields: Vec<&Pat> = fields.fields.iter().map(|field| &*field.pat).collect();
                            return interp.matches_opaque(value, &fields, guard, bindings);
                        }
                        _ => return interp.cannot_match(guard),
                    };
                    if !is_variant {
                        return Guard::FALSE;
                    }
                    let mut matched = guard;
                    for field in &fields.fields {
                        let wanted = super::expr::member_name(&field.member);
                        let Some((_, part)) = known.iter().find(|(name, _)| **name == *wanted) else {
                            return interp.cannot_match(guard);
                        };
                        let part =
                            sub_place(place, Step::Field(Rc::from(wanted))).unwrap_or_else(|| part.clone());
                        matched = interp.matches(&field.pat, &part, matched, bindings);
                    }
                    matched
                })
            }
            Pat::Tuple(tuple) => {
                let inner: Vec<&Pat> = tuple.elems.iter().collect();
                self.matches_parts(value, under, bindings, &mut |interp, value, place, guard, bindings| {
                    match value {
                        Value::Tuple(parts) => {
                            let parts: Vec<(Rc<str>, Cases)> = parts
                                .iter()
                                .enumerate()
                                .map(|(at, part)| (Rc::from(at.to_string()), part.clone()))
                                .collect();
                            interp.matches_fields(&inner, &parts, place, guard, bindings)
                        }
                        Value::Unit if inner.is_empty() => guard,
                        _ => interp.cannot_match(guard),
                    }
                })
            }
            Pat::Slice(slice) => {
                let inner: Vec<&Pat> = slice.elems.iter().collect();
                self.matches_slice(value, &inner, under, bindings)
            }
            Pat::Const(_) | Pat::Macro(_) | Pat::Verbatim(_) | _ => {
                self.span = pattern.span();
                self.cannot_match(under)
            }
        }
    }

    /// Ends the path under the guard, since it is not known whether the pattern matches.
    pub(super) fn cannot_match(&mut self, under: Guard) -> Guard {
        self.unknown_where(under, "this pattern is not understood here");
        Guard::FALSE
    }

    fn matches_each(
        &mut self,
        value: &Cases,
        under: Guard,
        mut f: impl FnMut(&mut Self, &Value, Guard) -> Guard,
    ) -> Guard {
        let value = self.deref_all(value);
        let mut matched = Guard::FALSE;
        for (guard, alternative) in value.0.iter() {
            let guard = self.inputs.and(*guard, under);
            if guard.is_false() {
                continue;
            }
            let here = f(self, alternative, guard);
            matched = self.inputs.or(matched, here);
        }
        matched
    }

    /// Matches a pattern, as [`Self::matches_each`] does, but keeps the place of a value behind `&mut`.
    fn matches_parts(
        &mut self,
        value: &Cases,
        under: Guard,
        bindings: &mut Bindings,
        f: PartTest<'_, Self>,
    ) -> Guard {
        let mut matched = Guard::FALSE;
        for (guard, alternative) in value.0.iter() {
            let guard = self.inputs.and(*guard, under);
            if guard.is_false() {
                continue;
            }
            if let Value::Ref(place) = alternative {
                let inside = self.read_place(place);
                for (inner, value) in inside.0.iter() {
                    let both = self.inputs.and(guard, *inner);
                    if !both.is_false() {
                        let here = f(self, value, Some(place), both, bindings);
                        matched = self.inputs.or(matched, here);
                    }
                }
            } else {
                let here = f(self, alternative, None, guard, bindings);
                matched = self.inputs.or(matched, here);
            }
        }
        matched
    }

    fn matches_fields(
        &mut self,
        inner: &[&Pat],
        parts: &[(Rc<str>, Cases)],
        place: Option<&Place>,
        under: Guard,
        bindings: &mut Bindings,
    ) -> Guard {
        let rest = inner.iter().position(|pattern| matches!(pattern, Pat::Rest(_)));
        let mut matched = under;
        for (at, pattern) in inner.iter().enumerate() {
            let index = match rest {
                Some(rest) if at == rest => continue,
                Some(rest) if at > rest => (parts.len() + at).checked_sub(inner.len()),
                _ => Some(at),
            };
            let Some((name, part)) = index.and_then(|index| parts.get(index)) else {
                return self.cannot_match(under);
            };
            let part = sub_place(place, Step::Field(Rc::clone(name))).unwrap_or_else(|| part.clone());
            matched = self.matches(pattern, &part, matched, bindings);
        }
        matched
    }

    fn matches_variant(
        &mut self,
        value: &Cases,
        variant: &str,
        inner: &[&Pat],
        under: Guard,
        bindings: &mut Bindings,
    ) -> Guard {
        self.matches_parts(value, under, bindings, &mut |interp, value, place, guard, bindings| match value {
            Value::Enum(value) => {
                if *value.variant != *variant {
                    return Guard::FALSE;
                }
                let fields = value.fields.clone();
                interp.matches_fields(inner, &fields, place, guard, bindings)
            }
            Value::Struct(value) => {
                let fields = value.fields.clone();
                interp.matches_fields(inner, &fields, place, guard, bindings)
            }
            Value::Opaque(_) => interp.matches_opaque(value, inner, guard, bindings),
            // Patterns such as `Component::Normal(…)` of modelled types.
            _ => interp.cannot_match(guard),
        })
    }

    /// Matches a variant of a value that is known only to exist, such as a library's error. It may match or not, and
    /// the fields of the variant are known no better.
    fn matches_opaque(
        &mut self,
        value: &Value,
        inner: &[&Pat],
        under: Guard,
        bindings: &mut Bindings,
    ) -> Guard {
        if super::may_be_tail(&Cases::of(value.clone())) {
            return self.cannot_match(under);
        }
        let mut matched = under;
        if !self.matches_what_is_left {
            let this = self.unnamed(crate::semantics::facts::SOME_ERROR);
            matched = self.inputs.and(matched, this);
        }
        for pattern in inner.iter().filter(|pattern| !matches!(pattern, Pat::Rest(_))) {
            matched = self.matches(pattern, &Cases::of(value.clone()), matched, bindings);
        }
        matched
    }

    /// Returns the name of the variant or struct that a pattern's path refers to: with `use Kind::Static as S`, `S` is
    /// `Static`.
    fn variant_in_pattern(&mut self, names: &[String]) -> String {
        let module = self.current_module();
        let found = self.resolve(module, names, Namespace::Value);
        match found.first() {
            Some((_, Definition::Member(_, name))) => name.clone(),
            Some((_, Definition::Item(index))) => match &self.items[*index] {
                Item::Struct(item) => item.ident.to_string(),
                _ => names.last().cloned().unwrap_or_default(),
            },
            Some((_, Definition::External(path))) => path.rsplit("::").next().unwrap_or_default().to_owned(),
            None => names.last().cloned().unwrap_or_default(),
        }
    }

    /// Returns the meaning of a path or a single name in a pattern: a constant, or a variant or struct without fields.
    /// A single name with another meaning binds a variable.
    fn named_in_pattern(&mut self, names: &[String]) -> Named {
        let module = self.current_module();
        let mut found = self.resolve(module, names, Namespace::Value);
        // A definition that is not compiled on this path is no meaning of the name.
        let path = self.pc;
        found.retain(|(guard, _)| !self.inputs.and(path, *guard).is_false());
        let lone = names.len() == 1;
        if found.len() > 1 {
            return Named::Unclear;
        }
        match found.first() {
            None => Named::Nothing,
            // Compiled on a part of the path only.
            Some((guard, Definition::Item(_) | Definition::Member(..)))
                if !self.inputs.diagrams.implies(path, *guard) =>
            {
                Named::Unclear
            }
            Some((_, Definition::Item(index))) => match &self.items[*index] {
                Item::Const { .. } => {
                    let index = *index;
                    Named::Constant(self.constant(index))
                }
                Item::Struct(item) if matches!(item.fields, syn::Fields::Unit) => {
                    Named::Variant(item.ident.to_string())
                }
                // The name of a function can be bound again.
                Item::Function(_) if lone => Named::Nothing,
                _ if lone => Named::Nothing,
                _ => Named::Unclear,
            },
            Some((_, Definition::Member(index, name))) => match self.items[*index].clone() {
                Item::Enum(item) if item.variants.iter().any(|variant| variant.ident == name.as_str()) => {
                    Named::Variant(name.clone())
                }
                Item::Enum(item) => self.constant_of(&item.ident.to_string(), &name.clone()),
                Item::Struct(item) => self.constant_of(&item.ident.to_string(), &name.clone()),
                Item::Alias(Some(ty)) => {
                    let names = [ty.name, name.clone()];
                    self.named_in_pattern(&names)
                }
                _ => Named::Unclear,
            },
            Some((_, Definition::External(path))) => {
                let path = path.clone();
                if path == "std::option::Option::None" {
                    return Named::Variant("None".to_owned());
                }
                // The names that a glob of another crate imports are not known. By convention, only capitalised ones
                // are constants or variants.
                let capital =
                    names.last().is_some_and(|name| name.starts_with(|first: char| first.is_uppercase()));
                if lone && !path.contains("::") {
                    let globs = capital && self.has_unknown_glob();
                    return if globs { Named::Unclear } else { Named::Nothing };
                }
                if lone && !capital {
                    return Named::Nothing;
                }
                match (self.models.constant)(self, &path) {
                    Some(constant) => Named::Constant(constant),
                    None => Named::Outside(path),
                }
            }
        }
    }

    fn constant_of(&mut self, owner: &str, name: &str) -> Named {
        match self.candidates(owner, None, name).as_slice() {
            [one] if one.guard.is_true() && matches!(self.items[one.item], Item::Const { .. }) => {
                Named::Constant(self.constant(one.item))
            }
            _ => Named::Unclear,
        }
    }

    /// Returns whether a glob such as `use other_crate::*` imports names that are not known.
    fn has_unknown_glob(&self) -> bool {
        let mut module = Some(self.current_module());
        while let Some(at) = module {
            let unknown = |(_, path): &(Guard, Vec<String>)| {
                let first = path.first().map_or("", String::as_str);
                let named = self.modules.iter().any(|module| module.names.contains_key(first));
                !named && !matches!(first, "std" | "core" | "alloc" | "self" | "super" | "crate")
            };
            if self.modules[at].globs.iter().any(unknown) {
                return true;
            }
            module = self.modules[at].parent;
        }
        false
    }

    fn matches_named(
        &mut self,
        value: &Cases,
        named: &Named,
        under: Guard,
        bindings: &mut Bindings,
    ) -> Guard {
        match named {
            Named::Nothing | Named::Unclear => self.cannot_match(under),
            Named::Constant(constant) => self.matches_value(value, constant, under),
            Named::Variant(name) => {
                self.matches_parts(value, under, bindings, &mut |interp, value, _, guard, bindings| {
                    match value {
                        Value::Enum(value) => {
                            if *value.variant == **name {
                                guard
                            } else {
                                Guard::FALSE
                            }
                        }
                        Value::Struct(value) if *value.name == **name => guard,
                        Value::Opaque(_) => interp.matches_opaque(value, &[], guard, bindings),
                        _ => interp.cannot_match(guard),
                    }
                })
            }
            Named::Outside(wanted) => {
                self.matches_parts(value, under, bindings, &mut |interp, value, _, guard, bindings| {
                    match value {
                        Value::Enum(value) => {
                            let last = wanted.rsplit("::").next().unwrap_or_default();
                            if *value.variant == *last { guard } else { Guard::FALSE }
                        }
                        Value::External(path) => {
                            match (
                                crate::semantics::types::unit_variant(path),
                                crate::semantics::types::unit_variant(wanted),
                            ) {
                                (Some((owner, name)), Some((other, wanted))) if owner == other => {
                                    if name == wanted { guard } else { Guard::FALSE }
                                }
                                _ => interp.cannot_match(guard),
                            }
                        }
                        Value::Opaque(_) => interp.matches_opaque(value, &[], guard, bindings),
                        _ => interp.cannot_match(guard),
                    }
                })
            }
        }
    }

    /// Binds `ref mut name` to the place of the matched value, if it has one.
    fn bind_mutably(
        &mut self,
        ident: &syn::PatIdent,
        value: &Cases,
        under: Guard,
        bindings: &mut Bindings,
    ) -> Guard {
        let places = value.0.iter().all(|(_, value)| matches!(value, Value::Ref(_)));
        if !places || ident.subpat.is_some() {
            self.span = ident.ident.span();
            self.unknown_where(under, "what `ref mut` changes is not understood");
            return Guard::FALSE;
        }
        Self::add(bindings, &ident.ident.to_string(), under, value.clone());
        under
    }

    fn matches_value(&mut self, value: &Cases, constant: &Cases, under: Guard) -> Guard {
        let Some(constant) = constant.single().cloned() else { return self.cannot_match(under) };
        self.matches_each(value, under, |interp, value, guard| {
            let path = interp.pc;
            interp.pc = interp.inputs.and(path, guard);
            let within = interp.pc;
            let equal = interp.equal_values(value, &constant);
            let truth = interp.truth(&equal);
            let lost = interp.inputs.minus(within, interp.pc);
            interp.pc = interp.inputs.minus(path, lost);
            interp.inputs.and(truth, guard)
        })
    }

    /// Returns the lists that guarded items may be, if they are few enough.
    pub(crate) fn resolved_items(
        &mut self,
        items: &[(Guard, Cases)],
        under: Guard,
    ) -> Vec<(Guard, Vec<Cases>)> {
        let mut out: Vec<(Guard, Vec<Cases>)> = vec![(under, Vec::new())];
        for (guard, item) in items {
            let mut next = Vec::new();
            for (path, list) in out {
                let there = self.inputs.and(path, *guard);
                let absent = self.inputs.minus(path, *guard);
                if !absent.is_false() {
                    next.push((absent, list.clone()));
                }
                if !there.is_false() {
                    let mut with = list;
                    with.push(item.clone());
                    next.push((there, with));
                }
            }
            out = next;
            if out.len() > 256 {
                self.cannot_match(under);
                return Vec::new();
            }
        }
        out
    }
}

pub(super) fn sub_place(place: Option<&Place>, step: Step) -> Option<Cases> {
    let place = place?;
    let mut path = place.path.clone();
    path.push(step);
    Some(Cases::of(Value::Ref(Rc::new(Place { cell: place.cell, path }))))
}
