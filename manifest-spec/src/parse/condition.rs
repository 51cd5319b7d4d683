//! Conditions as TOML values.

use toml::de::DeValue;

use super::reader::{Reader, Use, Value};
use crate::condition::{Condition, Fact, parse_with_facts};
use crate::rules;

impl Reader<'_> {
    /// A string in cfg syntax; a boolean is as good.
    pub(super) fn condition(&mut self, value: &Value<'_>, what: &str) -> Option<Condition> {
        match value.get_ref() {
            DeValue::Boolean(value) => Some(Condition::Constant(*value)),
            DeValue::String(text) if text.len() <= rules::MAX_TEXT => {
                let inner = self.inner(value, text);
                let mut uses = Vec::new();
                let result = parse_with_facts(text, inner.unwrap_or(0), &mut |fact, span| {
                    let span = if inner.is_some() { span } else { value.span() };
                    match fact {
                        Fact::Feature(name) => uses.push((Use::Feature(name.clone()), span)),
                        Fact::Probe { name, .. } => uses.push((Use::Probe(name.clone()), span)),
                        Fact::Found { library, .. } => uses.push((Use::Library(library.clone()), span)),
                        _ => {}
                    }
                });
                self.uses.append(&mut uses);
                match result {
                    Ok(condition) => Some(condition),
                    Err(mut diagnostic) => {
                        if inner.is_none() {
                            diagnostic.span = value.span();
                        }
                        self.diagnostics.push(diagnostic);
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
