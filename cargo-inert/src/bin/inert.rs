//! `inert`: the rustc wrapper, the program that a stand-in becomes, and the test of confinement. Users do not call it.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

#[cfg(target_os = "linux")]
use cargo_inert::confine::outer;
use cargo_inert::confine::{apart, available, locate};
use cargo_inert::environment::Environment;

fn main() -> ExitCode {
    let mut all = std::env::args_os();
    let own = all.next().map(PathBuf::from).unwrap_or_default();
    let mut arguments: Vec<OsString> = all.collect();
    if own.file_stem().is_some_and(|name| name == "rustdoc") {
        return cargo_inert::wrapper::rustdoc::main(&own, &arguments).unwrap_or_else(|message| {
            cargo_inert::console::wrapper_error(&message);
            ExitCode::from(cargo_inert::exit::DENIED)
        });
    }
    if own.file_stem().is_some_and(|name| name == locate::NAME) {
        return locate::main(&arguments, &Environment::capture());
    }
    match arguments.first() {
        Some(first) if first == cargo_inert::stand_in::launch::MARK => {
            arguments.remove(0);
            cargo_inert::stand_in::main(arguments)
        }
        Some(first) if first == available::PROBE => told(available::probe(&second(&arguments))),
        Some(first) if first == available::PROBED => told(available::probed(&second(&arguments))),
        #[cfg(target_os = "linux")]
        Some(first) if first == outer::OUTSIDE => {
            arguments.remove(0);
            outer::runner::main(&arguments, &Environment::capture())
        }
        Some(first) if first == apart::APART => told(apart::main(&second(&arguments))),
        Some(_) => cargo_inert::wrapper::main(&arguments).unwrap_or_else(|failure| {
            cargo_inert::console::wrapper_error(&cargo_inert::report::refusal::of_wrapper(&failure));
            ExitCode::from(cargo_inert::exit::DENIED)
        }),
        None => cargo_inert::report::wrapper_usage(),
    }
}

fn second(arguments: &[OsString]) -> PathBuf {
    arguments.get(1).map(PathBuf::from).unwrap_or_default()
}

fn told(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            cargo_inert::console::wrapper_error(&message);
            ExitCode::FAILURE
        }
    }
}
