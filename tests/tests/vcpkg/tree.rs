//! Makes random vcpkg trees: status and updates, lists of files, `.pc` files, libraries that exist or not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use inert_tests::random::Random;

pub(crate) const PORTS: &[&str] = &["zlib", "openssl", "libpng", "sdl2-image", "boost_x", "c-ares", "absent"];

const TRIPLETS: &[&str] =
    &["x64-linux", "x64-windows", "x64-windows-static", "x64-windows-static-md", "x64-osx", "my-own"];

const STATES: &[&str] = &[
    "install ok installed",
    "install ok installed",
    "install ok installed",
    "install ok installed",
    "install ok installed",
    "purge ok not-installed",
    "install ok half-installed",
    "deinstall ok installed",
    "installed",
    "hold ok  installed",
];

/// Makes a tree, and returns its folder.
pub(crate) fn write(random: &mut Random, root: &Path) -> PathBuf {
    let _ = fs::remove_dir_all(root);
    // The folder is where cargo-vcpkg would put the tree, as seen from OUT_DIR.
    let tree = root.join("target/vcpkg");
    let state = tree.join("installed/vcpkg");
    fs::create_dir_all(state.join("updates")).unwrap();
    fs::create_dir_all(state.join("info")).unwrap();
    fs::create_dir_all(tree.join("downloads")).unwrap();
    if !random.once_in(20) {
        fs::write(tree.join(".vcpkg-root"), "").unwrap();
    }
    if random.once_in(2) {
        fs::write(tree.join("downloads/cargo-vcpkg.toml"), "").unwrap();
    }
    let mut paragraphs = Vec::new();
    let triplets: Vec<&str> = TRIPLETS.iter().copied().filter(|_| !random.once_in(4)).collect();
    for triplet in triplets {
        let mut written = BTreeSet::new();
        for port in PORTS.iter().filter(|port| **port != "absent") {
            if !random.once_in(4) {
                paragraphs.push(install(random, &tree, port, triplet, &mut written));
            }
            // The paragraph is a feature of the port, an older state, or invalid.
            match random.below(8) {
                0 => paragraphs.push(format!(
                    "Package: {port}\nFeature: extra\nDepends: {}\nArchitecture: {triplet}\nMulti-Arch: same\nStatus: {}\n",
                    depends(random), random.pick(STATES)
                )),
                1 => paragraphs.push(format!("Package: {port}\nArchitecture: {triplet}\nStatus: purge ok not-installed\n")),
                2 => paragraphs.push(random.pick(&["Foo: bar\n", "Package: zlib\nStatus: install ok installed\n", "  odd\n", ":\n"]).to_owned()),
                _ => {}
            }
        }
    }
    // Some paragraphs are in the status file, the rest in updates, of which later ones have priority.
    let ends: &[&str] = &["\n", "\n", "\n\n", "\r\n"];
    let mut files: BTreeMap<PathBuf, String> = BTreeMap::new();
    if random.once_in(2) {
        files.insert(state.join("status"), String::new());
    }
    for at in 0..random.below(3) + usize::from(files.is_empty()) {
        files.insert(state.join(format!("updates/{:010}", at * 7)), String::new());
    }
    let names: Vec<PathBuf> = files.keys().cloned().collect();
    for paragraph in paragraphs {
        let text = files.get_mut(&names[random.below(names.len())]).unwrap();
        *text += &paragraph;
        *text += random.pick(ends);
    }
    for (path, text) in files {
        fs::write(path, text).unwrap();
    }
    tree
}

fn depends(random: &mut Random) -> String {
    let all =
        ["zlib", "openssl", "libpng", "sdl2-image", "c-ares", "vcpkg-cmake:x64-linux", "absent", "boost_x"];
    let names: Vec<&str> = (0..random.below(4)).map(|_| random.pick(&all)).collect();
    names.join(random.pick(&[", ", ", ", ", ", ","]))
}

/// Writes a port's files for a triplet, and returns its paragraph.
fn install(
    random: &mut Random,
    tree: &Path,
    port: &str,
    triplet: &str,
    written: &mut BTreeSet<String>,
) -> String {
    let version = random.pick(&["1.0", "2.3.4", "2024-01-01", "1.0-3"]);
    let windows = triplet.contains("windows");
    let (prefix, extension) = if windows { ("", "lib") } else { ("lib", "a") };
    let base = tree.join("installed").join(triplet);
    fs::create_dir_all(base.join("lib")).unwrap();
    fs::create_dir_all(base.join("bin")).unwrap();
    let mut list = format!("{triplet}/\n{triplet}/lib/\n");
    let end = random.pick(&["\n", "\n", "\r\n"]);
    let mut libs = Vec::new();
    for at in 0..random.below(4) {
        let name = format!("{}{at}", port.replace('-', "_"));
        if !written.insert(name.clone()) {
            continue;
        }
        let prefix = if random.once_in(8) { "" } else { prefix };
        let file = format!("{prefix}{name}.{extension}");
        if !random.once_in(30) {
            fs::write(base.join("lib").join(&file), "").unwrap();
        }
        list += &format!("{triplet}/lib/{file}{end}{triplet}/debug/lib/{file}{end}");
        libs.push(name);
    }
    for other in [
        "lib/manual-link/libmain.a",
        "lib/x.so",
        "lib/y.dll",
        "bin/tool.exe",
        "bin/sub/z.dll",
        "include/lib/a.lib",
        "lib",
        "lib/none",
    ] {
        if random.once_in(4) {
            list += &format!("{triplet}/{other}{end}");
        }
    }
    if windows && !triplet.contains("static") && random.once_in(2) {
        let file = format!("{port}.dll");
        if !random.once_in(12) {
            fs::write(base.join("bin").join(&file), port).unwrap();
        }
        list += &format!("{triplet}/bin/{file}{end}");
    }
    // Each module has a file of its own that gives the order, or the order is that of the folder.
    let modules = tree.join("packages").join(format!("{port}_{triplet}")).join("lib/pkgconfig");
    if random.once_in(2) {
        fs::create_dir_all(&modules).unwrap();
        for (at, lib) in libs.iter().enumerate() {
            let required = match random.below(3) {
                0 => format!("Requires: {}\n", libs[random.below(libs.len())]),
                1 => format!("Requires: zlib, {} >= 1\n", libs[(at + 1) % libs.len()]),
                _ => String::new(),
            };
            let text =
                format!("Name: x\nDescription: x\nVersion: 1\nLibs: -L${{libdir}} -l{lib} -lm\n{required}");
            fs::write(modules.join(format!("{lib}.pc")), text).unwrap();
            list += &format!("{triplet}/lib/pkgconfig/{lib}.pc{end}");
        }
    }
    fs::write(tree.join(format!("installed/vcpkg/info/{port}_{version}_{triplet}.list")), list).unwrap();
    let revision = random.pick(&["", "", "Port-Version: 2\n"]);
    let lines = random.pick(&["", "Description: Of\n  several lines\n", "Description: a: b\n"]);
    format!(
        "Package: {port}\nVersion: {version}\n{revision}Depends: {}\nArchitecture: {triplet}\nMulti-Arch: same\nAbi: 00\n{lines}Status: {}\n",
        depends(random),
        random.pick(STATES)
    )
}

/// Returns a build's target and variables.
pub(crate) fn build(
    random: &mut Random,
    root: &Path,
    tree: &Path,
    targets: &[&'static str],
) -> (&'static str, BTreeMap<String, String>) {
    let mut variables = BTreeMap::new();
    let mut set = |name: &str, value: String| drop(variables.insert(name.to_owned(), value));
    match random.below(10) {
        0 => {}
        1 => set("VCPKG_ROOT", root.display().to_string()),
        2 => {
            // The file is where `vcpkg integrate install` puts it on Windows.
            let data = root.join("data");
            fs::create_dir_all(data.join("vcpkg")).unwrap();
            let targets = tree.join("scripts/buildsystems/msbuild/vcpkg.targets");
            let project = format!(
                "<Project>\n  <Import Condition=\"x\" Project=\"{}\" />\n</Project>\n",
                targets.display()
            );
            fs::write(data.join("vcpkg/vcpkg.user.targets"), project).unwrap();
            set("LOCALAPPDATA", data.display().to_string());
        }
        _ => set("VCPKG_ROOT", tree.display().to_string()),
    }
    let rare: &[(&str, &[&str])] = &[
        ("VCPKGRS_DYNAMIC", &["1", "1", ""]),
        ("VCPKGRS_DYNAMIC", &["1"]),
        (
            "VCPKGRS_TRIPLET",
            &["x64-linux", "x64-windows", "x64-windows-static", "my-own", "absent", "x64-osx"],
        ),
        ("CARGO_CFG_TARGET_FEATURE", &["crt-static", "sse,crt-static", "sse2"]),
    ];
    let rarer: &[(&str, &[&str])] = &[
        ("VCPKGRS_DISABLE", &["1", ""]),
        ("NO_VCPKG", &["1", ""]),
        ("VCPKGRS_NO_ZLIB", &["1"]),
        ("VCPKGRS_NO_SDL2_IMAGE", &["1"]),
        ("ZLIB_NO_VCPKG", &["1", ""]),
        ("C_ARES_NO_VCPKG", &["1"]),
        ("VCPKG_DEFAULT_TRIPLET", &["x64-linux"]),
    ];
    for (list, times) in [(rare, 3), (rarer, 40)] {
        for (name, values) in list {
            if random.once_in(times) {
                set(name, random.pick(values).to_owned());
            }
        }
    }
    let usual = ["x86_64-unknown-linux-gnu", "x86_64-pc-windows-msvc", "x86_64-apple-darwin"];
    (if random.once_in(4) { random.pick(targets) } else { random.pick(&usual) }, variables)
}
