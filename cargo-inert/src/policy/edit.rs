//! Adds entries to `inert.toml` and removes them. An entry is added at the end and the rest is not rewritten, so that
//! the file remains as its owners wrote it; the result must be a valid policy.

use std::path::Path;

use super::layers;
use super::model::BadPolicy;
use crate::file::write_atomic;

/// The first line of a new file.
pub const HEADER: &str = "# What this workspace's builds may run: see `cargo inert audit`. Reference: docs/reference/policy.md of cargo-inert.\n";

/// The reason why the file was not changed.
#[derive(Debug)]
pub enum EditError {
    /// The file is not a valid policy, before or after the change.
    Bad(BadPolicy),
    /// The file cannot be read or written.
    Io(std::io::Error),
}

/// Adds entries at the end of a policy file, which is created if it does not exist.
///
/// # Errors
/// The file is not a valid policy, before or after; or it cannot be written.
pub fn append(path: &Path, entries: &[String]) -> Result<(), EditError> {
    replace(path, &[], entries)
}

/// Removes an entry: the lines from `[[…]]` to the next table that is not part of it.
///
/// # Errors
/// As [`append`]'s; also if no entry begins in that line.
pub fn remove(path: &Path, line: usize) -> Result<(), EditError> {
    replace(path, &[line], &[])
}

/// Removes the entries that begin in these lines (from 1), and adds others at the end, in one write: a killed process
/// leaves the old entries or the new ones.
///
/// # Errors
/// As [`remove`]'s.
pub fn replace(path: &Path, lines: &[usize], entries: &[String]) -> Result<(), EditError> {
    let mut text = match crate::file::read_text(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => HEADER.to_owned(),
        Err(error) => return Err(EditError::Io(error)),
    };
    layers::parse(&text, path).map_err(EditError::Bad)?;
    let mut lines = lines.to_vec();
    lines.sort_unstable();
    lines.dedup();
    // From the last one on, so that the numbers of the others stay true.
    for line in lines.into_iter().rev() {
        text = without(&text, line)?;
    }
    for entry in entries {
        if !text.ends_with('\n') {
            text.push('\n');
        }
        if !text.ends_with("\n\n") {
            text.push('\n');
        }
        text.push_str(entry);
    }
    layers::parse(&text, path).map_err(EditError::Bad)?;
    crate::file::writable(path).map_err(EditError::Io)?;
    write_atomic(path, text.as_bytes()).map_err(EditError::Io)
}

fn without(text: &str, line: usize) -> Result<String, EditError> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let start = line.saturating_sub(1);
    let name = lines.get(start).and_then(|line| line.trim().strip_prefix("[[")?.strip_suffix("]]"));
    let Some(name) = name else {
        return Err(EditError::Io(std::io::Error::other(format!("no entry begins in line {line}"))));
    };
    let part = format!("[{name}.");
    let length = lines[start + 1..]
        .iter()
        .take_while(|line| !line.trim_start().starts_with('[') || line.trim_start().starts_with(&part))
        .count();
    Ok(lines[..start].iter().chain(&lines[start + 1 + length..]).copied().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_taken_out_whole() {
        let folder = std::env::temp_dir().join(format!("inert-edit-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("inert.toml");
        let entry =
            |name: &str| format!("[[declare]]\npackage = \"{name}\"\n\n[declare.declaration]\nschema = 1\n");
        append(&path, &[entry("a"), entry("b")]).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let line = text.lines().position(|line| line == "[[declare]]").unwrap() + 1;
        remove(&path, line).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{HEADER}\n{}", entry("b")));
        replace(&path, &[line], &[entry("c"), entry("d")]).unwrap();
        let both = format!("{HEADER}\n{}\n{}", entry("c"), entry("d"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), both);
        // Nothing is removed unless everything else is valid, too.
        assert!(replace(&path, &[line], &["[[allow]]\n".to_owned()]).is_err());
        assert!(replace(&path, &[line, line + 1], &[entry("e")]).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), both);
        assert!(remove(&path, 1).is_err());
        assert!(append(&path, &["[[allow]]\n".to_owned()]).is_err());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
