//! The contents of a policy, as data.

use std::collections::BTreeSet;
use std::path::PathBuf;

use inert_manifest_spec::{Capability, Span};

use super::date::Date;
use super::libraries::Libraries;
use super::outputs::Outputs;
use super::rights::Rights;
use crate::cargo::invocation::DenyBuildScripts;
use crate::cargo::package::PackageId;

/// The name of the file, at the workspace's root.
pub const FILE: &str = crate::digest::JUDGED_FILES[0];

/// The variable that names a minimum policy from outside the tree, as `--policy` does.
pub const VARIABLE: &str = "INERT_POLICY";

/// The capabilities that need no review by default: all but shipped binaries, link arguments that are not on the common
/// list, and tools.
pub const UNREVIEWED: &[Capability] = &[
    Capability::Cfg,
    Capability::Env,
    Capability::File,
    Capability::Probe,
    Capability::Library,
    Capability::Cc,
];

/// The policy of a build.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The file to which decisions are added; `None` if there is none yet.
    pub path: Option<PathBuf>,
    /// Every file that contributes to the policy.
    pub files: Vec<PathBuf>,
    /// The minimum policy whose entries alone count (`entries = "own"`), if there is one: advice to write an entry elsewhere could
    /// not be followed.
    pub entries_of: Option<PathBuf>,
    /// The setting of `[policy] deny-build-scripts`, or of `dependencies = "declared"`.
    pub deny: DenyBuildScripts,
    /// The setting of `[policy] members`: whether the workspace's own members may run scripts that nothing else
    /// decides.
    pub members: Members,
    /// The setting of `[policy] configuration`, for Cargo's configuration inside the tree.
    pub configuration: TreeConfiguration,
    /// The `[[configuration]]` entries: configuration files that were reviewed.
    pub accepted: Vec<AcceptedConfiguration>,
    /// The setting of `[policy] capabilities`: those that a declaration may have without review.
    pub capabilities: BTreeSet<Capability>,
    /// The setting of `[policy] undecided`.
    pub undecided: Undecided,
    /// The setting of `[policy] derived`.
    pub derived: Derived,
    /// The setting of `[policy] proc-macros`.
    pub proc_macros: ProcMacros,
    /// The setting of `[sandbox] rustc`.
    pub rustc: ConfineRustc,
    /// The setting of `[sandbox] outer`.
    pub outer: Outer,
    /// The setting of `[sandbox] unavailable`, from the user's own policy.
    pub unavailable: Unavailable,
    /// The `[[allow]]` entries.
    pub allow: Vec<Allow>,
    /// The `[[compile]]` entries.
    pub compile: Vec<Compile>,
    /// The `[[deny]]` entries.
    pub deny_packages: Vec<Deny>,
    /// The `[[declare]]` entries.
    pub declare: Vec<Declare>,
    /// The `[[review]]` entries.
    pub review: Vec<Reviewed>,
    /// The `[[verified]]` entries: derivations that `cargo inert verify` found equal to their scripts.
    pub verified: Vec<Verified>,
    /// The `[[proc-macro]]` entries.
    pub macros: Vec<ReviewedMacro>,
    /// The settings of `[libraries]`, `[library-kind]` and `[library-prefix]`, for all targets and for single ones.
    pub libraries: Libraries,
    /// The claims of the tree's own file that the user has not accepted.
    pub unaccepted: Vec<Claim>,
    /// The digest of all claims of the file, by which the user accepts them.
    pub claims: String,
    /// The path of the record of accepted claims, which need not exist.
    pub record: Option<PathBuf>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            path: None,
            files: Vec::new(),
            entries_of: None,
            deny: DenyBuildScripts::No,
            members: Members::default(),
            configuration: TreeConfiguration::Deny,
            accepted: Vec::new(),
            capabilities: UNREVIEWED.iter().copied().collect(),
            undecided: Undecided::default(),
            derived: Derived::default(),
            proc_macros: ProcMacros::Allow,
            rustc: ConfineRustc::default(),
            outer: Outer::default(),
            unavailable: Unavailable::Deny,
            allow: Vec::new(),
            compile: Vec::new(),
            deny_packages: Vec::new(),
            declare: Vec::new(),
            review: Vec::new(),
            verified: Vec::new(),
            macros: Vec::new(),
            libraries: Libraries::default(),
            unaccepted: Vec::new(),
            claims: String::new(),
            record: None,
        }
    }
}

/// The rights of the workspace's own members, in the order of strictness, as for the other rules here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Members {
    /// Their scripts run: it is the members' code that is built.
    #[default]
    Allow,
    /// Their scripts run, with the outputs that a declaration could have.
    Checked,
    /// In addition, the scripts have only the rights of the profile `script`.
    Confined,
    /// Their scripts have the same rights as those of dependencies.
    Deny,
}

/// The entries that count with a minimum policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entries {
    /// The tree's entries as well.
    Any,
    /// Only the entries of the minimum.
    Own,
}

/// Whether rustc is confined, in the order of strictness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum ConfineRustc {
    /// rustc is never confined.
    Off,
    /// rustc is confined if this machine can confine programs.
    #[default]
    Available,
    /// rustc is confined, or the build is refused.
    Confine,
}

/// Whether Cargo and all that it starts are behind the outer fence, in the order of strictness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Outer {
    /// There is no outer fence.
    #[default]
    Off,
    /// Without the outer fence the build is refused.
    On,
}

/// The treatment of programs that have to be confined on a machine that cannot confine them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Unavailable {
    /// They run unconfined, with a notice at every build.
    Run,
    /// The build is refused.
    #[default]
    Deny,
}

/// The settings that Cargo's configuration inside the tree may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum TreeConfiguration {
    /// All settings that Cargo understands.
    Allow,
    /// Only harmless settings: no programs of the tree in the place of the compiler.
    #[default]
    Deny,
}

/// A `[[configuration]]` entry: a file of Cargo's configuration that may have settings which are refused otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedConfiguration {
    /// The path of the file, which is relative to the policy file's folder.
    pub path: PathBuf,
    /// The digest of the whole file.
    pub digest: String,
    /// The reason for the entry.
    pub reason: String,
    /// The last day on which the entry is valid.
    pub expires: Option<Date>,
    /// The line of the entry.
    pub line: usize,
}

/// The treatment of a script that nothing decides, in the order of strictness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Undecided {
    /// It runs in WebAssembly where it can, and otherwise with the rights of the profile `script`; in both cases with the
    /// outputs that a declaration could have.
    Confine,
    /// It runs in WebAssembly, where it has no rights; where it does not run there, it is refused.
    Wasm,
    /// The script is refused.
    #[default]
    Deny,
}

/// The requirement on declarations that are derived from a script's source, in the order of strictness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Derived {
    /// None: a derivation decides as any declaration does.
    #[default]
    Accept,
    /// `cargo inert verify` has compared the stand-in with the script: a row of the catalog or a `[[verified]]` entry says
    /// so of exactly this package and this derivation.
    Verified,
}

/// The requirement on proc macros, which run in the compiler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum ProcMacros {
    /// None: `audit` counts and lists them.
    #[default]
    Allow,
    /// A `[[proc-macro]]` entry for each that is not a member's.
    Review,
}

/// An `[[allow]]` entry: a script that may run, pinned to the files that were reviewed.
#[derive(Debug, Clone)]
pub struct Allow {
    /// The package of the script.
    pub package: Matcher,
    /// The digest of every file of the package.
    pub digest: String,
    /// The digests of its resolved build-dependencies, one for each reviewed set (hosts may differ); or `name version
    /// digest` for each package.
    pub build_dependencies: Vec<String>,
    /// The reason for the entry.
    pub reason: String,
    /// The person who reviewed the script.
    pub reviewer: Option<String>,
    /// The last day on which the entry is valid.
    pub expires: Option<Date>,
    /// The rights beyond those of every script that runs.
    pub rights: Rights,
    /// The outputs beyond those of a declaration.
    pub outputs: Outputs,
    /// The runtime that it is compiled for.
    pub runtime: Runtime,
    /// True if it was added by `init --baseline` and not reviewed.
    pub baseline: bool,
    /// The claim of the entry, if it belongs to the tree and the user has not accepted it: see [`trust`](super::trust).
    pub untrusted: Option<String>,
}

/// The value of `run` in an `[[allow]]` entry: the runtime that a script is compiled for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Runtime {
    /// A native program of this machine.
    #[default]
    Native,
    /// A WebAssembly module, which can access its package and OUT_DIR and starts nothing.
    Wasm,
}

/// A `[[compile]]` entry: additional rights of rustc, and so of the macros that run in it, for one package.
#[derive(Debug, Clone)]
pub struct Compile {
    /// The package that is compiled: its name, and its version if it is given.
    pub package: Matcher,
    /// The rights that the entry adds.
    pub rights: Rights,
    /// The claim of the entry, as [`Allow::untrusted`].
    pub untrusted: Option<String>,
}

/// A `[[deny]]` entry, which takes precedence over all others.
#[derive(Debug, Clone)]
pub struct Deny {
    /// The package that is denied.
    pub package: Matcher,
    /// The reason for the entry.
    pub reason: Option<String>,
}

/// A `[[declare]]` entry: a declaration for a package of another author.
#[derive(Debug, Clone)]
pub struct Declare {
    /// The package that it declares.
    pub package: Matcher,
    /// The declaration, as TOML text in root form; with its baked files once the policy is loaded.
    pub declaration: String,
    /// The files that a bake wrote beside the policy, until they are a part of the declaration.
    pub baked: Vec<Baked>,
    /// The digest of the package's files that the declaration was made from, `sha256:…`.
    pub digest: Option<String>,
    /// The claim of the entry, as [`Allow::untrusted`].
    pub untrusted: Option<String>,
}

/// One text for a file in OUT_DIR.
#[derive(Debug, Clone)]
pub struct Baked {
    /// The path of the file in OUT_DIR.
    pub path: String,
    /// The kept file, whose content is a text of the schema: `${…}` are variables, `$$` a dollar sign.
    pub file: PathBuf,
    /// The digest of the kept file, `sha256:…`.
    pub digest: String,
    /// The condition under which OUT_DIR gets the file; `None` means always.
    pub when: Option<String>,
    /// The place in the policy.
    pub span: Span,
}

/// A `[[review]]` entry: a declaration with capabilities that require a review.
#[derive(Debug, Clone)]
pub struct Reviewed {
    /// The package of the declaration.
    pub package: Matcher,
    /// The digest of every file of the package.
    pub digest: String,
    /// The capabilities that were reviewed.
    pub capabilities: BTreeSet<Capability>,
    /// The reason for the entry.
    pub reason: String,
    /// The person who reviewed it.
    pub reviewer: Option<String>,
    /// The last day on which the entry is valid.
    pub expires: Option<Date>,
    /// True if it was added by `init --baseline` and not reviewed.
    pub baseline: bool,
}

/// A `[[verified]]` entry: a derivation that `cargo inert verify` found equal to the script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The package of the script.
    pub package: Matcher,
    /// The digest of the package and its derivation: see `plan/verified`.
    pub digest: String,
    /// The number of cases in which both were equal.
    pub cases: u64,
    /// The triple of the host on which they were compared.
    pub host: String,
    /// The claim of the entry, as [`Allow::untrusted`].
    pub untrusted: Option<String>,
}

/// A `[[proc-macro]]` entry: a macro that may run in the compiler with `proc-macros = "review"`.
#[derive(Debug, Clone)]
pub struct ReviewedMacro {
    /// The package of the macro.
    pub package: Matcher,
    /// The digest of every file of the package.
    pub digest: String,
    /// The digests of the packages that are linked into it, in the form of [`Allow::build_dependencies`].
    pub dependencies: Vec<String>,
    /// The reason for the entry.
    pub reason: String,
    /// The last day on which the entry is valid.
    pub expires: Option<Date>,
}

/// The package of an entry: its name, and version and source if they are given; with the location of the entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matcher {
    /// The exact name of the package.
    pub name: String,
    /// The exact version; `None` matches any.
    pub version: Option<String>,
    /// The exact source; `None` matches any.
    pub source: Option<String>,
    /// The span of the entry.
    pub span: Span,
    /// The line of the entry.
    pub line: usize,
    /// The file of the entry.
    pub file: PathBuf,
}

/// The location of an entry of a policy file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryPlace {
    /// The path of the file.
    pub file: PathBuf,
    /// The line on which the entry begins.
    pub line: usize,
}

impl Matcher {
    /// Returns whether the entry is for this package.
    #[must_use]
    pub fn matches(&self, id: &PackageId, source: &str) -> bool {
        self.name == id.name
            && self.version.as_ref().is_none_or(|version| *version == id.version)
            && self.source.as_ref().is_none_or(|expected| expected == source)
    }

    /// Returns the location as `file:line`.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}:{}", self.file.display(), self.line)
    }

    /// Returns the location of the entry.
    #[must_use]
    pub fn entry(&self) -> EntryPlace {
        EntryPlace { file: self.file.clone(), line: self.line }
    }
}

impl std::fmt::Display for Matcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.version {
            Some(version) => write!(f, "{} {version}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// Returns whether an entry that expires is still valid.
#[must_use]
pub fn holds(expires: Option<Date>, today: Date) -> bool {
    expires.is_none_or(|last| today <= last)
}

impl Policy {
    /// Returns the `[[allow]]` entries for a package's script that have not expired.
    pub fn allowed<'a>(
        &'a self,
        id: &'a PackageId,
        source: &'a str,
        today: Date,
    ) -> impl Iterator<Item = &'a Allow> {
        self.allow
            .iter()
            .filter(move |entry| entry.package.matches(id, source) && holds(entry.expires, today))
    }

    /// Returns the entry that denies a package, if there is one.
    #[must_use]
    pub fn denied(&self, id: &PackageId, source: &str) -> Option<&Deny> {
        self.deny_packages.iter().find(|entry| entry.package.matches(id, source))
    }
}

/// A part of the tree's policy that counts only if the user accepts it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    /// The text of the claim for messages.
    pub text: String,
    /// The digest of all that the claim permits, by which it is accepted.
    pub key: String,
    /// The file that makes the claim.
    pub file: PathBuf,
    /// The line of the claim; 0 for a rule.
    pub line: usize,
}

/// A policy file with errors.
#[derive(Debug)]
pub struct BadPolicy {
    /// The path of the file.
    pub path: PathBuf,
    /// The text of the file.
    pub text: String,
    /// All errors in the file.
    pub diagnostics: Vec<inert_manifest_spec::Diagnostic>,
}
