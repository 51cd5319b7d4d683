//! Reads text with `${…}` variables.

use super::reader::{Reader, Use, Value};
use crate::{Span, Text, TextPart, VARIABLES, codes, rules, suggest};

/// The destination of a text, which decides what the text may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A file's content, which may hold anything.
    Anywhere,
    /// Lines that are shown: no control characters except line ends and tabs.
    Message,
    /// One line of a directive: no control characters.
    Line,
    /// A name or argument for a linker: no metadata, and nothing that a dependency or a `.pc` file provides.
    Linker,
}

impl Reader<'_> {
    pub(super) fn text(&mut self, value: &Value<'_>, what: &str, place: Place) -> Option<Text> {
        let raw = self.string(value, what)?;
        let allowed: &[char] = if place == Place::Message { &['\n', '\t'] } else { &[] };
        if place != Place::Anywhere
            && let Some(c) = raw.chars().find(|c| c.is_control() && !allowed.contains(c))
        {
            let message = format!("`{what}` holds a control character (U+{:04X})", u32::from(c));
            let label = if place == Place::Message { "plain text is meant" } else { "one line is meant" };
            self.error(codes::CONTROL_CHARACTER, message, value.span(), label, "take it away");
            return None;
        }
        let mark = self.mark();
        let inner = self.inner(value, raw);
        let mut text = Text::default();
        let mut rest = raw;
        while let Some(at) = rest.find('$') {
            push(&mut text, &rest[..at]);
            let after = &rest[at + 1..];
            if let Some(next) = after.strip_prefix('$') {
                push(&mut text, "$");
                rest = next;
                continue;
            }
            let Some(open) = after.strip_prefix('{') else {
                push(&mut text, "$");
                rest = after;
                continue;
            };
            let start = raw.len() - rest.len() + at;
            let Some(end) = open.find('}') else {
                let span = inner.map_or(value.span(), |inner| inner + start..inner + start + 2);
                self.error(
                    codes::VARIABLE,
                    "`${` is not closed",
                    span,
                    "opened here",
                    "add `}`, or write `$${` for the characters themselves",
                );
                return None;
            };
            let name = &open[..end];
            let span = inner.map_or(value.span(), |inner| inner + start..inner + start + end + 3);
            self.variable(name, span, place);
            text.parts.push(TextPart::Variable(name.to_owned()));
            rest = &open[end + 1..];
        }
        push(&mut text, rest);
        (self.mark() == mark).then_some(text)
    }

    fn variable(&mut self, name: &str, span: Span, place: Place) {
        if !is_variable(name) {
            let near = suggest::nearest(
                name,
                VARIABLES.iter().map(|(name, _)| *name).filter(|name| !name.contains('*')),
            );
            let help = match near {
                Some(near) => format!("did you mean `${{{near}}}`?"),
                None => {
                    "the variables are listed in the reference; write `$${` for the characters themselves"
                        .to_owned()
                }
            };
            let shown = crate::render::escaped(name);
            self.error(
                codes::VARIABLE,
                format!("there is no variable `{shown}`"),
                span,
                "unknown variable",
                help,
            );
            return;
        }
        if place == Place::Linker && !LINKER_VARIABLES.iter().any(|pattern| matches_pattern(name, pattern)) {
            let help = format!("here are {}", suggest::listed(LINKER_VARIABLES.iter().copied()));
            self.error(
                codes::VARIABLE,
                format!("`${{{name}}}` cannot become a name or argument for the linker"),
                span,
                "not for the linker",
                help,
            );
            return;
        }
        let mut parts = name.splitn(3, '.');
        match (parts.next(), parts.next()) {
            (Some("probe"), Some(probe)) => self.uses.push((Use::Probe(probe.to_owned()), span)),
            (Some("library"), Some(library)) => self.uses.push((Use::Library(library.to_owned()), span)),
            _ => {}
        }
    }
}

/// The variables whose values are names or numbers of the build itself, or folders that belong to it.
const LINKER_VARIABLES: &[&str] = &[
    "target",
    "host",
    "out-dir",
    "manifest-dir",
    "package.name",
    "package.version",
    "package.version.major",
    "package.version.minor",
    "package.version.patch",
    "package.version.pre",
    "rustc.minor",
    "rustc.patch",
];

/// Returns whether `${name}` is among [`VARIABLES`].
pub(crate) fn is_variable(name: &str) -> bool {
    name.len() <= rules::MAX_WORD && VARIABLES.iter().any(|(pattern, _)| matches_pattern(name, pattern))
}

/// Returns whether the dotted `name` matches `pattern`, in which `*` matches one segment.
fn matches_pattern(name: &str, pattern: &str) -> bool {
    let mut segments = name.split('.');
    let mut wanted = pattern.split('.');
    loop {
        match (segments.next(), wanted.next()) {
            (None, None) => return true,
            (Some(segment), Some("*")) => {
                if segment.is_empty()
                    || !segment.chars().all(|c| c.is_ascii_alphanumeric() || "_-+()".contains(c))
                {
                    return false;
                }
            }
            (Some(segment), Some(want)) if segment == want => {}
            _ => return false,
        }
    }
}

fn push(text: &mut Text, literal: &str) {
    if literal.is_empty() {
        return;
    }
    if let Some(TextPart::Literal(last)) = text.parts.last_mut() {
        last.push_str(literal);
    } else {
        text.parts.push(TextPart::Literal(literal.to_owned()));
    }
}
