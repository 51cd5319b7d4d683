//! Source builds as users meet them: on a machine with a C compiler and nothing else, and when something is wrong.
//!
//! Disks that are full, folders that cannot be written and a network that is not there are made by `unshare` and
//! `mount` in namespaces of the test's own. Where the system permits no such namespaces, those tests say so and pass.

use std::path::Path;
use std::process::Command;

use inert_tests::{Said, Sandbox, root, said};

const PERMITTED: &str = "mount -t tmpfs x /mnt && mkdir /mnt/upper /mnt/work && mount -t overlay x -o \
                         userxattr,lowerdir=/usr,upperdir=/mnt/upper,workdir=/mnt/work /usr && rm -r /usr/include";

/// A command in namespaces of its own for users, mounts and network, after `prepare` has been run there; none where the
/// system does not permit that.
fn isolated(sandbox: &Sandbox, folder: &str, prepare: &str, words: &str) -> Option<Command> {
    // Root needs no namespace of users for it, and may have none.
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

/// An application and, beside it, the package `native`, whose C its declaration builds.
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

/// No file that a build leaves is half of one.
fn nothing_half_done(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        assert!(!path.to_string_lossy().ends_with(".part"), "{} was left", path.display());
        if path.is_dir() && !path.is_symlink() {
            nothing_half_done(&path);
        }
    }
}

/// The example application, its libraries from source, where there is no network, no pkg-config, no header and no .pc
/// file of any library, and of tools Rust's and the C compiler's alone. OpenSSL, whose own build needs Perl, is left out.
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

/// Nothing is written where the sources lie.
#[test]
fn sources_that_cannot_be_written() {
    let sandbox = Sandbox::new();
    application(&sandbox, DECLARATION, &[ANSWER]);
    let readonly = "mount --bind ../native ../native\nmount -o remount,ro,bind ../native\n! touch ../native/c/x 2>/dev/null";
    let words = "cargo inert run -q --offline";
    let Some(mut command) = isolated(&sandbox, "app", readonly, words) else { return };
    assert_eq!(said(&mut command).good().out, "42\n");
}

/// A disk that is full while an object is written (the first), and while the archive is (the second): the error says
/// so, and once there is room the same folder builds what it should.
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

/// The compiler's own words, the package, and the command, which a person can run again.
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

/// A library that three packages link and two ship the source of, the folder of a case in `tests/policies`.
fn one_source(sandbox: &Sandbox) {
    let from = root().join("tests/policies/libraries-one-source");
    let _ = said(sandbox.command("", "cp").arg("-r").arg(from).arg(sandbox.path("app"))).good();
    sandbox.write(&[("app/nothing/empty", "")]);
}

/// A compiler that does `first` before it compiles the C for the first time, and notes each such compile.
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

/// What builds an archive for all is killed while the compiler writes; the next build makes it whole.
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

/// Two builds in one build dir at once, of two profiles, that Cargo lets run side by side: both get whole archives.
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
    // Once there, it is there for all: nothing is compiled again for one that comes to it anew.
    std::fs::remove_file(sandbox.path("compiles")).unwrap();
    sandbox.write(&[("app/none/build.rs", "fn main() {}\n")]);
    assert_eq!(said(&mut shared(&sandbox, "run", &cc)).good().out, "one 2, two 2, none 2\n");
    assert!(!sandbox.path("compiles").exists(), "{}", sandbox.read("compiles"));
}
