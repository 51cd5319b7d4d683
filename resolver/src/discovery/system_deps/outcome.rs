//! The result of a table of system-deps.

use crate::directives::Directive;
use crate::failure::{Attempt, Outcome};

/// The result of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolved {
    /// The directives that the crate would print, without those that repeat the script.
    pub directives: Vec<Directive>,
    /// Warnings for the user.
    pub warnings: Vec<String>,
    /// The key and version of each library that was found.
    pub libraries: Vec<(String, Option<String>)>,
    /// All attempts that were made.
    pub attempts: Vec<Attempt>,
}

/// The reason why a table has no result.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unresolved {
    /// Every missing library, and every error in the table or a variable.
    pub problems: Vec<Problem>,
    /// All attempts that were made.
    pub attempts: Vec<Attempt>,
}

/// A reason why a table has no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// A library was not found.
    Missing {
        /// The library's key in the table.
        key: String,
        /// The reason why it was not found.
        why: String,
        /// Remedies to type, best first.
        remedies: Vec<String>,
    },
    /// The table, or a variable, is not valid.
    Invalid {
        /// The key, or the variable.
        place: String,
        /// The error, as a sentence.
        why: String,
    },
}

/// Records an attempt: method, detail, outcome.
pub(super) type Note<'a> = &'a mut dyn FnMut(&str, String, Outcome);
