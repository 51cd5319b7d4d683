//! The parts of a path, as `std::path` determines them on a system whose separator is `/`.

/// Returns the path without trailing `/` and `/.`, which add no component.
fn trimmed(path: &str) -> &str {
    let mut path = path;
    loop {
        path = match path.strip_suffix('/') {
            Some("") => return "/",
            Some(shorter) => shorter,
            None => match path.strip_suffix("/.") {
                Some("") => return "/",
                Some(shorter) => shorter,
                None => return path,
            },
        };
    }
}

/// Returns the parent of a path, as `Path::parent` does.
pub(super) fn parent(path: &str) -> Option<&str> {
    let path = trimmed(path);
    if path.is_empty() || path == "/" {
        return None;
    }
    Some(match path.rfind('/') {
        None => "",
        Some(0) => "/",
        Some(slash) => trimmed(&path[..slash]),
    })
}

/// Returns the last component of a path, as `Path::file_name` does.
pub(super) fn file_name(path: &str) -> Option<&str> {
    let path = trimmed(path);
    let name = path.rsplit('/').next().unwrap_or_default();
    (!matches!(name, "" | "." | "..")).then_some(name)
}

/// Returns the results of `Path::file_stem` and `Path::extension`; `None` if there is no file name.
pub(super) fn stem_and_extension(path: &str) -> Option<(&str, Option<&str>)> {
    let name = file_name(path)?;
    Some(match name.rfind('.') {
        Some(dot) if dot > 0 => (&name[..dot], Some(&name[dot + 1..])),
        _ => (name, None),
    })
}

/// Replaces the extension as `Path::with_extension` does, which differs from `set_extension` for `..a`. `None` if it
/// panics: the extension contains a separator.
pub(super) fn with_extension(path: &str, extension: &str) -> Option<String> {
    let old = stem_and_extension(path).and_then(|(_, extension)| extension).map_or(0, str::len);
    set_extension(path.get(..path.len() - old)?, extension)
}

/// Replaces the extension as `PathBuf::set_extension` does. `None` if it panics: the extension contains a separator.
pub(super) fn set_extension(path: &str, extension: &str) -> Option<String> {
    if extension.contains('/') {
        return None;
    }
    let Some((stem, _)) = stem_and_extension(path) else { return Some(path.to_owned()) };
    let whole = trimmed(path);
    let name = file_name(path).unwrap_or_default();
    let mut out = whole[..whole.len() - name.len()].to_owned();
    out.push_str(stem);
    if !extension.is_empty() {
        out.push('.');
        out.push_str(extension);
    }
    Some(out)
}

/// Joins two paths, as `Path::join` does.
pub(super) fn join(base: &str, rest: &str) -> String {
    if rest.starts_with('/') {
        return rest.to_owned();
    }
    let separator = if base.is_empty() || base.ends_with('/') { "" } else { "/" };
    format!("{base}{separator}{rest}")
}

/// Replaces the last component of a path, as `Path::with_file_name` does.
pub(super) fn with_file_name(path: &str, name: &str) -> String {
    match (file_name(path), parent(path)) {
        (Some(_), Some(parent)) => join(parent, name),
        _ => join(path, name),
    }
}

/// Returns a path and all its parents, from the longest to the shortest, as `Path::ancestors` does.
pub(super) fn ancestors(path: &str) -> Vec<&str> {
    std::iter::successors(Some(path), |path| parent(path)).collect()
}

/// Returns a path relative to its base, as `Path::strip_prefix` does; `None` if the path does not begin with the base.
pub(super) fn strip_prefix<'p>(path: &'p str, base: &str) -> Option<&'p str> {
    let (own, wanted) = (crate::interp::components(path), crate::interp::components(base));
    if !own.starts_with(&wanted) {
        return None;
    }
    match own.get(wanted.len()) {
        None => Some(""),
        Some(_) if wanted.is_empty() && path.starts_with('/') => Some(trimmed(path)),
        // The rest extends from the beginning of its first component to the end of its last.
        Some(first) => {
            let start = first.as_ptr() as usize - path.as_ptr() as usize;
            let end = trimmed(path).len();
            path.get(start..end.max(start))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// Compares every path made of these parts with std itself.
    #[test]
    #[cfg(unix)]
    fn as_std_has_them() {
        let parts = ["", "/", "a", ".", "..", "b.c", ".x", "a.b.c", "é"];
        let mut paths = vec![String::new()];
        for first in parts {
            for second in parts {
                for third in parts {
                    for between in ["", "/", "//"] {
                        paths.push(format!("{first}{between}{second}{between}{third}"));
                    }
                }
            }
        }
        paths.sort();
        paths.dedup();
        let text = |path: Option<&Path>| path.map(|path| path.to_str().unwrap_or_default().to_owned());
        for path in &paths {
            let std = Path::new(path);
            assert_eq!(super::parent(path).map(str::to_owned), text(std.parent()), "parent of {path}");
            assert_eq!(super::file_name(path), std.file_name().and_then(|name| name.to_str()), "{path}");
            let stem = super::stem_and_extension(path).map(|(stem, _)| stem);
            assert_eq!(stem, std.file_stem().and_then(|name| name.to_str()), "{path}");
            let extension = super::stem_and_extension(path).and_then(|(_, extension)| extension);
            assert_eq!(extension, std.extension().and_then(|name| name.to_str()), "{path}");
            let with = super::with_extension(path, "z");
            // A result that would split a character is `None` here.
            if with.is_some() {
                assert_eq!(with.as_deref(), std.with_extension("z").to_str(), "extension of {path}");
            }
            let mut set = std.to_path_buf();
            set.set_extension("z");
            assert_eq!(super::set_extension(path, "z").as_deref(), set.to_str(), "extension of {path}");
            assert_eq!(Some(&*super::with_file_name(path, "n")), std.with_file_name("n").to_str(), "{path}");
            assert_eq!(super::ancestors(path).len(), std.ancestors().count(), "{path}");
            for base in ["", "/", "a", "a/", "./a", "..", "a/./b.c", "b"] {
                let stripped = text(std.strip_prefix(base).ok());
                assert_eq!(super::strip_prefix(path, base).map(str::to_owned), stripped, "{path} {base}");
                assert_eq!(super::join(path, base), std.join(base).to_str().unwrap_or_default());
            }
        }
    }
}
