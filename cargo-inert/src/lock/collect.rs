//! Every build script of Cargo.lock, decided by the workspace's own policy: from `cargo metadata --all-features`, which
//! names all packages for all platforms. Nothing is compiled; what is not downloaded yet is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::entry::{self, Script};
use super::{Lock, configuration};
use crate::cargo;
use crate::cargo::invocation::Invocation;
use crate::cargo::package::{Package, PackageId};
use crate::derivation;
use crate::driver::{Context, Failure};
use crate::plan::make::{PlanError, closure_digest, pin_source};
use crate::plan::{Origin, decide};
use crate::policy::Policy;

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<MetadataPackage>,
    workspace_members: Vec<String>,
    workspace_root: PathBuf,
    resolve: Option<Resolve>,
}

#[derive(Debug, Deserialize)]
struct MetadataPackage {
    id: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Target {
    kind: Vec<String>,
    src_path: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Debug, Deserialize)]
struct Kind {
    kind: Option<String>,
}

/// Makes the lock as it holds now.
///
/// # Errors
/// Cargo cannot name the packages (offline, and not all are downloaded), a declaration is bad, or a file cannot be read.
pub fn collect(context: &Context, invocation: &Invocation) -> Result<Lock, Failure> {
    let metadata = metadata(context, invocation)?;
    let root = &metadata.workspace_root;
    let policy = Policy::find(&[], Some(root), None).map_err(Failure::Policy)?;
    let derivations = derivation::Cache::of(&context.environment);
    let members: BTreeSet<&str> = metadata.workspace_members.iter().map(String::as_str).collect();
    let mut lock = Lock::default();
    let mut bad = Vec::new();
    let mut folders = BTreeSet::new();
    for found in &metadata.packages {
        let folder = found.manifest_path.parent().unwrap_or(root);
        let member = members.contains(found.id.as_str());
        if member {
            folders.insert(folder.to_path_buf());
        }
        for target in
            found.targets.iter().filter(|target| target.kind.iter().any(|kind| kind == "custom-build"))
        {
            let id = PackageId::parse(&found.id).ok_or_else(|| {
                Failure::Unexpected(format!(
                    "cargo named a package in a form that is not known: {}",
                    found.id
                ))
            })?;
            let package = Package::in_folder(id, folder).map_err(Failure::Unexpected)?;
            let source = pin_source(&package, root);
            let declared =
                match decide::declaration(&package, &target.src_path, &source, &policy, &derivations) {
                    Ok(declared) => declared.ok(),
                    Err(error) => {
                        bad.push(error);
                        continue;
                    }
                };
            let script = Script {
                package: &package,
                source: &source,
                path: &target.src_path,
                member,
                declared: declared.as_ref(),
            };
            let io = |error| Failure::Io(folder.display().to_string(), error);
            let mut entry = entry::entry(&script, &policy).map_err(io)?;
            let pinned = policy.allow.iter().any(|allowed| allowed.package.matches(&package.id, &source));
            if entry.decision == "run" && entry.by == name(Origin::Policy) && pinned {
                entry.inputs = inputs(&metadata, &found.id).map_err(io)?;
            }
            lock.scripts.insert(entry::key(&script), entry);
        }
    }
    if !bad.is_empty() {
        return Err(Failure::Plan(PlanError::Declarations(bad)));
    }
    lock.configuration = configuration::digests(root, &folders);
    Ok(lock)
}

fn name(origin: Origin) -> String {
    serde_json::to_value(origin).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn metadata(context: &Context, invocation: &Invocation) -> Result<Metadata, Failure> {
    let mut command = context.cargo("metadata");
    command.args(["--all-features", "--format-version=1"]).args(invocation.everywhere());
    let answer = cargo::ask(&mut command, &context.cwd)
        .map_err(|error| Failure::Io(context.cargo.display().to_string(), error))?
        .map_err(Failure::Cargo)?;
    serde_json::from_slice(&answer).map_err(|error| Failure::Unexpected(format!("cargo metadata: {error}")))
}

/// Digest of all that could be linked into a script on any host; none where nothing is.
fn inputs(metadata: &Metadata, id: &str) -> std::io::Result<Option<String>> {
    let nodes: BTreeMap<&str, &Node> = metadata
        .resolve
        .iter()
        .flat_map(|resolve| &resolve.nodes)
        .map(|node| (node.id.as_str(), node))
        .collect();
    let folders: BTreeMap<&str, &Path> = metadata
        .packages
        .iter()
        .filter_map(|package| Some((package.id.as_str(), package.manifest_path.parent()?)))
        .collect();
    let of_kind = |id: &str, script: bool| -> Vec<&str> {
        let edges = nodes.get(id).map(|node| node.deps.as_slice()).unwrap_or_default();
        let wanted = |kind: &Kind| match kind.kind.as_deref() {
            Some("build") => true,
            Some("dev") => false,
            _ => !script,
        };
        edges.iter().filter(|edge| edge.dep_kinds.iter().any(wanted)).map(|edge| edge.pkg.as_str()).collect()
    };
    let mut closure = BTreeMap::new();
    let mut pending = of_kind(id, true);
    while let Some(next) = pending.pop() {
        let Some(parsed) = PackageId::parse(next) else { continue };
        let Some(folder) = folders.get(next) else { continue };
        if closure.insert(parsed, folder.to_path_buf()).is_none() {
            pending.extend(of_kind(next, false));
        }
    }
    if closure.is_empty() { Ok(None) } else { closure_digest(&closure).map(Some) }
}
