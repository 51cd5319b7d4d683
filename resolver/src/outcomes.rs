//! What came of a question that a resolution asks once: of a probe, of a library, of an archive.

use std::path::PathBuf;

use crate::discovery::{Found, NotFound};
use crate::request::Provider;

/// What a probe found out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Whether it succeeded.
    pub(crate) succeeded: bool,
    /// Its value, for those that have one.
    pub(crate) value: Option<String>,
}

impl Answer {
    pub(crate) fn yes_or_no(succeeded: bool) -> Self {
        Self { succeeded, value: None }
    }

    pub(crate) fn valued(value: Option<String>) -> Self {
        Self { succeeded: value.is_some(), value }
    }
}

/// Who provides a library.
#[derive(Debug, Clone)]
pub(crate) enum LibraryOutcome {
    /// The system.
    System(Box<Found>),
    /// A `cc-library` of the package.
    Source(String),
    /// Another package of the build.
    Shared(Provider),
    /// Nobody: not asked for here (`when`).
    Unasked,
    /// Nobody: not found.
    Missing(Box<NotFound>),
}

impl LibraryOutcome {
    /// The version, where it is known.
    pub(crate) fn version(&self) -> Option<String> {
        match self {
            Self::System(found) => found.version.clone(),
            Self::Shared(Provider::Shared { version, .. }) => version.clone(),
            _ => None,
        }
    }
}

/// An archive that was built into OUT_DIR.
#[derive(Debug, Clone, Default)]
pub(crate) struct Built {
    /// The folder that it lies in.
    pub(crate) folder: PathBuf,
    /// The C++ library that it needs.
    pub(crate) cpp_stdlib: Option<String>,
    /// Where dependents find its headers: the folders of installed headers, else its own include folders.
    pub(crate) include: Vec<PathBuf>,
    /// Modifiers on its `rustc-link-lib`.
    pub(crate) modifiers: Vec<String>,
}
