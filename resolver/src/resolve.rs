//! Turns a declaration and a request into a resolution. Entry points: [`unsupported`] before the build, [`resolve`]
//! during it.
//!
//! Phases: OUT_DIR is emptied → every effect runs in order (`effects`), asking the questions it needs (`engine`) →
//! the journal of everything read becomes `rerun-if-…`.

use std::path::{Path, PathBuf};

use inert_manifest_spec::{Condition, Declaration, Truth};

use crate::directives::Directive;
use crate::effects;
use crate::engine::{Engine, Result, io, refused};
use crate::facts;
use crate::failure::{Attempt, Failure, FailureKind};
use crate::journal::Journal;
use crate::request::Request;
use crate::world::World;

/// The result of carrying out a declaration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolution {
    /// The directives for Cargo, in order, `rerun-if-…` last.
    pub directives: Vec<Directive>,
    /// The files written in OUT_DIR.
    pub files: Vec<PathBuf>,
    /// All attempts that were made.
    pub attempts: Vec<Attempt>,
    /// Everything that was read.
    pub journal: Journal,
}

/// Returns whether the declaration does not cover this build. It is asked before the build, of a request whose
/// `out_dir` and `dep` may be empty.
pub fn unsupported(declaration: &Declaration, request: &Request, world: &mut World) -> Truth {
    match &declaration.unsupported {
        None => Truth::No,
        Some(condition) => facts::evaluate(condition, request, world),
    }
}

/// Returns the alternatives of an `unsupported` list that hold or may hold, for messages: the whole list may be
/// long.
pub fn uncovered<'a>(
    declaration: &'a Declaration,
    request: &Request,
    world: &mut World,
) -> Vec<&'a Condition> {
    match &declaration.unsupported {
        None => Vec::new(),
        Some(Condition::Any(alternatives)) => alternatives
            .iter()
            .filter(|condition| facts::evaluate(condition, request, world) != Truth::No)
            .collect(),
        Some(condition) => vec![condition],
    }
}

/// Returns the files that a `cc-library` compiles, for reports: those of the sources whose conditions hold or may hold.
/// `None` if they are not known before the build, such as files in OUT_DIR or of another package.
pub fn sources(
    declaration: &Declaration,
    archive: &str,
    request: &Request,
    world: &mut World,
) -> Option<Vec<PathBuf>> {
    let library = declaration.cc_library.get(archive)?;
    let mut engine = Engine::new(declaration, request, world);
    let mut files = std::collections::BTreeSet::new();
    for item in &library.sources {
        let truth = |when| facts::evaluate(when, request, engine.world);
        if item.when.as_ref().map(truth) == Some(Truth::No) {
            continue;
        }
        files.extend(effects::globs::expand(&mut engine, "sources", &item.value).ok()?);
    }
    for item in &library.exclude {
        let truth = |when| facts::evaluate(when, request, engine.world);
        if item.when.as_ref().map(truth).is_none_or(|truth| truth == Truth::Yes) {
            for file in effects::globs::expand(&mut engine, "exclude", &item.value).ok()? {
                let _ = files.remove(&file);
            }
        }
    }
    Some(files.into_iter().collect())
}

/// Carries out the declaration: empties OUT_DIR, asks questions, builds archives, writes files.
///
/// # Errors
///
/// The reason why it failed, with the attempts and everything read before.
pub fn resolve(
    declaration: &Declaration,
    request: &Request,
    world: &mut World,
) -> std::result::Result<Resolution, Failure> {
    world.own.push(request.out_dir.clone());
    let mut engine = Engine::new(declaration, request, world);
    let done = run(&mut engine);
    let Engine { attempts, mut directives, files, .. } = engine;
    let journal = world.journal.clone();
    match done {
        Ok(()) => {
            directives.extend(reruns(request, &journal));
            Ok(Resolution { directives, files, attempts, journal })
        }
        Err(kind) => Err(Failure { kind, attempts, journal }),
    }
}

fn run(engine: &mut Engine<'_>) -> Result<()> {
    if unsupported(engine.declaration, engine.request, engine.world) == Truth::Yes {
        return Err(FailureKind::Unsupported);
    }
    let out_dir = &engine.request.out_dir;
    check_out_dir(out_dir, &engine.request.package.manifest_dir, engine.world)?;
    engine.world.empty_folder(out_dir).map_err(|error| io(out_dir, &error))?;
    effects::all(engine)
}

/// Checks OUT_DIR: it is emptied, so it must not hold anything else.
fn check_out_dir(out_dir: &Path, package: &Path, world: &World) -> Result<()> {
    let problem = match () {
        () if !out_dir.is_absolute() => "it is not an absolute path",
        () if out_dir.parent().is_none() => "it is the root folder",
        () if package.starts_with(out_dir) => "the package lies in it",
        () if world.is_there(&out_dir.join(".git")) => "it is a repository, not what a build script wrote",
        () => return Ok(()),
    };
    Err(refused("OUT_DIR", format!("`{}` is not emptied: {problem}", out_dir.display())))
}

/// Returns the directives that make Cargo run the script again: when the driver touches the stamp, else when
/// anything that was read changes. PATH is left out: it differs from shell to shell, and the tools found by it are
/// in the journal themselves.
fn reruns(request: &Request, journal: &Journal) -> Vec<Directive> {
    if let Some(stamp) = &request.stamp {
        return vec![Directive::RerunIfChanged(stamp.clone())];
    }
    let manifest = request.package.manifest_dir.join("Cargo.toml");
    let paths = journal.existing_paths().filter(|path| *path != manifest);
    let mut directives = vec![Directive::RerunIfChanged(manifest.clone())];
    directives.extend(paths.map(|path| Directive::RerunIfChanged(path.to_path_buf())));
    let variables = journal.variables().filter(|name| *name != "PATH");
    directives.extend(variables.map(|name| Directive::RerunIfEnvChanged(name.to_owned())));
    let mut seen = std::collections::HashSet::new();
    directives.retain(|directive| seen.insert(directive.clone()));
    directives
}
