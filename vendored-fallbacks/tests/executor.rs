//! Tests the executor with real compilers: objects that are kept, objects that are compiled again, files left after
//! failures.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use inert_vendored_fallbacks::store::{Store, StorePlace};
use inert_vendored_fallbacks::{Archive, BuildError, Environment, Roots, Toolchain, Unit, build, jobs::Jobs};

/// A folder for one test, with two sources and a header that one of them includes.
struct Bench {
    root: PathBuf,
    environment: Environment,
}

impl Bench {
    fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("inert-executor-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&root);
        std::fs::create_dir_all(root.join("src")).expect("a folder");
        let path = process_path();
        let mut bench = Self { root, environment: [("PATH", path)].into_iter().collect() };
        bench.write("src/a.c", "#include \"a.h\"\nint a(void) { return VALUE; }\n");
        bench.write("src/a.h", "#define VALUE 1\n");
        bench.write("src/b.c", "int b(void) { return 2; }\n");
        let log = bench.root.join("calls").display().to_string();
        let cc = bench
            .script("cc", &format!("case \"$*\" in *' -c '*) echo \"$*\" >> {log};; esac\nexec gcc \"$@\""));
        bench.environment.set("CC", cc);
        bench
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.root.join(name), text).expect("writable");
    }

    fn script(&self, name: &str, body: &str) -> PathBuf {
        let path = self.root.join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("writable");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("ours");
        path
    }

    fn unit(&self) -> Unit {
        Unit {
            name: "demo".into(),
            sources: vec![self.root.join("src/a.c"), self.root.join("src/b.c")],
            include_dirs: vec![self.root.join("src")],
            ..Unit::default()
        }
    }

    fn build(&self, unit: &Unit) -> Result<Archive, BuildError> {
        let target = host();
        let toolchain = Toolchain {
            target: target.clone(),
            host: target,
            opt_level: "0".into(),
            debug: false,
            environment: self.environment.clone(),
            scratch: self.root.join("scratch"),
            jobs: Jobs::Threads(2),
            roots: Roots::new([(self.root.join("src"), "demo-1.0.0".to_owned())]),
            ..Toolchain::default()
        };
        build(unit, &toolchain, &self.root.join("out"), Some(&self.store()))
    }

    fn store(&self) -> Store {
        Store::new(StorePlace {
            folder: self.root.join("store"),
            secret: "secret".into(),
            shared: true,
            ..StorePlace::default()
        })
    }

    /// Returns the number of compilations since the last call.
    fn compiles(&self) -> usize {
        let path = self.root.join("calls");
        let calls = std::fs::read_to_string(&path).unwrap_or_default();
        let _ = std::fs::remove_file(path);
        calls.lines().filter(|line| line.contains("/src/")).count()
    }

    fn archive(&self) -> PathBuf {
        self.root.join("out/libdemo.a")
    }

    fn nothing_half_done(&self) {
        let mut folders = vec![self.root.join("out"), self.root.join("store")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.expect("an entry").path();
                assert!(!path.to_string_lossy().ends_with(".part"), "{} was left", path.display());
                if path.is_dir() {
                    folders.push(path);
                }
            }
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "where the compiler is, is the one thing taken from this process"
)]
fn process_path() -> String {
    std::env::var("PATH").expect("a PATH")
}

fn host() -> String {
    let arch = std::env::consts::ARCH;
    if cfg!(target_os = "macos") {
        format!("{arch}-apple-darwin")
    } else {
        format!("{arch}-unknown-linux-gnu")
    }
}

#[test]
fn what_is_unchanged_is_not_compiled_again() {
    let bench = Bench::new("unchanged");
    let unit = bench.unit();
    let first = bench.build(&unit).expect("it builds");
    assert_eq!(bench.compiles(), 2);
    assert!(first.reads.contains(&bench.root.join("src/a.h")), "headers are read too: {:?}", first.reads);
    let bytes = std::fs::read(bench.archive()).expect("the archive");
    std::fs::remove_file(bench.archive()).expect("ours");
    let second = bench.build(&unit).expect("it builds again");
    assert_eq!((bench.compiles(), second.reads), (0, first.reads));
    assert_eq!(std::fs::read(bench.archive()).expect("the archive"), bytes);
    bench.nothing_half_done();
}

#[test]
fn what_changed_is() {
    let bench = Bench::new("changed");
    let mut unit = bench.unit();
    bench.build(&unit).expect("it builds");
    assert_eq!(bench.compiles(), 2);
    bench.write("src/a.h", "#define VALUE 3\n");
    bench.build(&unit).expect("it builds");
    assert_eq!(bench.compiles(), 1, "one source includes the header");
    bench.write("src/b.c", "int b(void) { return 2; }\n");
    bench.build(&unit).expect("it builds");
    assert_eq!(bench.compiles(), 0, "the same content, written anew");
    unit.defines.push(("NEW".into(), None));
    bench.build(&unit).expect("it builds");
    assert_eq!(bench.compiles(), 2, "other flags");
}

#[test]
fn a_kept_object_that_was_changed_is_none() {
    let bench = Bench::new("tampered");
    let unit = bench.unit();
    bench.build(&unit).expect("it builds");
    assert_eq!(bench.compiles(), 2);
    let blobs = files(&bench.root.join("store/blobs"));
    assert_eq!(blobs.len(), 3, "two objects and their archive: {blobs:?}");
    for path in &blobs {
        std::fs::write(path, "no object").expect("writable");
    }
    bench.build(&unit).expect("it builds");
    assert_eq!(bench.compiles(), 2);
    bench.build(&unit).expect("it builds");
    assert_eq!(bench.compiles(), 0, "what was damaged was replaced");
}

/// Returns all files in a folder and the folders in it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test]
fn the_compilers_own_words_are_shown() {
    let bench = Bench::new("error");
    bench.write("src/b.c", "#error \"not on a Sunday\"\n");
    let error = bench.build(&bench.unit()).expect_err("it does not compile").to_string();
    assert!(
        error.contains("not on a Sunday") && error.contains("src/b.c") && error.contains(" -c "),
        "{error}"
    );
    assert!(!bench.archive().exists());
    bench.nothing_half_done();
    bench.write("src/b.c", "int b(void) { return 2; }\n");
    bench.build(&bench.unit()).expect("it builds now");
}

#[test]
fn a_killed_compiler_leaves_nothing_that_is_taken_for_whole() {
    let mut bench = Bench::new("killed");
    let whole = bench.environment.clone();
    let body = "case \"$*\" in *b.c*) for word; do case $last in -o) echo half > \"$word\";; esac; last=$word; done; kill -9 $$;; esac\nexec gcc \"$@\"";
    let cc = bench.script("killed-cc", body);
    bench.environment.set("CC", cc);
    let error = bench.build(&bench.unit()).expect_err("it was killed").to_string();
    assert!(error.contains("signal"), "{error}");
    assert!(!bench.archive().exists());
    bench.nothing_half_done();
    bench.environment = whole;
    bench.build(&bench.unit()).expect("it builds");
    assert!(bench.archive().exists());
}

#[test]
fn a_missing_compiler_or_archiver_is_said() {
    let mut bench = Bench::new("missing");
    let whole = bench.environment.clone();
    bench.environment.set("AR", "/nonexistent/ar");
    let error = bench.build(&bench.unit()).expect_err("no archiver").to_string();
    assert!(error.contains("/nonexistent/ar"), "{error}");
    assert!(!bench.archive().exists());
    bench.environment = whole;
    bench.environment.set("CC", "/nonexistent/cc");
    let error = bench.build(&bench.unit()).expect_err("no compiler").to_string();
    assert!(error.contains("/nonexistent/cc") && error.contains("apt install gcc"), "{error}");
}

#[test]
fn a_folder_that_cannot_be_written_is_said() {
    let bench = Bench::new("unwritable");
    bench.write("out", "a file where a folder should be");
    let error = bench.build(&bench.unit()).expect_err("nowhere to put it");
    assert!(matches!(error, BuildError::Io { .. }), "{error}");
}

#[test]
fn a_wrapper_is_started_with_the_compiler() {
    let mut bench = Bench::new("wrapper");
    let log = bench.root.join("wrapped").display().to_string();
    let wrapper = bench.script("ccache", &format!("echo \"$1\" >> {log}\nexec \"$@\""));
    bench.environment.set("CC", format!("{} gcc", wrapper.display()));
    bench.build(&bench.unit()).expect("it builds");
    let wrapped = std::fs::read_to_string(bench.root.join("wrapped")).expect("it was called");
    assert!(wrapped.lines().filter(|line| *line == "gcc").count() > 2, "{wrapped}");
}

#[test]
fn nothing_of_this_process_reaches_a_compiler() {
    let mut bench = Bench::new("environment");
    let log = bench.root.join("environment").display().to_string();
    let cc = bench.script("env-cc", &format!("case \"$*\" in *' -c '*) env > {log};; esac\nexec gcc \"$@\""));
    bench.environment.set("CC", cc);
    bench.build(&bench.unit()).expect("it builds");
    let seen = std::fs::read_to_string(bench.root.join("environment")).expect("it ran");
    let cargos: Vec<&str> = seen.lines().filter(|line| line.starts_with("CARGO_PKG_")).collect();
    assert_eq!(cargos, Vec::<&str>::new());
}

#[test]
fn paths_may_hold_spaces() {
    let bench = Bench::new("with spaces and ' quotes");
    // The path of the logging compiler would need quotes in `CC`, which cc splits at spaces.
    let mut plain = Bench { root: bench.root.clone(), environment: bench.environment.clone() };
    plain.environment.remove("CC");
    plain.build(&bench.unit()).expect("it builds");
    let error_of = Path::new("src/missing file.c");
    let mut unit = bench.unit();
    unit.sources.push(bench.root.join(error_of));
    let error = plain.build(&unit).expect_err("it is not there").to_string();
    assert!(error.contains("missing file.c"), "{error}");
}

#[test]
fn a_missing_assembler_is_said() {
    let mut bench = Bench::new("nasm");
    bench.write("src/a.asm", "global a\na: ret\n");
    let unit = Unit { sources: vec![bench.root.join("src/a.asm")], ..bench.unit() };
    bench.environment.set("PATH", bench.root.join("nothing here"));
    bench
        .environment
        .set("CC", if Path::new("/usr/bin/gcc").exists() { "/usr/bin/gcc" } else { "/usr/bin/cc" });
    let error = bench.build(&unit).expect_err("no nasm").to_string();
    assert!(error.contains("apt install nasm") && error.contains("a.asm"), "{error}");
    assert!(!bench.archive().exists());
}

/// Tests that a shipped object goes into the archive unchanged, and is recorded like a source.
#[test]
#[expect(clippy::disallowed_methods, reason = "an object is made, and an archive listed, as a person would")]
fn a_shipped_object_is_archived() {
    let bench = Bench::new("shipped");
    let object = bench.root.join("src/shipped.o");
    let made = std::process::Command::new("gcc")
        .arg("-c")
        .arg(bench.root.join("src/b.c"))
        .arg("-o")
        .arg(&object)
        .status();
    assert!(made.expect("gcc").success());
    let unit = Unit { sources: vec![object.clone(), bench.root.join("src/a.c")], ..bench.unit() };
    let archive = bench.build(&unit).expect("it builds");
    assert_eq!(bench.compiles(), 1);
    assert!(archive.reads.contains(&object), "{:?}", archive.reads);
    let listed =
        std::process::Command::new("ar").arg("t").arg(bench.archive()).output().expect("binutils").stdout;
    let listed = String::from_utf8_lossy(&listed).into_owned();
    assert!(listed.lines().count() == 2 && listed.lines().any(|name| name == "shipped.o"), "{listed}");
}
