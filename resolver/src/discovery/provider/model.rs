//! The requests for libraries, and the choices that are made: data only.

use std::collections::BTreeSet;

use inert_manifest_spec::{LinkKind, VersionRange};

use crate::request::LibrarySource;

/// The request of one package for one library.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// The package's name and version: `libz-sys 1.1.31`.
    pub package: String,
    /// The library's key in the package's `library` table.
    pub key: String,
    /// The target triple that the library is for.
    pub platform: String,
    /// The names of its pkg-config modules.
    pub modules: Vec<String>,
    /// The names of its files, as after `-l`.
    pub libs: Vec<String>,
    /// The names of its vcpkg ports.
    pub ports: Vec<String>,
    /// The range of versions that the package accepts.
    pub version: VersionRange,
    /// The kind of linking that the package requires, if any.
    pub kind: Option<LinkKind>,
    /// The package's own source, if it can build the library.
    pub source: Option<Source>,
    /// True if the package by default builds the library (`prefer = "source"`).
    pub prefers_source: bool,
    /// The source that a variable of the package's own selects, with the variable's name.
    pub by_variable: Option<(LibrarySource, String)>,
    /// True if the package accepts that the library is not found. Such a request never prevents another one, of its
    /// own package (then they are alternatives) or of another package.
    pub optional: bool,
    /// The result of discovery.
    pub found: Discovery,
}

/// A package's own source of a library.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// The version, if it is known.
    pub version: Option<String>,
    /// True if other packages can use the archive: the build needs nothing that only its own package is told.
    pub shareable: bool,
}

/// The result of discovery for one request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Discovery {
    /// The library was found.
    Found {
        /// The version, if it is known.
        version: Option<String>,
    },
    /// The library was not found.
    NotFound {
        /// Remedies for the user, best first.
        remedies: Vec<String>,
        /// The reasons why the methods failed, for messages.
        tried: Vec<String>,
        /// True if the library, or a folder that is named for it, is there, but not as requested; a source build
        /// does not replace it then.
        unmet: bool,
        /// The version that is on the system, if it is one that is not accepted.
        has: Option<String>,
    },
    /// Discovery was not started, since the policy setting makes it unnecessary.
    #[default]
    NotAsked,
}

/// The provider of a group's library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The library of the system.
    System {
        /// The version, if it is known.
        version: Option<String>,
    },
    /// The source of one of the packages; the others share its archive.
    Source {
        /// The package that builds it.
        package: String,
        /// The library's key in that package's table.
        key: String,
    },
    /// No provider; every package can do without it.
    Absent,
}

/// The choice for one library on one platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The target triple of the platform.
    pub platform: String,
    /// Every name of the library: keys, modules, `-l` names.
    pub names: BTreeSet<String>,
    /// The provider that was chosen.
    pub choice: Choice,
    /// The requests for it, as package and key.
    pub asked_by: Vec<(String, String)>,
    /// Those of the requests whose package builds its own source nevertheless, as package and key.
    pub apart: Vec<(String, String)>,
    /// Those of the requests that are not served, since the choice does not suit them and they are optional, as
    /// package and key.
    pub without: Vec<(String, String)>,
    /// The reason for the choice, for `explain`.
    pub why: String,
}

/// A library on one platform that has no provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unprovided {
    /// The target triple of the platform.
    pub platform: String,
    /// Every name of the library.
    pub names: BTreeSet<String>,
    /// The requests for it, as package and key.
    pub asked_by: Vec<(String, String)>,
}

/// Returns the version that is on the system, if it is one that is not accepted.
pub(super) fn unsuitable<'a>(asks: &[&'a Ask]) -> Option<&'a str> {
    asks.iter().find_map(|ask| match &ask.found {
        Discovery::NotFound { has, .. } => has.as_deref(),
        _ => None,
    })
}

pub(super) fn is_found(ask: &Ask) -> bool {
    matches!(ask.found, Discovery::Found { .. })
}

pub(super) fn accepts(ask: &Ask, version: &str) -> bool {
    ask.version
        .comparisons
        .iter()
        .all(|test| crate::pkgconf::Operator::parse(&test.operator.to_string()).holds(version, &test.value))
}
