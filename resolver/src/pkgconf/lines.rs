//! The logical lines of a `.pc` or `.personality` file.

/// Splits text into logical lines: a backslash before a line's end continues it (blanks that follow are dropped),
/// `#` begins a comment, `\#` is a hash sign, any other backslash is kept. Line ends are LF, CRLF or CR.
///
/// Bytes that are not UTF-8 become U+FFFD, so that a Latin-1 comment is harmless and a flag that holds one can be
/// refused. A NUL ends its line, as in the C original.
pub(super) fn logical(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = Vec::new();
    let mut rest = &*text;
    while !rest.is_empty() {
        // Most lines need no interpretation.
        let end = rest.find(['\n', '\r', '\\', '#', '\0']).unwrap_or(rest.len());
        if matches!(rest.as_bytes().get(end), None | Some(b'\n')) {
            lines.push(rest[..end].to_owned());
            rest = rest.get(end + 1..).unwrap_or_default();
            continue;
        }
        let mut chars = rest.char_indices().peekable();
        lines.push(next_line(&mut chars));
        rest = chars.peek().map_or("", |(next, _)| &rest[*next..]);
    }
    lines
}

fn next_line(chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>) -> String {
    let mut line = String::new();
    let mut escaped = false;
    while let Some((_, c)) = chars.next() {
        match c {
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            '#' if escaped => line.push('#'),
            '#' => {
                while chars.next().is_some_and(|(_, c)| c != '\n') {}
                break;
            }
            '\n' if escaped => while chars.next_if(|(_, c)| matches!(c, ' ' | '\t')).is_some() {},
            '\n' => break,
            '\r' => {
                let crlf = chars.next_if(|(_, c)| *c == '\n').is_some();
                if !escaped {
                    break;
                }
                // pkgconf keeps the newline in the value, where it counts as white space.
                line.push('\n');
                let _ = crlf;
            }
            _ => {
                if escaped {
                    line.push('\\');
                }
                line.push(c);
            }
        }
        escaped = false;
    }
    if let Some(end) = line.find('\0') {
        line.truncate(end);
    }
    line
}

/// Splits a logical line into key, operator (`:` or `=`, or whatever character is there) and value, trimmed;
/// returns `None` if it has no key.
pub(super) fn key_value(line: &str) -> Option<(&str, char, &str)> {
    let line = line.trim_start_matches(is_space);
    if !line.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.')).unwrap_or(line.len());
    let (key, rest) = line.split_at(end);
    let rest = rest.trim_start_matches(is_space);
    let operator = rest.chars().next()?;
    Some((key, operator, rest[operator.len_utf8()..].trim_matches(is_space)))
}

/// Returns whether a character is white space by C's `isspace` in the C locale.
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn continuations_comments_and_ends() {
        let text = b"a: b \\\n   c # note\nd=e\\#f\\g\r\nh: \\\r\ni\rj\\\\k # x";
        assert_eq!(logical(text), ["a: b c ", "d=e#f\\g", "h: \ni", "j\\\\k "]);
    }

    #[test]
    fn keys() {
        assert_eq!(key_value(" Libs.private :  -lz "), Some(("Libs.private", ':', "-lz")));
        assert_eq!(key_value("prefix=/usr"), Some(("prefix", '=', "/usr")));
        assert_eq!(key_value("_x=1"), None);
        assert_eq!(key_value("lonely"), None);
        assert_eq!(key_value("é: x"), None);
    }
}
