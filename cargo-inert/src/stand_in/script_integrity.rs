//! Checks the compiled form of a script that runs: its digest is stored after rustc has written it, and compared before
//! it starts.
//!
//! The digest is stored in the user's state folder, by the path of the file. So a build dir that was restored from
//! elsewhere has no digest, and a program that writes into the build dir cannot change it. A program that can write to
//! the state folder already runs code as this user.

use std::io;
use std::path::{Path, PathBuf};

use crate::artifacts::build_dir::BuildDir;
use crate::digest;
use crate::environment::Environment;
use crate::file::write_atomic;

/// Stores the digest of a compiled script, before the script is moved to `behind`.
///
/// # Errors
/// The script cannot be read, or the state folder cannot be written.
pub fn remember(dir: &BuildDir, environment: &Environment, behind: &Path, compiled: &Path) -> io::Result<()> {
    let place = place(dir, environment, behind);
    place.parent().map(std::fs::create_dir_all).transpose()?;
    write_atomic(&place, digest::file(compiled)?.as_bytes())
}

/// Checks that a compiled script is the one whose digest was stored.
///
/// # Errors
/// The script is another one, or cannot be read.
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
    // Without a state folder (a read-only home) the build dir holds the digest, which detects mistakes but not attacks.
    let base = environment.state_dir().unwrap_or_else(|| dir.inner().join("state"));
    let folder = &digest::text(&dir.root.to_string_lossy())[..32];
    base.join("scripts").join(folder).join(&name[..32])
}
