//! The facts about files that compilers read, each file examined once per process.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Store;
use crate::sha256;

/// The facts that this process has found.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    files: HashMap<PathBuf, (Stamp, Arc<FileFacts>)>,
    pub(super) shadows: super::shadows::Shadows,
}

/// The fields of `stat` that change when a file is replaced or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    device: u64,
    inode: u64,
    length: u64,
    /// The later of modification and, on Unix, change, in nanoseconds: the first can be set to any time.
    pub(crate) changed: u128,
    modified: u128,
}

/// The facts about a file's content.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct FileFacts {
    pub(crate) digest: String,
    /// The names of headers whose existence the file asks for: `__has_include(<name>)`.
    pub(crate) asked: Vec<String>,
    /// The names in parentheses, `(<name>)`, which a macro that stands for `__has_include` may be given.
    pub(crate) may_ask: Vec<String>,
    /// True if a macro is given the meaning of `__has_include`.
    pub(crate) aliases: bool,
    /// True if its meaning is not a function of files: the time of the compilation, or a question whose text is not known.
    pub(crate) varies: bool,
    /// True if it may have an assembler read a file: the word `incbin` or `.include` occurs, in letters of either case.
    pub(crate) assembles_files: bool,
}

impl Store {
    /// Returns the facts about a file, and its stamp; `None` if it cannot be read.
    pub(crate) fn facts(&self, path: &Path) -> Option<(Stamp, Arc<FileFacts>)> {
        let stamp = Stamp::of(path)?;
        {
            let seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if let Some((known, facts)) = seen.files.get(path)
                && *known == stamp
            {
                return Some((stamp, Arc::clone(facts)));
            }
        }
        // The stamp was taken first: if the file is written meanwhile, the stamp no longer matches.
        let facts = Arc::new(FileFacts::of(&std::fs::read(path).ok()?));
        let mut seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        seen.files.insert(path.to_path_buf(), (stamp, Arc::clone(&facts)));
        Some((stamp, facts))
    }
}

impl Stamp {
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let found = std::fs::metadata(path).ok()?;
        if !found.is_file() {
            return None;
        }
        let modified = super::object::nanoseconds(found.modified().ok()?);
        #[cfg(unix)]
        let (device, inode, changed) = {
            use std::os::unix::fs::MetadataExt as _;
            let changed = i128::from(found.ctime()) * 1_000_000_000 + i128::from(found.ctime_nsec());
            (found.dev(), found.ino(), u128::try_from(changed).unwrap_or(0))
        };
        #[cfg(not(unix))]
        let (device, inode, changed) = (0, 0, 0);
        Some(Self { device, inode, length: found.len(), changed: modified.max(changed), modified })
    }

    /// Returns the stamp as a word without blanks.
    pub(crate) fn to_word(self) -> String {
        format!("{}-{}-{}-{}-{}", self.device, self.inode, self.length, self.changed, self.modified)
    }
}

impl FileFacts {
    fn of(bytes: &[u8]) -> Self {
        let mut facts = Self { digest: sha256::hex(bytes), ..Self::default() };
        let mut at = 0;
        while let Some(found) = bytes[at..].iter().position(|byte| matches!(byte, b'_' | b'(' | b'i' | b'I'))
        {
            at += found;
            let rest = &bytes[at..];
            match rest[0] {
                b'_' => {
                    if ["__DATE__", "__TIME__", "__TIMESTAMP__"]
                        .iter()
                        .any(|word| rest.starts_with(word.as_bytes()))
                    {
                        facts.varies = true;
                    }
                    if rest.starts_with(b"__has_include") || rest.starts_with(b"__has_embed") {
                        facts.question(bytes, at);
                    }
                }
                b'(' => facts.may_ask.extend(name_in(&rest[1..])),
                _ => {
                    let is = |word: &[u8]| {
                        rest.get(..word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word))
                    };
                    facts.assembles_files |=
                        is(b"incbin") || (at > 0 && bytes[at - 1] == b'.' && is(b"include"));
                }
            }
            at += 1;
        }
        facts.may_ask.sort();
        facts.may_ask.dedup();
        facts
    }

    /// Reads a question for the existence of a header, which begins at `at`.
    fn question(&mut self, bytes: &[u8], at: usize) {
        let rest = &bytes[at..];
        let end =
            rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').unwrap_or(rest.len());
        let after = trimmed(&rest[end..]);
        if let Some(argument) = after.strip_prefix(b"(") {
            match name_in(argument) {
                Some(name) => self.asked.push(name),
                None => self.varies = true,
            }
            return;
        }
        let line = bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let before: Vec<u8> =
            bytes[line..at].iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        // `#ifdef __has_include` and `defined(__has_include)` ask nothing of files.
        let of_the_name = [&b"#ifdef"[..], b"#ifndef", b"#elifdef", b"defined", b"defined("];
        if !of_the_name.iter().any(|words| before.ends_with(words)) {
            self.aliases = true;
        }
    }
}

fn trimmed(mut bytes: &[u8]) -> &[u8] {
    while let Some((b' ' | b'\t', rest)) = bytes.split_first() {
        bytes = rest;
    }
    bytes
}

/// Returns the name of a header, `<name>` or `"name"`, at the start of an argument; nothing for another text.
fn name_in(argument: &[u8]) -> Option<String> {
    let (first, rest) = trimmed(argument).split_first()?;
    let close = match first {
        b'<' => b'>',
        b'"' => b'"',
        _ => return None,
    };
    let end = rest.iter().take(200).position(|byte| *byte == close || *byte == b'\n')?;
    if rest[end] == b'\n' || trimmed(&rest[end + 1..]).first() != Some(&b')') {
        return None;
    }
    let name = std::str::from_utf8(&rest[..end]).ok()?;
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_of_a_source() {
        let facts = FileFacts::of(
            b"#ifdef __has_include\n# if defined(__has_include) && __has_include ( <cet.h> )\n#if __has_include_next(\"x/y.h\")\n#endif",
        );
        assert_eq!(facts.asked, ["cet.h", "x/y.h"]);
        assert!(!facts.aliases && !facts.varies && !facts.assembles_files);
        let facts =
            FileFacts::of(b"# define ASK __has_include\n#if ASK(<arm.h>) || f(\"text\") || g(\"a\", b)\n");
        assert!(facts.aliases);
        assert_eq!(facts.may_ask, ["arm.h", "text"]);
        assert!(FileFacts::of(b"#if __has_include(NAME)\n").varies);
        assert!(FileFacts::of(b"char *when = __DATE__;\n").varies);
        for text in [&b".incbin \"x\""[..], b".INCBIN \"x\"", b"\t.include \"x\"", b".Include"] {
            assert!(FileFacts::of(text).assembles_files);
        }
        assert!(!FileFacts::of(b"#include \"x\"\ninclude").assembles_files);
        assert!(!FileFacts::of(b"int __DATE, date; (").varies);
    }
}
