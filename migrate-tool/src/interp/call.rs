//! Calls of functions, closures and constructors; what paths are as values.

use std::rc::Rc;

use syn::{Expr, spanned::Spanned};

use super::items::{Namespace, Storage};
use super::{Choice, Definition, Frame, Interp, Item, MAX_DEPTH, Ty};
use crate::logic::Guard;
use crate::value::{Cases, CellId, EnumValue, StructValue, Value};

impl Interp<'_> {
    pub(crate) fn segments(&self, path: &syn::Path) -> Vec<String> {
        let mut names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if path.leading_colon.is_some() {
            names.insert(0, "::".into());
        }
        if names.first().is_some_and(|first| first == "Self")
            && let Some(own) = self.frames.last().and_then(|frame| frame.self_type.clone())
        {
            names[0] = own.to_string();
        }
        names
    }

    /// Evaluates a path as a value.
    pub(crate) fn path_value(&mut self, path: &syn::ExprPath, hint: Option<&Ty>) -> Cases {
        if let Some(ident) = path.path.get_ident()
            && let Some(cell) = self.variable(&ident.to_string())
        {
            let value = self.read_cell(cell);
            // A closure that is given away is moved, or copied with what it holds.
            let closure = |(_, value): &(Guard, Value)| matches!(value, Value::Closure(_));
            return if value.0.iter().any(closure) { self.given_away(&value) } else { value };
        }
        let mut names = self.segments(&path.path);
        if let Some(qself) = &path.qself {
            // `<Type>::function`, `<Type as Trait>::function`
            let last = names.pop().unwrap_or_default();
            let Some(ty) = Ty::from_syn(&qself.ty) else {
                return self.unknown("this path is not understood");
            };
            let of = (qself.position > 0).then(|| names.last().cloned()).flatten();
            let own = ty.name == "Self" || self.is_own_type(&ty.name);
            if let Some(of) = of
                && self.is_own_trait(&of)
            {
                let mut owner = ty.name;
                if owner == "Self"
                    && let Some(own) = self.frames.last().and_then(|frame| frame.self_type.clone())
                {
                    owner = own.to_string();
                }
                let owner = own.then(|| Rc::from(owner));
                return Cases::of(Value::Associated(owner, Some(Rc::from(of)), Rc::from(last)));
            }
            names = vec![ty.name, last];
            if names[0] == "Self"
                && let Some(own) = self.frames.last().and_then(|frame| frame.self_type.clone())
            {
                names[0] = own.to_string();
            }
        }
        let module = self.current_module();
        let found = self.resolve(module, &names, Namespace::Value);
        let path = self.pc;
        let mut parts = Vec::new();
        let mut after = Guard::FALSE;
        for (guard, definition) in found {
            self.pc = self.inputs.and(path, guard);
            if self.dead() {
                continue;
            }
            let value = self.definition_value(&definition, &names, hint);
            parts.push((self.pc, value));
            after = self.inputs.or(after, self.pc);
        }
        self.pc = after;
        self.inputs.join(parts)
    }

    fn definition_value(&mut self, definition: &Definition, names: &[String], hint: Option<&Ty>) -> Cases {
        let last = names.last().cloned().unwrap_or_default();
        match definition {
            Definition::External(path) => {
                if let Some(value) = (self.models.constant)(self, path) {
                    return value;
                }
                // An associated item of a type that the script gives methods to: `str::shout`.
                if let Some((owner, name)) = path.rsplit_once("::")
                    && !self.candidates(owner, None, name).is_empty()
                {
                    return self.associated_beside_std(owner, name);
                }
                if path == "std::default::Default::default"
                    && let Some(hint) = hint
                {
                    return (self.models.default_of)(self, Some(hint));
                }
                if !path.contains("::") && path != "drop" {
                    return self.unknown(&format!("`{path}` is not a name that is known here"));
                }
                Cases::of(Value::External(Rc::from(path.as_str())))
            }
            Definition::Item(index) => match self.items[*index].clone() {
                Item::Function(_) => Cases::of(Value::Function(*index)),
                Item::Const { .. } => self.constant(*index),
                Item::Struct(item) => {
                    let name = item.ident.to_string();
                    match &item.fields {
                        syn::Fields::Unit => self.made(Value::Struct(Rc::new(StructValue {
                            name: Rc::from(name),
                            fields: vec![],
                        }))),
                        _ => Cases::of(Value::Constructor(Rc::from(name), Rc::from(""))),
                    }
                }
                _ => self.unknown(&format!("`{}` is not understood", names.join("::"))),
            },
            Definition::Member(index, name) => match self.items[*index].clone() {
                Item::Struct(item) => self.associated(&item.ident.to_string(), name),
                Item::Enum(item) => {
                    let owner = item.ident.to_string();
                    match item.variants.iter().find(|variant| variant.ident == name.as_str()) {
                        Some(variant) => match variant.fields {
                            syn::Fields::Unit => self.made(Value::variant(&owner, name, vec![])),
                            _ => Cases::of(Value::Constructor(Rc::from(owner), Rc::from(name.as_str()))),
                        },
                        None => self.associated(&owner, name),
                    }
                }
                Item::Alias(Some(ty)) => {
                    let names = vec![ty.name, name.clone()];
                    let module = self.current_module();
                    let found = self.resolve(module, &names, Namespace::Value);
                    match found.first() {
                        Some((_, definition)) if found.len() == 1 => {
                            self.definition_value(&definition.clone(), &names, hint)
                        }
                        _ => self.unknown("this path is not understood"),
                    }
                }
                Item::Trait => {
                    let of = names.iter().rev().nth(1).cloned().unwrap_or_default();
                    Cases::of(Value::Associated(None, Some(Rc::from(of)), Rc::from(last)))
                }
                _ => self.unknown(&format!("`{}` is not understood", names.join("::"))),
            },
        }
    }

    pub(crate) fn is_own_trait(&mut self, name: &str) -> bool {
        let module = self.current_module();
        let found = self.resolve(module, &[name.to_owned()], Namespace::Type);
        matches!(found.first(), Some((_, Definition::Item(index))) if matches!(self.items[*index], Item::Trait))
    }

    /// Makes a value of a type of the script. A type with a `Drop` of its own is residue.
    pub(crate) fn made(&mut self, value: Value) -> Cases {
        let name = crate::semantics::types::type_name(&value);
        // What is run where the value ends is the script's, too.
        let drops: Vec<Guard> =
            self.candidates(&name, Some("Drop"), "drop").into_iter().map(|one| one.guard).collect();
        for guard in drops {
            self.unknown_where(guard, &format!("what the end of a `{name}` does is not understood"));
        }
        if self.dead() { Cases::never() } else { Cases::of(value) }
    }

    /// Evaluates `Owner::name`: a constant or a function. Of several functions, one is chosen when it is called.
    pub(super) fn associated(&mut self, owner: &str, name: &str) -> Cases {
        let found = self.candidates(owner, None, name);
        let is_const = |one: &super::dispatch::Candidate| matches!(self.items[one.item], Item::Const { .. });
        if found.iter().any(is_const) {
            let mut covered = Guard::FALSE;
            let mut parts = Vec::new();
            for one in found {
                if !self.inputs.and(covered, one.guard).is_false() {
                    return self.unknown(&format!("which `{owner}::{name}` is meant is not clear"));
                }
                covered = self.inputs.or(covered, one.guard);
                parts.push((one.guard, self.constant(one.item)));
            }
            let path = self.pc;
            let joined = self.inputs.join(parts);
            return self.inputs.join(vec![(path, joined)]);
        }
        if let [one] = found.as_slice()
            && one.guard.is_true()
        {
            return Cases::of(Value::Function(one.item));
        }
        if found.is_empty() && name == "default" {
            return Cases::of(Value::External(Rc::from(format!("default of {owner}"))));
        }
        if found.is_empty() && !self.trait_defaults.contains_key(name) {
            return self.unknown(&format!("`{owner}::{name}` is not understood"));
        }
        Cases::of(Value::Associated(Some(Rc::from(owner)), None, Rc::from(name)))
    }

    fn call_associated(
        &mut self,
        owner: Option<&str>,
        of: Option<&str>,
        name: &str,
        args: &[Cases],
        hint: Option<&Ty>,
    ) -> Cases {
        let choice = match (owner, of) {
            (Some(owner), of) => self.choose_associated(owner, of, name, args),
            (None, Some(of)) => self.choose_of_trait(of, name, args),
            (None, None) => Choice::Unclear,
        };
        match choice {
            Choice::These(found) => self.call_one_of(&found, args),
            // A function of the script's for a type of std, which takes other arguments: std's own is called.
            Choice::Nothing
                if of.is_none()
                    && owner.is_some_and(|owner| {
                        owner.contains("::") || crate::semantics::types::is_primitive(owner)
                    }) =>
            {
                let path = format!("{}::{name}", owner.unwrap_or_default());
                (self.models.call)(self, &super::model::Call { path: &path, args, hint, generics: &[] })
            }
            Choice::Nothing | Choice::Unclear => {
                self.unknown(&format!("which function `{name}` is called is not clear without types"))
            }
        }
    }

    /// Calls the function that is compiled, of several.
    pub(crate) fn call_one_of(&mut self, found: &[(Guard, usize)], args: &[Cases]) -> Cases {
        if let [(guard, index)] = found
            && guard.is_true()
        {
            return self.call_item(*index, args.to_vec(), None);
        }
        let path = self.pc;
        let (mut rest, mut after, mut parts) = (path, Guard::FALSE, Vec::new());
        for (guard, index) in found {
            self.pc = self.inputs.and(path, *guard);
            rest = self.inputs.minus(rest, *guard);
            if self.dead() {
                continue;
            }
            let result = self.call_item(*index, args.to_vec(), None);
            parts.push((self.pc, result));
            after = self.inputs.or(after, self.pc);
        }
        self.pc = rest;
        if !self.dead() {
            self.unknown("a function that is not compiled is called");
        }
        self.pc = after;
        self.inputs.join(parts)
    }

    /// Returns the value of a `const` or `static`, which is evaluated at its first use. A constant that holds a cell is
    /// evaluated at each use, since each is another cell.
    pub(crate) fn constant(&mut self, index: usize) -> Cases {
        let Item::Const { storage, .. } = self.items[index].clone() else { return Cases::never() };
        if storage == Storage::StaticMut {
            return match self.static_cell(index) {
                Some(cell) => self.read_cell(cell),
                None => Cases::never(),
            };
        }
        if let Some(known) = self.consts.get(&index) {
            let known = known.clone();
            return self.narrow(known);
        }
        let path = self.pc;
        let mut result = self.evaluate_constant(index);
        if path != self.pc || storage == Storage::Const && holds_a_cell(&result) {
            return result;
        }
        if holds_a_cell(&result) && path != self.start {
            // What can change is there from the start, on every path.
            self.pc = self.start;
            result = self.evaluate_constant(index);
            let lost = self.inputs.minus(self.start, self.pc);
            self.pc = self.inputs.minus(path, lost);
            if !lost.is_false() {
                return Cases::never();
            }
        }
        self.consts.insert(index, result.clone());
        result
    }

    /// Returns the cell of a `static mut`.
    pub(crate) fn static_cell(&mut self, index: usize) -> Option<CellId> {
        if let Some(cell) = self.statics.get(&index) {
            return Some(*cell);
        }
        let path = self.pc;
        self.pc = self.start;
        let value = self.evaluate_constant(index);
        if self.pc != self.start {
            self.pc = self.inputs.and(self.pc, path);
            return None;
        }
        let cell = self.new_cell(value);
        self.statics.insert(index, cell);
        self.pc = path;
        Some(cell)
    }

    /// Returns the cell of the `static mut` that a path names.
    pub(crate) fn static_at(&mut self, path: &syn::Path) -> Option<CellId> {
        let names = self.segments(path);
        let module = self.current_module();
        match self.resolve(module, &names, Namespace::Value).first()? {
            (_, Definition::Item(index)) => match &self.items[*index] {
                Item::Const { storage: Storage::StaticMut, .. } => self.static_cell(*index),
                _ => None,
            },
            _ => None,
        }
    }

    fn evaluate_constant(&mut self, index: usize) -> Cases {
        let Item::Const { value, ty, module, file, self_type, .. } = self.items[index].clone() else {
            return Cases::never();
        };
        if self.depth >= MAX_DEPTH {
            return self.unknown("its calls nest too deeply");
        }
        self.depth += 1;
        self.frames.push(Frame { scopes: vec![Vec::new()], module, file, self_type, ..Frame::default() });
        let result = self.expr(&value, ty.as_ref());
        let result = self.typed(&result, ty.as_ref());
        self.frames.pop();
        self.depth -= 1;
        result
    }

    pub(crate) fn struct_item(&mut self, name: &str) -> Option<Rc<syn::ItemStruct>> {
        if self.is_of_two_modules(name) {
            return None;
        }
        let module = self.current_module();
        match self.resolve(module, &[name.to_owned()], Namespace::Type).first() {
            Some((_, Definition::Item(index))) => match &self.items[*index] {
                Item::Struct(item) => Some(Rc::clone(item)),
                _ => None,
            },
            _ => None,
        }
    }

    pub(crate) fn enum_item(&mut self, names: &[String]) -> Option<Rc<syn::ItemEnum>> {
        let mut names = names.to_vec();
        if names.len() == 1
            && names[0] == "Self"
            && let Some(own) = self.frames.last().and_then(|frame| frame.self_type.clone())
        {
            names[0] = own.to_string();
        }
        let module = self.current_module();
        match self.resolve(module, &names, Namespace::Type).first() {
            Some((_, Definition::Item(index))) => match &self.items[*index] {
                Item::Enum(item) => Some(Rc::clone(item)),
                _ => None,
            },
            _ => None,
        }
    }

    /// Evaluates a call `function(arguments)`; `hint` is the type that its result should have, if it is known.
    pub(crate) fn call_expr(&mut self, call: &syn::ExprCall, hint: Option<&Ty>) -> Cases {
        // Hints flow through constructors: `Ok(x.parse()?)`.
        let own = match &*call.func {
            Expr::Path(path) => path.path.get_ident().and_then(|name| self.variable(&name.to_string())),
            _ => None,
        };
        let function = match own {
            // It is called where it stands.
            Some(cell) => self.read_cell(cell),
            None => self.expr(&call.func, None),
        };
        if self.dead() {
            return Cases::never();
        }
        let generics = match &*call.func {
            Expr::Path(path) => path_generics(&path.path),
            _ => Vec::new(),
        };
        let hints = self.parameter_hints(&function, hint);
        let Some(given) = self.compiled_arguments(&call.args) else {
            return self.unknown("arguments that are compiled for some targets only are not understood");
        };
        let mut args = Vec::with_capacity(given.len());
        for (at, arg) in given.into_iter().enumerate() {
            args.push(self.expr(arg, hints.get(at).and_then(Option::as_ref)));
        }
        self.span = call.func.span();
        if self.dead() {
            return Cases::never();
        }
        let result = self.call_value_with(&function, args, hint, &generics);
        if let Expr::Path(path) = &*call.func
            && let Some(last) = path.path.segments.last()
        {
            self.note_result(call.func.span(), &last.ident.to_string(), &result);
        }
        result
    }

    fn parameter_hints(&self, function: &Cases, hint: Option<&Ty>) -> Vec<Option<Ty>> {
        match function.single() {
            Some(Value::Function(index)) => match &self.items[*index] {
                Item::Function(function) => function
                    .signature
                    .inputs
                    .iter()
                    .map(|input| match input {
                        syn::FnArg::Typed(typed) => Ty::from_syn(&typed.ty),
                        syn::FnArg::Receiver(_) => None,
                    })
                    .collect(),
                _ => Vec::new(),
            },
            Some(Value::Constructor(name, variant)) => self.constructor_types(name, variant),
            Some(Value::External(path)) if path.ends_with("::Some") || path.ends_with("::Ok") => {
                vec![hint.and_then(Ty::element).cloned()]
            }
            _ => Vec::new(),
        }
    }

    /// Returns the types of the parameters of a tuple constructor of the script.
    fn constructor_types(&self, name: &str, variant: &str) -> Vec<Option<Ty>> {
        let types = |fields: &syn::Fields, generics: &syn::Generics| {
            fields.iter().map(|field| Ty::of_field(field, generics)).collect()
        };
        let found = self.items.iter().find_map(|item| match item {
            Item::Struct(item) if item.ident == *name && variant.is_empty() => {
                Some(types(&item.fields, &item.generics))
            }
            Item::Enum(item) if item.ident == *name => {
                let variant = item.variants.iter().find(|known| known.ident == *variant)?;
                Some(types(&variant.fields, &item.generics))
            }
            _ => None,
        });
        found.unwrap_or_default()
    }

    /// Calls whatever is callable.
    pub(crate) fn call_value(&mut self, function: &Cases, args: Vec<Cases>) -> Cases {
        self.call_value_with(function, args, None, &[])
    }

    fn call_value_with(
        &mut self,
        function: &Cases,
        args: Vec<Cases>,
        hint: Option<&Ty>,
        generics: &[Ty],
    ) -> Cases {
        let function = self.deref_all(function);
        let any_order = std::mem::take(&mut self.any_order);
        let result = self.each(&function, |interp, function| match function {
            Value::Function(index) => interp.call_item(*index, args.clone(), hint),
            Value::Closure(closure) => interp.call_closure(closure, args.clone()),
            Value::Associated(owner, of, name) => {
                interp.call_associated(owner.as_deref(), of.as_deref(), name, &args, hint)
            }
            Value::Constructor(name, variant) => {
                let types = interp.constructor_types(name, variant);
                let fields: Vec<(Rc<str>, Cases)> = args
                    .iter()
                    .enumerate()
                    .map(|(at, arg)| {
                        let ty = types.get(at).and_then(Option::as_ref);
                        (Rc::from(at.to_string()), interp.typed(arg, ty))
                    })
                    .collect();
                interp.made(if variant.is_empty() {
                    Value::Struct(Rc::new(StructValue { name: Rc::clone(name), fields }))
                } else {
                    Value::Enum(Rc::new(EnumValue {
                        name: Rc::clone(name),
                        variant: Rc::clone(variant),
                        fields,
                    }))
                })
            }
            Value::External(path) => {
                let path = Rc::clone(path);
                if let Some(owner) = path.strip_prefix("default of ") {
                    return (interp.models.default_of)(interp, Some(&Ty::named(owner)));
                }
                (interp.models.call)(interp, &super::model::Call { path: &path, args: &args, hint, generics })
            }
            other => {
                let reason = format!("calling {} is not understood", other.kind());
                interp.unknown(&reason)
            }
        });
        self.any_order = any_order;
        result
    }

    /// Calls a function of the script.
    pub(crate) fn call_item(&mut self, index: usize, args: Vec<Cases>, _hint: Option<&Ty>) -> Cases {
        let Some(Item::Function(function)) = self.items.get(index).cloned() else {
            return self.unknown("this is not a function");
        };
        let Some(body) = &function.body else { return self.unknown("this function has no body") };
        if self.depth >= MAX_DEPTH {
            return self.unknown("its calls nest too deeply");
        }
        self.depth += 1;
        // Whoever calls it may take items in any order; what it does itself may not.
        let any_order = std::mem::take(&mut self.any_order);
        let mut self_type = function.self_type.clone();
        if self_type.is_none()
            && let Some(first) = args.first()
            && matches!(function.signature.inputs.first(), Some(syn::FnArg::Receiver(_)))
        {
            let first = self.deref_all(first);
            self_type = first.single().map(|value| Rc::from(crate::semantics::types::type_name(value)));
        }
        let result = Ty::from_return(&function.signature.output);
        let literals = self.literals_of(index);
        self.frames.push(Frame {
            scopes: vec![Vec::new()],
            module: function.module,
            file: function.file,
            self_type,
            result: result.clone(),
            parameters: function.signature.generics.type_params().map(|one| one.ident.to_string()).collect(),
            literals,
            ..Frame::default()
        });
        let mut args = args.into_iter();
        for input in &function.signature.inputs {
            let value = args.next().unwrap_or_else(Cases::never);
            match input {
                syn::FnArg::Receiver(_) => self.bind("self", value),
                syn::FnArg::Typed(typed) => {
                    let ty = Ty::from_syn(&typed.ty);
                    let value = self.typed(&value, ty.as_ref());
                    self.bind_pattern_as(&typed.pat, &value, ty.as_ref());
                }
            }
        }
        let value = self.block(body, result.as_ref());
        let value = self.typed(&value, result.as_ref());
        self.depth -= 1;
        self.any_order = any_order;
        self.end_frame(value)
    }

    fn end_frame(&mut self, value: Cases) -> Cases {
        let frame = self.frames.pop().unwrap_or_default();
        let mut parts = vec![(self.pc, value)];
        let mut after = self.pc;
        for (guard, value) in frame.returns {
            after = self.inputs.or(after, guard);
            parts.push((guard, value));
        }
        self.pc = after;
        self.inputs.join(parts)
    }

    fn call_closure(&mut self, closure: &crate::value::ClosureValue, args: Vec<Cases>) -> Cases {
        if self.depth >= MAX_DEPTH {
            return self.unknown("its calls nest too deeply");
        }
        self.depth += 1;
        let result = Ty::from_return(&closure.code.output);
        self.frames.push(Frame {
            scopes: vec![closure.captured.clone(), Vec::new()],
            module: closure.module,
            file: closure.file,
            self_type: closure.self_type.clone(),
            local_items: closure.local_items.clone(),
            literals: Rc::clone(&closure.literals),
            result: result.clone(),
            ..Frame::default()
        });
        let mut args = args.into_iter();
        for input in &closure.code.inputs {
            let value = args.next().unwrap_or_else(Cases::never);
            match input {
                syn::Pat::Type(typed) => {
                    let ty = Ty::from_syn(&typed.ty);
                    let value = self.typed(&value, ty.as_ref());
                    self.bind_pattern_as(&typed.pat, &value, ty.as_ref());
                }
                pattern => self.bind_pattern(pattern, &value),
            }
        }
        let lent = self.lent.len();
        let value = self.expr(&closure.code.body, result.as_ref());
        let value = self.typed(&value, result.as_ref());
        self.give_back_unless_in(lent, &value);
        self.depth -= 1;
        self.end_frame(value)
    }
}

pub(crate) fn path_generics(path: &syn::Path) -> Vec<Ty> {
    path.segments
        .iter()
        .rev()
        .find_map(|segment| match &segment.arguments {
            syn::PathArguments::AngleBracketed(args) => Some(Ty::arguments(args)),
            _ => None,
        })
        .unwrap_or_default()
}

/// Returns whether a value holds a cell, a modelled object or a reference, whose content can change while the value
/// stays the same.
fn holds_a_cell(value: &Cases) -> bool {
    value.0.iter().any(|(_, value)| match value {
        Value::Cell(..) | Value::Object(_) | Value::Ref(_) => true,
        Value::Tuple(parts) => parts.iter().any(holds_a_cell),
        Value::Struct(value) => value.fields.iter().any(|(_, part)| holds_a_cell(part)),
        Value::Enum(value) => value.fields.iter().any(|(_, part)| holds_a_cell(part)),
        Value::Seq(items) => items.iter().any(|(_, item)| holds_a_cell(item)),
        _ => false,
    })
}
