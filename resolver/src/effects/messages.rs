//! `error` and `warning`.

use crate::directives::Directive;
use crate::engine::{Engine, Result};
use crate::failure::FailureKind;

/// The first `error` that holds ends the build with its text.
pub(super) fn errors(engine: &mut Engine<'_>) -> Result<()> {
    let declaration = engine.declaration;
    match engine.items(&declaration.error)?.first() {
        Some(text) => Err(FailureKind::Declared(engine.text("error", text)?)),
        None => Ok(()),
    }
}

/// Each `warning` that holds. One of several lines is several warnings, since a directive is a line.
pub(super) fn warnings(engine: &mut Engine<'_>) -> Result<()> {
    let declaration = engine.declaration;
    for text in engine.items(&declaration.warning)? {
        let text = engine.text("warning", text)?;
        engine.directives.extend(text.lines().map(|line| Directive::Warning(line.replace('\t', "    "))));
    }
    Ok(())
}
