//! Confines rustc, and so the macros that run in it: no network, no home, no program but the linker's, no other
//! process.
//!
//! Each compilation runs below a supervisor. It can read the toolchain, the system, its package (a member its
//! workspace), OUT_DIR and the files that `--extern` and `-L` name; it can write to a private folder, from which its
//! outputs are published ([`private`]), and to its incremental data; it starts a program only if it links. Of the
//! caller's environment it gets the variables that a script gets, and those that rustc reads. Another variable that
//! `env!` reads is an error, since it would be considered unset.

#[cfg(target_os = "linux")]
mod arguments;
#[cfg(target_os = "linux")]
mod asks;
#[cfg(target_os = "linux")]
mod confined;
#[cfg(target_os = "linux")]
mod private;
#[cfg(target_os = "linux")]
mod reads;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::plan::model::ConfinedRustc;
#[cfg(target_os = "linux")]
pub use confined::{compile, document};
#[cfg(not(target_os = "linux"))]
pub use elsewhere::{compile, document};

/// A call of rustc.
#[derive(Debug)]
pub struct Call<'a> {
    /// The program (rustc or a replacement such as clippy-driver), and its arguments, with argument files replaced.
    pub arguments: Vec<OsString>,
    /// The folder that Cargo has it write to.
    pub out_dir: &'a Path,
    /// The name of the crate.
    pub crate_name: String,
    /// The name of its outputs, without `lib` and extension.
    pub stem: String,
    /// True if it starts a linker.
    pub links: bool,
    /// True if it writes a dependency file.
    pub dep_info: bool,
    /// The crate names of the macros that it may load.
    pub macros: Vec<String>,
    /// True if a digest of its package is pinned: then it reads no other folder of sources, unless macros run in it. The
    /// assembler reads files (`.incbin`) that rustc does not list.
    pub pinned: bool,
}

/// The destination of rustc's messages, and of what it was denied.
#[derive(Debug)]
pub enum Messages<'a> {
    /// Standard error, where Cargo reads them.
    Shown,
    /// A buffer: the compilation is one that Cargo did not ask for.
    Kept(&'a mut Vec<u8>),
}

/// Returns the path of a program of the toolchain, which can be confined; a proxy or the client of a server cannot. Where
/// rustup has not started Cargo, that names rustc as it is found on PATH, which the plan has looked at.
#[must_use]
pub fn of_toolchain(program: &OsStr, around: &ConfinedRustc) -> Option<PathBuf> {
    let path = Path::new(program);
    let bin = around.sysroot.join("bin");
    if path.components().count() == 1 {
        return Some(bin.join(path)).filter(|path| path.is_file());
    }
    path.starts_with(bin).then(|| path.to_path_buf())
}

/// The replacement on other systems, where no plan confines rustc.
#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use super::{Call, ConfinedRustc, Messages};
    use crate::artifacts::build_dir::BuildDir;
    use crate::environment::Environment;

    /// Always fails on this system.
    ///
    /// # Errors
    /// rustc is confined on Linux only.
    pub fn compile(
        _call: &Call<'_>,
        _around: &ConfinedRustc,
        _dir: &BuildDir,
        _environment: &Environment,
        _callers: &Environment,
        _messages: Messages<'_>,
    ) -> Result<i32, String> {
        Err("rustc is confined on Linux alone".to_owned())
    }

    /// Always fails on this system.
    ///
    /// # Errors
    /// rustdoc is confined on Linux only.
    pub fn document(
        call: &Call<'_>,
        around: &ConfinedRustc,
        dir: &BuildDir,
        environment: &Environment,
        callers: &Environment,
    ) -> Result<i32, String> {
        compile(call, around, dir, environment, callers, Messages::Shown)
    }
}
