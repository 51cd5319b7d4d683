//! The reference and the JSON Schema of inert.toml are what the table of its keys says, and the index of diagnostics is what
//! the tables of codes say. `INERT_UPDATE=1` renews them.

#![expect(clippy::disallowed_methods, reason = "the test's own switch, read once")]

use std::path::Path;

use cargo_inert::policy::schema;

#[test]
fn the_reference_is_fresh() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").join("docs/reference");
    let template = include_str!("../src/policy/template.md");
    let json = serde_json::to_string_pretty(&schema::json_schema()).expect("JSON") + "\n";
    let mut stale = Vec::new();
    for (name, text) in [
        ("policy.md", format!("{template}{}", schema::reference())),
        ("inert-toml.schema.json", json),
        ("diagnostics.md", cargo_inert::report::codes::reference()),
        ("configuration.md", cargo_inert::cargo::configuration::reference::page()),
    ] {
        let path = docs.join(name);
        if std::fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            if std::env::var_os("INERT_UPDATE").is_some() {
                std::fs::write(&path, text).expect("docs/reference can be written");
            } else {
                stale.push(name);
            }
        }
    }
    assert!(stale.is_empty(), "{stale:?}: INERT_UPDATE=1 renews them");
}
