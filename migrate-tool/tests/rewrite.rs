//! Runs the folders of `tests/rewrite`: each is a package and a declaration, and `expected/` holds the rewritten
//! package for each style, which `INERT_UPDATE=1` writes.

use std::path::{Path, PathBuf};

use inert_migrate_tool::rewrite::{Style, Wanted, rewrite};

#[test]
fn rewrite_cases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rewrite");
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let problems: Vec<String> = folders.iter().flat_map(|folder| case(folder)).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[expect(clippy::disallowed_methods, reason = "the variable is for tests alone")]
fn case(folder: &Path) -> Vec<String> {
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let (manifest, script, declaration) = (read("Cargo.toml"), read("build.rs"), read("declaration.toml"));
    let declaration = inert_manifest_spec::parse_declaration(&declaration)
        .declaration
        .expect("the case's declaration is valid");
    let mut problems = Vec::new();
    for (style, name) in [(Style::Shim, "shim"), (Style::InertOnly, "inert-only"), (Style::Keep, "keep")] {
        let wanted = Wanted {
            manifest: &manifest,
            script: &script,
            declaration: &declaration,
            style,
            resolver: "\"0.1\"",
        };
        let said = match rewrite(&wanted) {
            Err(error) => format!("error: {error}\n"),
            Ok(done) => {
                // The new manifest must be valid for Cargo and the resolver.
                let parsed = inert_manifest_spec::parse_manifest(&done.manifest);
                if parsed.diagnostics.iter().any(|one| one.severity == inert_manifest_spec::Severity::Error) {
                    problems.push(format!("{}: {:?}", folder.display(), parsed.diagnostics));
                }
                let script = done.script.unwrap_or_else(|| "(removed)\n".to_owned());
                let notes: String = done.notes.iter().map(|note| format!("note: {note}\n")).collect();
                format!("--- Cargo.toml\n{}--- build.rs\n{script}---\n{notes}", done.manifest)
            }
        };
        let expected = folder.join("expected").join(format!("{name}.txt"));
        if std::env::var_os("INERT_UPDATE").is_some() {
            std::fs::create_dir_all(folder.join("expected")).unwrap();
            std::fs::write(&expected, &said).unwrap();
        }
        match std::fs::read_to_string(&expected) {
            Ok(text) if text == said => {}
            Ok(_) => problems.push(format!("{} differs:\n{said}", expected.display())),
            Err(error) => problems.push(format!("{}: {error}:\n{said}", expected.display())),
        }
    }
    problems
}
