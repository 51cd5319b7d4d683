//! Reads one `.pc` file: fields and variables.

use std::path::{Path, PathBuf};

use super::config::{Config, Globals};
use super::dependency::{self, Dependency};
use super::fragment::{self, Fragment};
use super::lines;
use super::problem::Problem;
use super::source::PackageId;
use super::variables::{Variables, single_slashes};
use super::words;

/// The content of a `.pc` file, with its variables expanded.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "named as the fields of the file are")]
pub struct Package {
    /// The file's name without its extension.
    pub id: String,
    /// The path of the file.
    pub path: PathBuf,
    pub name: String,
    pub description: String,
    pub version: String,
    pub requires: Vec<Dependency>,
    pub requires_private: Vec<Dependency>,
    pub conflicts: Vec<Dependency>,
    pub provides: Vec<Dependency>,
    pub cflags: Vec<Fragment>,
    pub cflags_private: Vec<Fragment>,
    pub libs: Vec<Fragment>,
    pub libs_private: Vec<Fragment>,
    /// True if the file is `…-uninstalled.pc`.
    pub uninstalled: bool,
    /// Peculiarities of the file that do not prevent its use.
    pub warnings: Vec<String>,
    variables: Variables,
}

impl Package {
    /// Returns a variable of the file.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name)
    }

    /// Returns all variables of the file.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter()
    }

    /// Makes the module that represents pkg-config itself.
    pub(super) fn builtin(id: &str, version: &str, config: &Config) -> Self {
        let mut package = Self { id: id.into(), name: id.into(), version: version.into(), ..Self::default() };
        let paths: Vec<_> = config.search_paths.iter().map(|path| path.to_string_lossy()).collect();
        package.variables.define_raw("pc_path", &paths.join(":"));
        package.variables.define_raw("pc_system_includedirs", &config.system_include_paths.join(":"));
        package.variables.define_raw("pc_system_libdirs", &config.system_library_paths.join(":"));
        package
    }
}

/// Reads a file by itself, under a default configuration.
///
/// # Errors
/// [`Problem::Invalid`] if a field is missing that every file must have.
pub fn parse(path: &Path, bytes: &[u8]) -> Result<Package, Problem> {
    parse_as(0, path, bytes, &mut Globals::new(&Config::default()))
}

/// Reads a file as the module of that number.
pub(super) fn parse_as(
    id: PackageId,
    path: &Path,
    bytes: &[u8],
    globals: &mut Globals,
) -> Result<Package, Problem> {
    let text_path = path.to_string_lossy().replace('\\', if cfg!(windows) { "/" } else { "\\" });
    let folder = text_path.rfind('/').map_or("", |at| &text_path[..at]);
    let mut reader = Reader {
        id,
        folder,
        package: Package {
            id: path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default(),
            path: path.to_owned(),
            ..Package::default()
        },
        declared: [false; 3],
    };
    let invalid = |why: String| Problem::Invalid { path: path.to_owned(), why };
    let explain = |problem: Problem| invalid(problem.to_string());
    let pcfiledir = folder.replace(' ', "\\ ");
    reader.package.variables.define(globals, "pcfiledir", &pcfiledir).map_err(explain)?;
    for line in lines::logical(bytes) {
        match lines::key_value(&line) {
            Some((key, ':', value)) => reader.field(globals, key, value).map_err(explain)?,
            Some((key, '=', value)) => reader.variable(globals, key, value).map_err(explain)?,
            _ => {}
        }
    }
    match ["Name", "Description", "Version"].iter().zip(reader.declared).find(|(_, declared)| !declared) {
        Some((field, _)) => {
            let marks: [&[u8]; 3] = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"];
            let marked = match marks.iter().any(|mark| bytes.starts_with(mark)) {
                true => "; it begins with a byte order mark: it has to be plain UTF-8",
                false => "",
            };
            Err(invalid(format!("it has no `{field}:` field, which every .pc file must have{marked}")))
        }
        None => Ok(reader.package),
    }
}

struct Reader<'a> {
    id: PackageId,
    folder: &'a str,
    package: Package,
    /// Whether the fields Name, Description and Version were there.
    declared: [bool; 3],
}

impl Reader<'_> {
    fn field(&mut self, globals: &Globals, key: &str, value: &str) -> Result<(), Problem> {
        let package = &mut self.package;
        let text = || package.variables.expand(globals, value);
        match key.to_ascii_lowercase().as_str() {
            "name" => {
                package.name = text()?;
                self.declared[0] = true;
            }
            "description" => {
                package.description = text()?;
                self.declared[1] = true;
            }
            "version" => {
                let version = text()?;
                package.version = version.split([' ', '\t']).next().unwrap_or_default().to_owned();
                if package.version.len() != version.len() {
                    package
                        .warnings
                        .push(format!("its version has a blank, and counts as {}", package.version));
                }
                self.declared[2] = true;
            }
            "requires" => dependency::parse_into(&mut package.requires, &text()?, false),
            "requires.private" => dependency::parse_into(&mut package.requires_private, &text()?, false),
            "requires.internal" => dependency::parse_into(&mut package.requires_private, &text()?, true),
            "conflicts" => dependency::parse_into(&mut package.conflicts, &text()?, false),
            "provides" => dependency::parse_into(&mut package.provides, &text()?, false),
            field @ ("cflags" | "cflags.private" | "libs" | "libs.private") => {
                let text = text()?;
                let list = match field {
                    "cflags" => &mut package.cflags,
                    "cflags.private" => &mut package.cflags_private,
                    "libs" => &mut package.libs,
                    _ => &mut package.libs_private,
                };
                match words::split(&text) {
                    Some(words) => {
                        let words = if globals.keeps_pairs { words::join(words) } else { words };
                        words.iter().for_each(|word| fragment::add(list, globals, word, self.id));
                    }
                    None => package
                        .warnings
                        .push(format!("`{key}:` has an open quote or backslash, and counts for nothing")),
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn variable(&mut self, globals: &mut Globals, key: &str, value: &str) -> Result<(), Problem> {
        if globals.define_prefix
            && key == "prefix"
            && let Some(prefix) = prefix_of(self.folder)
        {
            self.package.variables.define(globals, "orig_prefix", &single_slashes(value))?;
            globals.set("prefix", &prefix.replace(' ', "\\ "));
            return Ok(());
        }
        self.package.variables.define(globals, key, value)
    }
}

/// Returns the prefix of a folder of `.pc` files: `/x/lib/pkgconfig` → `/x`.
fn prefix_of(folder: &str) -> Option<&str> {
    let (above, name) = folder.rsplit_once('/')?;
    let (prefix, _) = above.rsplit_once('/')?;
    (name == "pkgconfig").then_some(prefix)
}
