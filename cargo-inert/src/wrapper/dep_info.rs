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
        // Files of git, of the build itself, and what is judged by itself are not part of a package's digest, whichever path
        // leads to them.
        let left_out = |path: &Path| {
            let of_root = |root: &PathBuf| {
                let first = path.strip_prefix(root).ok().and_then(|inside| inside.components().next());
                first.is_some_and(|first| digest::leaves_out(root, first.as_os_str()))
            };
            roots.iter().any(of_root)
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

/// Returns the files that rustc read. rustc writes a rule with all of them for each output, then a rule without
/// prerequisites for each of them, and comments; it escapes blanks in names, and nothing else.
///
/// # Errors
/// The text does not have exactly this form. The name of a file may contain a line break, and lines of any form.
fn parse(text: &str) -> Result<Vec<PathBuf>, String> {
    let unread = |line: &str| {
        Err(format!("a line of rustc's dependency file is not understood: {}", line.escape_debug()))
    };
    let mut lines = text.lines().peekable();
    // A comment has a blank behind its first character, which is escaped in a name that begins like one.
    let is_comment = |line: &str| line.is_empty() || line.starts_with("# ");
    let mut listed: Option<Vec<String>> = None;
    while let Some((_, rest)) = lines.peek().and_then(|line| line.split_once(": ")) {
        let names = names(rest);
        let line = lines.next().unwrap_or_default();
        if lines.next() != Some("") || listed.as_ref().is_some_and(|listed| *listed != names) {
            return unread(line);
        }
        listed = Some(names);
    }
    let listed = listed.unwrap_or_default();
    for name in &listed {
        let line = lines.next().unwrap_or_default();
        if line.strip_suffix(':').map(|line| line.replace("\\ ", " ")).as_ref() != Some(name) {
            return unread(line);
        }
    }
    if let Some(line) = lines.find(|line| !is_comment(line)) {
        return unread(line);
    }
    if listed.is_empty() {
        return Err("rustc's dependency file names no source".to_owned());
    }
    Ok(listed.into_iter().map(PathBuf::from).collect())
}

/// Splits the prerequisites of a rule at the blanks that are not escaped.
fn names(listed: &str) -> Vec<String> {
    listed
        .replace("\\ ", "\0")
        .split(' ')
        .filter(|name| !name.is_empty())
        .map(|name| name.replace('\0', " "))
        .collect()
}

#[cfg(all(test, unix))]
#[path = "dep_info_tests.rs"]
mod against_digests;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rustc_writes() {
        let text = "/t/a.d: src/lib.rs a\\ b.rs\n\n/t/a: src/lib.rs a\\ b.rs\n\nsrc/lib.rs:\na\\ b.rs:\n\n# env-dep:OUT_DIR=/x y\n";
        assert_eq!(parse(text).unwrap(), [PathBuf::from("src/lib.rs"), PathBuf::from("a b.rs")]);
        let hashed = "a.d: #a/build.rs #a/../x.rs\n\n#a/build.rs:\n#a/../x.rs:\n";
        assert_eq!(parse(hashed).unwrap(), [PathBuf::from("#a/build.rs"), PathBuf::from("#a/../x.rs")]);
        for bad in [
            "",
            "/t/a.d: src/lib.rs\n",
            "/t/a.d: src/lib.rs\n\n",
            "a.d: x\n/outside/a\nsrc/lib.rs:\n",
            "a.d: x\n\nsrc/lib.rs: y z\n",
            "a.d: x\n\nx:\ny:\n",
            "a.d: x y\n\nx:\n",
            "a.d: x\n\nb.d: x y\n\nx:\n",
            // The names of files outside contain a line break, and the parts are names of files inside.
            "a.d: dep/x dep/../dep:\ndep/x:\n\ndep/x:\ndep/../dep:\ndep/x::\n",
            "a.d: x\n\nx:\n\n# env-dep:A=b\ny:\n",
        ] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }
}
