//! rustc confined, and with it whatever macros run in it: no network, no home, no program but the linker's, no other process.
//!
//! Each compile runs below a supervisor. It reads the toolchain, the system, its package (a member its workspace), OUT_DIR and what
//! `--extern` and `-L` name; writes a folder of its own, from which its outputs are published ([`private`]), and what it keeps for
//! itself from one compile to the next; and starts nothing unless it links. Of the caller's environment it sees what a script sees, and
//! what rustc goes by: what `env!` asks for besides is an error, since it would be taken for not set.

#[cfg(target_os = "linux")]
mod arguments;
#[cfg(target_os = "linux")]
mod confined;
#[cfg(target_os = "linux")]
mod private;
#[cfg(target_os = "linux")]
mod reads;

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::plan::model::ConfinedRustc;
#[cfg(target_os = "linux")]
pub use confined::{compile, document};
#[cfg(not(target_os = "linux"))]
pub use elsewhere::{compile, document};

/// A call of rustc.
#[derive(Debug)]
pub struct Call<'a> {
    /// rustc or what stands in for it (clippy-driver), then its arguments, argument files read in.
    pub arguments: Vec<OsString>,
    /// Where Cargo has it write.
    pub out_dir: &'a Path,
    /// The name that rustc gives its outputs, without `lib` and extension.
    pub stem: String,
    /// Whether it starts a linker.
    pub links: bool,
    /// Whether it writes what else its unit depends on.
    pub dep_info: bool,
    /// Crate names of the macros that it may load.
    pub macros: Vec<String>,
}

/// Whether this is a program of the toolchain, which can be confined: a proxy or a server's client cannot.
#[must_use]
pub fn is_toolchains(program: &OsStr, around: &ConfinedRustc) -> bool {
    Path::new(program).starts_with(around.sysroot.join("bin"))
}

/// Elsewhere the plan has no rustc confined.
#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use super::{Call, ConfinedRustc};
    use crate::artifacts::build_dir::BuildDir;
    use crate::environment::Environment;

    /// Compiles nothing.
    ///
    /// # Errors
    /// Always.
    pub fn compile(
        _call: &Call<'_>,
        _around: &ConfinedRustc,
        _dir: &BuildDir,
        _environment: &Environment,
        _callers: &Environment,
    ) -> Result<i32, String> {
        Err("rustc is confined on Linux alone".to_owned())
    }

    /// Documents nothing.
    ///
    /// # Errors
    /// Always.
    pub fn document(
        call: &Call<'_>,
        around: &ConfinedRustc,
        dir: &BuildDir,
        environment: &Environment,
        callers: &Environment,
    ) -> Result<i32, String> {
        compile(call, around, dir, environment, callers)
    }
}
