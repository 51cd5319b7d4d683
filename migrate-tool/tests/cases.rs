//! Runs the folders of `tests/cases/`: each is a package with `expected.toml`, the declaration derived from its script,
//! and `expected-residue`, the residue, one place a line. `examples/derive.rs --write` writes both.

use std::path::Path;

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder of cases") {
        let case = entry.expect("a case").path();
        let source =
            inert_migrate_tool::PackageSource::from_manifest(&case.join("Cargo.toml")).expect("a manifest");
        let derivation = inert_migrate_tool::derive(&source);
        for (file, actual) in
            [("expected.toml", derivation.toml()), ("expected-residue", derivation.residue_text())]
        {
            let expected = std::fs::read_to_string(case.join(file)).unwrap_or_default();
            if expected != actual {
                wrong
                    .push(format!("{}/{file}\n--- expected\n{expected}--- actual\n{actual}", case.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
