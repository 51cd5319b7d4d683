//! Tests the store of objects and archives with a real compiler: what is found from elsewhere, what must not be, and
//! what a damaged or unusable store costs.
#![cfg(target_os = "linux")]
#![expect(clippy::disallowed_methods, reason = "these tests read this process's PATH, and start archivers")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use inert_vendored_fallbacks::store::{Store, StorePlace};
use inert_vendored_fallbacks::{Environment, Flag, Roots, Toolchain, Unit, build, jobs::Jobs};

/// A folder with a store, and packages that are built with it.
struct Place {
    root: PathBuf,
}

/// A copy of a package in a folder of its own, as another workspace or another user has it.
struct Package<'a> {
    place: &'a Place,
    root: PathBuf,
    unit: Unit,
    environment: Environment,
}

impl Place {
    fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("inert-store-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&root);
        std::fs::create_dir_all(&root).unwrap();
        Self { root }
    }

    /// Makes a package in a folder, with a source for each text.
    fn package(&self, folder: &str, sources: &[(&str, &str)]) -> Package<'_> {
        let root = self.root.join(folder);
        for (name, text) in sources {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        // The clock of a file system may be coarser than this test.
        std::thread::sleep(std::time::Duration::from_millis(20));
        let compiled = sources.iter().filter(|(name, _)| name.ends_with(".c") || name.ends_with(".S"));
        let unit = Unit {
            name: "demo".into(),
            sources: compiled.map(|(name, _)| root.join(name)).collect(),
            include_dirs: vec![root.join("first"), root.join("include")],
            ..Unit::default()
        };
        let path = std::env::var("PATH").unwrap();
        let environment = [("PATH", path), ("CC", "gcc".to_owned())].into_iter().collect();
        Package { place: self, root, unit, environment }
    }

    fn files(&self, folder: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.root.join("store").join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.path().is_dir() { folders.push(entry.path()) } else { found.push(entry.path()) }
            }
        }
        found
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

impl Package<'_> {
    /// Builds the package, and returns the numbers of objects that were compiled and found.
    fn build(&self) -> (usize, usize) {
        self.build_with("secret", true)
    }

    fn build_with(&self, secret: &str, shared: bool) -> (usize, usize) {
        let place = StorePlace {
            folder: self.place.root.join("store"),
            secret: secret.to_owned(),
            shared,
            staged: None,
        };
        let before = self.tally();
        build(&self.unit, &self.toolchain(), &self.root.join("target"), Some(&Store::new(place))).unwrap();
        let after = self.tally();
        (after.0 - before.0, after.1 - before.1)
    }

    fn toolchain(&self) -> Toolchain {
        let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        Toolchain {
            target: target.clone(),
            host: target,
            opt_level: "1".into(),
            debug: true,
            environment: self.environment.clone(),
            scratch: self.root.join("target/scratch"),
            jobs: Jobs::Threads(2),
            roots: Roots::new([(self.root.clone(), "demo-1.0.0".to_owned())]),
            ..Toolchain::default()
        }
    }

    fn tally(&self) -> (usize, usize) {
        let text = std::fs::read_to_string(self.place.root.join("store/log")).unwrap_or_default();
        let lines = text.lines().map(|line| inert_vendored_fallbacks::store::Tally::parse(line).unwrap());
        let sum = lines.fold(inert_vendored_fallbacks::store::Tally::default(), |sum, one| sum.plus(one));
        (usize::try_from(sum.misses).unwrap(), usize::try_from(sum.hits).unwrap())
    }

    fn archive(&self) -> Vec<u8> {
        std::fs::read(self.root.join("target/libdemo.a")).unwrap()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::create_dir_all(self.root.join(name).parent().unwrap()).unwrap();
        std::fs::write(self.root.join(name), text).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

const HEADER: (&str, &str) = ("include/a.h", "#include <stdio.h>\n#define VALUE 1\n");
const SOURCE: (&str, &str) =
    ("a.c", "#include \"a.h\"\nconst char *a_file = __FILE__;\nint a(void) { return VALUE; }\n");
const PLAIN: (&str, &str) = ("sub/a.c", "int b(void) { return 2; }\n");

#[test]
fn another_copy_of_the_package_compiles_nothing() {
    let place = Place::new("copy");
    let first = place.package("one/registry", &[HEADER, SOURCE, PLAIN]);
    assert_eq!(first.build(), (2, 0));
    let second = place.package("two/elsewhere/deeper", &[HEADER, SOURCE, PLAIN]);
    assert_eq!(second.build(), (0, 2));
    assert_eq!(first.archive(), second.archive());
    let text = first.archive();
    let holds = |words: &str| text.windows(words.len()).any(|window| window == words.as_bytes());
    assert!(
        holds("/inert/demo-1.0.0/a.c") && !holds(place.root.to_str().unwrap()),
        "a path of this machine is in it"
    );
    // An empty store makes the same archive elsewhere.
    std::fs::remove_dir_all(place.root.join("store")).unwrap();
    let third = place.package("three", &[HEADER, SOURCE, PLAIN]);
    assert_eq!(third.build(), (2, 0));
    assert_eq!(third.archive(), text);
}

#[test]
fn what_differs_is_compiled() {
    let place = Place::new("differs");
    let first = place.package("one", &[HEADER, SOURCE]);
    assert_eq!(first.build(), (1, 0));
    let mut other = place.package("two", &[HEADER, SOURCE]);
    other.unit.defines.push(("X".into(), Some("1".into())));
    assert_eq!(other.build(), (1, 0), "a definition");
    other.unit.defines[0].1 = Some(format!("\"{}\"", other.root.display()));
    assert_eq!(other.build(), (1, 0), "a definition that names the package's folder");
    other.unit.defines.clear();
    other.environment.set("CPATH", other.root.join("cpath"));
    assert_eq!(other.build(), (1, 0), "a variable");
    other.environment.remove("CPATH");
    assert_eq!(other.build(), (0, 1));
    other.write("include/a.h", "#define VALUE 5\n");
    assert_eq!(other.build(), (1, 0), "a header");
    assert_eq!((first.build(), other.build()), ((0, 1), (0, 1)), "both are kept");
    other.write("a.c", "int a(void) { return 7; }\n");
    assert_eq!(other.build(), (1, 0), "the source");
    assert_eq!(other.build_with("another", true), (1, 0), "a store that another secret seals");
}

/// Tests that a definition with the real path is the real path of each copy.
#[test]
fn a_path_in_a_definition_stays() {
    let place = Place::new("path");
    let text = "const char *where = PLACE;\n";
    for folder in ["one", "two"] {
        let mut package = place.package(folder, &[("a.c", text)]);
        package.unit.defines.push(("PLACE".into(), Some(format!("\"{}\"", package.root.display()))));
        assert_eq!(package.build(), (1, 0));
        let own = package.root.to_str().unwrap().as_bytes().to_vec();
        assert!(package.archive().windows(own.len()).any(|window| window == own));
    }
}

#[test]
fn a_header_that_comes_before_another_one() {
    let place = Place::new("shadow");
    let first = place.package("one", &[HEADER, SOURCE]);
    assert_eq!((first.build(), first.build()), ((1, 0), (0, 1)));
    first.write("first/a.h", "#define VALUE 9\n");
    assert_eq!((first.build(), first.build()), ((1, 0), (0, 1)), "in an earlier folder");
    first.write("a.h", "#define VALUE 11\n");
    assert_eq!((first.build(), first.build()), ((1, 0), (0, 1)), "beside its includer");
    std::fs::remove_file(first.root.join("a.h")).unwrap();
    std::fs::remove_dir_all(first.root.join("first")).unwrap();
    assert_eq!(first.build(), (0, 1), "it is gone, and the first object is right again");
    first.write("first/stdio.h", "int other;\n");
    assert_eq!(first.build(), (1, 0), "before the system's");
}

#[test]
fn a_header_that_a_source_asks_for() {
    for (name, question) in [
        ("direct", "#if __has_include(\"asked.h\")\n"),
        ("alias", "#define ASK __has_include\n#if ASK(<asked.h>)\n"),
    ] {
        let place = Place::new(name);
        let text = format!("{question}#include \"asked.h\"\n#endif\nint a;\n");
        let package = place.package("one", &[("a.c", text.as_str())]);
        assert_eq!((package.build(), package.build()), ((1, 0), (0, 1)), "{name}");
        package.write("include/asked.h", "int asked;\n");
        assert_eq!((package.build(), package.build()), ((1, 0), (0, 1)), "{name}");
    }
}

#[test]
fn what_the_assembler_reads() {
    let place = Place::new("incbin");
    // The name of the directive is put together from pieces.
    let text = "__asm__(\".section .rodata\\n.inc\" \"bin \\\"data.bin\\\"\\n.text\\n\");\n";
    let package = place.package("one", &[("a.c", text), ("include/data.bin", "first")]);
    assert_eq!((package.build(), package.build()), ((1, 0), (0, 1)));
    package.write("include/data.bin", "second");
    assert_eq!((package.build(), package.build()), ((1, 0), (0, 1)));
    let archive = package.archive();
    assert!(archive.windows(6).any(|window| window == b"second"));
}

#[test]
fn what_is_not_a_function_of_its_inputs_is_not_kept() {
    let place = Place::new("varies");
    let time = place.package("time", &[("a.c", "const char *built = __TIME__;\n")]);
    assert_eq!((time.build(), time.build()), ((1, 0), (1, 0)));
    let mut flags = place.package("flags", &[("a.c", "int a;\n")]);
    flags.unit.flags.push(Flag { flag: "-save-temps=obj".into(), if_supported: false, compiler: None });
    assert_eq!((flags.build(), flags.build()), ((1, 0), (1, 0)));
    let question =
        place.package("question", &[("a.c", "#define A <x.h>\n#if __has_include(A)\n#endif\nint a;\n")]);
    assert_eq!((question.build(), question.build()), ((1, 0), (1, 0)));
    // A relative path from the compiler's working folder, whose depth a source can exceed.
    let outside = place.package("outside", &[("data.bin", "data")]);
    let up = "../".repeat(40);
    let path = outside.root.join("data.bin");
    let text =
        format!("__asm__(\".incbin \\\"{up}{}\\\"\");\n", path.display().to_string().trim_start_matches('/'));
    let outside = place.package("outside", &[("a.c", text.as_str())]);
    assert_eq!((outside.build(), outside.build()), ((1, 0), (1, 0)));
}

/// Tests a header that was compiled before: gcc takes `a.h.gch` in the place of `a.h`, and lists neither.
#[test]
fn an_object_of_a_precompiled_header_is_not_kept() {
    let place = Place::new("gch");
    let evil = place.package("evil", &[HEADER, SOURCE, ("evil.h", "#define VALUE 13\n")]);
    let folder = evil.root.join("target");
    let command = build(&evil.unit, &evil.toolchain(), &folder, None).unwrap().command;
    let compiler = command.strip_suffix(" -c SOURCE").unwrap();
    let made = std::process::Command::new("sh")
        .arg("-c")
        .arg(format!("{compiler} -x c-header evil.h -o include/a.h.gch"))
        .current_dir(&evil.root)
        .status()
        .unwrap();
    assert!(made.success());
    assert_eq!(evil.build(), (1, 0));
    let honest = place.package("honest", &[HEADER, SOURCE]);
    assert_eq!((honest.build(), honest.build()), ((1, 0), (0, 1)));
    assert_ne!(evil.archive(), honest.archive(), "the precompiled header was not taken: this tests nothing");
}

/// Tests a source that includes a file by the name of its own: a name in the place of the path is none.
#[test]
fn a_source_that_needs_its_real_path() {
    let place = Place::new("itself");
    let text = "#ifndef AGAIN\n#define AGAIN\n#include __FILE__\n#else\nint a;\n#endif\n";
    let one = place.package("one", &[("a.c", text)]);
    assert_eq!((one.build(), one.build()), ((1, 0), (0, 1)));
    let two = place.package("two", &[("a.c", text)]);
    assert_eq!(two.build(), (1, 0), "its path is part of the key");
}

#[test]
fn damaged_entries_are_made_again() {
    let place = Place::new("damaged");
    let package = place.package("one", &[HEADER, SOURCE, PLAIN]);
    assert_eq!(package.build(), (2, 0));
    let whole = package.archive();
    for kind in ["blobs", "notes"] {
        for damage in 0..4 {
            for path in place.files(kind) {
                let mut bytes = std::fs::read(&path).unwrap();
                match damage {
                    0 => bytes.clear(),
                    1 => bytes.truncate(bytes.len() / 2),
                    2 => bytes[0] ^= 1,
                    _ => bytes.push(b'x'),
                }
                std::fs::write(&path, bytes).unwrap();
            }
            assert_eq!(package.build(), (2, 0), "{kind} {damage}");
            assert_eq!(package.archive(), whole);
            assert_eq!(package.build(), (0, 2), "{kind} {damage}");
        }
    }
    // What is no regular file is not read: a pipe would block, a symlink may lead to anything.
    for path in place.files("blobs") {
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
    }
    assert_eq!((package.build(), package.build()), ((2, 0), (0, 2)));
    assert_eq!(package.archive(), whole);
}

#[test]
fn an_object_under_another_key_is_not_taken() {
    let place = Place::new("moved");
    let one = place.package("one", &[("a.c", "int a(void) { return 1; }\n")]);
    let two = place.package("two", &[("other.c", "int a(void) { return 2; }\n")]);
    assert_eq!((one.build(), two.build()), ((1, 0), (1, 0)));
    let archive = two.archive();
    let text = |path: &PathBuf| std::fs::read_to_string(path).unwrap();
    let note = |name: &str| place.files("notes").into_iter().find(|path| text(path).contains(name)).unwrap();
    // Both the whole note of another, and one whose digest was exchanged: a note is sealed with its key.
    std::fs::write(note("/other.c\n"), text(&note("/a.c\n"))).unwrap();
    assert_eq!(two.build(), (1, 0));
    let digest = |path: &PathBuf| text(path).lines().nth(1).unwrap().split(' ').next().unwrap().to_owned();
    let (first, second) = (note("/a.c\n"), note("/other.c\n"));
    std::fs::write(&second, text(&second).replace(&digest(&second), &digest(&first))).unwrap();
    assert_eq!(two.build(), (1, 0));
    assert_eq!(two.archive(), archive);
}

#[test]
fn without_a_place_to_write_everything_is_built() {
    let place = Place::new("unwritable");
    std::fs::write(place.root.join("store"), "a file").unwrap();
    let package = place.package("one", &[HEADER, SOURCE]);
    package.build();
    let first = package.archive();
    package.build();
    assert_eq!(package.archive(), first);
}

/// Tests a store that is not shared: paths are part of the key, and stand in the objects.
#[test]
fn a_store_of_one_build_dir() {
    let place = Place::new("own");
    let package = place.package("one", &[HEADER, SOURCE]);
    assert_eq!((package.build_with("", false), package.build_with("", false)), ((1, 0), (0, 1)));
    let own = package.root.join("a.c").to_str().unwrap().as_bytes().to_vec();
    assert!(package.archive().windows(own.len()).any(|window| window == own));
    let other = place.package("two", &[HEADER, SOURCE]);
    assert_eq!(other.build_with("", false), (1, 0));
}

#[test]
fn an_upgraded_compiler_makes_its_own_objects() {
    let place = Place::new("compiler");
    let mut package = place.package("one", &[HEADER, SOURCE]);
    let script = package.root.join("bin/cc");
    package.write("bin/cc", "#!/bin/sh\nexec gcc \"$@\"\n");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    package.environment.set("CC", script.as_os_str());
    assert_eq!((package.build(), package.build()), ((1, 0), (0, 1)));
    package.write("bin/cc", "#!/bin/sh\n# newer\nexec gcc \"$@\"\n");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!((package.build(), package.build()), ((1, 0), (0, 1)));
}

#[test]
fn the_store_is_this_users_alone() {
    let place = Place::new("mode");
    place.package("one", &[HEADER, SOURCE]).build();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place.root.join("store")), 0o700);
    assert!(place.files("tmp").is_empty());
    // So are the folders above it that it makes: with a mask of 002 a group could write to them.
    let deep = place.root.join("cache/store/v1");
    let store = Store::new(StorePlace { folder: deep.clone(), ..StorePlace::default() });
    store.keep_blob(b"content").unwrap();
    assert_eq!([mode(&deep), mode(deep.parent().unwrap())], [0o700; 2]);
}
