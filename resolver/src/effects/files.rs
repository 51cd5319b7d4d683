//! `out-dir`: files in OUT_DIR, which starts empty.

use inert_manifest_spec::OutFile;

use crate::engine::{Engine, Result, declared, io};

/// Writes each file that stands.
pub(super) fn files(engine: &mut Engine<'_>) -> Result<()> {
    let declaration = engine.declaration;
    for (path, file) in &declaration.out_dir {
        let place = format!("out-dir.\"{}\"", path.0);
        let Some(file) = engine.select(&place, file)? else { continue };
        let out_dir = engine.request.out_dir.clone();
        let whole = engine.inside(&place, &out_dir, path)?;
        if *file == OutFile::Directory {
            engine.world.create_folder(&whole).map_err(|error| io(&whole, &error))?;
        } else {
            let bytes = content(engine, &place, file)?;
            engine.world.write(&whole, &bytes).map_err(|error| io(&whole, &error))?;
        }
        engine.files.push(whole);
    }
    Ok(())
}

fn content(engine: &mut Engine<'_>, place: &str, file: &OutFile) -> Result<Vec<u8>> {
    Ok(match file {
        OutFile::Text(text) => engine.text(place, text)?.into_bytes(),
        OutFile::Bytes(bytes) => bytes.clone(),
        OutFile::Copy(path) => {
            let path = engine.path(place, path)?;
            engine.world.read(&path).map_err(|error| io(&path, &error))?
        }
        OutFile::Concat(pieces) => {
            let mut whole = Vec::new();
            for piece in engine.items(pieces)? {
                whole.extend(content(engine, place, piece)?);
            }
            whole
        }
        OutFile::Directory => return Err(declared(place, "a folder is no piece of a file")),
    })
}
