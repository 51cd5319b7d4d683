//! Checks a folder that a script adds to the linker's search path: its location and its contents.
//!
//! A file that a linker opens for `-l NAME` may be a linker script, which can name other files to link. So in folders
//! that packages can write to, each file that it could open is checked by its first bytes. Folders of the system are
//! not checked: Debian's `libc.so` is such a script.

use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use inert_build_output::objects;
use inert_build_output::rustc::{self, SearchKind};
use inert_manifest_spec::rules::libraries;

use super::Folders;
use crate::file::{Place, place};

/// Returns why the value of a `-L` is refused.
pub(super) fn objection(value: &str, folders: &Folders<'_>) -> Option<String> {
    let rustc::Search { kind, path } = rustc::search(value);
    match kind {
        None | Some(SearchKind::All | SearchKind::Native | SearchKind::Framework) => {}
        Some(SearchKind::Crate | SearchKind::Dependency) => {
            return Some("rustc would look for crates there".to_owned());
        }
    }
    let path = Path::new(path);
    if !path.is_absolute() {
        // It is relative to the package's folder, or to the workspace's for a member; rustc replaces `@` by a folder of
        // its own.
        return Some(
            "the folder is relative, which means another one to rustc than to the script".to_owned(),
        );
    }
    let own = [folders.package, folders.out_dir];
    let inside = |base: &Path, real: &Path| base.canonicalize().is_ok_and(|base| real.starts_with(base));
    // The linker follows symlinks before `..`.
    let real = match place(path) {
        Ok(Place::There(real)) => real,
        Ok(Place::Absent(above)) => {
            let plain = !path.components().any(|part| part == Component::ParentDir);
            // The folder does not exist; the script itself may create it later.
            return match plain && own.iter().any(|base| path.starts_with(base) && inside(base, &above)) {
                true => None,
                false => Some("no such folder is there, and it is not the script's own".to_owned()),
            };
        }
        // The linker may open it nevertheless.
        Err(error) => return Some(format!("where the folder leads is not known: {error}")),
    };
    if own.into_iter().any(|base| inside(base, &real)) || is_out_dir(&real, folders.out_dir) {
        return contents(&real, folders.target);
    }
    let of_system = |root: &PathBuf| root.canonicalize().is_ok_and(|root| real == root);
    if folders.roots.iter().any(of_system) {
        return None;
    }
    Some(
        "the folder lies outside of the package, and is none in which the system has its libraries"
            .to_owned(),
    )
}

/// Returns whether a folder is in an OUT_DIR beside this one: a dependent may search the output of another package.
fn is_out_dir(real: &Path, own: &Path) -> bool {
    let Some(own) = own.canonicalize().ok() else { return false };
    let Some(build) = own.ancestors().find(|folder| folder.ends_with("build")) else { return false };
    let Ok(inside) = real.strip_prefix(build) else { return false };
    let parts: Vec<_> = inside.components().map(std::path::Component::as_os_str).collect();
    // The path is `<unit>/out`, or `<package>/<hash>/out`.
    parts.get(1).is_some_and(|part| *part == "out") || parts.get(2).is_some_and(|part| *part == "out")
}

fn contents(folder: &Path, target: &str) -> Option<String> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return Some(format!("the folder cannot be read: {error}")),
    };
    for entry in entries {
        let Ok(entry) = entry else { return Some("the folder cannot be read".to_owned()) };
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            if let Some(why) = framework(&path, &name, target) {
                return Some(why);
            }
            continue;
        }
        if !may_be_opened(&name) {
            continue;
        }
        if let Err(why) = place(&path) {
            return Some(format!("where {} in the folder leads is not known: {why}", name.escape_debug()));
        }
        if libraries::of_file(&name).is_some_and(libraries::is_reserved) {
            return Some(format!(
                "the folder holds {}, by the name of a library of the system",
                name.escape_debug()
            ));
        }
        if !is_code(&path, target) {
            return Some(format!(
                "{} in the folder is no archive, object or library for {target}, and a linker would read it",
                name.escape_debug()
            ));
        }
        if let Some(why) = options(&path) {
            return Some(format!("{} in the folder: {why}", name.escape_debug()));
        }
    }
    None
}

/// Checks a framework's folder. Apple's linkers open two kinds of file in it: the file with the framework's name, and a
/// description (`.tbd`), which names other files.
fn framework(folder: &Path, name: &str, target: &str) -> Option<String> {
    let stem = name.get(..name.len().checked_sub(FRAMEWORK.len())?)?;
    if !name.to_lowercase().ends_with(FRAMEWORK) {
        return None;
    }
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries.flatten(),
        Err(error) => return Some(format!("{} cannot be read: {error}", folder.display())),
    };
    for entry in entries {
        let file = entry.file_name().to_string_lossy().to_lowercase();
        let opened = file.split('.').next() == Some(&stem.to_lowercase()) || may_be_opened(&file);
        if opened && !entry.path().is_dir() && !is_code(&entry.path(), target) {
            return Some(format!(
                "{} in {} is no library for {target}, and a linker would read it",
                file.escape_debug(),
                name.escape_debug()
            ));
        }
        let why = if opened && !entry.path().is_dir() { options(&entry.path()) } else { None };
        if let Some(why) = why {
            return Some(format!("{} in {}: {why}", file.escape_debug(), name.escape_debug()));
        }
    }
    None
}

/// Returns why the options that a file gives the linker are refused.
fn options(path: &Path) -> Option<String> {
    let read = std::fs::File::open(path).and_then(|mut file| objects::objection(&mut file));
    match read {
        Ok(why) => why.map(|why| why.to_string()),
        Err(error) => Some(format!("what it tells the linker is not known: {error}")),
    }
}

const FRAMEWORK: &str = ".framework";

/// The extensions that linkers append to the name of a `-l`, with or without `lib` or `cyg` before it: GNU ld and gold
/// for ELF and PE, LLD, link.exe, ld64, and rustc itself.
const ENDINGS: &[&str] =
    &[".a", ".so", ".sl", ".lib", ".dll", ".dylib", ".tbd", ".imp", ".rlib", ".rmeta", ".o", ".obj"];

/// Returns whether a linker could open a file with this name for some `-l NAME`.
#[must_use]
pub fn may_be_opened(name: &str) -> bool {
    let name = name.to_lowercase();
    // OpenBSD's linker opens the newest `lib<name>.so.<number>`.
    ENDINGS.iter().any(|ending| name.ends_with(ending)) || name.contains(".so.")
}

/// Returns whether the target's linkers read a file as code rather than as text, judged by its first bytes.
fn is_code(path: &Path, target: &str) -> bool {
    let Ok(metadata) = std::fs::metadata(path) else { return false };
    if !metadata.is_file() {
        return false;
    }
    let mut head = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(4096).read_to_end(&mut head));
    if read.is_err() {
        return false;
    }
    // A thin archive (`!<thin>`) refers to files elsewhere, so it is not accepted.
    if head.starts_with(b"!<arch>\n") || head.starts_with(b"BC\xc0\xde") {
        return true;
    }
    let begins = |magics: &[&[u8]]| magics.iter().any(|magic| head.starts_with(magic));
    if target.contains("windows") || target.contains("cygwin") || target.contains("uefi") {
        return is_pe(&head)
            || begins(&[b"\x64\x86", b"\x4c\x01", b"\x64\xaa", b"\xc4\x01", b"\x00\x00\xff\xff"]);
    }
    if target.contains("apple") {
        return begins(&[b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe"]);
    }
    begins(&[b"\x7fELF", b"\0asm"])
}

/// Returns whether a file is a PE image; `MZ` alone could be the beginning of a text.
fn is_pe(head: &[u8]) -> bool {
    let at = head.get(0x3c..0x40).map(|bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
    let at = at.and_then(|at| usize::try_from(at).ok());
    objects::is_dos(head)
        && at.and_then(|at| head.get(at..at.checked_add(4)?)).is_some_and(|sign| sign == b"PE\0\0")
}

/// Returns the folders of libraries of the system or of the caller for a target: those that discovery searches.
#[must_use]
pub fn of_system(target: &str, host: &str, environment: &crate::environment::Environment) -> Vec<PathBuf> {
    let mut roots: Vec<PathBuf> =
        inert_resolver::pkgconf::system_library_paths(target, host).into_iter().map(PathBuf::from).collect();
    // The library of a `.pc` file that the caller has added to pkg-config's path is in the folder above.
    for name in ["PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR"] {
        let value = environment.get(name).unwrap_or_default();
        let folders = std::env::split_paths(value).filter(|folder| folder.is_absolute());
        roots.extend(folders.filter_map(|folder| folder.parent().map(Path::to_path_buf)));
    }
    roots.extend(["/opt/homebrew/lib", "/opt/local/lib"].map(PathBuf::from));
    roots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_linkers_open() {
        for name in
            ["libz.so", "libz.a", "z.lib", "libz.dll.a", "cygz.dll", "LIBZ.SO", "libz.so.1.0", "libz.tbd"]
        {
            assert!(may_be_opened(name), "{name}");
        }
        for name in ["bindings.rs", "z.h", "z", "flag_check.c"] {
            assert!(!may_be_opened(name), "{name}");
        }
    }

    #[test]
    fn mz_is_no_program_yet() {
        assert!(!is_pe(b"MZ = 1; INPUT(/x)"));
        let mut head = vec![0; 0x100];
        head[..3].copy_from_slice(b"MZ\x90");
        head[0x3c] = 0x80;
        head[0x80..0x84].copy_from_slice(b"PE\0\0");
        assert!(is_pe(&head));
    }
}
