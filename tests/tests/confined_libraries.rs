//! `read = ["library:NAME"]`: a confined script reads the folders of a native library that discovery finds, and
//! nothing beside them.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use inert_tests::{Said, Sandbox, said};

/// A script that compiles and links a program with the library, as pkg-config says, and reads beside it.
const SCRIPT: &str = r##"
use std::process::Command;
fn main() {
    let out = std::env::var("OUT_DIR").unwrap();
    let _ = std::time::SystemTime::now();
    let flags = Command::new("pkg-config").args(["--cflags", "--libs", "half"]).output().unwrap();
    let flags = String::from_utf8(flags.stdout).unwrap();
    std::fs::write(format!("{out}/use.c"), "#include <half.h>\nint main(void) { return half(84) - 42; }\n").unwrap();
    let mut compiler = Command::new("cc");
    compiler.arg(format!("{out}/use.c")).arg("-o").arg(format!("{out}/use")).args(flags.split_whitespace());
    println!("cargo:warning=compiled {}", compiler.status().unwrap().success());
    println!("cargo:warning=ran {}", Command::new(format!("{out}/use")).status().is_ok_and(|status| status.success()));
    let beside = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../opt/secret"));
    println!("cargo:warning=beside {}", beside.is_ok());
}
"##;

/// A library in a folder of its own, compiled by the system's compiler and described by a `.pc` file; an application whose
/// dependency has the script.
fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    let prefix = sandbox.path("opt/half");
    sandbox.write(&[
        ("opt/secret", "secret"),
        ("opt/half/include/half/half.h", "int half(int number);\n"),
        ("opt/half/half.c", "int half(int number) { return number / 2; }\n"),
        (
            "opt/half/lib/pkgconfig/half.pc",
            &format!(
                "prefix={}\nName: half\nDescription: x\nVersion: 1.2.3\nCflags: -I${{prefix}}/include/half\nLibs: -L${{prefix}}/lib -lhalf\n",
                prefix.display()
            ),
        ),
        ("app/Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n[dependencies]\ndep = { path = \"../dep\" }\n"),
        ("app/src/lib.rs", ""),
        ("dep/Cargo.toml", "[package]\nname = \"dep\"\nversion = \"1.0.0\"\nedition = \"2021\"\n"),
        ("dep/src/lib.rs", ""),
        ("dep/build.rs", SCRIPT),
    ]);
    let make = "cc -c half.c -o half.o && ar rcs lib/libhalf.a half.o && rm half.o half.c";
    let _ = said(sandbox.command("opt/half", "sh").args(["-c", make])).good();
    sandbox
}

fn build(sandbox: &Sandbox, words: &str) -> Said {
    let mut command = sandbox.command("app", "cargo");
    command
        .arg("inert")
        .args(words.split(' '))
        .env("PKG_CONFIG_PATH", sandbox.path("opt/half/lib/pkgconfig"));
    command.env("HOME", sandbox.path("home"));
    said(&mut command)
}

/// Allows the script with these keys.
fn allow(sandbox: &Sandbox, keys: &str) {
    let _ = std::fs::remove_file(sandbox.path("app/inert.toml"));
    let refused = build(sandbox, "build").code(1);
    let stanza = refused.err.split_once("[[allow]]").map(|(_, rest)| rest.to_owned()).unwrap();
    sandbox.write(&[("app/inert.toml", &format!("[[allow]]\n{keys}{stanza}"))]);
}

#[test]
fn a_script_reads_the_library_and_nothing_beside_it() {
    let sandbox = project();
    sandbox.write(&[("home/x", "")]);
    allow(&sandbox, "");
    let without = build(&sandbox, "build -vv").good();
    assert!(without.err.contains("compiled false"), "{}", without.err);
    allow(&sandbox, "read = [\"library:half\"]\n");
    let granted = build(&sandbox, "build -vv").good();
    for said in ["compiled true", "ran true", "beside false"] {
        assert!(granted.err.contains(said), "{said}: {}", granted.err);
    }
    let audit = build(&sandbox, "audit").good();
    assert!(audit.out.contains("read library:half"), "{}", audit.out);
    // The library moves: the next build finds it in its new folder, with the same entry.
    let moved = "mv half other && sed -i 's#/half$#/other#' other/lib/pkgconfig/half.pc";
    let _ = said(sandbox.command("opt", "sh").args(["-c", moved])).good();
    let mut command = sandbox.command("app", "cargo");
    command.args(["inert", "build", "-vv"]).env("PKG_CONFIG_PATH", sandbox.path("opt/other/lib/pkgconfig"));
    let moved = said(command.env("HOME", sandbox.path("home"))).good();
    assert!(moved.err.contains("compiled true"), "{}", moved.err);
}

#[test]
fn a_library_that_is_missing_or_means_more_is_refused() {
    let sandbox = project();
    sandbox.write(&[("home/x", ""), ("home/.ssh/id_rsa", "secret")]);
    allow(&sandbox, "read = [\"library:quarter\"]\n");
    let refused = build(&sandbox, "build").code(101);
    assert!(
        refused.err.contains("grants `library:quarter`, but no library `quarter` was found"),
        "{}",
        refused.err
    );
    // A description names the home, or what is around it, as a library's folder.
    for prefix in [sandbox.path("home"), sandbox.path(""), "/".into()] {
        let pc = format!(
            "prefix={}\nName: half\nDescription: x\nVersion: 1.2.3\nCflags: -I${{prefix}}\n",
            prefix.display()
        );
        sandbox.write(&[("opt/half/lib/pkgconfig/half.pc", &pc)]);
        allow(&sandbox, "read = [\"library:half\"]\n");
        let refused = build(&sandbox, "build").code(101);
        assert!(
            refused.err.contains("which holds more than libraries"),
            "{}: {}",
            prefix.display(),
            refused.err
        );
    }
}

/// A library of the system, by the name of its module and by that behind `-l`; nothing is needed for it beyond the system's folders.
#[test]
fn a_library_of_the_system_is_found() {
    let sandbox = project();
    sandbox.write(&[("home/x", "")]);
    allow(&sandbox, "read = [\"library:zlib\", \"library:z\"]\n");
    let _ = build(&sandbox, "build").good();
}
