//! Sources by glob: `*` and `?` within a name, `**` for any folders. Matches are sorted; names that begin with a
//! dot are skipped unless the pattern begins with the dot.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use inert_manifest_spec::glob::name_matches;
use inert_manifest_spec::{PathRef, RelativePath};

use crate::engine::{Engine, Result, io, refused};

/// Returns the files that a reference denotes, with its glob expanded.
pub(crate) fn expand(engine: &mut Engine<'_>, place: &str, reference: &PathRef) -> Result<Vec<PathBuf>> {
    let (pattern, with): (&str, fn(&PathRef, RelativePath) -> PathRef) = match reference {
        PathRef::Package(path) => (&path.0, |_, path| PathRef::Package(path)),
        PathRef::OutDir(path) => (&path.0, |_, path| PathRef::OutDir(path)),
        PathRef::BuildDependency { path, .. } => (&path.0, |reference, path| match reference {
            PathRef::BuildDependency { package, .. } => {
                PathRef::BuildDependency { package: package.clone(), path }
            }
            other => other.clone(),
        }),
        _ => return engine.paths(place, reference),
    };
    if !pattern.contains(['*', '?']) {
        return engine.paths(place, reference);
    }
    let parts: Vec<&str> = pattern.split('/').collect();
    let fixed = parts.iter().take_while(|part| !part.contains(['*', '?'])).count();
    let (folder, rest) = parts.split_at(fixed.min(parts.len() - 1));
    let root = engine.path(place, &with(reference, RelativePath(folder.join("/"))))?;
    let found = walk(engine, &root, rest)?;
    for path in &found {
        engine.check_inside(place, &root, path)?;
    }
    Ok(found)
}

/// Returns whether a reference is a pattern.
pub(super) fn is_glob(reference: &PathRef) -> bool {
    match reference {
        PathRef::Package(path) | PathRef::OutDir(path) | PathRef::BuildDependency { path, .. } => {
            path.0.contains(['*', '?'])
        }
        _ => false,
    }
}

/// Returns every file below a folder.
pub(super) fn tree(engine: &mut Engine<'_>, place: &str, folder: &Path) -> Result<Vec<PathBuf>> {
    let found = walk(engine, folder, &["**", "*"])?;
    for path in &found {
        engine.check_inside(place, folder, path)?;
    }
    Ok(found)
}

/// A walk of a tree by a pattern. Each folder is visited once for each part of the pattern: with several `**`, or
/// symlinks that form cycles, the number of paths to a file has no useful bound.
struct Walk<'a, 'e> {
    engine: &'a mut Engine<'e>,
    seen: HashSet<(PathBuf, usize)>,
    found: BTreeSet<PathBuf>,
}

/// The greatest number of folders that are visited.
const FOLDERS: usize = 20_000;

/// The greatest number of files that are found.
const FILES: usize = 100_000;

impl Walk<'_, '_> {
    fn step(&mut self, folder: &Path, parts: &[&str]) -> Result<()> {
        let Some((part, rest)) = parts.split_first() else { return Ok(()) };
        if !self.seen.insert((folder.to_path_buf(), parts.len())) {
            return Ok(());
        }
        if self.seen.len() > FOLDERS || self.found.len() > FILES || folder.components().count() > 200 {
            return Err(refused(
                "sources",
                format!("the glob matches too much below `{}`", folder.display()),
            ));
        }
        let names = match self.engine.world.list(folder) {
            Ok(names) => names,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(io(folder, &error)),
        };
        if *part == "**" {
            self.step(folder, rest)?;
        }
        for name in names {
            let path = folder.join(&name);
            let world = &mut self.engine.world;
            if *part == "**" {
                // Symlinks to folders are skipped, since they may form cycles.
                if !name.starts_with('.') && world.is_dir(&path) && !world.is_symlink(&path) {
                    self.step(&path, parts)?;
                }
            } else if is_shown(part, &name) && name_matches(part, &name) {
                if rest.is_empty() {
                    if world.is_file(&path) {
                        self.found.insert(path);
                    }
                } else if world.is_dir(&path) {
                    self.step(&path, rest)?;
                }
            }
        }
        Ok(())
    }
}

fn walk(engine: &mut Engine<'_>, folder: &Path, parts: &[&str]) -> Result<Vec<PathBuf>> {
    let mut walk = Walk { engine, seen: HashSet::new(), found: BTreeSet::new() };
    walk.step(folder, parts)?;
    Ok(walk.found.into_iter().collect())
}

/// Returns whether a pattern may match a name at all: one that begins with a dot needs a pattern that does.
fn is_shown(pattern: &str, name: &str) -> bool {
    !name.starts_with('.') || pattern.starts_with('.')
}
