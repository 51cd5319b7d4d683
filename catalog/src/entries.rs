//! The files of the catalog. A test holds this table and the folder together.

/// Crate name → text of its file.
pub const ENTRIES: &[(&str, &str)] = &[];
