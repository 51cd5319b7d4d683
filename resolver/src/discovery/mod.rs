//! Finding native libraries on the system.

use std::collections::BTreeMap;
use std::path::PathBuf;

use inert_manifest_spec::Library;

use crate::directives::Directive;
use crate::failure::Attempt;
use crate::request::Request;
use crate::world::World;

/// A library that was found on the system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Its version, where the method tells one.
    pub version: Option<String>,
    /// What is linked, in order, as the `pkg-config` crate (or the `vcpkg` crate) would print it: `LinkSearch`,
    /// `LinkLib` and `LinkArg` only.
    pub link: Vec<Directive>,
    /// Its include folders.
    pub include_dirs: Vec<PathBuf>,
    /// Its library folders.
    pub lib_dirs: Vec<PathBuf>,
    /// Preprocessor definitions that it asks for.
    pub defines: BTreeMap<String, Option<String>>,
    /// Variables of its `.pc` file.
    pub variables: BTreeMap<String, String>,
    /// The method that found it, `pkg-config`.
    pub origin: &'static str,
    /// Folders in which metadata paths that come from it may lie.
    pub prefixes: Vec<PathBuf>,
    /// All that was tried, the last one being chosen.
    pub attempts: Vec<Attempt>,
}

/// A library that no method found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NotFound {
    /// All that was tried, and why it failed.
    pub attempts: Vec<Attempt>,
    /// What would bring it here, one remedy a line: `apt install zlib1g-dev`.
    pub remedies: Vec<String>,
    /// It is there but not as asked for (`kind = "static"` without an archive): then no fallback hides it.
    pub unmet: Option<String>,
}

/// Looks for `library`, whose key is `name`, by every method in order.
///
/// # Errors
///
/// What was tried and why it failed.
pub fn find(library: &Library, name: &str, request: &Request, world: &mut World) -> Result<Found, NotFound> {
    let _ = (library, name, request, world);
    Err(NotFound::default())
}
