//! Reads variables of a found library's `.pc` file.

use crate::engine::{Engine, Result};
use crate::failure::Outcome;
use crate::outcomes::Answer;
use crate::outcomes::LibraryOutcome;

/// Returns the value of a variable, or whether it contains a token. A library that is not found on the system has
/// none.
pub(super) fn value(
    engine: &mut Engine<'_>,
    place: &str,
    name: &str,
    library: &str,
    word: Option<&str>,
) -> Result<Answer> {
    let value = match engine.library(library)? {
        LibraryOutcome::System(found) => found.variables.get(name).cloned(),
        _ => None,
    };
    let answer = match word {
        None => Answer::valued(value.clone()),
        Some(word) => Answer::yes_or_no(
            value.as_ref().is_some_and(|value| value.split_whitespace().any(|other| other == word)),
        ),
    };
    let outcome = match value {
        Some(value) => Outcome::Chosen(format!("it is `{}`", value.escape_debug())),
        None => Outcome::Failed(format!("{library} has no such variable")),
    };
    engine.attempt(place, "variable", name, outcome);
    Ok(answer)
}
