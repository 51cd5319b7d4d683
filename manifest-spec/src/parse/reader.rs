//! Typed access to TOML values; every value of the wrong type or form becomes a diagnostic.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::keys::Table;
use crate::render::escaped;
use crate::{Diagnostic, Severity, Span, codes, rules, suggest};

/// A TOML value with its place in the text.
pub(super) type Value<'d> = Spanned<DeValue<'d>>;

/// The state of reading one document.
pub(super) struct Reader<'t> {
    /// The text of the document.
    pub(super) text: &'t str,
    pub(super) diagnostics: Vec<Diagnostic>,
    errors: usize,
    /// Names that must be defined somewhere, each with its place.
    pub(super) uses: Vec<(Use, Span)>,
}

/// A name that refers to another item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Use {
    Probe(String),
    Library(String),
    CcLibrary(String),
    Feature(String),
    BuildDependency(String),
}

/// A table of the schema that is being read.
pub(super) struct Fields<'v, 'd> {
    table: &'v DeTable<'d>,
    spec: &'static Table,
    pub(super) span: Span,
}

impl<'v, 'd> Fields<'v, 'd> {
    pub(super) fn get(&self, key: &str) -> Option<&'v Value<'d>> {
        debug_assert!(self.spec.key(key).is_some(), "`{key}` has no row in `{}`", self.spec.name);
        self.table.get(key)
    }

    /// Returns the place of the key itself.
    pub(super) fn key_span(&self, key: &str) -> Span {
        self.table.get_key_value(key).map_or(self.span.clone(), |(key, _)| key.span())
    }

    /// Returns those of `keys` that the table has.
    pub(super) fn present(&self, keys: &[&'static str]) -> Vec<&'static str> {
        keys.iter().copied().filter(|key| self.get(key).is_some()).collect()
    }

    /// Returns every key of the table.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&'v str, Span)> {
        self.table.keys().map(|key| (key.get_ref().as_ref(), key.span()))
    }
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, diagnostics: Vec::new(), errors: 0, uses: Vec::new() }
    }

    pub(super) fn error(
        &mut self,
        code: &'static str,
        message: impl Into<String>,
        span: Span,
        label: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.report(Diagnostic::error(code, message, span).label(label).help(help));
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.errors += usize::from(diagnostic.severity == Severity::Error);
        self.diagnostics.push(diagnostic);
    }

    /// Returns the number of errors so far; callers compare two marks to see whether something failed between.
    /// Warnings do not count, since a value with a warning is kept.
    pub(super) fn mark(&self) -> usize {
        self.errors
    }

    /// Returns the position of a string's first character, if the document holds the text without escapes.
    pub(super) fn inner(&self, value: &Value<'_>, content: &str) -> Option<usize> {
        let span = value.span();
        let raw = self.text.get(span.clone())?;
        let quotes = raw.len().checked_sub(content.len())?;
        let start = match quotes {
            2 => 1,
            6 => 3,
            7 => 4,
            _ => return None,
        };
        (raw.get(start..start + content.len())? == content).then_some(span.start + start)
    }

    /// Reads a table of the schema, and reports unknown keys.
    pub(super) fn fields<'v, 'd>(
        &mut self,
        value: &'v Value<'d>,
        spec: &'static Table,
    ) -> Option<Fields<'v, 'd>> {
        self.fields_of(value, spec, spec.name)
    }

    /// As [`Reader::fields`], with another name for the table in messages.
    pub(super) fn fields_of<'v, 'd>(
        &mut self,
        value: &'v Value<'d>,
        spec: &'static Table,
        what: &str,
    ) -> Option<Fields<'v, 'd>> {
        let table = self.table(value, what)?;
        for key in table.keys() {
            let name: &str = key.get_ref();
            if spec.key(name).is_none() {
                let help = suggest::help(name, spec.keys.iter().map(|key| key.name)).unwrap_or_default();
                let shown = escaped(name);
                let message = format!("`{what}` has no key `{shown}`");
                self.error(codes::UNKNOWN_KEY, message, key.span(), "unknown key", help);
            }
        }
        Some(Fields { table, spec, span: value.span() })
    }

    pub(super) fn table<'v, 'd>(&mut self, value: &'v Value<'d>, what: &str) -> Option<&'v DeTable<'d>> {
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong_type(value, what, "a table");
            return None;
        };
        if table.len() > rules::MAX_ITEMS {
            self.too_many(value, table.len());
            return None;
        }
        Some(table)
    }

    pub(super) fn array<'v, 'd>(&mut self, value: &'v Value<'d>) -> Option<&'v [Value<'d>]> {
        let DeValue::Array(array) = value.get_ref() else { return Some(std::slice::from_ref(value)) };
        if array.len() > rules::MAX_ITEMS {
            self.too_many(value, array.len());
            return None;
        }
        Some(array)
    }

    fn too_many(&mut self, value: &Value<'_>, count: usize) {
        let message = format!("{count} entries are more than the {} that are read", rules::MAX_ITEMS);
        self.error(codes::TOO_LARGE, message, value.span(), "too many", "");
    }

    pub(super) fn wrong_type(&mut self, value: &Value<'_>, what: &str, expected: &str) {
        let found = type_name(value.get_ref());
        let message = format!("`{what}` is {expected}, not {found}");
        self.error(codes::WRONG_TYPE, message, value.span(), format!("{expected} is expected"), "");
    }

    pub(super) fn missing(&mut self, span: Span, table: &str, key: &str, help: impl Into<String>) {
        self.error(codes::MISSING_KEY, format!("`{table}` needs `{key}`"), span, "in this table", help);
    }

    /// Reads a string of any content.
    pub(super) fn string<'v>(&mut self, value: &'v Value<'_>, what: &str) -> Option<&'v str> {
        let DeValue::String(text) = value.get_ref() else {
            self.wrong_type(value, what, "a string");
            return None;
        };
        if text.len() > rules::MAX_TEXT {
            let message = format!("`{what}` is longer than the {} bytes that are read", rules::MAX_TEXT);
            self.error(
                codes::TOO_LARGE,
                message,
                value.span(),
                "too long",
                "put it into a file of the package",
            );
            return None;
        }
        Some(text)
    }

    /// Reads a string and checks it by a rule.
    pub(super) fn name(
        &mut self,
        value: &Value<'_>,
        what: &str,
        rule: fn(&str) -> bool,
        help: &str,
    ) -> Option<String> {
        let text = self.string(value, what)?;
        if !rule(text) {
            let message = format!("`{}` is not {what}", escaped(text));
            self.error(codes::NAME, message, value.span(), format!("{what} is expected"), help);
            return None;
        }
        Some(text.to_owned())
    }

    pub(super) fn boolean(&mut self, value: &Value<'_>, what: &str) -> Option<bool> {
        match value.get_ref() {
            DeValue::Boolean(value) => Some(*value),
            _ => {
                self.wrong_type(value, what, "`true` or `false`");
                None
            }
        }
    }

    /// Reads one of the listed strings.
    pub(super) fn choice<'c>(
        &mut self,
        value: &Value<'_>,
        what: &str,
        choices: &[&'c str],
    ) -> Option<&'c str> {
        let text = self.string(value, what)?;
        let found = choices.iter().copied().find(|choice| *choice == text);
        if found.is_none() {
            let help = match suggest::nearest(text, choices.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it takes {}", suggest::listed(choices.iter().copied())),
            };
            let message = format!("`{what}` does not take `{}`", escaped(text));
            self.error(codes::BAD_VALUE, message, value.span(), "not one of its values", help);
        }
        found
    }

    /// Reads a list of strings without guards, each of them by `item`.
    pub(super) fn strings<T>(
        &mut self,
        value: &Value<'_>,
        mut item: impl FnMut(&mut Self, &Value<'_>) -> Option<T>,
    ) -> Vec<T> {
        let values = self.array(value).unwrap_or_default();
        values.iter().filter_map(|value| item(self, value)).collect()
    }
}

fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
