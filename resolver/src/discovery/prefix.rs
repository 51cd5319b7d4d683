//! The method for the folder that the user names in `inert.toml`: the library is looked for nowhere else.

use std::path::{Path, PathBuf};

use super::environment::{Folders, INERT_TOML, in_folders, under};
use super::kind::{archive_names, places, shared_names};
use super::{Failed, Found, MethodOutcome, Query, pkg_config};
use crate::pkgconf::multiarch;
use crate::world::World;

/// Looks under the prefix: first for `.pc` files, then for libraries by name.
pub(super) fn find(query: &Query<'_>, world: &mut World) -> MethodOutcome {
    let Some(prefix) = &query.prefix else { return MethodOutcome::Skipped("") };
    if !world.is_dir(prefix) {
        let why = format!("there is no folder {}, under which inert.toml says that it is", prefix.display());
        // A missing folder is a mistake in the policy, even if it is set for all libraries.
        return MethodOutcome::Unmet(why.clone(), vec![Failed::new(prefix.display().to_string(), why)]);
    }
    let mut failed = Vec::new();
    for module in &query.modules {
        match pkg_config::ask(query, module, pkg_config::Words::InRegions, world) {
            Ok(answered) if answered.path.as_ref().is_some_and(|path| path.starts_with(prefix)) => {
                let detail = format!("{module}.pc under {}", prefix.display());
                return match pkg_config::finish(answered, query, world) {
                    Ok(mut found) => {
                        elsewhere(module, prefix, &mut found);
                        MethodOutcome::Found(Box::new(found), detail, failed)
                    }
                    Err(unmet) => MethodOutcome::Unmet(unmet, failed),
                };
            }
            // The system's library is not the one that the user means.
            Ok(_) => {}
            Err(why) => failed.push(why),
        }
    }
    let names = folder_names(&query.request.target.triple);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let Some(folder) = folder_of_all(query, prefix, world) else {
        let looked = under(prefix, &names, world);
        let why = format!(
            "inert.toml says that it is under {}, and {}",
            prefix.display(),
            lacking(query, &looked, world)
        );
        failed.push(Failed::new(prefix.display().to_string(), why.clone()));
        return if query.prefix_of_all {
            MethodOutcome::Nowhere(failed)
        } else {
            MethodOutcome::Unmet(why, failed)
        };
    };
    let folders = Folders {
        prefix: Some(prefix.clone()),
        lib_dirs: vec![folder],
        include_dirs: vec![prefix.join("include")],
    };
    in_folders(query, INERT_TOML, folders, world)
}

/// Returns the folders of libraries under a prefix.
fn folder_names(target: &str) -> Vec<String> {
    let multiarch = multiarch(target).map(|name| format!("lib/{name}"));
    multiarch.into_iter().chain(["lib64", "lib"].map(str::to_owned)).collect()
}

/// Returns the folder under a prefix that has every one of the library's files.
pub(super) fn folder_of_all(query: &Query<'_>, prefix: &Path, world: &mut World) -> Option<PathBuf> {
    let names = folder_names(&query.request.target.triple);
    names.iter().map(|name| prefix.join(name)).find(|folder| holds_all(query, folder, world))
}

/// Adds a warning if a `.pc` file names folders outside the prefix, as in a tree that was moved after it was built.
fn elsewhere(module: &str, prefix: &Path, found: &mut Found) {
    if !found.lib_dirs.is_empty() && !found.lib_dirs.iter().any(|folder| folder.starts_with(prefix)) {
        found.warnings.push(format!(
            "inert.toml says that it is under {}, but the {module}.pc there names {}",
            prefix.display(),
            places(&found.lib_dirs)
        ));
    }
}

/// Returns whether a folder has every one of the library's files.
fn holds_all(query: &Query<'_>, folder: &Path, world: &mut World) -> bool {
    !query.files.is_empty() && query.files.iter().all(|lib| holds(query, lib, folder, world))
}

fn holds(query: &Query<'_>, lib: &str, folder: &Path, world: &mut World) -> bool {
    let mut names = archive_names(lib, query);
    if !query.is_verbatim() {
        names.extend(shared_names(lib));
        names.push(format!("{lib}.lib"));
        names.push(format!("lib{lib}.a"));
    }
    names.iter().any(|name| world.is_file(&folder.join(name)))
}

/// Returns the files that are missing, for messages.
fn lacking(query: &Query<'_>, folder: &Path, world: &mut World) -> String {
    let modules: Vec<String> = query.modules.iter().map(|module| format!("{module}.pc")).collect();
    let libs: Vec<String> =
        query.files.iter().filter(|lib| !holds(query, lib, folder, world)).cloned().collect();
    let modules = match modules.is_empty() {
        true => None,
        false => Some(format!("there is no {} of use in its lib/pkgconfig", modules.join(" or "))),
    };
    let libs = match (libs.is_empty(), query.files.is_empty()) {
        (_, true) => Some("the package names no file to look for instead".to_owned()),
        (true, false) => None,
        (false, false) => Some(format!("no library {} in {}", libs.join(" and no "), places(&[folder]))),
    };
    modules.into_iter().chain(libs).collect::<Vec<_>>().join(", and ")
}
