//! Compares scripts compiled to WebAssembly with the same scripts compiled for this machine: output, exit code and
//! OUT_DIR. A case is a file below `cases/`: `same` is compared with the native run, `stopped` tries to escape,
//! `bounded` never ends by itself.

#![expect(clippy::disallowed_methods, reason = "rustc and the native scripts are started here")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use inert_wasi::{Failure, Inputs, Limits, Outcome, run};

const TARGET: &str = "wasm32-wasip1";

/// Returns whether rustc has a standard library for the target, which is mandatory with `INERT_WASM=required`.
#[expect(clippy::print_stderr, reason = "a test that cannot be made here says so")]
fn target_is_there() -> bool {
    let libdir = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .expect("rustc starts");
    let there = Path::new(String::from_utf8_lossy(&libdir.stdout).trim()).is_dir();
    let required = std::env::var_os("INERT_WASM").is_some_and(|word| word == "required");
    assert!(there || !required, "INERT_WASM=required, and there is no standard library for {TARGET}");
    if !there {
        eprintln!("left out: no standard library for {TARGET} (`rustup target add {TARGET}`)");
    }
    there
}

fn cases(kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(kind);
    let mut cases: Vec<_> = fs::read_dir(folder)
        .expect("the cases are there")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    cases
}

/// A package with some data, an OUT_DIR, and a folder beside them that no script may access.
struct Scene {
    root: tempfile::TempDir,
}

impl Scene {
    fn new() -> Scene {
        let root = tempfile::tempdir().expect("a folder");
        let at = |path: &str| root.path().join(path);
        for folder in ["package/data/sub", "package/.git", "out", "victim"] {
            fs::create_dir_all(at(folder)).expect("a folder");
        }
        fs::write(at("package/data/one.txt"), "cargo:rustc-cfg=one\r\n").expect("a file");
        fs::write(at("package/data/two.txt"), "cargo:rustc-cfg=two\n").expect("a file");
        fs::write(at("package/data/not-utf8"), b"\xff\xfe").expect("a file");
        fs::write(at("package/.git/config"), "git's").expect("a file");
        fs::write(at("victim/secret"), "secret").expect("a file");
        Scene { root }
    }

    fn path(&self, below: &str) -> PathBuf {
        self.root.path().join(below)
    }

    fn compile(&self, source: &Path, target: Option<&str>) -> PathBuf {
        let program = self.path(if target.is_some() { "script.wasm" } else { "script" });
        let mut rustc = Command::new("rustc");
        rustc.args(["--edition", "2024", "-O", "-o"]).arg(&program).arg(source);
        if let Some(target) = target {
            rustc.args(["--target", target]);
        }
        let output = rustc.output().expect("rustc starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        program
    }

    fn inputs(&self, limits: Limits) -> Inputs {
        let text = |path: PathBuf| path.to_str().expect("a temporary folder's path is text").to_owned();
        let environment = [
            ("CARGO_MANIFEST_DIR", text(self.path("package"))),
            ("OUT_DIR", text(self.path("out"))),
            ("GIVEN", "a value".to_owned()),
            ("VICTIM", text(self.path("victim"))),
        ];
        Inputs {
            package: self.path("package"),
            hidden: [".git".to_owned()].into(),
            out_dir: self.path("out"),
            environment: environment.map(|(name, value)| (name.to_owned(), value)).into(),
            limits,
        }
    }

    fn wasm(&self, source: &Path, limits: Limits) -> Result<Outcome, Failure> {
        let module = fs::read(self.compile(source, Some(TARGET))).expect("the module was written");
        run(&module, &self.inputs(limits))
    }
}

fn tree(folder: &Path, below: &str, files: &mut BTreeMap<String, Vec<u8>>, empty: &mut Vec<String>) {
    let mut any = false;
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        any = true;
        let name = entry.file_name().into_string().expect("text");
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        if entry.path().is_dir() {
            tree(&entry.path(), &path, files, empty)
        } else {
            drop(files.insert(path, fs::read(entry.path()).expect("a file")))
        }
    }
    if !any && !below.is_empty() {
        empty.push(below.to_owned());
    }
}

#[test]
fn a_script_says_and_writes_the_same_as_natively() {
    if !target_is_there() {
        return;
    }
    for source in cases("same") {
        let scene = Scene::new();
        let wasm = scene.wasm(&source, Limits::default()).expect("it ends");
        let again =
            run(&fs::read(scene.path("script.wasm")).expect("the module"), &scene.inputs(Limits::default()))
                .expect("it ends again");
        assert_eq!(wasm, again, "{}: two runs differ", source.display());
        let mut native = Command::new(scene.compile(&source, None));
        native
            .env_clear()
            .envs(scene.inputs(Limits::default()).environment)
            .current_dir(scene.path("package"));
        let native = native.output().expect("the script starts");
        assert_eq!(
            String::from_utf8_lossy(&native.stdout),
            String::from_utf8_lossy(&wasm.stdout),
            "{}",
            source.display()
        );
        assert_eq!(native.status.code(), Some(wasm.code), "{}", source.display());
        let (mut files, mut empty) = (BTreeMap::new(), Vec::new());
        tree(&scene.path("out"), "", &mut files, &mut empty);
        assert_eq!(files, wasm.files, "{}", source.display());
        assert_eq!(empty, wasm.empty_folders.into_iter().collect::<Vec<_>>(), "{}", source.display());
        if native.status.code() == Some(101) {
            assert!(String::from_utf8_lossy(&wasm.stderr).contains("no such system is supported"));
        }
    }
}

#[cfg(unix)]
#[test]
fn no_attempt_gets_out() {
    if !target_is_there() {
        return;
    }
    let [source] = &cases("stopped")[..] else { panic!("one file of attempts") };
    let scene = Scene::new();
    std::os::unix::fs::symlink(scene.path("victim/secret"), scene.path("package/data/link"))
        .expect("a symlink");
    std::os::unix::fs::symlink(scene.path("victim"), scene.path("package/data/link-to-folder"))
        .expect("a symlink");
    // Opening a pipe would block without end.
    assert!(
        Command::new("mkfifo")
            .arg(scene.path("package/data/pipe"))
            .status()
            .expect("mkfifo starts")
            .success()
    );
    let outcome = scene.wasm(source, Limits::default()).expect("it ends");
    let said = String::from_utf8(outcome.stdout).expect("text");
    assert_eq!(outcome.code, 0, "{said}{}", String::from_utf8_lossy(&outcome.stderr));
    assert_eq!(said.lines().count(), 34, "{said}");
    assert!(said.lines().all(|line| line.starts_with("stopped ")), "{said}");
    assert_eq!(
        fs::read_to_string(scene.path("package/data/one.txt")).expect("it is there"),
        "cargo:rustc-cfg=one\r\n"
    );
    assert!(!scene.path("victim/written").exists());
    assert_eq!(outcome.files, BTreeMap::new());
}

#[test]
fn what_never_ends_is_ended() {
    if !target_is_there() {
        return;
    }
    let limits = Limits {
        fuel: 300_000_000,
        memory: 64 << 20,
        out_dir_bytes: 4 << 20,
        out_dir_entries: 200,
        printed: 100_000,
    };
    for source in cases("bounded") {
        let scene = Scene::new();
        let name = source.file_stem().expect("a name").to_str().expect("text").to_owned();
        let ended = scene.wasm(&source, limits);
        let as_expected = match &*name {
            "loops" | "renames" => ended == Err(Failure::Fuel(limits.fuel)),
            "prints" | "makes-files" | "fills-out-dir" | "sparse" => matches!(ended, Err(Failure::Limit(_))),
            // std aborts if memory cannot be allocated.
            "remembers" => matches!(ended, Ok(Outcome { code: 101, .. })),
            "recurses" => matches!(ended, Err(Failure::Trap(_))),
            other => panic!("no expectation for {other}"),
        };
        assert!(as_expected, "{name}: {ended:?}");
    }
}

#[test]
fn what_is_no_script_is_refused() {
    let inputs = Scene::new().inputs(Limits::default());
    let start = |body: &[u8]| run(&[b"\0asm\x01\0\0\0", body].concat(), &inputs);
    assert!(matches!(run(b"#!/bin/sh\n", &inputs), Err(Failure::Module(_))));
    assert!(matches!(run(b"", &inputs), Err(Failure::Module(_))));
    // An empty module has no `_start`.
    assert!(matches!(start(b""), Err(Failure::Trap(_))));
    // The bytes are (import "env" "system" (func)): type section, then import section.
    let imports = b"\x01\x04\x01\x60\0\0\x02\x0e\x01\x03env\x06system\0\0";
    assert_eq!(start(imports), Err(Failure::Import("env".to_owned(), "system".to_owned())));
}

/// A script that walks through a package finds no symlink there, and a native one would: the run says what it could not see.
#[cfg(unix)]
#[test]
fn what_a_list_leaves_out_is_said() {
    if !target_is_there() {
        return;
    }
    let scene = Scene::new();
    let source = scene.path("walk.rs");
    fs::write(&source, "fn main() { println!(\"{}\", std::fs::read_dir(\"data\").unwrap().count()); }")
        .expect("a script");
    let whole = scene.wasm(&source, Limits::default()).expect("it ends");
    assert_eq!(whole.out_of_reach, std::collections::BTreeSet::new());
    std::os::unix::fs::symlink("one.txt", scene.path("package/data/link")).expect("a symlink");
    let cut = scene.wasm(&source, Limits::default()).expect("it ends");
    assert_eq!((cut.stdout, cut.out_of_reach), (whole.stdout, ["data/link".to_owned()].into()));
}
