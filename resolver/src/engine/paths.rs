//! Turns paths of a declaration into paths on disk: inside the package, OUT_DIR, or the folders of a producer; a
//! symlink that leads out of these is refused.

use std::path::{Component, Path, PathBuf};

use inert_manifest_spec::{PathRef, RelativePath};

use super::{Engine, Result, declared, io, refused};
use crate::journal::PathKind;

impl Engine<'_> {
    /// Returns the folders or files that a reference denotes: one, or several of a library.
    pub(crate) fn paths(&mut self, place: &str, reference: &PathRef) -> Result<Vec<PathBuf>> {
        Ok(match reference {
            PathRef::Package(path) => {
                let root = self.request.package.manifest_dir.clone();
                vec![self.inside(place, &root, path)?]
            }
            PathRef::OutDir(path) => {
                let root = self.request.out_dir.clone();
                vec![self.inside(place, &root, path)?]
            }
            PathRef::LibraryInclude(library) => self.library_include(library)?,
            PathRef::LibraryIncludeLast(library) => {
                self.library_include(library)?.pop().into_iter().collect()
            }
            PathRef::LibraryLib(library) => self.library_lib(library)?,
            PathRef::Dep { links, key, first, path } => {
                let mut inside = Vec::new();
                let most = if *first { 1 } else { usize::MAX };
                for folder in self.dep_paths(place, links, key)?.into_iter().take(most) {
                    inside.push(self.inside(place, &folder, path)?);
                }
                inside
            }
            PathRef::BuildDependency { package, path } => {
                let root = self.request.build_dependencies.get(package).cloned().ok_or_else(|| {
                    declared(
                        place,
                        format!("`{package}` is not among the package's resolved build-dependencies"),
                    )
                })?;
                vec![self.inside(place, &root, path)?]
            }
        })
    }

    /// Returns the one path that a reference denotes.
    pub(crate) fn path(&mut self, place: &str, reference: &PathRef) -> Result<PathBuf> {
        let mut paths = self.paths(place, reference)?;
        match (paths.pop(), paths.is_empty()) {
            (Some(path), true) => Ok(path),
            (None, _) => Err(declared(place, "it stands for no path here")),
            (Some(_), false) => Err(declared(place, "it stands for several paths here, and one is needed")),
        }
    }

    /// Returns a path inside a folder, written as a script would (`<folder>/<path>`), after checking that it lies
    /// there with every symlink resolved. It need not exist.
    pub(crate) fn inside(&mut self, place: &str, folder: &Path, path: &RelativePath) -> Result<PathBuf> {
        if !well_formed(&path.0) {
            return Err(refused(place, format!("`{}` is not a path inside a folder", path.0)));
        }
        let whole =
            if path.0.is_empty() || path.0 == "." { folder.to_path_buf() } else { joined(folder, &path.0) };
        self.check_inside(place, folder, &whole)?;
        Ok(whole)
    }

    /// Checks that a path lies in a folder with every symlink resolved, as far as the path exists.
    pub(crate) fn check_inside(&mut self, place: &str, folder: &Path, path: &Path) -> Result<()> {
        let root = self.world.real_path(folder).map_err(|error| io(folder, &error))?;
        // A path that does not exist cannot be a symlink; its nearest existing folder decides.
        let mut existing = path;
        let real = loop {
            // A dangling symlink "does not exist" but may point anywhere.
            match self.world.real_path(existing) {
                Ok(real) => break real,
                Err(_) if self.world.is_symlink(existing) => {
                    return Err(refused(place, format!("`{}` is a symlink to nowhere", existing.display())));
                }
                Err(error) => existing = existing.parent().ok_or_else(|| io(path, &error))?,
            }
        };
        if self.world.kind(&real) == Some(PathKind::Other) {
            // It is a pipe, on which a reader would wait without end, or a device.
            return Err(refused(place, format!("`{}` is neither a file nor a folder", path.display())));
        }
        if real.starts_with(&root) || (existing != path && root.starts_with(&real)) {
            return Ok(());
        }
        let problem =
            format!("`{}` leads out of `{}`, to `{}`", path.display(), folder.display(), real.display());
        Err(refused(place, problem))
    }

    /// Returns the paths in a dependency's metadata: absolute, and inside its producer's package, OUT_DIR or
    /// discovered prefix, if the driver has given those.
    fn dep_paths(&mut self, place: &str, links: &str, key: &str) -> Result<Vec<PathBuf>> {
        let value = self.request.dep.get(links, key).ok_or_else(|| {
            declared(place, format!("no dependency with `links = \"{links}\"` says `{key}` here"))
        })?;
        let roots = self.request.dep.roots(links, key);
        let mut paths = Vec::new();
        for path in std::env::split_paths(value) {
            let shown = || format!("`{}`, from `{links}`'s metadata `{key}`,", path.display());
            if !path.is_absolute() || path.to_string_lossy().chars().any(char::is_control) {
                return Err(refused(place, format!("{} is not an absolute path", shown())));
            }
            if let Some(roots) = &roots {
                let real = self.world.real_path(&path).unwrap_or_else(|_| path.clone());
                let mut inside = false;
                for root in roots {
                    let root = self.world.real_path(root).unwrap_or_else(|_| (*root).clone());
                    inside |= real.starts_with(&root) && lexically_plain(&real);
                }
                if !inside {
                    let problem = "lies neither in its producer's package nor in its OUT_DIR nor where a library was found";
                    return Err(refused(place, format!("{} {problem}", shown())));
                }
            }
            paths.push(path);
        }
        Ok(paths)
    }
}

/// Repeats a check of the parser, since a declaration need not come from the parser.
fn well_formed(path: &str) -> bool {
    let part_is_fine =
        |part: &str| part != ".." && !part.contains([':', '\\']) && !part.chars().any(char::is_control);
    !path.starts_with('/') && path.split('/').all(part_is_fine)
}

fn joined(folder: &Path, path: &str) -> PathBuf {
    let mut whole = folder.to_path_buf();
    whole.extend(path.split('/').filter(|part| !part.is_empty() && *part != "."));
    whole
}

fn lexically_plain(path: &Path) -> bool {
    path.components().all(|part| !matches!(part, Component::ParentDir))
}
