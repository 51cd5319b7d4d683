//! Declarations derived from build scripts, kept outside the tree by content and version of the tool.

use std::path::{Path, PathBuf};

use crate::cargo::package::Package;
use crate::environment::Environment;
use crate::plan::decide::{Declared, Residue};

/// Where derivations are kept.
#[derive(Debug, Clone, Default)]
pub struct Cache {
    /// `None` keeps nothing: each plan derives again.
    pub folder: Option<PathBuf>,
}

impl Cache {
    /// The user's cache.
    #[must_use]
    pub fn of(environment: &Environment) -> Self {
        Self { folder: environment.cache_dir().map(|dir| dir.join("derived")) }
    }

    /// What the script says, or why it cannot be said.
    ///
    /// # Errors
    /// The residue, one line a reason.
    pub fn derive(&self, package: &Package, script: &Path) -> Result<Declared, Residue> {
        let _ = (package, script);
        Err(vec!["no derivation".to_owned()])
    }
}
