//! Tests the book: its links have targets, its pages are in the summary, its TOML and JSON are valid, the commands
//! that it names exist, and the package of "A -sys crate from scratch" is built from the page.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use inert_tests::{Sandbox, root, said};

/// Returns every page of the repository's own documentation, with its text.
fn pages() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut pending = vec![root().join("docs")];
    while let Some(folder) = pending.pop() {
        for path in std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|kind| kind == "md") {
                found.push(path);
            }
        }
    }
    found.extend(["README.md", "CONTRIBUTING.md", "SECURITY.md"].map(|name| root().join(name)));
    found.sort();
    let text = |path: &PathBuf| std::fs::read_to_string(path).expect("a page");
    found.into_iter().map(|path| (path.clone(), text(&path))).collect()
}

/// Returns the blocks of code of a page: the language, the line before the block, the text.
fn blocks(text: &str) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    let mut before = String::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (None, Some(language)) => open = Some((language.to_owned(), String::new())),
            (Some(_), Some(_)) => {
                let (language, code) = open.take().expect("it is open");
                found.push((language, before.clone(), code));
            }
            (Some((_, code)), None) => {
                code.push_str(line);
                code.push('\n');
            }
            (None, None) if !line.trim().is_empty() => line.clone_into(&mut before),
            (None, None) => {}
        }
    }
    found
}

/// Returns a page without its blocks of code, and without code within lines.
fn prose(text: &str) -> String {
    let mut code = false;
    let mut out = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            code = !code;
        } else if !code {
            out.extend(line.split('`').step_by(2));
            out.push('\n');
        }
    }
    out
}

/// Returns the anchors of a page, as mdBook and GitHub make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut code = false;
    let mut found = BTreeSet::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            code = !code;
        }
        let heading = line.trim_start_matches('#');
        if !code && heading.len() < line.len() && heading.starts_with(' ') {
            let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            found.insert(kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect());
        }
    }
    found
}

#[test]
fn links_lead_somewhere() {
    let mut dead = Vec::new();
    let mut count = 0;
    for (page, text) in pages() {
        for rest in prose(&text).split("](").skip(1) {
            let link = rest.split(')').next().unwrap_or_default();
            if link.starts_with("http") || link.is_empty() {
                continue;
            }
            count += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => page.clone(),
                path => page.parent().expect("a folder").join(path),
            };
            // A file outside the book is not a page of it.
            let docs = root().join("docs");
            let leaves = page.starts_with(&docs)
                && !target
                    .canonicalize()
                    .is_ok_and(|target| target.starts_with(docs.canonicalize().expect("docs")));
            let there = match (target.exists() && !leaves, anchor) {
                (false, _) => false,
                (true, "") => true,
                (true, anchor) => {
                    anchors(&std::fs::read_to_string(&target).unwrap_or_default()).contains(anchor)
                }
            };
            if !there {
                dead.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
    assert!(count > 100, "no links were found: {count}");
}

#[test]
fn every_page_is_in_the_summary() {
    let docs = root().join("docs");
    let summary = std::fs::read_to_string(docs.join("SUMMARY.md")).expect("the summary");
    let missing: Vec<String> = pages()
        .iter()
        .filter_map(|(page, _)| {
            page.strip_prefix(&docs).ok().map(|page| page.display().to_string().replace('\\', "/"))
        })
        .filter(|page| page != "SUMMARY.md" && !summary.contains(&format!("]({page})")))
        .collect();
    assert!(missing.is_empty(), "not in docs/SUMMARY.md: {missing:?}");
}

/// Tests that the code of pages is valid: declarations, TOML and JSON. A block with `…` in it is an excerpt.
#[test]
fn code_is_what_it_claims_to_be() {
    let mut wrong = Vec::new();
    let mut declarations = 0;
    for (page, text) in pages() {
        for (language, _, code) in blocks(&text).into_iter().filter(|(_, _, code)| !code.contains('…')) {
            let place = format!("{}: {}", page.display(), code.lines().next().unwrap_or_default());
            match language.as_str() {
                "toml" if toml::de::DeTable::parse(&code).is_err() => wrong.push(format!("{place}: no TOML")),
                "toml" if code.contains("package.metadata.inert") => {
                    let schema =
                        if code.contains("schema = 1") { "" } else { "package.metadata.inert.schema = 1\n" };
                    let parsed = inert_manifest_spec::parse_manifest(&format!("{schema}{code}"));
                    declarations += 1;
                    // A piece of a declaration may refer to names that the page leaves out.
                    let errors = parsed.diagnostics.iter().filter(|one| {
                        one.severity == inert_manifest_spec::Severity::Error
                            && one.code != "inert::spec::undefined"
                    });
                    wrong.extend(errors.map(|one| format!("{place}: {}", one.message)));
                }
                "json" if serde_json::from_str::<serde_json::Value>(&code).is_err() => {
                    wrong.push(format!("{place}: no JSON"));
                }
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(declarations > 5, "no declarations were found: {declarations}");
}

#[test]
fn commands_exist() {
    let sandbox = Sandbox::new();
    sandbox.write(&[("here/empty", "")]);
    let help = sandbox.inert("here", "--help").good();
    let help = format!("{}{}", help.out, help.err);
    let known: BTreeSet<&str> = help.split(|c: char| !c.is_alphanumeric() && c != '-').collect();
    let mut unknown = Vec::new();
    for (page, text) in pages() {
        for rest in text.split("cargo inert ").skip(1) {
            let command: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
            // Only a name within backticks is a command; elsewhere a sentence may go on after it.
            let in_code =
                rest.split(['`', '\n']).next().is_some_and(|code| rest[code.len()..].starts_with('`'));
            if in_code
                && !command.is_empty()
                && !command.starts_with('-')
                && !known.contains(command.as_str())
            {
                unknown.push(format!("{}: cargo inert {command}", page.display()));
            }
        }
    }
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

/// Writes the files that a page shows: each block that follows a line with a path in backticks.
fn write_files(sandbox: &Sandbox, page: &Path, folder: &str) {
    let text = std::fs::read_to_string(page).expect("the page");
    let shim = root().join("build-script").display().to_string().replace('\\', "/");
    for (_, before, code) in blocks(&text) {
        if let Some(path) = before.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')) {
            let code = code.replace("version = \"0.1\", features", &format!("path = {shim:?}, features"));
            sandbox.write(&[(&format!("{folder}/{path}"), &code)]);
        }
    }
}

#[test]
fn the_sys_crate_is_built_as_the_page_has_it() {
    let sandbox = Sandbox::new();
    write_files(&sandbox, &root().join("docs/guide/sys-crate.md"), "answer-sys");
    let _ = sandbox.inert("answer-sys", "lint --strict").good();
    let _ = sandbox.cargo("answer-sys", "test --quiet").good();
    let _ = sandbox.inert("answer-sys", "test --quiet --features vendored").good();
    let shown = sandbox
        .inert("answer-sys", "lint --resolve --target x86_64-pc-windows-msvc --simulate absent")
        .good();
    assert!(shown.out.contains("answer"), "{}", shown.out);
    let listed =
        said(sandbox.command("answer-sys", "cargo").args(["package", "--list", "--allow-dirty"])).good();
    assert!(listed.out.contains("answer/answer.c"), "{}", listed.out);
}

/// The range of Cargo's versions that was tested is the program's own, wherever a page names it.
#[test]
fn the_tested_cargos_are_those_of_the_program() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let source = read("cargo-inert/src/cargo/version.rs");
    let of = |name: &str| {
        source.split(&format!("{name}: u32 = ")).nth(1).and_then(|rest| rest.split(';').next()).unwrap()
    };
    let (oldest, newest) = (of("OLDEST_TESTED"), of("NEWEST_TESTED"));
    assert!(read("docs/guide/installing.md").contains(&format!("1.{oldest} to 1.{newest}")));
    let page = read("docs/architecture.md");
    let tested = page.split("Tested: ").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap();
    assert!(tested.contains(&format!("1.{oldest}.")) && tested.contains(&format!("1.{newest}.")), "{tested}");
}
