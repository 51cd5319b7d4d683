//! Reads a build script without running it, and derives the declaration with the same effects.
//!
//! Phases: [`PackageSource`] (manifest and files) → `interp` (an interpreter over values that depend on unknown inputs,
//! `logic`; the functions and types that scripts use are in `models`) → `trace` (a guarded log of effects) → `lower` →
//! [`Derivation`].

#[cfg(any(test, feature = "fuzzing"))]
mod agreement;
pub mod assumptions;
mod derivation;
#[cfg(any(test, feature = "fuzzing"))]
mod generated;
mod interp;
mod logic;
mod lower;
#[cfg(test)]
mod mir_oracle;
mod models;
pub mod rewrite;
#[cfg(test)]
mod rust_oracle;
mod semantics;
mod source;
mod trace;
mod value;

pub use assumptions::Assumptions;
pub use derivation::{Derivation, Residue};
pub use logic::targets::is_known_target;
pub use source::{BuildDependency, PackageSource, SourceError};

/// Derives the declaration of a package's script. It never fails: a script that cannot be read is residue.
#[must_use]
pub fn derive(source: &PackageSource) -> Derivation {
    let owned = source.clone();
    // Scripts nest deeper than a thread's usual stack allows. The thread's end also frees the source map of
    // `proc_macro2`, which is kept for each thread.
    let thread =
        std::thread::Builder::new().name("derive".into()).stack_size(512 << 20).spawn(move || run(&owned));
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

/// Evaluates a package's script and lowers what it does.
fn run(source: &PackageSource) -> Derivation {
    lower::lower(interp::Interp::new(source, models::MODELS).run())
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
