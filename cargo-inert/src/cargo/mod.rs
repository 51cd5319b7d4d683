//! What Cargo is asked, and what it answers.

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

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::environment::Environment;

/// Starts a trusted tool: Cargo, rustc or the user's own wrapper. The one place of this package that makes a
/// [`Command`], so that the invariant can be checked by clippy.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn command(program: impl AsRef<OsStr>) -> Command {
    Command::new(program)
}

/// The cargo to call: the one that called us (`CARGO`), else the one on `PATH`.
#[must_use]
pub fn program(environment: &Environment) -> PathBuf {
    match environment.get("CARGO") {
        Some(path) if !path.is_empty() => PathBuf::from(path),
        _ => environment.find_program("cargo").unwrap_or_else(|| PathBuf::from("cargo")),
    }
}

/// A failure of cargo itself, with what it said.
#[derive(Debug)]
pub struct CargoFailure {
    /// Its standard error, whole.
    pub stderr: String,
    /// What it had printed on standard output.
    pub stdout: Vec<u8>,
    /// Its exit code, if it was not killed.
    pub code: Option<i32>,
}

/// Runs cargo for an answer on stdout. Lines that report progress on the network pass through to our stderr while
/// they come; the rest is kept and shown by the caller if cargo fails, since the build that follows says it again.
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
