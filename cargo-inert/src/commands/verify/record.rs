//! `cargo inert verify --record`: writes what was found equal into `inert.toml`.

use std::path::Path;

use crate::commands::init::failure;
use crate::commands::review::Written;
use crate::driver::{Context, Failure};
use crate::plan::model::Origin;
use crate::policy::{FILE, edit, layers};
use crate::report;
use crate::toml_text::quoted;
use crate::verify::report::Entry;

/// Writes a `[[verified]]` entry for each derivation that is equal to its script in every compared case. Earlier entries of
/// the same packages and the same host go, also those of packages that are not equal any more.
///
/// # Errors
/// `inert.toml` is not valid or cannot be written, or the user's state folder cannot.
pub(super) fn write(context: &Context, root: &Path, entries: &[Entry], host: &str) -> Result<(), Failure> {
    let path = root.join(FILE);
    let written = Written::begin(context, root)?;
    let derived = || entries.iter().filter(|entry| entry.origin == Some(Origin::Derived));
    let mut earlier = Vec::new();
    if path.is_file() {
        let text =
            crate::file::read_text(&path).map_err(|error| Failure::Io(path.display().to_string(), error))?;
        let own = layers::parse(&text, &path).map_err(Failure::Policy)?;
        let again = |of: &crate::policy::Matcher| derived().any(|entry| entry.package == of.to_string());
        let of_host = own.verified.iter().filter(|entry| entry.host == host && again(&entry.package));
        earlier.extend(of_host.map(|entry| entry.package.line));
    }
    let new: Vec<String> = derived().filter_map(|entry| of(entry, host)).collect();
    if !(earlier.is_empty() && new.is_empty()) {
        edit::replace(&path, &earlier, &new).map_err(|error| failure(&path, error))?;
        written.accept()?;
    }
    report::say(
        "Recorded",
        &format!("{} in {}", report::counted(new.len(), "derivation", "derivations"), path.display()),
    );
    Ok(())
}

/// Returns the entry for a result; `None` if a case differs, could not be compared, or none was.
fn of(entry: &Entry, host: &str) -> Option<String> {
    let digest = entry.derivation.as_ref().filter(|_| entry.result == "equal")?;
    let (name, version) = entry.package.split_once(' ')?;
    let lines = [
        "[[verified]]".to_owned(),
        format!("package = {}", quoted(name)),
        format!("version = {}", quoted(version)),
        format!("digest = {}", quoted(digest)),
        format!("cases = {}", entry.succeeded),
        format!("host = {}", quoted(host)),
    ];
    Some(lines.join("\n") + "\n")
}
