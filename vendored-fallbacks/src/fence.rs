//! The hook by which the caller confines the tools of a build: compilers, assemblers, archivers.
//!
//! This crate knows no way to confine a program; whoever has one gives it as a [`Fence`].

use std::fmt::Debug;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Confines the tools that are started for one resolution.
pub trait Fence: Debug + Send + Sync {
    /// Lets tools that start later read a folder or file that the package did not choose, such as the headers of a
    /// library of the system.
    fn read(&self, path: &Path);

    /// Runs `work`, which starts `program`; what it starts is confined, and so is `work` itself: it may read what
    /// was granted, and write to the scratch folder alone.
    ///
    /// # Errors
    ///
    /// The program has to be confined and cannot be; `work` did not run.
    fn within(&self, program: &Path, work: &mut (dyn FnMut() + Send)) -> Result<(), String>;
}

/// A fence, or none.
#[derive(Debug, Clone, Default)]
pub struct Fenced(Option<Arc<dyn Fence>>);

impl Fenced {
    /// Returns a fence for tools.
    #[must_use]
    pub fn by(fence: Arc<dyn Fence>) -> Self {
        Self(Some(fence))
    }

    /// Returns whether there is a fence.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// Lets tools read a folder or file: see [`Fence::read`].
    pub fn read(&self, path: &Path) {
        if let Some(fence) = &self.0 {
            fence.read(path);
        }
    }

    /// Returns a sentence for the error output of a tool that failed, if the fence may be the reason.
    #[must_use]
    pub fn hint(&self, success: bool, stderr: &[u8]) -> Option<&'static str> {
        /// How the C library, compilers and rustc say that the kernel denied something.
        const SAID: [&str; 4] =
            ["Permission denied", "Operation not permitted", "(os error 13)", "(os error 1)"];
        let text = String::from_utf8_lossy(stderr);
        (!success && self.is_there() && SAID.iter().any(|said| text.contains(said))).then_some(
            "it ran fenced: it may read the system, the toolchain, its package, the libraries that were found and the folders \
             that your own variables name (CPATH, CFLAGS), and nothing else\n  help: `[sandbox] rustc = \"off\"` in inert.toml \
             switches the fence off",
        )
    }

    /// Runs `work`, which starts `program`, behind the fence if there is one.
    ///
    /// # Errors
    ///
    /// The program cannot be confined; `work` did not run.
    pub fn run<T: Send>(&self, program: &Path, work: impl FnOnce() -> T + Send) -> io::Result<T> {
        let Some(fence) = &self.0 else { return Ok(work()) };
        let mut work = Some(work);
        let mut done = None;
        fence
            .within(program, &mut || done = work.take().map(|work| work()))
            .map_err(|why| io::Error::other(format!("{} is not started: {why}", program.display())))?;
        done.ok_or_else(|| io::Error::other(format!("{} was not started", program.display())))
    }
}
