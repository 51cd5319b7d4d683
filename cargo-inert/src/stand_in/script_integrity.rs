//! Checks the compiled form of a script that runs: its digest is stored after rustc has written it, and compared before
//! it starts.
//!
//! The digest is stored in the user's state folder, by the path of the file. So a build dir that was restored from
//! elsewhere has no digest, and a program that writes into the build dir cannot change it. A program that can write to
//! the state folder already runs code as this user.

use std::io;
use std::path::{Path, PathBuf};

use crate::artifacts::build_dir::BuildDir;
use crate::confine::outer::Kept;
use crate::digest;
use crate::environment::Environment;
use crate::file::write_atomic;

/// Stores the digest of a compiled script, before the script is moved to `behind`.
///
/// # Errors
/// The script cannot be read, or the state folder cannot be written.
pub fn remember(dir: &BuildDir, environment: &Environment, behind: &Path, compiled: &Path) -> io::Result<()> {
    // Behind the outer fence the state folder cannot be written: the driver takes in what is kept for it.
    let fenced = Kept::of(environment).map(|kept| kept.scripts());
    let place = place(dir, fenced.or_else(|| environment.state_dir()), behind);
    place.parent().map(std::fs::create_dir_all).transpose()?;
    write_atomic(&place, digest::file(compiled)?.as_bytes())
}

/// Checks that a compiled script is the one whose digest was stored.
///
/// # Errors
/// The script is another one, or cannot be read.
pub fn check(dir: &BuildDir, environment: &Environment, behind: &Path) -> Result<(), String> {
    let read = |base| std::fs::read_to_string(place(dir, base, behind)).ok();
    // A script that was compiled in this build counts before what an earlier one made.
    let fenced = Kept::of(environment).and_then(|kept| read(Some(kept.scripts())));
    let known = fenced.or_else(|| read(environment.state_dir())).unwrap_or_default();
    let found = digest::file(behind).map_err(|error| format!("{}: {error}", behind.display()))?;
    if found == known {
        return Ok(());
    }
    Err(format!(
        "{} is not what rustc made of the script; it was not started\n  \
         help: `cargo inert clean`, and find out what writes into the build dir",
        behind.display()
    ))
}

/// Returns the name of the folder that holds a build dir's digests.
#[must_use]
pub fn folder_of(dir: &BuildDir) -> String {
    digest::text(&dir.root.to_string_lossy())[..32].to_owned()
}

fn place(dir: &BuildDir, state: Option<PathBuf>, behind: &Path) -> PathBuf {
    let name = digest::text(&behind.to_string_lossy());
    // Without a state folder (a read-only home) the build dir holds the digest, which detects mistakes but not attacks.
    let base = state.unwrap_or_else(|| dir.inner().join("state"));
    base.join("scripts").join(folder_of(dir)).join(&name[..32])
}
