//! A source build that several packages link: one of them ships the source, and each of the others requests it
//! here.

use inert_manifest_spec::{Declaration, LinkKind, SearchKind};

use crate::effects;
use crate::engine::{Engine, declared, io};
use crate::failure::{Failure, FailureKind};
use crate::request::{Provider, Request};
use crate::world::World;

/// Builds the archive that replaces a library of another package's declaration, in a folder of its own
/// (`request.out_dir`), as that package's own stand-in would in its OUT_DIR.
///
/// # Errors
///
/// The reason why it could not be built, with the attempts and everything read before.
pub fn build(
    declaration: &Declaration,
    library: &str,
    request: &Request,
    world: &mut World,
) -> Result<Provider, Failure> {
    world.own.push(request.out_dir.clone());
    let mut engine = Engine::new(declaration, request, world);
    let done = run(&mut engine, library);
    let Engine { attempts, .. } = engine;
    done.map_err(|kind| Failure { kind, attempts, journal: world.journal.clone() })
}

fn run(engine: &mut Engine<'_>, library: &str) -> Result<Provider, FailureKind> {
    let place = format!("library.{library}");
    let out_dir = &engine.request.out_dir;
    engine.world.empty_folder(out_dir).map_err(|error| io(out_dir, &error))?;
    effects::files::files(engine)?;
    let declaration = engine.declaration;
    let entry =
        declaration.library.get(library).ok_or_else(|| declared(&place, "no library has this name"))?;
    let name =
        entry.fallback.as_ref().ok_or_else(|| declared(&place, "it has no source that could be built"))?;
    let built =
        engine.archive(name)?.ok_or_else(|| declared(&place, format!("`{name}` is not built here")))?;
    let stdlib = built.cpp_stdlib.map(|name| (name, None));
    Ok(Provider::Shared {
        libs: std::iter::once((name.clone(), Some(LinkKind::Static))).chain(stdlib).collect(),
        search: vec![(built.folder, Some(SearchKind::Native))],
        include: built.include,
        version: None,
    })
}
