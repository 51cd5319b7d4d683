//! The unit graph of the build: `cargo <command> <arguments> --unit-graph`.
//!
//! The flag is unstable; stable Cargo accepts it with `RUSTC_BOOTSTRAP=1`, which is set for this one call. The graph
//! gives features, platforms and edges of each unit of this build (the Cargo book, "Unstable Features", "unit-graph").

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Deserialize;

/// The graph as Cargo prints it.
#[derive(Debug, Deserialize)]
pub struct UnitGraph {
    /// The version of the format; only 1 is supported.
    pub version: u32,
    /// All units of the build.
    pub units: Vec<Unit>,
    /// The indices of the units that the command asks for.
    pub roots: Vec<usize>,
}

/// One unit of work: a compilation, a run of a script, a documentation.
#[derive(Debug, Deserialize)]
pub struct Unit {
    /// The package id, in the form that `cargo metadata` prints.
    pub pkg_id: String,
    /// The target of the package.
    pub target: Target,
    /// The profile that the unit is compiled with.
    pub profile: Profile,
    /// The target triple, or the path of a JSON file; `None` for the host and if no `--target` was given.
    pub platform: Option<String>,
    /// `build`, `check`, `test`, `doc`, `run-custom-build`, …
    pub mode: String,
    /// The enabled features, as Cargo spells them.
    pub features: BTreeSet<String>,
    /// True if the unit is of the standard library, under `-Zbuild-std`.
    #[serde(default)]
    pub is_std: bool,
    /// The edges to the units that this one depends on.
    pub dependencies: Vec<Dependency>,
}

/// A target of a package.
#[derive(Debug, Deserialize)]
pub struct Target {
    /// `lib`, `bin`, `custom-build`, `proc-macro`, …
    pub kind: Vec<String>,
    /// `lib`, `bin`, `proc-macro`, …
    pub crate_types: Vec<String>,
    /// The name of the target.
    pub name: String,
    /// The root source file; empty if Cargo generates it (`metabuild`).
    #[serde(deserialize_with = "path_or_none")]
    pub src_path: PathBuf,
}

/// The fields of a profile that are used.
#[derive(Debug, Deserialize)]
pub struct Profile {
    /// The name of the profile.
    pub name: String,
    /// `0` … `3`, `s`, `z`.
    pub opt_level: String,
    /// The level of debug information: `0`, `1`, `2`, `"line-tables-only"`, …
    #[serde(default)]
    pub debuginfo: serde_json::Value,
    /// True if debug assertions are on.
    #[serde(default)]
    pub debug_assertions: bool,
}

/// An edge of the graph.
#[derive(Debug, Deserialize)]
pub struct Dependency {
    /// The index of the unit that is depended on.
    pub index: usize,
    /// The crate name by which the dependent unit refers to it.
    #[serde(default)]
    pub extern_crate_name: String,
}

/// Deserializes a path; null becomes an empty path.
///
/// # Errors
/// The value is neither a path nor null.
pub fn path_or_none<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    Option::<PathBuf>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Returns the refusal of a package whose script has no file (`metabuild`).
#[must_use]
pub fn metabuild(package: &str) -> String {
    format!(
        "the build script of `{package}` is refused: it is a `metabuild`, which Cargo writes itself while it builds, so there \
         is no file that could be read, replaced or pinned; nothing was compiled\n  \
         help: use a build.rs that calls what `metabuild` lists, or leave the package out"
    )
}

/// A package that was copied to ask for its unit graph (`cargo install`).
#[derive(Debug, Clone)]
pub struct Original {
    /// The identity of the package.
    pub id: super::package::PackageId,
    /// The folder in which Cargo will compile it.
    pub root: PathBuf,
    /// The folder of the copy.
    pub copy: PathBuf,
}

impl Unit {
    /// Returns whether the unit is a run of a build script.
    #[must_use]
    pub fn is_script_run(&self) -> bool {
        self.mode == "run-custom-build"
    }

    /// Returns whether the unit compiles a build script.
    #[must_use]
    pub fn is_script_compile(&self) -> bool {
        !self.is_script_run() && self.target.kind.iter().any(|kind| kind == "custom-build")
    }

    /// Returns the value that rustc gets as `-C debuginfo`.
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
    /// Parses the output of `--unit-graph`.
    ///
    /// # Errors
    /// The text is not a unit graph of version 1; a newer Cargo may print another version.
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

    /// Gives the units of the packages in a git checkout the source of that repository.
    pub fn rename_checkout(&mut self, folder: &std::path::Path, source: &str) {
        for unit in self.units.iter_mut().filter(|unit| unit.target.src_path.starts_with(folder)) {
            let id = crate::cargo::package::PackageId::parse(&unit.pkg_id).filter(|id| id.is_path());
            if let Some(id) = id {
                unit.pkg_id = format!("{source}#{}@{}", id.name, id.version);
            }
        }
    }

    /// Gives the units of a copied package the id and the paths of the original. Their source is that of a package
    /// beside the original; if there is none, it is the original's folder.
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
