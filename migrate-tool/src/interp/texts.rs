//! Evaluates questions about texts with unknown parts.
//!
//! A question gets flat pieces, which are pieces without guards. It returns an answer, or `None` if it cannot tell;
//! then a symbol with few possible texts is replaced by each of them in turn.

use inert_manifest_spec::Fact;
use inert_manifest_spec::condition::{Channel, Comparison, Operator};

use super::Interp;
use crate::logic::{Domain, Guard, targets};
use crate::semantics::symbols::{self, Flat};
use crate::value::{Cases, Piece, Sym, Text};

/// The maximum number of texts, over all symbols of one text, that a question is evaluated for.
const MAX_EXPANSIONS: usize = 50_000;

impl Interp<'_> {
    /// Returns the flat texts that a text may be on this path.
    pub(crate) fn flatten(&mut self, text: &Text) -> Vec<(Guard, Flat)> {
        match symbols::flatten(&mut self.inputs, self.pc, text) {
            Some(flats) => flats,
            None => {
                self.unknown(symbols::TOO_MANY);
                Vec::new()
            }
        }
    }

    /// Returns the texts that a symbol may be, if they are few and known.
    pub(crate) fn expansions(&mut self, sym: &Sym) -> Option<Vec<(Guard, Text)>> {
        symbols::expansions(&mut self.inputs, &mut self.assumes, sym)
    }

    /// Evaluates a question about a text. `ask` returns an answer for flat pieces, or `None`. If even the possible
    /// texts give no answer, that is residue.
    pub(crate) fn ask(
        &mut self,
        text: &Text,
        what: &str,
        ask: &mut dyn FnMut(&mut Self, &[Piece]) -> Option<Cases>,
    ) -> Cases {
        if self.dead() {
            return Cases::never();
        }
        let mut budget = MAX_EXPANSIONS;
        if text.is_flat() && text.0.len() <= 1 {
            let flat: Flat = text.pieces().cloned().collect();
            return self.ask_flat(flat, what, ask, &mut budget);
        }
        let path = self.pc;
        let alternatives = self.flatten(text);
        let mut parts = Vec::new();
        let mut after = Guard::FALSE;
        for (guard, flat) in alternatives {
            self.pc = self.inputs.and(path, guard);
            if self.dead() {
                continue;
            }
            let result = self.ask_flat(flat, what, ask, &mut budget);
            parts.push((self.pc, result));
            after = self.inputs.or(after, self.pc);
        }
        self.pc = after;
        self.inputs.join(parts)
    }

    fn ask_flat(
        &mut self,
        flat: Flat,
        what: &str,
        ask: &mut dyn FnMut(&mut Self, &[Piece]) -> Option<Cases>,
        budget: &mut usize,
    ) -> Cases {
        if !self.step() {
            return Cases::never();
        }
        if let Some(answer) = ask(self, &flat) {
            return answer;
        }
        // Symbols with the fewest possible texts are replaced first: often one of them suffices.
        let order = |piece: &Piece| match piece {
            Piece::Sym(Sym::ChannelSuffix | Sym::Package(..)) => Some(0),
            Piece::Sym(Sym::Patch | Sym::Profile | Sym::Debug | Sym::OptLevel) => Some(1),
            Piece::Sym(Sym::Cfg(_)) => Some(2),
            Piece::Sym(Sym::Minor) => Some(3),
            Piece::Sym(Sym::Target | Sym::Host) => Some(4),
            _ => None,
        };
        let mut candidates: Vec<(usize, usize)> =
            flat.iter().enumerate().filter_map(|(at, piece)| Some((order(piece)?, at))).collect();
        candidates.sort_unstable();
        let found = candidates.into_iter().find_map(|(_, at)| match &flat[at] {
            Piece::Sym(sym) => self.expansions(sym).map(|expansions| (at, expansions)),
            Piece::Lit(_) => None,
        });
        let Some((at, expansions)) = found else {
            let text = Text::from_flat(flat).describe();
            return self.unknown(&format!("{what} depends on `{text}`, which is not known before the build"));
        };
        // The combinations of several symbols use up the budget; no reasonable script needs more.
        *budget = budget.saturating_sub(expansions.len());
        if *budget == 0 {
            let text = Text::from_flat(flat).describe();
            return self.unknown(&format!("{what} depends on too much of `{text}`"));
        }
        let path = self.pc;
        let mut parts = Vec::new();
        let mut after = Guard::FALSE;
        for (guard, replacement) in expansions {
            self.pc = self.inputs.and(path, guard);
            if self.dead() {
                continue;
            }
            let pieces = flat[..at]
                .iter()
                .cloned()
                .chain(replacement.pieces().cloned())
                .chain(flat[at + 1..].iter().cloned());
            let next: Flat = Text::from_flat(pieces).pieces().cloned().collect();
            let result = self.ask_flat(next, what, ask, budget);
            parts.push((self.pc, result));
            after = self.inputs.or(after, self.pc);
        }
        self.pc = after;
        self.inputs.join(parts)
    }

    /// Evaluates a question about a text that must be known completely.
    pub(crate) fn ask_literal(
        &mut self,
        text: &Text,
        what: &str,
        f: &mut dyn FnMut(&mut Self, &str) -> Cases,
    ) -> Cases {
        self.ask(text, what, &mut |interp, flat| match flat {
            [] => Some(f(interp, "")),
            [Piece::Lit(text)] => Some(f(interp, text)),
            _ => None,
        })
    }

    /// Returns where a flat text equals a literal; `None` if that is not known.
    pub(crate) fn flat_equals(&mut self, flat: &[Piece], literal: &str) -> Option<Guard> {
        match flat {
            [] => Some(if literal.is_empty() { Guard::TRUE } else { Guard::FALSE }),
            [Piece::Lit(text)] => Some(if **text == *literal { Guard::TRUE } else { Guard::FALSE }),
            [Piece::Sym(sym)] => self.sym_equals(sym, literal),
            [Piece::Lit(text), rest @ ..] => match literal.strip_prefix(&**text) {
                Some(literal) => self.flat_equals(rest, literal),
                None => Some(Guard::FALSE),
            },
            [rest @ .., Piece::Lit(text)] => match literal.strip_suffix(&**text) {
                Some(literal) => self.flat_equals(rest, literal),
                None => Some(Guard::FALSE),
            },
            [Piece::Sym(first), ..] => {
                // With two symbols, only this is certain: a text that is never empty differs from the empty literal.
                (first.never_empty() && literal.is_empty()).then_some(Guard::FALSE)
            }
        }
    }

    fn sym_equals(&mut self, sym: &Sym, literal: &str) -> Option<Guard> {
        if literal.is_empty() && sym.never_empty() {
            return Some(Guard::FALSE);
        }
        if literal.chars().any(|character| !sym.may_hold(character)) {
            return Some(Guard::FALSE);
        }
        if let Some(equal) =
            (self.models.flags_equals)(self, std::slice::from_ref(&Piece::Sym(sym.clone())), literal)
        {
            return Some(equal);
        }
        match sym {
            // The first path of a list is empty if the list is; nothing is known about its other texts.
            Sym::DepFirst(..) if !literal.is_empty() => None,
            Sym::Env(name) => Some(self.inputs.env_is(name, literal)),
            // The members that the script names are separate items, so another member differs from them.
            Sym::Other(what) if &**what == Sym::TARGET_FEATURE => {
                let named = self.named_features.as_ref()?;
                named.iter().any(|known| known == literal).then_some(Guard::FALSE)
            }
            Sym::Other(_) => self.literals.iter().any(|known| known == literal).then_some(Guard::FALSE),
            Sym::Cfg(key) if targets::all()[0].values(key).is_none() && &**key == "panic" => {
                Some(self.inputs.fact(Fact::TargetKey { key: key.to_string(), value: literal.to_owned() }))
            }
            // The variable has this value if exactly this sanitizer is on; Cargo would append others behind a comma.
            Sym::Cfg(key) if &**key == "sanitize" && !literal.contains(',') => {
                let mut only = self.target_key(key, literal);
                for other in crate::semantics::SANITIZERS.iter().filter(|other| **other != literal) {
                    let other = self.target_key(key, other);
                    only = self.inputs.minus(only, other);
                }
                Some(only)
            }
            Sym::Dep(links, key) | Sym::DepFirst(links, key) => Some(self.inputs.fact(Fact::Dep {
                links: links.to_string(),
                key: key.to_string(),
                test: Some(Comparison { operator: Operator::Equal, value: literal.to_owned() }),
            })),
            Sym::Target => {
                let index = targets::all().iter().position(|target| target.triple == literal);
                match index {
                    Some(index) => Some(self.inputs.domain(Domain::Target, &|at| at == index)),
                    None => {
                        self.assumes.known_targets = true;
                        Some(Guard::FALSE)
                    }
                }
            }
            _ => {
                let expansions = self.expansions(sym)?;
                let mut guard = Guard::FALSE;
                for (under, text) in expansions {
                    let flat: Flat = text.pieces().cloned().collect();
                    let equal = self.flat_equals(&flat, literal)?;
                    let both = self.inputs.and(under, equal);
                    guard = self.inputs.or(guard, both);
                }
                Some(guard)
            }
        }
    }

    /// Returns where two texts are equal.
    pub(crate) fn text_equals(&mut self, a: &Text, b: &Text) -> Cases {
        if a == b && a.pieces().all(|piece| !matches!(piece, Piece::Sym(Sym::Each(_) | Sym::Other(_)))) {
            return Cases::bool(true);
        }
        let (text, literal) = if b.as_lit().is_some() { (a, b) } else { (b, a) };
        if let Some(literal) = literal.as_lit().map(str::to_owned) {
            return self.ask(text, "a comparison", &mut |interp, flat| {
                let guard = interp.flat_equals(flat, &literal)?;
                Some(interp.boolean(guard))
            });
        }
        // The schema has a fact for `TARGET == HOST`.
        if let (Some(x), Some(y)) = (a.as_sym(), b.as_sym())
            && matches!((x, y), (Sym::Target, Sym::Host) | (Sym::Host, Sym::Target))
        {
            let cross = self.inputs.fact(Fact::Cross);
            let same = self.inputs.not(cross);
            return self.boolean(same);
        }
        let other = b.clone();
        self.ask(a, "a comparison", &mut |interp, flat| {
            let [Piece::Lit(text)] = flat else {
                if !flat.is_empty() {
                    return None;
                }
                return Some(interp.text_equals(&other, &Text::lit("")));
            };
            Some(interp.text_equals(&other, &Text::lit(text)))
        })
    }

    /// Returns where rustc has this channel.
    pub(crate) fn channel(&mut self, channel: Channel) -> Guard {
        let index = match channel {
            Channel::Stable => 0,
            Channel::Beta => 1,
            Channel::Nightly => 2,
            Channel::Dev => 3,
        };
        self.inputs.domain(Domain::Channel, &|at| at == index)
    }

    /// Returns where rustc is at least 1.`minor`.
    pub(crate) fn rustc_at_least(&mut self, minor: u64) -> Guard {
        self.inputs.domain(Domain::Minor, &|at| at as u64 >= minor)
    }
}
