//! The wrapper without the driver: `build.rustc-wrapper = "inert"` for plain Cargo and editors, and each cargo that a
//! test or a program under `cargo inert` starts. The promise is smaller: no undecided script starts whenever Cargo
//! calls the wrapper. There is no unit graph, so no unit is skipped, and a run that the declaration does not cover is
//! noticed only by the stand-in, which then fails.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use inert_manifest_spec::glob::name_matches;

use super::arguments::RustcArguments;
use super::failure::Failure;
use super::outputs;
use super::pinned::aside_is_pinned;
use super::rustc::{compile_aside, pass_on};
use crate::artifacts::sidecar::Sidecar;
use crate::cargo::facts::RustcFacts;
use crate::cargo::package::{Package, PackageId, pin_source};
use crate::environment::Environment;
use crate::plan::model::{
    Action, BY_MEMBERS, BY_UNDECIDED, Checked, Confined, Declared, Origin, Refusal, ScriptPlan,
};
use crate::plan::verdict::{self, Facts};
use crate::plan::{closure, declaration, derivation};
use crate::policy::{Date, Members, Policy, Trust, Unavailable, Undecided};

pub(super) fn run(
    raw: &[OsString],
    parsed: &RustcArguments,
    environment: &Environment,
) -> Result<ExitCode, Failure> {
    if !parsed.looks_like_script() {
        return pass_on(raw, None, environment).map_err(Failure::from);
    }
    let root =
        environment.get("CARGO_MANIFEST_DIR").map(PathBuf::from).ok_or("CARGO_MANIFEST_DIR is not set")?;
    let field = |name: &str| environment.text(name).map(str::to_owned).ok_or(format!("{name} is not set"));
    let workspace = workspace(parsed.out_dir.as_deref().unwrap_or(Path::new("/")));
    workspace.iter().for_each(|root| crate::digest::judge_apart(root));
    let (name, version) = (field("CARGO_PKG_NAME")?, field("CARGO_PKG_VERSION")?);
    let source = match workspace.as_deref() {
        Some(root) => locked_source(root, &name, &version)?,
        None => None,
    };
    let member =
        source.is_none() && workspace.as_deref().is_some_and(|workspace| is_member(workspace, &root));
    let id = PackageId {
        name,
        version,
        source: source.unwrap_or_else(|| format!("path+file://{}", root.display())),
    };
    let package = Package::in_folder(id, &root)?;
    let script = parsed.source.as_deref().unwrap_or(Path::new(""));
    if !is_named_for(&parsed.crate_name, script) {
        return pass_on(raw, None, environment).map_err(Failure::from);
    }
    let minimum: Vec<PathBuf> =
        crate::policy::named_minimum(environment)?.map(Path::to_path_buf).into_iter().collect();
    // `[env]` of the tree may have set the variable for trust, so only the record counts.
    let trust = Trust::recorded_alone(environment);
    let policy = Policy::find(&minimum, workspace.as_deref(), environment.config_dir().as_deref(), &trust)
        .map_err(|bad| format!("{}: {}", bad.path.display(), first_message(&bad.diagnostics)))?;
    let pin = pin_source(&package, workspace.as_deref().unwrap_or(Path::new("/nonexistent")));
    let declared =
        declaration::declaration(&package, script, &pin, &policy, &derivation::Cache::of(environment))
            .map_err(|bad| format!("{}: {}", bad.file, first_message(&bad.diagnostics)))?;
    let deny = policy.deny.max(crate::cargo::invocation::deny_from(environment)?);
    let facts =
        Facts { package: &package, source: &pin, member, is_std: false, declared: declared.as_ref().ok() };
    // Only the unit graph shows the targets that a script runs for. The stand-in of a dependency checks its target when
    // it runs. A member may run its own script instead, so it does whenever its declaration covers only some targets.
    let uncovered = |declared: &Declared| {
        let unsupported = declared.declaration.unsupported.as_ref().filter(|_| member)?;
        Some(Refusal::NotCovered {
            line: None,
            advice: None,
            conditions: vec![unsupported.to_string()],
            target: "the target, which the wrapper alone does not know".to_owned(),
        })
    };
    let verdict = verdict::verdict(&facts, &policy, deny, uncovered);
    if verdict.action == Action::Run {
        let around = around(raw, parsed, environment, workspace.as_deref(), &policy)?;
        let Some(checked) = checked(&package, &pin, &policy, &around, member)? else {
            return pass_on(raw, None, environment).map_err(Failure::from);
        };
        let plan = ScriptPlan { checked: Some(checked), ..plan(&package, Action::Run, verdict.origin) };
        return run_checked(raw, parsed, environment, &plan, &policy).map_err(Failure::from);
    }
    match declared {
        Ok(declared) if verdict.action == Action::Replace => {
            let plan = ScriptPlan {
                declaration: declared.text,
                declared_in: declared.place,
                rustc: rustc_facts(raw, environment)?,
                ..plan(&package, Action::Replace, declared.origin)
            };
            write_plan(parsed, &plan)?;
            let watched = watched(&plan, &policy);
            let watched: Vec<&Path> = watched.iter().map(PathBuf::as_path).collect();
            outputs::write_stand_in(parsed, &SIDECAR, &watched)?;
            Ok(ExitCode::SUCCESS)
        }
        declared => Err(Failure::Refused {
            package: package.id.to_string(),
            refusal: Box::new(verdict.refusal.unwrap_or(Refusal::Undecided)),
            residue: declared.err().and_then(|residue| residue.into_iter().next()),
        }),
    }
}

/// The sidecar of a stand-in of the wrapper alone.
const SIDECAR: Sidecar<'static> = Sidecar { build_dir: None, script: "alone" };

/// Returns a plan for one script, without the data that only the unit graph has.
fn plan(package: &Package, action: Action, origin: Origin) -> ScriptPlan {
    ScriptPlan {
        package: package.id.clone(),
        root: package.root.clone(),
        links: package.links.clone(),
        rust_version: package.rust_version.clone(),
        action,
        origin,
        declaration: String::new(),
        declared_in: String::new(),
        runs: Vec::new(),
        checked: None,
        targets: BTreeMap::new(),
        rustc: RustcFacts::default(),
        build_dependencies: BTreeMap::new(),
        wasm: None,
        tools: None,
    }
}

/// Writes the plan to the path at which the stand-in expects it.
fn write_plan(parsed: &RustcArguments, plan: &ScriptPlan) -> Result<(), String> {
    let folder = parsed.out_dir.clone().unwrap_or_default();
    let path = folder.join(format!("{}.plan", parsed.crate_name));
    let bytes = serde_json::to_vec(plan).map_err(|error| error.to_string())?;
    crate::file::write_atomic(&path, &bytes).map_err(|error| format!("{}: {error}", path.display()))
}

/// Returns the files whose change makes Cargo call the wrapper again.
fn watched(plan: &ScriptPlan, policy: &Policy) -> Vec<PathBuf> {
    std::iter::once(plan.root.join("Cargo.toml")).chain(policy.files.iter().cloned()).collect()
}

/// Compiles a script that runs, and puts a stand-in before it that checks its files again and its output.
fn run_checked(
    raw: &[OsString],
    parsed: &RustcArguments,
    environment: &Environment,
    plan: &ScriptPlan,
    policy: &Policy,
) -> Result<ExitCode, String> {
    let (aside, status) = compile_aside(raw, parsed, None, None, environment)?;
    if status.success() {
        if let Some(checked) = plan.checked.as_ref().filter(|checked| checked.digest.is_some()) {
            let sysroot = rustc_facts(raw, environment)?.sysroot;
            let build = [parsed.out_dir.as_deref().unwrap_or(Path::new("/nonexistent")), &sysroot];
            aside_is_pinned(&aside, parsed, checked, &plan.root, &build)
                .and_then(|()| checked.look(&plan.root))
                .map_err(|why| format!("the build script of `{}` is refused: {why}", plan.package))?;
        }
        write_plan(parsed, plan)?;
        let watched = watched(plan, policy);
        let watched: Vec<&Path> = watched.iter().map(PathBuf::as_path).collect();
        aside.put_behind_stand_in(parsed, &SIDECAR, &watched, None)?;
    }
    Ok(crate::exit::of_child(status))
}

/// Returns the settings that all confined scripts share.
fn around(
    raw: &[OsString],
    parsed: &RustcArguments,
    environment: &Environment,
    workspace: Option<&Path>,
    policy: &Policy,
) -> Result<Confined, String> {
    let out_dir = parsed.out_dir.as_deref().unwrap_or(Path::new("/"));
    // Cargo puts a cache tag into its target dir.
    let target_dir = out_dir.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    let cannot = inert_sandbox::machine().is_err();
    Ok(Confined {
        workspace: workspace.map(Path::to_path_buf).unwrap_or_default(),
        sysroot: rustc_facts(raw, environment)?.sysroot,
        target_dir: target_dir.unwrap_or(out_dir).to_path_buf(),
        unavailable: cannot && policy.unavailable == Unavailable::Run,
        ..Confined::default()
    })
}

fn first_message(diagnostics: &[inert_manifest_spec::Diagnostic]) -> String {
    diagnostics.first().map(|one| one.message.clone()).unwrap_or_default()
}

/// Returns whether Cargo would give the script in this file the name, which is made from the file's (the Cargo book,
/// "Build Scripts"). An ordinary binary may have such a name too; it is then treated as a script, and never the other
/// way round.
fn is_named_for(crate_name: &str, script: &Path) -> bool {
    let stem = script.file_stem().unwrap_or_default().to_string_lossy().replace('-', "_");
    crate_name == format!("build_script_{stem}") || crate_name.starts_with("metabuild_")
}

/// Returns the checks for a script that runs; `None` for a member's without restrictions. Without the unit graph the
/// packages that are linked into a script are unknown, so that only an entry for a script without dependencies can be
/// checked completely.
///
/// # Errors
/// No entry is for these files.
fn checked(
    package: &Package,
    pin: &str,
    policy: &Policy,
    around: &Confined,
    member: bool,
) -> Result<Option<Checked>, String> {
    let mut entries = policy.allowed(&package.id, pin, Date::today()).peekable();
    if entries.peek().is_none() {
        // The script of a dependency runs without an entry only if undecided scripts may run, confined.
        if !member && policy.undecided == Undecided::Wasm {
            return Err(format!(
                "nothing decides the build script of `{}`; it may run in WebAssembly only, which only `cargo inert` compiles it \
                 to; it was not compiled",
                package.id
            ));
        }
        let place = if member { BY_MEMBERS } else { BY_UNDECIDED };
        let confined = (!member || policy.members >= Members::Confined)
            .then(|| Confined { place: place.to_owned(), ..around.clone() });
        return Ok(
            (!member || policy.members != Members::Allow).then(|| Checked { confined, ..Checked::default() })
        );
    }
    let found = crate::digest::package(&package.root)
        .map_err(|error| format!("{}: {error}", package.root.display()))?;
    let empty = closure::closure_digest(&BTreeMap::new()).map_err(|error| error.to_string())?;
    let entry = entries.find(|entry| {
        crate::digest::is_pinned(&entry.digest, &found)
            && (entry.build_dependencies.is_empty() || entry.build_dependencies.contains(&empty))
    });
    let entry = entry.ok_or_else(|| {
        format!(
            "the build script of `{}` is allowed as other files than these, or with build-dependencies, which only \
             `cargo inert` can check; it was not compiled",
            package.id
        )
    })?;
    if let Some(claim) = &entry.untrusted {
        return Err(format!(
            "the build script of `{}` is refused: {} says what counts once you have accepted it: {claim}\n  \
             help: `cargo inert trust`",
            package.id,
            entry.package.place()
        ));
    }
    if entry.runtime == crate::policy::Runtime::Wasm {
        return Err(format!(
            "the build script of `{}` is allowed in WebAssembly only, which only `cargo inert` compiles it to; it was not \
             compiled",
            package.id
        ));
    }
    let outputs = entry.outputs.clone();
    let confined = entry.rights.unconfined.is_none().then(|| Confined {
        rights: entry.rights.clone(),
        place: entry.package.place(),
        ..around.clone()
    });
    let judged_apart = crate::digest::judged_apart();
    Ok(Some(Checked { digest: Some(found), outputs, confined, judged_apart, ..Checked::default() }))
}

/// Returns the workspace that contains a target dir: the nearest folder above it with a manifest and a Cargo.lock. The
/// working folder cannot be used: for a dependency it is the dependency's own folder, whose policy has no effect. Files
/// in the target dir cannot be used either, since tests and macros write there; the target dir is the outermost folder
/// with Cargo's mark (CACHEDIR.TAG).
fn workspace(out_dir: &Path) -> Option<PathBuf> {
    let target_dir = out_dir.ancestors().filter(|folder| folder.join("CACHEDIR.TAG").is_file()).last();
    let above = target_dir.unwrap_or(out_dir).ancestors().skip(usize::from(target_dir.is_some()));
    let is_root = |folder: &&Path| folder.join("Cargo.lock").is_file() && folder.join("Cargo.toml").is_file();
    above.into_iter().find(is_root).map(Path::to_path_buf)
}

/// Returns whether the workspace's manifest lists the package. A member that is one only because of a path dependency
/// is unknown here, and needs a decision like a dependency; Cargo cannot be asked, since `[env]` may have replaced it.
fn is_member(workspace: &Path, root: &Path) -> bool {
    let Ok(text) = crate::file::read_text(&workspace.join("Cargo.toml")) else { return false };
    let Ok(manifest) = toml::de::DeTable::parse(&text) else { return false };
    let manifest = manifest.get_ref();
    if root == workspace {
        return manifest.contains_key("package");
    }
    let Ok(relative) = root.strip_prefix(workspace) else { return false };
    let relative = relative.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
    let listed = |key: &str, matches: fn(&str, &str) -> bool| {
        let toml::de::DeValue::Table(table) = manifest.get("workspace")?.get_ref() else { return None };
        let toml::de::DeValue::Array(list) = table.get(key)?.get_ref() else { return None };
        let hit = |item: &toml::de::DeValue<'_>| matches!(item, toml::de::DeValue::String(text) if matches(text.trim_end_matches('/'), &relative));
        Some(list.iter().any(|item| hit(item.get_ref())))
    };
    let below = |pattern: &str, path: &str| {
        path == pattern || path.strip_prefix(pattern).is_some_and(|rest| rest.starts_with('/'))
    };
    listed("members", matches_by_component) == Some(true) && listed("exclude", below) != Some(true)
}

/// Returns whether a path matches a pattern component by component. A pattern with `**` or `[…]`, which Cargo knows as
/// well, matches nothing here: the package then needs a decision like a dependency.
fn matches_by_component(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.trim_start_matches("./").split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some("**"), _) => return false,
            (Some(pattern), Some(part)) if name_matches(pattern, part) => {}
            _ => return false,
        }
    }
}

/// Returns the source of a package in Cargo.lock; `None` for a folder of this machine.
///
/// # Errors
/// The lock has two packages with that name and version, but policy entries are for one source; or it cannot be read.
fn locked_source(workspace: &Path, name: &str, version: &str) -> Result<Option<String>, String> {
    let path = workspace.join("Cargo.lock");
    let text = crate::file::read_text(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let lock = crate::cargo::lockfile::Lockfile::parse(&text)?;
    let sources = lock.sources.get(&(name.to_owned(), version.to_owned()));
    let mut sources = sources.into_iter().flatten();
    match (sources.next(), sources.next()) {
        (one, None) => Ok(one.cloned().flatten()),
        (_, Some(_)) => Err(format!(
            "{} holds two packages `{name} {version}`; which of them this is only `cargo inert` can tell; it was not compiled",
            path.display()
        )),
    }
}

fn rustc_facts(raw: &[OsString], environment: &Environment) -> Result<RustcFacts, String> {
    // `wrapper [workspace-wrapper] rustc …`: rustc is the last argument before the options, or the first if a source
    // file is there.
    let rustc = raw.iter().take_while(|argument| !argument.to_string_lossy().starts_with('-')).last();
    let rustc =
        rustc.filter(|path| Path::new(path).extension().is_none_or(|kind| kind != "rs")).unwrap_or(&raw[0]);
    let ask = |arguments: &[&str]| {
        let output = crate::cargo::command(rustc).args(arguments).output();
        output
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
            .map_err(|error| format!("{}: {error}", rustc.to_string_lossy()))
    };
    let verbose_version = ask(&["-vV"])?;
    let sysroot = PathBuf::from(ask(&["--print", "sysroot"])?.trim());
    let host =
        verbose_version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default().to_owned();
    let path = PathBuf::from(rustc);
    let bare = path.components().count() == 1;
    let found = if bare { environment.find_program(&path.to_string_lossy()) } else { None };
    Ok(RustcFacts { path: found.unwrap_or(path), verbose_version, host, sysroot })
}
