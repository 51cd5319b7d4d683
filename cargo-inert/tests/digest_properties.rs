//! What a package's digest goes by, over trees and edits made at random: any edit of what a script could read there changes it
//! or has it refused, and what no script can tell changes nothing. `INERT_TREES` makes more of them.

#![cfg(unix)]
#![expect(clippy::disallowed_methods, reason = "the test's own switch, read once; a pipe is made by mkfifo")]

#[path = "random_tree/mod.rs"]
mod random_tree;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use cargo_inert::cargo::package::PackageId;
use cargo_inert::digest;
use cargo_inert::plan::closure;
use random_tree::{Random, Tree};

/// An edit of a package, by its name. `None` where the tree has nothing to make it of.
type Edit = fn(&Tree, &mut Random) -> Option<()>;

fn file(tree: &Tree, random: &mut Random) -> Option<std::path::PathBuf> {
    let files = tree.all(|path| path.is_file() && !path.is_symlink());
    (!files.is_empty()).then(|| files[random.below(files.len())].clone())
}

fn mode(path: &Path, change: impl Fn(u32) -> u32) -> Option<()> {
    let before = fs::metadata(path).unwrap().permissions().mode();
    fs::set_permissions(path, fs::Permissions::from_mode(change(before))).unwrap();
    (change(before) != before).then_some(())
}

const CHANGES: &[(&str, Edit)] = &[
    ("a byte more", |tree, random| {
        let path = file(tree, random)?;
        fs::write(&path, [fs::read(&path).unwrap(), b"y".to_vec()].concat()).ok()
    }),
    ("another byte", |tree, random| {
        let path = file(tree, random)?;
        let mut bytes = fs::read(&path).unwrap();
        let at = random.below(bytes.len().max(1));
        *bytes.get_mut(at)? ^= 1;
        let time = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(&path, bytes).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(time).ok()
    }),
    ("gone", |tree, random| fs::remove_file(file(tree, random)?).ok()),
    ("renamed", |tree, random| {
        let path = file(tree, random)?;
        let mut name = path.file_name().unwrap().to_owned();
        name.push(if random.below(2) == 0 { "~" } else { " " });
        let to = path.with_file_name(name);
        (!to.exists()).then(|| fs::rename(&path, to).unwrap())
    }),
    ("executable or no more", |tree, random| mode(&file(tree, random)?, |mode| mode ^ 0o111)),
    ("setuid", |tree, random| mode(&file(tree, random)?, |mode| mode ^ 0o4000)),
    ("any special bit", |tree, random| {
        let bit = 0o1000 << random.below(3);
        mode(&file(tree, random)?, |mode| mode ^ bit)
    }),
    ("executable for others than the owner", |tree, random| {
        let bits = if random.below(2) == 0 { 0o001 } else { 0o011 };
        let path = file(tree, random)?;
        let plain = fs::metadata(&path).unwrap().permissions().mode() & 0o100 == 0;
        plain.then(|| mode(&path, |mode| mode | bits)).flatten()
    }),
    ("not readable by its owner", |tree, random| mode(&file(tree, random)?, |mode| mode & !0o400)),
    ("the mode of what a symlink ends at", |tree, random| {
        let links = tree.all(|path| path.is_symlink() && path.is_file());
        mode(links.get(random.below(links.len().max(1)))?, |mode| mode ^ 0o111)
    }),
    ("the mode of what lies in a folder that a symlink ends at", |tree, random| {
        let links = tree.all(|path| path.is_symlink() && path.join("deep/three").is_file());
        mode(&links.get(random.below(links.len().max(1)))?.join("deep/three"), |mode| mode ^ 0o111)
    }),
    ("something more", |tree, random| tree.grow(random).map(drop)),
    ("a symlink with the same text at its end", |tree, random| {
        let path = file(tree, random)?;
        let kept = tree.outside.join("kept");
        fs::rename(&path, &kept).unwrap();
        symlink(kept, &path).ok()
    }),
    ("a symlink whose text is what the file held", |tree, random| {
        let path = file(tree, random)?;
        let text = fs::read_to_string(&path).ok().filter(|text| !text.is_empty() && !text.contains('\0'))?;
        fs::remove_file(&path).unwrap();
        symlink(text, &path).ok()
    }),
    ("a symlink elsewhere", |tree, random| {
        let links = tree.all(Path::is_symlink);
        let path = links.get(random.below(links.len().max(1)))?;
        fs::remove_file(path).unwrap();
        symlink(tree.outside.join("elsewhere"), path).ok()
    }),
    ("what a symlink ends at", |tree, random| {
        let links = tree.all(|path| path.is_symlink() && path.is_file());
        let path = links.get(random.below(links.len().max(1)))?;
        let bytes = [fs::read(path).unwrap(), b"z".to_vec()].concat();
        fs::write(path, bytes).ok()
    }),
    ("what lies in a folder that a symlink ends at", |tree, random| {
        let links = tree.all(|path| path.is_symlink() && path.is_dir());
        let path = links.get(random.below(links.len().max(1)))?;
        fs::write(path.join("new"), "").ok()
    }),
    ("a folder in a file's place", |tree, random| {
        let path = file(tree, random)?;
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).ok()
    }),
    ("an empty folder gone", |tree, random| {
        let folders = tree.all(|path| path.is_dir() && !path.is_symlink());
        let path = folders.get(random.below(folders.len().max(1)))?;
        fs::remove_dir(path).ok()
    }),
    ("two files' contents swapped", |tree, random| {
        let (one, two) = (file(tree, random)?, file(tree, random)?);
        let (a, b) = (fs::read(&one).unwrap(), fs::read(&two).unwrap());
        fs::write(one, &b).unwrap();
        fs::write(two, &a).unwrap();
        (a != b).then_some(())
    }),
    ("a pipe", |tree, random| {
        let path = file(tree, random)?;
        fs::remove_file(&path).unwrap();
        std::process::Command::new("mkfifo").arg(path).status().ok().map(drop)
    }),
    ("a socket", |tree, random| {
        let path = file(tree, random)?;
        fs::remove_file(&path).unwrap();
        std::os::unix::net::UnixListener::bind(path).ok().map(drop)
    }),
];

const NO_CHANGES: &[(&str, Edit)] = &[
    ("another time", |tree, random| {
        let file = fs::File::options().write(true).open(file(tree, random)?).unwrap();
        file.set_modified(std::time::UNIX_EPOCH).ok()
    }),
    ("who else than the owner may read", |tree, random| mode(&file(tree, random)?, |mode| mode ^ 0o044)),
    ("in a store that nobody writes to", |tree, random| mode(&file(tree, random)?, |mode| mode & !0o222)),
    ("another inode", |tree, random| {
        let path = file(tree, random)?;
        let copy = tree.outside.join("copy");
        fs::copy(&path, &copy).unwrap();
        fs::rename(copy, path).ok()
    }),
    ("git's own folder", |tree, _| {
        let vendored = tree.package.join(".cargo-checksum.json").exists();
        (!vendored).then(|| {
            fs::create_dir(tree.package.join(".git")).unwrap();
            fs::write(tree.package.join(".git/HEAD"), "x").unwrap();
        })
    }),
];

fn count() -> u64 {
    std::env::var("INERT_TREES").ok().and_then(|text| text.parse().ok()).unwrap_or(60)
}

#[test]
fn every_change_shows() {
    let mut made = vec![0; CHANGES.len()];
    for seed in 0..count() {
        for (number, (name, edit)) in CHANGES.iter().enumerate() {
            let random = &mut Random::seeded(seed);
            let tree = Tree::random(random);
            let Ok(before) = digest::package(&tree.package) else {
                panic!("seed {seed}: a tree without a digest")
            };
            if edit(&tree, random).is_none() {
                continue;
            }
            made[number] += 1;
            let after = digest::package(&tree.package);
            assert!(after.as_ref().ok() != Some(&before), "seed {seed}, {name}: the digest is the same");
            assert!(tree.scratch.path().exists());
        }
    }
    for ((name, _), made) in CHANGES.iter().zip(made) {
        assert!(made > 0, "no tree was made for `{name}`");
    }
}

/// An edit of a package that is linked into a script shows in the digest of all of them, and in the item of an entry that
/// lists it; an edit of modes does not show in what a lock holds, which is the same on every system.
#[test]
fn every_change_of_a_linked_package_shows() {
    let id = |name: &str| PackageId {
        name: name.to_owned(),
        version: "1.0.0+x".to_owned(),
        source: "registry+https://example.org".to_owned(),
    };
    for seed in 0..count() / 10 {
        for (name, edit) in CHANGES {
            let random = &mut Random::seeded(seed);
            let (tree, other) = (Tree::random(random), Tree::random(random));
            let linked = [(id("edited"), tree.package.clone()), (id("other"), other.package.clone())].into();
            let seen = || {
                Some((
                    closure::closure_digest(&linked).ok()?,
                    closure::closure_items(&linked).ok()?,
                    closure::closure_content(&linked).ok()?,
                ))
            };
            let (whole, items, content) = seen().unwrap();
            if edit(&tree, random).is_none() {
                continue;
            }
            let Some((whole_now, items_now, content_now)) = seen() else { continue };
            assert!(!digest::is_pinned(&whole, &whole_now), "seed {seed}, {name}: the whole is the same");
            assert!(
                !digest::is_pinned(&items[0], &items_now[0]),
                "seed {seed}, {name}: the item is the same"
            );
            assert!(digest::is_pinned(&items[1], &items_now[1]), "seed {seed}, {name}: another item differs");
            let of_modes = digest::split(&whole).0 == digest::split(&whole_now).0;
            assert_eq!(content == content_now, of_modes, "seed {seed}, {name}");
        }
    }
}

#[test]
fn nothing_else_does() {
    for seed in 0..count() {
        for (name, edit) in NO_CHANGES {
            let random = &mut Random::seeded(seed);
            let tree = Tree::random(random);
            let before = digest::package(&tree.package).unwrap();
            if edit(&tree, random).is_some() {
                assert_eq!(digest::package(&tree.package).unwrap(), before, "seed {seed}, {name}");
            }
        }
    }
}
