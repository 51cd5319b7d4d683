//! A request from the environment that Cargo gives a build script.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use inert_vendored_fallbacks::Environment;

use super::{DepMetadata, Package, Request, Rustc, Target};

/// A variable that Cargo sets and that is missing, or not what Cargo would set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvError {
    /// The variable.
    pub name: &'static str,
    /// What is wrong with it.
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
    /// The request of a build script or stand-in that Cargo started with `environment`, given what `rustc -vV` said.
    ///
    /// What Cargo does not say there stays as it is by default: `build_dependencies`, `providers`, `libraries`,
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
        // A target described by a file is known by its stem.
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

/// The environment for tools: that which Cargo gave a build script, without what Cargo put there for build scripts
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

/// `target/debug` of `target/debug/build/x-0123/out`: the nearest folder above a folder `build`.
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

/// Cargo says the features twice: spelled, joined by `,` (since 1.85), and shouted, one a variable. Only the spelled
/// ones can be told from each other; before 1.85 each shouted name stands for both spellings.
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

/// Cargo's job tokens; without them what `NUM_JOBS` says.
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
