//! What every layer may say on stderr while it works: progress, and errors of processes that Cargo started. Answers and
//! refusals are for `report/`.

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

/// A line of progress, in Cargo's manner. Where nobody listens any more nothing is said.
pub fn status(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// A status line of Inert's own: a word, right-aligned as Cargo's are, and a text. Not with `--quiet`.
pub fn say(word: &str, text: &str) {
    if SHOWN.get().is_some_and(|shown| shown.quiet) {
        return;
    }
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

/// What the command line says of what is shown: `--color`, and `--quiet`. Said once, before anything is shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shown {
    /// `--color=always` and `never`; `None` goes by the terminal.
    pub colours: Option<bool>,
    /// No lines of progress.
    pub quiet: bool,
}

static SHOWN: std::sync::OnceLock<Shown> = std::sync::OnceLock::new();

/// Sets what is shown in this process; the first word holds.
pub fn show(shown: Shown) {
    let _ = SHOWN.set(shown);
}

/// Whether stderr shows colours: by `--color`, else where it is a terminal and `NO_COLOR` is not set.
#[must_use]
pub fn colours() -> bool {
    use std::io::IsTerminal as _;
    static NO_COLOR: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    if let Some(colours) = SHOWN.get().and_then(|shown| shown.colours) {
        return colours;
    }
    let off = NO_COLOR.get_or_init(|| crate::environment::Environment::capture().text("NO_COLOR").is_some());
    std::io::stderr().is_terminal() && !off
}
