//! The method `environment`: variables that a crate honours. Folders that the user names outrank any other method.

use std::path::{Path, PathBuf};

use inert_manifest_spec::rules::names;
use inert_manifest_spec::{LinkKind, SearchKind};

use super::kind::places;
use super::{EnvRole, Failed, Found, MethodOutcome, Query, flags, pkg_config, search};
use crate::directives::Directive;
use crate::pkgconf::PcSource;
use crate::world::World;

/// Takes the folders that the crate's own variables name.
pub(super) fn find(query: &Query<'_>, world: &mut World) -> MethodOutcome {
    let prefix = query.variable(EnvRole::Dir, world);
    let lib_dirs = query.folders(EnvRole::LibDir, world);
    let include_dirs = query.folders(EnvRole::IncludeDir, world);
    let named = lib_dirs.as_ref().or(include_dirs.as_ref()).map(|(name, _)| name.clone());
    let Some(name) = named.or_else(|| prefix.as_ref().map(|(name, _)| name.clone())) else {
        return MethodOutcome::Skipped("");
    };
    let prefix = prefix.map(|(_, value)| PathBuf::from(value));
    let lib_dirs = match (lib_dirs, &prefix) {
        (Some((_, folders)), _) => folders,
        (None, Some(prefix)) => vec![under(prefix, &["lib64", "lib"], world)],
        // Only a folder of headers is named, so another method has to find the libraries.
        (None, None) => return MethodOutcome::Skipped("only a folder of headers is named"),
    };
    let include_dirs = match (include_dirs, &prefix) {
        (Some((_, folders)), _) => folders,
        (None, Some(prefix)) => vec![prefix.join("include")],
        (None, None) => match beside(query, &lib_dirs, world) {
            Ok(folders) => folders,
            Err(why) => {
                let why = format!("{name} is set, but {why}");
                return MethodOutcome::Unmet(why.clone(), vec![Failed::new(name, why)]);
            }
        },
    };
    // A relative path would depend on the process: the driver runs in the tree that is built, a stand-in in its
    // package.
    let named = prefix.iter().chain(&lib_dirs).chain(&include_dirs);
    if let Some(relative) = named.into_iter().find(|path| !flags::is_absolute(&path.to_string_lossy())) {
        let what = match relative.as_os_str().is_empty() {
            true => "empty".to_owned(),
            false => format!("the relative path {}", relative.display()),
        };
        let why = format!("{name} is {what}; a folder is named by its whole path, or the variable unset");
        return MethodOutcome::Unmet(why.clone(), vec![Failed::new(name, why)]);
    }
    if let Some(found) = by_its_file(query, world) {
        return found;
    }
    in_folders(query, &name, Folders { prefix, lib_dirs, include_dirs }, world)
}

/// Takes the library by the `.pc` file below the folder that a variable names, for crates whose scripts do: it tells what else the
/// library there needs. `None` without a file of use; the folder itself counts then.
fn by_its_file(query: &Query<'_>, world: &mut World) -> Option<MethodOutcome> {
    let (name, folders) = query.folders(EnvRole::PkgConfigDir, world)?;
    let pc_folders: Vec<PathBuf> = folders.iter().map(|folder| folder.join("pkgconfig")).collect();
    let asking = Query { pc_folders, ..query.clone() };
    for module in &query.modules {
        let Ok(answered) = pkg_config::ask(&asking, module, pkg_config::Words::InRegions, world) else {
            continue;
        };
        // The system's library is not the one that the user means.
        let path = answered
            .path
            .clone()
            .filter(|path| asking.pc_folders.iter().any(|folder| path.starts_with(folder)));
        let Some(path) = path else { continue };
        return Some(match pkg_config::finish(answered, &asking, world) {
            Ok(found) => {
                MethodOutcome::Found(Box::new(found), format!("{name}: {}", path.display()), Vec::new())
            }
            Err(unmet) => MethodOutcome::Unmet(unmet.clone(), vec![Failed::new(name, unmet)]),
        });
    }
    None
}

/// Returns the folder of the library's header, if only folders of libraries are named: that of the same installation.
/// The compiler's own folders may hold another version's.
///
/// # Errors
/// The header is not there, as a message.
fn beside(query: &Query<'_>, lib_dirs: &[PathBuf], world: &mut World) -> Result<Vec<PathBuf>, String> {
    let Some(header) = &query.library.header else { return Ok(Vec::new()) };
    // `lib/x86_64-linux-gnu` is two levels below the prefix.
    let is_lib = |folder: &Path| folder.ends_with("lib") || folder.ends_with("lib64");
    let prefixes =
        lib_dirs.iter().filter(|folder| flags::is_absolute(&folder.to_string_lossy())).flat_map(|folder| {
            let (one, two) =
                (folder.parent(), folder.parent().filter(|one| is_lib(one)).and_then(Path::parent));
            one.into_iter().chain(two)
        });
    let folders: Vec<PathBuf> = prefixes.map(|prefix| prefix.join("include")).collect();
    if let Some(found) = folders.iter().find(|folder| world.is_file(&folder.join(header))) {
        return Ok(vec![found.clone()]);
    }
    // The message about the folder itself comes first.
    if folders.is_empty() || lib_dirs.iter().any(|folder| !world.is_dir(folder)) {
        return Ok(Vec::new());
    }
    let variable = query.variables(EnvRole::IncludeDir).pop().unwrap_or_default();
    Err(format!(
        "it names a folder of libraries alone, and {header} is in none of {}: set {variable} to the folder of its headers",
        places(&folders)
    ))
}

/// The name of the policy file, used in messages in place of a variable's name.
pub(super) const INERT_TOML: &str = "inert.toml";

/// The folders that the user names.
pub(super) struct Folders {
    pub(super) prefix: Option<PathBuf>,
    pub(super) lib_dirs: Vec<PathBuf>,
    pub(super) include_dirs: Vec<PathBuf>,
}

/// Finds the library in folders that `name`, a variable or a line of inert.toml, gives.
pub(super) fn in_folders(
    query: &Query<'_>,
    name: &str,
    folders: Folders,
    world: &mut World,
) -> MethodOutcome {
    let Folders { prefix, lib_dirs, include_dirs } = folders;
    let detail = |folders: &[PathBuf]| {
        format!(
            "{name}: {}",
            folders.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
        )
    };
    let fail = |why: String| MethodOutcome::Failed(vec![Failed::new(detail(&lib_dirs), why)]);
    let unmet = |why: String| {
        let why = match &prefix {
            Some(prefix) if name == INERT_TOML => {
                format!("{name} says that it is under {}, but {why}", prefix.display())
            }
            _ => format!("{name} is set, but {why}"),
        };
        MethodOutcome::Unmet(why.clone(), vec![Failed::new(detail(&lib_dirs), why)])
    };
    if let Some(missing) = lib_dirs.iter().find(|folder| !world.is_dir(folder)) {
        return unmet(format!("there is no folder {}", missing.display()));
    }
    let libs = match query.variable(EnvRole::Libs, world) {
        Some((_, value)) => value.split(':').filter(|lib| !lib.is_empty()).map(str::to_owned).collect(),
        None if name == INERT_TOML => query.files.clone(),
        None if query.libs.is_empty() => query.modules.iter().take(1).cloned().collect(),
        None => query.libs.clone(),
    };
    // The names may carry a kind, as openssl-sys and pq-sys allow: `static=ssl`.
    let libs: Vec<(Option<LinkKind>, String)> = libs.iter().map(|lib| kind_and_name(lib)).collect();
    if let Some((_, lib)) = libs.iter().find(|(_, lib)| !flags::is_library(lib)) {
        return fail(format!("`{lib}` is no library's name"));
    }
    let names: Vec<&str> = libs.iter().map(|(_, lib)| lib.as_str()).collect();
    let kind = kind(query, &lib_dirs, &names, world);

    if let Some(header) = &query.library.header
        && !include_dirs.is_empty()
        && !include_dirs.iter().any(|folder| world.is_file(&folder.join(header)))
    {
        return unmet(format!("there is no {header} in {}", places(&include_dirs)));
    }
    let version = search::version_in(query, &include_dirs, world)
        .or_else(|| query.variable(EnvRole::Version, world).map(|(_, version)| version.trim().to_owned()))
        .filter(|version| !version.is_empty());
    if let Some(version) = &version
        && let Some(why) = query.rejects(version)
    {
        return unmet(why);
    }
    let mut link: Vec<Directive> = lib_dirs
        .iter()
        .map(|path| Directive::LinkSearch { kind: Some(SearchKind::Native), path: path.clone() })
        .collect();
    link.extend(libs.iter().map(|(own, lib)| Directive::LinkLib {
        name: lib.clone(),
        kind: own.or(kind),
        modifiers: Vec::new(),
        rename: None,
    }));
    let prefixes =
        prefix.into_iter().chain(lib_dirs.iter().cloned()).chain(include_dirs.iter().cloned()).collect();
    // The named folder is accepted without further evidence, and a warning says that the version was not checked.
    let unchecked = version.is_none() && !query.version.comparisons.is_empty();
    let warnings = unchecked.then(|| {
        format!(
            "{} is needed, and the version of what is in {} cannot be told",
            query.range(),
            places(&lib_dirs)
        )
    });
    let archives = libs.iter().any(|(own, _)| own.or(kind) == Some(LinkKind::Static));
    let unread = if archives && name != INERT_TOML { unread_needs(query, &lib_dirs, world) } else { None };
    let warnings: Vec<String> = warnings.into_iter().chain(unread).collect();
    let detail = detail(&lib_dirs);
    MethodOutcome::Found(
        Box::new(Found { version, link, include_dirs, lib_dirs, prefixes, warnings, ..Found::default() }),
        detail,
        Vec::new(),
    )
}

/// Returns a warning if a `.pc` file beside an archive names what it needs besides: the variable names only the folder.
fn unread_needs(query: &Query<'_>, lib_dirs: &[PathBuf], world: &mut World) -> Option<String> {
    let modules: Vec<&String> =
        query.modules.iter().filter(|module| names::is_pkg_config_module(module)).collect();
    let files = lib_dirs.iter().flat_map(|folder| {
        modules.iter().map(move |module| folder.join("pkgconfig").join(format!("{module}.pc")))
    });
    for file in files {
        let Ok(text) = PcSource::read(world, &file) else { continue };
        let needs = needs_besides(&String::from_utf8_lossy(&text), query);
        if !needs.is_empty() {
            let title = super::remedies::key(query.modules.first().map_or(query.name, String::as_str));
            return Some(format!(
                "{} names what its archive needs besides ({}), and that is not linked, since the variable names the folder alone: \
                 `{title} = \"<the folder that holds lib/pkgconfig>\"` under [library-prefix] in inert.toml takes it from the file",
                file.display(),
                needs.join(", ")
            ));
        }
    }
    None
}

/// Libraries that rustc links into programs anyway, or that the C library holds.
const OF_C: &[&str] = &["c", "m", "pthread", "dl", "rt", "util", "gcc", "gcc_s"];

/// Returns the libraries and modules in the text of a `.pc` file that a query does not link itself. Words with variables
/// are not looked at: what they mean is not known here.
fn needs_besides(text: &str, query: &Query<'_>) -> Vec<String> {
    let mut needs = Vec::new();
    let own = |lib: &str| query.libs.iter().any(|known| kind_and_name(known).1 == lib);
    for (field, value) in text.lines().filter_map(|line| line.split_once(':')) {
        match field.trim().to_ascii_lowercase().as_str() {
            "libs" | "libs.private" => {
                let libs = value.split_whitespace().filter_map(|word| word.strip_prefix("-l"));
                let libs = libs.filter(|lib| !lib.contains('$') && !own(lib) && !OF_C.contains(lib));
                needs.extend(libs.map(|lib| format!("-l{lib}")));
            }
            "requires" | "requires.private" | "requires.internal" => {
                let words = value.split([',', ' ', '\t']).filter(|word| {
                    word.starts_with(|c: char| c.is_ascii_alphabetic()) && !word.contains('$')
                });
                needs.extend(words.map(str::to_owned));
            }
            _ => {}
        }
    }
    needs.dedup();
    needs
}

/// Returns the first of the folders that exists, else the last.
pub(super) fn under(prefix: &Path, names: &[&str], world: &mut World) -> PathBuf {
    let folders: Vec<PathBuf> = names.iter().map(|name| prefix.join(name)).collect();
    folders.iter().find(|folder| world.is_dir(folder)).or(folders.last()).cloned().unwrap_or_default()
}

fn kind_and_name(lib: &str) -> (Option<LinkKind>, String) {
    match lib.split_once('=') {
        Some(("static", name)) => (Some(LinkKind::Static), name.to_owned()),
        Some(("dylib", name)) => (Some(LinkKind::Dylib), name.to_owned()),
        Some(("framework", name)) => (Some(LinkKind::Framework), name.to_owned()),
        _ => (None, lib.to_owned()),
    }
}

/// Returns the requested kind; if none is requested, the kind that the folders hold, shared if they hold both.
fn kind(query: &Query<'_>, folders: &[PathBuf], libs: &[&str], world: &mut World) -> Option<LinkKind> {
    if let Some((kind, _)) = query.wants(None, world) {
        return Some(kind);
    }
    let mut all = |names: fn(&str) -> Vec<String>| {
        libs.iter().all(|lib| {
            names(lib).iter().any(|name| folders.iter().any(|folder| world.is_file(&folder.join(name))))
        })
    };
    let archives = all(|lib| vec![format!("lib{lib}.a"), format!("{lib}.lib")]);
    let shared = all(|lib| {
        vec![
            format!("lib{lib}.so"),
            format!("lib{lib}.dylib"),
            format!("{lib}.dll"),
            format!("lib{lib}.dll.a"),
        ]
    });
    Some(if archives && !shared { LinkKind::Static } else { LinkKind::Dylib })
}
