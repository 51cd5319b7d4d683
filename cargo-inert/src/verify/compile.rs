//! Compiles an original script with plain Cargo, once, in a separate folder. It is not run here.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use cargo_metadata::Message;
use cargo_metadata::diagnostic::DiagnosticLevel;

use super::confined::Confined;
use super::manifest::Manifest;
use crate::confine::apart::{self, How};
use crate::environment::Environment;
use crate::file;

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
    /// The path of the real compiler.
    pub rustc: &'a Path,
    /// The first trouble of the verification itself, such as a supervisor that was killed: a script for which there is
    /// one is neither compiled nor known not to compile.
    pub trouble: &'a Mutex<Option<String>>,
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
        let toml = package.join("Cargo.toml");
        let original = file::read(&toml).map_err(|error| format!("{}: {error}", toml.display()))?;
        let lib = package.join(EMPTY);
        let lock = package.join("Cargo.lock");
        let own_lock = file::read(&lock).ok();
        // The package, or confined code that was compiled before, may have made links of these names.
        let written = without_configuration(package)
            .and_then(|()| file::replace(&toml, manifest.reduced(script, EMPTY).as_bytes()))
            .and_then(|()| file::replace(&lib, b""))
            .and_then(|()| {
                own_lock.as_ref().map_or_else(|| file::remove(&lock), |own| file::replace(&lock, own))
            });
        let compiled =
            written.map_err(|error| error.to_string()).and_then(|()| self.cargo(package, with, into));
        // The script runs later in this folder and has to find its package unmodified.
        let restored = file::replace(&toml, &original).and_then(|()| file::remove(&lib));
        let restored = restored.and_then(|()| match own_lock {
            Some(bytes) => file::replace(&lock, &bytes),
            None => file::remove(&lock),
        });
        restored.map_err(|error| self.troubled(format!("{}: {error}", package.display())))?;
        let compiled = compiled?;
        let text = serde_json::to_vec(&compiled.build_dependencies).map_err(|error| error.to_string())?;
        fs::write(&kept, text).map_err(|error| error.to_string())?;
        Ok(compiled)
    }

    /// Keeps a trouble of the verification itself, and returns it.
    fn troubled(&self, why: String) -> String {
        super::run::lock(self.trouble).get_or_insert_with(|| why.clone());
        why
    }

    fn cargo(&self, package: &Path, with: &With<'_>, into: &Path) -> Result<Compiled, String> {
        let job = into.with_extension("job");
        into.parent()
            .map_or(Ok(()), fs::create_dir_all)
            .map_err(|error| format!("{}: {error}", into.display()))?;
        let (command, fetched) = match self.confined {
            None => (self.unconfined(package, with), Ok(Vec::new())),
            Some(confined) => {
                // Cargo alone reaches the network, before code of a package runs.
                let fetched = self.fetch(package, with);
                let read = fetched.as_ref().map_or(&[][..], Vec::as_slice);
                (self.within(confined, package, with, read, &job)?, fetched)
            }
        };
        // A supervisor ends its program at the limit, with all that the program started.
        let longest = if self.confined.is_some() { TIMEOUT + super::bounded::SUPERVISOR } else { TIMEOUT };
        let output = super::bounded::run(command, longest)
            .map_err(|error| self.troubled(format!("{}: {error}", self.cargo.display())))?;
        let report = self.confined.map(|_| apart::report(&job));
        let _ = fs::remove_file(&job);
        let _ = fs::remove_file(job.with_extension("result"));
        let report = report.transpose().map_err(|why| {
            let said = String::from_utf8_lossy(&output.stderr);
            self.troubled(
                format!("its script was not compiled: {why}\n{}", said.trim_end()).trim_end().to_owned(),
            )
        })?;
        let (succeeds, hung, denied) = match &report {
            None => {
                let succeeds = output.status.is_some_and(|status| status.success());
                (succeeds, output.status.is_none(), Vec::new())
            }
            Some(report) => {
                let denied = super::confined::denied(&report.denials);
                (report.ended == How::Code(0), report.timed_out, denied)
            }
        };
        if hung {
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
                        // Confined code may write to Cargo's output, too.
                        let by_path = fetched.as_ref().map_or(&[][..], Vec::as_slice);
                        if self.confined.is_some_and(|confined| {
                            !by_path.iter().any(|one| one == root) && !confined.fetched(root.as_std_path())
                        }) {
                            continue;
                        }
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
        let copied = executable(&compiled.executable, &self.target_dir).and_then(|made| fs::copy(made, into));
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
        command.args(self.arguments(with)).arg("--manifest-path").arg(package.join("Cargo.toml"));
        command.current_dir(root_of(package));
        for name in REMOVED.into_iter().chain(with.asked.iter().map(String::as_str)) {
            command.env_remove(name);
        }
        command.envs(Self::variables(with));
        command
    }

    /// Has Cargo download what the script is compiled from, and returns the folders of packages that are not
    /// downloaded: dependencies by path.
    ///
    /// This Cargo is not confined. Cargo and rustup read configuration, which names programs to start, in the folder
    /// that they are started in and above, so they are not started in one that a package or its scripts write to.
    fn fetch(&self, package: &Path, with: &With<'_>) -> Result<Vec<PathBuf>, String> {
        // rustup's proxy may choose another toolchain there.
        let own = self.confined.and_then(Confined::cargo);
        let mut command = crate::cargo::command(own.as_ref().unwrap_or(&self.cargo));
        command.args(["metadata", "--format-version", "1", "--filter-platform", self.host]);
        command.arg("--manifest-path").arg(package.join("Cargo.toml")).current_dir(root_of(package));
        for name in REMOVED.into_iter().chain(with.asked.iter().map(String::as_str)) {
            command.env_remove(name);
        }
        command.env("RUSTC", self.rustc);
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
        // A folder in the package is granted with it, and may have been replaced by a link.
        let read = read.iter().filter(|root| !root.starts_with(package));
        read.for_each(|root| crate::confine::grant_visible(root, home, &mut grants));
        grants.variables.extend(Self::variables(with));
        grants.limits.time = Some(TIMEOUT);
        apart::command(&program, &grants, job).map_err(|why| self.troubled(why))
    }
}

/// Returns whether a message of rustc is an error.
pub(crate) fn is_error(level: DiagnosticLevel) -> bool {
    matches!(level, DiagnosticLevel::Error | DiagnosticLevel::Ice)
}

/// The name of the empty library of a package while its script is compiled.
const EMPTY: &str = "inert-verify-empty.rs";

/// The configuration of Cargo and rustup, which no build reads in the folder of a dependency.
const CONFIGURATION: [&str; 3] = [".cargo", "rust-toolchain", "rust-toolchain.toml"];

/// Removes the configuration of Cargo and rustup from the copy of a package: it names programs to start.
///
/// # Errors
/// It cannot be removed.
pub fn without_configuration(package: &Path) -> io::Result<()> {
    CONFIGURATION.iter().try_for_each(|name| file::remove(&package.join(name)))
}

/// Returns the root of the file system that a path is in: a folder that no package writes to.
pub(super) fn root_of(path: &Path) -> &Path {
    path.ancestors().last().unwrap_or(path)
}

/// Returns the real path of an executable that Cargo names. Confined code can write to the target dir and to Cargo's
/// output, and must not choose a file elsewhere.
fn executable(made: &Path, target_dir: &Path) -> io::Result<PathBuf> {
    let is_file = fs::symlink_metadata(made)?.is_file();
    let real = made.canonicalize()?;
    if is_file && real.starts_with(target_dir.canonicalize()?) {
        return Ok(real);
    }
    Err(io::Error::other(format!("{} is no file of the target dir", made.display())))
}

/// Copies a package without `.git`, target folders, and the configuration of Cargo and rustup.
///
/// # Errors
/// A file cannot be read or written.
pub fn copy_package(from: &Path, to: &Path) -> io::Result<()> {
    copy_folder(from, to)?;
    without_configuration(to)
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let (source, target) = (entry.path(), to.join(&name));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if name != ".git" && !(name == "target" && source.join("CACHEDIR.TAG").exists()) {
                copy_folder(&source, &target)?;
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

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn an_executable_is_a_file_of_the_target_dir() {
        let folder = tempfile::tempdir().expect("a folder");
        let (target, other) = (folder.path().join("target"), folder.path().join("other"));
        for folder in [&target, &other] {
            fs::create_dir(folder).expect("a folder");
            fs::write(folder.join("made"), "").expect("a file");
        }
        std::os::unix::fs::symlink(other.join("made"), target.join("link")).expect("a link");
        std::os::unix::fs::symlink(&other, target.join("folder")).expect("a link");
        assert!(executable(&target.join("made"), &target).is_ok());
        for path in [other.join("made"), target.join("link"), target.join("folder/made"), target.clone()] {
            assert!(executable(&path, &target).is_err(), "{}", path.display());
        }
    }

    #[test]
    fn a_copy_has_no_configuration_and_replacing_keeps_what_a_link_leads_to() {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, to, kept) =
            (folder.path().join("from"), folder.path().join("to"), folder.path().join("kept"));
        fs::create_dir_all(from.join(".cargo")).expect("a folder");
        for path in [from.join(".cargo/config.toml"), from.join("rust-toolchain.toml"), kept.clone()] {
            fs::write(path, "kept").expect("a file");
        }
        std::os::unix::fs::symlink(&kept, from.join(EMPTY)).expect("a link");
        std::os::unix::fs::symlink(folder.path(), from.join("rust-toolchain")).expect("a link");
        copy_package(&from, &to).expect("a copy");
        let names: Vec<_> =
            fs::read_dir(&to).expect("a folder").flatten().map(|one| one.file_name()).collect();
        assert_eq!(names, [EMPTY]);
        file::replace(&to.join(EMPTY), b"").expect("a file");
        assert!(fs::symlink_metadata(to.join(EMPTY)).is_ok_and(|found| found.is_file()));
        file::remove(&to.join(EMPTY)).expect("it is removed");
        fs::create_dir_all(to.join(EMPTY).join("inner")).expect("a folder");
        file::replace(&to.join(EMPTY), b"").expect("a file");
        assert_eq!(fs::read(&kept).expect("the file"), b"kept");
    }
}
