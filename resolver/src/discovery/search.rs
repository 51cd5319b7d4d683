//! The method for plain search: a library in the linker's own folders, a header in the compiler's, a version in a
//! macro.

use std::path::PathBuf;

use inert_manifest_spec::{LinkKind, SearchKind};

use super::{Failed, Found, MethodOutcome, Query, kind};
use crate::directives::Directive;
use crate::pkgconf::{multiarch, system_library_paths};
use crate::world::World;

/// Looks for every file of the library, and its header.
pub(super) fn find(query: &Query<'_>, world: &mut World) -> MethodOutcome {
    if !query.library.search || query.libs.is_empty() {
        return MethodOutcome::Skipped("");
    }
    let (target, host) = (query.request.target.triple.as_str(), query.request.host.as_str());
    let folders: Vec<PathBuf> = system_library_paths(target, host).into_iter().map(PathBuf::from).collect();
    let wanted = query.wants(None, world).map(|(kind, _)| kind);
    let mut lib_dirs: Vec<PathBuf> = Vec::new();
    let mut failed = Vec::new();
    let looked: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
    for lib in &query.libs {
        let names = file_names(query, lib, wanted);
        match folders.iter().find(|folder| names.iter().any(|name| world.is_file(&folder.join(name)))) {
            Some(folder) if lib_dirs.contains(folder) => {}
            Some(folder) => lib_dirs.push(folder.clone()),
            None => failed.push(Failed::new(names.join(", "), format!("not in {}", looked.join(", ")))),
        }
    }
    let mut include_dirs: Vec<PathBuf> = Vec::new();
    if let Some(header) = &query.library.header {
        let mut places: Vec<PathBuf> =
            multiarch(target).into_iter().map(|name| PathBuf::from("/usr/include").join(name)).collect();
        if target == host {
            places.insert(0, "/usr/local/include".into());
            places.push("/usr/include".into());
            if target.contains("apple") {
                places.insert(0, "/opt/homebrew/include".into());
            }
        }
        match places.iter().find(|folder| world.is_file(&folder.join(header))) {
            Some(folder) => include_dirs.push(folder.clone()),
            None => failed.push(Failed::new(
                header.clone(),
                format!(
                    "not in {}",
                    places.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", ")
                ),
            )),
        }
    }
    if !failed.is_empty() {
        return MethodOutcome::Failed(failed);
    }
    let version = version_in(query, &include_dirs, world);
    let rejected = match &version {
        Some(version) => query.rejects(version),
        None if query.version.comparisons.is_empty() => None,
        None => Some(format!("its version cannot be told, and {} is needed", query.range())),
    };
    if let Some(why) = rejected {
        let failed = Failed { has: version, ..Failed::new(query.libs.join(", "), why) };
        return MethodOutcome::Failed(vec![failed]);
    }
    let mut link: Vec<Directive> = lib_dirs
        .iter()
        .map(|path| Directive::LinkSearch { kind: Some(SearchKind::Native), path: path.clone() })
        .collect();
    link.extend(query.libs.iter().map(|lib| Directive::LinkLib {
        name: lib.clone(),
        kind: wanted.filter(|kind| *kind == LinkKind::Static),
        modifiers: Vec::new(),
        rename: None,
    }));
    let detail = lib_dirs.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
    let prefixes = lib_dirs.iter().chain(&include_dirs).cloned().collect();
    MethodOutcome::Found(
        Box::new(Found { version, link, include_dirs, lib_dirs, prefixes, ..Found::default() }),
        detail,
        failed,
    )
}

/// Returns the names of files that a linker takes for `-l<lib>`, by the requested kind.
fn file_names(query: &Query<'_>, lib: &str, wanted: Option<LinkKind>) -> Vec<String> {
    let target = query.request.target.triple.as_str();
    let archives = kind::archive_names(lib, query);
    if target.contains("msvc") || wanted == Some(LinkKind::Static) || query.is_verbatim() {
        return archives;
    }
    let mut names = if target.contains("apple") {
        vec![format!("lib{lib}.dylib"), format!("lib{lib}.tbd")]
    } else if target.contains("windows") {
        vec![format!("lib{lib}.dll.a"), format!("{lib}.dll")]
    } else {
        vec![format!("lib{lib}.so")]
    };
    if wanted != Some(LinkKind::Dylib) {
        names.extend(archives);
    }
    names
}

/// Returns the value of `version-macro` in the library's header, a string or a number.
pub(super) fn version_in(query: &Query<'_>, include_dirs: &[PathBuf], world: &mut World) -> Option<String> {
    let (header, name) = (query.library.header.as_ref()?, query.library.version_macro.as_ref()?);
    let bytes = include_dirs.iter().find_map(|folder| world.read(&folder.join(header)).ok())?;
    let text = String::from_utf8_lossy(&bytes);
    text.lines().find_map(|line| {
        let rest = line.trim_start().strip_prefix('#')?.trim_start().strip_prefix("define")?.trim_start();
        let value = rest.strip_prefix(name.as_str())?;
        if !value.starts_with([' ', '\t']) {
            return None;
        }
        let value = value.trim();
        match value.strip_prefix('"') {
            Some(quoted) => Some(quoted.split('"').next()?.to_owned()),
            None => value.split_whitespace().next().map(str::to_owned),
        }
    })
}
