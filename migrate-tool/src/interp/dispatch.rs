//! Which function of an `impl` block or trait of the script a call means, as Rust chooses it: inherent before trait, by the
//! type of the receiver and of the arguments. Where that does not leave one, there is no answer.

use std::collections::HashMap;
use std::rc::Rc;

use syn::Type;

use super::{Interp, Item};
use crate::logic::Guard;
use crate::models;
use crate::value::{Gv, IntType, Value};

/// A function of an `impl` block.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    /// Where it is compiled.
    pub(crate) guard: Guard,
    pub(crate) item: usize,
    /// The trait's last name; `None` in an inherent `impl`.
    pub(crate) of: Option<Rc<str>>,
    /// The `impl` is of `&Type`: by how many references the receiver is asked says whether it is this one.
    pub(crate) by_reference: bool,
}

/// Functions by the type's name ([`models::type_names`]) and their own. [`BLANKET`] stands for every type.
pub(crate) type Methods = HashMap<(Rc<str>, Rc<str>), Vec<Candidate>>;

/// The owner of what `impl<T> Trait for T` gives to every type.
pub(crate) const BLANKET: &str = "*";

/// Types that values here are without.
const WRAPPERS: [&str; 4] = ["std::boxed::Box", "std::rc::Rc", "std::sync::Arc", "std::borrow::Cow"];

/// What was found.
#[derive(Debug)]
pub(crate) enum Choice {
    Nothing,
    /// One, or one of several of which exactly one is compiled.
    These(Vec<(Guard, usize)>),
    /// Several fit, as far as can be told.
    Unclear,
}

/// Whether a value is of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    No,
    Maybe,
}

impl Interp<'_> {
    /// The functions of a type by this name, of this trait alone if one is given.
    pub(crate) fn candidates(&self, owner: &str, of: Option<&str>, name: &str) -> Vec<Candidate> {
        let found = self.impls.get(&(Rc::from(owner), Rc::from(name))).map_or(&[][..], Vec::as_slice);
        let wanted = |one: &&Candidate| of.is_none() || one.of.as_deref() == of;
        found.iter().filter(wanted).cloned().collect()
    }

    /// An associated function by its type: `Owner::name`, `<Owner as Trait>::name`, an operator, a conversion.
    pub(crate) fn choose_associated(
        &mut self,
        owner: &str,
        of: Option<&str>,
        name: &str,
        args: &[Gv],
    ) -> Choice {
        let mut found = self.candidates(owner, of, name);
        if of.is_none() && found.iter().any(|one| one.of.is_none()) {
            found.retain(|one| one.of.is_none());
        }
        if found.is_empty() {
            let mut defaults = self.defaults_of(owner, name);
            defaults.retain(|one| of.is_none() || one.of.as_deref() == of);
            found = defaults;
        }
        if found.is_empty() && !self.candidates(BLANKET, of, name).is_empty() {
            return Choice::Unclear;
        }
        self.only(found, args)
    }

    /// What `value.name(…)` means; [`Choice::Nothing`] leaves it to what is modelled.
    pub(crate) fn choose_method(&mut self, value: &Value, name: &str, args: &[Gv]) -> Choice {
        let owners = models::type_names(value);
        let mut all = vec![Gv::of(value.clone())];
        all.extend(args.iter().cloned());
        if let Value::Struct(_) | Value::Enum(_) = value
            && let [owner] = owners.as_slice()
            && self.is_own_type(owner)
        {
            let own = self.candidates(owner, None, name);
            let (inherent, mut of_traits): (Vec<_>, Vec<_>) =
                own.into_iter().partition(|one| one.of.is_none());
            of_traits.extend(self.defaults_of(owner, name));
            let references = of_traits.iter().chain(&inherent).filter(|one| one.by_reference).count();
            if references > 0 && of_traits.len() + inherent.len() > 1 {
                return Choice::Unclear;
            }
            if !inherent.is_empty() {
                // A receiver is tried by value, then by `&`, then by `&mut`: what is inherent comes first of one step only.
                let step = |interp: &Self, one: &Candidate| interp.receiver_step(one.item);
                let first = inherent.iter().map(|one| step(self, one)).max();
                let sooner = of_traits.iter().any(|one| Some(step(self, one)) < first);
                return if sooner { Choice::Unclear } else { self.only(inherent, &all) };
            }
            if of_traits.is_empty() && !self.candidates(BLANKET, None, name).is_empty() {
                return Choice::Unclear;
            }
            let first = of_traits.first().and_then(|one| one.of.clone());
            if of_traits.iter().any(|one| one.of != first) {
                return Choice::Unclear;
            }
            return self.only(of_traits, &all);
        }
        let mut found = Vec::new();
        let mut holders = 0;
        let certain = models::type_is_certain(value);
        for owner in &owners {
            let mut of_owner = self.candidates(owner, None, name);
            of_owner.extend(self.defaults_of(owner, name));
            // The type itself is asked before what it dereferences to.
            if certain && holders > 0 {
                let references = found.iter().chain(&of_owner).any(|one| one.by_reference);
                if references && !of_owner.is_empty() {
                    return Choice::Unclear;
                }
                continue;
            }
            holders += usize::from(!of_owner.is_empty());
            found.extend(of_owner);
        }
        if found.len() > 1 && found.iter().any(|one| one.by_reference) {
            return Choice::Unclear;
        }
        // Values here are without their boxes.
        let boxed = WRAPPERS.iter().any(|owner| !self.candidates(owner, None, name).is_empty());
        if boxed {
            return Choice::Unclear;
        }
        if found.is_empty() {
            let blanket = !self.candidates(BLANKET, None, name).is_empty();
            return if blanket { Choice::Unclear } else { Choice::Nothing };
        }
        // Which of several types it is, or whether std has a method of this name of its own, which would come first.
        let first = found.first().and_then(|one| one.of.clone());
        if holders > 1 || found.iter().any(|one| one.of != first) || models::is_std_method(name) {
            return Choice::Unclear;
        }
        self.only(found, &all)
    }

    /// What `Trait::name(receiver, …)` means.
    pub(crate) fn choose_of_trait(&mut self, of: &str, name: &str, args: &[Gv]) -> Choice {
        let Some(receiver) = args.first().map(|one| self.deref_all(one)) else { return Choice::Unclear };
        let Some(value) = receiver.single().cloned() else { return Choice::Unclear };
        let mut found = Vec::new();
        let mut holders = 0;
        let certain = models::type_is_certain(&value);
        for owner in models::type_names(&value) {
            if certain && holders > 0 {
                continue;
            }
            let mut of_owner = self.candidates(&owner, Some(of), name);
            if of_owner.is_empty() {
                of_owner.extend(
                    self.defaults_of(&owner, name).into_iter().filter(|one| one.of.as_deref() == Some(of)),
                );
            }
            holders += usize::from(!of_owner.is_empty());
            found.extend(of_owner);
        }
        let references = found.len() > 1 && found.iter().any(|one| one.by_reference);
        let boxed = WRAPPERS.iter().any(|owner| !self.candidates(owner, Some(of), name).is_empty());
        if references || boxed {
            return Choice::Unclear;
        }
        let takes_self = found.iter().all(|one| self.receiver_step(one.item) < 3);
        if holders != 1 || !takes_self {
            return Choice::Unclear;
        }
        self.only(found, args)
    }

    /// The one that is left when those are out whose parameters are of other types than the arguments.
    fn only(&mut self, mut found: Vec<Candidate>, args: &[Gv]) -> Choice {
        if found.len() > 1 {
            found.retain(|one| self.may_take(one.item, args));
        }
        if found.is_empty() {
            return Choice::Nothing;
        }
        let mut covered = Guard::FALSE;
        for one in &found {
            if !self.inputs.and(covered, one.guard).is_false() {
                return Choice::Unclear;
            }
            covered = self.inputs.or(covered, one.guard);
        }
        Choice::These(found.into_iter().map(|one| (one.guard, one.item)).collect())
    }

    /// Functions that the type has of its traits as they are declared.
    fn defaults_of(&self, owner: &str, name: &str) -> Vec<Candidate> {
        let defaults = self.trait_defaults.get(name).map_or(&[][..], Vec::as_slice);
        let mut out = Vec::new();
        for (of, item) in defaults {
            let written = self.candidates(owner, Some(of), name);
            if !written.is_empty() {
                continue;
            }
            for (guard, known, _) in
                self.trait_impls.iter().filter(|(_, known, of_it)| **known == *owner && of_it == of)
            {
                let _ = known;
                out.push(Candidate {
                    guard: *guard,
                    item: *item,
                    of: Some(Rc::clone(of)),
                    by_reference: false,
                });
            }
        }
        out
    }

    pub(crate) fn is_own_type(&self, name: &str) -> bool {
        self.items.iter().any(|item| match item {
            Item::Struct(item) => item.ident == name,
            Item::Enum(item) => item.ident == name,
            _ => false,
        })
    }

    /// When a receiver is tried: by value 0, by `&` 1, by `&mut` 2; 3 where there is none.
    fn receiver_step(&self, item: usize) -> u8 {
        let Some(Item::Function(function)) = self.items.get(item) else { return 3 };
        match function.signature.inputs.first() {
            Some(syn::FnArg::Receiver(receiver)) => match (&receiver.reference, &receiver.mutability) {
                (None, _) => 0,
                (Some(_), None) => 1,
                (Some(_), Some(_)) => 2,
            },
            _ => 3,
        }
    }

    /// Whether a function's parameters may be of the types of these arguments.
    fn may_take(&mut self, item: usize, args: &[Gv]) -> bool {
        let Some(Item::Function(function)) = self.items.get(item).cloned() else { return true };
        let generics: Vec<String> =
            function.signature.generics.type_params().map(|one| one.ident.to_string()).collect();
        for (input, arg) in function.signature.inputs.iter().zip(args) {
            let syn::FnArg::Typed(typed) = input else { continue };
            let arg = self.deref_all(arg);
            let fits = |(_, value): &(Guard, Value)| fit(value, &typed.ty, &generics) == Fit::Maybe;
            if !arg.0.is_empty() && !arg.0.iter().any(fits) {
                return false;
            }
        }
        true
    }
}

/// Whether a value may be of a type; [`Fit::No`] is certain.
fn fit(value: &Value, ty: &Type, generics: &[String]) -> Fit {
    let path = match ty {
        Type::Reference(inner) => return fit(value, &inner.elem, generics),
        Type::Paren(inner) => return fit(value, &inner.elem, generics),
        Type::Group(inner) => return fit(value, &inner.elem, generics),
        Type::Path(path) => path,
        _ => return Fit::Maybe,
    };
    let Some(last) = path.path.segments.last() else { return Fit::Maybe };
    let name = last.ident.to_string();
    if generics.contains(&name) {
        return Fit::Maybe;
    }
    let text = ["str", "String", "OsStr", "OsString", "Path", "PathBuf", "Cow", "Box"];
    let named =
        |own: &str| if own == name || name == "Self" || is_std_name(&name) { Fit::Maybe } else { Fit::No };
    let is = |fits: bool| if fits { Fit::Maybe } else { Fit::No };
    let number = super::Ty::named(&name).integer();
    match value {
        Value::Text(_) if number.is_some() || matches!(name.as_str(), "bool" | "char") => Fit::No,
        Value::Int(_, kind) if number.is_some() => is(*kind == IntType::Unknown || Some(*kind) == number),
        Value::Int(..) | Value::SymbolicInt(..) => {
            is(!text[..6].contains(&name.as_str()) && name != "bool" && name != "char")
        }
        Value::Bool(_) => {
            is(name == "bool" || !text[..6].contains(&name.as_str()) && number.is_none() && name != "char")
        }
        Value::Char(_) => {
            is(name == "char" || !text[..6].contains(&name.as_str()) && number.is_none() && name != "bool")
        }
        Value::Struct(value) if !value.name.contains(' ') => named(&value.name),
        Value::Enum(value) => named(&value.name),
        _ => Fit::Maybe,
    }
}

/// Names under which a type of the script may hide: a wrapper that values here are without.
fn is_std_name(name: &str) -> bool {
    matches!(name, "Box" | "Rc" | "Arc" | "Cow" | "Error" | "dyn" | "T")
}
