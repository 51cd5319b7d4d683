//! What a person sees. Everything is said on stderr: stdout is cargo's, or a stable format's.

pub mod audit;
pub mod codes;
pub mod denied;
pub mod diagnostic;
pub mod difference;
pub mod explain;
pub mod libraries;
pub mod refusal;
pub mod sarif;

use std::process::ExitCode;

pub use crate::console::{colours, error, escaped, say, status, wrapper_error};

/// A number and what it counts: `1 build script`, `2 build scripts`, `no build scripts`.
#[must_use]
pub fn counted(count: usize, one: &str, many: &str) -> String {
    match count {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        _ => format!("{count} {many}"),
    }
}

/// For somebody who types `inert`.
#[must_use]
pub fn wrapper_usage() -> ExitCode {
    status(
        "inert: a rustc wrapper, started by Cargo; the command is `cargo inert`.\n\nFor plain cargo and editors, in .cargo/config.toml:\n\n    [build]\n    rustc-wrapper = \"inert\"\n",
    );
    ExitCode::from(crate::exit::USAGE)
}

/// As [`escaped`], every byte in its place: control characters become spaces, so that spans still point right.
#[must_use]
pub fn escaped_keeping_offsets(text: &str) -> String {
    text.chars()
        .map(
            |c| if c.is_control() && !matches!(c, '\n' | '\r' | '\t') && c.len_utf8() == 1 { ' ' } else { c },
        )
        .collect()
}

/// An answer for a person, on stdout.
///
/// Whoever reads no further (`| head`) has what they want, and what the command has found does not change by that. An
/// answer that cannot be written otherwise (a full disk) ends the command: half of one is none.
pub fn print(text: &str) {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(failure) if failure.kind() != std::io::ErrorKind::BrokenPipe => {
            error(&format!("standard output: {failure}"));
            std::process::exit(i32::from(crate::exit::CARGO));
        }
        _ => {}
    }
}

/// An answer for a machine, on stdout.
pub fn print_json(value: &impl serde::Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => print(&format!("{text}\n")),
        Err(failure) => error(&failure.to_string()),
    }
}
