//! Applications that call one function of each of thirty-four system libraries: with the libraries installed they
//! are built and run with no build script run; without them a diagnostic names each. `scripts/native-libraries`
//! installs them all, runs this, and compares the output of the stand-ins with that of the scripts themselves.

use std::path::Path;
use std::process::Command;

use inert_tests::{Sandbox, said};

/// Copies an application, since each test needs a target dir of its own.
fn application(sandbox: &Sandbox, name: &str) -> &'static str {
    let from = inert_tests::root().join("tests/apps").join(name);
    for file in ["Cargo.toml", "Cargo.lock", "src/main.rs"] {
        sandbox.write(&[(&format!("app/{file}"), &std::fs::read_to_string(from.join(file)).unwrap())]);
    }
    "app"
}

fn run(sandbox: &Sandbox, folder: &str) -> Command {
    let mut command = sandbox.command(folder, "cargo");
    command.args(["inert", "run", "-q", "--locked", "--deny-build-scripts=all"]);
    command
}

/// Returns whether a module's file is in the system's folders.
fn is_there(module: &str) -> bool {
    ["/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/share"]
        .iter()
        .any(|folder| Path::new(folder).join(format!("pkgconfig/{module}.pc")).exists())
}

/// Tests crates that find a library or build their own source of it, and those that need a header's version.
#[test]
fn fourteen_more_and_no_script() {
    let sandbox = Sandbox::new();
    let folder = application(&sandbox, "more-system-libraries");
    if !["libmariadb", "libxml-2.0", "pango", "libzstd", "openssl"].iter().all(|module| is_there(module)) {
        let _ = said(&mut run(&sandbox, folder)).code(101).says("is not on this system");
        return;
    }
    let out = said(&mut run(&sandbox, folder)).good().out;
    for library in ["bzip2 1.", "libgit2 1.", "lzma 5", "ssh2 0", "xml2 checked", "lz4 1", "mysql ", "zstd 1"]
    {
        assert!(out.contains(library), "{library}: {out}");
    }
}

#[test]
fn of_fourteen_more_what_is_missing_is_named() {
    let sandbox = Sandbox::new();
    let folder = application(&sandbox, "more-system-libraries");
    sandbox.write(&[("nothing/README", "no .pc file here")]);
    let mut command = run(&sandbox, folder);
    command.env("PKG_CONFIG_LIBDIR", sandbox.path("nothing")).env_remove("PKG_CONFIG_PATH");
    let said = said(&mut command).code(101);
    for part in [
        "mysqlclient is not on this system",
        "libxml-2.0 is not on this system",
        "cairo is not on this system",
        "needed by: pango-sys 0.22",
    ] {
        assert!(said.err.contains(part), "{part}: {}", said.err);
    }
    // A library that its crate can build does not count as missing.
    assert!(!said.err.contains("bzip2 is not") && !said.err.contains("libgit2 is not"), "{}", said.err);
}

#[test]
fn twenty_libraries_and_no_script() {
    // On Debian the application needs the packages of fixtures/debian-dev-packages.txt.
    let needed =
        ["gtk4", "libadwaita-1", "gstreamer-1.0", "libseccomp", "libpulse", "sdl2", "libcurl", "libpq"];
    let sandbox = Sandbox::new();
    let folder = application(&sandbox, "system-libraries");
    if !needed.iter().all(|module| is_there(module)) {
        let _ = said(&mut run(&sandbox, folder)).code(101).says("is not on this system");
        return;
    }
    let out = said(&mut run(&sandbox, folder)).good().out;
    for library in [
        "alsa 1.",
        "curl libcurl/",
        "z 1.",
        "lzma 5",
        "gtk 4",
        "gstreamer 1.",
        "usb 1",
        "sdl2 2",
        "udev true",
    ] {
        assert!(out.contains(library), "{library}: {out}");
    }
}

#[test]
fn what_is_missing_is_named_all_at_once() {
    let sandbox = Sandbox::new();
    let folder = application(&sandbox, "system-libraries");
    sandbox.write(&[("nothing/README", "no .pc file here")]);
    let mut command = run(&sandbox, folder);
    command.env("PKG_CONFIG_LIBDIR", sandbox.path("nothing")).env_remove("PKG_CONFIG_PATH");
    let said = said(&mut command).code(101).says("native libraries are missing; nothing was compiled");
    for part in [
        "alsa is not on this system",
        "needed by: gtk4-sys 0.11",
        "no libcurl.pc; searched",
        "PKG_CONFIG_LIBDIR",
    ] {
        assert!(said.err.contains(part), "{part}: {}", said.err);
    }
    // For a library on this machine the help names the variable that hides it.
    let hidden =
        |module: &str| said.err.contains(&format!("/{module}.pc is on this system, and not seen for it"));
    for module in ["libudev", "alsa"] {
        let named = said.err.contains(&format!("PKG_CONFIG_PATH=<the folder of {module}.pc>"));
        assert!(named != hidden(module), "{module}: {}", said.err);
    }
    let mut audit = sandbox.command(folder, "cargo");
    audit.args(["inert", "audit", "--libraries", "--format", "json", "--locked"]);
    audit.env("PKG_CONFIG_LIBDIR", sandbox.path("nothing")).env_remove("PKG_CONFIG_PATH");
    let listed = inert_tests::said(&mut audit).code(1).out;
    for part in
        ["\"library\": \"gtk4\"", "\"provider\": \"missing\"", "dnf install 'pkgconfig(alsa)'", "apk add pc:"]
    {
        assert!(listed.contains(part), "{part}: {listed}");
    }
    if std::fs::read_to_string("/etc/os-release").is_ok_and(|text| text.contains("ID=debian")) {
        // The joined command is shown only if it covers every missing library.
        let some_are_here = said.err.contains("and not seen for it");
        assert!(said.err.contains("all of them: apt install ") || some_are_here, "{}", said.err);
        assert!(said.err.contains("libgtk-4-dev") || hidden("gtk4"), "{}", said.err);
    }
}
