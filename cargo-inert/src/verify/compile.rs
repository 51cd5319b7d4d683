//! Compiles an original script with plain Cargo, once, in a separate folder. It is not run here.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use cargo_metadata::Message;
use cargo_metadata::diagnostic::DiagnosticLevel;

use super::confined::Confined;
use super::manifest::Manifest;
use crate::confine::apart::{self, How};
use crate::environment::Environment;

/// A script that is compiled.
#[derive(Debug, Clone, Default)]
pub struct Compiled {
    /// The path of the executable.
    pub executable: PathBuf,
    /// The packages that were linked into it, by name, with their folders.
    pub build_dependencies: BTreeMap<String, PathBuf>,
}

/// The settings for compiling scripts.
#[derive(Debug, Clone)]
pub struct Compiler<'a> {
    /// The path of cargo.
    pub cargo: PathBuf,
    /// The target dir that all scripts share, so that `cc` is compiled once.
    pub target_dir: PathBuf,
    /// The confinement of Cargo, and with it of the scripts and macros of the build-dependencies; `None` if this machine
    /// has none.
    pub confined: Option<&'a Confined>,
    /// The environment of the caller.
    pub environment: &'a Environment,
    /// The triple of the host.
    pub host: &'a str,
}

/// The inputs that change how a script is compiled.
#[derive(Debug, Clone, Copy)]
pub struct With<'a> {
    /// The features that are enabled.
    pub features: &'a BTreeSet<String>,
    /// The path of the compiler; `None` for Cargo's choice.
    pub rustc: Option<&'a Path>,
    /// The variables that the script reads with `option_env!`; those not in `variables` are removed from the
    /// environment.
    pub asked: &'a BTreeSet<String>,
    /// The variables to set, by name.
    pub variables: &'a BTreeMap<String, String>,
    /// True if debug assertions are on.
    pub debug_assertions: bool,
}

/// The time limit of a compilation, long enough for build-dependencies that compile C on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(600);

impl Compiler<'_> {
    /// Compiles the script of the package in `package`, a copy that is modified, and puts the executable at `into`.
    ///
    /// # Errors
    /// The script does not compile, with the messages of Cargo; or a file cannot be read or written.
    pub fn compile(
        &self,
        package: &Path,
        manifest: &Manifest,
        with: &With<'_>,
        into: &Path,
    ) -> Result<Compiled, String> {
        let script = manifest.script.as_deref().ok_or("it has no build script")?;
        let kept = into.with_extension("json");
        if into.is_file()
            && let Ok(bytes) = fs::read(&kept)
            && let Ok(build_dependencies) = serde_json::from_slice(&bytes)
        {
            return Ok(Compiled { executable: into.to_path_buf(), build_dependencies });
        }
        let original = fs::read(package.join("Cargo.toml")).map_err(|error| error.to_string())?;
        let lib = "inert-verify-empty.rs";
        let lock = package.join("Cargo.lock");
        let own_lock = fs::read(&lock).ok();
        let written = fs::write(package.join("Cargo.toml"), manifest.reduced(script, lib))
            .and_then(|()| fs::write(package.join(lib), ""));
        let compiled =
            written.map_err(|error| error.to_string()).and_then(|()| self.cargo(package, with, into));
        // The script runs later in this folder and has to find its package unmodified.
        let _ = fs::write(package.join("Cargo.toml"), original);
        let _ = fs::remove_file(package.join(lib));
        let _ = match own_lock {
            Some(bytes) => fs::write(&lock, bytes),
            None => fs::remove_file(&lock),
        };
        let compiled = compiled?;
        let text = serde_json::to_vec(&compiled.build_dependencies).map_err(|error| error.to_string())?;
        fs::write(&kept, text).map_err(|error| error.to_string())?;
        Ok(compiled)
    }

    fn cargo(&self, package: &Path, with: &With<'_>, into: &Path) -> Result<Compiled, String> {
        let job = into.with_extension("job");
        into.parent()
            .map_or(Ok(()), fs::create_dir_all)
            .map_err(|error| format!("{}: {error}", into.display()))?;
        let (command, fetched) = match self.confined {
            None => (self.unconfined(package, with), Ok(())),
            Some(confined) => {
                // Cargo alone reaches the network, before code of a package runs.
                let fetched = self.fetch(package);
                let read = fetched.as_ref().map_or(&[][..], Vec::as_slice);
                (self.within(confined, package, with, read, &job)?, fetched.map(drop))
            }
        };
        let output = super::bounded::run(command, TIMEOUT)
            .map_err(|error| format!("{}: {error}", self.cargo.display()))?;
        let report = self.confined.map(|_| apart::report(&job));
        let _ = fs::remove_file(&job);
        let _ = fs::remove_file(job.with_extension("result"));
        let (succeeds, denied) = match &report {
            None => (output.status.is_some_and(|status| status.success()), Vec::new()),
            Some(Ok(report)) => (report.ended == How::Code(0), super::confined::denied(&report.denials)),
            Some(Err(_)) => (false, Vec::new()),
        };
        if output.status.is_none() {
            return Err(format!("its script did not compile within {} s", TIMEOUT.as_secs()));
        }
        let mut compiled = Compiled::default();
        let mut errors = String::new();
        for message in Message::parse_stream(output.stdout.as_slice()).map_while(Result::ok) {
            match message {
                Message::CompilerMessage(said) if is_error(said.message.level) => {
                    errors.push_str(&said.message.rendered.unwrap_or_default());
                }
                Message::CompilerArtifact(made) => {
                    if let Some(executable) = made.executable {
                        compiled.executable = executable.into();
                    } else if let Some(root) = made.manifest_path.parent().filter(|root| *root != package) {
                        let name = Manifest::read(root.as_std_path()).map(|manifest| manifest.name);
                        compiled.build_dependencies.insert(name.unwrap_or(made.target.name), root.into());
                    }
                }
                _ => {}
            }
        }
        if !succeeds || compiled.executable.as_os_str().is_empty() {
            let fetched = fetched.err().map(|why| format!("\n{why}")).unwrap_or_default();
            let denied: String = denied.iter().map(|what| format!("\n{what}")).collect();
            return Err(format!(
                "its script does not compile:\n{errors}{}{fetched}{denied}",
                String::from_utf8_lossy(&output.stderr).trim_end()
            ));
        }
        let copied = into
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::copy(&compiled.executable, into));
        copied.map_err(|error| format!("{}: {error}", into.display()))?;
        compiled.executable = into.to_path_buf();
        Ok(compiled)
    }
}

/// The variables of the caller that change how Cargo compiles.
const REMOVED: [&str; 5] =
    ["RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "RUSTFLAGS", "CARGO_TARGET_DIR", "CARGO_BUILD_TARGET"];

impl Compiler<'_> {
    fn arguments(&self, with: &With<'_>) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = [
            "build",
            "--bin",
            "build_script_build",
            "--message-format=json",
            "--quiet",
            "--no-default-features",
            "--target-dir",
        ]
        .map(Into::into)
        .into();
        arguments.push(self.target_dir.clone().into());
        if !with.features.is_empty() {
            arguments.push("--features".into());
            let features: Vec<&str> = with.features.iter().map(String::as_str).collect();
            arguments.push(features.join(",").into());
        }
        arguments
    }

    fn variables(with: &With<'_>) -> Vec<(OsString, OsString)> {
        let mut variables: Vec<(OsString, OsString)> =
            with.variables.iter().map(|(name, value)| (name.into(), value.into())).collect();
        variables.push(("CARGO_PROFILE_DEV_DEBUG".into(), "false".into()));
        variables.push(("CARGO_INCREMENTAL".into(), "0".into()));
        let assertions = with.debug_assertions.to_string();
        variables.push(("CARGO_PROFILE_DEV_DEBUG_ASSERTIONS".into(), assertions.into()));
        variables.extend(with.rustc.map(|rustc| ("RUSTC".into(), rustc.into())));
        variables
    }

    fn unconfined(&self, package: &Path, with: &With<'_>) -> Command {
        let mut command = crate::cargo::command(&self.cargo);
        command.args(self.arguments(with)).current_dir(package);
        for name in REMOVED.into_iter().chain(with.asked.iter().map(String::as_str)) {
            command.env_remove(name);
        }
        command.envs(Self::variables(with));
        command
    }

    /// Has Cargo download what the script is compiled from, and returns the folders of packages that are not
    /// downloaded: dependencies by path.
    fn fetch(&self, package: &Path) -> Result<Vec<PathBuf>, String> {
        let mut command = crate::cargo::command(&self.cargo);
        command.args(["metadata", "--format-version", "1", "--filter-platform", self.host]);
        command.current_dir(package);
        let said = |error: &dyn std::fmt::Display| format!("{}: {error}", self.cargo.display());
        let done = super::bounded::run(command, TIMEOUT).map_err(|error| said(&error))?;
        if !done.status.is_some_and(|status| status.success()) {
            return Err(String::from_utf8_lossy(&done.stderr).trim_end().to_owned());
        }
        let metadata: cargo_metadata::Metadata =
            serde_json::from_slice(&done.stdout).map_err(|error| said(&error))?;
        let by_path = metadata.packages.into_iter().filter(|package| package.source.is_none());
        let roots = by_path.filter_map(|package| Some(package.manifest_path.parent()?.into()));
        Ok(roots.filter(|root: &PathBuf| root != package).collect())
    }

    fn within(
        &self,
        confined: &Confined,
        package: &Path,
        with: &With<'_>,
        read: &[PathBuf],
        job: &Path,
    ) -> Result<Command, String> {
        let mut arguments = self.arguments(with);
        arguments.extend(["--offline".into(), "--manifest-path".into(), package.join("Cargo.toml").into()]);
        let (program, mut grants) = confined.cargo_build(
            &self.cargo,
            arguments,
            self.environment,
            with.asked,
            [package, &self.target_dir],
        );
        let home = self.environment.get("HOME").map(Path::new);
        read.iter().for_each(|root| crate::confine::grant_visible(root, home, &mut grants));
        grants.variables.extend(Self::variables(with));
        apart::command(&program, &grants, job)
    }
}

/// Returns whether a message of rustc is an error.
pub(crate) fn is_error(level: DiagnosticLevel) -> bool {
    matches!(level, DiagnosticLevel::Error | DiagnosticLevel::Ice)
}

/// Copies a package without `.git` and target folders.
///
/// # Errors
/// A file cannot be read or written.
pub fn copy_package(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let (source, target) = (entry.path(), to.join(&name));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if name != ".git" && !(name == "target" && source.join("CACHEDIR.TAG").exists()) {
                copy_package(&source, &target)?;
            }
        } else if kind.is_symlink() {
            #[cfg(unix)]
            std::os::unix::fs::symlink(fs::read_link(&source)?, &target)?;
        } else {
            fs::copy(&source, &target).map(drop)?;
        }
    }
    Ok(())
}
