//! `library`: determines the provider, by the driver's choice, then the policy, then the crate's default, then
//! availability.

use std::path::PathBuf;

use inert_manifest_spec::{Guarded, Item, Library, LinkKind, Prefer};

use crate::discovery::{self, Found, NotFound};
use crate::engine::{Asked, Engine, Result, cycle, declared};
use crate::failure::{FailureKind, Outcome};
use crate::outcomes::LibraryOutcome;
use crate::request::{LibrarySource, Provider};

impl Engine<'_> {
    /// Returns the provider of a library, determined once.
    pub(crate) fn library(&mut self, name: &str) -> Result<LibraryOutcome> {
        let place = format!("library.{name}");
        match self.libraries.get(name) {
            Some(Asked::Done(provided)) => return Ok(provided.clone()),
            Some(Asked::UnderWay) => return Err(cycle(&place)),
            None => {}
        }
        let declaration = self.declaration;
        let library =
            declaration.library.get(name).ok_or_else(|| declared(&place, "no library has this name"))?;
        self.libraries.insert(name.to_owned(), Asked::UnderWay);
        let provided = if self.stands(library.when.as_ref())? {
            self.provide(&place, name, library)?
        } else {
            self.attempt(&place, "when", "", Outcome::Skipped("its condition does not hold".into()));
            LibraryOutcome::Unasked
        };
        if let LibraryOutcome::System(found) = &provided {
            found.include_dirs.iter().chain(&found.lib_dirs).for_each(|folder| self.world.fence.read(folder));
        }
        self.libraries.insert(name.to_owned(), Asked::Done(provided.clone()));
        Ok(provided)
    }

    fn provide(&mut self, place: &str, name: &str, library: &Library) -> Result<LibraryOutcome> {
        let source = match self.request.providers.get(name) {
            Some(Provider::System) => LibrarySource::SystemOnly,
            Some(Provider::Source) => LibrarySource::SourceOnly,
            Some(Provider::Absent) => {
                let why = "what this build links will not do for it".to_owned();
                self.attempt(place, "the build's", "", Outcome::Skipped(why));
                return Ok(missing(NotFound::default()));
            }
            Some(shared) => return Ok(LibraryOutcome::Shared(shared.clone())),
            None => self.source(place, name, library)?,
        };
        let fallback = self.fallback(library)?;
        let shared = self.shared_by_policy(name, library)?;
        if let (Some(fallback), LibrarySource::SourceOnly, true) = (&fallback, source, shared) {
            return Err(FailureKind::Library {
                library: name.to_owned(),
                problem: format!(
                    "inert.toml asks for shared linking and for a build from source, and what is built from source is \
                     the archive lib{fallback}.a"
                ),
            });
        }
        let fallback = fallback.filter(|_| !shared);
        let declaration = self.declaration;
        if library.fallback.is_none() && declaration.source_of(name).is_some() {
            return self.implied(place, name, library, source);
        }
        match source {
            LibrarySource::SourceOnly => match fallback {
                Some(fallback) => Ok(LibraryOutcome::Source(fallback)),
                None => Err(FailureKind::Library {
                    library: name.to_owned(),
                    problem:
                        "it is to be built from source, and this package's declaration has no source for it; \
                              set `[libraries]` in inert.toml to let the system's be used"
                            .into(),
                }),
            },
            LibrarySource::SourceFirst => match fallback {
                Some(fallback) => Ok(LibraryOutcome::Source(fallback)),
                None => self.discover(place, name, library).map(|found| found.map_or_else(missing, system)),
            },
            LibrarySource::SystemFirst => match (self.discover(place, name, library)?, fallback) {
                (Ok(found), _) => Ok(system(found)),
                (Err(not_found), Some(fallback)) if not_found.unmet.is_none() => {
                    Ok(LibraryOutcome::Source(fallback))
                }
                (Err(not_found), _) => Ok(missing(not_found)),
            },
            LibrarySource::SystemOnly => {
                self.discover(place, name, library).map(|found| found.map_or_else(missing, system))
            }
        }
    }

    /// Handles a library whose source build depends on `found` being false: the library must then count as not
    /// found.
    fn implied(
        &mut self,
        place: &str,
        name: &str,
        library: &Library,
        source: LibrarySource,
    ) -> Result<LibraryOutcome> {
        if matches!(source, LibrarySource::SourceOnly | LibrarySource::SourceFirst) {
            let why = match self.request.providers.get(name) {
                Some(_) => "this build has it built from source",
                None => "it is built from source by the user's word",
            };
            self.attempt(place, "the system's", "", Outcome::Skipped(why.to_owned()));
            return Ok(missing(NotFound::default()));
        }
        match self.discover(place, name, library)? {
            Ok(found) => Ok(system(found)),
            Err(not_found) => {
                // Another of the package's alternatives may still be found, but the source build must not replace
                // this library.
                if source == LibrarySource::SystemOnly
                    && let Some(archive) = self.declaration.source_of(name)
                {
                    let failure = self.not_found(name, &not_found);
                    self.withheld.entry(archive.to_owned()).or_insert(failure);
                }
                Ok(missing(not_found))
            }
        }
    }

    fn source(&mut self, place: &str, name: &str, library: &Library) -> Result<LibrarySource> {
        let mut names = vec![name];
        for module in self.items(&library.pkg_config)? {
            names.push(module);
        }
        if let Some(source) = self.request.libraries.source(&names) {
            return Ok(source);
        }
        let by_variable = discovery::source_by_variable(library, self.request, self.world)
            .map_err(|problem| FailureKind::Library { library: name.to_owned(), problem })?;
        if let Some((source, variable)) = by_variable {
            let why = match source {
                LibrarySource::SystemOnly => "it asks for the system's",
                _ => "it asks for a build from source",
            };
            self.attempt(place, &variable, "", Outcome::Chosen(why.into()));
            return Ok(source);
        }
        let preferred = self.select_optional(&format!("{place}.prefer"), library.prefer.as_ref())?;
        Ok(match preferred {
            Some(Prefer::Source) => LibrarySource::SourceFirst,
            Some(Prefer::System) | None => LibrarySource::SystemFirst,
        })
    }

    /// Returns whether the policy requires a shared library, which no source build makes.
    fn shared_by_policy(&mut self, name: &str, library: &Library) -> Result<bool> {
        let (modules, libs) = (self.items(&library.pkg_config)?, self.items(&library.libs)?);
        let names: Vec<&str> =
            std::iter::once(name).chain(modules.into_iter().chain(libs).map(String::as_str)).collect();
        Ok(self.request.libraries.kind(&names) == Some(LinkKind::Dylib))
    }

    /// Returns the `cc-library` that can be built instead, in this build.
    fn fallback(&mut self, library: &Library) -> Result<Option<String>> {
        let Some(name) = &library.fallback else { return Ok(None) };
        let declaration = self.declaration;
        let when = declaration.cc_library.get(name).and_then(|library| library.when.as_ref());
        Ok(self.stands(when)?.then(|| name.clone()))
    }

    fn discover(
        &mut self,
        place: &str,
        name: &str,
        library: &Library,
    ) -> Result<std::result::Result<Found, NotFound>> {
        let mut decided = self.decided(place, library)?;
        self.declaration.name_source(name, &mut decided);
        let result = discovery::find(&decided, name, self.request, self.world);
        let attempts = match &result {
            Ok(found) => &found.attempts,
            Err(not_found) => &not_found.attempts,
        };
        self.attempts.extend_from_slice(attempts);
        Ok(result)
    }

    /// Returns the library with every guard answered, so that discovery does not depend on conditions.
    fn decided(&mut self, place: &str, library: &Library) -> Result<Library> {
        let place_of = |key: &str| format!("{place}.{key}");
        let version = self.select_optional(&place_of("version"), library.version.as_ref())?.cloned();
        let kind = self.select_optional(&place_of("kind"), library.kind.as_ref())?.copied();
        Ok(Library {
            when: None,
            pkg_config: self.standing(&library.pkg_config)?,
            version: version.map(Guarded::always),
            vcpkg: self.standing(&library.vcpkg)?,
            libs: self.standing(&library.libs)?,
            frameworks: self.standing(&library.frameworks)?,
            kind: kind.map(Guarded::always),
            modifiers: self.standing(&library.modifiers)?,
            prefer: None,
            ..library.clone()
        })
    }

    fn standing(&mut self, items: &[Item<String>]) -> Result<Vec<Item<String>>> {
        Ok(self.items(items)?.into_iter().cloned().map(Item::always).collect())
    }

    /// Returns a library's include folders, whoever provides it.
    pub(crate) fn library_include(&mut self, name: &str) -> Result<Vec<PathBuf>> {
        Ok(match self.library(name)? {
            LibraryOutcome::System(found) => found.include_dirs,
            LibraryOutcome::Shared(Provider::Shared { include, .. }) => include,
            LibraryOutcome::Source(archive) => {
                self.archive(&archive)?.map(|built| built.include).unwrap_or_default()
            }
            LibraryOutcome::Missing(not_found) => return Err(self.not_found(name, &not_found)),
            LibraryOutcome::Shared(_) | LibraryOutcome::Unasked => Vec::new(),
        })
    }

    /// Returns a library's library folders, whoever provides it.
    pub(crate) fn library_lib(&mut self, name: &str) -> Result<Vec<PathBuf>> {
        Ok(match self.library(name)? {
            LibraryOutcome::System(found) => found.lib_dirs,
            LibraryOutcome::Shared(Provider::Shared { search, .. }) => {
                search.into_iter().map(|(path, _)| path).collect()
            }
            LibraryOutcome::Source(archive) => {
                self.archive(&archive)?.map(|built| built.folder).into_iter().collect()
            }
            LibraryOutcome::Missing(not_found) => return Err(self.not_found(name, &not_found)),
            LibraryOutcome::Shared(_) | LibraryOutcome::Unasked => Vec::new(),
        })
    }

    /// Returns the failure of the build for a library without a provider.
    pub(crate) fn not_found(&self, name: &str, not_found: &NotFound) -> FailureKind {
        let library = name.to_owned();
        match &not_found.unmet {
            Some(problem) => FailureKind::Library { library, problem: problem.clone() },
            None => FailureKind::LibraryNotFound { library, remedies: not_found.remedies.clone() },
        }
    }
}

fn system(found: Found) -> LibraryOutcome {
    LibraryOutcome::System(Box::new(found))
}

fn missing(not_found: NotFound) -> LibraryOutcome {
    LibraryOutcome::Missing(Box::new(not_found))
}
