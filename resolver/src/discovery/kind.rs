//! Compares the kind that a method found, static or shared, with the requested one. If the requested kind is not
//! available, that is an error if the user requests it, and a warning if a crate or a variable does.

use std::path::{Path, PathBuf};

use inert_manifest_spec::LinkKind;

use super::query::KindReason;
use super::{Found, Query, flags};
use crate::directives::Directive;
use crate::pkgconf::system_library_paths;
use crate::world::World;

/// The file that the linker would choose for a library.
enum Linked {
    /// An archive, at this path.
    Archive(PathBuf),
    /// A shared library, or a file that replaces one when linking.
    Shared,
    /// None of the searched folders decides.
    Unknown,
}

/// Compares the found library with the requested kind, and adds warnings.
///
/// # Errors
/// A request of the user that cannot be met.
pub(super) fn check(
    query: &Query<'_>,
    method: &str,
    found: &mut Found,
    world: &mut World,
) -> Result<(), String> {
    let module = query.modules.first().map(String::as_str);
    let Some((wanted, reason)) = query.wants(module, world) else { return Ok(()) };
    // Archives among a module's flags are looked for, and reported, where the flags are read; a triplet of vcpkg
    // fixes its kind.
    if method == "vcpkg" || (wanted == LinkKind::Static && method == "pkg-config") {
        return Ok(());
    }
    let mut folders = found.lib_dirs.clone();
    let (target, host) = (&query.request.target.triple, &query.request.host);
    folders.extend(system_library_paths(target, host).into_iter().map(PathBuf::from));
    for (name, kind) in own(query, found) {
        if flags::is_toolchain_library(&name) {
            continue;
        }
        let asked = reason.describe(wanted);
        let why = match (wanted, kind, linked(&name, kind, query, &folders, world)) {
            // The system's frameworks are always shared.
            (LinkKind::Static, Some(LinkKind::Framework), _) => {
                found.warnings.push(format!("{asked}, but {name} is a framework, which is shared"));
                continue;
            }
            (LinkKind::Static, Some(LinkKind::Static), Linked::Unknown) => {
                let file = archive_names(&name, query).join(" or ");
                format!("{asked}, but there is no {file} in {}", places(&found.lib_dirs))
            }
            (LinkKind::Static, _, Linked::Shared) => {
                format!("{asked}, but the {name} that was found is shared: it is linked dynamically")
            }
            (LinkKind::Dylib, _, Linked::Archive(path)) => {
                format!("{asked}, but all there is of {name} is the archive {}", path.display())
            }
            _ => continue,
        };
        if reason == KindReason::Policy {
            return Err(why);
        }
        let title = module.unwrap_or(query.name);
        found.warnings.push(format!(
            "{why}; `{title} = \"{}\"` under [library-kind] in inert.toml makes that an error",
            if wanted == LinkKind::Static { "static" } else { "shared" }
        ));
    }
    Ok(())
}

/// Returns the library's own files, without its dependencies: those that `libs` names, else the first that is
/// linked.
pub(super) fn own(query: &Query<'_>, found: &Found) -> Vec<(String, Option<LinkKind>)> {
    let linked = found.link.iter().filter_map(|directive| match directive {
        Directive::LinkLib { name, kind, .. } => Some((name.clone(), *kind)),
        _ => None,
    });
    let named: Vec<_> = linked.clone().filter(|(name, _)| query.libs.contains(name)).collect();
    if named.is_empty() { linked.take(1).collect() } else { named }
}

fn linked(
    name: &str,
    kind: Option<LinkKind>,
    query: &Query<'_>,
    folders: &[PathBuf],
    world: &mut World,
) -> Linked {
    // With MSVC, an import library and an archive have the same name, `x.lib`.
    if query.request.target.triple.contains("msvc") {
        return Linked::Unknown;
    }
    let (archives, shared) = (archive_names(name, query), shared_names(name));
    let mut first = |folder: &PathBuf, names: &[String]| {
        names.iter().map(|name| folder.join(name)).find(|path| world.is_file(path))
    };
    match kind {
        Some(LinkKind::Framework) => return Linked::Shared,
        Some(LinkKind::Static) => {
            let archive = folders.iter().find_map(|folder| first(folder, &archives));
            return archive.map_or(Linked::Unknown, Linked::Archive);
        }
        _ => {}
    }
    // A linker takes the first folder that has either, and there prefers the shared library.
    for folder in folders {
        if first(folder, &shared).is_some() {
            return Linked::Shared;
        }
        if let Some(archive) = first(folder, &archives) {
            return Linked::Archive(archive);
        }
    }
    Linked::Unknown
}

/// Returns the names of files that are a library's archive.
pub(super) fn archive_names(name: &str, query: &Query<'_>) -> Vec<String> {
    if query.is_verbatim() {
        return vec![name.to_owned()];
    }
    if query.request.target.triple.contains("msvc") {
        return vec![format!("{name}.lib")];
    }
    vec![format!("lib{name}.a")]
}

/// Returns the names of files that are a shared library, or that replace one when linking.
pub(super) fn shared_names(name: &str) -> Vec<String> {
    vec![
        format!("lib{name}.so"),
        format!("lib{name}.dylib"),
        format!("lib{name}.tbd"),
        format!("lib{name}.dll.a"),
        format!("{name}.dll"),
        format!("lib{name}.dll"),
    ]
}

/// Returns the folders as a list for messages.
pub(super) fn places<P: AsRef<Path>>(folders: &[P]) -> String {
    if folders.is_empty() {
        return "any folder that its flags name".to_owned();
    }
    folders.iter().map(|folder| folder.as_ref().display().to_string()).collect::<Vec<_>>().join(", ")
}
