//! The index of diagnostics: every code with its meaning, from the tables of the modules that report them.

use inert_manifest_spec::codes;

use crate::plan::model;

/// The codes for the user's own files.
const OWN: &[(&str, &str)] = &[
    ("inert::policy::unreadable", "a policy file, or one that it extends, cannot be read"),
    ("inert::policy::toml", "a policy file is not TOML"),
    ("inert::policy::conflict", "a merge left its markers in a policy file"),
    ("inert::policy::invalid", "a key or a value that a policy does not have"),
    ("inert::policy::extends", "files extend one another in a circle, or too deep"),
    ("inert::policy::not-the-trees", "a key that counts in the user's own policy alone stands in the tree's"),
    (
        "inert::policy::baked",
        "a file of a baked declaration is not the one that its digest pins, or cannot be read",
    ),
    ("inert::policy::import", "an `[[import]]` is not the file that its digest pins, or cannot be read"),
    ("inert::lock::unreadable", "inert.lock cannot be read"),
    ("inert::lock::toml", "inert.lock is not TOML"),
    ("inert::lock::conflict", "a merge left its markers in inert.lock: `cargo inert lock` writes it anew"),
    ("inert::lock::invalid", "inert.lock holds what this Inert does not write"),
    ("inert::migrate::residue", "a line of a build script that is not understood"),
];

/// The codes of `cargo inert lint`.
const LINT: &[(&str, &str)] = &[
    ("inert::lint::misspelt-table", "a table beside the declaration, or in its place, that nothing reads"),
    ("inert::lint::shim-without-declaration", "build.rs is the shim, and there is no declaration for it"),
    (
        "inert::lint::script-beside",
        "a build script does its work beside the declaration, which stands in for it under Inert",
    ),
    ("inert::lint::shim-dependency", "the shim's build-dependency is missing or not what it needs"),
    (
        "inert::lint::rust-version",
        "the declaration needs a newer Cargo or rustc than the package's `rust-version`",
    ),
    ("inert::lint::review", "consumers' builds refuse the declaration until it is reviewed"),
    ("inert::lint::no-such-file", "a file that the declaration names is not there"),
    ("inert::lint::not-published", "a file that the declaration names is not in the published package"),
    ("inert::lint::never-holds", "a condition that holds in no build"),
    ("inert::lint::unused", "something is declared that nothing uses"),
    ("inert::lint::said-twice", "the same is declared twice"),
    ("inert::lint::version-of-a-source-build", "the version of what is built from source is not known"),
];

/// Returns every code with its meaning, grouped by table.
#[must_use]
pub fn all() -> Vec<(&'static str, &'static [(&'static str, &'static str)])> {
    vec![
        ("Scripts and proc macros that are refused", model::CODES),
        ("`inert.toml`, `inert.lock`, migration", OWN),
        ("Declarations", codes::ALL),
        ("`cargo inert lint`", LINT),
    ]
}

/// Returns the index as a page of the reference.
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
