//! The second half of a stand-in: `inert`, started with the caller's environment, does what the declaration says.

mod allowed_script;
#[allow(dead_code, reason = "only the small executable delivers what the driver wrote")]
pub mod answer;
mod dependency_metadata;
pub mod guard;
#[allow(dead_code, reason = "only the small executable starts anything")]
pub mod launch;
pub mod precomputed;
pub mod record;
pub mod script_integrity;
mod shared;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use inert_manifest_spec::LinkKind;
use inert_resolver::{Dialect, Request, World, directives};

use self::record::{FAILURE, RECORD, Record};
use crate::artifacts::build_dir::BuildDir;
use crate::environment::Environment;
use crate::file::write_atomic;
use crate::plan::model::{Action, Provided, Run, ScriptPlan};
use crate::plan::{run_facts, seal};

/// Entry point: `arguments` are the sidecar, then what Cargo set as `NAME=value`.
#[must_use]
pub fn main(arguments: Vec<OsString>) -> ExitCode {
    match run(arguments) {
        Ok(code) => code,
        Err(message) => {
            crate::console::wrapper_error(&message);
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Vec<OsString>) -> Result<ExitCode, String> {
    let mut arguments = arguments.into_iter();
    let sidecar = PathBuf::from(arguments.next().unwrap_or_default());
    let mut pairs: Vec<OsString> = arguments.collect();
    if pairs.is_empty() {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut std::io::stdin(), &mut text).map_err(|error| error.to_string())?;
        pairs = text.split('\0').filter(|pair| !pair.is_empty()).map(OsString::from).collect();
    }
    let cargos = Environment { variables: pairs.iter().filter_map(|pair| split(pair)).collect() };
    let text =
        std::fs::read_to_string(&sidecar).map_err(|error| format!("{}: {error}", sidecar.display()))?;
    let mut lines = text.lines().skip(1);
    let build_dir = Some(lines.next().unwrap_or_default()).filter(|dir| !dir.is_empty()).map(PathBuf::from);
    let id = lines.next().unwrap_or_default();
    let (script, sealed) = match build_dir {
        Some(root) => {
            let dir = BuildDir { root };
            let plan = seal::plan_of_session(&dir, &cargos)?;
            (seal::read_script(&plan, id)?, Some((dir, plan)))
        }
        None => {
            let path = sidecar.with_extension("plan");
            let bytes = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            (serde_json::from_slice(&bytes).map_err(|error| format!("{}: {error}", path.display()))?, None)
        }
    };
    match &script.checked {
        Some(checked) => {
            let dir = sealed.as_ref().map(|(dir, _)| dir);
            allowed_script::run(&script, checked, &sidecar, dir, &cargos)
        }
        None => stand_in(&script, id, sealed.as_ref(), &cargos).map(|()| ExitCode::SUCCESS),
    }
}

fn split(pair: &OsStr) -> Option<(OsString, OsString)> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt as _;
        let bytes = pair.as_bytes();
        let at = bytes.iter().skip(1).position(|byte| *byte == b'=')? + 1;
        Some((OsStr::from_bytes(&bytes[..at]).to_owned(), OsStr::from_bytes(&bytes[at + 1..]).to_owned()))
    }
    #[cfg(not(unix))]
    {
        let text = pair.to_string_lossy();
        let at = text.char_indices().skip(1).find(|(_, c)| *c == '=')?.0;
        Some((OsString::from(&text[..at]), OsString::from(&text[at + 1..])))
    }
}

fn stand_in(
    script: &ScriptPlan,
    id: &str,
    sealed: Option<&(BuildDir, PathBuf)>,
    cargos: &Environment,
) -> Result<(), String> {
    let rustc =
        inert_resolver::request::Rustc::parse(script.rustc.path.clone(), &script.rustc.verbose_version)?;
    let variables: inert_resolver::Environment = cargos.variables.clone().into_iter().collect();
    let mut request = Request::from_build_script_env(&variables, rustc).map_err(|error| error.to_string())?;
    if request.package.manifest_dir != script.root || request.package.name != script.package.name {
        return Err(format!(
            "this stands for `{}` in {}, but Cargo started it for `{}` in {}",
            script.package,
            script.root.display(),
            request.package.name,
            request.package.manifest_dir.display()
        ));
    }
    request.package.links.clone_from(&script.links);
    request.package.rust_version.clone_from(&script.rust_version);
    request.build_dependencies.clone_from(&script.build_dependencies);
    let mut needed = true;
    let mut record = None;
    let mut from_others = Vec::new();
    if let Some((dir, _)) = sealed {
        let run = planned_run(script, &request)?;
        let facts = script.targets.get(&run.target).cloned().unwrap_or_default();
        // What the plan knows outranks the environment, which `[env]` may have added to.
        request.target.cfgs = run_facts::cfgs(&facts, run);
        request.features.clone_from(&run.features);
        from_others = planned(&mut request, script, run);
        dependency_metadata::hold(&mut request, run, dir);
        needed = run.needed && script.action == Action::Replace;
        let folder = dir.run(&request.out_dir);
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let stamp = folder.join("stamp");
        if !stamp.exists() {
            answer::first_stamp(&stamp).map_err(|error| format!("{}: {error}", stamp.display()))?;
        }
        request.stamp = Some(stamp);
        request.store = Some(dir.inner().join("store"));
        record = Some((folder, script.entry(id, run)));
    }
    let tools = Environment::capture();
    let tools: inert_resolver::Environment = tools.variables.into_iter().collect();
    let tools = if sealed.is_some() { tools } else { inert_resolver::request::scrubbed(&tools) };
    let scratch = request.out_dir.with_file_name("inert-scratch");
    let mut world = World::new(tools, scratch.clone());
    let mut attempts = String::new();
    let output = if needed {
        let declaration =
            inert_manifest_spec::parse_declaration(&script.declaration).declaration.ok_or_else(|| {
                format!(
                    "the declaration of `{}` ({}) is no longer valid; run `cargo inert clean`",
                    script.package, script.declared_in
                )
            })?;
        if let Some((dir, plan)) = sealed {
            for (library, script, key) in &from_others {
                let provider = shared::provide(script, key, plan, dir, &request, &mut world);
                request.providers.insert(library.clone(), provider?);
            }
        }
        let resolved = inert_resolver::resolve(&declaration, &request, &mut world);
        let _ = std::fs::remove_dir_all(&scratch);
        match resolved {
            Ok(resolution) => {
                attempts = attempts_text(&resolution.attempts);
                let dialect = Dialect::of(script.rust_version.as_deref());
                directives::print(&resolution.directives, dialect).map_err(|error| error.to_string())?
            }
            Err(failure) => {
                if let Some((folder, entry)) = record {
                    let failed = Record {
                        entry,
                        journal: failure.kind.to_string(),
                        attempts: attempts_text(&failure.attempts),
                        directives: String::new(),
                    };
                    // For `cargo inert explain` alone: without a record Cargo's freshness asks again.
                    let _ = write_atomic(&folder.join(FAILURE), failed.to_text().as_bytes());
                }
                return Err(explain(script, &failure));
            }
        }
    } else {
        request.stamp.as_deref().map(only_the_stamp).unwrap_or_default()
    };
    if let Some((folder, entry)) = record {
        let path = folder.join(RECORD);
        let _ = std::fs::remove_file(folder.join(FAILURE));
        let record = Record { entry, journal: world.journal.to_text(), attempts, directives: output.clone() };
        write_atomic(&path, record.to_text().as_bytes())
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    std::io::stdout().write_all(output.as_bytes()).map_err(|error| format!("standard output: {error}"))
}

/// Sets what the plan says of a run. What is left is each library that another package of the build ships, with that
/// package's script and key.
fn planned(request: &mut Request, script: &ScriptPlan, run: &Run) -> Vec<(String, String, String)> {
    let mut from_others = Vec::new();
    request.host.clone_from(&script.rustc.host);
    for (library, provided) in &run.providers {
        let provider = match provided {
            Provided::System => inert_resolver::request::Provider::System,
            Provided::Source => inert_resolver::request::Provider::Source,
            Provided::Shared { script, key, .. } => {
                from_others.push((library.clone(), script.clone(), key.clone()));
                continue;
            }
        };
        request.providers.insert(library.clone(), provider);
    }
    for (library, is_static) in &run.static_libraries {
        let kind = if *is_static { LinkKind::Static } else { LinkKind::Dylib };
        request.libraries.kind.insert(library.clone(), kind);
    }
    request.libraries.prefix.clone_from(&run.library_prefixes);
    request.not_built.clone_from(&run.not_built);
    from_others
}

/// What a run that nothing needs says.
fn only_the_stamp(stamp: &Path) -> String {
    format!("cargo:rerun-if-changed={}\n", stamp.display())
}

fn attempts_text(attempts: &[inert_resolver::Attempt]) -> String {
    attempts.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The run of the plan that Cargo started: same target and features. None is a refusal: something in the environment
/// is not what was planned.
fn planned_run<'a>(script: &'a ScriptPlan, request: &Request) -> Result<&'a Run, String> {
    let same = |run: &&Run| run.target == request.target.triple && run.features == request.features;
    let mut candidates: Vec<&Run> = script.runs.iter().filter(same).collect();
    candidates
        .sort_by_key(|run| run.opt_level != request.opt_level || run.debug != request.debug || !run.needed);
    candidates.first().copied().ok_or_else(|| {
        let features: Vec<_> = request.features.iter().map(String::as_str).collect();
        format!(
            "Cargo runs the script of `{}` for {} with the features [{}], which the plan of this build does not hold; \
             does `[env]` in .cargo/config.toml set a CARGO_… variable?",
            script.package, request.target.triple, features.join(", ")
        )
    })
}

fn explain(script: &ScriptPlan, failure: &inert_resolver::Failure) -> String {
    let mut text = format!("package `{}`: {}", script.package, failure.kind);
    if !failure.attempts.is_empty() {
        text.push_str("\n  tried:");
        for attempt in &failure.attempts {
            text.push_str(&format!("\n    {attempt}"));
        }
    }
    text.push_str(&format!("\n  declared in {}", script.declared_in));
    text
}

/// The environment of whoever called the `cargo inert` that is running, which nothing in the tree could add to.
///
/// # Errors
/// The variable names no running session.
pub fn callers_environment(dir: &BuildDir, environment: &Environment) -> Result<Environment, String> {
    let variables: Vec<_> =
        environment.variables.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let callers = launch::callers_environment(&dir.root, &variables)?;
    Ok(Environment { variables: callers.into_iter().collect() })
}

/// Touches the stamp of each run whose reads have changed, or of which the plan now says something else (`planned`,
/// by run), so that Cargo starts the stand-in again. Returns what the plan says of the others.
///
/// # Errors
/// A stamp cannot be written.
pub fn refresh(
    dir: &BuildDir,
    planned: &BTreeMap<String, String>,
    environment: &Environment,
) -> std::io::Result<BTreeSet<String>> {
    let environment: inert_resolver::Environment = environment.variables.clone().into_iter().collect();
    let mut current = BTreeSet::new();
    let Ok(runs) = std::fs::read_dir(dir.inner().join("runs")) else { return Ok(current) };
    for run in runs.flatten() {
        let folder = run.path();
        match standing(&folder, planned, &environment) {
            Some(entry) => drop(current.insert(entry)),
            None => write_atomic(&folder.join("stamp"), b"")?,
        }
    }
    Ok(current)
}

/// What the plan says of a run, where that and all that was read are still so.
fn standing(
    folder: &Path,
    planned: &BTreeMap<String, String>,
    environment: &inert_resolver::Environment,
) -> Option<String> {
    let Record { entry, journal, .. } = Record::read(&folder.join(RECORD))?;
    let key = entry.rsplit_once('\t').map(|(key, _)| key).unwrap_or_default();
    // A run that this build does not hold is left as it is.
    let Some(expected) = planned.get(key) else { return Some(entry) };
    let stands = *expected == entry
        && inert_resolver::Journal::parse(&journal)
            .is_ok_and(|journal| journal.still_valid(environment).is_ok());
    stands.then_some(entry)
}
