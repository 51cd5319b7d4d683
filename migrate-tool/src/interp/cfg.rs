//! `#[cfg]`, `cfg!` and version attributes in the script itself, which depend on the host, on features and on rustc.

use inert_manifest_spec::Fact;
use inert_manifest_spec::condition::Channel;
use proc_macro2::{TokenStream, TokenTree};
use syn::Attribute;

use super::Interp;
use crate::logic::inputs::Domain;
use crate::logic::{Guard, targets};

impl Interp<'_> {
    /// Returns where an item with these attributes is compiled.
    pub(crate) fn attributes(&mut self, attributes: &[Attribute]) -> Guard {
        let mut guard = Guard::TRUE;
        for attribute in attributes {
            let names: Vec<String> =
                attribute.path().segments.iter().map(|segment| segment.ident.to_string()).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let here = match names.as_slice() {
                ["cfg"] => match &attribute.meta {
                    syn::Meta::List(list) => self.cfg_tokens(list.tokens.clone()),
                    _ => Guard::TRUE,
                },
                ["rustversion", predicate] => {
                    let tokens = match &attribute.meta {
                        syn::Meta::List(list) => list.tokens.clone(),
                        _ => TokenStream::new(),
                    };
                    match self.rustversion(predicate, tokens) {
                        Some(guard) => guard,
                        None => {
                            self.unknown("this version attribute is not understood");
                            Guard::FALSE
                        }
                    }
                }
                _ => Guard::TRUE,
            };
            guard = self.inputs.and(guard, here);
        }
        guard
    }

    /// Returns where a cfg predicate holds for the script's own compilation.
    pub(crate) fn cfg_tokens(&mut self, tokens: TokenStream) -> Guard {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        match tokens.as_slice() {
            [TokenTree::Ident(name), TokenTree::Group(group)] => {
                let name = name.to_string();
                let parts: Vec<Guard> =
                    split_commas(group.stream()).into_iter().map(|part| self.cfg_tokens(part)).collect();
                match name.as_str() {
                    "all" => parts.into_iter().fold(Guard::TRUE, |guard, part| self.inputs.and(guard, part)),
                    "any" => parts.into_iter().fold(Guard::FALSE, |guard, part| self.inputs.or(guard, part)),
                    "not" => {
                        let inner = parts.first().copied().unwrap_or(Guard::FALSE);
                        self.inputs.not(inner)
                    }
                    _ => self.unknown_cfg(&name),
                }
            }
            [TokenTree::Ident(name)] => self.cfg_option(&name.to_string()),
            [TokenTree::Ident(key), TokenTree::Punct(eq), TokenTree::Literal(value)]
                if eq.as_char() == '=' =>
            {
                match syn::parse_str::<syn::LitStr>(&value.to_string()) {
                    Ok(value) => self.cfg_key(&key.to_string(), &value.value()),
                    Err(_) => self.unknown_cfg(&key.to_string()),
                }
            }
            [] => Guard::TRUE,
            _ => self.unknown_cfg("this predicate"),
        }
    }

    fn unknown_cfg(&mut self, name: &str) -> Guard {
        self.unknown(&format!("the cfg predicate `{name}` is not understood"));
        Guard::FALSE
    }

    fn cfg_option(&mut self, name: &str) -> Guard {
        match name {
            "unix" | "windows" => self.host_where(&|target| target.families.contains(&name)),
            "test" | "doc" | "doctest" | "miri" => Guard::FALSE,
            "true" => Guard::TRUE,
            "false" => Guard::FALSE,
            "debug_assertions" => self.debug_assertions(),
            _ => self.custom_host_cfg(name, None),
        }
    }

    /// Returns where the script has debug assertions: where its package has. The caller checks this assumption before
    /// the build.
    pub(super) fn debug_assertions(&mut self) -> Guard {
        self.assumes.debug_assertions_agree = true;
        self.inputs.fact(Fact::TargetOption("debug_assertions".to_owned()))
    }

    fn cfg_key(&mut self, key: &str, value: &str) -> Guard {
        if key == "feature" {
            return self.feature(value);
        }
        if targets::KEYS.contains(&key) {
            return self
                .host_where(&|target| target.values(key).is_some_and(|values| values.contains(&value)));
        }
        match key {
            "target_feature" | "panic" => {
                self.unknown(&format!("`{key}` of the script's own compilation is not known"));
                Guard::FALSE
            }
            _ => self.custom_host_cfg(key, Some(value)),
        }
    }

    /// Returns where a cfg that only flags can set holds. Whether flags apply to scripts depends on `--target`, so
    /// where such a flag is given, the script is residue.
    fn custom_host_cfg(&mut self, name: &str, value: Option<&str>) -> Guard {
        let set =
            self.inputs.fact(Fact::CustomCfg { name: name.to_owned(), value: value.map(str::to_owned) });
        self.unknown_where(set, &format!("`--cfg {name}` may or may not reach the script"));
        Guard::FALSE
    }

    pub(crate) fn host_where(&mut self, holds: &dyn Fn(&targets::Target) -> bool) -> Guard {
        let members: Vec<bool> = targets::all().iter().map(holds).collect();
        self.inputs.domain(Domain::Host, &|index| members[index])
    }

    /// Returns where a feature of the package is on; never, if there is no such feature.
    pub(crate) fn feature(&mut self, name: &str) -> Guard {
        if self.source.features.iter().any(|feature| feature == name) {
            self.inputs.fact(Fact::Feature(name.to_owned()))
        } else {
            Guard::FALSE
        }
    }

    /// Returns where a predicate of a version attribute holds: `since(1.60)`, `before(…)`, `stable`, `nightly`,
    /// `any(…)`, ….
    pub(crate) fn rustversion(&mut self, predicate: &str, tokens: TokenStream) -> Option<Guard> {
        let text = tokens.to_string().replace(' ', "");
        Some(match predicate {
            "since" => self.since(&text)?,
            "before" => {
                let since = self.since(&text)?;
                self.inputs.not(since)
            }
            "stable" if text.is_empty() => self.channel(Channel::Stable),
            "beta" if text.is_empty() => self.channel(Channel::Beta),
            "nightly" if text.is_empty() => {
                let (nightly, dev) = (self.channel(Channel::Nightly), self.channel(Channel::Dev));
                self.inputs.or(nightly, dev)
            }
            "stable" => {
                let stable = self.channel(Channel::Stable);
                let mut parts = text.split('.');
                let (major, minor) = (parts.next()?, parts.next()?.parse::<usize>().ok()?);
                if major != "1" {
                    return None;
                }
                let mut version = self.inputs.domain(Domain::Minor, &|at| at == minor);
                if let Some(patch) = parts.next() {
                    let patch: usize = patch.parse().ok()?;
                    let same = self.inputs.domain(Domain::Patch, &|at| at == patch);
                    version = self.inputs.and(version, same);
                }
                self.inputs.and(stable, version)
            }
            "all" | "any" | "not" => {
                let mut guards = Vec::new();
                for part in split_commas(tokens) {
                    let trees: Vec<TokenTree> = part.into_iter().collect();
                    let guard = match trees.as_slice() {
                        [TokenTree::Ident(name)] => {
                            self.rustversion(&name.to_string(), TokenStream::new())?
                        }
                        [TokenTree::Ident(name), TokenTree::Group(group)] => {
                            self.rustversion(&name.to_string(), group.stream())?
                        }
                        _ => return None,
                    };
                    guards.push(guard);
                }
                match predicate {
                    "all" => guards.into_iter().fold(Guard::TRUE, |a, b| self.inputs.and(a, b)),
                    "any" => guards.into_iter().fold(Guard::FALSE, |a, b| self.inputs.or(a, b)),
                    _ => self.inputs.not(*guards.first()?),
                }
            }
            _ => return None,
        })
    }

    fn since(&mut self, text: &str) -> Option<Guard> {
        let mut parts = text.split('.');
        if parts.next()? != "1" {
            return None;
        }
        let minor: u64 = parts.next()?.parse().ok()?;
        let patch: u64 = parts.next().map_or(Some(0), |patch| patch.parse().ok())?;
        Some(self.rustc_version_at_least(minor, patch))
    }

    /// Returns where rustc is at least 1.`minor`.`patch`.
    pub(crate) fn rustc_version_at_least(&mut self, minor: u64, patch: u64) -> Guard {
        let at_least = self.rustc_at_least(minor);
        if patch == 0 {
            return at_least;
        }
        let above = self.rustc_at_least(minor + 1);
        let patched = self.inputs.domain(Domain::Patch, &|at| at as u64 >= patch);
        let same = self.inputs.and(at_least, patched);
        self.inputs.or(above, same)
    }
}

/// Splits tokens at commas.
pub(crate) fn split_commas(tokens: TokenStream) -> Vec<TokenStream> {
    let mut out = Vec::new();
    let mut current: Vec<TokenTree> = Vec::new();
    for tree in tokens {
        match &tree {
            TokenTree::Punct(punct) if punct.as_char() == ',' => out.push(current.drain(..).collect()),
            _ => current.push(tree),
        }
    }
    if !current.is_empty() {
        out.push(current.into_iter().collect());
    }
    out
}

/// The branches of a macro: the predicate and the tokens of each; the last `else` has no predicate.
pub(super) type Branches = Vec<(Option<TokenStream>, TokenStream)>;

/// Reads the branches of a `cfg_select!`: `predicate => { … }`, `_ => { … }`.
pub(super) fn cfg_select(tokens: TokenStream) -> Option<Branches> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut rest = tokens.as_slice();
    let mut branches = Branches::new();
    let punct = |token: Option<&TokenTree>, sign: char| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign);
    while !rest.is_empty() {
        let arrow = (0..rest.len()).find(|at| {
            punct(rest.get(*at), '=')
                && punct(rest.get(*at + 1), '>')
                && matches!(rest.get(*at + 2), Some(TokenTree::Group(group)) if group.delimiter() == proc_macro2::Delimiter::Brace)
        })?;
        let TokenTree::Group(body) = &rest[arrow + 2] else { return None };
        let any = matches!(&rest[..arrow], [TokenTree::Ident(word)] if word == "_");
        let predicate: TokenStream = rest[..arrow].iter().cloned().collect();
        branches.push(((!any).then_some(predicate), body.stream()));
        rest = &rest[arrow + 3..];
        if punct(rest.first(), ',') {
            rest = &rest[1..];
        }
    }
    Some(branches)
}

/// Reads the branches of a `cfg_if!`.
pub(super) fn cfg_if(tokens: TokenStream) -> Option<Branches> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut rest = tokens.as_slice();
    let mut branches = Vec::new();
    let word = |token: &TokenTree, name: &str| matches!(token, TokenTree::Ident(ident) if ident == name);
    loop {
        match rest {
            [
                first,
                TokenTree::Punct(hash),
                TokenTree::Group(attribute),
                TokenTree::Group(body),
                more @ ..,
            ] if word(first, "if") && hash.as_char() == '#' => {
                let attribute: Vec<TokenTree> = attribute.stream().into_iter().collect();
                let [cfg, TokenTree::Group(predicate)] = attribute.as_slice() else { return None };
                if !word(cfg, "cfg") {
                    return None;
                }
                branches.push((Some(predicate.stream()), body.stream()));
                match more {
                    [] => return Some(branches),
                    [otherwise, more @ ..] if word(otherwise, "else") => rest = more,
                    _ => return None,
                }
            }
            [TokenTree::Group(body)] if !branches.is_empty() => {
                branches.push((None, body.stream()));
                return Some(branches);
            }
            _ => return None,
        }
    }
}
