//! Turns the flags of a library into directives, as the `pkg-config` crate prints them.
//!
//! The intended differences are in `docs/reference/differences-pkg-config-crate.md`.

pub(super) mod line;
mod linker_options;

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

/// The result of reading a library's flags.
#[derive(Debug, Default)]
pub(super) struct Emitted {
    pub(super) link: Vec<Directive>,
    pub(super) include_dirs: Vec<PathBuf>,
    pub(super) lib_dirs: Vec<PathBuf>,
    pub(super) defines: BTreeMap<String, Option<String>>,
    pub(super) warnings: Vec<String>,
    /// The libraries that are named within a region of the linker's line.
    pinned: std::collections::BTreeSet<String>,
    /// A request of the user that cannot be met, as a message.
    pub(super) unmet: Option<String>,
}

/// The settings for reading flags.
pub(super) struct Reading<'a> {
    pub(super) target: &'a str,
    pub(super) host: &'a str,
    /// The library's name in inert.toml.
    pub(super) title: &'a str,
    /// The reason for static linking, if it is requested.
    pub(super) wants_static: Option<KindReason>,
    /// The folders whose libraries all belong to the system, and so are linked dynamically.
    pub(super) system_roots: Vec<PathBuf>,
}

/// A token of the flags, and the file that it comes from.
pub(super) struct Word {
    pub(super) text: String,
    pub(super) origin: String,
}

/// Reads tokens in the order of the crate: single letters, then options with a separate value, then linker options.
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

/// Returns the message that a flag is refused, with its place and the reason.
pub(super) fn refusal(word: &Word, text: &str, why: &str, world: &mut World) -> String {
    format!("{}: the flag `{}` is refused: {why}", place(word, world), text.escape_debug())
}

/// Returns the file that a token comes from, with the line if the file holds the token unchanged.
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
    // With MSVC these belong to the C runtime.
    if reading.target.contains("msvc") && ["m", "c", "pthread"].contains(&name) {
        return;
    }
    // The library is linked already, as an archive in a region: linking it again would add a second copy.
    let linked = |directive: &Directive| matches!(directive, Directive::LinkLib { name: linked, kind: Some(LinkKind::Static), .. } if linked == name);
    if out.pinned.contains(name) && out.link.iter().any(linked) {
        return;
    }
    // Parts of the C library are linked in the same way as the C library itself, which the target's runtime
    // decides. Their archives are not needed, and some are text files that only a linker reads.
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
        // The user asks for static linking, so the folder is searched even though it belongs to the system.
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
        // The error is only about the library itself; the libraries that it needs may be shared.
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

/// Adds a library in a region of the linker's line, as the linker would choose it: from the first folder that has
/// an archive or a shared library, the shared one is preferred unless the region accepts archives alone.
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
        // In a region that is only a group, archives may need earlier ones of the group; rustc merges them into one
        // library.
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

/// Adds `-l:file`, the one file of that name. For rustc it is a library with `+verbatim`, which rustc passes to
/// GNU's linkers as `-l:file` and to Microsoft's as `file`. The crate makes it an argument of the linker, which is
/// used for the package's own programs alone: dependents are linked without it.
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
        // rustc itself finds such an archive; Apple's linker does not look up files by their names.
        (None, Some(_)) if reading.target.contains("apple") => Some(LinkKind::Static),
        _ if reading.target.contains("apple") => {
            let why = "Apple's linker takes no library by its file's name, and no archive of that name is in the folders that \
                       are named";
            let said = refusal(word, &format!("-l:{file}"), why, world);
            out.unmet.get_or_insert(said);
            return;
        }
        // An archive in the linker's own folders is linked as an archive whatever its name is.
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

/// Returns the advice for linking the library statically: the line for inert.toml and its effect.
fn insist(title: &str, effect: &str) -> String {
    format!("`{title} = \"static\"` under [library-kind] in inert.toml {effect}")
}

/// Returns the folders that a linker searches by default.
fn linkers_own(reading: &Reading<'_>) -> Vec<PathBuf> {
    system_library_paths(reading.target, reading.host).into_iter().map(PathBuf::from).collect()
}

fn plain(name: &str) -> Directive {
    Directive::LinkLib { name: name.to_owned(), kind: None, modifiers: Vec::new(), rename: None }
}

/// Adds the folder of an archive: rustc looks for archives in named folders only, and flags need not name the
/// linker's own.
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

/// The place of a static archive.
enum Archive {
    /// The archive is in a folder of the library's own.
    Own(PathBuf),
    /// The archive is under a system root.
    System(PathBuf),
    Absent,
}

fn archive(name: &str, reading: &Reading<'_>, folders: &[PathBuf], world: &mut World) -> Archive {
    let mut names = vec![format!("lib{name}.a")];
    if reading.host.contains("windows") {
        names.push(format!("{name}.lib"));
    }
    // If a library is in the linker's own folders, its flags need not name the folder.
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

/// Adds a library that is given by its path: the folder is searched for it. An archive is linked as one, unlike in
/// the crate.
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
