//! Tests with random trees that a digest covers every file that rustc may read for a pinned unit. The build itself
//! writes to some of the folders.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::check;
use crate::digest;

#[path = "../../tests/random_tree/mod.rs"]
mod random_tree;

use random_tree::{Random, Tree};

/// Writes the dependency file of rustc for a file that it read by this path.
fn rule(folder: &Path, read: &Path) -> PathBuf {
    let path = folder.join("unit.d");
    let name: Vec<u8> = read
        .as_os_str()
        .as_bytes()
        .iter()
        .flat_map(|byte| match byte {
            b' ' => b"\\ ".to_vec(),
            byte => vec![*byte],
        })
        .collect();
    fs::write(&path, [b"unit: ".as_slice(), &name, b"\n\n", &name, b":\n"].concat()).unwrap();
    path
}

#[test]
fn what_may_be_read_is_in_a_digest() {
    let (mut passed, mut refused) = (0, 0);
    for seed in 0..100 {
        let random = &mut Random::seeded(seed);
        let tree = Tree::random(random);
        let base = tree.scratch.path().canonicalize().unwrap();
        let own = tree.package.join("target");
        let taken = own.symlink_metadata().is_ok();
        let target = if taken || random.below(2) == 0 { base.join("target") } else { own };
        fs::create_dir_all(target.join("debug/deep")).unwrap();
        digest::leave_out(&target);
        for file in ["made", "debug/made", "debug/deep/made"] {
            fs::write(target.join(file), "made").unwrap();
        }
        fs::create_dir_all(tree.package.join(".git/x")).unwrap();
        fs::write(tree.package.join(".git/x/y"), "git's").unwrap();
        let ends = [
            target.clone(),
            target.join("debug"),
            tree.outside.clone(),
            tree.package.join(".git"),
            base.clone(),
        ];
        let _ = symlink(&ends[random.below(ends.len())], tree.package.join("link"));
        // Every file, by every path that leads to it from the package.
        let mut read = Vec::new();
        walk(&tree.package, &mut read, 5);
        walk(&base, &mut read, 4);
        let roots = [tree.package.clone()].into();
        for path in read {
            let spelt = match random.below(3) {
                0 => path.clone(),
                1 => path.strip_prefix(&tree.package).map_or_else(|_| path.clone(), Path::to_path_buf),
                _ => {
                    path.strip_prefix(&base).map_or_else(|_| path.clone(), |rest| Path::new("..").join(rest))
                }
            };
            let rule = rule(&base, &spelt);
            if check(&rule, &tree.package, &roots, None).is_err() {
                refused += 1;
                continue;
            }
            passed += 1;
            let Ok(before) = digest::package(&tree.package) else { continue };
            let content = fs::read(&path).unwrap();
            fs::write(&path, [content.clone(), b"edited".to_vec()].concat()).unwrap();
            let after = digest::package(&tree.package).ok();
            fs::write(&path, content).unwrap();
            assert_ne!(
                after,
                Some(before),
                "seed {seed}: {} may be read, and no digest goes by it",
                spelt.display()
            );
        }
    }
    assert!(passed > 200 && refused > 200, "{passed} {refused}");
}

/// Finds the files below a folder, also through symlinks, up to a depth.
fn walk(folder: &Path, found: &mut Vec<PathBuf>, depth: usize) {
    if depth == 0 {
        return;
    }
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, found, depth - 1);
        } else if path.is_file() && path.file_name().is_some_and(|name| name != "unit.d") {
            found.push(path);
        }
    }
}
