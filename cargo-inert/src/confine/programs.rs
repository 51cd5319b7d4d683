//! PATH of a confined script: a folder that Inert creates, then the toolchain's own programs (before rustup's proxies),
//! then the caller's folders that the script may execute. Inert's folder holds the programs that `tools` grants and,
//! for each program of a folder that is not granted, a stub that fails and names the grant. So a later match on PATH
//! never silently replaces a denied program, and a denied program is not considered missing.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use inert_sandbox::{Access, Grants};

use super::tools;
use crate::environment::Environment;

/// The number of stubs after which no more are created.
const MANY: usize = 4000;

/// Creates the folder and returns PATH; adds the programs in it to the grants.
///
/// # Errors
/// A granted tool is not on PATH, or the folder cannot be created.
pub(super) fn path(
    wanted: &[String],
    sysroot: &Path,
    folder: &Path,
    callers: &Environment,
    grants: &mut Grants,
) -> Result<OsString, String> {
    let fail = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(folder).map_err(fail)?;
    let granted: Vec<PathBuf> = grants
        .paths
        .iter()
        .filter(|grant| grant.access == Access::Execute)
        .filter_map(|grant| std::fs::canonicalize(&grant.path).ok())
        .collect();
    let is_granted = |path: &Path| {
        std::fs::canonicalize(path).is_ok_and(|real| granted.iter().any(|root| real.starts_with(root)))
    };
    let mut entries = vec![folder.to_path_buf()];
    if !sysroot.as_os_str().is_empty() {
        entries.push(sysroot.join("bin"));
    }
    let callers_path = callers.get("PATH").map(OsStr::to_owned).unwrap_or_default();
    let folders: Vec<PathBuf> =
        std::env::split_paths(&callers_path).filter(|path| path.is_absolute()).collect();
    let mut names = BTreeSet::new();
    for name in tools::expanded(wanted) {
        let found = folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file());
        match found {
            Some(path) => {
                let real = std::fs::canonicalize(&path).unwrap_or(path);
                if let Some(interpreter) = interpreter(&real).filter(|path| !is_granted(path))
                    && wanted.iter().any(|one| one == name)
                {
                    let folder = interpreter.parent().unwrap_or(&interpreter);
                    return Err(format!(
                        "the tool `{name}` is a script for {}, which it may not execute: read = [\"system:{}\"] in the entry \
                         grants that folder",
                        interpreter.display(),
                        folder.display()
                    ));
                }
                if names.insert(OsString::from(name)) && !granted.iter().any(|root| real.starts_with(root)) {
                    link(&real, &folder.join(name)).map_err(fail)?;
                    grants.add(real, Access::Execute);
                }
            }
            // A machine need not have every program of a set.
            None if wanted.iter().any(|one| one == name) && tools::expanded(&[name.to_owned()]) == [name] => {
                return Err(format!("the tool `{name}` is granted, and is not on PATH"));
            }
            None => {}
        }
    }
    let stub = folder.join(".not-granted");
    let mut stood_in = 0;
    for from in folders {
        if is_granted(&from) {
            entries.push(from);
            continue;
        }
        for entry in std::fs::read_dir(&from).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let toolchains = sysroot.join("bin").join(&name).exists();
            if stood_in == MANY || toolchains || name == ".not-granted" || !names.insert(name.clone()) {
                continue;
            }
            // An earlier granted folder has the program, so it is the first match.
            if entries[1..].iter().any(|folder| folder.join(&name).exists()) || !is_program(&entry.path()) {
                continue;
            }
            if stood_in == 0 {
                write_stub(&stub).map_err(fail)?;
            }
            let at = folder.join(&name);
            let _ = std::fs::remove_file(&at);
            // A second name of the file tells which program was tried; a symlink would lead to the one name.
            std::fs::hard_link(&stub, &at).or_else(|_| link(&stub, &at)).map_err(fail)?;
            stood_in += 1;
        }
    }
    grants.add(folder, Access::Execute);
    std::env::join_paths(entries).map_err(|error| format!("PATH: {error}"))
}

/// Returns the names of the programs that were tried and are not granted: those whose stub was started. A granted
/// program in the folder is a symlink, so it is started from elsewhere.
pub(super) fn tried(started: &[PathBuf], folder: &Path) -> BTreeSet<String> {
    let folder = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
    let names =
        started.iter().filter(|path| path.parent() == Some(&folder)).filter_map(|path| path.file_name());
    names.map(|name| name.to_string_lossy().into_owned()).filter(|name| !name.starts_with('.')).collect()
}

/// Returns the program that interprets a script, as its first line names it; `None` for a program of another kind.
fn interpreter(program: &Path) -> Option<PathBuf> {
    use std::io::Read as _;
    let mut start = Vec::new();
    std::fs::File::open(program).ok()?.take(256).read_to_end(&mut start).ok()?;
    let line = start.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let text = std::str::from_utf8(line).ok()?;
    text.split_whitespace().next().map(PathBuf::from)
}

#[cfg(unix)]
fn link(to: &Path, at: &Path) -> std::io::Result<()> {
    let _ = std::fs::remove_file(at);
    std::os::unix::fs::symlink(to, at)
}

#[cfg(not(unix))]
fn link(to: &Path, at: &Path) -> std::io::Result<()> {
    std::fs::copy(to, at).map(drop)
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

fn write_stub(at: &Path) -> std::io::Result<()> {
    let text = "#!/bin/sh\nname=${0##*/}\necho \"inert: $name is not granted to this build script: \
                tools = [\\\"$name\\\"] in its [[allow]] entry\" >&2\nexit 126\n";
    std::fs::write(at, text)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(at, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}
