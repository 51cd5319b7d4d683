//! Finds licence files by the names that they commonly have.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::LicenceFile;

/// The beginnings of the names of licence files, in capitals.
const NAMES: &[&str] = &["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"];

/// The size in bytes up to which a file is taken for a licence.
const LARGEST: u64 = 1 << 20;

/// Returns the licence files in a package's own folder.
pub(super) fn of_package(root: &Path) -> Vec<LicenceFile> {
    in_folders(root, &[root.to_path_buf()].into())
}

/// Returns the licence files that lie beside sources or above them, without those of the package's own folder: the
/// licences of bundled sources.
pub(super) fn of_sources(root: &Path, sources: &[PathBuf]) -> Vec<LicenceFile> {
    let mut folders = BTreeSet::new();
    for source in sources {
        let above = source.ancestors().skip(1);
        folders.extend(
            above.take_while(|folder| *folder != root && folder.starts_with(root)).map(Path::to_path_buf),
        );
    }
    in_folders(root, &folders)
}

fn in_folders(root: &Path, folders: &BTreeSet<PathBuf>) -> Vec<LicenceFile> {
    let mut found = Vec::new();
    for folder in folders {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let capitals = name.to_ascii_uppercase();
            // A program or a source may be named for its licence check.
            let is_text = Path::new(&name).extension().is_none_or(|kind| {
                !["rs", "c", "h", "py", "sh"].iter().any(|code| kind.eq_ignore_ascii_case(code))
            });
            // A symlink is not followed: it may lead out of the package.
            let is_file = entry.metadata().is_ok_and(|meta| meta.is_file() && meta.len() <= LARGEST);
            if !is_text || !is_file || !NAMES.iter().any(|word| capitals.starts_with(word)) {
                continue;
            }
            let path = entry.path();
            let Ok(digest) = crate::digest::file(&path) else { continue };
            let relative = path.strip_prefix(root).unwrap_or(&path);
            let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
            let sha256 = digest.trim_start_matches("sha256:").to_owned();
            found.push(LicenceFile { path: parts.join("/"), sha256 });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}
