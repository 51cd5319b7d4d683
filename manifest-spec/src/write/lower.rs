//! Turns the declaration's tables into trees.

mod cc;
mod guard;
mod library;
mod link;
mod probe;

use crate::keys::{self, Table};
use crate::rules::base64;
use crate::{Cfg, Condition, Declaration, MetadataValue, OutFile, Template};

use super::inline;
use super::toml::{Entries, Node};
use guard::{guard_entries, guarded, items, items_or_one};

/// Returns the tree of the whole declaration.
pub(super) fn root(declaration: &Declaration) -> Entries {
    let Declaration {
        schema,
        unsupported,
        cfg,
        probe,
        rustc_env,
        out_dir,
        library,
        cc_library,
        system_deps,
        link,
        links_metadata,
        error,
        warning,
    } = declaration;
    let text = |text: &_| Node::String(inline::text(text));
    let mut root = Writer::of(&keys::ROOT);
    root.put("schema", Node::Plain(schema.to_string()));
    root.condition("unsupported", unsupported.as_ref());
    root.condition("system-deps", system_deps.as_ref());
    root.put_list("error", items_or_one(error, text));
    root.put_list("warning", items_or_one(warning, text));
    root.section("cfg", cfg.iter().map(|(name, cfg)| (name.clone(), self::cfg(name, cfg))));
    root.section("probe", probe.iter().map(|(name, probe)| (name.clone(), probe::probe(name, probe))));
    root.section(
        "rustc-env",
        rustc_env.iter().filter_map(|(name, value)| Some((name.clone(), guarded(value, text)?))),
    );
    root.section(
        "links-metadata",
        links_metadata.iter().map(|(key, value)| {
            // A plain string means a value of the form `text`.
            if let [only] = value.alternatives.as_slice()
                && let (MetadataValue::Text(text), None, false) = (&only.value, &only.when, only.otherwise)
            {
                return (key.clone(), Node::String(inline::text(text)));
            }
            let mut tables = value.alternatives.iter().map(|item| {
                let mut table = metadata(&item.value);
                table.extend(guard_entries(item));
                Node::Inline(table)
            });
            (
                key.clone(),
                match (value.alternatives.len(), tables.next()) {
                    (1, Some(Node::Inline(only))) => Node::table(key, only),
                    (_, first) => Node::Array(first.into_iter().chain(tables).collect()),
                },
            )
        }),
    );
    root.section(
        "out-dir",
        out_dir.iter().map(|(path, file)| {
            let mut tables: Vec<Entries> = file
                .alternatives
                .iter()
                .map(|item| {
                    let mut table = out_file(&item.value);
                    table.extend(guard_entries(item));
                    table
                })
                .collect();
            let node =
                if tables.len() == 1 { Node::Section(tables.remove(0)) } else { Node::Sections(tables) };
            (path.0.clone(), node)
        }),
    );
    root.section(
        "library",
        library.iter().map(|(name, library)| (name.clone(), Node::Section(library::library(library)))),
    );
    root.section(
        "cc-library",
        cc_library.iter().map(|(name, library)| (name.clone(), Node::Section(cc::library(library)))),
    );
    if !link.is_empty() {
        root.put("link", Node::Sections(link.iter().map(link::entry).collect()));
    }
    root.finish()
}

/// Collects a table's entries; absent values are not written.
struct Writer {
    spec: &'static Table,
    entries: Entries,
}

impl Writer {
    fn of(spec: &'static Table) -> Self {
        Self { spec, entries: Vec::new() }
    }

    fn put(&mut self, key: &str, node: Node) {
        debug_assert!(self.spec.key(key).is_some(), "`{key}` has no row in `{}`", self.spec.name);
        self.entries.push((key.to_owned(), node));
    }

    fn put_some(&mut self, key: &str, node: Option<Node>) {
        if let Some(node) = node {
            self.put(key, node);
        }
    }

    /// Adds a list, unless it is empty.
    fn put_list(&mut self, key: &str, node: Node) {
        if !matches!(&node, Node::Array(items) if items.is_empty()) {
            self.put(key, node);
        }
    }

    /// Adds a string, if there is one.
    fn string(&mut self, key: &str, text: Option<&str>) {
        self.put_some(key, text.map(|text| Node::String(text.to_owned())));
    }

    /// Adds a list of strings without guards, unless it is empty.
    fn strings(&mut self, key: &str, texts: &[String]) {
        self.put_list(key, Node::Array(texts.iter().cloned().map(Node::String).collect()));
    }

    /// Adds a boolean, unless it is the default.
    fn boolean(&mut self, key: &str, value: bool, default: bool) {
        if value != default {
            self.put(key, Node::Plain(value.to_string()));
        }
    }

    fn condition(&mut self, key: &str, condition: Option<&Condition>) {
        self.put_some(key, condition.map(|condition| Node::Condition(condition.clone())));
    }

    /// Adds a table with a header, unless it is empty.
    fn section(&mut self, key: &str, entries: impl Iterator<Item = (String, Node)>) {
        let entries: Entries = entries.collect();
        if !entries.is_empty() {
            self.put(key, Node::Section(entries));
        }
    }

    /// Adds a table on one line or with a header, unless it is empty.
    fn table(&mut self, key: &str, entries: impl Iterator<Item = (String, Node)>) {
        let entries: Entries = entries.collect();
        if !entries.is_empty() {
            self.put(key, Node::table(key, entries));
        }
    }

    fn finish(mut self) -> Entries {
        self.entries.sort_by_key(|(key, _)| self.spec.keys.iter().position(|row| row.name == key));
        self.entries
    }
}

fn cfg(name: &str, cfg: &Cfg) -> Node {
    match cfg {
        Cfg::Option(condition) => Node::Condition(condition.clone()),
        Cfg::Values(values) => Node::table(
            name,
            values
                .iter()
                .map(|(value, condition)| (value.clone(), Node::Condition(condition.clone())))
                .collect(),
        ),
    }
}

fn metadata(value: &MetadataValue) -> Entries {
    let (key, node) = match value {
        MetadataValue::Text(text) => ("text", Node::String(inline::text(text))),
        MetadataValue::Path(path) => ("path", Node::String(inline::path(path))),
        MetadataValue::Paths(paths) => ("paths", items(paths, |path| Node::String(inline::path(path)))),
        MetadataValue::PathList(paths) => {
            ("path-list", items(paths, |path| Node::String(inline::path(path))))
        }
        MetadataValue::List(texts) => ("list", items(texts, |text| Node::String(inline::text(text)))),
    };
    vec![(key.to_owned(), node)]
}

fn out_file(file: &OutFile) -> Entries {
    let (key, node) = match file {
        OutFile::Text(text) => ("text", Node::String(inline::text(text))),
        OutFile::Copy(path) => ("copy", Node::String(inline::path(path))),
        OutFile::Concat(pieces) => (
            "concat",
            Node::Array(
                pieces
                    .iter()
                    .map(|item| {
                        let mut piece = out_file(&item.value);
                        piece.extend(guard_entries(item));
                        Node::Inline(piece)
                    })
                    .collect(),
            ),
        ),
        OutFile::Bytes(bytes) => ("base64", Node::String(base64::encode(bytes))),
        OutFile::Directory => ("directory", Node::Plain("true".to_owned())),
        OutFile::Template(Template { file, replace, without_lines }) => {
            let mut table = Writer::of(&keys::OUT_FILE);
            table.put("template", Node::String(inline::path(file)));
            let replace: Entries = replace
                .iter()
                .map(|(piece, text)| (piece.clone(), Node::String(inline::text(text))))
                .collect();
            if !replace.is_empty() {
                table.put("replace", Node::Inline(replace));
            }
            table.strings("without-lines", without_lines);
            return table.finish();
        }
    };
    vec![(key.to_owned(), node)]
}
