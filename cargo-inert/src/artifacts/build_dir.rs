//! Inert's own build dir, in which Cargo's intermediate files go, so that no file that plain Cargo or a repository has
//! left is taken for one of Inert's.
//!
//! ```text
//! <target-dir>/inert/                build.build-dir of every build
//!     .inert/owner                   who made it: see [`BuildDir::open`]
//!     .inert/plans/<nonce>/          sealed plans
//!     .inert/sessions/<nonce>/       one per running command: its plan, and the caller's environment
//!     .inert/decisions/<id>          what was written where a script or a skipped unit would be; Cargo watches them
//!     .inert/runs/<id>/              what a stand-in read, and the stamp that Cargo watches
//! ```

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::environment::Environment;
use crate::file::{write_atomic, write_if_changed};
use crate::random::nonce;

/// The variable that names the running session.
pub const SESSION: &str = "INERT_SESSION";

/// Returns the lines that [`BuildDir::note`] added to a file of a session's folder, each once.
#[must_use]
pub fn noted(session: &Path, file: &str) -> BTreeSet<String> {
    let text = crate::file::read_text(&session.join(file)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// The name of the folder with Inert's own files in the build dir.
pub const INNER: &str = ".inert";

/// A build dir that belongs to this user's Inert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildDir {
    /// The absolute path of the folder.
    pub root: PathBuf,
}

/// Returns the path of Inert's build dir in the user's target dir or build dir. A second installation of Inert (an
/// editor's beside a terminal's) gets a folder of its own: each would remove the stand-ins of the other.
#[must_use]
pub fn place(base: &Path) -> PathBuf {
    let shared = base.join("inert");
    let Some(own) = installation() else { return shared };
    let others = fs::read_to_string(shared.join(INNER).join("installation")).unwrap_or_default();
    let other = Path::new(others.trim_end());
    let program = format!("inert{}", std::env::consts::EXE_SUFFIX);
    // If the other installation was removed or moved, its build dir is reused.
    if others.is_empty() || other == own || !other.join(program).is_file() {
        return shared;
    }
    base.join(format!("inert-{}", &crate::digest::text(&own.to_string_lossy())[..8]))
}

/// Returns every build dir of Inert in a folder, of all installations.
#[must_use]
pub fn places(base: &Path) -> Vec<PathBuf> {
    let hexadecimal = |text: &str| text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let ours = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.strip_prefix("inert")
            .is_some_and(|rest| rest.is_empty() || rest.strip_prefix('-').is_some_and(hexadecimal))
    };
    let entries = fs::read_dir(base).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(ours).collect();
    found.sort();
    found
}

/// Returns the folder that contains this installation's programs.
fn installation() -> Option<PathBuf> {
    crate::environment::current_exe().ok()?.parent().map(Path::to_path_buf)
}

impl BuildDir {
    /// Opens the build dir, and creates it if it does not exist. A folder that this user's Inert did not create here is
    /// wiped, not trusted: it may come from a repository, an archive or a cache.
    ///
    /// Two facts must agree: a token in the user's state folder, which no repository can know, and the identity of the
    /// owner file itself (device and inode, or creation time), which no checkout or copy preserves.
    ///
    /// # Errors
    /// The folder cannot be created, wiped or written.
    pub fn open(root: &Path, environment: &Environment) -> io::Result<Self> {
        if fs::symlink_metadata(root).is_ok_and(|found| found.file_type().is_symlink()) {
            fs::remove_file(root)?;
        }
        fs::create_dir_all(root)?;
        let this = Self { root: root.canonicalize()? };
        let known = environment
            .state_dir()
            .map(|state| state.join("build-dirs").join(crate::digest::text(&this.root.to_string_lossy())));
        // Under a lock: two commands that both find a foreign folder would wipe each other's.
        let guard = known.as_deref().unwrap_or(&this.root).with_extension("lock");
        let _ = guard.parent().map(fs::create_dir_all);
        let guard = fs::OpenOptions::new().create(true).truncate(false).write(true).open(&guard)?;
        guard.lock()?;
        let expected = known.as_deref().and_then(|path| fs::read_to_string(path).ok());
        let found = this.owner();
        if found.is_none() || found != expected.as_deref().map(str::trim).map(str::to_owned) {
            this.wipe()?;
            let token = nonce()?;
            fs::create_dir_all(this.inner())?;
            write_owner(&this.owner_file(), &token)?;
            fs::write(this.root.join("CACHEDIR.TAG"), format!("{CACHE_TAG}\n"))?;
            if let Some(known) = known {
                // Without a state folder (a read-only home) every command starts from an empty build dir: slow, safe.
                let _ = known.parent().map(fs::create_dir_all);
                let _ = write_atomic(&known, token.as_bytes());
            }
        }
        if let Some(own) = installation() {
            write_if_changed(&this.inner().join("installation"), own.to_string_lossy().as_bytes())?;
        }
        for folder in ["plans", "sessions", "decisions", "runs"] {
            fs::create_dir_all(this.inner().join(folder))?;
        }
        Ok(this)
    }

    /// Returns the build dir that contains a path, if one of its ancestors is one. Processes that Cargo started use it:
    /// it reads only the file system, since the built tree may have forced variables of their environment.
    #[must_use]
    pub fn containing(path: &Path) -> Option<Self> {
        path.ancestors()
            .filter(|folder| folder.join(INNER).join("owner").is_file())
            .map(|folder| Self { root: folder.to_path_buf() })
            .find(|dir| dir.owner().is_some())
    }

    /// Returns the folder with Inert's own files.
    #[must_use]
    pub fn inner(&self) -> PathBuf {
        self.root.join(INNER)
    }

    /// Returns the path by which `inert` acts as another program.
    #[must_use]
    pub fn acting_as(&self, name: &str) -> PathBuf {
        self.inner().join("bin").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// Returns the target folder of the libraries that scripts in WebAssembly link.
    #[must_use]
    pub fn wasm_target(&self) -> PathBuf {
        self.inner().join("wasm").join("target")
    }

    /// Returns the path of the stamp that Cargo watches for one decision.
    #[must_use]
    pub fn decision(&self, id: &str) -> PathBuf {
        self.inner().join("decisions").join(id)
    }

    /// Returns the folder of one stand-in's run, by its OUT_DIR.
    #[must_use]
    pub fn run(&self, out_dir: &Path) -> PathBuf {
        // `stand_in/answer` computes the same name; a test compares them.
        self.inner().join("runs").join(&crate::digest::text(&out_dir.to_string_lossy())[..24])
    }

    /// Returns the folder of a sealed plan.
    #[must_use]
    pub fn plan(&self, nonce: &str) -> PathBuf {
        self.inner().join("plans").join(nonce)
    }

    /// Returns the folder of a running command. `None` if the name, which comes from a variable, is none that [`nonce`]
    /// makes.
    #[must_use]
    pub fn session(&self, nonce: &str) -> Option<PathBuf> {
        let plain = nonce.len() == 32 && nonce.bytes().all(|byte| byte.is_ascii_hexdigit());
        plain.then(|| self.inner().join("sessions").join(nonce))
    }

    /// Adds a line to a file of the session that `INERT_SESSION` names, if it does not end meanwhile. Nothing depends on
    /// such a note: it is for the lines at the end of the build.
    pub fn note(&self, environment: &Environment, file: &str, line: &str) {
        let Some(folder) = environment.text(SESSION).and_then(|name| self.session(name)) else { return };
        let file = fs::OpenOptions::new().create(true).append(true).open(folder.join(file));
        // One write, since several programs append at the same time.
        let line = format!("{}\n", crate::file::one_line(line));
        let _ = file.and_then(|mut file| file.write_all(line.as_bytes()));
    }

    fn owner_file(&self) -> PathBuf {
        self.inner().join("owner")
    }

    /// Returns the token, if the owner file has the identity that it records.
    fn owner(&self) -> Option<String> {
        let path = self.owner_file();
        let found = fs::symlink_metadata(&path).ok()?;
        let text = fs::read_to_string(&path).ok()?;
        let mut lines = text.lines();
        let token = lines.next()?.to_owned();
        (found.is_file() && lines.next()? == identity(&found)).then_some(token)
    }

    fn wipe(&self) -> io::Result<()> {
        may_be_removed(&self.root)?;
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            // A symlink is removed, not followed.
            if entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            } else {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

/// Checks that a folder is a build dir of an Inert, or is empty. Configuration of the tree, or an argument, may place
/// the target dir where a folder with the name of Inert's holds the user's work; a cache tag alone does not show who
/// created it.
///
/// # Errors
/// The folder holds other files, or cannot be read.
pub fn may_be_removed(root: &Path) -> io::Result<()> {
    if root.join(INNER).symlink_metadata().is_ok_and(|found| found.is_dir()) {
        return Ok(());
    }
    for entry in fs::read_dir(root)? {
        let path = entry?.path();
        let tag = path.ends_with("CACHEDIR.TAG")
            && fs::read_to_string(&path).is_ok_and(|text| text.starts_with(CACHE_TAG));
        if !tag {
            return Err(io::Error::other(format!(
                "the folder holds what Inert did not put there, {}; move it away, or choose another target dir",
                crate::file::shown(Path::new(path.file_name().unwrap_or_default()))
            )));
        }
    }
    Ok(())
}

/// The beginning of a cache tag (the Cache Directory Tagging Specification).
const CACHE_TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55";

fn write_owner(path: &Path, token: &str) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    let identity = identity(&file.metadata()?);
    write!(file, "{token}\n{identity}\n")?;
    file.sync_all()
}

#[cfg(unix)]
fn identity(found: &fs::Metadata) -> String {
    use std::os::unix::fs::MetadataExt as _;
    format!("{}:{}", found.dev(), found.ino())
}

#[cfg(not(unix))]
fn identity(found: &fs::Metadata) -> String {
    format!("{:?}", found.created().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_has_one_folder() {
        let dir = BuildDir { root: PathBuf::from("/t") };
        let out_dir = Path::new("/t/debug/build/a-1/out");
        assert_eq!(
            dir.run(out_dir),
            Path::new("/t/.inert/runs").join(crate::stand_in::answer::run_name(out_dir))
        );
    }
}
