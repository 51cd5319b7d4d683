//! `rust-toolchain.toml` with a `path`: rustup then starts the cargo and the rustc that lie there (the rustup book,
//! "Overrides"), before anything could be asked of Cargo's configuration. It is refused, unless it is a folder of the system's.
//!
//! Under `cargo inert` rustup has chosen, and started it, already: documentation and CI snippets call `cargo-inert`.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::configuration::places::Places;
use super::package::path_from;
use crate::environment::Environment;

/// The variable that outranks the file.
const VARIABLE: &str = "RUSTUP_TOOLCHAIN";

/// Why nothing is started in a folder, if so.
#[must_use]
pub fn objection(cwd: &Path, environment: &Environment) -> Option<String> {
    if environment.text(VARIABLE).is_some() {
        return None;
    }
    let mut files = cwd
        .ancestors()
        .flat_map(|folder| ["rust-toolchain", "rust-toolchain.toml"].map(|name| folder.join(name)));
    // The nearest counts.
    let file = files.find(|file| file.is_file())?;
    let folder = file.parent()?;
    let toolchain = path_from(folder, path_in(&crate::file::read_text(&file).ok()?)?);
    // A folder of the system's holds what its administrator put there.
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

/// `toolchain.path`; or the one line of a file in the form of old, which may be a path, too.
fn path_in(text: &str) -> Option<String> {
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
