//! Source builds of C libraries as data: the executor over cc, and recipes for libraries whose source a crate ships.
//!
//! Nothing here reads the process environment: a caller hands in an [`Environment`], which is all that a compiler or
//! an archiver is started with, and all that `cc` looks at.

pub mod environment;
pub mod sha256;

pub use environment::Environment;
