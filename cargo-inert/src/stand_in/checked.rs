//! An allowed script, run as Cargo would have run it, with what was reviewed checked again before it starts and what it
//! says checked before Cargo hears it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::environment::Environment;
use crate::plan::{Checked, ScriptPlan};
use crate::policy::outputs::Folders;
use crate::wrapper::outputs::script_behind;

pub(super) fn run(
    script: &ScriptPlan,
    checked: &Checked,
    sidecar: &Path,
    cargos: &Environment,
) -> Result<(), String> {
    let package = &script.package;
    if cargos.get("CARGO_MANIFEST_DIR").map(Path::new) != Some(&script.root) {
        return Err(format!(
            "this stands for `{package}` in {}, but Cargo started it for another package",
            script.root.display()
        ));
    }
    // It may read any file of its package while it runs.
    checked.look(&script.root).map_err(|why| format!("the build script of `{package}` is refused: {why}"))?;
    let program = script_behind(sidecar);
    let output = crate::cargo::command(&program)
        .env_clear()
        .envs(&cargos.variables)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    let out_dir = cargos.get("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    let objections =
        checked.outputs.objections(&stdout, &Folders { out_dir: &out_dir, package: &script.root });
    if !objections.is_empty() {
        return Err(format!(
            "the build script of `{package}` may run, but not say:\n    {}\n  \
             help: if that was reviewed too, list it in `outputs` of its [[allow]] entry, as in \
             outputs = [\"rustc-env=NAME=*\"]",
            objections.join("\n    ")
        ));
    }
    std::io::stdout().write_all(&output.stdout).map_err(|error| format!("standard output: {error}"))?;
    match output.status.code() {
        Some(0) => Ok(()),
        code => Err(format!(
            "the build script of `{package}` failed{}",
            code.map(|code| format!(" with exit code {code}")).unwrap_or_default()
        )),
    }
}
