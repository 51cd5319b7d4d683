//! Writes texts with symbols as texts with the schema's variables.

use inert_manifest_spec::types::{Text, TextPart};

use crate::logic::Guard;
use crate::trace::Trace;
use crate::value::{Piece, Sym};

/// Returns the name of the schema's variable for a symbol.
fn variable(sym: &Sym) -> Option<String> {
    Some(match sym {
        Sym::Target => "target".into(),
        Sym::Host => "host".into(),
        Sym::Profile => "profile".into(),
        Sym::OptLevel => "opt-level".into(),
        Sym::OutDir => "out-dir".into(),
        Sym::ManifestDir => "manifest-dir".into(),
        Sym::Package(name, _) => (*name).to_owned(),
        Sym::Minor => "rustc.minor".into(),
        Sym::Patch => "rustc.patch".into(),
        Sym::Year => "rustc.commit-date.year".into(),
        Sym::MonthNumber => "rustc.commit-date.month".into(),
        Sym::DayNumber => "rustc.commit-date.day".into(),
        Sym::CommitHash => "rustc.commit-hash".into(),
        Sym::Features => "features".into(),
        Sym::Cfg(key) => format!("cfg.{key}"),
        Sym::FeaturesList => "features-list".into(),
        Sym::CfgList(key) => format!("cfg-list.{key}"),
        Sym::Env(name) => format!("env.{name}"),
        Sym::Library(library, what) if &**what == "version" || what.starts_with("variable.") => {
            format!("library.{library}.{what}")
        }
        Sym::Dep(links, key) => format!("dep.{links}.{key}"),
        _ => return None,
    })
}

/// Returns unguarded pieces as a text of the schema, or an error that names the symbol without a variable.
pub(super) fn text(pieces: &[Piece]) -> Result<Text, String> {
    let mut parts: Vec<TextPart> = Vec::new();
    let mut at = 0;
    while at < pieces.len() {
        // The pieces `1.`, minor, `.`, patch, suffix are rustc's version.
        if let [
            Piece::Lit(before),
            Piece::Sym(Sym::Minor),
            Piece::Lit(dot),
            Piece::Sym(Sym::Patch),
            rest @ ..,
        ] = &pieces[at..]
            && let Some(before) = before.strip_suffix("1.")
            && &**dot == "."
            && matches!(rest.first(), Some(Piece::Sym(Sym::ChannelSuffix)))
        {
            push_literal(&mut parts, before);
            parts.push(TextPart::Variable("rustc.version".into()));
            at += 5;
            continue;
        }
        if let [
            Piece::Sym(Sym::Year),
            Piece::Lit(a),
            Piece::Sym(Sym::Month),
            Piece::Lit(b),
            Piece::Sym(Sym::Day),
            ..,
        ] = &pieces[at..]
            && &**a == "-"
            && &**b == "-"
        {
            parts.push(TextPart::Variable("rustc.commit-date".into()));
            at += 5;
            continue;
        }
        match &pieces[at] {
            Piece::Lit(text) => push_literal(&mut parts, text),
            Piece::Sym(sym) => match variable(sym) {
                Some(name) => parts.push(TextPart::Variable(name)),
                None => return Err(format!("{} cannot be written in a declaration", sym.describe())),
            },
        }
        at += 1;
    }
    Ok(Text { parts })
}

fn push_literal(parts: &mut Vec<TextPart>, text: &str) {
    if text.is_empty() {
        return;
    }
    match parts.last_mut() {
        Some(TextPart::Literal(before)) => before.push_str(text),
        _ => parts.push(TextPart::Literal(text.to_owned())),
    }
}

/// Replaces each run of white space by one space. A space remains at the ends, so that neighbouring pieces stay apart.
fn one_line(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let space = |there: bool| if there && !words.is_empty() { " " } else { "" };
    let (before, after) = (text.starts_with(char::is_whitespace), text.ends_with(char::is_whitespace));
    if words.is_empty() && !text.is_empty() {
        return " ".to_owned();
    }
    format!("{}{words}{}", space(before), space(after))
}

/// Returns a message, in which an ellipsis replaces each part that cannot be declared.
pub(super) fn message(pieces: &[Piece]) -> Text {
    let lenient: Vec<Piece> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Sym(sym) if variable(sym).is_none() || matches!(sym, Sym::Env(_)) => {
                Piece::Lit("…".into())
            }
            Piece::Lit(text) => Piece::Lit(one_line(text).into()),
            piece => piece.clone(),
        })
        .collect();
    let mut lenient = lenient;
    if let Some(Piece::Lit(first)) = lenient.first_mut() {
        *first = first.trim_start().into();
    }
    if let Some(Piece::Lit(last)) = lenient.last_mut() {
        *last = last.trim_end().into();
    }
    let mut text = text(&lenient).unwrap_or_else(|_| Text::literal("the build script fails"));
    if text.parts.is_empty() {
        text = Text::literal("the build script fails");
    }
    text
}

/// Returns the texts that a message may be, each with its guard.
pub(super) fn messages(trace: &mut Trace<'_>, guard: Guard, text: &crate::value::Text) -> Vec<(Guard, Text)> {
    match trace.flatten(guard, text) {
        Ok(flats) => flats.into_iter().map(|(guard, flat)| (guard, message(&flat))).collect(),
        Err(reason) => {
            let residue = trace.residue_at_end(&reason);
            trace.residue.push((guard, residue));
            Vec::new()
        }
    }
}
