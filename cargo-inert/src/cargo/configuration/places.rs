//! The boundaries of the built tree: which folders belong to it, which to the system, and which hold packages that
//! Cargo has checked out or unpacked, which are not trusted. Paths are compared with their symlinks resolved.

use std::path::{Component, Path, PathBuf};

use crate::environment::Environment;

/// The folders that matter for one command.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// The roots of the tree, canonical.
    pub tree: Vec<PathBuf>,
    /// The folders where Cargo stores fetched packages, canonical where they exist.
    pub fetched: Vec<PathBuf>,
    /// The folder of `CARGO_HOME`.
    pub cargo_home: Option<PathBuf>,
    /// The home folder of the user.
    pub home: Option<PathBuf>,
}

/// Folders that only an administrator of the machine can write.
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
    "/usr/local/libexec",
    "/usr/local/share",
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

/// Ends of names of system folders below `/usr` with libraries for another architecture, such as
/// `/usr/aarch64-linux-gnu`.
const CROSS: &[&str] = &["-linux-gnu", "-linux-gnueabi", "-linux-gnueabihf", "-linux-musl", "-w64-mingw32"];

impl Places {
    /// Returns the folders for a command that is called in `cwd` with this `--manifest-path`.
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

    /// Adds a folder to the tree, with the repository that contains it, and with the folders above it that are packages
    /// or workspaces.
    pub fn add(&mut self, folder: &Path) {
        let folder = real(folder);
        // Cargo's home holds the configuration of the installation, not of a tree.
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
            // A workspace whose root is the user's home is still the tree.
            let is_workspace = root == folder && root.join("Cargo.toml").is_file() && root.parent().is_some();
            if (is_workspace || !self.holds_everything(&root)) && !self.tree.contains(&root) {
                self.tree.push(root);
            }
        }
    }

    /// Returns whether a folder is a root of the file system, or the user's home or above: a stray `.git` or
    /// `Cargo.toml` there would make all of the user's files part of the tree.
    #[must_use]
    pub fn holds_everything(&self, folder: &Path) -> bool {
        folder.parent().is_none() || self.home.as_deref().is_some_and(|home| home.starts_with(folder))
    }

    /// Returns whether a path, which need not exist, is inside the tree.
    #[must_use]
    pub fn in_tree(&self, path: &Path) -> bool {
        let real = real(path);
        self.tree.iter().any(|root| real.starts_with(root) || path.starts_with(root))
    }

    /// Returns whether a path belongs to the tree or to a fetched package, which are not trusted.
    #[must_use]
    pub fn is_foreign(&self, path: &Path) -> bool {
        let real = real(path);
        let inside = |root: &PathBuf| real.starts_with(root) || path.starts_with(root);
        self.tree.iter().chain(&self.fetched).any(inside)
    }

    /// Returns whether a value names a file of the tree: relative without `..`, or absolute and inside.
    #[must_use]
    pub fn is_of_the_tree(&self, text: &str) -> bool {
        let path = Path::new(text);
        if path.is_absolute() {
            return is_plain(path) && self.in_tree(path);
        }
        // The value may be read relative to any folder of the tree or of a package.
        !text.is_empty()
            && path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
            && self.tree.iter().map(|root| root.join(path)).all(|path| self.in_tree(&path))
    }

    /// Returns whether rustc would read a specification for this target from the tree: the target is a file, or a file of its name
    /// is where rustc is started, which looks there for a name that it does not know (`RUST_TARGET_PATH`, which is empty).
    #[must_use]
    pub fn is_specification(&self, target: &str) -> bool {
        target.contains(['/', '\\'])
            || target.ends_with(".json")
            || self.tree.iter().any(|root| root.join(format!("{target}.json")).symlink_metadata().is_ok())
    }

    /// Returns whether a value is the absolute path of a system file or folder that is not in a tree.
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

/// Returns whether a path has no `.` or `..`, which lead to a different folder behind a symlink.
fn is_plain(path: &Path) -> bool {
    path.components().all(|part| !matches!(part, Component::ParentDir | Component::CurDir))
        && !path.to_string_lossy().contains("/./")
}

/// Returns a path with its symlinks resolved, as far as it exists.
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
