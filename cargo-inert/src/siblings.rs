//! Programs that look for others beside themselves: a test in `<build-dir>/debug/deps` that starts
//! `current_exe()/../../rg` finds it where Cargo would have put it, though artifacts go to the target dir.

use std::path::Path;

use crate::build_dir::BuildDir;
use crate::cargo::invocation::Invocation;
use crate::cargo::unit_graph::UnitGraph;

/// Links each binary and example of the graph from the build dir to where Cargo puts it. Failing to is not an error:
/// most programs never look.
pub fn link(dir: &BuildDir, target_dir: &Path, graph: &UnitGraph, invocation: &Invocation) {
    let profile = invocation.profile_folder();
    for unit in &graph.units {
        let kind = unit.target.kind.first().map(String::as_str).unwrap_or_default();
        if unit.mode != "build" || !matches!(kind, "bin" | "example") {
            continue;
        }
        let mut place = Path::new("").to_path_buf();
        if let Some(platform) = &unit.platform {
            place.push(Path::new(platform).file_stem().unwrap_or_default());
        }
        place.push(&profile);
        if kind == "example" {
            place.push("examples");
        }
        place.push(format!("{}{}", unit.target.name, std::env::consts::EXE_SUFFIX));
        let (from, to) = (dir.root.join(&place), target_dir.join(&place));
        if from.symlink_metadata().is_err() && from.parent().is_some_and(|parent| std::fs::create_dir_all(parent).is_ok()) {
            #[cfg(unix)]
            let _ = std::os::unix::fs::symlink(&to, &from);
            // Needs a privilege that users may lack; a program that looks then says so itself.
            #[cfg(windows)]
            let _ = std::os::windows::fs::symlink_file(&to, &from);
        }
    }
}
