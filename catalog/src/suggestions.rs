//! The rights with which real scripts were seen to pass when they run confined: suggestions for entries of a policy, which
//! decide nothing.

use toml::de::{DeTable, DeValue};

/// The suggestions, as text.
const SUGGESTIONS: &str = include_str!("../suggestions.toml");

/// The keys of an entry that a suggestion may fill. None of them lifts the confinement or reaches the network.
const KEYS: &[&str] = &["tools", "read", "write", "env"];

/// The rights for one package beyond those of every confined script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The lines of an entry, as TOML.
    pub lines: Vec<String>,
    /// The reason why the script needs the rights.
    pub why: String,
    /// The version that passed with them.
    pub tested: String,
}

/// Returns the suggestion for a package with a script, or for one that is linked into a script.
#[must_use]
pub fn suggestion(name: &str, version: &str) -> Option<Suggestion> {
    in_text(SUGGESTIONS, name, version)
}

fn in_text(text: &str, name: &str, version: &str) -> Option<Suggestion> {
    let document = DeTable::parse(text).ok()?;
    let DeValue::Array(all) = document.get_ref().get("suggestion")?.get_ref() else { return None };
    let version = numbers(version);
    all.iter().find_map(|one| {
        let DeValue::Table(table) = one.get_ref() else { return None };
        let text = |key: &str| match table.get(key).map(toml::Spanned::get_ref) {
            Some(DeValue::String(text)) => Some(text.to_string()),
            _ => None,
        };
        let holds = numbers(&text("from")?) <= version && version < numbers(&text("below")?);
        if text("package")? != name || !holds {
            return None;
        }
        let lines = KEYS.iter().filter_map(|key| {
            let DeValue::Array(values) = table.get(*key)?.get_ref() else { return None };
            let values = values.iter().filter_map(|value| match value.get_ref() {
                DeValue::String(value) => Some(format!("{value:?}")),
                _ => None,
            });
            Some(format!("{key} = [{}]", values.collect::<Vec<_>>().join(", ")))
        });
        Some(Suggestion { lines: lines.collect(), why: text("why")?, tested: text("tested")? })
    })
}

/// Returns the first three numbers of a version. What follows them makes no difference here.
fn numbers(version: &str) -> [u64; 3] {
    let plain = version.split(['-', '+']).next().unwrap_or_default();
    let mut parts = plain.split('.').map(|part| part.parse().unwrap_or_default());
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_suggestion_is_read_and_holds_for_the_version_that_was_tested() {
        let document = DeTable::parse(SUGGESTIONS).unwrap();
        let DeValue::Array(all) = document.get_ref()["suggestion"].get_ref() else {
            panic!("no suggestions")
        };
        for one in all.iter() {
            let DeValue::Table(table) = one.get_ref() else { panic!("no table") };
            let text = |key: &str| match table[key].get_ref() {
                DeValue::String(text) => text.to_string(),
                other => panic!("{key}: {other:?}"),
            };
            let found = suggestion(&text("package"), &text("tested"))
                .unwrap_or_else(|| panic!("{}", text("package")));
            assert!(!found.lines.is_empty() && !found.why.is_empty(), "{found:?}");
            let known = ["package", "from", "below", "tested", "why"];
            for (key, _) in table.iter() {
                assert!(
                    known.contains(&&**key.get_ref()) || KEYS.contains(&&**key.get_ref()),
                    "{}",
                    key.get_ref()
                );
            }
        }
    }

    #[test]
    fn versions_outside_of_the_range_have_none() {
        let text = "[[suggestion]]\npackage = \"a\"\nfrom = \"0.7\"\nbelow = \"0.9\"\ntested = \"0.8.1\"\nread = [\"workspace:.git\"]\nwhy = \"w\"\n";
        for (version, holds) in
            [("0.7.0", true), ("0.8.9+x", true), ("0.6.9", false), ("0.9.0", false), ("0.10.0", false)]
        {
            assert_eq!(in_text(text, "a", version).is_some(), holds, "{version}");
        }
        assert_eq!(in_text(text, "b", "0.8.0"), None);
        assert_eq!(in_text(text, "a", "0.8.0").unwrap().lines, ["read = [\"workspace:.git\"]"]);
    }
}
