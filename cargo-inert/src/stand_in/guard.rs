//! Removes files that Cargo would start as scripts and that Inert did not create.
//!
//! Cargo starts the file at the path that a script was compiled to. In Inert's build dir each such file is the small
//! executable of this installation, byte for byte, whether the script is replaced or runs (its compiled form is then
//! behind the stand-in); the sidecar, which tells the executable what to become, names this installation and this build
//! dir. Any other file was replaced by another program, or comes from an older Inert: it is removed, and Cargo makes
//! the wrapper write it again. The wrapper only ever renames a complete executable into place, so the check is valid
//! while other commands run.
//!
//! Files that were compared are remembered in the user's state folder by inode and ctime, which no program can set
//! back, so that a build costs one stat call for each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::artifacts::build_dir::BuildDir;
use crate::artifacts::layout;
use crate::artifacts::sidecar::{SIDECAR, Sidecar};
use crate::digest;
use crate::environment::{Environment, sibling};
use crate::file::write_atomic;

/// Checks every file in a build dir that Cargo would start as a script.
///
/// # Errors
/// A file or folder cannot be read or removed.
pub fn check(dir: &BuildDir, environment: &Environment) -> io::Result<()> {
    let launcher = sibling("inert-stand-in")?;
    let inert = sibling("inert")?;
    let memory = environment
        .state_dir()
        .map(|state| state.join("stand-ins").join(&digest::text(&dir.root.to_string_lossy())[..32]));
    let whole = format!("{} {}", stamp(&launcher)?, inert.display());
    let known = memory.as_deref().map(|path| remembered(path, &whole)).unwrap_or_default();
    let mut expected = None;
    let mut now = BTreeMap::new();
    for folder in layout::script_folders(&dir.root, folders)? {
        let found = Found::of(&folder)?;
        if found.sidecars.is_empty() {
            // Without a sidecar the executables could only fail; Cargo has to create them again.
            found.started.iter().try_for_each(|path| remove(path))?;
            continue;
        }
        for path in &found.started {
            let Ok(stamp) = stamp(path) else { continue };
            let name = path.to_string_lossy().into_owned();
            if known.get(&name) != Some(&stamp) {
                if expected.is_none() {
                    expected = Some(fs::read(&launcher)?);
                }
                if !is_file(path) || fs::read(path).ok().as_ref() != expected.as_ref() {
                    remove(path)?;
                    continue;
                }
            }
            now.insert(name, stamp);
        }
        for path in &found.sidecars {
            let Ok(stamp) = stamp(path) else { continue };
            let name = path.to_string_lossy().into_owned();
            if known.get(&name) != Some(&stamp) && !names_this_installation(path, &inert, dir) {
                remove(path)?;
                for started in &found.started {
                    remove(started)?;
                    now.remove(&*started.to_string_lossy());
                }
                continue;
            }
            now.insert(name, stamp);
        }
    }
    if let Some(memory) = memory.filter(|_| now != known) {
        let lines: String = now.iter().map(|(path, stamp)| format!("{stamp}\t{path}\n")).collect();
        let _ = memory.parent().map(fs::create_dir_all);
        // If the file cannot be written, only time is lost.
        let _ = write_atomic(&memory, format!("{whole}\n{lines}").as_bytes());
    }
    Ok(())
}

/// Returns the stamps of files that were compared with this launcher, by path.
fn remembered(path: &Path, launcher: &str) -> BTreeMap<String, String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let Some((first, rest)) = text.split_once('\n') else { return BTreeMap::new() };
    if first != launcher {
        return BTreeMap::new();
    }
    let pair = |line: &str| line.split_once('\t').map(|(stamp, path)| (path.to_owned(), stamp.to_owned()));
    rest.lines().filter_map(pair).collect()
}

fn names_this_installation(path: &Path, inert: &Path, dir: &BuildDir) -> bool {
    let text = if is_file(path) { fs::read_to_string(path).unwrap_or_default() } else { String::new() };
    let script = text.lines().nth(2).unwrap_or_default();
    text == Sidecar { build_dir: Some(&dir.root), script }.text(inert)
}

/// Returns the folders in a folder. Cargo creates no symlink to a folder on the path to a script; one is removed, since
/// Cargo would start files at its target.
fn folders(parent: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        let path = entry.path();
        if kind.is_dir() {
            found.push(path);
        } else if kind.is_symlink() && path.is_dir() && !layout::is_debug_information(&path) {
            remove(&path)?;
        }
    }
    Ok(found)
}

/// The relevant files in a unit's folder.
#[derive(Default)]
struct Found {
    /// The executables that Cargo would start.
    started: Vec<PathBuf>,
    /// The sidecars, which name the scripts that the stand-ins replace.
    sidecars: Vec<PathBuf>,
}

impl Found {
    fn of(folder: &Path) -> io::Result<Self> {
        let mut this = Self::default();
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_type()?.is_dir() {
                continue;
            }
            let path = entry.path();
            if path.extension().is_some_and(|kind| kind == SIDECAR) {
                this.sidecars.push(path);
                continue;
            }
            if layout::is_script_program(&entry.file_name().to_string_lossy()) {
                this.started.push(path);
            }
        }
        Ok(this)
    }
}

fn is_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_file())
}

/// Removes a file. It is no error if it does not exist: another command may have removed it.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn stamp(path: &Path) -> io::Result<String> {
    use std::os::unix::fs::MetadataExt as _;
    let found = fs::symlink_metadata(path)?;
    Ok(format!("{}:{}:{}:{}.{}", found.dev(), found.ino(), found.len(), found.ctime(), found.ctime_nsec()))
}

/// Returns a stamp that never matches, so that the contents are compared each time: no time here is safe from changes.
#[cfg(not(unix))]
fn stamp(path: &Path) -> io::Result<String> {
    let found = fs::symlink_metadata(path)?;
    Ok(format!("{} {:?}", found.len(), std::time::Instant::now()))
}
