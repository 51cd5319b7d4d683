//! Values of PATH with and without the programs that a declaration looks for.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::case::Programs;

/// Returns PATH for each of [`Programs`]. A folder with one of the programs is replaced by a folder of links to its
/// other files.
///
/// # Errors
/// A folder cannot be read or written.
pub(super) fn paths(
    own: &OsStr,
    programs: &BTreeSet<String>,
    folder: &Path,
) -> io::Result<BTreeMap<Programs, OsString>> {
    let mut paths = BTreeMap::from([(Programs::AsFound, own.to_owned())]);
    if programs.is_empty() {
        return Ok(paths);
    }
    let mut without = Vec::new();
    for (at, entry) in std::env::split_paths(own).enumerate() {
        let has = programs.iter().any(|program| entry.join(program).symlink_metadata().is_ok());
        without.push(if has { copy_without(&entry, programs, &folder.join(at.to_string()))? } else { entry });
    }
    let with = folder.join("with");
    fs::create_dir_all(&with)?;
    for program in programs {
        let script = with.join(program);
        fs::write(&script, "#!/bin/sh\nexit 1\n")?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
        }
    }
    let join = |entries: Vec<PathBuf>| std::env::join_paths(entries).map_err(io::Error::other);
    paths.insert(Programs::Absent, join(without)?);
    paths.insert(Programs::Present, join(std::env::split_paths(own).chain([with]).collect())?);
    Ok(paths)
}

fn copy_without(from: &Path, programs: &BTreeSet<String>, to: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)?.flatten() {
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| programs.contains(name)) {
            continue;
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(entry.path(), to.join(&name))?;
        #[cfg(not(unix))]
        fs::copy(entry.path(), to.join(&name)).map(drop)?;
    }
    Ok(to.to_path_buf())
}
