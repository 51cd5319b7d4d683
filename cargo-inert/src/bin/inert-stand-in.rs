//! The stand-in: the executable that Cargo starts in the place of a build script. It finds the script that it replaces
//! and prints the precomputed answer, or becomes `inert` with the caller's environment and passes on the variables that
//! Cargo set for the script as arguments.
//!
//! It is kept small, since there is a copy for each script. Of its environment it trusts only the name of a session,
//! which selects one of the folders that `cargo inert` created.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[path = "../stand_in/answer.rs"]
mod answer;
#[path = "../stand_in/launch.rs"]
mod launch;
#[path = "../stand_in/record.rs"]
mod record;

fn main() -> ExitCode {
    let own = match std::env::current_exe() {
        Ok(path) => path,
        Err(error) => return refuse(&format!("this executable's own path: {error}")),
    };
    match start(&own) {
        Ok(code) => code,
        Err(message) => refuse(&message),
    }
}

#[expect(clippy::print_stderr, reason = "Cargo shows a script's stderr when it fails")]
fn refuse(message: &str) -> ExitCode {
    eprintln!("error: inert: {message}");
    ExitCode::FAILURE
}

fn start(own: &Path) -> Result<ExitCode, String> {
    let sidecar = launch::sidecar_of(own)?;
    let text =
        std::fs::read_to_string(&sidecar).map_err(|error| format!("{}: {error}", sidecar.display()))?;
    let mut lines = text.lines();
    let inert = PathBuf::from(lines.next().unwrap_or_default());
    let build_dir = lines.next().unwrap_or_default();
    let id = lines.next().unwrap_or_default();
    let cargos = launch::process_environment();
    if !build_dir.is_empty() {
        let build_dir = Path::new(build_dir);
        let session = launch::session_folder(build_dir, &cargos)?;
        if let Some(output) = answer::deliver(build_dir, &session, id, &cargos) {
            return std::io::stdout()
                .write_all(output.as_bytes())
                .map(|()| ExitCode::SUCCESS)
                .map_err(|error| format!("standard output: {error}"));
        }
    }
    if !inert.is_file() {
        return Err(format!(
            "{} is gone; install cargo-inert again and run `cargo inert clean`",
            inert.display()
        ));
    }
    let callers = if build_dir.is_empty() {
        None
    } else {
        Some(launch::callers_environment(Path::new(build_dir), &cargos)?)
    };
    launch::become_inert(&inert, &sidecar, cargos, callers)
}
