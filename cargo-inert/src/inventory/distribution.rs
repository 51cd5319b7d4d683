//! Asks the distribution's package manager which package a file belongs to. Only Debian's is known; on other systems
//! the owner of a file is unknown, and nothing is guessed.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::cargo;
use crate::environment::Environment;

/// A package of the distribution.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Owner {
    /// The id of the distribution, as in `/etc/os-release`: `debian`.
    pub distribution: String,
    /// The release of the distribution: `12`; `None` for a rolling one.
    pub release: Option<String>,
    /// The name of the package.
    pub name: String,
    /// The version of the package.
    pub version: String,
    /// The architecture of the package.
    pub architecture: String,
    /// The name of the source package, which advisories name.
    pub source: String,
    /// The version of the source package, which may be another one.
    pub source_version: String,
}

impl Owner {
    /// Returns the package URL (`purl`) of the package.
    #[must_use]
    pub fn purl(&self) -> String {
        use super::encoded;
        let distro = match &self.release {
            Some(release) => format!("&distro={}-{}", encoded(&self.distribution), encoded(release)),
            None => String::new(),
        };
        format!(
            "pkg:deb/{}/{}@{}?arch={}{distro}",
            encoded(&self.distribution),
            encoded(&self.name),
            encoded(&self.version),
            encoded(&self.architecture)
        )
    }
}

/// The package manager of this machine.
#[derive(Debug)]
pub struct Distribution {
    query: Option<PathBuf>,
    id: String,
    release: Option<String>,
}

impl Distribution {
    /// Finds the package manager: `dpkg-query` in the system's own folders, wherever `PATH` points.
    #[must_use]
    pub fn of(_environment: &Environment) -> Self {
        let query = ["/usr/bin/dpkg-query", "/bin/dpkg-query"].map(PathBuf::from);
        let text = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
            Some(line.trim_matches('"').to_owned()).filter(|value| !value.is_empty())
        };
        Self {
            query: query.into_iter().find(|path| path.is_file()),
            id: field("ID").unwrap_or_else(|| "debian".to_owned()),
            release: field("VERSION_ID"),
        }
    }

    /// Returns the package that a file belongs to; `None` if it is no package's, or if the system is not known.
    #[must_use]
    pub fn owner(&self, file: &Path) -> Option<Owner> {
        let query = self.query.as_ref()?;
        // `/lib` may be a symlink to `/usr/lib`, and the database has either name.
        let real = file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
        let mut names = vec![file.to_path_buf(), real];
        for name in names.clone() {
            match name.strip_prefix("/usr") {
                Ok(rest) => names.push(Path::new("/").join(rest)),
                Err(_) => names.extend(name.strip_prefix("/").ok().map(|rest| Path::new("/usr").join(rest))),
            }
        }
        let package = names.iter().find_map(|name| {
            // The argument is a pattern: a name with characters of one is not looked for.
            let text = name.to_str().filter(|text| !text.contains(['*', '?', '[', '\\', '\n']))?;
            let answer = self.ask(query, &["--search", "--", text])?;
            let line = answer.lines().find(|line| line.ends_with(&format!(": {text}")))?;
            let owners = line.strip_suffix(&format!(": {text}"))?;
            let first = owners.split(", ").next()?;
            (!first.starts_with("diversion by")).then(|| first.to_owned())
        })?;
        let format = "${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\n";
        let answer = self.ask(query, &["--show", &format!("--showformat={format}"), "--", &package])?;
        let fields: Vec<&str> = answer.lines().next()?.split('\t').collect();
        let [name, version, architecture, source, source_version] = fields.try_into().ok()?;
        Some(Owner {
            distribution: self.id.clone(),
            release: self.release.clone(),
            name: name.to_owned(),
            version: version.to_owned(),
            architecture: architecture.to_owned(),
            source: source.to_owned(),
            source_version: source_version.to_owned(),
        })
    }

    fn ask(&self, query: &Path, arguments: &[&str]) -> Option<String> {
        let output =
            cargo::command(query).args(arguments).env("LC_ALL", "C").current_dir("/").output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }
}
