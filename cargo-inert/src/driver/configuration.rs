//! Reads Cargo's configuration as this command has it.

use std::path::{Path, PathBuf};

use super::context::{Context, Failure};
use super::judged::{self, Judged};
use crate::cargo;
use crate::cargo::configuration::{Configuration, Setting, alias};
use crate::cargo::invocation::Invocation;

/// Returns Cargo's configuration, with `include` followed and the origin of each value.
fn configuration(context: &Context, invocation: &Invocation) -> Result<Configuration, Failure> {
    let mut command = context.cargo("config");
    command.args(["get", "--format=toml", "--show-origin", "-Zunstable-options"]);
    command.args(invocation.configuration()).env("RUSTC_BOOTSTRAP", "1");
    let answer = cargo::ask(&mut command, &context.cwd)
        .map_err(|error| Failure::Io(context.cargo.display().to_string(), error))?
        .map_err(Failure::Cargo)?;
    Configuration::parse(&String::from_utf8_lossy(&answer)).map_err(Failure::Unexpected)
}

/// Returns the configuration as Cargo merged it, from files that were judged and not refused.
///
/// # Errors
/// Cargo cannot read it, or has read other files than those that were judged.
pub(super) fn merged(
    context: &Context,
    invocation: &Invocation,
    judged: &Judged,
) -> Result<Configuration, Failure> {
    let merged = configuration(context, invocation)?;
    judged::is_what_was_judged(judged, &merged)?;
    // Cargo gives an alias precedence over an external subcommand such as clippy, and warns.
    let alias = merged.get(&["alias", &invocation.command]).filter(|_| invocation.command == "clippy");
    if let Some(alias) = alias {
        let file = alias.file.as_deref().map_or("the command line".into(), crate::file::shown);
        return Err(Failure::Refused(format!(
            "`cargo clippy` is another command here, by the alias in {file}; nothing was compiled\n  \
             help: give the alias another name"
        )));
    }
    Ok(merged)
}

/// Returns the settings of an alias.
fn set<'a>(configuration: &'a Configuration, name: &'a str) -> impl Iterator<Item = &'a Setting> {
    configuration.settings.iter().filter(move |one| one.key == ["alias", name])
}

/// Returns the arguments that a configured alias replaces; `None` if there is no such alias.
///
/// # Errors
/// A setting of the configuration is refused, or Cargo cannot read it.
pub fn alias(context: &Context, invocation: &Invocation, name: &str) -> Result<Option<Vec<String>>, Failure> {
    let judged = judged::settle(context, invocation)?;
    let configuration = configuration(context, invocation)?;
    let words_of = |name: &str| -> Option<Vec<String>> {
        let items: Vec<&Setting> = set(&configuration, name).collect();
        match items[..] {
            [] => None,
            // A string, which Cargo splits at blanks, or a list with one item.
            [one] => Some(one.value.split_whitespace().map(str::to_owned).collect()),
            ref list => Some(list.iter().map(|one| one.value.clone()).collect()),
        }
    };
    let Some(words) = words_of(name) else { return Ok(None) };
    // Cargo joins the lists of several files; the whole is the tree's if a part of it is.
    let mut files = set(&configuration, name).filter_map(|one| one.file.as_deref());
    let of_tree = files.find(|file| !judged.files.is_the_users(file));
    if let Some(file) = of_tree {
        let said = alias::judge(&words, &words_of, &judged.places);
        judged::settle_alias(context, invocation, &judged, name, file, &said)?;
    }
    Ok(Some(words))
}

/// Returns the user's own wrapper (such as sccache), which Inert's wrapper starts: from the environment, else
/// configured.
pub(super) fn user_wrapper(context: &Context, configuration: &Configuration) -> Option<PathBuf> {
    for name in ["RUSTC_WRAPPER", "CARGO_BUILD_RUSTC_WRAPPER"] {
        if let Some(value) = context.environment.get(name) {
            return Some(PathBuf::from(value)).filter(|path| !path.as_os_str().is_empty() && !is_inert(path));
        }
    }
    let path = configuration.get(&["build", "rustc-wrapper"])?.program(&context.cwd);
    Some(path).filter(|path| !path.as_os_str().is_empty() && !is_inert(path))
}

/// Returns whether a wrapper is Inert's own, which is configured for plain Cargo.
fn is_inert(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem == "inert")
}
