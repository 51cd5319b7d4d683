//! Every folder of `tests/cases` is a case; a new case needs no Rust code.
//!
//! - `Cargo.toml` is read by `parse_manifest`, `declaration.toml` by `parse_declaration`.
//! - `expected.txt`: the diagnostics, as `render::plain` shows them; then, for a declaration that was read, its
//!   capabilities and the parts that need review.
//! - `canonical.toml`: the declaration as the writer writes it, if it was read.
//!
//! `INERT_UPDATE=1 cargo test -p inert-manifest-spec` renews both files; review their diff.

#![expect(clippy::disallowed_methods, reason = "the harness's own switch, read once")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use inert_manifest_spec::{
    Declaration, Parsed, capabilities, needs_review, parse_declaration, parse_manifest, render, write,
};

#[test]
fn cases() {
    let update = std::env::var_os("INERT_UPDATE").is_some();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut failures = String::new();
    let mut count = 0;
    for case in folders(&folder) {
        count += 1;
        for problem in run(&case, update) {
            let _ =
                writeln!(failures, "{}: {problem}", case.strip_prefix(&folder).unwrap_or(&case).display());
        }
    }
    assert!(count > 0, "no cases in {}", folder.display());
    assert!(failures.is_empty(), "(INERT_UPDATE=1 renews what is expected)\n{failures}");
}

fn run(case: &Path, update: bool) -> Vec<String> {
    let manifest = case.join("Cargo.toml");
    let (name, text) = match std::fs::read_to_string(&manifest) {
        Ok(text) => ("Cargo.toml", text),
        Err(_) => {
            ("declaration.toml", std::fs::read_to_string(case.join("declaration.toml")).expect("an input"))
        }
    };
    let parse: fn(&str) -> Parsed = if name == "Cargo.toml" { parse_manifest } else { parse_declaration };
    let parsed = parse(&text);
    let mut problems = Vec::new();
    for diagnostic in &parsed.diagnostics {
        if diagnostic.label.is_empty() || diagnostic.span.end > text.len() {
            problems.push(format!("a diagnostic without label or with a wrong span: {diagnostic:?}"));
        }
    }
    let mut report: Vec<String> =
        parsed.diagnostics.iter().map(|one| render::plain(one, name, &text)).collect();
    let mut canonical = None;
    if let Some(declaration) = &parsed.declaration {
        report.push(summary(declaration));
        let written = write::declaration(declaration);
        problems.extend(round_trip(declaration, &written));
        let below = format!(
            "[package]\nname = \"p\"\nlinks = \"p\"\n{}",
            write::declaration_at(declaration, "package.metadata.inert")
        );
        if parse_manifest(&below).declaration.map(cleared) != Some(cleared(declaration.clone()))
            && !below.contains("${build-dependency.")
        {
            problems.push(format!(
                "does not read back from a manifest:\n{below}\n{:#?}",
                parse_manifest(&below).diagnostics
            ));
        }
        canonical = Some(written);
    } else if !parsed.has_errors() {
        report.push("no declaration\n".to_owned());
    }
    compare(&case.join("expected.txt"), Some(report.join("\n")), update, &mut problems);
    compare(&case.join("canonical.toml"), canonical, update, &mut problems);
    problems
}

fn summary(declaration: &Declaration) -> String {
    let names: Vec<String> = capabilities(declaration).iter().map(ToString::to_string).collect();
    let mut summary = format!("capabilities: {}\n", names.join(" "));
    for review in needs_review(declaration) {
        let _ = writeln!(summary, "review: {} {}", review.capability, review.what);
    }
    summary
}

/// Checks that the written text reads back to the same declaration, and that writing it again gives the same text.
fn round_trip(declaration: &Declaration, written: &str) -> Option<String> {
    let again = parse_declaration(written);
    match again.declaration {
        None => Some(format!("does not read back:\n{written}\n{:#?}", again.diagnostics)),
        Some(read) if cleared(read.clone()) != cleared(declaration.clone()) => {
            Some(format!("reads back to something else:\n{written}\n{read:#?}"))
        }
        Some(read) => (write::declaration(&read) != written)
            .then(|| "is written differently the second time".to_owned()),
    }
}

fn cleared(mut declaration: Declaration) -> Declaration {
    declaration.clear_spans();
    declaration
}

fn compare(file: &Path, actual: Option<String>, update: bool, problems: &mut Vec<String>) {
    let expected = std::fs::read_to_string(file).ok();
    if expected == actual {
        return;
    }
    if update {
        match &actual {
            Some(actual) => std::fs::write(file, actual).expect("writes"),
            None => std::fs::remove_file(file).expect("removes"),
        }
        return;
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let show = |text: Option<String>| text.unwrap_or_else(|| "(no file)\n".to_owned());
    problems.push(format!("{name} differs\n--- expected\n{}--- actual\n{}", show(expected), show(actual)));
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}
