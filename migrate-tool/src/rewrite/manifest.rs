//! What is added to a Cargo.toml, the declaration and a table of build-dependencies: as text behind what is there, so
//! that nothing else moves.

use inert_manifest_spec::{Declaration, write};
use toml_edit::{DocumentMut, Item};

use super::RewriteError;

const TABLE: &str = "package.metadata.inert";

/// Adds the declaration: behind the last `[package…]` table where the manifest's tables are in the usual order, else
/// at its end.
pub(super) fn with_declaration(text: &str, declaration: &Declaration) -> Result<String, RewriteError> {
    let added = write::declaration_at(declaration, TABLE);
    let whole = inserted(text, behind(text, "package").unwrap_or(text.len()), &added);
    if whole.parse::<DocumentMut>().is_ok() {
        return Ok(whole);
    }
    // `metadata` is written inline, or by dotted keys, and no table of its own can be added to it.
    inline(text, declaration)
}

/// Adds `[build-dependencies]` to a manifest that has none: behind `[dependencies]`, or at its end.
pub(super) fn with_build_dependency(text: &str, name: &str, requirement: &toml_edit::Value) -> String {
    let requirement = requirement.to_string();
    let added = format!("[build-dependencies]\n{} = {}\n", write::key(name), requirement.trim());
    inserted(text, behind(text, "dependencies").unwrap_or(text.len()), &added)
}

/// A table in a text, parted from what is around it by a line.
fn inserted(text: &str, at: usize, table: &str) -> String {
    let (before, after) = text.split_at(at);
    let mut whole = before.trim_end().to_owned();
    whole.push_str("\n\n");
    whole.push_str(table.trim());
    whole.push('\n');
    if !after.trim().is_empty() {
        whole.push('\n');
        whole.push_str(after.trim_start_matches(['\n', '\r']));
    }
    whole
}

/// Where a new table belongs: before the first table that is none of `root`'s and follows one; none where no table is.
fn behind(text: &str, root: &str) -> Option<usize> {
    let mut at = 0;
    let mut seen = false;
    let mut end = text.len();
    let mut quotes = None;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let trimmed = line.trim_start();
        if quotes.is_none() && trimmed.starts_with('[') {
            let name = trimmed.trim_start_matches('[').trim_start();
            let is_root = name.strip_prefix(root).is_some_and(|rest| rest.starts_with([']', '.', ' ']));
            if is_root {
                (seen, end) = (true, text.len());
            } else if seen && end == text.len() {
                end = start;
            }
        }
        // Text over several lines may hold what looks like a table.
        for mark in ["\"\"\"", "'''"] {
            if line.matches(mark).count() % 2 == 1 {
                quotes = match quotes {
                    None => Some(mark),
                    Some(open) if open == mark => None,
                    open => open,
                };
            }
        }
    }
    if !seen {
        return None;
    }
    // Comments right above the next table belong to it.
    let mut before = end;
    while let Some(line) = text[..before].trim_end_matches('\n').rsplit('\n').next()
        && end < text.len()
        && line.trim_start().starts_with('#')
    {
        before = text[..before].trim_end_matches('\n').len() - line.len();
    }
    Some(before)
}

fn inline(text: &str, declaration: &Declaration) -> Result<String, RewriteError> {
    let bad = |error: toml_edit::TomlError| RewriteError(error.message().to_owned());
    let mut document: DocumentMut = text.parse().map_err(bad)?;
    let own: DocumentMut = write::declaration(declaration).parse().map_err(bad)?;
    let value = own
        .as_item()
        .clone()
        .into_value()
        .map_err(|_| RewriteError("the declaration is not a table".to_owned()))?;
    let metadata = document.get_mut("package").and_then(|package| package.get_mut("metadata"));
    let metadata = metadata.and_then(Item::as_table_like_mut);
    let metadata =
        metadata.ok_or_else(|| RewriteError("`[package.metadata.inert]` finds no place".to_owned()))?;
    metadata.insert("inert", Item::Value(value));
    Ok(document.to_string())
}
