//! Checks the linker's arguments for a pinned script or macro, as rustc prints them (`--print=link-args`): a source may
//! name libraries too (`#[link(name = "…")]`), and such a name may be the path of an object without a pinned digest.
//!
//! The options come from rustc itself, from the configuration and from scripts, which are all checked against closed
//! lists before; a source can add only names of libraries and frameworks, and files.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use inert_build_output::objects::{self, Objection};
use inert_manifest_spec::rules::names;

use crate::cargo::configuration::places::Places;
use crate::file::{Place, place};

/// The file in the unit's folder to which rustc writes the arguments.
#[derive(Debug)]
pub(super) struct Words(PathBuf);

impl Words {
    /// Returns the file for a unit that is compiled to this folder.
    pub(super) fn in_folder(folder: &Path) -> Self {
        Self(folder.join("inert-link-args"))
    }

    /// Returns the argument for rustc.
    pub(super) fn flag(&self) -> OsString {
        let mut flag = OsString::from("--print=link-args=");
        flag.push(&self.0);
        flag
    }

    /// Checks that files among the arguments are in one of `folders`, which belong to the build or the toolchain, or
    /// have a digest. The file with the arguments is removed.
    ///
    /// # Errors
    /// An argument is not permitted; the error names it.
    pub(super) fn check(self, cwd: &Path, folders: &[&Path], linked: &Path) -> Result<(), String> {
        let text = std::fs::read_to_string(&self.0);
        let _ = std::fs::remove_file(&self.0);
        let text = text.map_err(|error| {
            format!("what was linked into it is not known: {}: {error}", self.0.display())
        })?;
        let folders: Vec<PathBuf> = folders.iter().filter_map(|folder| folder.canonicalize().ok()).collect();
        working_folder(cwd, &folders)?;
        let mut searched = Vec::new();
        for line in text.lines() {
            searched.extend(check_line(line, cwd, &folders)?);
        }
        loaded(linked, &searched, &folders)
    }
}

/// Checks that linkers find no library in the folder that rustc works in, unless it has a digest. A linker looks there first for what no
/// argument names: GNU's for the files that a linker script of the system names (GCC's `libgcc_s.so`), Microsoft's for
/// those that an object asks for (`/DEFAULTLIB`).
fn working_folder(cwd: &Path, folders: &[PathBuf]) -> Result<(), String> {
    let real = cwd.canonicalize().unwrap_or_else(|_| cwd.to_path_buf());
    if folders.iter().any(|folder| real.starts_with(folder)) {
        return Ok(());
    }
    let unknown = |error: std::io::Error| format!("{}: {error}", cwd.display());
    for entry in std::fs::read_dir(cwd).map_err(unknown)? {
        let entry = entry.map_err(unknown)?;
        if is_library(&entry.path()) {
            return Err(format!(
                "{} is where linkers look for libraries that no argument names, and has no digest that is pinned\n  help: move it to \
                 another folder than {}",
                entry.path().display(),
                cwd.display()
            ));
        }
    }
    Ok(())
}

/// Returns whether a file may be linked: by its name, since a linker script is a text like others, or by its first bytes.
fn is_library(path: &Path) -> bool {
    const ENDINGS: &[&str] = &["a", "def", "dll", "dylib", "exp", "lib", "o", "obj", "res", "rlib", "tbd"];
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    if path.is_dir() {
        return false;
    }
    if ENDINGS.contains(&ending) || name.ends_with(".so") || name.contains(".so.") {
        return true;
    }
    let mut head = [0; 8];
    let mut read = || -> std::io::Result<usize> {
        crate::file::regular(path)?;
        std::io::Read::read(&mut std::fs::File::open(path)?, &mut head)
    };
    read().is_ok_and(|read| objects::is_linked(&head[..read]))
}

/// Checks what is loaded with a linked file: libraries by their names (a section of an object may have named one by its
/// path), and with those that lie in the folders of the build and of pinned packages, others from such folders or the system's.
fn loaded(linked: &Path, searched: &[PathBuf], folders: &[PathBuf]) -> Result<(), String> {
    let mut open = vec![linked.to_path_buf()];
    let mut seen = std::collections::BTreeSet::new();
    while let Some(file) = open.pop() {
        let loads = std::fs::File::open(&file).and_then(|mut file| objects::loads(&mut file));
        let loads = loads
            .map_err(|error| format!("what was linked into it is not known: {}: {error}", file.display()))?;
        let who =
            if file == linked { "it".to_owned() } else { format!("{}, which it loads,", file.display()) };
        if let Some(path) = loads.libraries.iter().find(|name| name.contains(['/', '\\'])) {
            return Err(format!(
                "{who} loads {path}, a library by its path, of which no digest is pinned\n  help: an object names it in a section \
                 `.deplibs`; `#[link(name = \"…\")]` names a library"
            ));
        }
        let mut looked = searched.to_vec();
        // The folders of the linked file itself come from the linker's arguments, which were read before.
        for folder in loads.folders.iter().filter(|_| file != linked) {
            let Some(real) = own_folder(folder, &file, folders) else {
                return Err(format!(
                    "{who} looks for libraries in `{}` (its RUNPATH), of which no digest is pinned",
                    folder.escape_debug()
                ));
            };
            looked.push(real);
        }
        for path in loads.libraries.iter().flat_map(|name| looked.iter().map(move |folder| folder.join(name)))
        {
            let real =
                path.canonicalize().ok().filter(|real| folders.iter().any(|folder| real.starts_with(folder)));
            if let Some(real) = real.filter(|real| seen.insert(real.clone())) {
                open.push(real);
            }
        }
    }
    Ok(())
}

/// Returns the folder that a library names to look for others in, if it is one of `folders` or the system's.
fn own_folder(text: &str, library: &Path, folders: &[PathBuf]) -> Option<PathBuf> {
    let origin = || library.parent().map(|folder| folder.display().to_string());
    let path = match ["$ORIGIN", "${ORIGIN}"].iter().find_map(|name| text.strip_prefix(name)) {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => origin()? + rest,
        Some(_) => return None,
        None => text.to_owned(),
    };
    let path = Path::new(&path);
    if !path.is_absolute() || path.to_string_lossy().contains('$') {
        return None;
    }
    // A folder that does not exist yet may be made later.
    let real = path.canonicalize().ok()?;
    let known = folders.iter().any(|folder| real.starts_with(folder))
        || Places::default().is_of_the_system(&real.to_string_lossy());
    known.then_some(real)
}

/// Returns why the options that an object or archive gives the linker are refused.
fn options(path: &Path) -> Option<String> {
    match std::fs::File::open(path).and_then(|mut file| objects::objection(&mut file)) {
        // What the toolchain and this build made may be bitcode: the flags that ask for it passed the table of
        // configuration.
        Ok(None | Some(Objection::Bitcode)) => None,
        Ok(Some(why)) => Some(why.to_string()),
        Err(error) => Some(error.to_string()),
    }
}

/// Checks the arguments of one linker, and returns the folders that it looks for libraries in.
fn check_line(line: &str, cwd: &Path, folders: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let words = split(line).ok_or_else(|| {
        format!("rustc's word on what it linked is not understood: {}", line.escape_debug())
    })?;
    let refused = |what: &str| -> Result<Vec<PathBuf>, String> {
        Err(format!(
            "the linker was given `{}`, which is neither a library by its plain name nor a file of this build or of a package \
             of which a digest is pinned\n  help: a `#[link]` names a library alone, as in `name = \"z\"`; a file of the package's \
             own is linked by its build script",
            what.escape_debug()
        ))
    };
    let mut searched = Vec::new();
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        match word {
            "-L" => searched.extend(words.next().map(|folder| cwd.join(folder))),
            "-l" | "-framework" | "-weak_framework" => {
                let name = words.next().unwrap_or_default();
                if !names::is_link_name(name) {
                    return refused(name);
                }
            }
            // The values of these options are options or folders.
            "-o"
            | "-F"
            | "-arch"
            | "-isysroot"
            | "-syslibroot"
            | "-undefined"
            | "-install_name"
            | "-target"
            | "-z"
            | "-m"
            | "-rpath"
            | "-platform_version"
            | "-flavor"
            | "-dylib_install_name" => {
                let _ = words.next();
            }
            _ => {
                searched.extend(word.strip_prefix("-L").map(|folder| cwd.join(folder)));
                let file = ["-Wl,-force_load,", "-Wl,-hidden-l", "-force_load", "/WHOLEARCHIVE:"]
                    .iter()
                    .find_map(|option| word.strip_prefix(option));
                if let Some(name) = word.strip_prefix("-l") {
                    if !names::is_link_name(name) {
                        return refused(word);
                    }
                } else if let Some(file) = file {
                    if !file.is_empty() && !is_known(file, cwd, folders) {
                        return refused(file);
                    }
                } else if !is_option(word) && !is_known(word, cwd, folders) {
                    return refused(word);
                }
                let file = Path::new(file.unwrap_or(word));
                // rustc has removed its temporary files, and an option is no file.
                if let Some(why) =
                    Some(cwd.join(file)).filter(|file| file.is_file()).and_then(|file| options(&file))
                {
                    return Err(format!("{}, which is linked into it: {why}", file.display()));
                }
            }
        }
    }
    Ok(searched)
}

/// Returns whether an argument is an option. One that begins with a slash is a file, except for Microsoft's linker.
fn is_option(word: &str) -> bool {
    word.starts_with('-') || (cfg!(windows) && word.starts_with('/'))
}

/// Returns whether an argument is the plain name of a library's file, or a file in one of the folders or of the system.
fn is_known(word: &str, cwd: &Path, folders: &[PathBuf]) -> bool {
    if !word.contains(['/', '\\']) && !cwd.join(word).exists() {
        return names::is_link_name(word);
    }
    // rustc may have removed a temporary file already; its folder still exists.
    let path = cwd.join(word);
    let plain = path.components().all(|part| !matches!(part, std::path::Component::ParentDir));
    let real = match place(&path) {
        Ok(Place::There(real)) => Some(real),
        Ok(Place::Absent(above)) => Some(above).filter(|_| plain),
        // Something is there, and the linker opened it; where it lies is not known.
        Err(_) => None,
    };
    real.is_some_and(|real| {
        folders.iter().any(|folder| real.starts_with(folder))
            || Places::default().is_of_the_system(&real.to_string_lossy())
    })
}

/// Splits a command in the form that Rust prints (variables, the program and its arguments, each in quotes with
/// escapes); returns the arguments.
fn split(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut chars = line.chars().peekable();
    let mut name = String::new();
    while let Some(c) = chars.next() {
        match c {
            ' ' => {}
            '"' => {
                let mut word = String::new();
                loop {
                    match chars.next()? {
                        '"' => break,
                        '\\' => match chars.next()? {
                            'n' => word.push('\n'),
                            't' => word.push('\t'),
                            'r' => word.push('\r'),
                            '0' => word.push('\0'),
                            c @ ('"' | '\\' | '\'') => word.push(c),
                            'u' => {
                                let rest: String = chars.by_ref().take_while(|c| *c != '}').collect();
                                let number = u32::from_str_radix(rest.strip_prefix('{')?, 16).ok()?;
                                word.push(char::from_u32(number)?);
                            }
                            _ => return None,
                        },
                        c => word.push(c),
                    }
                }
                // `LC_ALL="C"` precedes the program.
                if !std::mem::take(&mut name).ends_with('=') {
                    words.push(word);
                }
            }
            c if c.is_ascii_alphanumeric() || "_=-".contains(c) => name.push(c),
            _ => return None,
        }
    }
    // rustc does not print commands such as `env -u NAME`.
    (name.is_empty() && !words.is_empty()).then(|| words.split_off(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_command() {
        let line = r#"LC_ALL="C" PATH="/a b:/c" "cc" "-m64" "/t/x \"y\".o" "-l:..\\x" "\u{7f}""#;
        assert_eq!(split(line).unwrap(), ["-m64", "/t/x \"y\".o", "-l:..\\x", "\u{7f}"]);
        for bad in ["", "cc -m64", "\"cc", "\"cc\" x", "'cc'"] {
            assert_eq!(split(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_a_source_may_have_linked() {
        let scratch = tempfile::tempdir().unwrap();
        let base = scratch.path().canonicalize().unwrap();
        let (build, other) = (base.join("build"), base.join("other"));
        std::fs::create_dir(&build).unwrap();
        std::fs::create_dir(&other).unwrap();
        std::fs::write(other.join("evil.o"), "").unwrap();
        std::fs::write(build.join("fine.rlib"), "").unwrap();
        let check = |arguments: &str| {
            check_line(&format!("LC_ALL=\"C\" \"cc\" {arguments}"), &build, std::slice::from_ref(&build))
        };
        let path = |path: &str| format!("\"{}\"", base.join(path).display());
        for fine in [
            "\"-lz\" \"-l\" \"stdc++\" \"-framework\" \"Security\" \"-Wl,-Bstatic\" \"-L\" \"/anywhere\" \"-o\" \"/out\"",
            "\"fine.rlib\" \"kernel32.lib\"",
            &path("build/fine.rlib"),
            &path("build/rustcXYZ/gone.o"),
        ] {
            assert!(check(fine).is_ok(), "{fine}");
        }
        for bad in [
            "\"-l:../other/evil.o\"",
            "\"-l\" \":evil.o\"",
            "\"-framework\" \"../x\"",
            "\"../other/evil.o\"",
            "\"../build/../other/gone.o\"",
            &path("other/evil.o"),
            &format!("\"-Wl,-force_load,{}\"", base.join("other/evil.o").display()),
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
