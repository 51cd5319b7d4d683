//! Discovery in artificial trees: vcpkg complete and damaged, sysroots, cross compilation, the crate's own
//! variables.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use inert_manifest_spec::condition::{Comparison, Operator};
use inert_manifest_spec::{Guarded, Item, Library, LinkKind, VersionRange};
use inert_resolver::discovery::{self, Found, NotFound};
use inert_resolver::request::{LibraryPolicy, Request, Target};
use inert_resolver::{Dialect, World, directives};

const HOST: &str = "x86_64-unknown-linux-gnu";

/// Returns an empty folder for one test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("discovery-trees").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn find(library: &Library, target: &str, environment: &[(&str, &str)]) -> Result<Found, NotFound> {
    find_under(library, target, environment, LibraryPolicy::default())
}

fn find_under(
    library: &Library,
    target: &str,
    environment: &[(&str, &str)],
    libraries: LibraryPolicy,
) -> Result<Found, NotFound> {
    let request = Request {
        libraries,
        target: Target { triple: target.to_owned(), ..Target::default() },
        host: HOST.to_owned(),
        ..Request::default()
    };
    let environment =
        environment.iter().map(|(name, value)| (OsString::from(*name), OsString::from(*value))).collect();
    discovery::find(library, "x", &request, &mut World::new(environment, "/nowhere".into()))
}

fn printed(found: &Found) -> Vec<String> {
    let text = directives::print(&found.link, Dialect::SingleColon).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn tried(not_found: &NotFound) -> String {
    let lines: Vec<_> = not_found.attempts.iter().map(ToString::to_string).collect();
    lines.join("\n") + not_found.unmet.as_deref().unwrap_or_default()
}

fn ports(names: &[&str]) -> Library {
    Library {
        vcpkg: names.iter().map(|name| Item::always((*name).to_owned())).collect(),
        ..Library::default()
    }
}

fn modules(names: &[&str]) -> Library {
    Library {
        pkg_config: names.iter().map(|name| Item::always((*name).to_owned())).collect(),
        ..Library::default()
    }
}

fn at_least(version: &str) -> Option<Guarded<VersionRange>> {
    let comparison = Comparison { operator: Operator::GreaterEqual, value: version.to_owned() };
    Some(Guarded::always(VersionRange { comparisons: vec![comparison] }))
}

/// Lays out vcpkg in manifest mode: one folder, no `.vcpkg-root`, no updates.
fn manifest_mode(name: &str) -> PathBuf {
    let root = folder(name);
    write(
        &root,
        "vcpkg/status",
        "Package: zlib\nVersion: 1.3.1\nPort-Version: 2\nArchitecture: x64-linux\nStatus: install ok installed\n",
    );
    write(&root, "vcpkg/info/zlib_1.3.1_x64-linux.list", "x64-linux/lib/libz.a\n");
    write(&root, "x64-linux/lib/libz.a", "");
    root
}

#[test]
fn vcpkg_in_manifest_mode_with_a_port_name_of_its_own_and_a_version() {
    let root = manifest_mode("manifest-mode");
    let environment = [("VCPKG_INSTALLED_ROOT", root.to_str().unwrap())];
    let found = find(&ports(&["zlib-ng", "zlib"]), HOST, &environment).unwrap();
    assert_eq!(found.version.as_deref(), Some("1.3.1"));
    assert_eq!(printed(&found)[1], "cargo:rustc-link-lib=z");
    let newer = Library { version: at_least("2"), ..ports(&["zlib"]) };
    let text = tried(&find(&newer, HOST, &environment).unwrap_err());
    assert!(text.contains("its version is 1.3.1, and >= 2 is needed"), "{text}");
}

#[test]
fn vcpkg_for_another_triplet_says_which() {
    let root = manifest_mode("triplets");
    let environment = [("VCPKG_INSTALLED_ROOT", root.to_str().unwrap())];
    let text = tried(&find(&ports(&["zlib"]), "x86_64-pc-windows-gnu", &environment).unwrap_err());
    assert!(text.contains("installed for x64-linux, not for x64-mingw-static"), "{text}");
}

#[test]
fn a_vcpkg_tree_cut_in_half_says_what_is_not_whole() {
    let root = manifest_mode("half");
    let environment = [("VCPKG_INSTALLED_ROOT", root.to_str().unwrap())];
    fs::remove_file(root.join("x64-linux/lib/libz.a")).unwrap();
    let text = tried(&find(&ports(&["zlib"]), HOST, &environment).unwrap_err());
    assert!(text.contains("libz.a is listed and not there"), "{text}");
    fs::remove_file(root.join("vcpkg/info/zlib_1.3.1_x64-linux.list")).unwrap();
    let text = tried(&find(&ports(&["zlib"]), HOST, &environment).unwrap_err());
    assert!(text.contains("not whole"), "{text}");
    fs::remove_file(root.join("vcpkg/status")).unwrap();
    let text = tried(&find(&ports(&["zlib"]), HOST, &environment).unwrap_err());
    assert!(text.contains("vcpkg/status"), "{text}");
    // The status file holds bytes that are not text; then it is a folder.
    fs::write(root.join("vcpkg/status"), b"Package: \xff\nVersion\n\n\0: \n").unwrap();
    assert!(find(&ports(&["zlib"]), HOST, &environment).is_err());
    fs::remove_file(root.join("vcpkg/status")).unwrap();
    fs::create_dir(root.join("vcpkg/status")).unwrap();
    assert!(find(&ports(&["zlib"]), HOST, &environment).is_err());
}

/// Each file of a tree is removed, cut in half, overwritten and replaced by a folder: either the damaged file is
/// named, or the result is that of the complete tree.
#[test]
fn a_vcpkg_tree_damaged_at_any_file_is_said_to_be() {
    const FILES: &[(&str, &str)] = &[
        (
            "vcpkg/status",
            "Package: own\nVersion: 1\nDepends: dep, tool:x64-windows\nArchitecture: x64-linux\nStatus: install ok installed\n\nPackage: dep\nVersion: 3\nArchitecture: x64-linux\nStatus: install ok installed\n\n",
        ),
        ("vcpkg/info/own_1_x64-linux.list", "x64-linux/\nx64-linux/lib/\nx64-linux/lib/libown.a\n"),
        ("vcpkg/info/dep_3_x64-linux.list", "x64-linux/\nx64-linux/lib/\nx64-linux/lib/libdep.a\n"),
        ("x64-linux/lib/libown.a", "!<arch>\n"),
        ("x64-linux/lib/libdep.a", "!<arch>\n"),
    ];
    let library = Library { libs: vec![Item::always("own".to_owned())], ..ports(&["own"]) };
    let tree = |name: &str| {
        let root = folder(name);
        FILES.iter().for_each(|(path, text)| write(&root, path, text));
        root
    };
    let look = |root: &Path| find(&library, HOST, &[("VCPKG_INSTALLED_ROOT", root.to_str().unwrap())]);
    let whole = look(&tree("damaged")).unwrap();
    let linked = |found: &Found| printed(found).split_off(1);
    assert_eq!(linked(&whole), ["cargo:rustc-link-lib=own", "cargo:rustc-link-lib=dep"]);
    type Damage = fn(&Path, &str);
    let ways: [(&str, Damage); 4] = [
        ("gone", |path, _| fs::remove_file(path).unwrap()),
        ("half", |path, text| fs::write(path, &text[..text.len() / 2]).unwrap()),
        ("overwritten", |path, _| fs::write(path, b"\xff\0\x01 : \n\n\xfe").unwrap()),
        ("a folder", |path, _| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }),
    ];
    for (way, damage) in ways {
        for (path, text) in FILES {
            let root = tree("damaged");
            damage(&root.join(path), text);
            let name = path.rsplit('/').next().unwrap();
            match look(&root) {
                Err(missing) => {
                    let said = tried(&missing);
                    assert!(said.contains(name), "{name} {way}: {said}");
                }
                // Only the linker reads the content of an archive.
                Ok(found) => {
                    assert!(name.ends_with(".a"), "{name} {way}");
                    assert_eq!(linked(&found), linked(&whole), "{name} {way}");
                }
            }
        }
    }
    let root = tree("damaged");
    let status = FILES[0].1.replace("Depends: dep", "Depends: gone");
    fs::write(root.join("vcpkg/status"), status).unwrap();
    let warnings = look(&root).unwrap().warnings.join("\n");
    assert_eq!(warnings, "vcpkg's own depends on gone, which is not installed for x64-linux");
    fs::write(root.join("vcpkg/info/own_1_x64-linux.list"), "x64-linux/\nx64-linux/include/own.h\n").unwrap();
    let text = tried(&look(&root).unwrap_err());
    assert!(text.contains("it has no library, where own is looked for"), "{text}");
}

const PC: &str = "prefix=/usr\nName: x\nDescription: x\nVersion: 1.5\nLibs: -L${prefix}/lib -lx\nCflags: -I${prefix}/include\n";

#[test]
fn a_foreign_target_finds_what_its_sysroot_has() {
    let root = folder("sysroot");
    write(&root, "usr/lib/aarch64-linux-gnu/pkgconfig/x.pc", PC);
    let environment = [("PKG_CONFIG_SYSROOT_DIR_aarch64_unknown_linux_gnu", root.to_str().unwrap())];
    let found = find(&modules(&["x"]), "aarch64-unknown-linux-gnu", &environment).unwrap();
    assert_eq!(found.include_dirs, [root.join("usr/include")]);
    assert_eq!(printed(&found)[0], format!("cargo:rustc-link-search=native={}/usr/lib", root.display()));
}

#[test]
fn a_foreign_target_does_not_find_the_hosts_and_is_told_what_to_install() {
    let root = folder("hosts");
    write(&root, "x.pc", PC);
    write(&root, "zlib.pc", PC);
    // Without the target's name the variable applies to the host.
    let environment = [("PKG_CONFIG_PATH", root.to_str().unwrap())];
    let missing = find(&modules(&["x"]), "aarch64-unknown-linux-gnu", &environment).unwrap_err();
    let text = tried(&missing);
    assert!(text.contains("/usr/lib/aarch64-linux-gnu/pkgconfig") && !text.contains("x86_64"), "{text}");
    let remedies = missing.remedies.join("\n");
    assert!(remedies.contains("PKG_CONFIG_PATH_aarch64_unknown_linux_gnu"), "{remedies}");
    // With this variable set to 1 it applies, as in the pkg-config crate.
    let allowed = [("PKG_CONFIG_PATH", root.to_str().unwrap()), ("PKG_CONFIG_ALLOW_CROSS", "1")];
    assert!(find(&modules(&["x"]), "aarch64-unknown-linux-gnu", &allowed).is_ok());
    let refused = [("PKG_CONFIG_PATH", root.to_str().unwrap()), ("PKG_CONFIG_ALLOW_CROSS", "0")];
    assert!(find(&modules(&["x"]), "aarch64-unknown-linux-gnu", &refused).is_err());
}

#[test]
fn static_that_cannot_be_had_is_said() {
    let root = folder("static");
    write(
        &root,
        "x.pc",
        "libdir=${pcfiledir}/lib\nName: x\nDescription: x\nVersion: 1\nLibs: -L${libdir} -lx -lm\n",
    );
    let library = Library { kind: Some(Guarded::always(LinkKind::Static)), ..modules(&["x"]) };
    let environment = [("PKG_CONFIG_PATH", root.to_str().unwrap())];
    let found = find(&library, HOST, &environment).unwrap();
    assert!(printed(&found).contains(&"cargo:rustc-link-lib=x".to_owned()));
    assert!(found.warnings[0].contains("no libx.a in"), "{:?}", found.warnings);
    write(&root, "lib/libx.a", "");
    let found = find(&library, HOST, &environment).unwrap();
    assert!(printed(&found).contains(&"cargo:rustc-link-lib=static=x".to_owned()));
    assert_eq!(found.warnings, Vec::<String>::new());
}

#[test]
fn a_refused_flag_names_its_file() {
    let root = folder("refused");
    write(
        &root,
        "x.pc",
        "Name: x\nDescription: x\nVersion: 1\nLibs: -lx -Wl,-plugin,/tmp/evil.so -fplugin=/tmp/evil.so -specs=/tmp/args\n",
    );
    let found = find(&modules(&["x"]), HOST, &[("PKG_CONFIG_PATH", root.to_str().unwrap())]).unwrap();
    assert_eq!(printed(&found), ["cargo:rustc-link-lib=x"]);
    assert_eq!(found.warnings.len(), 3);
    assert!(found.warnings.iter().all(|warning| warning.contains("refused/x.pc")), "{:?}", found.warnings);
}

#[test]
fn the_crates_own_variables_outrank_pkg_config() {
    let root = folder("variables");
    write(&root, "lib/libz.so", "");
    write(&root, "lib/libz.a", "");
    write(&root, "include/zlib.h", "#define ZLIB_VERSION \"1.2.13\"\n");
    let library = Library {
        libs: vec![Item::always("z".to_owned())],
        header: Some("zlib.h".to_owned()),
        version_macro: Some("ZLIB_VERSION".to_owned()),
        env_prefix: Some("Z".to_owned()),
        version: at_least("1.2"),
        ..modules(&["zlib"])
    };
    let dir = root.to_str().unwrap();
    let found = find(&library, HOST, &[("Z_DIR", dir)]).unwrap();
    assert_eq!((found.origin, found.version.as_deref()), ("environment", Some("1.2.13")));
    assert_eq!(printed(&found)[1], "cargo:rustc-link-lib=dylib=z");
    // The variable with the target's name has priority over the plain one.
    let scoped = [("Z_DIR", "/nowhere"), ("X86_64_UNKNOWN_LINUX_GNU_Z_DIR", dir), ("Z_STATIC", "1")];
    assert_eq!(printed(&find(&library, HOST, &scoped).unwrap())[1], "cargo:rustc-link-lib=static=z");
    // A missing folder is an error, not a reason to take another library.
    let text = tried(&find(&library, HOST, &[("Z_DIR", "/nowhere")]).unwrap_err());
    assert!(text.contains("Z_DIR is set, but there is no folder /nowhere"), "{text}");
    let newer = Library { version: at_least("1.3"), ..library };
    assert!(find(&newer, HOST, &[("Z_DIR", dir)]).unwrap_err().unmet.is_some());
}

/// A variable names a folder, and nothing of what an archive there needs: where a `.pc` file beside it does, that is said.
#[test]
fn what_an_archive_needs_is_said_where_a_variable_names_its_folder() {
    let root = folder("unread-needs");
    write(&root, "lib/libz.a", "");
    write(
        &root,
        "lib/pkgconfig/zlib.pc",
        "Name: z\nDescription: z\nVersion: 1.3\nLibs: -lz\nLibs.private: -lneeded\n",
    );
    let library = Library {
        libs: vec![Item::always("z".to_owned())],
        env_prefix: Some("Z".to_owned()),
        ..modules(&["zlib"])
    };
    let lib = root.join("lib");
    let warned = |variables: &[(&str, &str)]| {
        let found = find(&library, HOST, variables).unwrap();
        let said = |warning: &&String| warning.contains("zlib.pc names what its archive needs besides");
        (printed(&found), found.warnings.iter().filter(said).count())
    };
    let folder = lib.to_str().unwrap();
    let (lines, count) = warned(&[("Z_LIB_DIR", folder), ("Z_STATIC", "1")]);
    assert_eq!((lines[1].as_str(), lines.len(), count), ("cargo:rustc-link-lib=static=z", 2, 1));
    write(&root, "lib/libz.so", "");
    assert_eq!(warned(&[("Z_LIB_DIR", folder)]).1, 0, "a shared library brings what it needs");
    write(
        &root,
        "lib/pkgconfig/zlib.pc",
        "Name: z\nDescription: z\nVersion: 1.3\nLibs: -lz\nLibs.private:\n",
    );
    assert_eq!(warned(&[("Z_LIB_DIR", folder), ("Z_STATIC", "1")]).1, 0);
    for (more, count) in [
        ("Libs: -lz\nLibs.private: -lm -pthread -ldl\n", 0),
        ("Libs: -lz\nLibs.private: -lz ${other}\n", 0),
        ("Libs: -lz -lother\n", 1),
        ("Libs: -lz\nRequires: other >= 1\n", 1),
    ] {
        write(&root, "lib/pkgconfig/zlib.pc", &format!("Name: z\nDescription: z\nVersion: 1.3\n{more}"));
        fs::remove_file(root.join("lib/libz.so")).unwrap_or_default();
        assert_eq!(warned(&[("Z_LIB_DIR", folder), ("Z_STATIC", "1")]).1, count, "{more}");
    }
}

/// The folder that the policy sets for a library has priority over variables, and the library is looked for nowhere
/// else.
#[test]
fn a_prefix_of_the_users_is_the_only_place() {
    let root = folder("prefix");
    write(
        &root,
        "lib/pkgconfig/x.pc",
        "prefix=${pcfiledir}/../..\nName: x\nDescription: x\nVersion: 7\nLibs: -L${prefix}/lib -lx\n",
    );
    let elsewhere = folder("prefix-elsewhere");
    write(&elsewhere, "x.pc", PC);
    write(&elsewhere, "y.pc", PC);
    let policy = |name: &str| LibraryPolicy {
        prefix: [(name.to_owned(), root.clone())].into(),
        ..LibraryPolicy::default()
    };
    let environment = [("PKG_CONFIG_PATH", elsewhere.to_str().unwrap())];
    let found = find_under(&modules(&["x"]), HOST, &environment, policy("x")).unwrap();
    assert_eq!((found.origin, found.version.as_deref()), ("inert.toml", Some("7")));
    let text = tried(&find_under(&modules(&["y"]), HOST, &environment, policy("y")).unwrap_err());
    assert!(
        text.contains("inert.toml says that it is under")
            && text.contains("there is no y.pc of use in its lib/pkgconfig"),
        "{text}"
    );
    // The library has no .pc file, and is found by its name.
    write(&root, "lib/libz.a", "");
    let library = Library { libs: vec![Item::always("z".to_owned())], ..Library::default() };
    let found = find_under(&library, HOST, &[], policy("z")).unwrap();
    assert_eq!(printed(&found)[1], "cargo:rustc-link-lib=static=z");
}

#[test]
fn static_by_the_users_word_is_static_or_an_error() {
    let root = folder("policy-static");
    write(
        &root,
        "x.pc",
        "libdir=${pcfiledir}/lib\nName: x\nDescription: x\nVersion: 1\nLibs: -L${libdir} -lx\nLibs.private: -lother -lm\n",
    );
    let environment = [("PKG_CONFIG_PATH", root.to_str().unwrap()), ("X_DYNAMIC", "1")];
    let policy =
        |kind| LibraryPolicy { kind: [("default".to_owned(), kind)].into(), ..LibraryPolicy::default() };
    let ask = |kind| find_under(&modules(&["x"]), HOST, &environment, policy(kind));
    let text = ask(LinkKind::Static).unwrap_err().unmet.unwrap();
    assert!(text.contains("inert.toml asks for static linking, but there is no libx.a"), "{text}");
    write(&root, "lib/libx.a", "");
    let found = ask(LinkKind::Static).unwrap();
    let lines = printed(&found);
    assert!(lines.contains(&"cargo:rustc-link-lib=static=x".to_owned()), "{lines:?}");
    // A library that it requires may be shared, with a warning.
    assert!(lines.contains(&"cargo:rustc-link-lib=other".to_owned()), "{lines:?}");
    assert!(found.warnings[0].contains("libother.a"), "{:?}", found.warnings);
    // The same setting for a shared library must give a shared library or an error.
    assert!(ask(LinkKind::Dylib).unwrap_err().unmet.unwrap().contains("all there is of x is the archive"));
    write(&root, "lib/libx.so", "");
    let found = ask(LinkKind::Dylib).unwrap();
    assert_eq!(printed(&found)[1], "cargo:rustc-link-lib=x");
}

/// On Fedora `/usr/lib` has the 32-bit libraries; if it is the same folder as `/usr/lib64`, or the only one, it has
/// those of the target. The machine may have a personality file for the target: a sysroot has priority over it.
#[test]
fn libraries_of_the_other_word_size_are_not_found() {
    const OTHER: &str = "x86_64-unknown-linux-gnu";
    let request = |root: &Path, module: &str| {
        let request = Request {
            target: Target { triple: OTHER.to_owned(), ..Target::default() },
            host: "aarch64-unknown-linux-gnu".to_owned(),
            ..Request::default()
        };
        let sysroot = [(OsString::from("PKG_CONFIG_SYSROOT_DIR"), root.as_os_str().to_owned())];
        let environment = sysroot.into_iter().collect();
        discovery::find(&modules(&[module]), "x", &request, &mut World::new(environment, "/nowhere".into()))
    };
    let pc = |lib: &str| {
        format!("prefix=/usr\nName: x\nDescription: x\nVersion: 9\nLibs: -L${{prefix}}/{lib} -lword9\n")
    };
    let root = folder("word-size");
    write(&root, "usr/lib/pkgconfig/word9.pc", &pc("lib"));
    assert_eq!(request(&root, "word9").unwrap().lib_dirs, [root.join("usr/lib")], "the one folder");
    write(&root, "usr/lib64/pkgconfig/word8.pc", &pc("lib64"));
    assert_eq!(request(&root, "word8").unwrap().lib_dirs, [root.join("usr/lib64")]);
    let missing = tried(&request(&root, "word9").unwrap_err());
    assert!(!missing.contains(&format!("{}/usr/lib/pkgconfig", root.display())), "{missing}");
    #[cfg(unix)]
    {
        fs::remove_dir_all(root.join("usr/lib64")).unwrap();
        std::os::unix::fs::symlink("lib", root.join("usr/lib64")).unwrap();
        assert!(request(&root, "word9").is_ok(), "a link to it");
    }
}

/// The version is asked for without a bound, of which pkgconf 2.0.3 and 2.1.0 say nothing then; and where a program says
/// nothing at all, the version is unknown.
#[cfg(unix)]
#[test]
fn a_program_that_says_no_version_of_what_has_a_bound() {
    use std::os::unix::fs::PermissionsExt as _;
    let root = folder("modversion");
    let program = root.join("pkg-config");
    let library = Library { version: at_least("1.2"), ..modules(&["alt9"]) };
    for (with_bound, alone, version) in
        [("", "1.5.1", Some("1.5.1")), ("1.5.1\n1.5.1", "1.5.1", Some("1.5.1")), ("", "", None)]
    {
        let script = format!(
            "#!/bin/sh\ncase \"$*\" in\n*--libs*) echo '-lalt9' ;;\n*--modversion*alt9\\ *) echo '{with_bound}' ;;\n\
             *--modversion*) echo '{alone}' ;;\nesac\n"
        );
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let found = find(&library, HOST, &[("PKG_CONFIG", program.to_str().unwrap())]).unwrap();
        assert_eq!(found.version.as_deref(), version, "{with_bound:?} {alone:?}");
        assert_eq!(printed(&found), ["cargo:rustc-link-lib=alt9"]);
    }
}
