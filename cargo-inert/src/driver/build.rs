//! Seals a plan, and starts Cargo on it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use inert_resolver::store::StorePlace;
use serde::{Deserialize, Serialize};

use super::context::{Context, Failure};
use super::outer;
use super::prepare::Prepared;
use crate::artifacts::build_dir::BuildDir;
use crate::artifacts::layout;
use crate::cargo::configuration::env;
use crate::cargo::invocation::Invocation;
use crate::cargo::package::{Package, PackageId, pin_source};
use crate::confine::locate;
use crate::confine::orphans::Orphans;
use crate::confine::outer::Fenced;
use crate::console;
use crate::freshness::Settlement;
use crate::plan::incomplete::{self, Compiler, Reviews};
use crate::plan::model::{Action, Confined, ConfinedRustc, ConfinedTools, PlanError};
use crate::plan::seal::{self, Session};
use crate::policy::ConfineRustc;
use crate::store::Found;

impl Prepared {
    /// Returns why rustc is not confined although the policy requires it.
    #[must_use]
    pub fn rustc_is_loose(&self) -> Option<String> {
        if self.policy.rustc == ConfineRustc::Off {
            return None;
        }
        if !cfg!(target_os = "linux") {
            return Some("that is done on Linux alone".to_owned());
        }
        if let Some(unavailable) = &self.unavailable {
            return Some(unavailable.to_string());
        }
        if let Some(wrapper) = &self.user_wrapper {
            return Some(format!(
                "{} compiles in its place, which may be a server's client",
                wrapper.display()
            ));
        }
        let sysroot = &self.recording.rustc.sysroot;
        if sysroot.as_os_str().is_empty() || !self.recording.rustc.path.starts_with(sysroot.join("bin")) {
            return Some(format!("{} is not the toolchain's own rustc", self.recording.rustc.path.display()));
        }
        None
    }

    /// Returns why rustc is not confined in this build; `None` if it is.
    #[must_use]
    pub fn unconfined_rustc(&self) -> Option<String> {
        let off =
            || (self.policy.rustc == ConfineRustc::Off).then(|| "`[sandbox] rustc` is `off`".to_owned());
        self.rustc_is_loose().or_else(off)
    }

    /// Returns what the reviews of this build do not cover.
    ///
    /// # Errors
    /// The folder of a package is not found.
    pub fn reviews(&self) -> Result<Reviews, Failure> {
        let compiler = Compiler {
            loose: self.unconfined_rustc(),
            rights: &self.compile_rights(),
            workspace: &self.workspace.workspace_root,
            unavailable: self.unavailable.is_some(),
        };
        incomplete::reviews(&self.plan, &self.graph, &compiler)
            .map_err(|why| Failure::Plan(PlanError::Other(why)))
    }

    /// Seals the plan, so that it can be built now, and again as long as it is valid.
    ///
    /// # Errors
    /// Inert's build dir cannot be written.
    pub fn seal(&self) -> Result<Ready, Failure> {
        let io = |error| Failure::Io(format!("Inert's build dir {}", self.build_dir.root.display()), error);
        let around = Confined {
            workspace: self.workspace.workspace_root.clone(),
            target_dir: self.target_dir.clone(),
            unavailable: self.unavailable.is_some(),
            ..Confined::default()
        };
        let (mut index, mut scripts) = self.plan.sealed(&self.recording, self.user_wrapper.clone(), &around);
        let confine = self.policy.rustc != ConfineRustc::Off && self.rustc_is_loose().is_none();
        index.rustc = confine.then(|| {
            let (macro_names, macros) = crate::plan::skip::macros(&self.graph);
            ConfinedRustc {
                sysroot: self.recording.rustc.sysroot.clone(),
                required: self.policy.rustc == ConfineRustc::Confine,
                workspace: self.workspace.workspace_root.clone(),
                target_dir: self.target_dir.clone(),
                variables: self.named.clone(),
                rights: self.compile_rights(),
                macro_names,
                macros,
                located: self.located.clone(),
            }
        });
        let tools = self.confined_tools();
        scripts.iter_mut().for_each(|(_, script)| script.tools.clone_from(&tools));
        let plan = seal::write(&self.build_dir, &index, &scripts).map_err(io)?;
        let count = |action| self.plan.decisions.iter().filter(|decision| decision.action == action).count();
        Ok(Ready {
            build_dir: self.build_dir.root.clone(),
            target_dir: self.target_dir.clone(),
            digest: seal::digest(&self.build_dir.plan(&plan)).map_err(io)?,
            plan,
            settlement: Settlement::of(&self.plan, &scripts),
            programs: crate::artifacts::program_links::programs(&self.graph),
            replaced: count(Action::Replace),
            run: count(Action::Run),
            warnings: self.warnings(),
            variables: self.variables.clone(),
            hollow: self.hollow(),
            confined: self.plan.confined().count(),
            unavailable: self.unavailable.as_ref().map(ToString::to_string),
            loose: self.rustc_is_loose(),
            fenced: self.fenced().ok().flatten(),
            unfenced: self.fenced().err().map(|why| why.to_string()),
            rustdoc: confine && !self.own_rustdoc,
            located: confine && !self.located.is_empty(),
            knows_build_dir: self.knows_build_dir,
            stores: scripts.iter().any(|(_, script)| script.declaration.contains("cc-library")),
            scripts,
        })
    }

    /// Returns the data for confining the tools of stand-ins; `None` if the policy or this machine does not.
    fn confined_tools(&self) -> Option<ConfinedTools> {
        let confines =
            cfg!(target_os = "linux") && self.policy.rustc != ConfineRustc::Off && self.unavailable.is_none();
        confines.then(|| ConfinedTools {
            sysroot: self.recording.rustc.sysroot.clone(),
            workspace: self.workspace.workspace_root.clone(),
            target_dir: self.target_dir.clone(),
            required: self.policy.rustc == ConfineRustc::Confine,
        })
    }

    /// Returns the packages, as name and version, of which no library is compiled: Cargo names them all the same.
    fn hollow(&self) -> BTreeSet<String> {
        let mut found: BTreeMap<String, bool> = BTreeMap::new();
        for unit in self.graph.units.iter().filter(|unit| !unit.is_script_run()) {
            let Some(id) = PackageId::parse(&unit.pkg_id) else { continue };
            let skipped = if unit.is_script_compile() {
                // A stand-in is written in an instant, and is not counted here.
                true
            } else {
                crate::plan::skip::key_of(unit).is_some_and(|key| self.plan.skipped.contains(&key.0))
            };
            *found.entry(id.to_string()).or_insert(true) &= skipped;
        }
        found.into_iter().filter(|(_, hollow)| *hollow).map(|(name, _)| name).collect()
    }

    /// Returns the rights that `[[compile]]` entries add for the packages of this build, by their folders.
    pub(super) fn compile_rights(&self) -> BTreeMap<PathBuf, crate::policy::Rights> {
        let mut found = BTreeMap::new();
        for unit in &self.graph.units {
            let Some(id) = PackageId::parse(&unit.pkg_id) else { continue };
            let mut named =
                self.policy.compile.iter().filter(|entry| entry.package.name == id.name).peekable();
            if named.peek().is_none() {
                continue;
            }
            let Ok(package) = Package::locate(id.clone(), &unit.target.src_path) else { continue };
            let source = pin_source(&package, &self.workspace.workspace_root);
            for entry in
                named.filter(|entry| entry.untrusted.is_none() && entry.package.matches(&id, &source))
            {
                // A package may have several units.
                let rights: &mut crate::policy::Rights = found.entry(package.root.clone()).or_default();
                rights.add(&entry.rights);
            }
        }
        found
    }

    /// Returns the warnings of a build: a Cargo that was not tested with; a library from two sources, with the reason; a library that
    /// was found but not as requested; a setting of inert.toml for a misspelt name. A name without a similar one may be
    /// for another target or feature: `audit --libraries` lists it.
    fn warnings(&self) -> Vec<String> {
        let providers = &self.plan.providers;
        let mut warnings: Vec<String> = self.untested.iter().cloned().collect();
        warnings.extend(providers.selection.warnings.iter().cloned());
        warnings.extend(providers.notices.iter().cloned());
        warnings.extend(self.unheeded.iter().cloned());
        // Unaccepted entries are refused where they matter; an unaccepted rule only falls back to the setting without
        // it.
        warnings.extend(self.policy.unaccepted.iter().filter(|claim| claim.line == 0 || claim.text.starts_with("[[compile]]")).map(|claim| {
            format!(
                "inert.toml came with the tree, and its `{}` counts once you accept it: `cargo inert trust`",
                claim.text
            )
        }));
        let odd = providers.unknown_names.iter().filter(|name| name.near.is_some() || name.runs.is_some());
        warnings.extend(odd.map(crate::plan::model::UnknownName::sentence));
        warnings
    }
}

/// A sealed plan with all data for starting Cargo on it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ready {
    /// The path of Inert's build dir.
    pub build_dir: PathBuf,
    /// The folder for artifacts.
    pub target_dir: PathBuf,
    /// The nonce of the plan.
    pub plan: String,
    /// The digest of the plan: see [`seal::digest`].
    pub digest: String,
    /// The stamps that have to be up to date before Cargo starts.
    pub settlement: Settlement,
    /// The programs that other programs may look for beside themselves.
    pub programs: Vec<crate::artifacts::program_links::Program>,
    /// The number of scripts that a stand-in replaces.
    pub replaced: usize,
    /// The number of scripts that run.
    pub run: usize,
    /// The variables of the user's own configuration, which count as the caller's.
    pub variables: Vec<env::Variable>,
    /// The warnings about the build's libraries, which are shown at each build.
    pub warnings: Vec<String>,
    /// The packages, as name and version, of which no library is compiled, though Cargo names them.
    pub hollow: BTreeSet<String>,
    /// The number of scripts that run confined, or have to.
    pub confined: usize,
    /// The reason why scripts that have to cannot run confined.
    pub unavailable: Option<String>,
    /// The reason why rustc is not confined although the policy requires it.
    pub loose: Option<String>,
    /// The outer fence of the build, if it has one.
    #[serde(default)]
    pub fenced: Option<Fenced>,
    /// The reason why there is no outer fence although the policy demands one.
    #[serde(default)]
    pub unfenced: Option<String>,
    /// True if Inert starts rustdoc, confined.
    pub rustdoc: bool,
    /// True if macros may ask Cargo for the manifest of their workspace, which Inert answers.
    #[serde(default)]
    pub located: bool,
    /// True if Cargo has `build.build-dir` (1.91); an older Cargo gets Inert's build dir as its target dir.
    pub knows_build_dir: bool,
    /// True if a stand-in of the plan may build an archive, so that the user's store is of use.
    #[serde(default)]
    pub stores: bool,
    /// The sealed data, for precomputed answers. It is not stored: few runs are left for a plan that is still valid.
    #[serde(skip)]
    pub scripts: Vec<(String, crate::plan::model::ScriptPlan)>,
}

impl Ready {
    /// Updates the stamps, and starts the build. Returns Cargo's exit code.
    ///
    /// # Errors
    /// Inert's build dir cannot be written, or Cargo cannot be started.
    pub fn build(&self, context: &Context, invocation: &Invocation) -> Result<i32, Failure> {
        self.build_with(context, invocation, None)
    }

    /// As [`Ready::build`]; what Cargo says goes to `heard` if there is one, instead of the caller's own streams.
    ///
    /// # Errors
    /// See [`Ready::build`].
    pub fn build_with(
        &self,
        context: &Context,
        invocation: &Invocation,
        heard: Option<&mut String>,
    ) -> Result<i32, Failure> {
        let quiet = heard.is_some();
        let dir = BuildDir { root: self.build_dir.clone() };
        let io = |error| Failure::Io(format!("Inert's build dir {}", dir.root.display()), error);
        let environment = env::applied(&self.variables, &context.environment);
        let shared = self.settlement.settle(&dir, &environment).map_err(io)?;
        crate::artifacts::program_links::link(
            &dir,
            &self.target_dir,
            &self.programs,
            &layout::profile_folder(invocation),
        );
        let store = self.store(context, &shared.current);
        let fenced = self.fenced.is_some();
        let session = Session::open(&dir, &self.plan, &environment, store.as_ref(), fenced).map_err(io)?;
        crate::stand_in::precomputed::answers(&dir, &session, &self.scripts, &shared.current, &environment)
            .map_err(io)?;
        let rustdoc = if self.rustdoc { Some(acting_as("rustdoc", &dir).map_err(io)?) } else { None };
        if self.located {
            acting_as(locate::NAME, &dir).map_err(io)?;
        }
        let code = start(context, invocation, &dir, &session, (self, rustdoc.as_deref()), heard)?;
        if self.fenced.is_some() {
            outer::take_in(&dir, &session, &environment, store.as_ref());
        }
        // `cargo run` ends with the program's own output, which is followed by nothing.
        if invocation.command != "run" && !quiet {
            say_empty(session.left_empty().intersection(&self.hollow).count());
            for line in session.not_in_wasm() {
                console::say("Confined", &console::escaped(&line));
            }
        }
        // A program that fails says its denials itself; one that goes on may have taken a denial for an answer.
        for line in session.denied() {
            console::warn(&console::escaped(&line));
        }
        drop(session);
        drop(shared);
        if let Some(place) = store {
            crate::store::bounds::settle(&place.folder, crate::store::limit(&context.environment));
        }
        Ok(code)
    }

    /// Returns the user's store, if an archive may be built; says why it is not used.
    fn store(&self, context: &Context, current: &BTreeSet<String>) -> Option<StorePlace> {
        let idle = self.settlement.entries.values().all(|entry| current.contains(entry));
        // A program inside that nothing confines could read the secret of the store, and forge what is to be taken in.
        let open = self.fenced.as_ref().is_some_and(|fenced| !fenced.all_confined);
        if !self.stores || idle || open {
            return None;
        }
        match crate::store::find(&context.environment) {
            Found::Usable(place) => Some(place),
            Found::Off => None,
            Found::Unusable(problem) => {
                // Shown with `--quiet`, too: the build takes longer than it has to.
                crate::console::status(&format!(
                    "warning: the store of finished C libraries is not used: {problem}"
                ));
                None
            }
        }
    }
}

/// Explains Cargo's lines `Compiling …` for packages of which nothing was compiled.
fn say_empty(count: usize) {
    let what = match count {
        0 => return,
        1 => "1 package".to_owned(),
        _ => format!("{count} packages"),
    };
    console::say(
        "Skipped",
        &format!(
            "{what} that only replaced build scripts use: Cargo's line `Compiling` stands for an empty file there"
        ),
    );
}

/// Starts Cargo with Inert's wrapper and build dir.
fn start(
    context: &Context,
    invocation: &Invocation,
    dir: &BuildDir,
    session: &Session,
    (ready, rustdoc): (&Ready, Option<&Path>),
    heard: Option<&mut String>,
) -> Result<i32, Failure> {
    let inert = crate::environment::sibling("inert")
        .map_err(|error| Failure::Io("Inert's own files".to_owned(), error))?;
    let mut command = context.cargo(&invocation.command);
    let fenced = ready.fenced.as_ref();
    if ready.knows_build_dir {
        command.args(&invocation.arguments).arg("--config").arg(build_dir_setting(&dir.root));
    } else {
        command.args(invocation.select(|name| name != "--target-dir")).arg("--target-dir").arg(&dir.root);
    }
    if let Some(fenced) = fenced {
        command.args(outer::runners(fenced, invocation, &inert));
    }
    if let Some(trailing) = &invocation.trailing {
        command.arg("--").args(trailing);
    }
    command.current_dir(&context.cwd).env("RUSTC_WRAPPER", &inert).env(seal::SESSION, &session.nonce);
    command.envs(rustdoc.map(|path| ("RUSTDOC", path)));
    let said = |error| Failure::Io(context.cargo.display().to_string(), error);
    let orphans = Orphans::adopt(&invocation.command, &session.nonce, fenced.is_some());
    let status = match heard {
        heard if fenced.is_some() => {
            outer::start(command, context, invocation, (ready, session, &inert), heard)?
        }
        None => command.status().map_err(said)?,
        Some(heard) => {
            let output = command.output().map_err(said)?;
            *heard = String::from_utf8_lossy(&output.stderr).into_owned();
            output.status
        }
    };
    let ended = orphans.end();
    if ended > 0 {
        console::warn(&format!(
            "a confined program went on after its supervisor was killed, and was ended (processes: {ended})"
        ));
    }
    Ok(status.code().unwrap_or(i32::from(crate::exit::CARGO)))
}

/// Links `inert` under the name of a program that it acts as.
fn acting_as(name: &str, dir: &BuildDir) -> std::io::Result<PathBuf> {
    let inert = crate::environment::sibling("inert")?;
    let path = dir.acting_as(name);
    path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
    #[cfg(unix)]
    if std::fs::read_link(&path).ok().as_deref() != Some(&inert) {
        let _ = std::fs::remove_file(&path);
        std::os::unix::fs::symlink(&inert, &path)?;
    }
    #[cfg(not(unix))]
    std::fs::copy(&inert, &path)?;
    Ok(path)
}

/// Returns the setting for `--config`, which takes precedence over every file. Unlike an environment variable it is not
/// inherited: a script or test that runs cargo would then wait for the lock that this build holds.
fn build_dir_setting(root: &Path) -> OsString {
    format!("build.build-dir={}", crate::toml_text::quoted(&root.to_string_lossy())).into()
}
