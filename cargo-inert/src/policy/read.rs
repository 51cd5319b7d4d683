//! Reads `inert.toml`, and reports all errors at once.

mod entries;
mod rights;
mod values;

use std::path::Path;

use inert_manifest_spec::Diagnostic;
use inert_resolver::request::LibraryPolicy;
use toml::de::{DeTable, DeValue};

use super::keys::{self, Table};
use super::layers::Layer;
use super::libraries::{OfFile, TargetSpec};
use values::Values;

/// The version of the format.
const SCHEMA: i64 = 1;

/// Parses the text of one file.
pub(super) fn layer(text: &str, path: &Path) -> (Layer, Vec<Diagnostic>) {
    let mut reader = Reader { diagnostics: Vec::new(), text, path };
    let mut layer = Layer { files: vec![path.to_path_buf()], ..Layer::default() };
    match DeTable::parse(text) {
        Ok(document) => reader.top(document.get_ref(), &mut layer),
        Err(error) => reader.diagnostics.push(not_toml(text, &error)),
    }
    (layer, reader.diagnostics)
}

fn not_toml(text: &str, error: &toml::de::Error) -> Diagnostic {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ") || line.trim_end() == "=======" {
            let span = offset..offset + line.trim_end().len();
            return Diagnostic::error(
                "inert::policy::conflict",
                "a merge left its markers in the policy",
                span,
            )
            .label("no policy is made of two halves")
            .help("keep the entries that were reviewed, and take the markers out");
        }
        offset += line.len();
    }
    let span = error.span().unwrap_or(0..0);
    Diagnostic::error("inert::policy::toml", error.message().to_owned(), span).label("here")
}

struct Reader<'t> {
    diagnostics: Vec<Diagnostic>,
    text: &'t str,
    path: &'t Path,
}

impl Reader<'_> {
    fn top(&mut self, table: &DeTable<'_>, layer: &mut Layer) {
        let known: Vec<&str> = keys::TABLES[0]
            .keys
            .iter()
            .map(|key| key.name)
            .chain(keys::TABLES[1..].iter().map(|table| table.key))
            .chain([keys::TARGET])
            .collect();
        for key in table.keys().filter(|key| !known.contains(&&**key.get_ref())) {
            self.unknown(key.get_ref(), key.span(), &known, "inert.toml");
        }
        let top = Values::new(table, 0..0, &keys::TABLES[0], false);
        let schema = self.integer(&top, "schema").unwrap_or(SCHEMA);
        if schema != SCHEMA {
            let span = table.get("schema").map(|value| value.span()).unwrap_or_default();
            let message = format!("the policy has schema {schema}, this Inert knows {SCHEMA}");
            self.error(message, span, "use the Inert that it was written for; nothing of it is guessed");
        }
        let folder = self.path.parent().unwrap_or(Path::new("."));
        layer.extends = self.texts(&top, "extends").into_iter().map(|path| folder.join(path)).collect();
        let mut libraries = OfFile { path: self.path.to_path_buf(), ..OfFile::default() };
        for kind in &keys::TABLES[1..] {
            for values in self.sections(table, kind) {
                match kind.key {
                    _ if kind.per_target => {
                        self.of_libraries(kind, &values, &mut libraries.all);
                        self.lines(kind, &values, "", &mut libraries);
                    }
                    "policy" => self.policy(&values, layer),
                    "allow" => self.allow(&values, layer),
                    "compile" => self.compile(&values, layer),
                    "deny" => self.deny(&values, layer),
                    "declare" => self.declare(&values, layer),
                    "review" => self.review(&values, layer),
                    "verified" => self.verified(&values, layer),
                    "proc-macro" => self.proc_macro(&values, layer),
                    "configuration" => self.configuration(&values, layer),
                    "import" => self.import(&values, layer),
                    "sandbox" => self.sandbox(&values, layer),
                    other => unreachable!("{other} has no reader"),
                }
            }
        }
        self.targets(table, &mut libraries);
        layer.libraries.files = vec![libraries];
    }

    /// Reads `[target.<triple or cfg(…)>]`.
    fn targets(&mut self, top: &DeTable<'_>, libraries: &mut OfFile) {
        let Some(value) = top.get(keys::TARGET) else { return };
        let Some(targets) = value.get_ref().as_table() else {
            self.error("`target` is a table", value.span(), "write `[target.'cfg(windows)'.libraries]`");
            return;
        };
        let known: Vec<&str> =
            keys::TABLES.iter().filter(|table| table.per_target).map(|table| table.key).collect();
        for (name, value) in targets {
            let spec = match TargetSpec::parse(name.get_ref()) {
                Ok(spec) => spec,
                Err((message, help)) => {
                    self.error(message, name.span(), &help);
                    continue;
                }
            };
            let Some(table) = value.get_ref().as_table() else {
                self.error("a target is a table", value.span(), "write `[target.'cfg(windows)'.libraries]`");
                continue;
            };
            let place = format!("[target.{}]", name.get_ref());
            for key in table.keys().filter(|key| !known.contains(&&**key.get_ref())) {
                self.unknown(key.get_ref(), key.span(), &known, &place);
            }
            let mut said = LibraryPolicy::default();
            for kind in keys::TABLES.iter().filter(|table| table.per_target) {
                for values in self.sections(table, kind) {
                    self.of_libraries(kind, &values, &mut said);
                    self.lines(kind, &values, &spec.written(), libraries);
                }
            }
            libraries.targets.push((spec, said));
        }
    }

    fn of_libraries(&mut self, kind: &Table, values: &Values<'_>, policy: &mut LibraryPolicy) {
        match kind.key {
            "library-kind" => self.library_kind(values, policy),
            "library-prefix" => self.library_prefix(values, policy),
            _ => self.libraries(values, policy),
        }
    }

    fn lines(&self, kind: &'static Table, values: &Values<'_>, section: &str, libraries: &mut OfFile) {
        for key in values.table.keys() {
            let place = (section.to_owned(), kind.key, key.get_ref().to_string());
            libraries.lines.insert(place, self.line_at(key.span().start));
        }
    }

    /// Returns all tables of a kind, after a check of their keys.
    fn sections<'a>(&mut self, top: &'a DeTable<'a>, kind: &'static Table) -> Vec<Values<'a>> {
        let Some(value) = top.get(kind.key) else { return Vec::new() };
        let tables: Vec<_> = match value.get_ref() {
            DeValue::Table(table) if !kind.repeated => vec![(table, value.span())],
            DeValue::Array(list) if kind.repeated => list
                .iter()
                .filter_map(|item| match item.get_ref() {
                    DeValue::Table(table) => Some((table, item.span())),
                    _ => {
                        self.error(
                            format!("`{}` holds tables", kind.key),
                            item.span(),
                            &format!("write {}", kind.name),
                        );
                        None
                    }
                })
                .collect(),
            _ => {
                self.error(
                    format!("`{}` is not that", kind.key),
                    value.span(),
                    &format!("write {}", kind.name),
                );
                Vec::new()
            }
        };
        let names: Vec<&str> = kind.keys.iter().map(|key| key.name).collect();
        for (table, span) in &tables {
            if kind.open.is_none() {
                for key in table.keys().filter(|key| !names.contains(&&**key.get_ref())) {
                    self.unknown(key.get_ref(), key.span(), &names, kind.name);
                }
            }
            for key in kind.keys.iter().filter(|key| key.required && !table.contains_key(key.name)) {
                let help = match kind.key {
                    "allow" | "review" => "copy the entry that the refusal printed",
                    _ => key.doc,
                };
                self.error(format!("`{}` is missing in {}", key.name, kind.name), span.clone(), help);
            }
        }
        tables.into_iter().map(|(table, span)| Values::new(table, span, kind, true)).collect()
    }

    fn unknown(&mut self, key: &str, span: std::ops::Range<usize>, known: &[&str], place: &str) {
        let help = match inert_manifest_spec::suggest::nearest(key, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("{place} knows {}", known.join(", ")),
        };
        self.error(format!("unknown key `{key}` in {place}"), span, &help);
    }

    fn error(&mut self, message: impl Into<String>, span: std::ops::Range<usize>, help: &str) {
        self.diagnostics
            .push(Diagnostic::error("inert::policy::invalid", message, span).label("here").help(help));
    }
}
