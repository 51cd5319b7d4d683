//! Tests each row of docs/reference/differences-pkgconf.md by a case: the behaviour of pkgconf 1.8, checked with
//! the executable if that version is installed, and ours.

#![expect(clippy::print_stderr, reason = "an oracle says how much it compared")]

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use inert_resolver::pkgconf::{Client, Config, Personality, Want, parse_dependencies, render};
use inert_tests::Disk;

const HEAD: &str = "Name: x\nDescription: x\nVersion: 1\n";

/// The behaviour of pkgconf.
enum Theirs {
    Printed(Vec<u8>),
    Killed,
    /// It did not end within its time.
    Walking,
}

/// Writes a case's files into a folder.
fn folder(name: &str, files: &[(&str, &[u8])]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pkgconf-differences").join(name);
    let _ = fs::remove_dir_all(&folder);
    for (file, bytes) in files {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

fn pc(rest: &str) -> Vec<u8> {
    format!("{HEAD}{rest}").into_bytes()
}

/// Runs `pkgconf --libs module`; returns `None` if version 1.8 is not installed.
#[expect(clippy::disallowed_methods, reason = "the oracle is a program")]
fn theirs(folder: &Path, module: &str) -> Option<Theirs> {
    let version = Command::new("pkgconf").arg("--version").output().ok()?;
    if !version.stdout.starts_with(b"1.8.") {
        let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
        eprintln!("the rows are held against pkgconf 1.8, and this is {version}: ours alone is looked at");
        return None;
    }
    let mut command = Command::new("timeout");
    command.args(["--foreground", "2", "pkgconf", "--libs", module]).env_clear();
    command.env("PATH", "/usr/bin:/bin").env("PKG_CONFIG_LIBDIR", folder);
    let output = command.output().ok()?;
    Some(match (output.status.code(), output.status.signal()) {
        (Some(124), _) => Theirs::Walking,
        // `timeout` ends by the same signal as its child, or reports it as a shell does.
        (Some(code), _) if code < 128 => Theirs::Printed(output.stdout),
        _ => Theirs::Killed,
    })
}

fn printed(theirs: Option<Theirs>) -> Option<Vec<u8>> {
    match theirs? {
        Theirs::Printed(bytes) => Some(bytes),
        _ => panic!("pkgconf did not answer"),
    }
}

fn ours(folder: &Path, module: &str) -> Result<String, String> {
    let config = Config { search_paths: vec![folder.to_path_buf()], ..Config::default() };
    let (mut disk, wanted) = (Disk, Want { cflags: false, libs: true });
    let mut client = Client::new(&mut disk, config);
    let answer = client.query(&parse_dependencies(module), wanted).map_err(|problems| {
        problems.iter().chain(client.passed_over()).map(ToString::to_string).collect::<Vec<_>>().join("\n")
    })?;
    // The output is escaped as for a shell, with a backslash before each special byte.
    let mut bytes = render(answer.libs.iter());
    bytes.retain(|byte| *byte != b'\\');
    Ok(String::from_utf8(bytes).expect("directives are UTF-8"))
}

#[test]
fn what_is_required_lies_in_the_searched_folders() {
    let root = folder(
        "outside",
        &[("pc/a.pc", &pc("Requires: ../sub/y\nLibs: -lx\n")), ("sub/y.pc", &pc("Libs: -ly\n"))],
    );
    let absolute = pc(&format!("Requires: {}\nLibs: -lx\n", root.join("sub/y.pc").display()));
    fs::write(root.join("pc/b.pc"), absolute).unwrap();
    for module in ["a", "b"] {
        if let Some(said) = printed(theirs(&root.join("pc"), module)) {
            assert_eq!(said, b"-lx -ly \n");
        }
        assert!(ours(&root.join("pc"), module).is_err());
    }
}

#[test]
fn of_several_providers_the_first_by_name() {
    let provider = |name: &str| pc(&format!("Provides: virtual = 1\nLibs: -l{name}\n"));
    let files: &[(&str, &[u8])] = &[
        ("b.pc", &provider("b")),
        ("x.pc", &pc("Requires: virtual >= 1\nLibs: -lx\n")),
        ("c.pc", &provider("c")),
        ("a.pc", &provider("a")),
    ];
    let root = folder("providers", files);
    if let Some(said) = printed(theirs(&root, "x")) {
        assert!([b"-lx -la \n", b"-lx -lb \n", b"-lx -lc \n"].iter().any(|one| said == one.as_slice()));
    }
    assert_eq!(ours(&root, "x").unwrap(), "-lx -la ");
}

/// pkgconf reads a module anew each time it is required, if it is uninstalled or found by its `Provides`.
#[test]
fn a_cycle_through_what_is_read_anew() {
    let root = folder(
        "anew",
        &[
            ("x-uninstalled.pc", &pc("Requires: x\nLibs: -F/x -UA -DB -e\n")),
            ("a.pc", &pc("Requires: virtual\nProvides: virtual = 1\nLibs: -F/x -UA -DB -e\n")),
        ],
    );
    let libs = "-F/x -UA -DB -e ";
    for module in ["x", "virtual"] {
        if let Some(said) = printed(theirs(&root, module)) {
            assert!(said.len() > libs.len() + 1, "{module}: it comes once now");
        }
        assert_eq!(ours(&root, module).unwrap(), libs);
    }
}

#[test]
fn a_value_that_is_too_long() {
    let root =
        folder("long", &[("x.pc", &pc(&format!("big={}\nLibs: -L${{big}} -lx\n", "a".repeat(70_000))))]);
    if let Some(said) = printed(theirs(&root, "x")) {
        assert!(said.len() < 70_000, "it is not cut off any more");
    }
    assert!(ours(&root, "x").unwrap_err().contains("64 KiB"));
}

#[test]
fn a_variable_that_names_itself() {
    let root = folder("itself", &[("x.pc", &pc("a=$\nb=${a}{b}\nLibs: -L${b} -lx\n"))]);
    assert!(matches!(theirs(&root, "x"), None | Some(Theirs::Killed)));
    assert!(ours(&root, "x").unwrap_err().contains("stands for itself"));
}

#[test]
fn a_graph_that_is_walked_for_ever() {
    let file = |at: usize| {
        let next = at + 1;
        pc(&format!("Requires: m{next}, m{next} >= 0\nRequires.private: m{next}\nLibs: -lm{at}\n"))
    };
    let files: Vec<(String, Vec<u8>)> = (0..24).map(|at| (format!("m{at}.pc"), file(at))).collect();
    let mut files: Vec<(&str, &[u8])> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let last = pc("Libs: -lm24\n");
    files.push(("m24.pc", &last));
    let root = folder("walk", &files);
    assert!(matches!(theirs(&root, "m0"), None | Some(Theirs::Walking)));
    assert!(ours(&root, "m0").is_err());
}

#[test]
fn bytes_that_are_not_utf_8() {
    let root = folder("bytes", &[("x.pc", &[HEAD.as_bytes(), b"Libs: -lx -l\xff\n"].concat())]);
    if let Some(said) = printed(theirs(&root, "x")) {
        assert_eq!(said, b"-lx -l\\\xff \n");
    }
    assert!(ours(&root, "x").unwrap().contains('\u{FFFD}'));
}

#[test]
fn a_comment_on_a_last_line_without_an_end() {
    let root = folder("comment", &[("x.pc", &pc("Libs: -lx #"))]);
    if let Some(said) = printed(theirs(&root, "x")) {
        assert_eq!(said, b"-lx \\\xff \n");
    }
    assert_eq!(ours(&root, "x").unwrap(), "-lx ");
}

/// pkgconf reads past the end of the text, so only the fact that it returns is known.
#[test]
fn a_name_without_its_brace() {
    let root = folder("brace", &[("x.pc", &pc("Libs: -lx -L/a${name\n"))]);
    let _ = theirs(&root, "x");
    assert_eq!(ours(&root, "x").unwrap(), "-lx -L/a ");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the oracle is a program")]
fn a_personality_that_does_not_want_archives() {
    let root = folder("personality", &[("x.pc", &pc("Libs: -lx\nLibs.private: -ly\n"))]);
    let text = format!("Triplet: t\nDefaultSearchPaths: {}\nWantDefaultStatic: no\n", root.display());
    fs::write(root.join("t.personality"), &text).unwrap();
    if theirs(&root, "x").is_some() {
        let personality = format!("--personality={}", root.join("t.personality").display());
        let said = Command::new("pkgconf").args([&personality, "--libs", "x"]).env_clear().output().unwrap();
        assert_eq!(said.stdout, b"-lx -ly \n");
    }
    assert!(!Personality::parse(text.as_bytes()).default_static);
    assert!(Personality::parse(text.replace(": no", ": yes").as_bytes()).default_static);
}
