//! Orders a port's libraries: its list has them in the order of the file system, its `.pc` files say which needs
//! which.

use super::status::Files;
use super::tree::Tree;
use super::triplet::Triplet;
use crate::pkgconf::{self, Package};
use crate::world::World;

/// Returns a port's library files; each comes before those that it needs.
pub(super) fn libraries(
    tree: &Tree,
    triplet: &Triplet,
    port: &str,
    files: &Files,
    world: &mut World,
) -> Vec<String> {
    let folder = match &tree.packages {
        Some(packages) => packages.join(format!("{port}_{}", triplet.name)).join("lib").join("pkgconfig"),
        None => tree.installed.join(&triplet.name).join("lib").join("pkgconfig"),
    };
    let packages: Vec<Package> = files
        .modules
        .iter()
        .filter_map(|file| {
            let path = folder.join(file);
            pkgconf::parse_file(&path, &world.read(&path).ok()?).ok()
        })
        .collect();
    let file = |lib: &str| {
        let prefix = if triplet.strips_prefix { "lib" } else { "" };
        format!("{prefix}{lib}.{}", triplet.extension)
    };
    let libs_of = |package: &Package| -> Vec<String> {
        package.libs.iter().filter(|flag| flag.kind == Some('l')).map(|flag| file(&flag.text)).collect()
    };
    let mut libs = files.libs.clone();
    // A chain of requirements needs as many rounds as it is long; the crate, too, stops after three.
    for _ in 0..3 {
        let mut ordered: Vec<String> = Vec::new();
        for lib in &libs {
            ordered.push(lib.clone());
            let Some(owner) = packages.iter().find(|package| libs_of(package).contains(lib)) else {
                continue;
            };
            for required in &owner.requires {
                let Some(needed) = packages.iter().find(|package| package.id == required.module) else {
                    continue;
                };
                for lib in libs_of(needed) {
                    if let Some(at) = ordered.iter().position(|other| *other == lib) {
                        let moved = ordered.remove(at);
                        ordered.push(moved);
                    }
                }
            }
        }
        if ordered == libs {
            break;
        }
        libs = ordered;
    }
    libs
}
