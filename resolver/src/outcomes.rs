//! The results of questions that a resolution asks once: probes, libraries, archives.

use std::path::PathBuf;

use crate::discovery::{Found, NotFound};
use crate::request::Provider;

/// The answer of a probe.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// True if the probe succeeded.
    pub(crate) succeeded: bool,
    /// The probe's value, if its kind has one.
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

/// The provider of a library.
#[derive(Debug, Clone)]
pub(crate) enum LibraryOutcome {
    /// The library of the system.
    System(Box<Found>),
    /// A `cc-library` of the package itself.
    Source(String),
    /// Another package of the build.
    Shared(Provider),
    /// No provider: the library's `when` does not hold here.
    Unasked,
    /// No provider: the library was not found.
    Missing(Box<NotFound>),
}

impl LibraryOutcome {
    /// Returns the version, if it is known.
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
    /// The folder that holds the archive.
    pub(crate) folder: PathBuf,
    /// The C++ library that the archive needs.
    pub(crate) cpp_stdlib: Option<String>,
    /// The folders where dependents find its headers: those of installed headers, else its own include folders.
    pub(crate) include: Vec<PathBuf>,
    /// The modifiers of its `rustc-link-lib`.
    pub(crate) modifiers: Vec<String>,
}
