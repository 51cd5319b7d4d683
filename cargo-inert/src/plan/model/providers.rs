//! Who provides each native library of a build.

use std::collections::BTreeMap;

use inert_resolver::Journal;
use inert_resolver::discovery::provider::{Ask, Selection};
use inert_resolver::request::LibraryPolicy;
use serde::{Deserialize, Serialize};

/// Where a stand-in takes a library from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provided {
    /// The system: discovery, and no source build.
    System,
    /// The source that the package ships.
    Source,
    /// Nobody: what the build links will not do for it, and it can do without.
    Absent,
    /// The source that another package of the build ships.
    Shared {
        /// That package's script in the plan.
        script: String,
        /// The key of its `library` table.
        key: String,
        /// Of its declaration, so that a run is made anew when that changes.
        digest: String,
    },
}

/// What was fixed, and what stands against it.
#[derive(Debug, Default)]
pub struct Providers {
    /// By package and version, target and key of the `library` table.
    pub fixed: BTreeMap<(String, String, String), Provided>,
    /// Archives that must not be built, by package and version and target: see [`super::Run::not_built`].
    pub not_built: BTreeMap<(String, String), BTreeMap<String, String>>,
    /// Every wish, with what discovery says of it.
    pub asks: Vec<Ask>,
    /// For people and `explain`.
    pub selection: Selection,
    /// What the user should know of what was found, or is built in its place.
    pub notices: Vec<String>,
    /// The user's word on each of them, by package and version, target and key: what is said by a name that only
    /// another package uses for the same library counts too.
    pub words: BTreeMap<(String, String, String), LibraryPolicy>,
    /// Names in the user's own file that no library of the build bears, each with what to write.
    pub unknown_names: Vec<UnknownName>,
    /// What discovery read.
    pub journal: Journal,
}

/// A line of `[libraries]`, `[library-kind]` or `[library-prefix]` that speaks of no library of the build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnknownName {
    /// The table.
    pub table: String,
    /// The name.
    pub name: String,
    /// `file:line`.
    pub place: String,
    /// A name that one of the build's libraries bears and that looks like it.
    pub near: Option<String>,
    /// The package whose library it is, by its `links`, and whose script runs: it is not held to the line.
    pub runs: Option<String>,
}

impl UnknownName {
    /// For people.
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
