//! The bench: where scripts and stand-ins are run on the same inputs, one after the other in the same OUT_DIR.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use inert_manifest_spec::{Declaration, Truth};
use inert_resolver::request::Rustc as RustcOfRequest;
use inert_resolver::{Dialect, Request, World, directives};

use super::case::{CTools, Case, Libraries, Release};
use super::compare::{Difference, differences};
use super::compile::{Compiled, Compiler};
use super::manifest::Manifest;
use super::mentions::Mentions;
use super::observe::Outcome;
use super::shim::{self, Answers, Probes};
use super::simulate::{self, Place, Variables};
use super::targets::Rustc;
use super::variations;
use crate::environment::Environment;
use crate::plan::Origin;

/// A script to be verified.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The package's folder, only read.
    pub root: PathBuf,
    /// What stands for the script.
    pub declaration: Declaration,
    /// By whose word.
    pub origin: Origin,
    /// Variables that are known to be asked for.
    pub variables: BTreeSet<String>,
    /// Feature sets that a build at hand has.
    pub builds: Vec<BTreeSet<String>>,
    /// The lock file by which its build-dependencies are chosen.
    pub lock: Option<PathBuf>,
}

impl Subject {
    /// A package in a folder, and what is to stand for its script.
    #[must_use]
    pub fn new(root: &Path, declaration: Declaration) -> Self {
        Self {
            root: root.to_path_buf(),
            declaration,
            origin: Origin::Package,
            variables: BTreeSet::new(),
            builds: Vec::new(),
            lock: None,
        }
    }
}

/// What came of one subject.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Cases that were run on both sides.
    pub compared: usize,
    /// Of these, where both succeeded.
    pub succeeded: usize,
    /// Cases that the declaration says it does not cover.
    pub skipped: usize,
    /// Cases in which the stand-in refused by a rule to do what the script does.
    pub refused: usize,
    /// Why, the first time.
    pub refusal: Option<String>,
    /// Cases that differ, with how.
    pub mismatches: Vec<(Case, Vec<Difference>)>,
    /// Why nothing could be compared.
    pub failure: Option<String>,
    /// Whether cases were left out for want of time.
    pub cut_short: bool,
    /// How long it took, compiling put aside.
    pub time: Duration,
}

/// Everything that subjects share.
#[derive(Debug)]
pub struct Bench {
    /// Folder for all that is written.
    pub folder: PathBuf,
    /// The caller's environment.
    pub environment: Environment,
    /// The real compiler.
    pub rustc: Rustc,
    /// The real cargo.
    pub cargo: PathBuf,
    /// How many runs at once.
    pub threads: usize,
    /// How many random cases per subject.
    pub random: usize,
    /// After so many mismatches a subject is left alone.
    pub max_mismatches: usize,
    /// After that no further case of a subject is begun.
    pub time_limit: Duration,
    shims: Mutex<BTreeMap<(Release, Probes), PathBuf>>,
}

/// After that a script is taken to hang.
const TIMEOUT: Duration = Duration::from_secs(60);

impl Bench {
    /// A bench in a folder.
    ///
    /// # Errors
    /// There is no rustc, or the folder cannot be written.
    pub fn new(folder: &Path, environment: &Environment, cargo: &Path, cwd: &Path) -> Result<Self, String> {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let folder = folder.canonicalize().map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self {
            rustc: Rustc::find(environment, cwd)?,
            environment: environment.clone(),
            cargo: cargo.to_path_buf(),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            random: 60,
            max_mismatches: 8,
            time_limit: Duration::from_secs(120),
            shims: Mutex::default(),
            folder,
        })
    }

    /// Compiles the subject's script and runs it and its stand-in in every case.
    pub fn verify(&self, subject: &Subject) -> Verdict {
        let mut verdict = Verdict::default();
        if let Err(problem) = self.try_verify(subject, &mut verdict) {
            verdict.failure = Some(problem);
        }
        verdict
    }

    fn try_verify(&self, subject: &Subject, verdict: &mut Verdict) -> Result<(), String> {
        let manifest = Manifest::read(&subject.root)?;
        let script = manifest.script.clone().ok_or("it has no build script")?;
        let source = fs::read(subject.root.join(&script)).map_err(|error| format!("{script}: {error}"))?;
        let digest = crate::digest::package(&subject.root).unwrap_or_else(|_| crate::digest::bytes(&source));
        let digest = digest.trim_start_matches("sha256:");
        let home = self.folder.join(format!("{}-{}-{}", manifest.name, manifest.version, &digest[..12]));
        let package = home.join("package");
        let _ = fs::remove_dir_all(&package);
        super::compile::copy_package(&subject.root, &package)
            .map_err(|error| format!("{}: {error}", package.display()))?;
        // A published package's own lock file counts for nothing in a build.
        let _ = match &subject.lock {
            Some(lock) => fs::copy(lock, package.join("Cargo.lock")).map(drop),
            None => fs::remove_file(package.join("Cargo.lock")),
        };
        let mentions = Mentions::of_script(&package, &script);
        let text = String::from_utf8_lossy(&source).into_owned();
        let declared_text = inert_manifest_spec::write::declaration(&subject.declaration);
        let mut declared = Mentions::default();
        declared.add(&declared_text.replace('\'', "\n").replace("\\\"", "\""));
        let has =
            |words: &[&str]| words.iter().any(|word| text.contains(word) || declared_text.contains(word));
        let cases = variations::cases(&variations::Inputs {
            manifest: &manifest,
            script: &mentions,
            declared: &declared,
            variables: &subject.variables,
            rustc: &self.rustc,
            builds: &subject.builds,
            compiles_c: has(&["cc::", "cc-library", "extern crate cc"]),
            finds_libraries: has(&["pkg_config", "pkg-config", "system_deps", "vcpkg", "library."]),
            built_in_version: has(&["rustversion"]),
            probes: has(&["--emit", "autocfg", "Command", "probe", "version_check"]),
            folder: &package.to_string_lossy(),
            random: self.random,
        });
        let run = Run {
            bench: self,
            subject,
            manifest: &manifest,
            package: &package,
            home: &home,
            cfg_features: mentions.cfg_features.clone(),
            compiled: Mutex::default(),
            modules: modules(&mentions, &declared),
        };
        // Before anything runs: the manifest in the package's folder is another meanwhile.
        let mut problem = None;
        let mut compiles = |case: &Case| match run.compiled(&case.features) {
            Ok(_) => true,
            Err(said) => {
                problem.get_or_insert(said);
                false
            }
        };
        // Some scripts do not compile with any features.
        let cases: Vec<Case> = cases.into_iter().filter(|case| compiles(case)).collect();
        if let (true, Some(problem)) = (cases.is_empty(), problem) {
            return Err(problem);
        }
        let started = Instant::now();
        run.all(&cases, verdict);
        verdict.time = started.elapsed();
        let _ = fs::remove_dir_all(home.join("runs"));
        Ok(())
    }

    /// The rustc that answers as the case wants.
    fn rustc_shim(&self, release: &Release, probes: Probes) -> Result<PathBuf, String> {
        let mut shims = self.shims.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let key = (release.clone(), probes);
        if let Some(path) = shims.get(&key) {
            return Ok(path.clone());
        }
        let (verbose, short) = simulate::version_texts(release, &self.rustc);
        let name = crate::digest::text(&format!("{verbose}{probes:?}"))[..16].to_owned();
        let path =
            self.folder.join("shims").join(name).join(format!("rustc{}", std::env::consts::EXE_SUFFIX));
        let answers = Answers::Rustc { real: self.rustc.path.clone(), verbose, short, probes };
        shim::install(&path, &answers).map_err(|error| format!("{}: {error}", path.display()))?;
        shims.insert(key, path.clone());
        Ok(path)
    }

    /// Global symbols of an archive, as `nm` prints them.
    fn symbols(&self, archive: &Path) -> Option<BTreeSet<String>> {
        let nm = self.environment.find_program("nm")?;
        let output = crate::cargo::command(nm)
            .args(["-g", "--defined-only"])
            .arg(archive)
            .stderr(Stdio::null())
            .output()
            .ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let symbol = |line: &str| line.split_whitespace().nth(2).map(str::to_owned);
        output.status.success().then(|| text.lines().filter_map(symbol).collect())
    }
}

/// Modules that pkg-config is to find where all libraries are there.
fn modules(script: &Mentions, declared: &Mentions) -> BTreeSet<String> {
    let module = |text: &&String| {
        text.len() < 60
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+._-".contains(&byte))
    };
    script.texts.iter().chain(&declared.texts).filter(module).cloned().collect()
}

/// One subject on the bench.
struct Run<'a> {
    bench: &'a Bench,
    subject: &'a Subject,
    manifest: &'a Manifest,
    package: &'a Path,
    home: &'a Path,
    /// `cfg(feature)` in a script is decided when it is compiled.
    cfg_features: BTreeSet<String>,
    compiled: Mutex<BTreeMap<BTreeSet<String>, Result<Compiled, String>>>,
    modules: BTreeSet<String>,
}

/// What came of a case.
enum Compared {
    /// The stand-in refused, by a rule.
    Refused(String),
    /// Both ran.
    Both { succeeded: bool, differences: Vec<Difference> },
}

/// One thread's folders.
struct Worker {
    out_dir: PathBuf,
    home: PathBuf,
    tools: BTreeMap<CTools, (PathBuf, PathBuf)>,
    pkg_config: BTreeMap<Libraries, PathBuf>,
}

impl Run<'_> {
    fn all(&self, cases: &[Case], verdict: &mut Verdict) {
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
                            Ok(Some(Compared::Both { succeeded, differences })) => {
                                verdict.compared += 1;
                                verdict.succeeded += usize::from(succeeded);
                                if !differences.is_empty() {
                                    verdict.mismatches.push((case.clone(), differences));
                                }
                            }
                        }
                        if started.elapsed() > self.bench.time_limit {
                            verdict.cut_short = true;
                            stop.store(true, Ordering::Relaxed);
                        }
                        if verdict.failure.is_some() || verdict.mismatches.len() >= self.bench.max_mismatches
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
        // As Cargo lays it out, for scripts that look around.
        let out_dir = folder
            .join("target/debug/build")
            .join(format!("{}-0123456789abcdef", self.manifest.name))
            .join("out");
        let home = folder.join("home");
        fs::create_dir_all(&out_dir).map_err(say)?;
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
        for (libraries, version) in [
            (Libraries::None, ""),
            (Libraries::Version("99.0.0"), "99.0.0"),
            (Libraries::Version("0.1"), "0.1"),
        ] {
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
        Ok(Worker { out_dir, home, tools, pkg_config })
    }

    /// None where the declaration does not cover the case.
    fn one(&self, worker: &Worker, case: &Case) -> Result<Option<Compared>, String> {
        let shim = self.bench.rustc_shim(&case.rustc, case.probes)?;
        let (tools, log) = &worker.tools[&case.c];
        let path = self.bench.environment.get("PATH").unwrap_or_default().to_string_lossy().into_owned();
        let place = Place {
            package: self.package,
            out_dir: &worker.out_dir,
            rustc: &shim,
            home: &worker.home,
            tools,
            pkg_config: worker.pkg_config.get(&case.libraries).map(PathBuf::as_path),
            path: &path,
            cargo: &self.bench.cargo,
        };
        let variables = simulate::scripts(case, &place, self.manifest, &self.bench.rustc)?;
        let callers = simulate::callers(case, &place);
        let compiled = self.compiled(&case.features)?;
        let request = self.request(case, &variables, &shim, &compiled)?;
        let environment: inert_resolver::Environment =
            callers.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect();
        let mut world = World::new(environment.clone(), PathBuf::new());
        if inert_resolver::unsupported(&self.subject.declaration, &request, &mut world) != Truth::No {
            return Ok(None);
        }
        let folders = [self.package, worker.out_dir.as_path()];
        empty(&worker.out_dir)?;
        let _ = fs::remove_file(log);
        let mut script = self.script(&compiled.executable, &variables);
        script.add_files(&worker.out_dir, &|path| self.bench.symbols(path));
        script.add_compiles(log, &folders);
        empty(&worker.out_dir)?;
        let _ = fs::remove_file(log);
        let mut stand_in = self.stand_in(&request, environment, &worker.out_dir);
        stand_in.add_files(&worker.out_dir, &|path| self.bench.symbols(path));
        stand_in.add_compiles(log, &folders);
        let succeeded = script.failed.is_none() && stand_in.failed.is_none();
        if let (None, true, Some(why)) = (&script.failed, stand_in.refused, &stand_in.failed) {
            return Ok(Some(Compared::Refused(why.clone())));
        }
        Ok(Some(Compared::Both { succeeded, differences: differences(&script, &stand_in) }))
    }

    fn compiled(&self, features: &BTreeSet<String>) -> Result<Compiled, String> {
        let key: BTreeSet<String> = features.intersection(&self.cfg_features).cloned().collect();
        let mut compiled = lock(&self.compiled);
        if let Some(done) = compiled.get(&key) {
            return done.clone();
        }
        let name = crate::digest::text(&key.iter().map(String::as_str).collect::<Vec<_>>().join(","));
        // The newest versions of its build-dependencies change; within a day nobody minds.
        let lock = self
            .subject
            .lock
            .as_deref()
            .and_then(|lock| fs::read(lock).ok())
            .map_or_else(today, |lock| crate::digest::bytes(&lock)[..8].to_owned());
        let into = self.home.join("scripts").join(lock).join(&name[..16]);
        let compiler =
            Compiler { cargo: self.bench.cargo.clone(), target_dir: self.bench.folder.join("target") };
        let done = compiler.compile(self.package, self.manifest, &key, &into);
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

    fn script(&self, executable: &Path, variables: &Variables) -> Outcome {
        let mut command = crate::cargo::command(executable);
        command.env_clear().envs(variables).current_dir(self.package);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let failed = |why: String| Outcome { failed: Some(why), ..Outcome::default() };
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => return failed(format!("{}: {error}", executable.display())),
        };
        let mut stderr = child.stderr.take();
        let mut stdout = child.stdout.take();
        let errors = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = stderr.as_mut().map(|stderr| stderr.read_to_end(&mut bytes));
            bytes
        });
        let output = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = stdout.as_mut().map(|stdout| stdout.read_to_end(&mut bytes));
            bytes
        });
        let started = Instant::now();
        let mut pause = Duration::from_micros(200);
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None) if started.elapsed() < TIMEOUT => std::thread::sleep(pause),
                _ => {
                    let _ = child.kill();
                    let _ = child.wait();
                    break None;
                }
            }
            pause = (pause * 2).min(Duration::from_millis(5));
        };
        let (output, errors) = (output.join().unwrap_or_default(), errors.join().unwrap_or_default());
        match status {
            None => failed(format!("it did not end within {} s", TIMEOUT.as_secs())),
            Some(status) if status.success() => Outcome::of_output(&output, self.manifest.links.is_some()),
            Some(status) => {
                let said = String::from_utf8_lossy(&errors).into_owned();
                let text: Vec<&str> = said
                    .lines()
                    .filter(|line| !line.trim().is_empty() && !line.starts_with("note:"))
                    .take(4)
                    .collect();
                failed(format!("{status}: {}", text.join(" / ")))
            }
        }
    }

    fn stand_in(
        &self,
        request: &Request,
        environment: inert_resolver::Environment,
        out_dir: &Path,
    ) -> Outcome {
        let scratch = out_dir.with_file_name("inert-scratch");
        let mut world = World::new(environment, scratch.clone());
        let resolved = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            inert_resolver::resolve(&self.subject.declaration, request, &mut world)
        }));
        let _ = fs::remove_dir_all(&scratch);
        let failed = |why: String| Outcome { failed: Some(why), ..Outcome::default() };
        let printed = match resolved {
            Err(_) => return failed("the resolver panicked".to_owned()),
            Ok(Err(failure)) => {
                let refused = matches!(failure.kind, inert_resolver::FailureKind::Refused { .. });
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

fn empty(folder: &Path) -> Result<(), String> {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
