//! What a person sees. Everything is said on stderr: stdout is cargo's, or a stable format's.

pub mod audit;
pub mod denied;
pub mod diagnostic;
pub mod difference;
pub mod explain;
pub mod libraries;
pub mod sarif;

use std::process::ExitCode;

/// Text from packages and files, made harmless for a terminal: control characters are escaped.
#[must_use]
pub fn escaped(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let harmless = !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            let escaped: Box<dyn Iterator<Item = char>> = if harmless || c == '\n' {
                Box::new(std::iter::once(c))
            } else {
                Box::new(c.escape_unicode())
            };
            escaped
        })
        .collect()
}

/// A number and what it counts: `1 build script`, `2 build scripts`, `no build scripts`.
#[must_use]
pub fn counted(count: usize, one: &str, many: &str) -> String {
    match count {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        _ => format!("{count} {many}"),
    }
}

/// A line of progress, in Cargo's manner.
#[expect(clippy::print_stderr, reason = "this module prints")]
pub fn status(line: &str) {
    eprintln!("{line}");
}

/// A status line of Inert's own: a word, right-aligned as Cargo's are, and a text.
pub fn say(word: &str, text: &str) {
    let word = format!("{word:>12}");
    let styled = if colours() { format!("\u{1b}[1;32m{word}\u{1b}[0m") } else { word };
    status(&format!("{styled} {text}"));
}

/// An error without a place in a file.
pub fn error(message: &str) {
    let word = if colours() { "\u{1b}[1;31merror\u{1b}[0m" } else { "error" };
    status(&format!("{word}: {}", escaped(message)));
}

/// An error from a process that Cargo started; Cargo shows it with the unit that it started it for.
pub fn wrapper_error(message: &str) {
    status(&format!("error: inert: {}", escaped(message)));
}

/// For somebody who types `inert`.
#[must_use]
pub fn wrapper_usage() -> ExitCode {
    status(
        "inert: a rustc wrapper, started by Cargo; the command is `cargo inert`.\n\nFor plain cargo and editors, in .cargo/config.toml:\n\n    [build]\n    rustc-wrapper = \"inert\"\n",
    );
    ExitCode::from(crate::exit::USAGE)
}

/// Whether stderr is a terminal that shows colours (`NO_COLOR` is honoured).
#[must_use]
pub fn colours() -> bool {
    use std::io::IsTerminal as _;
    static NO_COLOR: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    let off = NO_COLOR.get_or_init(|| crate::environment::Environment::capture().text("NO_COLOR").is_some());
    std::io::stderr().is_terminal() && !off
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
#[expect(clippy::print_stdout, reason = "this module prints")]
pub fn print(text: &str) {
    print!("{text}");
}

/// An answer for a machine, on stdout.
pub fn print_json(value: &impl serde::Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => print(&format!("{text}\n")),
        Err(error) => self::error(&error.to_string()),
    }
}
