//! The decisions about the scripts of a build.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use inert_manifest_spec::Capability;
use serde::{Deserialize, Serialize};

use super::declared::{BadDeclaration, Declared, Origin, Residue};
use super::providers::Providers;
use super::refusal::{Allowance, Refusal};
use super::sealed::{GrantedLibraries, Pinned, Run};
use crate::cargo::package::{Package, PackageId, path_from};
use crate::digest;
use crate::policy::{Outputs, Rights, Runtime};

/// The verdict on a package's build script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// A stand-in carries out the declaration.
    Replace,
    /// The script is compiled and run, as by Cargo.
    Run,
    /// The build is refused.
    Deny,
    /// No unit of this build needs the output, so the stand-in is empty.
    Unneeded,
    /// A `[target.<triple>.<links>]` of Cargo's configuration replaces it: Cargo starts no script.
    Overridden,
}

/// The plan before it is sealed.
#[derive(Debug)]
pub struct Plan {
    /// The decisions about all scripts of the graph, sorted by package.
    pub decisions: Vec<Decision>,
    /// The keys of units whose outputs the wrapper leaves empty.
    pub skipped: BTreeSet<String>,
    /// The units that Cargo may compile, for the wrapper: see [`places`](crate::plan::skip::places).
    pub places: BTreeMap<String, Option<Vec<String>>>,
    /// The keys of units that this build compiles.
    pub needed: BTreeSet<String>,
    /// The root source files of ordinary targets whose names look like scripts, for the wrapper.
    pub lookalikes: BTreeSet<PathBuf>,
    /// The variables of the caller's environment that a decision depended on.
    pub variables: BTreeSet<String>,
    /// The providers of native libraries, with the libraries that are missing.
    pub providers: Providers,
    /// The proc-macro packages of the graph, whose code runs in the compiler.
    pub proc_macros: BTreeMap<PackageId, ProcMacro>,
    /// True if the policy requires a review of proc macros.
    pub reviews_macros: bool,
    /// The proc macros without the review that the policy requires.
    pub refused_macros: Vec<RefusedMacro>,
    /// The pins of all units that are compiled from files that an entry pins.
    pub pinned: Pinned,
}

/// The decision about one script.
#[derive(Debug)]
pub struct Decision {
    /// The package of the script.
    pub package: Package,
    /// The source as a pin names it: folders relative to the workspace's root.
    pub source: String,
    /// The root file of the script.
    pub script: PathBuf,
    /// True if the package is a member of the workspace.
    pub member: bool,
    /// The verdict on the script.
    pub action: Action,
    /// The origin of the verdict.
    pub origin: Origin,
    /// The declaration that applies, whether or not it covers this build.
    pub declared: Option<Declared>,
    /// The reasons why nothing was derived.
    pub residue: Residue,
    /// The reason of the refusal: for [`Action::Deny`], and for an unneeded script that would be refused.
    pub refusal: Option<Refusal>,
    /// The reason why it runs, unless the action implies it.
    pub allowance: Option<Allowance>,
    /// The runs of the script.
    pub runs: Vec<Run>,
    /// The packages on the path from a root of the graph to the package, which is the last.
    pub via: Vec<PackageId>,
    /// The digest that an allowed script was checked against.
    pub pinned: Option<String>,
    /// The digests of the packages that are linked into an allowed script.
    pub pinned_closure: Closure,
    /// The outputs that an allowed script may produce beyond those of a declaration.
    pub outputs: Outputs,
    /// The compilations of a script that runs in WebAssembly. If it is confined as well, it runs natively where
    /// WebAssembly fails.
    pub wasm: Option<super::wasm::Compile>,
    /// The reason why a script that nothing decides does not run in WebAssembly.
    pub not_in_wasm: Option<NotInWasm>,
    /// The rights of a confined script beyond the profile `script`, and the location of the setting that confines it.
    pub confined: Option<(Rights, String)>,
    /// The file for what the script asks for, if it is run only to learn that.
    pub observed: Option<PathBuf>,
    /// True if it is allowed by `init --baseline` and not reviewed yet.
    pub baseline: bool,
    /// The capabilities of the declaration that require a `[[review]]` entry.
    pub unreviewed: BTreeSet<inert_manifest_spec::Capability>,
    /// The packages that are linked into the script, by id, with their folders.
    pub build_closure: BTreeMap<PackageId, PathBuf>,
    /// The native libraries that its entry grants.
    pub libraries: GrantedLibraries,
}

/// The reason why a script that nothing decides does not run in WebAssembly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotInWasm {
    /// The reason as text.
    pub why: String,
    /// True if it was compiled or run there, and failed.
    pub tried: bool,
}

/// The reason why no plan could be made.
#[derive(Debug)]
pub enum PlanError {
    /// Declarations with errors.
    Declarations(Vec<BadDeclaration>),
    /// A setting of the command line that does not hold for this build, as a message.
    Arguments(String),
    /// Any other error, as a message.
    Other(String),
}

/// The digests of the packages that are linked into a script, by folder.
pub type Closure = BTreeMap<PathBuf, String>;

/// The verdict on a script, with its origin and reason.
#[derive(Debug)]
pub struct Verdict {
    /// What happens to the script.
    pub action: Action,
    /// The origin of the verdict.
    pub origin: Origin,
    /// The reason of the refusal: for [`Action::Deny`], and for an unneeded script that would be refused.
    pub refusal: Option<Refusal>,
    /// The reason why it runs, unless the action implies it.
    pub allowance: Option<Allowance>,
    /// The capabilities that require a `[[review]]` entry and have none.
    pub unreviewed: BTreeSet<Capability>,
    /// The digest that a reviewed declaration was checked against.
    pub pinned: Option<String>,
    /// True if it is accepted by an entry of `init --baseline`.
    pub baseline: bool,
    /// The runtime of a script that runs.
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

/// A proc macro of the graph.
#[derive(Debug, Clone)]
pub struct ProcMacro {
    /// The source of its package, as pins name it.
    pub source: String,
    /// True if its package is a member of the workspace.
    pub member: bool,
    /// True if an entry pins it.
    pub reviewed: bool,
    /// The packages that are linked into it, with their folders.
    pub closure: BTreeMap<PackageId, PathBuf>,
}

/// A proc macro that may not run in the compiler.
#[derive(Debug, Clone)]
pub struct RefusedMacro {
    /// The id of its package.
    pub id: PackageId,
    /// The source of its package, as pins name it.
    pub source: String,
    /// The digest of every file of the package.
    pub digest: String,
    /// The digest of the packages that are linked into it, if there are any.
    pub linked: Option<String>,
    /// The folder of its package.
    pub root: PathBuf,
    /// The root source file of the macro.
    pub file: PathBuf,
    /// The ids of the packages that are linked into it.
    pub closure: Vec<PackageId>,
    /// The reason of the refusal.
    pub refusal: Refusal,
}

impl Plan {
    /// Returns the scripts that this build needs and that may not run.
    pub fn denied(&self) -> impl Iterator<Item = &Decision> {
        self.decisions.iter().filter(|decision| decision.action == Action::Deny)
    }
}

impl Plan {
    /// Returns the scripts that run confined.
    pub fn confined(&self) -> impl Iterator<Item = &Decision> {
        self.decisions.iter().filter(|one| one.action == Action::Run && one.confined.is_some())
    }
}

impl Decision {
    /// Returns whether the script is a file outside of its package, whose files an entry cannot pin.
    #[must_use]
    pub fn is_outside(&self) -> bool {
        !path_from(Path::new("/"), &self.script).starts_with(&self.package.root)
    }

    /// Returns a name for files about the script, which is the same in every build of this checkout.
    #[must_use]
    pub fn id(&self) -> String {
        script_id(&self.package.id, &self.script)
    }

    /// Returns the content of the stamp that Cargo watches: it changes exactly if the file at the script's path has to
    /// change.
    #[must_use]
    pub fn stamp(&self) -> String {
        match self.action {
            Action::Replace | Action::Unneeded | Action::Overridden => "stand-in".to_owned(),
            Action::Run => {
                let pinned = self.pinned.as_deref().unwrap_or("unpinned");
                // An attempt that has failed since changes nothing: the script was compiled natively, too.
                let tried = self.not_in_wasm.as_ref().is_some_and(|not| not.tried);
                let how = match (&self.wasm, &self.confined) {
                    (Some(_), None) => "run in wasm",
                    (Some(_), Some(_)) => "run in wasm first",
                    (None, _) if tried => "run in wasm first",
                    (None, _) => "run",
                };
                format!("{how} behind {pinned} {:?} {:?}", self.outputs, self.confined)
            }
            Action::Deny => "deny".to_owned(),
        }
    }
}

/// Returns the [`Decision::id`] of the script that a package has in this file.
#[must_use]
pub fn script_id(id: &PackageId, script: &Path) -> String {
    let text = format!("{} {} {} {}", id.name, id.version, id.source, script.display());
    format!("{}-{}", id.name, &digest::text(&text)[..16])
}
