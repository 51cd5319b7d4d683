//! Unstable features of Cargo with which a build would differ from its plan; they are refused.

use super::context::{Context, Failure};
use crate::cargo::configuration::Configuration;
use crate::cargo::invocation::Invocation;

/// The refused features, each with the reason.
const REFUSED: &[(&str, &str)] = &[(
    "fine-grain-locking",
    "Cargo then holds no lock on the build dir, and a command that runs beside this one could compile a script that this one \
     has replaced, or the other way round",
)];

/// Refuses unstable features that the command line, a variable or the configuration enables.
///
/// # Errors
/// A refused feature is enabled.
pub(super) fn refuse(
    context: &Context,
    invocation: &Invocation,
    configuration: &Configuration,
) -> Result<(), Failure> {
    let mut words = invocation.arguments.iter().map(|word| word.to_string_lossy()).peekable();
    let mut on_the_line = Vec::new();
    while let Some(word) = words.next() {
        match word.strip_prefix("-Z") {
            Some("") => on_the_line.extend(words.peek().map(ToString::to_string)),
            Some(feature) => on_the_line.push(feature.to_owned()),
            None => {}
        }
    }
    for (feature, why) in REFUSED {
        let is = |said: &String| said.split('=').next() == Some(feature) && !said.ends_with("=no");
        let variable = format!("CARGO_UNSTABLE_{}", feature.to_uppercase().replace('-', "_"));
        let by_variable = context.environment.text(&variable).is_some_and(|value| value != "false");
        let configured = configuration.get(&["unstable", feature]).filter(|setting| setting.value != "false");
        let whence = if on_the_line.iter().any(is) {
            "the command line".to_owned()
        } else if by_variable {
            variable
        } else if let Some(setting) = configured {
            setting.file.as_ref().map_or("--config".to_owned(), |file| file.display().to_string())
        } else {
            continue;
        };
        return Err(Failure::Refused(format!(
            "`-Z{feature}` is refused ({whence}): {why}; nothing was compiled\n  help: build without it"
        )));
    }
    Ok(())
}
