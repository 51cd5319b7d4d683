//! `cargo inert exec -- <command>`: any command that calls cargo.
//!
//! The command finds a `cargo` that is Inert: on `PATH` and in `CARGO`. What it builds through that is planned call by
//! call, each with its own arguments; any other cargo it may know meets the wrapper alone, which fails closed.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::{Outcome, build};
use crate::cargo::invocation::{DENY_VARIABLE, DenyBuildScripts, Invocation, deny_from};
use crate::driver::{self, Context, Failure};
use crate::environment::{current_exe, sibling};
use crate::{exit, report};

/// Names the real cargo to the shim.
const REAL: &str = "INERT_REAL_CARGO";

/// What `--help` says.
pub const HELP: &str = "Run a command that calls cargo: nextest, llvm-cov, a script of your own

Usage: cargo inert exec [--deny-build-scripts[=dependencies|all]] [--policy <FILE>] -- <COMMAND>…

The command finds a cargo that is Inert, on PATH and in CARGO: each build that it starts is planned and decided as `cargo
inert build` does it. A cargo that it starts by another path meets Inert's rustc wrapper alone: no undecided script starts.

Examples:
  cargo inert exec -- cargo nextest run --workspace
  cargo inert exec --deny-build-scripts -- ./scripts/ci.sh
";

/// Runs the command.
///
/// # Errors
/// There is none, or it cannot be started.
pub fn run(context: &Context, arguments: &[OsString]) -> Outcome {
    if arguments.first().is_some_and(|first| first == "--help" || first == "-h") {
        report::print(HELP);
        return Ok(exit::DONE);
    }
    let (own, arguments) = match arguments.iter().position(|argument| argument == "--") {
        Some(at) => (&arguments[..at], &arguments[at + 1..]),
        None => (&arguments[..0], arguments),
    };
    let stricter = stricter(context, own)?;
    let missing = || Failure::Arguments("which command? `cargo inert exec -- cargo nextest run`".to_owned());
    let (program, rest) = arguments.split_first().ok_or_else(missing)?;
    if program.to_string_lossy().starts_with('-') {
        return Err(Failure::Arguments(format!(
            "options of Inert's own stand before `--`: `cargo inert exec {} -- <command>`",
            program.to_string_lossy()
        )));
    }
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
        .envs(stricter)
        .status()
        .map_err(io(&program.to_string_lossy()))?;
    Ok(u8::try_from(status.code().unwrap_or(101)).unwrap_or(exit::CARGO))
}

/// Inert's own options, as the variables by which every cargo that the command starts goes.
fn stricter(context: &Context, own: &[OsString]) -> Result<Vec<(&'static str, OsString)>, Failure> {
    let asked = Invocation::parse("exec", own, &context.cwd)?;
    if let Some(other) = asked.arguments.first() {
        return Err(Failure::Arguments(format!(
            "`{}` is no option of `cargo inert exec`, which takes --deny-build-scripts and --policy before `--`",
            other.to_string_lossy()
        )));
    }
    let mut variables = Vec::new();
    let deny = asked.deny.max(deny_from(&context.environment).map_err(Failure::Arguments)?);
    let name = match deny {
        DenyBuildScripts::No => None,
        DenyBuildScripts::Dependencies => Some("dependencies"),
        DenyBuildScripts::All => Some("all"),
    };
    variables.extend(name.map(|name| (DENY_VARIABLE, name.into())));
    if let Some(policy) = asked.policy {
        if context.environment.text(crate::policy::VARIABLE).is_some() {
            return Err(Failure::Arguments(format!(
                "--policy and {} name a minimum each, and a command that calls cargo takes one: have one extend the other",
                crate::policy::VARIABLE
            )));
        }
        variables.push((crate::policy::VARIABLE, policy.into_os_string()));
    }
    Ok(variables)
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
    shim_at(context, arguments, 0)
}

/// Aliases that lead to one another, before a mistake is assumed: then it is Cargo's to say so.
const ALIASES: usize = 8;

fn is_known(name: &str) -> bool {
    build::COMMANDS.iter().any(|(known, _)| *known == name && name != "clippy")
        || ["fix", "install", "metadata", "fetch", "tree", "config", "clean", "locate-project"]
            .contains(&name)
}

fn shim_at(context: &Context, arguments: &[OsString], depth: usize) -> Outcome {
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
    // Cargo's own commands have no alias; others may lead to one of those, which then has to come through here.
    if !is_known(name)
        && depth < ALIASES
        && let Some(words) = driver::alias(&context, name)?
    {
        let expanded: Vec<OsString> = words.into_iter().map(OsString::from).chain(rest).collect();
        return shim_at(&context, &expanded, depth + 1);
    }
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
