//! One dependency, from variables or from pkg-config.

use std::path::{Path, PathBuf};

use inert_manifest_spec::{Guarded, Item, LinkKind};

use super::select::Wanted;
use super::{Note, Problem, variables};
use crate::directives::Directive;
use crate::discovery::emit::line::{self, Part, Read, Refused};
use crate::discovery::emit::{self, Emitted, Reading};
use crate::discovery::pkg_config::{self, Answered, Setting};
use crate::discovery::{Query, flags, remedies};
use crate::failure::Outcome;
use crate::request::Request;
use crate::world::World;

/// A library's flags, apart.
#[derive(Debug, Clone, Default)]
pub(super) struct Library {
    pub(super) version: Option<String>,
    /// Name, and whether an archive is there that may be linked.
    pub(super) libs: Vec<(String, bool)>,
    pub(super) link_paths: Vec<PathBuf>,
    pub(super) link_files: Vec<PathBuf>,
    pub(super) frameworks: Vec<String>,
    pub(super) framework_paths: Vec<PathBuf>,
    pub(super) include_paths: Vec<PathBuf>,
    /// What follows `-Wl,`.
    pub(super) linker_options: Vec<String>,
    /// What stands in regions of the linker's line.
    pub(super) in_regions: Vec<Directive>,
    /// Static linking is asked for.
    pub(super) wants_static: bool,
    /// The user's variables are all there is.
    pub(super) from_variables: bool,
    pub(super) warnings: Vec<String>,
}

/// Finds a dependency; `None` where it is optional and not there.
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
    // Said outright, so that the pkg-config crate's own variables do not count.
    let entry = inert_manifest_spec::Library {
        kind: Some(Guarded::always(if wants_static { LinkKind::Static } else { LinkKind::Dylib })),
        ..entry(wanted)
    };
    let query =
        Query::new(&entry, &wanted.key, request, world, &mut |_, _| inert_manifest_spec::Truth::Unknown)
            .map_err(|why| Problem::Invalid { place: wanted.key.clone(), why })?;
    let (mut first, mut missing) = (None, Vec::new());
    for module in &query.modules {
        match pkg_config::ask(&query, module, world) {
            Ok(answered) => {
                let version = answered.version.clone();
                note("pkg-config", module.clone(), Outcome::Chosen(format!("version {version}")));
                return read(&wanted.key, answered, wants_static, request, world).map(Some);
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

/// The dependency as an entry of the `library` table.
pub(super) fn entry(wanted: &Wanted) -> inert_manifest_spec::Library {
    inert_manifest_spec::Library {
        pkg_config: wanted.modules.iter().cloned().map(Item::always).collect(),
        version: Some(Guarded::always(wanted.version.clone())),
        optional: wanted.optional,
        print_system_libs: false,
        ..inert_manifest_spec::Library::default()
    }
}

/// Takes words apart as the `pkg-config` crate does, and as system-deps reads its fields.
fn read(
    key: &str,
    answered: Answered,
    wants_static: bool,
    request: &Request,
    world: &mut World,
) -> Result<Library, Problem> {
    let Answered { words, version, warnings, setting, .. } = answered;
    let mut library = Library { version: Some(version), wants_static, warnings, ..Library::default() };
    let (parts, refused) = line::read(&words);
    for refused in refused {
        match refused {
            Refused::Flag(word, text, why) => library.warnings.push(emit::refusal(word, &text, why, world)),
            Refused::Library(word, text, why) => {
                let why = emit::refusal(word, &text, why, world);
                return Err(Problem::Invalid { place: key.to_owned(), why });
            }
        }
    }
    let msvc = request.target.triple.contains("msvc");
    let mut libs = Vec::new();
    let mut in_regions = Emitted::default();
    let reading = Reading {
        target: &request.target.triple,
        host: &request.host,
        title: key,
        wants_static: None,
        system_roots: Vec::new(),
    };
    for Read { part, word } in &parts {
        match part {
            Part::Letter('L', path) => {
                library.link_paths.push(path.into());
                in_regions.lib_dirs.push(path.into());
            }
            Part::Letter('F', path) => library.framework_paths.push(path.into()),
            Part::Letter('I', path) | Part::IncludeDir(path) => library.include_paths.push(path.into()),
            Part::Library(lib, _) if msvc && ["m", "c", "pthread"].contains(&lib.as_str()) => {}
            Part::Library(lib, region) if region.is_any() && !flags::is_toolchain_library(lib) => {
                emit::in_region(lib, *region, word, &reading, world, &mut in_regions);
            }
            Part::Library(lib, _) => libs.push(lib.clone()),
            Part::Framework(name) => library.frameworks.push(name.clone()),
            Part::File(path, region) if region.whole => {
                emit::file(Path::new(path), *region, word, &reading, world, &mut in_regions);
            }
            Part::File(path, _) if world.is_file(Path::new(path)) => {
                let path = Path::new(path);
                let named = path.file_name().and_then(|name| name.to_str());
                if named.and_then(|name| flags::library_of_file(&request.target.triple, name)).is_some() {
                    library.link_files.push(path.to_owned());
                }
            }
            Part::Options(options) => {
                library.linker_options.push(options.trim_start_matches("-Wl,").to_owned());
            }
            Part::Letter(..) | Part::File(..) => {}
        }
    }
    if let Some(why) = in_regions.unmet {
        return Err(Problem::Invalid { place: key.to_owned(), why });
    }
    library.warnings.extend(in_regions.warnings);
    library.in_regions = in_regions.link;
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
    Ok(library)
}

/// Whether an archive is there that is not the system's.
fn archive(lib: &str, folders: &[PathBuf], setting: &Setting, request: &Request, world: &mut World) -> bool {
    // The crate finds none where it was built for MSVC itself.
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

/// `BUILD_INTERNAL`, which asks for a closure that only a script of its own could have.
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
