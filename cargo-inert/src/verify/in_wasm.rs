//! The script itself in WebAssembly, in the place of a stand-in: its outcome there must be that of the native run.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use inert_wasi::{Inputs, Limits};

use super::manifest::Manifest;
use super::observe::Outcome;
use super::simulate::Variables;

/// Compiles scripts to WebAssembly for a bench.
pub trait Compile: fmt::Debug + Sync {
    /// Returns the module of the script of the package in `package`, a copy whose manifest may be replaced meanwhile.
    ///
    /// # Errors
    /// The script does not compile for the target, or would behave differently there.
    fn compile(
        &self,
        package: &Path,
        manifest: &Manifest,
        features: &BTreeSet<String>,
    ) -> Result<Arc<Vec<u8>>, String>;
}

/// Runs a module with the variables of a case, and writes its files to OUT_DIR. A run that asked for what is not there
/// counts as refused: a build does not take its outcome.
pub(super) fn run(
    module: &[u8],
    package: &Path,
    out_dir: &Path,
    variables: &Variables,
    links: bool,
) -> Outcome {
    let failed = |why: String| Outcome { failed: Some(why), ..Outcome::default() };
    let refused = |why: String| Outcome { refused: true, ..failed(why) };
    let mut environment = variables.clone();
    environment.retain(|name, _| crate::stand_in::is_cargos(name));
    let inputs = Inputs {
        package: package.to_path_buf(),
        hidden: crate::stand_in::hidden(package),
        out_dir: out_dir.to_path_buf(),
        environment,
        limits: Limits::default(),
    };
    let outcome = match inert_wasi::run(module, &inputs) {
        Ok(outcome) => outcome,
        Err(failure) => return refused(failure.to_string()),
    };
    if outcome.asked_time {
        return refused("it asked for the time".to_owned());
    }
    if let Some(path) = outcome.out_of_reach.first() {
        return refused(format!("it asked for {path}, which it cannot see in WebAssembly"));
    }
    if outcome.code != 0 {
        // The failure of a script that nothing decides is not taken either: it is run natively then.
        let said = String::from_utf8_lossy(&outcome.stderr);
        return refused(format!("it failed with exit code {}: {}", outcome.code, said.trim()));
    }
    let write = || -> std::io::Result<()> {
        for folder in &outcome.empty_folders {
            std::fs::create_dir_all(out_dir.join(folder))?;
        }
        for (path, bytes) in &outcome.files {
            let path = out_dir.join(path);
            path.parent().map(std::fs::create_dir_all).transpose()?;
            std::fs::write(path, bytes)?;
        }
        Ok(())
    };
    match write() {
        Ok(()) => Outcome::of_output(&outcome.stdout, links),
        Err(error) => failed(format!("{}: {error}", out_dir.display())),
    }
}
