//! What a policy says: data only.

use std::collections::BTreeSet;
use std::path::PathBuf;

use inert_manifest_spec::{Capability, Span};

use super::date::Date;
use super::libraries::Libraries;
use super::outputs::Outputs;
use super::rights::Rights;
use crate::cargo::invocation::DenyBuildScripts;
use crate::cargo::package::PackageId;

/// File name at the workspace's root.
pub const FILE: &str = "inert.toml";

/// The variable that names a minimum policy from outside the tree, as `--policy` does.
pub const VARIABLE: &str = "INERT_POLICY";

/// Capabilities that pass unreviewed where the policy says nothing (design: all but shipped binaries, link arguments off
/// the common list, and tools).
pub const UNREVIEWED: &[Capability] = &[
    Capability::Cfg,
    Capability::Env,
    Capability::File,
    Capability::Probe,
    Capability::Library,
    Capability::Cc,
];

/// What a build goes by.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The file to which decisions are added; `None` where there is none yet.
    pub path: Option<PathBuf>,
    /// Every file that took part.
    pub files: Vec<PathBuf>,
    /// `[policy] deny-build-scripts`, and `dependencies = "declared"`.
    pub deny: DenyBuildScripts,
    /// `[policy] members`: whether the workspace's own members may run scripts that nothing else decides.
    pub members: Members,
    /// `[policy] configuration`: what Cargo's configuration inside the tree may say.
    pub configuration: TreeConfiguration,
    /// `[[configuration]]`: files of it that were looked at.
    pub accepted: Vec<AcceptedConfiguration>,
    /// `[policy] capabilities`: what a declaration may do without review.
    pub capabilities: BTreeSet<Capability>,
    /// `[policy] undecided`.
    pub undecided: Undecided,
    /// `[policy] proc-macros`.
    pub proc_macros: ProcMacros,
    /// `[sandbox] rustc`.
    pub rustc: ConfineRustc,
    /// `[sandbox] unavailable`, of the user's own policy.
    pub unavailable: Unavailable,
    /// `[[allow]]`.
    pub allow: Vec<Allow>,
    /// `[[compile]]`.
    pub compile: Vec<Compile>,
    /// `[[deny]]`.
    pub deny_packages: Vec<Deny>,
    /// `[[declare]]`.
    pub declare: Vec<Declare>,
    /// `[[review]]`.
    pub review: Vec<Reviewed>,
    /// `[[proc-macro]]`.
    pub macros: Vec<ReviewedMacro>,
    /// `[libraries]`, `[library-kind]`, `[library-prefix]`, for all targets and for some.
    pub libraries: Libraries,
    /// What the tree's own file claims and the user has not accepted.
    pub unaccepted: Vec<Claim>,
    /// Digest of all that it claims, by which it is accepted.
    pub claims: String,
    /// Where it is recorded what is accepted, there or not.
    pub record: Option<PathBuf>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            path: None,
            files: Vec::new(),
            deny: DenyBuildScripts::No,
            members: Members::default(),
            configuration: TreeConfiguration::Deny,
            accepted: Vec::new(),
            capabilities: UNREVIEWED.iter().copied().collect(),
            undecided: Undecided::default(),
            proc_macros: ProcMacros::Allow,
            rustc: ConfineRustc::default(),
            unavailable: Unavailable::Deny,
            allow: Vec::new(),
            compile: Vec::new(),
            deny_packages: Vec::new(),
            declare: Vec::new(),
            review: Vec::new(),
            macros: Vec::new(),
            libraries: Libraries::default(),
            unaccepted: Vec::new(),
            claims: String::new(),
            record: None,
        }
    }
}

/// What the workspace's own members may do. In the order of strictness, as the other rules here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Members {
    /// Run their scripts: it is their code that is being built.
    Allow,
    /// Run them, and say no more to Cargo than a declaration could.
    Checked,
    /// That, with the rights of the profile `script`: who builds a tree has not read it yet.
    #[default]
    Confined,
    /// No more than dependencies may.
    Deny,
}

/// Whether rustc is confined, in the order of strictness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum ConfineRustc {
    /// It is not.
    Off,
    /// Where this machine can.
    #[default]
    Available,
    /// It is, or the build is refused.
    Confine,
}

/// What becomes of what has to be confined where this machine cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Unavailable {
    /// It runs, which is said at every build.
    Run,
    /// It is refused.
    #[default]
    Deny,
}

/// What Cargo's configuration inside the tree may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum TreeConfiguration {
    /// All that Cargo understands.
    Allow,
    /// It may not put programs of the tree in the compiler's place.
    #[default]
    Deny,
}

/// `[[configuration]]`: a file of Cargo's configuration that may say what the tree otherwise may not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedConfiguration {
    /// The file, from the folder of the policy's own.
    pub path: PathBuf,
    /// Of all of it.
    pub digest: String,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Option<Date>,
    /// Its line.
    pub line: usize,
}

/// What becomes of a script that nothing decides, in the order of strictness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Undecided {
    /// It runs with the rights of the profile `script`, and says no more to Cargo than a declaration could.
    Confine,
    /// It is refused.
    #[default]
    Deny,
}

/// What is asked of proc macros, which run in the compiler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum ProcMacros {
    /// Nothing: they are counted and named by `audit`.
    #[default]
    Allow,
    /// A `[[proc-macro]]` entry for each that is not a member's.
    Review,
}

/// `[[allow]]`: one script that may run as it is, pinned to what was reviewed.
#[derive(Debug, Clone)]
pub struct Allow {
    /// Which package.
    pub package: Matcher,
    /// Digest of every file of it.
    pub digest: String,
    /// Digests of its resolved build-dependencies, one for each set that was reviewed (hosts may differ); or `name version
    /// digest` for each package.
    pub build_dependencies: Vec<String>,
    /// Why.
    pub reason: String,
    /// Who looked at it.
    pub reviewer: Option<String>,
    /// The last day on which it holds.
    pub expires: Option<Date>,
    /// What it may do besides what every script may that runs.
    pub rights: Rights,
    /// What it may tell Cargo besides what a declaration may.
    pub outputs: Outputs,
    /// As what it is compiled and run.
    pub runtime: Runtime,
    /// Taken over by `init --baseline`, not reviewed.
    pub baseline: bool,
    /// What it claims, where it came with the tree and the user has not accepted it: see [`trust`](super::trust).
    pub untrusted: Option<String>,
}

/// `run` of an `[[allow]]` entry: as what a script is compiled and run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Runtime {
    /// A program of this machine.
    #[default]
    Native,
    /// A WebAssembly module, which sees its package and OUT_DIR and starts nothing.
    Wasm,
}

/// `[[compile]]`: what rustc, and so the macros that run in it, may besides for one package.
#[derive(Debug, Clone)]
pub struct Compile {
    /// Which package is compiled: its name, and its version where given.
    pub package: Matcher,
    /// What it adds.
    pub rights: Rights,
    /// As [`Allow::untrusted`].
    pub untrusted: Option<String>,
}

/// `[[deny]]`: outranks everything.
#[derive(Debug, Clone)]
pub struct Deny {
    /// Which package.
    pub package: Matcher,
    /// Why.
    pub reason: Option<String>,
}

/// `[[declare]]`: a declaration for somebody else's package.
#[derive(Debug, Clone)]
pub struct Declare {
    /// Which package.
    pub package: Matcher,
    /// The declaration, as TOML text in root form.
    pub declaration: String,
    /// As [`Allow::untrusted`].
    pub untrusted: Option<String>,
}

/// `[[review]]`: a declaration that may do more than passes unreviewed.
#[derive(Debug, Clone)]
pub struct Reviewed {
    /// Which package.
    pub package: Matcher,
    /// Digest of every file of it.
    pub digest: String,
    /// What was reviewed.
    pub capabilities: BTreeSet<Capability>,
    /// Why.
    pub reason: String,
    /// Who looked at it.
    pub reviewer: Option<String>,
    /// The last day on which it holds.
    pub expires: Option<Date>,
    /// Taken over by `init --baseline`, not reviewed.
    pub baseline: bool,
}

/// `[[proc-macro]]`: one that may run in the compiler where `proc-macros = "review"`.
#[derive(Debug, Clone)]
pub struct ReviewedMacro {
    /// Which package.
    pub package: Matcher,
    /// Digest of every file of it.
    pub digest: String,
    /// Of what is linked into it, as [`Allow::build_dependencies`].
    pub dependencies: Vec<String>,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Option<Date>,
}

/// Name, and where given version and source; with where the entry is written.
#[derive(Debug, Clone, Default)]
pub struct Matcher {
    /// Exact.
    pub name: String,
    /// Exact, or any.
    pub version: Option<String>,
    /// Exact, or any.
    pub source: Option<String>,
    /// Where it is written.
    pub span: Span,
    /// Its line.
    pub line: usize,
    /// Its file.
    pub file: PathBuf,
}

/// An entry of a policy file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryPlace {
    /// The file.
    pub file: PathBuf,
    /// The line that it begins on.
    pub line: usize,
}

impl Matcher {
    /// Whether it is about this package.
    #[must_use]
    pub fn matches(&self, id: &PackageId, source: &str) -> bool {
        self.name == id.name
            && self.version.as_ref().is_none_or(|version| *version == id.version)
            && self.source.as_ref().is_none_or(|expected| expected == source)
    }

    /// `file:line`.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}:{}", self.file.display(), self.line)
    }

    /// Where the entry is written.
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

/// Whether something that holds until a day still does.
#[must_use]
pub fn holds(expires: Option<Date>, today: Date) -> bool {
    expires.is_none_or(|last| today <= last)
}

impl Policy {
    /// Entries for a package's script that have not expired.
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

    /// The entry that denies a package, if one does.
    #[must_use]
    pub fn denied(&self, id: &PackageId, source: &str) -> Option<&Deny> {
        self.deny_packages.iter().find(|entry| entry.package.matches(id, source))
    }
}

/// Something that the tree's policy says, and that counts only where it is accepted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    /// As it is shown.
    pub text: String,
    /// What is accepted: a digest of all that the claim says.
    pub key: String,
    /// Where it is written.
    pub file: PathBuf,
    /// Its line; 0 for a rule.
    pub line: usize,
}

/// Something wrong with a policy file.
#[derive(Debug)]
pub struct BadPolicy {
    /// The file.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// What is wrong, all of it.
    pub diagnostics: Vec<inert_manifest_spec::Diagnostic>,
}
