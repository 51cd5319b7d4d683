//! Values as TOML spells them.

use toml_writer::{ToTomlValue as _, TomlStringBuilder};

/// A TOML string on one line, in double quotes.
#[must_use]
pub fn quoted(text: &str) -> String {
    TomlStringBuilder::new(text).as_basic().to_toml_value()
}
