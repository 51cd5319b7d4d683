//! Records the files that a probe of the C compiler depends on besides its own text: the headers that were read,
//! those that were missing, and the libraries that were linked or not found. A change of any may change the answer.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use inert_vendored_fallbacks::depfile;

use crate::engine::Engine;
use crate::pkgconf::{multiarch, system_library_paths};
use crate::world::Run;

/// Records the headers of a run that was told to write what it reads to `rule`. If it stopped at a missing header,
/// the preprocessor is run again, to list everything that it would read if that header existed.
pub(super) fn headers(engine: &mut Engine<'_>, run: &Run, source: &Path, rule: &Path) {
    if !engine.world.is_there(rule) {
        let source = source.as_os_str();
        // `-o` and its file would redirect the requested output, and arguments after the source are for the linker.
        let mut args: Vec<OsString> = Vec::new();
        let mut given = run.args.iter();
        while let Some(arg) = given.next().filter(|arg| *arg != source) {
            match arg.to_str() {
                Some("-o" | "-MF") => drop(given.next()),
                Some("-MD" | "-c" | "-E") => {}
                _ => args.push(arg.clone()),
            }
        }
        args.extend(["-M".into(), "-MG".into(), "-MF".into(), rule.into(), source.to_owned()]);
        let again = Run { args, ..run.clone() };
        let _ = engine.world.run(&again);
    }
    let Ok(text) = engine.world.read_text(rule) else { return };
    let scratch = engine.world.scratch.clone();
    for path in depfile::parse(&text) {
        if path.is_absolute() && !path.starts_with(&scratch) {
            engine.world.uses(&path);
        } else if !path.is_absolute() {
            // The header is missing: it may later appear in any folder that the compiler searches.
            for folder in header_folders(engine, run, source) {
                if engine.world.is_file(&folder.join(&path)) {
                    break;
                }
            }
        }
    }
}

fn header_folders(engine: &Engine<'_>, run: &Run, source: &Path) -> Vec<PathBuf> {
    let target = &engine.request.target.triple;
    let mut folders: Vec<PathBuf> = source.parent().map(Path::to_path_buf).into_iter().collect();
    folders.retain(|folder| !folder.starts_with(&engine.world.scratch));
    folders.extend(named(run, "-I"));
    if *target == engine.request.host {
        folders.push("/usr/local/include".into());
    }
    folders.extend(multiarch(target).map(|name| PathBuf::from("/usr/include").join(name)));
    if *target == engine.request.host {
        folders.push("/usr/include".into());
    }
    folders
}

/// Records the libraries that a run links, by the first folder that has each.
pub(super) fn libraries(engine: &mut Engine<'_>, run: &Run) {
    let (target, host) = (engine.request.target.triple.clone(), engine.request.host.clone());
    let endings: &[(&str, &str)] = match () {
        () if target.contains("windows") => &[("lib", ".dll.a"), ("lib", ".a"), ("", ".lib")],
        () if target.contains("apple") => &[("lib", ".dylib"), ("lib", ".tbd"), ("lib", ".a")],
        () => &[("lib", ".so"), ("lib", ".a")],
    };
    let mut folders: Vec<PathBuf> = named(run, "-L").collect();
    folders.extend(system_library_paths(&target, &host).into_iter().map(PathBuf::from));
    let libs = run.args.iter().filter_map(|arg| arg.to_str()?.strip_prefix("-l").map(str::to_owned));
    for lib in libs {
        let names: Vec<String> = endings.iter().map(|(start, end)| format!("{start}{lib}{end}")).collect();
        let mut places = folders.iter().flat_map(|folder| names.iter().map(move |name| folder.join(name)));
        if let Some(found) = places.find(|place| engine.world.is_file(place)) {
            engine.world.uses(&found);
        }
    }
}

/// Returns the folders of an option, which are joined to it or follow it.
fn named(run: &Run, option: &str) -> impl Iterator<Item = PathBuf> {
    let pairs = run.args.windows(2).filter(move |pair| pair[0] == option).map(|pair| PathBuf::from(&pair[1]));
    let joined = run
        .args
        .iter()
        .filter_map(move |arg| arg.to_str()?.strip_prefix(option).filter(|folder| !folder.is_empty()))
        .map(PathBuf::from);
    pairs.chain(joined).filter(|folder| folder.is_absolute())
}
