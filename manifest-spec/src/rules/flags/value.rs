//! What may follow a listed beginning of a flag.

use crate::rules::MAX_WORD;

/// A kind of value. No kind takes a slash or a comma, begins with `-` or `@`, or is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// Digits.
    Number,
    /// A version, `10.13`.
    Version,
    /// Letters, digits and `+-_.=`: a processor, a standard, the name of a warning.
    Word,
    /// A symbol of an object file.
    Symbol,
    /// One of these.
    Of(&'static [&'static str]),
    /// Words parted by commas, each of them one of these.
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
    /// What it is called in the reference.
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

/// `prefix` and what may follow, row by row.
pub(super) fn describe(rows: &[Valued]) -> String {
    rows.iter()
        .map(|(prefix, value)| format!("`{prefix}`{}", value.describe()))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Flags that a row lets pass, of each kind of value the longest and oddest.
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

/// A beginning and what may follow it.
pub(super) type Valued = (&'static str, Value);

/// Whether some row's beginning and value make up the flag.
pub(super) fn any(rows: &[Valued], flag: &str) -> bool {
    rows.iter().any(|(prefix, value)| flag.strip_prefix(prefix).is_some_and(|rest| value.accepts(rest)))
}
