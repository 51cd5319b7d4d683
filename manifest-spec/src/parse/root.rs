//! Reads the declaration's own keys.

use std::collections::BTreeMap;

use toml::de::DeValue;

use super::guard::Form;
use super::reader::{Fields, Reader, Value};
use super::text::Place;
use crate::condition::names as facts;
use crate::keys;
use crate::rules::{self, names};
use crate::{Cfg, Condition, Declaration, MetadataValue, Text, codes};

/// The version of the schema that this parser reads.
const SCHEMA: &str = "1";

const MESSAGE: Form<Text> = Form {
    what: "message",
    plain: |reader, value, what| reader.text(value, what, Place::Message),
    table: None,
};

const RUSTC_ENV: Form<Text> = Form {
    what: "rustc-env",
    plain: |reader, value, what| reader.text(value, what, Place::Line),
    table: None,
};

const METADATA: Form<MetadataValue> = Form {
    what: "links-metadata",
    plain: |reader, value, what| Some(MetadataValue::Text(reader.text(value, what, Place::Line)?)),
    table: Some((&keys::METADATA_VALUE, |reader, fields| Some(vec![reader.metadata_value(fields)?]))),
};

impl Reader<'_> {
    /// Reads and checks a whole declaration; if there were errors, the result must not be used.
    pub(super) fn declaration(&mut self, value: &Value<'_>) -> Option<Declaration> {
        // In a declaration of another schema every key may be unknown, so only the wrong version is reported.
        let table = self.table(value, "the declaration")?;
        self.schema(table.get("schema"), value)?;
        let fields = self.fields(value, &keys::ROOT)?;
        fields.get("schema");
        let mut declaration = Declaration { schema: 1, ..Declaration::default() };
        if let Some(value) = fields.get("unsupported") {
            declaration.unsupported = self.condition(value, "unsupported");
            self.unsupported(declaration.unsupported.as_ref(), value);
        }
        if let Some(value) = fields.get("system-deps") {
            declaration.system_deps = self.condition(value, "system-deps");
        }
        if let Some(value) = fields.get("error") {
            declaration.error = self.list(value, &MESSAGE);
        }
        if let Some(value) = fields.get("warning") {
            declaration.warning = self.list(value, &MESSAGE);
        }
        if let Some(value) = fields.get("cfg") {
            declaration.cfg = self.cfgs(value);
        }
        if let Some(value) = fields.get("rustc-env") {
            declaration.rustc_env = self.map(value, "rustc-env", |reader, name, span, value| {
                reader.rustc_env_name(name, span);
                Some((name.to_owned(), reader.guarded(value, &RUSTC_ENV)?))
            });
        }
        if let Some(value) = fields.get("links-metadata") {
            declaration.links_metadata = self.map(value, "links-metadata", |reader, key, span, value| {
                reader.metadata_key(key, span);
                Some((key.to_owned(), reader.guarded(value, &METADATA)?))
            });
            self.metadata_collisions(value);
        }
        if let Some(value) = fields.get("out-dir") {
            declaration.out_dir = self.out_dir(value);
        }
        if let Some(value) = fields.get("probe") {
            declaration.probe = self.probes(value);
        }
        if let Some(value) = fields.get("library") {
            declaration.library = self.libraries(value);
        }
        if let Some(value) = fields.get("cc-library") {
            declaration.cc_library = self.cc_libraries(value);
        }
        if let Some(value) = fields.get("link") {
            declaration.link = self.link(value);
        }
        self.references(&declaration);
        Some(declaration)
    }

    fn schema(&mut self, schema: Option<&Value<'_>>, declaration: &Value<'_>) -> Option<()> {
        let Some(value) = schema else {
            self.missing(declaration.span(), "the declaration", "schema", "add `schema = 1`");
            return None;
        };
        match value.get_ref() {
            DeValue::Integer(number) if number.as_str() == SCHEMA && number.radix() == 10 => Some(()),
            DeValue::Integer(_) => {
                let help = "write `schema = 1`; for a later schema, install a newer cargo-inert";
                self.error(
                    codes::SCHEMA,
                    "this Inert reads schema 1 only",
                    value.span(),
                    "another schema",
                    help,
                );
                None
            }
            _ => {
                self.wrong_type(value, "schema", "a number");
                None
            }
        }
    }

    /// Reads a table whose keys the declaration chooses.
    pub(super) fn map<K: Ord, V>(
        &mut self,
        value: &Value<'_>,
        what: &str,
        mut entry: impl FnMut(&mut Self, &str, crate::Span, &Value<'_>) -> Option<(K, V)>,
    ) -> BTreeMap<K, V> {
        let Some(table) = self.table(value, what) else { return BTreeMap::new() };
        let mut map = BTreeMap::new();
        for (key, value) in table.iter() {
            let name: &str = key.get_ref();
            if name.len() > rules::MAX_WORD {
                let message = format!("a key of `{what}` is longer than {} bytes", rules::MAX_WORD);
                self.error(codes::TOO_LARGE, message, key.span(), "too long", "");
            } else if let Some((key, value)) = entry(self, name, key.span(), value) {
                map.insert(key, value);
            }
        }
        map
    }

    fn unsupported(&mut self, condition: Option<&Condition>, value: &Value<'_>) {
        let mut late = Vec::new();
        if let Some(condition) = condition {
            condition.for_each_fact(&mut |fact| {
                if !fact.known_before_build() {
                    late.push(fact.to_string());
                }
            });
        }
        for fact in late {
            self.error(
                codes::UNSUPPORTED_FACT,
                format!("`unsupported` asks `{fact}`, which only the build will show"),
                value.span(),
                "decided before the build starts",
                "ask for the target, features, rustc or the environment; or make it an `error`",
            );
        }
    }

    fn cfgs(&mut self, value: &Value<'_>) -> BTreeMap<String, Cfg> {
        self.map(value, "cfg", |reader, name, span, value| {
            reader.cfg_name(name, span, value);
            let cfg = match value.get_ref() {
                DeValue::Table(_) => Cfg::Values(reader.map(value, "cfg", |reader, text, span, value| {
                    if !names::is_cfg_value(text) {
                        let message = "a cfg's value holds a quote, a backslash or a control character";
                        reader.error(codes::NAME, message, span, "this value", "use other characters");
                    }
                    Some((text.to_owned(), reader.condition(value, name)?))
                })),
                _ => Cfg::Option(reader.condition(value, name)?),
            };
            Some((name.to_owned(), cfg))
        })
    }

    fn cfg_name(&mut self, name: &str, span: crate::Span, value: &Value<'_>) {
        if !names::is_identifier(name) {
            let shown = crate::render::escaped(name);
            let help = "a cfg's name has letters, digits and `_`, and begins with no digit";
            self.error(
                codes::NAME,
                format!("`{shown}` cannot be a cfg's name"),
                span,
                "not an identifier",
                help,
            );
        } else if name == "feature" {
            if !matches!(value.get_ref(), DeValue::Table(_)) {
                let help = "write `feature = { \"name\" = 'condition' }`";
                self.error(
                    codes::RESERVED,
                    "`feature` is a cfg with values",
                    value.span(),
                    "needs a value",
                    help,
                );
            }
        } else if facts::TARGET_KEYS.contains(&name) && never_set(value) {
            // A value that the compiler does not know yet may be declared for check-cfg, as long as it is never
            // set.
        } else if facts::TARGET_OPTIONS.contains(&name)
            || facts::TARGET_KEYS.contains(&name)
            || facts::PER_COMPILATION.contains(&name)
            || facts::OPERATORS.contains(&name)
            || matches!(name, "true" | "false" | "cfg" | "_")
        {
            let message = format!("`{name}` is set by the compiler alone");
            self.error(codes::RESERVED, message, span, "not the package's to set", "choose another name");
        }
    }

    fn rustc_env_name(&mut self, name: &str, span: crate::Span) {
        if let rules::env::Verdict::Forbidden(refusal) = rules::env::rustc_env(name) {
            self.error(codes::RUSTC_ENV, refusal.message, span, "this variable", refusal.help);
        }
    }

    fn metadata_key(&mut self, key: &str, span: crate::Span) {
        let shown = crate::render::escaped(key);
        if !names::is_metadata_key(key) {
            let help = "a key has letters, digits, `_` and `-`, and begins with a letter";
            self.error(
                codes::NAME,
                format!("`{shown}` cannot be a metadata key"),
                span,
                "not an identifier",
                help,
            );
        } else if let Some(row) = names::metadata_directive(key) {
            let message = format!("Cargo would read the key `{shown}` as its own directive (`{row}`)");
            self.error(codes::RESERVED, message, span, "a directive's name", "choose another key");
        }
    }

    /// Reports metadata keys that dependents would read from the same variable.
    fn metadata_collisions(&mut self, value: &Value<'_>) {
        let Some(table) = value.get_ref().as_table() else { return };
        let mut keys: Vec<(crate::Span, &str)> =
            table.keys().map(|key| (key.span(), key.get_ref().as_ref())).collect();
        keys.sort_by_key(|(span, _)| span.start);
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for (span, key) in keys {
            let variable = key.to_ascii_uppercase().replace('-', "_");
            if let Some(first) = seen.insert(variable, key) {
                let (first, key) = (crate::render::escaped(first), crate::render::escaped(key));
                let message = format!("`{first}` and `{key}` reach dependents as one variable");
                self.error(codes::DUPLICATE, message, span, "the second of both", "keep one of them");
            }
        }
    }

    fn metadata_value(&mut self, fields: &Fields<'_, '_>) -> Option<MetadataValue> {
        match self.one_of(fields, &["text", "path", "paths", "path-list", "list"])? {
            ("text", value) => Some(MetadataValue::Text(self.text(value, "text", Place::Line)?)),
            ("path", value) => Some(MetadataValue::Path(self.path(value, "path")?)),
            ("list", value) => {
                let form = Form {
                    what: "texts",
                    plain: |reader, value, what| reader.text(value, what, Place::Line),
                    table: None,
                };
                Some(MetadataValue::List(self.list(value, &form)))
            }
            (key, value) => {
                let form = Form {
                    what: "paths",
                    plain: |reader, value, what| reader.path(value, what),
                    table: None,
                };
                let paths = self.list(value, &form);
                Some(if key == "paths" {
                    MetadataValue::Paths(paths)
                } else {
                    MetadataValue::PathList(paths)
                })
            }
        }
    }

    /// Returns the one key of `keys` that a table has; none or several are an error.
    pub(super) fn one_of<'v, 'd>(
        &mut self,
        fields: &Fields<'v, 'd>,
        keys: &[&'static str],
    ) -> Option<(&'static str, &'v Value<'d>)> {
        let present = fields.present(keys);
        match present.as_slice() {
            [only] => Some((*only, fields.get(only)?)),
            [] => {
                let all = crate::suggest::listed(keys.iter().copied());
                self.error(
                    codes::MISSING_KEY,
                    format!("one of {all} is needed"),
                    fields.span.clone(),
                    "in this table",
                    "",
                );
                None
            }
            [first, second, ..] => {
                let message = format!("`{first}` and `{second}` exclude each other");
                self.error(
                    codes::KEYS_CONFLICT,
                    message,
                    fields.key_span(second),
                    "beside the other",
                    "keep one of them",
                );
                None
            }
        }
    }
}

/// Returns whether every value of a table of conditions is the constant `false`.
fn never_set(value: &Value<'_>) -> bool {
    let never = |value: &DeValue<'_>| match value {
        DeValue::Boolean(stands) => !stands,
        DeValue::String(text) => text == "false",
        _ => false,
    };
    value.get_ref().as_table().is_some_and(|table| table.values().all(|value| never(value.get_ref())))
}
