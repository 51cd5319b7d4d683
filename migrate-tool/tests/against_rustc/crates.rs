//! Modelled crates held against the crates themselves: `crates/checks/*.txt`, each check compiled with them and run. Cargo
//! fetches them once; their versions are those of `crates/Cargo.lock`.

use inert_migrate_tool::PackageSource;

use crate::cases::{circumstances, no_rust};
use crate::check::{self, Check};
use crate::derived::Here;
use crate::program::Program;
use crate::ratchet::{Outcome, settle};
use crate::said::{Answer, Verdict};

/// Derives a script of a package that build-depends on the crates.
fn answer(here: &Here, manifest: &str, script: &str) -> Answer {
    let manifest = manifest.replace("[dependencies]", "[build-dependencies]");
    let package = here.package.clone().unwrap_or_default();
    let mut source = PackageSource::from_text(&package, &manifest).expect("a manifest");
    source.script = Some("build.rs".into());
    source.in_memory.insert("build.rs".to_owned(), script.as_bytes().to_vec());
    here.answer_of(&source)
}

#[test]
fn crates() {
    let folder = check::folder().join("crates");
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).expect("the crates' manifest");
    let mut files: Vec<_> = std::fs::read_dir(folder.join("checks"))
        .expect("checks")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    let checks: Vec<Check> = files.iter().flat_map(|file| check::read(file)).collect();
    let scripts: Vec<String> = checks.iter().map(Check::script).collect();
    let program =
        Program::with_crates("crates", &scripts, &folder).unwrap_or_else(|errors| no_rust(&checks, &errors));
    let mut out: Vec<Option<Outcome>> = checks.iter().map(|_| None).collect();
    for here in circumstances() {
        let package = here.package.clone().expect("a package");
        for (at, check) in checks.iter().enumerate() {
            let said = program.run_alone(at, &package, &here.environment);
            let outcome =
                Outcome { check: check.clone(), said, answer: answer(&here, &manifest, &scripts[at]) };
            if out[at].as_ref().is_none_or(|before| before.verdict() != Verdict::Wrong) {
                out[at] = Some(outcome);
            }
        }
    }
    settle("crates", &out.into_iter().flatten().collect::<Vec<_>>(), true);
}
