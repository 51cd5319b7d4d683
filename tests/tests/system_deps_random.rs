//! Property: our reader reads random manifests as system-deps 9 does, and prints the same output.
//!
//! [`manifest`] makes manifests, `.pc` files, features and variables, with every key and every variable in the
//! crate's documentation and source. system-deps itself is the oracle, run as a build script would run it.
//!
//! `INERT_MANIFESTS=2000 INERT_SEED=7 cargo test -p inert-tests --test system_deps_random` makes more manifests,
//! and others.

#![expect(clippy::print_stderr, reason = "an oracle says how much it compared")]

#[path = "system_deps/ask.rs"]
mod ask;
#[path = "system_deps/manifest.rs"]
mod manifest;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use ask::{TARGETS, ours, theirs};
use inert_tests::random::{Random, asked};

/// The default number of manifests, and of builds for each.
const MANIFESTS: usize = 150;
const BUILDS: usize = 8;

#[test]
fn manifests_at_random() {
    let (manifests, seed) = (asked("INERT_MANIFESTS", MANIFESTS), asked("INERT_SEED", 1));
    let [answered, printed] = [const { AtomicUsize::new(0) }; 2];
    let unequal = Mutex::new(Vec::new());
    let one = |at: usize| {
        let mut random = Random::seeded(seed.wrapping_mul(1_000_003) + at);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("system-deps-random/{seed}-{at}"));
        let keys = manifest::write(&mut random, &folder);
        let mut equal = true;
        for _ in 0..BUILDS {
            let (target, features, variables) = manifest::build(&mut random, &folder, &keys, TARGETS);
            let expected = theirs(&folder, target, &features, &variables);
            let actual = ours(&folder, target, &features, &variables);
            answered.fetch_add(usize::from(expected.is_some()), Ordering::Relaxed);
            printed.fetch_add(expected.as_ref().map_or(0, Vec::len), Ordering::Relaxed);
            if actual.as_ref().ok() != expected.as_ref() {
                let text = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
                unequal.lock().unwrap().push(format!(
                    "{} {target} {features:?} {variables:#?}\n  crate: {expected:#?}\n  ours:  {actual:#?}\n{text}",
                    folder.display()
                ));
                equal = false;
                break;
            }
        }
        // The case of a difference is kept, so that a person can run it again.
        if equal {
            let _ = std::fs::remove_dir_all(folder);
        }
    };
    inert_tests::parallel::each(manifests, one);
    let mut unequal = unequal.into_inner().unwrap();
    unequal.sort_by_key(String::len);
    let (answered, printed) = (answered.into_inner(), printed.into_inner());
    eprintln!(
        "{manifests} manifests, {} builds, {answered} of them answered by system-deps with {printed} lines",
        manifests * BUILDS
    );
    assert!(answered > manifests * BUILDS / 5, "most builds fail: nothing is compared");
    let shown = &unequal[..unequal.len().min(asked("INERT_SHOWN", 3))];
    assert!(unequal.is_empty(), "{} manifests differ; the shortest:\n{}", unequal.len(), shown.join("\n"));
}
