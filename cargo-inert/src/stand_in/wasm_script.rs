//! Runs an allowed script that was compiled to WebAssembly: it can read its package, and its files in OUT_DIR are
//! written after it has succeeded.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use inert_wasi::{Inputs, Limits, Outcome};

use crate::artifacts::build_dir::BuildDir;
use crate::digest;
use crate::environment::Environment;
use crate::file::write_if_changed;

/// The names and prefixes of variables that Cargo sets for a script (the Cargo book, "Environment variables Cargo sets
/// for build scripts"). The prefix `CARGO_` is not among them, since variables with a registry's token begin with it.
const NAMES: &[&str] = &[
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_LINKS",
    "CARGO_MANIFEST_PATH",
    "DEBUG",
    "HOST",
    "NUM_JOBS",
    "OPT_LEVEL",
    "OUT_DIR",
    "PROFILE",
    "TARGET",
];
const PREFIXES: &[&str] = &["CARGO_CFG_", "CARGO_FEATURE_", "CARGO_PKG_", "DEP_"];

/// Returns whether Cargo sets a variable for scripts, so that a script in WebAssembly sees it too.
#[must_use]
pub fn is_cargos(name: &str) -> bool {
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// A run that succeeded. Nothing of it is written yet.
pub(super) struct Done {
    outcome: Outcome,
    out_dir: PathBuf,
}

impl Done {
    /// Refuses a run that depends on a variable of the caller's that it did not see.
    ///
    /// # Errors
    /// The name of the variable.
    pub(super) fn saw_all(&self, cargos: &Environment, callers: &Environment) -> Result<(), String> {
        let seen = |name: &str| is_cargos(name) && cargos.get(name).is_some();
        match crate::confine::script::missed(&self.outcome.stdout, &seen, callers).first() {
            Some(name) => {
                Err(format!("it asked for the variable {name}, which in WebAssembly it does not see"))
            }
            None => Ok(()),
        }
    }

    /// Writes the script's files, and returns its standard output.
    ///
    /// # Errors
    /// OUT_DIR cannot be written.
    pub(super) fn publish(self) -> Result<Vec<u8>, String> {
        crate::console::status(String::from_utf8_lossy(&self.outcome.stderr).trim_end());
        write(&self.outcome, &self.out_dir)
            .map_err(|error| format!("{}: {error}", self.out_dir.display()))?;
        Ok(self.outcome.stdout)
    }
}

/// Runs the module to its end.
///
/// # Errors
/// The script failed, exceeded a limit, or asked for something that exists natively but not in WebAssembly. Nothing was
/// written.
pub(super) fn run(
    module: &Path,
    root: &Path,
    dir: Option<&BuildDir>,
    cargos: &Environment,
) -> Result<Done, String> {
    let bytes = std::fs::read(module).map_err(|error| format!("{}: {error}", module.display()))?;
    let out_dir = cargos.get("OUT_DIR").map(PathBuf::from).ok_or("OUT_DIR is not set")?;
    let environment: BTreeMap<String, String> = cargos
        .variables
        .iter()
        .filter_map(|(name, value)| Some((name.to_str()?.to_owned(), value.to_str()?.to_owned())))
        .filter(|(name, _)| is_cargos(name))
        .collect();
    let mut hidden = hidden(root);
    // A package around the workspace holds the build's own output, which is in no digest either.
    let build = dir.and_then(|dir| dir.root.strip_prefix(root).ok()?.components().next());
    hidden.extend(build.map(|first| first.as_os_str().to_string_lossy().into_owned()));
    let limits = Limits::default();
    let inputs = Inputs { package: root.to_owned(), hidden, out_dir: out_dir.clone(), environment, limits };
    let outcome = inert_wasi::run(&bytes, &inputs).map_err(|failure| failure.to_string())?;
    refuse_what_differs(&outcome)?;
    if outcome.code != 0 {
        let said = String::from_utf8_lossy(&outcome.stderr);
        return Err(format!("it failed with exit code {} (in WebAssembly)\n{said}", outcome.code)
            .trim_end()
            .to_owned());
    }
    Ok(Done { outcome, out_dir })
}

/// Returns the names in a package that a script does not see: what its digest leaves out.
#[must_use]
pub fn hidden(package: &Path) -> BTreeSet<String> {
    digest::left_out(package)
}

/// Refuses a run that asked for the time or for unreachable files, since its output may differ from that of a native
/// run.
fn refuse_what_differs(outcome: &Outcome) -> Result<(), String> {
    if outcome.asked_time {
        return Err("it asked for the time, which stands still in WebAssembly".to_owned());
    }
    if let Some(path) = outcome.out_of_reach.iter().next() {
        return Err(format!(
            "it asked for {path}, which in WebAssembly it cannot see: its package and OUT_DIR are all that there is"
        ));
    }
    Ok(())
}

/// Writes the files that the script left in OUT_DIR. Files of an earlier run are removed, unless this one wrote them
/// too.
fn write(outcome: &Outcome, out_dir: &Path) -> std::io::Result<()> {
    remove_others(outcome, out_dir, "")?;
    for folder in &outcome.empty_folders {
        std::fs::create_dir_all(out_dir.join(folder))?;
    }
    for (path, contents) in &outcome.files {
        let path = out_dir.join(path);
        path.parent().map(std::fs::create_dir_all).transpose()?;
        write_if_changed(&path, contents)?;
    }
    Ok(())
}

fn remove_others(outcome: &Outcome, folder: &Path, below: &str) -> std::io::Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return std::fs::create_dir_all(folder),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        // A module cannot write a file whose name is not Unicode.
        let path = name
            .to_str()
            .map(|name| if below.is_empty() { name.to_owned() } else { format!("{below}/{name}") });
        let kind = entry.file_type()?;
        let prefix = path.as_ref().map(|path| format!("{path}/"));
        let holds_some = prefix.is_some_and(|prefix| {
            outcome.files.keys().chain(&outcome.empty_folders).any(|path| path.starts_with(&prefix))
        });
        let known = path.as_ref().is_some_and(|path| {
            if kind.is_dir() {
                holds_some || outcome.empty_folders.contains(path)
            } else {
                outcome.files.contains_key(path)
            }
        });
        match path.filter(|_| known && !kind.is_symlink()) {
            Some(path) if kind.is_dir() => remove_others(outcome, &entry.path(), &path)?,
            Some(_) => {}
            None if kind.is_dir() => std::fs::remove_dir_all(entry.path())?,
            None => std::fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}
