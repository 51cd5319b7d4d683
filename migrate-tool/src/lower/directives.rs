//! Lines of stdout as what they tell Cargo (the Cargo book, "Outputs of the Build Script").

use inert_manifest_spec::types::{
    ArgScope, Item, Link, LinkKind, MetadataValue, PathRef, RelativePath, SearchKind, Text,
};

use super::text::{message, text};
use crate::interp::Interp;
use crate::logic::Guard;
use crate::models::{JOINED, Location, locate};
use crate::value::{Piece, Sym};

/// What a line says.
#[derive(Debug)]
pub(super) enum Directive {
    /// Nothing that matters here: `rerun-if-…`, other output.
    Nothing,
    Cfg {
        name: String,
        value: Option<String>,
    },
    /// A cfg whose name or value follows TARGET.
    CfgEach {
        name: Option<String>,
        values: Vec<(Guard, String)>,
    },
    Check(Vec<(String, Option<Vec<String>>)>),
    Env {
        name: String,
        value: Text,
    },
    Link(Link),
    Metadata {
        key: String,
        value: MetadataValue,
    },
    Warning(Text),
    Error(Text),
}

/// Whether a line certainly says nothing that matters here: only its beginning is looked at.
pub(super) fn says_nothing<'p>(mut pieces: impl Iterator<Item = &'p Piece>) -> bool {
    let Some(Piece::Lit(first)) = pieces.next() else { return false };
    match first.strip_prefix("cargo:") {
        Some(rest) => {
            let rest = rest.strip_prefix(':').unwrap_or(rest);
            ["rerun-if-changed=", "rerun-if-env-changed="].iter().any(|key| rest.starts_with(key))
        }
        None => !"cargo:".starts_with(&**first),
    }
}

/// Reads a line.
pub(super) fn read(interp: &mut Interp<'_>, pieces: &[Piece]) -> Result<Directive, String> {
    let Some(Piece::Lit(first)) = pieces.first() else {
        return match pieces.first() {
            // What rustc or a variable says may be a directive.
            Some(Piece::Sym(Sym::Target | Sym::Host | Sym::OutDir | Sym::ManifestDir)) | None => {
                Ok(Directive::Nothing)
            }
            Some(_) => Err("a line that may be a directive is not known".into()),
        };
    };
    let (double, rest) = match (first.strip_prefix("cargo::"), first.strip_prefix("cargo:")) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (false, rest),
        _ if pieces.len() > 1 && "cargo:".starts_with(&**first) => {
            return Err("a line that may be a directive is not known".into());
        }
        _ => return Ok(Directive::Nothing),
    };
    let Some((key, value)) = rest.split_once('=') else {
        return if pieces.len() > 1 {
            Err("the key of a directive is not known".into())
        } else {
            Ok(Directive::Nothing)
        };
    };
    let mut value_pieces: Vec<Piece> = Vec::new();
    if !value.is_empty() {
        value_pieces.push(Piece::Lit(value.into()));
    }
    value_pieces.extend(pieces[1..].iter().cloned());
    // Cargo drops white space after a line.
    if let Some(Piece::Lit(last)) = value_pieces.last_mut() {
        *last = last.trim_end().into();
    }
    value_pieces.retain(|piece| !matches!(piece, Piece::Lit(text) if text.is_empty()));
    directive(interp, key.trim(), &value_pieces, double)
}

fn directive(interp: &mut Interp<'_>, key: &str, value: &[Piece], double: bool) -> Result<Directive, String> {
    let scope = |rest: &str| {
        Some(match rest {
            "" => ArgScope::All,
            "-bins" => ArgScope::Bins,
            "-cdylib" => ArgScope::Cdylib,
            "-tests" => ArgScope::Tests,
            "-examples" => ArgScope::Examples,
            "-benches" => ArgScope::Benches,
            _ => return None,
        })
    };
    Ok(match key {
        "rerun-if-changed" | "rerun-if-env-changed" => Directive::Nothing,
        "rustc-cfg" => cfg(interp, value)?,
        "rustc-check-cfg" => match literal(value) {
            Some(text) => Directive::Check(check(&text)),
            None => Directive::Nothing,
        },
        "rustc-env" => {
            let (name, value) = split_equals(value).ok_or("the name of a variable is not known")?;
            Directive::Env { name, value: text(&value)? }
        }
        "rustc-link-lib" => Directive::Link(link_lib(value)?),
        "rustc-link-search" => Directive::Link(link_search(interp, value)?),
        "rustc-flags" => return flags(interp, value),
        "rustc-cdylib-link-arg" => Directive::Link(Link::Arg { arg: text(value)?, scope: ArgScope::Cdylib }),
        "rustc-link-arg-bin" => {
            let (bin, value) = split_equals(value).ok_or("the name of a binary is not known")?;
            Directive::Link(Link::Arg { arg: text(&value)?, scope: ArgScope::Bin(bin) })
        }
        "warning" => Directive::Warning(message(value)),
        "error" if double => Directive::Error(message(value)),
        "metadata" if double => {
            let (key, value) = split_equals(value).ok_or("a metadata key is not known")?;
            Directive::Metadata { key, value: metadata(&value)? }
        }
        key => {
            if let Some(scope) = key.strip_prefix("rustc-link-arg").and_then(scope) {
                return Ok(Directive::Link(Link::Arg { arg: text(value)?, scope }));
            }
            // To Cargo it is metadata, which goes nowhere without `links`.
            if !double && key.starts_with("rustc-") && interp.source.links.is_none() {
                return Ok(Directive::Nothing);
            }
            if double || key.starts_with("rustc-") {
                return Err(format!("the directive `{key}` is not understood"));
            }
            Directive::Metadata { key: key.to_owned(), value: metadata(value)? }
        }
    })
}

fn literal(pieces: &[Piece]) -> Option<String> {
    match pieces {
        [] => Some(String::new()),
        [Piece::Lit(text)] => Some(text.to_string()),
        _ => None,
    }
}

fn split_equals(pieces: &[Piece]) -> Option<(String, Vec<Piece>)> {
    let Some(Piece::Lit(first)) = pieces.first() else { return None };
    let (name, value) = first.split_once('=')?;
    let mut rest = Vec::new();
    if !value.is_empty() {
        rest.push(Piece::Lit(value.into()));
    }
    rest.extend(pieces[1..].iter().cloned());
    Some((name.to_owned(), rest))
}

fn split_cfg(text: &str) -> (String, Option<String>) {
    match text.split_once('=') {
        Some((name, value)) => (name.trim().to_owned(), Some(value.trim().trim_matches('"').to_owned())),
        None => (text.trim().to_owned(), None),
    }
}

fn cfg(interp: &mut Interp<'_>, pieces: &[Piece]) -> Result<Directive, String> {
    if let Some(text) = literal(pieces) {
        let (name, value) = split_cfg(&text);
        return Ok(Directive::Cfg { name, value });
    }
    // Every text that it may be.
    let mut ways = vec![(Guard::TRUE, String::new())];
    for piece in pieces {
        match piece {
            Piece::Lit(text) => ways.iter_mut().for_each(|(_, way)| way.push_str(text)),
            Piece::Sym(sym) => {
                let expansions = interp
                    .expansions(sym)
                    .ok_or_else(|| format!("the cfg names {}, which is not known", sym.describe()))?;
                let mut next = Vec::new();
                for (guard, way) in &ways {
                    for (under, text) in &expansions {
                        let both = interp.inputs.and(*guard, *under);
                        let text = text.as_lit().ok_or("the cfg is not known")?;
                        if !both.is_false() {
                            next.push((both, format!("{way}{text}")));
                        }
                    }
                }
                ways = next;
                if ways.len() > 400 {
                    return Err("the cfg may have too many values".into());
                }
            }
        }
    }
    let split: Vec<(Guard, (String, Option<String>))> =
        ways.into_iter().map(|(guard, way)| (guard, split_cfg(&way))).collect();
    match split.first() {
        Some((_, (name, Some(_))))
            if split.iter().all(|(_, (other, value))| other == name && value.is_some()) =>
        {
            Ok(Directive::CfgEach {
                name: Some(name.clone()),
                values: split
                    .iter()
                    .filter_map(|(guard, (_, value))| Some((*guard, value.clone()?)))
                    .collect(),
            })
        }
        _ if split.iter().all(|(_, (_, value))| value.is_none()) => Ok(Directive::CfgEach {
            name: None,
            values: split.into_iter().map(|(guard, (name, _))| (guard, name)).collect(),
        }),
        _ => Err("the cfg is not known".into()),
    }
}

/// `cfg(name)`, `cfg(name, values("a", "b"))`, `cfg(a, b)`.
fn check(text: &str) -> Vec<(String, Option<Vec<String>>)> {
    let Some(inner) = text.trim().strip_prefix("cfg(").and_then(|text| text.strip_suffix(')')) else {
        return Vec::new();
    };
    let (names, values) = match inner.split_once("values(") {
        Some((names, values)) => (names, Some(values.trim_end().trim_end_matches(')'))),
        None => (inner, None),
    };
    let values: Option<Vec<String>> = values.map(|values| {
        values
            .split(',')
            .map(str::trim)
            .filter(|value| value.starts_with('"'))
            .map(|value| value.trim_matches('"').to_owned())
            .collect()
    });
    // A bare `values()` or `values(none())` is the bare option; `any()` has no list.
    let values = values.filter(|values| !values.is_empty());
    let bare = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    names.split(',').map(str::trim).filter(bare).map(|name| (name.to_owned(), values.clone())).collect()
}

fn link_kind(kind: &str) -> Result<LinkKind, String> {
    Ok(match kind {
        "dylib" => LinkKind::Dylib,
        "static" => LinkKind::Static,
        "framework" => LinkKind::Framework,
        "raw-dylib" => LinkKind::RawDylib,
        _ => return Err(format!("the link kind `{kind}` is not understood")),
    })
}

fn link_lib(pieces: &[Piece]) -> Result<Link, String> {
    let (kind, rest) = match split_equals(pieces) {
        Some((kind, rest)) => (Some(kind), rest),
        None => (None, pieces.to_vec()),
    };
    let (mut link, mut modifiers) = (None, Vec::new());
    if let Some(kind) = kind {
        let (kind, flags) = kind.split_once(':').unwrap_or((&kind, ""));
        link = Some(link_kind(kind)?);
        modifiers = flags.split(',').filter(|flag| !flag.is_empty()).map(str::to_owned).collect();
    }
    let mut name = rest;
    let mut rename = None;
    if let [Piece::Lit(text)] = name.as_slice()
        && let Some((first, second)) = text.split_once(':')
    {
        rename = Some(second.to_owned());
        name = vec![Piece::Lit(first.into())];
    }
    Ok(Link::Lib { name: text(&name)?, kind: link, modifiers, rename })
}

fn link_search(interp: &mut Interp<'_>, pieces: &[Piece]) -> Result<Link, String> {
    let mut kind = None;
    let mut rest = pieces.to_vec();
    if let Some((word, path)) = split_equals(pieces) {
        let found = match word.as_str() {
            "native" => Some(SearchKind::Native),
            "framework" => Some(SearchKind::Framework),
            // Where rustc looks for Rust crates, which no declaration supplies.
            "dependency" | "crate" => {
                return Err(format!("a search folder of kind `{word}` is for Rust crates"));
            }
            "all" => Some(SearchKind::All),
            _ => None,
        };
        if found.is_some() {
            kind = found;
            rest = path;
        }
    }
    let path = path_ref(&rest)?;
    let mut files = Vec::new();
    if let PathRef::Package(folder) = &path {
        let folder = if folder.0 == "." { "" } else { folder.0.as_str() };
        let names = interp
            .source
            .list(folder)?
            .ok_or_else(|| format!("there is no folder `{folder}` to search for libraries"))?;
        for name in names {
            let inside = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            if is_library(&name) && interp.source.kind(&inside)? == Some(false) {
                interp.reads.insert(inside);
                files.push(name);
            }
        }
    }
    if let PathRef::OutDir(folder) = &path {
        let prefix = if folder.0 == "." { String::new() } else { format!("{}/", folder.0) };
        let made = interp.out_files.keys().filter_map(|file| file.strip_prefix(&prefix));
        files.extend(made.filter(|name| !name.contains('/') && is_library(name)).map(str::to_owned));
        let built = interp
            .probes
            .archives
            .iter()
            .filter(|archive| archive.folder().as_deref() == Some(prefix.as_str()));
        files.extend(built.map(|archive| format!("lib{}.a", archive.name)));
        files.sort();
        files.dedup();
    }
    Ok(Link::Search { path, kind, files })
}

fn is_library(name: &str) -> bool {
    [".a", ".lib", ".o", ".obj", ".so", ".dylib", ".dll"].iter().any(|end| name.ends_with(end))
}

/// A path as the schema refers to it.
pub(super) fn path_ref(pieces: &[Piece]) -> Result<PathRef, String> {
    let relative = |path: String| RelativePath(if path.is_empty() { ".".into() } else { path });
    match locate(pieces) {
        Some(Location::Package(path)) => Ok(PathRef::Package(relative(path))),
        Some(Location::OutDir(path)) => Ok(PathRef::OutDir(relative(path))),
        Some(Location::Symbol(Sym::Dep(links, key), rest)) => Ok(PathRef::Dep {
            links: links.to_string(),
            key: key.to_string(),
            first: false,
            path: relative(rest),
        }),
        Some(Location::Symbol(Sym::DepFirst(links, key), rest)) => Ok(PathRef::Dep {
            links: links.to_string(),
            key: key.to_string(),
            first: true,
            path: relative(rest),
        }),
        Some(Location::Symbol(Sym::Library(library, what), rest)) if rest.is_empty() => match &*what {
            "include" => Ok(PathRef::LibraryIncludeLast(library.to_string())),
            "lib" => Ok(PathRef::LibraryLib(library.to_string())),
            _ => Err(format!("the path `{what}` of a library cannot be said")),
        },
        Some(Location::Absolute(path)) => Err(format!("the path `{path}` of the machine cannot be said")),
        Some(Location::Symbol(sym, _)) => Err(format!("a path in {} cannot be said", sym.describe())),
        Some(Location::Around) => Err("a path that leads out of its folder cannot be said".into()),
        None => Err("a path is not known".into()),
    }
}

fn metadata(pieces: &[Piece]) -> Result<MetadataValue, String> {
    match pieces.first() {
        Some(Piece::Sym(Sym::OutDir | Sym::ManifestDir)) if locate(pieces).is_some() => {
            Ok(MetadataValue::Path(path_ref(pieces)?))
        }
        Some(Piece::Sym(Sym::Library(_, what)))
            if pieces.len() == 1 && (&**what == "include" || &**what == "lib") =>
        {
            Ok(MetadataValue::Path(path_ref(pieces)?))
        }
        Some(Piece::Sym(Sym::Library(library, what))) if pieces.len() == 1 && &**what == JOINED => {
            let all = PathRef::LibraryInclude(library.to_string());
            Ok(MetadataValue::PathList(vec![Item::always(all)]))
        }
        Some(Piece::Sym(Sym::Dep(_, key))) if matches!(&**key, "include" | "root" | "lib") => {
            Ok(MetadataValue::Path(path_ref(pieces)?))
        }
        _ => Ok(MetadataValue::Text(text(pieces)?)),
    }
}

/// `rustc-flags=-l x -L y`: one flag of it.
fn flags(interp: &mut Interp<'_>, pieces: &[Piece]) -> Result<Directive, String> {
    let Some(Piece::Lit(first)) = pieces.first() else { return Err("flags are not known".into()) };
    let first = first.trim_start();
    let (flag, rest) = first.split_at_checked(2).ok_or("flags are not known")?;
    let mut value = Vec::new();
    if !rest.trim_start().is_empty() {
        value.push(Piece::Lit(rest.trim_start().into()));
    }
    value.extend(pieces[1..].iter().cloned());
    let more = value.iter().any(|piece| matches!(piece, Piece::Lit(text) if text.contains(" -")));
    match flag {
        "-l" if !more => Ok(Directive::Link(link_lib(&value)?)),
        "-L" if !more => Ok(Directive::Link(link_search(interp, &value)?)),
        _ => Err("several `rustc-flags` in one line are not understood".into()),
    }
}
