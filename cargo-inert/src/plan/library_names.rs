//! The names by which the user may speak of the libraries of a build, and settings whose name is none of them.

use std::collections::BTreeSet;
use std::path::Path;

use inert_manifest_spec::suggest::nearest;
use inert_resolver::discovery::provider::Ask;

use super::bundled;
use super::model::{Action, Decision, UnknownName};
use crate::policy::{Caller, Libraries};

/// Returns every name of a library of the build.
fn known(decisions: &[Decision], asks: &[Ask]) -> BTreeSet<String> {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for (key, library) in
        decisions.iter().filter_map(|one| one.declared.as_ref()).flat_map(|one| &one.declaration.library)
    {
        known.insert(key);
        known.extend(library.pkg_config.iter().chain(&library.libs).map(|item| item.value.as_str()));
    }
    for ask in asks {
        known.insert(&ask.key);
        known.extend(ask.modules.iter().chain(&ask.libs).map(String::as_str));
    }
    let bundled = decisions.iter().flat_map(bundled::of).flat_map(|one| one.names);
    known.into_iter().map(str::to_owned).chain(bundled).collect()
}

/// Returns the package with a `links` value whose script runs, so that no setting applies to it.
fn runs(decisions: &[Decision], name: &str, action: Action) -> Option<String> {
    let found =
        decisions.iter().find(|one| one.action == action && one.package.links.as_deref() == Some(name));
    found.map(|one| one.package.id.to_string())
}

/// Returns the lines of the workspace's own policy file that match no library; files that it extends may serve others.
pub(super) fn unknown(
    libraries: &Libraries,
    own: Option<&Path>,
    decisions: &[Decision],
    asks: &[Ask],
) -> Vec<UnknownName> {
    let files = || libraries.files.iter().filter(|file| Some(file.path.as_path()) == own);
    let mut found = Vec::new();
    if files().all(|file| file.lines.is_empty()) {
        return found;
    }
    let known = known(decisions, asks);
    for file in files() {
        for ((_, table, name), line) in &file.lines {
            if name != "default" && !known.contains(name) {
                found.push(UnknownName {
                    table: (*table).to_owned(),
                    name: name.clone(),
                    place: format!("{}:{line}", file.path.display()),
                    near: nearest(name, known.iter().map(String::as_str)).map(str::to_owned),
                    runs: runs(decisions, name, Action::Run),
                });
            }
        }
    }
    found
}

/// Checks that every name on the command line is that of a library of the build. While a script of this name is refused
/// nothing is known of its libraries, and the build is refused in any case.
///
/// # Errors
/// A name is not that of a library, or is that of a script that runs.
pub(super) fn of_caller(caller: &Caller, decisions: &[Decision], asks: &[Ask]) -> Result<(), String> {
    if caller.by_name.is_empty() {
        return Ok(());
    }
    let known = known(decisions, asks);
    for name in caller.by_name.keys().filter(|name| !known.contains(*name)) {
        if runs(decisions, name, Action::Deny).is_some() {
            continue;
        }
        let option = format!("--library {name}=…");
        if let Some(package) = runs(decisions, name, Action::Run) {
            return Err(format!(
                "{option}: the script of {package} runs, and what it does with `{name}` is its own affair"
            ));
        }
        let near = nearest(name, known.iter().map(String::as_str))
            .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        return Err(format!(
            "{option}: no library of this build is called `{name}`{near}\n  help: `cargo inert audit --libraries` lists \
             all of them"
        ));
    }
    Ok(())
}
