//! Libraries that a script looks for, and archives that it builds.

use inert_manifest_spec::Fact;
use inert_manifest_spec::condition::Operator;

use super::paths::{Location, locate};
use crate::logic::Guard;
use crate::value::{Calls, Piece, Sym, Text, Value};

/// The tool that looks for a library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    PkgConfig,
    Vcpkg,
}

/// A library that the script looks for.
#[derive(Debug, Clone)]
pub(crate) struct FoundLibrary {
    /// The library's key in the declaration.
    pub(crate) name: String,
    /// The tool that looks for it.
    pub(crate) way: Way,
    /// The name that the tool knows it by.
    pub(crate) module: String,
    /// The names of the files to link, where the script gives them.
    pub(crate) libs: Vec<String>,
    /// Comparisons with its version, as written in the script.
    pub(crate) version: Vec<(Operator, String)>,
    /// Whether it is to be linked statically, where the script says so.
    pub(crate) statik: Option<bool>,
    /// True if a library that is found is linked, too.
    pub(crate) link: bool,
    /// True if the system's own folders are printed as search paths.
    pub(crate) print_system_libs: bool,
    /// Where the script looks for it.
    pub(crate) asked: Guard,
}

impl FoundLibrary {
    /// Returns a request without further settings.
    pub(crate) fn new(way: Way, module: &str) -> Self {
        Self {
            name: String::new(),
            way,
            module: module.to_owned(),
            libs: Vec::new(),
            version: Vec::new(),
            statik: None,
            link: true,
            print_system_libs: true,
            asked: Guard::FALSE,
        }
    }

    pub(crate) fn same_question(&self, other: &Self) -> bool {
        (self.way, &self.module, &self.libs, &self.version)
            == (other.way, &other.module, &other.libs, &other.version)
            && (self.statik, self.link, self.print_system_libs)
                == (other.statik, other.link, other.print_system_libs)
    }
}

/// The name of a single folder of headers of a found library, while a script iterates over them.
pub(crate) const ELEMENT: &str = "include";

/// The name of all folders of headers, joined by `,`.
pub(crate) const JOINED: &str = "include folders, joined by commas";

/// Returns whether a line is metadata of one folder of a list. Of several such lines with one key, the last counts.
pub(crate) fn is_metadata_of_element(text: &Text) -> bool {
    let pieces: Vec<&Piece> = text.pieces().collect();
    let [Piece::Lit(before), Piece::Sym(Sym::Library(_, what)), Piece::Lit(end)] = pieces.as_slice() else {
        return false;
    };
    let key = before
        .strip_prefix("cargo::metadata=")
        .or_else(|| before.strip_prefix("cargo:").filter(|rest| !rest.starts_with([':'])))
        .and_then(|rest| rest.strip_suffix('='));
    &**what == ELEMENT
        && &**end == "\n"
        && text.is_flat()
        && key.is_some_and(|key| {
            !["rustc-", "rerun-", "warning", "error", "metadata"].iter().any(|own| key.starts_with(own))
                && !key.contains(['=', '\n'])
        })
}

/// An archive that the script builds.
#[derive(Debug)]
pub(crate) struct Archive {
    /// The archive's name: `z` for `libz.a`.
    pub(crate) name: String,
    /// The calls on the builder until it was built.
    pub(crate) calls: Calls,
    /// Where the archive is built.
    pub(crate) guard: Guard,
}

impl Archive {
    /// Returns the folder of OUT_DIR that the archive is written to, with a `/` at the end unless it is OUT_DIR itself;
    /// `None` if the folder is not certain.
    pub(crate) fn folder(&self) -> Option<String> {
        let mut said = self.calls.iter().filter(|(_, method, _)| &**method == "out_dir");
        let Some((_, _, args)) = said.next() else { return Some(String::new()) };
        let Some(Value::Text(path)) = args.first()?.single() else { return None };
        let pieces: Vec<_> = path.pieces().cloned().collect();
        match locate(&pieces) {
            Some(Location::OutDir(folder)) if said.next().is_none() && path.is_flat() => {
                Some(if folder.is_empty() { folder } else { folder + "/" })
            }
            _ => None,
        }
    }
}

/// Returns where a library has no folder of headers, which is known only during the build.
pub(crate) fn no_headers(library: &str) -> Fact {
    Fact::Probe { name: format!("!no include {library}"), test: None }
}
