//! Stands inside the fence for a program that the driver starts outside.

use std::ffi::OsString;
use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use super::CHANNEL;
use crate::environment::{Environment, current_dir};

/// Has a program started outside of the fence, and ends as it does; `arguments` are the target, the program and its arguments.
#[must_use]
pub fn main(arguments: &[OsString], environment: &Environment) -> ExitCode {
    match asked(arguments, environment) {
        Ok(answer) => match answer.split_once(' ') {
            Some(("exit", code)) => ExitCode::from(code.parse().unwrap_or(crate::exit::CARGO)),
            Some(("signal", number)) => {
                inert_sandbox::linux::end_by(number.parse().unwrap_or(9));
                ExitCode::from(crate::exit::CARGO)
            }
            _ => failed(answer.strip_prefix("refused ").unwrap_or(&answer)),
        },
        Err(why) => failed(&why),
    }
}

fn failed(why: &str) -> ExitCode {
    crate::console::wrapper_error(&format!("outside of the fence nothing was started: {why}"));
    ExitCode::from(crate::exit::CARGO)
}

fn asked(arguments: &[OsString], environment: &Environment) -> Result<String, String> {
    let number = environment.text(CHANNEL).and_then(|text| text.parse::<i32>().ok());
    let number = number.ok_or("this is started by a fenced `cargo inert` alone")?;
    let io = |error: std::io::Error| error.to_string();
    let mut text = Vec::new();
    let mut field = |bytes: &[u8]| {
        text.extend_from_slice(bytes);
        text.push(0);
    };
    field(current_dir().map_err(io)?.as_os_str().as_encoded_bytes());
    field(arguments.len().to_string().as_bytes());
    arguments.iter().for_each(|argument| field(argument.as_encoded_bytes()));
    text.extend(environment.to_bytes());
    let folder = environment.get("TMPDIR").map(PathBuf::from).ok_or("TMPDIR is not set")?;
    let path = folder.join(crate::random::nonce().map_err(io)?);
    let written = File::create_new(&path).and_then(|mut file| file.write_all(&text));
    let file = written.and_then(|()| File::open(&path));
    let _ = std::fs::remove_file(&path);
    inert_sandbox::linux::ask(number, &file.map_err(io)?).map_err(io)
}
