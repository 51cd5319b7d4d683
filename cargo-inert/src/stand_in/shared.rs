//! Libraries whose source another package of the build ships: each is built once for all packages that link it.
//!
//! Stand-ins run in parallel and in any order, so the first one builds the library, under a lock, in a folder of
//! Inert's build dir that is named by a digest of all inputs; its objects come from the same store as those of the
//! package's own archive. The other stand-ins use the result as long as no input has changed.

use std::fs::File;
use std::path::{Path, PathBuf};

use inert_resolver::request::{Package, Provider, Rustc, Target};
use inert_resolver::{Journal, Request, World};
use serde::{Deserialize, Serialize};

use crate::artifacts::build_dir::BuildDir;
use crate::confine::stand_in_tools;
use crate::file::write_atomic;
use crate::plan::model::{Provided, Run, ScriptPlan};
use crate::plan::{run_facts, seal};

/// The note that is written beside a finished build.
#[derive(Serialize, Deserialize)]
struct Done {
    libs: Vec<(String, bool)>,
    search: Vec<PathBuf>,
    include: Vec<PathBuf>,
    journal: String,
}

/// Returns the provider of a library that `script` (an id of the plan) ships under `key`, for a run like `own`.
///
/// # Errors
/// The library cannot be built; the error holds the compiler's output.
pub(super) fn provide(
    script: &str,
    key: &str,
    plan: &Path,
    dir: &BuildDir,
    own: &Request,
    world: &mut World,
) -> Result<Provider, String> {
    let builder = seal::read_script(plan, script)?;
    // Prefer the run with the same profile: a run for the host may be without optimisation.
    let fits = |run: &&Run| run.needed && run.target == own.target.triple;
    let profile =
        |run: &&Run| (run.opt_level == own.opt_level, run.debug == own.debug, run.profile == own.profile);
    let run =
        builder.runs.iter().rev().filter(fits).max_by_key(profile).ok_or_else(|| {
            format!("the plan holds no run of `{}` for {}", builder.package, own.target.triple)
        })?;
    let name = crate::digest::text(&format!("{}\n{key}", builder.entry(script, run)));
    let folder = dir.inner().join("store").join("provided").join(&name[..24]);
    let io = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(&folder).map_err(io)?;
    // The stand-in's own tools read its headers, and build it from its package.
    let packages = builder.build_dependencies.values().chain([&builder.root]);
    let sources = packages.flat_map(|root| stand_in_tools::sources(root, &builder));
    sources.chain([folder.join("out")]).for_each(|path| world.fence.read(&path));
    // The lock is held until the file is closed, even if this process crashes.
    let guard = File::create(folder.join("lock")).map_err(io)?;
    guard.lock().map_err(io)?;
    let note = folder.join("done");
    if let Some(done) = finished(&note, world) {
        return Ok(done);
    }
    let declaration = inert_manifest_spec::parse_declaration(&builder.declaration)
        .declaration
        .ok_or_else(|| format!("the declaration of `{}` is no longer valid", builder.package))?;
    let request = request(&builder, run, own, folder.join("out"))?;
    let before = world.journal.entries.len();
    let provider = inert_resolver::shared::build(&declaration, key, &request, world).map_err(|failure| {
        format!("`{key}`, of which `{}` ships the source: {}", builder.package, failure.kind)
    })?;
    if let Provider::Shared { libs, search, include, .. } = &provider {
        let done = Done {
            libs: libs.iter().map(|(name, kind)| (name.clone(), kind.is_some())).collect(),
            search: search.iter().map(|(path, _)| path.clone()).collect(),
            include: include.clone(),
            journal: Journal { entries: world.journal.entries[before..].to_vec() }.to_text(),
        };
        let text = serde_json::to_vec(&done).map_err(|error| error.to_string())?;
        write_atomic(&note, &text).map_err(io)?;
    }
    Ok(provider)
}

/// Returns the result of an earlier build if it is still valid; its inputs become inputs of this run.
fn finished(note: &Path, world: &mut World) -> Option<Provider> {
    let done: Done = serde_json::from_slice(&std::fs::read(note).ok()?).ok()?;
    let journal = Journal::parse(&done.journal).ok()?;
    journal.still_valid(&world.environment).ok()?;
    let there = |name: &str| {
        let files = [format!("lib{name}.a"), format!("{name}.lib")];
        done.search.iter().any(|folder| files.iter().any(|file| folder.join(file).is_file()))
    };
    if !done.libs.iter().all(|(name, archive)| !archive || there(name)) {
        return None;
    }
    world.journal.entries.extend(journal.entries);
    let is_static = |is_static: bool| is_static.then_some(inert_manifest_spec::LinkKind::Static);
    Some(Provider::Shared {
        libs: done.libs.into_iter().map(|(name, archive)| (name, is_static(archive))).collect(),
        search: done
            .search
            .into_iter()
            .map(|path| (path, Some(inert_manifest_spec::SearchKind::Native)))
            .collect(),
        include: done.include,
        version: None,
    })
}

/// Returns the request that the package's own stand-in would make, with another OUT_DIR.
fn request(builder: &ScriptPlan, run: &Run, own: &Request, out_dir: PathBuf) -> Result<Request, String> {
    let facts = builder.targets.get(&run.target).cloned().unwrap_or_default();
    let mut request = Request {
        package: Package {
            name: builder.package.name.clone(),
            version: builder.package.version.clone(),
            manifest_dir: builder.root.clone(),
            links: builder.links.clone(),
            rust_version: builder.rust_version.clone(),
        },
        target: Target { triple: run.target.clone(), cfgs: run_facts::cfgs(&facts, run) },
        host: builder.rustc.host.clone(),
        features: run.features.clone(),
        profile: run.profile.clone(),
        opt_level: run.opt_level.clone(),
        debug: run.debug,
        out_dir,
        rustc: Rustc::parse(builder.rustc.path.clone(), &builder.rustc.verbose_version)?,
        build_dependencies: builder.build_dependencies.clone(),
        rustflags: facts.rustflags,
        store: own.store.clone(),
        jobs: own.jobs.clone(),
        ..Request::default()
    };
    for (library, provided) in &run.providers {
        let provider = match provided {
            Provided::System => Provider::System,
            Provided::Source => Provider::Source,
            Provided::Absent => Provider::Absent,
            // The plan creates no chains of shared libraries.
            Provided::Shared { .. } => continue,
        };
        request.providers.insert(library.clone(), provider);
    }
    Ok(request)
}
