//! From a command line to a sealed plan and a running Cargo.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::artifacts::build_dir::BuildDir;
use crate::file::write_atomic;
pub mod lock_check;
pub mod lock_collect;
pub mod plan_cache;

use crate::cargo::configuration::{self, Configuration};
use crate::cargo::invocation::{self, BadArguments, Invocation};
use crate::cargo::metadata::Workspace;
use crate::cargo::package::path_from;
use crate::cargo::profiles::Profiles;
use crate::cargo::recording::{self, Recording};
use crate::cargo::unit_graph::{self, UnitGraph};
use crate::cargo::{self, CargoFailure};
use crate::environment::Environment;
use crate::freshness::Settlement;
use crate::plan::derivation;
use crate::plan::input::Input;
use crate::plan::make;
use crate::plan::model::Action;
use crate::plan::model::{Plan, PlanError};
use crate::plan::seal::{self, Session};
use crate::policy::{BadPolicy, Policy};

/// Where a command is called from.
#[derive(Debug, Clone)]
pub struct Context {
    /// The caller's environment.
    pub environment: Environment,
    /// The folder it was called in.
    pub cwd: PathBuf,
    /// The cargo to call.
    pub cargo: PathBuf,
}

/// Why a command ends without Cargo having built.
#[derive(Debug)]
pub enum Failure {
    /// The command line is wrong.
    Arguments(String),
    /// The policy is wrong.
    Policy(BadPolicy),
    /// inert.lock is wrong.
    Lock(crate::lock::BadLock),
    /// Declarations are wrong, or packages cannot be found.
    Plan(PlanError),
    /// Cargo said no.
    Cargo(CargoFailure),
    /// Native libraries that the build needs are missing.
    Libraries(String),
    /// A bypass, or anything else that is refused: what, why and what to do instead.
    Refused(String),
    /// The system said no: doing what, and what it said.
    Io(String, io::Error),
    /// An answer that is not understood.
    Unexpected(String),
}

impl From<BadArguments> for Failure {
    fn from(BadArguments(message): BadArguments) -> Self {
        Self::Arguments(message)
    }
}

/// All that is known before Cargo builds.
#[derive(Debug)]
pub struct Prepared {
    /// The workspace.
    pub workspace: Workspace,
    /// Where artifacts go.
    pub target_dir: PathBuf,
    /// Where intermediates go.
    pub build_dir: BuildDir,
    /// The build's units.
    pub graph: UnitGraph,
    /// rustc's word.
    pub recording: Recording,
    /// The user's word.
    pub policy: Policy,
    /// Every script, decided.
    pub plan: Plan,
    /// The user's own rustc wrapper.
    pub user_wrapper: Option<PathBuf>,
    /// See [`Ready::knows_build_dir`].
    pub knows_build_dir: bool,
    /// Everything outside the build dir that the plan was made from.
    pub journal: inert_resolver::Journal,
}

impl Context {
    /// Of this process.
    ///
    /// # Errors
    /// The current folder is gone.
    pub fn capture() -> io::Result<Self> {
        let environment = Environment::capture();
        let cargo = cargo::program(&environment);
        Ok(Self { cwd: crate::environment::current_dir()?, cargo, environment })
    }

    /// A call of cargo.
    #[must_use]
    pub fn cargo(&self, subcommand: &str) -> Command {
        let mut command = cargo::command(&self.cargo);
        command.arg(subcommand);
        command
    }
}

/// What is different about `cargo install`.
#[derive(Debug, Clone)]
pub struct Installing {
    /// Where the installation is built.
    pub target_dir: PathBuf,
    /// How the graph's names differ from those that Cargo will compile by.
    pub renamed: Option<Renamed>,
    /// A Cargo.lock to use in place of the package's own: `cargo install` leaves that aside unless told otherwise.
    pub lockfile: Option<PathBuf>,
}

/// Where the unit graph of an installation is asked for otherwise than it is built.
#[derive(Debug, Clone)]
pub enum Renamed {
    /// In a copy of a registry's package.
    Copy(unit_graph::Original),
    /// In the folder that Cargo checked a git repository out to, whose packages are that repository's.
    Checkout {
        /// The folder.
        folder: PathBuf,
        /// Their source, `git+…`.
        source: String,
    },
}

/// Asks Cargo for the graph and decides every script of it.
///
/// # Errors
/// See [`Failure`]; nothing has been compiled then.
pub fn prepare(context: &Context, invocation: &Invocation) -> Result<Prepared, Failure> {
    prepare_with(context, invocation, None)
}

/// The same for `cargo install`: the installed package is a dependency, and its own policy counts for nothing.
///
/// # Errors
/// See [`Failure`]; nothing has been compiled then.
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
    refuse_bypasses(invocation)?;
    let mut workspace = workspace(context, invocation)?;
    let mut target_dir = invocation.target_dir.clone().unwrap_or_else(|| workspace.target_directory.clone());
    let mut root = build_dir_of(&workspace, invocation);
    if let Some(installing) = installing {
        target_dir.clone_from(&installing.target_dir);
        root = target_dir.join("inert");
        workspace.workspace_members.clear();
    }
    let build_dir = BuildDir::open(&root, &context.environment)
        .map_err(|error| Failure::Io(format!("Inert's build dir {}", root.display()), error))?;
    let of_workspace = if installing.is_some() { None } else { Some(workspace.workspace_root.as_path()) };
    let user = context.environment.config_dir();
    let policy =
        Policy::find(&minima(context, invocation), of_workspace, user.as_deref()).map_err(Failure::Policy)?;
    let configuration = checked_configuration(context, invocation, &workspace.workspace_root, &policy)?;
    let lockfile = installing.and_then(|installing| installing.lockfile.as_deref());
    let (mut graph, recording) = ask_unit_graph(context, invocation, &build_dir, lockfile)?;
    match installing.and_then(|installing| installing.renamed.as_ref()) {
        Some(Renamed::Copy(original)) => {
            graph.rename(original);
            workspace.workspace_root.clone_from(&original.root);
        }
        Some(Renamed::Checkout { folder, source }) => graph.rename_checkout(folder, source),
        None => {}
    }
    let deny = invocation::deny_from(&context.environment).map_err(Failure::Arguments)?;
    let plan = make::make(&Input {
        graph: &graph,
        recording: &recording,
        deny: invocation.deny.max(deny).max(policy.deny),
        policy: &policy,
        libraries: &policy.libraries,
        workspace_root: &workspace.workspace_root,
        members: &workspace.workspace_members,
        derivations: &derivation::Cache::of(&context.environment),
        overrides: &configuration.overrides(),
        profiles: &Profiles::read(
            &workspace.workspace_root.join("Cargo.toml"),
            &configuration,
            &context.environment,
        ),
        environment: &context.environment,
        build_dir: &root,
    })
    .map_err(Failure::Plan)?;
    let user_wrapper = user_wrapper(context, &configuration);
    let knows_build_dir = knows_build_dir(context);
    let journal = crate::driver::plan_cache::watch(
        context,
        &workspace,
        &graph,
        &recording,
        &plan,
        &policy,
        invocation.locked,
    );
    Ok(Prepared {
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
    })
}

/// Commands that compile packages without asking any wrapper.
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

/// Inert's build dir of a workspace: in the user's own build dir, if one is configured, else in the target dir.
#[must_use]
pub fn build_dir_of(workspace: &Workspace, invocation: &Invocation) -> PathBuf {
    crate::artifacts::build_dir::place(build_dirs_in(workspace, invocation))
}

/// The folder that Inert's build dirs are in.
#[must_use]
pub fn build_dirs_in<'a>(workspace: &'a Workspace, invocation: &'a Invocation) -> &'a Path {
    match &workspace.build_directory {
        Some(build) if *build != workspace.target_directory => build,
        _ => invocation.target_dir.as_ref().unwrap_or(&workspace.target_directory),
    }
}

/// Asks `cargo metadata --no-deps`.
///
/// # Errors
/// No workspace here, or a manifest that Cargo rejects.
pub fn workspace(context: &Context, invocation: &Invocation) -> Result<Workspace, Failure> {
    let mut command = context.cargo("metadata");
    command.args(["--no-deps", "--format-version=1"]).args(invocation.everywhere());
    let answer = cargo::ask(&mut command, &context.cwd)
        .map_err(|error| Failure::Io(context.cargo.display().to_string(), error))?
        .map_err(Failure::Cargo)?;
    Workspace::parse(&answer).map_err(Failure::Unexpected)
}

/// Asks Cargo for the unit graph of this very command, with the wrapper taking down what it asks rustc meanwhile.
fn ask_unit_graph(
    context: &Context,
    invocation: &Invocation,
    dir: &BuildDir,
    lockfile: Option<&Path>,
) -> Result<(UnitGraph, Recording), Failure> {
    let (folder, wrapper) = recording::prepare(&dir.inner().join("recordings"))
        .map_err(|error| Failure::Io("recording what rustc says".to_owned(), error))?;
    if context.environment.get("RUSTC_BOOTSTRAP").is_some() {
        write_atomic(&folder.join("bootstrap"), b"")
            .map_err(|error| Failure::Io(folder.display().to_string(), error))?;
    }
    // What clippy is told after `--` is for clippy, and its units are those of a check.
    let clippy = invocation.command == "clippy";
    let mut command = context.cargo(if clippy { "check" } else { &invocation.command });
    command.args(invocation.for_unit_graph()).args(["--unit-graph", "-Zunstable-options"]);
    if let Some(lockfile) = lockfile {
        let path = crate::toml_text::quoted(&lockfile.to_string_lossy());
        // A setting since 1.95; an option before. One that knows neither takes the package's own, and what the real
        // installation chooses otherwise is then refused.
        match minor_version(context).unwrap_or(u32::MAX) {
            95.. => {
                command.args(["-Zlockfile-path", "--config"]).arg(format!("resolver.lockfile-path={path}"))
            }
            85.. => command.arg("--lockfile-path").arg(lockfile),
            _ => &mut command,
        };
    }
    if let Some(trailing) = invocation.trailing.as_ref().filter(|_| !clippy) {
        command.arg("--").args(trailing);
    }
    command.env("RUSTC_BOOTSTRAP", "1").env("CARGO_CACHE_RUSTC_INFO", "0").env("RUSTC_WRAPPER", &wrapper);
    let asked = cargo::ask(&mut command, &context.cwd)
        .map_err(|error| Failure::Io(context.cargo.display().to_string(), error));
    let answer = match asked {
        Ok(Ok(answer)) => answer,
        // `cargo run` prints the graph and then panics, since nothing was built (Cargo 1.95).
        Ok(Err(failure)) if invocation.command == "run" && UnitGraph::parse(&failure.stdout).is_ok() => {
            failure.stdout
        }
        failed => {
            let _ = std::fs::remove_dir_all(&folder);
            return Err(match failed {
                Ok(Err(failure)) => Failure::Cargo(failure),
                Err(failure) => failure,
                Ok(Ok(_)) => Failure::Unexpected(String::new()),
            });
        }
    };
    let graph = UnitGraph::parse(&answer).map_err(Failure::Unexpected)?;
    let mut scripts = graph.units.iter().filter(|unit| unit.is_script_run() || unit.is_script_compile());
    if let Some(unit) = scripts.find(|unit| unit.target.src_path.as_os_str().is_empty()) {
        let id = crate::cargo::package::PackageId::parse(&unit.pkg_id);
        let name = id.map_or_else(|| unit.pkg_id.clone(), |id| id.to_string());
        return Err(Failure::Refused(unit_graph::metabuild(&name)));
    }
    let mut recording = recording::take(&folder).map_err(Failure::Refused)?;
    // A cargo that is not rustup's starts `rustc` as its PATH has it; stand-ins start tools by their own path only.
    if recording.rustc.path.components().count() == 1
        && let Some(found) = context.environment.find_program(&recording.rustc.path.to_string_lossy())
    {
        recording.rustc.path = found;
    }
    Ok((graph, recording))
}

/// Policies from outside the tree: the caller's variable and the command line.
#[must_use]
pub fn minima(context: &Context, invocation: &Invocation) -> Vec<PathBuf> {
    let variable =
        context.environment.text(crate::policy::VARIABLE).map(|path| path_from(&context.cwd, path));
    variable.into_iter().chain(invocation.policy.clone()).collect()
}

/// Cargo's configuration, `include` followed, with where each value is from.
fn configuration(context: &Context, invocation: &Invocation) -> Result<Configuration, Failure> {
    let mut command = context.cargo("config");
    command.args(["get", "--format=toml", "--show-origin", "-Zunstable-options"]);
    command.args(invocation.configuration()).env("RUSTC_BOOTSTRAP", "1");
    let answer = cargo::ask(&mut command, &context.cwd)
        .map_err(|error| Failure::Io(context.cargo.display().to_string(), error))?
        .map_err(Failure::Cargo)?;
    Configuration::parse(&String::from_utf8_lossy(&answer)).map_err(Failure::Unexpected)
}

/// Cargo's configuration, in which nothing is refused. Asked for before Cargo is called for anything that starts rustc, a
/// credential provider or git.
///
/// # Errors
/// Something in it is, or Cargo cannot read it.
pub fn checked_configuration(
    context: &Context,
    invocation: &Invocation,
    workspace_root: &Path,
    policy: &Policy,
) -> Result<Configuration, Failure> {
    let configuration = configuration(context, invocation)?;
    refuse_configuration(&configuration, workspace_root, context, policy)?;
    // Cargo has an alias stand before a program that is not its own, and warns.
    let alias = configuration.get(&["alias", &invocation.command]).filter(|_| invocation.command == "clippy");
    if let Some(alias) = alias {
        let file = alias.file.as_ref().map_or("the command line".into(), |file| file.display().to_string());
        return Err(Failure::Refused(format!(
            "`cargo clippy` is another command here, by the alias in {file}; nothing was compiled\n  \
             help: give the alias another name"
        )));
    }
    Ok(configuration)
}

/// The words that a configured alias stands for; `None` where there is none.
///
/// # Errors
/// Cargo cannot read its configuration.
pub fn alias(context: &Context, name: &str) -> Result<Option<Vec<String>>, Failure> {
    let configuration = configuration(context, &Invocation::default())?;
    let key = ["alias", name];
    let words: Vec<String> =
        match configuration.settings.iter().filter(|one| one.key == key).collect::<Vec<_>>()[..] {
            [] => return Ok(None),
            // A text, which Cargo splits, or a list of one.
            [one] => one.value.split_whitespace().map(str::to_owned).collect(),
            ref list => list.iter().map(|one| one.value.clone()).collect(),
        };
    Ok(Some(words))
}

/// Refuses configuration of the tree that puts a program of the tree in the compiler's place.
fn refuse_configuration(
    configuration: &Configuration,
    workspace_root: &Path,
    context: &Context,
    policy: &Policy,
) -> Result<(), Failure> {
    let tree = configuration::tree_of(workspace_root);
    let objections = configuration.objections(&tree, &context.cwd);
    if objections.is_empty() || policy.configuration == crate::policy::TreeConfiguration::Allow {
        return Ok(());
    }
    let lines: Vec<String> = objections
        .iter()
        .map(|one| format!("  {} in {}: {}", one.key, one.file.display(), one.why))
        .collect();
    Err(Failure::Refused(format!(
        "Cargo's configuration in the tree that is built is refused; nothing was compiled\n\n{}\n\n  \
         help: configure it outside of the tree (in ~/.cargo/config.toml), or, where this is your own tree, write\n        \
         `configuration = \"allow\"` under [policy] in inert.toml",
        lines.join("\n")
    )))
}

/// The user's own wrapper (sccache), which ours starts in its turn: from the environment, else from configuration.
fn user_wrapper(context: &Context, configuration: &Configuration) -> Option<PathBuf> {
    for name in ["RUSTC_WRAPPER", "CARGO_BUILD_RUSTC_WRAPPER"] {
        if let Some(value) = context.environment.get(name) {
            return Some(PathBuf::from(value)).filter(|path| !path.as_os_str().is_empty() && !is_inert(path));
        }
    }
    let path = configuration.get(&["build", "rustc-wrapper"])?.program(&context.cwd);
    Some(path).filter(|path| !path.as_os_str().is_empty() && !is_inert(path))
}

/// Whether Cargo is 1.91 or later. One that does not say its version is taken for new: it then refuses the setting.
fn knows_build_dir(context: &Context) -> bool {
    minor_version(context).is_none_or(|minor| minor >= 91)
}

/// `95` of Cargo 1.95, if it says so.
fn minor_version(context: &Context) -> Option<u32> {
    let mut command = cargo::command(&context.cargo);
    let answer = cargo::ask(command.arg("-V"), &context.cwd);
    let text = answer.ok().and_then(Result::ok).map(|answer| String::from_utf8_lossy(&answer).into_owned());
    text.and_then(|text| text.split(' ').nth(1)?.split('.').nth(1)?.parse().ok())
}

/// Whether a wrapper is Inert's own, configured for plain cargo.
fn is_inert(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem == "inert")
}

impl Prepared {
    /// Seals the plan, so that it can be built now and again while it holds.
    ///
    /// # Errors
    /// Inert's build dir cannot be written.
    pub fn seal(&self) -> Result<Ready, Failure> {
        let io = |error| Failure::Io(format!("Inert's build dir {}", self.build_dir.root.display()), error);
        let (index, scripts) = self.plan.sealed(&self.recording, self.user_wrapper.clone());
        let plan = seal::write(&self.build_dir, &index, &scripts).map_err(io)?;
        let count = |action| self.plan.decisions.iter().filter(|decision| decision.action == action).count();
        Ok(Ready {
            build_dir: self.build_dir.root.clone(),
            target_dir: self.target_dir.clone(),
            digest: seal::digest(&self.build_dir.plan(&plan)).map_err(io)?,
            plan,
            settlement: Settlement::of(&self.plan, &scripts),
            siblings: crate::artifacts::program_links::of(&self.graph),
            replaced: count(Action::Replace),
            run: count(Action::Run),
            knows_build_dir: self.knows_build_dir,
            scripts,
        })
    }
}

/// A sealed plan with all that is needed to start Cargo on it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ready {
    /// Inert's build dir.
    pub build_dir: PathBuf,
    /// Where artifacts go.
    pub target_dir: PathBuf,
    /// Nonce of the plan.
    pub plan: String,
    /// See [`seal::digest`].
    pub digest: String,
    /// What Cargo must find said.
    pub settlement: Settlement,
    /// Programs that others may look for beside themselves.
    pub siblings: Vec<crate::artifacts::program_links::Sibling>,
    /// Scripts that a stand-in stands for.
    pub replaced: usize,
    /// Scripts that run.
    pub run: usize,
    /// Whether Cargo knows `build.build-dir` (1.91); an older one gets Inert's build dir as its target dir.
    pub knows_build_dir: bool,
    /// What was sealed, for what can be answered before Cargo starts. Not kept: a plan that still holds has few runs to come.
    #[serde(skip)]
    pub scripts: Vec<(String, crate::plan::model::ScriptPlan)>,
}

impl Ready {
    /// Tells Cargo's freshness what changed, and starts the build. Returns Cargo's exit code.
    ///
    /// # Errors
    /// Inert's build dir cannot be written, or Cargo not be started.
    pub fn build(&self, context: &Context, invocation: &Invocation) -> Result<i32, Failure> {
        let dir = BuildDir { root: self.build_dir.clone() };
        let io = |error| Failure::Io(format!("Inert's build dir {}", dir.root.display()), error);
        let shared = self.settlement.settle(&dir, &context.environment).map_err(io)?;
        crate::artifacts::program_links::link(
            &dir,
            &self.target_dir,
            &self.siblings,
            &invocation.profile_folder(),
        );
        let session = Session::open(&dir, &self.plan, &context.environment).map_err(io)?;
        crate::stand_in::precomputed::answers(
            &dir,
            &session,
            &self.scripts,
            &shared.current,
            &context.environment,
        )
        .map_err(io)?;
        let code = start(context, invocation, &dir, &session, self.knows_build_dir)?;
        drop(session);
        drop(shared);
        Ok(code)
    }
}

/// Starts Cargo with Inert's wrapper and build dir.
fn start(
    context: &Context,
    invocation: &Invocation,
    dir: &BuildDir,
    session: &Session,
    knows_build_dir: bool,
) -> Result<i32, Failure> {
    let inert = crate::environment::sibling("inert")
        .map_err(|error| Failure::Io("Inert's own files".to_owned(), error))?;
    let mut command = context.cargo(&invocation.command);
    if knows_build_dir {
        command.args(&invocation.arguments).arg("--config").arg(build_dir_setting(&dir.root));
    } else {
        command.args(invocation.select(|name| name != "--target-dir")).arg("--target-dir").arg(&dir.root);
    }
    if let Some(trailing) = &invocation.trailing {
        command.arg("--").args(trailing);
    }
    command.current_dir(&context.cwd).env("RUSTC_WRAPPER", inert).env(seal::SESSION, &session.nonce);
    let status = command.status().map_err(|error| Failure::Io(context.cargo.display().to_string(), error))?;
    Ok(status.code().unwrap_or(i32::from(crate::exit::CARGO)))
}

/// By `--config`, which outranks every file and is not inherited, as the environment variable would be: a script or
/// test that runs cargo would then wait for the lock that this build holds.
fn build_dir_setting(root: &Path) -> OsString {
    format!("build.build-dir={}", crate::toml_text::quoted(&root.to_string_lossy())).into()
}
