//! What a fragment of a macro matched is opaque to the next macro to which it is handed on: `$e:expr` that matched `1` is no
//! literal `1` there, only an expression. rustc has invisible delimiters for this, which a token stream lacks here: what is
//! opaque is an invisible group that begins with a mark, the name of the fragment.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

/// What a mark begins with.
const MARK: &str = "__inert_fragment_";

/// Returns what a fragment matched with its mark; the tokens alone for `tt`, `ident` and `lifetime`, which are not opaque,
/// and for what has a mark.
pub(super) fn marked(fragment: &str, tokens: TokenStream) -> TokenStream {
    let known = || {
        let mut trees = tokens.clone().into_iter();
        trees.next().is_some_and(|first| read(&first).is_some()) && trees.next().is_none()
    };
    if matches!(fragment, "tt" | "ident" | "lifetime") || tokens.is_empty() || known() {
        return tokens;
    }
    let fragment = if fragment == "pat_param" { "pat" } else { fragment };
    let mark = TokenTree::Ident(Ident::new(&format!("{MARK}{fragment}"), Span::call_site()));
    let inner = std::iter::once(mark).chain(tokens).collect();
    TokenStream::from(TokenTree::Group(Group::new(Delimiter::None, inner)))
}

/// Returns the name of the fragment and its tokens, if the token is what a fragment matched.
pub(super) fn read(token: &TokenTree) -> Option<(String, Vec<TokenTree>)> {
    let TokenTree::Group(group) = token else { return None };
    if group.delimiter() != Delimiter::None {
        return None;
    }
    let mut inner = group.stream().into_iter();
    let TokenTree::Ident(mark) = inner.next()? else { return None };
    Some((mark.to_string().strip_prefix(MARK)?.to_owned(), inner.collect()))
}

/// Returns the tokens as the parser reads them, without marks. An expression of several tokens, and one in braces, remains
/// one unit: `$x * 2` with `1 + 1` or `{ 1 }`. If `whole`, everything of several tokens does, so that no number of tokens
/// changes.
pub(super) fn shown(tokens: TokenStream, whole: bool) -> TokenStream {
    let mut out = TokenStream::new();
    for token in tokens {
        if let Some((fragment, inner)) = read(&token) {
            let braces = matches!(inner.as_slice(), [TokenTree::Group(group)] if group.delimiter() == Delimiter::Brace);
            let unit = fragment == "expr" && (inner.len() > 1 || braces) || whole && inner.len() != 1;
            let inner = shown(inner.into_iter().collect(), whole);
            if unit {
                out.extend([TokenTree::Group(Group::new(Delimiter::None, inner))]);
            } else {
                out.extend(inner);
            }
            continue;
        }
        match token {
            TokenTree::Group(group) => {
                let mut new = Group::new(group.delimiter(), shown(group.stream(), whole));
                new.set_span(group.span());
                out.extend([TokenTree::Group(new)]);
            }
            other => out.extend([other]),
        }
    }
    out
}
