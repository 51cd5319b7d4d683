//! The files beside a stand-in: the sidecar, and the compiled script if it may run.

use std::path::{Path, PathBuf};

/// The sidecar, which names the script that a stand-in replaces.
#[derive(Debug, Clone, Copy)]
pub struct Sidecar<'a> {
    /// The build dir whose sessions hold the plan; `None` for the wrapper alone, whose plan is beside the sidecar.
    pub build_dir: Option<&'a Path>,
    /// The file name of the script in the plan.
    pub script: &'a str,
}

impl Sidecar<'_> {
    /// Returns the text of the sidecar file.
    #[must_use]
    pub fn text(&self, inert: &Path) -> String {
        let build_dir = self.build_dir.map(|dir| dir.display().to_string()).unwrap_or_default();
        format!("{}\n{build_dir}\n{}\n", inert.display(), self.script)
    }
}

/// The extension of the sidecar file.
pub const SIDECAR: &str = "inert";

/// Returns the path of the script's module behind a stand-in, for a script that was compiled to WebAssembly as well.
#[must_use]
pub fn module_behind(sidecar: &Path) -> PathBuf {
    let name = sidecar.file_stem().unwrap_or_default().to_string_lossy();
    sidecar.with_file_name(format!("{name}.script.wasm"))
}

/// Returns the path of the compiled script behind a stand-in, by the stand-in's sidecar.
#[must_use]
pub fn script_behind(sidecar: &Path) -> PathBuf {
    let name = sidecar.file_stem().unwrap_or_default().to_string_lossy();
    sidecar.with_file_name(format!("{name}.script{}", std::env::consts::EXE_SUFFIX))
}
