//! Cargo's configuration as this command would have it, and what of the tree's is refused.

use std::path::{Path, PathBuf};

use super::context::{Context, Failure};
use crate::cargo;
use crate::cargo::configuration::{self, Configuration};
use crate::cargo::invocation::Invocation;
use crate::policy::Policy;

/// Cargo's configuration, `include` followed, with where each value is from.
fn configuration(context: &Context, invocation: &Invocation) -> Result<Configuration, Failure> {
    let mut command = context.cargo("config");
    command.args(["get", "--format=toml", "--show-origin", "-Zunstable-options"]);
    command.args(invocation.configuration()).env("RUSTC_BOOTSTRAP", "1");
    let answer = cargo::ask(&mut command, &context.cwd)
        .map_err(|error| Failure::Io(context.cargo.display().to_string(), error))?
        .map_err(Failure::Cargo)?;
    Configuration::parse(&String::from_utf8_lossy(&answer)).map_err(Failure::Unexpected)
}

/// Cargo's configuration, in which nothing is refused. Asked for before Cargo is called for anything that starts rustc, a
/// credential provider or git.
///
/// # Errors
/// Something in it is, or Cargo cannot read it.
pub fn checked_configuration(
    context: &Context,
    invocation: &Invocation,
    workspace_root: &Path,
    policy: &Policy,
) -> Result<Configuration, Failure> {
    let configuration = configuration(context, invocation)?;
    refuse_configuration(&configuration, workspace_root, context, policy)?;
    // Cargo has an alias stand before a program that is not its own, and warns.
    let alias = configuration.get(&["alias", &invocation.command]).filter(|_| invocation.command == "clippy");
    if let Some(alias) = alias {
        let file = alias.file.as_ref().map_or("the command line".into(), |file| file.display().to_string());
        return Err(Failure::Refused(format!(
            "`cargo clippy` is another command here, by the alias in {file}; nothing was compiled\n  \
             help: give the alias another name"
        )));
    }
    Ok(configuration)
}

/// The words that a configured alias stands for; `None` where there is none.
///
/// # Errors
/// Cargo cannot read its configuration.
pub fn alias(context: &Context, name: &str) -> Result<Option<Vec<String>>, Failure> {
    let configuration = configuration(context, &Invocation::default())?;
    let key = ["alias", name];
    let words: Vec<String> =
        match configuration.settings.iter().filter(|one| one.key == key).collect::<Vec<_>>()[..] {
            [] => return Ok(None),
            // A text, which Cargo splits, or a list of one.
            [one] => one.value.split_whitespace().map(str::to_owned).collect(),
            ref list => list.iter().map(|one| one.value.clone()).collect(),
        };
    Ok(Some(words))
}

/// Refuses configuration of the tree that puts a program of the tree in the compiler's place.
fn refuse_configuration(
    configuration: &Configuration,
    workspace_root: &Path,
    context: &Context,
    policy: &Policy,
) -> Result<(), Failure> {
    let tree = configuration::tree_of(workspace_root);
    let objections = configuration.objections(&tree, &context.cwd);
    if objections.is_empty() || policy.configuration == crate::policy::TreeConfiguration::Allow {
        return Ok(());
    }
    let lines: Vec<String> = objections
        .iter()
        .map(|one| format!("  {} in {}: {}", one.key, one.file.display(), one.why))
        .collect();
    Err(Failure::Refused(format!(
        "Cargo's configuration in the tree that is built is refused; nothing was compiled\n\n{}\n\n  \
         help: configure it outside of the tree (in ~/.cargo/config.toml), or, where this is your own tree, write\n        \
         `configuration = \"allow\"` under [policy] in inert.toml",
        lines.join("\n")
    )))
}

/// The user's own wrapper (sccache), which ours starts in its turn: from the environment, else from configuration.
pub(super) fn user_wrapper(context: &Context, configuration: &Configuration) -> Option<PathBuf> {
    for name in ["RUSTC_WRAPPER", "CARGO_BUILD_RUSTC_WRAPPER"] {
        if let Some(value) = context.environment.get(name) {
            return Some(PathBuf::from(value)).filter(|path| !path.as_os_str().is_empty() && !is_inert(path));
        }
    }
    let path = configuration.get(&["build", "rustc-wrapper"])?.program(&context.cwd);
    Some(path).filter(|path| !path.as_os_str().is_empty() && !is_inert(path))
}

/// Whether a wrapper is Inert's own, configured for plain cargo.
fn is_inert(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem == "inert")
}
