//! `cargo-inert`, the command. Under the name `cargo` it is the shim of `cargo inert exec`.

use std::ffi::OsString;
use std::process::ExitCode;

use cargo_inert::cargo::toolchain_file;
use cargo_inert::commands::{self, exec, table};
use cargo_inert::driver::{Context, Failure};

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
    // Cargo starts `cargo-inert inert build` for `cargo inert build`.
    if arguments.get(1).is_some_and(|first| first == "inert") {
        arguments.remove(1);
    }
    ExitCode::from(commands::conclude(table::run(&context, &arguments)))
}
