//! Writes a [`Declaration`] as TOML text, laid out as a person would write it; [`crate::parse_declaration`] reads
//! it back to an equal value.
//!
//! Phases: `lower` turns each table into a tree of [`toml::Node`]s, in the order of [`crate::keys`]; `toml` lays the
//! tree out. Only TOML 1.0 is written, since the text goes into manifests that old Cargos read.

mod inline;
mod lower;
mod toml;

use crate::Declaration;

pub use inline::{path, text};
pub use toml::{key, string};

/// Returns the declaration as a document of its own. The layout is fixed, since digests are made of this text.
#[must_use]
pub fn declaration(declaration: &Declaration) -> String {
    toml::document(&lower::root(declaration), "", toml::Layout::Fixed)
}

/// Returns the declaration below a table, `package.metadata.inert` for a `Cargo.toml`, in lines that a person reads.
#[must_use]
pub fn declaration_at(declaration: &Declaration, table: &str) -> String {
    toml::document(&lower::root(declaration), table, toml::Layout::Narrow)
}
