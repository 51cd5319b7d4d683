//! The values that may follow a listed beginning of a flag.

use crate::rules::MAX_WORD;

/// A kind of value. No kind accepts a slash or a comma, a leading `-` or `@`, or an empty text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// One or more decimal digits.
    Number,
    /// A dotted version, such as `10.13`.
    Version,
    /// Letters, digits and `+-_.=`: a processor, a standard, the name of a warning.
    Word,
    /// A symbol of an object file.
    Symbol,
    /// One of the listed values.
    Of(&'static [&'static str]),
    /// A comma-separated list of the listed values.
    ListOf(&'static [&'static str]),
}

impl Value {
    pub(super) fn accepts(self, text: &str) -> bool {
        if text.is_empty() || text.len() > MAX_WORD {
            return false;
        }
        let all = |fits: fn(char) -> bool| text.chars().all(fits);
        match self {
            Self::Number => all(|c| c.is_ascii_digit()) && text.len() <= 12,
            Self::Version => {
                all(|c| c.is_ascii_digit() || c == '.') && text.starts_with(|c: char| c.is_ascii_digit())
            }
            Self::Word => {
                all(|c| c.is_ascii_alphanumeric() || "+-_.=".contains(c))
                    && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            }
            Self::Symbol => {
                all(|c| c.is_ascii_alphanumeric() || "_$.?@".contains(c))
                    && text.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '?' | '.'))
            }
            Self::Of(words) => words.contains(&text),
            Self::ListOf(words) => text.split(',').all(|word| words.contains(&word)),
        }
    }
}

impl Value {
    /// Returns the name of the kind for the reference.
    pub(super) fn describe(self) -> String {
        match self {
            Self::Number => "*number*".to_owned(),
            Self::Version => "*version*".to_owned(),
            Self::Word => "*word*".to_owned(),
            Self::Symbol => "*symbol*".to_owned(),
            Self::Of(words) => words.join("\\|"),
            Self::ListOf(words) => format!("{}, several parted by commas", words.join("\\|")),
        }
    }
}

/// Returns each `prefix` with the kind of its value, row by row, for the reference.
pub(super) fn describe(rows: &[Valued]) -> String {
    rows.iter()
        .map(|(prefix, value)| format!("`{prefix}`{}", value.describe()))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Returns flags that the rows accept; for each kind of value, the longest and most unusual ones.
pub(super) fn samples(rows: &'static [Valued]) -> impl Iterator<Item = String> {
    rows.iter().flat_map(|(prefix, value)| {
        samples_of(*value).into_iter().map(move |value| format!("{prefix}{value}"))
    })
}

pub(super) fn samples_of(value: Value) -> Vec<String> {
    let samples = match value {
        Value::Number => &["1", "999999999999"][..],
        Value::Version => &["10.13", "1.."],
        Value::Word => &["native", "a+b-c_d.e=f"],
        Value::Symbol => &["main", ".a$b?c@d"],
        Value::Of(words) => words,
        Value::ListOf(words) => &words[..words.len().min(2)],
    };
    samples.iter().map(ToString::to_string).collect()
}

/// A beginning of a flag and the kind of value that may follow it.
pub(super) type Valued = (&'static str, Value);

/// Returns whether the flag is the beginning of some row followed by a valid value.
pub(super) fn any(rows: &[Valued], flag: &str) -> bool {
    rows.iter().any(|(prefix, value)| flag.strip_prefix(prefix).is_some_and(|rest| value.accepts(rest)))
}
