//! Reads a build script without running it, and derives the declaration with the same effects.
//!
//! Phases: [`PackageSource`] (manifest and files) → `interp` (an interpreter over values that depend on unknown inputs,
//! `logic`; the functions and types that scripts use are in `models`) → a guarded log of effects → `lower` →
//! [`Derivation`].

#[cfg(any(test, feature = "fuzzing"))]
mod agreement;
pub mod assumptions;
#[cfg(any(test, feature = "fuzzing"))]
mod generated;
mod interp;
mod logic;
mod lower;
mod models;
pub mod rewrite;
#[cfg(test)]
mod rust_oracle;
mod source;
mod value;

pub use assumptions::Assumptions;
pub use source::{BuildDependency, PackageSource, SourceError};

use std::path::PathBuf;

use inert_manifest_spec::{Condition, Declaration};

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
    /// Whether a time limit was reached, so that a faster machine might derive more.
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

/// Derives the declaration of a package's script. It never fails: a script that cannot be read is residue.
#[must_use]
pub fn derive(source: &PackageSource) -> Derivation {
    let owned = source.clone();
    // Scripts nest deeper than a thread's usual stack allows. The thread's end also frees the source map of
    // `proc_macro2`, which is kept for each thread.
    let thread = std::thread::Builder::new()
        .name("derive".into())
        .stack_size(512 << 20)
        .spawn(move || interp::run(&owned));
    let whole = |reason: &str| Derivation {
        residue: vec![Residue {
            file: source.script.clone().unwrap_or_default(),
            line: 1,
            column: 1,
            reason: reason.to_owned(),
            guard: None,
        }],
        ..Derivation::default()
    };
    match thread {
        Ok(handle) => {
            handle.join().unwrap_or_else(|_| whole("the script made the interpreter fail; please report it"))
        }
        Err(_) => whole("no memory for a thread to read the script in"),
    }
}

/// Returns whether a target is in the list that derivations are made with; see [`Assumptions::known_targets`].
#[must_use]
pub fn is_known_target(triple: &str) -> bool {
    logic::targets::all().iter().any(|target| target.triple == triple)
}

/// Generates a script from the bytes and compares its derivation with its evaluation. Only the fuzz target calls this.
///
/// # Panics
/// If the two differ.
#[cfg(feature = "fuzzing")]
pub fn fuzz_generated(bytes: &[u8]) {
    let bytes = bytes.to_vec();
    let run = move || generated::check(&mut generated::Bytes(&bytes), 24, 0x9e37_79b9);
    let thread = std::thread::Builder::new().stack_size(512 << 20).spawn(run);
    if let Ok(Err(panic)) = thread.map(std::thread::JoinHandle::join) {
        std::panic::resume_unwind(panic);
    }
}
