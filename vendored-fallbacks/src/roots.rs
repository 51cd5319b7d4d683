//! The folders whose place differs from one build dir, user or machine to another, each with a name that does not.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The folders of a build that are called by names, so that its objects depend on those.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roots {
    /// Each folder, absolute, with its name, `zlib-sys-1.0.0`. An inner folder stands before an outer one.
    folders: Vec<(PathBuf, String)>,
}

/// The folder that replaces all roots in debug information and in `__FILE__`.
const STANDS_FOR: &str = "/inert";

impl Roots {
    /// Returns the roots; a folder or a name that occurs again is left out.
    #[must_use]
    pub fn new(folders: impl IntoIterator<Item = (PathBuf, String)>) -> Self {
        let mut kept: Vec<(PathBuf, String)> = Vec::new();
        for (folder, name) in folders {
            let plain = folder.is_absolute()
                && !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte));
            if plain && !kept.iter().any(|(known, other)| *known == folder || *other == name) {
                kept.push((folder, name));
            }
        }
        kept.sort_by_key(|(folder, _)| std::cmp::Reverse(folder.as_os_str().len()));
        Self { folders: kept }
    }

    /// Returns these roots and another one.
    #[must_use]
    pub(crate) fn with(&self, folder: &Path, name: &str) -> Self {
        Self::new(self.folders.iter().cloned().chain([(folder.to_path_buf(), name.to_owned())]))
    }

    /// Returns a path below a root by the root's name, `@zlib-sys-1.0.0/src/adler32.c`, and another one as it is; no
    /// absolute path begins with `@`. What is not Unicode is spelt in escapes.
    #[must_use]
    pub(crate) fn relative(&self, path: &Path) -> String {
        for (folder, name) in &self.folders {
            if let Ok(below) = path.strip_prefix(folder) {
                return format!("@{name}/{}", spelled(below.as_os_str()));
            }
        }
        spelled(path.as_os_str())
    }

    /// Returns the path that [`Roots::relative`] spelled; `None` if its root is unknown here.
    #[must_use]
    pub(crate) fn absolute(&self, text: &str) -> Option<PathBuf> {
        let Some(rest) = text.strip_prefix('@') else { return Some(PathBuf::from(text)) };
        let (name, below) = rest.split_once('/')?;
        let (folder, _) = self.folders.iter().find(|(_, known)| known == name)?;
        Some(folder.join(below))
    }

    /// Returns the flags that write a root's name in the place of its path; `None` if a path cannot be written so.
    #[must_use]
    pub(crate) fn flags(&self) -> Option<Vec<OsString>> {
        // The last that fits is taken, so an inner folder comes after an outer one.
        let flag = |(folder, name): &(PathBuf, String)| {
            let text = folder.to_str().filter(|text| !text.contains('='))?;
            Some(OsString::from(format!("-ffile-prefix-map={text}={STANDS_FOR}/{name}")))
        };
        self.folders.iter().rev().map(flag).collect()
    }
}

fn spelled(text: &OsStr) -> String {
    match text.to_str().filter(|text| !text.contains(['\n', '\r'])) {
        Some(text) => text.to_owned(),
        None => text.as_encoded_bytes().escape_ascii().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let roots = Roots::new([
            ("/cargo/z-1".into(), "z-1".to_owned()),
            ("/cargo/z-1/gen".into(), "out".to_owned()),
            ("relative".into(), "no".to_owned()),
            ("/elsewhere".into(), "../x".to_owned()),
        ]);
        for (path, text) in [
            ("/cargo/z-1/a.c", "@z-1/a.c"),
            ("/cargo/z-1/gen/h.h", "@out/h.h"),
            ("/usr/include/x.h", "/usr/include/x.h"),
        ] {
            assert_eq!(roots.relative(Path::new(path)), text);
            assert_eq!(roots.absolute(text).as_deref(), Some(Path::new(path)));
        }
        assert_eq!(roots.absolute("@other/a.c"), None);
        assert_eq!(
            roots.flags().unwrap(),
            ["-ffile-prefix-map=/cargo/z-1=/inert/z-1", "-ffile-prefix-map=/cargo/z-1/gen=/inert/out"]
        );
        assert_eq!(Roots::new([("/a=b".into(), "z".to_owned())]).flags(), None);
    }
}
