//! The parts of a build: the packages that it compiles, and the native code that is linked with them. It is made from
//! the plan, before anything is compiled; `sbom`, `audit --format html` and `export` show it.
//!
//! Phases: the units of the graph become [`Part`]s, each with its manifest's facts, licence files and decision →
//! the plan's providers and declarations become [`Native`] parts ([`native`]) → the distribution's package manager is
//! asked for the owners of the system's libraries ([`distribution`]).

pub mod advisories;
pub mod distribution;
mod licences;
mod manifest;
pub mod native;
pub mod versions;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::cargo::lockfile::Lockfile;
use crate::cargo::package::{Package, PackageId, pin_source};
use crate::driver::{Context, Prepared};
use crate::plan::model::{Action, Origin};
use crate::plan::skip;
pub use native::{Native, Provider};

/// All parts of one build.
#[derive(Debug)]
pub struct Inventory {
    /// The host that builds.
    pub host: String,
    /// The targets that are built for.
    pub targets: BTreeSet<String>,
    /// The packages that are compiled, sorted by id.
    pub parts: Vec<Part>,
    /// The native libraries that are linked.
    pub natives: Vec<Native>,
    /// The compiler as it names itself, such as `rustc 1.95.0 (…)`.
    pub rustc: String,
}

impl Inventory {
    /// Returns the only root of the build, if it has one.
    #[must_use]
    pub fn root(&self) -> Option<&Part> {
        let mut roots = self.parts.iter().filter(|part| part.is_root);
        roots.next().filter(|_| roots.next().is_none())
    }
}

/// A package of which the build compiles something.
#[derive(Debug)]
pub struct Part {
    /// The id of the package.
    pub id: PackageId,
    /// The source of the package, as pins name it.
    pub source: String,
    /// The folder of the package.
    pub root: PathBuf,
    /// The `sha256` of the published archive, from Cargo.lock.
    pub checksum: Option<String>,
    /// The facts from its manifest.
    pub manifest: manifest::Facts,
    /// The licence files of the package, not those of bundled sources.
    pub licence_files: Vec<LicenceFile>,
    /// True if the command asks for the package itself.
    pub is_root: bool,
    /// True if the package is a member of the workspace.
    pub is_member: bool,
    /// True if its code is part of what is built, not only of what builds it.
    pub is_linked: bool,
    /// True if the package is a proc macro, which runs in the compiler.
    pub is_macro: bool,
    /// True if nothing of the package is compiled, since only replaced scripts would use it.
    pub is_skipped: bool,
    /// The decision about its build script, if it has one.
    pub script: Option<Script>,
    /// The features that are enabled in some unit.
    pub features: BTreeSet<String>,
    /// The ids of the packages that its units use.
    pub dependencies: BTreeSet<PackageId>,
}

/// The decision about the build script of a part.
#[derive(Debug, Clone)]
pub struct Script {
    /// The verdict: whether the script runs, is replaced or is refused.
    pub action: Action,
    /// The origin of the verdict.
    pub origin: Origin,
}

/// A file that holds a licence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LicenceFile {
    /// The path from the package's folder, with `/`.
    pub path: String,
    /// The `sha256` of the file, as 64 hexadecimal digits.
    pub sha256: String,
}

impl Part {
    /// Returns whether the package comes from crates.io, which has one name in Cargo's ids, by whichever protocol it is asked.
    #[must_use]
    pub fn is_from_crates_io(&self) -> bool {
        self.id.source == "registry+https://github.com/rust-lang/crates.io-index"
    }

    /// Returns the package URL (`purl`) of the package; `None` for a folder of this machine.
    #[must_use]
    pub fn purl(&self) -> Option<String> {
        let base = format!("pkg:cargo/{}@{}", encoded(&self.id.name), encoded(&self.id.version));
        let source = self.id.source.as_str();
        if self.is_from_crates_io() {
            return Some(base);
        }
        if source.starts_with("git+") {
            return Some(format!("{base}?vcs_url={}", encoded(source)));
        }
        let index = source.strip_prefix("registry+").or_else(|| source.strip_prefix("sparse+"))?;
        Some(format!("{base}?repository_url={}", encoded(index)))
    }
}

/// Encodes text for a part of a package URL: everything but unreserved characters is percent-encoded.
#[must_use]
pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// Collects the parts of a build.
///
/// # Errors
/// A package cannot be found on disk, or Cargo.lock cannot be parsed; the error is a message.
pub fn of(context: &Context, prepared: &Prepared) -> Result<Inventory, String> {
    let host = prepared.recording.rustc.host.clone();
    let lock = crate::file::read_text(&prepared.workspace.lock_file())
        .map_err(|error| format!("Cargo.lock: {error}"))
        .and_then(|text| Lockfile::parse(&text))?;
    let workspace = Folder::of(&prepared.workspace.workspace_root);
    let linked = linked(prepared);
    let mut parts: BTreeMap<PackageId, Part> = BTreeMap::new();
    for (index, unit) in prepared.graph.units.iter().enumerate() {
        let id = PackageId::of_unit(&unit.pkg_id)?;
        if unit.is_std {
            continue;
        }
        if !parts.contains_key(&id) {
            let package = Package::locate(id.clone(), &unit.target.src_path)?;
            let checksum =
                lock.checksums.get(&(id.name.clone(), id.version.clone(), id.source.clone())).cloned();
            let part = Part {
                source: pin_source(&package, &prepared.workspace.workspace_root),
                checksum,
                manifest: manifest::Facts::of(&package.manifest, &workspace.manifest),
                licence_files: licences::of_package(&package.root),
                root: package.root,
                is_root: false,
                is_member: prepared.workspace.workspace_members.contains(&unit.pkg_id),
                is_linked: false,
                is_macro: false,
                is_skipped: true,
                script: None,
                features: BTreeSet::new(),
                dependencies: BTreeSet::new(),
                id: id.clone(),
            };
            let _ = parts.insert(id.clone(), part);
        }
        let uses: Vec<PackageId> = unit
            .dependencies
            .iter()
            .filter_map(|edge| PackageId::parse(&prepared.graph.units[edge.index].pkg_id))
            .filter(|other| *other != id)
            .collect();
        let Some(part) = parts.get_mut(&id) else { continue };
        part.is_root |= prepared.graph.roots.contains(&index);
        if unit.is_script_run() || unit.is_script_compile() {
            // Crates that are linked into a script are part of the build if the script runs; a replaced script links
            // nothing.
            continue;
        }
        let skipped = skip::key_of(unit).is_some_and(|key| prepared.plan.skipped.contains(&key.0));
        part.is_skipped &= skipped;
        part.is_linked |= linked[index];
        part.is_macro |= unit.target.crate_types.iter().any(|kind| kind == "proc-macro");
        part.features.extend(unit.features.iter().cloned());
        if !skipped {
            part.dependencies.extend(uses);
        }
    }
    for decision in &prepared.plan.decisions {
        let Some(part) = parts.get_mut(&decision.package.id) else { continue };
        part.script = Some(Script { action: decision.action, origin: decision.origin });
        if decision.action == Action::Run {
            part.dependencies.extend(decision.build_closure.keys().cloned());
        }
    }
    let natives = native::of(context, prepared, &parts);
    // A root without a platform is for the host: a build without `--target`, or a proc macro.
    let roots = prepared.graph.roots.iter().map(|root| &prepared.graph.units[*root]);
    let mut targets: BTreeSet<String> = roots.filter_map(|unit| unit.platform.clone()).collect();
    if targets.is_empty() {
        let _ = targets.insert(host.clone());
    }
    let first = prepared.recording.rustc.verbose_version.lines().next().unwrap_or_default();
    Ok(Inventory { targets, natives, rustc: first.to_owned(), parts: parts.into_values().collect(), host })
}

/// Returns for each unit whether it is reached from a root without a script, a proc macro, or the host's part of a
/// cross build: its code is in what is built.
fn linked(prepared: &Prepared) -> Vec<bool> {
    let units = &prepared.graph.units;
    let mut reached = vec![false; units.len()];
    let mut pending = prepared.graph.roots.clone();
    while let Some(index) = pending.pop() {
        let unit = &units[index];
        let is_tool = unit.is_script_run()
            || unit.is_script_compile()
            || unit.target.crate_types.iter().any(|kind| kind == "proc-macro");
        // A root that is a proc macro is what is built.
        if is_tool && !prepared.graph.roots.contains(&index) || std::mem::replace(&mut reached[index], true) {
            continue;
        }
        pending.extend(unit.dependencies.iter().map(|edge| edge.index));
    }
    reached
}

/// The workspace's root with its manifest.
struct Folder {
    manifest: String,
}

impl Folder {
    fn of(root: &Path) -> Self {
        Self { manifest: crate::file::read_text(&root.join("Cargo.toml")).unwrap_or_default() }
    }
}
