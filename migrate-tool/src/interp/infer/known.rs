//! Collects the names of the script that matter to inference.

use std::collections::HashMap;
use std::rc::Rc;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::Pat;

use super::super::{Interp, Item};
use super::{Known, Literals, literals};
use crate::value::{IntType, Ty};

/// Adds the names that the items in a function's blocks define: they are not declared before the block is run.
///
/// `imports` is true within a `use`, whose names may be those of any function or constant.
fn local_names(tokens: TokenStream, known: &mut Known, mut imports: bool) {
    let mut before = String::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                local_names(group.stream(), known, imports);
                before.clear();
            }
            // `static mut NAME`
            TokenTree::Ident(name) if name == "mut" => {}
            TokenTree::Ident(name) => {
                let name = name.to_string();
                imports |= name == "use";
                if imports {
                    known.functions.insert(name.clone(), None);
                    known.constants.insert(name.clone(), None);
                    known.macros.insert(name.clone());
                }
                match before.as_str() {
                    // Fields of one name may have several types.
                    "struct" | "enum" | "union" => known.fields.clear(),
                    "fn" => {
                        known.methods.insert(name.clone());
                        known.functions.insert(name.clone(), None);
                    }
                    "macro_rules" => {
                        known.macros.insert(name.clone());
                    }
                    "const" | "static" => {
                        known.constants.insert(name.clone(), None);
                    }
                    _ => {}
                }
                match name.as_str() {
                    "Shl" | "Shr" | "ShlAssign" | "ShrAssign" => known.shifts = true,
                    "Index" | "IndexMut" => known.indexes = true,
                    _ => {}
                }
                before = name;
            }
            TokenTree::Punct(mark) if mark.as_char() == '!' => {}
            TokenTree::Punct(mark) => {
                imports &= mark.as_char() != ';';
                before.clear();
            }
            TokenTree::Literal(_) => before.clear(),
        }
    }
}

impl Interp<'_> {
    /// Returns the names of the script that matter to inference.
    fn known_names(&self) -> Known {
        let mut known = Known::default();
        let once = |map: &mut HashMap<String, Option<IntType>>, name: String, kind: Option<IntType>| {
            map.entry(name)
                .and_modify(|known| {
                    if *known != kind {
                        *known = None
                    }
                })
                .or_insert(kind);
        };
        for item in &self.items {
            match item {
                Item::Function(function) => {
                    let name = function.signature.ident.to_string();
                    if matches!(function.signature.inputs.first(), Some(syn::FnArg::Receiver(_))) {
                        known.methods.insert(name);
                        continue;
                    }
                    let inputs = function.signature.inputs.iter().map(|input| match input {
                        syn::FnArg::Typed(typed) => Ty::from_syn(&typed.ty),
                        syn::FnArg::Receiver(_) => None,
                    });
                    let types = (inputs.collect(), Ty::from_return(&function.signature.output));
                    let generic = !function.signature.generics.params.is_empty();
                    known
                        .functions
                        .entry(name)
                        .and_modify(|known| *known = None)
                        .or_insert((!generic && function.self_type.is_none()).then_some(types));
                }
                Item::Struct(item) => {
                    for field in &item.fields {
                        if let Some(name) = &field.ident {
                            let kind = Ty::from_syn(&field.ty).and_then(|ty| ty.integer());
                            once(&mut known.fields, name.to_string(), kind);
                        }
                    }
                }
                Item::Enum(item) => {
                    for field in item.variants.iter().flat_map(|variant| &variant.fields) {
                        if let Some(name) = &field.ident {
                            let kind = Ty::from_syn(&field.ty).and_then(|ty| ty.integer());
                            once(&mut known.fields, name.to_string(), kind);
                        }
                    }
                }
                Item::Macro(item) => {
                    known.macros.extend(item.ident.as_ref().map(ToString::to_string));
                }
                _ => {}
            }
        }
        for module in &self.modules {
            for (name, found) in &module.names {
                for (_, index) in found {
                    match &self.items[*index] {
                        Item::Const { ty, .. } => {
                            let kind = ty.as_ref().and_then(Ty::integer);
                            once(&mut known.constants, name.clone(), kind);
                        }
                        // An imported name may refer to another function.
                        Item::Use(..) => {
                            known.functions.insert(name.clone(), None);
                            known.constants.insert(name.clone(), None);
                            known.macros.insert(name.clone());
                        }
                        _ => {}
                    }
                }
            }
        }
        let shift = |of: &str| matches!(of, "Shl" | "Shr" | "ShlAssign" | "ShrAssign");
        known.shifts = self.trait_impls.iter().any(|one| shift(&one.of));
        known.indexes = self.trait_impls.iter().any(|one| &*one.of == "Index");
        known
    }

    /// Returns the types of the literals in a function.
    pub(crate) fn literals_of(&mut self, index: usize) -> Rc<Literals> {
        if let Some(known) = self.literal_types.get(&index) {
            return Rc::clone(known);
        }
        let found = match &self.items[index] {
            Item::Function(function) => {
                let mut known = self.known_names();
                if let Some(body) = &function.body {
                    local_names(body.to_token_stream(), &mut known, false);
                }
                let inputs: Vec<(Pat, Option<Ty>)> = function
                    .signature
                    .inputs
                    .iter()
                    .filter_map(|input| match input {
                        syn::FnArg::Typed(typed) => Some(((*typed.pat).clone(), Ty::from_syn(&typed.ty))),
                        syn::FnArg::Receiver(_) => None,
                    })
                    .collect();
                let result = Ty::from_return(&function.signature.output);
                let body = function.body.as_ref();
                body.map(|body| literals(&known, &inputs, result.as_ref(), body)).unwrap_or_default()
            }
            _ => Literals::default(),
        };
        let found = Rc::new(found);
        self.literal_types.insert(index, Rc::clone(&found));
        found
    }
}
