//! Cargo's own configuration: merged by Cargo ([`Configuration`], for planning a build), and file by file ([`files`],
//! for the check of the built tree's settings by [`objections`]).

pub mod alias;
pub mod env;
pub mod files;
pub mod flags;
pub mod getopts;
pub mod keys;
pub mod link_arguments;
pub mod objections;
pub mod places;
pub mod programs;
pub mod reference;
pub mod scope;
pub mod variables;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use crate::cargo::package::path_from;

/// One value, or one item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The parts of the key: `target`, `cfg(unix)`, `linker`.
    pub key: Vec<String>,
    /// The value as text.
    pub value: String,
    /// The file that sets it; `None` for the command line.
    pub file: Option<PathBuf>,
}

/// The `[target.<triple>.<links>]` tables, by triple and name, with the first place that has one.
pub type Overrides = BTreeMap<(String, String), Place>;

/// A file and the line in it, counted from 1; `None` for the command line.
pub type Place = Option<(PathBuf, usize)>;

/// The merged configuration.
#[derive(Debug, Clone, Default)]
pub struct Configuration {
    /// The settings, in Cargo's order.
    pub settings: Vec<Setting>,
}

impl Configuration {
    /// Parses the output of `cargo config get --format=toml --show-origin`.
    ///
    /// # Errors
    /// A line is not understood. It is not skipped, since it may matter.
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

    /// Returns the setting with a key.
    #[must_use]
    pub fn get(&self, key: &[&str]) -> Option<&Setting> {
        self.settings.iter().find(|setting| setting.key == key)
    }
}

impl Setting {
    /// Returns the program that the setting names: a path with a slash is relative to the folder above `.cargo` (the
    /// Cargo book, "Executable paths with a name"), a name is unchanged.
    #[must_use]
    pub fn program(&self, cwd: &Path) -> PathBuf {
        if !self.value.contains(['/', '\\']) {
            return PathBuf::from(&self.value);
        }
        let base = self.file.as_deref().and_then(|file| file.parent()?.parent()).unwrap_or(cwd);
        path_from(base, &self.value)
    }
}

/// Returns the key, the value as text, and the position in `line` at which the value ends.
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

/// Returns the file in a trailing comment.
fn origin(rest: &str) -> Option<PathBuf> {
    let comment = rest.trim_start_matches(',').trim_start().strip_prefix("# ")?;
    let path = PathBuf::from(comment.trim_end_matches(['\n', ']']).trim_end());
    path.is_absolute().then_some(path)
}

/// Returns whether a line is one of the notes on the environment at the end of Cargo's output.
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
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        assert!(Configuration::parse("build.rustc = '''").is_err());
        assert!(Configuration::parse("]").is_err());
    }
}
