//! `cargo metadata --no-deps`: where the workspace is and which packages are its members. Features, edges and
//! dependencies are taken from the unit graph only.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// What of `cargo metadata --no-deps` is used.
#[derive(Debug, Clone, Deserialize)]
pub struct Workspace {
    /// The workspace's root folder.
    pub workspace_root: PathBuf,
    /// Where artifacts go, by configuration and environment (not `--target-dir`).
    pub target_directory: PathBuf,
    /// Where intermediates go (Cargo 1.91 and later).
    #[serde(default)]
    pub build_directory: Option<PathBuf>,
    /// Ids of the members.
    pub workspace_members: Vec<String>,
    /// The members.
    pub packages: Vec<Member>,
}

/// A member of the workspace.
#[derive(Debug, Clone, Deserialize)]
pub struct Member {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its manifest.
    pub manifest_path: PathBuf,
}

impl Workspace {
    /// Reads cargo's answer.
    ///
    /// # Errors
    /// It is not what `cargo metadata` prints.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        let workspace: Self =
            serde_json::from_slice(json).map_err(|error| format!("cargo metadata: {error}"))?;
        crate::digest::leave_out(&workspace.target_directory);
        workspace.build_directory.iter().for_each(|folder| crate::digest::leave_out(folder));
        Ok(workspace)
    }

    /// Whether a package is one of the workspace's own.
    #[must_use]
    pub fn is_member(&self, id: &str) -> bool {
        self.workspace_members.iter().any(|member| member == id)
    }

    /// The workspace's Cargo.lock.
    #[must_use]
    pub fn lock_file(&self) -> PathBuf {
        self.workspace_root.join("Cargo.lock")
    }

    /// The manifests whose change changes the plan.
    pub fn manifests(&self) -> impl Iterator<Item = &Path> {
        self.packages.iter().map(|member| member.manifest_path.as_path())
    }
}
