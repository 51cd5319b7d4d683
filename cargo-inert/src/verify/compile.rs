//! Compiles an original script with plain Cargo, once, in a separate folder. It is not run here.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cargo_metadata::Message;
use cargo_metadata::diagnostic::DiagnosticLevel;

use super::manifest::Manifest;

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
pub struct Compiler {
    /// The path of cargo.
    pub cargo: PathBuf,
    /// The target dir that all scripts share, so that `cc` is compiled once.
    pub target_dir: PathBuf,
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

impl Compiler {
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
        let With { features, rustc, asked, variables, debug_assertions } = with;
        let mut command = crate::cargo::command(&self.cargo);
        command.args([
            "build",
            "--bin",
            "build_script_build",
            "--message-format=json",
            "--quiet",
            "--no-default-features",
        ]);
        command.arg("--target-dir").arg(&self.target_dir);
        if !features.is_empty() {
            command.arg("--features").arg(features.iter().map(String::as_str).collect::<Vec<_>>().join(","));
        }
        command.current_dir(package);
        for name in [
            "RUSTC_WRAPPER",
            "RUSTC_WORKSPACE_WRAPPER",
            "RUSTFLAGS",
            "CARGO_TARGET_DIR",
            "CARGO_BUILD_TARGET",
        ] {
            command.env_remove(name);
        }
        for name in *asked {
            command.env_remove(name);
        }
        command.envs(*variables);
        command.env("CARGO_PROFILE_DEV_DEBUG", "false").env("CARGO_INCREMENTAL", "0");
        command.env("CARGO_PROFILE_DEV_DEBUG_ASSERTIONS", debug_assertions.to_string());
        if let Some(rustc) = rustc {
            command.env("RUSTC", rustc);
        }
        let output = super::bounded::run(command, TIMEOUT)
            .map_err(|error| format!("{}: {error}", self.cargo.display()))?;
        let Some(status) = output.status else {
            return Err(format!("its script did not compile within {} s", TIMEOUT.as_secs()));
        };
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
        if !status.success() || compiled.executable.as_os_str().is_empty() {
            return Err(format!(
                "its script does not compile:\n{errors}{}",
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
