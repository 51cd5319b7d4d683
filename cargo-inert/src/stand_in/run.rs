//! The run of a stand-in: finds its script in the plan, and prints the resolver's answer.

use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use inert_resolver::{Dialect, Request, World, directives};

use super::record::{FAILURE, RECORD, Record};
use super::request::{attempts_text, only_the_stamp, planned, planned_run};
use super::{allowed_script, answer, dependency_metadata, shared};
use crate::artifacts::build_dir::BuildDir;
use crate::confine::stand_in_tools;
use crate::environment::Environment;
use crate::file::write_atomic;
use crate::plan::model::{Action, ScriptPlan};
use crate::plan::{run_facts, seal};

/// Runs a stand-in; `arguments` are the sidecar, then Cargo's variables as `NAME=value`.
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
        // The plan takes precedence over the environment, to which `[env]` may have added variables.
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
        request.store =
            Some(seal::store_of_session(dir, cargos).unwrap_or_else(|| crate::store::of_build_dir(dir)));
        record = Some((folder, script.entry(id, run)));
    }
    let callers = Environment::capture();
    let fence = sealed.map(|(dir, _)| stand_in_tools::fence(script, dir, cargos, &callers));
    let tools: inert_resolver::Environment = callers.variables.into_iter().collect();
    let tools = if sealed.is_some() { tools } else { inert_resolver::request::scrubbed(&tools) };
    let scratch = request.out_dir.with_file_name("inert-scratch");
    let mut world = World::new(tools, scratch.clone());
    world.fence = fence.unwrap_or_default();
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
                    // Only `cargo inert explain` reads this file; Cargo's freshness depends on the record, which is
                    // missing.
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
