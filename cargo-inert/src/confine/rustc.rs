//! rustc confined, and with it whatever macros run in it: no network, no home, no program but the linker's, no other process.
//!
//! A unit that links starts programs, and GNU ld changes modes: it runs below a supervisor. Any other becomes rustc by itself, and can
//! start nothing. Both read the toolchain, the system, their package (a member its workspace), OUT_DIR and what `--extern` and `-L`
//! name, and write the folder that Cargo gives them: outputs of other units, where Cargo keeps those in the same folder, are not out of
//! reach.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use inert_sandbox::{Access, Ended, Grants, Processes, Program, Stream};

use super::grants::{self, LIMITS, READABLE, SYSTEM_FOLDERS};
use crate::artifacts::build_dir::BuildDir;
use crate::environment::Environment;
use crate::plan::model::ConfinedRustc;

/// What starts programs of this machine, which is executed with each of them.
const LOADERS: &[&str] = &[
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/ld-linux-x86-64.so.2",
    "/lib/ld-linux-aarch64.so.1",
    "/lib/ld-musl-x86_64.so.1",
    "/lib/ld-musl-aarch64.so.1",
];

/// Distributions that keep the loader among all else.
const STORES: &[&str] = &["/nix/store", "/gnu/store"];

/// A call of rustc.
#[derive(Debug)]
pub struct Call<'a> {
    /// rustc or what stands in for it (clippy-driver), then its arguments.
    pub raw: &'a [OsString],
    /// Where it writes.
    pub out_dir: &'a Path,
    /// Whether it starts a linker.
    pub links: bool,
    /// Whether it writes no more than Cargo's own kinds of output, for which rustc changes no mode.
    pub plain: bool,
}

/// Whether this is a program of the toolchain, which can be confined: a proxy or a server's client cannot.
#[must_use]
pub fn is_toolchains(program: &OsStr, around: &ConfinedRustc) -> bool {
    Path::new(program).starts_with(around.sysroot.join("bin"))
}

/// Compiles. Where nothing is linked this does not return but for an error.
///
/// # Errors
/// It cannot be confined, or not be started.
pub fn compile(
    call: &Call<'_>,
    around: &ConfinedRustc,
    dir: &BuildDir,
    environment: &Environment,
) -> Result<i32, String> {
    let machine = inert_sandbox::machine().map_err(|error| format!("rustc is not confined: {error}"))?;
    let (program, arguments) = call.raw.split_first().ok_or("no rustc is named")?;
    let (keep, pipe) = super::script::jobserver(environment);
    let mut grants = grants_of(call, around, dir, environment)?;
    if let Some(pipe) = pipe {
        grants.add_if_there(pipe, Access::Write);
    }
    let started = Program { path: program.into(), arguments: arguments.to_vec(), folder: None, keep };
    if !call.links && call.plain {
        return Err(inert_sandbox::become_program(&started, &grants, &machine).message);
    }
    let outcome = inert_sandbox::run(&started, &grants, &machine, Stream::Inherit, Stream::Inherit)
        .map_err(|error| error.message)?;
    match outcome.ended {
        Ended::Code(code) => Ok(code),
        Ended::Signal(signal) => Err(format!("rustc was ended by signal {signal}")),
        Ended::Stopped(why) => Err(format!("rustc was stopped: {why}")),
    }
}

fn grants_of(
    call: &Call<'_>,
    around: &ConfinedRustc,
    dir: &BuildDir,
    environment: &Environment,
) -> Result<Grants, String> {
    let mut grants = Grants {
        processes: if call.links { Processes::Any } else { Processes::None },
        variables: environment.variables.clone(),
        limits: LIMITS,
        ..Grants::default()
    };
    let system = if call.links { Access::Execute } else { Access::Read };
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
    grants.add(&around.sysroot, Access::Execute);
    let closed = grants::closed(&around.target_dir, Some(dir));
    let build = grants::real(&dir.root);
    let package = environment.get("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    let mut sources = vec![package.clone()];
    if !around.workspace.as_os_str().is_empty() && package.starts_with(&around.workspace) {
        sources.push(around.workspace.clone());
    }
    sources.extend(checkout(&package));
    for source in &sources {
        for path in grants::without(source, &closed) {
            grants.add_if_there(path, Access::Read);
        }
    }
    // Clippy looks for its configuration in all folders above, too.
    for folder in package.ancestors() {
        for name in ["clippy.toml", ".clippy.toml"] {
            grants.add_if_there(folder.join(name), Access::Read);
        }
    }
    if let Some(folder) = environment.get("CLIPPY_CONF_DIR") {
        grants.add_if_there(folder, Access::Read);
    }
    let out_dir = environment.get("OUT_DIR").map(|path| grants::real(Path::new(path)));
    if let Some(path) = out_dir.and_then(|path| grants::out_dir_of(&path, &build)) {
        grants.add_if_there(path, Access::Read);
    }
    let tmp = call.out_dir.join("inert-tmp");
    std::fs::create_dir_all(&tmp).map_err(|error| format!("{}: {error}", tmp.display()))?;
    grants.variables.insert("TMPDIR".into(), tmp.into_os_string());
    grants.add(call.out_dir, Access::Write);
    named(call, &build, &closed, &mut grants)?;
    Ok(grants)
}

/// What the arguments name: a right only where it lies in the build dir and not in Inert's own folder, or outside of it and does not
/// contain it.
fn named(call: &Call<'_>, build: &Path, closed: &[PathBuf], grants: &mut Grants) -> Result<(), String> {
    let hidden = |path: &Path| {
        path.strip_prefix(build).is_ok_and(|inner| {
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
    let mut incremental = None;
    let mut linker = None;
    let arguments: Vec<&str> = call.raw.iter().skip(1).filter_map(|argument| argument.to_str()).collect();
    for (at, argument) in arguments.iter().enumerate() {
        let next = || arguments.get(at + 1).copied().unwrap_or_default();
        let value = |short: &str| match argument.strip_prefix(short) {
            Some("") => Some(next()),
            Some(rest) => Some(rest),
            None => None,
        };
        if let Some(file) = argument.strip_prefix('@') {
            read(Path::new(file));
        } else if let Some(text) = value("-L") {
            read(Path::new(text.split_once('=').map_or(text, |(_, path)| path)));
        } else if *argument == "--extern" || argument.starts_with("--extern=") {
            let text = argument.strip_prefix("--extern=").unwrap_or_else(next);
            if let Some((_, path)) = text.split_once('=') {
                read(Path::new(path).parent().unwrap_or(Path::new(path)));
            }
        } else if *argument == "--target" && next().ends_with(".json") {
            read(Path::new(next()));
        } else if let Some(text) = value("-C").or_else(|| (*argument == "--codegen").then(next)) {
            match text.split_once('=') {
                Some(("incremental", path)) => incremental = Some(PathBuf::from(path)),
                Some(("profile-use" | "profile-sample-use", path)) => read(Path::new(path)),
                Some(("linker", path)) => linker = Some(PathBuf::from(path)),
                _ => {}
            }
        }
    }
    if let Some(path) = incremental {
        std::fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let inner = grants::real(&path);
        if inner.starts_with(build) && !hidden(&inner) && inner != build {
            grants.add(path, Access::Write);
        }
    }
    // The user's own; the tree may name none (`cargo::configuration`).
    if let Some(path) = linker.filter(|path| call.links && path.is_absolute()) {
        grants.add_if_there(path, Access::Execute);
    }
    Ok(())
}

/// The root of the git checkout that Cargo made for a package: packages of one repository include files of one another.
fn checkout(package: &Path) -> Option<PathBuf> {
    let parts: Vec<_> = package.components().collect();
    let at = parts
        .windows(2)
        .position(|pair| pair[0].as_os_str() == "git" && pair[1].as_os_str() == "checkouts")?;
    (parts.len() > at + 3).then(|| parts[..at + 4].iter().collect())
}
