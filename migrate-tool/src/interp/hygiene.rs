//! Hygiene of the script's own macros. A variable that a macro's body binds differs from a variable of the same name in
//! the macro's arguments. Expansion here does not know this difference, so a macro in which one name may be either
//! variable is residue.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;

use super::{Interp, Item};

/// Names of variables in a stream, as far as tokens say: what follows a dot or stands before `!`, `::` or `(` is none,
/// and neither is what a `$` stands before. Names that a text shows by `{name}` are some.
pub(super) fn names(tokens: &TokenStream) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(tokens, &mut found);
    found
}

fn collect(tokens: &TokenStream, found: &mut BTreeSet<String>) {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let punct = |at: Option<usize>, wanted: char| {
        at.and_then(|at| trees.get(at))
            .is_some_and(|tree| matches!(tree, TokenTree::Punct(one) if one.as_char() == wanted))
    };
    for (at, tree) in trees.iter().enumerate() {
        match tree {
            TokenTree::Group(group) => collect(&group.stream(), found),
            TokenTree::Ident(name) => {
                let name = name.to_string();
                let before = at.checked_sub(1);
                let field = punct(before, '.') && !punct(at.checked_sub(2), '.');
                let path = punct(Some(at + 1), ':') && punct(Some(at + 2), ':');
                let path = path || punct(before, ':') && punct(at.checked_sub(2), ':');
                let called = punct(Some(at + 1), '!') && !punct(Some(at + 2), '=');
                let small = name.starts_with(|first: char| first.is_lowercase() || first == '_');
                if small && !field && !path && !called && !punct(before, '$') && !is_keyword(&name) {
                    found.insert(name);
                }
            }
            TokenTree::Literal(literal) => found.extend(shown(&literal.to_string())),
            TokenTree::Punct(_) => {}
        }
    }
}

/// Returns the names in `{name}` and `{name:…}` of a text.
pub(super) fn shown(text: &str) -> Vec<String> {
    let part = |part: &str| {
        let name: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        (!name.is_empty() && !name.starts_with(|first: char| first.is_ascii_digit())).then_some(name)
    };
    text.split('{').skip(1).filter_map(part).collect()
}

fn is_keyword(name: &str) -> bool {
    const WORDS: &str = "_ as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod \
        move mut pub ref return self static struct super trait true type unsafe use where while bool char str u8 u16 u32 u64 \
        u128 usize i8 i16 i32 i64 i128 isize f32 f64 std core alloc";
    WORDS.split_whitespace().any(|word| word == name)
}

/// The names of a macro's rules.
pub(crate) struct Names {
    /// The names that the bodies may bind.
    pub(super) bound: BTreeSet<String>,
    /// The names that the bodies mention.
    pub(super) named: BTreeSet<String>,
}

impl Names {
    pub(super) fn of(rules: &TokenStream) -> Self {
        Self { bound: bound_in_bodies(rules), named: named_in_bodies(rules) }
    }
}

impl Interp<'_> {
    /// Returns whether a macro of the script is meant by the name of a macro of std, which holds from the end of its
    /// definition on; `None` if that is not certain. A name that std does not have is known by rustc's accepting it.
    pub(super) fn takes_stds_place(&self, name: &str, call: &syn::Macro) -> Option<bool> {
        if !crate::semantics::is_std_macro(name) {
            return Some(true);
        }
        let of = |module: &super::items::Module| module.names.get(name).cloned().unwrap_or_default();
        let own = |(_, item): &(crate::logic::Guard, usize)| matches!(self.items[*item], Item::Macro(_));
        let found: Vec<usize> = self.modules.iter().flat_map(of).filter(own).map(|(_, item)| item).collect();
        let first = self.modules.first().is_some_and(|root| of(root).iter().any(own));
        match found.as_slice() {
            [] => Some(true),
            // Positions tell the order only within one file, and a macro in a block or a module ends with it.
            [only] if first && self.files.len() == 1 => match &self.items[*only] {
                Item::Macro(item) => {
                    let (end, at) = (item.span().end(), call.span().start());
                    Some((at.line, at.column) >= (end.line, end.column))
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// Returns the names that the bodies of a macro's rules may bind: every name in a body that binds anything.
fn bound_in_bodies(rules: &TokenStream) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for body in bodies(rules) {
        if binds(&body) {
            found.extend(names(&body));
        }
    }
    found
}

/// Returns every name in the bodies.
fn named_in_bodies(rules: &TokenStream) -> BTreeSet<String> {
    bodies(rules).iter().flat_map(names).collect()
}

/// Returns the bodies of the rules `pattern => body;`.
fn bodies(rules: &TokenStream) -> Vec<TokenStream> {
    let groups = rules.clone().into_iter().filter_map(|tree| match tree {
        TokenTree::Group(group) => Some(group.stream()),
        _ => None,
    });
    groups.skip(1).step_by(2).collect()
}

fn binds(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|tree| match tree {
        TokenTree::Group(group) => binds(&group.stream()),
        TokenTree::Ident(name) => {
            name == "let" || name == "for" || name == "ref" || name == "match" || name == "fn"
        }
        TokenTree::Punct(punct) => punct.as_char() == '|',
        TokenTree::Literal(_) => false,
    })
}
