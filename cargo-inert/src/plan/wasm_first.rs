//! Whether a script that nothing decides is tried in WebAssembly, and what came of earlier attempts.
//!
//! What can be known without compiling is looked at when the plan is made. The outcome of an attempt is noted in the
//! build dir by a key of all that it depends on, so that a failed one is not repeated. Such a note gives no rights: a
//! script that is noted as failed has the rights that the policy gives it natively, and no others.

use std::path::{Path, PathBuf};

use super::input::Input;
use super::model::wasm::{Compile, TARGET};
use super::scripts::Script;
use super::{closure, graph_paths, wasm, wasm_fitness};
use crate::artifacts::build_dir::BuildDir;
use crate::digest;
use crate::file::write_atomic;

/// The knowledge before a build about a script in WebAssembly.
#[derive(Debug, Clone)]
pub(super) enum Attempt {
    /// It is tried, or has run there.
    Possible(Compile),
    /// It was tried, and failed for this reason.
    Failed(Compile, String),
    /// It is not tried, for this reason.
    Impossible(String),
}

/// Returns what is known about a script. Nothing is compiled or run.
pub(super) fn attempt(script: &Script<'_>, input: &Input<'_>) -> Attempt {
    match possible(script, input) {
        Err(why) => Attempt::Impossible(why),
        Ok(compile) => {
            let dir = BuildDir { root: input.build_dir.to_path_buf() };
            match compile.attempt.as_deref().and_then(|key| outcome(&dir, key)) {
                Some(Err(why)) => Attempt::Failed(compile, why),
                Some(Ok(())) | None => Attempt::Possible(compile),
            }
        }
    }
}

fn possible(script: &Script<'_>, input: &Input<'_>) -> Result<Compile, String> {
    let rustc = &input.recording.rustc;
    let library = library(&rustc.sysroot);
    if rustc.sysroot.as_os_str().is_empty() || !library.is_dir() {
        return Err(format!(
            "rustc has no standard library for {TARGET}; `rustup target add {TARGET}` installs it"
        ));
    }
    wasm_fitness::check_script(&[script.path.to_path_buf()], &script.package.root)?;
    for root in wasm::libraries(&script.compiles, input.graph) {
        wasm_fitness::check_dependency(&sources_beside(root))?;
    }
    let mut compile = wasm::compile(&script.compiles, input)?;
    let linked = graph_paths::build_closure(&script.compiles, input.graph)?;
    let io = |error: std::io::Error| format!("{}: {error}", script.package.root.display());
    let runs = script.runs.iter().map(|run| (&run.run.target, &run.run.features));
    let mut runs: Vec<String> = runs.map(|run| format!("{run:?}")).collect();
    runs.sort();
    compile.attempt = Some(digest::text(&format!(
        "{}\n{}\n{}\n{:?}\n{runs:?}\n{}\n{}",
        script.path.display(),
        digest::package(&script.package.root).map_err(io)?,
        closure::closure_digest(&linked).map_err(io)?,
        compile.linked,
        rustc.verbose_version,
        env!("CARGO_PKG_VERSION")
    )));
    Ok(compile)
}

/// Returns the folder of rustc's standard library for [`TARGET`].
#[must_use]
pub fn library(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib").join(TARGET).join("lib")
}

/// The folders beside a library's root file that hold other programs.
const OTHERS: &[&str] = &["bin", "tests", "test", "benches", "examples", "target"];

/// Returns the files that a library is probably made of. Whether one of them is compiled is known only afterwards; so
/// a script may be taken for unfit that is fit, and not the other way round: what is compiled is looked at again.
fn sources_beside(root: &Path) -> Vec<PathBuf> {
    let mut found = vec![root.to_path_buf()];
    let mut pending: Vec<PathBuf> = root.parent().map(Path::to_path_buf).into_iter().collect();
    // A library in the package's own folder has its modules beside it, and much that is none.
    if root.parent().is_some_and(|folder| folder.join("Cargo.toml").exists()) {
        pending.clear();
    }
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() && !OTHERS.iter().any(|other| entry.file_name() == *other) {
                pending.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    found
}

fn place(dir: &BuildDir, key: &str) -> PathBuf {
    dir.inner().join("wasm").join("outcomes").join(key)
}

/// Returns the outcome that was noted under a key: why it failed, or that it ran.
#[must_use]
pub fn outcome(dir: &BuildDir, key: &str) -> Option<Result<(), String>> {
    let text = crate::file::read_text(&place(dir, key)).ok()?;
    match text.split_once('\n')? {
        ("ran", _) => Some(Ok(())),
        ("failed", why) => Some(Err(why.trim_end().to_owned())),
        _ => None,
    }
}

/// Notes the outcome of an attempt. A failure stays: a script may run several times, and one failure decides for all. If
/// the note cannot be written, the attempt is only repeated.
pub fn note(dir: &BuildDir, key: &str, outcome_now: Result<(), &str>) {
    let text = match outcome_now {
        Ok(()) if outcome(dir, key).is_some() => return,
        Ok(()) => "ran\n".to_owned(),
        Err(why) => format!("failed\n{why}\n"),
    };
    let place = place(dir, key);
    let _ = place.parent().map(std::fs::create_dir_all);
    let _ = write_atomic(&place, text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_decides_for_all_runs() {
        let folder = tempfile::tempdir().unwrap();
        let dir = BuildDir { root: folder.path().to_path_buf() };
        assert_eq!(outcome(&dir, "a"), None);
        note(&dir, "a", Ok(()));
        assert_eq!(outcome(&dir, "a"), Some(Ok(())));
        note(&dir, "a", Err("it asked for the time\nhelp"));
        note(&dir, "a", Ok(()));
        assert_eq!(outcome(&dir, "a"), Some(Err("it asked for the time\nhelp".to_owned())));
        assert_eq!(outcome(&dir, "b"), None);
    }
}
