//! Resolves paths: names of modules, `use`, globs, and paths outside the script.

use super::Interp;
use super::items::{Definition, Item, Namespace};
use crate::logic::Guard;
use crate::semantics::crates::Crate;

impl Interp<'_> {
    /// Returns the definitions of a name in a module, each with its guard.
    pub(crate) fn lookup(
        &mut self,
        module: usize,
        name: &str,
        namespace: Namespace,
    ) -> Vec<(Guard, Definition)> {
        self.lookup_depth(module, name, namespace, 0)
    }

    pub(super) fn lookup_depth(
        &mut self,
        module: usize,
        name: &str,
        namespace: Namespace,
        depth: usize,
    ) -> Vec<(Guard, Definition)> {
        if depth > 16 {
            return Vec::new();
        }
        let mut out = Vec::new();
        for (guard, index) in self.modules[module].names.get(name).cloned().unwrap_or_default() {
            match &self.items[index] {
                Item::Use(path, from) => {
                    let (path, from) = (path.clone(), *from);
                    let from = self.start_of_use(from, &path);
                    // In edition 2015, `use cc;` would resolve to itself.
                    if path[0] == name {
                        out.push((guard, Definition::External(self.outside(&path))));
                        continue;
                    }
                    for (inner, definition) in self.resolve_depth(from, &path, namespace, depth + 1) {
                        let both = self.inputs.and(guard, inner);
                        out.push((both, definition));
                    }
                }
                item if fits(item, namespace) => out.push((guard, Definition::Item(index))),
                _ => {}
            }
        }
        if out.is_empty() {
            for (guard, path) in self.modules[module].globs.clone() {
                // Traits that a prelude imports are not resolved by name here; macros and prelude names of std need no
                // import.
                let outside = path
                    .first()
                    .is_some_and(|first| matches!(first.as_str(), "std" | "core" | "alloc" | "io"));
                if outside
                    && (namespace == Namespace::Macro || path.last().is_some_and(|last| last == "prelude"))
                {
                    continue;
                }
                let from = self.start_of_use(module, &path);
                let mut path = path;
                path.push(name.to_owned());
                for (inner, definition) in self.resolve_depth(from, &path, namespace, depth + 1) {
                    // A glob of a type imports only its variants.
                    if let Definition::Member(item, _) = &definition
                        && !matches!(&self.items[*item], Item::Enum(item)
                            if item.variants.iter().any(|variant| variant.ident == name))
                    {
                        continue;
                    }
                    if let Definition::External(path) = &definition
                        && (!(self.models.knows)(path) || external(&[name.to_owned()]) != name)
                    {
                        continue;
                    }
                    let both = self.inputs.and(guard, inner);
                    out.push((both, definition));
                }
                if !out.is_empty() {
                    break;
                }
            }
        }
        out
    }

    /// Returns the module in which the path of a `use` begins: in edition 2015 it is the root, whichever module has the
    /// `use`.
    fn start_of_use(&self, module: usize, path: &[String]) -> usize {
        let relative = path.first().is_some_and(|first| matches!(first.as_str(), "self" | "super"));
        if self.source.edition == "2015" && !relative { 0 } else { module }
    }

    /// Returns the definitions of a path in a module, each with its guard.
    pub(crate) fn resolve(
        &mut self,
        module: usize,
        path: &[String],
        namespace: Namespace,
    ) -> Vec<(Guard, Definition)> {
        self.resolve_depth(module, path, namespace, 0)
    }

    pub(super) fn resolve_depth(
        &mut self,
        module: usize,
        path: &[String],
        namespace: Namespace,
        depth: usize,
    ) -> Vec<(Guard, Definition)> {
        let Some((first, rest)) = path.split_first() else { return Vec::new() };
        let mut module = module;
        let found = match first.as_str() {
            "::" => return vec![(Guard::TRUE, Definition::External(self.outside(rest)))],
            "crate" => {
                return self.resolve_in(0, rest, namespace, depth);
            }
            "self" => return self.resolve_in(module, rest, namespace, depth),
            "super" => {
                let parent = self.modules[module].parent.unwrap_or(0);
                let mut rest = rest;
                let mut at = parent;
                while rest.first().is_some_and(|segment| segment == "super") {
                    at = self.modules[at].parent.unwrap_or(0);
                    rest = &rest[1..];
                }
                return self.resolve_in(at, rest, namespace, depth);
            }
            "std" | "core" | "alloc" => return vec![(Guard::TRUE, Definition::External(external(path)))],
            name => {
                let wanted = if rest.is_empty() { namespace } else { Namespace::Type };
                loop {
                    let found = self.lookup_depth(module, name, wanted, depth + 1);
                    // Items in a block see the items around the block.
                    match self.modules[module].parent {
                        Some(parent) if found.is_empty() => module = parent,
                        _ => break found,
                    }
                }
            }
        };
        if found.is_empty() {
            return vec![(Guard::TRUE, Definition::External(self.outside(path)))];
        }
        self.below(found, rest, namespace, depth)
    }

    pub(super) fn resolve_in(
        &mut self,
        module: usize,
        path: &[String],
        namespace: Namespace,
        depth: usize,
    ) -> Vec<(Guard, Definition)> {
        let Some((first, rest)) = path.split_first() else { return Vec::new() };
        if first == "super" || first == "self" {
            return self.resolve_depth(module, path, namespace, depth + 1);
        }
        let wanted = if rest.is_empty() { namespace } else { Namespace::Type };
        let found = self.lookup_depth(module, first, wanted, depth + 1);
        self.below(found, rest, namespace, depth)
    }

    /// Returns a path that begins outside the script: with a crate or with std.
    fn outside(&self, path: &[String]) -> String {
        let Some((first, rest)) = path.split_first() else { return String::new() };
        match crate::semantics::crates::known(first, self.source.build_dependencies.get(first)) {
            None => external(path),
            Some(Crate::Modelled(name)) => {
                let mut path = vec![name];
                path.extend(rest.iter().cloned());
                external(&path)
            }
            // No model recognises this prefix, since no path can contain a space.
            Some(Crate::Other) => format!("crate {}", external(path)),
        }
    }

    /// Resolves the rest of a path relative to the definitions of its beginning.
    fn below(
        &mut self,
        found: Vec<(Guard, Definition)>,
        rest: &[String],
        namespace: Namespace,
        depth: usize,
    ) -> Vec<(Guard, Definition)> {
        if rest.is_empty() {
            return found;
        }
        let mut out = Vec::new();
        for (guard, definition) in found {
            match definition {
                Definition::External(prefix) => {
                    let mut full = vec![prefix];
                    full.extend(rest.iter().cloned());
                    out.push((guard, Definition::External(external(&full))));
                }
                Definition::Member(_, name) => out.push((guard, Definition::External(name))),
                Definition::Item(index) => match &self.items[index] {
                    Item::Module(inner) => {
                        let inner = *inner;
                        for (also, definition) in self.resolve_in(inner, rest, namespace, depth) {
                            let both = self.inputs.and(guard, also);
                            out.push((both, definition));
                        }
                    }
                    // A type or trait contains variants and associated items, which contain nothing further.
                    Item::Struct(_) | Item::Enum(_) | Item::Alias(_) | Item::Trait => match rest {
                        [name] => out.push((guard, Definition::Member(index, name.clone()))),
                        _ => out.push((guard, Definition::External(rest.join("::")))),
                    },
                    _ => out.push((guard, Definition::External(rest.join("::")))),
                },
            }
        }
        out
    }
}

pub(super) fn fits(item: &Item, namespace: Namespace) -> bool {
    match item {
        Item::Function(_) | Item::Const { .. } => namespace == Namespace::Value,
        Item::Struct(..) => namespace != Namespace::Macro,
        Item::Macro(..) => namespace == Namespace::Macro,
        Item::Enum(..) | Item::Alias(_) | Item::Module(_) | Item::Trait => namespace == Namespace::Type,
        Item::Use(..) => true,
    }
}

/// Returns the canonical form of a path outside the script: `std` for `core` and `alloc`, and full paths for names of
/// the prelude.
pub(crate) fn external(path: &[String]) -> String {
    let joined = path.join("::");
    let (first, rest) =
        joined.split_once("::").map_or((joined.as_str(), None), |(first, rest)| (first, Some(rest)));
    let first = match first {
        "core" | "alloc" => "std",
        "String" | "ToString" => "std::string::String",
        "Vec" => "std::vec::Vec",
        "Option" => "std::option::Option",
        "Result" => "std::result::Result",
        "Some" => "std::option::Option::Some",
        "None" => "std::option::Option::None",
        "Ok" => "std::result::Result::Ok",
        "Err" => "std::result::Result::Err",
        "Box" => "std::boxed::Box",
        "Default" => "std::default::Default",
        other => other,
    };
    let full = match rest {
        Some(rest) => format!("{first}::{rest}"),
        None => first.to_owned(),
    };
    for (from, to) in [
        ("std::collections::hash_map::", "std::collections::"),
        ("std::collections::btree_map::", "std::collections::"),
        ("std::collections::hash_set::", "std::collections::"),
        ("std::prelude::v1::", ""),
    ] {
        if let Some(rest) = full.strip_prefix(from) {
            return format!("{to}{rest}");
        }
    }
    full
}
