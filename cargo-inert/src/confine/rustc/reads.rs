//! Computes the files that rustc may read and start, from the plan, its arguments and the package's entry.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use inert_sandbox::{Access, Grants, Processes};

use super::Call;
use super::arguments::libraries;
use crate::artifacts::build_dir::BuildDir;
use crate::confine::grants::{self, LIMITS, READABLE, SYSTEM_FOLDERS};
use crate::confine::tools;
use crate::environment::Environment;
use crate::plan::model::{Confined, ConfinedRustc};
use crate::policy::Rights;

/// The loaders of this machine's programs, which are executed with each of them.
const LOADERS: &[&str] = &[
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/ld-linux-x86-64.so.2",
    "/lib/ld-linux-aarch64.so.1",
    "/lib/ld-musl-x86_64.so.1",
    "/lib/ld-musl-aarch64.so.1",
];

/// The folders of distributions that have the loader among all other files.
const STORES: &[&str] = &["/nix/store", "/gnu/store"];

/// Returns the grants of a call, without those for the folders that it writes to.
///
/// # Errors
/// A path that an entry grants does not exist, or may not be granted.
pub(super) fn grants_of(
    call: &Call<'_>,
    around: &ConfinedRustc,
    rights: &Rights,
    dir: &BuildDir,
    environment: &Environment,
    callers: &Environment,
) -> Result<Grants, String> {
    let starts = call.links || !rights.tools.is_empty();
    let mut grants = Grants {
        processes: if starts { Processes::Any } else { Processes::None },
        limits: LIMITS,
        ..Grants::default()
    };
    let system = if starts { Access::Execute } else { Access::Read };
    for path in SYSTEM_FOLDERS {
        grants.add_if_there(path, system);
    }
    for path in LOADERS.iter().chain(STORES) {
        grants.add_if_there(path, Access::Execute);
    }
    for path in READABLE {
        grants.add_if_there(path, Access::Read);
    }
    grants.add_if_there("/dev/null", Access::Write);
    grants.add(&around.sysroot, system);
    if let Some(program) = call.arguments.first() {
        grants.add_if_there(program, Access::Execute);
    }
    let closed = grants::closed(&around.target_dir, Some(dir));
    let build = grants::real(&dir.root);
    let package = environment.get("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    let sources = grants::sources(&package, &around.workspace);
    if call.pinned && call.macros.is_empty() {
        grants::without(&package, &closed, &around.workspace).grant_if_there(Access::Read, &mut grants);
        // A digest covers what the package's symlinks lead to.
        let sources: Vec<PathBuf> = sources.iter().map(|source| grants::real(source)).collect();
        for target in symlinks(&package) {
            let within = sources.iter().any(|source| target.starts_with(source) && target != *source);
            if within
                && !closed.iter().any(|closed| closed.starts_with(&target) || target.starts_with(closed))
            {
                grants.add_if_there(target, Access::Read);
            }
        }
    } else {
        for source in sources {
            grants::without(&source, &closed, &around.workspace).grant_if_there(Access::Read, &mut grants);
        }
    }
    // Clippy searches all parent folders for its configuration.
    for folder in package.ancestors() {
        for name in ["clippy.toml", ".clippy.toml"] {
            let path = folder.join(name);
            // A right follows symlinks, so the target must have the same name.
            if grants::real(&path).file_name() == Some(OsStr::new(name)) {
                grants.add_if_there(path, Access::Read);
            }
        }
    }
    if let Some(folder) = environment.get("CLIPPY_CONF_DIR") {
        grants.add_if_there(folder, Access::Read);
    }
    let out_dir = environment.get("OUT_DIR").map(|path| grants::real(Path::new(path)));
    if let Some(path) = out_dir.and_then(|path| grants::out_dir_of(&path, &build)) {
        grants.add_if_there(path, Access::Read);
    }
    grants.add(call.out_dir, Access::Read);
    named(call, dir, &build, &closed, callers, &mut grants);
    granted(around, rights, &package, &closed, environment, &mut grants)?;
    Ok(grants)
}

/// Returns what the symlinks in a folder lead to.
fn symlinks(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push(entry.path()),
                Ok(kind) if kind.is_symlink() => found.push(grants::real(&entry.path())),
                _ => {}
            }
        }
    }
    found
}

/// Grants the paths in the arguments, and those that the caller has linkers search: in the build dir, of Inert's own
/// folder there only its store of archives and the libraries for WebAssembly; or outside of the build dir and without
/// containing it.
fn named(
    call: &Call<'_>,
    dir: &BuildDir,
    build: &Path,
    closed: &[PathBuf],
    callers: &Environment,
    grants: &mut Grants,
) {
    // Archives that several packages link lie in Inert's own folder.
    let store = grants::real(&dir.inner()).join("store");
    // The libraries of scripts in WebAssembly are another build's there, which has a folder of Inert's own as well.
    let for_wasm = grants::real(&dir.wasm_target());
    let hidden = |path: &Path| {
        let below = if path.starts_with(&for_wasm) { for_wasm.as_path() } else { build };
        !path.starts_with(&store)
            && path.strip_prefix(below).is_ok_and(|inner| {
                inner.components().any(|part| part.as_os_str().to_string_lossy().starts_with('.'))
            })
    };
    let may = |path: &Path| {
        let real = grants::real(path);
        let around = closed.iter().any(|closed| closed.starts_with(&real));
        !around && !hidden(&real) && real.components().count() > 2
    };
    let mut read = |path: &Path| {
        if path.is_absolute() && may(path) {
            grants.add_if_there(path, Access::Read);
        }
    };
    for path in libraries(&call.arguments) {
        read(&path);
    }
    if let Some(paths) = callers.get("LIBRARY_PATH").filter(|_| call.links) {
        let folders = std::env::split_paths(paths).filter(|path| path.is_absolute());
        folders.flat_map(|path| grants::searched_for(&path)).for_each(|path| read(&path));
    }
    let mut linker = None;
    let arguments: Vec<&str> =
        call.arguments.iter().skip(1).filter_map(|argument| argument.to_str()).collect();
    for (at, argument) in arguments.iter().enumerate() {
        let next = || arguments.get(at + 1).copied().unwrap_or_default();
        let value = |short: &str| match argument.strip_prefix(short) {
            Some("") => Some(next()),
            Some(rest) => Some(rest),
            None => None,
        };
        if *argument == "--target" && next().ends_with(".json") {
            read(Path::new(next()));
        } else if let Some(text) = value("-C").or_else(|| (*argument == "--codegen").then(next)) {
            match text.split_once('=') {
                Some(("profile-use" | "profile-sample-use", path)) => read(Path::new(path)),
                Some(("linker", path)) => linker = Some(PathBuf::from(path)),
                _ => {}
            }
        }
    }
    // Only the user can name the linker; the tree may name none (`cargo::configuration`).
    if let Some(path) = linker.filter(|path| call.links && path.is_absolute()) {
        grants.add_if_there(path, Access::Execute);
    }
}

/// Grants the rights that a `[[compile]]` entry adds for the macros of a package.
fn granted(
    around: &ConfinedRustc,
    rights: &Rights,
    package: &Path,
    closed: &[PathBuf],
    environment: &Environment,
    grants: &mut Grants,
) -> Result<(), String> {
    let confined = Confined {
        rights: rights.clone(),
        place: "the [[compile]] entry".to_owned(),
        workspace: around.workspace.clone(),
        ..Confined::default()
    };
    for place in &rights.read {
        grants::granted_paths(place, &confined, package, closed)?.grant(Access::Read, grants);
    }
    for name in tools::expanded(&rights.tools) {
        match environment.find_program(name) {
            Some(path) => grants.add(grants::real(&path), Access::Execute),
            // A machine need not have every program of a set.
            None if rights.tools.iter().any(|one| one == name)
                && tools::expanded(&[name.to_owned()]) == [name] =>
            {
                return Err(format!(
                    "the tool `{name}` is granted by a [[compile]] entry, and is not on PATH"
                ));
            }
            None => {}
        }
    }
    Ok(())
}
