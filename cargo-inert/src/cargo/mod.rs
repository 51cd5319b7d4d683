//! The questions to Cargo, and its answers.

pub mod argument_files;
pub mod configuration;
pub mod facts;
pub mod invocation;
pub mod lockfile;
pub mod metadata;
pub mod package;
pub mod profiles;
pub mod recording;
pub mod target_names;
pub mod toolchain_file;
pub mod unit_graph;
pub mod version;

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::environment::Environment;

/// Creates a command for a trusted tool: Cargo, rustc or the user's own wrapper. Only this function of the package
/// creates a [`Command`], so that clippy can check the invariant.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn command(program: impl AsRef<OsStr>) -> Command {
    Command::new(program)
}

/// Returns the cargo to call: the one that called Inert (`CARGO`), else the one on `PATH`.
#[must_use]
pub fn program(environment: &Environment) -> PathBuf {
    match environment.get("CARGO") {
        Some(path) if !path.is_empty() => PathBuf::from(path),
        _ => environment.find_program("cargo").unwrap_or_else(|| PathBuf::from("cargo")),
    }
}

/// A failure of cargo itself, with its output.
#[derive(Debug)]
pub struct CargoFailure {
    /// The whole standard error output.
    pub stderr: String,
    /// The standard output up to the failure.
    pub stdout: Vec<u8>,
    /// The exit code; `None` if cargo was killed.
    pub code: Option<i32>,
}

/// Runs cargo for an answer on stdout. Lines about network progress are passed on to stderr as they come. The other
/// lines are kept, and the caller shows them if cargo fails, since the build that follows prints them again.
pub(crate) fn ask(command: &mut Command, dir: &Path) -> io::Result<Result<Vec<u8>, CargoFailure>> {
    let mut child = command
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut stdout = child.stdout.take().expect("stdout is piped");
    let stderr = child.stderr.take().expect("stderr is piped");
    let reader = std::thread::spawn(move || {
        let mut kept = String::new();
        for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            if is_progress(&line) {
                crate::console::status(&line);
            }
            kept.push_str(&line);
            kept.push('\n');
        }
        kept
    });
    let mut answer = Vec::new();
    stdout.read_to_end(&mut answer)?;
    let status = child.wait()?;
    let stderr = reader.join().unwrap_or_default();
    Ok(if status.success() {
        Ok(answer)
    } else {
        Err(CargoFailure { stderr, stdout: answer, code: status.code() })
    })
}

fn is_progress(line: &str) -> bool {
    let word = line.trim_start().split(' ').next().unwrap_or_default();
    matches!(word, "Updating" | "Downloading" | "Downloaded" | "Locking" | "Blocking" | "Fetching")
}
