//! `cargo inert exec -- <command>`: runs any command that calls cargo.
//!
//! The command finds a `cargo` that is Inert, on `PATH` and in `CARGO`. Each call of it is planned with its own
//! arguments. Another cargo that the command may call uses only the wrapper, which refuses in case of doubt.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::Parser;

use super::cargo_arguments::OwnArguments;
use super::{Outcome, build, table};
use crate::cargo::configuration::alias::{ALIASES, BUILT_IN, GLOBAL};
use crate::cargo::invocation::{DENY_VARIABLE, DenyBuildScripts, Invocation, deny_from};
use crate::driver::{self, Context, Failure};
use crate::environment::{current_exe, sibling};
use crate::exit;

/// The variable that names the real cargo for the shim.
const REAL: &str = "INERT_REAL_CARGO";

/// Run a command that calls cargo: nextest, llvm-cov, a script of your own
///
/// The command finds a cargo that is Inert, on PATH and in CARGO: each build that it starts is planned and decided as `cargo
/// inert build` does it. A cargo that it starts by another path meets Inert's rustc wrapper alone: no undecided script starts.
#[derive(Debug, Parser)]
#[command(
    name = "cargo inert exec",
    bin_name = "cargo inert exec",
    override_usage = "cargo inert exec [--deny-build-scripts[=dependencies|all]] [--policy <FILE>] [--trust <DIGEST|tree>] -- <COMMAND>…",
    after_help = "Exit codes: the command's own; 1 where Inert refuses a build, 2 bad usage.

Examples:
  cargo inert exec -- cargo nextest run --workspace
  cargo inert exec --deny-build-scripts -- ./scripts/ci.sh"
)]
pub struct Arguments {
    #[command(flatten)]
    own: OwnArguments,
    /// The command and its arguments
    #[arg(trailing_var_arg = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Runs `cargo inert exec`.
///
/// # Errors
/// There is no command, or it cannot be started.
pub fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let stricter = stricter(context, &arguments.own)?;
    let arguments = &arguments.command;
    let missing = || Failure::Arguments("which command? `cargo inert exec -- cargo nextest run`".to_owned());
    let (program, rest) = arguments.split_first().ok_or_else(missing)?;
    if program.to_string_lossy().starts_with('-') {
        let shown = program.to_string_lossy();
        return Err(Failure::Arguments(format!(
            "`{shown}` is no command; Inert's own options stand before `--`: `cargo inert exec {shown} -- cargo …`"
        )));
    }
    let io = |what: &str| {
        let what = what.to_owned();
        move |error| Failure::Io(what, error)
    };
    let _ =
        driver::judged::settle(context, &Invocation { command: "exec".to_owned(), ..Invocation::default() })?;
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
    let mut command = crate::cargo::command(&program);
    command
        .args(rest)
        .env("PATH", joined)
        .env("CARGO", &shim)
        .env(REAL, &context.cargo)
        .env("RUSTC_WRAPPER", sibling("inert").map_err(io("Inert's own files"))?)
        .envs(stricter);
    let status = driver::outer::run_command(context, command, &program.to_string_lossy())?;
    Ok(u8::try_from(status.code().unwrap_or(101)).unwrap_or(exit::CARGO))
}

/// Returns Inert's own options as variables, for every cargo that the command starts.
fn stricter(context: &Context, own: &OwnArguments) -> Result<Vec<(&'static str, OsString)>, Failure> {
    let asked = own.invocation("exec", context)?;
    let mut variables = Vec::new();
    let deny = asked.deny.max(deny_from(&context.environment).map_err(Failure::Arguments)?);
    let name = match deny {
        DenyBuildScripts::No => None,
        DenyBuildScripts::Dependencies => Some("dependencies"),
        DenyBuildScripts::All => Some("all"),
    };
    variables.extend(name.map(|name| (DENY_VARIABLE, name.into())));
    if let Some(policy) = asked.policy.clone() {
        if context.environment.text(crate::policy::VARIABLE).is_some() {
            return Err(Failure::Arguments(format!(
                "--policy and {} name a minimum each, and a command that calls cargo takes one: have one extend the other",
                crate::policy::VARIABLE
            )));
        }
        variables.push((crate::policy::VARIABLE, policy.into_os_string()));
    }
    if !asked.libraries.is_empty() || !asked.library.is_empty() {
        return Err(Failure::Arguments(
            "--libraries and --library are for one build: give them to the cargo behind `--`, as in `cargo inert exec -- \
             cargo build --library zlib=source`"
                .to_owned(),
        ));
    }
    if !asked.trust.is_empty() {
        // The value is compared with the tree of each build that the command starts; a bad value is reported now.
        let _ = driver::trust(context, &asked)?;
        let said = context.environment.text(crate::policy::trust::VARIABLE).map(str::to_owned);
        let words: Vec<String> = said.into_iter().chain(asked.trust).collect();
        variables.push((crate::policy::trust::VARIABLE, words.join(",").into()));
    }
    Ok(variables)
}

/// Returns a folder that contains this executable under the name `cargo`.
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

/// Returns whether this process was started as the shim.
#[must_use]
pub fn is_shim(arguments: &[OsString]) -> bool {
    arguments.first().is_some_and(|own| Path::new(own).file_stem() == Some(OsStr::new("cargo")))
}

/// Handles one call of the shim: builds are done by Inert, other subcommands of Cargo by the real one, and third-party
/// subcommands are started here, so that they find the shim as their cargo.
///
/// # Errors
/// The command that is called fails.
pub fn shim(context: &Context, arguments: &[OsString]) -> Outcome {
    shim_at(context, arguments, 0)
}

/// The options before the subcommand without a value.
#[rustfmt::skip] // a list of words
const SWITCHES: &[&str] = &[
    "-V", "--version", "-vV", "-Vv", "--list", "-v", "-vv", "-vvv", "--verbose", "-q", "--quiet", "--frozen",
    "--locked", "--offline", "-h", "--help",
];

/// A command line of Cargo: the options before the subcommand, the subcommand, and the rest.
struct Taken<'a> {
    globals: &'a [OsString],
    name: Option<String>,
    rest: &'a [OsString],
}

/// Splits a command line of Cargo.
///
/// # Errors
/// An option before the subcommand is unknown, so that the subcommand cannot be determined.
fn taken(arguments: &[OsString]) -> Result<Taken<'_>, Failure> {
    let mut at = 0;
    while let Some(argument) = arguments.get(at) {
        let text = argument.to_string_lossy();
        if !(text.starts_with('-') || at == 0 && text.starts_with('+')) {
            return Ok(Taken {
                globals: &arguments[..at],
                name: Some(text.into_owned()),
                rest: &arguments[at + 1..],
            });
        }
        let inline = text.split_once('=').map(|(name, _)| name);
        let attached = text.starts_with("-Z") && text.len() > 2;
        at += match &*text {
            _ if text.starts_with('+') || attached || inline.is_some_and(|name| GLOBAL.contains(&name)) => 1,
            name if SWITCHES.contains(&name) => 1,
            name if GLOBAL.contains(&name) => 2,
            _ if text.starts_with("-C") => {
                return Err(Failure::Arguments(
                    "`cargo -C` under `cargo inert exec` is refused: change the folder first, `cd <folder>`"
                        .to_owned(),
                ));
            }
            _ => {
                return Err(Failure::Arguments(format!(
                    "`{}` before Cargo's subcommand is no option that this Inert knows; write it behind the subcommand",
                    crate::file::one_line(&text)
                )));
            }
        };
    }
    Ok(Taken { globals: arguments, name: None, rest: &[] })
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
    // The wrapper in the environment is Inert's, for a cargo that is not called through the shim.
    if context
        .environment
        .get("RUSTC_WRAPPER")
        .is_some_and(|path| Path::new(path).file_stem() == Some(OsStr::new("inert")))
    {
        context.environment.variables.remove(OsStr::new("RUSTC_WRAPPER"));
    }
    let Taken { globals, name, rest } = taken(arguments)?;
    // The tree's configuration is checked before a real cargo, or a program that may call one, is started.
    let words: Vec<OsString> = globals.iter().chain(rest).cloned().collect();
    let asked = Invocation::of_any(name.as_deref().unwrap_or_default(), &words, &context.cwd);
    let _ = driver::judged::settle(&context, &asked)?;
    let Some(name) = name else { return real(&context, arguments) };
    // Cargo takes what looks like a path in a command's place for a package to run.
    let path = Path::new(&name);
    if path.extension().is_some_and(|kind| kind == "rs") {
        return Err(driver::judged::single_file(path));
    }
    if name == "Cargo.toml" || name.contains(['/', '\\']) {
        return Err(Failure::Refused(format!(
            "`cargo {}` is refused: a path stands in the place of a command, and Cargo knows that only with `-Zscript`, as a \
             package to run, which Inert does not read; nothing was compiled\n  help: write a command, `cargo run \
             --manifest-path <PATH OF A Cargo.toml>`",
            crate::file::one_line(&name)
        )));
    }
    let built_in = BUILT_IN.contains(&name.as_str());
    // Cargo ignores aliases of its built-in commands. Other aliases may lead to one of these, which the shim has to
    // handle.
    if !built_in && let Some(words) = driver::alias(&context, &asked, &name)? {
        if depth == ALIASES {
            return Err(Failure::Refused(format!(
                "the alias `{}` leads to other aliases, more than {ALIASES} of them; nothing was started",
                crate::file::one_line(&name)
            )));
        }
        let words = words.into_iter().map(OsString::from);
        let expanded: Vec<OsString> =
            globals.iter().cloned().chain(words).chain(rest.iter().cloned()).collect();
        return shim_at(&context, &expanded, depth + 1);
    }
    let name = match name.as_str() {
        "b" => "build",
        "c" => "check",
        "t" => "test",
        "r" => "run",
        "d" => "doc",
        other => other,
    };
    let builds = table::builds(name) || name == "install";
    if builds && globals.first().is_some_and(|first| first.to_string_lossy().starts_with('+')) {
        return Err(Failure::Arguments(format!(
            "`cargo {}` chooses a toolchain too late for Inert, which is started already: RUSTUP_TOOLCHAIN={} cargo inert exec …",
            globals[0].to_string_lossy(),
            &globals[0].to_string_lossy()[1..]
        )));
    }
    if name == "install" {
        return super::install::run(&context, &words);
    }
    if builds {
        return build::run(&context, name, &words);
    }
    if let Some(program) = context.environment.find_program(&format!("cargo-{name}")).filter(|_| !built_in) {
        let mut command = crate::cargo::command(program);
        command.arg(name).args(rest).envs(own.map(|own| ("CARGO", own)));
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
