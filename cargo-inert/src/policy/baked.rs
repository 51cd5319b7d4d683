//! The files of a baked declaration: what a script once wrote to OUT_DIR, kept beside the policy as texts of the
//! schema, each pinned by its digest. They become a part of the declaration's `out-dir` when the policy is read.

use inert_manifest_spec::{Diagnostic, Severity};

use super::layers::Reading;
use super::model::Baked;
use crate::toml_text::quoted;

/// Returns a declaration with its baked files, as TOML text in root form.
///
/// # Errors
/// A file cannot be read, has another digest, or is no text of the schema; or the declaration has the file already.
pub(super) fn filled(declaration: &str, baked: &[Baked], read: &Reading<'_>) -> Result<String, Diagnostic> {
    let error = |one: &Baked, message: String, help: &str| {
        Diagnostic::error("inert::policy::baked", message, one.span.clone()).label("here").help(help)
    };
    let mut whole = inert_manifest_spec::parse_declaration(declaration).declaration.unwrap_or_default();
    for one in baked {
        let shown = one.file.display();
        let text = read(&one.file).map_err(|problem| {
            error(
                one,
                format!("{shown} cannot be read: {problem}"),
                "`cargo inert bake` writes it; commit it",
            )
        })?;
        let found = format!("sha256:{}", crate::digest::text(&text));
        if found != one.digest {
            return Err(error(
                one,
                format!("{shown} is not what was baked: it is {found}"),
                "look at what changed, then write its digest here; or bake it again",
            ));
        }
        let when = one.when.as_ref().map(|when| format!(", when = {}", quoted(when))).unwrap_or_default();
        let part = format!(
            "schema = 1\n[out-dir]\n{} = [{{ text = {}{when} }}]\n",
            quoted(&one.path),
            quoted(&text)
        );
        let parsed = inert_manifest_spec::parse_declaration(&part);
        if let Some(bad) = parsed.diagnostics.iter().find(|bad| bad.severity == Severity::Error) {
            return Err(error(
                one,
                format!("{shown}: {}", bad.message),
                bad.help.as_deref().unwrap_or_default(),
            ));
        }
        for (path, file) in parsed.declaration.unwrap_or_default().out_dir {
            match whole.out_dir.get_mut(&path) {
                Some(known)
                    if known.alternatives.iter().chain(&file.alternatives).any(|one| one.when.is_none()) =>
                {
                    let message = format!("`{}` is written twice", path.0);
                    return Err(error(one, message, "give each of the two a `when`"));
                }
                Some(known) => known.alternatives.extend(file.alternatives),
                None => drop(whole.out_dir.insert(path, file)),
            }
        }
    }
    Ok(inert_manifest_spec::write::declaration(&whole))
}
