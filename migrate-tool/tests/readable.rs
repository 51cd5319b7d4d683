//! Runs the folders of `tests/readable`: each holds a derived declaration and the package's files; `expected.toml` is
//! the declaration as its author would have written it. `INERT_UPDATE=1` rewrites that file.

use std::path::Path;

use inert_manifest_spec::{Declaration, parse_declaration, write};

fn declaration(text: &str) -> Declaration {
    let parsed = parse_declaration(text);
    parsed.declaration.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics))
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the variable is for tests alone")]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readable");
    let mut wrong = Vec::new();
    for case in std::fs::read_dir(folder).expect("the cases").map(|entry| entry.expect("a case").path()) {
        let derived =
            declaration(&std::fs::read_to_string(case.join("declaration.toml")).expect("a declaration"));
        let names = |folder: &str| {
            let files = std::fs::read_dir(case.join("package").join(folder)).into_iter().flatten().flatten();
            files.map(|file| file.file_name().into_string().expect("a plain name")).collect()
        };
        let readable = inert_migrate_tool::rewrite::readable(&derived, &names);
        let text = write::declaration(&readable);
        // A second rewrite must change nothing.
        let again = inert_migrate_tool::rewrite::readable(&declaration(&text), &names);
        assert_eq!(write::declaration(&again), text, "{}", case.display());
        let expected = case.join("expected.toml");
        if std::env::var_os("INERT_UPDATE").is_some() {
            std::fs::write(&expected, &text).expect("a writable folder");
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != text {
            wrong.push(format!("{}\n{text}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
