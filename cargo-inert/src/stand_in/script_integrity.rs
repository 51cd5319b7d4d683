//! The compiled form of a script that runs: remembered when rustc has written it, looked at before it starts.
//!
//! Remembered in the user's state folder, by where it lies: a build dir that was restored from elsewhere, or a program
//! that writes into it, does not know it. Who can write there, too, runs code as this user already.

use std::io;
use std::path::{Path, PathBuf};

use crate::artifacts::build_dir::BuildDir;
use crate::digest;
use crate::environment::Environment;
use crate::file::write_atomic;

/// Takes down what was compiled, before it is moved to `behind`.
///
/// # Errors
/// It cannot be read, or the state folder not be written.
pub fn remember(dir: &BuildDir, environment: &Environment, behind: &Path, compiled: &Path) -> io::Result<()> {
    let place = place(dir, environment, behind);
    place.parent().map(std::fs::create_dir_all).transpose()?;
    write_atomic(&place, digest::file(compiled)?.as_bytes())
}

/// Whether a compiled script is the one that was taken down.
///
/// # Errors
/// It is not, or cannot be read.
pub fn check(dir: &BuildDir, environment: &Environment, behind: &Path) -> Result<(), String> {
    let known = std::fs::read_to_string(place(dir, environment, behind)).unwrap_or_default();
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

fn place(dir: &BuildDir, environment: &Environment, behind: &Path) -> PathBuf {
    let name = digest::text(&behind.to_string_lossy());
    // Without a state folder (a read-only home) it is the build dir itself: a mistake shows, an attack need not.
    let base = environment.state_dir().unwrap_or_else(|| dir.inner().join("state"));
    let folder = &digest::text(&dir.root.to_string_lossy())[..32];
    base.join("scripts").join(folder).join(&name[..32])
}
