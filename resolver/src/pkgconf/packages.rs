//! The modules that were read so far, and the search for modules.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use super::config::{Config, Globals};
use super::dependency;
use super::dependency::{Dependency, Operator};
use super::file::{self, Package};
use super::problem::Problem;
use super::provides;
use super::source::{PackageId, PcSource};

/// The modules that were read so far.
pub(super) struct Packages<'a> {
    pub(super) source: &'a mut dyn PcSource,
    pub(super) globals: Globals,
    pub(super) all: Vec<Package>,
    /// The files that exist but cannot be used, and warnings about those that can.
    pub(super) passed_over: Vec<Problem>,
    /// The searched folders that exist, once determined.
    folders: Option<Vec<PathBuf>>,
    by_name: HashMap<String, Option<PackageId>>,
    providers: HashMap<(String, Operator, Option<String>), Option<PackageId>>,
}

/// The version of the modules `pkgconf` and `pkg-config`: that of the pkgconf whose behaviour is implemented.
const OWN_VERSION: &str = "1.8.1";

impl<'a> Packages<'a> {
    pub(super) fn new(source: &'a mut dyn PcSource, config: &Config) -> Self {
        Self {
            source,
            globals: Globals::new(config),
            all: Vec::new(),
            passed_over: Vec::new(),
            folders: None,
            by_name: HashMap::new(),
            providers: HashMap::new(),
        }
    }

    /// Finds the module for a requirement. The version counts only for a module that provides the name by
    /// `Provides`.
    pub(super) fn find(&mut self, config: &Config, wanted: &Dependency) -> Option<Found> {
        if let Some(id) = self.by_name(config, &wanted.module) {
            return Some(Found::Named(id));
        }
        let key = (wanted.module.clone(), wanted.operator, wanted.version.clone());
        if let Some(known) = self.providers.get(&key) {
            return known.map(Found::Provider);
        }
        let found = self.provider(config, wanted);
        self.providers.insert(key, found);
        found.map(Found::Provider)
    }

    fn by_name(&mut self, config: &Config, name: &str) -> Option<PackageId> {
        if let Some(known) = self.by_name.get(name) {
            return *known;
        }
        let found = self.look_up(config, name);
        self.by_name.insert(name.to_owned(), found);
        found
    }

    fn look_up(&mut self, config: &Config, name: &str) -> Option<PackageId> {
        if ["pkg-config", "pkgconf"].iter().any(|own| own.eq_ignore_ascii_case(name)) {
            self.all.push(Package::builtin(&name.to_ascii_lowercase(), OWN_VERSION, config));
            return Some(self.all.len() - 1);
        }
        // A name must not be a path: a requirement must not lead out of the searched folders.
        if name.contains(['/', '\\']) || name.starts_with('.') {
            return None;
        }
        for folder in self.folders(config) {
            if !config.no_uninstalled {
                let path = folder.join(format!("{name}-uninstalled.pc"));
                match self.read(path) {
                    Outcome::Package(id) => {
                        self.all[id].uninstalled = true;
                        return Some(id);
                    }
                    // As in pkgconf, an unusable uninstalled module hides the installed one beside it.
                    Outcome::Unusable => continue,
                    Outcome::Absent => {}
                }
            }
            if let Outcome::Package(id) = self.read(folder.join(format!("{name}.pc"))) {
                return Some(id);
            }
        }
        None
    }

    /// Returns the searched folders that exist: most built-in ones do not, so this is determined once, not for each
    /// module.
    fn folders(&mut self, config: &Config) -> Vec<PathBuf> {
        if self.folders.is_none() {
            let there = config.search_paths.iter().filter(|folder| self.source.is_dir(folder)).cloned();
            self.folders = Some(there.collect());
        }
        self.folders.clone().unwrap_or_default()
    }

    fn read(&mut self, path: PathBuf) -> Outcome {
        let bytes = match self.source.read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Outcome::Absent,
            Err(error) => {
                let outcome = match error.kind() {
                    // pkgconf opens a folder and then reads nothing from it.
                    io::ErrorKind::IsADirectory => Outcome::Unusable,
                    _ => Outcome::Absent,
                };
                self.passed_over.push(Problem::Invalid { path, why: format!("cannot be read: {error}") });
                return outcome;
            }
        };
        self.parse(&path, &bytes)
    }

    fn parse(&mut self, path: &Path, bytes: &[u8]) -> Outcome {
        match file::parse_as(self.all.len(), path, bytes, &mut self.globals) {
            Ok(package) => {
                let warnings = package.warnings.iter();
                self.passed_over
                    .extend(warnings.map(|why| Problem::Invalid { path: path.to_owned(), why: why.clone() }));
                self.all.push(package);
                Outcome::Package(self.all.len() - 1)
            }
            Err(problem) => {
                self.passed_over.push(problem);
                Outcome::Unusable
            }
        }
    }

    /// Looks for a module that provides a name that no file has.
    fn provider(&mut self, config: &Config, wanted: &Dependency) -> Option<PackageId> {
        for folder in self.folders(config) {
            let Ok(mut names) = self.source.read_dir(&folder) else { continue };
            // pkgconf takes the entries in the folder's order, which differs from machine to machine.
            names.sort();
            for name in names {
                if !name.to_ascii_lowercase().ends_with(".pc") {
                    continue;
                }
                let path = folder.join(&name);
                let Ok(bytes) = self.source.read(&path) else { continue };
                let id = &name[..name.len() - 3];
                if id != wanted.module && !mentions_provides(&bytes) {
                    continue;
                }
                if let Some(known) = self.all.iter().position(|package| package.path == path) {
                    if offers(&self.all[known], wanted) {
                        return Some(known);
                    }
                    continue;
                }
                if let Outcome::Package(id) = self.parse(&path, &bytes)
                    && offers(&self.all[id], wanted)
                {
                    return Some(id);
                }
            }
        }
        None
    }
}

/// The way in which a requirement was met.
pub(super) enum Found {
    /// By the file of that name.
    Named(PackageId),
    /// By another module, whose `Provides` names it.
    Provider(PackageId),
}

enum Outcome {
    Package(PackageId),
    /// The file exists but cannot be used.
    Unusable,
    Absent,
}

fn offers(package: &Package, wanted: &Dependency) -> bool {
    let own = Dependency {
        module: package.id.clone(),
        operator: Operator::Equal,
        version: Some(package.version.clone()),
        internal: false,
    };
    package
        .provides
        .iter()
        .chain([&own])
        .find(|offered: &&dependency::Dependency| offered.module == wanted.module)
        .is_some_and(|offered| provides::satisfies(wanted, offered))
}

/// Returns whether a file mentions `Provides`: most files do not, and need not be read in full.
fn mentions_provides(bytes: &[u8]) -> bool {
    bytes.windows(8).any(|window| window.eq_ignore_ascii_case(b"provides"))
}
