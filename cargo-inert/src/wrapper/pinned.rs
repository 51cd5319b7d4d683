//! The compile of what an entry of the policy pins: a reviewed macro, and the libraries that are linked into one or into an
//! allowed script.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::arguments::RustcArguments;
use super::dep_info;
use super::rustc::compile_and_wait;
use crate::artifacts::build_dir::BuildDir;
use crate::environment::{Environment, current_dir};
use crate::plan::model::{ConfinedRustc, MacroPin, Pinned};

/// What of it a unit is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unit<'a> {
    Macro(&'a MacroPin),
    /// A library of the package in this folder.
    Library(&'a Path),
}

/// The unit with this root source file.
pub(super) fn of<'a>(pinned: &'a Pinned, source: &Path) -> Option<Unit<'a>> {
    let library = || pinned.sources.get(source).map(|root| Unit::Library(root));
    pinned.macros.get(source).map(Unit::Macro).or_else(library)
}

/// Compiles it, and looks before and after at what was reviewed.
///
/// # Errors
/// It is not that; then nothing is left that Cargo could take for its outputs.
pub(super) fn compile(
    raw: &[std::ffi::OsString],
    parsed: &RustcArguments,
    pinned: &Pinned,
    unit: Unit<'_>,
    (dir, wrapper, confined): (&BuildDir, Option<&Path>, Option<(&ConfinedRustc, &BuildDir)>),
    environment: &Environment,
) -> Result<ExitCode, String> {
    let (root, name) = match unit {
        Unit::Macro(pin) => (pin.root.as_path(), format!("the proc macro `{}`", pin.package)),
        Unit::Library(root) => (root, format!("`{}`, which is linked into it,", parsed.crate_name)),
    };
    let refused = |why: String| format!("{name} is refused: {why}");
    // Cargo sets it itself, whatever `[env]` says.
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
    look()?;
    let status = compile_and_wait(raw, parsed, wrapper, confined, environment)?;
    if status.success() {
        let folder = parsed.out_dir.clone().unwrap_or_default();
        // What a package's own script made lies in the build dir, wherever `[env]` would have it.
        let out_dir = environment.get("OUT_DIR").map(PathBuf::from);
        let out_dir = out_dir.filter(|folder| folder.starts_with(&dir.root));
        let rule = dep_info::rule_of(parsed, &folder);
        let read = dep_info::check(&rule, &cwd()?, &pinned.roots, out_dir.as_deref());
        if let Err(why) = read.map_err(refused).and_then(|()| look()) {
            forget(parsed, &folder);
            return Err(why);
        }
    }
    Ok(crate::exit::of_child(status))
}

/// Where rustc was started, by which it names what it read.
pub(super) fn cwd() -> Result<PathBuf, String> {
    current_dir().map_err(|error| format!("the current folder: {error}"))
}

fn forget(parsed: &RustcArguments, folder: &Path) {
    let stem = parsed.stem();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let own = name.strip_prefix("lib").unwrap_or(&name);
        if own.strip_prefix(&stem).is_some_and(|rest| rest.starts_with('.')) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
