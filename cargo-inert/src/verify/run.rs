//! The cases of one subject, distributed among threads, each with its own folders and tools.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use inert_manifest_spec::Truth;
use inert_migrate_tool::assumptions::Build;
use inert_resolver::request::Rustc as RustcOfRequest;
use inert_resolver::{Dialect, Request, World, directives};
use inert_sandbox::Program;

use super::bench::{Bench, Subject, Verdict};
use super::bounded::{self, Done};
use super::case::{CTools, Case, Libraries, Programs, Release};
use super::compare::{Difference, differences};
use super::compile::{Compiled, Compiler, With};
use super::confined::{self, Confined, Simulated};
use super::manifest::Manifest;
use super::observe::Outcome;
use super::shim::{self, Answers, Probes};
use super::simulate::{self, Place, Variables};
use super::variations::{NEW, OLD};
use super::{in_wasm, path};
use crate::confine::apart;

/// The time after which a script counts as hanging.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The run of one subject.
pub(super) struct Run<'a> {
    pub(super) bench: &'a Bench,
    pub(super) subject: &'a Subject,
    pub(super) manifest: &'a Manifest,
    pub(super) package: &'a Path,
    pub(super) home: &'a Path,
    /// The features in `cfg(feature)` of the script, which are evaluated when it is compiled.
    pub(super) cfg_features: BTreeSet<String>,
    pub(super) compiled: Mutex<BTreeMap<CompiledFor, Result<Compiled, String>>>,
    /// The first trouble of the verification itself while scripts were compiled.
    pub(super) trouble: Mutex<Option<String>>,
    /// The modules of the script, by the features that they were compiled with.
    pub(super) in_wasm: Mutex<BTreeMap<BTreeSet<String>, ModuleOrWhy>>,
    /// True if the script reads rustc's version when it is compiled, so that each version needs its own executable.
    pub(super) built_in_version: bool,
    /// True if the script depends on debug assertions.
    pub(super) asks_debug_assertions: bool,
    /// The variables that the script reads when it is compiled (`option_env!`).
    pub(super) built_in: BTreeSet<String>,
    pub(super) modules: BTreeSet<String>,
    /// The programs that the declaration looks for.
    pub(super) programs: BTreeSet<String>,
    /// The versions of libraries that are simulated besides a very new and a very old one.
    pub(super) versions: Vec<String>,
}

/// The inputs that an executable of the script was compiled for: features, a release if the script reads it, the
/// variables that `option_env!` reads, and whether debug assertions are on.
pub(super) type CompiledFor = (BTreeSet<String>, Option<Release>, BTreeMap<String, String>, bool);

/// A module of the script, or why there is none.
pub(super) type ModuleOrWhy = Result<Arc<Vec<u8>>, String>;

/// The result of a case.
enum Compared {
    /// A rule forbade the stand-in's action.
    Refused(String),
    /// The script was denied what these lines say.
    Denied(Vec<String>),
    /// Both the script and the stand-in ran.
    Both { succeeded: bool, failed: bool, differences: Vec<Difference> },
}

/// The folders of one thread.
struct Worker {
    folder: PathBuf,
    /// The file with the job of the supervisor, beside `folder`, which the script may read.
    job: PathBuf,
    out_dir: PathBuf,
    /// The real path of the folder that OUT_DIR is in, as it was made.
    real: PathBuf,
    home: PathBuf,
    tools: BTreeMap<CTools, (PathBuf, PathBuf)>,
    pkg_config: BTreeMap<Libraries, PathBuf>,
    /// PATH without the shims, for each set of programs on it.
    paths: BTreeMap<Programs, OsString>,
}

impl Run<'_> {
    pub(super) fn all(&self, cases: &[Case], verdict: &mut Verdict) {
        let started = Instant::now();
        let next = AtomicUsize::new(0);
        let stop = AtomicBool::new(false);
        let results = Mutex::new(std::mem::take(verdict));
        std::thread::scope(|scope| {
            for at in 0..self.bench.threads {
                let (next, stop, results) = (&next, &stop, &results);
                scope.spawn(move || {
                    let worker = match self.worker(at) {
                        Ok(worker) => worker,
                        Err(problem) => {
                            lock(results).failure = Some(problem);
                            return;
                        }
                    };
                    while !stop.load(Ordering::Relaxed) {
                        let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                        let done = self.one(&worker, case);
                        let mut verdict = lock(results);
                        match done {
                            Err(problem) => verdict.failure = Some(problem),
                            Ok(None) => verdict.skipped += 1,
                            Ok(Some(Compared::Refused(why))) => {
                                verdict.refused += 1;
                                verdict.refusal.get_or_insert(why);
                            }
                            Ok(Some(Compared::Denied(what))) => {
                                verdict.denied += 1;
                                verdict.denials.extend(what);
                            }
                            Ok(Some(Compared::Both { succeeded, failed, differences })) => {
                                verdict.compared += 1;
                                verdict.succeeded += usize::from(succeeded);
                                verdict.both_failed += usize::from(failed);
                                if !differences.is_empty() {
                                    verdict.mismatches.push((case.clone(), differences));
                                }
                            }
                        }
                        if started.elapsed() > self.bench.time_limit {
                            verdict.cut_short = true;
                            stop.store(true, Ordering::Relaxed);
                        }
                        let most = self.bench.max_mismatches;
                        if verdict.failure.is_some()
                            || verdict.mismatches.len() >= most
                            || verdict.denied >= most
                        {
                            stop.store(true, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        *verdict = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    }

    fn worker(&self, at: usize) -> Result<Worker, String> {
        let folder = self.home.join("runs").join(at.to_string());
        let say = |error: std::io::Error| format!("{}: {error}", folder.display());
        let _ = fs::remove_dir_all(&folder);
        // The folder has Cargo's layout, for scripts that derive other paths from it.
        let out_dir = folder
            .join("target/debug/build")
            .join(format!("{}-0123456789abcdef", self.manifest.name))
            .join("out");
        let home = folder.join("home");
        fs::create_dir_all(&out_dir).map_err(say)?;
        let real = out_dir.parent().map_or(Ok(PathBuf::new()), Path::canonicalize).map_err(say)?;
        fs::create_dir_all(&home).map_err(say)?;
        let mut tools = BTreeMap::new();
        for mode in [CTools::Noted, CTools::Frugal, CTools::Real] {
            let bin = folder.join(format!("tools-{mode:?}"));
            let log = bin.join("log");
            let program =
                |name: &str| self.bench.environment.find_program(name).unwrap_or_else(|| PathBuf::from(name));
            let (dry, flags) = match mode {
                CTools::Noted => (true, true),
                CTools::Frugal => (true, false),
                CTools::Real => (false, true),
            };
            for (name, real) in [("cc", "cc"), ("cxx", "c++")] {
                let answers = Answers::Cc { real: program(real), log: log.clone(), dry, flags };
                shim::install(&bin.join(name), &answers).map_err(say)?;
            }
            shim::install(&bin.join("ar"), &Answers::Ar { real: program("ar"), log: log.clone(), dry })
                .map_err(say)?;
            tools.insert(mode, (bin, log));
        }
        let mut pkg_config = BTreeMap::new();
        let named = self.versions.iter().map(String::as_str);
        let simulated = [NEW, OLD].into_iter().chain(named);
        let simulated = simulated.map(|version| (Libraries::Version(version.to_owned()), version));
        for (libraries, version) in std::iter::once((Libraries::None, "")).chain(simulated) {
            let libdir = folder.join(format!("pkgconfig-{version}"));
            fs::create_dir_all(&libdir).map_err(say)?;
            for module in self.modules.iter().filter(|_| !version.is_empty()) {
                let prefix = folder.join("prefix");
                fs::create_dir_all(prefix.join("lib")).map_err(say)?;
                fs::create_dir_all(prefix.join("include").join(module)).map_err(say)?;
                let text = format!(
                    "prefix={0}\nlibdir=${{prefix}}/lib\nincludedir=${{prefix}}/include\n\nName: {module}\nDescription: simulated\nVersion: {version}\nLibs: -L${{libdir}} -l{1}\nCflags: -I${{includedir}}/{module} -D_{2}\n",
                    prefix.display(),
                    module.strip_prefix("lib").unwrap_or(module),
                    module.to_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_"),
                );
                fs::write(libdir.join(format!("{module}.pc")), text).map_err(say)?;
            }
            pkg_config.insert(libraries, libdir);
        }
        let own = self.bench.environment.get("PATH").unwrap_or_default();
        let paths = path::paths(own, &self.programs, &folder.join("path")).map_err(say)?;
        let job = folder.with_extension("job");
        Ok(Worker { folder, job, out_dir, real, home, tools, pkg_config, paths })
    }

    /// Runs one case; `None` if the declaration does not cover it.
    fn one(&self, worker: &Worker, case: &Case) -> Result<Option<Compared>, String> {
        let shim = self.bench.rustc_shim(&case.rustc, case.probes)?;
        let (tools, log) = &worker.tools[&case.c];
        // A script may start `rustc` from PATH: it gets the same shim.
        let folder = shim.parent().unwrap_or(Path::new("/")).to_string_lossy().into_owned();
        let own = worker.paths.get(&case.programs).map(|path| path.to_string_lossy()).unwrap_or_default();
        let separator = if cfg!(windows) { ';' } else { ':' };
        let programs = self.bench.confined.as_ref().ok().and_then(Confined::programs);
        let programs = programs.map(|bin| format!("{}{separator}", bin.display())).unwrap_or_default();
        let path = format!("{folder}{separator}{programs}{own}");
        let cargo = self.bench.confined.as_ref().ok().and_then(Confined::cargo);
        let place = Place {
            package: self.package,
            out_dir: &worker.out_dir,
            rustc: &shim,
            home: &worker.home,
            tools,
            pkg_config: worker.pkg_config.get(&case.libraries).map(PathBuf::as_path),
            path: &path,
            cargo: cargo.as_ref().unwrap_or(&self.bench.cargo),
        };
        let variables = simulate::scripts(case, &place, self.manifest, &self.bench.rustc)?;
        // A script that nothing decides sees Cargo's variables alone, natively or not.
        if self.bench.in_wasm.is_some() && case.env.keys().any(|name| !crate::stand_in::is_cargos(name)) {
            return Ok(None);
        }
        let callers = simulate::callers(case, &place);
        let compiled = self.compiled(case)?;
        let request = self.request(case, &variables, &shim, &compiled)?;
        let environment: inert_resolver::Environment =
            callers.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect();
        let (rustc_verbose, _) = simulate::version_texts(&case.rustc, &self.bench.rustc);
        let target_features =
            request.target.cfgs.get("target_feature").cloned().flatten().unwrap_or_default();
        // This package alone is compiled, so its build-dependencies have the features that it hands on.
        let own: Vec<String> = case.features.iter().cloned().collect();
        let handed_on: Vec<(String, Vec<String>)> = self
            .subject
            .assumes
            .features_handed_on
            .iter()
            .map(|(name, features)| {
                (name.clone(), features.iter().filter(|one| own.contains(one)).cloned().collect())
            })
            .collect();
        let build = Build {
            target: &case.target,
            rustc_verbose: &rustc_verbose,
            rustflags: &request.rustflags,
            target_features: &target_features,
            build_dir: &worker.out_dir,
            // The folder of the shim is first on PATH.
            rustc_on_path: true,
            debug_assertions_agree: true,
            features: &own,
            build_dependencies: &handed_on,
        };
        if self.subject.assumes.broken_by(&build).is_some() {
            return Ok(None);
        }
        let mut world = World::new(environment.clone(), PathBuf::new());
        if inert_resolver::unsupported(&self.subject.declaration, &request, &mut world) != Truth::No {
            return Ok(None);
        }
        let folders = [self.package, worker.out_dir.as_path()];
        worker.empty_out_dir()?;
        // A right is one on a file that exists.
        let _ = fs::write(log, "");
        let ran = self.script(&compiled, &variables, worker, log);
        let mut script = ran.map_err(|why| format!("{case}: {why}"))?;
        worker.check()?;
        if !script.denied.is_empty() {
            return Ok(Some(Compared::Denied(script.denied)));
        }
        script.add_files(&worker.out_dir, &|path| self.bench.symbols(path));
        script.add_compiles(log, &folders);
        worker.empty_out_dir()?;
        let _ = fs::remove_file(log);
        let mut stand_in = match self.module(case)? {
            Some(module) => {
                let links = self.manifest.links.is_some();
                in_wasm::run(&module, self.package, &worker.out_dir, &variables, links)
            }
            // Not beside OUT_DIR, where the script may make links.
            None => self.stand_in(&request, environment, worker.folder.join("inert-scratch")),
        };
        stand_in.add_files(&worker.out_dir, &|path| self.bench.symbols(path));
        stand_in.add_compiles(log, &folders);
        let succeeded = script.failed.is_none() && stand_in.failed.is_none();
        if let (None, true, Some(why)) = (&script.failed, stand_in.refused, &stand_in.failed) {
            return Ok(Some(Compared::Refused(why.clone())));
        }
        let hung = [&script, &stand_in].into_iter().find(|side| side.hung);
        if let Some(why) = hung.and_then(|side| side.failed.clone()) {
            return Err(format!("{case}: {why}"));
        }
        let failed = script.failed.is_some() && stand_in.failed.is_some();
        Ok(Some(Compared::Both { succeeded, failed, differences: differences(&script, &stand_in) }))
    }

    /// Returns the script's module for a case; `None` if the script in WebAssembly is not what is compared.
    pub(super) fn module(&self, case: &Case) -> Result<Option<Arc<Vec<u8>>>, String> {
        let Some(compiler) = &self.bench.in_wasm else { return Ok(None) };
        let features: BTreeSet<String> = case.features.intersection(&self.cfg_features).cloned().collect();
        let mut modules = lock(&self.in_wasm);
        let known = modules.entry(features);
        let known =
            known.or_insert_with_key(|features| compiler.compile(self.package, self.manifest, features));
        known.clone().map(Some)
    }

    pub(super) fn compiled(&self, case: &Case) -> Result<Compiled, String> {
        let features: BTreeSet<String> = case.features.intersection(&self.cfg_features).cloned().collect();
        let other = Some(&case.rustc).filter(|release| self.built_in_version && **release != Release::Real);
        let rustc = other.map(|release| self.bench.rustc_shim(release, Probes::Real)).transpose()?;
        let built_in = case.env.iter().filter(|(name, _)| self.built_in.contains(*name));
        let built_in = built_in.map(|(name, value)| (name.clone(), value.clone())).collect();
        let debug_assertions = !self.asks_debug_assertions || case.profile.variables().3;
        let key = (features, other.cloned(), built_in, debug_assertions);
        let mut compiled = lock(&self.compiled);
        if let Some(done) = compiled.get(&key) {
            return done.clone();
        }
        let name = crate::digest::text(&format!("{key:?}"));
        // Without a lock file the newest build-dependencies are used; an executable is reused for one day.
        let lock = self
            .subject
            .lock
            .as_deref()
            .and_then(|lock| fs::read(lock).ok())
            .map_or_else(today, |lock| crate::digest::bytes(&lock)[..8].to_owned());
        let into = self.home.join("scripts").join(lock).join(&name[..16]);
        let compiler = Compiler {
            cargo: self.bench.cargo.clone(),
            target_dir: self.bench.folder.join("target"),
            confined: self.bench.confined.as_ref().ok(),
            environment: &self.bench.environment,
            host: &self.bench.rustc.host,
            rustc: &self.bench.rustc.path,
            trouble: &self.trouble,
        };
        let with = With {
            features: &key.0,
            rustc: rustc.as_deref(),
            asked: &self.built_in,
            variables: &key.2,
            debug_assertions,
        };
        let done = compiler.compile(self.package, self.manifest, &with, &into);
        compiled.insert(key, done.clone());
        done
    }

    fn request(
        &self,
        case: &Case,
        variables: &Variables,
        shim: &Path,
        compiled: &Compiled,
    ) -> Result<Request, String> {
        let (verbose, _) = simulate::version_texts(&case.rustc, &self.bench.rustc);
        let rustc = RustcOfRequest::parse(shim.to_path_buf(), &verbose)?;
        let environment: inert_resolver::Environment =
            variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect();
        let mut request =
            Request::from_build_script_env(&environment, rustc).map_err(|error| error.to_string())?;
        request.features.clone_from(&case.features);
        request.build_dependencies.clone_from(&compiled.build_dependencies);
        Ok(request)
    }

    /// Runs the script. An error is trouble of the verification itself, and no outcome of the script.
    fn script(
        &self,
        compiled: &Compiled,
        variables: &Variables,
        worker: &Worker,
        log: &Path,
    ) -> Result<Outcome, String> {
        let executable = &compiled.executable;
        let failed = |why: String| Outcome { failed: Some(why), ..Outcome::default() };
        let job = &worker.job;
        let mut longest = TIMEOUT;
        let command = match &self.bench.confined {
            Ok(confined) => {
                let outputs = worker.folder.join("target");
                let runs = Simulated { folder: &worker.folder, outputs: &outputs, home: &worker.home, log };
                let linked = compiled.build_dependencies.values();
                let mut grants = confined.script(executable, self.package, linked, &runs);
                grants.variables.extend(variables.iter().map(|(name, value)| (name.into(), value.into())));
                let program = Program {
                    path: executable.clone(),
                    folder: Some(self.package.to_path_buf()),
                    watch: true,
                    ..Program::default()
                };
                // The supervisor ends the script at the limit, with all that the script started.
                grants.limits.time = Some(TIMEOUT);
                longest += bounded::SUPERVISOR;
                apart::command(&program, &grants, job)
            }
            Err(_) => {
                let mut command = crate::cargo::command(executable);
                command.env_clear().envs(variables).current_dir(self.package);
                Ok(command)
            }
        };
        let Done { status, stdout: output, stderr: errors } =
            bounded::run(command?, longest).map_err(|error| format!("{}: {error}", executable.display()))?;
        let hung =
            || Outcome { hung: true, ..failed(format!("it did not end within {} s", TIMEOUT.as_secs())) };
        let (how, denied) = match (&self.bench.confined, status) {
            (Ok(_), _) => {
                let report = apart::report(job).map_err(|why| {
                    let said = String::from_utf8_lossy(&errors);
                    format!("the script was not run: {why}\n{}", said.trim_end()).trim_end().to_owned()
                })?;
                if report.timed_out {
                    return Ok(hung());
                }
                (report.ended.to_string(), confined::denied(&report.denials))
            }
            (Err(_), None) => return Ok(hung()),
            (Err(_), Some(status)) if status.success() => (String::new(), Vec::new()),
            (Err(_), Some(status)) => (status.to_string(), Vec::new()),
        };
        Ok(match how.as_str() {
            _ if !denied.is_empty() => Outcome { denied, ..Outcome::default() },
            "" => Outcome::of_output(&output, self.manifest.links.is_some()),
            how => {
                let said = String::from_utf8_lossy(&errors).into_owned();
                let text: Vec<&str> = said
                    .lines()
                    .filter(|line| !line.trim().is_empty() && !line.starts_with("note:"))
                    .take(4)
                    .collect();
                failed(format!("{how}: {}", text.join(" / ")))
            }
        })
    }

    fn stand_in(
        &self,
        request: &Request,
        environment: inert_resolver::Environment,
        scratch: PathBuf,
    ) -> Outcome {
        let (send, receive) = std::sync::mpsc::channel();
        let (declaration, asked, folder) =
            (self.subject.declaration.clone(), request.clone(), scratch.clone());
        // On a separate thread, so that a tool that hangs does not block the run.
        std::thread::spawn(move || {
            let mut world = World::new(environment, folder);
            let resolved = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                inert_resolver::resolve(&declaration, &asked, &mut world)
            }));
            let _ = send.send(resolved);
        });
        let resolved = receive.recv_timeout(TIMEOUT);
        let _ = fs::remove_dir_all(&scratch);
        let failed = |why: String| Outcome { failed: Some(why), ..Outcome::default() };
        let Ok(resolved) = resolved else {
            return Outcome {
                hung: true,
                ..failed(format!("the stand-in did not end within {} s", TIMEOUT.as_secs()))
            };
        };
        let printed = match resolved {
            Err(_) => return failed("the resolver panicked".to_owned()),
            Ok(Err(failure)) => {
                // A declaration of the catalog may deliberately report a library as missing where its script would
                // build or guess one; a derived declaration may not.
                let refused = match failure.kind {
                    inert_resolver::FailureKind::Refused { .. } => true,
                    inert_resolver::FailureKind::LibraryNotFound { .. } => {
                        self.subject.origin == crate::plan::model::Origin::Catalog
                    }
                    _ => false,
                };
                return Outcome { refused, ..failed(failure.kind.to_string()) };
            }
            Ok(Ok(resolution)) => {
                let dialect = Dialect::of(request.package.rust_version.as_deref());
                directives::print(&resolution.directives, dialect)
            }
        };
        match printed {
            Ok(printed) => Outcome::of_output(printed.as_bytes(), self.manifest.links.is_some()),
            Err(error) => failed(error.to_string()),
        }
    }
}

fn today() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    (since.as_secs() / 86_400).to_string()
}

impl Worker {
    /// Checks that OUT_DIR is where it was made: a script may write to the folders above it, and replace one by a link.
    fn check(&self) -> Result<(), String> {
        let parent = self.out_dir.parent().map(Path::canonicalize);
        let moved = !parent.is_some_and(|parent| parent.is_ok_and(|parent| parent == self.real));
        let replaced = fs::symlink_metadata(&self.out_dir).is_ok_and(|found| !found.is_dir());
        if moved || replaced {
            return Err(format!(
                "{}: the script replaced this folder, or one above it, so nothing in it is compared",
                self.out_dir.display()
            ));
        }
        Ok(())
    }

    fn empty_out_dir(&self) -> Result<(), String> {
        self.check()?;
        let _ = fs::remove_dir_all(&self.out_dir);
        fs::create_dir_all(&self.out_dir).map_err(|error| format!("{}: {error}", self.out_dir.display()))
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
