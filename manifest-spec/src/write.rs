//! [`crate::Declaration`] → TOML text.
mod inline;
pub use inline::{path, text};
