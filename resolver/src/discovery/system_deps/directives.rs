//! The directives of system-deps, in its order: for each library, by key, its folders, names, files, frameworks and
//! options; then all include folders as one value; then a cfg for each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use inert_manifest_spec::{ArgScope, LinkKind, SearchKind};

use super::library::Library;
use super::{Problem, variables};
use crate::directives::Directive;
use crate::discovery::flags;
use crate::request::Request;

/// Returns the directives and warnings for the libraries.
pub(super) fn of(
    libraries: &BTreeMap<String, Library>,
    request: &Request,
) -> Result<(Vec<Directive>, Vec<String>), Problem> {
    let (mut out, mut warnings) = (Vec::new(), Vec::new());
    let mut includes: Vec<&PathBuf> = Vec::new();
    for (key, library) in libraries {
        includes.extend(&library.include_paths);
        warnings.extend(library.warnings.iter().cloned());
        if library.from_variables && library.libs.is_empty() && library.frameworks.is_empty() {
            return Err(Problem::Invalid {
                place: key.clone(),
                why: format!(
                    "{} is set, so {} or {} must name what is linked",
                    variables::name(key, "NO_PKG_CONFIG"),
                    variables::name(key, "LIB"),
                    variables::name(key, "LIB_FRAMEWORK")
                ),
            });
        }
        one(key, library, request, &mut out)?;
    }
    let separator = if request.host.contains("windows") { ';' } else { ':' };
    let includes: Vec<String> = includes.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    if !includes.is_empty() && !includes.iter().any(|path| path.contains(separator)) {
        let value = includes.join(separator.encode_utf8(&mut [0; 4]));
        out.push(Directive::Metadata { key: "include".to_owned(), value });
    }
    out.extend(libraries.keys().map(|key| Directive::Cfg {
        name: format!("system_deps_have_{}", variables::snake(key)),
        value: None,
    }));
    Ok((out, warnings))
}

fn one(key: &str, library: &Library, request: &Request, out: &mut Vec<Directive>) -> Result<(), Problem> {
    let native =
        |path: &Path| Directive::LinkSearch { kind: Some(SearchKind::Native), path: path.to_owned() };
    let lib = |name: &str, kind| Directive::LinkLib {
        name: name.to_owned(),
        kind,
        modifiers: Vec::new(),
        rename: None,
    };
    let refuse = |what: &str, why: &str| {
        Err(Problem::Invalid {
            place: key.to_owned(),
            why: format!("`{}` is refused: {why}", what.escape_debug()),
        })
    };
    out.extend(library.link_paths.iter().map(|path| native(path)));
    out.extend(
        library
            .framework_paths
            .iter()
            .map(|path| Directive::LinkSearch { kind: Some(SearchKind::Framework), path: path.clone() }),
    );
    for (name, available) in &library.libs {
        // The crate, too, passes `:file` on unchanged.
        if !flags::is_library(name.strip_prefix(':').unwrap_or(name)) {
            return refuse(name, "it is no library's name");
        }
        out.push(lib(name, (library.wants_static && *available).then_some(LinkKind::Static)));
    }
    let mut folders: Vec<&Path> = Vec::new();
    for path in &library.link_files {
        let (Some(folder), Some(file)) = (path.parent(), path.file_name().and_then(|name| name.to_str()))
        else {
            continue;
        };
        let new = !folders.contains(&folder);
        folders.push(folder);
        if let Some(name) = flags::library_of_file(&request.target.triple, file) {
            if new {
                out.push(native(folder));
            }
            out.push(lib(name, library.wants_static.then_some(LinkKind::Static)));
        }
    }
    for name in &library.frameworks {
        if !flags::is_framework(name) {
            return refuse(name, "it is no framework's name");
        }
        out.push(lib(name, Some(LinkKind::Framework)));
    }
    for options in &library.linker_options {
        let arg = format!("-Wl,{options}");
        if let Err(why) = flags::check(&arg) {
            return refuse(&arg, why);
        }
        out.push(Directive::LinkArg { scope: ArgScope::All, arg });
    }
    Ok(())
}
