//! Handles a call of rustc by Cargo as the session's plan says.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::arguments::RustcArguments;
use super::failure::Failure;
use super::pinned::aside_is_pinned;
use super::rustc::{Fence, compile, compile_aside, pass_on, said_features};
use super::{attributes, outputs, pinned, plain_cargo};
use crate::artifacts::build_dir::BuildDir;
use crate::artifacts::sidecar::Sidecar;
use crate::environment::{Environment, current_dir};
use crate::plan::model::{Action, Index, IndexEntry};
use crate::plan::{seal, skip};

/// Runs the wrapper; `arguments` follow the wrapper's own name, and begin with rustc (or a workspace wrapper).
///
/// # Errors
/// Nothing was compiled; the error says why.
pub fn main(arguments: &[std::ffi::OsString]) -> Result<ExitCode, Failure> {
    run(arguments, &Environment::capture())
}

fn run(raw: &[std::ffi::OsString], environment: &Environment) -> Result<ExitCode, Failure> {
    let cwd = current_dir().map_err(|error| format!("the current folder: {error}"))?;
    if let Some(folder) = crate::cargo::recording::folder_of_this_process() {
        return crate::cargo::recording::record(&folder, raw).map_err(Failure::from);
    }
    if super::arguments::is_cargos(raw)? {
        crate::cargo::argument_files::refuse(raw)?;
    }
    let parsed = RustcArguments::parse(raw, &cwd)?;
    let Some(out_dir) = parsed.out_dir.clone().filter(|_| parsed.source.is_some()) else {
        // `-vV` and `--print` are questions and compile nothing.
        let wrapper = None;
        return pass_on(raw, wrapper, environment).map_err(Failure::from);
    };
    if let Some(why) = parsed.source.as_deref().and_then(attributes::objection) {
        let name = crate::file::one_line(&parsed.crate_name);
        return Err(format!("`{name}` is refused: {why}").into());
    }
    match BuildDir::containing(&out_dir) {
        Some(dir) => planned(raw, &parsed, &dir, environment).map_err(Failure::from),
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
    let confined = Fence::of(&index, dir);
    if let Some(entries) = index.scripts.get(source).filter(|_| parsed.is_binary()) {
        // `[env]` cannot override the variable: Cargo sets it itself.
        let root = environment.get("CARGO_MANIFEST_DIR").map(Path::new);
        let entry =
            entries.iter().find(|entry| root == Some(&entry.root)).ok_or_else(|| unplanned(parsed))?;
        return script(raw, parsed, dir, entry, (wrapper, confined, &index.sysroot), environment);
    }
    if parsed.looks_like_script() && !index.lookalikes.contains(source) {
        return Err(unplanned(parsed));
    }
    if !parsed.metadata {
        // The call is not Cargo's: a script that runs tests something with the compiler.
        return pass_on(raw, wrapper, environment);
    }
    // The place is checked first: flags may change the unit's key, and its macros would be compiled.
    let said = said_features(dir, environment);
    let of_place = place(&index, parsed, &said).ok_or_else(|| unplanned(parsed))?;
    let skipped = match (of_place, parsed.key()) {
        (Some(keys), _) => keys.clone(),
        (None, Some(key)) if index.skipped.contains(&key.0) => vec![key.0],
        (None, _) => Vec::new(),
    };
    let stamps: Vec<PathBuf> =
        skipped.iter().map(|key| dir.decision(&crate::freshness::skip_stamp(key))).collect();
    // The stamp says "needed" if an earlier command had the unit compiled, and another may need it again.
    let is_skipped = |stamp: &PathBuf| std::fs::read(stamp).is_ok_and(|content| content == b"skipped");
    if !stamps.is_empty() && stamps.iter().all(is_skipped) {
        // Another unit of the same file may be pinned; of this one nothing is compiled that could be held to it.
        let pinned = index.pinned.stamps.get(source).map(|stamp| dir.decision(stamp));
        let stamps: Vec<&Path> = stamps.iter().chain(&pinned).map(PathBuf::as_path).collect();
        outputs::write_empty(parsed, &stamps)?;
        seal::note_empty(dir, environment);
        return Ok(ExitCode::SUCCESS);
    }
    match pinned::of(&index.pinned, source) {
        Some(unit) => pinned::compile(
            raw,
            parsed,
            &index.pinned,
            unit,
            (dir, wrapper, confined, &index.sysroot),
            environment,
        ),
        None => compile(raw, parsed, wrapper, confined, environment),
    }
}

/// Returns the plan's entry for the units that a crate may be; `None` if it is none of them.
fn place<'a>(
    index: &'a Index,
    parsed: &RustcArguments,
    said: &BTreeSet<String>,
) -> Option<&'a Option<Vec<String>>> {
    let source = parsed.source.as_deref()?;
    parsed
        .features_in_graph(&index.flag_features, said)
        .iter()
        .find_map(|features| index.places.get(&skip::place(source, features, parsed.target.as_deref())))
}

/// Returns the message for a crate that is not in the plan.
fn unplanned(parsed: &RustcArguments) -> String {
    format!(
        "`{}` ({}) is none of the crates that Cargo named when this build was planned, with these features and for \
         this target; it was not compiled.\n  \
         help: run the command again. If this stays, something changes the build after it is planned: a wrapper or a \
         program in Cargo's place that adds arguments, or one that edits manifests, Cargo.lock or .cargo/config.toml",
        crate::file::one_line(&parsed.crate_name),
        parsed.source.as_deref().map(crate::file::shown).unwrap_or_default()
    )
}

fn script(
    raw: &[std::ffi::OsString],
    parsed: &RustcArguments,
    dir: &BuildDir,
    entry: &IndexEntry,
    (wrapper, confined, sysroot): (Option<&Path>, Option<Fence<'_>>, &Path),
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
            let pins = entry.checked.as_ref().is_some_and(|checked| checked.digest.is_some());
            let confined = confined.map(|fence| if pins { fence.for_pinned() } else { fence });
            let callers = crate::stand_in::callers_environment(dir, environment)?;
            let around = super::wasm::Around { fence: confined, environment, callers: &callers };
            let wasm = entry.checked.as_ref().filter(|checked| checked.wasm);
            let script = || seal::read_script(&seal::plan_of_session(dir, environment)?, &entry.id);
            // A module of other sources would pass for this script's.
            outputs::remove_module(parsed)?;
            let (aside, status) = match wasm {
                Some(checked) if checked.confined.is_none() => {
                    super::wasm::compile(raw, parsed, &script()?, dir, around)?
                }
                _ => compile_aside(raw, parsed, wrapper, confined, environment)?,
            };
            if status.success() {
                if wasm.is_some_and(|checked| checked.confined.is_some()) {
                    super::wasm::attempt(raw, parsed, &script()?, dir, around)?;
                }
                // The compiled files are the checked ones: they have not changed meanwhile, and no other files were
                // read.
                look()?;
                if let Some(checked) = entry.checked.as_ref().filter(|checked| checked.digest.is_some()) {
                    let build = [dir.root.as_path(), sysroot];
                    aside_is_pinned(&aside, parsed, checked, &entry.root, &build).map_err(|why| {
                        format!("the build script of `{}` is refused: {why}", entry.package)
                    })?;
                }
                let sidecar = Sidecar { build_dir: Some(&dir.root), script: &entry.id };
                aside.put_behind_stand_in(parsed, &sidecar, &[&decision], Some((dir, &callers)))?;
            }
            Ok(crate::exit::of_child(status))
        }
        Action::Deny => Err(format!("the build script of package `{}` is refused", entry.package)),
    }
}
