//! `.pc` files read in process: what the `pkgconf` executable would answer, without it.
//!
//! Phases: a file's bytes → [`lines`] (continuations, comments) → [`file`] (fields and variables, expanded by
//! [`variables`], split by [`words`]) → [`Package`]; names → [`solver`] (Requires, Provides, Conflicts, versions) →
//! a walk over the graph → [`fragment`] lists, merged as pkgconf merges them → an [`Answer`].
//!
//! The behaviour is pkgconf 1.8's, which is the oracle (`tests/tests/pkgconf_oracle.rs`); where it is not, the
//! difference is in `docs/reference/differences-pkgconf.md`. Everything is pure but for [`PcSource`], through which
//! the caller lets files be read.

mod config;
mod dependency;
mod file;
mod fragment;
mod lines;
mod packages;
mod personality;
mod problem;
mod provides;
mod search;
mod solver;
mod variables;
mod version;
mod words;

use std::io;
use std::path::Path;

pub use config::Config;
pub use dependency::{Dependency, Operator, parse as parse_dependencies};
pub use file::{Package, parse as parse_file};
pub use fragment::{Fragment, render};
pub use packages::PackageId;
pub use personality::Personality;
pub use problem::{Conflict, Problem, VersionMismatch};
pub use search::{
    default_paths, multiarch, personality_files, scoped_variable, scoped_variable_names, system_library_paths,
};
pub use solver::{Answer, Client, Want};
pub use version::compare as compare_versions;
pub use words::split_flags;

/// How the reader looks at files. The resolver's world module implements it, and journals what is read.
pub trait PcSource {
    /// The bytes of a file.
    ///
    /// # Errors
    /// As reading says; an absent file is [`io::ErrorKind::NotFound`].
    fn read(&mut self, path: &Path) -> io::Result<Vec<u8>>;

    /// Whether a folder is there; one that may be is looked into.
    fn is_dir(&mut self, path: &Path) -> bool {
        let _ = path;
        true
    }

    /// Names of a folder's entries, in any order.
    ///
    /// # Errors
    /// As reading says; an absent folder is [`io::ErrorKind::NotFound`].
    fn read_dir(&mut self, path: &Path) -> io::Result<Vec<String>>;
}
