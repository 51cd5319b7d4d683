//! The files that the wrapper writes in the place of rustc's outputs: stand-ins, empty libraries, dependency files.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::arguments::RustcArguments;
use crate::artifacts::build_dir::BuildDir;
use crate::artifacts::sidecar::{SIDECAR, Sidecar, module_behind, script_behind};
use crate::environment::{Environment, sibling};
use crate::file::write_atomic;

/// Writes the stand-in to the path of the compiled script.
///
/// It is a copy, not a link: Cargo compares its modification time with its dependencies, so the time must be the
/// current one.
///
/// # Errors
/// The folder cannot be written, or the disk is full; no partial stand-in remains.
pub fn write_stand_in(
    parsed: &RustcArguments,
    sidecar: &Sidecar<'_>,
    depends_on: &[&Path],
) -> Result<(), String> {
    let (launcher, inert) = put_launcher(parsed, sidecar)?;
    let mut all = vec![parsed.source.as_deref().unwrap_or(Path::new("")), &launcher, &inert];
    all.extend(depends_on);
    write_dependency_file(parsed, &all)
}

/// The folder that a script is compiled to before its stand-in is written.
#[derive(Debug)]
pub struct Aside {
    /// The path of the folder, which is created anew for each compilation.
    pub folder: PathBuf,
}

impl Aside {
    /// Creates the folder for a call of rustc.
    ///
    /// # Errors
    /// The folder cannot be created.
    pub fn of(parsed: &RustcArguments) -> Result<Self, String> {
        Self::named(parsed, "compiled")
    }

    /// Creates a folder of another name, for a script that is compiled twice.
    ///
    /// # Errors
    /// The folder cannot be created.
    pub fn named(parsed: &RustcArguments, name: &str) -> Result<Self, String> {
        let folder = folder(parsed)?.join(format!("{}.{name}", parsed.crate_name));
        let made = || {
            match fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            fs::create_dir(&folder)
        };
        made().map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self { folder })
    }

    /// Writes a stand-in to the script's path; it will run the compiled script and check its output. In a build dir of
    /// Inert, the digest of the compiled script is stored (`remember`).
    ///
    /// # Errors
    /// As [`write_stand_in`].
    pub fn put_behind_stand_in(
        self,
        parsed: &RustcArguments,
        sidecar: &Sidecar<'_>,
        depends_on: &[&Path],
        remember: Option<(&BuildDir, &Environment)>,
    ) -> Result<(), String> {
        let folder = folder(parsed)?;
        let behind = script_behind(&folder.join(format!("{}.{SIDECAR}", parsed.crate_name)));
        let compiled = self.folder.join(format!("{}{}", parsed.stem(), std::env::consts::EXE_SUFFIX));
        let dependencies = self.folder.join(format!("{}.d", parsed.stem()));
        let describe = |error: io::Error| format!("{}: {error}", behind.display());
        if let Some((dir, callers)) = remember {
            crate::stand_in::script_integrity::remember(dir, callers, &behind, &compiled)
                .map_err(describe)?;
        }
        fs::rename(&compiled, &behind).map_err(describe)?;
        fs::rename(&dependencies, dependency_file(parsed)?).map_err(describe)?;
        let (launcher, inert) = put_launcher(parsed, sidecar)?;
        let mut all: Vec<&Path> = vec![&launcher, &inert];
        all.extend(depends_on);
        add_dependencies(parsed, &all)?;
        // Other outputs of the linker (debug information on some systems) stay in the folder, for debuggers.
        Ok(())
    }
}

/// Removes the module of an earlier compilation of a script.
///
/// # Errors
/// The file cannot be removed.
pub fn remove_module(parsed: &RustcArguments) -> Result<(), String> {
    let module = module_of(parsed)?;
    match fs::remove_file(&module) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(format!("{}: {error}", module.display()))
        }
        _ => Ok(()),
    }
}

/// Moves a module to the place where the script's stand-in looks for it, and stores its digest.
///
/// # Errors
/// A folder cannot be written.
pub fn put_module(
    parsed: &RustcArguments,
    compiled: &Path,
    dir: &BuildDir,
    callers: &Environment,
) -> Result<(), String> {
    let module = module_of(parsed)?;
    crate::stand_in::script_integrity::remember(dir, callers, &module, compiled)
        .and_then(|()| fs::rename(compiled, &module))
        .map_err(|error| format!("{}: {error}", module.display()))
}

fn module_of(parsed: &RustcArguments) -> Result<PathBuf, String> {
    Ok(module_behind(&folder(parsed)?.join(format!("{}.{SIDECAR}", parsed.crate_name))))
}

fn put_launcher(parsed: &RustcArguments, sidecar: &Sidecar<'_>) -> Result<(PathBuf, PathBuf), String> {
    let folder = folder(parsed)?;
    let launcher = sibling("inert-stand-in").map_err(|error| error.to_string())?;
    let inert = sibling("inert").map_err(|error| error.to_string())?;
    let text = sidecar.text(&inert);
    let write = || -> io::Result<()> {
        write_atomic(&folder.join(format!("{}.{SIDECAR}", parsed.crate_name)), text.as_bytes())?;
        let target = folder.join(format!("{}{}", parsed.stem(), std::env::consts::EXE_SUFFIX));
        let temporary = target.with_extension("inert-tmp");
        let _ = fs::remove_file(&temporary);
        // `fs::copy` would preserve the modification time on some file systems that clone files.
        fs::write(&temporary, fs::read(&launcher)?)?;
        fs::set_permissions(&temporary, fs::metadata(&launcher)?.permissions())?;
        fs::rename(&temporary, &target)
    };
    write().map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok((launcher, inert))
}

/// Writes empty outputs for a unit whose outputs are never read.
///
/// # Errors
/// The folder cannot be written.
pub fn write_empty(parsed: &RustcArguments, depends_on: &[&Path]) -> Result<(), String> {
    let folder = folder(parsed)?;
    let stem = parsed.stem();
    let mut names = Vec::new();
    for kind in &parsed.crate_types {
        if kind == "proc-macro" {
            names.push(format!("{}{stem}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX));
        } else {
            if parsed.emit.contains("link") {
                names.push(format!("lib{stem}.rlib"));
            }
            if parsed.emit.contains("metadata") {
                names.push(format!("lib{stem}.rmeta"));
            }
        }
    }
    for name in names {
        let path = folder.join(name);
        write_atomic(&path, b"").map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let mut all = vec![parsed.source.as_deref().unwrap_or(Path::new(""))];
    all.extend(depends_on);
    write_dependency_file(parsed, &all)
}

/// Adds dependencies to rustc's dependency file, so that Cargo watches them too.
///
/// # Errors
/// The file cannot be read or written.
pub fn add_dependencies(parsed: &RustcArguments, more: &[&Path]) -> Result<(), String> {
    let path = dependency_file(parsed)?;
    let describe = |error: io::Error| format!("{}: {error}", path.display());
    let text = fs::read_to_string(&path).map_err(describe)?;
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    // Cargo reads only the first `target: dependencies` line.
    if let Some(first) = lines.iter_mut().find(|line| !line.starts_with('#') && line.contains(": ")) {
        for dependency in more {
            first.push(' ');
            first.push_str(&escaped(dependency));
        }
    }
    lines.push(String::new());
    write_atomic(&path, lines.join("\n").as_bytes()).map_err(describe)
}

fn write_dependency_file(parsed: &RustcArguments, depends_on: &[&Path]) -> Result<(), String> {
    let path = dependency_file(parsed)?;
    let mut text = format!("{}:", escaped(&path));
    for dependency in depends_on {
        text.push(' ');
        text.push_str(&escaped(dependency));
    }
    text.push('\n');
    write_atomic(&path, text.as_bytes()).map_err(|error| format!("{}: {error}", path.display()))
}

fn dependency_file(parsed: &RustcArguments) -> Result<PathBuf, String> {
    Ok(folder(parsed)?.join(format!("{}.d", parsed.stem())))
}

fn folder(parsed: &RustcArguments) -> Result<&Path, String> {
    parsed.out_dir.as_deref().ok_or_else(|| "rustc was called without --out-dir".to_owned())
}

/// Escapes a path as rustc does in a `.d` file.
fn escaped(path: &Path) -> String {
    path.display().to_string().replace(' ', "\\ ")
}
