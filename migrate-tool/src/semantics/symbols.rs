//! The texts and guards that symbols of the inputs represent.

use inert_manifest_spec::Fact;
use inert_manifest_spec::types::CompilerFamily;

use crate::assumptions::Assumptions;
use crate::logic::inputs::{OPT_LEVELS, PROFILES};
use crate::logic::{Domain, Guard, Inputs, targets};
use crate::value::{Piece, Sym, Text};

/// The maximum number of alternatives of one value.
pub(crate) const MAX_ALTERNATIVES: usize = 4_000;

/// The reason of residue for a text with more alternatives than [`MAX_ALTERNATIVES`].
pub(crate) const TOO_MANY: &str = "a text has too many alternatives";

/// A text as pieces without guards.
pub(crate) type Flat = Vec<Piece>;

/// Returns the flat texts that a text may be on a path, or `None` for more than [`MAX_ALTERNATIVES`].
pub(crate) fn flatten(inputs: &mut Inputs, path: Guard, text: &Text) -> Option<Vec<(Guard, Flat)>> {
    if text.is_flat() {
        return Some(vec![(path, text.pieces().cloned().collect())]);
    }
    let mut out: Vec<(Guard, Flat)> = vec![(path, Vec::new())];
    for (guard, piece) in text.0.iter() {
        let mut next = Vec::with_capacity(out.len());
        for (path, flat) in out {
            let there = inputs.and(path, *guard);
            let absent = inputs.minus(path, *guard);
            if !absent.is_false() {
                next.push((absent, flat.clone()));
            }
            if !there.is_false() {
                let mut with = flat;
                with.push(piece.clone());
                next.push((there, with));
            }
        }
        out = next;
        if out.len() > MAX_ALTERNATIVES {
            return None;
        }
    }
    let flat = |(guard, flat): (Guard, Flat)| (guard, Text::from_flat(flat).pieces().cloned().collect());
    Some(out.into_iter().map(flat).collect())
}

/// Returns the texts that a symbol may be, if they are few and known.
pub(crate) fn expansions(
    inputs: &mut Inputs,
    assumes: &mut Assumptions,
    sym: &Sym,
) -> Option<Vec<(Guard, Text)>> {
    let domain = |inputs: &mut Inputs, domain: Domain, texts: &[&str]| -> Vec<(Guard, Text)> {
        (0..domain.size())
            .map(|index| (inputs.domain(domain, &|at| at == index), Text::lit(texts[index])))
            .collect()
    };
    Some(match sym {
        Sym::Target => {
            assumes.known_targets = true;
            let triples: Vec<&str> = targets::all().iter().map(|target| target.triple).collect();
            domain(inputs, Domain::Target, &triples)
        }
        Sym::Host => {
            assumes.known_targets = true;
            let triples: Vec<&str> = targets::all().iter().map(|target| target.triple).collect();
            domain(inputs, Domain::Host, &triples)
        }
        Sym::Profile => domain(inputs, Domain::Profile, &PROFILES),
        Sym::OptLevel => domain(inputs, Domain::OptLevel, &OPT_LEVELS),
        Sym::Debug => {
            let debug = inputs.fact(Fact::Debug);
            let not = inputs.not(debug);
            vec![(debug, Text::lit("true")), (not, Text::lit("false"))]
        }
        Sym::Minor => {
            let numbers: Vec<String> = (0..Domain::Minor.size()).map(|minor| minor.to_string()).collect();
            domain(inputs, Domain::Minor, &numbers.iter().map(String::as_str).collect::<Vec<_>>())
        }
        Sym::Patch => {
            let numbers: Vec<String> = (0..Domain::Patch.size()).map(|patch| patch.to_string()).collect();
            domain(inputs, Domain::Patch, &numbers.iter().map(String::as_str).collect::<Vec<_>>())
        }
        Sym::ChannelSuffix => {
            let beta = Text::from_flat([Piece::Lit("-beta.".into()), Piece::Sym(Sym::BetaNumber)]);
            let texts = [Text::lit(""), beta, Text::lit("-nightly"), Text::lit("-dev")];
            (0..4)
                .map(|index| (inputs.domain(Domain::Channel, &|at| at == index), texts[index].clone()))
                .collect()
        }
        Sym::Package(_, value) => vec![(Guard::TRUE, Text::lit(value))],
        Sym::Cfg(key) => {
            targets::all().first()?.values(key)?;
            let mut by_text: Vec<(String, Vec<bool>)> = Vec::new();
            for (index, target) in targets::all().iter().enumerate() {
                let text = target.values(key)?.join(",");
                let at = by_text.iter().position(|(known, _)| *known == text).unwrap_or_else(|| {
                    by_text.push((text, vec![false; targets::all().len()]));
                    by_text.len() - 1
                });
                by_text[at].1[index] = true;
            }
            by_text
                .into_iter()
                .map(|(text, members)| (inputs.domain(Domain::Target, &|at| members[at]), Text::lit(&text)))
                .collect()
        }
        _ => return None,
    })
}

/// Returns the guard under which the target has this cfg key and value.
pub(crate) fn target_key(inputs: &mut Inputs, key: &str, value: &str) -> Guard {
    if targets::KEYS.contains(&key) {
        let members: Vec<bool> = targets::all()
            .iter()
            .map(|target| target.values(key).is_some_and(|values| values.contains(&value)))
            .collect();
        return inputs.domain(Domain::Target, &|index| members[index]);
    }
    match key {
        "target_feature" | "panic" | "sanitize" => {
            inputs.fact(Fact::TargetKey { key: key.to_owned(), value: value.to_owned() })
        }
        _ => inputs.fact(Fact::CustomCfg { name: key.to_owned(), value: Some(value.to_owned()) }),
    }
}

/// Returns where the C compiler is of this family, which is known only during the build; the families exclude each
/// other.
pub(crate) fn compiler_family(inputs: &mut Inputs, family: CompilerFamily) -> Guard {
    let mut fact = |name: &str| inputs.fact(Fact::Probe { name: name.to_owned(), test: None });
    let (gnu, clang) = (fact("!gnu"), fact("!clang"));
    match family {
        CompilerFamily::Gnu => gnu,
        _ => inputs.minus(clang, gnu),
    }
}
