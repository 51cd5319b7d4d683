//! Starting the real rustc, behind the user's own wrapper if there is one.

use std::path::Path;
use std::process::{Command, ExitCode};

use super::arguments::{self, RustcArguments};
use super::outputs;
use crate::environment::Environment;

/// Compiles a script aside, so that where Cargo looks for it there is a stand-in or nothing, at any moment. Not `exec`: what
/// rustc says the script depends on must come to include the decision, so that a script that is no longer allowed is not
/// fresh.
pub(super) fn compile_aside(
    raw: &[std::ffi::OsString],
    parsed: &RustcArguments,
    wrapper: Option<&Path>,
    environment: &Environment,
) -> Result<(outputs::Aside, std::process::ExitStatus), String> {
    let aside = outputs::Aside::of(parsed)?;
    let (program, rest) = raw.split_first().ok_or("no rustc is named")?;
    let mut arguments = vec![program.clone()];
    arguments.extend(arguments::with_out_dir(rest, &aside.folder)?);
    let status = rustc_command(&arguments, wrapper, environment)
        .status()
        .map_err(|error| format!("{}: {error}", raw[0].to_string_lossy()))?;
    Ok((aside, status))
}

/// Becomes rustc, behind the user's own wrapper if there is one.
pub(super) fn pass_on(
    raw: &[std::ffi::OsString],
    wrapper: Option<&Path>,
    environment: &Environment,
) -> Result<ExitCode, String> {
    let mut command = rustc_command(raw, wrapper, environment);
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        let error = command.exec();
        Err(format!("{}: {error}", command.get_program().to_string_lossy()))
    }
    #[cfg(not(unix))]
    {
        let status = command.status().map_err(|error| format!("{}: {error}", raw[0].to_string_lossy()))?;
        Ok(crate::exit::of_child(status))
    }
}

fn rustc_command(raw: &[std::ffi::OsString], wrapper: Option<&Path>, _environment: &Environment) -> Command {
    match wrapper {
        Some(wrapper) => {
            let mut command = crate::cargo::command(wrapper);
            command.args(raw);
            command
        }
        None => {
            let mut command = crate::cargo::command(&raw[0]);
            command.args(&raw[1..]);
            command
        }
    }
}
