//! Runs the folders of `tests/cases/`: each is a package with `expected.toml`, the declaration derived from its script,
//! and `expected-residue`, the residue, one place a line. `INERT_UPDATE=1` writes both; a file that is missing fails.

use std::path::Path;

#[test]
#[expect(clippy::disallowed_methods, reason = "the variable is for tests alone")]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let update = std::env::var_os("INERT_UPDATE").is_some();
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder of cases") {
        let case = entry.expect("a case").path();
        let source =
            inert_migrate_tool::PackageSource::from_manifest(&case.join("Cargo.toml")).expect("a manifest");
        let derivation = inert_migrate_tool::derive(&source);
        for (file, actual) in
            [("expected.toml", derivation.toml()), ("expected-residue", derivation.residue_text())]
        {
            let path = case.join(file);
            if update {
                std::fs::write(&path, &actual).expect("a folder that can be written");
            }
            match std::fs::read_to_string(&path) {
                Ok(expected) if expected == actual => {}
                Ok(expected) => {
                    wrong.push(format!("{}\n--- expected\n{expected}--- actual\n{actual}", path.display()))
                }
                Err(error) => wrong.push(format!("{}: {error}\n--- actual\n{actual}", path.display())),
            }
        }
    }
    assert!(wrong.is_empty(), "(INERT_UPDATE=1 renews what is expected)\n{}", wrong.join("\n"));
}
