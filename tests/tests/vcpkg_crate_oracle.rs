//! Compares discovery in a vcpkg tree with the `vcpkg` crate: trees made here, and the crate's own test trees,
//! every port of each for every triplet.

#![expect(clippy::print_stdout, reason = "an oracle says how much it compared")]

#[path = "vcpkg/ask.rs"]
mod ask;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ask::{TARGETS, ours, theirs};

const ENVIRONMENTS: &[&[(&str, &str)]] = &[
    &[],
    &[("VCPKGRS_DYNAMIC", "1")],
    &[("VCPKGRS_TRIPLET", "x64-windows-static")],
    &[("VCPKGRS_TRIPLET", "x64-linux")],
    &[("VCPKGRS_DISABLE", "1")],
    &[("VCPKGRS_NO_ZLIB", "1"), ("OPENSSL_NO_VCPKG", "1")],
];

/// A port of a made tree: name, version, dependencies, libraries without prefix and extension, `.pc` files.
type Port = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [(&'static str, &'static str)],
);

const PORTS: &[Port] = &[
    ("zlib", "1.3.1", "", &["zlib"], &[]),
    (
        "openssl",
        "3.3.0",
        "zlib, vcpkg-cmake:x64-windows",
        &["crypto", "ssl"],
        &[
            ("libssl", "Name: a\nDescription: a\nVersion: 1\nRequires: libcrypto\nLibs: -lssl\n"),
            ("libcrypto", "Name: a\nDescription: a\nVersion: 1\nLibs: -lcrypto\n"),
        ],
    ),
    ("curl", "8.7.1", "openssl, zlib, nghttp2", &["curl"], &[]),
    ("nghttp2", "1.61.0", "", &["nghttp2"], &[]),
    ("headers-only", "1", "", &[], &[]),
];

#[test]
fn the_crate_finds_the_same() {
    let scratch = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("vcpkg-oracle");
    let _ = fs::remove_dir_all(&scratch);
    let mut trees = vec![make(&scratch.join("status"), true), make(&scratch.join("updates"), false)];
    trees.extend(published());
    let out = scratch.join("out");
    fs::create_dir_all(&out).unwrap();
    let (mut asked, mut found) = (0, 0);
    let mut unequal = Vec::new();
    for tree in &trees {
        for port in ports(tree) {
            for target in TARGETS {
                for environment in ENVIRONMENTS {
                    let root = [("VCPKG_ROOT".to_owned(), tree.display().to_string())];
                    let others = environment.iter().map(|(name, value)| ((*name).into(), (*value).into()));
                    let variables = root.into_iter().chain(others).collect();
                    let theirs = theirs(&port, target, &variables, &out);
                    let ours = ours(&port, target, &variables, &out);
                    asked += 1;
                    found += usize::from(theirs.is_some());
                    if ours.as_ref().ok() != theirs.as_ref() {
                        unequal.push(format!(
                            "{} {port} {target} {environment:?}\n  crate: {theirs:#?}\n  ours:  {ours:#?}",
                            tree.display()
                        ));
                    }
                }
            }
        }
    }
    println!("{} trees, {asked} questions, {found} found by the crate", trees.len());
    assert!(found > 20);
    assert!(unequal.is_empty(), "{} unequal:\n{}", unequal.len(), unequal[..unequal.len().min(5)].join("\n"));
}

/// Makes a tree with every port for three triplets, its state in the status file or in updates.
fn make(root: &Path, in_status: bool) -> PathBuf {
    let (mut status, info) = (String::new(), root.join("installed/vcpkg/info"));
    fs::create_dir_all(root.join("installed/vcpkg/updates")).unwrap();
    fs::create_dir_all(&info).unwrap();
    fs::write(root.join(".vcpkg-root"), "").unwrap();
    for (triplet, prefix, extension) in [
        ("x64-linux", "lib", "a"),
        ("x64-windows", "", "lib"),
        ("x64-windows-static", "", "lib"),
        ("x64-osx", "lib", "a"),
    ] {
        for (name, version, depends, libs, modules) in PORTS {
            status.push_str(&format!(
                "Package: {name}\nVersion: {version}\nDepends: {depends}\nArchitecture: {triplet}\nMulti-Arch: same\n\
                 Description: Of\n  several lines\nStatus: install ok installed\n\n"
            ));
            let mut list = format!("{triplet}/\n{triplet}/lib/\n{triplet}/debug/lib/{prefix}x.{extension}\n");
            let base = root.join("installed").join(triplet);
            fs::create_dir_all(base.join("lib")).unwrap();
            fs::create_dir_all(base.join("bin")).unwrap();
            for lib in *libs {
                let file = format!("{prefix}{lib}.{extension}");
                fs::write(base.join("lib").join(&file), "").unwrap();
                list.push_str(&format!("{triplet}/lib/{file}\n"));
                if triplet == "x64-windows" {
                    fs::write(base.join("bin").join(format!("{lib}.dll")), "").unwrap();
                    list.push_str(&format!("{triplet}/bin/{lib}.dll\n"));
                }
            }
            let folder = root.join("packages").join(format!("{name}_{triplet}")).join("lib/pkgconfig");
            fs::create_dir_all(&folder).unwrap();
            for (module, text) in *modules {
                fs::write(folder.join(format!("{module}.pc")), text).unwrap();
                list.push_str(&format!("{triplet}/lib/pkgconfig/{module}.pc\n"));
            }
            fs::write(info.join(format!("{name}_{version}_{triplet}.list")), list).unwrap();
        }
    }
    // This port was removed again.
    status.push_str("Package: gone\nVersion: 1\nArchitecture: x64-linux\nStatus: purge ok not-installed\n\n");
    let file = if in_status { "installed/vcpkg/status" } else { "installed/vcpkg/updates/0000000000" };
    fs::write(root.join(file), status).unwrap();
    root.to_owned()
}

/// Returns the trees that the crate is published with, if its source is on this machine.
#[expect(clippy::disallowed_methods, reason = "where cargo keeps sources")]
fn published() -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let sources =
        home.into_iter().flat_map(|home| fs::read_dir(home.join("registry/src"))).flatten().flatten();
    sources
        .map(|index| index.path().join("vcpkg-0.2.15/test-data"))
        .flat_map(fs::read_dir)
        .flatten()
        .flatten()
        .map(|tree| tree.path())
        .filter(|tree| tree.join(".vcpkg-root").exists())
        .collect()
}

/// Returns the names of ports by the lists of their files, and one that does not exist.
fn ports(tree: &Path) -> BTreeSet<String> {
    let lists = fs::read_dir(tree.join("installed/vcpkg/info")).unwrap();
    let mut names: BTreeSet<String> = lists
        .filter_map(|entry| Some(entry.ok()?.file_name().to_str()?.split_once('_')?.0.to_owned()))
        .filter(|name| !name.starts_with("boost-") || name == "boost-regex")
        .collect();
    names.insert("no-such-port".to_owned());
    names
}
