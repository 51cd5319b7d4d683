//! The `cfg_aliases!` macro: entries `name: { predicate }` over the target's cfgs and other aliases.

use proc_macro2::{TokenStream, TokenTree};

use crate::interp::{Interp, split_commas};
use crate::logic::Guard;
use crate::value::Cases;

/// The maximum nesting of aliases; rustc would not compile more.
const MAX_DEPTH: usize = 100;

/// The aliases of a call with their predicates, in order. If a name occurs twice, its first entry counts.
type Aliases = [(String, TokenStream)];

/// Prints a `rustc-check-cfg` for each alias and, where its predicate holds, a `rustc-cfg`.
pub(crate) fn cfg_aliases(interp: &mut Interp<'_>, call: &syn::Macro) -> Cases {
    let Some(aliases) = read(&call.tokens) else {
        return interp.unknown("these cfg aliases are not understood");
    };
    for (name, body) in &aliases {
        let Some(guard) = predicate(interp, body.clone(), &aliases, 0) else {
            return interp.unknown(&format!("the predicate of the alias `{name}` is not understood"));
        };
        interp.print(&Cases::str(&format!("cargo:rustc-check-cfg=cfg({name})\n")));
        interp.branch(
            guard,
            |interp| interp.print(&Cases::str(&format!("cargo:rustc-cfg={name}\n"))),
            |_| Cases::unit(),
        );
    }
    if interp.dead() { Cases::never() } else { Cases::unit() }
}

/// Reads the entries `name: { predicate }, …`.
fn read(tokens: &TokenStream) -> Option<Vec<(String, TokenStream)>> {
    let mut aliases = Vec::new();
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut rest = tokens.as_slice();
    while let [TokenTree::Ident(name), TokenTree::Punct(colon), TokenTree::Group(body), more @ ..] = rest {
        if colon.as_char() != ':' {
            return None;
        }
        aliases.push((name.to_string(), body.stream()));
        rest = match more {
            [TokenTree::Punct(comma), more @ ..] if comma.as_char() == ',' => more,
            more => more,
        };
    }
    rest.is_empty().then_some(aliases)
}

fn predicate(interp: &mut Interp<'_>, tokens: TokenStream, aliases: &Aliases, depth: usize) -> Option<Guard> {
    if depth > MAX_DEPTH || !interp.step() {
        return None;
    }
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    match tokens.as_slice() {
        [TokenTree::Ident(name), TokenTree::Group(group)] => {
            let parts: Option<Vec<Guard>> = split_commas(group.stream())
                .into_iter()
                .map(|part| predicate(interp, part, aliases, depth + 1))
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
            if let Some((_, body)) = aliases.iter().find(|(known, _)| *known == name) {
                return predicate(interp, body.clone(), aliases, depth + 1);
            }
            // The macro tests whether `CARGO_CFG_<NAME>` is set.
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
            // The macro splits the variable at commas and compares each value.
            Some(interp.target_key(&key, &value))
        }
        // The predicate may be wrapped in another `{ … }`.
        [TokenTree::Group(group)] => predicate(interp, group.stream(), aliases, depth + 1),
        _ => None,
    }
}
