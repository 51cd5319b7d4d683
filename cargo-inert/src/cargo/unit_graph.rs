//! The build's own unit graph: `cargo <command> <arguments> --unit-graph`.
//!
//! Unstable in name only: the same flag with `RUSTC_BOOTSTRAP=1` for this one call works on stable Cargo, and gives
//! features, platforms and edges per unit as this very build will have them (the Cargo book, "Unstable features",
//! "unit-graph").

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Deserialize;

/// The graph as cargo prints it.
#[derive(Debug, Deserialize)]
pub struct UnitGraph {
    /// Format version; 1 is known.
    pub version: u32,
    /// All units.
    pub units: Vec<Unit>,
    /// Indices of the units that the command asks for.
    pub roots: Vec<usize>,
}

/// One unit of work.
#[derive(Debug, Deserialize)]
pub struct Unit {
    /// The package, in the form of `cargo metadata`'s ids.
    pub pkg_id: String,
    /// Which of its targets.
    pub target: Target,
    /// How it is compiled.
    pub profile: Profile,
    /// Target triple (or JSON file); `None` for the host and where no `--target` was given.
    pub platform: Option<String>,
    /// `build`, `check`, `test`, `doc`, `run-custom-build`, …
    pub mode: String,
    /// Features, as Cargo spells them.
    pub features: BTreeSet<String>,
    /// Set for the standard library's own units under `-Zbuild-std`.
    #[serde(default)]
    pub is_std: bool,
    /// Edges.
    pub dependencies: Vec<Dependency>,
}

/// A target of a package.
#[derive(Debug, Deserialize)]
pub struct Target {
    /// `lib`, `bin`, `custom-build`, `proc-macro`, …
    pub kind: Vec<String>,
    /// `lib`, `bin`, `proc-macro`, …
    pub crate_types: Vec<String>,
    /// Its name.
    pub name: String,
    /// The root source file; empty where Cargo writes it itself (`metabuild`).
    #[serde(deserialize_with = "path_or_none")]
    pub src_path: PathBuf,
}

/// What of a profile is looked at.
#[derive(Debug, Deserialize)]
pub struct Profile {
    /// The profile's name.
    pub name: String,
    /// `0` … `3`, `s`, `z`.
    pub opt_level: String,
    /// `0`, `1`, `2`, `"line-tables-only"`, …
    #[serde(default)]
    pub debuginfo: serde_json::Value,
    /// `debug-assertions`.
    #[serde(default)]
    pub debug_assertions: bool,
}

/// An edge.
#[derive(Debug, Deserialize)]
pub struct Dependency {
    /// Of the unit in the graph.
    pub index: usize,
    /// Name under which the dependent sees it.
    #[serde(default)]
    pub extern_crate_name: String,
}

/// A path, or nothing for what has no file yet.
///
/// # Errors
/// Neither.
pub fn path_or_none<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    Option::<PathBuf>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Why a package whose script has no file is refused.
#[must_use]
pub fn metabuild(package: &str) -> String {
    format!(
        "the build script of `{package}` is refused: it is a `metabuild`, which Cargo writes itself while it builds, so there \
         is no file that could be read, replaced or pinned; nothing was compiled\n  \
         help: use a build.rs that calls what `metabuild` lists, or leave the package out"
    )
}

/// A package that was copied to ask for its unit graph.
#[derive(Debug, Clone)]
pub struct Original {
    /// Who it is; the source is that of its fellows.
    pub id: super::package::PackageId,
    /// Where Cargo will compile it.
    pub root: PathBuf,
    /// The copy.
    pub copy: PathBuf,
}

impl Unit {
    /// A run of a build script.
    #[must_use]
    pub fn is_script_run(&self) -> bool {
        self.mode == "run-custom-build"
    }

    /// The compile of a build script.
    #[must_use]
    pub fn is_script_compile(&self) -> bool {
        !self.is_script_run() && self.target.kind.iter().any(|kind| kind == "custom-build")
    }

    /// The number that rustc gets as `-C debuginfo`.
    #[must_use]
    pub fn debuginfo(&self) -> String {
        match &self.profile.debuginfo {
            serde_json::Value::Null => "0".to_owned(),
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }
}

impl UnitGraph {
    /// Reads cargo's answer.
    ///
    /// # Errors
    /// It is not a unit graph of the known version: a newer Cargo, which this Inert does not know.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        let graph: Self =
            serde_json::from_slice(json).map_err(|error| format!("cargo's unit graph: {error}"))?;
        if graph.version != 1 {
            return Err(format!(
                "cargo's unit graph has version {}, this Inert knows version 1",
                graph.version
            ));
        }
        let count = graph.units.len();
        let all = graph.units.iter().flat_map(|unit| unit.dependencies.iter().map(|edge| edge.index));
        if graph.roots.iter().copied().chain(all).any(|index| index >= count) {
            return Err("cargo's unit graph names a unit that it does not hold".to_owned());
        }
        Ok(graph)
    }

    /// Names the units of packages in a git checkout as that repository's.
    pub fn rename_checkout(&mut self, folder: &std::path::Path, source: &str) {
        for unit in self.units.iter_mut().filter(|unit| unit.target.src_path.starts_with(folder)) {
            let id = crate::cargo::package::PackageId::parse(&unit.pkg_id).filter(|id| id.is_path());
            if let Some(id) = id {
                unit.pkg_id = format!("{source}#{}@{}", id.name, id.version);
            }
        }
    }

    /// Names the units of a copied package as the original's. Its source is that of the packages that lie beside it;
    /// where there are none, it is named by its folder.
    pub fn rename(&mut self, original: &Original) {
        let beside = original.root.parent();
        let fellow = self.units.iter().find(|unit| {
            unit.target.src_path.ancestors().any(|folder| folder.parent() == beside)
                && unit.pkg_id.contains('#')
        });
        let source =
            fellow.and_then(|unit| unit.pkg_id.rsplit_once('#')).map(|(source, _)| source.to_owned());
        let source = source.unwrap_or_else(|| format!("path+file://{}", original.root.display()));
        let id = format!("{source}#{}@{}", original.id.name, original.id.version);
        for unit in &mut self.units {
            if let Ok(inside) = unit.target.src_path.strip_prefix(&original.copy) {
                unit.target.src_path = original.root.join(inside);
                unit.pkg_id.clone_from(&id);
            }
        }
    }
}
