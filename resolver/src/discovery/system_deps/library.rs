//! Finds one dependency, from variables or by pkg-config.

use std::path::{Path, PathBuf};

use inert_manifest_spec::{Guarded, Item, LinkKind};

use super::outcome::{Note, Problem};
use super::select::Wanted;
use super::variables;
use crate::discovery::emit::Word;
use crate::discovery::pkg_config::{self, Answered, Setting};
use crate::discovery::{Query, flags, remedies};
use crate::failure::Outcome;
use crate::request::Request;
use crate::world::World;

/// The flags of a library, sorted by kind.
#[derive(Debug, Clone, Default)]
pub(super) struct Library {
    pub(super) version: Option<String>,
    /// Each name, and whether an archive exists that may be linked.
    pub(super) libs: Vec<(String, bool)>,
    pub(super) link_paths: Vec<PathBuf>,
    pub(super) link_files: Vec<PathBuf>,
    pub(super) frameworks: Vec<String>,
    pub(super) framework_paths: Vec<PathBuf>,
    pub(super) include_paths: Vec<PathBuf>,
    /// The values of `-Wl,` arguments.
    pub(super) linker_options: Vec<String>,
    /// True if static linking is requested.
    pub(super) wants_static: bool,
    /// True if the user's variables alone describe the library.
    pub(super) from_variables: bool,
    pub(super) warnings: Vec<String>,
}

/// Finds a dependency; returns `None` if it is optional and missing.
pub(super) fn find(
    wanted: &Wanted,
    request: &Request,
    world: &mut World,
    note: Note<'_>,
) -> Result<Option<Library>, Problem> {
    let build = build_internal(&wanted.key, world)?;
    let names: Vec<&str> = std::iter::once(&wanted.key).chain(&wanted.modules).map(String::as_str).collect();
    let wants_static = match request.libraries.kind(&names) {
        Some(kind) => kind == LinkKind::Static,
        None => variables::wants_static(&wanted.key, world),
    };
    let off = variables::name(&wanted.key, "NO_PKG_CONFIG");
    if world.env_text(&off).is_some() {
        note("environment", off.clone(), Outcome::Chosen("the variables of this library".to_owned()));
        return Ok(Some(Library { from_variables: true, wants_static, ..Library::default() }));
    }
    if build == Build::Always {
        return Err(no_closure(&wanted.key));
    }
    // The kind is set explicitly, so that the pkg-config crate's own variables do not count.
    let entry = inert_manifest_spec::Library {
        kind: Some(Guarded::always(if wants_static { LinkKind::Static } else { LinkKind::Dylib })),
        ..entry(wanted)
    };
    let query =
        Query::new(&entry, &wanted.key, request, world, &mut |_, _| inert_manifest_spec::Truth::Unknown)
            .map_err(|why| Problem::Invalid { place: wanted.key.clone(), why })?;
    let (mut first, mut missing) = (None, Vec::new());
    for module in &query.modules {
        match pkg_config::ask(&query, module, pkg_config::Words::AsPkgconf, world) {
            Ok(answered) => {
                let version = answered.version.clone();
                note("pkg-config", module.clone(), Outcome::Chosen(format!("version {version}")));
                return Ok(Some(read(answered, wants_static, request, world)));
            }
            Err(failed) => {
                note("pkg-config", failed.detail, Outcome::Failed(failed.why.clone()));
                if first.is_none() {
                    missing = failed.missing;
                }
                first = first.or(Some(failed.why));
            }
        }
    }
    if build == Build::Auto {
        return Err(no_closure(&wanted.key));
    }
    if wanted.optional {
        return Ok(None);
    }
    Err(Problem::Missing {
        key: wanted.key.clone(),
        why: first.unwrap_or_default(),
        remedies: remedies::remedies(&query, &missing, world),
    })
}

/// Returns the dependency as an entry of the `library` table.
pub(super) fn entry(wanted: &Wanted) -> inert_manifest_spec::Library {
    inert_manifest_spec::Library {
        pkg_config: wanted.modules.iter().cloned().map(Item::always).collect(),
        version: Some(Guarded::always(wanted.version.clone())),
        optional: wanted.optional,
        print_system_libs: false,
        ..inert_manifest_spec::Library::default()
    }
}

/// Sorts tokens as the `pkg-config` crate does, and as system-deps reads its fields.
fn read(answered: Answered, wants_static: bool, request: &Request, world: &mut World) -> Library {
    let Answered { words, version, warnings, setting, .. } = answered;
    let version = Some(version).filter(|version| !version.is_empty());
    let mut library = Library { version, wants_static, warnings, ..Library::default() };
    let words: Vec<&Word> = words
        .iter()
        .filter(|word| match flags::check(&word.text) {
            Ok(()) => true,
            Err(why) => {
                let text = word.text.escape_debug();
                library.warnings.push(format!("{}: the flag `{text}` is refused: {why}", word.origin));
                false
            }
        })
        .collect();
    let msvc = request.target.triple.contains("msvc");
    let mut libs = Vec::new();
    for (flag, value) in words.iter().filter_map(|word| word.text.split_at_checked(2)) {
        match flag {
            _ if value.is_empty() => {}
            "-L" => library.link_paths.push(value.into()),
            "-F" => library.framework_paths.push(value.into()),
            "-I" => library.include_paths.push(value.into()),
            "-l" if msvc && ["m", "c", "pthread"].contains(&value) => {}
            "-l" => libs.push(value.to_owned()),
            _ => {}
        }
    }
    let mut parts = words.iter().flat_map(|word| match word.text.strip_prefix("-Wl,") {
        Some(options) => options.split(',').collect(),
        None => vec![word.text.as_str()],
    });
    while let Some(part) = parts.next() {
        match part {
            "-framework" => {
                library
                    .frameworks
                    .extend(parts.next().filter(|name| flags::is_framework(name)).map(str::to_owned));
            }
            "-isystem" | "-iquote" | "-idirafter" => {
                library.include_paths.extend(parts.next().map(PathBuf::from))
            }
            "-undefined" | "--undefined" => {
                parts.next();
            }
            path if Path::new(path).is_absolute() && world.is_file(Path::new(path)) => {
                let path = Path::new(path);
                let named = path.file_name().and_then(|name| name.to_str());
                if named.and_then(|name| flags::library_of_file(&request.target.triple, name)).is_some() {
                    library.link_files.push(path.to_owned());
                }
            }
            _ => {}
        }
    }
    library.linker_options = words
        .iter()
        .filter_map(|word| word.text.strip_prefix("-Wl,"))
        .map(|options| {
            let mut parts = options.split(',');
            let mut kept = Vec::new();
            while let Some(part) = parts.next() {
                if part == "-framework" {
                    parts.next();
                } else {
                    kept.push(part);
                }
            }
            kept.join(",")
        })
        .collect();
    for lib in libs {
        let available = archive(&lib, &library.link_paths, &setting, request, world);
        if wants_static && !available && !flags::is_toolchain_library(&lib) {
            library.warnings.push(format!(
                "static linking is asked for, but there is no lib{lib}.a in a folder of its own: it is linked \
                 dynamically"
            ));
        }
        library.libs.push((lib, available));
    }
    library
}

/// Returns whether an archive exists that does not belong to the system.
fn archive(lib: &str, folders: &[PathBuf], setting: &Setting, request: &Request, world: &mut World) -> bool {
    // The crate finds none if it was itself built for MSVC.
    if request.host.contains("windows-msvc") {
        return false;
    }
    let mut names = vec![format!("lib{lib}.a")];
    if request.host.contains("windows") {
        names.push(format!("{lib}.lib"));
    }
    folders.iter().any(|folder| {
        !setting.system_roots.iter().any(|root| folder.starts_with(root))
            && names.iter().any(|name| world.is_file(&folder.join(name)))
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Build {
    Auto,
    Always,
    Never,
}

/// Reads `BUILD_INTERNAL`, which requires a closure that only a build script could pass.
fn build_internal(key: &str, world: &mut World) -> Result<Build, Problem> {
    for name in [variables::name(key, "BUILD_INTERNAL"), "SYSTEM_DEPS_BUILD_INTERNAL".to_owned()] {
        return Ok(match world.env_text(&name).as_deref() {
            None => continue,
            Some("auto") => Build::Auto,
            Some("always") => Build::Always,
            Some("never") => Build::Never,
            Some(other) => {
                let why = format!("it is `{}`, and may be `auto`, `always` or `never`", other.escape_debug());
                return Err(Problem::Invalid { place: name, why });
            }
        });
    }
    Ok(Build::Never)
}

fn no_closure(key: &str) -> Problem {
    Problem::Invalid {
        place: key.to_owned(),
        why: format!(
            "{} or SYSTEM_DEPS_BUILD_INTERNAL asks for a build from source, and the package's table has none",
            variables::name(key, "BUILD_INTERNAL")
        ),
    }
}
