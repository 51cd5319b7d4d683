//! The outer fence (`[sandbox] outer = true`): Cargo and all that it starts change files where a build has to and nowhere else,
//! and open no socket.
//!
//! Phases: the plan says what is written ([`Fenced`]) → the driver makes a folder for the session, in which what lies outside of
//! the fence is kept until Cargo has ended ([`Kept`]) → Cargo starts behind the fence ([`start`]) → the programs that `run`,
//! `test` and `bench` start ask the driver ([`runner`]), which starts them outside ([`broker`]) → the driver takes in what was
//! kept.
//!
//! Inside, everything is confined as without the fence: layers only narrow.

#[cfg(target_os = "linux")]
mod broker;
#[cfg(target_os = "linux")]
pub mod runner;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use inert_sandbox::Unavailable;
use serde::{Deserialize, Serialize};

use crate::environment::Environment;
use crate::file::write_atomic;

#[cfg(target_os = "linux")]
pub use broker::{Asked, run, start};

/// The first argument of `inert` that starts a program outside of the fence, in whose place it is.
pub const OUTSIDE: &str = "--inert-outside";
/// The variable with the number of the descriptor by which the driver is asked.
pub const CHANNEL: &str = "INERT_OUTSIDE";
/// The variable of a fenced session's environment with the session's [`Kept`] folder.
const FENCE: &str = "INERT_FENCE";
/// The variables that name the temporary folder.
const TEMPORARY: &[&str] = &["TMPDIR", "TMP", "TEMP"];
/// The variable by which Cargo reaches no network.
#[cfg(target_os = "linux")]
const OFFLINE: &str = "CARGO_NET_OFFLINE";

/// The commands that start programs of the build.
pub const RUNNING: &[&str] = &["run", "test", "bench"];

/// What the fence of a build depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fenced {
    /// The folders that the build writes to, which are created.
    pub folders: Vec<PathBuf>,
    /// The files that it writes to, if they exist.
    pub files: Vec<PathBuf>,
    /// The user's runner for each target of the build; empty if there is none.
    pub runners: BTreeMap<String, Vec<String>>,
    /// The names of the programs that the build makes.
    pub programs: BTreeSet<String>,
    /// The rustdoc that starts doctests.
    pub rustdoc: PathBuf,
    /// True if all that runs inside is confined. Else a program inside could forge what the user's store is to take in.
    pub all_confined: bool,
    /// The folder in which `install` installs, if configuration names one.
    pub install_root: Option<PathBuf>,
}

/// Returns why this machine has no outer fence.
///
/// # Errors
/// The reason.
pub fn available() -> Result<(), Unavailable> {
    #[cfg(target_os = "linux")]
    return inert_sandbox::machine()
        .and_then(|machine| inert_sandbox::linux::OuterFence::available(&machine));
    #[cfg(not(target_os = "linux"))]
    Err(Unavailable {
        reason: "there is an outer fence on Linux alone".to_owned(),
        needs: "Linux 6.2 or newer".to_owned(),
    })
}

/// Returns the form of a program's name that file names and crate names have in common.
#[must_use]
pub fn plain_name(name: &str) -> String {
    name.replace('-', "_")
}

/// The folder of a fenced session.
#[derive(Debug, Clone)]
pub struct Kept {
    folder: PathBuf,
}

impl Kept {
    /// Returns the folder of a session, which is fenced if that exists.
    #[must_use]
    pub fn of_session(session: &Path) -> Self {
        Self { folder: session.join("fence") }
    }

    /// Creates the folder.
    ///
    /// # Errors
    /// The build dir cannot be written.
    pub fn create(&self) -> std::io::Result<()> {
        std::fs::create_dir_all(self.temporary())
    }

    /// Removes the folder.
    pub fn remove(&self) {
        let _ = std::fs::remove_dir_all(&self.folder);
        self.folder.parent().map(std::fs::remove_dir);
    }

    /// Returns whether the session is fenced.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.folder.is_dir()
    }

    /// Returns the temporary folder of the build.
    #[must_use]
    pub fn temporary(&self) -> PathBuf {
        self.folder.join("tmp")
    }

    /// Returns the folder for what the store is to take in.
    #[must_use]
    pub fn store(&self) -> PathBuf {
        self.folder.join("store")
    }

    /// Returns the environment of what is started inside.
    #[must_use]
    pub fn within(&self, outside: &Environment) -> Environment {
        let mut environment = outside.clone();
        for name in TEMPORARY {
            environment.variables.insert(name.into(), self.temporary().into());
        }
        environment.variables.insert(FENCE.into(), self.folder.clone().into());
        environment
    }

    /// Returns the folder of the session whose environment this is; `None` if it is not fenced. The environment has to be the
    /// session's own, to which `[env]` of a tree adds nothing.
    #[must_use]
    pub fn of(environment: &Environment) -> Option<Self> {
        Some(Self { folder: PathBuf::from(environment.get(FENCE)?) })
    }

    /// Returns where the digests of compiled scripts are kept, in the layout of the state folder.
    #[must_use]
    pub fn scripts(&self) -> PathBuf {
        self.folder.join("state")
    }

    /// Takes the digests of compiled scripts into the state folder; `build_dir` is the name of the build dir's folder there.
    pub fn take_in_scripts(&self, state: &Path, build_dir: &str) {
        let below = |folder: &Path| {
            let there = std::fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir());
            let entries = there.then(|| std::fs::read_dir(folder).ok()).flatten();
            let entries: Vec<_> = entries.into_iter().flatten().flatten().collect();
            entries.into_iter().filter(|entry| is_name(&entry.file_name()))
        };
        let place = state.join("scripts").join(build_dir);
        for entry in below(&self.scripts().join("scripts").join(build_dir)) {
            let plain = std::fs::symlink_metadata(entry.path())
                .is_ok_and(|found| found.is_file() && found.len() < 200);
            let Some(digest) = plain.then(|| std::fs::read(entry.path()).ok()).flatten() else { continue };
            let _ = std::fs::create_dir_all(&place)
                .and_then(|()| write_atomic(&place.join(entry.file_name()), &digest));
        }
    }
}

/// Returns whether a name is a part of a digest, as the state folder has them.
fn is_name(name: &OsStr) -> bool {
    name.len() == 32 && name.as_encoded_bytes().iter().all(u8::is_ascii_hexdigit)
}
