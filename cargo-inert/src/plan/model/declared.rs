//! The declarations that a plan uses.

use inert_manifest_spec::{Declaration, Diagnostic};
use inert_migrate_tool::Assumptions;
use serde::{Deserialize, Serialize};

/// The origin of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// `inert.toml`, a flag, or the rule for the workspace's own members.
    Policy,
    /// The package's own `[package.metadata.inert]`.
    Package,
    /// The catalog that ships with Inert.
    Catalog,
    /// A derivation from the script's source.
    Derived,
    /// No origin: nothing decides the script.
    None,
}

/// A declaration with its origin.
#[derive(Debug, Clone)]
pub struct Declared {
    /// The parsed declaration.
    pub declaration: Declaration,
    /// The declaration as TOML text in root form, in which it is passed between processes.
    pub text: String,
    /// The origin of the declaration.
    pub origin: Origin,
    /// The file or origin that contains it, for messages.
    pub place: String,
    /// The files besides the script that it was derived from, relative to the package.
    pub inputs: Vec<String>,
    /// The assumptions of a derivation about the build.
    pub assumes: Assumptions,
    /// The parts that a derivation does not cover: the reason with its line, and a declaration whose `unsupported` is
    /// the guard.
    pub undecided: Vec<(String, String)>,
}

/// A declaration with errors. It stops the build; the next origin is not tried.
#[derive(Debug)]
pub struct BadDeclaration {
    /// The package whose script it replaces.
    pub package: String,
    /// The packages on the path from the root of the graph to the package; empty if unknown.
    pub via: Vec<String>,
    /// The file that contains it.
    pub file: String,
    /// The text of the file.
    pub text: String,
    /// The errors in the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// The reasons why nothing could be derived from a script, one line each.
pub type Residue = Vec<String>;
