//! Why a call of the rustc wrapper fails: data, of which `report/refusal` makes what is said.

use crate::plan::model::Refusal;

/// Why a call fails.
#[derive(Debug)]
pub enum Failure {
    /// In words.
    Message(String),
    /// The script may not run, and nothing stands for it.
    Refused {
        /// `name version`.
        package: String,
        /// Why.
        refusal: Box<Refusal>,
        /// Why no declaration was derived, the first line of it.
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
