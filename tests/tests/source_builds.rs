//! Source builds from a user's view: on a machine with a C compiler and no other tools, and in the presence of
//! errors.
//!
//! Full disks, read-only folders and a missing network are simulated by `unshare` and `mount` in namespaces of the
//! test. If the system permits no such namespaces, those tests print a message and pass.

use std::path::Path;
use std::process::Command;

use inert_tests::{Said, Sandbox, root, said};

const PERMITTED: &str = "mount -t tmpfs x /mnt && mkdir /mnt/upper /mnt/work && mount -t overlay x -o \
                         userxattr,lowerdir=/usr,upperdir=/mnt/upper,workdir=/mnt/work /usr && rm -r /usr/include";

/// Returns a command in its own namespaces for users, mounts and network, after running `prepare` there; `None` if
/// the system does not permit that.
fn isolated(sandbox: &Sandbox, folder: &str, prepare: &str, words: &str) -> Option<Command> {
    // Root does not need a namespace of users, and may not be permitted one.
    let mut why = String::new();
    for namespaces in ["-rnm", "-nm"] {
        let permitted = said(sandbox.command("", "unshare").args([namespaces, "sh", "-c", PERMITTED]));
        if permitted.code == 0 {
            let mut command = sandbox.command(folder, "unshare");
            command.args([namespaces, "sh", "-ec", &format!("{prepare}\n{words}")]);
            return Some(command);
        }
        why.push_str(&permitted.err);
    }
    not_tried(&why);
    None
}

#[expect(clippy::print_stderr, reason = "a test that could not be made says so to whoever runs it")]
fn not_tried(why: &str) {
    eprintln!("not tried, since the system permits no namespaces here: {}", why.trim());
}

/// Makes an application and, beside it, the package `native`, whose declaration builds C.
fn application(sandbox: &Sandbox, declaration: &str, sources: &[(&str, &str)]) {
    let manifest = format!(
        "[package]\nname = \"native\"\nversion = \"0.1.0\"\nedition = \"2021\"\nbuild = \"build.rs\"\n\n\
         [package.metadata.inert]\nschema = 1\n\n{declaration}\n"
    );
    sandbox.write(&[
        (
            "app/Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\nnative = { path = \
             \"../native\" }\n\n[workspace]\n",
        ),
        ("app/src/main.rs", "fn main() {\n    println!(\"{}\", native::answer());\n}\n"),
        ("native/Cargo.toml", &manifest),
        ("native/build.rs", "fn main() {\n    panic!(\"a script that is replaced does not run\");\n}\n"),
        (
            "native/src/lib.rs",
            "pub fn answer() -> i32 {\n    extern \"C\" {\n        fn answer() -> i32;\n    }\n    unsafe { answer() }\n}\n",
        ),
    ]);
    for (path, text) in sources {
        sandbox.write(&[(&format!("native/{path}"), text)]);
    }
}

const DECLARATION: &str = "[package.metadata.inert.cc-library.answer]\nsources = [\"c/answer.c\"]\n";
const ANSWER: (&str, &str) = ("c/answer.c", "int answer(void) { return 42; }\n");

fn run(sandbox: &Sandbox, variables: &[(&str, &str)]) -> Said {
    let mut command = sandbox.command("app", "cargo");
    command.args(["inert", "run", "-q", "--offline"]);
    said(command.envs(variables.iter().copied()))
}

/// Checks that a build leaves no partial file.
fn nothing_half_done(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        assert!(!path.to_string_lossy().ends_with(".part"), "{} was left", path.display());
        if path.is_dir() && !path.is_symlink() {
            nothing_half_done(&path);
        }
    }
}

/// Builds the example application with its libraries from source, without network, pkg-config, headers and .pc
/// files, and with only the tools of Rust and the C compiler. OpenSSL is left out, since its own build needs Perl.
#[test]
fn with_a_c_compiler_and_nothing_else() {
    let sandbox = Sandbox::new();
    for file in ["Cargo.toml", "Cargo.lock", "src/main.rs"] {
        let text = std::fs::read_to_string(root().join("tests/apps/c-libraries").join(file)).unwrap();
        sandbox.write(&[(&format!("example/{file}"), &text)]);
    }
    let _ = sandbox.cargo("example", "fetch --locked").good();
    let tools = "mkdir ../tools\nfor tool in cc gcc as ld ar sh cargo rustc cargo-inert inert inert-stand-in; do ln -s \
                 \"$(command -v $tool)\" ../tools/; done";
    let hide = "mkdir ../usr\nmount -t tmpfs x ../usr\nmkdir ../usr/upper ../usr/work\n\
                mount -t overlay x -o userxattr,lowerdir=/usr,upperdir=$PWD/../usr/upper,workdir=$PWD/../usr/work /usr\n\
                cd /usr\nrm -rf include/zlib.h include/zconf.h include/sqlite3*.h include/openssl lib/pkgconfig \
                share/pkgconfig lib/*/pkgconfig lib/*/libz.so lib/*/libz.a lib/*/libsqlite3.so lib/*/libsqlite3.a \
                lib/*/libssl.so lib/*/libssl.a lib/*/libcrypto.so lib/*/libcrypto.a\ncd -";
    let words = "cargo inert audit --libraries --no-default-features\n\
                 cargo inert run -q --locked --no-default-features --deny-build-scripts=all";
    let prepare = format!(
        "{tools}\n{hide}\nPATH=$PWD/../tools\n! command -v pkg-config && ! command -v pkgconf && ! command -v make"
    );
    let Some(mut command) = isolated(&sandbox, "example", &prepare, words) else { return };
    let out = said(command.env("CARGO_NET_OFFLINE", "true")).good().out;
    assert!(out.contains("\"zlib\":\"1.3.") && out.contains("\"sqlite\":\"3.5"), "{out}");
    assert!(!out.contains("openssl\":\""), "{out}");
}

/// Tests that nothing is written beside the sources.
#[test]
fn sources_that_cannot_be_written() {
    let sandbox = Sandbox::new();
    application(&sandbox, DECLARATION, &[ANSWER]);
    let readonly = "mount --bind ../native ../native\nmount -o remount,ro,bind ../native\n! touch ../native/c/x 2>/dev/null";
    let words = "cargo inert run -q --offline";
    let Some(mut command) = isolated(&sandbox, "app", readonly, words) else { return };
    assert_eq!(said(&mut command).good().out, "42\n");
}

/// The disk is full while an object is written (the first size), and while the archive is (the second): the error
/// says so, and once there is room the same folder builds correctly.
#[test]
fn a_full_disk() {
    for megabytes in [60, 25] {
        let sandbox = Sandbox::new();
        let source = format!(
            "static const char big[{megabytes} << 20] = {{ 1 }};\nint answer(void) {{ return big[0] + 41 + big[sizeof big - \
             1]; }}\n"
        );
        application(&sandbox, DECLARATION, &[("c/answer.c", &source)]);
        let small = "mkdir target\nmount -t tmpfs -o size=40m x target";
        let words = "cargo inert run -q --offline && exit 3\n\
                     find target -name '*.part' -o -name 'libanswer.a' | grep . && exit 4\n\
                     mount -o remount,size=400m target\ncargo inert run -q --offline";
        let Some(mut command) = isolated(&sandbox, "app", small, words) else { return };
        let told = said(&mut command).good().says("No space left on device").says("native");
        assert_eq!(told.out, "42\n", "{megabytes} MB");
    }
}

/// The error shows the compiler's own message, the package, and a command that a person can run again.
#[test]
fn a_compile_error() {
    let sandbox = Sandbox::new();
    application(&sandbox, DECLARATION, &[("c/answer.c", "#error \"not on a Sunday\"\n")]);
    let told = run(&sandbox, &[]).code(101).says("not on a Sunday").says("native v0.1.0").says(" -c ");
    let answer = sandbox.path("native/c/answer.c").display().to_string();
    assert!(told.err.contains(&answer), "{}", told.err);
    nothing_half_done(&sandbox.path("app/target"));
    sandbox.write(&[("native/c/answer.c", ANSWER.1)]);
    assert_eq!(run(&sandbox, &[]).good().out, "42\n");
}

#[test]
fn no_compiler_and_no_assembler() {
    let sandbox = Sandbox::new();
    application(&sandbox, DECLARATION, &[ANSWER]);
    let _ = run(&sandbox, &[("CC", "/nonexistent/cc")])
        .code(101)
        .says("no C compiler")
        .says("/nonexistent/cc")
        .says("native v0.1.0");
    assert_eq!(run(&sandbox, &[]).good().out, "42\n");

    let sandbox = Sandbox::new();
    let declaration = DECLARATION.replace("answer.c", "answer.asm");
    application(&sandbox, &declaration, &[("c/answer.asm", "global answer\nanswer: mov eax, 42\nret\n")]);
    let tools = "mkdir ../tools\nfor tool in cc gcc as ld ar sh cargo rustc cargo-inert inert inert-stand-in; do ln -s \
                 \"$(command -v $tool)\" ../tools/; done\nPATH=$PWD/../tools cargo inert run -q --offline";
    if cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        let _ = said(sandbox.command("app", "sh").args(["-ec", tools]))
            .code(101)
            .says("no assembler")
            .says("answer.asm")
            .says("nasm");
    }
}

#[test]
fn a_missing_source() {
    let sandbox = Sandbox::new();
    application(&sandbox, DECLARATION, &[]);
    let _ = run(&sandbox, &[]).code(101).says("answer.c").says("is not there").says("native v0.1.0");
}

/// Copies the folder of a case in `tests/policies`: three packages link a library, and two of them ship its source.
fn one_source(sandbox: &Sandbox) {
    let from = root().join("tests/policies/libraries-one-source");
    let _ = said(sandbox.command("", "cp").arg("-r").arg(from).arg(sandbox.path("app"))).good();
    sandbox.write(&[("app/nothing/empty", "")]);
}

/// Makes a compiler that runs `first` before it compiles the C for the first time, and records each such
/// compilation.
fn compiler(sandbox: &Sandbox, first: &str) -> String {
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *own.c*)\n  echo \"$*\" >> ../compiles\n  if mkdir ../first 2>/dev/null; then {first}; fi;;\nesac\n\
         exec gcc \"$@\"\n"
    )
    .replace("../", &format!("{}/", sandbox.path("").display()));
    sandbox.write(&[("cc", &script)]);
    let _ = said(sandbox.command("", "chmod").args(["+x", "cc"])).good();
    sandbox.path("cc").display().to_string()
}

fn shared(sandbox: &Sandbox, words: &str, cc: &str) -> Command {
    let mut command = sandbox.command("app", "cargo");
    command.args(["inert"]).args(words.split_whitespace()).args(["-q", "--offline"]);
    command.env("CC", cc).env("PKG_CONFIG_LIBDIR", sandbox.path("app/nothing"));
    command
}

/// The builder of a shared archive is killed while the compiler writes; the next build completes the archive.
#[test]
fn a_shared_archive_whose_builder_is_killed() {
    let sandbox = Sandbox::new();
    one_source(&sandbox);
    let cc = compiler(
        &sandbox,
        "for word; do case $last in -o) echo half > \"$word\";; esac; last=$word; done; kill -9 $PPID; exit 1",
    );
    let _ = said(&mut shared(&sandbox, "run -j1", &cc)).code(101);
    assert_eq!(said(&mut shared(&sandbox, "run", &cc)).good().out, "one 2, two 2, none 2\n");
    nothing_half_done(&sandbox.path("app/target"));
}

/// Two builds of two profiles run at once in one build dir, as Cargo permits: both get complete archives.
#[test]
fn a_shared_archive_and_two_builds_at_once() {
    let sandbox = Sandbox::new();
    one_source(&sandbox);
    let cc = compiler(&sandbox, "sleep 1");
    let mut release = shared(&sandbox, "run --release", &cc);
    let mut dev = shared(&sandbox, "run", &cc);
    let (release, dev) = std::thread::scope(|scope| {
        let release = scope.spawn(|| said(&mut release));
        (said(&mut dev), release.join().unwrap())
    });
    assert_eq!(
        (release.good().out, dev.good().out),
        ("one 2, two 2, none 2\n".into(), "one 2, two 2, none 2\n".into())
    );
    nothing_half_done(&sandbox.path("app/target"));
    // A package that is built later uses the existing archive, without a compilation.
    std::fs::remove_file(sandbox.path("compiles")).unwrap();
    sandbox.write(&[("app/none/build.rs", "fn main() {}\n")]);
    assert_eq!(said(&mut shared(&sandbox, "run", &cc)).good().out, "one 2, two 2, none 2\n");
    assert!(!sandbox.path("compiles").exists(), "{}", sandbox.read("compiles"));
}
