//! The rules for paths: `/`-separated, inside their base, and valid on every system.

use super::{MAX_WORD, Refusal};

/// The device names that Windows reads in any folder, with any extension ("Naming Files, Paths, and Namespaces",
/// Microsoft); `COM` and `LPT` are followed by a digit, superscript digits included.
const WINDOWS_DEVICES: &[&str] = &["con", "prn", "aux", "nul", "conin$", "conout$", "clock$"];
const WINDOWS_NUMBERED: &[&str] = &["com", "lpt"];

/// Checks a path relative to a folder. `.` alone is the folder itself.
///
/// # Errors
///
/// The reason why the path is not valid.
pub fn check(path: &str) -> Result<(), Refusal> {
    check_with(path, "<>:\"|?*")
}

/// As [`check`], for a pattern: `*` matches any characters of one name, `**` any folders.
///
/// # Errors
///
/// The reason why the pattern is not valid.
pub fn check_glob(path: &str) -> Result<(), Refusal> {
    check_with(path, "<>:\"|?")?;
    match path.split('/').find(|part| part.contains("**") && *part != "**") {
        None => Ok(()),
        Some(part) => Err(Refusal::new(
            format!("`**` stands alone between slashes, not in `{part}`"),
            "write `dir/**/*.c`".to_owned(),
        )),
    }
}

fn check_with(path: &str, forbidden: &str) -> Result<(), Refusal> {
    let refuse = |message: String, help: &str| Err(Refusal::new(message, help));
    if path.is_empty() {
        return refuse("the path is empty".to_owned(), "write `.` for the folder itself");
    }
    if path == "." {
        return Ok(());
    }
    if path.len() > MAX_WORD {
        return refuse(format!("the path is longer than {MAX_WORD} bytes"), "");
    }
    if let Some(c) = path.chars().find(|c| c.is_control()) {
        return refuse(
            format!("the path holds a control character (U+{:04X})", u32::from(c)),
            "take it away",
        );
    }
    if path.contains('\\') {
        return refuse(
            "the path holds a backslash".to_owned(),
            "part folders by `/`; it works on every system",
        );
    }
    if path.starts_with('/') || path.starts_with('~') {
        return refuse(
            "the path is not relative".to_owned(),
            "write it relative to the package, without leading `/` or `~`",
        );
    }
    if path.as_bytes().get(1) == Some(&b':') {
        return refuse("the path names a drive".to_owned(), "write it relative to the package");
    }
    if let Some(c) = path.chars().find(|c| forbidden.contains(*c)) {
        return refuse(format!("Windows cannot have `{c}` in a file's name"), "rename the file");
    }
    for part in path.split('/') {
        match part {
            "" => {
                return refuse(
                    "the path has an empty part".to_owned(),
                    "write single slashes, none at the end",
                );
            }
            "." => return refuse("the path has a part `.`".to_owned(), "leave `./` out"),
            ".." => return refuse("the path has a part `..`".to_owned(), "a path cannot leave its folder"),
            _ => {}
        }
        if part.ends_with('.') || part.ends_with(' ') {
            return refuse(format!("Windows drops the end of `{part}`"), "no name ends in a dot or a space");
        }
        if is_device(part) {
            return refuse(format!("`{part}` is a device on Windows"), "rename the file");
        }
    }
    Ok(())
}

fn is_device(part: &str) -> bool {
    let stem = part.split(['.', ' ']).next().unwrap_or_default().to_lowercase();
    WINDOWS_DEVICES.contains(&stem.as_str())
        || WINDOWS_NUMBERED.iter().any(|name| {
            stem.strip_prefix(name).is_some_and(|rest| {
                matches!(rest, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
            })
        })
}
