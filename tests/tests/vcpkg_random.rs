//! Property: in random vcpkg trees our reader finds the same libraries as the vcpkg crate, and prints the same
//! output.
//!
//! Intended differences (`docs/reference/differences-vcpkg.md`) are not generated.
//! `INERT_TREES=5000 INERT_SEED=7 cargo test -p inert-tests --test vcpkg_random` makes more trees, and others.

#![expect(clippy::print_stderr, reason = "an oracle says how much it compared")]

#[path = "vcpkg/ask.rs"]
mod ask;
#[path = "vcpkg/tree.rs"]
mod tree;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use ask::{TARGETS, ours, theirs};
use inert_tests::random::{Random, asked};

/// The default number of trees, and of builds for each.
const TREES: usize = 60;
const BUILDS: usize = 12;

#[test]
fn trees_at_random() {
    let (trees, seed) = (asked("INERT_TREES", TREES), asked("INERT_SEED", 1));
    let (mut found, mut unequal) = (0, Vec::new());
    for at in 0..trees {
        let mut random = Random::seeded(seed.wrapping_mul(1_000_003) + at);
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("vcpkg-random/{seed}-{at}"));
        let tree = tree::write(&mut random, &root);
        let out = root.join("target/debug/build/x/out");
        let mut equal = true;
        for _ in 0..BUILDS {
            let (target, variables) = tree::build(&mut random, &root, &tree, TARGETS);
            let known = tree::PORTS.len() - usize::from(!random.once_in(6));
            let port = random.pick(&tree::PORTS[..known]);
            fs::create_dir_all(&out).unwrap();
            let expected = theirs(port, target, &variables, &out).map(|lines| (lines, files(&out)));
            fs::remove_dir_all(&out).unwrap();
            fs::create_dir_all(&out).unwrap();
            let actual = ours(port, target, &variables, &out).map(|lines| (lines, files(&out)));
            found += usize::from(expected.is_some());
            if actual.as_ref().ok() != expected.as_ref() {
                unequal.push(format!(
                    "{} {port} {target} {variables:?}\n  crate: {expected:#?}\n  ours:  {actual:#?}",
                    root.display()
                ));
                equal = false;
                break;
            }
            fs::remove_dir_all(&out).unwrap();
        }
        // The tree of a difference is kept, so that a person can look into it.
        if equal {
            let _ = fs::remove_dir_all(root);
        }
    }
    unequal.sort_by_key(String::len);
    eprintln!("{trees} trees, {} builds, in {found} of them the crate finds the port", trees * BUILDS);
    assert!(found > trees, "most ports are not found: nothing is compared");
    let shown = &unequal[..unequal.len().min(asked("INERT_SHOWN", 3))];
    assert!(unequal.is_empty(), "{} trees differ; the shortest:\n{}", unequal.len(), shown.join("\n"));
}

/// Returns the DLLs that were copied beside the program.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.path().is_file());
    files
        .map(|entry| {
            (entry.file_name().to_string_lossy().into_owned(), fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}
