//! Reads a [`Declaration`] from TOML text and reports every diagnostic at once.
//!
//! Phases: the `toml` crate makes a tree with spans; `reader` turns its values into typed ones by the tables of
//! [`crate::keys`]; one file per table lowers them; `references` checks what needs the whole declaration. The
//! result has a declaration only if there was no error.

mod cc;
mod condition;
mod guard;
mod library;
mod link;
mod out_dir;
mod path;
mod probe;
mod reader;
mod references;
mod root;
mod text;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::check::{self, PackageShape};
use crate::{Declaration, Diagnostic, Severity, codes, rules};
use reader::Reader;
pub(crate) use reader::Use;

/// The greatest number of diagnostics that are reported: more would not be read, and each costs a search through
/// names and text.
pub(crate) const MAX_DIAGNOSTICS: usize = 500;

/// The result of reading a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parsed {
    /// The declaration; `None` if the text has none, or it has errors.
    pub declaration: Option<Declaration>,
    /// Every problem that was found, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

impl Parsed {
    /// Returns whether the text has errors, and so cannot be used.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// Reads `[package.metadata.inert]` of a `Cargo.toml`, and checks it against the rest of that file. Without that
/// table, the result has neither declaration nor diagnostics.
#[must_use]
pub fn parse_manifest(text: &str) -> Parsed {
    let document = match document(text) {
        Ok(document) => document,
        Err(diagnostic) => return Parsed { declaration: None, diagnostics: vec![diagnostic] },
    };
    let Some(package) = document.get_ref().get("package").and_then(|package| package.get_ref().as_table())
    else {
        return Parsed::default();
    };
    let Some(table) = package
        .get("metadata")
        .and_then(|metadata| metadata.get_ref().as_table())
        .and_then(|metadata| metadata.get("inert"))
    else {
        return Parsed::default();
    };
    let mut reader = Reader::new(text);
    let declaration = reader.declaration(table);
    let shape = check::shape_of_manifest(document.get_ref());
    if let Some(declaration) = &declaration {
        reader.check_package(declaration, &shape, table.span());
    }
    reader.finish(declaration)
}

/// Reads a document whose root is a declaration.
#[must_use]
pub fn parse_declaration(text: &str) -> Parsed {
    match document(text) {
        Ok(document) => {
            let span = document.span();
            parse_table(&Spanned::new(span, DeValue::Table(document.into_inner())), text)
        }
        Err(diagnostic) => Parsed { declaration: None, diagnostics: vec![diagnostic] },
    }
}

/// Reads a declaration that is embedded in another document, whose text is `text`.
#[must_use]
pub fn parse_table(table: &Spanned<DeValue<'_>>, text: &str) -> Parsed {
    let mut reader = Reader::new(text);
    let declaration = reader.declaration(table);
    reader.finish(declaration)
}

impl Reader<'_> {
    fn finish(mut self, declaration: Option<Declaration>) -> Parsed {
        self.diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.span.end));
        self.diagnostics.dedup();
        let mut parsed = Parsed { declaration, diagnostics: self.diagnostics };
        if parsed.has_errors() {
            parsed.declaration = None;
        }
        let count = parsed.diagnostics.len();
        if count > MAX_DIAGNOSTICS {
            // Errors are sorted first, so that the cut drops warnings before errors.
            parsed.diagnostics.sort_by_key(|one| (one.severity == Severity::Warning, one.span.start));
            parsed.diagnostics.truncate(MAX_DIAGNOSTICS);
            let message = format!("{} more are not shown", count - MAX_DIAGNOSTICS);
            parsed
                .diagnostics
                .push(Diagnostic::warning(codes::TOO_LARGE, message, 0..0).label("this document"));
        }
        parsed
    }

    fn check_package(&mut self, declaration: &Declaration, shape: &PackageShape, table: crate::Span) {
        self.diagnostics.extend(check::package(declaration, shape, &self.uses, table));
    }
}

fn document(text: &str) -> Result<Spanned<DeTable<'_>>, Diagnostic> {
    if text.len() > rules::MAX_DOCUMENT {
        return Err(Diagnostic::error(
            codes::TOO_LARGE,
            format!("the document is {} bytes large", text.len()),
            0..0,
        )
        .label("begins here")
        .help(format!(
            "nothing larger than {} bytes is read; generated data belongs in files",
            rules::MAX_DOCUMENT
        )));
    }
    DeTable::parse(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        let start = span.start.min(text.len());
        let end = span.end.clamp(start, text.len());
        Diagnostic::error(
            codes::TOML_SYNTAX,
            format!("not TOML: {}", crate::render::escaped(error.message())),
            start..end,
        )
        .label("here")
    })
}
