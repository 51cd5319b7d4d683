//! Cargo's own configuration, as Cargo has merged it (`include` followed), and what in it the tree that is built may
//! not say: which programs take the compiler's place.
//!
//! Such a program is not a build script, and it would run all the same. What the user configured, outside the tree or
//! on the command line, is the user's affair.

use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use crate::cargo::package::path_from;

/// One value, or one item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Parts of its key: `target`, `cfg(unix)`, `linker`.
    pub key: Vec<String>,
    /// What stands there, as text.
    pub value: String,
    /// The file that it is from; `None` for the command line.
    pub file: Option<PathBuf>,
}

/// All of it.
#[derive(Debug, Clone, Default)]
pub struct Configuration {
    /// In Cargo's order.
    pub settings: Vec<Setting>,
}

/// Something in the tree's configuration that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// The key, dotted.
    pub key: String,
    /// The file.
    pub file: PathBuf,
    /// What is wrong with it.
    pub why: String,
}

/// Keys that name programs which Cargo starts while it builds; `*` is any part.
const PROGRAMS: &[&[&str]] = &[
    &["build", "rustc"],
    &["build", "rustc-wrapper"],
    &["build", "rustc-workspace-wrapper"],
    &["build", "rustdoc"],
    &["target", "*", "linker"],
    &["host", "linker"],
    &["host", "*", "linker"],
    &["registry", "credential-provider"],
    &["registry", "global-credential-providers"],
    &["registries", "*", "credential-provider"],
    &["credential-alias", "*"],
];

/// Keys that hold flags for rustc.
const FLAGS: &[&[&str]] = &[
    &["build", "rustflags"],
    &["build", "rustdocflags"],
    &["target", "*", "rustflags"],
    &["host", "rustflags"],
    &["host", "*", "rustflags"],
];

/// Variables that make the compiler run something, or that Inert's own processes go by.
const VARIABLES: &[&str] = &[
    "LD_PRELOAD",
    "LD_AUDIT",
    "LD_LIBRARY_PATH",
    "DYLD_INSERT_LIBRARIES",
    "DYLD_LIBRARY_PATH",
    "DYLD_FRAMEWORK_PATH",
    "PATH",
    "RUSTC",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "INERT_*",
];

impl Configuration {
    /// Reads what `cargo config get --format=toml --show-origin` prints.
    ///
    /// # Errors
    /// A line that is not understood. It is not passed over: it might be the one that matters.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut settings = Vec::new();
        let mut list: Option<Vec<String>> = None;
        for line in text.lines() {
            let bad =
                || format!("cargo's configuration holds a line that this Inert does not understand: {line}");
            if line.trim().is_empty() || line.starts_with('#') || (list.is_none() && is_note(line)) {
                continue;
            }
            if line == "]" {
                list.take().ok_or_else(bad)?;
            } else if let Some(key) = &list {
                let whole = format!("x = [{line}\n]");
                let (_, value, end) = leaf(&whole).ok_or_else(bad)?;
                settings.push(Setting { key: key.clone(), value, file: origin(&whole[end..]) });
            } else if let Some(key) = line.strip_suffix(" = [") {
                list = Some(leaf(&format!("{key} = 0")).ok_or_else(bad)?.0);
            } else {
                let (key, value, end) = leaf(line).ok_or_else(bad)?;
                settings.push(Setting { key, value, file: origin(&line[end..]) });
            }
        }
        Ok(Self { settings })
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &[&str]) -> Option<&Setting> {
        self.settings.iter().find(|setting| setting.key == key)
    }

    /// What the tree may not say. `tree` is its root, `cwd` where Cargo is called.
    #[must_use]
    pub fn objections(&self, tree: &Path, cwd: &Path) -> Vec<Objection> {
        let mut found = Vec::new();
        for setting in &self.settings {
            let Some(file) = setting.file.as_ref().filter(|file| within(file, tree)) else { continue };
            let why = if matches(&setting.key, PROGRAMS) {
                let program = setting.program(cwd);
                within(&program, tree)
                    .then(|| format!("it names a program of the tree itself, {}", program.display()))
            } else if matches(&setting.key, FLAGS) {
                flag_objection(&setting.value, file, tree)
            } else if setting.key.first().is_some_and(|table| table == "env") {
                let name = setting.key.get(1).map(|name| name.to_ascii_uppercase()).unwrap_or_default();
                let listed = VARIABLES.iter().any(|known| match known.strip_suffix('*') {
                    Some(prefix) => name.starts_with(prefix),
                    None => name == *known,
                });
                listed
                    .then(|| "the compiler, the linker and Inert itself would obey this variable".to_owned())
            } else {
                None
            };
            let parts = if setting.key[0] == "env" { setting.key.len().min(2) } else { setting.key.len() };
            let objection =
                why.map(|why| Objection { key: setting.key[..parts].join("."), file: file.clone(), why });
            found.extend(objection.filter(|new| found.iter().all(|old: &Objection| old.key != new.key)));
        }
        found
    }
}

impl Setting {
    /// The program that it names: with a slash a path from the folder above `.cargo` (the Cargo book, "Executable paths
    /// with a name"), else as it stands.
    #[must_use]
    pub fn program(&self, cwd: &Path) -> PathBuf {
        if !self.value.contains(['/', '\\']) {
            return PathBuf::from(&self.value);
        }
        let base = self.file.as_deref().and_then(|file| file.parent()?.parent()).unwrap_or(cwd);
        path_from(base, &self.value)
    }
}

/// The folder whose files count as the tree that is built: the repository that the workspace lies in, if one.
#[must_use]
pub fn tree_of(workspace_root: &Path) -> PathBuf {
    let repository = workspace_root.ancestors().find(|folder| folder.join(".git").symlink_metadata().is_ok());
    repository.unwrap_or(workspace_root).to_path_buf()
}

fn flag_objection(value: &str, file: &Path, tree: &Path) -> Option<String> {
    let base = file.parent().and_then(Path::parent).unwrap_or(tree);
    for word in value.split_whitespace() {
        if word.contains("codegen-backend=") || word.contains("llvm-plugins=") || word.contains("-load") {
            return Some(format!("`{word}` loads code into the compiler"));
        }
        let program = word
            .rsplit_once("linker=")
            .map(|(_, program)| program)
            .filter(|program| program.contains(['/', '\\']));
        if let Some(program) = program
            && within(&path_from(base, program), tree)
        {
            return Some(format!("`{word}` names a program of the tree itself"));
        }
    }
    None
}

/// Whether a path lies in the tree, by name or where its symlinks lead.
fn within(path: &Path, tree: &Path) -> bool {
    path.is_absolute()
        && (path.starts_with(tree) || path.canonicalize().is_ok_and(|real| real.starts_with(tree)))
}

fn matches(key: &[String], table: &[&[&str]]) -> bool {
    table.iter().any(|known| {
        known.len() == key.len() && known.iter().zip(key).all(|(known, part)| *known == "*" || known == part)
    })
}

/// Key, value as text, and where the value ends in `line`.
fn leaf(line: &str) -> Option<(Vec<String>, String, usize)> {
    let document = DeTable::parse(line).ok()?;
    let mut key = Vec::new();
    let mut table = document.get_ref();
    loop {
        let (name, value) = table.iter().next()?;
        key.push(name.get_ref().to_string());
        let scalar = |value: &DeValue<'_>| match value {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Integer(number) => Some(number.as_str().to_owned()),
            DeValue::Float(number) => Some(number.as_str().to_owned()),
            DeValue::Boolean(value) => Some(value.to_string()),
            DeValue::Datetime(value) => Some(value.to_string()),
            DeValue::Array(_) | DeValue::Table(_) => None,
        };
        match value.get_ref() {
            DeValue::Table(inner) if !inner.is_empty() => table = inner,
            DeValue::Table(_) => return Some((key, String::new(), value.span().end)),
            DeValue::Array(list) => {
                let Some(item) = list.iter().next() else {
                    return Some((key, String::new(), value.span().end));
                };
                return Some((key, scalar(item.get_ref())?, item.span().end));
            }
            other => return Some((key, scalar(other)?, value.span().end)),
        }
    }
}

/// The file in a trailing comment.
fn origin(rest: &str) -> Option<PathBuf> {
    let comment = rest.trim_start_matches(',').trim_start().strip_prefix("# ")?;
    let path = PathBuf::from(comment.trim_end_matches(['\n', ']']).trim_end());
    path.is_absolute().then_some(path)
}

/// Cargo closes with notes on the environment.
fn is_note(line: &str) -> bool {
    line.starts_with("note:")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r##"build.rustc = "z" # --config cli option
build.rustc-wrapper = "./w # /etc/x" # /t/.cargo/more # --config.toml
env.LD_PRELOAD.value = "x.so" # /t/.cargo/config.toml
target."cfg(all())".rustflags = [
    "-Clinker=./x", # /t/.cargo/config.toml
    "-Cfoo", # /home/u/.cargo/config.toml
]
# The following environment variables may affect the loaded values.
# CARGO_HOME=/root/.cargo
"##;

    #[test]
    fn reads_what_cargo_prints() {
        let configuration = Configuration::parse(TEXT).unwrap();
        let files: Vec<_> = configuration
            .settings
            .iter()
            .map(|setting| setting.file.as_deref().map(|file| file.display().to_string()))
            .collect();
        let expected = [
            None,
            Some("/t/.cargo/more # --config.toml"),
            Some("/t/.cargo/config.toml"),
            Some("/t/.cargo/config.toml"),
            Some("/home/u/.cargo/config.toml"),
        ];
        assert_eq!(files, expected.map(|file| file.map(str::to_owned)));
        let keys: Vec<_> = configuration
            .objections(Path::new("/t"), Path::new("/t"))
            .into_iter()
            .map(|one| one.key)
            .collect();
        assert_eq!(keys, ["build.rustc-wrapper", "env.LD_PRELOAD", "target.cfg(all()).rustflags"]);
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        assert!(Configuration::parse("build.rustc = '''").is_err());
        assert!(Configuration::parse("]").is_err());
    }
}
