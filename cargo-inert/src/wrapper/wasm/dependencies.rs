//! Compiles the dependencies of a script for WebAssembly: by `cargo inert build` of a package that depends on exactly
//! the crates that this build's graph links into the script, with the workspace's Cargo.lock and policy. So the scripts
//! and macros of those crates are decided by the same rules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use cargo_metadata::{Message, TargetKind};

use super::{Compiled, TARGET, agreement};
use crate::artifacts::build_dir::BuildDir;
use crate::cargo::package::PackageId;
use crate::environment::Environment;
use crate::file::write_if_changed;
use crate::plan::model::wasm::{Compile, Dependency, Linked};
use crate::toml_text::quoted;

/// The compiled dependencies of a script.
#[derive(Debug, Default)]
pub(super) struct Dependencies {
    /// The direct dependencies, by the name that the script uses.
    pub(super) direct: BTreeMap<String, Compiled>,
    /// All crates that are linked, without macros.
    pub(super) all: Vec<Compiled>,
    /// The folders in which rustc finds indirect dependencies.
    pub(super) folders: Vec<PathBuf>,
}

/// Compiles the crates that `linked` lists.
///
/// # Errors
/// A crate cannot be compiled for the target, is refused by the policy, or gets other features there than in this build.
pub(super) fn compile(
    linked: &Linked,
    plan: &Compile,
    package: &PackageId,
    dir: &BuildDir,
    callers: &Environment,
) -> Result<Dependencies, String> {
    if linked.direct.is_empty() {
        return Ok(Dependencies::default());
    }
    let folder = dir
        .inner()
        .join("wasm")
        .join(&crate::digest::text(&format!("{package} {:?}", linked.features))[..24]);
    // Cargo enables the features of an indirect crate that its dependents request; more only if the package names it.
    // Crates that lack a feature are named in the next round. Not all crates are named at once, since one that only
    // another system needs may not compile for the target.
    let mut named: BTreeSet<&Dependency> = linked.direct.values().collect();
    for _ in 0..4 {
        write_package(&folder, &named, plan).map_err(|error| format!("{}: {error}", folder.display()))?;
        let artifacts = build(&folder, dir, callers)?;
        let mut lacking = BTreeSet::new();
        for artifact in &artifacts {
            let known = agreement::of_build(&artifact.id, linked)?;
            if artifact.features != known.features {
                if named.contains(known) || !artifact.features.is_subset(&known.features) {
                    return Err(agreement::differ(&artifact.id, &artifact.features, known));
                }
                lacking.insert(known);
            }
        }
        if lacking.is_empty() {
            return collect(artifacts, linked);
        }
        named.extend(lacking);
    }
    Err(format!("the features of what it links differ between {TARGET} and this build"))
}

/// A library or macro that Cargo compiled.
struct Artifact {
    id: PackageId,
    features: BTreeSet<String>,
    library: PathBuf,
    is_macro: bool,
}

fn build(folder: &Path, dir: &BuildDir, callers: &Environment) -> Result<Vec<Artifact>, String> {
    let program =
        crate::environment::sibling("cargo-inert").map_err(|error| format!("Inert's own files: {error}"))?;
    let output = crate::cargo::command(program)
        .args([
            "build",
            "--release",
            "--offline",
            "--message-format=json-render-diagnostics",
            "--target",
            TARGET,
        ])
        .arg("--target-dir")
        .arg(dir.wasm_target())
        .env_clear()
        .envs(&callers.variables)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cargo-inert: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("what it links could not be compiled for {TARGET}:\n\n{}", said.trim_end()));
    }
    let mut artifacts = Vec::new();
    for message in Message::parse_stream(output.stdout.as_slice()) {
        let message = message.map_err(|error| format!("a message of Cargo's: {error}"))?;
        let Message::CompilerArtifact(made) = message else { continue };
        let has = |wanted: &[TargetKind]| made.target.kind.iter().any(|kind| wanted.contains(kind));
        let is_macro = has(&[TargetKind::ProcMacro]);
        let is_library = has(&[TargetKind::Lib, TargetKind::RLib]);
        let id = PackageId::parse(&made.package_id.repr).ok_or_else(|| {
            format!("cargo named a package in a form that is not known: {}", made.package_id)
        })?;
        let extension = if is_macro { std::env::consts::DLL_EXTENSION } else { "rlib" };
        let mut libraries = made.filenames.into_iter().map(PathBuf::from);
        let library = libraries.find(|path| path.extension().is_some_and(|found| found == extension));
        let Some(library) = library.filter(|_| (is_macro || is_library) && id.name != NAME) else { continue };
        // A library for the host is linked into a macro, not into the script.
        let for_target = library.components().any(|part| part.as_os_str() == TARGET);
        if is_macro || for_target {
            artifacts.push(Artifact { id, features: made.features.into_iter().collect(), library, is_macro });
        }
    }
    Ok(artifacts)
}

fn collect(artifacts: Vec<Artifact>, linked: &Linked) -> Result<Dependencies, String> {
    let mut found = Dependencies::default();
    for (name, wanted) in &linked.direct {
        let of = |one: &&Artifact| one.id.name == wanted.name && one.id.version == wanted.version;
        // A crate that `[target.'cfg(…)'.dependencies]` excludes for the target cannot be used by the script there.
        if let Some(artifact) = artifacts.iter().find(of) {
            found.direct.insert(name.clone(), compiled(artifact)?);
        }
    }
    for artifact in artifacts.iter().filter(|artifact| !artifact.is_macro) {
        found.all.push(compiled(artifact)?);
    }
    let folders: BTreeSet<_> = artifacts.iter().filter_map(|artifact| artifact.library.parent()).collect();
    found.folders = folders.into_iter().map(Path::to_path_buf).collect();
    Ok(found)
}

fn compiled(artifact: &Artifact) -> Result<Compiled, String> {
    let sources = if artifact.is_macro {
        Vec::new()
    } else {
        let list = crate::artifacts::dep_info::of_library(&artifact.library);
        crate::artifacts::dep_info::sources(&list).map_err(|error| format!("{}: {error}", list.display()))?
    };
    Ok(Compiled { name: artifact.id.name.clone(), library: artifact.library.clone(), sources })
}

/// The name of the package that depends on the crates.
const NAME: &str = "inert-wasm-script";

fn write_package(folder: &Path, named: &BTreeSet<&Dependency>, plan: &Compile) -> std::io::Result<()> {
    std::fs::create_dir_all(folder.join("src"))?;
    let mut manifest = format!(
        "[package]\nname = {}\nversion = \"0.0.0\"\nedition = \"2021\"\n\n[workspace]\n\n[profile.release]\n\
         debug = false\nopt-level = 2\nstrip = true\n\n[dependencies]\n",
        quoted(NAME)
    );
    for (index, one) in named.iter().enumerate() {
        let from = match one.source.strip_prefix("registry+").or(one.source.strip_prefix("sparse+")) {
            Some(index) if one.source.contains("crates.io") && index.contains("crates.io") => String::new(),
            Some(_) => format!(
                ", registry-index = {}",
                quoted(one.source.strip_prefix("registry+").unwrap_or(&one.source))
            ),
            None => format!(", path = {}", quoted(&one.root.to_string_lossy())),
        };
        let features: Vec<String> = one.features.iter().map(|feature| quoted(feature)).collect();
        manifest.push_str(&format!(
            "d{index} = {{ package = {}, version = {}, default-features = false, features = [{}]{from} }}\n",
            quoted(&one.name),
            quoted(&format!("={}", one.version.split('+').next().unwrap_or_default())),
            features.join(", ")
        ));
    }
    write_if_changed(&folder.join("Cargo.toml"), manifest.as_bytes())?;
    write_if_changed(&folder.join("src/lib.rs"), b"")?;
    let policy = match &plan.policy {
        Some(path) => format!("schema = 1\nextends = [{}]\n", quoted(&path.to_string_lossy())),
        None => "schema = 1\n".to_owned(),
    };
    write_if_changed(&folder.join("inert.toml"), policy.as_bytes())?;
    // Cargo removes unneeded packages from the file; so it is written only once, and again if the workspace's changes.
    let lock = std::fs::read(&plan.lockfile)?;
    let digest = crate::digest::bytes(&lock);
    let note = folder.join("lock-digest");
    if std::fs::read(&note).ok().as_deref() != Some(digest.as_bytes()) {
        std::fs::write(folder.join("Cargo.lock"), lock)?;
        std::fs::write(note, digest)?;
    }
    Ok(())
}
