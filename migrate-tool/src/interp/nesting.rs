//! Bounds the nesting of a source before it is parsed: the parser recurses, and a stack overflow would end the process.
//!
//! Brackets nest, and so does each operator and some keywords until the end of the surrounding construct: `- - -1`, `a
//! = b = c`, `A<A<A<u8>>>`. They are counted for each open bracket up to the next `,` or `;` in it (for `<` up to the
//! next `;`). The number of those that are open at once is limited.

/// The maximum nesting of brackets.
const MAX_BRACKETS: usize = 200;
/// The maximum number of operators and keywords that are open at once.
const MAX_OPERATORS: usize = 4_000;
/// The maximum number of `<` that are open at once. It is high, since many are comparisons and shifts.
const MAX_ANGLES: usize = 16_000;

/// The number of operators and `<` that are open in one bracket.
#[derive(Debug, Clone, Copy, Default)]
struct Level {
    operators: usize,
    angles: usize,
}

/// Returns whether the parser would recurse too deeply.
pub(super) fn too_deep(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut levels = vec![Level::default()];
    // The sums over all levels.
    let mut open = Level::default();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if let Some(length) = skipped(&bytes[at..]) {
            at += length;
            continue;
        }
        let length = word(&bytes[at..]);
        let Some(level) = levels.last_mut() else { return true };
        match byte {
            _ if length > 0 => {
                let keyword = matches!(
                    &bytes[at..at + length],
                    b"return"
                        | b"break"
                        | b"as"
                        | b"else"
                        | b"fn"
                        | b"dyn"
                        | b"impl"
                        | b"move"
                        | b"yield"
                        | b"for"
                );
                level.operators += usize::from(keyword);
                open.operators += usize::from(keyword);
                at += length;
                continue;
            }
            b'(' | b'[' | b'{' => levels.push(Level::default()),
            b')' | b']' | b'}' => {
                if levels.len() > 1 {
                    let closed = levels.pop().unwrap_or_default();
                    open.operators -= closed.operators;
                    open.angles -= closed.angles;
                }
                // A block ends a statement, unless the expression continues after it.
                if *byte == b'}' && !chained(&bytes[at + 1..]) {
                    reset(&mut levels, &mut open, true);
                }
            }
            b';' => reset(&mut levels, &mut open, true),
            b',' => reset(&mut levels, &mut open, false),
            b'<' => {
                level.angles += 1;
                open.angles += 1;
            }
            byte if byte.is_ascii_punctuation() && !matches!(byte, b'#' | b'\'' | b'"' | b'_') => {
                level.operators += 1;
                open.operators += 1;
            }
            _ => {}
        }
        if levels.len() > MAX_BRACKETS || open.operators > MAX_OPERATORS || open.angles > MAX_ANGLES {
            return true;
        }
        at += 1;
    }
    false
}

/// Ends the constructs in the innermost bracket.
fn reset(levels: &mut [Level], open: &mut Level, angles: bool) {
    if let Some(level) = levels.last_mut() {
        open.operators -= level.operators;
        level.operators = 0;
        if angles {
            open.angles -= level.angles;
            level.angles = 0;
        }
    }
}

/// Returns whether an expression continues after its block: `} else`, `}.method()`, `} + 1`.
fn chained(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii_start();
    rest.starts_with(b"else") || rest.first().is_some_and(|byte| b".?=|&+-*/<>".contains(byte))
}

/// Returns the length of the identifier, keyword or number at the beginning.
fn word(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_' || **byte >= 0x80).count()
}

/// Returns the length of the comment, string or character literal at the beginning.
fn skipped(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'/', b'/', ..] => Some(bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len())),
        [b'/', b'*', ..] => {
            let (mut depth, mut at) = (0_usize, 0);
            while at < bytes.len() {
                match bytes[at..] {
                    [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
                    [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
                    _ => at += 1,
                }
                if depth == 0 {
                    break;
                }
            }
            Some(at)
        }
        [b'"', rest @ ..] => Some(2 + text_length(rest)),
        [b'r', rest @ ..] => {
            let hashes = rest.iter().take_while(|byte| **byte == b'#').count();
            if rest.get(hashes) != Some(&b'"') {
                return None;
            }
            let close: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
            let start = 2 + hashes;
            let end = bytes[start..].windows(close.len()).position(|window| window == close);
            Some(end.map_or(bytes.len(), |end| start + end + close.len()))
        }
        [b'\'', b'\\', rest @ ..] => {
            let end = rest.iter().skip(1).position(|byte| *byte == b'\'').unwrap_or(rest.len());
            Some((4 + end).min(bytes.len()))
        }
        // A character literal; without a closing quote it is a lifetime.
        [b'\'', first, ..] => {
            let length = match first {
                0..0x80 => 1,
                0x80..0xe0 => 2,
                0xe0..0xf0 => 3,
                _ => 4,
            };
            (bytes.get(1 + length) == Some(&b'\'')).then_some(2 + length)
        }
        _ => None,
    }
}

/// Returns the length of a string up to its closing quote.
fn text_length(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::too_deep;

    #[test]
    fn what_nests_by_other_means_than_brackets() {
        for (before, again, after) in [
            ("let x = ", "!", "true;"),
            ("let x = ", "-", "1;"),
            ("", "a = ", "1;"),
            ("", "return ", ";"),
            ("let x = 1", " as u8", ";"),
            ("let x = ", "|a| ", "1;"),
            ("let x: ", "Vec<", "u8;"),
            ("let x: ", "A<[u8; 1], ", "u8;"),
            ("let x: ", "fn() -> ", "u8;"),
            ("let x = a", "?", ";"),
            ("if a {} ", "else if a {} ", ""),
            ("let x = ", "(-", "1;"),
        ] {
            let body = |count: usize| format!("fn main() {{ {before}{}{after} }}", again.repeat(count));
            assert!(too_deep(&body(20_000)), "{again}");
            assert!(!too_deep(&body(20)), "{again}");
        }
    }

    #[test]
    fn what_is_long_and_does_not_nest() {
        let long = "// = = = { { { -----------\n".repeat(5_000)
            + "/* {{{ /* ((( */ */ const A: &[&str] = &["
            + &"\"--{{((\", r#\"\"{{\"#, ".repeat(20_000)
            + "];"
            + "fn f<'a>(c: char) { let x = '{' == c && '\\'' != c; if x { g(1 << 2); } }\n"
                .repeat(5_000)
                .as_str();
        assert!(!too_deep(&long));
    }
}
