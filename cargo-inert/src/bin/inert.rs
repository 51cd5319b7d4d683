//! `inert`: the rustc wrapper, and what a stand-in becomes. Not for typing.

use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    match arguments.first() {
        Some(first) if first == cargo_inert::stand_in::launch::MARK => {
            arguments.remove(0);
            cargo_inert::stand_in::main(arguments)
        }
        Some(_) => cargo_inert::wrapper::main(arguments),
        None => cargo_inert::report::wrapper_usage(),
    }
}
