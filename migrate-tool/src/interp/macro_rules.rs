//! `macro_rules!` of the script: matching and transcription.

use std::cell::Cell;
use std::collections::HashMap;

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream, Parser};

use super::opaque;

/// The tokens that a fragment matched, or the bindings of each round of a repetition.
#[derive(Debug, Clone)]
enum Bound {
    Tokens(TokenStream),
    Rounds(Vec<HashMap<String, Bound>>),
}

type Binds = HashMap<String, Bound>;

/// The maximum number of tokens in a call and in its expansion, since macros that double their input would give 2^n.
const MOST_TOKENS: usize = 20_000;

/// Returns the number of tokens, including those in groups.
fn count(tokens: &TokenStream) -> usize {
    let one = |token: TokenTree| match token {
        TokenTree::Group(group) => 1 + count(&group.stream()),
        _ => 1,
    };
    tokens.clone().into_iter().map(one).sum()
}

/// The circumstances of an expansion.
struct Context<'a> {
    /// True if the fragment `pat` accepts alternatives (`A | B`) at its top, as it does from edition 2021 on.
    alternatives: bool,
    /// Returns whether the script has a macro of this name.
    is_own: &'a dyn Fn(&str) -> bool,
    /// True once the expansion has met a rule of which it is not known whether it matches.
    unclear: Cell<bool>,
}

impl Context<'_> {
    fn unclear<T>(&self) -> Option<T> {
        self.unclear.set(true);
        None
    }
}

/// Expands a call in a script of an edition; `None` if the result is too large, if no rule is found to match, or if it
/// is not known which rule matches. `is_own` says whether the script has a macro of a name.
pub(crate) fn expand(
    item: &syn::ItemMacro,
    input: TokenStream,
    edition: &str,
    is_own: &dyn Fn(&str) -> bool,
) -> Option<TokenStream> {
    let alternatives = !matches!(edition, "2015" | "2018");
    let context = Context { alternatives, is_own, unclear: Cell::new(false) };
    if count(&input) > MOST_TOKENS {
        return None;
    }
    let tokens: Vec<TokenTree> = item.mac.tokens.clone().into_iter().collect();
    let mut at = 0;
    while at + 3 < tokens.len() {
        let (TokenTree::Group(pattern), TokenTree::Group(body)) = (&tokens[at], &tokens[at + 3]) else {
            return None;
        };
        let pattern: Vec<TokenTree> = pattern.stream().into_iter().collect();
        let given: Vec<TokenTree> = input.clone().into_iter().collect();
        let mut binds = Binds::new();
        let rest = match_list(&pattern, &given, &mut binds, &context);
        if context.unclear.get() {
            return None;
        }
        if rest.is_some_and(<[TokenTree]>::is_empty) {
            let mut left = MOST_TOKENS;
            let body: Vec<TokenTree> = body.stream().into_iter().collect();
            return transcribe(&body, &binds, &mut left, &context, false);
        }
        at += 4;
        if matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ';') {
            at += 1;
        }
    }
    None
}

fn match_list<'t>(
    pattern: &[TokenTree],
    mut input: &'t [TokenTree],
    binds: &mut Binds,
    context: &Context<'_>,
) -> Option<&'t [TokenTree]> {
    let mut at = 0;
    while at < pattern.len() {
        match &pattern[at] {
            TokenTree::Punct(dollar) if dollar.as_char() == '$' => match pattern.get(at + 1)? {
                TokenTree::Ident(name) => {
                    let TokenTree::Ident(kind) = pattern.get(at + 3)? else { return None };
                    let kind = kind.to_string();
                    // Before edition 2021, `pat` has no alternatives (`A | B`) at its top.
                    let kind =
                        if kind == "pat" && !context.alternatives { "pat_param" } else { kind.as_str() };
                    let (matched, rest) = match_fragment(kind, input, context)?;
                    binds.insert(name.to_string(), Bound::Tokens(opaque::marked(kind, matched)));
                    input = rest;
                    at += 4;
                }
                TokenTree::Group(group) => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    let (separator, operator, length) = repetition(&pattern[at + 2..])?;
                    let mut rounds = Vec::new();
                    loop {
                        if input.is_empty() && !inner.is_empty() {
                            break;
                        }
                        let mut try_input = input;
                        if !rounds.is_empty()
                            && let Some(separator) = &separator
                        {
                            match try_input.first() {
                                Some(first) if same(first, separator) && length_of_token(try_input) == 1 => {
                                    try_input = &try_input[1..];
                                }
                                _ => break,
                            }
                        }
                        let mut round = Binds::new();
                        match match_list(&inner, try_input, &mut round, context) {
                            Some(rest) if rest.len() < input.len() => {
                                rounds.push(round);
                                input = rest;
                            }
                            _ => break,
                        }
                        if operator == '?' {
                            break;
                        }
                    }
                    if operator == '+' && rounds.is_empty() {
                        return None;
                    }
                    for name in names_in(&inner) {
                        binds.insert(name, Bound::Rounds(rounds.clone()));
                    }
                    at += 2 + length;
                }
                _ => return None,
            },
            TokenTree::Group(group) => {
                let TokenTree::Group(given) = input.first()? else { return None };
                if given.delimiter() != group.delimiter() {
                    return None;
                }
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                let given: Vec<TokenTree> = given.stream().into_iter().collect();
                if !match_list(&inner, &given, binds, context)?.is_empty() {
                    return None;
                }
                input = &input[1..];
                at += 1;
            }
            _ => {
                let length = length_of_token(&pattern[at..]);
                let (given, rest) = input.split_at_checked(length_of_token(input))?;
                let pattern = pattern.get(at..at + length)?;
                if given.len() != length || !given.iter().zip(pattern).all(|(given, one)| same(given, one)) {
                    return None;
                }
                input = rest;
                at += length;
            }
        }
    }
    Some(input)
}

/// Rust's operators of several characters, longest first.
const OPERATORS: [&str; 25] = [
    "<<=", ">>=", "...", "..=", "==", "!=", "<=", ">=", "&&", "||", "<<", ">>", "+=", "-=", "*=", "/=", "%=",
    "^=", "&=", "|=", "..", "::", "->", "=>", "<-",
];

/// Returns the number of elements of the stream that are one token to rustc: an operator such as `::` and a lifetime are
/// several here. It is 1 for every other token, and for no token.
fn length_of_token(tokens: &[TokenTree]) -> usize {
    let mut run = String::new();
    for token in tokens.iter().take(3) {
        match token {
            TokenTree::Punct(quote) if quote.as_char() == '\'' && run.is_empty() => return 2,
            TokenTree::Punct(mark) => {
                run.push(mark.as_char());
                if mark.spacing() == Spacing::Alone {
                    break;
                }
            }
            _ => break,
        }
    }
    OPERATORS.iter().find(|operator| run.starts_with(**operator)).map_or(1, |operator| operator.len())
}

fn names_in(pattern: &[TokenTree]) -> Vec<String> {
    let mut out = Vec::new();
    for (at, token) in pattern.iter().enumerate() {
        match token {
            TokenTree::Group(group) => out.extend(names_in(&group.stream().into_iter().collect::<Vec<_>>())),
            TokenTree::Punct(dollar) if dollar.as_char() == '$' => {
                if let Some(TokenTree::Ident(name)) = pattern.get(at + 1) {
                    out.push(name.to_string());
                }
            }
            _ => {}
        }
    }
    out
}

/// Reads the operator of a repetition: the separator, the operator, and the number of their tokens.
fn repetition(tokens: &[TokenTree]) -> Option<(Option<TokenTree>, char, usize)> {
    let operator = |token: &TokenTree| match token {
        TokenTree::Punct(punct) if matches!(punct.as_char(), '*' | '+' | '?') => Some(punct.as_char()),
        _ => None,
    };
    if let Some(operator) = operator(tokens.first()?) {
        return Some((None, operator, 1));
    }
    Some((Some(tokens[0].clone()), operator(tokens.get(1)?)?, 2))
}

fn same(a: &TokenTree, b: &TokenTree) -> bool {
    match (a, b) {
        (TokenTree::Punct(a), TokenTree::Punct(b)) => a.as_char() == b.as_char(),
        (TokenTree::Group(_), _) | (_, TokenTree::Group(_)) => false,
        _ => a.to_string() == b.to_string(),
    }
}

struct Prefix<T> {
    rest: TokenStream,
    _parsed: std::marker::PhantomData<T>,
}

impl Prefix<()> {
    /// Returns the tokens after the longest beginning that `parser` accepts.
    fn parse_with<T>(
        parser: fn(ParseStream<'_>) -> syn::Result<T>,
        tokens: TokenStream,
    ) -> Option<TokenStream> {
        let rest = |input: ParseStream<'_>| {
            parser(input)?;
            input.parse::<TokenStream>()
        };
        rest.parse2(tokens).ok()
    }
}

impl<T: Parse> Parse for Prefix<T> {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        T::parse(input)?;
        Ok(Self { rest: input.parse()?, _parsed: std::marker::PhantomData })
    }
}

fn match_fragment<'t>(
    kind: &str,
    input: &'t [TokenTree],
    context: &Context<'_>,
) -> Option<(TokenStream, &'t [TokenTree])> {
    if let Some((known, inner)) = input.first().and_then(opaque::read) {
        let literal = || match_fragment("literal", &inner, context).is_some_and(|(_, rest)| rest.is_empty());
        match kind {
            "tt" => {}
            "ident" | "lifetime" => return None,
            // An expression that is a literal is one to this fragment, too.
            "literal" => {
                return (matches!(known.as_str(), "expr" | "literal") && literal())
                    .then(|| (inner.into_iter().collect(), &input[1..]));
            }
            "expr" if known == "expr" || known == "literal" => {}
            _ if kind == known && input.len() == 1 => return Some((inner.into_iter().collect(), &[])),
            "ty" if known == "ty" => {}
            _ => return context.unclear(),
        }
    }
    let take = |count: usize| -> Option<(TokenStream, &'t [TokenTree])> {
        let (matched, rest) = input.split_at_checked(count)?;
        Some((matched.iter().cloned().collect(), rest))
    };
    let all = || opaque::shown(input.iter().cloned().collect(), true);
    let parsed = match kind {
        "tt" => return take(length_of_token(input)),
        "ident" => {
            return matches!(input.first(), Some(TokenTree::Ident(name)) if name != "_").then(|| take(1))?;
        }
        "literal" => {
            return match input {
                [TokenTree::Literal(_), ..] => take(1),
                [TokenTree::Ident(name), ..] if name == "true" || name == "false" => take(1),
                [TokenTree::Punct(minus), TokenTree::Literal(_), ..] if minus.as_char() == '-' => take(2),
                _ => None,
            };
        }
        "lifetime" => {
            return match input {
                [TokenTree::Punct(quote), TokenTree::Ident(_), ..] if quote.as_char() == '\'' => take(2),
                _ => None,
            };
        }
        "block" => {
            let braces = |group: &Group| group.delimiter() == Delimiter::Brace;
            return matches!(input.first(), Some(TokenTree::Group(group)) if braces(group))
                .then(|| take(1))?;
        }
        "pat" => Prefix::parse_with(syn::Pat::parse_multi_with_leading_vert, all()),
        "pat_param" => Prefix::parse_with(syn::Pat::parse_single, all()),
        // These are expressions to syn alone.
        "expr" if matches!(input.first(), Some(TokenTree::Ident(name)) if name == "_" || name == "let") => {
            return None;
        }
        "expr" => Prefix::<syn::Expr>::parse.parse2(all()).ok().map(|parsed| parsed.rest),
        "ty" => Prefix::<syn::Type>::parse.parse2(all()).ok().map(|parsed| parsed.rest),
        "path" => Prefix::<syn::Path>::parse.parse2(all()).ok().map(|parsed| parsed.rest),
        "item" => Prefix::<syn::Item>::parse.parse2(all()).ok().map(|parsed| parsed.rest),
        // syn's statement has its semicolon, which this fragment leaves.
        "stmt" => return context.unclear(),
        "vis" => Prefix::<syn::Visibility>::parse.parse2(all()).ok().map(|parsed| parsed.rest),
        "meta" => Prefix::<syn::Meta>::parse.parse2(all()).ok().map(|parsed| parsed.rest),
        _ => return None,
    };
    let Some(rest) = parsed else {
        // syn does not read every fragment that stands in a group of its own.
        let any = input.iter().any(|token| opaque::read(token).is_some());
        return if any { context.unclear() } else { None };
    };
    let left = rest.into_iter().count();
    let count = input.len().checked_sub(left)?;
    let (matched, rest) = input.split_at_checked(count)?;
    let matched: TokenStream = matched.iter().cloned().collect();
    Some((matched, rest))
}

/// Writes a rule's body with what its fragments matched. `handed_on` is whether the body is in the arguments of a call of
/// another macro of the script.
fn transcribe(
    body: &[TokenTree],
    binds: &Binds,
    left: &mut usize,
    context: &Context<'_>,
    handed_on: bool,
) -> Option<TokenStream> {
    let mut out = TokenStream::new();
    let mut at = 0;
    while at < body.len() {
        match &body[at] {
            TokenTree::Punct(dollar) if dollar.as_char() == '$' => match body.get(at + 1)? {
                TokenTree::Ident(name) if name == "crate" => {
                    out.extend([body[at + 1].clone()]);
                    at += 2;
                }
                TokenTree::Ident(name) => {
                    match binds.get(&name.to_string())? {
                        Bound::Tokens(tokens) => {
                            *left = left.checked_sub(count(tokens))?;
                            out.extend(if handed_on {
                                tokens.clone()
                            } else {
                                opaque::shown(tokens.clone(), false)
                            });
                        }
                        Bound::Rounds(_) => return None,
                    }
                    at += 2;
                }
                TokenTree::Group(group) => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    let (separator, _, length) = repetition(&body[at + 2..])?;
                    let mut rounds: Option<Vec<Binds>> = None;
                    for name in names_in(&inner) {
                        if let Some(Bound::Rounds(found)) = binds.get(&name) {
                            match &mut rounds {
                                None => rounds = Some(found.clone()),
                                Some(rounds) if rounds.len() == found.len() => {
                                    for (round, more) in rounds.iter_mut().zip(found) {
                                        round.extend(more.clone());
                                    }
                                }
                                Some(_) => return None,
                            }
                        }
                    }
                    // A name that is bound once is available in every round; names of other repetitions are not.
                    let once = |bound: &Bound| matches!(bound, Bound::Tokens(_));
                    let around: Binds = names_in(&inner)
                        .into_iter()
                        .filter_map(|name| {
                            Some((name.clone(), binds.get(&name).filter(|one| once(one))?.clone()))
                        })
                        .collect();
                    for (index, round) in rounds?.into_iter().enumerate() {
                        if index > 0
                            && let Some(separator) = &separator
                        {
                            out.extend([separator.clone()]);
                        }
                        let mut all = around.clone();
                        all.extend(round);
                        out.extend(transcribe(&inner, &all, left, context, handed_on)?);
                    }
                    at += 2 + length;
                }
                _ => return None,
            },
            TokenTree::Group(group) => {
                let called = match &body[..at] {
                    // The macro's name is a fragment itself: whose macro it is, is not known here.
                    [.., TokenTree::Punct(dollar), TokenTree::Ident(_), TokenTree::Punct(mark)]
                        if dollar.as_char() == '$' && mark.as_char() == '!' =>
                    {
                        return context.unclear();
                    }
                    [.., TokenTree::Ident(name), TokenTree::Punct(mark)] if mark.as_char() == '!' => {
                        (context.is_own)(&name.to_string())
                    }
                    _ => false,
                };
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                let inner = transcribe(&inner, binds, left, context, handed_on || called)?;
                let mut new = Group::new(group.delimiter(), inner);
                new.set_span(group.span());
                out.extend([TokenTree::Group(new)]);
                at += 1;
            }
            token => {
                *left = left.checked_sub(1)?;
                out.extend([token.clone()]);
                at += 1;
            }
        }
    }
    Some(out)
}
