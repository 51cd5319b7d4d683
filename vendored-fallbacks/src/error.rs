//! The reasons why a source build fails.

use std::fmt;
use std::path::PathBuf;

/// The reason why a source build failed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named for what they hold")]
pub enum BuildError {
    /// There is no compiler, or `cc` cannot determine it.
    NoCompiler { problem: String },
    /// There is no assembler for a `.asm` source.
    NoAssembler { source: PathBuf, problem: String },
    /// A source does not exist.
    MissingSource { source: PathBuf },
    /// There is nothing to compile.
    NoSources { unit: String },
    /// The compiler or the archiver failed, with this output.
    Command { command: String, output: String },
    /// The system refused to read or write.
    Io { path: PathBuf, problem: String },
}

impl BuildError {
    pub(crate) fn io(path: impl Into<PathBuf>, error: &std::io::Error) -> Self {
        Self::Io { path: path.into(), problem: error.to_string() }
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCompiler { problem } => write!(
                f,
                "no C compiler: {problem}\n  install one (`apt install gcc`, `dnf install gcc`, `apk add build-base`, \
                 `xcode-select --install`, Visual Studio's C++ tools), or name it in `CC`"
            ),
            Self::NoAssembler { source, problem } => {
                write!(
                    f,
                    "no assembler for {}: {problem}\n  install nasm (`apt install nasm`)",
                    source.display()
                )
            }
            Self::MissingSource { source } => write!(
                f,
                "the source file {} is not there; a package that takes its C sources from a git submodule needs \
                 `git submodule update --init`",
                source.display()
            ),
            Self::NoSources { unit } => write!(f, "no source file of `{unit}` stands in this build"),
            Self::Command { command, output } => {
                write!(f, "a command failed\n  {command}")?;
                output.lines().try_for_each(|line| write!(f, "\n  | {line}"))
            }
            Self::Io { path, problem } => write!(f, "{}: {problem}", path.display()),
        }
    }
}

impl std::error::Error for BuildError {}
