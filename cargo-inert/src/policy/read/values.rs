//! Reads the values of a table by the shapes that [`keys`](crate::policy::keys) define.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::Reader;
use crate::policy::choice::Choice;
use crate::policy::date::Date;
use crate::policy::keys::{Key, Shape, Table};
use crate::policy::rights::is_variable;

/// A table that is being read.
pub(super) struct Values<'a> {
    pub(super) table: &'a DeTable<'a>,
    pub(super) span: Range<usize>,
    kind: &'static Table,
}

impl<'a> Values<'a> {
    pub(super) fn new(
        table: &'a DeTable<'a>,
        span: Range<usize>,
        kind: &'static Table,
        _checked: bool,
    ) -> Self {
        Self { table, span, kind }
    }

    /// Returns the row of a key. A key without a row is a bug of this program, which any test would find.
    fn key(&self, name: &str) -> &'static Key {
        let known = self.kind.keys.iter().find(|key| key.name == name);
        known.or(self.kind.open).unwrap_or_else(|| unreachable!("`{name}` has no row in {}", self.kind.name))
    }
}

impl Reader<'_> {
    /// Reads a string that is not empty.
    pub(super) fn text(&mut self, values: &Values<'_>, name: &str) -> Option<String> {
        debug_assert!(matches!(values.key(name).shape, Shape::Text | Shape::Choice(_)));
        let value = values.table.get(name)?;
        match value.get_ref() {
            DeValue::String(text) if !text.trim().is_empty() => {
                if let Some(bad) = text.chars().find(|c| c.is_control()) {
                    self.error(format!("`{name}` holds the control character {bad:?}"), value.span(), "");
                    return None;
                }
                Some(text.to_string())
            }
            DeValue::String(_) => {
                self.error(format!("`{name}` is empty"), value.span(), &what(values.key(name)));
                None
            }
            _ => {
                self.error(format!("`{name}` is a string"), value.span(), &what(values.key(name)));
                None
            }
        }
    }

    /// Reads a string, or a list of strings.
    pub(super) fn texts(&mut self, values: &Values<'_>, name: &str) -> Vec<String> {
        self.spanned_texts(values, name).into_iter().map(|(text, _)| text).collect()
    }

    pub(super) fn spanned_texts(&mut self, values: &Values<'_>, name: &str) -> Vec<(String, Range<usize>)> {
        let doc = values.key(name).doc;
        let Some(value) = values.table.get(name) else { return Vec::new() };
        let items: Vec<_> = match value.get_ref() {
            DeValue::Array(list) => list.iter().map(|item| (item.get_ref(), item.span())).collect(),
            other => vec![(other, value.span())],
        };
        let mut found = Vec::new();
        for (item, span) in items {
            match item {
                DeValue::String(text) if !text.is_empty() => found.push((text.to_string(), span)),
                _ => self.error(format!("`{name}` holds strings"), span, doc),
            }
        }
        found
    }

    /// Reads one of the key's choices.
    pub(super) fn choice<T: Choice>(&mut self, values: &Values<'_>, name: &str) -> Option<T> {
        let Shape::Choice(words) = values.key(name).shape else { return None };
        debug_assert!(words.iter().copied().eq(T::VALUES.iter().map(|(word, _)| *word)), "{name}");
        let text = self.text(values, name)?;
        if let Some(value) = T::named(&text) {
            return Some(value);
        }
        let span = values.table.get(name)?.span();
        self.error(format!("`{name}` is none of {}", words.join(", ")), span, &near(&text, words));
        None
    }

    /// Reads a list of the key's choices; `None` if the key is missing.
    pub(super) fn choices(&mut self, values: &Values<'_>, name: &str) -> Option<Vec<String>> {
        let Shape::Choices(words) = values.key(name).shape else { return None };
        values.table.get(name)?;
        let mut found = Vec::new();
        for (text, span) in self.spanned_texts(values, name) {
            if words.contains(&text.as_str()) {
                found.push(text);
            } else {
                self.error(format!("`{text}` is none of {}", words.join(", ")), span, &near(&text, words));
            }
        }
        Some(found)
    }

    /// Reads the integer value of a key.
    pub(super) fn integer(&mut self, values: &Values<'_>, name: &str) -> Option<i64> {
        let value = values.table.get(name)?;
        let number = match value.get_ref() {
            DeValue::Integer(number) => number.as_str().parse().ok(),
            _ => None,
        };
        if number.is_none() {
            self.error(format!("`{name}` is a whole number"), value.span(), values.key(name).doc);
        }
        number
    }

    /// Reads a boolean; false if the key is missing.
    pub(super) fn boolean(&mut self, values: &Values<'_>, name: &str) -> bool {
        match values.table.get(name).map(|value| (value.get_ref(), value.span())) {
            None => false,
            Some((DeValue::Boolean(value), _)) => *value,
            Some((_, span)) => {
                self.error(format!("`{name}` is true or false"), span, values.key(name).doc);
                false
            }
        }
    }

    /// Reads a boolean; `None` if the key is missing.
    pub(super) fn boolean_if_there(&mut self, values: &Values<'_>, name: &str) -> Option<bool> {
        values.table.get(name).map(|_| self.boolean(values, name))
    }

    /// Reads a table of variables with their values.
    pub(super) fn variables(&mut self, values: &Values<'_>, name: &str) -> BTreeMap<String, String> {
        let doc = values.key(name).doc;
        let mut found = BTreeMap::new();
        let Some(value) = values.table.get(name) else { return found };
        let Some(table) = value.get_ref().as_table() else {
            self.error(format!("`{name}` is a table"), value.span(), doc);
            return found;
        };
        for (variable, value) in table {
            match value.get_ref() {
                DeValue::String(text)
                    if is_variable(variable.get_ref()) && !text.contains(['\0', '\n', '\r']) =>
                {
                    found.insert(variable.get_ref().to_string(), text.to_string());
                }
                _ => self.error(format!("`{name}` holds names of variables with strings"), value.span(), doc),
            }
        }
        found
    }

    /// Reads a day, as a string or a TOML date.
    pub(super) fn date(&mut self, values: &Values<'_>, name: &str) -> Option<Date> {
        let value = values.table.get(name)?;
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Datetime(date) => date.to_string(),
            _ => String::new(),
        };
        let date = Date::parse(&text);
        if date.is_none() {
            self.error(format!("`{name}` is a day"), value.span(), "write it as 2027-01-31");
        }
        date
    }
}

fn near(text: &str, words: &[&str]) -> String {
    match inert_manifest_spec::suggest::nearest(text, words.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => String::new(),
    }
}

/// Returns the help text for a key, with its choices.
fn what(key: &Key) -> String {
    match key.shape {
        Shape::Choice(words) => format!("{} Write one of \"{}\".", key.doc, words.join("\", \"")),
        _ => key.doc.to_owned(),
    }
}
