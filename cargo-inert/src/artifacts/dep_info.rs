//! Make-style dependency files, as rustc writes them (`--emit=dep-info`).

use std::io;
use std::path::{Path, PathBuf};

/// Returns the dependency file beside a library: `libx-1f.rlib` → `x-1f.d`.
#[must_use]
pub fn of_library(library: &Path) -> PathBuf {
    let stem = library.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    library.with_file_name(format!("{}.d", stem.strip_prefix("lib").unwrap_or(&stem)))
}

/// Returns the files that a dependency file lists; relative paths are unchanged. As in Cargo, only the first rule
/// counts.
///
/// # Errors
/// The file cannot be read, or has no rule.
pub fn sources(path: &Path) -> io::Result<Vec<PathBuf>> {
    let text = crate::file::read_text(path)?;
    let rule = text.lines().filter(|line| !line.starts_with('#')).find_map(|line| line.split_once(": "));
    let (_, listed) = rule.ok_or_else(|| io::Error::other("it lists no files"))?;
    let mut found = Vec::new();
    let mut current = String::new();
    let mut characters = listed.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            // rustc escapes only blanks.
            '\\' if characters.peek() == Some(&' ') => current.extend(characters.next()),
            ' ' => found.push(std::mem::take(&mut current)),
            other => current.push(other),
        }
    }
    found.push(current);
    Ok(found.into_iter().filter(|path| !path.is_empty()).map(PathBuf::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_in_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.d");
        std::fs::write(&path, "/o/x: /a/b.rs /a\\ b/c.rs data\\x.rs\n\n/a/b.rs:\n# env-dep:X=1\n").unwrap();
        let found = sources(&path).unwrap();
        assert_eq!(found, ["/a/b.rs", "/a b/c.rs", "data\\x.rs"].map(PathBuf::from));
        std::fs::write(&path, "").unwrap();
        assert!(sources(&path).is_err());
        assert_eq!(of_library(Path::new("/o/libx-1f.rlib")), Path::new("/o/x-1f.d"));
    }
}
