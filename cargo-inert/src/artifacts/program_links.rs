//! Links for programs that look for others beside themselves: a test in `<build-dir>/debug/deps` that starts
//! `current_exe()/../../rg` finds it at Cargo's usual path, although artifacts are in the target dir.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::build_dir::BuildDir;
use super::layout;
use crate::cargo::unit_graph::UnitGraph;

/// A binary or example that Cargo puts into the target dir.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// The folder of the target platform; `None` for the host.
    pub platform: Option<String>,
    /// True if it is an example, which Cargo puts into `examples`.
    pub example: bool,
    /// The name of the executable.
    pub name: String,
}

/// Returns the programs that a build makes.
#[must_use]
pub fn programs(graph: &UnitGraph) -> Vec<Program> {
    let mut all = Vec::new();
    for unit in &graph.units {
        let kind = unit.target.kind.first().map(String::as_str).unwrap_or_default();
        if unit.mode == "build" && matches!(kind, "bin" | "example") {
            let stem = |platform: &String| {
                Path::new(platform).file_stem().unwrap_or_default().to_string_lossy().into_owned()
            };
            all.push(Program {
                platform: unit.platform.as_ref().map(stem),
                example: kind == "example",
                name: unit.target.name.clone(),
            });
        }
    }
    all
}

/// Links each program from the build dir to Cargo's path for it. A failure is ignored: most programs never look.
pub fn link(dir: &BuildDir, target_dir: &Path, programs: &[Program], profile: &str) {
    for program in programs {
        let place = layout::program(program.platform.as_deref(), profile, program.example, &program.name);
        let (from, to) = (dir.root.join(&place), target_dir.join(&place));
        if from.symlink_metadata().is_err()
            && from.parent().is_some_and(|parent| std::fs::create_dir_all(parent).is_ok())
        {
            #[cfg(unix)]
            let _ = std::os::unix::fs::symlink(&to, &from);
            // The user may lack the privilege for symlinks; a program that looks for another then reports it.
            #[cfg(windows)]
            let _ = std::os::windows::fs::symlink_file(&to, &from);
        }
    }
}
