//! The package that is checked: its manifest, its script, and the files that would be published.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use inert_manifest_spec::{Declaration, Parsed, Span};
use inert_migrate_tool::PackageSource;
use inert_migrate_tool::rewrite::Shim;
use toml::de::{DeTable, DeValue};

use super::below;
use crate::driver::{Context, Failure};

/// A package that is checked.
pub(super) struct Subject {
    /// The path of its Cargo.toml.
    pub(super) manifest: PathBuf,
    /// The text of its Cargo.toml.
    pub(super) text: String,
    /// Its declaration, with the diagnostics of the schema.
    pub(super) parsed: Parsed,
    /// True if it has a declaration, even one with errors.
    pub(super) declared: bool,
    /// The package in the form of the migration tool.
    pub(super) source: PackageSource,
    /// The text of its build.rs, if it has one.
    pub(super) script: Option<String>,
    published: OnceCell<Option<Vec<String>>>,
    cargo: std::cell::RefCell<std::process::Command>,
}

impl Subject {
    pub(super) fn read(context: &Context, manifest: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(manifest)
            .map_err(|error| Failure::Io(manifest.display().to_string(), error))?;
        // Cargo ignores a byte order mark as well.
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        let source =
            PackageSource::from_manifest(manifest).map_err(|error| Failure::Arguments(error.to_string()))?;
        let script =
            source.script.as_ref().and_then(|path| std::fs::read_to_string(source.root.join(path)).ok());
        let mut cargo = context.cargo("package");
        // Cargo lists the files, since it reads `include`, `exclude` and .gitignore for that.
        cargo.args(["--list", "--allow-dirty", "--quiet", "--offline", "--manifest-path"]).arg(manifest);
        let parsed = inert_manifest_spec::parse_manifest(&text);
        let declared = parsed.declaration.is_some() || !parsed.diagnostics.is_empty();
        Ok(Self {
            manifest: manifest.to_path_buf(),
            parsed,
            declared,
            text,
            source,
            script,
            published: OnceCell::new(),
            cargo: std::cell::RefCell::new(cargo),
        })
    }

    pub(super) fn declaration(&self) -> Option<&Declaration> {
        self.parsed.declaration.as_ref()
    }

    /// Returns the shim that the script consists of.
    pub(super) fn shim(&self) -> Option<Shim> {
        self.script.as_deref().and_then(Shim::of_script)
    }

    /// Returns the shim that the script consists of, or calls before it goes on for the part that is not declared.
    pub(super) fn called(&self) -> Option<Shim> {
        self.shim().or_else(|| self.script.as_deref().and_then(Shim::guarding))
    }

    /// Returns the files that `cargo package` includes; `None` if Cargo cannot list them.
    pub(super) fn published(&self) -> Option<&[String]> {
        let list = || {
            let output = self.cargo.borrow_mut().output().ok().filter(|output| output.status.success())?;
            let text = String::from_utf8(output.stdout).ok()?;
            Some(text.lines().map(|line| line.replace('\\', "/")).collect())
        };
        self.published.get_or_init(list).as_deref()
    }

    /// Returns the path of every file in the package, without `target` and hidden folders.
    pub(super) fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut pending = vec![self.source.root.clone()];
        while let Some(folder) = pending.pop() {
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                let path = entry.path();
                let name = entry.file_name().to_string_lossy().into_owned();
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    if !name.starts_with('.') && path != self.source.root.join("target") {
                        pending.push(path);
                    }
                } else {
                    found.push(below(&self.source.root, &path));
                }
            }
        }
        found.sort();
        found
    }

    /// Returns the span of a value, by its path from the root of the manifest; the span of its key if `key` is set.
    pub(super) fn span(&self, path: &[&str], key: bool) -> Option<Span> {
        let document = DeTable::parse(&self.text).ok()?;
        let mut table = document.get_ref();
        for (at, name) in path.iter().enumerate() {
            let (found, value) = table.get_key_value(*name)?;
            if at + 1 == path.len() {
                return Some(if key { found.span() } else { value.span() });
            }
            table = match value.get_ref() {
                DeValue::Table(table) => table,
                _ => return None,
            };
        }
        None
    }

    /// Returns the names of the keys of a table.
    pub(super) fn keys(&self, path: &[&str]) -> Vec<String> {
        let Ok(document) = DeTable::parse(&self.text) else { return Vec::new() };
        let mut table = document.get_ref();
        for name in path {
            match table.get(*name).map(|value| value.get_ref()) {
                Some(DeValue::Table(below)) => table = below,
                _ => return Vec::new(),
            }
        }
        table.keys().map(|key| key.get_ref().to_string()).collect()
    }

    /// Returns the span of the declaration's key.
    pub(super) fn place(&self) -> Span {
        self.span(&["package", "metadata", "inert"], true).unwrap_or(0..0)
    }
}
