//! The reasons why a query has no answer.

use std::fmt;
use std::path::PathBuf;

/// A reason; a failed query has all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields say what their names say")]
pub enum Problem {
    /// No folder has the module's file, and no other module provides it.
    NotFound { module: String, required_by: Option<String> },
    /// The module exists, but in a version that is not accepted.
    Version(Box<VersionMismatch>),
    /// A module excludes another that is used.
    Conflict(Box<Conflict>),
    /// A file exists but cannot be used; it is skipped.
    Invalid { path: PathBuf, why: String },
    /// A value cannot be expanded.
    Expansion { value: String, why: &'static str },
    /// The graph of requirements is too large to walk.
    TooLarge { module: String, visits: usize },
}

/// A module whose version is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields say what their names say")]
pub struct VersionMismatch {
    pub module: String,
    pub found: String,
    pub operator: &'static str,
    pub wanted: String,
    pub path: PathBuf,
    pub required_by: Option<String>,
}

/// A `Conflicts` rule that applies.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields say what their names say")]
pub struct Conflict {
    pub module: String,
    pub path: PathBuf,
    pub other: String,
    pub found: String,
    pub rule: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = |required_by: &Option<String>| match required_by {
            Some(parent) => format!(", required by {parent}.pc"),
            None => String::new(),
        };
        match self {
            Self::NotFound { module, required_by } => write!(f, "no {module}.pc{}", by(required_by)),
            Self::Version(version) => {
                let VersionMismatch { module, found, operator, wanted, path, required_by } = &**version;
                let (path, by) = (path.display(), by(required_by));
                let found = match found.as_str() {
                    "" => "says no version".to_owned(),
                    found => format!("has version {found}"),
                };
                write!(f, "{path} {found}, but {module} {operator} {wanted} is needed{by}")
            }
            Self::Conflict(conflict) => {
                let Conflict { module, path, other, found, rule } = &**conflict;
                write!(
                    f,
                    "{} ({module}) conflicts with {rule}, and {other} has version {found}",
                    path.display()
                )
            }
            Self::Invalid { path, why } => write!(f, "{}: {why}", path.display()),
            Self::Expansion { value, why } => write!(f, "`{value}` cannot be expanded: {why}"),
            Self::TooLarge { module, visits } => {
                write!(f, "the requirements of {module} take more than {visits} steps to walk")
            }
        }
    }
}
