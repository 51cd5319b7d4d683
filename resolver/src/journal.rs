//! The journal of everything that a resolution read, and the check whether it would read the same again.
//!
//! The text has a line for each entry: a tag, its fields, and last the name, escaped. Nothing here starts a
//! process; checking a journal costs one `stat` per path unless something changed.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use inert_vendored_fallbacks::{Environment, sha256};

/// Everything that was read, in order, each item once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Journal {
    /// The entries, in the order of their first reading.
    pub entries: Vec<Entry>,
}

/// A path or variable that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A path and its state.
    Path {
        /// The path, which is absolute.
        path: PathBuf,
        /// The state of the path when it was read.
        state: PathState,
    },
    /// A variable of the caller's environment and the digest of its value.
    Env {
        /// The variable's name.
        name: String,
        /// The SHA-256 of the value; `None` if the variable was not set.
        value: Option<String>,
    },
    /// A program that was looked for by its bare name, and whether one might start: see
    /// [`World::may_start`](crate::World::may_start). The lookup is done again, rather than PATH compared, since PATH
    /// differs from shell to shell, and a changed one alone changes nothing.
    Program {
        /// The program's name.
        name: String,
        /// The result of the lookup.
        may_start: bool,
    },
}

/// The state of a path, as far as the resolution examined it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathState {
    /// Nothing exists at the path.
    Absent,
    /// A file or folder of this kind exists; nothing more was asked.
    Present(PathKind),
    /// A tool, or a file that a tool read: any other file in its place counts as a change.
    Used(Stamp),
    /// A file whose content was read.
    Content {
        /// The file's stamp when it was read.
        stamp: Stamp,
        /// The SHA-256 of the content.
        sha256: String,
    },
    /// A folder whose names were listed.
    Listing {
        /// The SHA-256 of the sorted names, one a line.
        sha256: String,
    },
}

/// The kind of a path in the file system, with symlinks followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "they say it")]
pub enum PathKind {
    File,
    Directory,
    Other,
}

/// The fields of `stat` that change when a file is replaced, even by an older one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// The size in bytes.
    pub size: u64,
    /// The modification time in nanoseconds since 1970; negative before.
    pub mtime: i128,
    /// The inode on Unix, 0 elsewhere.
    pub inode: u64,
    /// The time of the last change of the inode on Unix, which no program can set back; 0 elsewhere.
    pub ctime: i128,
}

/// An entry that is no longer as in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// A path, whose state has changed.
    Path(PathBuf),
    /// An environment variable, whose value has changed.
    Env(String),
    /// A program, which was found and is gone, or the reverse.
    Program(String),
}

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "`{}` changed", path.display()),
            Self::Env(name) => write!(f, "the environment variable `{name}` changed"),
            Self::Program(name) => write!(f, "a program `{name}` appeared or went away"),
        }
    }
}

impl Journal {
    /// Makes the journal invalid for ever: something was read whose change would not be visible.
    pub fn never_holds(&mut self) {
        self.entries.push(Entry::Path { path: PathBuf::from("/"), state: PathState::Absent });
    }

    /// Checks that everything that was read would be read again in the same way: a `stat` per path, a digest if
    /// that differs.
    ///
    /// # Errors
    ///
    /// The first entry that changed.
    pub fn still_valid(&self, environment: &Environment) -> Result<(), Changed> {
        for entry in &self.entries {
            match entry {
                Entry::Path { path, state } => {
                    if !state.still_valid(path) {
                        return Err(Changed::Path(path.clone()));
                    }
                }
                Entry::Env { name, value } => {
                    if digest_of_variable(environment.get(name)) != *value {
                        return Err(Changed::Env(name.clone()));
                    }
                }
                Entry::Program { name, may_start } => {
                    let found = places_of_program(name, environment)
                        .is_none_or(|places| places.iter().any(|place| place.metadata().is_ok()));
                    if found != *may_start {
                        return Err(Changed::Program(name.clone()));
                    }
                }
            }
        }
        Ok(())
    }

    /// Returns the paths that existed, for Cargo's `rerun-if-changed` (Cargo would rerun always for a missing one).
    /// Folders whose mere existence was asked are left out, since Cargo would watch everything in them.
    pub fn existing_paths(&self) -> impl Iterator<Item = &Path> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Path { state: PathState::Absent | PathState::Present(PathKind::Directory), .. } => None,
            Entry::Path { path, .. } => Some(path.as_path()),
            Entry::Env { .. } | Entry::Program { .. } => None,
        })
    }

    /// Returns the variables that were read, those by which programs were looked for among them.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().flat_map(|entry| {
            let (own, homes) = match entry {
                Entry::Env { name, .. } => (Some(name.as_str()), &[][..]),
                Entry::Program { .. } => (Some("PATH"), HOMES_OF_PROGRAMS),
                Entry::Path { .. } => (None, &[][..]),
            };
            own.into_iter().chain(homes.iter().map(|(variable, _)| *variable))
        })
    }

    /// Returns the journal as text, a line per entry.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.entries.iter().map(|entry| line(entry) + "\n").collect()
    }

    /// Reads a journal from its text.
    ///
    /// # Errors
    ///
    /// The line that is not valid; the caller then proceeds as without a journal.
    pub fn parse(text: &str) -> Result<Self, String> {
        let entries =
            text.lines().map(|text| entry(text).ok_or_else(|| format!("not a journal's line: {text:?}")));
        Ok(Self { entries: entries.collect::<Result<_, _>>()? })
    }
}

/// The variables that say where programs may lie that PATH does not name, each with the folder below its value.
const HOMES_OF_PROGRAMS: &[(&str, &str)] = &[
    ("CARGO_HOME", "bin"),
    ("HOME", ".cargo/bin"),
    ("USERPROFILE", ".cargo/bin"),
    ("SystemRoot", "System32"),
];

/// Returns the paths of which one is started if a process of the caller starts a program by this bare name. `None` if a
/// relative folder of PATH makes that depend on the process.
pub(crate) fn places_of_program(name: &str, environment: &Environment) -> Option<Vec<PathBuf>> {
    let standard = OsStr::new(if cfg!(windows) { "" } else { "/usr/bin:/bin" });
    let path = environment.get("PATH").unwrap_or(standard);
    let mut folders: Vec<PathBuf> = std::env::split_paths(path).collect();
    if folders.iter().any(|folder| !folder.is_absolute()) {
        return None;
    }
    let homes = HOMES_OF_PROGRAMS.iter();
    folders.extend(
        homes.filter_map(|(variable, below)| Some(Path::new(environment.get(variable)?).join(below))),
    );
    let names: Vec<String> =
        executable_extensions().iter().map(|extension| format!("{name}{extension}")).collect();
    Some(folders.iter().flat_map(|folder| names.iter().map(|name| folder.join(name))).collect())
}

/// Returns what the system adds to the name of a program.
pub(crate) fn executable_extensions() -> &'static [&'static str] {
    if cfg!(windows) { &[".exe", ".bat", ".cmd", ""] } else { &[""] }
}

impl PathState {
    fn still_valid(&self, path: &Path) -> bool {
        let Ok(metadata) = std::fs::metadata(path) else { return *self == Self::Absent };
        match self {
            Self::Absent => false,
            Self::Present(kind) => kind_of(&metadata) == *kind,
            Self::Used(stamp) => stamp_of(&metadata) == *stamp,
            Self::Content { stamp, sha256 } => {
                metadata.is_file()
                    && (stamp_of(&metadata) == *stamp
                        || std::fs::read(path).is_ok_and(|bytes| sha256::hex(&bytes) == *sha256))
            }
            Self::Listing { sha256 } => {
                metadata.is_dir() && names(path).is_ok_and(|names| digest_of_names(&names) == *sha256)
            }
        }
    }
}

pub(crate) fn kind_of(metadata: &std::fs::Metadata) -> PathKind {
    match () {
        () if metadata.is_file() => PathKind::File,
        () if metadata.is_dir() => PathKind::Directory,
        () => PathKind::Other,
    }
}

pub(crate) fn stamp_of(metadata: &std::fs::Metadata) -> Stamp {
    let mtime = metadata.modified().map_or(0, |time| match time.duration_since(std::time::UNIX_EPOCH) {
        Ok(after) => after.as_nanos().cast_signed(),
        Err(before) => -before.duration().as_nanos().cast_signed(),
    });
    Stamp { size: metadata.len(), mtime, inode: inode(metadata), ctime: ctime(metadata) }
}

#[cfg(unix)]
fn inode(metadata: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &std::fs::Metadata) -> u64 {
    0
}

#[cfg(unix)]
fn ctime(metadata: &std::fs::Metadata) -> i128 {
    use std::os::unix::fs::MetadataExt as _;
    i128::from(metadata.ctime()) * 1_000_000_000 + i128::from(metadata.ctime_nsec())
}

#[cfg(not(unix))]
fn ctime(_: &std::fs::Metadata) -> i128 {
    0
}

/// Returns the names in a folder, sorted.
pub(crate) fn names(path: &Path) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

pub(crate) fn digest_of_names(names: &[String]) -> String {
    sha256::hex(names.join("\n").as_bytes())
}

pub(crate) fn digest_of_variable(value: Option<&OsStr>) -> Option<String> {
    value.map(|value| sha256::hex(value.as_encoded_bytes()))
}

fn line(entry: &Entry) -> String {
    match entry {
        Entry::Env { name, value } => format!("env {} {}", value.as_deref().unwrap_or("-"), escape(name)),
        Entry::Program { name, may_start } => {
            format!("program {} {}", if *may_start { "yes" } else { "no" }, escape(name))
        }
        Entry::Path { path, state } => {
            let path = escape(&path.to_string_lossy());
            match state {
                PathState::Absent => format!("absent {path}"),
                PathState::Present(PathKind::File) => format!("file {path}"),
                PathState::Present(PathKind::Directory) => format!("directory {path}"),
                PathState::Present(PathKind::Other) => format!("other {path}"),
                PathState::Used(stamp) => format!("used {} {path}", fields(stamp)),
                PathState::Content { stamp, sha256 } => format!("content {} {sha256} {path}", fields(stamp)),
                PathState::Listing { sha256 } => format!("listing {sha256} {path}"),
            }
        }
    }
}

fn fields(stamp: &Stamp) -> String {
    format!("{} {} {} {}", stamp.size, stamp.mtime, stamp.inode, stamp.ctime)
}

fn entry(line: &str) -> Option<Entry> {
    let (tag, rest) = line.split_once(' ')?;
    if tag == "env" {
        let (value, name) = rest.split_once(' ')?;
        return Some(Entry::Env { name: unescape(name)?, value: (value != "-").then(|| value.to_owned()) });
    }
    if tag == "program" {
        let (found, name) = rest.split_once(' ')?;
        let may_start = match found {
            "yes" => true,
            "no" => false,
            _ => return None,
        };
        return Some(Entry::Program { name: unescape(name)?, may_start });
    }
    let (state, path) = match tag {
        "absent" => (PathState::Absent, rest),
        "file" => (PathState::Present(PathKind::File), rest),
        "directory" => (PathState::Present(PathKind::Directory), rest),
        "other" => (PathState::Present(PathKind::Other), rest),
        "listing" => {
            let (sha256, path) = rest.split_once(' ')?;
            (PathState::Listing { sha256: sha256.to_owned() }, path)
        }
        "used" => {
            let (stamp, path) = stamp(rest)?;
            (PathState::Used(stamp), path)
        }
        "content" => {
            let (stamp, rest) = stamp(rest)?;
            let (sha256, path) = rest.split_once(' ')?;
            (PathState::Content { stamp, sha256: sha256.to_owned() }, path)
        }
        _ => return None,
    };
    Some(Entry::Path { path: PathBuf::from(unescape(path)?), state })
}

fn stamp(text: &str) -> Option<(Stamp, &str)> {
    let (size, rest) = text.split_once(' ')?;
    let (mtime, rest) = rest.split_once(' ')?;
    let (inode, rest) = rest.split_once(' ')?;
    let (ctime, rest) = rest.split_once(' ')?;
    let stamp = Stamp {
        size: size.parse().ok()?,
        mtime: mtime.parse().ok()?,
        inode: inode.parse().ok()?,
        ctime: ctime.parse().ok()?,
    };
    Some((stamp, rest))
}

fn escape(name: &str) -> String {
    name.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r")
}

fn unescape(name: &str) -> Option<String> {
    let mut out = String::new();
    let mut characters = name.chars();
    while let Some(character) = characters.next() {
        out.push(match character {
            '\\' => match characters.next()? {
                'n' => '\n',
                'r' => '\r',
                '\\' => '\\',
                _ => return None,
            },
            other => other,
        });
    }
    Some(out)
}
