//! Declarations as the plan finds them.

use inert_manifest_spec::{Declaration, Diagnostic};
use inert_migrate_tool::Assumptions;
use serde::{Deserialize, Serialize};

/// Where a decision comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// `inert.toml`, a flag, or the rule for the workspace's own members.
    Policy,
    /// The package's own `[package.metadata.inert]`.
    Package,
    /// The catalog that ships with Inert.
    Catalog,
    /// Derived from the script's source.
    Derived,
    /// Nothing decides it.
    None,
}

/// A declaration that was found, with where.
#[derive(Debug, Clone)]
pub struct Declared {
    /// What it says.
    pub declaration: Declaration,
    /// The same as TOML text in root form: the form in which it travels.
    pub text: String,
    /// Of which origin.
    pub origin: Origin,
    /// Where it is written, for messages.
    pub place: String,
    /// Files beside the script that it depends on, relative to the package.
    pub inputs: Vec<String>,
    /// What it takes for granted of a build; a derivation may.
    pub assumes: Assumptions,
    /// What a derivation does not cover: why, with the line, and a declaration whose `unsupported` says where.
    pub undecided: Vec<(String, String)>,
}

/// A declaration that is there and cannot be used. It is an error, never passed over for the next origin.
#[derive(Debug)]
pub struct BadDeclaration {
    /// The package whose script it stands for.
    pub package: String,
    /// How that package comes into the graph, from the root to it; empty where that is not known.
    pub via: Vec<String>,
    /// The file that it is written in.
    pub file: String,
    /// The file's text.
    pub text: String,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// Why nothing could be derived from a script, one line for each reason.
pub type Residue = Vec<String>;
