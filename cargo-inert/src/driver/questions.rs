//! The questions to Cargo before a build: the workspace, the unit graph, its version.

use std::path::Path;

use super::context::{Context, Failure};
use super::judged::{self, Judged};
use crate::artifacts::build_dir::BuildDir;
use crate::cargo;
use crate::cargo::invocation::Invocation;
use crate::cargo::metadata::Workspace;
use crate::cargo::recording::{self, Recording};
use crate::cargo::unit_graph::{self, UnitGraph};
use crate::cargo::version::Version;
use crate::file::write_atomic;

/// Asks `cargo metadata --no-deps`, after the configuration was judged.
///
/// # Errors
/// A setting of the configuration is refused, there is no workspace here, or Cargo rejects a manifest.
pub fn workspace(context: &Context, invocation: &Invocation) -> Result<Workspace, Failure> {
    let _ = judged::settle(context, invocation)?;
    ask_workspace(context, invocation)
}

/// Asks `cargo metadata --no-deps`; the configuration was judged before.
pub(super) fn ask_workspace(context: &Context, invocation: &Invocation) -> Result<Workspace, Failure> {
    let mut command = context.cargo("metadata");
    command.args(["--no-deps", "--format-version=1"]).args(invocation.everywhere());
    let answer = cargo::ask(&mut command, &context.cwd)
        .map_err(|error| Failure::Io(context.cargo.display().to_string(), error))?
        .map_err(Failure::Cargo)?;
    Workspace::parse(&answer).map_err(Failure::Unexpected)
}

/// Asks Cargo for the unit graph of this command; meanwhile the wrapper records what Cargo asks rustc.
pub(super) fn ask_unit_graph(
    context: &Context,
    invocation: &Invocation,
    dir: &BuildDir,
    lockfile: Option<&Path>,
    judged: &Judged,
    version: Option<&Version>,
) -> Result<(UnitGraph, Recording), Failure> {
    let (folder, wrapper) = recording::prepare(&dir.inner().join("recordings"))
        .map_err(|error| Failure::Io("recording what rustc says".to_owned(), error))?;
    if context.environment.get("RUSTC_BOOTSTRAP").is_some() {
        write_atomic(&folder.join("bootstrap"), b"")
            .map_err(|error| Failure::Io(folder.display().to_string(), error))?;
    }
    // The arguments after `--` are for clippy itself. Its units are those of `cargo check`.
    let clippy = invocation.command == "clippy";
    let mut command = context.cargo(if clippy { "check" } else { &invocation.command });
    command.args(invocation.for_unit_graph()).args(["--unit-graph", "-Zunstable-options"]);
    // The build itself obeys `[unstable]` only if Cargo is a nightly or the caller has set `RUSTC_BOOTSTRAP`.
    if context.environment.get("RUSTC_BOOTSTRAP").is_none() && !version.is_some_and(Version::is_nightly) {
        for name in judged.unstable().map_err(Failure::Refused)? {
            command.arg("--config").arg(format!("unstable.{name}=false"));
        }
        for name in context.environment.variables.keys() {
            if name.to_string_lossy().starts_with("CARGO_UNSTABLE_") {
                command.env_remove(name);
            }
        }
    }
    if let Some(lockfile) = lockfile {
        let path = crate::toml_text::quoted(&lockfile.to_string_lossy());
        // A setting since Cargo 1.95, an option since 1.85. An older Cargo uses the package's own lock file; if the
        // real installation chooses other versions, it is refused.
        match minor(version).unwrap_or(u32::MAX) {
            95.. => {
                command.args(["-Zlockfile-path", "--config"]).arg(format!("resolver.lockfile-path={path}"))
            }
            85.. => command.arg("--lockfile-path").arg(lockfile),
            _ => &mut command,
        };
    }
    if let Some(trailing) = invocation.trailing.as_ref().filter(|_| !clippy) {
        command.arg("--").args(trailing);
    }
    command.env("RUSTC_BOOTSTRAP", "1").env("CARGO_CACHE_RUSTC_INFO", "0").env("RUSTC_WRAPPER", &wrapper);
    let asked = cargo::ask(&mut command, &context.cwd)
        .map_err(|error| Failure::Io(context.cargo.display().to_string(), error));
    let answer = match asked {
        Ok(Ok(answer)) => answer,
        // `cargo run` prints the graph and then panics, since nothing was built (Cargo 1.95).
        Ok(Err(failure)) if invocation.command == "run" && UnitGraph::parse(&failure.stdout).is_ok() => {
            failure.stdout
        }
        failed => {
            let _ = std::fs::remove_dir_all(&folder);
            return Err(match failed {
                Ok(Err(failure)) => Failure::Cargo(failure),
                Err(failure) => failure,
                Ok(Ok(_)) => Failure::Unexpected(String::new()),
            });
        }
    };
    let graph = UnitGraph::parse(&answer).map_err(Failure::Unexpected)?;
    let mut scripts = graph.units.iter().filter(|unit| unit.is_script_run() || unit.is_script_compile());
    if let Some(unit) = scripts.find(|unit| unit.target.src_path.as_os_str().is_empty()) {
        let id = crate::cargo::package::PackageId::parse(&unit.pkg_id);
        let name = id.map_or_else(|| unit.pkg_id.clone(), |id| id.to_string());
        return Err(Failure::Refused(unit_graph::metabuild(&name)));
    }
    let mut recording = recording::take(&folder).map_err(Failure::Refused)?;
    // A cargo that rustup did not start looks up `rustc` on PATH. Stand-ins start tools by absolute path only.
    if recording.rustc.path.components().count() == 1
        && let Some(found) = context.environment.find_program(&recording.rustc.path.to_string_lossy())
    {
        recording.rustc.path = found;
    }
    Ok((graph, recording))
}

/// Returns whether Cargo is 1.91 or later. An unknown version counts as new; an older Cargo then rejects the setting.
pub(super) fn knows_build_dir(version: Option<&Version>) -> bool {
    minor(version).is_none_or(|minor| minor >= 91)
}

fn minor(version: Option<&Version>) -> Option<u32> {
    version.and_then(|version| version.minor)
}
