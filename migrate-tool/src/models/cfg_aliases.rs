//! The `cfg_aliases!` macro: `name: { predicate }`, over the target's cfgs and aliases before it.

use std::collections::HashMap;

use proc_macro2::{TokenStream, TokenTree};

use crate::interp::{Interp, split_commas};
use crate::logic::Guard;
use crate::value::Gv;

/// Prints a `rustc-check-cfg` and, where the predicate holds, a `rustc-cfg` for each alias.
pub(crate) fn cfg_aliases(interp: &mut Interp<'_>, call: &syn::Macro) -> Gv {
    let mut aliases: HashMap<String, Guard> = HashMap::new();
    let tokens: Vec<TokenTree> = call.tokens.clone().into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        let (TokenTree::Ident(name), Some(TokenTree::Punct(colon)), Some(TokenTree::Group(body))) =
            (&tokens[at], tokens.get(at + 1), tokens.get(at + 2))
        else {
            return interp.unknown("these cfg aliases are not understood");
        };
        if colon.as_char() != ':' {
            return interp.unknown("these cfg aliases are not understood");
        }
        let name = name.to_string();
        let Some(guard) = predicate(interp, body.stream(), &aliases) else {
            return interp.unknown(&format!("the predicate of the alias `{name}` is not understood"));
        };
        interp.print(&Gv::str(&format!("cargo:rustc-check-cfg=cfg({name})\n")));
        interp.branch(
            guard,
            |interp| interp.print(&Gv::str(&format!("cargo:rustc-cfg={name}\n"))),
            |_| Gv::unit(),
        );
        aliases.insert(name, guard);
        at += 3;
        if matches!(tokens.get(at), Some(TokenTree::Punct(comma)) if comma.as_char() == ',') {
            at += 1;
        }
    }
    if interp.dead() { Gv::never() } else { Gv::unit() }
}

fn predicate(
    interp: &mut Interp<'_>,
    tokens: TokenStream,
    aliases: &HashMap<String, Guard>,
) -> Option<Guard> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    match tokens.as_slice() {
        [TokenTree::Ident(name), TokenTree::Group(group)] => {
            let parts: Option<Vec<Guard>> = split_commas(group.stream())
                .into_iter()
                .map(|part| predicate(interp, part, aliases))
                .collect();
            let parts = parts?;
            Some(match name.to_string().as_str() {
                "all" => parts.into_iter().fold(Guard::TRUE, |a, b| interp.inputs.and(a, b)),
                "any" => parts.into_iter().fold(Guard::FALSE, |a, b| interp.inputs.or(a, b)),
                "not" => interp.inputs.not(*parts.first()?),
                _ => return None,
            })
        }
        [TokenTree::Ident(name)] => {
            let name = name.to_string();
            if let Some(known) = aliases.get(&name) {
                return Some(*known);
            }
            // The macro asks whether `CARGO_CFG_<NAME>` is set.
            let found = interp.variable_of(&format!("CARGO_CFG_{}", name.to_uppercase().replace('-', "_")));
            Some(interp.some_of(&found).0)
        }
        [TokenTree::Ident(key), TokenTree::Punct(eq), TokenTree::Literal(value)] if eq.as_char() == '=' => {
            let value = syn::parse_str::<syn::LitStr>(&value.to_string()).ok()?.value();
            let key = key.to_string();
            if key == "feature" {
                let variable = format!("CARGO_FEATURE_{}", value.to_uppercase().replace('-', "_"));
                let found = interp.variable_of(&variable);
                return Some(interp.some_of(&found).0);
            }
            // The macro compares with the values split at commas.
            Some(interp.target_key(&key, &value))
        }
        // `{ … }` may wrap the whole once more.
        [TokenTree::Group(group)] => predicate(interp, group.stream(), aliases),
        _ => None,
    }
}
