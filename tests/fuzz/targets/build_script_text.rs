//! Any text as a build script: it is derived or refused, and nothing panics.
#![no_main]

use std::path::Path;

use inert_migrate_tool::{PackageSource, derive};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let manifest = "[package]\nname = \"a\"\nversion = \"1.0.0\"\nbuild = \"build.rs\"\n";
    let Ok(mut source) = PackageSource::from_text(Path::new("/nonexistent"), manifest) else { return };
    source.in_memory.insert("build.rs".to_owned(), bytes.to_vec());
    let derivation = derive(&source);
    let failed = |reason: &str| reason.contains("made the interpreter fail");
    assert!(!derivation.residue.iter().any(|residue| failed(&residue.reason)), "{}", derivation.residue_text());
});
