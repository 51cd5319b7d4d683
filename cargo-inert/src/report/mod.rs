//! The output for the user. Messages go to stderr: stdout is for Cargo's output and for stable formats.

pub mod advisories;
pub mod audit;
pub mod codes;
pub mod denied;
pub mod diagnostic;
pub mod difference;
pub mod explain;
pub mod export;
pub mod fence;
pub mod html;
pub mod libraries;
pub mod refusal;
pub mod sarif;
pub mod sbom;
pub mod targets;
pub mod uses;

use std::process::ExitCode;

pub use crate::console::{colours, error, escaped, say, status, warn, wrapper_error};

/// Formats a count with its noun: `1 build script`, `2 build scripts`, `no build scripts`.
#[must_use]
pub fn counted(count: usize, one: &str, many: &str) -> String {
    match count {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        _ => format!("{count} {many}"),
    }
}

/// Prints the usage of `inert`, for a user who starts it by hand.
#[must_use]
pub fn wrapper_usage() -> ExitCode {
    status(
        "inert: a rustc wrapper, started by Cargo; the command is `cargo inert`.\n\nFor plain cargo and editors, in .cargo/config.toml:\n\n    [build]\n    rustc-wrapper = \"inert\"\n",
    );
    ExitCode::from(crate::exit::USAGE)
}

/// Replaces control characters by spaces, as [`escaped`] does but without changing byte offsets, so that spans remain
/// valid.
#[must_use]
pub fn escaped_keeping_offsets(text: &str) -> String {
    text.chars()
        .map(
            |c| if c.is_control() && !matches!(c, '\n' | '\r' | '\t') && c.len_utf8() == 1 { ' ' } else { c },
        )
        .collect()
}

/// Prints text for the user on stdout.
///
/// A reader that stops early (`| head`) is no error and does not change the command's result. If the text cannot be
/// written for another reason (a full disk), the process ends, since half of the output would mislead.
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

/// Prints JSON for a program on stdout.
pub fn print_json(value: &impl serde::Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => print(&format!("{text}\n")),
        Err(failure) => error(&failure.to_string()),
    }
}
