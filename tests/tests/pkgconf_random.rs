//! Property: on random `.pc` files, our reader gives the same answers as the `pkgconf` executable.
//!
//! [`tree`] makes the trees and [`question`] the queries; pkgconf 1.8 is the oracle, so the expected answers do not
//! depend on our own reading. Intended differences (`docs/reference/differences-pkgconf.md`) are not generated.
//!
//! `INERT_TREES=5000 INERT_SEED=7 cargo test -p inert-tests --test pkgconf_random` makes more trees, and others.

#![expect(clippy::print_stderr, reason = "an oracle says how much it compared")]

#[path = "pkgconf_random/question.rs"]
mod question;
#[path = "pkgconf_random/tree.rs"]
mod tree;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use inert_tests::pkgconf::{Told, installed, ours, theirs};
use inert_tests::random::{Random, asked};

/// The default number of trees, and of questions for each.
const TREES: usize = 120;
const QUESTIONS: usize = 24;

#[test]
fn files_at_random() {
    let Some(personality) = installed() else { return };
    let (trees, seed) = (asked("INERT_TREES", TREES), asked("INERT_SEED", 1));
    let [answered, refused, killed] = [const { AtomicUsize::new(0) }; 3];
    let unequal = Mutex::new(Vec::new());
    let one = |at: usize| {
        let mut random = Random::seeded(seed.wrapping_mul(1_000_003) + at);
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("pkgconf-random/{seed}-{at}"));
        let tree = tree::Tree::new(&mut random, root.clone());
        let mut equal = true;
        for _ in 0..QUESTIONS {
            let (arguments, environment) = question::question(&mut random, &tree);
            let expected = match theirs(5, &arguments, &environment) {
                Some(Told::Printed(text)) => {
                    answered.fetch_add(1, Ordering::Relaxed);
                    Some(text)
                }
                Some(Told::Failed) => {
                    refused.fetch_add(1, Ordering::Relaxed);
                    None
                }
                // A query that makes pkgconf read or write past an end has no answer to compare.
                Some(Told::Killed) | None => {
                    killed.fetch_add(1, Ordering::Relaxed);
                    equal = false;
                    continue;
                }
            };
            let actual = ours(&personality, &arguments, &environment);
            if actual != expected {
                let text = tree.text();
                unequal.lock().unwrap().push(format!(
                    "tree {at}: {environment:?}\n{}\n  pkgconf: {expected:?}\n  ours:    {actual:?}\n{text}",
                    arguments.join(" ")
                ));
                equal = false;
                break;
            }
        }
        // The tree of a difference is kept, so that a person can query it.
        if equal {
            let _ = std::fs::remove_dir_all(root);
        }
    };
    inert_tests::parallel::each(trees, one);
    let mut unequal = unequal.into_inner().unwrap();
    unequal.sort_by_key(String::len);
    let [answered, refused, killed] = [answered, refused, killed].map(AtomicUsize::into_inner);
    eprintln!(
        "{trees} trees: {answered} questions answered by pkgconf, {refused} refused, {killed} it did not survive"
    );
    assert!(answered > trees * QUESTIONS / 4, "most questions are refused: nothing is compared");
    assert!(
        unequal.is_empty(),
        "{} trees differ; the shortest:\n{}",
        unequal.len(),
        unequal.iter().take(asked("INERT_SHOWN", 3)).cloned().collect::<Vec<_>>().join("\n")
    );
}
