//! Lists and texts that expressions and macros create.

use std::rc::Rc;

use syn::{Expr, Token, parse::Parser};

use super::{Interp, Ty};
use crate::logic::Guard;
use crate::value::{Cases, Items, SeqKind, Text, TextType, Value, type_of};

impl Interp<'_> {
    /// Returns a list whose elements have one type: the type of the first element that is fully known.
    pub(super) fn of_one_type(&mut self, mut items: Items) -> Cases {
        let known = items.iter().map(|(_, item)| type_of(item)).find(fully_known);
        if let Some(known) = known {
            if items.len() > 1 {
                for item in items.iter_mut() {
                    item.1 = self.typed(&item.1.clone(), Some(&known));
                }
            }
            items.element = Some(Rc::new(known));
        }
        Cases::seq(items)
    }

    /// Counts items that are copied, as the memory that they take.
    pub(crate) fn count_items(&mut self, items: usize) {
        self.text_bytes += 32 * items;
    }

    /// Returns a list that repeats one value.
    pub(super) fn repeated(&mut self, value: &Cases, count: &Cases, kind: SeqKind) -> Cases {
        let count = self.deref_all(count);
        self.each(&count, |interp, count| match count {
            Value::Int(count, _) if *count <= 65_536 => {
                if *count > 1 && value.0.iter().any(|(_, value)| interp.clones_by_itself(value, &[])) {
                    return interp.unknown("a copy that the script's own `clone` makes is not understood");
                }
                let count = usize::try_from(*count).unwrap_or_default();
                interp.count_items(count);
                let mut items = Items::with_capacity(count).of_kind(kind);
                for at in 0..count {
                    // The last element is the value itself; the others are clones of it.
                    let item = if at + 1 == count { value.clone() } else { interp.cloned(value) };
                    items.push((Guard::TRUE, item));
                }
                interp.of_one_type(items)
            }
            _ => interp.unknown("a list's length is not known"),
        })
    }

    /// Models `stringify!(…)` of one token. The spaces that rustc writes between several tokens are not specified.
    pub(super) fn stringify(&mut self, tokens: &proc_macro2::TokenStream) -> Cases {
        let trees: Vec<proc_macro2::TokenTree> = tokens.clone().into_iter().collect();
        let mut tree = match trees.as_slice() {
            [tree] => tree.clone(),
            _ => return self.unknown("how `stringify!` writes several tokens is not known"),
        };
        // A fragment that a macro of the script passes on is a group without delimiters.
        while let proc_macro2::TokenTree::Group(group) = &tree {
            let inner: Vec<proc_macro2::TokenTree> = group.stream().into_iter().collect();
            match (group.delimiter(), inner.as_slice()) {
                (proc_macro2::Delimiter::None, [inner]) => tree = inner.clone(),
                _ => return self.unknown("how `stringify!` writes several tokens is not known"),
            }
        }
        Cases::text(Text::lit(&tree.to_string()).typed(TextType::Str))
    }

    /// Returns texts with another type.
    pub(crate) fn text_as(&mut self, value: &Cases, ty: TextType) -> Cases {
        self.each(value, |_, value| match value {
            Value::Text(text) => Cases::text(text.clone().typed(ty)),
            other => Cases::of(other.clone()),
        })
    }

    /// Models `vec![a, b]` and `vec![value; count]`.
    pub(super) fn vec_macro(&mut self, call: &syn::Macro, hint: Option<&Ty>) -> Cases {
        let element = hint.filter(|hint| hint.name == "Vec").and_then(|hint| hint.args.first()).cloned();
        if let Some(args) = self.macro_arguments(call) {
            let mut items = Items::with_capacity(args.len()).of_kind(SeqKind::Vec);
            for arg in args.iter() {
                self.listed(arg, element.as_ref(), &mut items);
            }
            return if self.dead() { Cases::never() } else { self.of_one_type(items) };
        }
        let repeat = |input: syn::parse::ParseStream<'_>| {
            let value: Expr = input.parse()?;
            input.parse::<Token![;]>()?;
            let count: Expr = input.parse()?;
            Ok(vec![value, count])
        };
        let Ok(args) = repeat.parse2(call.tokens.clone()) else {
            return self.unknown("this `vec!` is not understood");
        };
        let key = std::ptr::from_ref(call) as usize;
        // These arguments are cached under another key, since they are not a plain list.
        let args = Rc::clone(self.macro_args.entry(key ^ usize::MAX).or_insert_with(|| Rc::new(args)));
        let value = self.expr(&args[0], element.as_ref());
        let count = self.expr(&args[1], Some(&Ty::named("usize")));
        self.repeated(&value, &count, SeqKind::Vec)
    }
}

/// Returns whether no part of a type is unknown.
fn fully_known(ty: &Ty) -> bool {
    ty.says_something() && ty.args.iter().all(fully_known)
}
