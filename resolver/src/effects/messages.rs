//! `error` and `warning`: texts for the user.

use crate::directives::Directive;
use crate::engine::{Engine, Result};
use crate::failure::FailureKind;

/// Ends the build with the text of the first `error` whose condition holds.
pub(super) fn errors(engine: &mut Engine<'_>) -> Result<()> {
    let declaration = engine.declaration;
    match engine.items(&declaration.error)?.first() {
        Some(text) => Err(FailureKind::Declared(engine.text("error", text)?)),
        None => Ok(()),
    }
}

/// Prints each `warning` whose condition holds. Each line is a warning of its own, since a directive is one line.
pub(super) fn warnings(engine: &mut Engine<'_>) -> Result<()> {
    let declaration = engine.declaration;
    for text in engine.items(&declaration.warning)? {
        let text = engine.text("warning", text)?;
        engine.directives.extend(text.lines().map(|line| Directive::Warning(line.replace('\t', "    "))));
    }
    Ok(())
}
