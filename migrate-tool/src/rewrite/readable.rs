//! Rewrites a derived declaration as its author would have written it. Its meaning stays the same; its form is for the
//! people who maintain it from then on.
//!
//! Steps: [`fallback`] (a source build that is used where a library is not found becomes its `fallback`) → [`globs`]
//! (the sources of a folder become a pattern) → [`redundant`] (what holds anyway is left out) → [`probes`] (probes get
//! the names of what they test).

mod fallback;
mod globs;
mod probes;
mod redundant;

use inert_manifest_spec::{Condition, Declaration};

/// Returns the names of the files in a folder of the package, with `/` between folders and `.` for the package itself;
/// none if the folder cannot be read.
type Listing<'a> = &'a dyn Fn(&str) -> Vec<String>;

/// Returns the derived declaration in a form that is easier to read and maintain.
#[must_use]
pub fn readable(derived: &Declaration, listing: Listing<'_>) -> Declaration {
    let mut declaration = derived.clone();
    fallback::found(&mut declaration);
    globs::found(&mut declaration, listing);
    probes::named(redundant::dropped(declaration))
}

/// Returns the declaration with `change` applied to each condition, and with probes renamed as `rename` says.
fn with_conditions(
    declaration: Declaration,
    change: &dyn Fn(Condition) -> Condition,
    rename: &dyn Fn(&str) -> Option<String>,
) -> Declaration {
    use toml_edit::{DocumentMut, Item, Table, Value};

    fn in_value(value: &mut Value, is_condition: bool, change: &dyn Fn(Condition) -> Condition) {
        match value {
            Value::String(text) if is_condition => {
                if let Ok(condition) = inert_manifest_spec::condition::parse(text.value(), 0) {
                    *value = change(condition).to_string().into();
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| in_value(item, false, change)),
            Value::InlineTable(table) => {
                for (key, below) in table.iter_mut() {
                    in_value(below, is_condition || key.get() == "when", change);
                }
            }
            _ => {}
        }
    }
    fn in_table(
        holder: &mut Table,
        is_condition: bool,
        keys: &[&str],
        change: &dyn Fn(Condition) -> Condition,
    ) {
        for (key, item) in holder.iter_mut() {
            match item {
                Item::Value(below) => in_value(below, is_condition || keys.contains(&key.get()), change),
                Item::Table(below) => in_table(below, is_condition, &["when"], change),
                Item::ArrayOfTables(tables) => {
                    tables.iter_mut().for_each(|below| in_table(below, is_condition, &["when"], change));
                }
                Item::None => {}
            }
        }
    }

    let text = inert_manifest_spec::write::declaration(&declaration);
    let Ok(mut document) = text.parse::<DocumentMut>() else { return declaration };
    let root = document.as_table_mut();
    if let Some(probes) = root.get_mut("probe").and_then(Item::as_table_mut) {
        let names: Vec<String> = probes.iter().map(|(name, _)| name.to_owned()).collect();
        for old in names {
            if let Some(new) = rename(&old)
                && let Some(probe) = probes.remove(&old)
            {
                probes.insert(&new, probe);
            }
        }
    }
    for (key, item) in root.iter_mut() {
        match item {
            Item::Value(below) => {
                in_value(below, ["unsupported", "system-deps"].contains(&key.get()), change)
            }
            // The keys of a table of the root are names that the author chose, and no keys of the schema.
            Item::Table(below) => in_table(below, key.get() == "cfg", &[], change),
            Item::ArrayOfTables(tables) => {
                tables.iter_mut().for_each(|below| in_table(below, false, &["when"], change));
            }
            Item::None => {}
        }
    }
    // If the schema's own parser does not accept the result, the declaration stays as it was.
    let parsed = inert_manifest_spec::parse_declaration(&document.to_string());
    match parsed.declaration {
        Some(changed)
            if parsed.diagnostics.iter().all(|one| one.severity != inert_manifest_spec::Severity::Error) =>
        {
            changed
        }
        _ => declaration,
    }
}

/// Returns the parts of an `all`, or the condition itself.
fn conjuncts(condition: Option<&Condition>) -> Vec<Condition> {
    match condition {
        None => Vec::new(),
        Some(Condition::All(parts)) => parts.clone(),
        Some(other) => vec![other.clone()],
    }
}

fn all(mut parts: Vec<Condition>) -> Option<Condition> {
    match parts.len() {
        0 => None,
        1 => parts.pop(),
        _ => Some(Condition::All(parts)),
    }
}

fn not(condition: Condition) -> Condition {
    match condition {
        Condition::Not(inner) => *inner,
        other => Condition::Not(Box::new(other)),
    }
}
