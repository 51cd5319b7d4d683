//! Files, modules and the items that they declare.

use std::collections::HashMap;
use std::rc::Rc;

use super::dispatch::{Candidate, NAMELESS, TraitImpl};
use super::{Interp, Ty};
use crate::logic::Guard;

/// A module, with the names that it declares.
#[derive(Debug, Default)]
pub(crate) struct Module {
    pub(crate) parent: Option<usize>,
    pub(crate) names: HashMap<String, Vec<(Guard, usize)>>,
    /// The globs of the module: `use a::b::*`.
    pub(crate) globs: Vec<(Guard, Vec<String>)>,
    pub(crate) file: usize,
    /// The folder in which `mod x;` finds its file.
    pub(crate) folder: String,
}

/// A function and its surroundings.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) signature: syn::Signature,
    pub(crate) body: Option<syn::Block>,
    pub(crate) module: usize,
    pub(crate) file: usize,
    pub(crate) self_type: Option<Rc<str>>,
    /// True if it is in an `impl` for `&mut Type`, so that its `self` is a `&mut` reference.
    pub(crate) for_mutable: bool,
}

/// The meaning of a name.
#[derive(Debug, Clone)]
pub(crate) enum Item {
    Function(Rc<Function>),
    /// A `const` or a `static`.
    Const {
        storage: Storage,
        value: Rc<syn::Expr>,
        ty: Option<Ty>,
        module: usize,
        file: usize,
        self_type: Option<Rc<str>>,
    },
    Struct(Rc<syn::ItemStruct>),
    Enum(Rc<syn::ItemEnum>),
    Alias(Option<Ty>),
    Module(usize),
    Use(Vec<String>, usize),
    Macro(Rc<syn::ItemMacro>),
    Trait,
}

/// The storage of a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Storage {
    /// A `const`: each use creates the value anew.
    Const,
    /// A `static`: its value is stored in one place.
    Static,
    /// A `static mut`: its value is stored in one place, and can be changed.
    StaticMut,
}

/// The definition that a path refers to.
#[derive(Debug, Clone)]
pub(crate) enum Definition {
    Item(usize),
    /// `Type::name` of a type, an alias or a trait of the script: a variant or an associated item.
    Member(usize, String),
    External(String),
}

/// The namespaces of Rust that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Namespace {
    Value,
    Type,
    Macro,
}

/// Returns quoted texts that may be values of a cfg, such as a target feature. Additional ones do no harm.
fn names_in_quotes(text: &str) -> impl Iterator<Item = String> {
    let word = |part: &&str| {
        (1..=40).contains(&part.len())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.+".contains(&byte))
    };
    text.split('"').filter(word).map(str::to_owned)
}

/// The maximum size of a source file, in bytes.
const MAX_SOURCE: usize = 1 << 20;
const MAX_FILES: usize = 200;

impl Interp<'_> {
    /// Parses a file of the package as a module.
    pub(crate) fn load_file(&mut self, path: &str, parent: Option<usize>) -> Option<usize> {
        let text = self.source_text(path)?;
        let file = match syn::parse_file(&text) {
            Ok(file) => file,
            Err(error) => {
                self.span = error.span();
                let file = self.files.len() - 1;
                if let Some(frame) = self.frames.last_mut() {
                    frame.file = file;
                }
                self.unknown(&format!("`{path}` does not parse as Rust: {error}"));
                return None;
            }
        };
        let folder = match path.rsplit_once('/') {
            Some((folder, name)) if parent.is_none() || name == "mod.rs" => folder.to_owned(),
            _ if parent.is_none() => String::new(),
            _ => path.trim_end_matches(".rs").to_owned(),
        };
        let module = self.new_module(parent, self.files.len() - 1, folder);
        self.reading.push(path.to_owned());
        self.declare_all(file.items, module);
        self.reading.pop();
        Some(module)
    }

    /// Returns the text of a file, after checking that the parser can handle it.
    pub(crate) fn source_text(&mut self, path: &str) -> Option<String> {
        if self.files.len() >= MAX_FILES {
            self.unknown("it has too many source files");
            return None;
        }
        if self.reading.iter().any(|outer| outer == path) {
            self.unknown(&format!("`{path}` includes itself"));
            return None;
        }
        let bytes = match self.source.read(path) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => {
                self.unknown(&format!("there is no file `{path}`"));
                return None;
            }
            Err(reason) => {
                self.unknown(&reason);
                return None;
            }
        };
        self.reads.insert(path.to_owned());
        if bytes.len() > MAX_SOURCE {
            self.unknown(&format!("`{path}` is too large to be read"));
            return None;
        }
        let Ok(text) = String::from_utf8(bytes) else {
            self.unknown(&format!("`{path}` is not UTF-8"));
            return None;
        };
        if super::nesting::too_deep(&text) {
            self.unknown(&format!("`{path}` nests too deeply"));
            return None;
        }
        self.files.push(path.to_owned());
        self.quoted.extend(names_in_quotes(&text));
        Some(text)
    }

    fn new_module(&mut self, parent: Option<usize>, file: usize, folder: String) -> usize {
        self.modules.push(Module { parent, file, folder, ..Module::default() });
        self.modules.len() - 1
    }

    /// Returns a new module for the items of a block; it sees the items of `parent`.
    pub(crate) fn block_module(&mut self, parent: usize) -> usize {
        let (file, folder) = (self.modules[parent].file, self.modules[parent].folder.clone());
        self.new_module(Some(parent), file, folder)
    }

    pub(crate) fn declare_all(&mut self, items: Vec<syn::Item>, module: usize) {
        for item in items {
            self.declare(item, module);
        }
    }

    /// Declares items that are compiled only where the guard holds.
    pub(crate) fn declare_where(&mut self, guard: Guard, declare: impl FnOnce(&mut Self)) {
        let around = self.declaring;
        self.declaring = guard;
        declare(self);
        self.declaring = around;
    }

    fn name(&mut self, module: usize, name: &str, guard: Guard, item: Item) -> usize {
        let is_other = |(at, known): (usize, &Module)| {
            let definitions = known.names.get(name).map_or(&[][..], Vec::as_slice);
            at != module && definitions.iter().any(|(_, known)| are_two_types(&self.items[*known], &item))
        };
        if self.modules.iter().enumerate().any(is_other) {
            self.types_of_two_modules.insert(name.to_owned());
        }
        self.items.push(item);
        let index = self.items.len() - 1;
        self.modules[module].names.entry(name.to_owned()).or_default().push((guard, index));
        index
    }

    /// Types are identified by their names alone, so two types of one name are residue.
    fn check_type_name(&mut self, name: &str, guard: Guard) {
        if crate::semantics::types::is_std_type(name) {
            self.unknown_where(guard, &format!("a type of the script is named as std's `{name}`"));
        }
        let same = |item: &Item| match item {
            Item::Struct(item) => item.ident == name,
            Item::Enum(item) => item.ident == name,
            _ => false,
        };
        let known: Vec<usize> = (0..self.items.len()).filter(|at| same(&self.items[*at])).collect();
        let known: Vec<Guard> = self
            .modules
            .iter()
            .flat_map(|module| module.names.get(name).into_iter().flatten())
            .filter(|(_, item)| known.contains(item))
            .map(|(guard, _)| *guard)
            .collect();
        for other in known {
            let both = self.inputs.and(other, guard);
            self.unknown_where(both, &format!("two types are named `{name}`"));
        }
    }

    /// Traits are identified by their names alone, too.
    fn check_trait_name(&mut self, name: &str, guard: Guard) {
        let mut known = Guard::FALSE;
        for module in 0..self.modules.len() {
            for (guard, item) in self.modules[module].names.get(name).cloned().unwrap_or_default() {
                if matches!(self.items[item], Item::Trait) {
                    known = self.inputs.or(known, guard);
                }
            }
        }
        let both = self.inputs.and(known, guard);
        self.unknown_where(both, &format!("two traits are named `{name}`"));
    }

    /// Declares an item in a module.
    pub(crate) fn declare(&mut self, item: syn::Item, module: usize) {
        let file = self.modules[module].file;
        let guard = self.attributes(item_attributes(&item));
        let guard = self.inputs.and(guard, self.declaring);
        if guard.is_false() {
            return;
        }
        match item {
            syn::Item::Fn(item) => {
                let name = item.sig.ident.to_string();
                let function = Function {
                    signature: item.sig,
                    body: Some(*item.block),
                    module,
                    file,
                    self_type: None,
                    for_mutable: false,
                };
                self.name(module, &name, guard, Item::Function(Rc::new(function)));
            }
            syn::Item::Const(item) => {
                let ty = Ty::from_syn(&item.ty);
                let name = item.ident.to_string();
                self.name(
                    module,
                    &name,
                    guard,
                    Item::Const {
                        storage: Storage::Const,
                        value: Rc::new(*item.expr),
                        ty,
                        module,
                        file,
                        self_type: None,
                    },
                );
            }
            syn::Item::Static(item) => {
                let storage = match item.mutability {
                    syn::StaticMutability::Mut(_) => Storage::StaticMut,
                    _ => Storage::Static,
                };
                let ty = Ty::from_syn(&item.ty);
                let name = item.ident.to_string();
                self.name(
                    module,
                    &name,
                    guard,
                    Item::Const { storage, value: Rc::new(*item.expr), ty, module, file, self_type: None },
                );
            }
            syn::Item::Struct(item) => {
                let name = item.ident.to_string();
                self.check_type_name(&name, guard);
                self.check_fields(&item.fields, guard);
                self.name(module, &name, guard, Item::Struct(Rc::new(item)));
            }
            syn::Item::Enum(item) => {
                let name = item.ident.to_string();
                self.check_type_name(&name, guard);
                for variant in &item.variants {
                    self.check_fields(&variant.fields, guard);
                }
                self.name(module, &name, guard, Item::Enum(Rc::new(item)));
            }
            syn::Item::Type(item) => {
                let parameters: Vec<Ty> = item
                    .generics
                    .params
                    .iter()
                    .map(|parameter| match parameter {
                        syn::GenericParam::Type(parameter) => Ty::named(&parameter.ident.to_string()),
                        _ => Ty::unknown(),
                    })
                    .filter(Ty::says_something)
                    .collect();
                let places: Vec<Ty> = (0..parameters.len()).map(Ty::parameter).collect();
                let ty = Ty::from_syn(&item.ty).map(|ty| ty.substituted(&parameters, &places));
                let name = item.ident.to_string();
                self.name(module, &name, guard, Item::Alias(ty));
            }
            syn::Item::Mod(item) => self.declare_module(item, module, guard),
            syn::Item::Use(item) => self.declare_use(&item.tree, Vec::new(), module, guard),
            syn::Item::ExternCrate(item) => {
                let name = item.rename.as_ref().map_or(&item.ident, |(_, name)| name).to_string();
                self.name(module, &name, guard, Item::Use(vec!["::".into(), item.ident.to_string()], module));
            }
            syn::Item::Macro(item) => match &item.ident {
                Some(name) => {
                    let name = name.to_string();
                    self.name(module, &name, guard, Item::Macro(Rc::new(item)));
                }
                None => self.item_macro(&item, module, guard),
            },
            syn::Item::Impl(item) => self.declare_impl(item, module, guard),
            syn::Item::Trait(item) => {
                let name: Rc<str> = Rc::from(item.ident.to_string());
                self.check_trait_name(&name, guard);
                self.name(module, &name.clone(), guard, Item::Trait);
                for member in item.items {
                    if let syn::TraitItem::Macro(_) = member {
                        self.unknown_where(guard, "functions that a macro writes into a trait are not known");
                    } else if let syn::TraitItem::Fn(member) = member
                        && member.default.is_some()
                    {
                        let method: Rc<str> = Rc::from(member.sig.ident.to_string());
                        let function = Function {
                            signature: member.sig,
                            body: member.default,
                            module,
                            file,
                            self_type: None,
                            for_mutable: false,
                        };
                        self.items.push(Item::Function(Rc::new(function)));
                        let index = self.items.len() - 1;
                        self.trait_defaults.entry(method).or_default().push((Rc::clone(&name), index));
                    }
                }
            }
            _ => {}
        }
    }

    fn declare_module(&mut self, item: syn::ItemMod, module: usize, guard: Guard) {
        let name = item.ident.to_string();
        let inner = match item.content {
            Some((_, items)) => {
                let folder = join(&self.modules[module].folder, &name);
                let inner = self.new_module(Some(module), self.modules[module].file, folder);
                self.declare_where(guard, |interp| interp.declare_all(items, inner));
                Some(inner)
            }
            None => {
                let path = item.attrs.iter().find(|attribute| attribute.path().is_ident("path")).and_then(
                    |attribute| match &attribute.meta {
                        syn::Meta::NameValue(pair) => match &pair.value {
                            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => {
                                Some(text.value())
                            }
                            _ => None,
                        },
                        _ => None,
                    },
                );
                let folder = self.modules[module].folder.clone();
                let path = match path {
                    Some(path) => join(&folder, &path),
                    None => {
                        let flat = join(&folder, &format!("{name}.rs"));
                        if matches!(self.source.kind(&flat), Ok(Some(false))) {
                            flat
                        } else {
                            join(&folder, &format!("{name}/mod.rs"))
                        }
                    }
                };
                // If the file is not found (as with `#[cfg_attr(…, path = …)]`), neither are the names that it would
                // declare.
                if !matches!(self.source.kind(&path), Ok(Some(false))) {
                    return;
                }
                let before = self.pc;
                self.pc = self.inputs.and(before, guard);
                let mut inner = None;
                self.declare_where(guard, |interp| inner = interp.load_file(&path, Some(module)));
                let lost = self.inputs.minus(before, guard);
                self.pc = if inner.is_some() { before } else { lost };
                inner
            }
        };
        if let Some(inner) = inner {
            self.name(module, &name, guard, Item::Module(inner));
        }
    }

    fn declare_use(&mut self, tree: &syn::UseTree, mut prefix: Vec<String>, module: usize, guard: Guard) {
        match tree {
            syn::UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                self.declare_use(&path.tree, prefix, module, guard);
            }
            syn::UseTree::Name(name) => {
                let mut local = name.ident.to_string();
                if local == "self" {
                    local = prefix.last().cloned().unwrap_or_default();
                } else {
                    prefix.push(local.clone());
                }
                self.name(module, &local, guard, Item::Use(prefix, module));
            }
            syn::UseTree::Rename(rename) => {
                if rename.ident != "self" {
                    prefix.push(rename.ident.to_string());
                }
                self.name(module, &rename.rename.to_string(), guard, Item::Use(prefix, module));
            }
            syn::UseTree::Glob(_) => self.modules[module].globs.push((guard, prefix)),
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.declare_use(tree, prefix.clone(), module, guard);
                }
            }
        }
    }

    /// Returns the type name under which the functions of an `impl` block are found: the name of a type of the script,
    /// the path of a type from outside, or the name for every type if the `impl` is for a type parameter.
    fn impl_owner(&mut self, item: &syn::ItemImpl, module: usize) -> Option<Rc<str>> {
        let mut ty = &*item.self_ty;
        while let syn::Type::Reference(inner) = ty {
            ty = &inner.elem;
        }
        if let syn::Type::Slice(_) | syn::Type::Array(_) = ty {
            return Some(Rc::from("[T]"));
        }
        let syn::Type::Path(path) = ty else { return None };
        let names: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let is_parameter = |one: &syn::TypeParam| names.len() == 1 && one.ident == names[0].as_str();
        if item.generics.type_params().any(is_parameter) {
            return Some(Rc::from(super::dispatch::BLANKET));
        }
        // Later items are not declared yet, so an unknown name is assumed to be a type of the script.
        let found = self.resolve(module, &names, Namespace::Type);
        match found.first() {
            Some((_, Definition::External(path))) if path.contains("::") => Some(Rc::from(path.as_str())),
            Some((_, Definition::Item(index))) => match &self.items[*index].clone() {
                // An alias keeps the last name alone, and a type from outside is found by its path.
                Item::Alias(Some(ty)) => {
                    match self.resolve(module, std::slice::from_ref(&ty.name), Namespace::Type).first() {
                        Some((_, Definition::External(path))) if path.contains("::") => {
                            Some(Rc::from(path.as_str()))
                        }
                        _ if ty.name == Ty::ARRAY => Some(Rc::from(Ty::SLICE)),
                        _ => Some(Rc::from(ty.name.as_str())),
                    }
                }
                Item::Struct(item) => Some(Rc::from(item.ident.to_string())),
                Item::Enum(item) => Some(Rc::from(item.ident.to_string())),
                _ => Some(Rc::from(names.last()?.as_str())),
            },
            _ => Some(Rc::from(names.last()?.as_str())),
        }
    }

    fn declare_impl(&mut self, item: syn::ItemImpl, module: usize, guard: Guard) {
        let name = self.impl_owner(&item, module).unwrap_or_else(|| Rc::from(NAMELESS));
        let file = self.modules[module].file;
        let by_reference = matches!(*item.self_ty, syn::Type::Reference(_));
        let for_mutable =
            matches!(&*item.self_ty, syn::Type::Reference(reference) if reference.mutability.is_some());
        let of = item.trait_.as_ref().and_then(|(_, path, _)| path.segments.last());
        let of: Option<Rc<str>> = of.map(|last| Rc::from(last.ident.to_string()));
        let mut written: Vec<(Rc<str>, Guard)> = Vec::new();
        for member in item.items {
            match member {
                syn::ImplItem::Fn(member) => {
                    let inner = self.attributes(&member.attrs);
                    let guard = self.inputs.and(guard, inner);
                    let method: Rc<str> = Rc::from(member.sig.ident.to_string());
                    written.push((Rc::clone(&method), guard));
                    let function = Function {
                        signature: member.sig,
                        body: Some(member.block),
                        module,
                        file,
                        self_type: Some(Rc::clone(&name)),
                        for_mutable,
                    };
                    self.items.push(Item::Function(Rc::new(function)));
                    let index = self.items.len() - 1;
                    let candidate = Candidate { guard, item: index, of: of.clone(), by_reference };
                    self.impls.entry((Rc::clone(&name), method)).or_default().push(candidate);
                }
                syn::ImplItem::Const(member) => {
                    let inner = self.attributes(&member.attrs);
                    let guard = self.inputs.and(guard, inner);
                    let self_type = Some(Rc::clone(&name));
                    let value = Item::Const {
                        storage: Storage::Const,
                        value: Rc::new(member.expr),
                        ty: Ty::from_syn(&member.ty),
                        module,
                        file,
                        self_type,
                    };
                    self.items.push(value);
                    let index = self.items.len() - 1;
                    let constant: Rc<str> = Rc::from(member.ident.to_string());
                    written.push((Rc::clone(&constant), guard));
                    let candidate = Candidate { guard, item: index, of: of.clone(), by_reference };
                    self.impls.entry((Rc::clone(&name), constant)).or_default().push(candidate);
                }
                syn::ImplItem::Macro(member) => {
                    let inner = self.attributes(&member.attrs);
                    let guard = self.inputs.and(guard, inner);
                    self.unknown_where(
                        guard,
                        "functions that a macro writes into an `impl` block are not known",
                    );
                }
                _ => {}
            }
        }
        if let Some(of) = of {
            self.trait_impls.push(TraitImpl { guard, owner: name, of, written, for_mutable });
        }
    }
}

fn item_attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::ExternCrate(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

pub(crate) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Returns whether the items define two types. A block declares its items anew whenever it is run.
fn are_two_types(one: &Item, other: &Item) -> bool {
    let place = |item: &Item| match item {
        Item::Struct(item) => Some(item.ident.span().byte_range()),
        Item::Enum(item) => Some(item.ident.span().byte_range()),
        _ => None,
    };
    match (one, other) {
        (Item::Alias(one), Item::Alias(other)) => one != other,
        (Item::Alias(_), other) => place(other).is_some(),
        (one, Item::Alias(_)) => place(one).is_some(),
        (one, other) => place(one).zip(place(other)).is_some_and(|(one, other)| one != other),
    }
}
