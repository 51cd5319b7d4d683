//! A change to what a build goes by, and whether more may happen after it.

use serde::Serialize;

/// Whether more may happen than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Label {
    /// More code may run, or more be done, than the policy before lets pass unreviewed.
    Weaker,
    /// Nothing that the policy before would not have let pass.
    Same,
    /// Less may happen.
    Stronger,
}

impl Label {
    /// In a word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Weaker => "weaker",
            Self::Same => "same",
            Self::Stronger => "stronger",
        }
    }

    /// Of a setting whose values are in the order of strictness.
    #[must_use]
    pub fn of_order<T: Ord>(before: &T, now: &T) -> Self {
        match now.cmp(before) {
            std::cmp::Ordering::Less => Self::Weaker,
            std::cmp::Ordering::Equal => Self::Same,
            std::cmp::Ordering::Greater => Self::Stronger,
        }
    }
}

/// The kind of thing that changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A setting of `[policy]`, `[sandbox]` or `[libraries]`.
    Setting,
    /// An entry of the policy: `[[allow]]`, `[[deny]]`, ….
    Entry,
    /// A build script's line in the lock.
    Script,
    /// A file of Cargo's configuration.
    Configuration,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Whether more may happen.
    pub label: Label,
    /// The kind of thing that changed.
    pub subject: Subject,
    /// Its name: `name version` of a package, a configuration's path, `[policy] members`, `[[allow]] name version`.
    pub what: String,
    /// In words.
    pub text: String,
}
