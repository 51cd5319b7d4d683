//! The committed reference equals the generated one, and the parser reads every listed key.

#![expect(clippy::disallowed_methods, reason = "the harness's own switch, read once")]

use std::collections::BTreeSet;
use std::path::Path;

use inert_manifest_spec::keys::{self, Shape, Table};
use inert_manifest_spec::{codes, parse_declaration, parse_manifest, schema};
use toml::de::{DeTable, DeValue};

#[test]
fn the_committed_reference_is_fresh() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference");
    for (name, generated) in
        [("schema.md", schema::reference()), ("inert.schema.json", schema::json_schema())]
    {
        let file = folder.join(name);
        if std::env::var_os("INERT_UPDATE").is_some() {
            std::fs::write(&file, &generated).expect("writes");
        }
        let committed = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            committed == generated,
            "{name} is not what the tables say: INERT_UPDATE=1 cargo test -p inert-manifest-spec"
        );
    }
}

#[test]
fn no_mark_is_left_in_the_reference() {
    let reference = schema::reference();
    assert_eq!(reference.matches("<!--").count(), 1, "a mark of template.md has no filling");
}

/// Checks that every key of every table is read: a value of a type that no key accepts must cause a diagnostic,
/// with some other keys beside it.
#[test]
fn every_key_is_read() {
    let tables: &[(&Table, &str, &str, &[&str])] = &[
        (&keys::ROOT, "", "", &["schema = 1"]),
        (
            &keys::PROBE,
            "schema = 1\n[probe.x]\n",
            "",
            &[
                "variable = \"x\"\nlibrary = \"z\"",
                "links = \"z\"",
                "",
                "compiles = \"a.rs\"",
                "macro = \"V\"\nheader = \"x.h\"",
                "c-flag = \"-O2\"",
                "macro = \"V\"",
            ],
        ),
        (&keys::OUT_FILE, "schema = 1\n[out-dir.\"a.rs\"]\n", "", &["", "text = \"x\"", "template = \"x\""]),
        (&keys::LIBRARY, "schema = 1\n[library.x]\n", "", &[""]),
        (&keys::CC_LIBRARY, "schema = 1\n[cc-library.x]\n", "", &[""]),
        (&keys::FLAG, "schema = 1\n[[cc-library.x.flags]]\n", "", &["", "flag = \"-O2\""]),
        (
            &keys::LINK,
            "schema = 1\n[[link]]\n",
            "",
            &["", "lib = \"z\"", "search = \"lib\"", "arg = \"-rdynamic\""],
        ),
        (&keys::LINK_FOR, "schema = 1\n[[link]]\narg = \"-rdynamic\"\n[link.for]\n", "", &[""]),
        (&keys::METADATA_VALUE, "schema = 1\n[links-metadata.x]\n", "", &["", "text = \"x\""]),
        (&keys::ALTERNATIVE, "schema = 1\n[rustc-env.A_VERSION]\n", "", &["", "value = \"x\""]),
        (&keys::ITEM, "schema = 1\n[warning]\n", "", &["", "value = \"x\""]),
    ];
    assert_eq!(tables.len(), keys::TABLES.len(), "a table has no row here");
    for (table, before, after, companies) in tables {
        for key in table.keys {
            let read = companies.iter().any(|company| {
                if company.lines().any(|line| line.starts_with(&format!("{} =", key.name))) {
                    return false;
                }
                let start = format!("{before}{company}\n{} = ", key.name);
                let text = format!("{start}2026-11-21{after}\n");
                parse_declaration(&text).diagnostics.iter().any(|one| one.span.start == start.len())
            });
            // A document can have only one `schema`, and the other keys are tested in documents that have it.
            let schema = key.name == "schema"
                && parse_declaration("schema = 2026-11-21")
                    .diagnostics
                    .iter()
                    .any(|one| one.code == codes::WRONG_TYPE);
            assert!(read || schema, "nothing reads `{}` of `{}`", key.name, table.name);
        }
    }
}

/// Adds the keys that a value says, each with the name of its table.
fn said(shape: &Shape, value: &DeValue<'_>, found: &mut BTreeSet<(&'static str, String)>) {
    match (shape, value) {
        (Shape::Guarded(_) | Shape::List(_), DeValue::Array(items)) => {
            items.iter().for_each(|item| said(shape, item.get_ref(), found));
        }
        (Shape::Guarded(inner) | Shape::List(inner), DeValue::Table(entries)) => {
            let guard = if matches!(shape, Shape::List(_)) { &keys::ITEM } else { &keys::ALTERNATIVE };
            if guard.keys.iter().any(|key| key.name.starts_with("value") && entries.contains_key(key.name)) {
                found.extend(entries.keys().map(|key| (guard.name, key.get_ref().to_string())));
            } else {
                said(inner, value, found);
            }
        }
        (Shape::Map { value: inner, .. }, DeValue::Table(entries)) => {
            entries.values().for_each(|value| said(inner, value.get_ref(), found));
        }
        (Shape::OneOf(shapes), _) => shapes.iter().for_each(|shape| said(shape, value, found)),
        (Shape::Table(table), DeValue::Table(entries)) => {
            for (name, value) in entries {
                if let Some(key) = table.key(name.get_ref()) {
                    found.insert((table.name, key.name.to_owned()));
                    said(&key.shape, value.get_ref(), found);
                }
            }
        }
        _ => {}
    }
}

/// Every example of the reference is valid as it stands in a package, and says every key of its table.
#[test]
fn every_key_has_an_example() {
    let package = "[package]\nname = \"demo-sys\"\nversion = \"1.0.0\"\nlinks = \"demo\"\n\n[features]\n";
    let features =
        ["vendored", "static", "shared", "extra", "net"].map(|name| format!("{name} = []\n")).concat();
    for table in keys::TABLES {
        let (_, example) = schema::EXAMPLES
            .iter()
            .find(|(name, _)| *name == table.name)
            .unwrap_or_else(|| panic!("`{}` has no example", table.name));
        // The package of all examples has `links`; an example that needs it says so.
        let example = example.strip_prefix("[package]\nlinks = \"demo\"\n").unwrap_or(example);
        let schema =
            if example.contains("\nschema = ") { "" } else { "[package.metadata.inert]\nschema = 1\n" };
        let parsed = parse_manifest(&format!("{package}{features}{schema}{example}"));
        assert!(parsed.declaration.is_some() && parsed.diagnostics.is_empty(), "{}: {parsed:#?}", table.name);
        let document = DeTable::parse(example).expect("TOML");
        let mut table_of_all = document.get_ref();
        for name in ["package", "metadata", "inert"] {
            table_of_all = table_of_all[name].get_ref().as_table().expect("a table");
        }
        let mut found = BTreeSet::new();
        said(&Shape::Table(&keys::ROOT), &DeValue::Table(table_of_all.clone()), &mut found);
        for key in table.keys {
            let is_said = found.contains(&(table.name, key.name.to_owned()));
            assert!(is_said, "the example of `{}` does not say `{}`", table.name, key.name);
        }
    }
}

#[test]
fn every_code_has_a_case() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut seen = String::new();
    for case in std::fs::read_dir(cases).expect("the cases") {
        seen +=
            &std::fs::read_to_string(case.expect("an entry").path().join("expected.txt")).unwrap_or_default();
    }
    for (code, _) in codes::ALL {
        assert!(seen.contains(&format!("[{code}]")), "no case shows {code}");
    }
}
