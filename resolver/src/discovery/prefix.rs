//! The folder that the user names in `inert.toml`: there, and nowhere else.

use super::environment::{Folders, in_folders, under};
use super::{Failed, Looked, Query, pkg_config};
use crate::pkgconf::multiarch;
use crate::world::World;

/// Looks under the prefix: its `.pc` files, then its libraries by name.
pub(super) fn find(query: &Query<'_>, world: &mut World) -> Looked {
    let Some(prefix) = &query.prefix else { return Looked::Skipped("") };
    let mut failed = Vec::new();
    for module in &query.modules {
        match pkg_config::ask(query, module, world) {
            Ok(answered) if answered.path.as_ref().is_some_and(|path| path.starts_with(prefix)) => {
                let detail = format!("{module}.pc under {}", prefix.display());
                return match pkg_config::finish(answered, query, world) {
                    Ok(found) => Looked::Found(Box::new(found), detail, failed),
                    Err(unmet) => Looked::Unmet(unmet, failed),
                };
            }
            // One of the system's is not what the user means.
            Ok(_) => {}
            Err(why) => failed.push(why),
        }
    }
    let multiarch = multiarch(&query.request.target.triple).map(|name| format!("lib/{name}"));
    let names: Vec<&str> = multiarch.iter().map(String::as_str).chain(["lib64", "lib"]).collect();
    let folders = Folders {
        prefix: Some(prefix.clone()),
        lib_dirs: vec![under(prefix, &names, world)],
        include_dirs: vec![prefix.join("include")],
    };
    let extensions = ["so", "a", "dylib", "dll.a", "lib"];
    let there = query.libs.iter().all(|lib| {
        if query.is_verbatim() {
            return world.is_file(&folders.lib_dirs[0].join(lib));
        }
        extensions.iter().any(|extension| {
            let files = [format!("lib{lib}.{extension}"), format!("{lib}.{extension}")];
            files.iter().any(|file| world.is_file(&folders.lib_dirs[0].join(file)))
        })
    });
    if query.libs.is_empty() || !there {
        let why = format!(
            "inert.toml says that it is under {}, and {} is not there",
            prefix.display(),
            query.modules.first().map_or_else(|| query.libs.join(", "), |module| format!("{module}.pc"))
        );
        failed.push(Failed::new(prefix.display().to_string(), why.clone()));
        return Looked::Unmet(why, failed);
    }
    in_folders(query, "inert.toml", folders, world)
}
