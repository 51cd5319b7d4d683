//! `rustc-env`: variables for the package's compilation. The schema has checked their names.

use crate::directives::Directive;
use crate::engine::{Engine, Result, refused};

/// Prints each variable that has a value.
pub(super) fn rustc_env(engine: &mut Engine<'_>) -> Result<()> {
    let declaration = engine.declaration;
    for (name, value) in &declaration.rustc_env {
        let place = format!("rustc-env.{name}");
        let Some(text) = engine.select(&place, value)? else { continue };
        let value = engine.text(&place, text)?;
        if value.chars().any(char::is_control) {
            return Err(refused(place, "the value holds a control character, and a directive is a line"));
        }
        engine.directives.push(Directive::Env { name: name.clone(), value });
    }
    Ok(())
}
