//! The location to which a path of a script leads.

use crate::value::{Piece, Sym, Text};

/// The location to which a path leads.
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

/// The end of the names of symbols for folders that hold the package; the distance comes before it.
pub(crate) const ABOVE: &str = "folder above the package";

/// Returns the location to which unguarded pieces lead as a path; `None` if it is not known.
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

/// Returns the path of the package's file that a text names relative to `folder`, a folder of the package; `None` if
/// the text does not name a file of the package with certainty.
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
