//! Splits a field's value into tokens, and printed flags into tokens again.

use super::lines::is_space;

/// Splits a field as a shell would: blanks separate, quotes and backslashes protect. Returns `None` if a quote or a
/// trailing backslash is left open; pkgconf then ignores the field with a warning.
pub(super) fn split(value: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut escaped = false;
    for c in value.chars() {
        if escaped {
            // Inside double quotes only these are special after a backslash (POSIX).
            if quote == Some('"') && !matches!(c, '$' | '`' | '"' | '\\') {
                word.push('\\');
            }
            word.push(c);
            escaped = false;
        } else if let Some(open) = quote {
            match c {
                c if c == open => quote = None,
                '\\' if open != '\'' => escaped = true,
                c => word.push(c),
            }
        } else if is_space(c) {
            words.push(std::mem::take(&mut word));
        } else {
            match c {
                '\\' => escaped = true,
                '"' | '\'' => quote = Some(c),
                c => word.push(c),
            }
        }
    }
    if escaped || quote.is_some() {
        return None;
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    Some(words)
}

/// Joins flags that consist of two tokens.
pub(super) fn join(words: Vec<String>) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    for word in words {
        match joined.last_mut() {
            Some(flag)
                if ["-F", "-I", "-L", "-D", "-l"].contains(&flag.as_str()) && !word.starts_with('-') =>
            {
                flag.push_str(&word);
            }
            _ => joined.push(word),
        }
    }
    joined
}

/// Splits printed flags as the `pkg-config` crate does: a backslash protects the next byte, blanks separate.
#[must_use]
pub fn split_flags(output: &[u8]) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = Vec::new();
    let mut escaped = false;
    for &byte in output {
        match byte {
            _ if escaped => {
                word.push(byte);
                escaped = false;
            }
            b'\\' => escaped = true,
            b'\t' | b'\n' | b'\r' | b' ' => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            byte => word.push(byte),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words.into_iter().map(|word| String::from_utf8_lossy(&word).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting() {
        assert_eq!(
            split(r#"-I"/a b" '-DX="1"'  -l\ z "\n""#).unwrap(),
            ["-I/a b", "-DX=\"1\"", "-l z", "\\n"]
        );
        assert_eq!(split("-lx 'open"), None);
        assert_eq!(split("-lx \\"), None);
    }
}
