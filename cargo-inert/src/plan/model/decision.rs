//! What is decided about every script of a build.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use inert_manifest_spec::Capability;
use serde::{Deserialize, Serialize};

use super::declared::{BadDeclaration, Declared, Origin, Residue};
use super::providers::Providers;
use super::refusal::{Allowance, Refusal};
use super::sealed::{Pinned, Run};
use crate::cargo::package::{Package, PackageId, path_from};
use crate::digest;
use crate::policy::{Outputs, Rights, Runtime};

/// What happens to a package's build script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// A stand-in does what its declaration says.
    Replace,
    /// It is compiled and run, as Cargo would.
    Run,
    /// The build is refused.
    Deny,
    /// Nothing that this build makes needs it: an empty stand-in is never asked for anything.
    Unneeded,
    /// Cargo's configuration speaks for it (`[target.<triple>.<links>]`): Cargo starts no script.
    Overridden,
}

/// The plan, before it is sealed.
#[derive(Debug)]
pub struct Plan {
    /// Every script of the graph, sorted by package.
    pub decisions: Vec<Decision>,
    /// For the wrapper.
    pub skipped: BTreeSet<String>,
    /// For the wrapper: see [`places`](crate::plan::skip::places).
    pub places: BTreeMap<String, Option<Vec<String>>>,
    /// Keys of units that this build compiles.
    pub needed: BTreeSet<String>,
    /// For the wrapper.
    pub lookalikes: BTreeSet<PathBuf>,
    /// Variables of the caller's environment that a decision depended on.
    pub variables: BTreeSet<String>,
    /// Native libraries: who provides them, and what is missing.
    pub providers: Providers,
    /// The proc-macro packages of the graph, code that still runs, in the compiler: source as pins name it, and whether
    /// it is a member's.
    pub proc_macros: BTreeMap<PackageId, (String, bool)>,
    /// True if the policy wants them reviewed.
    pub reviews_macros: bool,
    /// Those of them that the policy wants reviewed first.
    pub refused_macros: Vec<RefusedMacro>,
    /// What is compiled from files that an entry pins.
    pub pinned: Pinned,
}

/// One script and what is decided about it.
#[derive(Debug)]
pub struct Decision {
    /// Its package.
    pub package: Package,
    /// The source as a pin names it: folders relative to the workspace's root.
    pub source: String,
    /// The script's root file.
    pub script: PathBuf,
    /// True if the package is one of the workspace's own.
    pub member: bool,
    /// What happens.
    pub action: Action,
    /// By whose word.
    pub origin: Origin,
    /// The declaration that applies, whether or not it covers this build.
    pub declared: Option<Declared>,
    /// Why nothing was derived.
    pub residue: Residue,
    /// Why it is refused; there where the action is [`Action::Deny`], and where an unneeded script would be.
    pub refusal: Option<Refusal>,
    /// Why it runs, where something other than the action says it.
    pub allowance: Option<Allowance>,
    /// Its runs.
    pub runs: Vec<Run>,
    /// From a root of the graph to the package, the package last.
    pub via: Vec<PackageId>,
    /// For an allowed script: the digest that it was checked against.
    pub pinned: Option<String>,
    /// And those of what is linked into it.
    pub pinned_closure: Closure,
    /// For an allowed script: what it may tell Cargo besides what a declaration may.
    pub outputs: Outputs,
    /// For one that runs in WebAssembly: what it is compiled with.
    pub wasm: Option<super::wasm::Compile>,
    /// For a script that runs confined: with which rights beyond the profile `script`, and where that is written.
    pub confined: Option<(Rights, String)>,
    /// Allowed by `init --baseline`, reviewed by nobody yet.
    pub baseline: bool,
    /// Capabilities of the declaration that want a `[[review]]` entry.
    pub unreviewed: BTreeSet<inert_manifest_spec::Capability>,
    /// Packages that are linked into the script: id and folder.
    pub build_closure: BTreeMap<PackageId, PathBuf>,
}

/// Why no plan could be made.
#[derive(Debug)]
pub enum PlanError {
    /// Declarations that cannot be used.
    Declarations(Vec<BadDeclaration>),
    /// Anything else: what and why.
    Other(String),
}

/// Digests of the packages that are linked into a script, each by its folder.
pub type Closure = BTreeMap<PathBuf, String>;

/// What happens, by whose word, and why.
#[derive(Debug)]
pub struct Verdict {
    /// What happens.
    pub action: Action,
    /// By whose word.
    pub origin: Origin,
    /// Why it is refused; there where the action is [`Action::Deny`], and where an unneeded script would be.
    pub refusal: Option<Refusal>,
    /// Why it runs, where something other than the action says it.
    pub allowance: Option<Allowance>,
    /// Capabilities that want a `[[review]]` entry, which there is none for.
    pub unreviewed: BTreeSet<Capability>,
    /// For a reviewed declaration: the digest that it was checked against.
    pub pinned: Option<String>,
    /// It passes by an entry of `init --baseline`.
    pub baseline: bool,
    /// For a script that runs: as what.
    pub runtime: Runtime,
}

impl Verdict {
    pub(in crate::plan) fn new(action: Action, origin: Origin) -> Self {
        Self {
            action,
            origin,
            refusal: None,
            allowance: None,
            unreviewed: BTreeSet::new(),
            pinned: None,
            baseline: false,
            runtime: Runtime::Native,
        }
    }

    pub(in crate::plan) fn refused(origin: Origin, refusal: Refusal) -> Self {
        Self { refusal: Some(refusal), ..Self::new(Action::Deny, origin) }
    }

    pub(in crate::plan) fn run(allowance: Option<Allowance>) -> Self {
        Self { allowance, ..Self::new(Action::Run, Origin::Policy) }
    }
}

/// A proc macro that may not run in the compiler.
#[derive(Debug, Clone)]
pub struct RefusedMacro {
    /// Its package.
    pub id: PackageId,
    /// As pins name it.
    pub source: String,
    /// Of every file of it.
    pub digest: String,
    /// Of what is linked into it, if anything is.
    pub linked: Option<String>,
    /// Its folder.
    pub root: PathBuf,
    /// Its root source file.
    pub file: PathBuf,
    /// Each package that is linked into it.
    pub closure: Vec<PackageId>,
    /// Why not.
    pub refusal: Refusal,
}

impl Plan {
    /// Scripts that this build needs and that may not run.
    pub fn denied(&self) -> impl Iterator<Item = &Decision> {
        self.decisions.iter().filter(|decision| decision.action == Action::Deny)
    }
}

impl Plan {
    /// Scripts that run confined.
    pub fn confined(&self) -> impl Iterator<Item = &Decision> {
        self.decisions.iter().filter(|one| one.action == Action::Run && one.confined.is_some())
    }
}

impl Decision {
    /// Whether the script is a file outside of its package, whose files are what an entry pins.
    #[must_use]
    pub fn is_outside(&self) -> bool {
        !path_from(Path::new("/"), &self.script).starts_with(&self.package.root)
    }

    /// A name for files about it, the same in every build of this checkout.
    #[must_use]
    pub fn id(&self) -> String {
        script_id(&self.package.id, &self.script)
    }

    /// What Cargo watches: changes exactly when what stands where the script would be changes.
    #[must_use]
    pub fn stamp(&self) -> String {
        match self.action {
            Action::Replace | Action::Unneeded | Action::Overridden => "stand-in".to_owned(),
            Action::Run => {
                let pinned = self.pinned.as_deref().unwrap_or("unpinned");
                let how = if self.wasm.is_some() { "run in wasm" } else { "run" };
                format!("{how} behind {pinned} {:?} {:?}", self.outputs, self.confined)
            }
            Action::Deny => "deny".to_owned(),
        }
    }
}

/// [`Decision::id`] of the script that a package has in this file.
#[must_use]
pub fn script_id(id: &PackageId, script: &Path) -> String {
    let text = format!("{} {} {} {}", id.name, id.version, id.source, script.display());
    format!("{}-{}", id.name, &digest::text(&text)[..16])
}
