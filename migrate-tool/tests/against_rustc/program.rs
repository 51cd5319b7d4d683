//! Compiles checks with rustc, many to a program, and runs them. Only this module starts programs in these tests.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::said::{Said, told};

/// The frame around the scripts. With the path of a list of numbers, the program runs those checks. For each it prints
/// `done`, `failed` or `panicked`, or `profile` if the panic depends on the profile, and then its output. Without
/// arguments, it runs as it is the one check that a file `alone` beside the program names.
const PROGRAM: &str = r#"
#![allow(warnings)]
use std::cell::RefCell;
thread_local!(static SAID: RefCell<String> = RefCell::new(String::new()));
thread_local!(static PANIC: RefCell<String> = RefCell::new(String::new()));
static ALONE: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
macro_rules! println { () => { crate::say("\n".to_string()) }; ($($text:tt)*) => { { crate::say(format!($($text)*)); crate::say("\n".to_string()) } } }
macro_rules! print { ($($text:tt)*) => { crate::say(format!($($text)*)) } }
fn say(text: String) {
    if ALONE.load(std::sync::atomic::Ordering::SeqCst) { std::print!("{text}"); return; }
    SAID.with(|said| said.borrow_mut().push_str(&text))
}

/// Tells whether the result of a `main` is success.
fn ended(end: impl std::process::Termination) -> bool {
    format!("{:?}", end.report()) == format!("{:?}", std::process::ExitCode::SUCCESS)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.is_empty() {
        ALONE.store(true, std::sync::atomic::Ordering::SeqCst);
        let number = std::fs::read_to_string(std::env::current_exe().unwrap().with_file_name("alone")).unwrap();
        let done = std::panic::catch_unwind(|| SCRIPTS[number.parse::<usize>().unwrap()]());
        std::process::exit(if done.unwrap_or(false) { 0 } else { 101 });
    }
    std::panic::set_hook(Box::new(|info| PANIC.with(|panic| *panic.borrow_mut() = info.to_string())));
    let numbers = std::fs::read_to_string(&arguments[0]).unwrap();
    for script in numbers.split_whitespace() {
        SAID.with(|said| said.borrow_mut().clear());
        let done = std::panic::catch_unwind(|| SCRIPTS[script.parse::<usize>().unwrap()]());
        let failed = matches!(done, Ok(false));
        let panic = PANIC.with(|panic| panic.borrow().clone());
        let overflows = panic.contains("attempt to ") && panic.ends_with("overflow");
        std::println!("{}", if failed { "failed" } else if done.is_ok() { "done" } else if overflows { "profile" } else { "panicked" });
        std::print!("{}\0", SAID.with(|said| said.borrow().clone()));
    }
}
"#;

/// A compiled program of many checks.
pub(crate) struct Program {
    folder: PathBuf,
    binary: PathBuf,
}

/// The checks or lines that do not compile, by number, with rustc's message.
pub(crate) type Errors = BTreeMap<usize, String>;

impl Program {
    /// Compiles checks, or returns the errors of those that rustc refuses.
    pub(crate) fn compile(
        name: &str,
        scripts: &[String],
        environment: &[(String, String)],
    ) -> Result<Self, Errors> {
        let folder = std::env::temp_dir().join(format!("inert-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        // `include_bytes!` reads files beside the script.
        copy(&crate::check::folder().join("package"), &folder);
        let (source, binary) = (folder.join("checks.rs"), folder.join("checks"));
        write(&source, scripts);
        match rustc(&source, &["-o", &binary.to_string_lossy()], scripts, environment) {
            Ok(()) => Ok(Self { folder, binary }),
            Err(errors) => {
                let _ = std::fs::remove_dir_all(&folder);
                Err(errors)
            }
        }
    }

    /// As [`Self::compile`], by Cargo, with the crates of a package's manifest and lock.
    pub(crate) fn with_crates(name: &str, scripts: &[String], package: &Path) -> Result<Self, Errors> {
        let folder = std::env::temp_dir().join(format!("inert-{name}-{}", std::process::id()));
        copy(package, &folder);
        write(&folder.join("src/main.rs"), scripts);
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("against-rustc-crates");
        let built = command(Path::new("cargo"))
            .args(["build", "--quiet", "--locked", "--message-format", "short"])
            .current_dir(&folder)
            .env("CARGO_TARGET_DIR", &target)
            .output()
            .expect("cargo starts");
        if built.status.success() {
            let binary = folder.join("program");
            std::fs::copy(target.join("debug/checks"), &binary).expect("it was built");
            return Ok(Self { folder, binary });
        }
        let said = String::from_utf8_lossy(&built.stderr).into_owned();
        let _ = std::fs::remove_dir_all(&folder);
        Err(by_script(&said, scripts))
    }

    /// What each check of these numbers says when it is run, twice.
    pub(crate) fn run(&self, numbers: &[usize]) -> Vec<Said> {
        let (first, second) = (self.run_once(numbers), self.run_once(numbers));
        let same = |(a, b): (Said, Said)| if a == b { a } else { Said::Unspecified };
        first.into_iter().zip(second).map(same).collect()
    }

    fn run_once(&self, numbers: &[usize]) -> Vec<Said> {
        let list = self.folder.join("numbers");
        let text: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        std::fs::write(&list, text.join("\n")).expect("it is written");
        let ran = command(&self.binary).arg(&list).stderr(Stdio::inherit()).output().expect("it starts");
        assert!(ran.status.success(), "the checks were stopped: {}", ran.status);
        let outcome = |one: &str| {
            let (how, lines) = one.split_once('\n').unwrap_or((one, ""));
            match how {
                "done" => Said::Told(Box::new(told(lines))),
                "profile" => Said::Unspecified,
                _ => Said::Failed,
            }
        };
        let outcomes: Vec<Said> =
            String::from_utf8_lossy(&ran.stdout).split_terminator('\0').map(outcome).collect();
        assert_eq!(outcomes.len(), numbers.len(), "each check says something");
        outcomes
    }

    /// Runs one check as Cargo would: in a copy of the package, with this environment.
    pub(crate) fn run_alone(
        &self,
        number: usize,
        package: &Path,
        environment: &BTreeMap<String, String>,
    ) -> Said {
        let folder = self.folder.join(format!("alone-{number}"));
        let _ = std::fs::remove_dir_all(&folder);
        let (root, out) = (folder.join("package"), folder.join("out"));
        copy(package, &root);
        std::fs::create_dir_all(&out).expect("a folder");
        std::fs::write(self.folder.join("alone"), number.to_string()).expect("it is written");
        let ran = command(&self.binary)
            .current_dir(&root)
            .envs(environment)
            .env("OUT_DIR", &out)
            .env("CARGO_MANIFEST_DIR", &root)
            .stderr(Stdio::null())
            .output()
            .expect("it starts");
        let said = if ran.status.success() {
            let mut told = told(&String::from_utf8_lossy(&ran.stdout));
            files(&out, "", &mut told.files);
            Said::Told(Box::new(told))
        } else {
            Said::Failed
        };
        let _ = std::fs::remove_dir_all(&folder);
        said
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Returns the lines that do not compile, with rustc's message. Each line becomes the body of a function. Errors of
/// borrows are not found, since rustc stops before.
pub(crate) fn line_errors(name: &str, lines: &[String]) -> Errors {
    let folder = std::env::temp_dir().join(format!("inert-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let (source, metadata) = (folder.join("lines.rs"), folder.join("lines.rmeta"));
    let mut all = Errors::new();
    for (chunk, lines) in lines.chunks(20_000).enumerate() {
        // A certain type error stops rustc before it checks borrows.
        let mut text =
            "#![allow(warnings)] use std::path::{Path, PathBuf}; fn main() { let _: u8 = \"\"; }\n"
                .to_owned();
        for (at, line) in lines.iter().enumerate() {
            let _ = writeln!(text, "fn f{at}() {{ {line} }}");
        }
        std::fs::write(&source, text).expect("it is written");
        let said = rustc_said(&source, &["--emit=metadata", "-o", &metadata.to_string_lossy()], &[])
            .unwrap_or_default();
        for (line, words) in error_lines(&said) {
            if line >= 2 && line < lines.len() + 2 {
                all.entry(chunk * 20_000 + line - 2).or_insert(words);
            }
        }
    }
    let _ = std::fs::remove_dir_all(&folder);
    all
}

/// Returns the scripts that rustc refuses. Type errors hide errors of borrows, so it compiles again until none is left.
pub(crate) fn refused_by_rustc(name: &str, scripts: &[String]) -> Errors {
    let folder = std::env::temp_dir().join(format!("inert-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let source = folder.join("checks.rs");
    let mut all = Errors::new();
    loop {
        let kept: Vec<usize> = (0..scripts.len()).filter(|at| !all.contains_key(at)).collect();
        let texts: Vec<String> = kept.iter().map(|at| scripts[*at].clone()).collect();
        write(&source, &texts);
        let metadata = folder.join("checks.rmeta");
        match rustc(&source, &["--emit=metadata", "-o", &metadata.to_string_lossy()], &texts, &[]) {
            Ok(()) => break,
            Err(errors) => all.extend(errors.into_iter().map(|(at, words)| (kept[at], words))),
        }
    }
    let _ = std::fs::remove_dir_all(&folder);
    all
}

/// Writes the whole program; [`rustc`] finds the script of an error by its line.
fn write(source: &Path, scripts: &[String]) {
    let mut program = PROGRAM.to_owned();
    for (at, script) in scripts.iter().enumerate() {
        let _ = write!(program, "mod s{at} {{\n{script}\n}}\n");
    }
    let table: String = (0..scripts.len()).map(|at| format!("|| ended(s{at}::main()), ")).collect();
    let _ = writeln!(program, "const SCRIPTS: &[fn() -> bool] = &[{table}];");
    std::fs::write(source, program).expect("it is written");
}

fn rustc(
    source: &Path,
    arguments: &[&str],
    scripts: &[String],
    environment: &[(String, String)],
) -> Result<(), Errors> {
    match rustc_said(source, arguments, environment) {
        Some(said) => Err(by_script(&said, scripts)),
        None => Ok(()),
    }
}

/// Errors by the script in which they are.
fn by_script(said: &str, scripts: &[String]) -> Errors {
    let mut ends = Vec::new();
    let mut line = PROGRAM.lines().count();
    for script in scripts {
        line += script.lines().count() + 2;
        ends.push(line);
    }
    let mut errors = Errors::new();
    for (number, words) in error_lines(said) {
        errors.entry(ends.partition_point(|end| *end < number)).or_insert(words);
    }
    let known: BTreeSet<usize> = errors.keys().copied().filter(|at| *at < scripts.len()).collect();
    assert!(
        !known.is_empty() && known.len() == errors.len(),
        "rustc says:\n{}",
        said.get(..4000).unwrap_or(said)
    );
    errors
}

/// Compiles a library of this text and tells whether rustc accepts it.
pub(crate) fn compiles(text: &str) -> bool {
    let folder = std::env::temp_dir().join(format!("inert-probe-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let source = folder.join("probe.rs");
    std::fs::write(&source, text).expect("it is written");
    let metadata = folder.join("probe.rmeta");
    let arguments = ["--crate-type=lib", "--emit=metadata", "-o", &metadata.to_string_lossy()];
    let compiled = rustc_said(&source, &arguments, &[]).is_none();
    let _ = std::fs::remove_dir_all(&folder);
    compiled
}

/// Returns rustc's messages for a source that it refuses, else `None`.
fn rustc_said(source: &Path, arguments: &[&str], environment: &[(String, String)]) -> Option<String> {
    let compiled = command(Path::new("rustc"))
        .args(["--edition", "2021", "--cap-lints", "allow", "--error-format", "short"])
        .args(["-C", "debuginfo=0", "-C", "overflow-checks=on", "-C", "opt-level=0"])
        .args(arguments)
        .arg(source)
        // When Cargo compiles a script, it sets variables about the package and none about the build.
        .envs([
            ("CARGO_PKG_NAME", "checked"),
            ("CARGO_PKG_VERSION", crate::derived::PACKAGE_VERSION),
            ("CARGO_PKG_VERSION_MAJOR", "1"),
            ("CARGO_PKG_VERSION_MINOR", "2"),
            ("CARGO_PKG_VERSION_PATCH", "3"),
        ])
        .envs(environment.iter().cloned())
        .output()
        .expect("rustc starts");
    let refused = !compiled.status.success();
    refused.then(|| String::from_utf8_lossy(&compiled.stderr).into_owned())
}

/// Returns the errors in rustc's output, each with its line.
fn error_lines(said: &str) -> impl Iterator<Item = (usize, String)> {
    said.lines().filter(|line| line.contains(": error")).filter_map(|text| {
        let number = text.split(".rs:").nth(1)?.split(':').next()?.parse::<usize>().ok()?;
        Some((number, text.split(": error").nth(1).unwrap_or(text).to_owned()))
    })
}

/// Returns a command with a clean environment: the variables that a script may read are set where it runs.
#[expect(clippy::disallowed_methods, reason = "rustc is the oracle")]
fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let kept = ["PATH", "HOME", "RUSTUP_HOME", "CARGO_HOME", "RUSTUP_TOOLCHAIN", "TMPDIR", "SYSTEMROOT"];
        if !name.to_str().is_some_and(|name| kept.contains(&name)) {
            command.env_remove(name);
        }
    }
    command
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("it is copied");
        }
    }
}

fn files(folder: &Path, prefix: &str, into: &mut BTreeMap<String, Option<String>>) {
    let mut entries = std::fs::read_dir(folder).expect("a folder").flatten().peekable();
    if entries.peek().is_none() && !prefix.is_empty() {
        into.insert(prefix.to_owned(), None);
    }
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        if entry.path().is_dir() {
            files(&entry.path(), &path, into);
        } else {
            let text = std::fs::read(entry.path()).expect("it is read");
            into.insert(path, Some(String::from_utf8_lossy(&text).into_owned()));
        }
    }
}

/// Returns the output of rustc.
pub(crate) fn ask_rustc(arguments: &[&str]) -> String {
    let output = command(Path::new("rustc")).args(arguments).output().expect("rustc starts");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
