//! Reads the installed ports: the status file and its updates, in Debian's control format, and each port's list of
//! files.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::Failed;
use super::tree::Tree;
use super::triplet::Triplet;
use crate::world::World;

/// The ports of one triplet.
#[derive(Debug, Default)]
pub(super) struct Status {
    pub(super) ports: BTreeMap<String, Port>,
    /// The ports that are installed for other triplets, as port and triplet.
    others: Vec<(String, String)>,
}

/// An installed port, as the status file describes it.
#[derive(Debug, Clone, Default)]
pub(super) struct Port {
    pub(super) version: String,
    /// `Port-Version`, which newer trees append to the version in names of files.
    revision: Option<String>,
    pub(super) depends: Vec<String>,
}

/// The files of a port that matter to a linker.
#[derive(Debug, Clone, Default)]
pub(super) struct Files {
    pub(super) libs: Vec<String>,
    pub(super) dlls: Vec<String>,
    /// The names of its `.pc` files.
    pub(super) modules: Vec<String>,
}

/// The greatest size of a status file, in bytes: that of a tree with thousands of ports has a few megabytes.
const LARGEST: u64 = 64 << 20;

/// Returns how a file of vcpkg is damaged, if it is: a complete file ends with a line end, and has lines with the
/// given beginning.
fn damage(bytes: &[u8], begins: &[u8]) -> Option<&'static str> {
    if bytes.is_empty() {
        return None;
    }
    if !bytes.ends_with(b"\n") {
        return Some("it ends in the middle of a line: the vcpkg tree is not whole");
    }
    let begun = bytes.split(|byte| *byte == b'\n').any(|line| line.starts_with(begins));
    (!begun).then_some("it holds nothing that vcpkg writes there: the vcpkg tree is not whole")
}

type Paragraph = BTreeMap<String, String>;

impl Status {
    /// Reads the status file and the updates that have not been merged into it; later ones have priority.
    pub(super) fn read(tree: &Tree, triplet: &Triplet, world: &mut World) -> Result<Self, Failed> {
        let folder = tree.installed.join("vcpkg");
        let mut paragraphs = Vec::new();
        // A tree in which one command has run has updates and no status file; in manifest mode it is the reverse.
        let status = world.read_within(&folder.join("status"), LARGEST);
        let updates = world.list(&folder.join("updates"));
        let place = || folder.join("status").display().to_string();
        match (&status, &updates) {
            (Err(error), Err(_)) if error.kind() == io::ErrorKind::NotFound => {
                let why = "it is not there: nothing was installed into this vcpkg tree, or it is not whole";
                return Err(Failed::new(place(), why));
            }
            (Err(error), _) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Failed::new(place(), format!("it cannot be read: {error}")));
            }
            _ => {}
        }
        if let Ok(bytes) = status {
            if let Some(why) = damage(&bytes, b"Package: ") {
                return Err(Failed::new(place(), why));
            }
            parse(&bytes, &mut paragraphs);
        }
        let mut names = updates.unwrap_or_default();
        names.sort();
        for name in names {
            let path = folder.join("updates").join(&name);
            match world.read_within(&path, LARGEST) {
                Ok(bytes) => parse(&bytes, &mut paragraphs),
                // vcpkg keeps a folder named `incomplete` there.
                Err(_) if world.is_dir(&path) => {}
                Err(error) => return Err(Failed::new(path.display().to_string(), error.to_string())),
            }
        }
        Ok(Self::of(paragraphs, triplet))
    }

    fn of(paragraphs: Vec<Paragraph>, triplet: &Triplet) -> Self {
        let mut latest: BTreeMap<(String, String, Option<String>), Paragraph> = BTreeMap::new();
        for paragraph in paragraphs {
            if let (Some(port), Some(arch)) = (paragraph.get("Package"), paragraph.get("Architecture")) {
                let feature = paragraph.get("Feature").cloned();
                latest.insert((port.clone(), arch.clone(), feature), paragraph);
            }
        }
        let mut status = Self::default();
        for ((name, arch, _), paragraph) in latest {
            if !paragraph.get("Status").is_some_and(|state| state.ends_with(" installed")) {
                continue;
            }
            if arch != triplet.name {
                status.others.push((name, arch));
                continue;
            }
            let depends = paragraph
                .get("Depends")
                .map(|list| list.split(", ").map(str::to_owned).collect())
                .unwrap_or_default();
            match paragraph.get("Version") {
                Some(version) => {
                    let port = Port {
                        version: version.clone(),
                        revision: paragraph.get("Port-Version").cloned(),
                        depends,
                    };
                    status.ports.insert(name, port);
                }
                // The dependencies of a feature are added to those of its port.
                None => {
                    if let Some(port) = status.ports.get_mut(&name) {
                        port.depends.extend(depends);
                    }
                }
            }
        }
        status
    }

    /// Returns the triplets that a port is installed for, for messages.
    pub(super) fn elsewhere(&self, port: &str) -> Option<String> {
        let mut triplets: Vec<&str> = self
            .others
            .iter()
            .filter(|(name, _)| name == port)
            .map(|(_, triplet)| triplet.as_str())
            .collect();
        triplets.dedup();
        (!triplets.is_empty()).then(|| triplets.join(", "))
    }
}

/// Reads paragraphs of `Key: value`, separated by empty lines; continuation lines of a value are skipped.
fn parse(bytes: &[u8], paragraphs: &mut Vec<Paragraph>) {
    let mut current = Paragraph::new();
    for line in String::from_utf8_lossy(bytes).lines() {
        if let Some((key, value)) = line.split_once(": ") {
            current.insert(key.trim().to_owned(), value.trim().to_owned());
        } else if line.is_empty() {
            paragraphs.push(std::mem::take(&mut current));
        }
    }
    paragraphs.push(current);
}

/// Returns the files in a port's list.
pub(super) fn files(
    tree: &Tree,
    triplet: &Triplet,
    name: &str,
    port: &Port,
    world: &mut World,
) -> Result<Files, String> {
    let folder = tree.installed.join("vcpkg").join("info");
    let list = |version: &str| folder.join(format!("{name}_{version}_{}.list", triplet.name));
    let mut paths = vec![list(&port.version)];
    if let Some(revision) = &port.revision {
        paths.push(list(&format!("{}#{revision}", port.version)));
    }
    let (path, bytes) = paths
        .iter()
        .find_map(|path| Some((path, world.read_within(path, LARGEST).ok()?)))
        .ok_or_else(|| format!("{} cannot be read: the vcpkg tree is not whole", paths[0].display()))?;
    if let Some(why) = damage(&bytes, format!("{}/", triplet.name).as_bytes()) {
        return Err(format!("{}: {why}", path.display()));
    }
    let mut files = Files::default();
    for line in String::from_utf8_lossy(&bytes).lines() {
        let Some(path) = line.strip_prefix(&triplet.name).and_then(|rest| rest.strip_prefix('/')) else {
            continue;
        };
        // Only files directly in the folder count: `debug/` and `manual-link/` are for special uses.
        match path.split('/').collect::<Vec<_>>()[..] {
            ["bin", file] if extension(file) == Some("dll") => files.dlls.push(file.to_owned()),
            ["lib", file] if extension(file) == Some(triplet.extension) => files.libs.push(file.to_owned()),
            ["lib", "pkgconfig", file] if extension(file) == Some("pc") => {
                files.modules.push(file.to_owned())
            }
            _ => {}
        }
    }
    Ok(files)
}

fn extension(file: &str) -> Option<&str> {
    Path::new(file).extension()?.to_str()
}
