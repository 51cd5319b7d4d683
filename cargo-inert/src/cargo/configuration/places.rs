//! Where the tree that is built ends: which folders are its own, which are the system's, and which belong to nobody who
//! may be trusted (what Cargo has checked out or unpacked). All by what a path is in the end, symlinks resolved.

use std::path::{Component, Path, PathBuf};

use crate::environment::Environment;

/// The folders of one command.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// The tree's roots, canonical.
    pub tree: Vec<PathBuf>,
    /// Where Cargo puts packages of others, canonical where they exist.
    pub fetched: Vec<PathBuf>,
    /// Cargo's own folder.
    pub cargo_home: Option<PathBuf>,
    /// The user's own folder.
    pub home: Option<PathBuf>,
}

/// Folders that only whoever administers the machine fills.
const SYSTEM: &[&str] = &[
    "/usr/bin",
    "/usr/sbin",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/libexec",
    "/usr/share",
    "/usr/local/bin",
    "/usr/local/lib",
    "/usr/local/opt",
    "/usr/local/Cellar",
    "/usr/local/cuda",
    "/usr/platform",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/opt",
    "/nix/store",
    "/run/current-system",
    "/snap",
    "/System",
    "/Library",
    "/Applications",
    "C:\\Program Files",
    "C:\\Program Files (x86)",
    "C:\\Windows",
];

/// Folders of that kind by a part of their name: the libraries of another architecture, `/usr/aarch64-linux-gnu`.
const CROSS: &[&str] = &["-linux-gnu", "-linux-gnueabi", "-linux-gnueabihf", "-linux-musl", "-w64-mingw32"];

impl Places {
    /// Those of a command that is called in `cwd`, and of a manifest that it names.
    #[must_use]
    pub fn of(cwd: &Path, manifest: Option<&Path>, environment: &Environment) -> Self {
        let variable =
            |name: &str| environment.get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = variable(if cfg!(windows) { "USERPROFILE" } else { "HOME" });
        let cargo_home = variable("CARGO_HOME")
            .map(|path| cwd.join(path))
            .or_else(|| home.as_ref().map(|home| home.join(".cargo")));
        let fetched = cargo_home.iter().flat_map(|home| [home.join("git"), home.join("registry")]);
        let fetched = fetched.map(|path| real(&path)).collect();
        let mut this = Self { tree: Vec::new(), fetched, home: home.as_deref().map(real), cargo_home };
        this.add(cwd);
        if let Some(folder) = manifest.and_then(Path::parent) {
            this.add(folder);
        }
        this
    }

    /// Counts a folder as the tree's, with the repository that it lies in, and with the folders above it that are
    /// packages or workspaces.
    pub fn add(&mut self, folder: &Path) {
        let folder = real(folder);
        // Where an installation is configured from.
        if self.cargo_home.as_deref().map(real).as_ref() == Some(&folder) {
            return;
        }
        let repository = folder.ancestors().find(|above| above.join(".git").symlink_metadata().is_ok());
        let manifests = folder.ancestors().filter(|above| above.join("Cargo.toml").is_file());
        let roots: Vec<PathBuf> = std::iter::once(folder.as_path())
            .chain(repository)
            .chain(manifests)
            .map(Path::to_path_buf)
            .collect();
        for root in roots {
            // A workspace in the home itself is one all the same.
            let is_workspace = root == folder && root.join("Cargo.toml").is_file() && root.parent().is_some();
            if (is_workspace || !self.holds_everything(&root)) && !self.tree.contains(&root) {
                self.tree.push(root);
            }
        }
    }

    /// A root of the file system, or the home itself: what a user has lies below it, whatever stray file is in it.
    #[must_use]
    pub fn holds_everything(&self, folder: &Path) -> bool {
        folder.parent().is_none() || self.home.as_deref().is_some_and(|home| home.starts_with(folder))
    }

    /// Whether a path, which exists or will, is inside the tree.
    #[must_use]
    pub fn in_tree(&self, path: &Path) -> bool {
        let real = real(path);
        self.tree.iter().any(|root| real.starts_with(root) || path.starts_with(root))
    }

    /// Whether what lies at a path may be somebody's whose word does not count: the tree's, or a package's.
    #[must_use]
    pub fn is_foreign(&self, path: &Path) -> bool {
        let real = real(path);
        let inside = |root: &PathBuf| real.starts_with(root) || path.starts_with(root);
        self.tree.iter().chain(&self.fetched).any(inside)
    }

    /// Whether a text names a file of the tree, for reading: relative without `..`, or absolute and inside.
    #[must_use]
    pub fn is_of_the_tree(&self, text: &str) -> bool {
        let path = Path::new(text);
        if path.is_absolute() {
            return is_plain(path) && self.in_tree(path);
        }
        // From whichever folder of the tree or of a package it is read.
        !text.is_empty()
            && path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
            && self.tree.iter().map(|root| root.join(path)).all(|path| self.in_tree(&path))
    }

    /// Whether a text names a folder or file of the system's, absolute, that is no tree's all the same.
    #[must_use]
    pub fn is_of_the_system(&self, text: &str) -> bool {
        let path = Path::new(text);
        if !path.is_absolute() || !is_plain(path) || text.contains(char::is_control) {
            return false;
        }
        let listed = |path: &Path| {
            let cross = path
                .strip_prefix("/usr")
                .ok()
                .and_then(|rest| rest.components().next())
                .and_then(|part| part.as_os_str().to_str())
                .is_some_and(|name| CROSS.iter().any(|end| name.ends_with(end)));
            cross || SYSTEM.iter().any(|folder| path.starts_with(folder))
        };
        listed(path) && listed(&real(path)) && !self.is_foreign(path)
    }
}

/// Without `.` and `..`, which lead elsewhere behind a symlink.
fn is_plain(path: &Path) -> bool {
    path.components().all(|part| !matches!(part, Component::ParentDir | Component::CurDir))
        && !path.to_string_lossy().contains("/./")
}

/// A path with its symlinks resolved, as far as it exists.
#[must_use]
pub fn real(path: &Path) -> PathBuf {
    for above in path.ancestors() {
        if let Ok(found) = above.canonicalize() {
            let rest = path.strip_prefix(above).unwrap_or(Path::new(""));
            return crate::cargo::package::path_from(&found, rest);
        }
    }
    path.to_path_buf()
}
