//! A call of rustc by Cargo: obeyed as the plan of the session says.

use std::path::Path;
use std::process::ExitCode;

use super::arguments::RustcArguments;
use super::rustc::{compile_aside, pass_on};
use super::{outputs, plain_cargo};
use crate::artifacts::build_dir::BuildDir;
use crate::artifacts::sidecar::Sidecar;
use crate::environment::{Environment, current_dir};
use crate::plan::model::{Action, IndexEntry};
use crate::plan::seal;

/// Entry point: `arguments` are what follows the wrapper's own name, rustc (or a workspace wrapper) first.
#[must_use]
pub fn main(arguments: Vec<std::ffi::OsString>) -> ExitCode {
    let environment = Environment::capture();
    match run(&arguments, &environment) {
        Ok(code) => code,
        Err(message) => {
            crate::console::wrapper_error(&message);
            ExitCode::from(crate::exit::DENIED)
        }
    }
}

fn run(raw: &[std::ffi::OsString], environment: &Environment) -> Result<ExitCode, String> {
    let cwd = current_dir().map_err(|error| format!("the current folder: {error}"))?;
    if let Some(folder) = crate::cargo::recording::folder_of_this_process() {
        return crate::cargo::recording::record(&folder, raw);
    }
    let parsed = RustcArguments::parse(raw, &cwd)?;
    let Some(out_dir) = parsed.out_dir.clone().filter(|_| parsed.source.is_some()) else {
        // `-vV`, `--print`: a question, not a compile.
        let wrapper = None;
        return pass_on(raw, wrapper, environment);
    };
    match BuildDir::containing(&out_dir) {
        Some(dir) => planned(raw, &parsed, &dir, environment),
        None => plain_cargo::run(raw, &parsed, environment),
    }
}

fn planned(
    raw: &[std::ffi::OsString],
    parsed: &RustcArguments,
    dir: &BuildDir,
    environment: &Environment,
) -> Result<ExitCode, String> {
    let plan = seal::plan_of_session(dir, environment)?;
    let index = seal::read_index(&plan)?;
    let source = parsed.source.as_deref().unwrap_or(Path::new(""));
    let wrapper = index.user_wrapper.as_deref();
    if let Some(entries) = index.scripts.get(source).filter(|_| parsed.is_binary()) {
        // `[env]` cannot override the variable: Cargo sets it itself.
        let root = environment.get("CARGO_MANIFEST_DIR").map(Path::new);
        let entry = entries.iter().find(|entry| root == Some(&entry.root)).ok_or_else(|| {
            format!("{}: the plan of this build does not hold it for this package", source.display())
        })?;
        return script(raw, parsed, dir, entry, wrapper, environment);
    }
    if parsed.looks_like_script() && !index.lookalikes.contains(source) {
        return Err(format!(
            "{} looks like a build script, and the plan of this build does not hold it; nothing was compiled.\n  \
             help: run the command again; if this stays, something changes the build after it was planned",
            source.display()
        ));
    }
    if let Some(key) = parsed.key().filter(|key| index.skipped.contains(&key.0)) {
        let stamp = dir.decision(&crate::freshness::skip_stamp(&key.0));
        // "needed": a command before this one had it compiled, and another may want it again.
        if std::fs::read(&stamp).is_ok_and(|content| content == b"skipped") {
            outputs::write_empty(parsed, &[&stamp])?;
            return Ok(ExitCode::SUCCESS);
        }
    }
    pass_on(raw, wrapper, environment)
}

fn script(
    raw: &[std::ffi::OsString],
    parsed: &RustcArguments,
    dir: &BuildDir,
    entry: &IndexEntry,
    wrapper: Option<&Path>,
    environment: &Environment,
) -> Result<ExitCode, String> {
    let decision = dir.decision(&entry.id);
    match entry.action {
        Action::Replace | Action::Unneeded | Action::Overridden => {
            let sidecar = Sidecar { build_dir: Some(&dir.root), script: &entry.id };
            outputs::write_stand_in(parsed, &sidecar, &[&decision])?;
            Ok(ExitCode::SUCCESS)
        }
        Action::Run => {
            let look = || match &entry.checked {
                Some(checked) => checked
                    .look(&entry.root)
                    .map_err(|why| format!("the build script of `{}` is refused: {why}", entry.package)),
                None => Ok(()),
            };
            look()?;
            let callers = crate::stand_in::callers_environment(dir, environment)?;
            let (aside, status) = if entry.checked.as_ref().is_some_and(|checked| checked.wasm) {
                let script = seal::read_script(&seal::plan_of_session(dir, environment)?, &entry.id)?;
                super::wasm::compile(raw, parsed, &script, dir, &callers)?
            } else {
                compile_aside(raw, parsed, wrapper, environment)?
            };
            if status.success() {
                // What was compiled is what was checked: nothing changed meanwhile.
                look()?;
                let sidecar = Sidecar { build_dir: Some(&dir.root), script: &entry.id };
                aside.put_behind_stand_in(parsed, &sidecar, &[&decision], Some((dir, &callers)))?;
            }
            Ok(crate::exit::of_child(status))
        }
        Action::Deny => Err(format!("the build script of package `{}` is refused", entry.package)),
    }
}
