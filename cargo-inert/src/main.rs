//! `cargo-inert`: the command. Under the name `cargo` it is the shim of `cargo inert exec`.

use std::ffi::OsString;
use std::process::ExitCode;

use cargo_inert::cargo::toolchain_file;
use cargo_inert::commands::{
    self, Outcome, audit, build, clean, exec, explain, init, install, lint, lock, migrate, review, verify,
};
use cargo_inert::driver::{Context, Failure};
use clap::{Arg, ArgAction, Command, value_parser};

const ABOUT: &str = "Builds in which no undecided build script is compiled or run.

Every build script of the graph is decided before Cargo starts: replaced by what its package declares (or what can be \
derived from its source), run because inert.toml allows it, or refused.";

const AFTER: &str = "Flags of Inert's own, for every command that builds:
  --deny-build-scripts[=dependencies|all]  Not even allowed scripts run (INERT_DENY_BUILD_SCRIPTS does the same)
  --policy <FILE>                          A policy that the workspace's inert.toml cannot weaken (so does INERT_POLICY)

All other arguments are Cargo's own and pass through.

Exit codes: 0 done, 1 denied or undecided, 2 bad usage or bad declaration, 101 Cargo's own failure.

Start with `cargo inert audit`.";

fn main() -> ExitCode {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    if let Some(code) = cargo_inert::verify::shim::answer(&arguments) {
        return code;
    }
    let context = match Context::capture() {
        Ok(context) => context,
        Err(error) => {
            return ExitCode::from(commands::conclude(Err(Failure::Io(
                "the current folder".to_owned(),
                error,
            ))));
        }
    };
    if let Some(why) = toolchain_file::objection(&context.cwd, &context.environment) {
        return ExitCode::from(commands::conclude(Err(Failure::Refused(why))));
    }
    if exec::is_shim(&arguments) {
        return ExitCode::from(commands::conclude(exec::shim(&context, &arguments[1..])));
    }
    // `cargo inert build` starts `cargo-inert inert build`.
    if arguments.get(1).is_some_and(|first| first == "inert") {
        arguments.remove(1);
    }
    let parser = parser();
    // What follows a subcommand is Cargo's, `--` included, which clap would take for itself.
    let named = arguments.get(1).and_then(|name| name.to_str()).and_then(|name| parser.find_subcommand(name));
    if let Some(name) = named.map(|sub| sub.get_name().to_owned()) {
        return ExitCode::from(commands::conclude(dispatch(&context, &name, &arguments[2..])));
    }
    match parser.try_get_matches_from(arguments) {
        Ok(_) => ExitCode::from(cargo_inert::exit::USAGE),
        Err(error) => {
            let _ = error.print();
            ExitCode::from(if error.use_stderr() {
                cargo_inert::exit::USAGE
            } else {
                cargo_inert::exit::DONE
            })
        }
    }
}

fn dispatch(context: &Context, name: &str, rest: &[OsString]) -> Outcome {
    match name {
        "audit" => audit::run(context, rest),
        "clean" => clean::run(context, rest),
        "exec" => exec::run(context, rest),
        "init" => init::run(context, rest),
        "install" => install::run(context, rest),
        "lint" => lint::run(context, rest),
        "lock" => lock::run(context, rest),
        "explain" => explain::run(context, rest),
        "migrate" => migrate::run(context, rest),
        "review" => review::run(context, rest),
        "verify" => verify::run(context, rest),
        name => build::run(context, name, rest),
    }
}

fn parser() -> Command {
    let mut parser = Command::new("cargo inert")
        .bin_name("cargo inert")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT)
        .after_help(AFTER)
        .subcommand_required(true)
        .arg_required_else_help(true);
    for (name, about) in build::COMMANDS {
        parser = parser.subcommand(passing(name, about));
    }
    parser
        .subcommand(passing(
            "install",
            "Build and install a binary from a registry, a git repository or a folder",
        ))
        .subcommand(
            passing("fix", "Refused: Cargo compiles the packages it fixes without asking a wrapper")
                .hide(true),
        )
        .subcommand(passing(
            "exec",
            "Run any command that calls cargo (nextest, llvm-cov): cargo inert exec -- <command>",
        ))
        .subcommand(passing(
            "audit",
            "Show every build script and its decision; --format human|json|sarif; --diff",
        ))
        .subcommand(passing(
            "explain",
            "Say what was tried for a package or library, what was chosen, and who asked",
        ))
        .subcommand(passing(
            "migrate",
            "Turn build.rs into a declaration; --dependencies: what can be derived",
        ))
        .subcommand(passing(
            "lint",
            "Check declarations before they are published; --resolve shows what they say",
        ))
        .subcommand(passing("verify", "Compare stand-ins with the build scripts that they stand for"))
        .subcommand(passing("review", "Walk through what is undecided, and decide it"))
        .subcommand(passing("init", "Set a workspace up; --baseline allows what exists today"))
        .subcommand(passing("lock", "Write inert.lock: what decides each build script of Cargo.lock"))
        .subcommand(passing("clean", "Remove Inert's build dir"))
}

/// A subcommand whose arguments are Cargo's.
fn passing(name: &'static str, about: &'static str) -> Command {
    Command::new(name).about(about).disable_help_flag(true).arg(
        Arg::new("arguments")
            .action(ArgAction::Append)
            .num_args(0..)
            .trailing_var_arg(true)
            .allow_hyphen_values(true)
            .value_parser(value_parser!(OsString)),
    )
}
