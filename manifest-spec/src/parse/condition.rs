//! Reads conditions from TOML values.

use toml::de::DeValue;

use super::reader::{Reader, Use, Value};
use crate::condition::{Condition, Fact, names, parse_with_facts};
use crate::render::escaped;
use crate::{Diagnostic, codes, rules, suggest};

impl Reader<'_> {
    /// Reads a condition: a string in cfg syntax, or a boolean.
    pub(super) fn condition(&mut self, value: &Value<'_>, what: &str) -> Option<Condition> {
        match value.get_ref() {
            DeValue::Boolean(value) => Some(Condition::Constant(*value)),
            DeValue::String(text) if text.len() <= rules::MAX_TEXT => {
                let inner = self.inner(value, text);
                let mut uses = Vec::new();
                let mut typing_errors = Vec::new();
                let result = parse_with_facts(text, inner.unwrap_or(0), &mut |fact, span| {
                    let span = if inner.is_some() { span } else { value.span() };
                    match fact {
                        Fact::Feature(name) => uses.push((Use::Feature(name.clone()), span)),
                        Fact::Probe { name, .. } => uses.push((Use::Probe(name.clone()), span)),
                        Fact::Found { library, .. } | Fact::VersionKnown(library) => {
                            uses.push((Use::Library(library.clone()), span))
                        }
                        Fact::TargetKey { key, value } => {
                            typing_errors.extend(typing_error(key, value, span))
                        }
                        _ => {}
                    }
                });
                self.uses.append(&mut uses);
                typing_errors.into_iter().for_each(|warning| self.report(warning));
                match result {
                    Ok(condition) => Some(condition),
                    Err(mut diagnostic) => {
                        if inner.is_none() {
                            diagnostic.span = value.span();
                        }
                        self.report(diagnostic);
                        None
                    }
                }
            }
            DeValue::String(_) => {
                self.string(value, what);
                None
            }
            _ => {
                self.wrong_type(value, what, "a condition");
                None
            }
        }
    }
}

/// Returns a warning for a value that rustc does not know and that is close to one that it knows.
fn typing_error(key: &str, value: &str, span: crate::Span) -> Option<Diagnostic> {
    let (_, known) = names::KNOWN_VALUES.iter().find(|(known, _)| *known == key)?;
    if known.contains(&value) {
        return None;
    }
    let near = suggest::nearest(value, known.iter().copied().filter(|known| known.len() > 2))?;
    let message = format!("no target has `{key} = \"{}\"`, as far as rustc 1.95 knows", escaped(value));
    Some(
        Diagnostic::warning(codes::UNLIKELY_VALUE, message, span)
            .label("never holds")
            .help(format!("did you mean `{key} = \"{near}\"`?")),
    )
}
