//! The errors of the rustc wrapper as data; `report/refusal` makes the messages.

use crate::plan::model::Refusal;

/// The reason why a call of the wrapper fails.
#[derive(Debug)]
pub enum Failure {
    /// A message that is shown as it is.
    Message(String),
    /// The script may not run, and no declaration replaces it.
    Refused {
        /// The package as `name version`.
        package: String,
        /// The reason of the refusal.
        refusal: Box<Refusal>,
        /// The first line of the residue, if no declaration was derived.
        residue: Option<String>,
    },
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::Message(message)
    }
}

impl From<&str> for Failure {
    fn from(message: &str) -> Self {
        Self::Message(message.to_owned())
    }
}
