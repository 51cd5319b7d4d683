//! Compares the files that rustc read with the pins of a policy entry: the digest of a package does not cover a file
//! that its source includes from elsewhere.
//!
//! The check is complete for a unit in which no unreviewed macro runs, since a macro may read a file without reporting
//! it. The packages that are linked into an entry's macros and scripts are pinned and checked as well.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use super::arguments::RustcArguments;
use crate::cargo::package::path_from;
use crate::digest;

/// Checks that all files that rustc read for a unit are in a pinned folder, or in OUT_DIR, which the unit's own script
/// fills.
///
/// `rule` is the dependency file that rustc wrote; its relative paths start from `cwd`.
///
/// # Errors
/// A file was read from elsewhere; the error names it.
pub(super) fn check(
    rule: &Path,
    cwd: &Path,
    roots: &BTreeSet<PathBuf>,
    out_dir: Option<&Path>,
) -> Result<(), String> {
    let text = std::fs::read_to_string(rule).map_err(|error| {
        format!(
            "what rustc read for it is not known, so that no digest covers it: {}: {error}",
            rule.display()
        )
    })?;
    let roots: Vec<PathBuf> = roots.iter().filter_map(|root| root.canonicalize().ok()).collect();
    let out_dir = out_dir.and_then(|folder| folder.canonicalize().ok());
    for path in parse(&text)? {
        let real = path_from(cwd, &path)
            .canonicalize()
            .map_err(|error| format!("rustc read {} for it: {error}", path.display()))?;
        // The digest of a package covers the targets of its symlinks; with `..` the folder of a path is not certain.
        let plain = !path.components().any(|part| part == Component::ParentDir);
        let written = plain.then(|| cwd.join(&path));
        // Files of git, and of the build itself, are not part of a package's digest, whichever path leads to them.
        let left_out = |path: &Path| {
            let of_git = |root: &PathBuf| {
                path.strip_prefix(root).is_ok_and(|inside| inside.starts_with(".git"))
                    && digest::leaves_out_git(root)
            };
            roots.iter().any(of_git)
        };
        let ways = || std::iter::once(real.as_path()).chain(written.as_deref());
        let pinned = !digest::is_build_output(&real)
            && !ways().any(left_out)
            && ways().any(|path| roots.iter().any(|root| path.starts_with(root)));
        let made = out_dir.as_ref().is_some_and(|folder| real.starts_with(folder));
        if !pinned && !made {
            return Err(format!(
                "it is compiled from {}, which lies in no package of which a digest is pinned\n  help: move the file into \
                 the package, or make it a package of its own that it depends on",
                path.display()
            ));
        }
    }
    Ok(())
}

/// Returns the dependency file of a unit in the folder that rustc wrote to.
pub(super) fn rule_of(parsed: &RustcArguments, folder: &Path) -> PathBuf {
    folder.join(format!("{}.d", parsed.stem()))
}

/// Returns the files that rustc read: rustc writes a rule without prerequisites for each, on a separate line.
///
/// # Errors
/// A line has none of the forms that rustc writes; the name of a file may contain a line break.
fn parse(text: &str) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let mut outputs = false;
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        // Blanks in names are escaped, so the first other blank ends the target.
        let plain = line.replace("\\ ", "\0");
        if let Some(path) = plain.strip_suffix(':').filter(|path| !path.contains(' ')) {
            if !found.contains(&PathBuf::from(path)) {
                found.push(PathBuf::from(path.replace('\0', " ")));
            }
        } else if plain.split_once(": ").is_some_and(|(target, _)| !target.contains(' ')) {
            outputs = true;
        } else {
            return Err(format!(
                "a line of rustc's dependency file is not understood: {}",
                line.escape_debug()
            ));
        }
    }
    if outputs && !found.is_empty() {
        return Ok(found);
    }
    Err("rustc's dependency file names no source".to_owned())
}

#[cfg(all(test, unix))]
#[path = "dep_info_tests.rs"]
mod against_digests;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rustc_writes() {
        let text = "/t/a.d: src/lib.rs a\\ b.rs\n\nsrc/lib.rs:\na\\ b.rs:\n\n# env-dep:OUT_DIR=/x y\n";
        assert_eq!(parse(text).unwrap(), [PathBuf::from("src/lib.rs"), PathBuf::from("a b.rs")]);
        for bad in
            ["", "/t/a.d: src/lib.rs\n", "a.d: x\n/outside/a\nsrc/lib.rs:\n", "a.d: x\nsrc/lib.rs: y z\n"]
        {
            let read = parse(bad);
            assert!(read.is_err() || bad.ends_with("y z\n"), "{bad:?}: {read:?}");
        }
    }
}
