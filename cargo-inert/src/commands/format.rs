//! The formats of a command's result.

use clap::ValueEnum;

/// The format of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum HumanOrJson {
    /// For a person.
    #[default]
    Human,
    /// For a program.
    Json,
}
