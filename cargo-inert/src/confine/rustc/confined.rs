//! Starts rustc and rustdoc with their grants, below this process, which supervises them.

use std::io::Write as _;

use inert_sandbox::{Access, Ended, Outcome, Program, Stream};

use super::arguments::{rewritten, unit_key};
use super::asks::Asks;
use super::private::{Private, contains};
use super::reads::grants_of;
use super::{Call, Messages};
use crate::artifacts::build_dir::BuildDir;
use crate::confine::{denied, orphans, script, variables};
use crate::environment::Environment;
use crate::plan::model::ConfinedRustc;

/// The number of bytes of messages that are kept; a macro can write any number.
const MOST_KEPT: usize = 4 << 20;

/// Compiles, and returns the exit code. With [`Messages::Kept`] nothing is written to the streams of this process.
///
/// # Errors
/// rustc cannot be confined or started, or has read a variable that it does not get.
pub fn compile(
    call: &Call<'_>,
    around: &ConfinedRustc,
    dir: &BuildDir,
    environment: &Environment,
    callers: &Environment,
    mut messages: Messages<'_>,
) -> Result<i32, String> {
    let machine = inert_sandbox::machine().map_err(|error| format!("rustc is not confined: {error}"))?;
    let rights = around.rights_of(environment);
    let mut grants = grants_of(call, around, &rights, dir, environment, callers)?;
    let (keep, pipe) = script::jobserver(environment);
    if let Some(pipe) = pipe {
        grants.add_if_there(pipe, Access::Write);
    }
    let mut private = Private::make(call.out_dir, &call.stem, &unit_key(&call.arguments))?;
    grants.variables = variables::of_rustc(environment, callers, &around.variables, &rights);
    for name in ["TMPDIR", "TMP", "TEMP", "HOME"] {
        grants.variables.insert(name.into(), private.tmp().into_os_string());
    }
    grants.add(private.out(), Access::Write);
    grants.add(private.tmp(), Access::Write);
    let asks = Asks::grant(around, &rights, dir, environment, &private.tmp(), &mut grants)?;
    let arguments = rewritten(call, &mut private, dir, &mut grants)?;
    let (program, arguments) = arguments.split_first().ok_or("no rustc is named")?;
    let started = Program {
        path: program.into(),
        arguments: arguments.to_vec(),
        keep,
        mark: orphans::mark_of(environment),
        ..Program::default()
    };
    let shown = matches!(messages, Messages::Shown);
    let mut refused = false;
    let mut take = |line: &[u8]| {
        let line = private.line(line);
        // The assembler does not say that a file is refused. Any text of the package may hold these words.
        refused |= contains(&line, b"Permission denied") || contains(&line, b"Could not find in");
        match &mut messages {
            Messages::Shown => {
                let _ = std::io::stderr().write_all(&line);
            }
            Messages::Kept(kept) if kept.len() + line.len() <= MOST_KEPT => kept.extend(line),
            Messages::Kept(_) => {}
        }
    };
    let mut ignore = |_: &[u8]| {};
    let printed = if shown { Stream::Inherit } else { Stream::Lines(&mut ignore) };
    let outcome = inert_sandbox::run(&started, &grants, &machine, printed, Stream::Lines(&mut take))
        .map_err(|error| error.message)?;
    let dep_info =
        if outcome.ended == Ended::Code(0) && call.dep_info { private.dep_info() } else { String::new() };
    let missed = variables::missed_by_rustc(&dep_info, &grants.variables, callers);
    let unanswered = asks.as_ref().map(Asks::unanswered).unwrap_or_default();
    let odd = private.publish()?;
    if refused && call.pinned && outcome.ended != Ended::Code(0) {
        crate::console::wrapper_error(&format!(
            "`{}` may be compiled from a file that lies in no package of which a digest is pinned: it failed, and what it printed \
             says that a file could not be opened\n  help: if there is such a file, move it into the package, or make it a \
             package of its own that it depends on",
            crate::file::one_line(&call.crate_name)
        ));
    }
    if shown {
        denied(&outcome, &unanswered, dir, environment);
    }
    if let Some(name) = odd.first().filter(|_| outcome.ended == Ended::Code(0)) {
        let package = environment.text("CARGO_PKG_NAME").unwrap_or_default();
        return Err(format!(
            "a macro of `{package}`, or its linker, left something else than a plain file in the place of rustc's output \
             {}; it is not taken, and the unit counts as failed",
            crate::file::one_line(&name.to_string_lossy())
        ));
    }
    if asks.is_some() && dep_info.lines().any(|line| line.starts_with("# env-dep:CARGO=")) {
        let package = environment.text("CARGO_PKG_NAME").unwrap_or_default();
        return Err(format!(
            "`{package}` asks for the path of Cargo (`env!(\"CARGO\")`), and a macro of it may start Cargo, for which CARGO names a \
             program of Inert's\n  help: in inert.toml, which gives both the real Cargo:\n\n        [[compile]]\n        \
             package = \"{package}\"\n        tools = [\"cargo\"]\n"
        ));
    }
    if let Some(name) = missed.first() {
        let package = environment.text("CARGO_PKG_NAME").unwrap_or_default();
        return Err(format!(
            "`{package}` goes by the variable {name}, which is set, and which neither rustc nor a macro sees of the caller's\n  \
             help: in inert.toml:\n\n        [[compile]]\n        package = \"{package}\"\n        env = [\"{}\"]\n",
            missed.join("\", \"")
        ));
    }
    match outcome.ended {
        Ended::Code(code) => Ok(code),
        Ended::Signal(signal) => Err(format!("rustc was ended by signal {signal}")),
        Ended::Stopped(why) => Err(format!("rustc was stopped: {why}")),
    }
}

/// Documents a crate, and returns the exit code. rustdoc writes all crates to one folder with a common index, so that a
/// macro can change the pages of other crates.
///
/// # Errors
/// rustdoc cannot be confined or started.
pub fn document(
    call: &Call<'_>,
    around: &ConfinedRustc,
    dir: &BuildDir,
    environment: &Environment,
    callers: &Environment,
) -> Result<i32, String> {
    let machine = inert_sandbox::machine().map_err(|error| format!("rustdoc is not confined: {error}"))?;
    let rights = around.rights_of(environment);
    let mut grants = grants_of(call, around, &rights, dir, environment, callers)?;
    let (keep, pipe) = script::jobserver(environment);
    if let Some(pipe) = pipe {
        grants.add_if_there(pipe, Access::Write);
    }
    let private = Private::make(&dir.inner(), &call.stem, &std::process::id().to_string())?;
    grants.variables = variables::of_rustc(environment, callers, &around.variables, &rights);
    for name in ["TMPDIR", "TMP", "TEMP", "HOME"] {
        grants.variables.insert(name.into(), private.tmp().into_os_string());
    }
    grants.add(private.tmp(), Access::Write);
    grants.add(call.out_dir, Access::Write);
    let asks = Asks::grant(around, &rights, dir, environment, &private.tmp(), &mut grants)?;
    let (program, arguments) = call.arguments.split_first().ok_or("no rustdoc is named")?;
    let started = Program {
        path: program.into(),
        arguments: arguments.to_vec(),
        keep,
        mark: orphans::mark_of(environment),
        ..Program::default()
    };
    let outcome = inert_sandbox::run(&started, &grants, &machine, Stream::Inherit, Stream::Inherit)
        .map_err(|error| error.message)?;
    let unanswered = asks.as_ref().map(Asks::unanswered).unwrap_or_default();
    denied(&outcome, &unanswered, dir, environment);
    match outcome.ended {
        Ended::Code(code) => Ok(code),
        Ended::Signal(signal) => Err(format!("rustdoc was ended by signal {signal}")),
        Ended::Stopped(why) => Err(format!("rustdoc was stopped: {why}")),
    }
}

/// Says what a compilation was denied: with its failure, or in a line at the end of the build.
fn denied(outcome: &Outcome, unanswered: &[String], dir: &BuildDir, environment: &Environment) {
    let package = environment.text("CARGO_PKG_NAME").unwrap_or_default();
    for line in denied::of_macros(outcome, unanswered, package) {
        let line = format!("a macro of `{package}` was denied {line}");
        if outcome.ended == Ended::Code(0) {
            denied::note(dir, environment, &line);
        } else {
            crate::console::wrapper_error(&line);
        }
    }
}
