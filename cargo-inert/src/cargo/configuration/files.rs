//! The files that Cargo reads its configuration from, read as Cargo reads them and before Cargo is started: in the
//! working folder and the folders above it, in Cargo's home, from the command line, and the files that those include
//! (the Cargo book, "Hierarchical structure" and "Including extra configuration files").
//!
//! Each file belongs to the user or to the tree. The user's files are those in Cargo's home, those that the command
//! line names outside of the tree, and the files that these include. All other files are the tree's, and so is each
//! file that one of them includes, wherever it lies.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::Overrides;
use super::keys::{self, Rule};
use super::places::{Places, real};
use crate::cargo::package::path_from;

/// The number of files after which a cycle of includes is assumed.
const MOST: usize = 128;

/// The largest size of a configuration file, in bytes; a larger file is refused.
const LARGEST: u64 = 4 << 20;

/// Who controls a configuration file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The user who called Cargo: the file counts.
    User,
    /// The authors of the tree that is built: the file is checked.
    Tree,
}

/// One configuration file.
#[derive(Debug, Clone)]
pub struct File {
    /// The path at which the file was found.
    pub path: PathBuf,
    /// Who controls the file.
    pub origin: Origin,
    /// The digest of its text: `sha256:…`.
    pub digest: String,
    /// Its settings, one for each key that is not a table.
    pub entries: Vec<Entry>,
    /// True if it is a manifest; only its profiles are read.
    pub is_manifest: bool,
}

/// A setting: the value of one key that is not a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The parts of the key.
    pub key: Vec<String>,
    /// The value of the key.
    pub value: Said,
    /// The line of the key, counted from 1.
    pub line: usize,
}

/// A TOML value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A string.
    Text(String),
    /// A number, a date or a boolean, as it is written.
    Plain(String),
    /// A list; each table in it is a `Said::Table`.
    List(Vec<Said>),
    /// A table in a list, or an empty one that is a `links` override.
    Table(Vec<(String, Said)>),
}

/// All configuration files of one command.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// The files that exist.
    pub all: Vec<File>,
    /// The `--config` values that are TOML text rather than paths.
    pub on_the_command_line: Vec<File>,
    /// The paths of files that do not exist and that Cargo would read if they did.
    pub absent: Vec<PathBuf>,
}

impl Files {
    /// Returns whether a file belongs to the user and not to the tree as well.
    #[must_use]
    pub fn is_the_users(&self, path: &Path) -> bool {
        let path = real(path);
        let mut of_path = self.all.iter().filter(|file| real(&file.path) == path).peekable();
        of_path.peek().is_some() && of_path.all(|file| file.origin == Origin::User)
    }

    /// Returns the [`Overrides`], empty tables included, which `cargo config get` does not print: they have Cargo start
    /// no script either. Cargo ignores tables with a `cfg(…)`.
    #[must_use]
    pub fn overrides(&self) -> Overrides {
        let mut found = Overrides::new();
        let files = self.all.iter().map(|file| (file, true));
        for (file, has_path) in files.chain(self.on_the_command_line.iter().map(|file| (file, false))) {
            let is_override = |entry: &&Entry| {
                keys::rule(&entry.key) == Some(Rule::Override) && !entry.key[1].starts_with("cfg(")
            };
            for entry in file.entries.iter().filter(is_override) {
                let place = has_path.then(|| (file.path.clone(), entry.line));
                found.entry((entry.key[1].clone(), entry.key[2].clone())).or_insert(place);
            }
        }
        found
    }

    /// Returns all files and all `--config` texts.
    pub fn everything(&self) -> impl Iterator<Item = &File> {
        self.all.iter().chain(&self.on_the_command_line)
    }
}

/// Reads every configuration file of a command.
///
/// # Errors
/// A file cannot be read, is not TOML, or includes others in a form that is not understood; Cargo's result would be
/// unknown as well.
pub fn read(cwd: &Path, arguments: &[OsString], places: &Places) -> Result<Files, String> {
    let mut reading = Reading { files: Files::default(), places, seen: BTreeSet::new() };
    // Cargo goes up from the working folder with its symlinks resolved.
    for folder in real(cwd).ancestors() {
        for name in ["config", "config.toml"] {
            let path = folder.join(".cargo").join(name);
            let origin = if reading.is_the_users(&path) { Origin::User } else { Origin::Tree };
            reading.optional(&path, origin)?;
        }
    }
    for name in ["config", "config.toml"] {
        if let Some(path) = places.cargo_home.as_ref().map(|home| home.join(name)) {
            let origin = if reading.is_the_users(&path) { Origin::User } else { Origin::Tree };
            reading.optional(&path, origin)?;
        }
    }
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let text = word.to_string_lossy();
        let value = match text.strip_prefix("--config=") {
            Some(value) => value.to_owned(),
            None if text == "--config" => {
                words.next().map(|next| next.to_string_lossy().into_owned()).unwrap_or_default()
            }
            None => continue,
        };
        reading.of_the_command_line(cwd, &value)?;
    }
    Ok(reading.files)
}

/// Reads the profiles of a manifest, in the form that configuration gives them.
///
/// # Errors
/// The manifest cannot be read or is not TOML.
pub fn profiles_of(manifest: &Path) -> Result<Option<File>, String> {
    let Some(text) = text_of(manifest)? else { return Ok(None) };
    let document =
        DeTable::parse(&text).map_err(|error| format!("{}: {}", manifest.display(), error.message()))?;
    let mut entries = Vec::new();
    if let Some(profile) = document.get_ref().get("profile") {
        flatten(
            &mut vec!["profile".to_owned()],
            profile.get_ref(),
            profile.span().start,
            &text,
            &mut entries,
        );
    }
    Ok(Some(File {
        path: manifest.to_path_buf(),
        origin: Origin::Tree,
        digest: format!("sha256:{}", crate::digest::text(&text)),
        entries,
        is_manifest: true,
    }))
}

struct Reading<'a> {
    files: Files,
    places: &'a Places,
    /// Canonical paths of the files that were read; true if the file was read as one of the tree.
    seen: BTreeSet<(PathBuf, bool)>,
}

impl Reading<'_> {
    /// Returns whether a file lies in Cargo's home or in `.cargo` of the user's home. If a CI job has placed Cargo's
    /// home in the tree, its files come with the tree. A symlink `.cargo` of the tree that leads there is the tree's, too:
    /// Cargo takes the relative paths in the file for relative to the tree.
    fn is_the_users(&self, path: &Path) -> bool {
        let folder = path.parent().map(real);
        let is_linked = path.parent().is_some_and(|named| {
            Some(named) != folder.as_deref() && self.places.tree.iter().any(|root| named.starts_with(root))
        });
        if is_linked {
            return false;
        }
        let default = self.places.home.as_ref().map(|home| real(&home.join(".cargo")));
        let own = self.places.cargo_home.as_deref().map(real);
        folder.is_some()
            && (folder == default
                && !self.places.tree.iter().any(|root| Some(root.join(".cargo")) == default)
                || folder == own && !own.as_deref().is_some_and(|own| self.places.in_tree(own)))
    }

    fn of_the_command_line(&mut self, cwd: &Path, value: &str) -> Result<(), String> {
        let path = cwd.join(value);
        // Cargo tells a path from TOML text in the same way.
        if !value.is_empty() && path.exists() {
            let origin = if self.places.is_foreign(&path) { Origin::Tree } else { Origin::User };
            return self.one(&path, origin);
        }
        let Ok(document) = DeTable::parse(value) else { return Ok(()) };
        let mut entries = Vec::new();
        for (key, said) in document.get_ref() {
            flatten(&mut vec![key.get_ref().to_string()], said.get_ref(), 0, value, &mut entries);
        }
        let (path, digest) = (cwd.join("--config"), String::new());
        self.files.on_the_command_line.push(File {
            path,
            origin: Origin::User,
            digest,
            entries,
            is_manifest: false,
        });
        // The text itself is from the user; a file that it includes may be the tree's.
        if let Some(include) = document.get_ref().get("include") {
            let mut entries = Vec::new();
            flatten(&mut vec!["include".to_owned()], include.get_ref(), 0, value, &mut entries);
            for (included, optional) in included(&entries).ok_or("--config: `include` is not understood")? {
                let path = path_from(cwd, included);
                let origin = if self.places.is_foreign(&path) { Origin::Tree } else { Origin::User };
                if path.exists() || !optional {
                    self.one(&path, origin)?;
                } else {
                    self.files.absent.push(path);
                }
            }
        }
        Ok(())
    }

    fn optional(&mut self, path: &Path, origin: Origin) -> Result<(), String> {
        if path.symlink_metadata().is_err() || path.is_dir() {
            self.files.absent.push(path.to_path_buf());
            return Ok(());
        }
        self.one(path, origin)
    }

    fn one(&mut self, path: &Path, origin: Origin) -> Result<(), String> {
        if !self.seen.insert((real(path), origin == Origin::Tree)) {
            return Ok(());
        }
        let bad = |why: &str| format!("{}: {why}", crate::file::shown(path));
        if self.seen.len() > MOST {
            return Err(bad("more files of configuration include one another than anyone has"));
        }
        let Some(text) = text_of(path)? else {
            self.files.absent.push(path.to_path_buf());
            return Ok(());
        };
        let file = file_of(path, &text, origin).map_err(|error| bad(&error))?;
        let includes: Vec<Entry> =
            file.entries.iter().filter(|entry| entry.key[0] == "include").cloned().collect();
        let includes = included(&includes).ok_or_else(|| bad("`include` is not understood"))?;
        self.files.all.push(file);
        let folder = path.parent().unwrap_or(Path::new("/")).to_path_buf();
        for (included, optional) in includes {
            let path = folder.join(included);
            if path.symlink_metadata().is_err() {
                // Cargo itself fails if the file is required.
                let _ = optional;
                self.files.absent.push(path);
            } else {
                self.one(&path, origin)?;
            }
        }
        Ok(())
    }
}

/// Parses the text of a configuration file.
///
/// # Errors
/// The text is not TOML.
pub fn file_of(path: &Path, text: &str, origin: Origin) -> Result<File, String> {
    let document = DeTable::parse(text).map_err(|error| error.message().to_owned())?;
    let mut entries = Vec::new();
    for (key, value) in document.get_ref() {
        let mut keys = vec![key.get_ref().to_string()];
        flatten(&mut keys, value.get_ref(), key.span().start, text, &mut entries);
    }
    let digest = format!("sha256:{}", crate::digest::text(text));
    Ok(File { path: path.to_path_buf(), origin, digest, entries, is_manifest: false })
}

/// Returns the text of a file; `None` if it does not exist.
fn text_of(path: &Path) -> Result<Option<String>, String> {
    let bad = |why: String| format!("{}: {why}", crate::file::shown(path));
    let found = match path.metadata() {
        Ok(found) => found,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(bad(error.to_string())),
    };
    if !found.is_file() || found.len() > LARGEST {
        return Err(bad("is no file of configuration".to_owned()));
    }
    crate::file::read_text(path).map(Some).map_err(|error| bad(error.to_string()))
}

/// Reads `include = "x"`, `["x"]` and `[{ path = "x", optional = true }]`: each path, and whether it may be missing.
fn included(entries: &[Entry]) -> Option<Vec<(String, bool)>> {
    let mut found = Vec::new();
    let one = |said: &Said| match said {
        Said::Text(path) => Some((path.clone(), false)),
        Said::Table(keys) => {
            let path = keys.iter().find(|(key, _)| key == "path");
            let optional =
                keys.iter().any(|(key, value)| key == "optional" && *value == Said::Plain("true".into()));
            match path {
                Some((_, Said::Text(path))) => Some((path.clone(), optional)),
                _ => None,
            }
        }
        _ => None,
    };
    for entry in entries {
        match (&entry.key[1..], &entry.value) {
            ([], Said::List(list)) => {
                for item in list {
                    found.push(one(item)?);
                }
            }
            ([], value) => found.push(one(value)?),
            // `include = { path = "x" }`
            ([key], Said::Text(path)) if key == "path" => found.push((path.clone(), true)),
            ([key], _) if key == "optional" => {}
            _ => return None,
        }
    }
    Some(found)
}

/// Appends every value that is not a table, with its full key, and the empty tables of `links` overrides.
fn flatten(key: &mut Vec<String>, value: &DeValue<'_>, at: usize, text: &str, entries: &mut Vec<Entry>) {
    // An empty table is a setting where it is the table of a `links` override.
    let is_empty_override = |key: &[String]| key.len() == 3 && key[0] == "target";
    if let DeValue::Table(table) = value
        && !(table.is_empty() && is_empty_override(key))
    {
        for (name, value) in table {
            key.push(name.get_ref().to_string());
            flatten(key, value.get_ref(), name.span().start, text, entries);
            key.pop();
        }
        return;
    }
    let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
    entries.push(Entry { key: key.clone(), value: said(value), line });
}

fn said(value: &DeValue<'_>) -> Said {
    match value {
        DeValue::String(text) => Said::Text(text.to_string()),
        DeValue::Integer(number) => Said::Plain(number.as_str().to_owned()),
        DeValue::Float(number) => Said::Plain(number.as_str().to_owned()),
        DeValue::Boolean(value) => Said::Plain(value.to_string()),
        DeValue::Datetime(value) => Said::Plain(value.to_string()),
        DeValue::Array(list) => Said::List(list.iter().map(|item| said(item.get_ref())).collect()),
        DeValue::Table(table) => Said::Table(
            table.iter().map(|(key, value)| (key.get_ref().to_string(), said(value.get_ref()))).collect(),
        ),
    }
}

impl Said {
    /// Returns the parts of a value for flags or a command: a list of strings, or a string that is split at blanks, as
    /// in Cargo.
    #[must_use]
    pub fn words(&self) -> Option<Vec<String>> {
        match self {
            Self::Text(text) => Some(text.split_whitespace().map(str::to_owned).collect()),
            Self::List(list) => list.iter().map(|item| item.text().map(str::to_owned)).collect(),
            _ => None,
        }
    }

    /// Returns the value if it is a string.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl File {
    /// Returns the folder that relative paths start from: the parent of the file's folder (the Cargo book,
    /// "Config-relative paths").
    #[must_use]
    pub fn base(&self) -> PathBuf {
        self.path.parent().and_then(Path::parent).unwrap_or(Path::new("/")).to_path_buf()
    }
}
