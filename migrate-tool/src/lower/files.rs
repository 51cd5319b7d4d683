//! Lowers the files that a script writes to OUT_DIR.

use std::collections::BTreeMap;

use inert_manifest_spec::Condition;
use inert_manifest_spec::types::{Declaration, Guarded, Item, OutFile, PathRef, RelativePath};

use super::{Conditions, item, text};
use crate::logic::Guard;
use crate::trace::Trace;
use crate::value::{Piece, Value};

/// The content of a file, with guards that are not written as conditions yet.
#[derive(Debug)]
enum Content {
    Plain(OutFile),
    Pieces(Vec<(Guard, OutFile)>),
}

/// The files by their path in OUT_DIR, with each possible content.
#[derive(Debug, Default)]
pub(super) struct Files(BTreeMap<String, Vec<(Guard, Content)>>);

impl Files {
    /// Records the content of a file under a guard.
    pub(super) fn add(
        &mut self,
        trace: &mut Trace<'_>,
        path: &str,
        guard: Guard,
        value: &Value,
    ) -> Result<(), String> {
        let content = match value {
            Value::Unit => Content::Plain(OutFile::Directory),
            Value::Bytes(bytes) => Content::Plain(OutFile::Bytes(bytes.to_vec())),
            Value::External(what) => match what.strip_prefix("copy of ") {
                Some(from) => Content::Plain(OutFile::Copy(PathRef::Package(RelativePath(from.to_owned())))),
                None => return Err("what it holds is not known".into()),
            },
            Value::Text(content) => {
                let mut pieces: Vec<(Guard, Vec<Piece>)> = Vec::new();
                for (under, piece) in content.0.iter() {
                    let under =
                        if trace.inputs.diagrams.implies(guard, *under) { Guard::TRUE } else { *under };
                    match pieces.last_mut() {
                        Some((known, list)) if *known == under => list.push(piece.clone()),
                        _ => pieces.push((under, vec![piece.clone()])),
                    }
                }
                match pieces.as_slice() {
                    [] => Content::Plain(OutFile::Text(text::text(&[])?)),
                    [(under, list)] if under.is_true() => Content::Plain(OutFile::Text(text::text(list)?)),
                    _ => Content::Pieces(
                        pieces
                            .into_iter()
                            .map(|(under, list)| Ok((under, OutFile::Text(text::text(&list)?))))
                            .collect::<Result<_, String>>()?,
                    ),
                }
            }
            _ => return Err("what it holds is not known".into()),
        };
        self.0.entry(path.to_owned()).or_default().push((guard, content));
        Ok(())
    }

    /// Writes the files into the declaration.
    pub(super) fn declare(self, declaration: &mut Declaration, condition: &mut Conditions<'_>) {
        let paths: Vec<String> = self.0.keys().cloned().collect();
        for (path, contents) in self.0 {
            // A folder that holds a file is created with the file, and needs no entry.
            let prefix = format!("{path}/");
            let holds = paths.iter().any(|other| other.starts_with(&prefix));
            let mut alternatives = Vec::new();
            for (guard, content) in contents {
                if holds && matches!(content, Content::Plain(OutFile::Directory)) {
                    continue;
                }
                let what = format!("`{path}` is written");
                let Some(when) = condition(guard, Guard::TRUE, &what) else { continue };
                if when == Condition::Constant(false) {
                    continue;
                }
                let file = match content {
                    Content::Plain(file) => file,
                    Content::Pieces(pieces) => {
                        let mut list: Vec<Item<OutFile>> = Vec::new();
                        for (under, piece) in pieces {
                            if let Some(when) = condition(under, guard, &what)
                                && when != Condition::Constant(false)
                            {
                                list.push(item(piece, when));
                            }
                        }
                        OutFile::Concat(list)
                    }
                };
                alternatives.push(item(file, when));
            }
            if !alternatives.is_empty() {
                declaration.out_dir.insert(RelativePath(path), Guarded { alternatives });
            }
        }
    }
}
