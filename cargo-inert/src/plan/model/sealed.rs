//! The data that is sealed for the wrapper and the stand-ins.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::decision::Action;
use super::declared::Origin;
use super::providers::Provided;
use crate::cargo::facts::{RustcFacts, TargetFacts};
use crate::cargo::package::PackageId;

/// The data that the wrapper needs for each call of rustc. It is small, since a build reads it hundreds of times.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Index {
    /// The root source file of each build script of the graph, with an entry for each package that uses the file.
    pub scripts: BTreeMap<PathBuf, Vec<IndexEntry>>,
    /// The root source files of ordinary binaries whose crate names look like a script's.
    pub lookalikes: BTreeSet<PathBuf>,
    /// The keys of units that only replaced scripts would use: see [`UnitKey`](crate::plan::skip::UnitKey).
    pub skipped: BTreeSet<String>,
    /// The units that Cargo may compile: see [`places`](crate::plan::skip::places).
    pub places: BTreeMap<String, Option<Vec<String>>>,
    /// The features that flags set by `--cfg`, in addition to those of packages.
    pub flag_features: BTreeSet<String>,
    /// The pins of all units that are compiled from files that an entry pins.
    #[serde(default)]
    pub pinned: Pinned,
    /// The folder of the toolchain.
    #[serde(default)]
    pub sysroot: PathBuf,
    /// The path of the user's own rustc wrapper.
    pub user_wrapper: Option<PathBuf>,
    /// The data for confining rustc; `None` if it is not confined.
    #[serde(default)]
    pub rustc: Option<ConfinedRustc>,
}

/// The data that is needed to confine rustc.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfinedRustc {
    /// The folder of the toolchain.
    pub sysroot: PathBuf,
    /// True if no crate may be compiled by a program that cannot be confined.
    pub required: bool,
    /// The folder of the workspace, whose files its members read.
    pub workspace: PathBuf,
    /// The folder for artifacts.
    pub target_dir: PathBuf,
    /// The variables that `[env]` of Cargo's configuration names.
    pub variables: Vec<String>,
    /// The rights of `[[compile]]` entries, by the package's folder.
    pub rights: BTreeMap<PathBuf, crate::policy::Rights>,
    /// The crate names of macros.
    pub macro_names: Vec<String>,
    /// The macros that a unit may load, as indices of `macro_names`, by the unit's [`place`](crate::plan::skip::place).
    pub macros: BTreeMap<String, Vec<usize>>,
    /// The manifest of the workspace of each package whose macros may ask Cargo for it, by the package's folder.
    #[serde(default)]
    pub located: BTreeMap<PathBuf, PathBuf>,
}

impl ConfinedRustc {
    /// Returns the rights that an entry adds for the package that Cargo compiles.
    #[must_use]
    pub fn rights_of(&self, environment: &crate::environment::Environment) -> crate::policy::Rights {
        // `[env]` cannot override the variable: Cargo sets it itself.
        let root = environment.get("CARGO_MANIFEST_DIR").map(std::path::Path::new);
        root.and_then(|root| self.rights.get(root)).cloned().unwrap_or_default()
    }
}

/// The units that are compiled from files that a policy entry pins; the pins are compared with the files that rustc
/// reads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pinned {
    /// The root source file of each library that is linked into an allowed script or a reviewed macro, with its
    /// package's folder.
    pub sources: BTreeMap<PathBuf, PathBuf>,
    /// The pins of reviewed macros, by root source file.
    pub macros: BTreeMap<PathBuf, MacroPin>,
    /// The folders that pinned digests are of.
    pub roots: BTreeSet<PathBuf>,
    /// The folders that the build itself writes to, which digests exclude.
    pub build_output: BTreeSet<PathBuf>,
    /// The folders of workspaces of which digests exclude the policy and the lock.
    #[serde(default)]
    pub judged_apart: BTreeSet<PathBuf>,
    /// The names of the stamps by root source file; a unit depends on its stamp after it was checked against these
    /// pins.
    #[serde(default)]
    pub stamps: BTreeMap<PathBuf, String>,
    /// The folder that relative paths of rustc start from.
    #[serde(default)]
    pub base: PathBuf,
}

/// The pin of a reviewed macro.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MacroPin {
    /// The folder of the package.
    pub root: PathBuf,
    /// The package as `name version`, for messages.
    pub package: String,
    /// The digests that were reviewed.
    pub checked: Checked,
}

impl MacroPin {
    /// Returns the folder of the macro, and those of the packages that are linked into it.
    pub fn roots(&self) -> impl Iterator<Item = &PathBuf> {
        std::iter::once(&self.root).chain(self.checked.closure.keys())
    }
}

/// The wrapper's instructions for one script.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IndexEntry {
    /// The name of the script's file in the plan, and of its decision.
    pub id: String,
    /// The verdict; never `Deny`, since no build starts then.
    pub action: Action,
    /// The folder of the package.
    pub root: PathBuf,
    /// For `Run`: the digests that are checked again before and after the compilation.
    #[serde(default)]
    pub checked: Option<Checked>,
    /// The package as `name version`, for messages.
    pub package: String,
}

/// The data that a stand-in needs, in one file for each script.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ScriptPlan {
    /// The id of the package.
    pub package: PackageId,
    /// The folder of the package.
    pub root: PathBuf,
    /// The value of `package.links`.
    pub links: Option<String>,
    /// The value of `package.rust-version`.
    pub rust_version: Option<String>,
    /// The verdict on the script.
    pub action: Action,
    /// The origin of the verdict.
    pub origin: Origin,
    /// The declaration as TOML text in root form; empty if none is needed.
    pub declaration: String,
    /// The location of the declaration, for messages.
    pub declared_in: String,
    /// The runs of the script in this build.
    pub runs: Vec<Run>,
    /// The checks for a script that runs.
    #[serde(default)]
    pub checked: Option<Checked>,
    /// The facts about each target of the runs.
    pub targets: BTreeMap<String, TargetFacts>,
    /// The facts about rustc.
    pub rustc: RustcFacts,
    /// The folders of resolved build-dependencies, by name.
    pub build_dependencies: BTreeMap<String, PathBuf>,
    /// The compilations of a script that runs in WebAssembly.
    #[serde(default)]
    pub wasm: Option<super::wasm::Compile>,
    /// The data for confining the tools that its stand-in starts; `None` if they are not confined.
    #[serde(default)]
    pub tools: Option<ConfinedTools>,
}

/// The data that is needed to confine the tools of a stand-in: compilers, archivers, pkg-config.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfinedTools {
    /// The folder of the toolchain.
    pub sysroot: PathBuf,
    /// The folder of the workspace, whose files its members read.
    pub workspace: PathBuf,
    /// The folder for artifacts.
    pub target_dir: PathBuf,
    /// True if a tool that cannot be confined is refused.
    pub required: bool,
}

/// The checks for a script that runs: before it is compiled, before it starts, and of its output.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// The digest of every file of its package, if an entry pins it; `None` for members, whose files change all the
    /// time.
    pub digest: Option<String>,
    /// The digests of the packages that are linked into it, by folder.
    pub closure: BTreeMap<PathBuf, String>,
    /// The outputs that it may produce beyond those of a declaration.
    pub outputs: crate::policy::outputs::Outputs,
    /// True if it is compiled to WebAssembly and runs there.
    #[serde(default)]
    pub wasm: bool,
    /// The folders that the build itself writes to, which digests exclude.
    #[serde(default)]
    pub build_output: BTreeSet<PathBuf>,
    /// The folders of workspaces of which digests exclude the policy and the lock.
    #[serde(default)]
    pub judged_apart: BTreeSet<PathBuf>,
    /// The confinement; `None` if it is not confined.
    #[serde(default)]
    pub confined: Option<Confined>,
}

/// The [`Confined::place`] of members' scripts.
pub const BY_MEMBERS: &str = "`members = \"confined\"` of [policy], the default";

/// The [`Confined::place`] of scripts that nothing decides.
pub const BY_UNDECIDED: &str = "`undecided = \"confine\"` of [policy]";

/// The folders of native libraries by name, as they were found when the build was planned, or why none are known.
pub type GrantedLibraries = BTreeMap<String, Result<Vec<PathBuf>, String>>;

/// The confinement of a script: its rights beyond the profile `script`, and the data for its grants.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confined {
    /// The rights that its entry adds.
    pub rights: crate::policy::Rights,
    /// The location of the setting, for messages.
    pub place: String,
    /// The folder that `workspace:` refers to.
    pub workspace: PathBuf,
    /// The folder of the toolchain.
    pub sysroot: PathBuf,
    /// The folders of the packages that are linked into it, by name. It may read them, and `dep:` refers to them.
    pub linked: Vec<(String, PathBuf)>,
    /// The native libraries that `library:` refers to.
    pub libraries: GrantedLibraries,
    /// The folder for artifacts, which no grant contains.
    pub target_dir: PathBuf,
    /// True if this machine cannot confine it, and the user's own policy lets it run nevertheless.
    pub unavailable: bool,
    /// The file for what it asks for, if it is run only to learn that.
    #[serde(default)]
    pub observed: Option<PathBuf>,
}

impl Checked {
    /// Checks the files again.
    ///
    /// # Errors
    /// A package has changed since the build was planned; the error names it.
    pub fn look(&self, root: &std::path::Path) -> Result<(), String> {
        use crate::digest;
        self.build_output.iter().for_each(|folder| digest::leave_out(folder));
        // A member's script that nothing pins may read them.
        let pinned = self.digest.is_some();
        self.judged_apart.iter().filter(|_| pinned).for_each(|folder| digest::judge_apart(folder));
        let own = self.digest.iter().map(|digest| (root, digest));
        let linked = self.closure.iter().map(|(root, digest)| (root.as_path(), digest));
        for (root, expected) in own.chain(linked) {
            let found = digest::package(root).map_err(|error| format!("{}: {error}", root.display()))?;
            if found != *expected {
                return Err(format!(
                    "{} changed on disk after it was checked: {found}, allowed was {expected}",
                    root.display()
                ));
            }
        }
        Ok(())
    }
}

/// One run of a build script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The target triple of the run.
    pub target: String,
    /// The enabled features of the package.
    pub features: BTreeSet<String>,
    /// True if the profile has debug assertions, which Cargo reports as a cfg.
    pub debug_assertions: bool,
    /// The value of `OPT_LEVEL`.
    pub opt_level: String,
    /// The value of `DEBUG`.
    pub debug: bool,
    /// The value of `PROFILE`.
    pub profile: String,
    /// True if a unit of the build needs its output.
    pub needed: bool,
    /// The provider of each library, as far as it is fixed before the build.
    #[serde(default)]
    pub providers: BTreeMap<String, Provided>,
    /// The settings of `[library-kind]`: whether each library is linked statically.
    #[serde(default)]
    pub static_libraries: BTreeMap<String, bool>,
    /// The settings of `[library-prefix]`.
    #[serde(default)]
    pub library_prefixes: BTreeMap<String, PathBuf>,
    /// The archives that are not built, each with its library, which the policy requires from the system.
    #[serde(default)]
    pub not_built: BTreeMap<String, String>,
    /// The packages whose metadata it may read, by `links` name.
    #[serde(default)]
    pub producers: BTreeMap<String, Producer>,
}

/// A dependency with `links`, whose metadata a script reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Producer {
    /// The name of its package.
    pub name: String,
    /// The folder of its package.
    pub root: PathBuf,
    /// True if a stand-in replaces its script.
    pub replaced: bool,
    /// The id of its script in the plan, which the records of its runs contain.
    pub script: String,
    /// The keys of its metadata whose values are always paths; these were checked when they were set.
    pub paths: BTreeSet<String>,
    /// The keys among `paths` whose values are always lists separated by commas (`path-list`).
    pub lists: BTreeSet<String>,
}

impl ScriptPlan {
    /// Returns the first line of a run's record: the run, and a digest of its plan.
    #[must_use]
    pub fn entry(&self, id: &str, run: &Run) -> String {
        let said = (
            &self.declaration,
            self.action,
            &self.root,
            &self.links,
            &self.rust_version,
            &self.rustc,
            &self.build_dependencies,
            run,
            self.targets.get(&run.target),
            // A tool behind a fence may have answered otherwise.
            &self.tools,
            env!("CARGO_PKG_VERSION"),
        );
        let digest = crate::digest::bytes(&serde_json::to_vec(&said).unwrap_or_default());
        let features: Vec<_> = run.features.iter().map(String::as_str).collect();
        format!("{id}\t{}\t{}\t{}\t{digest}", run.target, features.join(","), run.opt_level)
    }
}
