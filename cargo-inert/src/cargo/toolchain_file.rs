//! `rust-toolchain.toml` with a `path`: rustup starts the cargo and rustc of that folder (the rustup book, "Overrides")
//! before Cargo's configuration can be read. Such a file is refused, unless the folder is one of the system.
//!
//! Under `cargo inert` rustup has already chosen and started that cargo; so documentation and CI snippets call
//! `cargo-inert`.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::configuration::places::Places;
use super::package::path_from;
use crate::environment::Environment;

/// The variable that takes precedence over the file.
const VARIABLE: &str = "RUSTUP_TOOLCHAIN";

/// Returns why no program may be started in a folder; `None` if nothing forbids it.
#[must_use]
pub fn objection(cwd: &Path, environment: &Environment) -> Option<String> {
    if environment.text(VARIABLE).is_some() {
        return None;
    }
    let files = cwd
        .ancestors()
        .flat_map(|folder| ["rust-toolchain", "rust-toolchain.toml"].map(|name| folder.join(name)));
    for file in files {
        // rustup goes by the nearest file that it can read: not by a folder, nor by what is no Unicode.
        let text = match std::fs::metadata(&file) {
            Err(_) => continue,
            Ok(found) if found.is_dir() => continue,
            Ok(_) => match crate::file::read_text(&file) {
                Ok(text) => text,
                Err(error) if error.kind() == std::io::ErrorKind::InvalidData => continue,
                Err(error) => return Some(unread(&file, &error.to_string())),
            },
        };
        return match path_in(&text) {
            Ok(path) => path.and_then(|path| elsewhere(cwd, environment, &file, &path)),
            Err(why) => Some(unread(&file, &why)),
        };
    }
    None
}

/// Returns the refusal of a file that rustup, which reads it whole, might take for more than Inert does.
fn unread(file: &Path, why: &str) -> String {
    format!(
        "{} chooses the programs in the place of Cargo and rustc, and cannot be read: {why}; nothing was started\n  \
         help: mend it, or choose the toolchain from outside of the tree: {VARIABLE}=stable",
        crate::file::shown(file)
    )
}

/// Returns the refusal of a folder of programs that is not the system's.
fn elsewhere(cwd: &Path, environment: &Environment, file: &Path, path: &str) -> Option<String> {
    let toolchain = path_from(file.parent()?, path);
    // Only an administrator can write a system folder.
    let places = Places::of(cwd, None, environment);
    (!places.is_of_the_system(&toolchain.to_string_lossy())).then(|| {
        format!(
            "{} puts the programs in {} in the place of Cargo and rustc; nothing was started\n  \
             help: where that is meant, say so from outside of the tree: {VARIABLE}={}",
            crate::file::shown(file),
            crate::file::shown(&toolchain),
            crate::file::shown(&toolchain)
        )
    })
}

/// Returns `toolchain.path`, or the path in a file of the legacy form, which is one line with a toolchain or a path.
///
/// # Errors
/// The text is neither.
fn path_in(text: &str) -> Result<Option<String>, String> {
    let text = text.trim_start_matches('\u{feff}');
    let line = text.trim();
    let document = match DeTable::parse(text) {
        Ok(document) => document,
        Err(_) if line.lines().count() <= 1 => {
            return Ok(Some(line.to_owned()).filter(|line| line.contains(['/', '\\'])));
        }
        Err(error) => return Err(error.message().to_owned()),
    };
    let Some(DeValue::Table(toolchain)) = document.get_ref().get("toolchain").map(|value| value.get_ref())
    else {
        return Ok(None);
    };
    Ok(match toolchain.get("path").map(|value| value.get_ref()) {
        Some(DeValue::String(path)) => Some(path.to_string()),
        _ => None,
    })
}
