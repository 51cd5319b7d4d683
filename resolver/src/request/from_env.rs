//! Makes a request from the environment that Cargo gives a build script.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use inert_vendored_fallbacks::Environment;

use super::{DepMetadata, Package, Request, Rustc, Target};

/// A variable of Cargo's that is missing, or has an unexpected value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvError {
    /// The name of the variable.
    pub name: &'static str,
    /// The problem with the variable.
    pub problem: String,
}

impl std::fmt::Display for EnvError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` {}: this has to be started by Cargo, as a build script", self.name, self.problem)
    }
}

/// The cfg keys of rustc whose value may be empty; any other empty `CARGO_CFG_*` is a bare option.
const KEYS_THAT_MAY_BE_EMPTY: &[&str] =
    &["target_env", "target_abi", "target_vendor", "target_os", "target_feature", "target_family", "feature"];

impl Request {
    /// Makes the request of a build script or stand-in that Cargo started with `environment`, given the output of
    /// `rustc -vV`.
    ///
    /// The fields that Cargo does not set keep their defaults: `build_dependencies`, `providers`, `libraries`,
    /// `store`, `stamp`.
    ///
    /// # Errors
    ///
    /// The variable that is missing.
    pub fn from_build_script_env(environment: &Environment, rustc: Rustc) -> Result<Self, EnvError> {
        let need = |name: &'static str| {
            environment.text(name).map(str::to_owned).ok_or(EnvError { name, problem: "is not set".into() })
        };
        let optional =
            |name: &str| environment.text(name).filter(|value| !value.is_empty()).map(str::to_owned);
        let absolute = |name: &'static str| {
            let path = PathBuf::from(need(name)?);
            if path.is_absolute() {
                Ok(path)
            } else {
                Err(EnvError { name, problem: format!("is not an absolute path: {}", path.display()) })
            }
        };
        let package = Package {
            name: need("CARGO_PKG_NAME")?,
            version: need("CARGO_PKG_VERSION")?,
            manifest_dir: absolute("CARGO_MANIFEST_DIR")?,
            links: optional("CARGO_MANIFEST_LINKS"),
            rust_version: optional("CARGO_PKG_RUST_VERSION"),
        };
        let triple = need("TARGET")?;
        // A target that is described by a file is named by the file's stem.
        let triple = triple.strip_suffix(".json").map_or(triple.as_str(), |stem| {
            Path::new(stem).file_name().and_then(|name| name.to_str()).unwrap_or(stem)
        });
        Ok(Self {
            package,
            target: Target { triple: triple.to_owned(), cfgs: cfgs(environment) },
            host: need("HOST")?,
            features: features(environment),
            profile: need("PROFILE")?,
            opt_level: need("OPT_LEVEL")?,
            debug: !matches!(need("DEBUG")?.as_str(), "false" | "0" | "none"),
            out_dir: absolute("OUT_DIR")?,
            rustc,
            dep: DepMetadata { variables: dep_variables(environment), ..DepMetadata::default() },
            rustflags: rustflags(environment),
            jobs: jobs(environment),
            ..Self::default()
        })
    }
}

/// Returns the environment for tools: that which Cargo gave a build script, without the variables for build scripts
/// alone, and without the folders of the build on search paths (a package's own `cc` would be found there).
#[must_use]
pub fn scrubbed(environment: &Environment) -> Environment {
    let mut clean = environment.clone();
    let build = environment.get("OUT_DIR").and_then(|out_dir| build_root(Path::new(out_dir)));
    for name in ["LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LIBPATH", "PATH"] {
        let (Some(value), Some(root)) = (environment.get(name), &build) else { continue };
        let kept: Vec<PathBuf> =
            std::env::split_paths(value).filter(|entry| !entry.starts_with(root)).collect();
        if kept.is_empty() {
            clean.remove(name);
        } else if let Ok(joined) = std::env::join_paths(kept) {
            clean.set(name, joined);
        }
    }
    clean
}

/// Returns `target/debug` for `target/debug/build/x-0123/out`: the parent of the nearest folder `build`.
fn build_root(out_dir: &Path) -> Option<PathBuf> {
    let build =
        out_dir.ancestors().skip(1).find(|folder| folder.file_name().is_some_and(|name| name == "build"))?;
    build.parent().map(Path::to_path_buf)
}

fn cfgs(environment: &Environment) -> BTreeMap<String, Option<Vec<String>>> {
    let mut cfgs = BTreeMap::new();
    for (name, value) in &environment.variables {
        let (Some(name), Some(value)) = (name.to_str(), value.to_str()) else { continue };
        let Some(name) = name.strip_prefix("CARGO_CFG_") else { continue };
        let name = name.to_lowercase();
        let option = value.is_empty() && !KEYS_THAT_MAY_BE_EMPTY.contains(&name.as_str());
        cfgs.insert(name, (!option).then(|| value.split(',').map(str::to_owned).collect()));
    }
    cfgs
}

/// Reads the features, which Cargo sets twice: as spelled, joined by `,` (since 1.85), and in upper case, one per
/// variable. Only the former is unambiguous; before 1.85 each upper-case name is read as both spellings.
fn features(environment: &Environment) -> std::collections::BTreeSet<String> {
    if let Some(spelled) = environment.text("CARGO_CFG_FEATURE") {
        return spelled.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    }
    let shouted =
        environment.variables.keys().filter_map(|name| name.to_str()?.strip_prefix("CARGO_FEATURE_"));
    let lower = shouted.map(str::to_lowercase);
    lower.flat_map(|name| [name.replace('_', "-"), name]).collect()
}

fn dep_variables(environment: &Environment) -> BTreeMap<String, String> {
    let texts =
        environment.variables.iter().filter_map(|(name, value)| Some((name.to_str()?, value.to_str()?)));
    let of_deps = texts.filter(|(name, _)| name.starts_with("DEP_"));
    of_deps.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Returns Cargo's job tokens or, without them, the limit in `NUM_JOBS`.
fn jobs(environment: &Environment) -> super::Jobs {
    match environment.text("CARGO_MAKEFLAGS") {
        Some(flags) => super::Jobs::Jobserver(flags.to_owned()),
        None => {
            super::Jobs::Threads(environment.text("NUM_JOBS").and_then(|jobs| jobs.parse().ok()).unwrap_or(1))
        }
    }
}

fn rustflags(environment: &Environment) -> Vec<String> {
    match environment.text("CARGO_ENCODED_RUSTFLAGS") {
        None | Some("") => Vec::new(),
        Some(encoded) => encoded.split('\x1f').map(str::to_owned).collect(),
    }
}
