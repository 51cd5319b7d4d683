//! Reads a recipe's file: entries as in the catalog, and the comparisons.

use std::path::Path;

use toml::de::{DeTable, DeValue};

/// A recipe, with its declarations and comparisons.
pub(crate) struct Recipe {
    /// The name of the crate.
    pub(crate) name: String,
    /// The versions, and the declaration for them, as `[package.metadata.inert]`.
    pub(crate) entries: Vec<(Vec<String>, String)>,
    /// The comparisons to make.
    pub(crate) oracles: Vec<Oracle>,
}

/// A comparison of the recipe with the crate's script.
#[derive(Default)]
pub(crate) struct Oracle {
    pub(crate) version: String,
    pub(crate) features: Vec<String>,
    pub(crate) default_features: bool,
    /// Another target, whose compiler is on PATH; the crate is only compiled then.
    pub(crate) target: Option<String>,
    pub(crate) env: Vec<(String, String)>,
    /// Other packages that the build needs: `name = version`.
    pub(crate) with: Vec<(String, String)>,
    /// The intended differences, as beginnings of lines.
    pub(crate) except: Vec<String>,
}

/// Returns every recipe and every entry of the catalog with a comparison, by name.
pub(crate) fn all() -> Vec<Recipe> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut paths = Vec::new();
    for folder in ["vendored-fallbacks/recipes", "catalog/entries"] {
        let entries = std::fs::read_dir(root.join(folder)).expect("the recipes");
        paths.extend(entries.map(|entry| entry.expect("an entry").path()));
    }
    paths.sort();
    paths.iter().map(|path| recipe(path)).collect()
}

fn recipe(path: &Path) -> Recipe {
    let text = std::fs::read_to_string(path).expect("a recipe");
    let document = DeTable::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let tables = |key: &str| -> Vec<&DeTable<'_>> {
        let list = document.get_ref().get(key).and_then(|value| value.get_ref().as_array());
        list.map(|list| list.iter().filter_map(|item| item.get_ref().as_table()).collect())
            .unwrap_or_default()
    };
    let entries = inert_catalog::declarations(&text).into_iter().map(in_package).collect();
    let oracles = tables("oracle")
        .into_iter()
        .map(|table| Oracle {
            version: string(table, "version").expect("an oracle names a version"),
            features: strings(table, "features"),
            default_features: table
                .get("default-features")
                .is_none_or(|v| v.get_ref().as_bool() != Some(false)),
            target: string(table, "target"),
            env: pairs(table, "env"),
            with: pairs(table, "with"),
            except: strings(table, "except"),
        })
        .collect();
    let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a crate's name").to_owned();
    Recipe { name, entries, oracles }
}

/// Returns the declaration in the form for a package's manifest.
fn in_package((versions, text): (Vec<String>, String)) -> (Vec<String>, String) {
    let declaration = inert_manifest_spec::parse_declaration(&text).declaration.expect("a declaration");
    (versions, inert_manifest_spec::write::declaration_at(&declaration, "package.metadata.inert"))
}

fn string(table: &DeTable<'_>, key: &str) -> Option<String> {
    table.get(key)?.get_ref().as_str().map(str::to_owned)
}

fn strings(table: &DeTable<'_>, key: &str) -> Vec<String> {
    match table.get(key).map(|value| value.get_ref()) {
        Some(DeValue::Array(list)) => {
            list.iter().filter_map(|item| item.get_ref().as_str().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    }
}

fn pairs(table: &DeTable<'_>, key: &str) -> Vec<(String, String)> {
    let Some(table) = table.get(key).and_then(|value| value.get_ref().as_table()) else { return Vec::new() };
    let pair = |(name, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| {
        let name: &std::borrow::Cow<'_, str> = name.get_ref();
        (name.to_string(), value.get_ref().as_str().unwrap_or_default().to_owned())
    };
    table.iter().map(pair).collect()
}
