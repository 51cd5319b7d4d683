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
    let mut files = cwd
        .ancestors()
        .flat_map(|folder| ["rust-toolchain", "rust-toolchain.toml"].map(|name| folder.join(name)));
    // rustup uses the nearest file.
    let file = files.find(|file| file.is_file())?;
    let folder = file.parent()?;
    let toolchain = path_from(folder, path_in(&crate::file::read_text(&file).ok()?)?);
    // Only an administrator can write a system folder.
    let places = Places::of(cwd, None, environment);
    (!places.is_of_the_system(&toolchain.to_string_lossy())).then(|| {
        format!(
            "{} puts the programs in {} in the place of Cargo and rustc; nothing was started\n  \
             help: where that is meant, say so from outside of the tree: {VARIABLE}={}",
            crate::file::shown(&file),
            crate::file::shown(&toolchain),
            crate::file::shown(&toolchain)
        )
    })
}

/// Returns `toolchain.path`, or the path in a file of the legacy form, which is one line with a toolchain or a path.
fn path_in(text: &str) -> Option<String> {
    let text = text.trim_start_matches('\u{feff}');
    let line = text.trim();
    let Ok(document) = DeTable::parse(text) else {
        return Some(line.to_owned()).filter(|line| !line.contains('\n') && line.contains(['/', '\\']));
    };
    let DeValue::Table(toolchain) = document.get_ref().get("toolchain")?.get_ref() else { return None };
    match toolchain.get("path")?.get_ref() {
        DeValue::String(path) => Some(path.to_string()),
        _ => None,
    }
}
