//! Real cross compilation: builds an application for other targets than this machine's, with the packages of
//! Debian. `scripts/test` installs them. If a target's root is missing, a test ends with a message, or fails if
//! `INERT_CROSS=required` declares it present.

use std::path::{Path, PathBuf};
use std::process::Command;

use inert_tests::{Said, Sandbox, said};

const ARM: &str = "aarch64-unknown-linux-gnu";
const WINDOWS: &str = "x86_64-pc-windows-gnu";

/// Copies the application, since each test needs a target dir of its own.
fn application(sandbox: &Sandbox) {
    let from = inert_tests::root().join("tests/apps/cross");
    for file in ["Cargo.toml", "Cargo.lock", "src/main.rs"] {
        sandbox.write(&[(&format!("app/{file}"), &std::fs::read_to_string(from.join(file)).unwrap())]);
    }
}

fn inert(sandbox: &Sandbox, words: &str) -> Command {
    let mut command = sandbox.command("app", "cargo");
    command.arg("inert").args(words.split_whitespace()).arg("--locked");
    command.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", "aarch64-linux-gnu-gcc");
    command
}

/// Returns the missing part for a target: its C library and headers, its linker, Rust's standard library.
fn missing(sandbox: &Sandbox, target: &str, files: &[&str]) -> Option<String> {
    let mut rustc = sandbox.command("app", "rustc");
    let libdir = said(rustc.args(["--print", "target-libdir", "--target", target]));
    let std_there = libdir.code == 0 && Path::new(libdir.out.trim()).is_dir();
    let absent = files.iter().find(|file| !Path::new(file).exists());
    match (std_there, absent) {
        (true, None) => None,
        (false, _) => Some(format!("rustup target add {target}")),
        (_, Some(file)) => Some((*file).to_owned()),
    }
}

#[expect(clippy::print_stderr, reason = "a test that cannot be made here says so")]
#[expect(clippy::disallowed_methods, reason = "the harness's own switch")]
fn skip(target: &str, missing: &str) {
    let required = std::env::var_os("INERT_CROSS").is_some_and(|word| word == "required");
    assert!(!required, "INERT_CROSS=required, and for {target} there is no {missing}");
    eprintln!("nothing is built for {target}: {missing} is missing; scripts/test installs it");
}

/// Returns every directive of the stand-ins that ran.
fn directives(sandbox: &Sandbox) -> String {
    let runs = std::fs::read_dir(sandbox.path("app/target/inert/.inert/runs")).unwrap();
    let said = |run: std::fs::DirEntry| {
        let record = std::fs::read_to_string(run.path().join("record")).ok()?;
        Some(record.split('\0').nth(2)?.to_owned())
    };
    runs.flatten().filter_map(said).collect()
}

/// Returns whether a built program contains a text, such as the name of a linked library.
fn holds(program: &Path, text: &str) -> bool {
    let bytes = std::fs::read(program).unwrap();
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

fn arm_root() -> [&'static str; 3] {
    [
        "/usr/lib/aarch64-linux-gnu/pkgconfig/zlib.pc",
        "/usr/lib/aarch64-linux-gnu/pkgconfig/sqlite3.pc",
        "/usr/bin/aarch64-linux-gnu-gcc",
    ]
}

#[test]
fn arm_links_the_libraries_of_arm() {
    let sandbox = Sandbox::new();
    application(&sandbox);
    if let Some(missing) = missing(&sandbox, ARM, &arm_root()) {
        return skip(ARM, &missing);
    }
    let words = format!("build --target {ARM} --features sqlite --deny-build-scripts=all");
    let _ = said(&mut inert(&sandbox, &words)).good();
    let program = sandbox.path(&format!("app/target/{ARM}/debug/cross"));
    // The value 183 of ELF's e_machine is AArch64.
    assert_eq!(std::fs::read(&program).unwrap()[18..20], [183, 0]);
    for library in ["libz.so.1", "libsqlite3.so.0"] {
        assert!(holds(&program, library), "{library} is not linked");
    }
    let directives = directives(&sandbox);
    assert!(!directives.contains("x86_64"), "the host's folders are searched: {directives}");
    for emulator in ["/usr/bin/qemu-aarch64-static", "/usr/bin/qemu-aarch64"] {
        if Path::new(emulator).exists() {
            let Said { out, .. } = said(sandbox.command("app", emulator).arg(&program)).good();
            assert!(out.contains("z 1.") && out.contains("sqlite 3"), "{out}");
        }
    }
}

#[test]
fn only_the_targets_folders_are_looked_at() {
    let sandbox = Sandbox::new();
    application(&sandbox);
    if let Some(missing) = missing(&sandbox, ARM, &arm_root()) {
        return skip(ARM, &missing);
    }
    let out = said(&mut inert(&sandbox, &format!("explain zlib --target {ARM}"))).good().out;
    assert!(out.contains("/usr/lib/aarch64-linux-gnu/pkgconfig/zlib.pc (read)"), "{out}");
    assert!(!out.contains("/usr/lib/x86_64-linux-gnu") && !out.contains(" /usr/lib/pkgconfig"), "{out}");
}

/// The host has a library that the target lacks: the help is for the target, and no library of the host is linked.
#[test]
fn what_only_the_host_has_is_missing() {
    let sandbox = Sandbox::new();
    application(&sandbox);
    let there = |folder: &str| PathBuf::from(format!("/usr/lib/{folder}/pkgconfig/openssl.pc")).exists();
    if let Some(missing) = missing(&sandbox, ARM, &arm_root()) {
        return skip(ARM, &missing);
    }
    // OpenSSL of the host is always there; another machine may have that of the target as well.
    if there("aarch64-linux-gnu") {
        return;
    }
    if !there("x86_64-linux-gnu") {
        return skip(ARM, "library that only the host has");
    }
    let said = said(&mut inert(&sandbox, &format!("build --target {ARM} --features openssl"))).code(101);
    for part in [
        "openssl is not on this system, for aarch64-unknown-linux-gnu",
        "searched /usr/local/lib/aarch64-linux-gnu/pkgconfig",
        "dpkg --add-architecture arm64 && apt update && apt install libssl-dev:arm64",
        "PKG_CONFIG_PATH_aarch64_unknown_linux_gnu=<the folder of openssl.pc>",
    ] {
        assert!(said.err.contains(part), "{part}: {}", said.err);
    }
}

#[test]
fn windows_is_linked_by_mingw() {
    let sandbox = Sandbox::new();
    application(&sandbox);
    if let Some(missing) = missing(&sandbox, WINDOWS, &["/usr/bin/x86_64-w64-mingw32-gcc"]) {
        return skip(WINDOWS, &missing);
    }
    // zlib is built from the source that its crate ships: mingw has none, and the host's is not used.
    let words = format!("build --target {WINDOWS} --deny-build-scripts=all");
    let _ = said(&mut inert(&sandbox, &words)).good();
    let program = sandbox.path(&format!("app/target/{WINDOWS}/debug/cross.exe"));
    assert!(std::fs::read(&program).unwrap().starts_with(b"MZ"));
    assert!(directives(&sandbox).contains("cargo:rustc-link-lib=static=z"));
}
