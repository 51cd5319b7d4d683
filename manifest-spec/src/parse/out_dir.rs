//! Reads `out-dir`: files in OUT_DIR.

use std::collections::BTreeMap;

use toml::de::DeValue;

use super::guard::Form;
use super::reader::{Fields, Reader, Value};
use super::text::Place;
use crate::rules::{self, libraries};
use crate::{Guarded, OutFile, RelativePath, Template, codes, keys};

const FILE: Form<OutFile> = Form {
    what: "out-dir",
    plain: not_a_table,
    table: Some((&keys::OUT_FILE, |reader, fields| Some(vec![reader.out_file(fields)?]))),
};

const PIECE: Form<OutFile> = Form {
    what: "concat",
    plain: not_a_table,
    table: Some((&keys::OUT_FILE, |reader, fields| Some(vec![reader.piece(fields)?]))),
};

fn not_a_table(reader: &mut Reader<'_>, value: &Value<'_>, _: &str) -> Option<OutFile> {
    let help = match value.get_ref() {
        DeValue::String(_) => "write `{ text = \"…\" }` or `{ copy = \"path\" }`",
        _ => "write a table with `text`, `copy`, `concat`, `base64` or `directory`",
    };
    reader.error(codes::WRONG_TYPE, "a file in OUT_DIR is a table", value.span(), "not a table", help);
    None
}

impl Reader<'_> {
    pub(super) fn out_dir(&mut self, value: &Value<'_>) -> BTreeMap<RelativePath, Guarded<OutFile>> {
        let files = self.map(value, "out-dir", |reader, name, span, value| {
            let path = reader.checked(name, span.clone(), rules::path::check);
            if name == "." {
                reader.error(codes::PATH, "`.` is OUT_DIR itself", span.clone(), "not a file", "name a file");
            }
            let file = reader.guarded(value, &FILE)?;
            reader.library_file(name, &span, &file);
            Some((path?, (span, file)))
        });
        self.nested(&files);
        files.into_iter().map(|(path, (_, file))| (path, file)).collect()
    }

    fn out_file(&mut self, fields: &Fields<'_, '_>) -> Option<OutFile> {
        let (kind, value) =
            self.one_of(fields, &["text", "copy", "concat", "template", "base64", "directory"])?;
        for key in ["replace", "without-lines"] {
            if kind != "template" && fields.get(key).is_some() {
                let message = format!("`{key}` belongs to a `template`");
                let help = "write `template = \"path\"` beside it";
                self.error(codes::KEYS_CONFLICT, message, fields.key_span(key), "without a template", help);
            }
        }
        match (kind, value) {
            ("template", value) => {
                let replace = fields.get("replace").map(|value| {
                    self.map(value, "replace", |reader, piece, span, value| {
                        if piece.is_empty() {
                            let help = "write the text that is replaced";
                            reader.error(codes::BAD_VALUE, "nothing cannot be replaced", span, "empty", help);
                        }
                        Some((piece.to_owned(), reader.text(value, "replace", Place::Anywhere)?))
                    })
                });
                let without_lines = fields.get("without-lines").map(|value| {
                    self.strings(value, |reader, value| {
                        Some(reader.string(value, "without-lines")?.to_owned())
                    })
                });
                Some(OutFile::Template(Template {
                    file: self.path(value, "template")?,
                    replace: replace.unwrap_or_default(),
                    without_lines: without_lines.unwrap_or_default(),
                }))
            }
            ("text", value) => Some(OutFile::Text(self.text(value, "text", Place::Anywhere)?)),
            ("copy", value) => Some(OutFile::Copy(self.path(value, "copy")?)),
            ("concat", value) => Some(OutFile::Concat(self.list(value, &PIECE))),
            ("base64", value) => {
                let text = self.string(value, "base64")?;
                match rules::base64::decode(text) {
                    Some(bytes) => Some(OutFile::Bytes(bytes)),
                    None => {
                        let help = "letters, digits, `+` and `/`, padded by `=` to a multiple of four";
                        self.error(codes::BAD_VALUE, "not base64", value.span(), "this text", help);
                        None
                    }
                }
            }
            (_, value) => {
                if !self.boolean(value, "directory")? {
                    self.error(
                        codes::BAD_VALUE,
                        "`directory = false` says nothing",
                        value.span(),
                        "says nothing",
                        "leave the entry out",
                    );
                }
                Some(OutFile::Directory)
            }
        }
    }

    fn piece(&mut self, fields: &Fields<'_, '_>) -> Option<OutFile> {
        for key in ["concat", "directory", "else"] {
            if fields.get(key).is_some() {
                let message = format!("a piece of a file cannot be `{key}`");
                self.error(
                    codes::KEYS_CONFLICT,
                    message,
                    fields.key_span(key),
                    "not in a piece",
                    "a piece is `text`, `copy` or `base64`",
                );
                return None;
            }
        }
        self.out_file(fields)
    }

    /// Checks a file whose name a linker looks for: it must not be a system library, nor text, which would be a
    /// linker script.
    fn library_file(&mut self, name: &str, span: &crate::Span, file: &Guarded<OutFile>) {
        if libraries::is_crate(name) {
            let message = "rustc would take this file for a compiled crate";
            self.error(codes::RESERVED, message, span.clone(), "not to be supplied", "choose another name");
        }
        let Some(library) = libraries::of_file(name) else { return };
        if libraries::is_reserved(library) {
            let message = format!("`{library}` is a library of the system or the toolchain");
            self.error(
                codes::RESERVED,
                message,
                span.clone(),
                "a linker would take this file for it",
                "choose another name",
            );
        } else if file.alternatives.iter().any(|item| !matches!(item.value, OutFile::Copy(_))) {
            let message = "a file with the name of a library is copied from one, not written";
            let help = "write `{ copy = \"path\" }`, or build it as a `cc-library`";
            self.error(codes::SEARCH_FILES, message, span.clone(), "a linker would read this", help);
        }
    }

    /// Reports files that would lie inside another file.
    fn nested(&mut self, files: &BTreeMap<RelativePath, (crate::Span, Guarded<OutFile>)>) {
        for (path, (span, _)) in files {
            for (at, _) in path.0.match_indices('/') {
                let folder = &path.0[..at];
                if let Some((_, file)) = files.get(&RelativePath(folder.to_owned()))
                    && file.alternatives.iter().any(|item| item.value != OutFile::Directory)
                {
                    let message = format!("`{folder}` is a file, and cannot hold `{}`", path.0);
                    self.error(
                        codes::DUPLICATE,
                        message,
                        span.clone(),
                        "inside a file",
                        "choose another name",
                    );
                }
            }
        }
    }
}
