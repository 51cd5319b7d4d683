//! Reads the files that a compiler read, from the make rule that `-MD` writes.

use std::path::PathBuf;

/// Returns the prerequisites of the first rule.
#[must_use]
pub fn parse(text: &str) -> Vec<PathBuf> {
    let joined = text.replace("\\\r\n", " ").replace("\\\n", " ");
    let rule = joined.lines().next().unwrap_or_default();
    // In `C:\x.o: dep`, the colon that ends the target is followed by a space.
    let Some((_, prerequisites)) = rule.split_once(": ") else { return Vec::new() };
    let mut paths = Vec::new();
    let mut path = String::new();
    let mut characters = prerequisites.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if matches!(characters.peek(), Some(' ' | '#' | '\\')) => path.extend(characters.next()),
            '$' if characters.peek() == Some(&'$') => path.extend(characters.next()),
            c if c.is_whitespace() => paths.push(std::mem::take(&mut path)),
            c => path.push(c),
        }
    }
    paths.push(path);
    paths.into_iter().filter(|path| !path.is_empty()).map(PathBuf::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn continued_lines_and_escapes() {
        let text = "a/b.o: src/a.c /usr/include/x.h \\\n my\\ header.h dollar$$.h\n";
        let expected: Vec<PathBuf> =
            ["src/a.c", "/usr/include/x.h", "my header.h", "dollar$.h"].iter().map(PathBuf::from).collect();
        assert_eq!(parse(text), expected);
        assert_eq!(parse(""), Vec::<PathBuf>::new());
    }
}
