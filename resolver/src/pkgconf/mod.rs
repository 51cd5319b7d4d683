//! Reads `.pc` files in process, and answers queries as the `pkgconf` executable would.
//!
//! Phases: a file's bytes → [`lines`] (continuations, comments) → [`file`] (fields and variables, expanded by
//! [`variables`], split by [`words`]) → [`Package`]; names → [`solver`] (Requires, Provides, Conflicts, versions) →
//! a walk over the graph → [`fragment`] lists, merged as pkgconf merges them → an [`Answer`].
//!
//! The behaviour is that of pkgconf 1.8, which is the oracle (`tests/tests/pkgconf_oracle.rs`); the differences are
//! in `docs/reference/differences-pkgconf.md`. Everything is pure except [`PcSource`], through which the caller
//! provides the files.

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

/// The access to files. The resolver's world module implements it, and journals every read.
pub trait PcSource {
    /// Returns the bytes of a file.
    ///
    /// # Errors
    /// The error of reading; an absent file is [`io::ErrorKind::NotFound`].
    fn read(&mut self, path: &Path) -> io::Result<Vec<u8>>;

    /// Returns whether a folder exists. If the answer is true, the reader looks for files in it.
    fn is_dir(&mut self, path: &Path) -> bool {
        let _ = path;
        true
    }

    /// Returns the names of a folder's entries, in any order.
    ///
    /// # Errors
    /// The error of reading; an absent folder is [`io::ErrorKind::NotFound`].
    fn read_dir(&mut self, path: &Path) -> io::Result<Vec<String>>;
}
