//! Compiles units that a policy entry pins: a reviewed macro, and the libraries that are linked into one or into an
//! allowed script.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::arguments::RustcArguments;
use super::dep_info;
use super::link_inputs::Words;
use super::outputs::Aside;
use super::rustc::{Fence, compile_and_wait};
use crate::artifacts::build_dir::BuildDir;
use crate::artifacts::layout;
use crate::environment::{Environment, current_dir};
use crate::plan::model::{Checked, MacroPin, Pinned};

/// The kind of a pinned unit.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unit<'a> {
    Macro(&'a MacroPin),
    /// A library of the package in this folder.
    Library(&'a Path),
}

/// Returns the pinned unit with this root source file.
pub(super) fn of<'a>(pinned: &'a Pinned, source: &Path) -> Option<Unit<'a>> {
    let library = || pinned.sources.get(source).map(|root| Unit::Library(root));
    pinned.macros.get(source).map(Unit::Macro).or_else(library)
}

/// Compiles the unit, and checks the reviewed files before and after.
///
/// # Errors
/// The files differ; no outputs remain that Cargo could use.
pub(super) fn compile(
    raw: &[std::ffi::OsString],
    parsed: &RustcArguments,
    pinned: &Pinned,
    unit: Unit<'_>,
    (dir, wrapper, confined, sysroot): (&BuildDir, Option<&Path>, Option<Fence<'_>>, &Path),
    environment: &Environment,
) -> Result<ExitCode, String> {
    let (root, name) = match unit {
        Unit::Macro(pin) => (pin.root.as_path(), format!("the proc macro `{}`", pin.package)),
        Unit::Library(root) => (root, format!("`{}`, which is linked into it,", parsed.crate_name)),
    };
    let refused = |why: String| format!("{name} is refused: {why}");
    // Cargo sets the variable itself; `[env]` cannot change it.
    let cargos = environment.get("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    if cargos.canonicalize().ok() != root.canonicalize().ok() {
        return Err(refused(format!(
            "Cargo has its package in {}, and the digest is one of {}",
            cargos.display(),
            root.display()
        )));
    }
    let look = || match unit {
        Unit::Macro(pin) => pin.checked.look(root).map_err(refused),
        Unit::Library(_) => Ok(()),
    };
    pinned.build_output.iter().for_each(|folder| crate::digest::leave_out(folder));
    pinned.judged_apart.iter().for_each(|folder| crate::digest::judge_apart(folder));
    look()?;
    let folder = parsed.out_dir.clone().unwrap_or_default();
    // All macros of a profile are linked in the same folder.
    let scratch = folder.join(format!("{}.linked", parsed.stem()));
    let linked = match unit {
        Unit::Macro(_) if parsed.emit.is_empty() || parsed.emit.contains("link") => {
            std::fs::create_dir_all(&scratch).map_err(|error| format!("{}: {error}", scratch.display()))?;
            Some(Words::in_folder(&scratch))
        }
        Unit::Macro(_) | Unit::Library(_) => None,
    };
    let told: Vec<_> = raw.iter().cloned().chain(linked.as_ref().map(Words::flag)).collect();
    let confined = confined.map(Fence::for_pinned);
    let status = compile_and_wait(&told, parsed, wrapper, confined, environment)?;
    if status.success() {
        // The outputs of a package's own script are in the build dir; `[env]` cannot make another folder count.
        let out_dir = environment.get("OUT_DIR").map(PathBuf::from);
        let out_dir = out_dir.filter(|folder| folder.starts_with(&dir.root));
        let rule = dep_info::rule_of(parsed, &folder);
        let read = dep_info::check(&rule, &cwd()?, &pinned.roots, out_dir.as_deref());
        let linked = || match linked {
            Some(words) => {
                use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
                let file = folder.join(format!("{DLL_PREFIX}{}{DLL_SUFFIX}", parsed.stem()));
                words.check(&cwd()?, &folders(&pinned.roots, &[&dir.root, sysroot]), &file)
            }
            None => Ok(()),
        };
        if let Err(why) = read.and_then(|()| linked()).map_err(refused).and_then(|()| look()) {
            layout::remove_outputs(&folder, &parsed.stem());
            let _ = std::fs::remove_dir_all(&scratch);
            return Err(why);
        }
        // The dependency on the stamp shows the driver that the unit was checked against these pins.
        if let Some(stamp) = parsed.source.as_ref().and_then(|source| pinned.stamps.get(source)) {
            super::outputs::add_dependencies(parsed, &[&dir.decision(stamp)])?;
        }
    }
    let _ = std::fs::remove_dir_all(&scratch);
    Ok(crate::exit::of_child(status))
}

/// Checks that a script was compiled only from pinned files, and linked only from them. `build` are the build dir and
/// the toolchain.
///
/// # Errors
/// Another file was read; the error names it.
pub(super) fn aside_is_pinned(
    aside: &Aside,
    parsed: &RustcArguments,
    checked: &Checked,
    root: &Path,
    build: &[&Path],
) -> Result<(), String> {
    let roots = checked.closure.keys().cloned().chain([root.to_path_buf()]).collect();
    let rule = dep_info::rule_of(parsed, &aside.folder);
    dep_info::check(&rule, &cwd()?, &roots, None)?;
    // A script in WebAssembly uses no system linker, and does not run on the host itself.
    if checked.wasm {
        return Ok(());
    }
    let linked = aside.folder.join(format!("{}{}", parsed.stem(), std::env::consts::EXE_SUFFIX));
    Words::in_folder(&aside.folder).check(&cwd()?, &folders(&roots, build), &linked)
}

fn folders<'a>(roots: &'a BTreeSet<PathBuf>, build: &[&'a Path]) -> Vec<&'a Path> {
    roots.iter().map(PathBuf::as_path).chain(build.iter().copied()).collect()
}

/// Returns the folder that rustc was started in, to which its paths are relative.
pub(super) fn cwd() -> Result<PathBuf, String> {
    current_dir().map_err(|error| format!("the current folder: {error}"))
}
