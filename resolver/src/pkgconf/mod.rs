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
mod source;
mod variables;
mod version;
mod words;

pub use config::Config;
pub use dependency::{Dependency, Operator, parse as parse_dependencies};
pub use file::{Package, parse as parse_file};
pub use fragment::{Fragment, render};
pub use personality::Personality;
pub use problem::{Conflict, Problem, VersionMismatch};
pub use search::{
    default_paths, multiarch, personality_files, scoped_variable, scoped_variable_names, system_library_paths,
};
pub use solver::{Answer, Client, Want};
pub use source::{PackageId, PcSource};
pub use version::compare as compare_versions;
pub use words::split_flags;
