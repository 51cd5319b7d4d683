//! Reuses a plan that is still valid, at the cost of a few stat calls.
//!
//! A plan is stored in the user's state folder, by the command, its folder and Cargo's variables, with a journal of
//! every file that the plan was made from, including configuration and absent files.

use std::path::{Path, PathBuf};

use inert_manifest_spec::{Fact, Link, PathRef};
use inert_resolver::{Journal, World};

use super::build::Ready;
use super::context::Context;
use super::judged::Judged;
use super::prepare::Prepared;
use crate::artifacts::build_dir::BuildDir;
use crate::cargo::configuration::env;
use crate::cargo::invocation::Invocation;
use crate::cargo::metadata::Workspace;
use crate::cargo::package::{Package, PackageId};
use crate::cargo::recording::Recording;
use crate::cargo::unit_graph::UnitGraph;
use crate::digest;
use crate::environment::current_exe;
use crate::file::write_atomic;
use crate::plan::model::{MacroPin, Origin, Plan};

/// The prefixes of variables that may change what Cargo plans. Others count only if a declaration names them.
const PREFIXES: &[&str] = &["CARGO", "RUST", "INERT", "XDG", "HOME", "PATH", "USERPROFILE", "LOCALAPPDATA"];

/// The folders of a package in which Cargo discovers targets.
const DISCOVERED: &[&str] = &["", "src", "src/bin", "tests", "examples", "benches"];

/// A stored plan.
#[derive(Debug)]
pub struct Cached {
    path: PathBuf,
}

impl Cached {
    /// Removes the stored plan.
    pub fn forget(&self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

fn place(context: &Context, invocation: &Invocation, judged: &Judged) -> Option<PathBuf> {
    let mut text = format!(
        "{}\0{}\0{}\0",
        current_exe().ok()?.display(),
        context.cwd.display(),
        context.cargo.display()
    );
    text.push_str(&invocation.command);
    for argument in &invocation.arguments {
        text.push('\0');
        text.push_str(&argument.to_string_lossy());
    }
    if let Some(policy) = &invocation.policy {
        text.push_str(&format!("\0--policy\0{}", policy.display()));
    }
    text.push_str(&format!("\0{:?}\0{:?}\0{:?}", invocation.deny, invocation.trust, invocation.trailing));
    text.push_str(&format!("\0{:?}\0{:?}", invocation.libraries, invocation.library));
    // The accepted settings are part of the key: the program that a name resolves to can change without a change of a
    // watched file.
    text.push_str(&format!("\0{}", judged.text()));
    for (name, value) in &context.environment.variables {
        let name = name.to_string_lossy();
        if PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
            text.push_str(&format!("\0{name}={}", value.to_string_lossy()));
        }
    }
    // The day is part of the key, since policy entries expire.
    text.push_str(&format!("\0{}", crate::policy::Date::today()));
    let state = context.environment.state_dir()?;
    Some(state.join("plans").join(&digest::text(&text)[..32]))
}

/// Returns the stored plan for this command, if there is one that is still valid.
#[must_use]
pub fn find(context: &Context, invocation: &Invocation, judged: &Judged) -> Option<(Ready, Cached)> {
    let path = place(context, invocation, judged)?;
    let text = std::fs::read_to_string(&path).ok()?;
    let (ready, journal) = text.split_once('\n')?;
    let ready: Ready = serde_json::from_str(ready).ok()?;
    let environment = env::applied(&ready.variables, &context.environment);
    let environment = environment.variables.into_iter().collect();
    Journal::parse(journal).ok()?.still_valid(&environment).ok()?;
    // The build dir may have been wiped, or may not be Inert's any more.
    if !ready.build_dir.is_dir() {
        return None;
    }
    let dir = BuildDir::open(&ready.build_dir, &context.environment).ok()?;
    let whole = crate::plan::seal::digest(&dir.plan(&ready.plan)).is_ok_and(|digest| digest == ready.digest);
    whole.then_some((ready, Cached { path }))
}

/// Stores a plan. If that fails, only time is lost.
pub fn keep(context: &Context, invocation: &Invocation, prepared: &Prepared, ready: &Ready) {
    let Some(path) = place(context, invocation, &prepared.judged) else { return };
    if let (Some(folder), Ok(ready)) = (path.parent(), serde_json::to_string(ready)) {
        let _ = std::fs::create_dir_all(folder);
        let _ = write_atomic(&path, format!("{ready}\n{}", prepared.journal.to_text()).as_bytes());
    }
}

/// The data that a plan was made from.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "fields of Prepared, but for the last: `--locked`")]
pub struct Watched<'a> {
    pub workspace: &'a Workspace,
    pub graph: &'a UnitGraph,
    pub recording: &'a Recording,
    pub plan: &'a Plan,
    pub policy: &'a crate::policy::Policy,
    pub judged: &'a Judged,
    pub located: &'a std::collections::BTreeMap<PathBuf, PathBuf>,
    pub locked: bool,
}

/// Records all inputs of a plan.
#[must_use]
pub fn watch(context: &Context, watched: &Watched<'_>) -> Journal {
    let Watched { workspace, graph, recording, plan, policy, judged, located, locked } = *watched;
    let mut world = World::new(context.environment.variables.clone().into_iter().collect(), PathBuf::new());
    let mut read = |path: &Path| drop(world.read(path));
    read(&workspace.lock_file());
    read(&workspace.workspace_root.join("Cargo.toml"));
    workspace.manifests().for_each(&mut read);
    located.values().for_each(|manifest| read(manifest));
    read(&workspace.workspace_root.join(crate::policy::FILE));
    read(&workspace.workspace_root.join(crate::lock::FILE));
    policy.files.iter().chain(&policy.record).for_each(|path| read(path));
    judged.paths().for_each(&mut read);
    for folder in context.cwd.ancestors() {
        for name in ["rust-toolchain.toml", "rust-toolchain"] {
            read(&folder.join(name));
        }
    }
    let home =
        context.environment.get("HOME").or_else(|| context.environment.get("USERPROFILE")).map(PathBuf::from);
    let of = |variable: &str, name: &str| {
        let set = context.environment.get(variable).map(PathBuf::from);
        set.or_else(|| Some(home.as_ref()?.join(name)))
    };
    if let Some(rustup_home) = of("RUSTUP_HOME", ".rustup") {
        read(&rustup_home.join("settings.toml"));
    }
    if let Some(user) = context.environment.config_dir() {
        read(&user.join(crate::policy::FILE));
    }
    for decision in &plan.decisions {
        read(&decision.script);
        read(&decision.package.root.join("Cargo.toml"));
        for input in decision.declared.iter().flat_map(|declared| &declared.inputs) {
            read(&decision.package.root.join(input));
        }
    }
    for decision in &plan.decisions {
        let condition =
            decision.declared.as_ref().and_then(|declared| declared.declaration.unsupported.as_ref());
        let Some(condition) = condition else { continue };
        condition.for_each_fact(&mut |fact| match fact {
            Fact::PathExists(path) => drop(world.kind(&decision.package.root.join(path))),
            Fact::Program(name) => drop(world.may_start(name)),
            _ => {}
        });
    }
    if policy.undecided != crate::policy::Undecided::Deny {
        let _ = world.kind(&crate::plan::wasm_first::library(&recording.rustc.sysroot));
    }
    let mut all = true;
    for decision in &plan.decisions {
        let Some(declared) = &decision.declared else { continue };
        if policy.derived == crate::policy::Derived::Verified && declared.origin == Origin::Derived {
            all &= whole(&mut world, &decision.package.root);
        }
        // A file that is linked as the package ships it may have passed by its contents.
        for item in &declared.declaration.link {
            if let Link::Search { path: PathRef::Package(folder), files, .. } = &item.value {
                let folder = decision.package.root.join(&folder.0);
                files.iter().for_each(|file| world.uses(&folder.join(file)));
            }
        }
        // The entry that declares it may say which files it was made from.
        let mut entries = policy.declare.iter();
        let entry = entries.find(|entry| entry.package.matches(&decision.package.id, &decision.source));
        if declared.origin == Origin::Policy && entry.is_some_and(|entry| entry.digest.is_some()) {
            all &= whole(&mut world, &decision.package.root);
        }
    }
    for decision in plan.decisions.iter().filter(|decision| decision.pinned.is_some()) {
        // An allowed script remains allowed as long as none of its files changes.
        for root in decision.build_closure.values().chain([&decision.package.root]) {
            all &= whole(&mut world, root);
        }
    }
    for root in plan.pinned.macros.values().flat_map(MacroPin::roots) {
        all &= whole(&mut world, root);
    }
    if locked && world.read(&workspace.workspace_root.join(crate::lock::FILE)).is_ok() {
        // The lock holds a digest of every package with a script, replaced or not, and `--locked` promises that they
        // match. Without `--locked`, Cargo's own freshness check covers the compiled packages.
        for decision in plan.decisions.iter().filter(|decision| !decision.member && decision.pinned.is_none())
        {
            all &= whole(&mut world, &decision.package.root);
        }
    }
    for tool in [&recording.rustc.path, &context.cargo] {
        world.uses(tool);
    }
    let inert = [
        current_exe().ok(),
        crate::environment::sibling("inert").ok(),
        crate::environment::sibling("inert-stand-in").ok(),
    ];
    inert.into_iter().flatten().for_each(|path| world.uses(&path));
    let mut roots = std::collections::BTreeSet::new();
    for unit in &graph.units {
        if let Some(id) = PackageId::parse(&unit.pkg_id).filter(PackageId::is_path)
            && let Ok(package) = Package::locate(id, &unit.target.src_path)
        {
            roots.insert(package.root);
        }
    }
    for root in roots {
        let _ = world.read(&root.join("Cargo.toml"));
        for folder in DISCOVERED {
            let _ = world.list(&root.join(folder));
        }
    }
    for variable in &plan.variables {
        world.env(variable);
    }
    let mut journal = world.journal;
    if !all {
        journal.never_holds();
    }
    journal.entries.extend(plan.providers.journal.entries.iter().cloned());
    journal
}

/// Records every path that [`digest::package`] depends on. Returns false if some change could go unnoticed.
fn whole(world: &mut World, root: &Path) -> bool {
    let Ok(paths) = digest::paths(root) else { return false };
    for path in &paths {
        if path.to_str().is_none() {
            return false;
        }
        if path.symlink_metadata().is_ok_and(|found| found.is_dir()) {
            let _ = world.list(path);
        } else {
            world.uses(path);
        }
    }
    true
}
