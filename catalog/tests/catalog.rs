//! The rules of the catalog: every file is registered, parses without a diagnostic, and names the versions it is
//! for.

use std::collections::BTreeSet;
use std::path::Path;

use inert_catalog::ENTRIES;

#[test]
fn every_file_is_registered_under_its_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("entries");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().trim_end_matches(".toml").to_owned())
        .collect();
    let registered: BTreeSet<String> = ENTRIES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(files, registered);
    assert!(ENTRIES.windows(2).all(|pair| pair[0].0 < pair[1].0), "sorted by name");
}

#[test]
fn every_entry_can_be_used() {
    for (name, text) in ENTRIES.iter().chain(inert_vendored_fallbacks::RECIPES) {
        let problems = inert_catalog::problems(text);
        assert!(problems.is_empty(), "{name}: {problems:#?}");
    }
}

#[test]
fn every_import_library_is_named_once() {
    let table = include_str!("../import-libraries.tsv");
    let mut lines: Vec<&str> = table.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(lines.len() > 70);
    for line in &lines {
        let parts: Vec<&str> = line.split('\t').collect();
        let [name, versions, file, digest] = parts[..] else { panic!("{line}") };
        assert!(!versions.is_empty() && digest.len() == 64, "{line}");
        assert!(inert_catalog::is_import_library(name, file, digest), "{line}");
        assert!(!inert_catalog::is_import_library("another", file, digest), "{line}");
        assert!(!inert_catalog::is_import_library(name, "another.lib", digest), "{line}");
    }
    // A folder is known as a whole: with another file, or without one of them, it is not.
    let digest = |text: &str| inert_vendored_fallbacks::sha256::hex(text.as_bytes());
    let one = ("liba.a".to_owned(), digest("a"));
    assert_eq!(
        inert_catalog::of_folder(&[("z.a".to_owned(), "1".to_owned()), one.clone()]),
        format!("liba.a {}\nz.a 1\n", one.1)
    );
    assert!(!inert_catalog::are_import_libraries("winapi-x86_64-pc-windows-gnu", &[one]));
    assert!(!inert_catalog::are_import_libraries("winapi-x86_64-pc-windows-gnu", &[]));
    assert!(!inert_catalog::is_import_library("windows_x86_64_msvc", "windows.lib", ""));
    lines.sort_unstable();
    assert!(lines.windows(2).all(|pair| pair[0] != pair[1]));
}

#[test]
fn every_baked_outcome_is_registered_and_used() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("baked");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().trim_end_matches(".toml.z").to_owned())
        .collect();
    let registered: BTreeSet<String> =
        inert_catalog::BAKED.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(files, registered);
    for name in registered {
        let entry = format!("baked = \"{name}\"");
        assert!(ENTRIES.iter().any(|(_, text)| text.contains(&entry)), "{name} is in no entry");
    }
    // Only the version that it was made from has it.
    let script = "08bfcfa380ded6870ed262baa4b6e87ec54482306aebffabefbd19c83ad4b6ba";
    let digest = |_: &str| Some(script.to_owned());
    let found = inert_catalog::lookup("crunchy", "0.2.4", digest).unwrap();
    assert!(found.declaration.contains("macro_rules! unroll"), "{}", found.declaration);
    assert_eq!(inert_catalog::lookup("crunchy", "0.2.5", digest), None);
}
