//! `cargo metadata --no-deps`: the folder of the workspace and its members. Features, edges and dependencies are taken
//! only from the unit graph.

use std::path::{Path, PathBuf};

use cargo_metadata::Metadata;

/// The part of `cargo metadata --no-deps` that is used.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// The root folder of the workspace.
    pub workspace_root: PathBuf,
    /// The folder for artifacts by configuration and environment (without `--target-dir`).
    pub target_directory: PathBuf,
    /// The folder for intermediate files (Cargo 1.91 and later).
    pub build_directory: Option<PathBuf>,
    /// The package ids of the members.
    pub workspace_members: Vec<String>,
    /// The packages of the members.
    pub packages: Vec<Member>,
}

/// A member of the workspace.
#[derive(Debug, Clone)]
pub struct Member {
    /// The id of the package.
    pub id: String,
    /// The name of the package.
    pub name: String,
    /// The path of its Cargo.toml.
    pub manifest_path: PathBuf,
}

/// Parses the output of `cargo metadata`.
///
/// # Errors
/// The text is not the output of `cargo metadata`.
pub fn parse(json: &[u8]) -> Result<Metadata, String> {
    serde_json::from_slice(json).map_err(|error| format!("cargo metadata: {error}"))
}

impl Workspace {
    /// Parses the output of `cargo metadata --no-deps`, and leaves the folders of Cargo out of every digest.
    ///
    /// # Errors
    /// The text is not the output of `cargo metadata`.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        let metadata = parse(json)?;
        let packages = metadata.packages.into_iter().map(|package| Member {
            id: package.id.repr,
            name: package.name.to_string(),
            manifest_path: package.manifest_path.into_std_path_buf(),
        });
        let workspace = Self {
            packages: packages.collect(),
            workspace_root: metadata.workspace_root.into_std_path_buf(),
            target_directory: metadata.target_directory.into_std_path_buf(),
            build_directory: metadata.build_directory.map(Into::into),
            workspace_members: metadata.workspace_members.into_iter().map(|id| id.repr).collect(),
        };
        crate::digest::leave_out(&workspace.target_directory);
        workspace.build_directory.iter().for_each(|folder| crate::digest::leave_out(folder));
        Ok(workspace)
    }

    /// Returns whether a package is a member of the workspace.
    #[must_use]
    pub fn is_member(&self, id: &str) -> bool {
        self.workspace_members.iter().any(|member| member == id)
    }

    /// Returns the path of the workspace's Cargo.lock.
    #[must_use]
    pub fn lock_file(&self) -> PathBuf {
        self.workspace_root.join("Cargo.lock")
    }

    /// Returns the manifests of the members; a change of one changes the plan.
    pub fn manifests(&self) -> impl Iterator<Item = &Path> {
        self.packages.iter().map(|member| member.manifest_path.as_path())
    }
}
