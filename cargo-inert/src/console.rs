//! Output on stderr that every layer may produce: progress, and errors of processes that Cargo started. Results and
//! refusals are printed by `report/`.

/// Escapes control characters in text from packages and files, so that it is harmless for a terminal.
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

/// Prints a line of progress to stderr; an error, such as a closed pipe, is ignored.
pub fn status(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Prints a status line in Cargo's style: a verb, right-aligned, and a text. Nothing is printed with `--quiet`.
pub fn say(word: &str, text: &str) {
    if SHOWN.get().is_some_and(|shown| shown.quiet) {
        return;
    }
    line(word, text);
}

/// Prints a warning, even with `--quiet`.
pub fn warn(text: &str) {
    line("Warning", text);
}

fn line(word: &str, text: &str) {
    let word = format!("{word:>12}");
    let styled = if colours() { format!("\u{1b}[1;32m{word}\u{1b}[0m") } else { word };
    status(&format!("{styled} {text}"));
}

/// Prints an error that has no location in a file.
pub fn error(message: &str) {
    let word = if colours() { "\u{1b}[1;31merror\u{1b}[0m" } else { "error" };
    status(&format!("{word}: {}", escaped(message)));
}

/// Prints an error of a process that Cargo started; Cargo shows it with the unit.
pub fn wrapper_error(message: &str) {
    status(&format!("error: inert: {}", escaped(message)));
}

/// The settings for output from the command line: `--color` and `--quiet`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shown {
    /// True for `--color=always`, false for `never`; `None` depends on the terminal.
    pub colours: Option<bool>,
    /// True if progress is not shown.
    pub quiet: bool,
}

static SHOWN: std::sync::OnceLock<Shown> = std::sync::OnceLock::new();

/// Sets the settings for output in this process; only the first call has an effect.
pub fn show(shown: Shown) {
    let _ = SHOWN.set(shown);
}

/// Returns whether stderr shows colours: by `--color`, else if it is a terminal and `NO_COLOR` is not set.
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

/// The time after which progress is shown.
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(700);

/// Shows the progress of work with a known number of steps. On a terminal one line is updated, and removed at the end;
/// elsewhere one line is printed.
#[derive(Debug)]
pub struct Progress {
    word: &'static str,
    noun: &'static str,
    total: usize,
    done: usize,
    started: std::time::Instant,
    said: bool,
}

impl Progress {
    /// Starts the work: `word` is the verb of the line ("Reading"), `noun` names the counted items ("build scripts").
    #[must_use]
    pub fn new(word: &'static str, noun: &'static str, total: usize) -> Self {
        Self { word, noun, total, done: 0, started: std::time::Instant::now(), said: false }
    }

    /// Counts the next step, which is about `name`, and shows the progress.
    pub fn step(&mut self, name: &str) {
        use std::io::{IsTerminal as _, Write as _};
        self.done += 1;
        if self.started.elapsed() < PATIENCE || SHOWN.get().is_some_and(|shown| shown.quiet) {
            return;
        }
        if std::io::stderr().is_terminal() {
            let word = format!("{:>12}", self.word);
            let styled = if colours() { format!("\u{1b}[1;36m{word}\u{1b}[0m") } else { word };
            let name: String = escaped(name).replace('\n', " ").chars().take(40).collect();
            let line = format!("\r\u{1b}[K{styled} {} {}/{}: {name}", self.noun, self.done, self.total);
            let _ = std::io::stderr().lock().write_all(line.as_bytes());
        } else if !self.said {
            say(self.word, &format!("{} {}", self.total, self.noun));
        }
        self.said = true;
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        use std::io::{IsTerminal as _, Write as _};
        if self.said && std::io::stderr().is_terminal() {
            let _ = std::io::stderr().lock().write_all(b"\r\x1b[K");
        }
    }
}
