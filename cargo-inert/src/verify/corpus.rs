//! Published crates by name and version: their sources, their declarations, and their verification.

use std::fs;
use std::path::{Path, PathBuf};

use inert_migrate_tool::PackageSource;

use super::bench::{Bench, Subject};
use super::compile::root_of;
use super::report::Entry;
use crate::plan::model::Origin;
use crate::plan::verified::derivation_digest;

/// A crate of the corpus, by name and version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The name of the crate.
    pub name: String,
    /// The version of the crate.
    pub version: String,
}

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// Reads a list with one crate a line, `name version` or `name,version,…`. Headings, empty lines and `#` lines are
/// skipped.
#[must_use]
pub fn read_list(text: &str) -> Vec<Named> {
    let entry = |line: &str| {
        let mut words = line.split([',', ' ', '\t', '@']).filter(|word| !word.is_empty());
        let (name, version) = (words.next()?, words.next()?);
        let numbered = version.starts_with(|c: char| c.is_ascii_digit());
        (numbered && !line.starts_with('#'))
            .then(|| Named { name: name.to_owned(), version: version.to_owned() })
    };
    text.lines().filter_map(|line| entry(line.trim())).collect()
}

/// Returns the folder with the sources of a crate; Cargo fetches them if they are not in its home.
///
/// # Errors
/// Cargo cannot fetch the crate.
pub fn source(bench: &Bench, named: &Named) -> Result<PathBuf, String> {
    let home = bench.environment.get("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| bench.environment.get("HOME").map(|home| PathBuf::from(home).join(".cargo")));
    let home = home.ok_or("neither CARGO_HOME nor HOME is set")?;
    if let Some(found) = unpacked(&home, named) {
        return Ok(found);
    }
    let folder = bench.folder.join("fetch").join(format!("{}-{}", named.name, named.version));
    let manifest = format!(
        "[package]\nname = \"fetch\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n[lib]\npath = \"lib.rs\"\n[dependencies]\nit = {{ package = {:?}, version = {:?}, default-features = false }}\n",
        named.name,
        format!("={}", named.version)
    );
    let written = fs::create_dir_all(&folder)
        .and_then(|()| fs::write(folder.join("lib.rs"), ""))
        .and_then(|()| fs::write(folder.join("Cargo.toml"), manifest));
    written.map_err(|error| format!("{}: {error}", folder.display()))?;
    // Not in a folder that configuration, which names programs to start, lies in or above.
    let output = crate::cargo::command(&bench.cargo)
        .args(["fetch", "--quiet", "--manifest-path"])
        .arg(folder.join("Cargo.toml"))
        .current_dir(root_of(&folder))
        .output();
    let output = output.map_err(|error| format!("{}: {error}", bench.cargo.display()))?;
    unpacked(&home, named)
        .ok_or_else(|| format!("cargo fetch: {}", String::from_utf8_lossy(&output.stderr).trim()))
}

fn unpacked(home: &Path, named: &Named) -> Option<PathBuf> {
    let registries = fs::read_dir(home.join("registry").join("src")).ok()?;
    let folder = format!("{}-{}", named.name, named.version);
    registries
        .flatten()
        .map(|registry| registry.path().join(&folder))
        .find(|path| path.join("Cargo.toml").is_file())
}

/// Returns the subject for a crate, with the declaration of the catalog or else the derived one.
///
/// # Errors
/// There is no declaration; the entry says why.
pub fn subject(root: &Path, named: &Named) -> Result<Subject, Box<Entry>> {
    let digest = |file: &str| fs::read(root.join(file)).ok().map(|bytes| crate::digest::bytes(&bytes));
    if let Some(entry) = inert_catalog::lookup(&named.name, &named.version, digest)
        && let Some(declaration) = inert_manifest_spec::parse_declaration(&entry.declaration).declaration
    {
        return Ok(Subject { origin: Origin::Catalog, ..Subject::new(root, declaration) });
    }
    derive(root, named)
}

/// Derives the declaration of a crate's script.
///
/// # Errors
/// The script is not derived; the entry says why.
pub fn derive(root: &Path, named: &Named) -> Result<Subject, Box<Entry>> {
    let package = named.to_string();
    let residue = |reason: String| Box::new(Entry::residue(package.clone(), reason));
    let source =
        PackageSource::from_manifest(&root.join("Cargo.toml")).map_err(|error| residue(error.to_string()))?;
    if source.script.is_none() {
        return Err(residue("it has no build script".to_owned()));
    }
    let derivation = inert_migrate_tool::derive(&source);
    let Some(declaration) = derivation.declaration else {
        let reason = |one: &inert_migrate_tool::Residue| {
            format!("{}:{}:{}: {}", one.file.display(), one.line, one.column, one.reason)
        };
        return Err(residue(derivation.residue.iter().map(reason).collect::<Vec<_>>().join("\n")));
    };
    let variables = derivation.env.into_iter().collect();
    let digest = derivation_digest(&named.name, &named.version, root, &declaration, &derivation.assumes)
        .map_err(|error| residue(error.to_string()))?;
    Ok(Subject {
        origin: Origin::Derived,
        derivation: Some(digest),
        variables,
        assumes: derivation.assumes,
        ..Subject::new(root, declaration)
    })
}
