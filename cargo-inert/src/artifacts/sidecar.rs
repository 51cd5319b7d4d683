//! What lies beside a stand-in: which script it stands for, and the script itself where that may run.

use std::path::{Path, PathBuf};

/// What a stand-in finds beside it: who it stands for.
#[derive(Debug, Clone, Copy)]
pub struct Sidecar<'a> {
    /// The build dir whose sessions hold the plan; `None` for the wrapper alone, whose plan lies beside it too.
    pub build_dir: Option<&'a Path>,
    /// Name of the script's file in the plan.
    pub script: &'a str,
}

impl Sidecar<'_> {
    /// What the file holds.
    #[must_use]
    pub fn text(&self, inert: &Path) -> String {
        let build_dir = self.build_dir.map(|dir| dir.display().to_string()).unwrap_or_default();
        format!("{}\n{build_dir}\n{}\n", inert.display(), self.script)
    }
}

/// Extension of the sidecar.
pub const SIDECAR: &str = "inert";

/// The compiled script behind a stand-in, by the stand-in's sidecar.
#[must_use]
pub fn script_behind(sidecar: &Path) -> PathBuf {
    let name = sidecar.file_stem().unwrap_or_default().to_string_lossy();
    sidecar.with_file_name(format!("{name}.script{}", std::env::consts::EXE_SUFFIX))
}
