//! Locates vcpkg's tree.

use std::path::{Path, PathBuf};

use super::Failed;
use crate::discovery::flags::is_absolute;
use crate::request::Request;
use crate::world::World;

/// The location of a vcpkg tree.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    /// The folder that holds `vcpkg/status` and one folder for each triplet.
    pub(super) installed: PathBuf,
    /// The folder of built packages, in classic mode.
    pub(super) packages: Option<PathBuf>,
}

impl Tree {
    /// Returns the tree that the user's variables name, that is integrated into MSBuild, or that cargo-vcpkg has
    /// put above OUT_DIR, if there is one.
    pub(super) fn find(request: &Request, world: &mut World) -> Result<Option<Self>, Failed> {
        // In manifest mode, it is the folder that `vcpkg install` made beside `vcpkg.json`.
        for name in ["VCPKG_INSTALLED_ROOT", "VCPKG_INSTALLED_DIR"] {
            if let Some(folder) = world.env(name).map(PathBuf::from) {
                absolute(name, &folder)?;
                if world.is_dir(&folder.join("vcpkg")) {
                    return Ok(Some(Self { installed: folder, packages: None }));
                }
                let why = format!(
                    "{} is no folder that vcpkg installed into: it has no `vcpkg` in it",
                    folder.display()
                );
                return Err(Failed::new(name, why));
            }
        }
        let (from, root) = if let Some(root) = world.env("VCPKG_ROOT").map(PathBuf::from) {
            absolute("VCPKG_ROOT", &root)?;
            ("VCPKG_ROOT", root)
        } else if let Some(root) = integrated(world)? {
            ("vcpkg.user.targets", root)
        } else if let Some(root) = above(&request.out_dir, world) {
            ("cargo-vcpkg", root)
        } else {
            return Ok(None);
        };
        if world.kind(&root.join(".vcpkg-root")).is_none() {
            let why = format!("{} is no vcpkg tree: it has no .vcpkg-root in it", root.display());
            return Err(Failed::new(from, why));
        }
        Ok(Some(Self { installed: root.join("installed"), packages: Some(root.join("packages")) }))
    }
}

/// Refuses a relative path, which depends on the process: to the driver it is in the tree that is built.
fn absolute(name: &str, path: &Path) -> Result<(), Failed> {
    match path.to_string_lossy() {
        path if is_absolute(&path) => Ok(()),
        path if path.is_empty() => Err(Failed::new(name, "it is empty: name the folder, or unset it")),
        path => Err(Failed::new(name, format!("{path} is a relative path: name the whole one"))),
    }
}

/// Returns the tree whose path `vcpkg integrate install` has written.
fn integrated(world: &mut World) -> Result<Option<PathBuf>, Failed> {
    let Some(data) = world.env("LOCALAPPDATA").filter(|data| is_absolute(&data.to_string_lossy())) else {
        return Ok(None);
    };
    let file = Path::new(&data).join("vcpkg").join("vcpkg.user.targets");
    let Ok(bytes) = world.read(&file) else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let Some(project) = text.split_once("Project=\"").and_then(|(_, rest)| rest.split('"').next()) else {
        return Ok(None);
    };
    // The file is …/scripts/buildsystems/msbuild/vcpkg.targets; its separators are those of Windows on every host.
    let parts: Vec<&str> = project.split(['\\', '/']).collect();
    match parts.len().checked_sub(4) {
        Some(kept) if kept > 0 => Ok(Some(PathBuf::from(parts[..kept].join(std::path::MAIN_SEPARATOR_STR)))),
        _ => Err(Failed::new(file.display().to_string(), format!("no vcpkg tree lies above {project}"))),
    }
}

/// Returns a tree that cargo-vcpkg made in the target folder.
fn above(out_dir: &Path, world: &mut World) -> Option<PathBuf> {
    if !out_dir.is_absolute() {
        return None;
    }
    out_dir.ancestors().skip(1).map(|folder| folder.join("vcpkg")).find(|root| {
        world.kind(&root.join(".vcpkg-root")).is_some()
            && world.kind(&root.join("downloads").join("cargo-vcpkg.toml")).is_some()
    })
}
