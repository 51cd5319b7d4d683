//! Method calls: who answers them.

use std::rc::Rc;

use syn::Expr;

use super::model::Method;
use super::receives::Receives;
use super::{Choice, Interp, Item, Ty};
use crate::value::{Cases, IntType, Place, TextType, Value};

/// Methods that make an iterator of another one, which they take whole.
const ADAPTERS: [&str; 23] = [
    "chain",
    "cloned",
    "copied",
    "cycle",
    "enumerate",
    "filter",
    "filter_map",
    "flat_map",
    "flatten",
    "fuse",
    "inspect",
    "into_iter",
    "map",
    "map_while",
    "peekable",
    "rev",
    "scan",
    "skip",
    "skip_while",
    "step_by",
    "take",
    "take_while",
    "zip",
];

impl Interp<'_> {
    /// Evaluates a call `receiver.method(arguments)`; `hint` is the type that its result should have, if it is known.
    pub(crate) fn method_call(&mut self, call: &syn::ExprMethodCall, hint: Option<&Ty>) -> Cases {
        let name = call.method.to_string();
        let receiver = if is_deref(&call.receiver) && self.gives_to_std(&name) {
            // The place is kept: the method may change what `*` leads to.
            let place = self.place_of(&call.receiver);
            let value = self.deref_all(&place);
            if self.dereferenced(&value).is_some() {
                return self.unknown(&format!("which method `{name}` is called is not clear without types"));
            }
            place
        } else if is_place(&call.receiver) {
            self.place_of(&call.receiver)
        } else {
            // The receiver of such a method wraps the expected type: `x.parse().unwrap()`. The result of `into` is the
            // wrapper itself, so the expected type does not apply to it.
            let into = matches!(&*call.receiver, Expr::MethodCall(inner) if inner.method == "into");
            let inner = if crate::semantics::types::passes_hint(&name) && !into { hint } else { None };
            // `text.parse().unwrap_or(0)`
            let is_number = |arg: &Expr| matches!(arg, Expr::Lit(lit) if matches!(lit.lit, syn::Lit::Int(_)));
            let number = (name == "unwrap_or" && call.args.first().is_some_and(is_number))
                .then(|| Ty::named(crate::semantics::types::UNKNOWN_INTEGER));
            let inner = inner.or(number.as_ref());
            self.expr(&call.receiver, inner)
        };
        if self.dead() {
            return Cases::never();
        }
        let argument_hint =
            if matches!(name.as_str(), "unwrap_or" | "unwrap_or_else" | "push") { hint } else { None };
        let Some(given) = self.compiled_arguments(&call.args) else {
            return self.unknown("arguments that are compiled for some targets only are not understood");
        };
        let mut args = Vec::with_capacity(given.len());
        for arg in given {
            args.push(self.expr(arg, argument_hint));
        }
        self.span = call.method.span();
        if self.dead() {
            return Cases::never();
        }
        let generics = call.turbofish.as_ref().map_or_else(Vec::new, Ty::arguments);
        self.receiver = match (&*call.receiver, receiver.single()) {
            (Expr::Path(path), Some(Value::Ref(place))) if place.path.is_empty() => {
                let own = path.path.get_ident().and_then(|name| self.variable(&name.to_string()));
                own.filter(|own| *own == place.cell)
            }
            _ => None,
        };
        let at = call.method.span();
        let pending = self.begin_call(at, &name, &receiver);
        let result = self.call_method(&receiver, &name, &args, hint, &generics);
        self.end_call(pending);
        self.note_result(at, &name, &result);
        result
    }

    /// Calls a method on whatever the receiver may be.
    pub(crate) fn call_method(
        &mut self,
        receiver: &Cases,
        name: &str,
        args: &[Cases],
        hint: Option<&Ty>,
        generics: &[Ty],
    ) -> Cases {
        // The types in the other alternatives determine the default's type.
        let guessed;
        let mut hint = hint;
        if name == "unwrap_or_default" && hint.is_none() {
            let inside = self.deref_all(receiver);
            guessed = inside.0.iter().find_map(|(_, value)| match value {
                Value::Enum(value) if matches!(&*value.variant, "Some" | "Ok") => value
                    .fields
                    .first()
                    .and_then(|(_, inner)| inner.0.first())
                    .and_then(|(_, inner)| default_hint(inner)),
                _ => None,
            });
            hint = guessed.as_ref();
        }
        self.each(receiver, |interp, receiver| match receiver {
            Value::Ref(place) => interp.method_at(place, name, args, hint, generics),
            value => interp.method_on(value, None, name, args, hint, generics),
        })
    }

    fn method_at(
        &mut self,
        place: &Rc<Place>,
        name: &str,
        args: &[Cases],
        hint: Option<&Ty>,
        generics: &[Ty],
    ) -> Cases {
        if let ("push" | "push_back", [item], []) = (name, args, place.path.as_slice())
            && !self.impls.keys().any(|(_, known)| &**known == name)
        {
            // A list that grows by one at a time is not copied each time.
            let item = match self.cells[place.cell].ty.as_deref().cloned() {
                Some(ty) => self.typed(item, ty.element()),
                None => item.clone(),
            };
            let pushed = !self.dead()
                && self.change_items(place.cell, &mut |interp, items| {
                    let item = interp.as_element(items, &item);
                    items.push((crate::logic::Guard::TRUE, item));
                    true
                });
            if pushed {
                return if self.dead() { Cases::never() } else { Cases::unit() };
            }
        }
        let inside = self.read_place(place);
        if inside.is_never() && !self.dead() {
            return self.unknown("a variable without a value is used");
        }
        let inside = match name {
            // A text that grows by what is there or not is one text, not one for each way.
            "push_str" | "write_str" | "write_fmt" | "write_all" => super::concat::one_text(self, inside),
            _ => inside,
        };
        let moved;
        let place = if self.is_moved(place, &inside, name, args) {
            moved = Rc::new(Place { cell: self.new_cell(inside.clone()), path: Vec::new() });
            self.receiver = Some(moved.cell);
            &moved
        } else {
            place
        };
        self.each(&inside, |interp, value| match value {
            Value::Ref(inner) => interp.method_at(&Rc::clone(inner), name, args, hint, generics),
            value => interp.method_on(value, Some(place), name, args, hint, generics),
        })
    }

    /// Returns whether an adapter takes an iterator away from the variable that holds it: that may get another value
    /// before the adapter is asked for an item.
    fn is_moved(&mut self, place: &Place, inside: &Cases, name: &str, args: &[Cases]) -> bool {
        self.receiver == Some(place.cell)
            && place.path.is_empty()
            && ADAPTERS.contains(&name)
            && inside.0.iter().all(|(_, value)| {
                let iterator = match value {
                    Value::Iter(_) | Value::Range { .. } => true,
                    Value::Seq(items) => items.kind == crate::value::SeqKind::Unknown,
                    value => self.is_own_iterator(value),
                };
                iterator && matches!(self.choose_method(value, name, args), Choice::Nothing)
            })
    }

    fn method_on(
        &mut self,
        value: &Value,
        place: Option<&Rc<Place>>,
        name: &str,
        args: &[Cases],
        hint: Option<&Ty>,
        generics: &[Ty],
    ) -> Cases {
        if !self.step() {
            return Cases::never();
        }
        if let Value::SymbolicInt(sym, _) = value {
            match name {
                "clone" | "to_owned" | "into" | "as_ref" | "borrow" => return Cases::of(value.clone()),
                "to_string" => return Cases::text(crate::value::Text::sym(sym.clone())),
                "try_into" => return Cases::ok(Cases::of(value.clone())),
                _ => {
                    let numbers = self.numbers(value);
                    if numbers.single() != Some(value) {
                        return self.call_method(&numbers, name, args, hint, generics);
                    }
                }
            }
        }
        if let Some(result) = self.user_method(value, place, name, args) {
            return if name == "clone" && args.is_empty() {
                self.copy_or_clone(value, result)
            } else {
                result
            };
        }
        if let Some(result) = self.user_conversion(value, name, hint) {
            return result;
        }
        let method = Method { value, place, name, args, hint, generics };
        if let Some(result) = (self.models.method)(self, &method) {
            self.note_own(name, false);
            return result;
        }
        if self.dead() {
            return Cases::never();
        }
        let reason = format!("the method `{name}` of {} is not understood", value.kind());
        self.unknown(&reason)
    }

    fn user_method(
        &mut self,
        value: &Value,
        place: Option<&Rc<Place>>,
        name: &str,
        args: &[Cases],
    ) -> Option<Cases> {
        let choice = self.choose_method(value, name, args);
        if matches!(choice, Choice::These(_)) {
            self.note_own(name, true);
        }
        match choice {
            Choice::Nothing => None,
            Choice::These(found) => match found.as_slice() {
                [(guard, index)] if guard.is_true() => {
                    Some(self.call_user_method(*index, value, place, args))
                }
                _ => Some(self.first_that_holds(found, value, place, args)),
            },
            Choice::Unclear => {
                Some(self.unknown(&format!("which method `{name}` is called is not clear without types")))
            }
        }
    }

    /// Values are stored without their references, and `clone` on a reference to a reference copies the reference. If
    /// the script's own `clone` returns anything but a copy, it is not known whether it is called.
    fn copy_or_clone(&mut self, value: &Value, result: Cases) -> Cases {
        let same = Cases::of(value.clone()) == result;
        let by_trait = crate::semantics::types::type_names(value)
            .iter()
            .any(|owner| self.trait_impls.iter().any(|one| *one.owner == **owner && &*one.of == "Clone"));
        if same || !by_trait || self.dead() {
            return result;
        }
        self.unknown("whether `clone` copies a reference or calls the script's own function is not known")
    }

    fn first_that_holds(
        &mut self,
        candidates: Vec<(crate::logic::Guard, usize)>,
        value: &Value,
        place: Option<&Rc<Place>>,
        args: &[Cases],
    ) -> Cases {
        let path = self.pc;
        let mut parts = Vec::new();
        let (mut rest, mut after) = (path, crate::logic::Guard::FALSE);
        for (guard, index) in candidates {
            self.pc = self.inputs.and(path, guard);
            rest = self.inputs.minus(rest, guard);
            if self.dead() {
                continue;
            }
            let result = self.call_user_method(index, value, place, args);
            parts.push((self.pc, result));
            after = self.inputs.or(after, self.pc);
        }
        self.pc = rest;
        if !self.dead() {
            self.unknown("a method that is not compiled is called");
        }
        self.pc = after;
        self.inputs.join(parts)
    }

    fn call_user_method(
        &mut self,
        index: usize,
        value: &Value,
        place: Option<&Rc<Place>>,
        args: &[Cases],
    ) -> Cases {
        let Some(Item::Function(function)) = self.items.get(index).cloned() else {
            return self.unknown("this method is not understood");
        };
        let mutable = match function.receives() {
            Some(Receives::Otherwise) => {
                return self.unknown("a method whose `self` is of another type is not understood");
            }
            receives => receives == Some(Receives::Mutably),
        };
        // A default of a trait for `&mut Type` has a reference as its `self`, too.
        if !mutable && function.self_type.is_none() && function.receives() == Some(Receives::Owned) {
            let owner = crate::semantics::types::type_name(value);
            if self.trait_impls.iter().any(|one| *one.owner == *owner && one.for_mutable) {
                return self.unknown("whether `self` is a reference is not known");
            }
        }
        let receiver = match (mutable, place) {
            (true, Some(place)) => Cases::of(Value::Ref(Rc::clone(place))),
            (true, None) => {
                let cell = self.new_cell(Cases::of(value.clone()));
                Cases::of(Value::Ref(Rc::new(Place { cell, path: Vec::new() })))
            }
            _ => Cases::of(value.clone()),
        };
        let mut all = vec![receiver];
        all.extend(args.iter().cloned());
        self.call_item(index, all, None)
    }
}

/// Returns a type that has the same default as the value's own type.
fn default_hint(value: &Value) -> Option<Ty> {
    Some(match value {
        Value::Text(text) if text.1 == TextType::Unknown => Ty::named(crate::semantics::types::UNKNOWN_TEXT),
        Value::Int(_, IntType::Unknown) | Value::SymbolicInt(..) => {
            Ty::named(crate::semantics::types::UNKNOWN_INTEGER)
        }
        Value::Seq(_) | Value::Iter(_) | Value::OpenList(_) => Ty::named("Vec"),
        value => {
            let ty = value.ty();
            if !ty.says_something() {
                return None;
            }
            ty
        }
    })
}

fn is_deref(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(inner) => is_deref(&inner.expr),
        Expr::Unary(unary) => matches!(unary.op, syn::UnOp::Deref(_)),
        _ => false,
    }
}

fn is_place(expr: &Expr) -> bool {
    match expr {
        Expr::Path(path) => path.qself.is_none(),
        Expr::Field(_) => true,
        Expr::Index(index) => is_place(&index.expr),
        Expr::Paren(inner) => is_place(&inner.expr),
        Expr::Unary(unary) => matches!(unary.op, syn::UnOp::Deref(_)),
        _ => false,
    }
}
