//! Tests the flag lists on the compilers of this machine: no listed flag makes them write other files than
//! requested.

#![expect(clippy::disallowed_methods, reason = "the compilers are what is tested against")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use inert_manifest_spec::rules::flags::{
    LinkArgument, compiler_flag, compiler_flag_samples, link_argument, link_argument_samples,
};

/// Returns the compilers that this machine has.
fn compilers() -> impl Iterator<Item = &'static str> {
    let answers = |compiler: &&str| {
        let mut asked = Command::new(compiler);
        asked.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
    };
    ["gcc", "clang"].into_iter().filter(answers)
}

#[test]
fn no_listed_flag_writes_a_file() {
    let flags: Vec<String> = compiler_flag_samples().collect();
    for flag in &flags {
        assert_eq!(compiler_flag(flag), Ok(()), "{flag}");
    }
    // Flags that begin with `-m` choose instructions, and no one compiler knows most of them; GCC takes flags that
    // begin with `/` for paths.
    let tried: Vec<&str> = flags
        .iter()
        .map(String::as_str)
        .filter(|flag| !flag.starts_with("-m") && !flag.starts_with('/'))
        // Standards exclude each other, so each would need a run of its own; a `no-` flag only reverts another
        // flag.
        .filter(|flag| !flag.starts_with("-std=") && !flag.starts_with("-fno-"))
        .collect();
    for compiler in compilers() {
        let folder = Folder::new(compiler);
        let accepted: usize = tried.chunks(24).map(|flags| compile(compiler, &folder.0, flags)).sum();
        assert!(accepted > 150, "only {accepted} flags were accepted: is the test right?");
    }
}

#[test]
fn no_common_link_argument_writes_a_file() {
    let arguments: Vec<String> = link_argument_samples().collect();
    for argument in &arguments {
        assert_eq!(link_argument(argument), Ok(LinkArgument::Common), "{argument}");
    }
    for compiler in compilers() {
        let folder = Folder::new(&format!("{compiler}-links"));
        std::fs::write(folder.0.join("x.c"), "int main(void) { return 0; }\n").expect("writes");
        let run = |arguments: &[&str]| {
            let status = Command::new(compiler)
                .args(arguments)
                .current_dir(&folder.0)
                .env("TMPDIR", folder.0.join("tmp"))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            status.expect("starts").success()
        };
        assert!(run(&["-c", "x.c", "-o", "x.o"]), "{compiler} compiles");
        let mut accepted = 0;
        // GCC takes arguments that begin with `/` for paths.
        for argument in arguments.iter().filter(|argument| !argument.starts_with('/')) {
            accepted += usize::from(run(&["x.o", argument]));
            let mut left = names(&folder.0);
            left.retain(|name| !matches!(name.as_str(), "x.c" | "x.o" | "a.out" | "tmp"));
            assert!(left.is_empty(), "{compiler} {argument} wrote {left:?}");
            assert_eq!(names(&folder.0.join("tmp")), [""; 0], "{compiler} {argument} left a temporary file");
        }
        assert!(accepted > 40, "only {accepted} arguments were accepted: is the test right?");
    }
}

/// Compiles with all flags, or with each half of them if they do not go together; returns how many were accepted.
fn compile(compiler: &str, folder: &Path, flags: &[&str]) -> usize {
    std::fs::write(folder.join("x.c"), "int f(int a) { return a + 1; }\n").expect("writes");
    let status = Command::new(compiler)
        .args(flags)
        .args(["-c", "x.c"])
        .current_dir(folder)
        .env("TMPDIR", folder.join("tmp"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("starts");
    let mut left = names(folder);
    left.retain(|name| !matches!(name.as_str(), "x.c" | "x.o" | "tmp"));
    assert!(left.is_empty(), "{compiler} {flags:?} wrote {left:?}");
    assert_eq!(names(&folder.join("tmp")), [""; 0], "{compiler} {flags:?} left a temporary file");
    let _ = std::fs::remove_file(folder.join("x.o"));
    match flags {
        _ if status.success() => flags.len(),
        [] | [_] => 0,
        flags => {
            let (first, second) = flags.split_at(flags.len() / 2);
            compile(compiler, folder, first) + compile(compiler, folder, second)
        }
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("compilers-{name}"));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(folder.join("tmp")).expect("a folder");
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
