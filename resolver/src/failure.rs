//! Why a resolution failed, and what was tried on the way: values, rendered by whoever shows them.

use std::fmt;

/// Something that was tried: a discovery method, a probe, a source build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// What it was for: `library zlib`, `probe generic_member_access`, `cc-library z`.
    pub subject: String,
    /// How: `pkg-config`, `environment`, `vcpkg`, `search`, `source build`, `rustc`, `cc`, …
    pub method: String,
    /// What was done, as a person would type it where it was a command.
    pub detail: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of an [`Attempt`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It answered; with what.
    Chosen(String),
    /// It did not; why.
    Failed(String),
    /// It was not tried; why.
    Skipped(String),
}

/// Why a resolution failed. What had been tried until then is with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What went wrong.
    pub kind: FailureKind,
    /// What had been tried.
    pub attempts: Vec<Attempt>,
    /// What had been read until then, so that the failure can be taken back when that changes.
    pub journal: crate::journal::Journal,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureKind {
    /// An `error` of the declaration holds: its text.
    Declared(String),
    /// The declaration says `unsupported` here.
    Unsupported,
    /// The declaration cannot be carried out: two alternatives hold at once, a variable that is not set, a value that
    /// is refused.
    Declaration {
        /// Where in it: `out-dir."private.rs"`.
        place: String,
        /// What is wrong.
        problem: String,
    },
    /// A rule of "Closed means" was broken by what was found on disk or in metadata.
    Refused {
        /// Where in the declaration.
        place: String,
        /// What was refused and why.
        problem: String,
    },
    /// A library was not found, and nothing builds it.
    LibraryNotFound {
        /// Its key in the `library` table.
        library: String,
        /// What would bring it here, one remedy a line.
        remedies: Vec<String>,
    },
    /// A library was asked for in a way that cannot be met: static where there is no archive, a policy without provider.
    Library {
        /// Its key in the `library` table.
        library: String,
        /// Why.
        problem: String,
    },
    /// A tool failed: a compiler, an archiver.
    Tool {
        /// What it was for.
        place: String,
        /// The command.
        command: String,
        /// What it said.
        output: String,
    },
    /// A source build failed.
    Build {
        /// The archive: `libz.a`.
        archive: String,
        /// Why, with the command and what it said.
        problem: String,
    },
    /// The system refused to read or write.
    Io {
        /// Which path.
        path: std::path::PathBuf,
        /// What it said.
        problem: String,
    },
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declared(text) => f.write_str(text),
            Self::Unsupported => {
                f.write_str("the declaration says that it does not cover this build (`unsupported`)")
            }
            Self::Declaration { place, problem } => write!(f, "`{place}` in the declaration: {problem}"),
            Self::Refused { place, problem } => write!(f, "`{place}` is refused: {problem}"),
            Self::LibraryNotFound { library, remedies } => {
                write!(f, "the library `{library}` was not found on this system")?;
                remedies.iter().try_for_each(|remedy| write!(f, "\n  {remedy}"))
            }
            Self::Library { library, problem } => write!(f, "the library `{library}`: {problem}"),
            Self::Tool { place, command, output } => {
                write!(f, "`{place}`: a command failed\n  {command}")?;
                output.lines().try_for_each(|line| write!(f, "\n  | {line}"))
            }
            Self::Build { archive, problem } => write!(f, "building `{archive}`: {problem}"),
            Self::Io { path, problem } => write!(f, "{}: {problem}", path.display()),
        }
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mark, text) = match &self.outcome {
            Outcome::Chosen(text) => ("chosen", text),
            Outcome::Failed(text) => ("failed", text),
            Outcome::Skipped(text) => ("skipped", text),
        };
        let detail = if self.detail.is_empty() { String::new() } else { format!(" ({})", self.detail) };
        write!(f, "{}: {}{detail} {mark}: {text}", self.subject, self.method)
    }
}
