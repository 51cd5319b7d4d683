//! Changes several files, or none of them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::driver::Failure;

/// The change of one file.
#[derive(Debug, Clone)]
pub(super) struct Change {
    /// The path of the file.
    pub(super) path: PathBuf,
    /// The name of the file for messages.
    pub(super) name: String,
    /// The contents before the change.
    pub(super) old: String,
    /// The contents after the change; `None` removes the file.
    pub(super) new: Option<String>,
}

impl Change {
    /// Returns the difference in the format of `diff -u`.
    pub(super) fn diff(&self) -> String {
        let new = self.new.as_deref().unwrap_or_default();
        let (from, to) = (format!("a/{}", self.name), format!("b/{}", self.name));
        let to = if self.new.is_some() { to.as_str() } else { "/dev/null" };
        let diff = similar::TextDiff::from_lines(self.old.as_str(), new);
        diff.unified_diff().context_radius(3).header(&from, to).to_string()
    }
}

/// Makes every change. If one fails, the changes before it are undone.
///
/// # Errors
/// A file has changed since it was read, or cannot be written; all files are then as before.
pub(super) fn all(changes: &[Change]) -> Result<(), Failure> {
    let say = |path: &Path| {
        let path = path.display().to_string();
        move |error| Failure::Io(path, error)
    };
    for change in changes {
        let now = fs::read(&change.path).map_err(say(&change.path))?;
        if now != change.old.as_bytes() {
            let path = change.path.display();
            return Err(Failure::Refused(format!(
                "{path} was changed by something else meanwhile; nothing was written"
            )));
        }
    }
    // Lack of space or of permissions fails here, before any file is changed.
    let mut staged = Vec::new();
    for change in changes {
        let beside = temporary(&change.path);
        let written = match &change.new {
            Some(new) => write_new(&beside, new).and_then(|()| {
                let permissions = fs::metadata(&change.path)?.permissions();
                fs::set_permissions(&beside, permissions)
            }),
            None => Ok(()),
        };
        staged.push(beside);
        if let Err(error) = written {
            staged.iter().for_each(|path| drop(fs::remove_file(path)));
            return Err(say(&change.path)(error));
        }
    }
    for (at, (change, beside)) in changes.iter().zip(&staged).enumerate() {
        let done = match &change.new {
            Some(_) => fs::rename(beside, &change.path),
            None => fs::remove_file(&change.path),
        };
        if let Err(error) = done {
            for undone in &changes[..at] {
                let _ = fs::write(&undone.path, &undone.old);
            }
            staged[at..].iter().for_each(|path| drop(fs::remove_file(path)));
            return Err(say(&change.path)(error));
        }
    }
    Ok(())
}

/// Writes a new file. An existing file is removed first, so that a symlink, which the tree may contain, is not
/// followed.
fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}

fn temporary(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.inert-migrate"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(path: PathBuf, old: &str, new: Option<&str>) -> Change {
        Change { path, name: String::new(), old: old.to_owned(), new: new.map(str::to_owned) }
    }

    #[test]
    fn all_or_nothing() {
        let folder = std::env::temp_dir().join(format!("inert-migrate-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (a, b, c) = (folder.join("a"), folder.join("b"), folder.join("c"));
        fs::write(&a, "1").unwrap();
        fs::write(&b, "2").unwrap();
        // A file that is no longer what was read.
        assert!(all(&[change(a.clone(), "1", Some("x")), change(b.clone(), "other", Some("y"))]).is_err());
        // A file that does not exist.
        assert!(all(&[change(a.clone(), "1", Some("x")), change(c, "3", None)]).is_err());
        // A file that cannot be replaced, since a folder has the name of the temporary file.
        fs::create_dir_all(temporary(&b)).unwrap();
        assert!(all(&[change(a.clone(), "1", Some("x")), change(b.clone(), "2", Some("y"))]).is_err());
        assert_eq!(fs::read_to_string(&a).unwrap(), "1");
        fs::remove_dir(temporary(&b)).unwrap();
        all(&[change(a.clone(), "1", Some("x")), change(b.clone(), "2", None)]).unwrap();
        assert_eq!(fs::read_to_string(&a).unwrap(), "x");
        assert!(!b.exists());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing is left beside");
        fs::remove_dir_all(folder).unwrap();
    }
}
