//! From flags to directives, as the `pkg-config` crate prints them.
//!
//! Differences on purpose are in `docs/reference/differences-pkg-config-crate.md`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use inert_manifest_spec::{ArgScope, LinkKind, SearchKind};

use super::flags;
use super::kind::places;
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
    /// What the user insists on and cannot be had.
    pub(super) unmet: Option<String>,
}

/// How flags are read.
pub(super) struct Reading<'a> {
    pub(super) target: &'a str,
    pub(super) host: &'a str,
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
    let words: Vec<&Word> = words
        .iter()
        .filter(|word| match flags::check(&word.text) {
            Ok(()) => true,
            Err(why) => {
                out.warnings.push(format!(
                    "{}: the flag `{}` is refused: {why}",
                    place(word, world),
                    word.text.escape_debug()
                ));
                false
            }
        })
        .collect();
    letters(&words, reading, world, &mut out);
    valued(&words, reading, world, &mut out);
    linker_options(&words, &mut out);
    let mut said = std::collections::BTreeSet::new();
    out.warnings.retain(|warning| said.insert(warning.clone()));
    out
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

fn letters(words: &[&Word], reading: &Reading<'_>, world: &mut World, out: &mut Emitted) {
    let mut whole_archive = false;
    for (at, word) in words.iter().enumerate() {
        match word.text.as_str() {
            "-Wl,--whole-archive" => whole_archive = true,
            "-Wl,--no-whole-archive" => whole_archive = false,
            // The crate drops a symbol that stands apart from its `-u`.
            "-u" => {
                if let Some(symbol) = words.get(at + 1).filter(|next| flags::is_symbol(&next.text)) {
                    out.link.push(argument(format!("-Wl,-u,{}", symbol.text)));
                }
            }
            _ => {}
        }
        let Some((flag, value)) = word.text.split_at_checked(2).filter(|(_, value)| !value.is_empty()) else {
            continue;
        };
        match flag {
            "-L" => {
                out.link.push(Directive::LinkSearch { kind: Some(SearchKind::Native), path: value.into() });
                out.lib_dirs.push(value.into());
            }
            "-F" => {
                out.link
                    .push(Directive::LinkSearch { kind: Some(SearchKind::Framework), path: value.into() });
            }
            "-I" => out.include_dirs.push(value.into()),
            "-l" => library(value, whole_archive, reading, world, out),
            "-D" => {
                let (name, value) =
                    value.split_once('=').map_or((value, None), |(name, value)| (name, Some(value)));
                out.defines.insert(name.to_owned(), value.map(str::to_owned));
            }
            "-u" => out.link.push(argument(format!("-Wl,-u,{value}"))),
            _ => {}
        }
    }
}

fn library(name: &str, whole_archive: bool, reading: &Reading<'_>, world: &mut World, out: &mut Emitted) {
    // These belong to the C runtime with MSVC.
    if reading.target.contains("msvc") && ["m", "c", "pthread"].contains(&name) {
        return;
    }
    if name.starts_with(':') {
        out.link.push(argument(format!("-l{name}")));
        return;
    }
    let (kind, modifiers) = match &reading.wants_static {
        // Parts of the C library are linked as the C library is, which the target's runtime says; no one misses their
        // archives, of which some are texts that only a linker reads.
        Some(_) if flags::is_toolchain_library(name) => (None, false),
        Some(reason) => match archive(name, reading, &out.lib_dirs, world) {
            Archive::Own(folder) => {
                found_in(folder, out);
                (Some(LinkKind::Static), whole_archive)
            }
            // Of the user's word nothing is taken away.
            Archive::System(path) if *reason == KindReason::Policy => {
                found_in(path.parent().map(Path::to_owned).unwrap_or_default(), out);
                (Some(LinkKind::Static), whole_archive)
            }
            Archive::System(path) => {
                out.warnings.push(format!(
                    "{}, but {} is the system's, which is linked dynamically",
                    reason.describe(LinkKind::Static),
                    path.display()
                ));
                (None, false)
            }
            // The library itself; what it needs besides may be shared.
            Archive::Absent if *reason == KindReason::Policy && !links_any(&out.link) => {
                let places = places(&out.lib_dirs);
                out.unmet = Some(format!(
                    "{}, but there is no lib{name}.a in {places}",
                    reason.describe(LinkKind::Static)
                ));
                (None, false)
            }
            Archive::Absent => {
                out.warnings.push(format!(
                    "{}, but there is no lib{name}.a in {}: it is linked dynamically",
                    reason.describe(LinkKind::Static),
                    places(&out.lib_dirs)
                ));
                (None, false)
            }
        },
        None => (None, false),
    };
    let modifiers = if modifiers { vec!["+whole-archive".to_owned()] } else { Vec::new() };
    out.link.push(Directive::LinkLib { name: name.to_owned(), kind, modifiers, rename: None });
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
        Some(KindReason::Policy) => {
            system_library_paths(reading.target, reading.host).into_iter().map(PathBuf::from).collect()
        }
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

fn valued(words: &[&Word], reading: &Reading<'_>, world: &mut World, out: &mut Emitted) {
    let mut parts = words.iter().flat_map(|word| match word.text.strip_prefix("-Wl,") {
        Some(options) => options.split(',').collect(),
        None => vec![word.text.as_str()],
    });
    while let Some(part) = parts.next() {
        match part {
            "-framework" => {
                if let Some(name) = parts.next().filter(|name| flags::is_framework(name)) {
                    out.link.push(Directive::LinkLib {
                        name: name.to_owned(),
                        kind: Some(LinkKind::Framework),
                        modifiers: Vec::new(),
                        rename: None,
                    });
                }
            }
            "-isystem" | "-iquote" | "-idirafter" => out.include_dirs.extend(parts.next().map(PathBuf::from)),
            // A header's path is no library's.
            "-include" | "-imacros" | "-isysroot" | "--sysroot" => {
                parts.next();
            }
            // `-Wl,-undefined,symbol` is printed below with the other linker options; the crate prints it twice.
            "-undefined" | "--undefined" => {
                parts.next();
            }
            path if path.starts_with('/') || path.as_bytes().get(1) == Some(&b':') => {
                file(Path::new(path), reading, world, out);
            }
            _ => {}
        }
    }
}

/// A library named by its path: its folder is searched for it. An archive is linked as one, which the crate does not.
fn file(path: &Path, reading: &Reading<'_>, world: &mut World, out: &mut Emitted) {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return;
    };
    if !world.is_file(path) {
        return;
    }
    match flags::library_of_file(reading.target, name) {
        Some(library) => {
            out.link.push(Directive::LinkSearch { kind: None, path: folder.to_owned() });
            out.link.push(Directive::LinkLib {
                name: library.to_owned(),
                kind: name.ends_with(".a").then_some(LinkKind::Static).filter(|_| !name.ends_with(".dll.a")),
                modifiers: Vec::new(),
                rename: None,
            });
        }
        None => out.warnings.push(format!("{} is no library that rustc could be told of", path.display())),
    }
}

fn linker_options(words: &[&Word], out: &mut Emitted) {
    let whole = out
        .link
        .iter()
        .any(|directive| matches!(directive, Directive::LinkLib { modifiers, .. } if !modifiers.is_empty()));
    for word in words {
        let Some(options) = word.text.strip_prefix("-Wl,") else { continue };
        // A region that became a modifier is not opened a second time around nothing.
        if whole && matches!(options, "--whole-archive" | "--no-whole-archive") {
            continue;
        }
        let mut kept = Vec::new();
        let mut parts = options.split(',');
        while let Some(part) = parts.next() {
            if part == "-framework" {
                parts.next();
            } else {
                kept.push(part);
            }
        }
        out.link.push(argument(format!("-Wl,{}", kept.join(","))));
    }
}

fn argument(arg: String) -> Directive {
    Directive::LinkArg { scope: ArgScope::All, arg }
}
