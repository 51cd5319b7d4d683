//! Tests of Inert from its users' view: cases as folders, real crates, attacks, oracles.
//!
//! A [`Sandbox`] is a folder for one test: a project to build, Inert's state, and the real command, started in
//! processes whose environment the test chooses. Nothing here changes the environment or folder of the test itself.

mod disk;
pub mod parallel;
pub mod pkgconf;
pub mod random;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

pub use disk::Disk;

/// A folder to run the command in. It is removed when dropped.
#[derive(Debug)]
pub struct Sandbox {
    folder: tempfile::TempDir,
}

/// The result of a command.
#[derive(Debug)]
pub struct Said {
    /// The exit code; 255 if a signal ended it.
    pub code: i32,
    /// The text on standard output.
    pub out: String,
    /// The text on standard error.
    pub err: String,
}

/// Returns the folder with `cargo-inert`, `inert`, `inert-stand-in` and `inert-confine`, which are built once for a
/// test run.
///
/// # Panics
/// They cannot be built.
#[must_use]
pub fn binaries() -> &'static Path {
    static BINARIES: OnceLock<PathBuf> = OnceLock::new();
    BINARIES.get_or_init(|| {
        // The path of a test is `<target>/<profile>/deps/<test>` in the target dir that it was built in.
        let own = std::env::current_exe().expect("this test's own path");
        let profile = own.ancestors().nth(2).expect("a profile's folder").to_path_buf();
        let status = command(env!("CARGO"))
            .args([
                "build",
                "--quiet",
                "--package",
                "cargo-inert",
                "--package",
                "inert-sandbox",
                "--bins",
                "--target-dir",
            ])
            .arg(profile.parent().expect("a target dir"))
            .current_dir(root())
            .status()
            .expect("cargo starts");
        assert!(status.success(), "cargo-inert does not build");
        profile
    })
}

/// Returns the root of the repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

#[expect(clippy::disallowed_methods, reason = "tests start the command as a user does")]
fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    Command::new(program)
}

/// Returns the variables by which Cargo uses the layout of build dirs that is the default from 1.100 on, if
/// `INERT_TEST_LAYOUT=new` requests it: the same tests pass with both. Cargo alone behaves like a nightly, by the
/// variable of its own tests: `RUSTC_BOOTSTRAP=1` would reach rustc, and change what scripts find out about it.
///
/// # Panics
/// The variable has another value.
#[expect(clippy::disallowed_methods, reason = "the variable is for tests alone")]
#[must_use]
pub fn layout() -> &'static [(&'static str, &'static str)] {
    match std::env::var("INERT_TEST_LAYOUT").as_deref() {
        Ok("new") => &[
            ("CARGO_UNSTABLE_BUILD_DIR_NEW_LAYOUT", "true"),
            ("__CARGO_TEST_CHANNEL_OVERRIDE_DO_NOT_USE_THIS", "nightly"),
        ],
        Ok("") | Err(_) => &[],
        Ok(other) => panic!("INERT_TEST_LAYOUT is `{other}`, and may be `new`"),
    }
}

/// Returns the toolchain that `INERT_TEST_TOOLCHAIN` names for the commands of tests (`1.99.1`), by rustup's variable. The
/// programs under test are still compiled by the toolchain that compiles the tests.
#[expect(clippy::disallowed_methods, reason = "the variable is for tests alone")]
fn toolchain() -> Option<(&'static str, std::ffi::OsString)> {
    std::env::var_os("INERT_TEST_TOOLCHAIN").map(|name| ("RUSTUP_TOOLCHAIN", name))
}

impl Sandbox {
    /// Makes an empty sandbox.
    ///
    /// # Panics
    /// The folder cannot be made.
    #[must_use]
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// Returns a path in the sandbox.
    #[must_use]
    pub fn path(&self, path: &str) -> PathBuf {
        // Cargo and rustc print real paths.
        self.folder.path().canonicalize().expect("the folder is there").join(path)
    }

    /// Writes files, given as path and text.
    ///
    /// # Panics
    /// A file cannot be written.
    pub fn write(&self, files: &[(&str, &str)]) -> &Self {
        for (path, text) in files {
            let path = self.path(path);
            std::fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        self
    }

    /// Returns a file's text.
    ///
    /// # Panics
    /// The file cannot be read.
    #[must_use]
    pub fn read(&self, path: &str) -> String {
        let path = self.path(path);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Makes a command in a folder of the sandbox, with Inert on its `PATH` and a state folder of its own.
    #[must_use]
    pub fn command(&self, folder: &str, program: &str) -> Command {
        let mut command = command(program);
        command.current_dir(self.path(folder));
        let mut path = vec![binaries().to_path_buf()];
        #[expect(clippy::disallowed_methods, reason = "to hand on what is not ours to choose")]
        let inherited: Vec<_> = std::env::vars_os().collect();
        for (name, value) in inherited {
            if name == "PATH" {
                path.extend(std::env::split_paths(&value));
            }
            let text = name.to_string_lossy();
            let kept = ["CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"].contains(&&*text);
            if !kept
                && (text.starts_with("CARGO")
                    || text.starts_with("RUST")
                    || text.starts_with("INERT")
                    || text == "LD_LIBRARY_PATH")
            {
                command.env_remove(name);
            }
        }
        command.env("PATH", std::env::join_paths(path).expect("paths"));
        command.env("INERT_HOME", self.path("inert-home"));
        // The test wrote the tree itself.
        command.env("INERT_TRUST", "tree");
        command.envs(layout().iter().copied());
        command.envs(toolchain());
        command
    }

    /// Runs `cargo <words>`.
    ///
    /// # Panics
    /// Cargo cannot be started.
    #[must_use]
    pub fn cargo(&self, folder: &str, words: &str) -> Said {
        said(self.command(folder, "cargo").args(words.split_whitespace()))
    }

    /// Runs `cargo inert <words>`.
    ///
    /// # Panics
    /// Cargo cannot be started.
    #[must_use]
    pub fn inert(&self, folder: &str, words: &str) -> Said {
        self.cargo(folder, &format!("inert {words}"))
    }
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

/// Unpacks the published source of an application with its Cargo.lock, and returns its folder in the sandbox.
///
/// # Panics
/// The source is not available.
#[must_use]
pub fn published(sandbox: &Sandbox, name: &str, version: &str) -> String {
    // `cargo install` unpacks the package before it compiles: a wrapper that only answers questions stops it there.
    let wrapper =
        "#!/bin/sh\ncase \" $* \" in *\" -vV \"*|*\" --crate-name ___ \"*) exec \"$@\";; esac\nexit 1\n";
    sandbox.write(&[("wrapper", wrapper)]);
    let _ = said(sandbox.command("", "chmod").args(["+x", "wrapper"])).good();
    let mut fetch = sandbox.command("", "cargo");
    fetch
        .args(["install", "--locked", "--root"])
        .arg(sandbox.path("nowhere"))
        .arg(format!("{name}@{version}"));
    let stopped = said(fetch.env("RUSTC_WRAPPER", sandbox.path("wrapper"))).code(101);
    let home = said(sandbox.command("", "sh").args(["-c", "echo ${CARGO_HOME:-$HOME/.cargo}"])).good().out;
    let sources = PathBuf::from(home.trim()).join("registry/src");
    let mut unpacked = std::fs::read_dir(&sources)
        .unwrap()
        .flatten()
        .map(|entry| entry.path().join(format!("{name}-{version}")));
    let root =
        unpacked.find(|path| path.is_dir()).unwrap_or_else(|| panic!("nothing unpacked\n{}", stopped.err));
    let copied = said(sandbox.command("", "cp").arg("-r").arg(&root).arg(sandbox.path("source")));
    let _ = copied.good();
    "source".to_owned()
}

/// Runs a command to its end.
///
/// # Panics
/// The command cannot be started.
pub fn said(command: &mut Command) -> Said {
    let Output { status, stdout, stderr } = command.output().expect("the command starts");
    Said {
        code: status.code().unwrap_or(255),
        out: String::from_utf8_lossy(&stdout).into_owned(),
        err: String::from_utf8_lossy(&stderr).into_owned(),
    }
}

impl Said {
    /// Returns the result, which must be a success.
    ///
    /// # Panics
    /// The command failed.
    #[must_use]
    pub fn good(self) -> Self {
        assert_eq!(self.code, 0, "\n--- stdout\n{}\n--- stderr\n{}", self.out, self.err);
        self
    }

    /// Returns the result, which must have this exit code.
    ///
    /// # Panics
    /// The exit code is different.
    #[must_use]
    pub fn code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\n--- stdout\n{}\n--- stderr\n{}", self.out, self.err);
        self
    }

    /// Returns the result, whose standard error must contain a text.
    ///
    /// # Panics
    /// The text is missing.
    #[must_use]
    pub fn says(self, text: &str) -> Self {
        assert!(self.err.contains(text), "{text:?} is not in\n--- stderr\n{}", self.err);
        self
    }
}
