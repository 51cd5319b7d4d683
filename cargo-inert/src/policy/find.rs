//! Finds the policy of a build: the tree's as far as the user accepts it, the user's own, and minima from outside the
//! tree.

use std::path::{Path, PathBuf};

use inert_manifest_spec::Diagnostic;

use super::layers::{Layer, at_least, load};
use super::model::{BadPolicy, Claim, Entries, FILE, Policy, VARIABLE};
use super::trust::{self, Trust};
use crate::environment::Environment;

/// Returns the file that [`VARIABLE`] names as a minimum, as the caller wrote it; `None` if the variable is not set.
///
/// # Errors
/// The variable is set and empty: without the minimum, a build would be decided by less than its caller asks for.
pub fn named_minimum(environment: &Environment) -> Result<Option<&Path>, String> {
    match environment.get(VARIABLE) {
        Some(name) if name.is_empty() => Err(format!(
            "{VARIABLE} is set and empty, so that no minimum policy would count\n  help: name the file, or unset the variable"
        )),
        name => Ok(name.map(Path::new)),
    }
}

impl Policy {
    /// Returns the policy for a build: the workspace's file as far as the user accepts it, else the user's own, else
    /// the default. It is no weaker than any of `minima`, which come from outside the tree.
    ///
    /// # Errors
    /// A file that applies is invalid; such a file is never skipped.
    pub fn find(
        minima: &[PathBuf],
        workspace: Option<&Path>,
        user: Option<&Path>,
        trust: &Trust,
    ) -> Result<Self, BadPolicy> {
        let there = |folder: &Path| Some(folder.join(FILE)).filter(|path| path.symlink_metadata().is_ok());
        let (tree, user) = (workspace.and_then(there), user.and_then(there));
        let minima = minima.iter().map(|path| load(path)).collect::<Result<Vec<_>, _>>()?;
        let users = user.as_deref().map(load).transpose()?;
        let mut unaccepted = Vec::new();
        let mut claims = String::new();
        let mut layer = match (&tree, workspace) {
            (Some(path), Some(root)) => {
                let mut layer = load(path)?;
                not_the_trees(&layer, path)?;
                let found = trust::claims(&layer, root);
                let accepted = trust::Accepted::of(trust, root, &found);
                let said = trust::Said::by(minima.iter().chain(&users));
                claims = trust::digest(&found);
                unaccepted = trust::hold(&mut layer, root, &said, &accepted);
                layer.unavailable = users.and_then(|users| users.unavailable);
                layer
            }
            _ => users.unwrap_or_default(),
        };
        let own = minima.iter().find(|minimum| minimum.entries == Some(Entries::Own));
        let entries_of = own.and_then(|minimum| minimum.files.first().cloned());
        for minimum in minima {
            layer = at_least(minimum, layer);
        }
        let mut policy = layer.lower();
        policy.entries_of = entries_of;
        policy.path = tree.or(user);
        policy.unaccepted = unaccepted;
        policy.claims = claims;
        policy.record = workspace.and_then(|root| trust.record(root));
        Ok(policy)
    }

    /// Returns the claims of a workspace's own file; `None` if there is no file.
    ///
    /// # Errors
    /// As [`find`](Self::find)'s.
    pub fn claims_of(root: &Path) -> Result<Option<Vec<Claim>>, BadPolicy> {
        let path = root.join(FILE);
        if path.symlink_metadata().is_err() {
            return Ok(None);
        }
        Ok(Some(trust::claims(&load(&path)?, root)))
    }

    /// Returns the policy of a workspace's own file, with all claims, for the lock and for comparisons with it. It
    /// decides nothing.
    ///
    /// # Errors
    /// As [`find`](Self::find)'s.
    pub fn of_tree(root: &Path) -> Result<Self, BadPolicy> {
        Self::find(&[], Some(root), None, &Trust::everything())
    }
}

/// Checks that the tree's policy has no key that only the user's own policy may have.
fn not_the_trees(layer: &Layer, path: &Path) -> Result<(), BadPolicy> {
    let Some((_, place)) = &layer.unavailable else { return Ok(()) };
    let message = "`unavailable` counts in the user's own policy alone";
    let diagnostic = Diagnostic::error("inert::policy::not-the-trees", message, place.span.clone())
        .label("said in the tree")
        .help("write it in `inert.toml` in your configuration folder, or in a file that `--policy` names");
    let text = crate::file::read_text(path).unwrap_or_default();
    Err(BadPolicy { path: path.to_path_buf(), text, diagnostics: vec![diagnostic] })
}
