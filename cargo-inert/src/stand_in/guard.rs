//! Stand-ins that are not what Inert put there are thrown away before Cargo could start them.
//!
//! Cargo starts whatever lies where a script was compiled to. Each such file must be the small executable of this
//! installation, byte for byte; one that is not (somebody replaced it, or Inert was updated) is removed, and Cargo has
//! the wrapper write it again. What was compared is remembered in the user's state folder by inode and the time of its
//! last change, which no program can set back, so that a build costs a stat call for each.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::build_dir::{BuildDir, write_atomic};
use crate::digest;
use crate::environment::{Environment, sibling};
use crate::wrapper::outputs::{SIDECAR, script_behind};

/// Looks at every stand-in of a build dir.
///
/// # Errors
/// One cannot be read or removed.
pub fn check(dir: &BuildDir, environment: &Environment) -> io::Result<()> {
    let launcher = sibling("inert-stand-in")?;
    let memory = environment
        .state_dir()
        .map(|state| state.join("stand-ins").join(&digest::text(&dir.root.to_string_lossy())[..32]));
    let whole = stamp(&launcher)?;
    let known = memory.as_deref().map(|path| remembered(path, &whole)).unwrap_or_default();
    let mut expected = None;
    let mut now = BTreeMap::new();
    for folder in unit_folders(&dir.root) {
        for path in stand_ins(&folder) {
            let Ok(found) = stamp(&path) else { continue };
            let name = path.to_string_lossy().into_owned();
            if known.get(&name) != Some(&found) {
                if expected.is_none() {
                    expected = Some(fs::read(&launcher)?);
                }
                if fs::read(&path).ok().as_ref() != expected.as_ref() {
                    fs::remove_file(&path)?;
                    continue;
                }
            }
            now.insert(name, found);
        }
    }
    if let Some(memory) = memory.filter(|_| now != known) {
        let lines: String = now.iter().map(|(path, stamp)| format!("{stamp}\t{path}\n")).collect();
        let _ = memory.parent().map(fs::create_dir_all);
        // That it cannot be kept costs time only.
        let _ = write_atomic(&memory, format!("{whole}\n{lines}").as_bytes());
    }
    Ok(())
}

/// What was compared with this launcher, by path.
fn remembered(path: &Path, launcher: &str) -> BTreeMap<String, String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let Some((first, rest)) = text.split_once('\n') else { return BTreeMap::new() };
    if first != launcher {
        return BTreeMap::new();
    }
    let pair = |line: &str| line.split_once('\t').map(|(stamp, path)| (path.to_owned(), stamp.to_owned()));
    rest.lines().filter_map(pair).collect()
}

/// `<profile>/build/<unit>` and `<target>/<profile>/build/<unit>`.
fn unit_folders(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for first in folders(root) {
        let deeper = folders(&first)
            .into_iter()
            .filter(|folder| folder.file_name().is_none_or(|name| name != "build"));
        let deeper: Vec<PathBuf> = deeper.collect();
        for profile in std::iter::once(first).chain(deeper) {
            found.extend(folders(&profile.join("build")));
        }
    }
    found
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .collect()
}

/// The files of a unit's folder that Cargo would start, where a sidecar says that stand-ins are there.
fn stand_ins(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    let sidecars: Vec<&PathBuf> =
        files.iter().filter(|path| path.extension().is_some_and(|kind| kind == SIDECAR)).collect();
    if sidecars.is_empty() {
        return Vec::new();
    }
    let behind: Vec<PathBuf> = sidecars.iter().map(|sidecar| script_behind(sidecar)).collect();
    let started = |path: &&PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let stem = name.strip_suffix(std::env::consts::EXE_SUFFIX).unwrap_or(&name);
        !behind.contains(path) && !stem.contains('.') && stem.replace('-', "_").starts_with("build_script_")
    };
    files.iter().filter(started).cloned().collect()
}

#[cfg(unix)]
fn stamp(path: &Path) -> io::Result<String> {
    use std::os::unix::fs::MetadataExt as _;
    let found = fs::symlink_metadata(path)?;
    Ok(format!("{}:{}:{}:{}.{}", found.dev(), found.ino(), found.len(), found.ctime(), found.ctime_nsec()))
}

/// No time that cannot be set back: the content is compared each time.
#[cfg(not(unix))]
fn stamp(path: &Path) -> io::Result<String> {
    let found = fs::symlink_metadata(path)?;
    Ok(format!("{} {:?}", found.len(), std::time::Instant::now()))
}
