//! Patterns that a script searches for in a text: a text, a character, a set of characters, a function of std.

use crate::interp::Interp;
use crate::value::{Cases, IntType, Sym, Text, Value};

/// Calls `f` with each pattern that a value may be.
pub(super) fn with_pattern(
    interp: &mut Interp<'_>,
    value: &Cases,
    f: &mut dyn FnMut(&mut Interp<'_>, &Value) -> Cases,
) -> Cases {
    let value = interp.deref_all(value);
    interp.each(&value, |interp, value| f(interp, value))
}

/// Records the glob that corresponds to a test on TARGET or HOST.
pub(super) fn note_glob(
    interp: &mut Interp<'_>,
    text: &Text,
    pattern: &Value,
    glob: impl Fn(&str) -> String,
) {
    if matches!(text.as_sym(), Some(Sym::Target | Sym::Host))
        && let Some(pattern) = pattern_text(pattern)
    {
        interp.globs.insert(glob(&pattern));
    }
}

pub(super) fn pattern_text(pattern: &Value) -> Option<String> {
    match pattern {
        Value::Text(text) => text.as_lit().map(str::to_owned),
        Value::Char(character) => Some(character.to_string()),
        Value::Int(byte, IntType::Unsigned(8)) => {
            u8::try_from(*byte).ok().map(|byte| char::from(byte).to_string())
        }
        _ => None,
    }
}

/// Returns the characters of a pattern that is a set of characters.
pub(super) fn pattern_set(pattern: &Value) -> Option<Vec<char>> {
    match pattern {
        Value::Seq(items) => items
            .iter()
            .map(|(guard, item)| match item.single() {
                Some(Value::Char(character)) if guard.is_true() => Some(*character),
                _ => None,
            })
            .collect(),
        Value::External(path) => match &**path {
            "char::is_whitespace" => Some(('\0'..='\u{3000}').filter(|c| c.is_whitespace()).collect()),
            _ => None,
        },
        _ => None,
    }
}

pub(super) type AffixTest = Box<dyn Fn(&str, bool) -> Option<usize>>;

/// Returns a test for the length of a match at the beginning or end of a text.
pub(super) fn pattern_test(pattern: &Value) -> Option<AffixTest> {
    if let Some(text) = pattern_text(pattern) {
        return Some(Box::new(move |whole, front| {
            let matches = if front { whole.starts_with(&*text) } else { whole.ends_with(&*text) };
            (matches && !text.is_empty()).then_some(text.len())
        }));
    }
    if let Some(set) = pattern_set(pattern) {
        return Some(Box::new(move |whole, front| {
            let character = if front { whole.chars().next() } else { whole.chars().last() }?;
            set.contains(&character).then(|| character.len_utf8())
        }));
    }
    let test: fn(char) -> bool = match pattern {
        Value::External(path) => match &**path {
            "char::is_numeric" => char::is_numeric,
            "char::is_alphanumeric" => char::is_alphanumeric,
            "char::is_alphabetic" => char::is_alphabetic,
            _ => return None,
        },
        _ => return None,
    };
    Some(Box::new(move |whole, front| {
        let character = if front { whole.chars().next() } else { whole.chars().last() }?;
        test(character).then(|| character.len_utf8())
    }))
}

pub(super) fn pattern_find(pattern: &Value) -> Option<AffixTest> {
    if let Some(text) = pattern_text(pattern) {
        return Some(Box::new(
            move |whole, last| if last { whole.rfind(&*text) } else { whole.find(&*text) },
        ));
    }
    let set = pattern_set(pattern)?;
    Some(Box::new(move |whole, last| if last { whole.rfind(&*set) } else { whole.find(&*set) }))
}
