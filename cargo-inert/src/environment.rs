//! The environment of the process, read in one place as a snapshot.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

/// The variables at the start of the process. Names compare as on Unix; on Windows Cargo writes its own variables in
/// upper case, and so does Inert.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// The values of variables by name.
    pub variables: BTreeMap<OsString, OsString>,
}

impl Environment {
    /// Returns the snapshot of this process.
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    #[must_use]
    pub fn capture() -> Self {
        Self { variables: std::env::vars_os().collect() }
    }

    /// Returns the value of a variable, if it is set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    /// Returns the value of a variable, if it is set, not empty, and UTF-8.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(OsStr::to_str).filter(|text| !text.is_empty())
    }

    /// Returns `NAME=value` pairs, each ended by a NUL, which neither can contain: the form in which a session stores
    /// the caller's environment (see [`crate::plan::seal`]).
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (name, value) in &self.variables {
            bytes.extend_from_slice(name.as_encoded_bytes());
            bytes.push(b'=');
            bytes.extend_from_slice(value.as_encoded_bytes());
            bytes.push(0);
        }
        bytes
    }

    /// Returns the user's folder for persistent state: `INERT_HOME`, else the platform's usual folder.
    #[must_use]
    pub fn state_dir(&self) -> Option<PathBuf> {
        self.user_dir("state", "XDG_STATE_HOME", ".local/state")
    }

    /// Returns the user's folder for caches: `INERT_HOME`, else the platform's usual folder.
    #[must_use]
    pub fn cache_dir(&self) -> Option<PathBuf> {
        self.user_dir("cache", "XDG_CACHE_HOME", ".cache")
    }

    /// Returns the folder of the user's own policy: `INERT_HOME`, else the platform's usual folder.
    #[must_use]
    pub fn config_dir(&self) -> Option<PathBuf> {
        self.user_dir("config", "XDG_CONFIG_HOME", ".config")
    }

    fn user_dir(&self, leaf: &str, xdg: &str, unix: &str) -> Option<PathBuf> {
        let path = |name: &str| self.get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        if let Some(home) = path("INERT_HOME") {
            return Some(home.join(leaf));
        }
        if cfg!(windows) {
            return Some(path("LOCALAPPDATA")?.join("inert").join(leaf));
        }
        if let Some(base) = path(xdg).filter(|base| base.is_absolute()) {
            return Some(base.join("inert"));
        }
        let home = path("HOME")?;
        Some(if cfg!(target_os = "macos") {
            home.join("Library/Application Support/inert").join(leaf)
        } else {
            home.join(unix).join("inert")
        })
    }

    /// Finds a program as a shell would, on `PATH`.
    #[must_use]
    pub fn find_program(&self, name: &str) -> Option<PathBuf> {
        let file = if cfg!(windows) { format!("{name}.exe") } else { name.to_owned() };
        std::env::split_paths(self.get("PATH")?)
            .filter(|dir| dir.is_absolute())
            .map(|dir| dir.join(&file))
            .find(|candidate| candidate.is_file())
    }
}

/// Returns whether `rustc` on PATH is the one that Cargo uses: the same file, or rustup's proxy, which starts the rustc
/// of the active toolchain.
#[must_use]
pub fn is_on_path(rustc: &Path, environment: &Environment) -> bool {
    let Some(found) = environment.find_program("rustc") else { return false };
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    if real(&found) == real(rustc) {
        return true;
    }
    let sibling = |path: &Path| path.with_file_name(format!("rustup{}", std::env::consts::EXE_SUFFIX));
    let is_proxy = real(&found).file_stem().is_some_and(|stem| stem == "rustup") || sibling(&found).is_file();
    let toolchain = environment.get("RUSTUP_TOOLCHAIN").and_then(|name| name.to_str());
    is_proxy
        && toolchain.is_some_and(|name| {
            rustc.parent().and_then(Path::parent).is_some_and(|root| {
                root == Path::new(name) || root.file_name().is_some_and(|own| own.to_string_lossy() == name)
            })
        })
}

/// Returns the working folder of this process.
///
/// # Errors
/// The folder was removed, or may not be read.
pub fn current_dir() -> io::Result<PathBuf> {
    std::env::current_dir()
}

/// Returns the path of this executable, with symlinks resolved.
///
/// # Errors
/// The system cannot determine the path.
pub fn current_exe() -> io::Result<PathBuf> {
    std::env::current_exe()?.canonicalize()
}

/// Returns the path of a program beside this executable (`inert` beside `cargo-inert`), where `cargo install` puts it.
///
/// # Errors
/// The program does not exist: the installation is incomplete.
pub fn sibling(name: &str) -> io::Result<PathBuf> {
    let own = current_exe()?;
    let path = own.parent().unwrap_or(Path::new("/")).join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if path.is_file() {
        return Ok(path);
    }
    Err(io::Error::new(
        io::ErrorKind::NotFound,
        format!(
            "{} is missing beside {}: install again with `cargo install cargo-inert`",
            path.display(),
            own.display()
        ),
    ))
}
