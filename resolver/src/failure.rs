//! The reasons why a resolution failed, and the attempts before: values that the caller renders.

use std::fmt;

/// An attempt of a resolution: a discovery method, a probe, a source build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The subject: `library zlib`, `probe generic_member_access`, `cc-library z`.
    pub subject: String,
    /// The method: `pkg-config`, `environment`, `vcpkg`, `search`, `source build`, `rustc`, `cc`, …
    pub method: String,
    /// The action, as a person would type it if it was a command.
    pub detail: String,
    /// The result of the attempt.
    pub outcome: Outcome,
}

/// The result of an [`Attempt`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The attempt succeeded; with its answer.
    Chosen(String),
    /// The attempt failed; with the reason.
    Failed(String),
    /// The attempt was not made; with the reason.
    Skipped(String),
}

/// The failure of a resolution, with the attempts before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The reason for the failure.
    pub kind: FailureKind,
    /// The attempts before the failure.
    pub attempts: Vec<Attempt>,
    /// The journal of everything read before, so that the failure is dropped when something in it changes.
    pub journal: crate::journal::Journal,
}

/// The reason for a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureKind {
    /// An `error` of the declaration holds; with its text.
    Declared(String),
    /// The condition `unsupported` of the declaration holds here.
    Unsupported,
    /// The declaration cannot be carried out: two alternatives hold at once, a variable is not set, a value is
    /// refused.
    Declaration {
        /// The place in the declaration: `out-dir."private.rs"`.
        place: String,
        /// The problem, in one sentence.
        problem: String,
    },
    /// A file on disk or a value in metadata violates a rule of the schema.
    Refused {
        /// The place in the declaration.
        place: String,
        /// The refused value and the reason.
        problem: String,
    },
    /// A library was not found, and no source build replaces it.
    LibraryNotFound {
        /// The library's key in the `library` table.
        library: String,
        /// Advice for installing it, one remedy a line.
        remedies: Vec<String>,
    },
    /// The request for a library cannot be met: static linking without an archive, a policy without provider.
    Library {
        /// The library's key in the `library` table.
        library: String,
        /// The reason, in one sentence.
        problem: String,
    },
    /// A tool failed: a compiler, an archiver.
    Tool {
        /// The place in the declaration that the tool was run for.
        place: String,
        /// The command line of the tool.
        command: String,
        /// The output of the tool.
        output: String,
    },
    /// A source build failed.
    Build {
        /// The archive's file name, such as `libz.a`.
        archive: String,
        /// The reason, with the command and its output.
        problem: String,
    },
    /// The system refused to read or write.
    Io {
        /// The path that was read or written.
        path: std::path::PathBuf,
        /// The system's message about the error.
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
