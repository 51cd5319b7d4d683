//! The index of diagnostics: every code with what it means, from the tables of those who give them.

use inert_manifest_spec::codes;

use crate::plan::model;

/// Codes about files of the user's own.
const OWN: &[(&str, &str)] = &[
    ("inert::policy::unreadable", "a policy file, or one that it extends, cannot be read"),
    ("inert::policy::toml", "a policy file is not TOML"),
    ("inert::policy::conflict", "a merge left its markers in a policy file"),
    ("inert::policy::invalid", "a key or a value that a policy does not have"),
    ("inert::policy::extends", "files extend one another in a circle, or too deep"),
    ("inert::policy::import", "an `[[import]]` is not the file that its digest pins, or cannot be read"),
    ("inert::lock::unreadable", "inert.lock cannot be read"),
    ("inert::lock::toml", "inert.lock is not TOML"),
    ("inert::lock::conflict", "a merge left its markers in inert.lock: `cargo inert lock` writes it anew"),
    ("inert::lock::invalid", "inert.lock holds what this Inert does not write"),
    ("inert::migrate::residue", "a line of a build script that is not understood"),
];

/// Every code, by the table that it is from.
#[must_use]
pub fn all() -> Vec<(&'static str, &'static [(&'static str, &'static str)])> {
    vec![
        ("Scripts and proc macros that are refused", model::CODES),
        ("`inert.toml`, `inert.lock`, migration", OWN),
        ("Declarations", codes::ALL),
    ]
}

/// The index, as a page of the reference.
#[must_use]
pub fn reference() -> String {
    let mut text = String::from(
        "# Diagnostics\n\nGenerated from the tables of codes; `INERT_UPDATE=1 cargo test -p cargo-inert --test reference` renews it.\n\n\
         A code is stable: scripts and suppressions may go by it. The text beside it may change. `audit --format json` gives the code of\n\
         each refused script as `refusal`.\n",
    );
    for (title, codes) in all() {
        text.push_str(&format!("\n## {title}\n\n| code | meaning |\n|---|---|\n"));
        for (code, meaning) in codes {
            text.push_str(&format!("| `{code}` | {} |\n", meaning.replace('|', "\\|")));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_spelt_as_codes() {
        let mut seen = std::collections::BTreeSet::new();
        for (code, meaning) in all().into_iter().flat_map(|(_, codes)| codes) {
            assert!(seen.insert(code), "{code} twice");
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ":-".contains(c);
            assert!(code.starts_with("inert::") && code.chars().all(plain), "{code}");
            assert!(!meaning.is_empty(), "{code}");
        }
    }
}
