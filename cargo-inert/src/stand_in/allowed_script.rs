//! Runs an allowed script as Cargo would: the reviewed files and the compiled form are checked again before it starts,
//! and its output is checked before Cargo gets it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use super::script_integrity;
use crate::artifacts::build_dir::BuildDir;
use crate::artifacts::sidecar::{module_behind, script_behind};
use crate::cargo::configuration::places::Places;
use crate::confine::script;
use crate::environment::Environment;
use crate::plan::model::{Checked, ScriptPlan};
use crate::plan::seal::NOT_IN_WASM;
use crate::plan::wasm_first;
use crate::policy::outputs::{Folders, folder, passed_on};

pub(super) fn run(
    script: &ScriptPlan,
    checked: &Checked,
    sidecar: &Path,
    dir: Option<&BuildDir>,
    cargos: &Environment,
) -> Result<ExitCode, String> {
    let package = &script.package;
    if cargos.get("CARGO_MANIFEST_DIR").map(Path::new) != Some(&script.root) {
        return Err(format!(
            "this stands for `{package}` in {}, but Cargo started it for another package",
            script.root.display()
        ));
    }
    // All files are checked, since the script may read any file of its package.
    let refused = |why| format!("the build script of `{package}` is refused: {why}");
    checked.look(&script.root).map_err(refused)?;
    let program = script_behind(sidecar);
    // With the wrapper alone there is no folder that the tree could not name, so no digest is stored.
    if let Some(dir) = dir {
        script_integrity::check(dir, &Environment::capture(), &program).map_err(refused)?;
    }
    if checked.wasm {
        let undecided = script.wasm.as_ref().and_then(|plan| plan.attempt.as_deref());
        if let (Some(dir), Some(key), Some(_)) = (dir, undecided, &checked.confined) {
            if let Some(done) = first_in_wasm(script, sidecar, dir, key, cargos)? {
                return say(script, checked, &done.publish().map_err(refused)?, Some(dir), cargos);
            }
        } else {
            let help = match undecided {
                Some(_) => "`cargo inert review` shows what else decides it",
                None => "take `run = \"wasm\"` out of its [[allow]] entry to run it natively",
            };
            let done = super::wasm_script::run(&program, &script.root, dir, cargos);
            if let (Some(dir), Some(key)) = (dir, undecided) {
                wasm_first::note(dir, key, done.as_ref().map(drop).map_err(String::as_str));
            }
            // Not noted: without the variable it may run.
            let done = done.and_then(|done| {
                let callers = match dir {
                    Some(dir) => super::callers_environment(dir, cargos)?,
                    None => Environment::capture(),
                };
                done.saw_all(cargos, &callers).map(|()| done)
            });
            let done = done.map_err(|why| refused(format!("{why}\n  help: {help}")))?;
            return say(script, checked, &done.publish().map_err(refused)?, dir, cargos);
        }
    }
    if let Some(confined) = checked.confined.as_ref().filter(|confined| !confined.unavailable) {
        let printed = script::run(script, checked, confined, &program, dir, cargos)?;
        return say(script, checked, &printed, dir, cargos);
    }
    let mut command = crate::cargo::command(&program);
    command.env_clear().envs(&cargos.variables);
    if checked.outputs.any {
        return become_it(command);
    }
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    match output.status.code() {
        Some(0) => say(script, checked, &output.stdout, dir, cargos),
        code => Err(format!(
            "the build script of `{package}` failed{}",
            code.map(|code| format!(" with exit code {code}")).unwrap_or_default()
        )),
    }
}

/// Runs a script that nothing decides in WebAssembly, unless that failed before; `None` if it has to run confined. Nothing
/// of a failed run is left.
///
/// # Errors
/// The module is not the one that rustc made of the script.
fn first_in_wasm(
    script: &ScriptPlan,
    sidecar: &Path,
    dir: &BuildDir,
    key: &str,
    cargos: &Environment,
) -> Result<Option<super::wasm_script::Done>, String> {
    let module = module_behind(sidecar);
    let failed = wasm_first::outcome(dir, key).and_then(Result::err);
    let why = match failed {
        Some(why) => why,
        // The wrapper makes no module for what has failed; without a note the attempt was another build's.
        None if !module.is_file() => "it was not compiled for WebAssembly".to_owned(),
        None => {
            script_integrity::check(dir, &Environment::capture(), &module)
                .map_err(|why| format!("the build script of `{}` is refused: {why}", script.package))?;
            let done = super::wasm_script::run(&module, &script.root, Some(dir), cargos);
            let done = done.and_then(|done| {
                let callers = super::callers_environment(dir, cargos)?;
                done.saw_all(cargos, &callers).map(|()| done)
            });
            wasm_first::note(dir, key, done.as_ref().map(drop).map_err(String::as_str));
            match done {
                Ok(done) => return Ok(Some(done)),
                Err(why) => why,
            }
        }
    };
    let first = why.lines().next().unwrap_or_default();
    dir.note(
        cargos,
        NOT_IN_WASM,
        &format!("the build script of `{}` ran confined, not in WebAssembly: {first}", script.package),
    );
    Ok(None)
}

/// Passes on the output of the script, if all of it is permitted.
fn say(
    script: &ScriptPlan,
    checked: &Checked,
    printed: &[u8],
    dir: Option<&BuildDir>,
    cargos: &Environment,
) -> Result<ExitCode, String> {
    let package = &script.package;
    let out_dir = cargos.get("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    let target = cargos.text("TARGET").unwrap_or_default();
    // Variables from `[env]` must not determine the system's library folders.
    let callers = match dir {
        Some(dir) => super::callers_environment(dir, cargos)?,
        None => Environment::capture(),
    };
    let mut places = Places::of(&script.root, None, &callers);
    checked.confined.iter().for_each(|confined| places.add(&confined.workspace));
    let roots = folder::of_system(target, cargos.text("HOST").unwrap_or_default(), &callers);
    let folders = Folders {
        out_dir: &out_dir,
        package: &script.root,
        name: &script.package.name,
        roots: &roots,
        target,
        environment: &callers,
        places: &places,
    };
    let objections = checked.outputs.objections(printed, &folders);
    if !objections.is_empty() {
        let how = if checked.digest.is_some() {
            "list it in `outputs` of its [[allow]] entry, as in outputs = [\"rustc-env=NAME=*\"]"
        } else {
            "give it an [[allow]] entry with `outputs`, or write members = \"allow\" under [policy] and accept that by \
             `cargo inert trust`"
        };
        return Err(format!(
            "the build script of `{package}` may run, but not say:\n    {}\n  help: if that was reviewed too, {how}",
            objections.join("\n    ")
        ));
    }
    let heard = if checked.outputs.any { printed.to_vec() } else { passed_on(printed) };
    std::io::stdout().write_all(&heard).map_err(|error| format!("standard output: {error}"))?;
    Ok(ExitCode::SUCCESS)
}

/// Replaces this process by the script, whose output is not checked.
fn become_it(mut command: Command) -> Result<ExitCode, String> {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        let error = command.exec();
        Err(format!("{}: {error}", command.get_program().to_string_lossy()))
    }
    #[cfg(not(unix))]
    {
        let status = command.status().map_err(|error| error.to_string())?;
        Ok(crate::exit::of_child(status))
    }
}
