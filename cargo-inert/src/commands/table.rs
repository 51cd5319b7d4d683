//! The table of all subcommands, in the order of `--help`. A name that is not in this table is no command.

use std::ffi::OsString;

use clap::{Arg, ArgAction, Args as _, Parser, value_parser};

use super::{
    Outcome, audit, bake, build, cargo_arguments, clap_error, clean, completions, doctor, exec, explain,
    export, init, install, lint, lock, man, migrate, observe, review, sbom, store, trust, verify,
};
use crate::driver::Context;

/// One subcommand.
pub struct Command {
    /// The name as it is typed.
    pub name: &'static str,
    /// The line in the list of commands.
    pub about: &'static str,
    /// The parser of its arguments, and the function that runs it.
    pub run: Run,
}

/// The way in which a command reads its arguments.
pub enum Run {
    /// The arguments are Cargo's and are passed on.
    Cargo(fn(&Context, &str, &[OsString]) -> Outcome),
    /// The arguments are the command's own: the parser, and the function that runs it with the result.
    Own(fn() -> clap::Command, fn(&Context, &clap::ArgMatches) -> Outcome),
}

/// Returns a command of Cargo that builds.
const fn cargo(name: &'static str, about: &'static str) -> Command {
    Command { name, about, run: Run::Cargo(build::run) }
}

macro_rules! own {
    ($module:ident, $about:literal) => {
        Command {
            name: stringify!($module),
            about: $about,
            run: Run::Own(<$module::Arguments as clap::CommandFactory>::command, |context, matches| {
                with::<$module::Arguments>(context, matches, $module::run)
            }),
        }
    };
}

/// All subcommands, in the order of `--help`.
pub const COMMANDS: &[Command] = &[
    cargo("build", "Compile packages"),
    cargo("check", "Check packages for errors"),
    cargo("test", "Build and run tests"),
    cargo("run", "Build and run a binary"),
    cargo("bench", "Build and run benchmarks"),
    cargo("doc", "Build documentation"),
    cargo("clippy", "Check packages with clippy"),
    cargo("rustc", "Compile a package with extra flags for rustc"),
    cargo("rustdoc", "Document a package with extra flags for rustdoc"),
    Command {
        name: "install",
        about: "Build and install a binary from a registry, a git repository or a folder",
        run: Run::Cargo(|context, _, arguments| install::run(context, arguments)),
    },
    Command {
        name: FIX,
        about: "Refused: Cargo compiles the packages it fixes without asking a wrapper",
        run: Run::Cargo(build::run),
    },
    own!(exec, "Run any command that calls cargo (nextest, llvm-cov): cargo inert exec -- <command>"),
    own!(audit, "Show every build script and its decision; --format human|json|sarif|html; --diff"),
    own!(sbom, "Write a bill of materials with the native part; --format cyclonedx|spdx"),
    own!(export, "Write what is decided for Bazel, Buck2, Debian, Meson, Nix or vcpkg"),
    own!(explain, "Say what was tried for a package or library, what was chosen, and who asked"),
    own!(migrate, "Turn build.rs into a declaration; --dependencies: what can be derived"),
    own!(lint, "Check declarations before they are published; --resolve: what they tell Cargo"),
    own!(verify, "Compare stand-ins with the build scripts that they stand for"),
    own!(observe, "Run one script confined, and propose the rights that it needs"),
    own!(review, "Walk through what is undecided, and decide it"),
    own!(bake, "Run a script once, without rights, and keep what it said as a declaration"),
    own!(init, "Set a workspace up; --baseline allows what exists today"),
    own!(
        trust,
        "Show what the workspace's own inert.toml says that counts only where you accept it, and accept it"
    ),
    own!(doctor, "Say what this machine can confine, why not, and what it would take"),
    own!(lock, "Write inert.lock: what decides each build script of Cargo.lock"),
    own!(store, "Show what the store of finished C libraries holds and what it saved"),
    own!(clean, "Remove Inert's build dir; --store: empty the store"),
    own!(completions, "Write the script with which bash, zsh, fish, … complete `cargo inert`"),
    own!(man, "Write the manual pages"),
];

/// The command that is always refused, and that the list does not show.
const FIX: &str = "fix";

/// Returns whether a name is that of a command of Cargo that builds, without `cargo install`.
#[must_use]
pub fn builds(name: &str) -> bool {
    COMMANDS
        .iter()
        .any(|command| command.name == name && matches!(command.run, Run::Cargo(_)) && name != "install")
}

fn with<A: Parser>(
    context: &Context,
    matches: &clap::ArgMatches,
    run: fn(&Context, &A) -> Outcome,
) -> Outcome {
    match A::from_arg_matches(matches) {
        Ok(arguments) => run(context, &arguments),
        Err(error) => Ok(clap_error(&error)),
    }
}

const ABOUT: &str = "Builds in which no undecided build script is compiled or run.

Every build script of the graph is decided before Cargo starts: replaced by what its package declares (or what can be \
derived from its source), run because inert.toml allows it, or refused.";

const AFTER: &str = "Flags of Inert's own, for every command that builds:
  --deny-build-scripts[=dependencies|all]  Not even allowed scripts run (INERT_DENY_BUILD_SCRIPTS does the same)
  --policy <FILE>                          A policy that the workspace's inert.toml cannot weaken (so does INERT_POLICY)
  --trust <DIGEST|tree>                    Accept what the workspace's own inert.toml says (so does INERT_TRUST)
  --libraries <SOURCE>                     Where native libraries come from: system-only, system-first, source-first,
                                           source-only; as `default` under [libraries] in inert.toml
  --library <NAME=SOURCE>                  Where this library comes from; both outrank inert.toml, but no minimum

All other arguments of these are Cargo's own and pass through.
";

const START: &str = "Start with `cargo inert audit`.";

/// Runs the command that a command line names; `arguments` begin with the program.
pub fn run(context: &Context, arguments: &[OsString]) -> Outcome {
    let named = arguments.get(1).and_then(|name| name.to_str());
    // `help NAME` is `NAME --help`, as in Cargo: the list of commands knows no options.
    if let ("help", Some(name), None) = (named.unwrap_or_default(), arguments.get(2), arguments.get(3)) {
        let words: Vec<OsString> = [&arguments[0], name].into_iter().cloned().collect();
        if COMMANDS.iter().any(|command| *name == *command.name) {
            return run(context, &[words, vec!["--help".into()]].concat());
        }
    }
    let Some(command) = COMMANDS.iter().find(|command| Some(command.name) == named) else {
        return match parser().try_get_matches_from(arguments) {
            // The list only has commands of the table, which were found before.
            Ok(_) => Ok(crate::exit::USAGE),
            Err(error) => Ok(clap_error(&error)),
        };
    };
    let rest = &arguments[2..];
    match &command.run {
        // The arguments are Cargo's, including `--`, which clap would interpret.
        Run::Cargo(run) => run(context, command.name, rest),
        Run::Own(parser, run) => {
            let program = OsString::from(format!("cargo inert {}", command.name));
            match parser().try_get_matches_from(std::iter::once(&program).chain(rest)) {
                Ok(matches) => {
                    crate::console::show(super::cargo_arguments::shown(&matches));
                    run(context, &matches)
                }
                Err(error) => Ok(clap_error(&error)),
            }
        }
    }
}

/// The executable, as shells and `man` know it.
pub const PROGRAM: &str = "cargo-inert";

/// Returns `cargo inert` without its commands.
fn program() -> clap::Command {
    clap::Command::new("cargo inert")
        .bin_name("cargo inert")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT)
        .after_help(format!("{AFTER}\n{}\n\n{START}", crate::exit::OF_A_BUILD.replace('\n', " ")))
        .subcommand_required(true)
        .arg_required_else_help(true)
}

/// Returns `cargo inert` with all commands and their options, for completions and manual pages; `name` is one word, the name of
/// the executable. The result parses nothing: the options of a command of Cargo are known to Cargo alone, and only the
/// commonest are listed.
#[must_use]
pub fn tree(name: &'static str) -> clap::Command {
    let list = program().name(name).bin_name(name).long_about(ABOUT);
    let list = list.about(ABOUT.lines().next().unwrap_or_default().trim_end_matches('.'));
    COMMANDS.iter().fold(list, |list, command| {
        let sub = match command.run {
            Run::Cargo(_) => cargo_arguments::BuildArguments::augment_args(
                clap::Command::new(command.name)
                    .about(command.about)
                    .after_help(format!("All other options of `cargo {}` pass through.", command.name)),
            ),
            Run::Own(parser, _) => parser().name(command.name),
        };
        // The generators read the path of a command from its words, so that `cargo inert` cannot be one of them.
        let sub = sub.bin_name(format!("{name} {}", command.name));
        list.subcommand(sub.display_name(format!("{name}-{}", command.name)).hide(command.name == FIX))
    })
}

/// Returns the parser for the list of commands.
fn parser() -> clap::Command {
    COMMANDS.iter().fold(program(), |list, command| {
        let arguments = Arg::new("arguments")
            .action(ArgAction::Append)
            .num_args(0..)
            .trailing_var_arg(true)
            .allow_hyphen_values(true)
            .value_parser(value_parser!(OsString));
        let sub =
            clap::Command::new(command.name).about(command.about).disable_help_flag(true).arg(arguments);
        list.subcommand(sub.hide(command.name == FIX))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_of_its_own_has_a_parser_that_holds_together() {
        for command in COMMANDS {
            if let Run::Own(parser, _) = command.run {
                let mut parser = parser();
                parser.clone().debug_assert();
                let help = parser.render_long_help().to_string();
                assert!(
                    help.contains("xamples:") || help.contains("cargo inert"),
                    "{}: no example",
                    command.name
                );
                assert!(help.contains("Exit codes"), "{}: no exit codes", command.name);
                let bogus = parser.try_get_matches_from([command.name, "--bogus"]);
                assert!(bogus.is_err(), "{}", command.name);
            }
        }
        parser().debug_assert();
    }
}
