//! The facts of a manifest that describe a package: its licence, its description, its places on the web.

use toml::de::{DeTable, DeValue};

/// The descriptive fields of `[package]`. Their text is the package's own, and is escaped wherever it is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// `license`, an SPDX expression if the author has written one.
    pub license: Option<String>,
    /// `license-file`, a path from the package's folder.
    pub license_file: Option<String>,
    /// The value of `description`, a text in the author's words.
    pub description: Option<String>,
    /// The value of `repository`, an address.
    pub repository: Option<String>,
    /// The value of `homepage`, an address.
    pub homepage: Option<String>,
    /// The values of `authors`, in the manifest's order.
    pub authors: Vec<String>,
}

impl Facts {
    /// Reads the fields; those with `workspace = true` come from the workspace's manifest. Text that is no TOML has no
    /// facts: Cargo has read the same file before.
    #[must_use]
    pub fn of(manifest: &str, workspace: &str) -> Self {
        let (own, root) = (DeTable::parse(manifest), DeTable::parse(workspace));
        let own = own.as_ref().ok().and_then(|document| table(document.get_ref(), &["package"]));
        let root =
            root.as_ref().ok().and_then(|document| table(document.get_ref(), &["workspace", "package"]));
        let value = |name: &str| -> Option<&DeValue<'_>> {
            let value = own?.get(name)?.get_ref();
            let inherited = matches!(value, DeValue::Table(table)
                if matches!(table.get("workspace").map(toml::Spanned::get_ref), Some(DeValue::Boolean(true))));
            if inherited { Some(root?.get(name)?.get_ref()) } else { Some(value) }
        };
        let text = |name: &str| match value(name) {
            Some(DeValue::String(text)) => Some(text.to_string()).filter(|text| !text.trim().is_empty()),
            _ => None,
        };
        let authors = match value("authors") {
            Some(DeValue::Array(list)) => list
                .iter()
                .filter_map(|item| match item.get_ref() {
                    DeValue::String(text) => Some(text.to_string()),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        Self {
            license: text("license"),
            license_file: text("license-file"),
            description: text("description"),
            repository: text("repository"),
            homepage: text("homepage"),
            authors,
        }
    }
}

fn table<'a, 'b>(mut table: &'a DeTable<'b>, path: &[&str]) -> Option<&'a DeTable<'b>> {
    for key in path {
        match table.get(*key)?.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => return None,
        }
    }
    Some(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inherited_fields_come_from_the_workspace() {
        let own = "[package]\nname = 'a'\nlicense.workspace = true\ndescription = 'd'\nauthors = ['x', 1]\nhomepage = 2\n";
        let root = "[workspace.package]\nlicense = 'MIT'\ndescription = 'of the workspace'\n";
        let facts = Facts::of(own, root);
        assert_eq!(facts.license.as_deref(), Some("MIT"));
        assert_eq!(facts.description.as_deref(), Some("d"));
        assert_eq!(facts.authors, ["x"]);
        assert_eq!(facts.homepage, None);
        assert_eq!(Facts::of("[", "["), Facts::default());
        assert_eq!(Facts::of(own, "").license, None);
    }
}
