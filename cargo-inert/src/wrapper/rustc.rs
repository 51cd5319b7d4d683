//! Starting the real rustc, behind the user's own wrapper if there is one.

use std::path::Path;
use std::process::{Command, ExitCode};

use super::arguments::{self, RustcArguments};
use super::link_inputs::Words;
use super::outputs;
use crate::artifacts::build_dir::BuildDir;
use crate::confine::rustc;
use crate::environment::Environment;
use crate::plan::model::ConfinedRustc;

/// Compiles a script aside, so that where Cargo looks for it there is a stand-in or nothing, at any moment. Not `exec`: what
/// rustc says the script depends on must come to include the decision, so that a script that is no longer allowed is not
/// fresh.
pub(super) fn compile_aside(
    raw: &[std::ffi::OsString],
    parsed: &RustcArguments,
    wrapper: Option<&Path>,
    confined: Option<(&ConfinedRustc, &BuildDir)>,
    environment: &Environment,
) -> Result<(outputs::Aside, std::process::ExitStatus), String> {
    let aside = outputs::Aside::of(parsed)?;
    let (program, rest) = raw.split_first().ok_or("no rustc is named")?;
    let mut arguments = vec![program.clone()];
    arguments.extend(arguments::with_out_dir(rest, &aside.folder)?);
    arguments.push(Words::in_folder(&aside.folder).flag());
    if let Some((around, dir)) = confined_here(&arguments, wrapper, confined) {
        let call = call(&arguments, parsed, &aside.folder);
        let code = rustc::compile(&call, around, dir, environment)?;
        return Ok((aside, with_code(code)));
    }
    let status = rustc_command(&arguments, wrapper, environment)
        .status()
        .map_err(|error| format!("{}: {error}", raw[0].to_string_lossy()))?;
    Ok((aside, status))
}

/// Compiles a unit, confined where the plan says so.
pub(super) fn compile(
    raw: &[std::ffi::OsString],
    parsed: &RustcArguments,
    wrapper: Option<&Path>,
    confined: Option<(&ConfinedRustc, &BuildDir)>,
    environment: &Environment,
) -> Result<ExitCode, String> {
    let out_dir = parsed.out_dir.as_deref().unwrap_or(Path::new("/"));
    match confined_here(raw, wrapper, confined) {
        Some((around, dir)) => {
            let code = rustc::compile(&call(raw, parsed, out_dir), around, dir, environment)?;
            Ok(ExitCode::from(u8::try_from(code).unwrap_or(101)))
        }
        None => pass_on(raw, wrapper, environment),
    }
}

/// The same, for what has to be looked at afterwards.
pub(super) fn compile_and_wait(
    raw: &[std::ffi::OsString],
    parsed: &RustcArguments,
    wrapper: Option<&Path>,
    confined: Option<(&ConfinedRustc, &BuildDir)>,
    environment: &Environment,
) -> Result<std::process::ExitStatus, String> {
    let out_dir = parsed.out_dir.as_deref().unwrap_or(Path::new("/"));
    if let Some((around, dir)) = confined_here(raw, wrapper, confined) {
        return Ok(with_code(rustc::compile(&call(raw, parsed, out_dir), around, dir, environment)?));
    }
    rustc_command(raw, wrapper, environment)
        .status()
        .map_err(|error| format!("{}: {error}", raw[0].to_string_lossy()))
}

fn confined_here<'a>(
    raw: &[std::ffi::OsString],
    wrapper: Option<&Path>,
    confined: Option<(&'a ConfinedRustc, &'a BuildDir)>,
) -> Option<(&'a ConfinedRustc, &'a BuildDir)> {
    let program = raw.first()?;
    confined.filter(|(around, _)| wrapper.is_none() && rustc::is_toolchains(program, around))
}

fn call<'a>(raw: &'a [std::ffi::OsString], parsed: &RustcArguments, out_dir: &'a Path) -> rustc::Call<'a> {
    let linked = ["bin", "proc-macro", "dylib", "cdylib"];
    let emits_link = parsed.emit.is_empty() || parsed.emit.contains("link");
    let program = parsed.crate_types.is_empty()
        || parsed.test
        || parsed.crate_types.iter().any(|kind| linked.contains(&kind.as_str()));
    let usual = ["dep-info", "metadata", "link"];
    rustc::Call {
        raw,
        out_dir,
        links: emits_link && program,
        plain: !parsed.emit.is_empty() && parsed.emit.iter().all(|kind| usual.contains(&kind.as_str())),
    }
}

#[cfg(unix)]
fn with_code(code: i32) -> std::process::ExitStatus {
    use std::os::unix::process::ExitStatusExt as _;
    std::process::ExitStatus::from_raw((code & 0xff) << 8)
}

#[cfg(not(unix))]
fn with_code(code: i32) -> std::process::ExitStatus {
    use std::os::windows::process::ExitStatusExt as _;
    std::process::ExitStatus::from_raw(code.unsigned_abs())
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
