//! Collects the build scripts of the whole Cargo.lock and their decisions by the workspace's own policy, from `cargo
//! metadata --all-features`, which lists all packages for all platforms. Nothing is compiled; missing packages are
//! downloaded.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, Node, Target};

use super::context::{Context, Failure};
use super::questions;
use crate::cargo;
use crate::cargo::invocation::Invocation;
use crate::cargo::package::{Package, PackageId, pin_source};
use crate::console::Progress;
use crate::lock::entry::{self, Script};
use crate::lock::{Lock, configuration};
use crate::plan::closure::closure_content;
use crate::plan::model::{BadDeclaration, Declared, PlanError};
use crate::plan::{declaration, derivation};
use crate::policy::Policy;
use crate::policy::rules::Rules;

/// A build script of Cargo.lock.
#[derive(Debug)]
pub struct Found {
    /// The package of the script.
    pub package: Package,
    /// The source of the package, as pins name it.
    pub source: String,
    /// The root file of the script.
    pub path: PathBuf,
    /// True if the package is a member of the workspace.
    pub member: bool,
    /// The declaration that applies.
    pub declared: Option<Declared>,
    /// All packages that may be linked into the script, on any host and with any feature.
    pub closure: BTreeMap<PackageId, PathBuf>,
}

impl Found {
    /// Returns the script in the form that entries are made from.
    #[must_use]
    pub fn script(&self) -> Script<'_> {
        Script {
            package: &self.package,
            source: &self.source,
            path: &self.path,
            member: self.member,
            declared: self.declared.as_ref(),
        }
    }
}

/// All build scripts of a workspace.
#[derive(Debug)]
pub struct All {
    /// The build scripts, one for each package with one.
    pub scripts: Vec<Found>,
    /// The root of the workspace.
    pub root: PathBuf,
    /// The folders of its members.
    pub members: BTreeSet<PathBuf>,
    /// The workspace's own policy.
    pub policy: Policy,
}

/// Returns the current lock.
///
/// # Errors
/// See [`all`] for the errors.
pub fn collect(context: &Context, invocation: &Invocation) -> Result<Lock, Failure> {
    let all = all(context, invocation)?;
    let mut lock = Lock { rules: Some(Rules::of(&all.policy)), ..Lock::default() };
    for found in &all.scripts {
        let script = found.script();
        let io = |error| Failure::Io(found.package.root.display().to_string(), error);
        let mut entry = entry::entry(&script, &all.policy).map_err(io)?;
        let mut entries = all.policy.allow.iter();
        let pinned = entries.any(|allowed| allowed.package.matches(&found.package.id, &found.source));
        if entry.decision == "run" && pinned && !found.closure.is_empty() {
            entry.inputs = Some(closure_content(&found.closure).map_err(io)?);
        }
        lock.scripts.insert(entry::key(&script), entry);
    }
    lock.configuration = configuration::locked(&all.root, &all.members, &all.policy);
    Ok(lock)
}

/// Finds every script of Cargo.lock with its declaration.
///
/// # Errors
/// Cargo cannot list the packages (offline, and some are not downloaded), a declaration is invalid, or a file cannot be
/// read.
pub fn all(context: &Context, invocation: &Invocation) -> Result<All, Failure> {
    let (all, bad) = all_but_invalid(context, invocation)?;
    if bad.is_empty() { Ok(all) } else { Err(Failure::Plan(PlanError::Declarations(bad))) }
}

/// As [`all`], but a dependency's invalid declaration counts as none, and is in the second part of the result.
///
/// # Errors
/// As [`all`]; of the invalid declarations, those of members.
pub fn all_but_invalid(
    context: &Context,
    invocation: &Invocation,
) -> Result<(All, Vec<BadDeclaration>), Failure> {
    let root = &questions::workspace(context, invocation)?.workspace_root;
    crate::digest::judge_apart(root);
    let policy = Policy::of_tree(root).map_err(Failure::Policy)?;
    let metadata = metadata(context, invocation)?;
    let derivations = derivation::Cache::of(&context.environment);
    let members: BTreeSet<&str> = metadata.workspace_members.iter().map(|id| id.repr.as_str()).collect();
    let linked = Linked::of(&metadata);
    let mut scripts = Vec::new();
    let (mut bad, mut of_members) = (Vec::new(), Vec::new());
    let mut folders = BTreeSet::new();
    let is_script = |target: &Target| target.is_custom_build();
    let with_script = metadata.packages.iter().filter(|found| found.targets.iter().any(is_script)).count();
    let mut progress = Progress::new("Reading", "build scripts", with_script);
    for found in &metadata.packages {
        let folder = found.manifest_path.parent().map_or(root.as_path(), |folder| folder.as_std_path());
        let member = members.contains(found.id.repr.as_str());
        if member {
            folders.insert(folder.to_path_buf());
        }
        for target in found.targets.iter().filter(|target| is_script(target)) {
            let id = PackageId::parse(&found.id.repr).ok_or_else(|| {
                Failure::Unexpected(format!(
                    "cargo named a package in a form that is not known: {}",
                    found.id
                ))
            })?;
            progress.step(&id.to_string());
            let package = Package::in_folder(id, folder).map_err(Failure::Unexpected)?;
            let source = pin_source(&package, root);
            let script = target.src_path.as_std_path();
            let declared = match declaration::declaration(&package, script, &source, &policy, &derivations) {
                Ok(declared) => declared.ok(),
                Err(error) if member => {
                    of_members.push(error);
                    continue;
                }
                Err(mut error) => {
                    error.via = vec!["Cargo.lock".to_owned(), package.id.to_string()];
                    bad.push(error);
                    None
                }
            };
            let (path, closure) = (script.to_path_buf(), linked.of_script(&found.id.repr));
            scripts.push(Found { package, source, path, member, declared, closure });
        }
    }
    if !of_members.is_empty() {
        of_members.extend(bad);
        return Err(Failure::Plan(PlanError::Declarations(of_members)));
    }
    Ok((All { scripts, root: root.clone(), members: folders, policy }, bad))
}

fn metadata(context: &Context, invocation: &Invocation) -> Result<Metadata, Failure> {
    let mut command = context.cargo("metadata");
    command.args(["--all-features", "--format-version=1"]).args(invocation.everywhere());
    let answer = cargo::ask(&mut command, &context.cwd)
        .map_err(|error| Failure::Io(context.cargo.display().to_string(), error))?
        .map_err(Failure::Cargo)?;
    cargo::metadata::parse(&answer).map_err(Failure::Unexpected)
}

/// The dependency graph of `cargo metadata`.
struct Linked<'a> {
    nodes: BTreeMap<&'a str, &'a Node>,
    folders: BTreeMap<&'a str, &'a Path>,
}

impl<'a> Linked<'a> {
    fn of(metadata: &'a Metadata) -> Self {
        let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
        let packages = metadata.packages.iter();
        Self {
            nodes: nodes.map(|node| (node.id.repr.as_str(), node)).collect(),
            folders: packages
                .filter_map(|package| {
                    Some((package.id.repr.as_str(), package.manifest_path.parent()?.as_std_path()))
                })
                .collect(),
        }
    }

    /// Returns all packages that may be linked into a script on any host.
    fn of_script(&self, id: &str) -> BTreeMap<PackageId, PathBuf> {
        let mut closure = BTreeMap::new();
        let mut pending = self.dependencies(id, true);
        while let Some(next) = pending.pop() {
            let Some(parsed) = PackageId::parse(next) else { continue };
            let Some(folder) = self.folders.get(next) else { continue };
            if closure.insert(parsed, folder.to_path_buf()).is_none() {
                pending.extend(self.dependencies(next, false));
            }
        }
        closure
    }

    fn dependencies(&self, id: &str, of_script: bool) -> Vec<&'a str> {
        let edges = self.nodes.get(id).map(|node| node.deps.as_slice()).unwrap_or_default();
        let wanted = |kind: DependencyKind| match kind {
            DependencyKind::Build => true,
            DependencyKind::Development => false,
            _ => !of_script,
        };
        let kept = edges.iter().filter(|edge| edge.dep_kinds.iter().any(|kind| wanted(kind.kind)));
        kept.map(|edge| edge.pkg.repr.as_str()).collect()
    }
}
