//! A change of the policy or its data, and whether it permits more.

use serde::Serialize;

/// The effect of a change on what is permitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Label {
    /// More code may run, or it may do more, than the policy before permitted without review.
    Weaker,
    /// The same is permitted.
    Same,
    /// Less is permitted than before.
    Stronger,
}

impl Label {
    /// Returns the name of the label.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Weaker => "weaker",
            Self::Same => "same",
            Self::Stronger => "stronger",
        }
    }

    /// Returns the label for a setting whose values are ordered by strictness.
    #[must_use]
    pub fn of_order<T: Ord>(before: &T, now: &T) -> Self {
        match now.cmp(before) {
            std::cmp::Ordering::Less => Self::Weaker,
            std::cmp::Ordering::Equal => Self::Same,
            std::cmp::Ordering::Greater => Self::Stronger,
        }
    }
}

/// The kind of data that changed.
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

/// One change of the policy or its data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The effect of the change on what is permitted.
    pub label: Label,
    /// The kind of data that changed.
    pub subject: Subject,
    /// The name of the changed data: `name version` of a package, a configuration's path, `[policy] members`,
    /// `[[allow]] name version`.
    pub what: String,
    /// A description of the change.
    pub text: String,
}
