//! Finds the variables that a `move` closure captures.

use std::collections::HashSet;
use std::rc::Rc;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;

use super::Interp;

/// Macros whose arguments hold all that they name.
const PLAIN: [&str; 14] = [
    "format",
    "format_args",
    "print",
    "println",
    "eprint",
    "eprintln",
    "write",
    "writeln",
    "vec",
    "panic",
    "assert",
    "assert_eq",
    "matches",
    "unreachable",
];

impl Interp<'_> {
    /// Collects the names in a closure. Gives `None` if the closure calls a macro whose body may name other variables.
    pub(super) fn names_of_closure(
        &mut self,
        key: usize,
        code: &syn::ExprClosure,
    ) -> Option<Rc<HashSet<String>>> {
        if let Some(known) = self.closure_names.get(&key) {
            return known.clone();
        }
        let mut names = HashSet::new();
        let found = collect(code.to_token_stream(), &mut names).then(|| Rc::new(names));
        self.closure_names.insert(key, found.clone());
        found
    }
}

fn collect(tokens: TokenStream, names: &mut HashSet<String>) -> bool {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, tree) in trees.iter().enumerate() {
        match tree {
            TokenTree::Group(group) => {
                if !collect(group.stream(), names) {
                    return false;
                }
            }
            TokenTree::Ident(name) => {
                let punct = |at: usize, wanted: char| matches!(trees.get(at), Some(TokenTree::Punct(one)) if one.as_char() == wanted);
                let called = punct(at + 1, '!') && !punct(at + 2, '=');
                if called && !PLAIN.iter().any(|plain| name == plain) {
                    return false;
                }
                names.insert(name.to_string());
            }
            TokenTree::Literal(literal) => names.extend(super::hygiene::shown(&literal.to_string())),
            TokenTree::Punct(_) => {}
        }
    }
    true
}
