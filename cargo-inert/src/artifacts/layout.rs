//! The paths of Cargo's files in a target dir or a build dir, in the old layout and in the new one (Cargo 1.100). Only
//! this file knows them. The paths of Inert's own files are in [`build_dir`](super::build_dir).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::cargo::invocation::Invocation;

/// Returns the folder of the profile's artifacts (the Cargo book, "Build cache").
#[must_use]
pub fn profile_folder(invocation: &Invocation) -> String {
    let mut rest = invocation.arguments.iter().map(|argument| argument.to_string_lossy());
    while let Some(argument) = rest.next() {
        let name = match argument.strip_prefix("--profile=") {
            Some(name) => name.to_owned(),
            None if argument == "--profile" => rest.next().unwrap_or_default().into_owned(),
            None if argument == "--release" || argument == "-r" => "release".to_owned(),
            None => continue,
        };
        return match name.as_str() {
            "dev" | "test" => "debug".to_owned(),
            "bench" => "release".to_owned(),
            _ => name,
        };
    }
    if matches!(invocation.command.as_str(), "bench" | "install") { "release" } else { "debug" }.to_owned()
}

/// Returns the path of a binary or an example below the target dir, for a platform with its own folder or for the host.
#[must_use]
pub fn program(platform: Option<&str>, profile_folder: &str, example: bool, name: &str) -> PathBuf {
    let mut path = PathBuf::new();
    path.extend(platform);
    path.push(profile_folder);
    if example {
        path.push("examples");
    }
    path.push(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    path
}

/// Returns the folders that scripts are compiled to: `<profile>/build/<unit>` in Cargo's old layout,
/// `<profile>/build/<package>/<unit>/out` in the new one; also below `<target>/`. `folders` lists the folders in a
/// folder.
///
/// # Errors
/// `folders` returns an error.
pub fn script_folders(
    root: &Path,
    folders: impl Fn(&Path) -> io::Result<Vec<PathBuf>>,
) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for first in folders(root)? {
        let inside = folders(&first)?;
        let mut builds = Vec::new();
        for folder in inside {
            if folder.ends_with("build") {
                builds.push(folder);
            } else {
                builds.extend(folders(&folder)?.into_iter().filter(|folder| folder.ends_with("build")));
            }
        }
        for unit in builds.iter().map(|build| folders(build)).collect::<io::Result<Vec<_>>>()?.concat() {
            for nested in folders(&unit)? {
                let is_script = match unit_kind(&nested) {
                    UnitKind::Script => true,
                    UnitKind::Run => false,
                    UnitKind::Other => continue,
                };
                let inside = folders(&nested)?;
                found.extend(inside.into_iter().filter(|folder| is_script && folder.ends_with("out")));
            }
            found.push(unit);
        }
    }
    Ok(found)
}

/// The kind of a unit, as far as build scripts are concerned.
enum UnitKind {
    /// The compilation of a script.
    Script,
    /// The run of a script, or a unit without a record of Cargo's: its folder `out` may become an OUT_DIR.
    Run,
    Other,
}

/// Returns the kind of a unit of the new layout. Each unit has a folder with Cargo's own record, which tells its kind;
/// without the record Cargo makes the unit again.
fn unit_kind(unit: &Path) -> UnitKind {
    let entries = fs::read_dir(unit.join("fingerprint")).into_iter().flatten().flatten();
    let mut kind = UnitKind::Run;
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("build-script-") {
            return UnitKind::Script;
        }
        if name.starts_with("run-build-script-") {
            return UnitKind::Run;
        }
        kind = UnitKind::Other;
    }
    kind
}

/// Returns whether Cargo starts the file with this name in a script's folder: `build-script-build`, and the name with a
/// hash that rustc writes.
#[must_use]
pub fn is_script_program(name: &str) -> bool {
    let stem = name.strip_suffix(std::env::consts::EXE_SUFFIX).unwrap_or(name);
    !stem.contains('.') && stem.replace('-', "_").starts_with("build_script_")
}

/// Returns whether a path is debug information, which Cargo links on macOS beside the program.
#[must_use]
pub fn is_debug_information(path: &Path) -> bool {
    path.extension().is_some_and(|kind| kind == "dSYM")
}

/// Returns the output of a script, which Cargo stores beside its OUT_DIR.
#[must_use]
pub fn printed_by_script(out_dir: &Path) -> Vec<u8> {
    let Some(unit) = out_dir.parent() else { return Vec::new() };
    let files = [unit.join("output"), unit.join("run").join("stdout"), unit.join("stdout")];
    files.iter().find_map(|path| fs::read(path).ok()).unwrap_or_default()
}

/// Returns the OUT_DIRs of a package's runs beside another's: `build/<name>-<hash>/out`, or `build/<name>/<hash>/out`
/// in the new layout.
#[must_use]
pub fn out_dirs(own: &Path, name: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let hashed = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let listed = |folder: &Path| -> Vec<(String, PathBuf)> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path())).collect()
    };
    let builds = own.ancestors().skip(1).take(3).filter(|folder| folder.ends_with("build"));
    for build in builds {
        for (unit, path) in listed(build) {
            if unit.strip_prefix(name).and_then(|rest| rest.strip_prefix('-')).is_some_and(hashed) {
                found.push(path.join("out"));
            } else if unit == name {
                let nested = listed(&path).into_iter().filter(|(hash, _)| hashed(hash));
                found.extend(nested.map(|(_, path)| path.join("out")));
            }
        }
    }
    found.retain(|path| path.is_dir());
    found
}

/// Returns the dependency files of all units except scripts: `<profile>/deps/*.d` in Cargo's old layout,
/// `<profile>/build/<package>/<unit>/out/*.d` in the new one; also below `<target>/`.
#[must_use]
pub fn dependency_files(root: &Path) -> Vec<PathBuf> {
    let entries = |folder: &Path| -> Vec<PathBuf> {
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
    };
    let folders = |folder: &Path| -> Vec<PathBuf> {
        entries(folder).into_iter().filter(|path| path.is_dir()).collect()
    };
    let mut profiles = folders(root);
    profiles.extend(folders(root).iter().flat_map(|first| folders(first)));
    let mut places: Vec<PathBuf> = profiles.iter().map(|profile| profile.join("deps")).collect();
    for package in profiles.iter().flat_map(|profile| folders(&profile.join("build"))) {
        places.extend(folders(&package).into_iter().map(|unit| unit.join("out")));
    }
    let files = places.iter().flat_map(|place| entries(place));
    files.filter(|path| path.extension().is_some_and(|kind| kind == "d")).collect()
}

/// Removes rustc's outputs of a unit, by the stem of their names, so that Cargo compiles the unit again.
pub fn remove_outputs(folder: &Path, stem: &str) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let own = name.strip_prefix("lib").unwrap_or(&name);
        if own.strip_prefix(stem).is_some_and(|rest| rest.starts_with('.')) {
            let _ = fs::remove_file(entry.path());
        }
    }
}
