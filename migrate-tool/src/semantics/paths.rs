//! Where a path of a script leads.

use crate::value::{Piece, Sym, Text};

/// Where a path leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Location {
    /// In the package, relative to it.
    Package(String),
    /// In OUT_DIR, relative to it.
    OutDir(String),
    /// An absolute path of the machine.
    Absolute(String),
    /// In a folder that holds the package or OUT_DIR, of which nothing is known.
    Around,
    /// Below a folder that is known by name only, and the rest.
    Symbol(Sym, String),
}

/// How a folder is called that holds the package, with how far above it is.
pub(crate) const ABOVE: &str = "folder above the package";

/// Where unguarded pieces lead, taken as a path.
pub(crate) fn locate(pieces: &[Piece]) -> Option<Location> {
    match pieces {
        [] => Some(Location::Package(String::new())),
        [Piece::Lit(text)] if text.starts_with('/') => Some(Location::Absolute(text.to_string())),
        [Piece::Lit(text)] => Some(normalize(text).map_or(Location::Around, Location::Package)),
        [Piece::Sym(sym)] => below(sym, ""),
        [Piece::Sym(sym), Piece::Lit(rest)] => below(sym, rest.strip_prefix('/')?),
        _ => None,
    }
}

fn below(sym: &Sym, rest: &str) -> Option<Location> {
    Some(match sym {
        Sym::ManifestDir => normalize(rest).map_or(Location::Around, Location::Package),
        Sym::OutDir => normalize(rest).map_or(Location::Around, Location::OutDir),
        Sym::Opaque(what) if what.ends_with(ABOVE) => Location::Around,
        sym => Location::Symbol(sym.clone(), rest.to_owned()),
    })
}

pub(crate) fn normalize(path: &str) -> Option<String> {
    let mut out: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                out.pop()?;
            }
            part => out.push(part),
        }
    }
    Some(out.join("/"))
}

/// The package's file that a text names, from a folder of it.
pub(crate) fn package_path(text: &Text, folder: &str) -> Option<String> {
    if !text.is_flat() {
        return None;
    }
    let pieces: Vec<Piece> = text.pieces().cloned().collect();
    let located = match &*pieces {
        [Piece::Lit(path)] if !path.starts_with('/') => {
            let whole = if folder.is_empty() { path.to_string() } else { format!("{folder}/{path}") };
            Location::Package(normalize(&whole)?)
        }
        pieces => locate(pieces)?,
    };
    match located {
        Location::Package(path) => Some(path),
        _ => None,
    }
}
