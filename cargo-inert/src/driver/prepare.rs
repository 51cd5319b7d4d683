//! Asks Cargo for the build's own units, and has all of their scripts decided.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::configuration::{merged, user_wrapper};
use super::context::{Context, Failure};
use super::judged::{self, Judged, minima};
use super::located;
use super::questions::{ask_unit_graph, ask_workspace, knows_build_dir};
use crate::artifacts::build_dir::BuildDir;
use crate::cargo::configuration::env;
use crate::cargo::invocation::{self, Invocation};
use crate::cargo::metadata::Workspace;
use crate::cargo::profiles::Profiles;
use crate::cargo::recording::Recording;
use crate::cargo::unit_graph::{self, UnitGraph};
use crate::cargo::version::Version;
use crate::environment::Environment;
use crate::plan::input::Input;
use crate::plan::model::{Action, Allowance, Decision, Declared, Origin, Plan, PlanError, Refusal};
use crate::plan::{derivation, make};
use crate::policy::{Caller, ConfineRustc, Policy, Undecided};

/// All data that is known before Cargo builds.
#[derive(Debug)]
pub struct Prepared {
    /// The workspace of the build.
    pub workspace: Workspace,
    /// The folder for artifacts.
    pub target_dir: PathBuf,
    /// Inert's build dir, for intermediate files.
    pub build_dir: BuildDir,
    /// The units of the build.
    pub graph: UnitGraph,
    /// The recorded facts about rustc.
    pub recording: Recording,
    /// The policy of the build.
    pub policy: Policy,
    /// The decisions about all scripts.
    pub plan: Plan,
    /// The path of the user's own rustc wrapper.
    pub user_wrapper: Option<PathBuf>,
    /// The variables of the user's own configuration.
    pub variables: Vec<env::Variable>,
    /// The caller's environment, with those variables.
    pub environment: Environment,
    /// Notices about variables of the tree's configuration.
    pub unheeded: Vec<String>,
    /// A notice about a Cargo that Inert was not tested with.
    pub untested: Option<String>,
    /// See [`crate::driver::Ready::knows_build_dir`], the same value.
    pub knows_build_dir: bool,
    /// Cargo's configuration, file by file.
    pub judged: Judged,
    /// The journal of all inputs of the plan outside of the build dir.
    pub journal: inert_resolver::Journal,
    /// True if the caller names a rustdoc.
    pub own_rustdoc: bool,
    /// The variables that `[env]` of Cargo's configuration names, in files of the user and of the tree.
    pub named: Vec<String>,
    /// The treatment of a script that nothing decides, as the policy has it.
    pub undecided: Undecided,
    /// The reason why this machine cannot confine what this build has to.
    pub unavailable: Option<inert_sandbox::Unavailable>,
    /// The user's runners, as configuration and the environment have them.
    pub runners: BTreeMap<String, Vec<String>>,
    /// The setting `install.root` of configuration.
    pub install_root: Option<PathBuf>,
    /// The manifests of workspaces that macros ask for: see [`ConfinedRustc::located`](crate::plan::model::ConfinedRustc).
    pub located: BTreeMap<PathBuf, PathBuf>,
}

/// The differences of `cargo install` from a build.
#[derive(Debug, Clone)]
pub struct Installing {
    /// The target dir of the installation.
    pub target_dir: PathBuf,
    /// The differences between the graph's names and those of the real installation.
    pub renamed: Option<Renamed>,
    /// The Cargo.lock that replaces the package's own: `cargo install` ignores that one without `--locked`.
    pub lockfile: Option<PathBuf>,
}

/// The folder in which the unit graph of an installation is asked for, if it differs from the real one.
#[derive(Debug, Clone)]
pub enum Renamed {
    /// A copy of a package from a registry.
    Copy(unit_graph::Original),
    /// The folder of Cargo's checkout of a git repository, whose packages have that repository as their source.
    Checkout {
        /// The folder of the checkout.
        folder: PathBuf,
        /// The source of its packages, `git+…`.
        source: String,
    },
}

/// Asks Cargo for the graph and decides every script of it.
///
/// # Errors
/// See [`Failure`]; nothing has been compiled in that case.
pub fn prepare(context: &Context, invocation: &Invocation) -> Result<Prepared, Failure> {
    prepare_with(context, invocation, None)
}

/// Prepares a build in which the script of one package, if nothing decides it, runs confined to learn what it asks for.
/// The returned index is that of its decision.
///
/// # Errors
/// See [`Failure`]; nothing has been compiled in that case. Another undecided script is refused as in any build.
pub fn prepare_observing(
    context: &Context,
    invocation: &Invocation,
    package: &str,
) -> Result<(Prepared, Option<usize>), Failure> {
    let mut prepared = prepare_for(context, invocation, None, true)?;
    let named = |decision: &Decision| {
        let id = &decision.package.id;
        id.name == package || format!("{}@{}", id.name, id.version) == package
    };
    let mut all = prepared.plan.decisions.iter().enumerate().filter(|(_, decision)| named(decision));
    let at = all.next().map(|(at, _)| at);
    if let (Some(first), Some((_, second))) = (at, all.next()) {
        let first = &prepared.plan.decisions[first].package.id;
        return Err(Failure::Arguments(format!(
            "`{package}` is there more than once: name one by its version, such as {}@{} or {}@{}",
            first.name, first.version, second.package.id.name, second.package.id.version
        )));
    }
    let word = prepared.undecided;
    for (index, decision) in prepared.plan.decisions.iter_mut().enumerate() {
        if decision.allowance != Some(Allowance::Undecided) || Some(index) == at {
            continue;
        }
        if word == Undecided::Wasm && decision.wasm.is_some() {
            // With `undecided = "wasm"` a script runs in WebAssembly only.
            decision.confined = None;
        } else if word != Undecided::Confine {
            decision.action = Action::Deny;
            decision.origin = Origin::None;
            decision.allowance = None;
            decision.confined = None;
            decision.refusal = Some(Refusal::Undecided);
        }
    }
    Ok((prepared, at))
}

/// Prepares `cargo install`: the installed package is a dependency, and its own policy has no effect.
///
/// # Errors
/// See [`Failure`]; nothing has been compiled in that case.
pub fn prepare_install(
    context: &Context,
    invocation: &Invocation,
    installing: &Installing,
) -> Result<Prepared, Failure> {
    prepare_with(context, invocation, Some(installing))
}

fn prepare_with(
    context: &Context,
    invocation: &Invocation,
    installing: Option<&Installing>,
) -> Result<Prepared, Failure> {
    prepare_for(context, invocation, installing, false)
}

fn prepare_for(
    context: &Context,
    invocation: &Invocation,
    installing: Option<&Installing>,
    observing: bool,
) -> Result<Prepared, Failure> {
    refuse_bypasses(invocation)?;
    let caller = Caller::parse(&invocation.libraries, &invocation.library).map_err(Failure::Arguments)?;
    let judged = judged::settle(context, invocation)?;
    let mut workspace = ask_workspace(context, invocation)?;
    let mut target_dir = invocation.target_dir.clone().unwrap_or_else(|| workspace.target_directory.clone());
    let mut root = build_dir_of(&workspace, invocation);
    if let Some(installing) = installing {
        target_dir.clone_from(&installing.target_dir);
        root = target_dir.join("inert");
        workspace.workspace_members.clear();
    }
    crate::digest::leave_out(&target_dir);
    let build_dir = BuildDir::open(&root, &context.environment)
        .map_err(|error| Failure::Io(format!("Inert's build dir {}", root.display()), error))?;
    if installing.is_none() {
        crate::digest::judge_apart(&workspace.workspace_root);
    }
    let of_workspace = if installing.is_some() { None } else { Some(workspace.workspace_root.as_path()) };
    let user = context.environment.config_dir();
    let mut policy = Policy::find(
        &minima(context, invocation)?,
        of_workspace,
        user.as_deref(),
        &judged::trust(context, invocation)?,
    )
    .map_err(Failure::Policy)?;
    policy.libraries.caller = caller;
    let undecided = policy.undecided;
    if observing {
        policy.undecided = Undecided::Confine;
    }
    let manifest_root = workspace.workspace_root.clone();
    judged.again(context, &manifest_root, &[])?.enforce(&policy, &manifest_root)?;
    let configuration = merged(context, invocation, &judged)?;
    super::unstable::refuse(context, invocation, &configuration)?;
    let (mut variables, of_tree) =
        env::part(configuration.variables(&context.cwd), &|file| judged.files.is_the_users(file));
    variables.extend(env::behind(&of_tree, &judged.files));
    // From here on, variables of the user's own configuration are part of the caller's environment.
    let environment = env::applied(&variables, &context.environment);
    let lockfile = installing.and_then(|installing| installing.lockfile.as_deref());
    let version = Version::of(&context.cargo, &context.cwd);
    let version = version.as_ref();
    let (mut graph, recording) = ask_unit_graph(context, invocation, &build_dir, lockfile, &judged, version)?;
    crate::cargo::target_names::check(&graph).map_err(Failure::Refused)?;
    crate::cargo::argument_files::refuse_in_documented(&graph, &manifest_root).map_err(Failure::Refused)?;
    let platforms: Vec<String> = graph.units.iter().filter_map(|unit| unit.platform.clone()).collect();
    judged.again(context, &manifest_root, &platforms)?.enforce(&policy, &manifest_root)?;
    judged.refuse_specifications_of_manifests(&context.cwd, &platforms)?;
    match installing.and_then(|installing| installing.renamed.as_ref()) {
        Some(Renamed::Copy(original)) => {
            graph.rename(original);
            workspace.workspace_root.clone_from(&original.root);
        }
        Some(Renamed::Checkout { folder, source }) => graph.rename_checkout(folder, source),
        None => {}
    }
    let deny = invocation::deny_from(&context.environment).map_err(Failure::Arguments)?;
    let proved = || crate::confine::available::proved(&build_dir.inner()).err();
    let early = if policy.undecided == Undecided::Confine { proved() } else { None };
    let plan = make::make(&Input {
        confines: early.is_none(),
        graph: &graph,
        recording: &recording,
        deny: invocation.deny.max(deny).max(policy.deny),
        policy: &policy,
        libraries: &policy.libraries,
        workspace_root: &workspace.workspace_root,
        members: &workspace.workspace_members,
        derivations: &derivation::Cache::of(&context.environment),
        overrides: &judged.files.overrides(),
        profiles: &Profiles::read(
            &workspace.workspace_root.join("Cargo.toml"),
            &configuration,
            &context.environment,
        ),
        environment: &environment,
        build_dir: &root,
    })
    .map_err(Failure::Plan)?;
    let confines = plan.confined().next().is_some() || policy.rustc != ConfineRustc::Off;
    let unavailable = match early {
        _ if !confines => None,
        None if policy.undecided != Undecided::Confine => proved(),
        early => early,
    };
    let user_wrapper = user_wrapper(context, &configuration);
    let knows_build_dir = knows_build_dir(version);
    let runners = super::outer::runners_of(&configuration, &recording, context);
    let install_root = configuration.get(&["install", "root"]).map(|root| root.program(&context.cwd));
    let located = if policy.rustc == ConfineRustc::Off {
        BTreeMap::new()
    } else {
        located::manifests(context, &graph, &workspace).map_err(|why| Failure::Plan(PlanError::Other(why)))?
    };
    let journal = crate::driver::plan_cache::watch(
        &context.with(&environment),
        &crate::driver::plan_cache::Watched {
            workspace: &workspace,
            graph: &graph,
            recording: &recording,
            plan: &plan,
            policy: &policy,
            judged: &judged,
            located: &located,
            locked: invocation.locked,
        },
    );
    let unheeded = env::notices(&of_tree, &asked_variables(&plan, &of_tree), &environment);
    let named = variables.iter().chain(&of_tree).map(|variable| variable.name.clone()).collect();
    let variables_of_rustdoc = ["RUSTDOC", "CARGO_BUILD_RUSTDOC"];
    let own_rustdoc = configuration.get(&["build", "rustdoc"]).is_some()
        || variables_of_rustdoc.iter().any(|name| context.environment.text(name).is_some());
    Ok(Prepared {
        undecided,
        own_rustdoc,
        named,
        variables,
        environment,
        unheeded,
        untested: version.and_then(Version::notice),
        judged,
        workspace,
        target_dir,
        build_dir,
        graph,
        recording,
        policy,
        plan,
        user_wrapper,
        knows_build_dir,
        journal,
        unavailable,
        located,
        runners,
        install_root,
    })
}

/// Returns those variables that a declaration or discovery reads.
fn asked_variables(plan: &Plan, of: &[env::Variable]) -> BTreeSet<String> {
    let of_compilers = ["CC", "CXX", "CFLAGS", "CXXFLAGS", "AR", "NASM", "RANLIB", "TARGET_", "HOST_"];
    let mentions = |declared: &Declared, name: &str| {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        declared.text.split(|c| !word(c)).any(|part| part == name)
            || (!declared.declaration.cc_library.is_empty()
                && of_compilers.iter().any(|prefix| name.starts_with(prefix)))
    };
    let read = |name: &str| plan.providers.journal.variables().any(|asked| asked == name);
    let standing = || plan.decisions.iter().filter(|decision| decision.action == Action::Replace);
    let asked = |name: &str| {
        plan.variables.contains(name)
            || read(name)
            || standing().filter_map(|one| one.declared.as_ref()).any(|declared| mentions(declared, name))
    };
    of.iter().map(|variable| variable.name.clone()).filter(|name| asked(name)).collect()
}

/// Refuses commands that compile packages without calling a wrapper.
fn refuse_bypasses(invocation: &Invocation) -> Result<(), Failure> {
    let refuse = |what: &str| {
        Failure::Refused(format!(
            "`{what}` is refused: Cargo then compiles the packages it fixes, their build scripts included, without \
             asking the wrapper that Inert stands on.\n  help: run plain `cargo {what}` on code that you trust"
        ))
    };
    if invocation.command == "fix" {
        return Err(refuse("fix"));
    }
    if invocation.command == "clippy" && invocation.has("--fix") {
        return Err(refuse("clippy --fix"));
    }
    Ok(())
}

/// Returns Inert's build dir of a workspace: in the user's own build dir, if one is configured, else in the target dir.
#[must_use]
pub(super) fn build_dir_of(workspace: &Workspace, invocation: &Invocation) -> PathBuf {
    crate::artifacts::build_dir::place(build_dirs_in(workspace, invocation))
}

/// Returns the folder that contains Inert's build dirs.
#[must_use]
pub fn build_dirs_in<'a>(workspace: &'a Workspace, invocation: &'a Invocation) -> &'a Path {
    match &workspace.build_directory {
        Some(build) if *build != workspace.target_directory => build,
        _ => invocation.target_dir.as_ref().unwrap_or(&workspace.target_directory),
    }
}
