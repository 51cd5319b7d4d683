//! Formats values as TOML.

use toml_writer::{ToTomlValue as _, TomlStringBuilder};

/// Formats a string as TOML: on one line, in double quotes.
#[must_use]
pub fn quoted(text: &str) -> String {
    TomlStringBuilder::new(text).as_basic().to_toml_value()
}
