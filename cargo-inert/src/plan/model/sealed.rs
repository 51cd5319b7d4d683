//! What is written for the wrapper and the stand-ins.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::decision::Action;
use super::declared::Origin;
use super::providers::Provided;
use crate::cargo::facts::{RustcFacts, TargetFacts};
use crate::cargo::package::PackageId;

/// What the wrapper needs for each call of rustc; small, since it is read hundreds of times in a build.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Index {
    /// Root source file of each build script of the graph → its entry, or one for each package that shares the file.
    pub scripts: BTreeMap<PathBuf, Vec<IndexEntry>>,
    /// Root source files of ordinary binaries that bear a script's crate name.
    pub lookalikes: BTreeSet<PathBuf>,
    /// Keys of units that only replaced scripts would use: see [`UnitKey`](crate::plan::skip::UnitKey).
    pub skipped: BTreeSet<String>,
    /// Every unit that Cargo may compile: see [`places`](crate::plan::skip::places).
    pub places: BTreeMap<String, Option<Vec<String>>>,
    /// Features that flags set by `--cfg`, beside those of packages.
    pub flag_features: BTreeSet<String>,
    /// What is compiled from files that an entry pins.
    #[serde(default)]
    pub pinned: Pinned,
    /// The toolchain's folder.
    #[serde(default)]
    pub sysroot: PathBuf,
    /// The user's own rustc wrapper.
    pub user_wrapper: Option<PathBuf>,
    /// How rustc is confined; `None` where it is not.
    #[serde(default)]
    pub rustc: Option<ConfinedRustc>,
}

/// What is needed to confine rustc.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfinedRustc {
    /// The toolchain's folder.
    pub sysroot: PathBuf,
    /// The workspace, whose files its members read.
    pub workspace: PathBuf,
    /// Where artifacts go.
    pub target_dir: PathBuf,
    /// Variables that `[env]` of Cargo's configuration names.
    pub variables: Vec<String>,
    /// What `[[compile]]` entries add, by the package's folder.
    pub rights: BTreeMap<PathBuf, crate::policy::Rights>,
    /// Crate names of macros.
    pub macro_names: Vec<String>,
    /// Of each unit that may load macros, by its [`place`](crate::plan::skip::place): which of those.
    pub macros: BTreeMap<String, Vec<usize>>,
}

impl ConfinedRustc {
    /// What an entry adds for the package that Cargo compiles.
    #[must_use]
    pub fn rights_of(&self, environment: &crate::environment::Environment) -> crate::policy::Rights {
        // `[env]` cannot override the variable: Cargo sets it itself.
        let root = environment.get("CARGO_MANIFEST_DIR").map(std::path::Path::new);
        root.and_then(|root| self.rights.get(root)).cloned().unwrap_or_default()
    }
}

/// What is compiled from files that an entry of the policy pins, and held against what rustc says that it read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pinned {
    /// Root source file of each library that is linked into an allowed script or a reviewed macro → its package's folder.
    pub sources: BTreeMap<PathBuf, PathBuf>,
    /// Root source file of each reviewed macro.
    pub macros: BTreeMap<PathBuf, MacroPin>,
    /// Every folder of which a digest is pinned.
    pub roots: BTreeSet<PathBuf>,
    /// Folders that the build itself writes to, which no digest goes by.
    pub build_output: BTreeSet<PathBuf>,
    /// Root source file → the name of a stamp that its unit depends on once it was held against these pins.
    #[serde(default)]
    pub stamps: BTreeMap<PathBuf, String>,
    /// The folder that relative paths of rustc's begin at.
    #[serde(default)]
    pub base: PathBuf,
}

/// A reviewed macro.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MacroPin {
    /// The package's folder.
    pub root: PathBuf,
    /// `name version`, for messages.
    pub package: String,
    /// What was reviewed.
    pub checked: Checked,
}

impl MacroPin {
    /// Its folder, and those of what is linked into it.
    pub fn roots(&self) -> impl Iterator<Item = &PathBuf> {
        std::iter::once(&self.root).chain(self.checked.closure.keys())
    }
}

/// What the wrapper does about one script.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IndexEntry {
    /// Name of its file in the plan, and of its decision.
    pub id: String,
    /// Never `Deny`: nothing starts then.
    pub action: Action,
    /// The package's folder.
    pub root: PathBuf,
    /// For `Run`: what is looked at again before and after the compile.
    #[serde(default)]
    pub checked: Option<Checked>,
    /// `name version`, for messages.
    pub package: String,
}

/// What a stand-in needs: one file per script.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ScriptPlan {
    /// The package.
    pub package: PackageId,
    /// Its folder.
    pub root: PathBuf,
    /// `package.links`.
    pub links: Option<String>,
    /// `package.rust-version`.
    pub rust_version: Option<String>,
    /// What was decided.
    pub action: Action,
    /// By whom.
    pub origin: Origin,
    /// The declaration, as TOML text in root form; empty where none is needed.
    pub declaration: String,
    /// Where that text is from, for messages.
    pub declared_in: String,
    /// The runs of this script that the build holds.
    pub runs: Vec<Run>,
    /// For a script that runs.
    #[serde(default)]
    pub checked: Option<Checked>,
    /// What is known of each target that a run is for.
    pub targets: BTreeMap<String, TargetFacts>,
    /// What is known of rustc.
    pub rustc: RustcFacts,
    /// Roots of resolved build-dependencies, by name.
    pub build_dependencies: BTreeMap<String, PathBuf>,
    /// For a script that runs in WebAssembly: what it is compiled with.
    #[serde(default)]
    pub wasm: Option<super::wasm::Compile>,
}

/// What is held against a script that runs: before it is compiled, before it starts, and what it says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// Of every file of its package, where an entry pins it: the workspace's own members are edited all day.
    pub digest: Option<String>,
    /// Of every file of each package that is linked into it, by folder.
    pub closure: BTreeMap<PathBuf, String>,
    /// What it may tell Cargo besides what a declaration may.
    pub outputs: crate::policy::outputs::Outputs,
    /// Whether it is compiled to WebAssembly and runs there.
    #[serde(default)]
    pub wasm: bool,
    /// Folders that the build itself writes to, which no digest goes by.
    #[serde(default)]
    pub build_output: BTreeSet<PathBuf>,
    /// How it is confined; `None` where it is not.
    #[serde(default)]
    pub confined: Option<Confined>,
}

/// [`Confined::place`] of members' scripts.
pub const BY_MEMBERS: &str = "`members = \"confined\"` of [policy], the default";

/// [`Confined::place`] of scripts that nothing decides.
pub const BY_UNDECIDED: &str = "`undecided = \"confine\"` of [policy]";

/// How a script is confined: its rights beyond the profile `script`, and what is needed to work out the grants.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confined {
    /// What its entry adds.
    pub rights: crate::policy::Rights,
    /// Where that is written, for messages.
    pub place: String,
    /// What `workspace:` starts from.
    pub workspace: PathBuf,
    /// The toolchain's folder.
    pub sysroot: PathBuf,
    /// Folders of packages that are linked into it, by name: it reads them, and `dep:` names them.
    pub linked: Vec<(String, PathBuf)>,
    /// Folders of native libraries that `library:` names, as they were found when the build was planned.
    pub libraries: BTreeMap<String, Vec<PathBuf>>,
    /// Where artifacts go, which no grant contains.
    pub target_dir: PathBuf,
    /// This machine cannot confine it, and the user's own policy lets it run all the same.
    pub unavailable: bool,
}

impl Checked {
    /// Looks at the files again.
    ///
    /// # Errors
    /// Which package is not what was checked when the build was planned.
    pub fn look(&self, root: &std::path::Path) -> Result<(), String> {
        use crate::digest;
        self.build_output.iter().for_each(|folder| digest::leave_out(folder));
        type Of = fn(&std::path::Path) -> std::io::Result<String>;
        let own = self.digest.iter().map(|digest| (root, digest, digest::package as Of));
        let linked =
            self.closure.iter().map(|(root, digest)| (root.as_path(), digest, digest::content as Of));
        for (root, expected, of) in own.chain(linked) {
            let found = of(root).map_err(|error| format!("{}: {error}", root.display()))?;
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
    /// Target triple that it is for.
    pub target: String,
    /// Its features.
    pub features: BTreeSet<String>,
    /// The profile's debug assertions, which Cargo reports as a cfg.
    pub debug_assertions: bool,
    /// `OPT_LEVEL`.
    pub opt_level: String,
    /// `DEBUG`.
    pub debug: bool,
    /// `PROFILE`.
    pub profile: String,
    /// Whether anything needs it.
    pub needed: bool,
    /// Who provides each library, as far as that was fixed before the build.
    #[serde(default)]
    pub providers: BTreeMap<String, Provided>,
    /// `[library-kind]`: whether each is linked statically.
    #[serde(default)]
    pub static_libraries: BTreeMap<String, bool>,
    /// `[library-prefix]`.
    #[serde(default)]
    pub library_prefixes: BTreeMap<String, PathBuf>,
    /// Archives that are not built, each with the library that it stands for and that the user wants from the system.
    #[serde(default)]
    pub not_built: BTreeMap<String, String>,
    /// Whose metadata it may read, by `links` name.
    #[serde(default)]
    pub producers: BTreeMap<String, Producer>,
}

/// A dependency with `links`, whose metadata a script reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Producer {
    /// Its package's name.
    pub name: String,
    /// Its package's folder.
    pub root: PathBuf,
    /// Whether a stand-in says what it says.
    pub replaced: bool,
    /// Its script's id in the plan, which the records of its runs bear.
    pub script: String,
    /// Keys of its metadata that hold nothing but paths, which were looked at when they were said.
    pub paths: BTreeSet<String>,
}

impl ScriptPlan {
    /// The first line of a run's record: which run, and a digest of all that the plan says of it.
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
            env!("CARGO_PKG_VERSION"),
        );
        let digest = crate::digest::bytes(&serde_json::to_vec(&said).unwrap_or_default());
        let features: Vec<_> = run.features.iter().map(String::as_str).collect();
        format!("{id}\t{}\t{}\t{}\t{digest}", run.target, features.join(","), run.opt_level)
    }
}
