//! How a command says its answer.

use clap::ValueEnum;

/// For a person or for a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum HumanOrJson {
    /// For a person.
    #[default]
    Human,
    /// For a program.
    Json,
}
