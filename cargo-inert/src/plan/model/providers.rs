//! The providers of the native libraries of a build.

use std::collections::BTreeMap;

use inert_resolver::Journal;
use inert_resolver::discovery::provider::{Ask, Selection};
use inert_resolver::request::LibraryPolicy;
use serde::{Deserialize, Serialize};

/// The provider of a library for a stand-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provided {
    /// The system: the library is discovered, and no source is built.
    System,
    /// The source that the package itself ships.
    Source,
    /// No provider: the library that the build links is not suitable, and the package can do without.
    Absent,
    /// The source that another package of the build ships.
    Shared {
        /// The id of that package's script in the plan.
        script: String,
        /// The key of the package's `library` table.
        key: String,
        /// The digest of the package's declaration, so that a change of it causes a new run.
        digest: String,
    },
}

/// The providers of all libraries, with the problems and notices.
#[derive(Debug, Default)]
pub struct Providers {
    /// The providers by package and version, target and key of the `library` table.
    pub fixed: BTreeMap<(String, String, String), Provided>,
    /// The archives that must not be built, by package and version and target: see [`super::Run::not_built`].
    pub not_built: BTreeMap<(String, String), BTreeMap<String, String>>,
    /// Every request for a library, with the result of discovery.
    pub asks: Vec<Ask>,
    /// The choices with their reasons, for messages and `explain`.
    pub selection: Selection,
    /// The notices about libraries that were found, or that are built instead.
    pub notices: Vec<String>,
    /// The policy settings for each request, by package and version, target and key. A setting whose name only another
    /// package uses for the same library counts too.
    pub words: BTreeMap<(String, String, String), LibraryPolicy>,
    /// The settings of the workspace's own policy file with a name that no library of the build has, each with advice.
    pub unknown_names: Vec<UnknownName>,
    /// The journal of discovery.
    pub journal: Journal,
}

/// A line of `[libraries]`, `[library-kind]` or `[library-prefix]` whose name matches no library of the build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnknownName {
    /// The table that contains the line.
    pub table: String,
    /// The name in the line.
    pub name: String,
    /// The location as `file:line`.
    pub place: String,
    /// A similar name of a library of the build.
    pub near: Option<String>,
    /// The package that links this library and whose script runs, so that the setting does not apply to it.
    pub runs: Option<String>,
}

impl UnknownName {
    /// Formats the line as a message.
    #[must_use]
    pub fn sentence(&self) -> String {
        if let Some(package) = &self.runs {
            return format!(
                "{}, [{}]: the script of {package} runs, and what it does with `{}` is its own affair",
                self.place, self.table, self.name
            );
        }
        let near = self.near.as_ref().map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        format!("{}, [{}]: no library of this build is called `{}`{near}", self.place, self.table, self.name)
    }
}
