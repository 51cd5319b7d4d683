//! Compiles a script to a WebAssembly module, as a program of its own: its build-dependencies are the program's
//! dependencies, in the versions of the workspace's Cargo.lock.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use cargo_metadata::Message;

use crate::cargo::package::PackageId;
use crate::environment::Environment;
use crate::file::{remove, replace, write_if_changed};
use crate::plan::model::wasm::Linked;
use crate::toml_text::quoted;
use crate::verify::compile::{is_error, without_configuration};
use crate::verify::in_wasm;
use crate::verify::manifest::Manifest;
use crate::wrapper::wasm;

/// The library of the package while its script is compiled.
const EMPTY: &str = "inert-bake-empty.rs";

/// The settings for compiling a script to a module.
#[derive(Debug, Clone)]
pub struct Compiler {
    /// The program that compiles: `cargo-inert`, which decides the scripts and macros of the dependencies, or cargo.
    pub cargo: PathBuf,
    /// The environment of the program.
    pub environment: Environment,
    /// The folder for intermediate files, which several scripts share.
    pub target_dir: PathBuf,
    /// The policy for the dependencies.
    pub policy: Option<PathBuf>,
    /// The Cargo.lock that selects the dependencies' versions; `None` for the newest ones.
    pub lock: Option<PathBuf>,
}

/// A script that was compiled to WebAssembly.
#[derive(Debug, Clone)]
pub struct Module {
    /// The content of the module, in WebAssembly's binary format.
    pub bytes: Vec<u8>,
    /// True if a source, of the script or of a crate that it links, may write the host's separator of paths.
    pub separators: bool,
    /// The sources of the script itself, relative to its package.
    pub sources: BTreeSet<String>,
    /// True if it links other crates.
    pub links_others: bool,
    /// The packages that were compiled for it, macros included, with their features.
    pub compiled: Vec<(PackageId, BTreeSet<String>)>,
}

impl Module {
    /// Refuses a module for which a crate was compiled in another version or with other features than the build links.
    ///
    /// # Errors
    /// The package with both lists of features, or the version that the build does not link.
    pub fn agrees(&self, linked: &Linked) -> Result<(), String> {
        self.compiled.iter().try_for_each(|(id, features)| wasm::check_agreement(id, features, linked))
    }
}

impl in_wasm::Compile for Compiler {
    fn compile(
        &self,
        package: &Path,
        manifest: &Manifest,
        features: &BTreeSet<String>,
    ) -> Result<Arc<Vec<u8>>, String> {
        Ok(Arc::new(Self::compile(self, package, manifest, features)?.bytes))
    }
}

impl Compiler {
    /// Compiles the script of the package in `package`, a copy whose manifest is replaced while it is compiled.
    ///
    /// # Errors
    /// The script, or a crate that it links, does not compile for the target or would behave differently there.
    pub fn compile(
        &self,
        package: &Path,
        manifest: &Manifest,
        features: &BTreeSet<String>,
    ) -> Result<Module, String> {
        let script = manifest.script.as_deref().ok_or("it has no build script")?;
        let said = |error: std::io::Error| format!("{}: {error}", package.display());
        let original = std::fs::read(package.join("Cargo.toml")).map_err(said)?;
        let own = ["Cargo.lock", "inert.toml", "inert.lock"];
        let kept: Vec<_> =
            own.iter().map(|name| (package.join(name), std::fs::read(package.join(name)).ok())).collect();
        let policy = match &self.policy {
            Some(path) => format!("schema = 1\nextends = [{}]\n", quoted(&path.to_string_lossy())),
            None => "schema = 1\n".to_owned(),
        };
        let write = || -> std::io::Result<()> {
            without_configuration(package)?;
            replace(&package.join("Cargo.toml"), manifest.reduced(script, EMPTY).as_bytes())?;
            replace(&package.join(EMPTY), b"")?;
            for (path, _) in &kept {
                remove(path)?;
            }
            write_if_changed(&package.join("inert.toml"), policy.as_bytes())?;
            match &self.lock {
                Some(lock) => replace(&package.join("Cargo.lock"), &std::fs::read(lock)?),
                None => Ok(()),
            }
        };
        let compiled = write().map_err(said).and_then(|()| self.cargo(package, script, features));
        // The script runs in this folder and has to find its package unmodified.
        let restored = replace(&package.join("Cargo.toml"), &original).map_err(said);
        let _ = std::fs::remove_file(package.join(EMPTY));
        for (path, bytes) in kept {
            let _ = match bytes {
                Some(bytes) => replace(&path, &bytes),
                None => remove(&path),
            };
        }
        restored.and(compiled)
    }

    fn cargo(&self, package: &Path, script: &str, features: &BTreeSet<String>) -> Result<Module, String> {
        let mut command = crate::cargo::command(&self.cargo);
        command
            .args(["build", "--release", "--bin", "build_script_build", "--no-default-features"])
            .args(["--message-format=json", "--target", wasm::TARGET])
            .arg("--target-dir")
            .arg(&self.target_dir)
            .env_clear()
            .envs(&self.environment.variables)
            .env_remove("CARGO_BUILD_TARGET")
            .env_remove("CARGO_TARGET_DIR")
            .current_dir(package)
            .stdin(Stdio::null());
        // Everything that a lock file names was fetched for the build.
        if self.lock.is_some() {
            command.arg("--offline");
        }
        if !features.is_empty() {
            command.arg("--features").arg(features.iter().map(String::as_str).collect::<Vec<_>>().join(","));
        }
        let output = command.output().map_err(|error| format!("{}: {error}", self.cargo.display()))?;
        let mut module = None;
        let (mut libraries, mut errors) = (Vec::new(), String::new());
        let mut compiled = Vec::new();
        for message in Message::parse_stream(output.stdout.as_slice()).map_while(Result::ok) {
            match message {
                Message::CompilerMessage(said) if is_error(said.message.level) => {
                    errors.push_str(&said.message.rendered.unwrap_or_default());
                }
                Message::CompilerArtifact(made) => {
                    let with = |extension: &str| {
                        let mut files = made.filenames.iter();
                        files
                            .find(|path| path.extension() == Some(extension))
                            .map(|path| path.as_std_path().to_path_buf())
                    };
                    // The package's own library is the empty one that its manifest needs.
                    let is_own = made.manifest_path.as_std_path().parent() == Some(package);
                    let mut linked = made.target.is_proc_macro();
                    if made.target.is_bin() {
                        module = with("wasm");
                    } else if let Some(library) = with("rlib") {
                        // A library for the host is linked into a macro, not into the script.
                        linked = library.components().any(|part| part.as_os_str() == wasm::TARGET);
                        if linked && !is_own {
                            let id = PackageId::parse(&made.package_id.repr);
                            libraries.push((id.map(|id| id.name).unwrap_or_default(), library));
                        }
                    }
                    if linked && !is_own {
                        let id = PackageId::parse(&made.package_id.repr).ok_or_else(|| {
                            format!("cargo named a package in a form that is not known: {}", made.package_id)
                        })?;
                        compiled.push((id, made.features.into_iter().collect()));
                    }
                }
                _ => {}
            }
        }
        let module = module.filter(|_| output.status.success()).ok_or_else(|| {
            let said = String::from_utf8_lossy(&output.stderr);
            format!("it does not compile for {}:\n{errors}{}", wasm::TARGET, said.trim_end())
        })?;
        let own = crate::artifacts::dep_info::sources(&module.with_extension("d"))
            .map_err(|error| format!("Cargo's list of its sources: {error}"))?;
        // Cargo's list names the sources of all packages in folders, the empty library among them.
        let own: Vec<PathBuf> = own.into_iter().filter(|path| path.starts_with(package)).collect();
        if !own.contains(&package.join(script)) {
            return Err(format!("Cargo's list of its sources lacks {script}"));
        }
        wasm::check_script(&own, package)?;
        let relative =
            |path: &PathBuf| Some(path.strip_prefix(package).ok()?.to_string_lossy().replace('\\', "/"));
        let sources = own.iter().filter_map(relative).filter(|path| path != EMPTY).collect();
        let mut all = own;
        let links_others = !libraries.is_empty();
        for (name, library) in &libraries {
            let list = crate::artifacts::dep_info::of_library(library);
            let sources = crate::artifacts::dep_info::sources(&list)
                .map_err(|error| format!("{}: {error}", list.display()))?;
            wasm::check_dependency(&sources)?;
            wasm::check_width(name, &sources)?;
            all.extend(sources);
        }
        let separators = all.iter().any(|path| {
            crate::file::read_text(path)
                .is_ok_and(|text| text.contains("MAIN_SEPARATOR") || text.contains("is_separator"))
        });
        let bytes = std::fs::read(&module).map_err(|error| format!("{}: {error}", module.display()))?;
        Ok(Module { bytes, separators, sources, links_others, compiled })
    }
}
