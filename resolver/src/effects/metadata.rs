//! `links-metadata`: values for dependents.

use inert_manifest_spec::MetadataValue;

use crate::directives::Directive;
use crate::engine::{Engine, Result, refused};

/// Prints each key that has a value. A list of paths that is empty (a system library whose headers lie where every
/// compiler looks) has none.
pub(super) fn metadata(engine: &mut Engine<'_>) -> Result<()> {
    let declaration = engine.declaration;
    for (key, value) in &declaration.links_metadata {
        let place = format!("links-metadata.{key}");
        let Some(value) = engine.select(&place, value)? else { continue };
        let value = match value {
            MetadataValue::Text(text) => Some(engine.text(&place, text)?),
            MetadataValue::Path(path) => joined(&place, engine.paths(&place, path)?)?,
            MetadataValue::Paths(paths) | MetadataValue::PathList(paths) => {
                let mut all = Vec::new();
                for path in engine.items(paths)? {
                    all.extend(engine.paths(&place, path)?);
                }
                if matches!(value, MetadataValue::PathList(_)) {
                    by_commas(&place, all)?
                } else {
                    joined(&place, all)?
                }
            }
            MetadataValue::List(texts) => {
                let mut all = Vec::new();
                for text in engine.items(texts)? {
                    all.push(engine.text(&place, text)?);
                }
                Some(all.join(","))
            }
        };
        let Some(value) = value else { continue };
        if value.chars().any(char::is_control) {
            return Err(refused(place, "the value holds a control character, and a directive is a line"));
        }
        engine.directives.push(Directive::Metadata { key: key.clone(), value });
    }
    Ok(())
}

/// Joins paths by `,`, as scripts do. A path with a comma is refused: its parts would pass for paths of their own, to which
/// dependents' declarations may then point.
fn by_commas(place: &str, paths: Vec<std::path::PathBuf>) -> Result<Option<String>> {
    if paths.is_empty() {
        return Ok(None);
    }
    let mut texts = Vec::new();
    for path in paths {
        let text = path.into_os_string().into_string();
        let text = text.map_err(|path| refused(place, format!("the path is not Unicode text: {path:?}")))?;
        if text.contains(',') {
            return Err(refused(
                place,
                format!("`{text}` has a comma, which divides the paths of a `path-list`"),
            ));
        }
        texts.push(text);
    }
    Ok(Some(texts.join(",")))
}

/// Joins paths as the host joins search paths, which is how scripts pass on several.
fn joined(place: &str, paths: Vec<std::path::PathBuf>) -> Result<Option<String>> {
    if paths.is_empty() {
        return Ok(None);
    }
    let joined = std::env::join_paths(paths).map_err(|error| refused(place, error.to_string()))?;
    joined
        .into_string()
        .map(Some)
        .map_err(|path| refused(place, format!("the path is not Unicode text: {path:?}")))
}
