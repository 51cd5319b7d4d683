//! Runs a program with the grants named on the command line: for tests, and to try a profile by hand.
//!
//! `inert-confine [--list PATH] [--read PATH] [--execute PATH] [--write PATH] [--write-execute PATH] [--set NAME=VALUE] [--env NAME] [--no-spawn]
//! [--network] [--keep FD] [--abi N] [--no-listener] [--only landlock|filter] [--processes N] [--file BYTES] [--written BYTES]
//! [--seconds N] [--become] -- PROGRAM [ARGUMENTS]`; a path with `?` at its end need not be there.
#![allow(clippy::print_stderr, clippy::print_stdout, reason = "a program for tests")]

use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    match confine() {
        Ok(code) => ExitCode::from(code),
        Err(message) => {
            eprintln!("inert-confine: {message}");
            ExitCode::from(125)
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn confine() -> Result<u8, String> {
    let _ = OsString::new();
    Err("Linux alone".to_owned())
}

#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "the one place of this program")]
fn confine() -> Result<u8, String> {
    use std::io::Write as _;
    use std::time::Duration;

    use inert_sandbox::{Access, Ended, Grants, Processes, Program, Stream, linux::Half};

    let mut grants = Grants { processes: Processes::Any, ..Grants::default() };
    let mut program = Program::default();
    let mut machine = inert_sandbox::machine().map_err(|error| format!("{error} ({})", error.needs))?;
    let mut becomes = false;
    let mut arguments = std::env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        let name = argument.to_string_lossy().into_owned();
        let mut value = || arguments.next().ok_or(format!("{name} takes a value"));
        let number =
            |value: OsString| value.to_string_lossy().parse::<u64>().map_err(|error| error.to_string());
        let access = match &*name {
            "--list" => Some(Access::List),
            "--read" => Some(Access::Read),
            "--execute" => Some(Access::Execute),
            "--write" => Some(Access::Write),
            "--write-execute" => Some(Access::WriteExecute),
            _ => None,
        };
        if let Some(access) = access {
            let path = value()?.to_string_lossy().into_owned();
            match path.strip_suffix('?') {
                Some(path) => grants.add_if_there(path, access),
                None => grants.add(path, access),
            }
            continue;
        }
        match &*name {
            "--set" => {
                let pair = value()?.to_string_lossy().into_owned();
                let (name, value) = pair.split_once('=').ok_or("--set takes NAME=VALUE")?;
                grants.variables.insert(name.into(), value.into());
            }
            "--env" => {
                let name = value()?;
                if let Some(value) = std::env::var_os(&name) {
                    grants.variables.insert(name, value);
                }
            }
            "--no-spawn" => grants.processes = Processes::None,
            "--network" => grants.network = true,
            "--keep" => program.keep.push(number(value()?)? as i32),
            "--abi" => machine.abi = machine.abi.min(number(value()?)? as u32),
            "--no-listener" => machine.listener = false,
            "--only" => {
                machine.only = Some(if value()? == "landlock" { Half::Landlock } else { Half::Filter })
            }
            "--processes" => grants.limits.processes = Some(number(value()?)? as u32),
            "--file" => grants.limits.file = Some(number(value()?)?),
            "--written" => grants.limits.written = Some(number(value()?)?),
            "--seconds" => grants.limits.time = Some(Duration::from_secs(number(value()?)?)),
            "--watch" => program.watch = true,
            "--become" => becomes = true,
            "--" => break,
            _ => return Err(format!("{name}?")),
        }
    }
    program.path = arguments.next().ok_or("no program is named")?.into();
    program.arguments = arguments.collect();
    if becomes {
        return Err(inert_sandbox::become_program(&program, &grants, &machine).to_string());
    }
    let outcome = inert_sandbox::run(&program, &grants, &machine, Stream::Keep(1 << 26), Stream::Inherit)
        .map_err(|error| error.to_string())?;
    let _ = std::io::stdout().write_all(&outcome.stdout);
    for denial in &outcome.denials {
        eprintln!("inert-confine: denied {denial}");
    }
    if outcome.left_behind > 0 {
        eprintln!("inert-confine: ended {} processes", outcome.left_behind);
    }
    Ok(match outcome.ended {
        Ended::Code(code) => code as u8,
        Ended::Signal(signal) => {
            eprintln!("inert-confine: ended by signal {signal}");
            128 + signal as u8
        }
        Ended::Stopped(why) => {
            eprintln!("inert-confine: stopped: {why}");
            124
        }
    })
}
