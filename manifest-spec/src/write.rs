//! [`Declaration`] → TOML text that reads as a person would write it, and that [`crate::parse_declaration`] reads back
//! to the same.
//!
//! Phases: `lower` turns each table into a tree of [`toml::Node`]s, in the order of [`crate::keys`]; `toml` lays the
//! tree out. Only TOML 1.0 is written, since the text goes into manifests that old Cargos read.

mod inline;
mod lower;
mod toml;

use crate::Declaration;

pub use inline::{path, text};
pub use toml::{key, string};

/// The declaration as a document of its own.
#[must_use]
pub fn declaration(declaration: &Declaration) -> String {
    toml::document(&lower::root(declaration), "")
}

/// The declaration below a table, `package.metadata.inert` for a `Cargo.toml`.
#[must_use]
pub fn declaration_at(declaration: &Declaration, table: &str) -> String {
    toml::document(&lower::root(declaration), table)
}
