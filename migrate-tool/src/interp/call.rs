//! Calls of functions, closures and constructors; what paths are as values.

use std::rc::Rc;

use syn::{Expr, spanned::Spanned};

use super::{Definition, Frame, Interp, Item, MAX_DEPTH, Ty, items::Namespace};
use crate::logic::Guard;
use crate::models;
use crate::value::{EnumValue, Gv, StructValue, Value};

impl Interp<'_> {
    fn segments(&self, path: &syn::Path) -> Vec<String> {
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

    /// A path as a value.
    pub(crate) fn path_value(&mut self, path: &syn::ExprPath, hint: Option<&Ty>) -> Gv {
        if let Some(ident) = path.path.get_ident()
            && let Some(cell) = self.variable(&ident.to_string())
        {
            return self.read_cell(cell);
        }
        let mut names = self.segments(&path.path);
        if let Some(qself) = &path.qself
            && let Some(ty) = Ty::from_syn(&qself.ty)
        {
            // `<Type>::function`, `<Type as Trait>::function`
            let last = names.pop().unwrap_or_default();
            names = vec![ty.name, last];
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

    fn definition_value(&mut self, definition: &Definition, names: &[String], hint: Option<&Ty>) -> Gv {
        let last = names.last().cloned().unwrap_or_default();
        match definition {
            Definition::External(path) => {
                if let Some(value) = models::constant(self, path) {
                    return value;
                }
                // An associated item of a type that the script gives methods to: `str::shout`.
                if names.len() >= 2 {
                    let owner = names[names.len() - 2].clone();
                    if let Some(value) = self.associated(&owner, &last) {
                        return value;
                    }
                }
                if path == "std::default::Default::default"
                    && let Some(hint) = hint
                {
                    return models::default_of(self, Some(hint));
                }
                Gv::of(Value::External(Rc::from(path.as_str())))
            }
            Definition::Item(index) => match self.items[*index].clone() {
                Item::Function(_) => Gv::of(Value::Function(*index)),
                Item::Const { .. } => self.constant(*index),
                Item::Struct(item) => {
                    let name = item.ident.to_string();
                    if last != name && names.len() >= 2 {
                        return self.associated_or_unknown(&name, &last);
                    }
                    match &item.fields {
                        syn::Fields::Unit => Gv::of(Value::Struct(Rc::new(StructValue {
                            name: Rc::from(name),
                            fields: vec![],
                        }))),
                        _ => Gv::of(Value::Constructor(Rc::from(name), Rc::from(""))),
                    }
                }
                Item::Enum(item) => {
                    let name = item.ident.to_string();
                    match item.variants.iter().find(|variant| variant.ident == last.as_str()) {
                        Some(variant) => match variant.fields {
                            syn::Fields::Unit => Gv::of(Value::variant(&name, &last, vec![])),
                            _ => Gv::of(Value::Constructor(Rc::from(name), Rc::from(last))),
                        },
                        None => self.associated_or_unknown(&name, &last),
                    }
                }
                Item::Alias(Some(ty)) if last != names[0] => {
                    let names = vec![ty.name, last];
                    let module = self.current_module();
                    let found = self.resolve(module, &names, Namespace::Value);
                    match found.first() {
                        Some((_, definition)) => self.definition_value(&definition.clone(), &names, hint),
                        None => self.unknown("this path is not understood"),
                    }
                }
                Item::Trait => {
                    match self.trait_defaults.get(&*last).and_then(|found| found.first().cloned()) {
                        Some((_, index)) => Gv::of(Value::Function(index)),
                        None => Gv::of(Value::External(Rc::from(names.join("::")))),
                    }
                }
                _ => self.unknown(&format!("`{}` is not understood", names.join("::"))),
            },
        }
    }

    fn associated(&mut self, owner: &str, name: &str) -> Option<Gv> {
        let found = self.impls.get(&(Rc::from(owner), Rc::from(name)))?.clone();
        let parts: Vec<(Guard, Gv)> = found
            .into_iter()
            .map(|(guard, index)| {
                let value = match self.items[index] {
                    Item::Const { .. } => self.constant(index),
                    _ => Gv::of(Value::Function(index)),
                };
                (guard, value)
            })
            .collect();
        let path = self.pc;
        let joined = self.inputs.join(parts);
        Some(self.inputs.join(vec![(path, joined)]))
    }

    fn associated_or_unknown(&mut self, owner: &str, name: &str) -> Gv {
        if let Some(value) = self.associated(owner, name) {
            return value;
        }
        if let Some((_, index)) = self.trait_defaults.get(name).and_then(|found| found.first().cloned()) {
            return Gv::of(Value::Function(index));
        }
        if name == "default" {
            return Gv::of(Value::External(Rc::from(format!("default of {owner}"))));
        }
        self.unknown(&format!("`{owner}::{name}` is not understood"))
    }

    /// A `const` or `static`, evaluated once.
    pub(crate) fn constant(&mut self, index: usize) -> Gv {
        if let Some(known) = self.consts.get(&index) {
            let known = known.clone();
            return self.narrow(known);
        }
        let Item::Const { value, ty, module, file, self_type } = self.items[index].clone() else {
            return Gv::never();
        };
        if self.depth >= MAX_DEPTH {
            return self.unknown("its calls nest too deeply");
        }
        self.depth += 1;
        // Constants do not depend on the path: they are evaluated on all of them.
        let path = self.pc;
        self.frames.push(Frame { scopes: vec![Vec::new()], module, file, self_type, ..Frame::default() });
        let result = self.expr(&value, ty.as_ref());
        self.frames.pop();
        self.depth -= 1;
        if path == self.pc {
            // Cells born here live on every path.
            self.consts.insert(index, result.clone());
        }
        result
    }

    pub(crate) fn struct_field_types(&mut self, names: &[String]) -> Vec<(String, Option<Ty>)> {
        let mut names = names.to_vec();
        if names.len() == 1
            && names[0] == "Self"
            && let Some(own) = self.frames.last().and_then(|frame| frame.self_type.clone())
        {
            names[0] = own.to_string();
        }
        let module = self.current_module();
        let found = self.resolve(module, &names, Namespace::Type);
        match found.first() {
            Some((_, Definition::Item(index))) => match &self.items[*index] {
                Item::Struct(item) => item
                    .fields
                    .iter()
                    .enumerate()
                    .map(|(at, field)| {
                        (
                            field.ident.as_ref().map_or_else(|| at.to_string(), ToString::to_string),
                            Ty::from_syn(&field.ty),
                        )
                    })
                    .collect(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    pub(crate) fn struct_item(&mut self, name: &str) -> Option<Rc<syn::ItemStruct>> {
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

    /// `function(arguments)`
    pub(crate) fn call_expr(&mut self, call: &syn::ExprCall, hint: Option<&Ty>) -> Gv {
        // Hints flow through constructors: `Ok(x.parse()?)`.
        let function = self.expr(&call.func, None);
        if self.dead() {
            return Gv::never();
        }
        let generics = match &*call.func {
            Expr::Path(path) => path_generics(&path.path),
            _ => Vec::new(),
        };
        let hints = self.parameter_hints(&function, hint);
        let mut args = Vec::with_capacity(call.args.len());
        for (at, arg) in call.args.iter().enumerate() {
            args.push(self.expr(arg, hints.get(at).and_then(Option::as_ref)));
        }
        self.span = call.func.span();
        if self.dead() {
            return Gv::never();
        }
        self.call_value_with(&function, args, hint, &generics)
    }

    fn parameter_hints(&self, function: &Gv, hint: Option<&Ty>) -> Vec<Option<Ty>> {
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
            Some(Value::Constructor(name, variant)) if variant.is_empty() => {
                let found = self.items.iter().find_map(|item| match item {
                    Item::Struct(item) if item.ident == **name => Some(Rc::clone(item)),
                    _ => None,
                });
                found.map_or_else(Vec::new, |item| {
                    item.fields.iter().map(|field| Ty::from_syn(&field.ty)).collect()
                })
            }
            Some(Value::External(path)) if path.ends_with("::Some") || path.ends_with("::Ok") => {
                vec![hint.and_then(Ty::element).cloned()]
            }
            _ => Vec::new(),
        }
    }

    /// Calls whatever is callable.
    pub(crate) fn call_value(&mut self, function: &Gv, args: Vec<Gv>) -> Gv {
        self.call_value_with(function, args, None, &[])
    }

    fn call_value_with(&mut self, function: &Gv, args: Vec<Gv>, hint: Option<&Ty>, generics: &[Ty]) -> Gv {
        let function = self.deref_all(function);
        self.each(&function, |interp, function| match function {
            Value::Function(index) => interp.call_item(*index, args.clone(), hint),
            Value::Closure(closure) => interp.call_closure(closure, args.clone()),
            Value::Constructor(name, variant) => {
                let fields: Vec<(Rc<str>, Gv)> = args
                    .iter()
                    .enumerate()
                    .map(|(at, arg)| (Rc::from(at.to_string()), arg.clone()))
                    .collect();
                Gv::of(if variant.is_empty() {
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
                    return models::default_of(interp, Some(&Ty::named(owner)));
                }
                models::call(interp, &models::Call { path: &path, args: &args, hint, generics })
            }
            other => {
                let reason = format!("calling {} is not understood", other.kind());
                interp.unknown(&reason)
            }
        })
    }

    /// Calls a function of the script.
    pub(crate) fn call_item(&mut self, index: usize, args: Vec<Gv>, _hint: Option<&Ty>) -> Gv {
        let Some(Item::Function(function)) = self.items.get(index).cloned() else {
            return self.unknown("this is not a function");
        };
        let Some(body) = &function.body else { return self.unknown("this function has no body") };
        if self.depth >= MAX_DEPTH {
            return self.unknown("its calls nest too deeply");
        }
        self.depth += 1;
        let mut self_type = function.self_type.clone();
        if self_type.is_none()
            && let Some(first) = args.first()
            && matches!(function.signature.inputs.first(), Some(syn::FnArg::Receiver(_)))
        {
            let first = self.deref_all(first);
            self_type = first.single().map(|value| Rc::from(models::type_name(value)));
        }
        let result = Ty::from_return(&function.signature.output);
        self.frames.push(Frame {
            scopes: vec![Vec::new()],
            module: function.module,
            file: function.file,
            self_type,
            result: result.clone(),
            ..Frame::default()
        });
        let mut args = args.into_iter();
        for input in &function.signature.inputs {
            let value = args.next().unwrap_or_else(Gv::never);
            match input {
                syn::FnArg::Receiver(_) => self.bind("self", value),
                syn::FnArg::Typed(typed) => self.bind_pattern(&typed.pat, &value),
            }
        }
        let value = self.block(body, result.as_ref());
        self.depth -= 1;
        self.end_frame(value)
    }

    fn end_frame(&mut self, value: Gv) -> Gv {
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

    fn call_closure(&mut self, closure: &crate::value::ClosureValue, args: Vec<Gv>) -> Gv {
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
            result: result.clone(),
            ..Frame::default()
        });
        let mut args = args.into_iter();
        for input in &closure.code.inputs {
            let value = args.next().unwrap_or_else(Gv::never);
            match input {
                syn::Pat::Type(typed) => self.bind_pattern(&typed.pat, &value),
                pattern => self.bind_pattern(pattern, &value),
            }
        }
        let value = self.expr(&closure.code.body, result.as_ref());
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
