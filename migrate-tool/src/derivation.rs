//! The result of reading a script: a declaration, and the places that were not understood.

use std::path::PathBuf;

use inert_manifest_spec::{Condition, Declaration};

use crate::assumptions::Assumptions;

/// The result of reading a script.
#[derive(Debug, Clone, Default)]
pub struct Derivation {
    /// The effects of the script; `None` where they cannot be described with the facts that are known before the build.
    pub declaration: Option<Declaration>,
    /// The places that were not understood.
    pub residue: Vec<Residue>,
    /// The files of the package that the result depends on, relative to the package's folder.
    pub reads: Vec<PathBuf>,
    /// The variables of the caller's environment that the script reads.
    pub env: Vec<String>,
    /// True if a time limit was reached, so that a faster machine might derive more.
    pub out_of_time: bool,
    /// The properties of a build without which the derivation must not be used.
    pub assumes: Assumptions,
}

impl Derivation {
    /// Returns the declaration as TOML; empty if there is none.
    #[must_use]
    pub fn toml(&self) -> String {
        self.declaration.as_ref().map_or_else(String::new, inert_manifest_spec::write::declaration)
    }

    /// Returns the residue, one place a line: `build.rs:3:5: reason [condition]`.
    #[must_use]
    pub fn residue_text(&self) -> String {
        let line = |residue: &Residue| {
            let guard = residue.guard.as_ref().map_or_else(|| "always".to_owned(), ToString::to_string);
            format!(
                "{}:{}:{}: {} [{guard}]\n",
                residue.file.display(),
                residue.line,
                residue.column,
                residue.reason
            )
        };
        self.residue.iter().map(line).collect()
    }
}

/// A place in a script that is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Residue {
    /// The file, relative to the package's folder.
    pub file: PathBuf,
    /// The line in the file, from 1.
    pub line: usize,
    /// The column in the line, from 1.
    pub column: usize,
    /// The construct that is not understood, and why.
    pub reason: String,
    /// The condition under which the place is reached; `None` means always.
    pub guard: Option<Condition>,
}
