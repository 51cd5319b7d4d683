//! Includes files that are made while the package is built.

include!(concat!(env!("OUT_DIR"), "/table.rs"));

const WORDS: &str = include_str!(concat!(env!("OUT_DIR"), "/words.txt"));

/// Returns the generated text.
pub fn said() -> String {
    format!("{:?} {} {}", NAMES, WORDS.trim(), !env!("EXAMPLE_TARGET").is_empty())
}
