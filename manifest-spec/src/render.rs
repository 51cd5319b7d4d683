//! Renders diagnostics as plain text, for callers without a renderer of their own: the shim, tests, logs.

use std::fmt::Write as _;

use crate::{Diagnostic, Severity};

/// The greatest length of a shown line, in bytes; longer lines are cut around the span.
const MAX_LINE: usize = 120;

/// Renders one diagnostic: message, place, the line with the span marked, help. `file` is the shown name of the
/// text.
#[must_use]
pub fn plain(diagnostic: &Diagnostic, file: &str, text: &str) -> String {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut out = format!("{severity}[{}]: {}\n", diagnostic.code, diagnostic.message);
    let start = floor(text, diagnostic.span.start);
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let number = text[..start].matches('\n').count() + 1;
    let column = text[line_start..start].chars().count() + 1;
    let _ = writeln!(out, "  --> {file}:{number}:{column}");
    let from = if start - line_start > MAX_LINE / 2 { floor(text, start - MAX_LINE / 2) } else { line_start };
    let line = floor(text, line_end.min(from + MAX_LINE));
    let shown: String = text[from..line].chars().map(|c| if is_printable(c) { c } else { ' ' }).collect();
    let end = floor(text, diagnostic.span.end).clamp(start, line.max(start));
    let gutter = " ".repeat(number.to_string().len());
    let _ = writeln!(out, "{gutter} |\n{number} | {}", shown.trim_end());
    let indent = " ".repeat(text[from..start].chars().count());
    let carets = "^".repeat(text[start..end].chars().count().max(1));
    let marked = format!("{indent}{carets} {}", diagnostic.label);
    let _ = writeln!(out, "{gutter} | {}", marked.trim_end());
    if let Some(help) = &diagnostic.help {
        let _ = writeln!(out, "{gutter} = help: {help}");
    }
    out
}

/// Prepares text from a package for display within a line: characters that a terminal would act on are escaped, and
/// long text is cut.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for (index, c) in text.chars().enumerate() {
        match c {
            _ if index == 80 => {
                escaped.push('…');
                break;
            }
            c if is_printable(c) => escaped.push(c),
            c => escaped.extend(c.escape_debug()),
        }
    }
    escaped
}

/// Returns whether `c` is neither a control character nor one that reorders or hides its neighbours.
fn is_printable(c: char) -> bool {
    matches!(c, '"' | '\'' | '\\') || c.escape_debug().len() == 1
}

/// Returns the last character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
