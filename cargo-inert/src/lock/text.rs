//! The lock as TOML text: sorted, with one key a line, so that diffs are small and branches merge.

use std::collections::BTreeSet;

use inert_manifest_spec::Diagnostic;
use toml::de::{DeTable, DeValue};

use super::{Configured, Entry, Key, Lock, VERSION};
use crate::policy::rules::Rules;
use crate::toml_text::quoted;

const HEADER: &str = "# Written by `cargo inert lock` and kept by builds: what decides each build script. Not for editing; after a merge\n\
                      # conflict, take either side and run `cargo inert lock`.\n";

const SCRIPT_KEYS: &[&str] = &[
    "name",
    "version",
    "source",
    "decision",
    "by",
    "capabilities",
    "rights",
    "unsupported",
    "script",
    "package",
    "declaration",
    "inputs",
];

/// Formats a lock as the text of the file.
#[must_use]
pub fn write(lock: &Lock) -> String {
    let mut text = format!("{HEADER}version = {VERSION}\n");
    if let Some(rules) = &lock.rules {
        text.push_str("\n[rules]\n");
        for (name, words) in rules.words() {
            text.push_str(&format!("{name} = {}\n", list(&words)));
        }
    }
    for (path, file) in &lock.configuration {
        text.push_str(&format!(
            "\n[[configuration]]\npath = {}\ndigest = {}\n",
            quoted(path),
            quoted(&file.digest)
        ));
        if let Some(reason) = &file.accepted {
            text.push_str(&format!("accepted = {}\n", quoted(reason)));
        }
    }
    for (key, entry) in &lock.scripts {
        text.push_str("\n[[script]]\n");
        let mut line = |name: &str, value: &str| text.push_str(&format!("{name} = {}\n", quoted(value)));
        line("name", &key.name);
        line("version", &key.version);
        line("source", &key.source);
        line("decision", &entry.decision);
        line("by", &entry.by);
        for (key, list) in [("capabilities", &entry.capabilities), ("rights", &entry.rights)] {
            if list.is_empty() {
                continue;
            }
            text.push_str(&format!("{key} = {}\n", self::list(list)));
        }
        let optional = [
            ("unsupported", &entry.unsupported),
            ("script", &entry.script),
            ("package", &entry.package),
            ("declaration", &entry.declaration),
            ("inputs", &entry.inputs),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                text.push_str(&format!("{name} = {}\n", quoted(value)));
            }
        }
    }
    text
}

fn list(words: &BTreeSet<String>) -> String {
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    format!("[{}]", words.join(", "))
}

pub(super) fn parse(text: &str) -> Result<Lock, Vec<Diagnostic>> {
    let mut reader = Reader { diagnostics: Vec::new() };
    let lock = match DeTable::parse(text) {
        Ok(document) => reader.lock(document.get_ref()),
        Err(error) => {
            reader.diagnostics.push(not_toml(text, &error));
            Lock::default()
        }
    };
    if reader.diagnostics.is_empty() { Ok(lock) } else { Err(reader.diagnostics) }
}

fn not_toml(text: &str, error: &toml::de::Error) -> Diagnostic {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ") || line.trim_end() == "=======" {
            let span = offset..offset + line.trim_end().len();
            return Diagnostic::error("inert::lock::conflict", "a merge left its markers in the lock", span)
                .label("here")
                .help("take either side and run `cargo inert lock`: it writes what holds for the merged Cargo.lock");
        }
        offset += line.len();
    }
    let span = error.span().unwrap_or(0..0);
    Diagnostic::error("inert::lock::toml", error.message().to_owned(), span)
        .label("here")
        .help("run `cargo inert lock` to write it again, and look at the diff")
}

struct Reader {
    diagnostics: Vec<Diagnostic>,
}

impl Reader {
    fn lock(&mut self, top: &DeTable<'_>) -> Lock {
        let mut lock = Lock::default();
        match top.get("version").map(|value| (value.get_ref(), value.span())) {
            Some((DeValue::Integer(number), _)) if number.as_str() == VERSION.to_string() => {}
            Some((_, span)) => {
                self.error(
                    "the lock is from another version of Inert",
                    span,
                    "update `cargo-inert`; nothing of it is guessed",
                );
                return lock;
            }
            None => {
                self.error("`version` is missing", 0..0, "run `cargo inert lock` to write it again");
                return lock;
            }
        }
        self.known(top, &["version", "rules", "configuration", "script"]);
        if let Some(rules) = top.get("rules") {
            lock.rules = self.rules(rules);
        }
        for table in self.tables(top, "configuration") {
            self.known(table, &["path", "digest", "accepted"]);
            let entry = (self.text(table, "path"), self.text(table, "digest"));
            let accepted = self.text(table, "accepted");
            if let (Some(path), Some(digest)) = entry {
                lock.configuration.insert(path, Configured { digest, accepted });
            }
        }
        for table in self.tables(top, "script") {
            self.known(table, SCRIPT_KEYS);
            let key = (self.text(table, "name"), self.text(table, "version"), self.text(table, "source"));
            let (Some(name), Some(version), Some(source)) = key else {
                let span = table.keys().next().map(toml::Spanned::span).unwrap_or_default();
                self.error(
                    "a script without name, version or source",
                    span,
                    "run `cargo inert lock` to write it again",
                );
                continue;
            };
            let entry = Entry {
                decision: self.text(table, "decision").unwrap_or_default(),
                by: self.text(table, "by").unwrap_or_default(),
                capabilities: self.texts(table, "capabilities"),
                rights: self.texts(table, "rights"),
                unsupported: self.text(table, "unsupported"),
                script: self.text(table, "script"),
                package: self.text(table, "package"),
                declaration: self.text(table, "declaration"),
                inputs: self.text(table, "inputs"),
            };
            let key = Key { name, version, source };
            if lock.scripts.contains_key(&key) {
                let span = table.get("name").map(toml::Spanned::span).unwrap_or_default();
                self.error(
                    format!("`{key}` stands twice"),
                    span,
                    "a merge may have kept both; run `cargo inert lock`",
                );
            }
            lock.scripts.insert(key, entry);
        }
        lock
    }

    fn rules(&mut self, rules: &toml::Spanned<DeValue<'_>>) -> Option<Rules> {
        const AGAIN: &str = "run `cargo inert lock` to write it again";
        let DeValue::Table(table) = rules.get_ref() else {
            self.error("`rules` is a table", rules.span(), AGAIN);
            return None;
        };
        // An empty list means that a rule is not set, except for capabilities, which may be an empty list.
        let words = table.keys().map(|key| (key.get_ref().to_string(), self.texts(table, key.get_ref())));
        let words = words.filter(|(name, words)| name == "capabilities" || !words.is_empty()).collect();
        match Rules::read(&words) {
            Ok(rules) => Some(rules),
            Err(name) => {
                self.error(format!("`{name}` is no rule that this Inert knows"), rules.span(), AGAIN);
                None
            }
        }
    }

    fn known(&mut self, table: &DeTable<'_>, keys: &[&str]) {
        for key in table.keys().filter(|key| !keys.contains(&&**key.get_ref())) {
            self.error(
                format!("unknown key `{}`", key.get_ref()),
                key.span(),
                "run `cargo inert lock` to write it again",
            );
        }
    }

    fn tables<'a>(&mut self, top: &'a DeTable<'a>, key: &str) -> Vec<&'a DeTable<'a>> {
        let Some(value) = top.get(key) else { return Vec::new() };
        let DeValue::Array(list) = value.get_ref() else {
            self.error(format!("`{key}` is a list of tables"), value.span(), "");
            return Vec::new();
        };
        let mut found = Vec::new();
        for item in list.iter() {
            match item.get_ref() {
                DeValue::Table(table) => found.push(table),
                _ => self.error(format!("`{key}` is a list of tables"), item.span(), ""),
            }
        }
        found
    }

    fn text(&mut self, table: &DeTable<'_>, key: &str) -> Option<String> {
        let value = table.get(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            _ => {
                self.error(format!("`{key}` is a string"), value.span(), "");
                None
            }
        }
    }

    fn texts(&mut self, table: &DeTable<'_>, key: &str) -> BTreeSet<String> {
        let Some(value) = table.get(key) else { return BTreeSet::new() };
        let mut found = BTreeSet::new();
        if let DeValue::Array(list) = value.get_ref() {
            for item in list.iter() {
                match item.get_ref() {
                    DeValue::String(text) => drop(found.insert(text.to_string())),
                    _ => self.error(format!("`{key}` holds strings"), item.span(), ""),
                }
            }
        } else {
            self.error(format!("`{key}` is a list"), value.span(), "");
        }
        found
    }

    fn error(&mut self, message: impl Into<String>, span: std::ops::Range<usize>, help: &str) {
        self.diagnostics
            .push(Diagnostic::error("inert::lock::invalid", message, span).label("here").help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let key = Key { name: "a".into(), version: "1.0.0".into(), source: "path+./\"a\u{7}".into() };
        let entry = Entry {
            decision: "replace".into(),
            by: "derived".into(),
            capabilities: ["cfg".to_owned(), "env".to_owned()].into(),
            unsupported: Some("windows".into()),
            script: Some("sha256:1".into()),
            ..Entry::default()
        };
        let file = |accepted: Option<&str>| Configured {
            digest: "y".to_owned(),
            accepted: accepted.map(str::to_owned),
        };
        let configuration = [("x".to_owned(), file(None)), ("z".to_owned(), file(Some("a \"b\"")))].into();
        let lock = Lock {
            rules: Some(Rules::of(&crate::policy::Policy::default())),
            scripts: [(key, entry)].into(),
            configuration,
        };
        assert_eq!(parse(&write(&lock)).unwrap(), lock);
        assert_eq!(parse(&write(&Lock::default())).unwrap(), Lock::default());
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for (text, message) in [
            ("version = 2\n", "another version"),
            ("", "`version` is missing"),
            ("version = 1\nx = 1\n", "unknown key `x`"),
            ("version = 1\n<<<<<<< HEAD\n", "merge left its markers"),
            ("version = 1\n[[script]]\nname = \"a\"\n", "without name"),
            ("version = 1\nscript = 1\n", "list of tables"),
            ("version = 1\nrules = 1\n", "is a table"),
            ("version = 1\n[rules]\nmembers = [\"x\"]\n", "`members` is no rule"),
        ] {
            let found = parse(text).unwrap_err();
            assert!(found[0].message.contains(message), "{text}: {found:?}");
        }
    }
}
