//! The user's store from a user's view: a second workspace compiles no C, and a store that is damaged, full, foreign or
//! cut off costs time and nothing else.
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use inert_tests::{Said, Sandbox, said};

/// Makes a compiler that writes down how it is called, and returns its path.
fn compiler(sandbox: &Sandbox) -> PathBuf {
    let log = sandbox.path("calls");
    sandbox.write(&[("cc", &format!("#!/bin/sh\necho \"$*\" >> '{}'\nexec gcc \"$@\"\n", log.display()))]);
    let _ = said(sandbox.command("", "chmod").args(["+x", "cc"])).good();
    sandbox.path("cc")
}

/// Returns the starts of the compiler since the last call: all, and those that compile a source of a package.
fn starts(sandbox: &Sandbox) -> (usize, usize) {
    let text = std::fs::read_to_string(sandbox.path("calls")).unwrap_or_default();
    let _ = std::fs::remove_file(sandbox.path("calls"));
    (text.lines().count(), text.lines().filter(|line| line.contains(" -MD ")).count())
}

/// Makes a workspace of its own with a copy of the package `native`, which builds two files of C.
fn workspace(sandbox: &Sandbox, folder: &str) {
    let write = |path: &str, text: &str| {
        sandbox.write(&[(&format!("{folder}/{path}"), text)]);
    };
    write(
        "app/Cargo.toml",
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\nnative = { path = \
         \"../native\" }\n\n[workspace]\n",
    );
    write("app/src/main.rs", "fn main() {\n    println!(\"{}\", native::answer());\n}\n");
    write(
        "native/Cargo.toml",
        "[package]\nname = \"native\"\nversion = \"0.1.0\"\nedition = \"2021\"\nbuild = \"build.rs\"\n\n\
         [package.metadata.inert]\nschema = 1\n\n[package.metadata.inert.cc-library.answer]\nsources = [\"c/*.c\"]\n",
    );
    write("native/build.rs", "fn main() {\n    panic!(\"a script that is replaced does not run\");\n}\n");
    write(
        "native/src/lib.rs",
        "pub fn answer() -> i32 {\n    extern \"C\" {\n        fn answer() -> i32;\n    }\n    unsafe { answer() }\n}\n",
    );
    write(
        "native/c/answer.c",
        "#include <stdio.h>\nint six(void);\nint answer(void) { return six() * 7; }\n",
    );
    write("native/c/six.c", "int six(void) { return 6; }\n");
}

fn command(sandbox: &Sandbox, folder: &str) -> Command {
    let mut command = sandbox.command(&format!("{folder}/app"), "cargo");
    command.args(["inert", "run", "-q", "--offline"]).env("CC", sandbox.path("cc"));
    command
}

fn run(sandbox: &Sandbox, folder: &str) -> Said {
    said(&mut command(sandbox, folder))
}

/// Makes workspaces with their compiler.
fn workspaces(names: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    let _ = compiler(&sandbox);
    names.iter().for_each(|name| workspace(&sandbox, name));
    sandbox
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&entry.path()))
        } else {
            found.push(entry.path())
        }
    }
    found
}

fn answer(sandbox: &Sandbox, folder: &str) -> usize {
    let told = run(sandbox, folder).good();
    assert_eq!(told.out, "42\n");
    assert!(!told.err.contains("store"), "{}", told.err);
    starts(sandbox).1
}

/// Tests three libraries of crates.io in two workspaces, whose packages lie in two homes of Cargo.
#[test]
fn a_second_workspace_compiles_no_c() {
    let sandbox = Sandbox::new();
    let cc = compiler(&sandbox);
    let manifest = |name: &str| {
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\nlibz-sys = {{ version = \
             \"1.1\", features = [\"static\"] }}\nlibsqlite3-sys = {{ version = \"0.35\", features = [\"bundled\"] }}\n\
             zstd-sys = {{ version = \"2\", default-features = false }}\n\n[workspace]\n"
        )
    };
    let main = "fn main() {\n    let z = unsafe { std::ffi::CStr::from_ptr(libz_sys::zlibVersion()) };\n    let s = unsafe { \
                std::ffi::CStr::from_ptr(libsqlite3_sys::sqlite3_libversion()) };\n    println!(\"{z:?} {s:?} {}\", unsafe { \
                zstd_sys::ZSTD_versionNumber() });\n}\n";
    for name in ["one", "two"] {
        sandbox.write(&[
            (&format!("{name}/Cargo.toml"), &manifest(name)),
            (&format!("{name}/src/main.rs"), main),
            (&format!("{name}/inert.toml"), "schema = 1\n\n[libraries]\ndefault = \"source\"\n"),
        ]);
    }
    let _ = sandbox.cargo("one", "generate-lockfile").good();
    let lock = sandbox.read("one/Cargo.lock").replace("\"one\"", "\"two\"");
    sandbox.write(&[("two/Cargo.lock", &lock)]);
    let _ = sandbox.cargo("one", "fetch --locked").good();
    // Another place of the registry, by another way: the second workspace has its packages vendored.
    let vendored = said(sandbox.command("two", "cargo").args(["vendor", "--offline", "-q"])).good();
    sandbox.write(&[("two/.cargo/config.toml", &vendored.out)]);
    let build = |name: &str| {
        let mut command = sandbox.command(name, "cargo");
        command.args(["inert", "run", "--locked", "--deny-build-scripts=all"]).env("CC", &cc);
        let told = said(command.env("CARGO_NET_OFFLINE", "true")).good();
        (told.out, starts(&sandbox))
    };
    let (printed, (_, compiled)) = build("one");
    assert!(compiled > 30, "{compiled}");
    let (again, (started, compiled)) = build("two");
    assert_eq!((again, compiled), (printed, 0));
    // The compiler is a script here, of which nothing is remembered: it is asked about itself for each library.
    assert!(started < 40, "{started}");
    let told = sandbox.inert("", "store --format json").good().out;
    let hits: u64 =
        told.split("\"hits\": ").nth(1).and_then(|text| text.split(',').next()?.parse().ok()).unwrap();
    assert!(hits > 30 && told.contains("\"used\": true"), "{told}");
    let _ = sandbox.inert("", "store").good();
}

#[test]
fn its_switch_and_its_size() {
    let sandbox = workspaces(&["one", "two", "three"]);
    assert_eq!(answer(&sandbox, "one"), 2);
    assert_eq!(run_with(&sandbox, "two", "INERT_STORE", "off"), (2, String::new()));
    let (compiled, told) = run_with(&sandbox, "three", "INERT_STORE_SIZE", "much");
    assert!(compiled == 2 && told.matches("INERT_STORE_SIZE").count() == 1, "{told}");
    // A build with the store switched off keeps its objects in its own build dir.
    let _ = std::fs::remove_dir_all(sandbox.path("two/app/target/debug"));
    workspace(&sandbox, "four");
    let (_, told) = run_with(&sandbox, "four", "INERT_STORE_SIZE", "1KiB");
    assert_eq!(told, "");
    let left: u64 = files(&sandbox.path("inert-home/cache/store/v1/blobs"))
        .iter()
        .map(|path| path.metadata().unwrap().len())
        .sum();
    assert!(left <= 1024, "{left} bytes are left");
}

fn run_with(sandbox: &Sandbox, folder: &str, name: &str, value: &str) -> (usize, String) {
    let told = said(command(sandbox, folder).env(name, value)).good();
    assert_eq!(told.out, "42\n");
    // The compiler of these tests is a script in the sandbox; where tools are confined, the build says that it was not.
    let unconfined = format!(
        "     Warning {} ran unconfined for `native 0.1.0`: it lies outside of the system's folders, so what it needs is not known\n",
        sandbox.path("cc").display()
    );
    let other = told.err.strip_suffix(&unconfined).unwrap_or(&told.err).to_owned();
    (starts(sandbox).1, other)
}

#[test]
fn damaged_emptied_and_of_another_version() {
    let sandbox = workspaces(&["one", "two", "three", "four"]);
    let store = sandbox.path("inert-home/cache/store");
    std::fs::create_dir_all(store.join("v0/blobs")).unwrap();
    std::fs::write(store.join("v0/blobs/what"), "of another version").unwrap();
    assert_eq!(answer(&sandbox, "one"), 2);
    for path in files(&store.join("v1")) {
        std::fs::write(path, "garbage").unwrap();
    }
    assert_eq!(answer(&sandbox, "two"), 2);
    assert_eq!(answer(&sandbox, "three"), 0);
    assert!(store.join("v0/blobs/what").exists());
    assert!(sandbox.inert("", "clean --store").good().err.contains("Removed"));
    assert!(!store.exists());
    assert_eq!(answer(&sandbox, "four"), 2);
}

/// Tests a store that is there and cannot be used: the build goes on without it, and says so once.
#[test]
fn it_cannot_be_used() {
    let sandbox = workspaces(&["one", "two"]);
    sandbox.write(&[("inert-home/cache/store", "a file")]);
    let told = run(&sandbox, "one").good();
    assert_eq!((told.out.as_str(), told.err.matches("is not used").count()), ("42\n", 1), "{}", told.err);
    std::fs::remove_file(sandbox.path("inert-home/cache/store")).unwrap();
    std::fs::create_dir_all(sandbox.path("inert-home/cache/store/v1")).unwrap();
    let chown = said(sandbox.command("", "chown").args(["12345", "inert-home/cache/store/v1"]));
    if chown.code != 0 {
        return;
    }
    let told = run(&sandbox, "two").good();
    assert_eq!((told.out.as_str(), told.err.matches("another user").count()), ("42\n", 1), "{}", told.err);
    let shown = sandbox.inert("", "store").good();
    assert!(shown.out.contains("another user"), "{}", shown.out);
}

/// Tests a store on another file system, and one on a file system that is full.
#[test]
fn another_file_system() {
    for (size, compiled) in [("40m", 0), ("20k", 2)] {
        let sandbox = workspaces(&["one", "two"]);
        let words = format!(
            "mkdir -p \"$INERT_HOME/cache\"\nmount -t tmpfs -o size={size} x \"$INERT_HOME/cache\"\n\
             (cd one/app; cargo inert run -q --offline)\nrm ../calls 2>/dev/null || rm calls\n(cd two/app; cargo inert run -q --offline)"
        );
        let mut command = sandbox.command("", "unshare");
        command.args(["-m", "sh", "-ec", &words]).env("CC", sandbox.path("cc"));
        let told = said(&mut command);
        if told.err.contains("Operation not permitted") || told.err.contains("ermission denied") {
            return;
        }
        assert_eq!(told.good().out, "42\n42\n", "{size}");
        assert_eq!(starts(&sandbox).1, compiled, "{size}");
    }
}

#[test]
fn builds_at_once_and_builds_that_are_killed() {
    let names: Vec<String> = (0..4).map(|number| format!("w{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let sandbox = workspaces(&names);
    // The two files take long enough for the kill to come in between.
    sandbox.write(&[(
        "cc",
        &format!(
            "#!/bin/sh\necho \"$*\" >> '{}'\ncase \"$*\" in *MD*six.c*) sleep 1;; esac\nexec gcc \"$@\"\n",
            sandbox.path("calls").display()
        ),
    )]);
    let mut killed = command(&sandbox, names[0]);
    let mut child = std::os::unix::process::CommandExt::process_group(&mut killed, 0)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let objects = || files(&sandbox.path("inert-home/cache/store/v1/blobs")).len();
    for _ in 0..3000 {
        if objects() > 0 || child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let _ = said(sandbox.command("", "kill").args(["-9", "--", &format!("-{}", child.id())]));
    let _ = child.wait();
    let _ = starts(&sandbox);
    let children: Vec<_> =
        names.iter().map(|name| command(&sandbox, name).stdout(Stdio::piped()).spawn().unwrap()).collect();
    for child in children {
        let out = child.wait_with_output().unwrap();
        assert!(out.status.success() && out.stdout == b"42\n");
    }
    let _ = starts(&sandbox);
    workspace(&sandbox, "last");
    assert_eq!(answer(&sandbox, "last"), 0);
}
