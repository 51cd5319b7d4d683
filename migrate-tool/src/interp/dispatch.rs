//! Chooses the function of an `impl` block or trait of the script that a call refers to, as Rust does: inherent before
//! trait functions, by the types of the receiver and the arguments. If that leaves more than one, the call is residue.

use std::collections::HashMap;
use std::rc::Rc;

use syn::Type;

use super::receives::Receives;
use super::{Interp, Item};
use crate::logic::Guard;
use crate::value::{Cases, IntType, Value};

/// A function of an `impl` block that a call may refer to.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    /// The guard under which it is compiled.
    pub(crate) guard: Guard,
    pub(crate) item: usize,
    /// The last segment of the trait's name; `None` in an inherent `impl`.
    pub(crate) of: Option<Rc<str>>,
    /// Whether the `impl` is for `&Type`, so that it applies only to receivers with the right number of references.
    pub(crate) by_reference: bool,
}

/// An `impl` block of a trait.
#[derive(Debug, Clone)]
pub(crate) struct TraitImpl {
    /// The guard under which it is compiled.
    pub(crate) guard: Guard,
    /// The name of the type ([`crate::semantics::types::type_names`]).
    pub(crate) owner: Rc<str>,
    /// The last segment of the trait's name.
    pub(crate) of: Rc<str>,
    /// The functions that it writes, each with the guard under which it is compiled; for the others, and elsewhere, it
    /// has the trait's defaults.
    pub(crate) written: Vec<(Rc<str>, Guard)>,
    /// True if the block is for `&mut Type`.
    pub(crate) for_mutable: bool,
}

/// The functions by the name of the type ([`crate::semantics::types::type_names`]) and their own name. [`BLANKET`]
/// represents every type.
pub(crate) type Methods = HashMap<(Rc<str>, Rc<str>), Vec<Candidate>>;

/// The type name for functions of `impl<T> Trait for T`, which every type has.
pub(crate) const BLANKET: &str = "*";

/// The type name for functions of an `impl` for a type without a name, such as a tuple.
pub(crate) const NAMELESS: &str = "?";

/// Types that are removed from values, which are stored without them.
const WRAPPERS: [&str; 4] = ["std::boxed::Box", "std::rc::Rc", "std::sync::Arc", "std::borrow::Cow"];

/// The result of a choice.
#[derive(Debug)]
pub(crate) enum Choice {
    Nothing,
    /// One function, or several functions, exactly one of which is compiled in each build.
    These(Vec<(Guard, usize)>),
    /// Several functions may be meant.
    Unclear,
}

/// The answer to the question whether a value has a type. A certain yes is not distinguished from a possible one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    No,
    Maybe,
}

impl Interp<'_> {
    /// Returns the functions of a type with this name, restricted to a trait if one is given.
    pub(crate) fn candidates(&self, owner: &str, of: Option<&str>, name: &str) -> Vec<Candidate> {
        let found = self.impls.get(&(Rc::from(owner), Rc::from(name))).map_or(&[][..], Vec::as_slice);
        let wanted = |one: &&Candidate| of.is_none() || one.of.as_deref() == of;
        found.iter().filter(wanted).cloned().collect()
    }

    /// Chooses an associated function by its type: `Owner::name`, `<Owner as Trait>::name`, an operator, a conversion.
    pub(crate) fn choose_associated(
        &mut self,
        owner: &str,
        of: Option<&str>,
        name: &str,
        args: &[Cases],
    ) -> Choice {
        let mut found = self.candidates(owner, of, name);
        if of.is_none() && found.iter().any(|one| one.of.is_none()) {
            found.retain(|one| one.of.is_none());
        }
        if found.is_empty() || found.iter().any(|one| one.of.is_some()) {
            let mut defaults = self.defaults_of(owner, name);
            defaults.retain(|one| of.is_none() || one.of.as_deref() == of);
            found.extend(defaults);
        }
        if found.is_empty() && self.gives(BLANKET, of, name) {
            return Choice::Unclear;
        }
        if !self.is_own_type(owner) && found.iter().any(|one| self.is_of_std(one)) {
            return self.beside_std(owner, found, args);
        }
        self.only(found, args)
    }

    /// Returns whether a function belongs to a trait that the script does not define.
    fn is_of_std(&self, one: &Candidate) -> bool {
        let is_trait = |(_, item): &(Guard, usize)| matches!(self.items[*item], Item::Trait);
        one.of.as_deref().is_some_and(|of| {
            !self.modules.iter().filter_map(|module| module.names.get(of)).flatten().any(is_trait)
        })
    }

    /// Evaluates `Owner::name` of std's type to which the script gives a function of this name. Std's own comes first.
    pub(super) fn associated_beside_std(&mut self, owner: &str, name: &str) -> Cases {
        let found = self.candidates(owner, None, name);
        if found.iter().all(|one| self.is_of_std(one)) {
            return Cases::of(Value::Associated(Some(Rc::from(owner)), None, Rc::from(name)));
        }
        if crate::semantics::is_std_method(name) || crate::semantics::is_std_function(name) {
            return self.unknown(&format!("which `{owner}::{name}` is meant is not clear"));
        }
        self.associated(owner, name)
    }

    /// Chooses among functions of std's trait for std's type: std has others. One that the script may write has a type of
    /// the script among its parameters, or rustc would refuse it; so arguments that are of types of std mean std's.
    fn beside_std(&mut self, owner: &str, mut found: Vec<Candidate>, args: &[Cases]) -> Choice {
        found.retain(|one| self.may_take(one.item, args));
        if found.is_empty() {
            return Choice::Nothing;
        }
        let args: Vec<Cases> = args.iter().map(|arg| self.deref_all(arg)).collect();
        let own = |(_, value): &(Guard, Value)| {
            matches!(value, Value::Struct(_) | Value::Enum(_))
                && self.is_own_type(&crate::semantics::types::type_name(value))
        };
        // `Option`, `Box` and their like can be made of every type, by std.
        let any =
            matches!(owner.rsplit("::").next(), Some("Option" | "Cell" | "RefCell" | "Mutex" | "RwLock"));
        let any = any || WRAPPERS.contains(&owner) || matches!(owner, "Box" | "Rc" | "Arc" | "Cow");
        if any || !args.iter().any(|arg| !arg.0.is_empty() && arg.0.iter().all(own)) {
            return Choice::Unclear;
        }
        self.only(found, &args)
    }

    /// Returns the functions of a type with this name that a method call may mean: those that take `self`.
    fn methods(&mut self, owner: &str, name: &str) -> Vec<Candidate> {
        let mut found = self.candidates(owner, None, name);
        found.extend(self.defaults_of(owner, name));
        found.retain(|one| self.receiver_step(one.item) < 3);
        found
    }

    /// Chooses the function that `value.name(…)` calls. [`Choice::Nothing`] means that the models may know the method.
    pub(crate) fn choose_method(&mut self, value: &Value, name: &str, args: &[Cases]) -> Choice {
        let owners = crate::semantics::types::type_names(value);
        let mut all = vec![Cases::of(value.clone())];
        all.extend(args.iter().cloned());
        if let Value::Struct(_) | Value::Enum(_) = value
            && let [owner] = owners.as_slice()
            && self.is_own_type(owner)
        {
            let own = self.candidates(owner, None, name);
            let (inherent, mut of_traits): (Vec<_>, Vec<_>) =
                own.into_iter().partition(|one| one.of.is_none());
            of_traits.extend(self.defaults_of(owner, name));
            // Values are stored without their boxes and references.
            if WRAPPERS.iter().any(|wrapper| self.gives(wrapper, None, name)) {
                return Choice::Unclear;
            }
            let references = of_traits.iter().chain(&inherent).filter(|one| one.by_reference).count();
            if references > 0 && of_traits.len() + inherent.len() > 1 {
                return Choice::Unclear;
            }
            if !inherent.is_empty() {
                // Rust tries the receiver by value, then by `&`, then by `&mut`, and inherent functions have priority only
                // within a step. Which step a function belongs to depends on whether the receiver is a reference.
                of_traits.extend(self.candidates(BLANKET, None, name));
                of_traits.extend(self.defaults_of(BLANKET, name));
                let step = |interp: &Self, one: &Candidate| interp.receiver_step(one.item);
                let first = inherent.first().map(|one| step(self, one));
                let differs = of_traits.iter().chain(&inherent).any(|one| Some(step(self, one)) != first);
                return if differs { Choice::Unclear } else { self.only(inherent, &all) };
            }
            if of_traits.is_empty() && self.gives(BLANKET, None, name) {
                return Choice::Unclear;
            }
            let first = of_traits.first().and_then(|one| one.of.clone());
            if of_traits.iter().any(|one| one.of != first) {
                return Choice::Unclear;
            }
            return self.only(of_traits, &all);
        }
        if owners.is_empty() {
            return if self.gives_to_std(name) { Choice::Unclear } else { Choice::Nothing };
        }
        let mut found = Vec::new();
        let mut holders = 0;
        let certain = crate::semantics::types::type_is_certain(value);
        for owner in &owners {
            let of_owner = self.methods(owner, name);
            // Methods of the type itself have priority over those of the type that it dereferences to.
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
        // Values are stored without their boxes.
        let boxed = WRAPPERS.iter().any(|owner| self.gives(owner, None, name));
        if boxed {
            return Choice::Unclear;
        }
        if found.is_empty() {
            return if self.gives(BLANKET, None, name) { Choice::Unclear } else { Choice::Nothing };
        }
        // Unclear: the value may have one of several types, or std has an inherent method of this name, which has
        // priority.
        let first = found.first().and_then(|one| one.of.clone());
        if holders > 1 || found.iter().any(|one| one.of != first) || crate::semantics::is_std_method(name) {
            return Choice::Unclear;
        }
        self.only(found, &all)
    }

    /// Chooses the function that `Trait::name(receiver, …)` calls.
    pub(crate) fn choose_of_trait(&mut self, of: &str, name: &str, args: &[Cases]) -> Choice {
        let Some(receiver) = args.first().map(|one| self.deref_all(one)) else { return Choice::Unclear };
        let Some(value) = receiver.single().cloned() else { return Choice::Unclear };
        let mut found = Vec::new();
        let mut holders = 0;
        let certain = crate::semantics::types::type_is_certain(&value);
        for owner in crate::semantics::types::type_names(&value) {
            if certain && holders > 0 {
                continue;
            }
            let mut of_owner = self.candidates(&owner, Some(of), name);
            of_owner.extend(
                self.defaults_of(&owner, name).into_iter().filter(|one| one.of.as_deref() == Some(of)),
            );
            holders += usize::from(!of_owner.is_empty());
            found.extend(of_owner);
        }
        let references = found.len() > 1 && found.iter().any(|one| one.by_reference);
        let boxed = WRAPPERS.iter().any(|owner| self.gives(owner, Some(of), name));
        if references || boxed {
            return Choice::Unclear;
        }
        let takes_self = found.iter().all(|one| self.receiver_step(one.item) < 3);
        if holders != 1 || !takes_self {
            return Choice::Unclear;
        }
        self.only(found, args)
    }

    /// Chooses the only function whose parameters accept the types of the arguments.
    fn only(&mut self, mut found: Vec<Candidate>, args: &[Cases]) -> Choice {
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

    /// Returns whether an `impl` block for types of this name gives them the function: written, or the trait's default.
    fn gives(&mut self, owner: &str, of: Option<&str>, name: &str) -> bool {
        !self.candidates(owner, of, name).is_empty()
            || self.defaults_of(owner, name).iter().any(|one| of.is_none() || one.of.as_deref() == of)
    }

    /// Returns the default functions of the traits that a type implements.
    fn defaults_of(&mut self, owner: &str, name: &str) -> Vec<Candidate> {
        let defaults = self.trait_defaults.get(name).cloned().unwrap_or_default();
        let mut out = Vec::new();
        for (of, item) in defaults {
            // Two `impl` blocks may be for types of one name, `Vec<u8>` and `Vec<String>`, and only one may write the
            // function; a function may also be written for some builds only.
            let of_trait = |one: &&TraitImpl| *one.owner == *owner && one.of == of;
            let blocks: Vec<TraitImpl> = self.trait_impls.iter().filter(of_trait).cloned().collect();
            for block in blocks {
                let mut guard = block.guard;
                for (_, written) in block.written.iter().filter(|(known, _)| **known == *name) {
                    guard = self.inputs.minus(guard, *written);
                }
                if !guard.is_false() {
                    out.push(Candidate { guard, item, of: Some(Rc::clone(&of)), by_reference: false });
                }
            }
        }
        out
    }

    /// Returns whether the script gives a method of this name to a type that is not its own.
    pub(crate) fn gives_to_std(&self, name: &str) -> bool {
        let written = self.impls.keys().filter(|(_, known)| **known == *name).map(|(owner, _)| owner);
        let defaults = self.trait_defaults.get(name).map_or(&[][..], Vec::as_slice);
        let of = |one: &&TraitImpl| defaults.iter().any(|(of, _)| *of == one.of);
        let mut owners = written.chain(self.trait_impls.iter().filter(of).map(|one| &one.owner));
        owners.any(|owner| !self.is_own_type(owner))
    }

    /// Returns whether a module of the script has an alias of this name.
    pub(crate) fn is_alias(&self, name: &str) -> bool {
        let definitions = self.modules.iter().filter_map(|module| module.names.get(name)).flatten();
        definitions.into_iter().any(|(_, item)| matches!(self.items[*item], Item::Alias(_)))
    }

    pub(crate) fn is_own_type(&self, name: &str) -> bool {
        self.items.iter().any(|item| match item {
            Item::Struct(item) => item.ident == name,
            Item::Enum(item) => item.ident == name,
            _ => false,
        })
    }

    /// Returns the step in which Rust tries a receiver: 0 by value, 1 by `&`, 2 by `&mut`; 3 if there is no receiver.
    fn receiver_step(&self, item: usize) -> u8 {
        let Some(Item::Function(function)) = self.items.get(item) else { return 3 };
        match function.receives() {
            // A `self` of an `impl` for `&mut Type` has `&mut Type` by value.
            Some(Receives::Owned | Receives::Otherwise) => 0,
            Some(Receives::Mutably) if function.for_mutable && function.is_self_by_value() => 0,
            Some(Receives::Shared) => 1,
            Some(Receives::Mutably) => 2,
            None => 3,
        }
    }

    /// Returns whether a function's parameters may have the types of these arguments.
    fn may_take(&mut self, item: usize, args: &[Cases]) -> bool {
        let Some(Item::Function(function)) = self.items.get(item).cloned() else { return true };
        let generics: Vec<String> =
            function.signature.generics.type_params().map(|one| one.ident.to_string()).collect();
        for (input, arg) in function.signature.inputs.iter().zip(args) {
            let syn::FnArg::Typed(typed) = input else { continue };
            let arg = self.deref_all(arg);
            let is_own = |name: &str| self.is_own_type(name) && !self.is_alias(name);
            let fits = |(_, value): &(Guard, Value)| fit(value, &typed.ty, &generics, &is_own) == Fit::Maybe;
            if !arg.0.is_empty() && !arg.0.iter().any(fits) {
                return false;
            }
        }
        true
    }
}

/// Returns whether a value may have a type; [`Fit::No`] is certain. `is_own` says whether a name is that of a struct or an
/// enum of the script, and of nothing else.
fn fit(value: &Value, ty: &Type, generics: &[String], is_own: &dyn Fn(&str) -> bool) -> Fit {
    let path = match ty {
        Type::Reference(inner) => return fit(value, &inner.elem, generics, is_own),
        Type::Paren(inner) => return fit(value, &inner.elem, generics, is_own),
        Type::Group(inner) => return fit(value, &inner.elem, generics, is_own),
        Type::Path(path) => path,
        _ => return Fit::Maybe,
    };
    let Some(last) = path.path.segments.last() else { return Fit::Maybe };
    let name = last.ident.to_string();
    if generics.contains(&name) {
        return Fit::Maybe;
    }
    // Values are stored without their boxes.
    if matches!(name.as_str(), "Box" | "Rc" | "Arc")
        && let syn::PathArguments::AngleBracketed(arguments) = &last.arguments
        && let Some(syn::GenericArgument::Type(inner)) = arguments.args.first()
    {
        return fit(value, inner, generics, is_own);
    }
    let std_value = matches!(
        value,
        Value::Unit
            | Value::Bool(_)
            | Value::Int(..)
            | Value::SymbolicInt(..)
            | Value::Char(_)
            | Value::Text(_)
            | Value::Bytes(_)
            | Value::Tuple(_)
            | Value::Seq(_)
            | Value::OpenList(_)
            | Value::Map(_)
            | Value::Range { .. }
    );
    if std_value && is_own(&name) {
        return Fit::No;
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
        // A type from outside may have another name here.
        Value::Struct(value) if !value.name.contains([' ', ':']) => named(&value.name),
        Value::Enum(value) => named(&value.name),
        _ => Fit::Maybe,
    }
}

/// Returns whether a parameter's type of this name may accept any type of the script: a wrapper that values are stored
/// without, a trait object or a type parameter.
fn is_std_name(name: &str) -> bool {
    matches!(name, "Box" | "Rc" | "Arc" | "Cow" | "Error" | "dyn" | "T")
}
