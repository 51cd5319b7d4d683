//! The outer fence of a build: what the plan says of it, and how Cargo starts behind it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use inert_resolver::store::{Store, StorePlace};
use inert_sandbox::Unavailable;

use super::build::Ready;
use super::context::{Context, Failure};
use super::prepare::Prepared;
use crate::artifacts::build_dir::BuildDir;
use crate::cargo::configuration::Configuration;
use crate::cargo::configuration::places::Places;
use crate::cargo::invocation::Invocation;
use crate::cargo::recording::Recording;
use crate::confine::outer::{self, Fenced, Kept, OUTSIDE, RUNNING};
use crate::environment::Environment;
use crate::plan::model::{Action, Decision};
use crate::plan::seal::Session;
use crate::policy::{Outer, Unavailable as Unfenced};

/// The files in CARGO_HOME by which Cargo's own processes wait for one another, and in which it notes what it used.
const OF_CARGO: &[&str] = &[".package-cache", ".package-cache-mutate", ".global-cache"];

/// The key of a runner that stands for several targets.
const BY_CFG: &str = "cfg";

impl Prepared {
    /// Returns what the outer fence of this build depends on; `None` if the policy does not demand one.
    ///
    /// # Errors
    /// The policy demands the fence, and there can be none; the error says why.
    pub fn fenced(&self) -> Result<Option<Fenced>, Unavailable> {
        if self.policy.outer == Outer::Off {
            return Ok(None);
        }
        outer::available()?;
        let no = |reason: String, needs: &str| Err(Unavailable { reason, needs: needs.to_owned() });
        if let Some(wrapper) = &self.user_wrapper {
            return no(
                format!("{} compiles in rustc's place, which may be a server's client", wrapper.display()),
                "no such wrapper",
            );
        }
        if self.runners.contains_key(BY_CFG) {
            return no(
                "configuration names a runner under `target.'cfg(…)'`".to_owned(),
                "the runner under the name of the target: `target.<triple>.runner`",
            );
        }
        let networked = |rights: &crate::policy::Rights| rights.network.is_some();
        let scripts = self.plan.decisions.iter();
        let scripts =
            scripts.filter(|one| one.confined.as_ref().is_some_and(|(rights, _)| networked(rights)));
        let named = scripts.map(|one| one.package.id.to_string()).next();
        let compiled = || {
            let rights = self.compile_rights();
            rights.iter().find(|(_, rights)| networked(rights)).map(|(root, _)| root.display().to_string())
        };
        if let Some(name) = named.or_else(compiled) {
            return no(
                format!("an entry for {name} grants the network, which nothing has behind the fence"),
                "no entry with `network = true`",
            );
        }
        let home = Places::of(&self.workspace.workspace_root, None, &self.environment).cargo_home;
        let mut files: Vec<PathBuf> =
            home.iter().flat_map(|home| OF_CARGO.iter().map(|name| home.join(name))).collect();
        files.push(self.workspace.workspace_root.join("Cargo.lock"));
        let makes = |unit: &&crate::cargo::unit_graph::Unit| {
            let kind = unit.target.kind.first().map(String::as_str).unwrap_or_default();
            unit.mode == "test" || matches!(kind, "bin" | "example" | "bench")
        };
        let programs: BTreeSet<String> =
            self.graph.units.iter().filter(makes).map(|unit| outer::plain_name(&unit.target.name)).collect();
        Ok(Some(Fenced {
            folders: vec![self.target_dir.clone(), self.build_dir.root.clone()],
            files,
            runners: self.runners.clone(),
            programs,
            rustdoc: self.recording.rustc.sysroot.join("bin").join("rustdoc"),
            all_confined: self.all_confined(),
            install_root: self.install_root.clone(),
        }))
    }
}

impl Prepared {
    /// Returns whether nothing of a package runs with more rights than its grants.
    fn all_confined(&self) -> bool {
        let runs = self.plan.decisions.iter().filter(|one| one.action == Action::Run);
        let confined = |one: &Decision| {
            one.wasm.is_some() && one.confined.is_none()
                || one.confined.as_ref().is_some_and(|(rights, _)| rights.unconfined.is_none())
        };
        self.unavailable.is_none() && self.unconfined_rustc().is_none() && runs.into_iter().all(confined)
    }
}

/// Returns the user's runner for each target of a build, as Cargo finds it; empty words if there is none. One that
/// `target.'cfg(…)'` names stands under [`BY_CFG`], if its target has none by name.
pub(super) fn runners_of(
    configuration: &Configuration,
    recording: &Recording,
    context: &Context,
) -> BTreeMap<String, Vec<String>> {
    let words = |key: &[&str]| -> Vec<String> {
        let all: Vec<_> = configuration.settings.iter().filter(|one| one.key == key).collect();
        let Some((first, rest)) = all.split_first() else { return Vec::new() };
        if rest.is_empty() {
            let mut words = first.value.split_whitespace();
            let program = crate::cargo::configuration::Setting {
                key: first.key.clone(),
                value: words.next().unwrap_or_default().to_owned(),
                file: first.file.clone(),
            };
            let program = program.program(&context.cwd).to_string_lossy().into_owned();
            return [program].into_iter().chain(words.map(str::to_owned)).collect();
        }
        let program = first.program(&context.cwd).to_string_lossy().into_owned();
        [program].into_iter().chain(rest.iter().map(|one| one.value.clone())).collect()
    };
    let targets = recording.targets.keys().flatten().map(|name| {
        let path = Path::new(name);
        if name.ends_with(".json") {
            path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
        } else {
            name.clone()
        }
    });
    let mut found: BTreeMap<String, Vec<String>> = targets
        .chain([recording.rustc.host.clone()])
        .map(|target| {
            let variable = format!("CARGO_TARGET_{}_RUNNER", target.to_uppercase().replace(['-', '.'], "_"));
            let own = match context.environment.text(&variable) {
                Some(text) => text.split_whitespace().map(str::to_owned).collect(),
                None => words(&["target", &target, "runner"]),
            };
            (target, own)
        })
        .collect();
    let by_cfg = configuration.settings.iter().any(|one| {
        matches!(&one.key[..], [target, cfg, runner] if target == "target" && cfg.starts_with("cfg(") && runner == "runner")
    });
    if by_cfg && found.values().any(Vec::is_empty) {
        found.insert(BY_CFG.to_owned(), Vec::new());
    }
    found
}

/// Returns the arguments for Cargo by which the programs that it starts are started outside of the fence.
pub(super) fn runners(fenced: &Fenced, invocation: &Invocation, inert: &Path) -> Vec<OsString> {
    let quoted = crate::toml_text::quoted;
    let inert = quoted(&inert.to_string_lossy());
    let one = |target: &String| -> [OsString; 2] {
        let words = format!("[{inert}, {}, {}]", quoted(OUTSIDE), quoted(target));
        ["--config".into(), format!("target.{}.runner={words}", quoted(target)).into()]
    };
    let all = fenced.runners.keys().flat_map(one);
    all.filter(|_| RUNNING.contains(&invocation.command.as_str())).collect()
}

/// Starts Cargo behind the fence, and waits for it.
///
/// # Errors
/// The fence cannot be made, or Cargo cannot be started.
#[cfg(target_os = "linux")]
pub(super) fn start(
    command: Command,
    context: &Context,
    invocation: &Invocation,
    (ready, session, inert): (&Ready, &Session, &Path),
    heard: Option<&mut String>,
) -> Result<ExitStatus, Failure> {
    let said = |error| Failure::Io(context.cargo.display().to_string(), error);
    let fenced = ready.fenced.as_ref().ok_or_else(|| Failure::Unexpected("no fence".to_owned()))?;
    let more = if invocation.command == "install" {
        installed(fenced, invocation, context)
            .map_err(|error| Failure::Io("the folder to install to".to_owned(), error))?
    } else {
        Vec::new()
    };
    let asked = outer::Asked {
        fenced,
        command: &invocation.command,
        outputs: &[&ready.target_dir, &ready.build_dir],
        kept: &Kept::of_session(&session.folder),
        environment: &context.environment,
        mark: crate::confine::orphans::mark(&session.nonce),
        inert,
    };
    let output = outer::start(command, &asked, &more, heard.is_some()).map_err(said)?;
    if let Some(heard) = heard {
        *heard = String::from_utf8_lossy(&output.stderr).into_owned();
    }
    Ok(output.status)
}

/// The replacement on other systems, where no plan has a fence.
#[cfg(not(target_os = "linux"))]
pub(super) fn start(
    _command: Command,
    _context: &Context,
    _invocation: &Invocation,
    _of: (&Ready, &Session, &Path),
    _heard: Option<&mut String>,
) -> Result<ExitStatus, Failure> {
    Err(Failure::Unexpected("there is an outer fence on Linux alone".to_owned()))
}

/// Returns what `cargo install` writes in the folder that it installs to, once that is there: its programs, and its two records.
#[cfg(target_os = "linux")]
fn installed(fenced: &Fenced, invocation: &Invocation, context: &Context) -> std::io::Result<Vec<PathBuf>> {
    let said = invocation.option("--root");
    let said = said.or_else(|| context.environment.text("CARGO_INSTALL_ROOT").map(str::to_owned));
    let said = said
        .map(|root| crate::cargo::package::path_from(&context.cwd, &root))
        .or_else(|| fenced.install_root.clone());
    let home = || Places::of(&context.cwd, None, &context.environment).cargo_home;
    let root =
        said.or_else(home).ok_or_else(|| std::io::Error::other("neither CARGO_HOME nor HOME is set"))?;
    let bin = root.join("bin");
    std::fs::create_dir_all(&bin)?;
    let mut all = vec![bin];
    for name in [".crates.toml", ".crates2.json"] {
        let path = root.join(name);
        let _ = std::fs::OpenOptions::new().create(true).append(true).open(&path)?;
        all.push(path);
    }
    Ok(all)
}

/// Takes in what was kept inside the fence for places outside.
pub(super) fn take_in(
    dir: &BuildDir,
    session: &Session,
    environment: &Environment,
    store: Option<&StorePlace>,
) {
    let kept = Kept::of_session(&session.folder);
    if let Some(state) = environment.state_dir() {
        kept.take_in_scripts(&state, &crate::stand_in::script_integrity::folder_of(dir));
    }
    if let Some(place) = store {
        Store::new(place.clone()).take_in(&kept.store());
    }
}

/// Runs a command that calls cargo, behind the fence if the policy demands one, tests included; `name` is what it is called.
///
/// # Errors
/// The policy demands the fence, and there can be none; or the command cannot be started.
pub fn run_command(context: &Context, mut command: Command, name: &str) -> Result<ExitStatus, Failure> {
    let invocation = Invocation { command: "exec".to_owned(), ..Invocation::default() };
    let io = |what: &str| {
        let what = what.to_owned();
        move |error| Failure::Io(what, error)
    };
    let root = super::judged::root_of_workspace(context, &invocation);
    let policy = super::judged::policy(context, &invocation, root.as_deref())?;
    if policy.outer == Outer::Off {
        return command.status().map_err(io(name));
    }
    if let Err(why) = outer::available() {
        if policy.unavailable == Unfenced::Run {
            crate::console::warn(&format!(
                "there is no outer fence: {}",
                crate::console::escaped(&why.to_string())
            ));
            return command.status().map_err(io(name));
        }
        return Err(Failure::Refused(format!(
            "the outer fence is demanded ([sandbox] outer = true), and there can be none; nothing was started\n  why: {}\n  \
             it takes: {}\n  help: `unavailable = \"run\"` under [sandbox] in your own policy runs it without",
            crate::console::escaped(&why.reason),
            why.needs
        )));
    }
    // What is not fetched now cannot be fetched inside.
    let fetched = context.cargo("fetch").current_dir(&context.cwd).status().map_err(io("cargo fetch"))?;
    if !fetched.success() {
        return Err(Failure::Refused(
            "`cargo fetch` failed, and behind the outer fence nothing can be fetched; nothing was started"
                .to_owned(),
        ));
    }
    let workspace = super::workspace(context, &invocation)?;
    let state = context.environment.state_dir();
    let kept = Kept::of_session(
        &state
            .clone()
            .unwrap_or_else(std::env::temp_dir)
            .join("exec")
            .join(crate::random::nonce().map_err(io("a random number"))?),
    );
    kept.create().map_err(io("the state folder"))?;
    let builds = super::build_dirs_in(&workspace, &invocation).to_path_buf();
    let mut folders = vec![workspace.target_directory.clone(), builds, kept.temporary()];
    // Plans, digests and derivations are written by Inert itself, which runs inside for each cargo that the command starts.
    folders.extend(state.into_iter().chain(context.environment.cache_dir()));
    crate::console::say(
        "Fenced",
        "the command and all that it starts, tests included: they open no socket, and change files in the target dir, the build \
         dir, Cargo.lock, Inert's own folders and a temporary folder alone",
    );
    let status = started(context, command, &workspace.workspace_root, &folders, &kept).map_err(io(name));
    kept.remove();
    status
}

#[cfg(target_os = "linux")]
fn started(
    context: &Context,
    command: Command,
    root: &Path,
    folders: &[PathBuf],
    kept: &Kept,
) -> std::io::Result<ExitStatus> {
    let home = Places::of(&context.cwd, None, &context.environment).cargo_home;
    let mut files: Vec<PathBuf> =
        home.iter().flat_map(|home| OF_CARGO.iter().map(|name| home.join(name))).collect();
    files.push(root.join("Cargo.lock"));
    outer::run(command, folders, &files, kept)
}

#[cfg(not(target_os = "linux"))]
fn started(
    _context: &Context,
    _command: Command,
    _root: &Path,
    _folders: &[PathBuf],
    _kept: &Kept,
) -> std::io::Result<ExitStatus> {
    Err(std::io::Error::other("there is an outer fence on Linux alone"))
}
