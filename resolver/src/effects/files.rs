//! `out-dir`: writes files into OUT_DIR, which starts empty.

use inert_manifest_spec::OutFile;

use crate::engine::{Engine, Result, declared, io};

/// Writes each file whose condition holds.
pub(crate) fn files(engine: &mut Engine<'_>) -> Result<()> {
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
        OutFile::Template(template) => {
            let path = engine.path(place, &template.file)?;
            let text = engine.world.read_text(&path).map_err(|error| io(&path, &error))?;
            let mut replace = Vec::new();
            for (piece, text) in &template.replace {
                replace.push((piece.as_str(), engine.text(place, text)?));
            }
            filled(&text, &replace, &template.without_lines).into_bytes()
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

/// Returns a template with lines left out and texts replaced in one pass: replacements are not searched again. If
/// lines are left out, the remaining ones are joined by line feeds, with none at the end, as scripts join them.
fn filled(template: &str, replace: &[(&str, String)], without_lines: &[String]) -> String {
    let kept = if without_lines.is_empty() {
        template.to_owned()
    } else {
        let kept =
            template.lines().filter(|line| !without_lines.iter().any(|drop| line.contains(drop.as_str())));
        kept.collect::<Vec<_>>().join("\n")
    };
    let mut out = String::new();
    let mut rest = kept.as_str();
    while !rest.is_empty() {
        let fitting = replace.iter().filter(|(piece, _)| !piece.is_empty() && rest.starts_with(piece));
        if let Some((piece, text)) = fitting.max_by_key(|(piece, _)| piece.len()) {
            out.push_str(text);
            rest = &rest[piece.len()..];
        } else {
            let next = rest.chars().next().map_or(1, char::len_utf8);
            out.push_str(&rest[..next]);
            rest = &rest[next..];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn templates() {
        let replace = [("@A@", "1@AB@".to_owned()), ("@AB@", "2".to_owned())];
        let drop = ["#cmakedefine".to_owned()];
        assert_eq!(filled("x @A@ @AB@ é\n#cmakedefine Y\nend", &replace, &drop), "x 1@AB@ 2 é\nend");
        assert_eq!(filled("a\n#cmakedefine\nend\n", &replace, &drop), "a\nend");
        assert_eq!(filled("a\nend\n", &replace, &[]), "a\nend\n");
        assert_eq!(filled("", &replace, &drop), "");
    }
}
