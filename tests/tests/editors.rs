//! Tests the JSON Schema as editors use it, by taplo's validator: valid files pass, and each mistake is reported.
//! `INERT_TAPLO` names the program (`npm install @taplo/cli`; `scripts/test` installs it if npm is there). Without
//! it nothing is checked here, and the test prints a message.

use std::path::{Path, PathBuf};

use inert_tests::{Sandbox, root, said};

#[expect(clippy::disallowed_methods, reason = "the harness's own switch")]
#[expect(clippy::print_stderr, reason = "a test that cannot be made here says so")]
fn taplo() -> Option<PathBuf> {
    let found = std::env::var_os("INERT_TAPLO").map(PathBuf::from).filter(|path| path.is_file());
    if found.is_none() {
        eprintln!("nothing is checked: INERT_TAPLO names no program (npm install @taplo/cli)");
    }
    found
}

/// Runs taplo on files in the sandbox, on all at once: starting it takes longer than reading them.
fn lint(taplo: &Path, sandbox: &Sandbox, files: &[String]) -> inert_tests::Said {
    let schema = root().join("docs/reference/inert.schema.json");
    let mut command = sandbox.command("", &taplo.display().to_string());
    command.args(["lint", "--no-auto-config", "--colors", "never", "--schema"]);
    command.arg(format!("file://{}", schema.display())).args(files);
    said(&mut command)
}

#[test]
fn what_is_right_passes() {
    let Some(taplo) = taplo() else { return };
    let sandbox = Sandbox::new();
    let mut files = Vec::new();
    for folder in ["tests/examples", "tests/lint/clean", "tests/lint/files"] {
        let folder = root().join(folder);
        let below = std::fs::read_dir(&folder).expect("a folder").flatten().map(|entry| entry.path());
        for path in below.map(|path| path.join("Cargo.toml")).chain([folder.join("Cargo.toml")]) {
            if let Ok(text) = std::fs::read_to_string(path) {
                let name = format!("right-{}.toml", files.len());
                sandbox.write(&[(&name, &text)]);
                files.push(name);
            }
        }
    }
    // Declarations of the schema's own cases, and declarations derived from scripts, are put where a Cargo.toml has
    // them.
    for (cases, file) in
        [("manifest-spec/tests/cases", "canonical.toml"), ("migrate-tool/tests/cases", "expected.toml")]
    {
        for case in std::fs::read_dir(root().join(cases)).expect("the cases").flatten() {
            let Ok(text) = std::fs::read_to_string(case.path().join(file)) else { continue };
            let parsed = inert_manifest_spec::parse_declaration(&text);
            let errors =
                parsed.diagnostics.iter().any(|one| one.severity == inert_manifest_spec::Severity::Error);
            let Some(declaration) = parsed.declaration.filter(|_| !errors) else { continue };
            let name = format!("right-{}.toml", case.file_name().to_string_lossy());
            let text = inert_manifest_spec::write::declaration_at(&declaration, "package.metadata.inert");
            sandbox.write(&[(&name, &text)]);
            files.push(name);
        }
    }
    assert!(files.len() > 80, "{}: {files:?}", files.len());
    let ran = lint(&taplo, &sandbox, &files);
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[test]
fn each_mistake_is_seen() {
    let Some(taplo) = taplo() else { return };
    let sandbox = Sandbox::new();
    let text = std::fs::read_to_string(root().join("tests/editors/mistakes.txt")).expect("the mistakes");
    let (_, text) = text.split_once("\n\n").expect("a comment before them");
    let mut files = Vec::new();
    for (at, block) in text.split("\n---\n").enumerate() {
        let name = format!("mistake-{at}.toml");
        let schema = if block.starts_with("schema") { "" } else { "schema = 1\n" };
        sandbox.write(&[(&name, &format!("[package.metadata.inert]\n{schema}{block}\n"))]);
        files.push((name, block));
    }
    files.push(("workspace.toml".to_owned(), "[workspace.metadata.inert]"));
    sandbox.write(&[("workspace.toml", "[workspace.metadata.inert]\nschema = 1\n")]);
    assert!(files.len() > 50);
    let names: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
    let ran = lint(&taplo, &sandbox, &names);
    let passed: Vec<&str> =
        files.iter().filter(|(name, _)| !ran.err.contains(name.as_str())).map(|(_, block)| *block).collect();
    assert!(passed.is_empty(), "not seen:\n{}\n--- taplo said\n{}", passed.join("\n---\n"), ran.err);
}
