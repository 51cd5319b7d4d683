//! Reads a build script, without running it, and writes the declaration that says the same.
//!
//! Phases: [`PackageSource`] (manifest and files) → `interp` (an interpreter over values that depend on unknown inputs,
//! `logic`; what the script calls is in `models`) → a guarded log of effects → `lower` → [`Derivation`].

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

/// What came of reading a script.
#[derive(Debug, Clone, Default)]
pub struct Derivation {
    /// What the script does; `None` where that is not understood under what is known before the build.
    pub declaration: Option<Declaration>,
    /// What was not understood.
    pub residue: Vec<Residue>,
    /// Files of the package that the result depends on, relative to it.
    pub reads: Vec<PathBuf>,
    /// Variables of the caller's environment that the script asks for.
    pub env: Vec<String>,
    /// Whether time ran out, so that on a faster or an idler machine more might be said.
    pub out_of_time: bool,
    /// What it takes for granted of a build.
    pub assumes: Assumptions,
}

impl Derivation {
    /// The declaration as TOML; empty where there is none.
    #[must_use]
    pub fn toml(&self) -> String {
        self.declaration.as_ref().map_or_else(String::new, inert_manifest_spec::write::declaration)
    }

    /// What was not understood, a line each: `build.rs:3:5: reason [condition]`.
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
    /// The file, relative to the package.
    pub file: PathBuf,
    /// From 1.
    pub line: usize,
    /// From 1.
    pub column: usize,
    /// What is not understood, and why.
    pub reason: String,
    /// When the place is reached; `None` is always.
    pub guard: Option<Condition>,
}

/// Derives the declaration of a package's script. Never fails: what cannot be read is residue.
#[must_use]
pub fn derive(source: &PackageSource) -> Derivation {
    let owned = source.clone();
    // Scripts nest deeper than a thread's usual stack; the thread also bounds syn's own recursion, and drops its source map.
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

/// Whether a target is one that derivations were made for; see [`Assumptions::known_targets`].
#[must_use]
pub fn is_known_target(triple: &str) -> bool {
    logic::targets::all().iter().any(|target| target.triple == triple)
}

/// For the fuzz target alone: makes a script by the bytes and holds its derivation against its evaluation.
///
/// # Panics
/// Where they differ.
#[cfg(feature = "fuzzing")]
pub fn fuzz_generated(bytes: &[u8]) {
    let bytes = bytes.to_vec();
    let run = move || generated::check(&mut generated::Bytes(&bytes), 24, 0x9e37_79b9);
    let thread = std::thread::Builder::new().stack_size(512 << 20).spawn(run);
    if let Ok(Err(panic)) = thread.map(std::thread::JoinHandle::join) {
        std::panic::resume_unwind(panic);
    }
}
