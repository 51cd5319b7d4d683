//! `link`: the one ordered list of everything that is linked; libraries and archives without an entry in it come
//! last.

use std::path::Path;

use inert_manifest_spec::rules::flags::{Reader, link_argument_reader};
use inert_manifest_spec::rules::{libraries, names};
use inert_manifest_spec::{Link, LinkKind, SearchKind, Text, TextPart};

use super::magic;
use crate::directives::Directive;
use crate::discovery;
use crate::engine::{Engine, Result, declared, io, refused};
use crate::outcomes::LibraryOutcome;
use crate::request::Provider;

/// Adds the directives of the whole list, in order.
pub(super) fn link(engine: &mut Engine<'_>) -> Result<()> {
    let declaration = engine.declaration;
    for (at, entry) in engine.items(&declaration.link)?.into_iter().enumerate() {
        let place = format!("link[{at}]");
        match entry {
            Link::Library(name) => library(engine, name)?,
            Link::CcLibrary(name) => cc_library(engine, name)?,
            Link::Lib { name, kind, modifiers, rename } => {
                let name = engine.text(&place, name)?;
                if !names::is_link_name(&name) {
                    return Err(refused(place, format!("`{name}` is not a library's name")));
                }
                engine.directives.push(Directive::LinkLib {
                    name,
                    kind: *kind,
                    modifiers: modifiers.clone(),
                    rename: rename.clone(),
                });
            }
            Link::Search { path, kind, files } => {
                for folder in engine.paths(&place, path)? {
                    check_folder(engine, &place, &folder, files)?;
                    engine.directives.push(Directive::LinkSearch { kind: *kind, path: folder });
                }
            }
            Link::Arg { arg: text, scope } => {
                let arg = engine.text(&place, text)?;
                check_commas(&place, text, &arg)?;
                check_reader(engine, &place, &arg)?;
                engine.directives.push(Directive::LinkArg { scope: scope.clone(), arg });
            }
        }
    }
    let named = |test: &dyn Fn(&Link) -> bool| declaration.link.iter().any(|item| test(&item.value));
    for (name, unlisted) in &declaration.library {
        if unlisted.link && !named(&|entry| *entry == Link::Library(name.clone())) {
            library(engine, name)?;
        }
    }
    for (name, unlisted) in &declaration.cc_library {
        let fallback = declaration.library.values().any(|library| library.fallback.as_ref() == Some(name));
        if fallback || named(&|entry| *entry == Link::CcLibrary(name.clone())) {
            continue;
        }
        if unlisted.link {
            cc_library(engine, name)?;
        } else {
            engine.archive(name)?;
        }
    }
    check_out_dir(engine)
}

/// Checks that the target's linkers read the argument as intended: GNU linkers split an argument of Apple's into
/// short options, and take its value for a file to link.
fn check_reader(engine: &Engine<'_>, place: &str, arg: &str) -> Result<()> {
    let is = |key: &str, value: &str| {
        let held = engine.request.target.cfgs.get(key).and_then(Option::as_ref);
        held.is_some_and(|held| held.iter().any(|held| held == value))
    };
    let (whose, condition) = match link_argument_reader(arg) {
        Reader::Apple if !is("target_vendor", "apple") => ("Apple's", "target_vendor = \"apple\""),
        Reader::Windows if !is("target_os", "windows") => ("Windows'", "windows"),
        _ => return Ok(()),
    };
    Err(refused(
        place,
        format!(
            "`{arg}` is for {whose} linkers alone; another takes it apart. Write `when = '{condition}'` beside it"
        ),
    ))
}

/// Checks that no variable brings a comma into an argument: after `-Wl,` each comma would begin an unchecked
/// argument, and the name of a folder may hold commas.
fn check_commas(place: &str, text: &Text, arg: &str) -> Result<()> {
    let written = |part: &TextPart| match part {
        TextPart::Literal(literal) => literal.matches(',').count(),
        TextPart::Variable(_) => 0,
    };
    if arg.matches(',').count() == text.parts.iter().map(written).sum::<usize>() {
        return Ok(());
    }
    Err(refused(
        place,
        format!("`{arg}` has a comma that a variable brought in, which begins another argument"),
    ))
}

/// Adds the directives of a library's provider. A library that was not found fails here, unless it is optional.
fn library(engine: &mut Engine<'_>, name: &str) -> Result<()> {
    let optional = engine.declaration.library.get(name).is_some_and(|library| library.optional);
    match engine.library(name)? {
        LibraryOutcome::System(found) => {
            engine.directives.extend(found.link);
            // If the driver has chosen the provider, it has already shown the warnings.
            if !engine.request.providers.contains_key(name) {
                engine.directives.extend(found.warnings.into_iter().map(Directive::Warning));
            }
        }
        LibraryOutcome::Source(archive) => {
            let at = engine.directives.len();
            cc_library(engine, &archive)?;
            modify(engine, at, name)?;
        }
        LibraryOutcome::Shared(Provider::Shared { libs, search, .. }) => {
            for (path, kind) in search {
                engine.directives.push(Directive::LinkSearch { kind, path });
            }
            for (name, kind) in libs {
                engine.directives.push(Directive::LinkLib {
                    name,
                    kind,
                    modifiers: Vec::new(),
                    rename: None,
                });
            }
        }
        LibraryOutcome::Missing(not_found) if !optional => return Err(engine.not_found(name, &not_found)),
        LibraryOutcome::Missing(_) | LibraryOutcome::Shared(_) | LibraryOutcome::Unasked => {}
    }
    Ok(())
}

/// Adds a library's own modifiers to the directives, from position `at` on, of an archive that is built here.
fn modify(engine: &mut Engine<'_>, at: usize, name: &str) -> Result<()> {
    let declaration = engine.declaration;
    let Some(library) = declaration.library.get(name) else { return Ok(()) };
    let modifiers: Vec<String> = engine.items(&library.modifiers)?.into_iter().cloned().collect();
    for directive in &mut engine.directives[at..] {
        if let Directive::LinkLib { kind: Some(LinkKind::Static), modifiers: own, .. } = directive {
            // An archive that is built here is linked by its name, so `+verbatim` does not apply.
            for modifier in modifiers.iter().filter(|modifier| !modifier.ends_with("verbatim")) {
                discovery::add_modifier(own, modifier);
            }
        }
    }
    Ok(())
}

/// Adds the directives that cc prints: the archive, its folder, the C++ library.
fn cc_library(engine: &mut Engine<'_>, name: &str) -> Result<()> {
    let Some(built) = engine.archive(name)? else { return Ok(()) };
    let lib = |name: &str, kind, modifiers| Directive::LinkLib {
        name: name.to_owned(),
        kind,
        modifiers,
        rename: None,
    };
    engine.directives.push(lib(name, Some(LinkKind::Static), built.modifiers));
    engine.directives.push(Directive::LinkSearch { kind: Some(SearchKind::Native), path: built.folder });
    if let Some(stdlib) = &built.cpp_stdlib {
        engine.directives.push(lib(stdlib, None, Vec::new()));
    }
    Ok(())
}

/// Checks that a folder of the package holds only files that the declaration names, each of them an archive, object
/// or import library by its magic. The same holds for a folder of another package, for which the schema requires
/// `files` too; the folder of a found library may hold anything.
fn check_folder(engine: &mut Engine<'_>, place: &str, folder: &Path, files: &[String]) -> Result<()> {
    let (package, out_dir) = (engine.request.package.manifest_dir.clone(), engine.request.out_dir.clone());
    let in_package = folder.starts_with(&package) && !folder.starts_with(&out_dir);
    let another_package = !files.is_empty() && !folder.starts_with(&out_dir);
    if !(in_package || another_package) || !engine.world.is_dir(folder) {
        // OUT_DIR is checked once everything is written; a folder that does not exist holds nothing.
        return Ok(());
    }
    for name in engine.world.list(folder).map_err(|error| io(folder, &error))? {
        let path = folder.join(&name);
        if !files.contains(&name) {
            let problem = format!("`{}` is not among the `files` of the link-search entry", path.display());
            return Err(refused(place, problem));
        }
        check_file(engine, place, folder, &path)?;
    }
    if let Some(missing) = files.iter().find(|file| !engine.world.is_file(&folder.join(file))) {
        return Err(declared(place, format!("`{}` is not there", folder.join(missing).display())));
    }
    Ok(())
}

/// Checks OUT_DIR if it is searched: every file that a linker could use must have the magic that its name promises.
fn check_out_dir(engine: &mut Engine<'_>) -> Result<()> {
    let out_dir = engine.request.out_dir.clone();
    let mut folders: Vec<_> = Vec::new();
    for directive in &engine.directives {
        if let Directive::LinkSearch { path, .. } = directive
            && path.starts_with(&out_dir)
            && !folders.contains(path)
        {
            folders.push(path.clone());
        }
    }
    let written = engine.files.clone();
    for path in written {
        let searched = path.parent().is_some_and(|folder| folders.iter().any(|searched| searched == folder));
        if searched && magic::found_by_linker(&path) {
            check_file(engine, "link", &out_dir, &path)?;
        }
    }
    Ok(())
}

fn check_file(engine: &mut Engine<'_>, place: &str, root: &Path, path: &Path) -> Result<()> {
    engine.check_inside(place, root, path)?;
    let start = engine.world.start_of(path).map_err(|error| io(path, &error))?;
    if magic::kind(&start).is_none() {
        let problem = format!(
            "`{}` is no archive, object or import library by its first bytes; a text file by such a name is a linker \
             script, which can make the linker run or read anything",
            path.display()
        );
        return Err(refused(place, problem));
    }
    engine.check_linker_options(place, path)?;
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if let Some(reserved) = libraries::of_file(name).filter(|library| libraries::is_reserved(library)) {
        let problem =
            format!("`{}` would stand in for the system's or the toolchain's `{reserved}`", path.display());
        return Err(refused(place, problem));
    }
    Ok(())
}
