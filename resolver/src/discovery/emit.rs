//! From flags to directives, as the `pkg-config` crate prints them.
//!
//! Differences on purpose are in `docs/reference/differences-pkg-config-crate.md`.

pub(super) mod line;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use inert_manifest_spec::{ArgScope, LinkKind, SearchKind};

use self::line::{Part, Read, Refused, Region};
use super::flags;
use super::kind::{places, shared_names};
use super::query::KindReason;
use crate::directives::Directive;
use crate::pkgconf::system_library_paths;
use crate::world::World;

/// What a library's flags come to.
#[derive(Debug, Default)]
pub(super) struct Emitted {
    pub(super) link: Vec<Directive>,
    pub(super) include_dirs: Vec<PathBuf>,
    pub(super) lib_dirs: Vec<PathBuf>,
    pub(super) defines: BTreeMap<String, Option<String>>,
    pub(super) warnings: Vec<String>,
    /// Libraries that stood in a region.
    pinned: std::collections::BTreeSet<String>,
    /// What the user insists on and cannot be had.
    pub(super) unmet: Option<String>,
}

/// How flags are read.
pub(super) struct Reading<'a> {
    pub(super) target: &'a str,
    pub(super) host: &'a str,
    /// The name by which the user's file speaks of it.
    pub(super) title: &'a str,
    /// Who asks for static linking, if anyone.
    pub(super) wants_static: Option<KindReason>,
    /// Folders under which everything is the system's, and so linked dynamically.
    pub(super) system_roots: Vec<PathBuf>,
}

/// A word, and the file that says it.
pub(super) struct Word {
    pub(super) text: String,
    pub(super) origin: String,
}

/// Reads words in the crate's order: single letters, then what has a value of its own, then linker options.
pub(super) fn emit(words: &[Word], reading: &Reading<'_>, world: &mut World) -> Emitted {
    let mut out = Emitted::default();
    let (read, refused) = line::read(words);
    for refused in refused {
        let (Refused::Flag(word, text, why) | Refused::Library(word, text, why)) = &refused;
        let said = refusal(word, text, why, world);
        match refused {
            Refused::Flag(..) => out.warnings.push(said),
            Refused::Library(..) => {
                out.unmet.get_or_insert(said);
            }
        }
    }
    letters(&read, reading, world, &mut out);
    named(&read, reading, world, &mut out);
    for read in &read {
        if let Part::Options(options) = &read.part {
            out.link.push(argument(options.clone()));
        }
    }
    let mut said = std::collections::BTreeSet::new();
    out.warnings.retain(|warning| said.insert(warning.clone()));
    out
}

/// That a flag is refused, where it is said, and why.
pub(super) fn refusal(word: &Word, text: &str, why: &str, world: &mut World) -> String {
    format!("{}: the flag `{}` is refused: {why}", place(word, world), text.escape_debug())
}

/// The file that says a word, with the line where the word stands there as it is.
fn place(word: &Word, world: &mut World) -> String {
    let path = Path::new(&word.origin);
    let line = || {
        let bytes = world.read(path).ok()?;
        let text = String::from_utf8_lossy(&bytes);
        text.lines().position(|line| line.contains(&word.text)).map(|at| at + 1)
    };
    match path.is_absolute().then(line).flatten() {
        Some(line) => format!("{}:{line}", word.origin),
        None => word.origin.clone(),
    }
}

fn letters(read: &[Read<'_>], reading: &Reading<'_>, world: &mut World, out: &mut Emitted) {
    for Read { part, word } in read {
        match part {
            Part::Letter('L', value) => {
                out.link.push(Directive::LinkSearch { kind: Some(SearchKind::Native), path: value.into() });
                out.lib_dirs.push(value.into());
            }
            Part::Letter('F', value) => {
                let kind = Some(SearchKind::Framework);
                out.link.push(Directive::LinkSearch { kind, path: value.into() });
            }
            Part::Letter('I', value) => out.include_dirs.push(value.into()),
            Part::Letter('D', value) => {
                let (name, value) =
                    value.split_once('=').map_or((value.as_str(), None), |(name, value)| (name, Some(value)));
                out.defines.insert(name.to_owned(), value.map(str::to_owned));
            }
            Part::Letter(_, value) => out.link.push(argument(format!("-Wl,-u,{value}"))),
            Part::Library(name, region) => library(name, *region, word, reading, world, out),
            _ => {}
        }
    }
}

fn library(
    name: &str,
    region: Region,
    word: &Word,
    reading: &Reading<'_>,
    world: &mut World,
    out: &mut Emitted,
) {
    // These belong to the C runtime with MSVC.
    if reading.target.contains("msvc") && ["m", "c", "pthread"].contains(&name) {
        return;
    }
    // Linked already, as an archive in a region: once more would be another.
    let linked = |directive: &Directive| matches!(directive, Directive::LinkLib { name: linked, kind: Some(LinkKind::Static), .. } if linked == name);
    if out.pinned.contains(name) && out.link.iter().any(linked) {
        return;
    }
    // Parts of the C library are linked as the C library is, which the target's runtime says; no one misses their
    // archives, of which some are texts that only a linker reads.
    if flags::is_toolchain_library(name) {
        out.link.push(plain(name));
        return;
    }
    if region.unneeded {
        out.warnings.push(format!(
            "{}: `-l{name}` is to be linked though nothing needs it (--no-as-needed), which rustc cannot be told: a program \
             that needs nothing of it is linked without",
            place(word, world)
        ));
    }
    if region.is_any() {
        in_region(name, region, word, reading, world, out);
        out.pinned.insert(name.to_owned());
        return;
    }
    if let Some(file) = name.strip_prefix(':') {
        return exact(file, word, reading, world, out);
    }
    let Some(reason) = &reading.wants_static else {
        out.link.push(plain(name));
        return;
    };
    let kind = match archive(name, reading, &out.lib_dirs, world) {
        Archive::Own(folder) => {
            found_in(folder, out);
            Some(LinkKind::Static)
        }
        // Of the user's word nothing is taken away.
        Archive::System(path) if *reason == KindReason::Policy => {
            found_in(path.parent().map(Path::to_owned).unwrap_or_default(), out);
            Some(LinkKind::Static)
        }
        Archive::System(path) => {
            out.warnings.push(format!(
                "{}, but {} is the system's, which is linked dynamically; {}",
                reason.describe(LinkKind::Static),
                path.display(),
                insist(reading.title, "links it all the same")
            ));
            None
        }
        // The library itself; what it needs besides may be shared.
        Archive::Absent if *reason == KindReason::Policy && !links_any(&out.link) => {
            let places = places(&out.lib_dirs);
            out.unmet = Some(format!(
                "{}, but there is no lib{name}.a in {places}",
                reason.describe(LinkKind::Static)
            ));
            None
        }
        Archive::Absent => {
            let (asked, places) = (reason.describe(LinkKind::Static), places(&out.lib_dirs));
            let own = linkers_own(reading).into_iter().map(|folder| folder.join(format!("lib{name}.a")));
            let mut own = own;
            let beside = own.find(|path| world.is_file(path));
            let line = match &beside {
                Some(path) => format!(
                    "{} is among the linker's own; {}",
                    path.display(),
                    insist(reading.title, "links it")
                ),
                None => insist(reading.title, "makes that an error"),
            };
            out.warnings.push(format!(
                "{asked}, but there is no lib{name}.a in {places}: it is linked dynamically; {line}"
            ));
            None
        }
    };
    out.link.push(Directive::LinkLib { name: name.to_owned(), kind, modifiers: Vec::new(), rename: None });
}

/// A library in a region of the linker's line, as the linker takes it up there: of the first folder that has either, the
/// shared one, unless the region has archives alone.
pub(super) fn in_region(
    name: &str,
    region: Region,
    word: &Word,
    reading: &Reading<'_>,
    world: &mut World,
    out: &mut Emitted,
) {
    let exact = name.strip_prefix(':');
    let archives_only = region.archives || reading.wants_static.is_some();
    let mut folders = out.lib_dirs.clone();
    folders.extend(linkers_own(reading));
    let (archives, shared) = match exact {
        Some(file) if file.ends_with(".a") || file.ends_with(".lib") => (vec![file.to_owned()], Vec::new()),
        Some(file) => (Vec::new(), vec![file.to_owned()]),
        None => (vec![format!("lib{name}.a"), format!("{name}.lib")], shared_names(name)),
    };
    let is_there = |world: &mut World, folder: &Path, names: &[String]| {
        names.iter().any(|name| world.is_file(&folder.join(name)))
    };
    for folder in folders {
        if !archives_only && is_there(world, &folder, &shared) {
            match exact {
                Some(file) => self::exact(file, word, reading, world, out),
                None => out.link.push(plain(name)),
            }
            return;
        }
        if !is_there(world, &folder, &archives) {
            continue;
        }
        // One of a group alone is an archive that may need what stands before it: rustc makes one library of those.
        found_in(folder, out);
        let mut modifiers = Vec::new();
        if region.whole {
            modifiers.push("+whole-archive".to_owned());
        }
        if exact.is_some() {
            modifiers.push("+verbatim".to_owned());
        }
        let name = exact.unwrap_or(name).to_owned();
        out.link.push(Directive::LinkLib { name, kind: Some(LinkKind::Static), modifiers, rename: None });
        return;
    }
    if !region.whole && !region.archives {
        match exact {
            Some(file) => self::exact(file, word, reading, world, out),
            None => out.link.push(plain(name)),
        }
        return;
    }
    let asked = if region.whole { "--whole-archive" } else { "-Bstatic" };
    let searched = places(&out.lib_dirs);
    let said = format!(
        "{}: `-l{name}` stands under {asked}, and there is no {} in {searched} or the linker's own folders",
        place(word, world),
        archives.iter().chain(&shared).next().map_or("library", String::as_str)
    );
    out.unmet.get_or_insert(said);
}

/// `-l:file`, the one file of that name: to rustc, a library with `+verbatim`, which it hands to GNU's linkers as
/// `-l:file` and to Microsoft's as `file`. The crate makes it an argument of the linker, which reaches a package's own
/// programs alone: what depends on the package is linked without.
fn exact(file: &str, word: &Word, reading: &Reading<'_>, world: &mut World, out: &mut Emitted) {
    let is_dll = reading.target.contains("windows") && file.ends_with(".dll");
    let is_library = is_dll || flags::is_library_file(file);
    if !is_library {
        let said =
            refusal(word, &format!("-l:{file}"), "it is no library that rustc could be told of", world);
        out.unmet.get_or_insert(said);
        return;
    }
    let is_archive = file.ends_with(".a") || file.ends_with(".lib");
    let folder = match is_archive {
        true => out.lib_dirs.iter().find(|folder| world.is_file(&folder.join(file))).cloned(),
        false => None,
    };
    let kind = match (&reading.wants_static, folder) {
        (Some(_), Some(_)) => Some(LinkKind::Static),
        // rustc finds such an archive itself; Apple's linker knows no files by their names.
        (None, Some(_)) if reading.target.contains("apple") => Some(LinkKind::Static),
        _ if reading.target.contains("apple") => {
            let why = "Apple's linker takes no library by its file's name, and no archive of that name is in the folders that \
                       are named";
            let said = refusal(word, &format!("-l:{file}"), why, world);
            out.unmet.get_or_insert(said);
            return;
        }
        // An archive in the linker's own folders is linked as one whatever it is called.
        (Some(reason), None) if !is_archive => {
            let said = format!(
                "{}, but {} names `-l:{file}`, which is shared",
                reason.describe(LinkKind::Static),
                place(word, world)
            );
            if *reason == KindReason::Policy && !links_any(&out.link) {
                out.unmet.get_or_insert(said);
            } else {
                let line = insist(reading.title, "makes that an error");
                out.warnings.push(format!("{said}: it is linked dynamically; {line}"));
            }
            None
        }
        _ => None,
    };
    let modifiers = vec!["+verbatim".to_owned()];
    out.link.push(Directive::LinkLib { name: file.to_owned(), kind, modifiers, rename: None });
}

/// The line that has it linked statically.
fn insist(title: &str, effect: &str) -> String {
    format!("`{title} = \"static\"` under [library-kind] in inert.toml {effect}")
}

/// Folders that a linker searches unasked.
fn linkers_own(reading: &Reading<'_>) -> Vec<PathBuf> {
    system_library_paths(reading.target, reading.host).into_iter().map(PathBuf::from).collect()
}

fn plain(name: &str) -> Directive {
    Directive::LinkLib { name: name.to_owned(), kind: None, modifiers: Vec::new(), rename: None }
}

/// rustc looks for an archive in named folders only, which flags need not name where they are the linker's own.
fn found_in(folder: PathBuf, out: &mut Emitted) {
    let named =
        |directive: &Directive| matches!(directive, Directive::LinkSearch { path, .. } if *path == folder);
    if !out.link.iter().any(named) {
        out.link.push(Directive::LinkSearch { kind: Some(SearchKind::Native), path: folder });
    }
}

fn links_any(link: &[Directive]) -> bool {
    link.iter().any(|directive| matches!(directive, Directive::LinkLib { .. }))
}

/// Where a static archive is.
enum Archive {
    /// In a folder of the library's own.
    Own(PathBuf),
    /// Under a system root.
    System(PathBuf),
    Absent,
}

fn archive(name: &str, reading: &Reading<'_>, folders: &[PathBuf], world: &mut World) -> Archive {
    let mut names = vec![format!("lib{name}.a")];
    if reading.host.contains("windows") {
        names.push(format!("{name}.lib"));
    }
    // Of a library in the linker's own folders, its flags need not name the folder.
    let implied: Vec<PathBuf> = match reading.wants_static {
        Some(KindReason::Policy) => linkers_own(reading),
        _ => Vec::new(),
    };
    let mut system = None;
    for folder in folders.iter().chain(&implied) {
        let Some(path) = names.iter().map(|name| folder.join(name)).find(|path| world.is_file(path)) else {
            continue;
        };
        if !reading.system_roots.iter().any(|root| folder.starts_with(root)) {
            return Archive::Own(folder.clone());
        }
        system.get_or_insert(path);
    }
    system.map_or(Archive::Absent, Archive::System)
}

fn named(read: &[Read<'_>], reading: &Reading<'_>, world: &mut World, out: &mut Emitted) {
    for Read { part, word } in read {
        match part {
            Part::Framework(name) => out.link.push(Directive::LinkLib {
                name: name.clone(),
                kind: Some(LinkKind::Framework),
                modifiers: Vec::new(),
                rename: None,
            }),
            Part::IncludeDir(path) => out.include_dirs.push(path.into()),
            Part::File(path, region) => file(Path::new(path), *region, word, reading, world, out),
            _ => {}
        }
    }
}

/// A library named by its path: its folder is searched for it. An archive is linked as one, which the crate does not.
pub(super) fn file(
    path: &Path,
    region: Region,
    word: &Word,
    reading: &Reading<'_>,
    world: &mut World,
    out: &mut Emitted,
) {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return;
    };
    if !world.is_file(path) {
        out.warnings.push(format!("{}: there is no file {}", place(word, world), path.display()));
        return;
    }
    let is_archive = name.ends_with(".a") && !name.ends_with(".dll.a");
    let library = flags::library_of_file(reading.target, name);
    if library.is_none() && !flags::is_library_file(name) {
        let said =
            format!("{}: {} is no library that rustc could be told of", place(word, world), path.display());
        out.unmet.get_or_insert(said);
        return;
    }
    let mut modifiers = Vec::new();
    if region.whole && is_archive {
        modifiers.push("+whole-archive".to_owned());
    }
    if library.is_none() {
        modifiers.push("+verbatim".to_owned());
    }
    out.link.push(Directive::LinkSearch { kind: None, path: folder.to_owned() });
    out.link.push(Directive::LinkLib {
        name: library.unwrap_or(name).to_owned(),
        kind: is_archive.then_some(LinkKind::Static),
        modifiers,
        rename: None,
    });
}

fn argument(arg: String) -> Directive {
    Directive::LinkArg { scope: ArgScope::All, arg }
}
