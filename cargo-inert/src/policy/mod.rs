//! The user's word: `inert.toml` of the invoking workspace, `--policy`, or the user's own. Never one found inside a
//! package.

mod read;

use std::path::{Path, PathBuf};

use inert_manifest_spec::Span;

use crate::cargo::invocation::DenyBuildScripts;
use crate::cargo::package::PackageId;

/// File name at the workspace's root.
pub const FILE: &str = "inert.toml";

/// A policy file, read.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Where it was read from; `None` where there is none.
    pub path: Option<PathBuf>,
    /// Its text.
    pub text: String,
    /// `[policy] deny-build-scripts`.
    pub deny: DenyBuildScripts,
    /// `[policy] members`: whether the workspace's own members may run scripts that nothing else decides.
    pub members: Members,
    /// `[policy] configuration`: what Cargo's configuration inside the tree may say.
    pub configuration: TreeConfiguration,
    /// `[[allow]]`.
    pub allow: Vec<Allow>,
    /// `[[deny]]`.
    pub deny_packages: Vec<Matcher>,
    /// `[[declare]]`.
    pub declare: Vec<Declare>,
}

/// What the workspace's own members may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Members {
    /// Run their scripts: it is their code that is being built.
    #[default]
    Allow,
    /// No more than dependencies may.
    Deny,
}

/// What Cargo's configuration inside the tree may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TreeConfiguration {
    /// It may not put programs of the tree in the compiler's place.
    #[default]
    Deny,
    /// All that Cargo understands.
    Allow,
}

/// `[[allow]]`: one script that may run as it is, pinned to what was reviewed.
#[derive(Debug, Clone)]
pub struct Allow {
    /// Which package.
    pub package: Matcher,
    /// Digest of every file of it.
    pub digest: String,
    /// Digests of its resolved build-dependencies, one for each set that was reviewed (hosts may differ).
    pub build_dependencies: Vec<String>,
    /// Why.
    pub reason: String,
}

/// `[[declare]]`: a declaration for somebody else's package.
#[derive(Debug, Clone)]
pub struct Declare {
    /// Which package.
    pub package: Matcher,
    /// The declaration, as TOML text in root form.
    pub declaration: String,
}

/// Name, and where given version and source.
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
}

impl Matcher {
    /// Whether it is about this package.
    #[must_use]
    pub fn matches(&self, id: &PackageId, source: &str) -> bool {
        self.name == id.name
            && self.version.as_ref().is_none_or(|version| *version == id.version)
            && self.source.as_ref().is_none_or(|expected| expected == source)
    }
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

impl Policy {
    /// Reads a policy file that must be there.
    ///
    /// # Errors
    /// It cannot be read, or something in it is wrong.
    pub fn load(path: &Path) -> Result<Self, BadPolicy> {
        let bad = |text: String, diagnostics| BadPolicy { path: path.to_path_buf(), text, diagnostics };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                let message = format!("the policy cannot be read: {error}");
                let diagnostic =
                    inert_manifest_spec::Diagnostic::error("inert::policy::unreadable", message, 0..0);
                return Err(bad(String::new(), vec![diagnostic]));
            }
        };
        let (mut policy, diagnostics) = read::policy(&text);
        if !diagnostics.is_empty() {
            return Err(bad(text, diagnostics));
        }
        policy.path = Some(path.to_path_buf());
        policy.text = text;
        Ok(policy)
    }

    /// The policy for a build: the file that was named, else the workspace's, else the user's own, else the default.
    ///
    /// # Errors
    /// The one that applies is bad. None is ever passed over because it is.
    pub fn find(
        named: Option<&Path>,
        workspace: Option<&Path>,
        user: Option<&Path>,
    ) -> Result<Self, BadPolicy> {
        if let Some(path) = named {
            return Self::load(path);
        }
        let candidates = [workspace.map(|root| root.join(FILE)), user.map(|folder| folder.join(FILE))];
        for path in candidates.into_iter().flatten() {
            if path.symlink_metadata().is_ok() {
                return Self::load(&path);
            }
        }
        Ok(Self::default())
    }
}
