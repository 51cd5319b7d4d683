//! Builds the archive of a unit: [`build`].

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::compile::{Object, compile, made_with};
use crate::nasm::{self, is_nasm};
use crate::store::{Store, copy_whole};
use crate::toolchain::{configure, tool};
use crate::{BuildError, Toolchain, Unit, jobs, sha256};

/// An archive that was built.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Archive {
    /// The path of the archive.
    pub path: PathBuf,
    /// The files that compilers read for it: sources and headers.
    pub reads: Vec<PathBuf>,
    /// The command that compiled each source, as a person would type it, with `SOURCE` in the source's place.
    pub command: String,
}

/// Compiles a unit and archives it as `lib<name>.a` in `folder` (with `<name>.lib` beside it for MSVC). Objects
/// come from the store if there is one and nothing has changed.
///
/// # Errors
///
/// The step that failed; in that case there is no archive, not even a partial one.
pub fn build(
    unit: &Unit,
    toolchain: &Toolchain,
    folder: &Path,
    store: Option<&Store>,
) -> Result<Archive, BuildError> {
    if unit.sources.is_empty() {
        return Err(BuildError::NoSources { unit: unit.name.clone() });
    }
    if let Some(source) = unit.sources.iter().find(|source| !source.is_file()) {
        return Err(BuildError::MissingSource { source: source.clone() });
    }
    let scratch = toolchain.scratch.join(format!("cc-{}", unit.name));
    if scratch.exists() {
        std::fs::remove_dir_all(&scratch).map_err(|error| BuildError::io(&scratch, &error))?;
    }
    std::fs::create_dir_all(&scratch).map_err(|error| BuildError::io(&scratch, &error))?;
    let toolchain = &Toolchain { scratch: scratch.clone(), ..toolchain.clone() };
    let build = configure(toolchain, unit)?;
    let mut archive = if tool(&build)?.is_like_msvc() {
        with_cc_alone(unit, build.clone())?
    } else {
        with_our_commands(unit, toolchain, &build, store)?
    };
    for built in with_lib(&archive.path) {
        let name = built.file_name().unwrap_or_default();
        let place = folder.join(name);
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::rename(&built, &place).or_else(|_| copy_whole(&built, &place)))
            .map_err(|error| BuildError::io(&place, &error))?;
    }
    archive.path = folder.join(archive.path.file_name().unwrap_or_default());
    // The folder holds nothing that is used later, so a failure to remove it is harmless.
    let _ = std::fs::remove_dir_all(&scratch);
    Ok(archive)
}

/// Makes objects by our own commands (for compilers with gcc's options), and the archive by cc's.
fn with_our_commands(
    unit: &Unit,
    toolchain: &Toolchain,
    build: &cc::Build,
    store: Option<&Store>,
) -> Result<Archive, BuildError> {
    let tool = tool(build)?;
    let (shipped, sources): (Vec<&PathBuf>, Vec<&PathBuf>) =
        unit.sources.iter().partition(|source| is_object(source));
    let objects: Vec<(usize, Object)> =
        sources.into_iter().map(|source| object(&toolchain.scratch, source)).enumerate().collect();
    let made_with = made_with(toolchain, &tool);
    let compiled = Mutex::new(Vec::with_capacity(objects.len()));
    jobs::each(&objects, &toolchain.jobs, |(at, object)| {
        let done = if is_nasm(&object.source) {
            nasm::assemble(toolchain, unit, object)?
        } else {
            compile(toolchain, &tool, &made_with, object, store)?
        };
        compiled.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((*at, done));
        Ok(())
    })?;
    let mut compiled = compiled.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    compiled.sort_by_key(|(at, _)| *at);
    let compiled_ones = compiled.iter().map(|(_, done)| done.object.as_path());
    let objects: Vec<&Path> = compiled_ones.chain(shipped.iter().map(|object| object.as_path())).collect();
    let path = archived(build, &unit.name, objects.iter().copied())
        .map_err(|error| archivers_words(toolchain, build, &objects).unwrap_or(error))?;
    // There are hundreds of headers, each read by hundreds of sources; bytes compare faster than paths, which
    // compare part by part.
    let reads: BTreeSet<OsString> =
        compiled.iter().flat_map(|(_, done)| &done.reads).chain(shipped).map(OsString::from).collect();
    let reads = reads.into_iter().map(PathBuf::from).collect();
    let command = format!("{} -c SOURCE", crate::compile::command_line(&tool.to_command()));
    Ok(Archive { path, reads, command })
}

/// Lets cc do everything, for compilers without gcc's options.
fn with_cc_alone(unit: &Unit, mut build: cc::Build) -> Result<Archive, BuildError> {
    let (shipped, sources): (Vec<&PathBuf>, Vec<&PathBuf>) =
        unit.sources.iter().partition(|source| is_object(source));
    build.files(sources);
    let failed = |error: cc::Error| BuildError::Command { command: "cc".into(), output: error.to_string() };
    let objects = build.try_compile_intermediates().map_err(failed)?;
    let all = objects.iter().chain(shipped).map(PathBuf::as_path);
    let path = archived(&build, &unit.name, all)?;
    Ok(Archive { path, reads: unit.sources.clone(), command: String::new() })
}

fn archived<'a>(
    build: &cc::Build,
    name: &str,
    objects: impl Iterator<Item = &'a Path>,
) -> Result<PathBuf, BuildError> {
    build.try_create_archive(name, objects).map_err(|error| BuildError::Command {
        command: format!("the archiver, for lib{name}.a"),
        output: error.to_string(),
    })
}

/// Returns the archiver's message about a failure: cc does not report it, so the archiver runs again.
fn archivers_words(toolchain: &Toolchain, build: &cc::Build, objects: &[&Path]) -> Option<BuildError> {
    let mut command = build.try_get_archiver().ok()?;
    command.arg("cq").arg(toolchain.scratch.join("again.a")).args(objects);
    crate::compile::run(toolchain, command).err().filter(|error| matches!(error, BuildError::Command { .. }))
}

/// Returns whether a source is already an object, which goes into the archive unchanged, after the compiled ones
/// (as by cc's `Build::object`).
fn is_object(source: &Path) -> bool {
    source.extension().is_some_and(|ending| ending == "o" || ending == "obj")
}

/// Returns an object's name: a digest of its folder and the source's name, so that sources of the same name do not
/// collide.
fn object(scratch: &Path, source: &Path) -> Object {
    let name = source.file_name().unwrap_or_default().to_string_lossy();
    let digest = sha256::hex(source.as_os_str().as_encoded_bytes());
    Object { source: source.to_path_buf(), output: scratch.join(format!("{}-{name}.o", &digest[..16])) }
}

/// Returns the archive's files: for MSVC, cc puts `<name>.lib` beside `lib<name>.a`.
fn with_lib(archive: &Path) -> Vec<PathBuf> {
    let stem = archive.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.strip_prefix("lib"));
    let lib = stem.map(|stem| archive.with_file_name(format!("{stem}.lib"))).filter(|lib| lib.is_file());
    std::iter::once(archive.to_path_buf()).chain(lib).collect()
}
