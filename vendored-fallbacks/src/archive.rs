//! Builds the archive of a unit: [`build`].

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::compile::{Compiled, Keeper, Object, compile};
use crate::identity::{archive_key, identity, object_name};
use crate::nasm::{self, is_nasm};
use crate::roots::Roots;
use crate::store::object::Found;
use crate::store::{Store, Tally, copy_whole};
use crate::toolchain::{absolute, configure, tool};
use crate::{BuildError, Toolchain, Unit, jobs};

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

/// Compiles a unit and archives it as `lib<name>.a` in `folder` (with `<name>.lib` beside it for MSVC). Objects,
/// and the archive if all objects do, come from the store if there is one and nothing has changed.
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
    let roots = toolchain.roots.with(&scratch, "scratch");
    let toolchain = &Toolchain { scratch: scratch.clone(), roots, ..toolchain.clone() };
    let build = configure(toolchain, unit)?;
    let mut archive = if tool(&build)?.is_like_msvc() {
        with_cc_alone(unit, toolchain, build.clone())?
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
    store.inspect(|store| store.write_tally());
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
    let roots = &toolchain.roots;
    let objects: Vec<Object> =
        sources.into_iter().map(|source| object(&toolchain.scratch, source, roots)).collect();
    let keeper = store.and_then(|store| {
        let identity = identity(store, toolchain, &tool, unit.cpp)?;
        let mapping = if store.shared && identity.maps { roots.flags() } else { None };
        Some(Keeper { store, identity, mapping })
    });
    let keeper = keeper.as_ref();
    let find = |object: &Object| keeper?.find(&object.source, roots);
    let found: Vec<Option<Found>> = objects.iter().map(find).collect();
    let command = format!("{} -c SOURCE", crate::compile::command_line(&tool.to_command()));
    let path = toolchain.scratch.join(format!("lib{}.a", unit.name));
    if let (Some(keeper), Some(found)) = (keeper, found.iter().cloned().collect::<Option<Vec<_>>>()) {
        let members = objects.iter().zip(&found).map(|(object, found)| (object, Some(found.digest.clone())));
        let key = key_of(keeper.store, toolchain, build, unit, members, &shipped);
        let kept = key.and_then(|key| keeper.store.find_archive(&key));
        if kept.is_some_and(|digest| keeper.store.take(&digest, &path)) {
            keeper.store.count_hits(found.iter().map(|found| found.took));
            let reads = all_reads(found.iter().flat_map(|found| &found.reads).chain(shipped));
            return Ok(Archive { path, reads, command });
        }
    }
    let work: Vec<(usize, &Object, Option<Found>)> =
        objects.iter().zip(found).enumerate().map(|(at, (object, found))| (at, object, found)).collect();
    let compiled = Mutex::new(Vec::with_capacity(objects.len()));
    jobs::each(&work, &toolchain.jobs, |(at, object, found)| {
        let taken = keeper
            .zip(found.as_ref())
            .filter(|(keeper, found)| keeper.store.take(&found.digest, &object.output));
        let done = match taken {
            Some((keeper, found)) => {
                keeper.store.count_hits(std::iter::once(found.took));
                let Found { digest, reads, .. } = found.clone();
                Compiled { object: object.output.clone(), reads, kept: Some(digest) }
            }
            None if is_nasm(&object.source) => nasm::assemble(toolchain, unit, object)?,
            None => {
                store.inspect(|store| store.tally(Tally { misses: 1, ..Tally::default() }));
                compile(toolchain, &tool, object, keeper)?
            }
        };
        compiled.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((*at, done));
        Ok(())
    })?;
    let mut compiled = compiled.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    compiled.sort_by_key(|(at, _)| *at);
    let compiled_ones = compiled.iter().map(|(_, done)| done.object.as_path());
    let all: Vec<&Path> = compiled_ones.chain(shipped.iter().map(|object| object.as_path())).collect();
    let path = archived(toolchain, build, &unit.name, all.iter().copied())
        .map_err(|error| archivers_words(toolchain, build, &all).unwrap_or(error))?;
    if let Some(keeper) = keeper {
        let members = objects.iter().zip(compiled.iter().map(|(_, done)| done.kept.clone()));
        if let Some(key) = key_of(keeper.store, toolchain, build, unit, members, &shipped) {
            keeper.store.keep_archive(&key, &path);
        }
    }
    let reads = all_reads(compiled.iter().flat_map(|(_, done)| &done.reads).chain(shipped));
    Ok(Archive { path, reads, command })
}

/// Returns the key of an archive of objects, of which all are in the store, and of shipped ones.
fn key_of<'a>(
    store: &Store,
    toolchain: &Toolchain,
    build: &cc::Build,
    unit: &Unit,
    objects: impl Iterator<Item = (&'a Object, Option<String>)>,
    shipped: &[&PathBuf],
) -> Option<String> {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut members = Vec::new();
    for (object, digest) in objects {
        members.push((name(&object.output), digest?));
    }
    for object in shipped {
        members.push((name(object), store.facts(object)?.1.digest.clone()));
    }
    archive_key(store, toolchain, build, &unit.name, &members)
}

/// Returns each file once, in order. There are hundreds of headers, each read by hundreds of sources; bytes compare
/// faster than paths, which compare part by part.
fn all_reads<'a>(reads: impl Iterator<Item = &'a PathBuf>) -> Vec<PathBuf> {
    let reads: BTreeSet<OsString> = reads.map(OsString::from).collect();
    reads.into_iter().map(PathBuf::from).collect()
}

/// Lets cc do everything, for compilers without gcc's options.
fn with_cc_alone(unit: &Unit, toolchain: &Toolchain, mut build: cc::Build) -> Result<Archive, BuildError> {
    let (shipped, sources): (Vec<&PathBuf>, Vec<&PathBuf>) =
        unit.sources.iter().partition(|source| is_object(source));
    build.files(sources);
    let failed = |error: cc::Error| BuildError::Command { command: "cc".into(), output: error.to_string() };
    let program = absolute(toolchain, tool(&build)?.to_command().get_program());
    let objects = toolchain
        .fence
        .run(&program, || build.try_compile_intermediates())
        .map_err(|error| BuildError::Command { command: "cc".into(), output: error.to_string() })?
        .map_err(failed)?;
    let all = objects.iter().chain(shipped).map(PathBuf::as_path);
    let path = archived(toolchain, &build, &unit.name, all)?;
    Ok(Archive { path, reads: unit.sources.clone(), command: String::new() })
}

fn archived<'a>(
    toolchain: &Toolchain,
    build: &cc::Build,
    name: &str,
    objects: impl Iterator<Item = &'a Path> + Send,
) -> Result<PathBuf, BuildError> {
    let failed =
        |output: String| BuildError::Command { command: format!("the archiver, for lib{name}.a"), output };
    let archiver = build.try_get_archiver().map_err(|error| failed(error.to_string()))?;
    toolchain
        .fence
        .run(&absolute(toolchain, archiver.get_program()), || build.try_create_archive(name, objects))
        .map_err(|error| failed(error.to_string()))?
        .map_err(|error| failed(error.to_string()))
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

fn object(scratch: &Path, source: &Path, roots: &Roots) -> Object {
    Object { source: source.to_path_buf(), output: scratch.join(object_name(source, roots)) }
}

/// Returns the archive's files: for MSVC, cc puts `<name>.lib` beside `lib<name>.a`.
fn with_lib(archive: &Path) -> Vec<PathBuf> {
    let stem = archive.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.strip_prefix("lib"));
    let lib = stem.map(|stem| archive.with_file_name(format!("{stem}.lib"))).filter(|lib| lib.is_file());
    std::iter::once(archive.to_path_buf()).chain(lib).collect()
}
