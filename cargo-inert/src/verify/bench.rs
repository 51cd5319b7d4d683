//! Runs scripts and stand-ins on the same inputs, one after the other in the same OUT_DIR.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use inert_manifest_spec::Declaration;
use inert_migrate_tool::Assumptions;

use super::case::{Case, Release};
use super::compare::Difference;
use super::confined::Confined;
use super::manifest::Manifest;
use super::mentions::Mentions;
use super::run::{Run, lock};
use super::shim::{self, Answers, Probes};
use super::supply::{self, Metadata};
use super::targets::Rustc;
use super::{in_wasm, simulate, variations};
use crate::environment::Environment;
use crate::plan::model::Origin;

/// A script to verify.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The package's folder, which is only read.
    pub root: PathBuf,
    /// The declaration that replaces the script.
    pub declaration: Declaration,
    /// The origin of the declaration.
    pub origin: Origin,
    /// The digest of the package's files and of what is derived from them, before any script ran; `None` if the declaration
    /// is not derived.
    pub derivation: Option<String>,
    /// Variables that the script is known to read, besides those that its text mentions.
    pub variables: BTreeSet<String>,
    /// The feature sets of the package in the current build.
    pub builds: Vec<BTreeSet<String>>,
    /// The lock file that selects the build-dependencies.
    pub lock: Option<PathBuf>,
    /// The values that the declarations of its dependencies give `DEP_…` variables.
    pub metadata: Metadata,
    /// The assumptions of the derivation; cases that break them are not covered.
    pub assumes: Assumptions,
}

impl Subject {
    /// Returns the subject for a package and the declaration to compare.
    #[must_use]
    pub fn new(root: &Path, declaration: Declaration) -> Self {
        Self {
            root: root.to_path_buf(),
            declaration,
            origin: Origin::Package,
            derivation: None,
            variables: BTreeSet::new(),
            builds: Vec::new(),
            lock: None,
            metadata: Metadata::new(),
            assumes: Assumptions::default(),
        }
    }
}

/// The result for one subject.
#[derive(Debug, Default)]
pub struct Verdict {
    /// The number of cases that were run on both sides.
    pub compared: usize,
    /// The number of those in which both sides succeeded.
    pub succeeded: usize,
    /// The number of those in which both sides failed; they count as equal, but compare nothing else.
    pub both_failed: usize,
    /// The number of cases that the declaration does not cover.
    pub skipped: usize,
    /// The number of cases in which a rule forbids the stand-in to do what the script does.
    pub refused: usize,
    /// The reason of the first such case.
    pub refusal: Option<String>,
    /// The number of cases in which the script was denied something, so that nothing was compared.
    pub denied: usize,
    /// The actions that it was denied, in all of those cases.
    pub denials: BTreeSet<String>,
    /// The cases that differ, with their differences.
    pub mismatches: Vec<(Case, Vec<Difference>)>,
    /// The reason why nothing could be compared.
    pub failure: Option<String>,
    /// True if cases were left out because of the time limit.
    pub cut_short: bool,
    /// The duration of the runs, without compilation.
    pub time: Duration,
}

/// The data that all subjects share.
#[derive(Debug)]
pub struct Bench {
    /// The folder for all files that are written.
    pub folder: PathBuf,
    /// The environment of the caller.
    pub environment: Environment,
    /// The real compiler and its facts.
    pub rustc: Rustc,
    /// The path of the real cargo.
    pub cargo: PathBuf,
    /// The number of runs at once.
    pub threads: usize,
    /// The number of random cases for each subject.
    pub random: usize,
    /// The number of mismatches after which a subject is abandoned.
    pub max_mismatches: usize,
    /// The time after which no further case of a subject is started.
    pub time_limit: Duration,
    /// The confinement of the scripts; if this machine has none, the reason.
    pub confined: Result<Confined, String>,
    /// If the script in WebAssembly is compared, the compiler for it; the declarations of subjects count for nothing then.
    pub in_wasm: Option<Box<dyn in_wasm::Compile>>,
    shims: Mutex<BTreeMap<(Release, Probes), PathBuf>>,
}

impl Bench {
    /// Returns a bench that writes into a folder.
    ///
    /// # Errors
    /// There is no rustc, or the folder cannot be written.
    pub fn new(folder: &Path, environment: &Environment, cargo: &Path, cwd: &Path) -> Result<Self, String> {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let folder = folder.canonicalize().map_err(|error| format!("{}: {error}", folder.display()))?;
        let rustc = Rustc::find(environment, cwd)?;
        Ok(Self {
            confined: Confined::new(&folder, &rustc.path, environment),
            rustc,
            environment: environment.clone(),
            cargo: cargo.to_path_buf(),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            random: 60,
            max_mismatches: 8,
            time_limit: Duration::from_secs(120),
            in_wasm: None,
            shims: Mutex::default(),
            folder,
        })
    }

    /// Removes the scripts that earlier runs compiled, with their dependencies.
    ///
    /// # Errors
    /// The folder cannot be removed.
    pub fn clean(folder: &Path) -> std::io::Result<()> {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Compiles the subject's script and runs it and its stand-in in every case.
    pub fn verify(&self, subject: &Subject) -> Verdict {
        let mut verdict = Verdict::default();
        if let Err(problem) = self.in_its_home(subject, &mut verdict) {
            verdict.failure = Some(problem);
        }
        verdict
    }

    /// Verifies a subject in its own folder, under a lock: two commands that verify the same package share the folder.
    /// The compiled scripts in it are kept.
    fn in_its_home(&self, subject: &Subject, verdict: &mut Verdict) -> Result<(), String> {
        let manifest = Manifest::read(&subject.root)?;
        let script = manifest.script.clone().ok_or("it has no build script")?;
        let source = fs::read(subject.root.join(&script)).map_err(|error| format!("{script}: {error}"))?;
        let digest = crate::digest::package(&subject.root).unwrap_or_else(|_| crate::digest::bytes(&source));
        let digest = digest.trim_start_matches("sha256:");
        let home = self.folder.join(format!("{}-{}-{}", manifest.name, manifest.version, &digest[..12]));
        let said = |error: std::io::Error| format!("{}: {error}", home.display());
        fs::create_dir_all(&home).map_err(said)?;
        let alone = fs::File::create(home.join("lock")).map_err(said)?;
        alone.lock().map_err(said)?;
        let _ = fs::remove_dir_all(home.join("runs"));
        let done = self.try_verify(subject, (&manifest, &script, &source), &home, verdict);
        let _ = fs::remove_dir_all(home.join("runs"));
        let _ = fs::remove_dir_all(home.join("package"));
        done
    }

    fn try_verify(
        &self,
        subject: &Subject,
        (manifest, script, source): (&Manifest, &str, &[u8]),
        home: &Path,
        verdict: &mut Verdict,
    ) -> Result<(), String> {
        let package = home.join("package");
        let _ = fs::remove_dir_all(&package);
        super::compile::copy_package(&subject.root, &package)
            .map_err(|error| format!("{}: {error}", package.display()))?;
        // Cargo ignores the lock file of a published package in a build that depends on it.
        let _ = match &subject.lock {
            Some(lock) => crate::file::read(lock)
                .and_then(|bytes| crate::file::replace(&package.join("Cargo.lock"), &bytes)),
            None => crate::file::remove(&package.join("Cargo.lock")),
        };
        let mut mentions = Mentions::of_script(&package, script);
        let text = String::from_utf8_lossy(source).into_owned();
        let declared_text = inert_manifest_spec::write::declaration(&subject.declaration);
        if text.contains("system_deps") || subject.declaration.system_deps.is_some() {
            let manifest = fs::read_to_string(subject.root.join("Cargo.toml")).unwrap_or_default();
            supply::add_system_deps(&mut mentions, &manifest);
        }
        let mut declared = Mentions::default();
        declared.add(&declared_text.replace('\'', "\n").replace("\\\"", "\""));
        let has =
            |words: &[&str]| words.iter().any(|word| text.contains(word) || declared_text.contains(word));
        let programs = programs(&subject.declaration);
        let versions = supply::versions(mentions.texts.iter().chain(&declared.texts));
        let wrapper = self.folder.join("shims").join(format!("wrapper{}", std::env::consts::EXE_SUFFIX));
        shim::install(&wrapper, &Answers::Wrapper)
            .map_err(|error| format!("{}: {error}", wrapper.display()))?;
        let cases = variations::cases(&variations::Inputs {
            manifest,
            script: &mentions,
            declared: &declared,
            variables: &subject.variables,
            versions: &versions,
            metadata: &subject.metadata,
            rustc: &self.rustc,
            builds: &subject.builds,
            compiles_c: has(&["cc::", "cc-library", "extern crate cc"]),
            finds_libraries: has(&["pkg_config", "pkg-config", "system_deps", "vcpkg", "library."]),
            built_in_version: has(&["rustversion"]),
            probes: has(&["--emit", "autocfg", "Command", "probe", "version_check"]),
            programs: !programs.is_empty(),
            flags: has(&["RUSTFLAGS", "rustc_flag"]),
            folder: &package.to_string_lossy(),
            wrapper: &wrapper.to_string_lossy(),
            random: self.random,
        });
        let run = Run {
            bench: self,
            subject,
            manifest,
            package: &package,
            home,
            cfg_features: &mentions.cfg_features | &manifest.features_of_build_dependencies(),
            compiled: Mutex::default(),
            trouble: Mutex::default(),
            in_wasm: Mutex::default(),
            built_in_version: has(&["rustversion"]),
            asks_debug_assertions: mentions.debug_assertions,
            built_in: mentions.built_in.clone(),
            modules: modules(&mentions, &declared),
            programs,
            versions,
        };
        // All scripts are compiled before any runs, since compiling replaces the manifest in the package's folder.
        let mut problem = None;
        let mut compiles = |case: &Case| match run.compiled(case).and_then(|_| run.module(case)) {
            Ok(_) => true,
            Err(said) => {
                problem.get_or_insert(said);
                false
            }
        };
        // Some scripts do not compile with every set of features.
        let cases: Vec<Case> = cases.into_iter().filter(|case| compiles(case)).collect();
        if let Some(trouble) = lock(&run.trouble).take() {
            return Err(trouble);
        }
        if let (true, Some(problem)) = (cases.is_empty(), problem) {
            return Err(problem);
        }
        let started = Instant::now();
        run.all(&cases, verdict);
        verdict.time = started.elapsed();
        Ok(())
    }

    /// Returns the path of a shim for rustc that answers as the case demands.
    pub(super) fn rustc_shim(&self, release: &Release, probes: Probes) -> Result<PathBuf, String> {
        let mut shims = lock(&self.shims);
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

    /// Returns the global symbols of an archive, read with `nm`.
    pub(super) fn symbols(&self, archive: &Path) -> Option<BTreeSet<String>> {
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

/// Returns the programs that the declaration looks for on PATH.
fn programs(declaration: &inert_manifest_spec::Declaration) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let text = inert_manifest_spec::write::declaration(declaration).replace("\\\"", "\"");
    for (at, word) in text.match_indices("program = \"") {
        found.extend(text[at + word.len()..].split('"').next().map(str::to_owned));
    }
    found
}

/// Returns the module names that pkg-config finds in cases with all libraries: every text that may be such a name.
fn modules(script: &Mentions, declared: &Mentions) -> BTreeSet<String> {
    let module = |text: &&String| {
        text.len() < 60
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+._-".contains(&byte))
    };
    script.texts.iter().chain(&declared.texts).filter(module).cloned().collect()
}
