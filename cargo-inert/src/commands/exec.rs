//! `cargo inert exec -- <command>`: any command that calls cargo.
//!
//! The command finds a `cargo` that is Inert: on `PATH` and in `CARGO`. What it builds through that is planned call by
//! call, each with its own arguments; any other cargo it may know meets the wrapper alone, which fails closed.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::{Outcome, build};
use crate::driver::{Context, Failure};
use crate::environment::{current_exe, sibling};
use crate::exit;

/// Names the real cargo to the shim.
const REAL: &str = "INERT_REAL_CARGO";

/// Runs the command.
///
/// # Errors
/// There is none, or it cannot be started.
pub fn run(context: &Context, arguments: &[OsString]) -> Outcome {
    let arguments = match arguments.first() {
        Some(first) if first == "--" => &arguments[1..],
        _ => arguments,
    };
    let Some((program, rest)) = arguments.split_first() else {
        return Err(Failure::Arguments("which command? `cargo inert exec -- cargo nextest run`".to_owned()));
    };
    let io = |what: &str| {
        let what = what.to_owned();
        move |error| Failure::Io(what, error)
    };
    let folder = shim_folder(context).map_err(io("the shim named cargo"))?;
    let mut path: Vec<PathBuf> = vec![folder.clone()];
    path.extend(
        context
            .environment
            .get("PATH")
            .map(|path| std::env::split_paths(path).collect::<Vec<_>>())
            .unwrap_or_default(),
    );
    let joined = std::env::join_paths(path).map_err(|error| Failure::Arguments(error.to_string()))?;
    let shim = folder.join(format!("cargo{}", std::env::consts::EXE_SUFFIX));
    let program = if program == "cargo" { shim.clone().into_os_string() } else { program.clone() };
    let status = crate::cargo::command(&program)
        .args(rest)
        .env("PATH", joined)
        .env("CARGO", &shim)
        .env(REAL, &context.cargo)
        .env("RUSTC_WRAPPER", sibling("inert").map_err(io("Inert's own files"))?)
        .status()
        .map_err(io(&program.to_string_lossy()))?;
    Ok(u8::try_from(status.code().unwrap_or(101)).unwrap_or(exit::CARGO))
}

/// A folder that holds this executable under the name `cargo`.
fn shim_folder(context: &Context) -> std::io::Result<PathBuf> {
    let own = current_exe()?;
    let state = context.environment.state_dir().unwrap_or_else(std::env::temp_dir);
    let folder = state.join("shims").join(&crate::digest::text(&own.to_string_lossy())[..16]);
    std::fs::create_dir_all(&folder)?;
    let shim = folder.join(format!("cargo{}", std::env::consts::EXE_SUFFIX));
    #[cfg(unix)]
    {
        if std::fs::read_link(&shim).ok().as_deref() != Some(&own) {
            let _ = std::fs::remove_file(&shim);
            std::os::unix::fs::symlink(&own, &shim)?;
        }
    }
    #[cfg(not(unix))]
    std::fs::copy(&own, &shim).map(drop)?;
    Ok(folder)
}

/// Whether this process was started as the shim.
#[must_use]
pub fn is_shim(arguments: &[OsString]) -> bool {
    arguments.first().is_some_and(|own| Path::new(own).file_stem() == Some(OsStr::new("cargo")))
}

/// What the shim does with one call of cargo: builds go through Inert, other subcommands of Cargo's own to the real
/// one, and a third party's subcommand is started here, so that it sees the shim as its cargo.
///
/// # Errors
/// As the commands'.
pub fn shim(context: &Context, arguments: &[OsString]) -> Outcome {
    let mut context = context.clone();
    let own = context.environment.get("CARGO").map(PathBuf::from);
    context.cargo = match context.environment.get(REAL) {
        Some(real) => PathBuf::from(real),
        None => {
            return Err(Failure::Arguments(format!(
                "{REAL} is not set: this is the shim of `cargo inert exec`"
            )));
        }
    };
    // The wrapper in the environment is ours, for cargos that are not asked through the shim.
    if context
        .environment
        .get("RUSTC_WRAPPER")
        .is_some_and(|path| Path::new(path).file_stem() == Some(OsStr::new("inert")))
    {
        context.environment.variables.remove(OsStr::new("RUSTC_WRAPPER"));
    }
    let position = arguments.iter().position(|argument| !argument.to_string_lossy().starts_with(['-', '+']));
    let Some(position) = position else { return real(&context, arguments) };
    let name = arguments[position].to_string_lossy().into_owned();
    let name = match name.as_str() {
        "b" => "build",
        "c" => "check",
        "t" => "test",
        "r" => "run",
        "d" => "doc",
        other => other,
    };
    let rest: Vec<OsString> =
        arguments[..position].iter().chain(&arguments[position + 1..]).cloned().collect();
    if build::COMMANDS.iter().any(|(known, _)| *known == name) || name == "fix" {
        return build::run(&context, name, &rest);
    }
    if name == "install" {
        return super::install::run(&context, &rest);
    }
    if let Some(program) = context.environment.find_program(&format!("cargo-{name}")) {
        let mut command = crate::cargo::command(program);
        command.args(&arguments[position..]).envs(own.map(|own| ("CARGO", own)));
        let status = command.status().map_err(|error| Failure::Io(format!("cargo-{name}"), error))?;
        return Ok(u8::try_from(status.code().unwrap_or(101)).unwrap_or(exit::CARGO));
    }
    real(&context, arguments)
}

fn real(context: &Context, arguments: &[OsString]) -> Outcome {
    let status = crate::cargo::command(&context.cargo)
        .args(arguments)
        .status()
        .map_err(|error| Failure::Io(context.cargo.display().to_string(), error))?;
    Ok(u8::try_from(status.code().unwrap_or(101)).unwrap_or(exit::CARGO))
}
