//! Tests a property without running anything: at every call that the interpreter answered, its receiver's type, its
//! result's type and whose function it is are what rustc says, and so is the type of every variable.
//!
//! rustc compiles the scripts to MIR, which names the function of each call and the type of each variable, with where
//! they stand in the source. The interpreter keeps a journal of the same ([`crate::interp`], `journal`).
//!
//! The fixed part is the scripts of `tests/cases` that need no other package, and every so many of the small scripts of
//! `tests/against_rustc/cases`; `INERT_CHECKS=all` takes all of them, and `INERT_MIR_PACKAGES=folder` the scripts of
//! the packages in a folder.
#![cfg(test)]

mod mir;
mod types;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::interp::{Interp, Note};
use crate::source::PackageSource;
use mir::{At, Call, Mir};

#[path = "../../tests/against_rustc/check.rs"]
#[expect(dead_code, reason = "its other users are in tests/against_rustc")]
mod check;

/// One in this many of the small scripts is compared.
const FIXED: usize = 8;

/// A script, and its position in the source that rustc compiled.
struct Script {
    source: PackageSource,
    /// Maps a file of the script to its name in MIR.
    file: Box<dyn Fn(&str) -> String>,
    /// The number of lines before the script in that file.
    before: usize,
}

/// The numbers of notes that were compared, and of those that could not be.
#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    compared: usize,
    /// The number of notes for whose place rustc's MIR has no entry: a macro moved the code, or it is compiled away.
    elsewhere: usize,
}

#[expect(clippy::disallowed_methods, reason = "the test's own switches")]
fn switch(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// Compiles a source to MIR.
#[expect(clippy::disallowed_methods, reason = "rustc is the oracle")]
fn compile(source: &Path, edition: &str, folder: &Path) -> Result<Mir, String> {
    let out = folder.join("out.mir");
    let done = std::process::Command::new("rustc")
        .args(["--edition", edition, "--crate-type", "bin", "--cap-lints", "allow", "--emit"])
        .arg(format!("mir={}", out.display()))
        .args(["-Zmir-include-spans=on", "-Zmir-opt-level=0"])
        .arg(source)
        .env("RUSTC_BOOTSTRAP", "1")
        .envs([("CARGO_PKG_NAME", "checked"), ("CARGO_PKG_VERSION", "1.2.3")])
        .envs([
            ("CARGO_PKG_VERSION_MAJOR", "1"),
            ("CARGO_PKG_VERSION_MINOR", "2"),
            ("CARGO_PKG_VERSION_PATCH", "3"),
        ])
        .output()
        .expect("rustc starts");
    if !done.status.success() {
        return Err(String::from_utf8_lossy(&done.stderr).into_owned());
    }
    Ok(Mir::read(&std::fs::read_to_string(out).expect("MIR")))
}

/// Evaluates a script and returns the notes, with the names of the files.
fn notes(source: &PackageSource) -> Vec<(String, At, Note)> {
    let source = source.clone();
    let run = move || {
        let mut interp = Interp::new(&source, crate::models::MODELS);
        interp.run_to_the_end();
        let notes = std::mem::take(&mut interp.journal.notes);
        let name = |file: usize| interp.files.get(file).cloned().unwrap_or_default();
        notes.into_iter().map(|(file, line, column, note)| (name(file), (line, column + 1), note)).collect()
    };
    let thread = std::thread::Builder::new().stack_size(512 << 20).spawn(run).expect("a thread");
    thread.join().expect("the interpreter does not panic")
}

/// Returns whether a callee is a function of the script: of one of its types or traits. `None` if the callee's path
/// does not show it: a function of a trait from outside for a type of the script may be written or the trait's default,
/// and in a generic function the type is a parameter.
fn is_own(callee: &str, own: &BTreeSet<String>) -> Option<bool> {
    // `<Type as Trait<…>>::function`
    if let Some((ty, of)) = callee.strip_prefix('<').and_then(types::split_as) {
        let of = of.split(['<', '>']).next().unwrap_or_default();
        let ty = types::read(ty);
        let clear = ty.says_something() && !ty.name.starts_with('?') && !own.contains(&ty.name);
        let of_own = own.contains(of.rsplit("::").next().unwrap_or_default());
        return if of_own { Some(true) } else { (clear && !own.contains(BY_MACRO)).then_some(false) };
    }
    // `Type::<…>::function::<…>`
    let named = callee.split("::<").next().unwrap_or_default().split("::").any(|word| own.contains(word));
    (named || !own.contains(BY_MACRO)).then_some(named)
}

/// Stands among the names of a script's types for those that its macros name by an argument.
const BY_MACRO: &str = "$";

/// Returns the names of the types and traits that a file of a script defines.
fn own_names(text: &str) -> BTreeSet<String> {
    let mut words =
        text.split(|character: char| !(character.is_alphanumeric() || character == '_')).peekable();
    let mut out = BTreeSet::new();
    if ["struct $", "enum $", "trait $"].iter().any(|begin| text.contains(begin)) {
        out.insert(BY_MACRO.to_owned());
    }
    while let Some(word) = words.next() {
        if matches!(word, "struct" | "enum" | "trait") {
            out.extend(words.peek().map(|name| (*name).to_owned()));
        }
    }
    out
}

fn compare(script: &Script, mir: &Mir, counts: &mut Counts, differences: &mut Vec<String>) {
    let text = |file: &str| {
        let bytes = script.source.in_memory.get(file).cloned();
        let bytes = bytes.unwrap_or_else(|| std::fs::read(script.source.root.join(file)).unwrap_or_default());
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let mut all = notes(&script.source);
    all.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    // A type may be used in one file and defined in another.
    let files: BTreeSet<&String> = all.iter().map(|(file, ..)| file).collect();
    let own: BTreeSet<String> = files.into_iter().flat_map(|file| own_names(&text(file))).collect();
    for (file, (line, column), note) in all {
        let at = ((script.file)(&file), (line + script.before, column));
        let agrees = match &note {
            Note::Bound(ours) => {
                mir.variables.get(&at).map(|found| found.iter().any(|theirs| types::agree(ours, theirs)))
            }
            Note::Gives(name, ours) => {
                let agrees =
                    |call: &Call| call.result.as_ref().is_none_or(|theirs| types::agree(ours, theirs));
                called(mir, &at, name).map(|found| found.into_iter().any(agrees))
            }
            Note::Receiver(name, ours) => {
                let agrees =
                    |call: &Call| call.receiver.as_ref().is_none_or(|theirs| types::agree(ours, theirs));
                called(mir, &at, name).map(|found| found.into_iter().any(agrees))
            }
            Note::Own(name, ours) => {
                let agrees = |call: &Call| is_own(&call.callee, &own).is_none_or(|theirs| theirs == *ours);
                called(mir, &at, name).map(|found| found.into_iter().any(agrees))
            }
        };
        match agrees {
            None => counts.elsewhere += 1,
            Some(true) => counts.compared += 1,
            Some(false) => {
                counts.compared += 1;
                let line_text = text(&file).lines().nth(line - 1).unwrap_or_default().trim().to_owned();
                let theirs = match &note {
                    Note::Bound(_) => format!("{:?}", mir.variables.get(&at)),
                    _ => format!("{:?}", mir.calls.get(&at)),
                };
                differences.push(format!(
                    "{} {}:{line}:{column}: {note:?}\n    rustc: {theirs}\n    {line_text}",
                    script.source.root.display(),
                    file
                ));
            }
        }
    }
}

/// Returns the calls at a place whose function has this name; `None` if there are none.
fn called<'m>(mir: &'m Mir, at: &(String, At), name: &str) -> Option<Vec<&'m Call>> {
    let found: Vec<&Call> = mir.calls.get(at)?.iter().filter(|call| ends_in(&call.callee, name)).collect();
    (!found.is_empty()).then_some(found)
}

fn ends_in(callee: &str, name: &str) -> bool {
    // `Path::starts_with::<&str>`: the name stands before the last arguments.
    let bare = match callee.rfind("::<") {
        Some(at) if callee.ends_with('>') && !callee[..at].is_empty() && !callee.starts_with('<') => {
            &callee[..at]
        }
        _ => callee,
    };
    bare.rsplit("::").any(|word| word.split('<').next() == Some(name))
}

fn settle(name: &str, counts: Counts, differences: &[String]) {
    let report = std::env::temp_dir().join(format!("inert-mir-{name}-{}.txt", std::process::id()));
    let text = format!("{name}: {counts:?}, {} differ\n{}", differences.len(), differences.join("\n"));
    std::fs::write(&report, &text).expect("it is written");
    assert!(
        differences.is_empty(),
        "{name}: {} of {} differ; {}\n{}",
        differences.len(),
        counts.compared,
        report.display(),
        differences.iter().take(20).cloned().collect::<Vec<_>>().join("\n")
    );
    assert!(counts.compared > 100 || name == "packages", "nothing was compared: {counts:?}");
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("inert-mir-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

#[test]
fn small_scripts_have_the_types_that_rustc_says() {
    let mut files: Vec<PathBuf> = std::fs::read_dir(check::folder().join("cases"))
        .expect("the folder of cases")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    let wanted = switch("INERT_CASES");
    files.retain(|file| file.to_string_lossy().contains(&wanted));
    let step = if switch("INERT_CHECKS") == "all" { 1 } else { FIXED };
    let scripts: Vec<String> = files
        .iter()
        .flat_map(|file| check::read(file))
        .step_by(step)
        .map(|check| check.script())
        // Its files lie beside a package's script.
        .filter(|script| !script.contains("include_"))
        .collect();
    let (mut counts, mut differences) = (Counts::default(), Vec::new());
    let folder = folder("small");
    for part in scripts.chunks(400) {
        let mut program = "#![allow(warnings)]\n".to_owned();
        let mut before = 1;
        let mut placed = Vec::new();
        for (at, script) in part.iter().enumerate() {
            program.push_str(&format!("mod s{at} {{\n{script}\n}}\n"));
            placed.push(before + 1);
            before += script.lines().count().max(1) + 2;
        }
        program.push_str("fn main() {}\n");
        let source = folder.join("scripts.rs");
        std::fs::write(&source, &program).expect("it is written");
        let mir = compile(&source, "2021", &folder).unwrap_or_else(|said| panic!("{said}"));
        let file = source.display().to_string();
        for (script, before) in part.iter().zip(placed) {
            let source = PackageSource {
                script: Some("build.rs".into()),
                name: "checked".into(),
                version: "1.2.3".into(),
                edition: "2021".into(),
                in_memory: BTreeMap::from([("build.rs".to_owned(), script.as_bytes().to_vec())]),
                ..PackageSource::default()
            };
            let file = file.clone();
            let script = Script { source, file: Box::new(move |_| file.clone()), before };
            compare(&script, &mir, &mut counts, &mut differences);
        }
    }
    let _ = std::fs::remove_dir_all(&folder);
    settle("small", counts, &differences);
}

/// Compares the scripts of the packages in a folder that need no other package.
fn packages(name: &str, of: &Path) -> (usize, usize) {
    let mut roots: Vec<PathBuf> =
        std::fs::read_dir(of).expect("a folder").flatten().map(|entry| entry.path()).collect();
    roots.sort();
    let (mut counts, mut differences) = (Counts::default(), Vec::new());
    let folder = folder(name);
    let (mut compiled, mut others) = (0, 0);
    for root in roots {
        let Ok(source) = PackageSource::from_manifest(&root.join("Cargo.toml")) else { continue };
        let Some(script) = source.script.clone() else { continue };
        let Ok(mir) = compile(&root.join(&script), &source.edition, &folder) else {
            others += 1;
            continue;
        };
        compiled += 1;
        let at = root.clone();
        let file = Box::new(move |file: &str| at.join(file).display().to_string());
        compare(&Script { source, file, before: 0 }, &mir, &mut counts, &mut differences);
    }
    let _ = std::fs::remove_dir_all(&folder);
    settle(name, counts, &differences);
    (compiled, others)
}

#[test]
fn scripts_of_cases_have_the_types_that_rustc_says() {
    let (compiled, _) = packages("cases", &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases"));
    assert!(compiled > 30, "only {compiled} scripts compile alone");
}

#[test]
fn scripts_of_packages_have_the_types_that_rustc_says() {
    let of = switch("INERT_MIR_PACKAGES");
    if !of.is_empty() {
        packages("packages", Path::new(&of));
    }
}
