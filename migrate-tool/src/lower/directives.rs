//! Reads lines of stdout as directives to Cargo (the Cargo book, "Outputs of the Build Script").

use inert_build_output::{Key, Malformed, Scope, Syntax};
use inert_manifest_spec::types::{
    ArgScope, Item, Link, LinkKind, MetadataValue, PathRef, RelativePath, SearchKind, Text,
};

use super::text::{message, text};
use crate::logic::Guard;
use crate::semantics::library::JOINED;
use crate::semantics::paths::{Location, locate};
use crate::semantics::symbols;
use crate::trace::Trace;
use crate::value::{Piece, Sym};

/// The meaning of a line.
#[derive(Debug)]
pub(super) enum Directive {
    /// No effect on a declaration: `rerun-if-…`, or output that is no directive.
    Nothing,
    Cfg {
        name: String,
        value: Option<String>,
    },
    /// A cfg whose name or value depends on an input, such as TARGET: one entry for each case.
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
    /// Several of them, from one line of flags.
    Links(Vec<Link>),
    Metadata {
        key: String,
        value: MetadataValue,
    },
    Warning(Text),
    Error(Text),
}

/// Returns whether a line certainly has no effect on a declaration. Only its beginning is read.
pub(super) fn says_nothing<'p>(mut pieces: impl Iterator<Item = &'p Piece>) -> bool {
    let Some(Piece::Lit(first)) = pieces.next() else { return false };
    let first = first.trim_start();
    match inert_build_output::directive(first) {
        Some((_, rest)) => {
            ["rerun-if-changed=", "rerun-if-env-changed="].iter().any(|key| rest.starts_with(key))
        }
        None => !first.is_empty() && !may_begin(first),
    }
}

/// Returns whether a text may be the beginning of a directive.
fn may_begin(text: &str) -> bool {
    "cargo:".starts_with(text)
}

/// Returns a line without white space at its ends, as Cargo reads it, as far as the text there is known.
fn trimmed(pieces: &[Piece]) -> Vec<Piece> {
    let mut pieces = pieces.to_vec();
    while let Some(Piece::Lit(first)) = pieces.first_mut() {
        *first = first.trim_start().into();
        if !first.is_empty() {
            break;
        }
        pieces.remove(0);
    }
    while let Some(Piece::Lit(last)) = pieces.last_mut() {
        *last = last.trim_end().into();
        if !last.is_empty() {
            break;
        }
        pieces.pop();
    }
    pieces
}

/// Reads a line as a directive; the error describes what the schema cannot express.
pub(super) fn read(trace: &mut Trace<'_>, line: &[Piece]) -> Result<Directive, String> {
    let pieces = trimmed(line);
    let Some(Piece::Lit(first)) = pieces.first() else {
        return match pieces.first() {
            // A triple or an absolute path is no directive, but the output of rustc or of a variable may be one.
            Some(Piece::Sym(Sym::Target | Sym::Host | Sym::OutDir | Sym::ManifestDir)) | None => {
                Ok(Directive::Nothing)
            }
            Some(_) => Err("a line that may be a directive is not known".into()),
        };
    };
    let Some((syntax, rest)) = inert_build_output::directive(first) else {
        return if pieces.len() > 1 && may_begin(first) {
            Err("a line that may be a directive is not known".into())
        } else {
            Ok(Directive::Nothing)
        };
    };
    if pieces.len() > 1 && !rest.contains('=') {
        return Err("the key of a directive is not known".into());
    }
    let rust_version = trace.source.metadata.get("CARGO_PKG_RUST_VERSION").filter(|text| !text.is_empty());
    let (key, value) = match inert_build_output::split(syntax, rest, rust_version.map(String::as_str)) {
        Ok(split) => split,
        Err(why) => return Ok(malformed(first, &why)),
    };
    // If the end of the value is not known, its white space is not trimmed: it belongs to the value.
    let known = rest.find('=').map_or("", |at| &rest[at + 1..]);
    let value = match key {
        Key::Metadata if syntax == Syntax::Old => rest,
        _ if pieces.len() > 1 => known,
        _ => value,
    };
    let mut value_pieces: Vec<Piece> = Vec::new();
    if !value.is_empty() {
        value_pieces.push(Piece::Lit(value.into()));
    }
    value_pieces.extend(pieces[1..].iter().cloned());
    // Cargo recognises `cargo::error` only at the very beginning of the untrimmed line.
    let indented = matches!(line.first(), Some(Piece::Lit(text)) if text.starts_with(char::is_whitespace));
    if key == Key::Error && indented {
        return Err("an error behind a blank, which Cargo shows and passes over, cannot be said".into());
    }
    directive(trace, key, &value_pieces, (syntax, first))
}

/// Returns the error for a line that Cargo refuses, which fails the build.
fn malformed(line: &str, why: &Malformed) -> Directive {
    Directive::Error(message(&[Piece::Lit(format!("`{line}`: {why}").into())]))
}

fn directive(
    trace: &mut Trace<'_>,
    key: Key,
    value: &[Piece],
    (syntax, line): (Syntax, &str),
) -> Result<Directive, String> {
    let no_equals = || malformed(line, &Malformed::NoEquals);
    let whole = literal(value);
    let lacks_equals = whole.as_ref().is_some_and(|text| !text.contains('='));
    Ok(match key {
        Key::RerunIfChanged | Key::RerunIfEnvChanged => Directive::Nothing,
        Key::Cfg => cfg(trace, value)?,
        Key::CheckCfg => match whole {
            Some(text) => Directive::Check(check(&text)),
            None => Directive::Nothing,
        },
        Key::Env | Key::Metadata | Key::LinkArg(Scope::Bin) if lacks_equals => no_equals(),
        Key::Env => {
            let (name, value) = split_equals(value).ok_or("the name of a variable is not known")?;
            if name == "RUSTC_BOOTSTRAP" {
                return Err("whether Cargo lets a script set RUSTC_BOOTSTRAP hangs on the channel".into());
            }
            Directive::Env { name, value: text(&value)? }
        }
        Key::LinkLib => Directive::Link(link_lib(value)?),
        Key::LinkSearch => Directive::Link(link_search(trace, value)?),
        Key::RustcFlags => return flags(trace, value),
        Key::LinkArg(scope) => {
            let (scope, value) = match scope {
                Scope::Bin => {
                    let (bin, value) = split_equals(value).ok_or("the name of a binary is not known")?;
                    (ArgScope::Bin(bin), value)
                }
                Scope::All => (ArgScope::All, value.to_vec()),
                Scope::Bins => (ArgScope::Bins, value.to_vec()),
                Scope::Cdylib => (ArgScope::Cdylib, value.to_vec()),
                Scope::Tests => (ArgScope::Tests, value.to_vec()),
                Scope::Examples => (ArgScope::Examples, value.to_vec()),
                Scope::Benches => (ArgScope::Benches, value.to_vec()),
            };
            Directive::Link(Link::Arg { arg: text(&value)?, scope })
        }
        // A warning without words.
        Key::Warning
            if value.iter().all(|piece| matches!(piece, Piece::Lit(text) if text.trim().is_empty())) =>
        {
            Directive::Nothing
        }
        Key::Warning => Directive::Warning(message(value)),
        Key::Error => Directive::Error(message(value)),
        Key::Metadata => {
            let (key, value) = split_equals(value).ok_or("a metadata key is not known")?;
            // Without `links`, metadata has no reader.
            if syntax == Syntax::Old && trace.source.links.is_none() && looks_like_key(&key) {
                return Ok(Directive::Nothing);
            }
            if key.starts_with("rustc-") {
                return Err(format!("the directive `{key}` is not understood"));
            }
            Directive::Metadata { key, value: metadata(&value)? }
        }
    })
}

/// Returns whether a metadata key resembles a directive, so that the author probably meant one.
fn looks_like_key(key: &str) -> bool {
    key.trim() != key || key.starts_with("rustc-")
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

/// Returns the name and the value of a cfg. rustc reads the value as a string literal, and fails where it is none; one with
/// escapes is not understood.
fn split_cfg(text: &str) -> Result<(String, Option<String>), String> {
    let Some((name, value)) = text.split_once('=') else { return Ok((text.trim().to_owned(), None)) };
    let quoted = value.trim().strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match quoted {
        Some(value) if !value.contains(['"', '\\']) => Ok((name.trim().to_owned(), Some(value.to_owned()))),
        _ => Err(format!("`{}` is not a cfg that is understood", text.escape_debug())),
    }
}

fn cfg(trace: &mut Trace<'_>, pieces: &[Piece]) -> Result<Directive, String> {
    if let Some(text) = literal(pieces) {
        let (name, value) = split_cfg(&text)?;
        return Ok(Directive::Cfg { name, value });
    }
    // Collects every text that the cfg may be, with its guard.
    let mut ways = vec![(Guard::TRUE, String::new())];
    for piece in pieces {
        match piece {
            Piece::Lit(text) => ways.iter_mut().for_each(|(_, way)| way.push_str(text)),
            Piece::Sym(sym) => {
                let expansions = symbols::expansions(&mut trace.inputs, &mut trace.assumes, sym)
                    .ok_or_else(|| format!("the cfg names {}, which is not known", sym.describe()))?;
                let mut next = Vec::new();
                for (guard, way) in &ways {
                    for (under, text) in &expansions {
                        let both = trace.inputs.and(*guard, *under);
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
        ways.into_iter().map(|(guard, way)| Ok((guard, split_cfg(&way)?))).collect::<Result<_, String>>()?;
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

/// Reads `cfg(name)`, `cfg(name, values("a", "b"))` or `cfg(a, b)` as names with their values.
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
    // An empty `values()` and `values(none())` mean the cfg without a value, and `any()` lists no values.
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

fn link_search(trace: &mut Trace<'_>, pieces: &[Piece]) -> Result<Link, String> {
    let mut kind = None;
    let mut rest = pieces.to_vec();
    if let Some((word, path)) = split_equals(pieces) {
        let found = match word.as_str() {
            "native" => Some(SearchKind::Native),
            "framework" => Some(SearchKind::Framework),
            // These folders hold Rust crates, which no declaration supplies.
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
        let names = trace
            .source
            .list(folder)?
            .ok_or_else(|| format!("there is no folder `{folder}` to search for libraries"))?;
        for name in names {
            let inside = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            if is_library(&name) && trace.source.kind(&inside)? == Some(false) {
                trace.reads.insert(inside);
                files.push(name);
            }
        }
    }
    if let PathRef::OutDir(folder) = &path {
        let prefix = if folder.0 == "." { String::new() } else { format!("{}/", folder.0) };
        let made = trace.out_files.keys().filter_map(|file| file.strip_prefix(&prefix));
        files.extend(made.filter(|name| !name.contains('/') && is_library(name)).map(str::to_owned));
        let built = trace
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

/// Returns the schema's reference for a path.
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

/// Reads `rustc-flags=-l x -L y`; several flags only where the whole line is known.
fn flags(trace: &mut Trace<'_>, pieces: &[Piece]) -> Result<Directive, String> {
    if let Some(line) = literal(pieces) {
        let mut words = line.split_whitespace();
        let mut links = Vec::new();
        while let Some(word) = words.next() {
            let (flag, rest) = word.split_at_checked(2).ok_or("flags are not known")?;
            let value = if rest.is_empty() { words.next().ok_or("a flag has no value")? } else { rest };
            let value = [Piece::Lit(value.into())];
            links.push(match flag {
                "-l" => link_lib(&value)?,
                "-L" => link_search(trace, &value)?,
                _ => return Err(format!("the flag `{word}` is not understood")),
            });
        }
        return Ok(Directive::Links(links));
    }
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
        "-L" if !more => Ok(Directive::Link(link_search(trace, &value)?)),
        _ => Err("several `rustc-flags` in one line are understood only where all of them are known".into()),
    }
}
