//! The profile `cc`: what a package's C sources and probes can make the compilers of a stand-in read. Each attempt is
//! made without the fence first, where it has to work.
#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]

use inert_tests::{Said, Sandbox, said};

const SECRET: &str = "\"the caller's secret\"";
const OFF: &str = "[sandbox]\nrustc = \"off\"\n";

/// Makes a home with a secret, an application, and its dependency `native`, with this declaration and these files.
fn project(declaration: &str, files: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::new();
    let manifest = format!(
        "[package]\nname = \"native\"\nversion = \"0.1.0\"\nedition = \"2021\"\nbuild = \"build.rs\"\n\n\
         [package.metadata.inert]\nschema = 1\n\n{declaration}\n"
    );
    sandbox.write(&[
        ("home/key", SECRET),
        ("app/Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\nnative = { path = \"../native\" }\n\n[workspace]\n"),
        ("app/src/main.rs", "fn main() {\n    println!(\"said: {}\", native::said());\n}\n"),
        ("native/Cargo.toml", &manifest),
        ("native/build.rs", "fn main() {\n    panic!(\"a script that is replaced does not run\");\n}\n"),
        (
            "native/src/lib.rs",
            "pub fn said() -> String {\n    extern \"C\" {\n        fn said() -> *const std::ffi::c_char;\n    }\n    \
             unsafe { std::ffi::CStr::from_ptr(said()) }.to_string_lossy().into_owned()\n}\n",
        ),
    ]);
    for (path, text) in files {
        let text = text.replace("HOME", &sandbox.path("home").display().to_string());
        sandbox.write(&[(&format!("native/{path}"), &text)]);
    }
    sandbox
}

fn run(sandbox: &Sandbox, policy: &str, variables: &[(&str, &str)]) -> Said {
    sandbox.write(&[("app/inert.toml", policy)]);
    let _ = std::fs::remove_dir_all(sandbox.path("app/target"));
    let mut command = sandbox.command("app", "cargo");
    command.args(["inert", "run", "-q", "--offline"]);
    // No object of the run before is taken from the store.
    command.env("INERT_STORE", "off").envs(variables.iter().copied());
    said(&mut command)
}

const SOURCE: &str = "[package.metadata.inert.cc-library.said]\nsources = [\"c/said.c\"]\n\
                      [[package.metadata.inert.link]]\ncc-library = \"said\"\n";

/// Compiles a source without the fence, where it reads the secret, and behind it, where nothing does.
fn stolen_by(source: &str, prepare: impl Fn(&Sandbox)) {
    let sandbox = project(SOURCE, &[("c/said.c", source)]);
    prepare(&sandbox);
    let bare = run(&sandbox, OFF, &[]).good();
    assert!(bare.out.contains("the caller's secret"), "it proves nothing: {}", bare.out);
    let fenced = run(&sandbox, "", &[]);
    assert!(fenced.code != 0 && !fenced.out.contains("secret"), "{source}: {} {}", fenced.out, fenced.err);
    let said = ["Permission denied", "can't open", "cannot open", "file not found"];
    assert!(said.iter().any(|text| fenced.err.contains(text)), "{}", fenced.err);
}

#[test]
fn no_source_includes_a_file_of_the_home() {
    stolen_by("const char *said(void) { return\n#include \"HOME/key\"\n; }\n", |_| {});
    stolen_by("const char *said(void) { return\n#include \"../../home/key\"\n; }\n", |_| {});
}

#[test]
fn no_source_includes_a_file_of_the_home_by_a_symlink() {
    stolen_by("const char *said(void) { return\n#include \"link.h\"\n; }\n", |sandbox| {
        std::os::unix::fs::symlink(sandbox.path("home/key"), sandbox.path("native/c/link.h")).unwrap();
    });
}

#[test]
fn no_assembly_includes_a_file_of_the_home() {
    stolen_by(
        "__asm__(\".section .rodata\\n.globl key\\nkey: .incbin \\\"HOME/key\\\"\\n.byte 0\\n.previous\\n\");\n\
         extern const char key[];\nconst char *said(void) { return key; }\n",
        |_| {},
    );
}

#[test]
fn whether_a_file_can_be_included_is_not_told() {
    let source = "#if defined __has_include && __has_include(\"HOME/key\")\n#define SAID \"it is there\"\n#else\n\
                  #define SAID \"it is not there\"\n#endif\nconst char *said(void) { return SAID; }\n";
    let sandbox = project(SOURCE, &[("c/said.c", source)]);
    let bare = run(&sandbox, OFF, &[]).good();
    assert!(bare.out.contains("it is there"), "it proves nothing: {}", bare.out);
    let fenced = run(&sandbox, "", &[]);
    assert!(!fenced.out.contains("it is there"), "{}", fenced.out);
}

#[test]
#[expect(clippy::print_stderr, reason = "a test that cannot be made here says so")]
fn nothing_is_embedded() {
    let source = "#ifndef __has_embed\nconst char *said(void) { return \"unknown\"; }\n#else\nstatic const char key[] = {\n\
                  #embed \"HOME/key\"\n, 0 };\nconst char *said(void) { return key; }\n#endif\n";
    let sandbox = project(SOURCE, &[("c/said.c", source)]);
    let bare = run(&sandbox, OFF, &[]).good();
    // Compilers before C23 have no `#embed`.
    if bare.out.contains("unknown") {
        eprintln!("nothing is checked: this compiler does not know `#embed`");
        return;
    }
    assert!(bare.out.contains("secret"), "it proves nothing: {}", bare.out);
    let fenced = run(&sandbox, "", &[]);
    assert!(fenced.code != 0 && !fenced.out.contains("secret"), "{}", fenced.out);
}

/// A probe's source would tell by a cfg what a file holds. That the fence denied it is no answer: without it there
/// might be another.
#[test]
fn no_probe_reads_the_home() {
    let both = "[package.metadata.inert.probe.rust]\ncompiles = \"probe.rs\"\n\
                [package.metadata.inert.probe.c]\nlinks = \"c\"\nsource = \"probe.c\"\n\
                [package.metadata.inert.cfg]\nrust_reads = 'probe = \"rust\"'\nc_reads = 'probe = \"c\"'\n";
    let lib = "pub fn said() -> String { format!(\"rust {} c {}\", cfg!(rust_reads), cfg!(c_reads)) }\n";
    let sandbox = project(
        both,
        &[
            ("src/lib.rs", lib),
            ("probe.rs", "pub const KEY: &str = include_str!(\"HOME/key\");\n"),
            ("probe.c", "const char *key =\n#include \"HOME/key\"\n;\nint main(void) { return 0; }\n"),
        ],
    );
    let bare = run(&sandbox, OFF, &[]).good();
    assert!(bare.out.contains("rust true c true"), "it proves nothing: {}", bare.out);
    let denied = |probe: &str| {
        let fenced = run(&sandbox, "", &[]);
        assert_ne!(fenced.code, 0, "{probe}: {}", fenced.out);
        assert!(fenced.err.contains("it ran fenced: it may read"), "{probe}: {}", fenced.err);
    };
    denied("both");
    // The messages by which a denial is known are in English, whatever the caller's language is.
    let german = run(&sandbox, "", &[("LC_ALL", "de_DE.UTF-8"), ("LANGUAGE", "de")]);
    assert!(
        german.code != 0 && german.err.contains("it ran fenced: it may read"),
        "{} {}",
        german.out,
        german.err
    );
    // A probe that reads files of its own package is answered.
    sandbox.write(&[("native/probe.rs", "pub const OWN: &str = include_str!(\"src/lib.rs\");\n")]);
    denied("c");
    sandbox.write(&[("native/probe.c", "#include <stdio.h>\nint main(void) { return puts(\"x\"); }\n")]);
    let fenced = run(&sandbox, "", &[]).good();
    assert!(fenced.out.contains("rust true c true"), "{}", fenced.out);
}

/// autocfg's probes have rustc write LLVM's text, which it copies with its mode.
#[test]
fn a_probe_that_emits_llvms_text_is_answered() {
    let sandbox = project(
        "[package.metadata.inert.probe.std]\ncompiles = \"probe.rs\"\nemit = \"llvm-ir\"\n\
         [package.metadata.inert.cfg]\nhas_std = 'probe = \"std\"'\n",
        &[
            ("src/lib.rs", "pub fn said() -> String { format!(\"std {}\", cfg!(has_std)) }\n"),
            ("probe.rs", "pub fn probe() { let _ = std::mem::size_of::<u8>(); }\n"),
        ],
    );
    let fenced = run(&sandbox, "", &[]).good();
    assert!(fenced.out.contains("std true"), "{}", fenced.out);
}

/// Folders that the caller's own variables name are read; so is the package's own text.
#[test]
fn what_the_caller_names_is_read() {
    let source = "#include <stdlib.h>\n#include \"own.h\"\n#include <callers.h>\nconst char *said(void) { return OWN CALLERS; }\n";
    let sandbox = project(SOURCE, &[("c/said.c", source), ("c/own.h", "#define OWN \"own and \"\n")]);
    sandbox.write(&[("home/include/callers.h", "#define CALLERS \"the caller's\"\n")]);
    let folder = sandbox.path("home/include").display().to_string();
    let home = sandbox.path("home").display().to_string();
    for variable in [("CPATH", folder.clone()), ("CFLAGS", format!("-O1 -I{folder}"))] {
        let said = run(&sandbox, "", &[(variable.0, &variable.1)]).good();
        assert!(said.out.contains("own and the caller's"), "{}", said.out);
    }
    // A variable that names the whole home opens none of it.
    let said = run(&sandbox, "", &[("CPATH", &format!("{folder}:{home}")), ("HOME", &home)]).good();
    assert!(said.out.contains("own and the caller's"), "{}", said.out);
}

/// Debian's debhelper and some CI machines have the home within the source.
#[test]
fn a_package_around_the_home_is_compiled() {
    let source = "#include \"own.h\"\nconst char *said(void) { return OWN; }\n";
    let sandbox = project(SOURCE, &[("c/said.c", source), ("c/own.h", "#define OWN \"own\"\n")]);
    sandbox.write(&[("native/debian/home/key", SECRET)]);
    sandbox.write(&[("native/.ssh/key", SECRET)]);
    for home in ["native/debian/home", "native"] {
        let home = sandbox.path(home).display().to_string();
        let said = run(&sandbox, "", &[("HOME", &home)]).good();
        assert!(said.out.contains("said: own"), "{home}: {}", said.out);
    }
    for (home, key) in [("native/debian/home", "../debian/home/key"), ("native", "../.ssh/key")] {
        sandbox.write(&[("native/c/own.h", &format!("#define OWN\n#include \"{key}\"\n"))]);
        let home = sandbox.path(home).display().to_string();
        let fenced = run(&sandbox, "", &[("HOME", &home)]);
        let said = "it ran fenced: it may read";
        assert!(fenced.code != 0 && fenced.err.contains(said), "{home}: {} {}", fenced.out, fenced.err);
    }
}

/// A compiler that cannot be confined starts without the fence, which is said, and refused where the policy requires it.
#[test]
fn a_compiler_that_cannot_be_confined_is_said_or_refused() {
    let sandbox = project(SOURCE, &[("c/said.c", "const char *said(void) { return \"compiled\"; }\n")]);
    sandbox.write(&[("bin/cc", "#!/bin/sh\nexec /usr/bin/cc \"$@\"\n")]);
    let _ = said(sandbox.command("", "chmod").args(["+x", "bin/cc"])).good();
    let compiler = sandbox.path("bin/cc").display().to_string();
    let available = run(&sandbox, "", &[("CC", &compiler)]).good();
    assert!(available.out.contains("compiled"), "{}", available.out);
    let required = run(&sandbox, "[sandbox]\nrustc = \"confine\"\n", &[("CC", &compiler)]);
    assert!(required.code != 0, "{}", required.out);
    assert!(
        required.err.contains("it has to be confined ([sandbox] rustc = \"confine\")"),
        "{}",
        required.err
    );
    let mut command = sandbox.command("app", "cargo");
    let _ = std::fs::remove_dir_all(sandbox.path("app/target"));
    sandbox.write(&[("app/inert.toml", "")]);
    let built =
        said(command.args(["inert", "build", "--offline"]).env("INERT_STORE", "off").env("CC", &compiler));
    let built = built.good();
    assert!(built.err.contains("ran unconfined for `native 0.1.0`"), "{}", built.err);
    let _ = run(&sandbox, "[sandbox]\nrustc = \"confine\"\n", &[]).good();
}
